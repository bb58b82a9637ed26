//! Where things stand: the unfinished backfill, or else the last one. Reads only, and makes do
//! with SELECT; before the first backfill there is nothing to read.

use std::collections::BTreeMap;

use isolation::manifest::Manifest;
use isolation::session::{Session, statement};
use sea_orm::{DbErr, FromQueryResult};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::coverage::Coverage;
use crate::error::{BackfillError, failing};
use crate::operations::Operations;
use crate::pace::seconds_left;
use crate::progress::{TableProgress, by_table, progress_ctes};
use crate::state::Status;
use crate::store::{self, BACKFILL, BATCH, Backfill, RUN};

/// The state of things as one document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The unfinished backfill, or the last one; none before the first.
    pub backfill: Option<BackfillStatus>,
    /// Its runs, by workspace.
    pub runs: Vec<RunStatus>,
    /// Its tables with work, in the manifest's order.
    #[serde(skip)]
    pub tables: Vec<TableProgress>,
    /// Since when it is unfinished or paused.
    #[serde(skip)]
    pub since: String,
}

/// A backfill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackfillStatus {
    /// Its number.
    pub id: i64,
    /// Where it stands.
    pub status: Status,
    /// The tables it covers, sorted.
    pub tables: Vec<String>,
    /// What it was started with.
    pub options: Options,
    /// Rows bound.
    pub processed: i64,
    /// Rows that were missing when it was planned.
    pub total: i64,
    /// Over the last seconds while it runs, on average once it is over.
    pub rows_per_second: f64,
    /// None where it does not move.
    pub eta_seconds: Option<i64>,
}

/// What a backfill was started with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Options {
    /// Only these workspaces; all where there are none.
    pub workspaces: Vec<String>,
    /// Only rows whose key is greater.
    pub resume_from: Value,
    /// At most this many rows of each table and workspace.
    pub max_rows: Option<i64>,
    /// Most rows one transaction may update.
    pub batch_size: i64,
    /// Workers inside the process that planned it.
    pub workers: u32,
}

/// One workspace's part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStatus {
    /// The operation run's key.
    pub id: Value,
    /// The workspace's key.
    pub workspace_id: Value,
    /// As the operation run says: queued, running, completed.
    pub status: String,
    /// As the operation run says.
    pub outcome: String,
    /// Its sums.
    pub summary_counts: SummaryCounts,
    /// Its tables.
    pub tables: BTreeMap<String, RunTable>,
}

/// The sums of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryCounts {
    /// Rows that were missing when it was planned.
    pub total: i64,
    /// Rows dealt with.
    pub processed: i64,
    /// Rows bound.
    pub succeeded: i64,
    /// Rows that could not be bound.
    pub failed: i64,
}

/// A run's part of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunTable {
    /// Rows that were missing when it was planned.
    pub target_rows: i64,
    /// Rows bound.
    pub processed: i64,
    /// The key of the row bound last.
    pub last_processed_id: Value,
}

/// How far back a running backfill's speed looks, in seconds.
const MEMORY: u32 = 30;

/// Reads where things stand.
///
/// # Errors
/// What the database answers, or a manifest that no longer fits.
pub async fn status(session: &Session, manifest: &Manifest) -> Result<Report, BackfillError> {
    let doing = "read the backfill";
    let (catalog, scope) = session.resolve(manifest).await?;
    let Some(backfill) = store::latest(session.db()).await.map_err(failing(doing))? else {
        return Ok(Report {
            backfill: None,
            runs: Vec::new(),
            tables: Vec::new(),
            since: String::new(),
        });
    };
    let coverage = Coverage::recorded(&scope, &catalog, backfill.extent.clone())?;
    let operations = Operations::of(&scope, &catalog);
    let tables = by_table(session.db(), &coverage, backfill.id).await.map_err(failing(doing))?;
    let rows_per_second = speed(session, backfill.id).await.map_err(failing(doing))?;
    let runs = runs(session, &coverage, &operations, &backfill).await;
    Ok(Report {
        runs: runs.map_err(failing("read the operation runs"))?,
        since: backfill.since.clone(),
        backfill: Some(summed(backfill, &coverage, &tables, rows_per_second)),
        tables,
    })
}

fn summed(
    backfill: Backfill,
    coverage: &Coverage,
    tables: &[TableProgress],
    rows_per_second: f64,
) -> BackfillStatus {
    let processed: i64 = tables.iter().map(|t| t.processed).sum();
    let total: i64 = tables.iter().map(|t| t.target_rows).sum();
    let is_running = backfill.status == Status::Running;
    BackfillStatus {
        id: backfill.id,
        status: backfill.status,
        tables: backfill.extent.tables,
        options: Options {
            workspaces: backfill.extent.workspaces,
            resume_from: coverage.resume_from_value(),
            max_rows: backfill.extent.max_rows,
            batch_size: backfill.tuning.batch_size,
            workers: backfill.tuning.workers,
        },
        processed,
        total,
        rows_per_second: (rows_per_second * 10.0).round() / 10.0,
        eta_seconds: is_running.then(|| seconds_left(total - processed, rows_per_second)).flatten(),
    }
}

#[derive(FromQueryResult)]
struct Speed {
    rows_per_second: f64,
}

async fn speed(session: &Session, id: i64) -> Result<f64, DbErr> {
    let sql = format!(
        "SELECT (CASE WHEN f.status = 'running'
                      THEN (SELECT sum(b.rows) FROM {BATCH} AS b
                            WHERE b.backfill_id = f.id AND b.at > clock_timestamp() - interval '{MEMORY} seconds')
                           / least({MEMORY}, greatest(1, extract(epoch FROM clock_timestamp() - f.started_at)))
                      WHEN f.status = 'paused' THEN 0
                      ELSE (SELECT sum(b.rows) FROM {BATCH} AS b WHERE b.backfill_id = f.id)
                           / greatest(0.001, extract(epoch FROM f.finished_at - f.started_at)) END)::float8 AS rows_per_second
         FROM {BACKFILL} AS f WHERE f.id = $1"
    );
    let sql = format!("SELECT coalesce(s.rows_per_second, 0) AS rows_per_second FROM ({sql}) AS s");
    let speed = Speed::find_by_statement(statement(sql, [id.into()])).one(session.db()).await?;
    Ok(speed.map_or(0.0, |s| s.rows_per_second))
}

/// The runs: as the operations table has them once they are completed, with sums of this moment
/// until then. One whose row the application has deleted is shown from our own notes.
async fn runs(
    session: &Session,
    coverage: &Coverage,
    operations: &Operations,
    backfill: &Backfill,
) -> Result<Vec<RunStatus>, DbErr> {
    let sql = format!(
        "WITH {progress}, part AS MATERIALIZED (
            SELECT workspace,
                   jsonb_build_object('total', sum(target)::bigint, 'processed', sum(processed)::bigint,
                                      'succeeded', sum(processed)::bigint, 'failed', 0) AS counts,
                   jsonb_object_agg(label, jsonb_build_object(
                       'target_rows', target, 'processed', processed, 'last_processed_id', last_key)) AS tables
            FROM progress GROUP BY workspace
        )
        SELECT jsonb_build_object(
            'id', coalesce(to_jsonb(o.id), to_jsonb(m.run_id)),
            'workspace_id', m.workspace::{workspace},
            'status', coalesce(o.status, 'completed'),
            'outcome', coalesce(o.outcome, $2),
            'summary_counts', CASE WHEN o.status = 'completed' THEN o.summary_counts::jsonb ELSE p.counts END,
            'tables', p.tables)::text AS run
        FROM {RUN} AS m
        JOIN part AS p ON p.workspace = m.workspace
        LEFT JOIN {runs} AS o ON o.id = m.run_id::{run_id}
        WHERE m.backfill_id = $1
        ORDER BY m.workspace::{workspace}",
        progress = progress_ctes(),
        workspace = coverage.scope.workspaces.key_type,
        runs = operations.runs(),
        run_id = operations.run_id_type(),
    );
    let values = [backfill.id.into(), backfill.status.as_str().into()];
    let found: Vec<(String,)> = store::rows(session.db(), statement(sql, values)).await?;
    let unreadable = |error: serde_json::Error| DbErr::Json(error.to_string());
    found.iter().map(|(run,)| serde_json::from_str(run).map_err(unreadable)).collect()
}
