//! The application as it was: its code works in every phase, and deletes as before.

use super::{another_workspace, insert_policy, workspace_of, workspace_of_tenant};
use crate::harness::{Database, ManifestFile, assert_same};

/// What the application did before the rollout, knowing nothing of workspaces.
const OLD_CODE: [&str; 9] = [
    "INSERT INTO backup_sets (tenant_id, name) VALUES (2, 'old code')",
    "INSERT INTO backup_items (tenant_id, backup_set_id, policy_identifier, policy_type, payload)
     SELECT tenant_id, id, 'old code', 'x', '{}' FROM backup_sets WHERE name = 'old code'",
    "INSERT INTO findings (tenant_id, finding_type, severity, fingerprint) VALUES (2, 'drift', 'low', repeat('f', 64))
     ON CONFLICT (tenant_id, fingerprint) DO UPDATE SET status = 'seen'",
    "INSERT INTO findings (tenant_id, finding_type, severity, fingerprint) VALUES (2, 'drift', 'low', repeat('f', 64))
     ON CONFLICT (tenant_id, fingerprint) DO UPDATE SET status = 'seen'",
    "UPDATE policies SET display_name = 'old code', updated_at = now() WHERE id <= 20",
    "UPDATE tenants SET name = 'old code' WHERE id = 1",
    "INSERT INTO audit_logs (tenant_id, action) VALUES (2, 'old.code')",
    "DELETE FROM backup_sets WHERE name = 'old code'",
    "DELETE FROM policies WHERE id = 20",
];

fn old_code_works(db: &Database) {
    for sql in OLD_CODE {
        db.execute(sql);
    }
    assert_eq!(
        db.number("SELECT count(*) FROM backup_items WHERE policy_identifier = 'old code'"),
        0
    );
    assert_eq!(db.text("SELECT status FROM findings WHERE fingerprint = repeat('f', 64)"), "seen");
    assert_eq!(db.number("SELECT count(*) FROM policies WHERE display_name = 'old code'"), 19);
}

#[test]
fn code_that_knows_no_workspace_works_in_every_phase() {
    for database in [
        Database::legacy,
        Database::columns,
        Database::guarded,
        Database::bound,
        Database::finished,
    ] {
        old_code_works(&database());
    }
}

#[test]
fn what_it_wrote_from_phase_1_5_on_passes_the_gate() {
    for db in [Database::bound(), Database::finished()] {
        old_code_works(&db);
        db.validate("--phase 2").is(0);
    }
}

#[test]
fn deleting_a_tenant_takes_its_rows_with_it_as_before() {
    for db in [Database::legacy(), Database::guarded(), Database::bound(), Database::finished()] {
        let rows = "SELECT count(*) FROM policy_versions WHERE tenant_id = 1";
        assert!(db.number(rows) > 0);
        db.execute("DELETE FROM tenants WHERE id = 1");
        for table in rehearse::legacy::TABLES {
            assert_eq!(
                db.number(&format!("SELECT count(*) FROM {table} WHERE tenant_id = 1")),
                0,
                "{table}"
            );
        }
    }
}

#[test]
fn a_workspace_with_rows_cannot_be_deleted_after_phase_3() {
    let db = Database::finished();
    // What kept it before the rollout, and the trail's own SET NULL, out of the way.
    db.execute(
        "ALTER TABLE tenants DROP CONSTRAINT tenants_workspace_id_fkey; DELETE FROM audit_logs",
    );
    let error = db.refused("DELETE FROM workspaces WHERE id = 1");
    assert_eq!(error.code, "23503", "{error:?}");
    assert!(error.message.contains("_workspace_id_foreign"), "{error:?}");
}

#[test]
fn after_phase_3_the_database_holds_without_the_guard() {
    let db = Database::finished();
    db.execute("DROP TRIGGER zz_workspace_isolation_insert ON policies");
    let error = db.refused(&insert_policy("2", "unbound", &[]));
    assert_eq!(
        (error.code.as_str(), error.column.as_str()),
        ("23502", "workspace_id"),
        "{error:?}"
    );
    let other = another_workspace(&db, "2");
    let error = db.refused(&insert_policy("2", "smuggled", &[("workspace_id", &other)]));
    assert_eq!(error.code, "23503", "{error:?}");
    assert!(error.message.contains("policies_tenant_id_workspace_id_foreign"), "{error:?}");
    let error = db.refused(&insert_policy("2", "nowhere", &[("workspace_id", "424242")]));
    assert_eq!(error.code, "23503", "{error:?}");
}

#[test]
fn after_phase_3_an_audit_row_with_a_tenant_needs_a_workspace() {
    let db = Database::finished();
    let error = db.refused(
        "UPDATE audit_logs SET workspace_id = NULL WHERE id = (SELECT min(id) FROM audit_logs WHERE tenant_id IS NOT NULL)",
    );
    assert_eq!(error.code, "23514", "{error:?}");
    assert!(error.message.contains("audit_logs_workspace_required_check"), "{error:?}");
}

/// TenantAtlas's own manifest, with the guard left to the application.
fn application_guarded() -> ManifestFile {
    let own = include_str!("../../../isolation/src/manifest/tenantatlas.toml");
    ManifestFile::of(&format!("{own}\n[policy]\nwrite_guard = \"application\"\n"))
}

#[test]
fn where_the_application_guards_there_are_no_triggers_and_phase_3_is_reached() {
    let manifest = application_guarded();
    let db = Database::legacy();
    let before = db.catalog();
    let up = |phase: &str| manifest.migration(&db, &format!("up --phase {phase}")).is(0);
    up("1");
    up("1.5");
    assert_eq!(db.number("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"), 0);
    db.execute(&insert_policy("2", "unguarded", &[]));
    assert_eq!(workspace_of(&db, "unguarded"), "NULL");
    db.bind();
    assert_eq!(workspace_of(&db, "unguarded"), workspace_of_tenant(&db, "2"));
    up("3");
    manifest.tool(&db, "validate").words("--phase 3").run().is(0);
    assert_eq!(db.number("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"), 0);
    db.execute("DELETE FROM policies WHERE external_id = 'unguarded'");
    manifest.migration(&db, "down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &before);
}

#[test]
fn where_the_application_guards_phase_1_5_may_be_left_out() {
    let manifest = application_guarded();
    let db = Database::columns();
    db.bind();
    manifest.migration(&db, "up --phase 3").is(0);
    manifest.tool(&db, "validate").words("--phase 3").run().is(0);
}

#[test]
fn a_guard_that_was_in_the_database_is_taken_back_where_the_application_guards_now() {
    let db = Database::guarded();
    application_guarded().migration(&db, "down --phase 1.5").is(0);
    assert_eq!(db.number("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"), 0);
    assert_same(&db.catalog(), &Database::columns().catalog());
}
