//! Phase 2 through its binary: what it prints, what it writes, how it stops and goes on.

mod audit_trail;
mod control;
mod crash;
mod options;
mod plan;
mod refusals;

use crate::harness::Database;

/// What the application's operations page adds up to, over all runs.
fn processed(db: &Database) -> i64 {
    db.number("SELECT coalesce(sum((summary_counts->>'processed')::bigint), 0) FROM operation_runs")
}

/// How many audit events there are of one kind.
fn events(db: &Database, kind: &str) -> i64 {
    db.number(&format!(
        "SELECT count(*) FROM audit_logs WHERE action = 'workspace_isolation.backfill_workspace_ids.{kind}'"
    ))
}

/// Rows without workspace that have a tenant, audit tables and all: what a backfill is for.
fn missing(db: &Database) -> i64 {
    db.unbound()
        + db.number(
            "SELECT count(*) FROM audit_logs WHERE tenant_id IS NOT NULL AND workspace_id IS NULL",
        )
}

/// Workspaces that have rows to bind.
fn workspaces_with_work(db: &Database) -> i64 {
    let tables: Vec<_> = rehearse::legacy::TABLES
        .iter()
        .map(|table| format!("SELECT tenant_id FROM {table} WHERE workspace_id IS NULL"))
        .collect();
    db.number(&format!(
        "SELECT count(DISTINCT t.workspace_id) FROM ({}) r JOIN tenants t ON t.id = r.tenant_id",
        tables.join(" UNION ")
    ))
}

/// An empty database after phase 1.5.
fn empty() -> Database {
    let db = Database::empty();
    db.up("1");
    db.up("1.5");
    db
}

/// The URL of a role that may look at everything and change nothing.
fn reader(db: &Database) -> String {
    db.role(
        "reader",
        "GRANT USAGE ON SCHEMA workspace_isolation TO {role};
         GRANT SELECT ON ALL TABLES IN SCHEMA public, workspace_isolation TO {role}",
    )
}
