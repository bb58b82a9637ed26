//! The guard asks the real tenants, whoever writes and whatever their session is set to.

use super::{insert_policy, workspace_of, workspace_of_tenant};
use crate::harness::{Database, Session};

/// A role that may write policies and nothing else.
fn clerk(db: &Database) -> Session {
    let url = db.role(
        "clerk",
        "GRANT SELECT, INSERT, UPDATE ON policies TO {role}; GRANT USAGE ON SEQUENCE policies_id_seq TO {role}",
    );
    Session::open(&url, "the clerk")
}

#[test]
fn a_role_that_may_not_read_the_tenants_may_still_write() {
    let db = Database::guarded();
    let mut clerk = clerk(&db);
    assert_eq!(clerk.refused("SELECT count(*) FROM tenants").code, "42501");
    clerk.execute(&insert_policy("2", "by the clerk", &[]));
    assert_eq!(workspace_of(&db, "by the clerk"), workspace_of_tenant(&db, "2"));
    clerk.execute("UPDATE policies SET display_name = 'renamed' WHERE id = 1");
    let unbound = db.text("SELECT workspace_id FROM policies WHERE id = 1");
    assert_ne!(unbound, "NULL", "an update of an unbound row derives for the clerk too");
    let error = clerk.refused("UPDATE policies SET tenant_id = tenant_id % 3 + 1 WHERE id = 1");
    assert_eq!(error.code, "23514");
}

#[test]
fn row_level_security_on_the_tenants_hides_nothing_from_the_guard() {
    let db = Database::guarded();
    let mut clerk = clerk(&db);
    db.execute(&format!(
        "ALTER TABLE tenants ENABLE ROW LEVEL SECURITY; GRANT SELECT ON tenants TO {0}_clerk;
         CREATE POLICY none ON tenants FOR SELECT TO {0}_clerk USING (false)",
        db.name()
    ));
    assert_eq!(clerk.text("SELECT count(*)::text FROM tenants"), "0");
    clerk.execute(&insert_policy("2", "unseen tenant", &[]));
    assert_eq!(workspace_of(&db, "unseen tenant"), workspace_of_tenant(&db, "2"));
}

#[test]
fn a_table_tenants_of_another_schema_on_the_search_path_does_not_fool_it() {
    let db = Database::guarded();
    db.execute(
        "CREATE SCHEMA evil; CREATE TABLE evil.tenants (id bigint, workspace_id bigint); INSERT INTO evil.tenants VALUES (2, 99)",
    );
    let mut session = db.session("an attacker");
    session.execute("SET search_path = evil, public");
    assert_eq!(session.text("SELECT workspace_id::text FROM tenants WHERE id = 2"), "99");
    session.execute(&insert_policy("2", "fooled", &[]));
    assert_eq!(workspace_of(&db, "fooled"), workspace_of_tenant(&db, "2"));
}

#[test]
fn temporary_tables_functions_and_operators_do_not_fool_it() {
    let db = Database::guarded();
    let mut session = db.session("an attacker");
    session.execute(
        "CREATE TEMP TABLE tenants (id bigint, workspace_id bigint); INSERT INTO tenants VALUES (2, 99);
         CREATE SCHEMA evil;
         CREATE FUNCTION evil.always(bigint, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
         CREATE OPERATOR evil.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = evil.always);
         CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS 'SELECT ''fooled''';
         SET search_path = pg_temp, evil, public, pg_catalog",
    );
    session.execute(&insert_policy("2", "temporary", &[]));
    assert_eq!(workspace_of(&db, "temporary"), workspace_of_tenant(&db, "2"));
    let error = session.refused(&insert_policy("2", "mismatch", &[("workspace_id", "99")]));
    assert_eq!(error.code, "23514");
    assert!(error.message.contains("policies.workspace_id is 99"), "{error:?}");
}

#[test]
fn nobody_else_may_attach_the_guards_functions_to_tables_of_their_own() {
    let db = Database::guarded();
    let url = db.role("outsider", "GRANT USAGE ON SCHEMA workspace_isolation TO {role}; GRANT CREATE ON SCHEMA public TO {role}");
    let mut outsider = Session::open(&url, "an outsider");
    outsider.execute("CREATE TABLE bait (tenant_id bigint, workspace_id bigint)");
    let error = outsider.refused(
        "CREATE TRIGGER spy BEFORE INSERT ON bait FOR EACH ROW EXECUTE FUNCTION workspace_isolation.guard_public_policies()",
    );
    assert_eq!(error.code, "42501", "{error:?}");
    assert!(error.message.contains("guard_public_policies"), "{error:?}");
}

#[test]
fn names_are_quoted_where_the_session_asks_for_it_and_nothing_changes() {
    let db = Database::guarded();
    db.execute(&format!("ALTER DATABASE {} SET quote_all_identifiers = on", db.name()));
    db.up("1.5").prints("Nothing to do");
    db.execute(&format!("ALTER DATABASE {} SET standard_conforming_strings = off", db.name()));
    db.up("1.5").prints("Nothing to do");
    db.migration("down --phase 1.5").is(0);
    db.up("1.5");
    db.execute(&insert_policy("2", "new", &[]));
    assert_eq!(workspace_of(&db, "new"), workspace_of_tenant(&db, "2"));
}
