-- Where the manifest names no operations tables of the application, the toolkit keeps its own.
CREATE TABLE IF NOT EXISTS workspace_isolation.operation_runs (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id      text NOT NULL,
    initiator_name    text NOT NULL,
    type              text NOT NULL,
    status            text NOT NULL DEFAULT 'queued',
    outcome           text NOT NULL DEFAULT 'pending',
    run_identity_hash text NOT NULL,
    summary_counts    jsonb NOT NULL DEFAULT '{}',
    failure_summary   jsonb NOT NULL DEFAULT '[]',
    context           jsonb NOT NULL DEFAULT '{}',
    started_at        timestamptz,
    completed_at      timestamptz,
    created_at        timestamptz,
    updated_at        timestamptz
);
CREATE UNIQUE INDEX IF NOT EXISTS operation_runs_active_unique ON workspace_isolation.operation_runs (workspace_id, run_identity_hash)
    WHERE status IN ('queued', 'running');

CREATE TABLE IF NOT EXISTS workspace_isolation.audit_logs (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace_id  text,
    actor_name    text,
    action        text NOT NULL,
    resource_type text,
    resource_id   text,
    status        text NOT NULL DEFAULT 'success',
    metadata      jsonb,
    recorded_at   timestamptz NOT NULL DEFAULT now(),
    created_at    timestamptz,
    updated_at    timestamptz
);
