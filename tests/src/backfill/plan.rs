//! What is said before anything is done.

use serde_json::json;

use crate::harness::Database;

#[test]
fn a_dry_run_counts_exactly_and_writes_nothing() {
    let db = Database::guarded();
    let answer = db.untouched_by(|| db.backfill("run --dry-run --format json").is(0));
    let plan = answer.json();
    let tables = plan["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 13);
    for table in tables {
        let name = table["table"].as_str().unwrap();
        let missing = db.number(&format!(
            "SELECT count(*) FROM {name} WHERE workspace_id IS NULL AND tenant_id IS NOT NULL"
        ));
        assert_eq!(
            *table,
            json!({"table": name, "missing": missing, "unresolvable": 0, "sample_ids": []})
        );
    }
}

#[test]
fn a_dry_run_needs_no_right_to_write() {
    let db = Database::guarded();
    let url = super::reader(&db);
    db.tool("backfill").env("DATABASE_URL", &url).words("run --dry-run").run().is(0);
}

#[test]
fn the_plan_is_a_table_with_the_columns_of_the_contract() {
    let db = Database::guarded();
    let answer = db.backfill("run --dry-run").is(0);
    let heading: Vec<_> = answer.stdout.lines().next().unwrap().split('|').map(str::trim).collect();
    assert_eq!(
        heading,
        ["", "Table", "Missing workspace_id", "Unresolvable tenant mapping", "Sample row ids", ""]
    );
    answer.prints("policy_versions");
}

#[test]
fn rows_that_cannot_be_bound_stop_it_before_anything_is_written() {
    let db = Database::guarded();
    db.execute(
        "ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_fkey;
         ALTER TABLE findings DISABLE TRIGGER zz_workspace_isolation_insert;
         INSERT INTO findings (tenant_id, finding_type, severity, fingerprint)
         SELECT 999999, 'x', 'high', lpad(g::text, 64, 'f') FROM generate_series(1, 7) g;
         INSERT INTO tenants (id, external_id, name) VALUES (888888, gen_random_uuid(), 'unclaimed');
         INSERT INTO backup_sets (tenant_id, name) VALUES (888888, 'of nobody')",
    );
    let before = (db.catalog(), db.unbound());
    let ids = db.texts("SELECT id FROM findings WHERE tenant_id = 999999 ORDER BY id LIMIT 5");
    let set = db.text("SELECT id FROM backup_sets WHERE tenant_id = 888888");
    for words in ["run", "run --dry-run"] {
        let answer = db.backfill(words).is(1);
        let lines: Vec<_> = answer.stderr.lines().filter(|line| line.contains("error:")).collect();
        assert!(
            lines.iter().any(|l| l.contains("findings") && l.contains('7') && l.contains(&ids[0])),
            "{lines:?}"
        );
        assert!(lines.iter().any(|l| l.contains("backup_sets") && l.contains(&set)), "{lines:?}");
        answer.next("");
    }
    let plan = db.backfill("run --dry-run --format json").json();
    let findings =
        plan["tables"].as_array().unwrap().iter().find(|t| t["table"] == "findings").unwrap();
    assert_eq!(findings["unresolvable"], 7);
    let expected: Vec<serde_json::Value> =
        ids.iter().map(|id| json!(id.parse::<i64>().unwrap())).collect();
    let sampled = findings["sample_ids"].as_array().unwrap();
    let as_text = |v: &serde_json::Value| v.to_string().replace('"', "");
    assert_eq!(
        sampled.iter().map(as_text).collect::<Vec<_>>(),
        expected.iter().map(as_text).collect::<Vec<_>>()
    );
    assert_eq!((db.catalog(), db.unbound()), before);
    assert_eq!(db.number("SELECT count(*) FROM operation_runs"), 0);
}

#[test]
fn nothing_missing_is_nothing_to_do() {
    let db = super::empty();
    db.backfill("run").is(0).prints("No rows require workspace_id backfill.");
    db.backfill("run --dry-run").is(0).prints("No rows require workspace_id backfill.");
    assert_eq!(db.number("SELECT count(*) FROM operation_runs"), 0);
}
