//! Room on disk for the indexes that are due, and for the write-ahead log of building them.
//!
//! An estimate: an entry for every row, as large as it gets once the backfill has bound them all.
//! Right after phase 1 an index is far smaller, since equal keys share one entry and all are NULL;
//! but a build also sorts its entries on disk, and the room is wanted sooner or later.

use isolation::catalog::Catalog;
use isolation::scope::Scope;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;

use super::volume::{Place, Unseen, Volume};
use super::{Check, Finding, Severity, facts, size};
use crate::statement::Statement;

/// A page of a btree has 8192 bytes less its header (24) and its links (16), and is filled by nine
/// tenths. Source: PostgreSQL's sources, `nbtree.h`.
const PAGE: u64 = 8192;
const FILLED: u64 = (PAGE - 24 - 16) * 9 / 10;

/// The indexes that are to be built.
#[derive(Debug, Default)]
pub(super) struct Builds(Vec<Build>);

#[derive(Debug)]
struct Build {
    table: u32,
    /// Bytes of an entry.
    entry: u64,
}

#[derive(Debug, Deserialize)]
struct Facts {
    tables: Vec<Rows>,
    place: Place,
}

#[derive(Debug, Deserialize)]
struct Rows {
    oid: u32,
    rows: u64,
}

// The planner's count of rows is -1 before the first VACUUM or ANALYZE; the statistics know better
// then. The data directory is shown to members of pg_read_all_settings only.
const FACTS: &str = "
SELECT json_build_object(
    'tables', (SELECT coalesce(json_agg(json_build_object(
            'oid', c.oid::bigint,
            'rows', greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid), 0))), '[]')
        FROM json_array_elements_text($1::json) AS due (oid)
        JOIN pg_class c ON c.oid = due.oid::bigint::oid),
    'place', json_build_object(
        'role', current_user,
        'pid', pg_backend_pid(),
        'is_this_machine', inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()
            OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1',
        'data_directory', (SELECT setting FROM pg_settings WHERE name = 'data_directory'),
        'tablespace', (SELECT nullif(pg_tablespace_location(coalesce(t.oid, d.dattablespace)), '')
            FROM pg_database d
            LEFT JOIN pg_tablespace t ON t.spcname = current_setting('default_tablespace')
            WHERE d.datname = current_database()))
)::text";

impl Builds {
    /// The indexes that these statements build.
    pub(super) fn of(statements: &[Statement], catalog: &Catalog, scope: &Scope) -> Self {
        let build = |statement: &Statement| {
            let relation = catalog.named(statement.table.as_ref()?)?;
            let is_build = statement.scans && !statement.in_transaction;
            let workspace = width(&scope.workspaces.key_type);
            // The tenants' index has their key before it.
            let is_tenants = relation.oid == scope.tenants.oid;
            let key = if is_tenants { width(&scope.tenants.key_type) } else { 0 } + workspace;
            is_build.then(|| Build { table: relation.oid, entry: entry(key) })
        };
        Self(statements.iter().filter_map(build).collect())
    }

    /// How large they become, in bytes, over tables of so many rows.
    fn bytes(&self, tables: &[Rows]) -> u64 {
        let rows = |oid| tables.iter().find(|table| table.oid == oid).map_or(0, |t| t.rows);
        self.0.iter().map(|build| index(rows(build.table), build.entry)).sum()
    }
}

/// The bytes of a key column's value; those of text are a guess, as long as a uuid is in text.
fn width(type_name: &str) -> u64 {
    match type_name {
        "integer" => 4,
        "bigint" => 8,
        "uuid" => 16,
        _ => 40,
    }
}

/// An entry: eight bytes of header and the key, in multiples of eight, and a pointer of four.
fn entry(key: u64) -> u64 {
    (8 + key).next_multiple_of(8) + 4
}

/// An index of so many rows: its leaves, and a hundredth for what is above them.
fn index(rows: u64, entry: u64) -> u64 {
    let leaves = rows.div_ceil(FILLED / entry);
    (leaves + leaves / 100).saturating_mul(PAGE)
}

pub(super) async fn look<C: ConnectionTrait>(
    db: &C,
    builds: &Builds,
) -> Result<Vec<Finding>, DbErr> {
    if builds.0.is_empty() {
        return Ok(Vec::new());
    }
    let oids: Vec<_> = builds.0.iter().map(|build| build.table).collect();
    let facts: Facts = facts::read_of(db, FACTS, &oids).await?;
    let bytes = builds.bytes(&facts.tables);
    Ok(match facts.place.volumes(bytes, bytes) {
        Ok(volumes) => volumes.iter().filter_map(|volume| judge(bytes, volume)).collect(),
        Err(unseen) => vec![unknown(bytes, &unseen)],
    })
}

fn will_take(bytes: u64) -> String {
    format!(
        "the indexes will take about {}, and building them as much write-ahead log again",
        size::in_words(bytes)
    )
}

fn judge(bytes: u64, volume: &Volume) -> Option<Finding> {
    let severity = if volume.needed > volume.free {
        Severity::Stops
    } else if volume.needed > volume.free / 2 {
        Severity::Warns
    } else {
        return None;
    };
    let detail = format!(
        "{}; the volume of {} is to take {} of that and has {} free",
        will_take(bytes),
        volume.path,
        size::in_words(volume.needed),
        size::in_words(volume.free)
    );
    let remedy = format!("make room on the volume of {}", volume.path);
    Some(Finding::new(Check::DiskRoom, severity, None, &detail, &remedy))
}

fn unknown(bytes: u64, unseen: &Unseen) -> Finding {
    let detail = format!("{}; free room cannot be seen: {}", will_take(bytes), unseen.why);
    Finding::new(Check::DiskRoom, Severity::Unknown, None, &detail, &unseen.remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_as_large_as_its_entries() {
        // Pages of indexes on a million rows, as PostgreSQL 15 has built them.
        let bigint = width("bigint");
        for (key, built) in [(bigint, 2745_u64), (width("uuid"), 3853), (2 * bigint, 3853)] {
            let pages = index(1_000_000, entry(key)) / PAGE;
            assert!(pages.abs_diff(built) < built / 50, "{pages} instead of {built}");
        }
        assert_eq!(entry(width("integer")), 20);
        assert_eq!(index(0, 20), 0);
        assert_eq!(index(1, 20), PAGE);
        assert_eq!(index(u64::MAX, 20), u64::MAX);
    }

    #[test]
    fn too_little_room_stops_and_half_of_it_warns() {
        let severity = |needed, free| {
            let volume = Volume { path: "/data".to_owned(), needed, free };
            judge(needed, &volume).map(|finding| finding.severity)
        };
        assert_eq!(severity(11, 10), Some(Severity::Stops));
        assert_eq!(severity(10, 10), Some(Severity::Warns));
        assert_eq!(severity(6, 10), Some(Severity::Warns));
        assert_eq!(severity(5, 10), None);
        assert_eq!(severity(0, 0), None);
    }
}
