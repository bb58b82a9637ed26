//! What an interrupted run leaves behind, and what has gone missing since, is mended by asking
//! for the same phase again.

use crate::harness::{Answer, Database, assert_same, until};

/// What is mended must be exactly what was there before the damage.
fn is_mended_by(phase: &str, db: &Database, damage: &str) {
    let before = db.catalog();
    db.execute(damage);
    assert_ne!(db.catalog(), before, "no damage: {damage}");
    db.up(phase);
    assert_same(&db.catalog(), &before);
    db.up(phase).prints("Nothing to do");
}

const INVALIDATE: &str = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{}'::regclass";

#[test]
fn an_invalid_index_is_built_anew() {
    let db = Database::columns();
    is_mended_by("1", &db, &INVALIDATE.replace("{}", "policies_workspace_id_index"));
    is_mended_by("1", &db, &INVALIDATE.replace("{}", "tenants_id_workspace_id_unique"));
}

#[test]
fn a_dropped_index_is_put_back() {
    is_mended_by("1", &Database::columns(), "DROP INDEX findings_workspace_id_index");
}

#[test]
fn a_dropped_index_is_put_back_after_phase_3_too() {
    is_mended_by("1", &Database::finished(), "DROP INDEX findings_workspace_id_index");
    is_mended_by("3", &Database::finished(), "DROP INDEX findings_workspace_id_index");
}

#[test]
fn a_dropped_column_is_put_back_with_its_index() {
    is_mended_by("1", &Database::columns(), "ALTER TABLE findings DROP COLUMN workspace_id");
}

#[test]
fn a_constraint_that_is_not_validated_is_validated() {
    for (table, name, definition) in [
        (
            "policies",
            "policies_workspace_id_foreign",
            "FOREIGN KEY (workspace_id) REFERENCES workspaces (id)",
        ),
        (
            "policies",
            "policies_tenant_id_workspace_id_foreign",
            "FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants (id, workspace_id) ON DELETE CASCADE",
        ),
        (
            "audit_logs",
            "audit_logs_workspace_required_check",
            "CHECK (tenant_id IS NULL OR workspace_id IS NOT NULL)",
        ),
    ] {
        let anew = format!(
            "ALTER TABLE {table} DROP CONSTRAINT {name}; \
             ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID"
        );
        is_mended_by("3", &Database::finished(), &anew);
    }
}

#[test]
fn a_constraint_or_a_not_null_that_is_gone_is_put_back() {
    for damage in [
        "ALTER TABLE policies DROP CONSTRAINT policies_workspace_id_foreign",
        "ALTER TABLE policies DROP CONSTRAINT policies_tenant_id_workspace_id_foreign",
        "ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_workspace_required_check",
        "ALTER TABLE policies ALTER COLUMN workspace_id DROP NOT NULL",
    ] {
        is_mended_by("3", &Database::finished(), damage);
    }
}

#[test]
fn constraints_that_are_mended_have_passed_the_gate() {
    let db = Database::finished();
    db.execute("ALTER TABLE policies ALTER COLUMN workspace_id DROP NOT NULL");
    db.damage("UPDATE policies SET workspace_id = NULL WHERE id = 1");
    let answer = db.untouched_by(|| db.migration("up --phase 3"));
    answer.is(1).says("missing/policies").next("validate --phase 2");
}

#[test]
fn a_trigger_of_the_guard_that_is_gone_or_disabled_is_put_back() {
    for damage in [
        "DROP TRIGGER zz_workspace_isolation_insert ON policies",
        "DROP TRIGGER zz_workspace_isolation_update ON policies",
        "DROP TRIGGER zz_workspace_isolation_frozen ON tenants",
        "DROP TRIGGER zz_workspace_isolation_insert ON audit_logs",
        "ALTER TABLE policies DISABLE TRIGGER zz_workspace_isolation_insert",
        "ALTER TABLE policies ENABLE REPLICA TRIGGER zz_workspace_isolation_update",
        "ALTER TABLE tenants DISABLE TRIGGER zz_workspace_isolation_frozen",
    ] {
        is_mended_by("1.5", &Database::guarded(), damage);
    }
}

#[test]
fn a_function_of_the_guard_that_was_replaced_is_put_back() {
    for damage in [
        "CREATE OR REPLACE FUNCTION workspace_isolation.guard_public_policies() RETURNS trigger
         LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NEW; END'",
        "ALTER FUNCTION workspace_isolation.guard_public_policies() SECURITY INVOKER",
        "ALTER FUNCTION workspace_isolation.guard_public_policies() RESET search_path",
        "DROP FUNCTION workspace_isolation.guard_public_policies() CASCADE",
    ] {
        is_mended_by("1.5", &Database::guarded(), damage);
    }
}

#[test]
fn a_trigger_of_the_guards_name_that_does_something_else_is_replaced() {
    for damage in [
        "CREATE OR REPLACE TRIGGER zz_workspace_isolation_update BEFORE UPDATE ON policies
         FOR EACH ROW WHEN (new.id < 0) EXECUTE FUNCTION workspace_isolation.guard_public_policies()",
        "CREATE OR REPLACE TRIGGER zz_workspace_isolation_insert BEFORE INSERT ON policies
         FOR EACH ROW EXECUTE FUNCTION workspace_isolation.guard_public_findings()",
    ] {
        is_mended_by("1.5", &Database::guarded(), damage);
    }
}

#[test]
fn a_build_that_was_cancelled_is_taken_up_again() {
    let db = Database::legacy();
    // CREATE INDEX CONCURRENTLY waits for whoever has written to the table.
    let mut writer = db.session("a writer");
    writer.execute("BEGIN; UPDATE tenants SET name = name WHERE id = 1");
    let rollout = db.tool("migration").words("up --phase 1").spawn();
    let building = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' \
                    AND query LIKE 'CREATE UNIQUE INDEX CONCURRENTLY%'";
    until("the build waits for the writer", || {
        db.number(&format!("SELECT count(*) {building}")) == 1
    });
    db.execute(&format!("SELECT pg_cancel_backend(pid) {building}"));
    let answer = Answer::of(rollout.wait_with_output().expect("wait for the rollout"));
    answer.is(2).says("SQLSTATE 57014").next("run the same command again");
    let invalid = db.texts("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid");
    assert_eq!(invalid, ["tenants_id_workspace_id_unique"]);
    writer.execute("ROLLBACK");
    db.up("1");
    assert_same(&db.catalog(), &Database::columns().catalog());
}
