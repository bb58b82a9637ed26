//! Who may not: a role without the rights, a server that takes no writes.

use super::refused;
use crate::harness::{Database, assert_same};

#[test]
fn a_role_that_owns_nothing_is_told_what_it_lacks_before_anything_is_made() {
    let db = Database::legacy();
    let url = db.role(
        "app",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    );
    let answer =
        refused(&db, 2, || Database::tool_at(&url, "migration").words("up --phase 1").run());
    answer
        .says(&format!("role {}_app lacks privileges", db.name()))
        .says(&format!("CREATE on database {}", db.name()))
        .says("ownership of table public.policies")
        .says("ownership of table public.audit_logs")
        .says("ownership of table public.tenants")
        .next("connect as the owner of these tables");
}

#[test]
fn a_role_that_owns_nothing_takes_nothing_back() {
    let db = Database::finished();
    let url = db.role("app", "GRANT pg_read_all_data TO {role}");
    for phase in ["3", "1.5", "1 --yes"] {
        let down = format!("down --phase {phase}");
        let answer = refused(&db, 2, || Database::tool_at(&url, "migration").words(&down).run());
        answer
            .says("ownership of table public.policies")
            .next("connect as the owner of these tables");
    }
}

#[test]
fn the_tables_owner_needs_to_be_no_superuser() {
    let db = Database::legacy();
    let url = db.role(
        "owner",
        &format!(
            "GRANT CREATE ON DATABASE {} TO {{role}}; GRANT CREATE ON SCHEMA public TO {{role}};
             DO $$ DECLARE t text; BEGIN
                 FOR t IN SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                 LOOP EXECUTE format('ALTER TABLE %s OWNER TO {{role}}', t); END LOOP;
             END $$",
            db.name()
        ),
    );
    let before = db.catalog();
    for phase in ["1", "1.5", "3"] {
        if phase == "3" {
            db.bind();
        }
        Database::tool_at(&url, "migration").words("up --phase").arg(phase).run().is(0);
    }
    Database::tool_at(&url, "validate").words("--phase 3").run().is(0);
    Database::tool_at(&url, "migration").words("down --phase 1 --yes").run().is(0);
    assert_same(&db.catalog(), &before);
}

#[test]
fn a_hot_standby_takes_no_writes() {
    let db = Database::columns();
    let url = db.standby_url();
    for words in ["up --phase 1", "up --phase 1.5", "down --phase 1 --yes"] {
        let answer = refused(&db, 2, || Database::tool_at(&url, "migration").words(words).run());
        answer.says("the server is a standby").next("connect to the primary");
    }
    Database::tool_at(&url, "migration").words("status").run().is(0).prints("applied");
    Database::tool_at(&url, "migration").words("plan").run().is(0);
}
