//! What would break a binding is rejected, with names and both values.

use super::{
    another_workspace, insert_policy, unclaimed_tenant, workspace_of, workspace_of_tenant,
};
use crate::harness::{Database, SqlError};

/// Asserts a rejection about this column that names all of this.
#[track_caller]
fn is_rejected(error: &SqlError, table: &str, column: &str, says: &[&str]) {
    assert_eq!(error.code, "23514", "{error:?}");
    assert_eq!((error.table.as_str(), error.column.as_str()), (table, column), "{error:?}");
    for words in says {
        assert!(error.message.contains(words), "no `{words}`: {error:?}");
    }
}

#[test]
fn an_insert_into_another_workspace_is_rejected() {
    let db = Database::guarded();
    let (own, other) = (workspace_of_tenant(&db, "2"), another_workspace(&db, "2"));
    let error = db.refused(&insert_policy("2", "smuggled", &[("workspace_id", &other)]));
    let values = [
        &format!("policies.workspace_id is {other}"),
        &format!("tenant_id 2 belongs to workspace {own}"),
    ];
    is_rejected(&error, "policies", "workspace_id", &values.map(String::as_str));
}

#[test]
fn an_update_to_another_workspace_is_rejected() {
    let db = Database::bound();
    let other = another_workspace(&db, "(SELECT tenant_id FROM policies WHERE id = 1)");
    let own = db.text("SELECT workspace_id FROM policies WHERE id = 1");
    let error = db.refused(&format!("UPDATE policies SET workspace_id = {other} WHERE id = 1"));
    let values = [format!("is {other}"), format!("workspace {own}")];
    is_rejected(&error, "policies", "workspace_id", &[&values[0], &values[1]]);
    assert_eq!(db.text("SELECT workspace_id FROM policies WHERE id = 1"), own);
}

#[test]
fn an_unbound_row_cannot_be_bound_to_another_workspace() {
    let db = Database::guarded();
    let other = another_workspace(&db, "(SELECT tenant_id FROM policies WHERE id = 1)");
    let error = db.refused(&format!("UPDATE policies SET workspace_id = {other} WHERE id = 1"));
    is_rejected(&error, "policies", "workspace_id", &[&format!("is {other}")]);
}

#[test]
fn copy_and_upsert_into_another_workspace_are_rejected() {
    let db = Database::guarded();
    let other = another_workspace(&db, "2");
    db.execute(&insert_policy("2", "there", &[]));
    let upsert = format!(
        "{} ON CONFLICT (tenant_id, external_id, policy_type) DO UPDATE SET workspace_id = {other}",
        insert_policy("2", "there", &[])
    );
    is_rejected(&db.refused(&upsert), "policies", "workspace_id", &[&format!("is {other}")]);
    let many = format!(
        "INSERT INTO policies (tenant_id, external_id, policy_type, display_name, workspace_id)
         SELECT 2, 'n' || i, 'x', 'x', CASE WHEN i = 50 THEN {other} END FROM generate_series(1, 50) i"
    );
    is_rejected(&db.refused(&many), "policies", "workspace_id", &[&format!("is {other}")]);
    assert_eq!(
        db.number("SELECT count(*) FROM policies WHERE policy_type = 'x'"),
        0,
        "all or nothing"
    );
}

#[test]
fn a_changed_tenant_is_rejected_bound_or_not() {
    for db in [Database::guarded(), Database::bound(), Database::finished()] {
        let error = db.refused("UPDATE policies SET tenant_id = tenant_id % 3 + 1 WHERE id = 1");
        let tenant = db.number("SELECT tenant_id FROM policies WHERE id = 1");
        let change =
            format!("policies.tenant_id cannot change from {tenant} to {}", tenant % 3 + 1);
        is_rejected(&error, "policies", "tenant_id", &[&change]);
    }
}

#[test]
fn a_changed_tenant_is_rejected_even_within_its_workspace() {
    let db = Database::bound();
    db.execute("INSERT INTO tenants (external_id, name, workspace_id) SELECT gen_random_uuid(), 'sibling', workspace_id FROM tenants WHERE id = (SELECT tenant_id FROM policies WHERE id = 1)");
    let error =
        db.refused("UPDATE policies SET tenant_id = (SELECT max(id) FROM tenants) WHERE id = 1");
    is_rejected(&error, "policies", "tenant_id", &["cannot change from"]);
}

#[test]
fn a_tenants_workspace_is_set_once_and_for_all() {
    let db = Database::guarded();
    let tenant = unclaimed_tenant(&db);
    let set =
        |value: &str| format!("UPDATE tenants SET workspace_id = {value} WHERE id = {tenant}");
    db.execute(&set("1"));
    db.execute(&set("1"));
    db.execute(&format!("UPDATE tenants SET name = 'renamed' WHERE id = {tenant}"));
    let error = db.refused(&set("2"));
    is_rejected(
        &error,
        "tenants",
        "workspace_id",
        &[&format!("tenants.workspace_id of {tenant} cannot change from 1 to 2")],
    );
    is_rejected(
        &db.refused(&set("NULL")),
        "tenants",
        "workspace_id",
        &["cannot change from 1 to NULL"],
    );
    assert_eq!(workspace_of_tenant(&db, &tenant), "1");
}

#[test]
fn before_phase_1_5_and_after_going_back_a_tenant_can_still_move() {
    let moves = |db: &Database| {
        db.execute("UPDATE tenants SET workspace_id = workspace_id % 2 + 1 WHERE id = 1");
    };
    let db = Database::columns();
    moves(&db);
    db.up("1.5");
    let error = db.refused("UPDATE tenants SET workspace_id = workspace_id % 2 + 1 WHERE id = 1");
    is_rejected(&error, "tenants", "workspace_id", &["cannot change"]);
    db.migration("down --phase 1.5").is(0);
    moves(&db);
}

#[test]
fn a_row_for_a_tenant_without_a_workspace_cannot_name_one() {
    let db = Database::guarded();
    let tenant = unclaimed_tenant(&db);
    let error = db.refused(&insert_policy(&tenant, "early", &[("workspace_id", "1")]));
    let belongs = format!("tenant_id {tenant} belongs to no workspace");
    is_rejected(&error, "policies", "workspace_id", &["policies.workspace_id is 1", &belongs]);
}

#[test]
fn a_tenant_that_does_not_exist_is_refused_as_ever_by_its_foreign_key() {
    let db = Database::guarded();
    let error = db.refused(&insert_policy("999999", "lost", &[]));
    assert_eq!(error.code, "23503", "{error:?}");
}

#[test]
fn the_backfills_setting_lets_unbound_rows_by_and_nothing_else() {
    let db = Database::guarded();
    let mut session = db.session("backfill");
    session.execute("SET workspace_isolation.backfill = 'on'");
    session.execute("UPDATE policies SET workspace_id = t.workspace_id FROM tenants t WHERE t.id = tenant_id AND policies.id <= 5");
    let noted = "SELECT count(*) FROM workspace_isolation.bound_by_guard";
    assert_eq!(db.number(noted), 0, "the backfill counts for itself");
    let other = another_workspace(&db, "(SELECT tenant_id FROM policies WHERE id = 1)");
    let error =
        session.refused(&format!("UPDATE policies SET workspace_id = {other} WHERE id = 1"));
    is_rejected(&error, "policies", "workspace_id", &[&format!("is {other}")]);
    let error = session.refused("UPDATE policies SET tenant_id = tenant_id % 3 + 1 WHERE id = 6");
    is_rejected(&error, "policies", "tenant_id", &["cannot change"]);
    let error = session.refused(&insert_policy(
        "2",
        "smuggled",
        &[("workspace_id", &another_workspace(&db, "2"))],
    ));
    is_rejected(&error, "policies", "workspace_id", &["belongs to workspace"]);
    session.execute(&insert_policy("2", "derived", &[]));
    assert_eq!(workspace_of(&db, "derived"), workspace_of_tenant(&db, "2"));
    let error = session.refused("UPDATE tenants SET workspace_id = NULL WHERE id = 1");
    is_rejected(&error, "tenants", "workspace_id", &["cannot change"]);
}
