//! What the write guard notes, what it does not, and what that costs whom.

use super::{insert, noted, set_back};
use crate::harness::{Database, Session, until};

const NONE: [&str; 0] = [];

#[test]
fn a_row_without_its_workspace_is_noted_by_the_second() {
    let db = Database::guarded();
    assert_eq!(noted(&db), NONE);
    let begun = db.number("SELECT floor(date_part('epoch', clock_timestamp()))::bigint");
    db.execute(&insert("new"));
    let ended = db.number("SELECT floor(date_part('epoch', clock_timestamp()))::bigint");
    assert_eq!(noted(&db), ["policies"]);
    let at = db.number("SELECT last_value FROM workspace_isolation.filled_public_policies");
    assert!((begun..=ended).contains(&at), "{begun} <= {at} <= {ended}");
}

#[test]
fn an_audit_row_without_its_workspace_is_noted() {
    let db = Database::guarded();
    db.execute("INSERT INTO audit_logs (action) VALUES ('probe.system')");
    db.execute("INSERT INTO audit_logs (workspace_id, tenant_id, action) SELECT workspace_id, id, 'probe' FROM tenants WHERE id = 2");
    assert_eq!(noted(&db), NONE);
    db.execute("INSERT INTO audit_logs (tenant_id, action) VALUES (2, 'probe.derived')");
    assert_eq!(noted(&db), ["audit_logs"]);
}

#[test]
fn a_row_with_its_workspace_is_not_noted() {
    let db = Database::guarded();
    db.execute(
        "INSERT INTO policies (workspace_id, tenant_id, external_id, policy_type, display_name)
         SELECT workspace_id, id, 'given', 'x', 'x' FROM tenants WHERE id = 2",
    );
    assert_eq!(noted(&db), NONE);
}

#[test]
fn neither_the_backfill_nor_an_update_that_binds_an_unbound_row_is_noted() {
    let db = Database::guarded();
    db.execute("UPDATE policies SET display_name = 'renamed' WHERE id <= 10");
    db.bind();
    assert_eq!((db.unbound(), noted(&db).len()), (0, 0));
    let db = Database::guarded();
    db.backfill("run").is(0);
    assert_eq!(noted(&db), NONE, "and neither is its trail");
}

#[test]
fn an_update_that_takes_the_workspace_from_a_bound_row_is_noted() {
    let db = Database::bound();
    db.execute("UPDATE policies SET display_name = 'renamed', workspace_id = workspace_id");
    assert_eq!(noted(&db), NONE);
    db.execute("UPDATE policies SET workspace_id = NULL WHERE id = 1");
    assert_eq!(noted(&db), ["policies"]);
}

#[test]
fn a_tenant_that_no_workspace_has_claimed_leaves_nothing_to_fill_in() {
    let db = Database::guarded();
    db.execute("INSERT INTO tenants (external_id, name) VALUES (gen_random_uuid(), 'unclaimed')");
    db.execute(
        "INSERT INTO policies (tenant_id, external_id, policy_type, display_name)
         SELECT max(id), 'early', 'x', 'x' FROM tenants",
    );
    assert_eq!(noted(&db), NONE);
}

#[test]
fn an_insert_that_was_rolled_back_was_sent_by_old_code_all_the_same() {
    let db = Database::guarded();
    let mut writer = db.session("a writer");
    writer.execute(&format!("BEGIN; {}; ROLLBACK", insert("gone")));
    assert_eq!(noted(&db), ["policies"]);
}

#[test]
fn a_clock_that_was_set_back_is_followed() {
    let db = Database::guarded();
    set_back(&db, "policies", -3600);
    db.execute(&insert("new"));
    let ahead = "SELECT last_value - date_part('epoch', clock_timestamp()) > 60 FROM workspace_isolation.filled_public_policies";
    assert_eq!(db.text(ahead), "false");
}

/// Whether this session has written the sequence: `currval` knows no other.
fn has_noted(session: &mut Session) -> bool {
    session.try_execute("SELECT currval('workspace_isolation.filled_public_policies')").is_ok()
}

#[test]
fn a_second_that_is_noted_already_is_not_written_again() {
    let db = Database::guarded();
    let mut attempts = 0;
    // The second may turn between the two; not every time.
    until("a second writer of the same second has only read", || {
        attempts += 1;
        let (mut first, mut second) = (db.session("first"), db.session("second"));
        first.execute(&insert(&format!("first-{attempts}")));
        second.execute(&insert(&format!("second-{attempts}")));
        !has_noted(&mut second)
    });
}

#[test]
fn writers_that_note_at_once_do_not_wait_for_each_other() {
    let db = Database::guarded();
    let mut writers: Vec<_> = (0..20).map(|_| db.session("a writer")).collect();
    for (number, writer) in writers.iter_mut().enumerate() {
        // Each has a second of its own to note, while all before it are in the midst of it.
        set_back(&db, "policies", 3600);
        writer.execute("SET lock_timeout = '1s'; BEGIN");
        writer.execute(&insert(&format!("at-once-{number}")));
        assert!(has_noted(writer));
    }
    for writer in &mut writers {
        writer.execute("COMMIT");
    }
    assert_eq!(db.number("SELECT count(*) FROM policies WHERE external_id LIKE 'at-once-%'"), 20);
}

#[test]
fn what_the_application_asks_of_its_own_sequences_stays_as_it_was() {
    let db = Database::guarded();
    let mut writer = db.session("a writer");
    let id = writer.text(&format!("{} RETURNING id::text", insert("new")));
    assert_eq!(noted(&db), ["policies"]);
    assert_eq!(writer.text("SELECT lastval()::text"), id);
}
