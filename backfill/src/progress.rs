//! How far a backfill is: sums over its batches, taken when somebody asks.

use isolation::session::statement;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde::Serialize;

use crate::coverage::Coverage;
use crate::plan::Plan;
use crate::store::{BATCH, PLANNED};

/// What happens while a backfill works.
#[derive(Debug, Clone)]
pub enum Event {
    /// The rows are counted; nothing is written yet.
    Planned(Plan),
    /// The plan is recorded.
    Enqueued {
        /// The backfill.
        id: i64,
    },
    /// An unfinished backfill goes on.
    Resumed {
        /// The backfill.
        id: i64,
        /// Since when it is unfinished.
        since: String,
    },
    /// Where it stands, table by table.
    Progressed(Vec<TableProgress>),
    /// Rows were found that have arrived meanwhile.
    Swept {
        /// How often that has happened.
        sweep: i32,
        /// How many rows there are.
        rows: i64,
    },
}

/// How far a table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromQueryResult)]
pub struct TableProgress {
    /// Its name in the manifest.
    pub table: String,
    /// The rows that were missing when it was planned.
    pub target_rows: i64,
    /// The rows that are bound since.
    pub processed: i64,
}

/// The tables' progress, in the manifest's order; tables without work are left out.
pub(crate) async fn by_table(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    backfill: i64,
) -> Result<Vec<TableProgress>, DbErr> {
    let sql = format!(
        "SELECT p.label AS \"table\", p.target AS target_rows, least(coalesce(b.rows, 0), p.target) AS processed
         FROM (SELECT label, sum(target)::bigint AS target FROM {PLANNED} WHERE backfill_id = $1 GROUP BY label) AS p
         LEFT JOIN (SELECT label, sum(rows)::bigint AS rows FROM {BATCH} WHERE backfill_id = $1 GROUP BY label) AS b
             ON b.label = p.label"
    );
    let found = TableProgress::find_by_statement(statement(sql, [backfill.into()])).all(db).await?;
    let in_order = coverage.tables.iter();
    Ok(in_order.filter_map(|t| found.iter().find(|f| f.table == t.target.label).cloned()).collect())
}

/// The common table expressions `done` and `progress` of backfill `$1`: what each workspace has
/// of each table, `progress (workspace, label, target, processed, last_key)`.
///
/// `last_key` is the greatest key that was bound (jsonb compares numbers as numbers). It says how
/// far work came, not that everything before it is done: ranges are walked side by side.
///
/// Rows that arrived unbound after the plan are bound too, but were not planned: a workspace has
/// never processed more than its target.
pub(crate) fn progress_ctes() -> String {
    format!(
        "done AS (
    SELECT b.label, u.workspace, sum(u.rows)::bigint AS rows, (array_agg(u.last_key::jsonb ORDER BY u.last_key::jsonb DESC) FILTER (WHERE u.last_key IS NOT NULL))[1] AS last_key
    FROM {BATCH} AS b CROSS JOIN LATERAL unnest(b.workspaces, b.counts, b.last_keys) AS u (workspace, rows, last_key)
    WHERE b.backfill_id = $1
    GROUP BY b.label, u.workspace
), progress AS (
    SELECT p.workspace, p.label, p.target, least(coalesce(d.rows, 0), p.target) AS processed, d.last_key
    FROM {PLANNED} AS p LEFT JOIN done AS d ON d.label = p.label AND d.workspace = p.workspace
    WHERE p.backfill_id = $1
)"
    )
}
