//! What a backfill keeps for itself: tables in the toolkit's own schema. They are made by the
//! first backfill that has work to do and go with `migration down --phase 1`.

use isolation::names::OWN_SCHEMA;
use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, TryGetableMany};

use crate::error::Leftover;
use crate::selection::{Extent, Tuning};
use crate::state::Status;

const SCHEMA: &str = include_str!("schema.sql");
const OPERATIONS: &str = include_str!("operations.sql");

pub(crate) const BACKFILL: &str = "workspace_isolation.backfill";
pub(crate) const RANGE: &str = "workspace_isolation.range";
pub(crate) const PLANNED: &str = "workspace_isolation.planned";
pub(crate) const RUN: &str = "workspace_isolation.run";
pub(crate) const BATCH: &str = "workspace_isolation.batch";
pub(crate) const QUOTA: &str = "workspace_isolation.quota";

/// A recorded backfill.
#[derive(Debug, Clone)]
pub(crate) struct Backfill {
    pub(crate) id: i64,
    pub(crate) status: Status,
    pub(crate) extent: Extent,
    pub(crate) tuning: Tuning,
    pub(crate) sweeps: i32,
    /// Since when it is what it is, in words: created, or paused.
    pub(crate) since: String,
}

#[derive(FromQueryResult)]
struct BackfillRow {
    id: i64,
    status: String,
    scope: String,
    tuning: String,
    sweeps: i32,
    since: String,
}

/// Whether the tables are there.
pub(crate) async fn exists<C: ConnectionTrait>(db: &C) -> Result<bool, DbErr> {
    scalar(db, statement("SELECT to_regclass($1) IS NOT NULL", [BACKFILL.into()])).await
}

/// Makes the schema and the tables where they are missing. Runs in the planner's transaction,
/// under its lock: nothing waits for objects that nobody else can see yet.
pub(crate) async fn create<C: ConnectionTrait>(db: &C, own_operations: bool) -> Result<(), DbErr> {
    // IF NOT EXISTS asks for the right to create before it looks.
    let there = statement("SELECT to_regnamespace($1) IS NOT NULL", [OWN_SCHEMA.into()]);
    if !scalar::<_, bool>(db, there).await? {
        db.execute_unprepared(&format!("CREATE SCHEMA {OWN_SCHEMA}")).await?;
    }
    if !exists(db).await? {
        db.execute_unprepared(SCHEMA).await?;
    }
    if own_operations {
        db.execute_unprepared(OPERATIONS).await?;
    }
    Ok(())
}

/// The unfinished backfill; none where the tables are not there either.
pub(crate) async fn unfinished<C: ConnectionTrait>(db: &C) -> Result<Option<Backfill>, DbErr> {
    if !exists(db).await? {
        return Ok(None);
    }
    read(db, "WHERE status IN ('running', 'paused')", []).await
}

/// The unfinished backfill, or else the last one.
pub(crate) async fn latest<C: ConnectionTrait>(db: &C) -> Result<Option<Backfill>, DbErr> {
    if !exists(db).await? {
        return Ok(None);
    }
    read(db, "ORDER BY id DESC LIMIT 1", []).await
}

/// The backfill of this id.
pub(crate) async fn by_id<C: ConnectionTrait>(db: &C, id: i64) -> Result<Option<Backfill>, DbErr> {
    read(db, "WHERE id = $1", [id.into()]).await
}

/// The unfinished backfill, its row locked until the transaction ends: what decides a backfill's
/// fate (pause, resume, cancel, sweep, finish) goes one at a time. Batches do not wait for it:
/// they read the row as it was last committed.
pub(crate) async fn lock_unfinished<C: ConnectionTrait>(db: &C) -> Result<Option<Backfill>, DbErr> {
    if !exists(db).await? {
        return Ok(None);
    }
    read(db, "WHERE status IN ('running', 'paused') FOR UPDATE", []).await
}

/// What a finished backfill could not bind.
pub(crate) async fn leftovers<C: ConnectionTrait>(db: &C, id: i64) -> Result<Vec<Leftover>, DbErr> {
    let sql = format!("SELECT leftovers::text FROM {BACKFILL} WHERE id = $1");
    let text: String = scalar(db, statement(sql, [id.into()])).await?;
    serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
}

async fn read<C: ConnectionTrait>(
    db: &C,
    rest: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> Result<Option<Backfill>, DbErr> {
    let sql = format!(
        "SELECT id, status, scope::text AS scope, tuning::text AS tuning, sweeps,
                to_char(coalesce(paused_at, created_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"') AS since
         FROM {BACKFILL} {rest}"
    );
    let row = BackfillRow::find_by_statement(statement(sql, values)).one(db).await?;
    row.map(BackfillRow::into_backfill).transpose()
}

impl BackfillRow {
    fn into_backfill(self) -> Result<Backfill, DbErr> {
        let unreadable = |error: serde_json::Error| DbErr::Json(error.to_string());
        Ok(Backfill {
            id: self.id,
            status: Status::parse(&self.status)
                .ok_or_else(|| DbErr::Type(format!("unknown status {}", self.status)))?,
            extent: serde_json::from_str(&self.scope).map_err(unreadable)?,
            tuning: serde_json::from_str(&self.tuning).map_err(unreadable)?,
            sweeps: self.sweeps,
            since: self.since,
        })
    }
}

/// The rows of a statement as tuples, by position.
pub(crate) async fn rows<T: TryGetableMany>(
    db: &impl ConnectionTrait,
    statement: Statement,
) -> Result<Vec<T>, DbErr> {
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| T::try_get_many_by_index(row).map_err(DbErr::from)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_ours_is_in_our_schema() {
        for table in [BACKFILL, RANGE, PLANNED, RUN, BATCH, QUOTA] {
            assert!(table.starts_with(&format!("{OWN_SCHEMA}.")), "{table}");
            assert!(SCHEMA.contains(&format!("CREATE TABLE {table} (")), "{table}");
        }
    }
}
