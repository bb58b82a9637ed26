//! Bad input, and databases that are not ready: a clear answer, and nothing changed.

use super::missing;
use crate::harness::{Database, Tool, until};

#[test]
fn options_that_make_no_sense_are_usage_errors() {
    let db = Database::guarded();
    let refused = [
        "run --batch-size 0",
        "run --batch-size=-1",
        "run --batch-size abc",
        "run --workers 0",
        "run --max-rows 0",
        "run --workspace nonsense",
        "run --workspace 999999",
        "run --resume-from nonsense",
        "run --frobnicate",
        "frobnicate",
        "",
    ];
    db.untouched_by(|| refused.map(|words| db.backfill(words).is(2)));
}

#[test]
fn an_unknown_table_is_answered_with_the_known_ones() {
    let db = Database::guarded();
    let answer = db.backfill("run --table polices").is(2).says("polices");
    for table in rehearse::legacy::TABLES {
        assert!(answer.stderr.contains(table), "{}", answer.stderr);
    }
    answer.next("");
}

#[test]
fn phase_1_comes_first() {
    let db = Database::legacy();
    db.untouched_by(|| {
        db.backfill("run").is(1).next("migration up --phase 1");
        db.backfill("run --dry-run").is(1).next("migration up --phase 1");
    });
}

#[test]
fn a_role_that_may_not_write_is_told_before_anything_is_written() {
    let db = Database::guarded();
    let url = super::reader(&db);
    db.untouched_by(|| {
        let answer = db.tool("backfill").env("DATABASE_URL", &url).words("run").run().is(2);
        answer.says("UPDATE on").next("");
    });
}

#[test]
fn a_standby_is_refused() {
    let db = Database::guarded();
    let url = db.standby_url();
    db.tool("backfill").env("DATABASE_URL", &url).words("run").run().is(2).next("primary");
    db.tool("backfill").env("DATABASE_URL", &url).words("status").run().is(0);
}

#[test]
fn no_database_is_a_usage_error() {
    Tool::new("backfill").words("run").run().is(2).next("DATABASE_URL");
}

#[test]
fn a_table_somebody_has_locked_is_waited_for_and_the_rest_goes_on() {
    let db = Database::guarded();
    let rows = missing(&db);
    let mut holder = db.session("holder");
    holder.execute("BEGIN; LOCK TABLE findings IN SHARE MODE");
    // The plan reads; only writes are blocked.
    let mut child = db.tool("backfill").words("run --lock-timeout 50ms").spawn();
    until("the others go on", || {
        ["policies", "backup_items", "tenant_permissions"].iter().all(|table| {
            db.number(&format!("SELECT count(*) FROM {table} WHERE workspace_id IS NULL")) == 0
        })
    });
    assert!(db.number("SELECT count(*) FROM findings WHERE workspace_id IS NULL") > 0);
    holder.execute("ROLLBACK");
    assert!(child.wait().unwrap().success());
    assert_eq!((missing(&db), super::processed(&db)), (0, rows));
}

#[test]
fn a_role_with_exactly_the_rights_it_is_told_of_can_do_all_of_it() {
    let db = Database::guarded();
    let url = db.role("worker", "SELECT 1");
    let role = db.text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'test_%worker' AND rolname LIKE current_database() || '%'");
    db.execute(&format!("GRANT USAGE, CREATE ON SCHEMA workspace_isolation TO {role}"));
    let run = || db.tool("backfill").env("DATABASE_URL", &url).words("run").run();
    let refused = db.untouched_by(run).is(2);
    let told: Vec<_> = refused
        .stderr
        .lines()
        .map(str::trim)
        .filter_map(|line| line.split_once(" on "))
        .filter(|(right, _)| ["SELECT", "INSERT", "UPDATE", "DELETE", "USAGE"].contains(right))
        .collect();
    assert!(told.len() > 20, "{}", refused.stderr);
    for (right, object) in told {
        db.execute(&format!("GRANT {right} ON {object} TO {role}"));
    }
    run().is(0);
    assert_eq!(missing(&db), 0);
}

#[test]
fn what_rows_contain_is_not_repeated() {
    let db = Database::guarded();
    db.execute("ALTER TABLE policies ADD CONSTRAINT spoilt CHECK (id <> 9) NOT VALID");
    db.execute(
        "ALTER TABLE policies DISABLE TRIGGER USER; ALTER TABLE policies DROP CONSTRAINT spoilt;
         UPDATE policies SET metadata = '{\"token\": \"TOP-SECRET\"}' WHERE id = 9;
         ALTER TABLE policies ENABLE TRIGGER USER; ALTER TABLE policies ADD CONSTRAINT spoilt CHECK (id <> 9) NOT VALID",
    );
    let answer = db.backfill("run -vv --table policies").is(2).says("spoilt");
    assert!(!answer.stderr.contains("TOP-SECRET"), "{}", answer.stderr);
}

#[test]
fn in_a_deadlock_it_is_never_the_application_that_is_broken_off() {
    let db = Database::guarded();
    // The application has the last row and wants the first; the batch has the first and wants
    // the last. It is the batch that gives way, long before anybody looks for a deadlock.
    let last = db.number("SELECT max(id) FROM findings");
    let first = db.number("SELECT min(id) FROM findings");
    let mut application = db.session("tenantatlas");
    application.execute(&format!("BEGIN; UPDATE findings SET status = 'x' WHERE id = {last}"));
    let child = db.tool("backfill").words("run --table findings --workers 1").spawn();
    until("the batch waits", || {
        db.number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'workspace-isolation%' AND wait_event_type = 'Lock'") > 0
    });
    application.execute(&format!("UPDATE findings SET status = 'x' WHERE id = {first}; COMMIT"));
    crate::harness::Answer::of(child.wait_with_output().unwrap()).is(0);
    assert_eq!(db.number("SELECT count(*) FROM findings WHERE workspace_id IS NULL"), 0);
}
