//! The rows that the application's users are working on.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, Statement};

use super::TrafficError;

/// How many rows of a table.
const SIZE: u32 = 2000;

/// A row, and the tenant it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromQueryResult)]
pub(super) struct Owned {
    pub(super) id: i64,
    pub(super) tenant_id: i64,
}

/// Rows that exist when the traffic starts. Large tenants have more of them, as they have more users.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) policies: Vec<Owned>,
    pub(super) findings: Vec<Finding>,
    pub(super) inventory_items: Vec<Owned>,
}

/// A finding, and how the application looks it up.
#[derive(Debug, Clone, PartialEq, Eq, FromQueryResult)]
pub(super) struct Finding {
    pub(super) id: i64,
    pub(super) tenant_id: i64,
    pub(super) fingerprint: String,
}

impl Sample {
    pub(super) async fn read(connection: &DatabaseConnection) -> Result<Self, TrafficError> {
        let sample = Self {
            policies: rows(connection, "SELECT id, tenant_id FROM policies").await?,
            findings: rows(connection, "SELECT id, tenant_id, fingerprint::text FROM findings")
                .await?,
            inventory_items: rows(connection, "SELECT id, tenant_id FROM inventory_items").await?,
        };
        let is_usable = !sample.policies.is_empty()
            && !sample.findings.is_empty()
            && !sample.inventory_items.is_empty();
        if is_usable { Ok(sample) } else { Err(TrafficError::NoData) }
    }
}

/// The first rows by key: which tenant they belong to is a matter of chance already.
async fn rows<R: FromQueryResult>(
    connection: &DatabaseConnection,
    select: &str,
) -> Result<Vec<R>, TrafficError> {
    let statement =
        Statement::from_string(DbBackend::Postgres, format!("{select} ORDER BY id LIMIT {SIZE}"));
    let rows = connection.query_all_raw(statement).await.map_err(TrafficError::Sample)?;
    let rows: Result<Vec<R>, DbErr> =
        rows.iter().map(|row| R::from_query_result(row, "")).collect();
    rows.map_err(TrafficError::Sample)
}
