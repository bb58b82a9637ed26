//! Somebody else is at it, or in the way: refused by name, and the same command goes through
//! once they are gone.

use std::process::Command;

use isolation::session::rollout_lock::Claim;

use super::refused;
use crate::harness::{Answer, Database, assert_same, until};

#[test]
fn while_another_command_holds_the_rollout_lock_it_is_named() {
    let db = Database::columns();
    let mut holder = db.session("a colleague's rollout");
    let (class, key) = Claim::Schema.keys();
    holder.execute(&format!("SELECT pg_advisory_lock({class}, {key})"));
    for words in ["up --phase 1.5", "down --phase 1.5"] {
        let answer = refused(&db, 1, || db.migration(words));
        answer
            .says("another command of the rollout is running: a colleague's rollout (pid ")
            .says(&format!("(pid {}, since ", holder.pid()))
            .next("wait until it has ended, then run the same command again");
    }
    drop(holder);
    db.up("1.5");
}

#[test]
fn whoever_stops_it_is_told_what_goes_on() {
    let db = Database::columns();
    for words in ["down --phase 1 --yes", "up --phase 1.5"] {
        let mut writer = db.session("a writer");
        writer.execute("BEGIN; LOCK TABLE policies IN ROW EXCLUSIVE MODE");
        let child = db.tool("migration").words(words).words("--lock-retries 1000").spawn();
        let holder = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        until("the command is at it", || db.number(holder) > 0);
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let answer = Answer::of(child.wait_with_output().unwrap()).is(75);
        let next = format!("next: migration {words}");
        assert_eq!(answer.stderr.lines().last(), Some(next.as_str()), "{}", answer.stderr);
    }
    db.migration("--help").is(0).prints("75 stopped before the end");
}

#[test]
fn of_two_ups_at_once_the_second_names_the_first() {
    let db = Database::legacy();
    let mut blocker = db.session("the application");
    blocker.execute("BEGIN; LOCK TABLE policies IN ACCESS SHARE MODE");
    let first = db.tool("migration").words("up --phase 1 --lock-retries 1000").spawn();
    let holder = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted \
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    until("the first holds the rollout lock", || db.number(holder) == 1);
    let second = db.migration("up --phase 1");
    second
        .is(1)
        .says("another command of the rollout is running: workspace-isolation migration (pid ")
        .next("wait until it has ended");
    blocker.execute("ROLLBACK");
    Answer::of(first.wait_with_output().expect("wait for the first")).is(0);
    assert_same(&db.catalog(), &Database::columns().catalog());
    db.up("1").prints("Nothing to do");
}

#[test]
fn two_databases_do_not_wait_for_each_other() {
    let (one, other) = (Database::columns(), Database::columns());
    let mut holder = one.session("a colleague's rollout");
    let (class, key) = Claim::Schema.keys();
    holder.execute(&format!("SELECT pg_advisory_lock({class}, {key})"));
    other.up("1.5");
    drop(holder);
}

/// A session that holds a lock on a table keeps the phase from going on, by name.
fn gives_way_to(db: &Database, phase: &str, lock: &str) {
    let mut blocker = db.session("nightly report");
    blocker.execute(&format!("BEGIN; {lock}"));
    let up = format!("up --phase {phase} --lock-timeout 400ms --lock-retries 1");
    let answer = db.migration(&up).is(1);
    answer
        .says("failed to get the lock for `")
        .says("in 2 tries")
        .says(&format!("in the way: pid {} (nightly report, idle in transaction", blocker.pid()))
        .next("end the sessions named above, or wait, and run the same command again");
    blocker.execute("ROLLBACK");
    db.migration(&up).is(0);
}

#[test]
fn a_table_that_is_locked_for_reading_holds_phase_1_up_by_name() {
    let db = Database::legacy();
    gives_way_to(&db, "1", "SELECT count(*) FROM findings");
    assert_same(&db.catalog(), &Database::columns().catalog());
}

#[test]
fn a_table_that_is_locked_altogether_holds_every_phase_up_by_name() {
    for (db, phase) in [(Database::legacy(), "1"), (Database::columns(), "1.5")] {
        gives_way_to(&db, phase, "LOCK TABLE policies IN ACCESS EXCLUSIVE MODE");
    }
}

#[test]
fn a_table_that_is_locked_altogether_holds_phase_3_up_by_name() {
    gives_way_to(&Database::bound(), "3", "LOCK TABLE policies IN ACCESS EXCLUSIVE MODE");
}

#[test]
fn a_table_that_is_locked_altogether_holds_the_way_back_up_by_name() {
    let db = Database::guarded();
    let mut blocker = db.session("nightly report");
    blocker.execute("BEGIN; LOCK TABLE policies IN ACCESS EXCLUSIVE MODE");
    let down = "down --phase 1.5 --lock-timeout 400ms --lock-retries 1";
    let answer = db.migration(down).is(1);
    answer
        .says(&format!("in the way: pid {} (nightly report, idle in transaction", blocker.pid()))
        .next("end the sessions named above");
    blocker.execute("ROLLBACK");
    db.migration(down).is(0);
    assert_same(&db.catalog(), &Database::columns().catalog());
}

#[test]
fn to_ask_what_is_applied_or_still_to_run_is_answered_or_names_who_is_in_the_way() {
    for (db, must_answer) in [(Database::legacy(), true), (Database::finished(), false)] {
        let mut blocker = db.session("nightly report");
        blocker.execute("BEGIN; LOCK TABLE policies, tenants, audit_logs IN ACCESS EXCLUSIVE MODE");
        for words in ["status", "plan"] {
            let answer = db.migration(&format!("{words} --lock-timeout 50ms"));
            if must_answer || answer.status == 0 {
                answer.is(0);
                continue;
            }
            answer
                .is(1)
                .says(&format!("pid {} (nightly report", blocker.pid()))
                .next("end the sessions named above");
        }
        blocker.execute("ROLLBACK");
    }
}

#[test]
fn a_row_that_is_being_written_holds_phase_3_up_by_name() {
    let db = Database::bound();
    gives_way_to(&db, "3", "UPDATE policies SET display_name = 'x' WHERE id = 1");
    assert_same(&db.catalog(), &Database::finished().catalog());
}

#[test]
fn even_the_shortest_wait_names_who_is_in_the_way() {
    let db = Database::legacy();
    let mut blocker = db.session("nightly report");
    blocker.execute("BEGIN; LOCK TABLE policies IN ACCESS EXCLUSIVE MODE");
    let up = "up --phase 1 --lock-timeout 50ms --lock-retries 1";
    let answer = db.migration(up).is(1);
    answer
        .says(&format!("pid {} (nightly report", blocker.pid()))
        .next("end the sessions named above");
    blocker.execute("ROLLBACK");
    db.migration(up).is(0);
}

#[test]
fn phases_that_wait_for_a_locked_table_hold_no_other_lock_meanwhile() {
    let db = Database::legacy();
    let mut blocker = db.session("nightly report");
    blocker.execute("BEGIN; LOCK TABLE findings IN ACCESS SHARE MODE");
    let rollout = db.tool("migration").words("up --phase 1 --lock-timeout 60s").spawn();
    let held = "SELECT DISTINCT c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
                JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_namespace n ON n.oid = c.relnamespace \
                WHERE a.application_name = 'workspace-isolation migration' AND a.datname = current_database() \
                AND l.mode = 'AccessExclusiveLock' AND c.relkind = 'r' AND n.nspname = 'public'";
    until("the rollout waits for findings", || {
        db.texts(&format!("{held} AND NOT l.granted")) == ["findings"]
    });
    assert!(db.texts(&format!("{held} AND l.granted")).is_empty());
    blocker.execute("ROLLBACK");
    Answer::of(rollout.wait_with_output().expect("wait for the rollout")).is(0);
}
