//! A row that is written without its workspace gets that of its tenant, however it is written.

use super::{insert_policy, unclaimed_tenant, workspace_of, workspace_of_tenant};
use crate::harness::Database;

/// How many rows of a query are bound to another workspace than their tenant's, or to none.
fn wrong(db: &Database, table: &str, condition: &str) -> i64 {
    db.number(&format!(
        "SELECT count(*) FROM {table} r JOIN tenants t ON t.id = r.tenant_id
         WHERE r.workspace_id IS DISTINCT FROM t.workspace_id AND {condition}"
    ))
}

#[test]
fn an_insert_without_a_workspace_gets_the_tenants() {
    let db = Database::guarded();
    db.execute(&insert_policy("2", "new", &[]));
    assert_eq!(workspace_of(&db, "new"), workspace_of_tenant(&db, "2"));
    db.execute(&insert_policy("3", "explicit null", &[("workspace_id", "NULL")]));
    assert_eq!(workspace_of(&db, "explicit null"), workspace_of_tenant(&db, "3"));
}

#[test]
fn an_insert_with_the_tenants_own_workspace_is_taken_as_it_is() {
    let db = Database::guarded();
    let workspace = workspace_of_tenant(&db, "2");
    db.execute(&insert_policy("2", "given", &[("workspace_id", &workspace)]));
    assert_eq!(workspace_of(&db, "given"), workspace);
}

#[test]
fn every_tenant_owned_table_derives() {
    let db = Database::guarded();
    for table in rehearse::legacy::TABLES.iter().filter(|table| **table != "audit_logs") {
        // A row is taken out and put in again, as the first one that the guard gets to see.
        db.execute(&format!(
            "CREATE TABLE taken AS SELECT * FROM {table} ORDER BY id DESC LIMIT 1;
             DELETE FROM {table} WHERE id = (SELECT id FROM taken);
             INSERT INTO {table} SELECT * FROM taken;
             DROP TABLE taken"
        ));
        let bound = format!("SELECT count(*) FROM {table} WHERE workspace_id IS NOT NULL");
        assert_eq!(db.number(&bound), 1, "{table}");
        assert_eq!(wrong(&db, table, "r.workspace_id IS NOT NULL"), 0, "{table}");
    }
}

#[test]
fn an_update_of_an_unbound_row_binds_it() {
    let db = Database::guarded();
    db.execute("UPDATE policies SET display_name = 'renamed' WHERE id <= 10");
    assert_eq!(wrong(&db, "policies", "r.id <= 10"), 0);
    let bound = db.number("SELECT count(*) FROM policies WHERE workspace_id IS NOT NULL");
    assert_eq!(bound, 10, "and no other row");
}

#[test]
fn an_update_that_unsets_the_workspace_gets_it_back() {
    let db = Database::bound();
    db.execute("UPDATE policies SET workspace_id = NULL");
    assert_eq!(wrong(&db, "policies", "true"), 0);
}

#[test]
fn an_update_by_the_application_is_noted_so_that_a_backfill_can_count() {
    let db = Database::guarded();
    db.execute("UPDATE policies SET display_name = 'renamed' WHERE id IN (3, 4)");
    db.execute("UPDATE policies SET display_name = 'again' WHERE id IN (3, 4)");
    let noted = "SELECT count(*) FROM workspace_isolation.bound_by_guard WHERE relation = 'policies'::regclass";
    assert_eq!(db.number(noted), 2, "once for each row that it bound");
    db.execute(&insert_policy("2", "new", &[]));
    assert_eq!(db.number(noted), 2, "a new row was never missing");
}

#[test]
fn copy_derives() {
    let db = Database::guarded();
    db.psql(
        "COPY policies (tenant_id, external_id, policy_type, display_name) FROM stdin;\n\
         2\tcopied-1\tdeviceConfiguration\tone\n3\tcopied-2\tdeviceConfiguration\ttwo\n\\.\n",
    );
    assert_eq!(db.number("SELECT count(*) FROM policies WHERE external_id LIKE 'copied-%'"), 2);
    assert_eq!(wrong(&db, "policies", "r.external_id LIKE 'copied-%'"), 0);
}

#[test]
fn an_insert_of_many_derives_for_each() {
    let db = Database::guarded();
    db.execute(
        "INSERT INTO policies (tenant_id, external_id, policy_type, display_name)
         SELECT t.id, 'many-' || t.id || '-' || i, 'x', 'x' FROM tenants t, generate_series(1, 20) AS i",
    );
    let tenants = db.number("SELECT count(*) FROM tenants");
    assert_eq!(
        db.number("SELECT count(*) FROM policies WHERE external_id LIKE 'many-%'"),
        tenants * 20
    );
    assert_eq!(wrong(&db, "policies", "r.external_id LIKE 'many-%'"), 0);
}

#[test]
fn on_conflict_do_update_derives_on_either_path() {
    let db = Database::guarded();
    let upsert = |id: &str| {
        format!(
            "{} ON CONFLICT (tenant_id, external_id, policy_type) DO UPDATE SET display_name = 'updated'",
            insert_policy("2", id, &[])
        )
    };
    db.execute(&upsert("upserted"));
    assert_eq!(workspace_of(&db, "upserted"), workspace_of_tenant(&db, "2"));
    db.damage("UPDATE policies SET workspace_id = NULL WHERE external_id = 'upserted'");
    assert_eq!(workspace_of(&db, "upserted"), "NULL");
    db.execute(&upsert("upserted"));
    assert_eq!(workspace_of(&db, "upserted"), workspace_of_tenant(&db, "2"));
    assert_eq!(
        db.text("SELECT display_name FROM policies WHERE external_id = 'upserted'"),
        "updated"
    );
}

#[test]
fn a_tenant_without_a_workspace_leaves_its_rows_unbound_and_is_not_refused() {
    let db = Database::guarded();
    let tenant = unclaimed_tenant(&db);
    db.execute(&insert_policy(&tenant, "early", &[]));
    assert_eq!(workspace_of(&db, "early"), "NULL");
    db.execute("UPDATE policies SET display_name = 'renamed' WHERE external_id = 'early'");
    assert_eq!(workspace_of(&db, "early"), "NULL");
    db.execute(&format!("UPDATE tenants SET workspace_id = 1 WHERE id = {tenant}"));
    db.execute("UPDATE policies SET display_name = 'again' WHERE external_id = 'early'");
    assert_eq!(workspace_of(&db, "early"), "1");
}

#[test]
fn an_audit_row_with_a_tenant_gets_the_tenants_workspace() {
    let db = Database::guarded();
    db.execute("INSERT INTO audit_logs (tenant_id, action) VALUES (2, 'probe.derived')");
    let derived = db.text("SELECT workspace_id FROM audit_logs WHERE action = 'probe.derived'");
    assert_eq!(derived, workspace_of_tenant(&db, "2"));
    db.execute("INSERT INTO audit_logs (action) VALUES ('probe.system')");
    assert_eq!(
        db.text("SELECT workspace_id FROM audit_logs WHERE action = 'probe.system'"),
        "NULL"
    );
    db.execute("INSERT INTO audit_logs (workspace_id, action) VALUES (1, 'probe.workspace')");
    assert_eq!(
        db.text("SELECT workspace_id FROM audit_logs WHERE action = 'probe.workspace'"),
        "1"
    );
}

#[test]
fn triggers_of_the_application_come_first_whatever_they_make_of_the_row() {
    let db = Database::guarded();
    db.execute(
        "CREATE FUNCTION move_to_3() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.tenant_id := 3; RETURN NEW; END';
         CREATE TRIGGER a_move BEFORE INSERT ON policies FOR EACH ROW EXECUTE FUNCTION move_to_3()",
    );
    db.execute(&insert_policy("2", "moved", &[]));
    assert_eq!(workspace_of(&db, "moved"), workspace_of_tenant(&db, "3"));
}
