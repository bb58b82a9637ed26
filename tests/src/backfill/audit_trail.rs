//! What the application's own operations page and audit trail show.

use serde_json::{Value, json};

use super::{events, missing, workspaces_with_work};
use crate::harness::Database;

#[test]
fn one_run_for_each_workspace_with_work() {
    let db = Database::guarded();
    let workspaces = workspaces_with_work(&db);
    let rows = missing(&db);
    db.backfill("run --batch-size 100").is(0);
    let good = "SELECT count(*) FROM operation_runs WHERE type = 'workspace_isolation_backfill_workspace_ids'
        AND status = 'completed' AND outcome = 'succeeded' AND started_at IS NOT NULL
        AND completed_at >= started_at AND created_at IS NOT NULL AND updated_at IS NOT NULL
        AND run_identity_hash ~ '^[0-9a-f]{64}$' AND (context->>'workspace_id')::bigint = workspace_id";
    assert_eq!(db.number(good), workspaces);
    let total = "SELECT sum((summary_counts->>'total')::bigint) FROM operation_runs";
    assert_eq!(db.number(total), rows);
    for (key, value) in [("processed", rows), ("succeeded", rows), ("failed", 0)] {
        let sum = format!("SELECT sum((summary_counts->>'{key}')::bigint) FROM operation_runs");
        assert_eq!(db.number(&sum), value, "{key}");
    }
}

#[test]
fn a_run_says_what_it_covered_and_how_far_it_came() {
    let db = Database::guarded();
    let rows = db.number(
        "SELECT count(*) FROM findings f JOIN tenants t ON t.id = f.tenant_id WHERE t.workspace_id = 1",
    );
    let last = db.number(
        "SELECT max(f.id) FROM findings f JOIN tenants t ON t.id = f.tenant_id WHERE t.workspace_id = 1",
    );
    db.backfill("run --table findings --workspace 1 --batch-size 50").is(0);
    let context: Value =
        serde_json::from_str(&db.text("SELECT context::text FROM operation_runs")).unwrap();
    assert_eq!(context["workspace_id"], 1);
    assert_eq!(context["batch_size"], 50);
    assert_eq!(context["max_rows"], Value::Null);
    assert_eq!(context["tables"], json!(["findings"]));
    assert!(context["source"].is_string());
    assert_eq!(
        context["table_progress"]["findings"],
        json!({"target_rows": rows, "processed": rows, "last_processed_id": last})
    );
}

#[test]
fn the_audit_trail_has_each_event_once_for_each_workspace() {
    let db = Database::guarded();
    let workspaces = workspaces_with_work(&db);
    db.backfill("run").is(0);
    for kind in ["started", "dispatched", "completed"] {
        assert_eq!(events(&db, kind), workspaces, "{kind}");
    }
    for kind in ["failed", "cancelled"] {
        assert_eq!(events(&db, kind), 0, "{kind}");
    }
    let complete = "SELECT count(*) FROM audit_logs a JOIN operation_runs r ON r.id::text = a.resource_id
        WHERE a.resource_type = 'operation_run' AND a.workspace_id = r.workspace_id AND a.recorded_at IS NOT NULL
        AND a.metadata ? 'tables'";
    assert_eq!(db.number(complete), 3 * workspaces);
}

#[test]
fn the_identity_of_a_run_is_the_hash_of_type_workspace_and_sorted_tables() {
    let db = Database::guarded();
    db.backfill("run --table policies --table findings --workspace 1 --max-rows 1").is(0);
    db.backfill("run --table findings --table policies --workspace 1 --max-rows 2").is(0);
    db.backfill("run --table findings --workspace 1").is(0);
    let hashes = db.texts("SELECT run_identity_hash FROM operation_runs ORDER BY id");
    assert_eq!(hashes.len(), 3);
    assert_eq!(hashes[0], hashes[1], "the order of tables is no matter");
    assert_ne!(hashes[0], hashes[2]);
}
