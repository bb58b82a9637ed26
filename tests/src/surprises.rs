//! What real databases bring along that a clean schema does not: identifiers that have grown a
//! digit, tables that were swapped, keys of other types, rows that come in between.

use crate::harness::{Database, ManifestFile, assert_same, until};

/// Foreign keys' triggers fire in the order of their names, `RI_ConstraintTrigger_a_<oid>` as
/// text: 100232 comes before 16602. A check behind the application's cascade must not come first.
#[test]
fn deleting_a_tenant_cascades_whatever_the_object_identifiers() {
    let db = Database::bound();
    // Every label of an enumeration takes an identifier: on to six digits, beginning with a 1.
    db.execute(
        "DO $$ BEGIN EXECUTE (SELECT 'CREATE TYPE many AS ENUM (' || string_agg(quote_literal('l' || g), ',') || ')'
         FROM generate_series(1, greatest(1, (100500 - lo_create(0)::int) / 2)) g); END $$",
    );
    assert!(db.number("SELECT lo_create(0)") > 100_000);
    db.up("3");
    let newest =
        "SELECT max(oid::text) FROM pg_trigger WHERE tgname LIKE 'RI_ConstraintTrigger_a_1%'";
    assert!(db.number(newest) > 0);
    let before = db.number("SELECT count(*) FROM policies WHERE tenant_id = 1");
    assert!(before > 0);
    db.execute("DELETE FROM tenants WHERE id = 1");
    assert_eq!(db.number("SELECT count(*) FROM policies WHERE tenant_id = 1"), 0);
    db.validate("--phase 3").is(0);
}

#[test]
fn where_the_application_does_not_cascade_the_composite_key_does_not_either() {
    let db = Database::bound();
    db.execute(
        "ALTER TABLE findings DROP CONSTRAINT findings_tenant_id_fkey,
         ADD CONSTRAINT findings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants (id)",
    );
    db.up("3");
    let definition = |table: &str| {
        db.text(&format!(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{table}_tenant_id_workspace_id_foreign'"
        ))
    };
    let key = "FOREIGN KEY (tenant_id, workspace_id) REFERENCES tenants(id, workspace_id)";
    assert_eq!(definition("findings"), key);
    assert_eq!(definition("policies"), format!("{key} ON DELETE CASCADE"));
    let refused = db.refused("DELETE FROM tenants WHERE id = 1");
    assert_eq!(refused.code, "23503");
}

#[test]
fn a_column_of_a_table_that_took_the_name_over_is_not_taken_back() {
    let db = Database::columns();
    db.execute(
        "ALTER TABLE tenant_permissions RENAME TO tenant_permissions_old;
         CREATE TABLE tenant_permissions (id bigserial PRIMARY KEY, tenant_id bigint NOT NULL, workspace_id bigint);
         INSERT INTO tenant_permissions (tenant_id, workspace_id) VALUES (1, 1)",
    );
    let answer = db.untouched_by(|| db.migration("down --phase 1 --yes").is(1));
    answer.says("tenant_permissions_old").next("--manifest");
    db.execute("DROP TABLE tenant_permissions_old");
    db.migration("down --phase 1 --yes").is(0);
    assert_eq!(db.number("SELECT count(*) FROM tenant_permissions WHERE workspace_id = 1"), 1);
}

#[test]
fn keys_of_other_types_are_refused() {
    let db = Database::empty();
    db.execute(
        "CREATE DOMAIN wid AS bigint CHECK (value > 0);
         CREATE TABLE spaces (id wid PRIMARY KEY);
         CREATE TABLE owners (id varchar(36) PRIMARY KEY, workspace_id wid);
         CREATE TABLE docs (id bigint PRIMARY KEY, tenant_id varchar(36))",
    );
    let manifest = ManifestFile::of(
        "[workspace]\ntable = \"spaces\"\n[tenant]\ntable = \"owners\"\n[[tables]]\nname = \"docs\"\n",
    );
    let answer = db.untouched_by(|| manifest.migration(&db, "up --phase 1").is(2));
    answer
        .says("workspace table spaces has a key of type wid")
        .says("character varying(36)")
        .next("");
}

#[test]
fn a_row_that_comes_in_behind_the_gate_ends_the_phase_without_constraints() {
    let db = Database::bound();
    let before = db.catalog();
    db.execute(
        "INSERT INTO tenants (id, external_id, name) VALUES (777, gen_random_uuid(), 'unclaimed')",
    );
    // Between the gate and the constraints: somebody reads tenant_permissions, the last of the
    // tables to be altered.
    let mut reader = db.session("a long report");
    reader.execute("BEGIN; SELECT count(*) FROM tenant_permissions");
    let child = db.tool("migration").words("up --phase 3").spawn();
    until("the first constraint", || {
        db.number(
            "SELECT count(*) FROM pg_constraint WHERE conname = 'policies_workspace_id_foreign'",
        ) == 1
    });
    db.execute(
        "INSERT INTO tenant_permissions (tenant_id, permission_key, status) VALUES (777, 'k', 's')",
    );
    reader.execute("ROLLBACK");
    let answer = crate::harness::Answer::of(child.wait_with_output().unwrap()).is(1);
    answer.says("taken back").says("tenant_permissions").next("validate --phase 2");
    assert_same(&db.catalog(), &before);
    db.execute("UPDATE tenant_permissions SET status = 'changed' WHERE tenant_id = 777");
}

#[test]
fn connections_that_are_idle_for_long_keep_the_rollout_lock() {
    let db = Database::legacy();
    db.execute(&format!("ALTER DATABASE {} SET idle_session_timeout = '200ms'", db.name()));
    let mut reader = db.session("a long report");
    reader.execute("SET idle_session_timeout = 0; SET idle_in_transaction_session_timeout = 0; BEGIN; SELECT count(*) FROM tenant_permissions");
    let child = db.tool("migration").words("up --phase 1 --lock-timeout 60s").spawn();
    // In line for more than a second, in which the lock's connection says nothing.
    until("the table is waited for", || {
        db.number(
            "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
             WHERE c.relname = 'tenant_permissions' AND NOT l.granted",
        ) == 1
    });
    let begun = std::time::Instant::now();
    until("a second", || begun.elapsed().as_millis() > 1000);
    reader.execute("ROLLBACK");
    crate::harness::Answer::of(child.wait_with_output().unwrap()).is(0);
}
