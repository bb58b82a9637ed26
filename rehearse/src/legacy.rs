//! TenantAtlas before the rollout: its schema, and data that looks like a live system's.
//!
//! The data is a pure function of the [`Volume`]: the server makes each row from a hash of its number.
//! What is realistic about it: which tables are large, how large a row is, that a few tenants own most
//! rows and a few workspaces most tenants, and that the tenants' rows lie mixed on the pages.

mod fill;
mod share;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbErr, TransactionTrait as _};
use serde::Serialize;

pub use share::{SMALLEST, TABLES};

/// The schema that `migration up --phase 1` meets in production.
pub const SCHEMA: &str = include_str!("../fixtures/tenantatlas.sql");

/// How much data there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Volume {
    /// Rows of all [`TABLES`] together; at least [`SMALLEST`], one for each.
    pub rows: u64,
    /// Tenants that no workspace has claimed, over and above the others. They own no rows.
    pub unclaimed_tenants: u64,
    /// Another seed makes other data of the same shape.
    pub seed: i64,
}

impl Volume {
    /// So many rows, every tenant claimed.
    #[must_use]
    pub fn of_rows(rows: u64) -> Self {
        Self { rows, unclaimed_tenants: 0, seed: 0 }
    }
}

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loaded {
    /// How many workspaces there are.
    pub workspaces: u64,
    /// How many tenants belong to one.
    pub tenants: u64,
    /// How many tenants belong to none.
    pub unclaimed_tenants: u64,
    /// Rows per table, in the order in which they were loaded.
    pub tables: Vec<TableRows>,
}

/// Rows of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableRows {
    /// The table.
    pub table: &'static str,
    /// How many rows it got.
    pub rows: u64,
}

/// Which step of loading failed. Messages read after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum LegacyError {
    /// The schema could not be created.
    #[error("create the pre-rollout schema")]
    Schema(#[source] DbErr),
    /// A table could not be filled.
    #[error("fill the table {table}")]
    Fill {
        /// The table.
        table: &'static str,
        /// What the database said.
        source: DbErr,
    },
    /// The data is in, but not committed or not analysed.
    #[error("finish loading")]
    Finish(#[source] DbErr),
}

/// Creates the pre-rollout schema in an empty database.
///
/// # Errors
///
/// The database refuses, for instance because it isn't empty.
pub async fn create_schema(connection: &DatabaseConnection) -> Result<(), LegacyError> {
    connection.execute_unprepared(SCHEMA).await.map(drop).map_err(LegacyError::Schema)
}

/// Fills the empty tables of the pre-rollout schema, in one transaction, and analyses them.
///
/// Wants a superuser: foreign keys are not looked up row by row, which would take most of the time, for
/// rows that satisfy them by construction. All other constraints are checked as always.
///
/// # Errors
///
/// The database refuses a statement, for instance because there are rows already.
pub async fn load(connection: &DatabaseConnection, volume: &Volume) -> Result<Loaded, LegacyError> {
    let shape = share::Shape::of(volume);
    let transaction = connection.begin().await.map_err(LegacyError::Finish)?;
    let fast = "SET LOCAL session_replication_role = replica; SET LOCAL work_mem = '64MB'";
    transaction.execute_unprepared(fast).await.map_err(LegacyError::Finish)?;
    for (table, sql) in fill::statements(&shape) {
        let filled = transaction.execute_unprepared(&sql).await;
        filled.map_err(|source| LegacyError::Fill { table, source })?;
        // Rows came with their keys; the application's next one comes after them.
        let next = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), greatest(max(id), 1)) FROM {table}"
        );
        transaction
            .execute_unprepared(&next)
            .await
            .map_err(|source| LegacyError::Fill { table, source })?;
    }
    transaction.commit().await.map_err(LegacyError::Finish)?;
    connection.execute_unprepared("ANALYZE").await.map_err(LegacyError::Finish)?;
    Ok(shape.loaded())
}

/// Adds so many findings to data of this volume, and analyses them: one table as large as in a system
/// that has run for years. Wants a superuser, as [`load`] does.
///
/// # Errors
///
/// The database refuses, for instance because this was done before.
pub async fn add_findings(
    connection: &DatabaseConnection,
    volume: &Volume,
    rows: u64,
) -> Result<(), LegacyError> {
    let table = "findings";
    let add = fill::more_findings(&share::Shape::of(volume), rows);
    // One message is one transaction; ANALYZE may be in it.
    let sql = format!(
        "SET LOCAL session_replication_role = replica; {add}; \
         SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}; ANALYZE {table}"
    );
    let filled = connection.execute_unprepared(&sql).await;
    filled.map(drop).map_err(|source| LegacyError::Fill { table, source })
}
