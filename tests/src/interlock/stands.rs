//! The sequences come with the guard, are missed when they are gone, and go with it.

use super::{insert, noted};
use crate::harness::{Database, assert_same};

/// The guard's function of policies as an earlier release made it.
const EARLIER: &str = include_str!("earlier_guard.sql");

fn sequences(db: &Database) -> i64 {
    db.number("SELECT count(*) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'workspace_isolation'::regnamespace")
}

fn workspace_of(db: &Database, external_id: &str) -> String {
    db.text(&format!("SELECT workspace_id FROM policies WHERE external_id = '{external_id}'"))
}

#[test]
fn a_guard_of_an_earlier_release_is_renewed() {
    let db = Database::finished();
    let before = db.catalog();
    db.execute(EARLIER);
    db.execute("DROP SEQUENCE workspace_isolation.filled_public_policies");
    db.execute(&insert("earlier"));
    assert_ne!(workspace_of(&db, "earlier"), "NULL");
    db.validate("--phase 3")
        .is(1)
        .prints("guard/policies: trigger zz_workspace_isolation_insert on policies is not the one this toolkit makes")
        .prints("next: migration up --phase 1.5");
    db.up("1.5").says("CREATE SEQUENCE");
    assert_same(&db.catalog(), &before);
    db.execute(&insert("later"));
    assert_eq!(noted(&db), ["policies"]);
    db.up("1.5").prints("Nothing to do");
}

#[test]
fn a_sequence_that_is_gone_costs_no_write_and_is_put_back() {
    let db = Database::finished();
    let before = db.catalog();
    db.execute("DROP SEQUENCE workspace_isolation.filled_public_policies, workspace_isolation.filled_public_audit_logs");
    db.execute(&insert("without"));
    db.execute("INSERT INTO audit_logs (tenant_id, action) VALUES (2, 'probe.without')");
    assert_eq!(
        workspace_of(&db, "without"),
        db.text("SELECT workspace_id FROM tenants WHERE id = 2")
    );
    db.validate("--phase 3")
        .is(1)
        .prints("guard/policies: sequence workspace_isolation.filled_public_policies, in which")
        .prints("next: migration up --phase 1.5");
    // A session that has met the gap notes again once it is closed.
    let mut writer = db.session("a writer");
    writer.execute(&insert("in the gap"));
    db.up("1.5");
    assert_same(&db.catalog(), &before);
    writer.execute(&insert("behind it"));
    assert_eq!(noted(&db), ["policies"]);
    db.validate("--phase 3").is(0);
}

#[test]
fn a_function_of_somebody_else_may_write_the_sequence_that_is_put_back() {
    let db = Database::guarded();
    db.role(
        "owner",
        "GRANT SELECT ON tenants TO {role};
         ALTER FUNCTION workspace_isolation.guard_public_policies() OWNER TO {role}",
    );
    // Until it may, it notes nothing, and costs no write.
    db.execute(&insert("unnoted"));
    assert_ne!(workspace_of(&db, "unnoted"), "NULL");
    assert_eq!(noted(&db).len(), 0);
    db.execute("DROP SEQUENCE workspace_isolation.filled_public_policies");
    db.up("1.5");
    db.execute(&insert("noted"));
    assert_eq!(noted(&db), ["policies"]);
}

#[test]
fn they_go_with_the_guard() {
    let db = Database::guarded();
    db.execute(&insert("new"));
    assert_ne!(sequences(&db), 0);
    db.migration("down --phase 1.5").is(0);
    assert_eq!(sequences(&db), 0);
    assert_same(&db.catalog(), &Database::columns().catalog());
    db.execute(&insert("behind it"));
}

#[test]
fn one_that_a_renamed_table_has_left_goes_with_the_schema() {
    let db = Database::guarded();
    db.execute("CREATE SEQUENCE workspace_isolation.filled_public_renamed");
    db.migration("down --phase 1 --yes").is(0);
    assert_same(&db.catalog(), &Database::legacy().catalog());
}
