//! Rows that the application bound itself while a backfill was under way: an UPDATE of an unbound
//! row goes through the write guard, which derives the workspace and leaves a note. Those rows
//! were missing when the backfill was planned, so they count as processed.

use isolation::guard::bound_by_guard;
use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use crate::coverage::Coverage;
use crate::sql::json;
use crate::store::{BATCH, PLANNED};

#[derive(Serialize)]
struct Leaf<'a> {
    relation: u32,
    label: &'a str,
}

/// Whether the guard leaves notes: not where the application enforces phase 1.5 itself.
pub(crate) async fn exists(db: &impl ConnectionTrait) -> Result<bool, DbErr> {
    scalar(db, statement("SELECT to_regclass($1) IS NOT NULL", [bound_by_guard().sql().into()]))
        .await
}

/// Turns the notes into a row of `batch`, in the caller's transaction. Each note is deleted by
/// the statement that counts it, so it counts once; one that appears meanwhile is for next time.
///
/// A backfill that covers only some rows (a key to resume from, a number of rows) cannot tell
/// whether a note is about one of its own, and leaves them.
pub(crate) async fn fold(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    backfill: i64,
) -> Result<(), DbErr> {
    if !coverage.extent.is_whole() || !exists(db).await? {
        return Ok(());
    }
    let leaves: Vec<_> = coverage
        .tables
        .iter()
        .flat_map(|t| t.leaves.iter().map(|oid| Leaf { relation: *oid, label: &t.target.label }))
        .collect();
    db.execute_raw(statement(fold_sql(), [backfill.into(), json(&leaves)?])).await.map(|_| ())
}

fn fold_sql() -> String {
    format!(
        "WITH noted AS (
    DELETE FROM {notes} AS n
    USING jsonb_to_recordset($2::jsonb) AS l (relation bigint, label text), {PLANNED} AS p
    WHERE n.relation = l.relation::oid AND p.backfill_id = $1 AND p.label = l.label AND p.workspace = n.workspace_id
    RETURNING l.label, n.workspace_id AS workspace
), counted AS (
    SELECT label, workspace, count(*) AS rows FROM noted GROUP BY label, workspace
)
INSERT INTO {BATCH} (backfill_id, range_id, at, label, workspaces, counts, last_keys, rows)
SELECT $1, NULL, clock_timestamp(), label, array_agg(workspace), array_agg(rows), array_agg(NULL::text), sum(rows)::bigint
FROM counted GROUP BY label",
        notes = bound_by_guard().sql(),
    )
}
