//! kill -9, wherever it strikes: nothing is lost and nothing counted twice.

use std::time::Duration;

use super::{events, missing, processed, workspaces_with_work};
use crate::harness::{Database, until};

/// Kills `backfill run` ten times, each time after another stretch of work, then lets it end.
#[test]
fn killed_ten_times_it_still_counts_every_row_once() {
    let db = Database::guarded();
    let (rows, workspaces) = (missing(&db), workspaces_with_work(&db));
    let mut survived = 0;
    for strike in 0..10_u64 {
        let mut child = db.tool("backfill").words("run --batch-size 20 --workers 2").spawn();
        // From the very start of the process to well into its work, in no order.
        let stretch = Duration::from_millis(15 + (strike * 137) % 290);
        let ended = wait(&mut child, stretch);
        child.kill().unwrap();
        child.wait().unwrap();
        survived += i32::from(ended);
        assert!(processed_so_far(&db) <= rows);
    }
    assert!(survived < 10, "it was never killed in the middle");
    db.backfill("run").is(0);
    assert_eq!(missing(&db), 0);
    assert_eq!(processed(&db), rows);
    assert_eq!(db.number("SELECT count(*) FROM operation_runs"), workspaces);
    for kind in ["started", "dispatched", "completed"] {
        assert_eq!(events(&db, kind), workspaces, "{kind}");
    }
    db.validate("").is(0);
}

/// Whether the process ended by itself within this time.
fn wait(child: &mut std::process::Child, stretch: Duration) -> bool {
    let deadline = std::time::Instant::now() + stretch;
    while std::time::Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::yield_now();
    }
    false
}

fn processed_so_far(db: &Database) -> i64 {
    if db.text("SELECT to_regclass('workspace_isolation.batch')") == "NULL" {
        return 0;
    }
    db.number("SELECT coalesce(sum(rows), 0) FROM workspace_isolation.batch")
}

/// One of two workers dies; the other takes its ranges over at once.
#[test]
fn the_ranges_of_a_killed_worker_are_taken_over() {
    let db = Database::guarded();
    let rows = missing(&db);
    db.backfill("run --detach --batch-size 1").is(0);
    let mut doomed = db.tool("backfill").words("work --workers 2").spawn();
    let claimed = "SELECT count(*) FROM workspace_isolation.range WHERE worker_pid IS NOT NULL AND NOT finished";
    until("two claims", || db.number(claimed) >= 2);
    doomed.kill().unwrap();
    doomed.wait().unwrap();
    assert!(missing(&db) > 0);
    db.backfill("work").is(0);
    assert_eq!((missing(&db), processed(&db)), (0, rows));
}
