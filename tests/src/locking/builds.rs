//! Index builds: they take the time they need and no more, nothing of ours keeps them waiting, and
//! one that a deadlock was broken with is made again.

use crate::harness::{Answer, Database, Session, assert_same, until};

/// A transaction with a snapshot, which every index build of its database waits for.
fn old_snapshot(db: &Database) -> Session {
    let mut session = db.session("nightly report");
    session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM workspaces");
    session
}

const BUILDERS: &str = "SELECT count(*) FROM pg_stat_progress_create_index p
     JOIN pg_locks l ON l.pid = p.pid AND NOT l.granted
     WHERE p.datname = current_database()";

const OPEN_TRANSACTIONS: &str = "SELECT left(query, 25) FROM pg_stat_activity
     WHERE datname = current_database() AND xact_start IS NOT NULL
       AND application_name LIKE 'workspace-isolation %'";

#[test]
fn while_an_index_is_built_no_other_transaction_of_ours_is_open() {
    let db = Database::legacy();
    let mut report = old_snapshot(&db);
    let child = db.tool("migration").words("up --phase 1").spawn();
    until("the build waits for the report", || db.number(BUILDERS) == 1);
    // Whoever looks for what is in the way looks for an instant.
    until("only the build is open", || {
        db.texts(OPEN_TRANSACTIONS) == ["CREATE INDEX CONCURRENTLY"]
    });
    report.execute("COMMIT");
    Answer::of(child.wait_with_output().expect("wait")).is(0);
}

#[test]
fn the_short_lock_timeout_does_not_cut_a_build() {
    let db = Database::legacy();
    let mut report = old_snapshot(&db);
    let up = "up --phase 1 --lock-timeout 10ms --lock-retries 0";
    let child = db.tool("migration").words(up).spawn();
    until("the build waits for the report", || db.number(BUILDERS) == 1);
    let begun = std::time::Instant::now();
    until("a second", || begun.elapsed().as_millis() > 1000);
    report.execute("COMMIT");
    Answer::of(child.wait_with_output().expect("wait")).is(0);
    assert_same(&db.catalog(), &Database::columns().catalog());
}

#[test]
fn a_build_that_takes_longer_than_it_may_is_given_up_and_made_anew_by_the_same_command() {
    let db = Database::legacy();
    let mut report = old_snapshot(&db);
    let up = "up --phase 1 --index-timeout 1s";
    db.migration(up)
        .is(1)
        .says("failed to run `CREATE INDEX CONCURRENTLY")
        .says("within 1s")
        .says(&format!("in the way: pid {} (nightly report", report.pid()))
        .next("or raise --index-timeout");
    assert_eq!(db.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), 1);
    report.execute("COMMIT");
    db.migration(up).is(0);
    assert_same(&db.catalog(), &Database::columns().catalog());
}

#[test]
fn a_build_that_a_deadlock_was_broken_with_is_made_again() {
    let db = Database::legacy();
    // Ours is to be the one who looks for the deadlock first.
    db.execute(&format!("ALTER DATABASE {} SET deadlock_timeout = '3s'", db.name()));
    let mut other = db.session("a colleague");
    other.execute("SET deadlock_timeout = '10min'; BEGIN; DELETE FROM policies WHERE id = 0");
    let up = "up --phase 1 --lock-timeout 60s";
    let child = db.tool("migration").words(up).spawn();
    // The column waits for the colleague too; afterwards the build does.
    until("the column waits", || {
        db.number(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'policies'::regclass",
        ) == 1
    });
    other.execute("COMMIT; BEGIN; DELETE FROM policies WHERE id = 0");
    until("the build waits", || db.number(BUILDERS) == 1);
    other.execute("LOCK TABLE policies IN SHARE UPDATE EXCLUSIVE MODE; COMMIT");
    Answer::of(child.wait_with_output().expect("wait")).is(0).says("deadlock detected");
    assert_same(&db.catalog(), &Database::columns().catalog());
}

#[test]
fn the_planner_knows_the_new_columns_once_phase_1_is_done() {
    let db = Database::legacy();
    db.up("1");
    let known =
        "SELECT count(*) FROM pg_stats WHERE attname = 'workspace_id' AND tablename = 'policies'";
    assert_eq!(db.number(known), 1);
    // Statistics do not survive every upgrade: they are made again, and nothing is amiss without.
    db.execute("DELETE FROM pg_statistic WHERE starelid = 'policies'::regclass");
    db.migration("status").is(0).prints("next: migration up --phase 1.5");
    let steps = db.plan("1");
    let sql: Vec<_> = steps.iter().filter_map(|step| step.main()).collect();
    assert_eq!(sql, ["ANALYZE \"public\".\"policies\" (\"workspace_id\")"]);
    db.up("1");
    assert_eq!(db.number(known), 1);
}

#[test]
fn a_build_that_a_killed_command_left_behind_is_waited_for_by_name_and_not_for_ever() {
    let db = Database::legacy();
    let mut report = old_snapshot(&db);
    let mut killed = db.tool("migration").words("up --phase 1").spawn();
    until("the build waits for the report", || db.number(BUILDERS) == 1);
    let builder = db.text(
        "SELECT pid::text FROM pg_stat_progress_create_index WHERE datname = current_database()",
    );
    killed.kill().expect("kill -9");
    killed.wait().expect("its end");
    let up = "up --phase 1 --index-timeout 1s";
    db.migration(up)
        .is(1)
        .says("begun by another session` within 1s")
        .says(&format!("in the way: pid {builder} (workspace-isolation migration"))
        .says(&format!("in the way: pid {} (nightly report", report.pid()))
        .next("end the sessions named above");
    report.execute("COMMIT");
    db.up("1");
    assert_same(&db.catalog(), &Database::columns().catalog());
}
