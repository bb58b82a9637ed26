//! The line in front of a lock: the rollout gets in only where it is worth while, and leaves it in
//! good order whatever becomes of its process.

use std::process::Command;

use super::waits_for;
use crate::harness::{Answer, Database, assert_same, until};

#[test]
fn nobody_waits_behind_the_rollout_while_somebody_stays_for_long() {
    let db = Database::legacy();
    let mut report = db.session("nightly report");
    report.execute("BEGIN; SELECT count(*) FROM policies");
    let begun = std::time::Instant::now();
    until("the report has been at it for longer than a try", || begun.elapsed().as_millis() > 500);
    let up = "up --phase 1 --lock-timeout 400ms --lock-retries 1000";
    let mut child = db.tool("migration").words(up).spawn();
    let mut reader = db.session("the application");
    reader.execute("SET lock_timeout = '100ms'");
    while begun.elapsed().as_millis() < 4000 {
        reader.execute("SELECT count(*) FROM policies");
        assert!(child.try_wait().expect("its state").is_none(), "it does not get by");
    }
    report.execute("COMMIT");
    Answer::of(child.wait_with_output().expect("wait"))
        .is(0)
        .says("waiting for pid")
        .says("nightly report");
    assert_same(&db.catalog(), &Database::columns().catalog());
}

/// A laptop that sleeps, a network that is gone: the server must not wait for us under a lock.
#[test]
fn a_process_that_stands_still_keeps_nobody_waiting() {
    let db = Database::finished();
    let mut reader = db.session("the application");
    reader.execute("BEGIN; SELECT count(*) FROM audit_logs");
    let child = db.tool("migration").words("down --phase 3 --lock-timeout 20s").spawn();
    until("the rollout is in line", || waits_for(&db, "audit_logs"));
    let signal = |name: &str| {
        let pid = child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    };
    signal("-STOP");
    reader.execute("COMMIT; SET lock_timeout = '2s'");
    until("the rollout has had its turn", || !waits_for(&db, "audit_logs"));
    reader.execute(
        "SELECT count(*) FROM audit_logs; UPDATE audit_logs SET action = action WHERE id = 1",
    );
    signal("-CONT");
    Answer::of(child.wait_with_output().expect("wait")).is(0);
    assert_same(&db.catalog(), &Database::bound().catalog());
}

#[test]
fn somebody_who_has_a_table_locked_altogether_is_waited_for_as_often_as_asked() {
    let db = Database::bound();
    let mut blocker = db.session("nightly load");
    blocker.execute("BEGIN; LOCK TABLE policies IN ACCESS EXCLUSIVE MODE");
    let begun = std::time::Instant::now();
    let up = "up --phase 3 --lock-timeout 100ms --lock-retries 1000";
    let mut child = db.tool("migration").words(up).spawn();
    until("many tries", || begun.elapsed().as_millis() > 5000);
    assert!(child.try_wait().expect("its state").is_none(), "it waits on");
    blocker.execute("COMMIT");
    Answer::of(child.wait_with_output().expect("wait")).is(0);
}

#[test]
fn the_texts_in_a_query_that_is_in_the_way_are_nobodys_business() {
    let db = Database::legacy();
    let mut writer = db.session("the application");
    writer.execute("BEGIN");
    writer.execute(
        "UPDATE policies SET display_name = 'hunter''2', platform = $$secret$$ WHERE id = 1",
    );
    let up = "up --phase 1 --lock-timeout 300ms --lock-retries 1";
    let answer = db.migration(up).is(1);
    answer.says("UPDATE policies SET display_name = '…', platform = $…$ WHERE id = 1");
    let plan = db.migration("plan --long-transaction 1ms").is(0);
    let plan = plan.prints("UPDATE policies SET display_name = '…', platform = $…$ WHERE id = 1");
    assert!(!plan.stdout.contains("hunter") && !plan.stdout.contains("secret"), "{}", plan.stdout);
}
