//! Taking runs off the list: completed, with their final counts and the audit event that says so.

use isolation::session::statement;
use sea_orm::ConnectionTrait;
use serde::Serialize;

use super::insert::metadata;
use super::{ACTION, Operations};
use crate::coverage::Coverage;
use crate::error::{BackfillError, Leftover, failing};
use crate::progress::progress_ctes;
use crate::sql::json;
use crate::state::Status;
use crate::store::RUN;

/// How a backfill ended.
#[derive(Debug, Clone)]
pub(crate) struct Closing {
    pub(crate) status: Status,
    /// What could not be bound.
    pub(crate) leftovers: Vec<Leftover>,
}

/// What a run's failure summary says about one table.
#[derive(Serialize)]
struct Failure<'a> {
    code: &'static str,
    message: String,
    #[serde(flatten)]
    leftover: &'a Leftover,
}

impl Operations {
    /// Completes every run of the backfill with exact counts. Belongs into the transaction that
    /// ends the backfill, behind a row lock on it: that makes it happen once.
    pub(crate) async fn close(
        &self,
        db: &impl ConnectionTrait,
        coverage: &Coverage,
        backfill: i64,
        closing: &Closing,
    ) -> Result<(), BackfillError> {
        let doing = "complete the operation runs";
        let failures: Vec<_> = closing.leftovers.iter().map(Failure::of).collect();
        let values = [
            backfill.into(),
            closing.status.as_str().into(),
            json(&failures).map_err(failing(doing))?,
            metadata(coverage, backfill).into(),
        ];
        db.execute_raw(statement(self.close_sql(), values)).await.map_err(failing(doing))?;
        Ok(())
    }

    // Counts are about the rows that were planned. Rows that cannot be resolved belong to no
    // workspace; a run that came short of its target in such a table is where they are missing.
    // Where rows were deleted meanwhile, a run is short without that being a failure: there are
    // no leftovers then. Rows that keep arriving fail the run of their workspace, though all that
    // were planned may be bound.
    fn close_sql(&self) -> String {
        let actor = self.actor();
        format!(
            "WITH {progress}, leftover AS (
    SELECT f ->> 'table' AS label, f ->> 'workspace' AS workspace, (f ->> 'rows')::bigint AS rows, f AS failure
    FROM jsonb_array_elements($3::jsonb) AS f
), counted AS (
    SELECT p.workspace, p.label, p.target, p.processed, p.last_key,
        least(p.target - p.processed, coalesce(own.rows, 0) + coalesce(lost.rows, 0)) AS failed,
        own.failure AS own_failure,
        CASE WHEN p.processed < p.target THEN lost.failure END AS lost_failure
    FROM progress AS p
    LEFT JOIN leftover AS own ON own.label = p.label AND own.workspace = p.workspace
    LEFT JOIN leftover AS lost ON lost.label = p.label AND lost.workspace IS NULL
), part AS MATERIALIZED (
    SELECT workspace, sum(target)::bigint AS total, sum(processed)::bigint AS processed, sum(failed)::bigint AS failed,
        jsonb_object_agg(label, jsonb_build_object(
            'target_rows', target, 'processed', processed, 'last_processed_id', last_key)) AS tables,
        coalesce(jsonb_agg(own_failure) FILTER (WHERE own_failure IS NOT NULL), '[]'::jsonb)
            || coalesce(jsonb_agg(lost_failure) FILTER (WHERE lost_failure IS NOT NULL), '[]'::jsonb) AS failures
    FROM counted GROUP BY workspace
), closed AS (
    UPDATE {runs} AS o
    SET status = 'completed',
        outcome = CASE WHEN $2 IN ('partially_succeeded', 'failed') AND p.failures = '[]'::jsonb THEN 'succeeded' ELSE $2 END,
        summary_counts = jsonb_build_object('total', p.total, 'processed', p.processed + p.failed, 'succeeded', p.processed, 'failed', p.failed),
        failure_summary = p.failures,
        context = o.context::jsonb || jsonb_build_object('table_progress', p.tables),
        started_at = coalesce(o.started_at, now()), completed_at = now(), updated_at = now()
    FROM part AS p JOIN {RUN} AS m ON m.backfill_id = $1 AND m.workspace = p.workspace
    WHERE o.id = m.run_id::{run_id}
    RETURNING o.id, o.workspace_id, p.total, p.processed, p.failed, o.outcome
)
INSERT INTO {audit} ({audit_id}workspace_id, {actor_column}action, resource_type, resource_id, status, metadata, recorded_at, created_at, updated_at)
SELECT {make_audit_id}c.workspace_id, {actor_value}
    '{ACTION}.' || CASE c.outcome WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'cancelled' ELSE 'completed' END,
    'operation_run', c.id::text, CASE c.outcome WHEN 'failed' THEN 'failed' ELSE 'success' END,
    $4::jsonb || jsonb_build_object('operation_run_id', c.id, 'planned_rows', c.total,
        'processed_rows', c.processed, 'failed_rows', c.failed, 'outcome', c.outcome),
    now(), now(), now()
FROM closed AS c ORDER BY c.id",
            progress = progress_ctes(),
            runs = self.runs(),
            run_id = self.run_id_type(),
            audit = self.audit.name.sql(),
            audit_id = self.audit.id_column(),
            make_audit_id = self.audit.id_value(),
            actor_column = actor.column,
            actor_value = actor.value,
        )
    }
}

impl<'a> Failure<'a> {
    fn of(leftover: &'a Leftover) -> Self {
        let code = match leftover.workspace {
            Some(_) => "rows_kept_arriving",
            None => "unresolvable_tenant_mapping",
        };
        Self { code, message: leftover.to_string(), leftover }
    }
}
