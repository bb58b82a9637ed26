//! Keys lock two tables. An application that has written the one and wants the other next must not
//! end in a deadlock because of us, however long it has been waiting already.

use super::waits_for;
use crate::harness::{Answer, Database, until};

/// `first` writes a tenant. `second` has written a policy, wants that tenant too, and is in line
/// for longer than `deadlock_timeout` when the rollout comes to the key between the two tables.
fn the_application_goes_through(db: &Database, command: &str, waited_for: &str) {
    db.execute(&format!("ALTER DATABASE {} SET deadlock_timeout = '200ms'", db.name()));
    let mut first = db.session("first");
    let mut second = db.session("second");
    let tenant = "UPDATE tenants SET name = name WHERE id = 1";
    first.execute(&format!("BEGIN; {tenant}"));
    second.execute("BEGIN; UPDATE policies SET display_name = 'x' WHERE id = 1");
    // So patient that neither counts as somebody who is not worth waiting for.
    let child = db.tool("migration").words(command).words("--lock-timeout 60s").spawn();
    until("the rollout is in line", || waits_for(db, waited_for));
    let blocked = std::thread::spawn(move || {
        second.execute(&format!("{tenant}; COMMIT"));
    });
    until("the second waits as well", || {
        db.number("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'second' AND wait_event_type = 'Lock'
                   AND datname = current_database() AND query_start < clock_timestamp() - interval '1 s'") == 1
    });
    first.execute("COMMIT");
    blocked.join().expect("no deadlock is broken with the application");
    Answer::of(child.wait_with_output().expect("wait")).is(0);
}

/// A database on which the next statement of phase 3 is the key of the policies to the tenants.
fn before_the_key() -> Database {
    let db = Database::bound();
    let mut session = db.session("the test");
    let steps = db.plan("3");
    let is_key = |sql: &String| sql.contains("policies_tenant_id_workspace_id_foreign");
    let before = steps.iter().take_while(|step| !step.main().is_some_and(is_key));
    before.for_each(|step| step.run(&mut session));
    db
}

#[test]
fn adding_a_key_is_never_what_an_application_ends_in_a_deadlock_with() {
    the_application_goes_through(&before_the_key(), "up --phase 3", "policies");
}

#[test]
fn dropping_a_key_is_never_what_an_application_ends_in_a_deadlock_with() {
    let db = Database::finished();
    // What goes before the key of the policies is gone already.
    for table in ["tenant_permissions", "audit_logs"] {
        assert!(db.number(&format!("SELECT count(*) FROM {table}")) > 0);
    }
    db.execute("ALTER TABLE audit_logs DROP CONSTRAINT audit_logs_workspace_required_check");
    for table in rehearse::legacy::TABLES {
        db.execute(&format!("ALTER TABLE {table} ALTER COLUMN workspace_id DROP NOT NULL"));
    }
    the_application_goes_through(&db, "down --phase 3", "tenants");
}
