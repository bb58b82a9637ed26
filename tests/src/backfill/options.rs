//! The options of `backfill run`, each for what it binds and what it leaves.

use super::{missing, processed};
use crate::harness::Database;

#[test]
fn a_run_binds_every_row_to_the_workspace_of_its_tenant() {
    let db = Database::guarded();
    let rows = missing(&db);
    assert!(rows > 0);
    db.backfill("run").is(0);
    assert_eq!(missing(&db), 0);
    assert_eq!(processed(&db), rows);
    db.validate("").is(0);
}

#[test]
fn only_the_tables_asked_for() {
    let db = Database::guarded();
    let findings = db.number("SELECT count(*) FROM findings");
    let policies = db.number("SELECT count(*) FROM policies");
    let before = db.unbound();
    db.backfill("run --table findings --table policies").is(0);
    assert_eq!(db.unbound(), before - findings - policies);
    assert_eq!(processed(&db), findings + policies);
}

#[test]
fn only_the_workspaces_asked_for() {
    let db = Database::guarded();
    let rows = db.number(
        "SELECT count(*) FROM findings f JOIN tenants t ON t.id = f.tenant_id WHERE t.workspace_id = 2",
    );
    assert!(rows > 0);
    db.backfill("run --table findings --workspace 2").is(0);
    assert_eq!(
        db.texts("SELECT DISTINCT workspace_id FROM findings WHERE workspace_id IS NOT NULL"),
        ["2"]
    );
    assert_eq!(db.number("SELECT count(*) FROM findings WHERE workspace_id = 2"), rows);
    assert_eq!(processed(&db), rows);
    assert_eq!(db.number("SELECT count(*) FROM operation_runs"), 1);
}

#[test]
fn only_rows_with_a_greater_key() {
    let db = Database::guarded();
    let middle = db.number("SELECT id FROM findings ORDER BY id OFFSET 50 LIMIT 1");
    db.backfill(&format!("run --table findings --resume-from {middle}")).is(0);
    assert_eq!(
        db.number(&format!(
            "SELECT count(*) FROM findings WHERE id <= {middle} AND workspace_id IS NOT NULL"
        )),
        0
    );
    assert_eq!(
        db.number(&format!(
            "SELECT count(*) FROM findings WHERE id > {middle} AND workspace_id IS NULL"
        )),
        0
    );
}

#[test]
fn at_most_so_many_rows_of_each_table_and_workspace() {
    let db = Database::guarded();
    db.backfill(
        "run --table findings --table inventory_items --max-rows 3 --workers 3 --batch-size 2",
    )
    .is(0);
    for table in ["findings", "inventory_items"] {
        let counts = db.texts(&format!(
            "SELECT format('%s/%s', count(*) FILTER (WHERE r.workspace_id IS NOT NULL), least(count(*), 3))
             FROM {table} r JOIN tenants t ON t.id = r.tenant_id GROUP BY t.workspace_id"
        ));
        assert!(!counts.is_empty());
        for count in counts {
            let (bound, wanted) = count.split_once('/').unwrap();
            assert_eq!(bound, wanted, "{table}");
        }
    }
    // The next three, and so on until none is left.
    let before = db.number("SELECT count(*) FROM findings WHERE workspace_id IS NOT NULL");
    db.backfill("run --table findings --max-rows 3").is(0);
    assert!(db.number("SELECT count(*) FROM findings WHERE workspace_id IS NOT NULL") > before);
}

#[test]
fn no_transaction_updates_more_rows_than_the_batch_size() {
    let db = Database::guarded();
    // One entry for each statement that updates findings: its transaction and its rows.
    db.execute(
        "CREATE TABLE seen (transaction xid8, rows bigint);
         CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN INSERT INTO seen SELECT pg_current_xact_id(), count(*) FROM changed; RETURN NULL; END $$;
         CREATE TRIGGER see AFTER UPDATE ON findings REFERENCING NEW TABLE AS changed
         FOR EACH STATEMENT EXECUTE FUNCTION see()",
    );
    let rows = db.number("SELECT count(*) FROM findings WHERE workspace_id IS NULL");
    db.backfill("run --table findings --batch-size 7").is(0);
    let most = "SELECT max(s) FROM (SELECT sum(rows) s FROM seen GROUP BY transaction) q";
    assert!(db.number(most) <= 7, "{}", db.text(most));
    assert_eq!(db.number("SELECT sum(rows) FROM seen"), rows);
}

#[test]
fn batches_of_a_single_row_come_to_the_same() {
    let db = Database::guarded();
    let rows = db.number("SELECT count(*) FROM backup_sets WHERE workspace_id IS NULL");
    db.backfill("run --table backup_sets --batch-size 1 --workers 1").is(0);
    assert_eq!(db.number("SELECT count(*) FROM backup_sets WHERE workspace_id IS NULL"), 0);
    assert_eq!(processed(&db), rows);
}

#[test]
fn planned_here_and_worked_elsewhere() {
    let db = Database::guarded();
    let rows = missing(&db);
    db.backfill("run --detach").is(0);
    assert_eq!(missing(&db), rows, "nothing is bound by the planner");
    db.backfill("work --workers 3").is(0);
    assert_eq!((missing(&db), processed(&db)), (0, rows));
    db.backfill("work").is(0);
}

#[test]
fn a_row_that_the_application_updates_meanwhile_is_counted_once() {
    let db = Database::guarded();
    let rows = missing(&db);
    db.backfill("run --detach").is(0);
    // The guard binds these; the backfill finds them bound.
    db.execute("UPDATE findings SET status = 'acknowledged' WHERE id % 3 = 0");
    db.execute("DELETE FROM inventory_items WHERE id % 10 = 0");
    let deleted = rows
        - missing(&db)
        - db.number("SELECT count(*) FROM findings WHERE workspace_id IS NOT NULL");
    assert!(deleted > 0);
    db.backfill("work").is(0);
    assert_eq!(processed(&db), rows - deleted);
}

#[test]
fn tables_with_other_keys_are_bound_by_their_pages() {
    let db = Database::empty();
    db.execute(
        "CREATE TABLE by_uuid (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id bigint NOT NULL);
         CREATE TABLE by_two (a text, b int, tenant_id bigint NOT NULL, PRIMARY KEY (a, b));
         CREATE TABLE by_none (note text, tenant_id bigint NOT NULL);
         INSERT INTO workspaces (id, name) VALUES (1, 'one'), (2, 'two');
         INSERT INTO tenants (id, workspace_id, external_id, name)
         VALUES (1, 1, gen_random_uuid(), 'a'), (2, 2, gen_random_uuid(), 'b');
         INSERT INTO by_uuid (tenant_id) SELECT 1 + g % 2 FROM generate_series(1, 500) g;
         INSERT INTO by_two SELECT 'k' || g, g, 1 + g % 2 FROM generate_series(1, 500) g;
         INSERT INTO by_none SELECT 'n', 1 + g % 2 FROM generate_series(1, 500) g",
    );
    let directory = tempfile::tempdir().unwrap();
    let manifest = directory.path().join("manifest.toml");
    std::fs::write(
        &manifest,
        "[workspace]\ntable = 'workspaces'\n[tenant]\ntable = 'tenants'\n\
         [[tables]]\nname = 'by_uuid'\n[[tables]]\nname = 'by_two'\n[[tables]]\nname = 'by_none'\n",
    )
    .unwrap();
    let run = |tool: &str, words: &str| {
        db.tool(tool).words(words).arg("--manifest").arg(manifest.to_str().unwrap()).run()
    };
    run("migration", "up --phase 1").is(0);
    run("migration", "up --phase 1.5").is(0);
    run("backfill", "run --batch-size 64").is(0);
    run("validate", "").is(0);
    for table in ["by_uuid", "by_two", "by_none"] {
        assert_eq!(
            db.number(&format!("SELECT count(*) FROM {table} WHERE workspace_id = tenant_id")),
            500
        );
    }
    // A manifest without operations: the toolkit keeps its own.
    assert_eq!(
        db.number("SELECT sum((summary_counts->>'processed')::int) FROM workspace_isolation.operation_runs"),
        1500
    );
    run("backfill", "run --resume-from 5").is(2).says("by_two").next("");
}
