//! The rows that the application's users are working on.

use rand::RngExt as _;
use rand::rngs::StdRng;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, Statement};

use super::TrafficError;
use super::statements::{Phrases, Vocabulary};
use super::tables::{FINDINGS, TABLES};

/// How many rows of a table, at the most.
const SIZE: u32 = 2000;

/// A row, the tenant it belongs to, and the workspace that owns the tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub(super) struct Owned {
    pub(super) id: i64,
    pub(super) tenant_id: i64,
    pub(super) workspace_id: i64,
}

/// How the application looks a finding up.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(super) struct Finding {
    pub(super) tenant_id: i64,
    pub(super) fingerprint: String,
}

/// Rows that exist when the traffic starts, and what is said about them. Large tenants have more of
/// them, as they have more users.
#[derive(Debug)]
pub(super) struct Sample {
    /// One entry for each of [`TABLES`].
    rows: Vec<Vec<Owned>>,
    vocabularies: Vec<Vocabulary>,
    findings: Vec<Finding>,
    pub(super) phrases: Phrases,
}

impl Sample {
    pub(super) async fn read(connection: &DatabaseConnection) -> Result<Self, TrafficError> {
        let mut rows = Vec::with_capacity(TABLES.len());
        for table in &TABLES {
            let columns = "r.id, r.tenant_id, t.workspace_id";
            let found: Vec<Owned> = read(connection, columns, table.name).await?;
            // The few rows of a tiny audit trail may all belong to no tenant: its users look for rows
            // that are not there, and write new ones.
            let found = if found.is_empty() { rows.last().cloned() } else { Some(found) };
            rows.push(found.ok_or(TrafficError::NoData)?);
        }
        let columns = "r.tenant_id, r.fingerprint::text AS fingerprint";
        let findings = read(connection, columns, TABLES[FINDINGS].name).await?;
        if findings.is_empty() {
            return Err(TrafficError::NoData);
        }
        Ok(Self {
            rows,
            vocabularies: TABLES.iter().map(Vocabulary::of).collect(),
            findings,
            phrases: Phrases::new(),
        })
    }

    /// A row of one of [`TABLES`].
    pub(super) fn row(&self, table: usize, random: &mut StdRng) -> Owned {
        one_of(&self.rows[table], random)
    }

    /// A row that a new row of a table can belong to: of its parent, if it has one beside the tenant.
    pub(super) fn owner(&self, table: usize, random: &mut StdRng) -> Owned {
        self.row(TABLES[table].parent.unwrap_or(table), random)
    }

    pub(super) fn finding(&self, random: &mut StdRng) -> Finding {
        one_of(&self.findings, random)
    }

    pub(super) fn vocabulary(&self, table: usize) -> &Vocabulary {
        &self.vocabularies[table]
    }
}

/// None of the lists is empty: [`Sample::read`] sees to that.
fn one_of<R: Clone>(rows: &[R], random: &mut StdRng) -> R {
    rows[random.random_range(0..rows.len())].clone()
}

/// Rows from everywhere in a table, so that a backfill meets the users wherever it is.
async fn read<R: FromQueryResult>(
    connection: &DatabaseConnection,
    columns: &str,
    table: &str,
) -> Result<Vec<R>, TrafficError> {
    let sql = format!(
        "SELECT {columns} FROM {table} AS r JOIN tenants AS t ON t.id = r.tenant_id \
         WHERE t.workspace_id IS NOT NULL AND r.id IN ( \
             SELECT 1 + n * greatest(1, (SELECT max(id) FROM {table}) / {SIZE}) FROM generate_series(0, {SIZE} - 1) AS n \
         ) ORDER BY r.id"
    );
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = connection.query_all_raw(statement).await.map_err(TrafficError::Sample)?;
    let rows: Result<Vec<R>, DbErr> =
        rows.iter().map(|row| R::from_query_result(row, "")).collect();
    rows.map_err(TrafficError::Sample)
}
