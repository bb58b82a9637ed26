//! When the write guard last had to fill in a workspace, which only code that leaves it out makes
//! it do: whoever is about to go on from the guard to constraints can see whether such code is
//! still deployed.
//!
//! Each guarded table has a sequence whose value is that time, in whole seconds since 1970-01-01
//! UTC; 0 is never. A sequence, because of what it is not: no row that writers queue up for, no
//! dead versions to vacuum, nothing that a rollback undoes (an INSERT that failed in the end was
//! sent by old code all the same).
//!
//! What it costs the application: the function reads the value, which holds the sequence's one
//! buffer for as long as reading eight bytes takes (exclusively, as PostgreSQL reads sequences),
//! and writes it only where it is of another second. That is one small WAL record a table
//! and second, or at a second's turn as many as there are sessions just then, whatever the traffic.
//! Both hold ROW EXCLUSIVE on the sequence to the end of the transaction, which conflicts with
//! neither itself nor a reader, only with DROP and ALTER SEQUENCE; `down` drops the triggers first,
//! whose ACCESS EXCLUSIVE lock waits for every writer, so that nobody holds it any more and nobody
//! comes after. Neither changes what `lastval()` answers the application, as `nextval` would.
//!
//! The time is `clock_timestamp()`: with that of transaction or statement, two sessions of
//! different age would overwrite each other row by row. Only "another second" is asked, not
//! "later": a clock that was set back is followed at once, and two sessions that race differ by a
//! second at most.
//!
//! Noting must not cost the application its row. A sequence that is gone makes `to_regclass` NULL,
//! for which both functions do nothing, and whatever keeps `setval` from writing is let be; the
//! gate finds the sequence missing and `up --phase 1.5` makes it anew. The block that catches an
//! error is entered only where there is something to write, so one thing is left: the function's
//! owner must keep its right to read the sequence.

use std::fmt;
use std::time::{Duration, SystemTime};

use sea_orm::{ConnectionTrait, DbErr};
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::tables;
use crate::manifest::WriteGuard;
use crate::names::{OWN_SCHEMA, QualifiedName, filled_sequence, literal, quoted};
use crate::scope::Scope;
use crate::session::statement;

/// A whole second: Unix time, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Second(pub i64);

/// A table whose guard has had to fill in a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Filled {
    /// The table's name as the manifest writes it.
    pub table: String,
    /// When it last had to.
    pub at: Second,
    /// How long ago that was by the server's clock; 0 for what lies ahead of it.
    pub seconds_ago: u64,
}

/// When the guards last had to fill in a workspace, as far as this role may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastFilled {
    /// The tables where they ever had to, the latest first.
    pub tables: Vec<Filled>,
}

/// Makes a table's sequence, for all to read: a role that may change nothing can ask the gate, and
/// all it learns is when somebody last wrote without a workspace. Writing it needs the rights of
/// its owner, which the guard's function has, unless an earlier role has made that.
#[must_use]
pub(super) fn create(sequence: &QualifiedName, function_owner: Option<&str>) -> String {
    let sequence = sequence.sql();
    let create =
        format!("CREATE SEQUENCE IF NOT EXISTS {sequence} AS bigint MINVALUE 0 START WITH 0");
    let grant = format!("GRANT SELECT ON SEQUENCE {sequence} TO PUBLIC");
    let owner = function_owner.map(|owner| {
        // Rights of its own, so that none taken from PUBLIC is missed.
        let owner = quoted(owner);
        format!(
            ";\nGRANT USAGE ON SCHEMA {OWN_SCHEMA} TO {owner};\nGRANT SELECT, UPDATE ON SEQUENCE {sequence} TO {owner}"
        )
    });
    format!("{create};\n{grant}{}", owner.unwrap_or_default())
}

/// Notes the time, in PL/pgSQL.
pub(super) fn note(sequence: &QualifiedName) -> String {
    let sequence = format!("to_regclass({})", literal(&sequence.sql()));
    // extract() would round the second up, and compute in numeric.
    let now = "floor(date_part('epoch', clock_timestamp()))::bigint";
    format!(
        "IF pg_sequence_last_value({sequence}) IS DISTINCT FROM {now} THEN
    BEGIN
        PERFORM setval({sequence}, {now});
    EXCEPTION WHEN OTHERS THEN
        NULL;
    END;
END IF;"
    )
}

/// Reads when the guards last had to fill in a workspace. `None` where nothing tells: the
/// application enforces phase 1.5, the guard does not stand yet, or this role may not look.
///
/// # Errors
/// What the database answers.
pub async fn last_filled<C: ConnectionTrait>(
    db: &C,
    scope: &Scope,
) -> Result<Option<LastFilled>, DbErr> {
    if scope.write_guard == WriteGuard::Application {
        return Ok(None);
    }
    // A sequence that was never written has no last value.
    let sql = "SELECT c.relname::text AS sequence, coalesce(pg_sequence_last_value(c.oid), 0) AS second, \
               floor(date_part('epoch', clock_timestamp()))::bigint AS now \
               FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
               WHERE n.nspname = $1 AND c.relkind = 'S' \
               AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END";
    let mut read = Vec::new();
    for row in db.query_all_raw(statement(sql, [OWN_SCHEMA.into()])).await? {
        let sequence: String = row.try_get("", "sequence")?;
        read.push((sequence, Second(row.try_get("", "second")?), row.try_get("", "now")?));
    }
    Ok(LastFilled::of(scope, &read))
}

impl LastFilled {
    /// By the sequences that were read, each with its value and the second it was read in.
    fn of(scope: &Scope, read: &[(String, Second, i64)]) -> Option<Self> {
        let known: Vec<_> = tables(scope)
            .into_iter()
            .filter_map(|guard| {
                let name = filled_sequence(&guard.relation).name;
                let (_, at, now) = read.iter().find(|(sequence, _, _)| *sequence == name)?;
                let seconds_ago = u64::try_from(now.saturating_sub(at.0)).unwrap_or(0);
                Some(Filled { table: guard.label, at: *at, seconds_ago })
            })
            .collect();
        if known.is_empty() {
            return None;
        }
        let mut tables: Vec<_> = known.into_iter().filter(|filled| filled.at.0 > 0).collect();
        tables.sort_by_key(|filled| std::cmp::Reverse(filled.at));
        Some(Self { tables })
    }

    /// Where it was last; nowhere if it never was.
    #[must_use]
    pub fn latest(&self) -> Option<&Filled> {
        self.tables.first()
    }

    /// The tables where it was less than this ago.
    pub fn within(&self, period: Duration) -> impl Iterator<Item = &Filled> {
        self.tables.iter().filter(move |filled| filled.ago() < period)
    }
}

/// Time and table of the latest, and every table: `{"at", "seconds_ago", "tables"}`.
impl Serialize for LastFilled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let latest = self.latest();
        let mut document = serializer.serialize_struct("LastFilled", 3)?;
        document.serialize_field("at", &latest.map(|filled| filled.at))?;
        document.serialize_field("seconds_ago", &latest.map(|filled| filled.seconds_ago))?;
        document.serialize_field("tables", &self.tables)?;
        document.end()
    }
}

impl Filled {
    /// How long ago it was.
    #[must_use]
    pub fn ago(&self) -> Duration {
        Duration::from_secs(self.seconds_ago)
    }
}

/// `2m 5s ago (findings), at 2026-11-22T10:00:00Z`
impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ago = humantime::format_duration(self.ago());
        write!(f, "{ago} ago ({}), at {}", self.table, self.at)
    }
}

/// As RFC 3339 has it.
impl fmt::Display for Second {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The last second of the year 9999, behind which there is no such form.
        const LAST: i64 = 253_402_300_799;
        let seconds = u64::try_from(self.0.clamp(0, LAST)).unwrap_or(0);
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        humantime::format_rfc3339_seconds(time).fmt(f)
    }
}

impl Serialize for Second {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn filled(table: &str, at: i64, seconds_ago: u64) -> Filled {
        Filled { table: table.to_owned(), at: Second(at), seconds_ago }
    }

    #[test]
    fn a_period_takes_in_what_is_younger_and_nothing_takes_in_nothing() {
        let last =
            LastFilled { tables: vec![filled("findings", 100, 0), filled("policies", 40, 60)] };
        let within = |seconds| -> Vec<_> {
            last.within(Duration::from_secs(seconds)).map(|f| f.table.as_str()).collect()
        };
        assert_eq!(within(0), [""; 0]);
        assert_eq!(within(60), ["findings"]);
        assert_eq!(within(61), ["findings", "policies"]);
    }

    #[test]
    fn a_time_is_said_as_people_and_programs_read_it() -> Result<(), serde_json::Error> {
        let last = LastFilled { tables: vec![filled("findings", 1_795_341_600, 125)] };
        let said: Vec<_> = last.tables.iter().map(ToString::to_string).collect();
        assert_eq!(said, ["2m 5s ago (findings), at 2026-11-22T10:00:00Z"]);
        assert_eq!(
            serde_json::to_value(&last)?,
            json!({"at": "2026-11-22T10:00:00Z", "seconds_ago": 125, "tables": [
                {"table": "findings", "at": "2026-11-22T10:00:00Z", "seconds_ago": 125},
            ]})
        );
        let never = LastFilled { tables: Vec::new() };
        assert_eq!(
            serde_json::to_value(&never)?,
            json!({"at": null, "seconds_ago": null, "tables": []})
        );
        Ok(())
    }

    #[test]
    fn no_value_of_a_sequence_is_beyond_words() {
        assert_eq!(Second(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Second(i64::MIN).to_string(), "1970-01-01T00:00:00Z");
    }
}
