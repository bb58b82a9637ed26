//! Putting runs on the list: queued, with the audit events that say so.

use isolation::session::sqlstate::{Fault, in_words};
use isolation::session::statement;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::{ACTION, ACTOR, Operations, PlannedRun, RUN_TYPE};
use crate::coverage::Coverage;
use crate::error::{BackfillError, failing};
use crate::selection::Tuning;
use crate::sql;
use crate::store::{self, RUN};

/// How many runs in the way are named.
const NAMED: usize = 5;

impl Operations {
    /// Refuses where the list already has active runs of the same identity: left over from
    /// bookkeeping that was dropped, or made by somebody else.
    pub(crate) async fn refuse_active(
        &self,
        db: &impl ConnectionTrait,
        runs: &[PlannedRun],
    ) -> Result<(), BackfillError> {
        let doing = "look for active runs";
        let sql = format!(
            "SELECT format('run %s of workspace %s', o.id, o.workspace_id)
             FROM jsonb_to_recordset($1::jsonb) AS p (workspace text, hash text)
             JOIN {runs} AS o ON o.workspace_id = p.workspace::{workspace} AND o.run_identity_hash = p.hash
             WHERE o.status IN ('queued', 'running')
             ORDER BY o.id LIMIT {NAMED}",
            runs = self.runs(),
            workspace = self.workspace_type,
        );
        let values = [sql::json(&runs).map_err(failing(doing))?];
        let active = store::rows::<(String,)>(db, statement(sql, values)).await;
        let runs: Vec<_> = active.map_err(failing(doing))?.into_iter().map(|(run,)| run).collect();
        if runs.is_empty() { Ok(()) } else { Err(BackfillError::ActiveRuns { runs }) }
    }

    /// Inserts the runs, notes which is whose, and writes `.started` and `.dispatched`.
    pub(crate) async fn insert(
        &self,
        db: &impl ConnectionTrait,
        coverage: &Coverage,
        tuning: Tuning,
        backfill: i64,
        runs: &[PlannedRun],
    ) -> Result<(), BackfillError> {
        let doing = "insert the operation runs";
        let values = [
            sql::json(&runs).map_err(failing(doing))?,
            backfill.into(),
            context(coverage, tuning).into(),
            metadata(coverage, backfill).into(),
        ];
        let inserted = db.execute_raw(statement(self.insert_sql(), values)).await;
        inserted.map_err(|error| {
            if Fault::of(&error) == Fault::Duplicate {
                // Somebody was faster than our look.
                BackfillError::ActiveRuns { runs: vec![in_words(&error)] }
            } else {
                failing(doing)(error)
            }
        })?;
        Ok(())
    }

    fn insert_sql(&self) -> String {
        let actor = self.actor();
        format!(
            "WITH plan AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS p (workspace text, hash text, total bigint, progress jsonb)
), inserted AS (
    INSERT INTO {runs} ({id}workspace_id, initiator_name, type, status, outcome, run_identity_hash,
        summary_counts, failure_summary, context, created_at, updated_at)
    SELECT {make_id}p.workspace::{workspace}, '{ACTOR}', '{RUN_TYPE}', 'queued', 'pending', p.hash,
        jsonb_build_object('total', p.total, 'processed', 0, 'succeeded', 0, 'failed', 0), '[]'::jsonb,
        $3::jsonb || jsonb_build_object('workspace_id', p.workspace::{workspace}, 'table_progress', p.progress),
        now(), now()
    FROM plan AS p
    RETURNING id, workspace_id
), noted AS (
    INSERT INTO {RUN} (backfill_id, workspace, run_id) SELECT $2, i.workspace_id::text, i.id::text FROM inserted AS i
)
INSERT INTO {audit} ({audit_id}workspace_id, {actor_column}action, resource_type, resource_id, status, metadata, recorded_at, created_at, updated_at)
SELECT {make_audit_id}i.workspace_id, {actor_value}'{ACTION}.' || e.name, 'operation_run', i.id::text, 'success',
    $4::jsonb || jsonb_build_object('operation_run_id', i.id, 'planned_rows', p.total),
    now(), now(), now()
FROM inserted AS i JOIN plan AS p ON p.workspace = i.workspace_id::text
     CROSS JOIN (VALUES (1, 'started'), (2, 'dispatched')) AS e (position, name)
ORDER BY i.id, e.position",
            runs = self.runs(),
            id = self.runs.id_column(),
            make_id = self.runs.id_value(),
            workspace = self.workspace_type,
            audit = self.audit.name.sql(),
            audit_id = self.audit.id_column(),
            make_audit_id = self.audit.id_value(),
            actor_column = actor.column,
            actor_value = actor.value,
        )
    }

    /// The actor's column and value, where the audit trail has one.
    pub(super) fn actor(&self) -> Actor {
        if self.audit.has_actor_name {
            Actor { column: "actor_name, ", value: format!("'{ACTOR}', ") }
        } else {
            Actor { column: "", value: String::new() }
        }
    }
}

pub(super) struct Actor {
    pub(super) column: &'static str,
    pub(super) value: String,
}

/// What a run's context says of all runs alike.
fn context(coverage: &Coverage, tuning: Tuning) -> Value {
    json!({
        "source": "backfill run",
        "batch_size": tuning.batch_size,
        "max_rows": coverage.extent.max_rows,
        "resume_from": coverage.resume_from_value(),
        "tables": coverage.extent.tables,
    })
}

/// What an audit event says of all runs alike.
pub(super) fn metadata(coverage: &Coverage, backfill: i64) -> Value {
    json!({ "backfill_id": backfill, "tables": coverage.extent.tables })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_events_are_inserted_together() {
        insta::assert_snapshot!(Operations::own().insert_sql(), @r#"
        WITH plan AS (
            SELECT * FROM jsonb_to_recordset($1::jsonb) AS p (workspace text, hash text, total bigint, progress jsonb)
        ), inserted AS (
            INSERT INTO "workspace_isolation"."operation_runs" (workspace_id, initiator_name, type, status, outcome, run_identity_hash,
                summary_counts, failure_summary, context, created_at, updated_at)
            SELECT p.workspace::text, 'workspace-isolation', 'workspace_isolation_backfill_workspace_ids', 'queued', 'pending', p.hash,
                jsonb_build_object('total', p.total, 'processed', 0, 'succeeded', 0, 'failed', 0), '[]'::jsonb,
                $3::jsonb || jsonb_build_object('workspace_id', p.workspace::text, 'table_progress', p.progress),
                now(), now()
            FROM plan AS p
            RETURNING id, workspace_id
        ), noted AS (
            INSERT INTO workspace_isolation.run (backfill_id, workspace, run_id) SELECT $2, i.workspace_id::text, i.id::text FROM inserted AS i
        )
        INSERT INTO "workspace_isolation"."audit_logs" (workspace_id, actor_name, action, resource_type, resource_id, status, metadata, recorded_at, created_at, updated_at)
        SELECT i.workspace_id, 'workspace-isolation', 'workspace_isolation.backfill_workspace_ids.' || e.name, 'operation_run', i.id::text, 'success',
            $4::jsonb || jsonb_build_object('operation_run_id', i.id, 'planned_rows', p.total),
            now(), now(), now()
        FROM inserted AS i JOIN plan AS p ON p.workspace = i.workspace_id::text
             CROSS JOIN (VALUES (1, 'started'), (2, 'dispatched')) AS e (position, name)
        ORDER BY i.id, e.position
        "#);
    }
}
