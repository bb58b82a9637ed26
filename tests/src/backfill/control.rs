//! Stopping, going on, pausing, cancelling; two at once.

use std::process::{Child, Command};

use super::{events, missing, processed, workspaces_with_work};
use crate::harness::{Answer, Database, until};

/// A backfill that has begun to bind rows and is far from done: batches of one row.
fn begun(db: &Database, more: &str) -> Child {
    let child = db.tool("backfill").words(&format!("run --batch-size 1 {more}")).spawn();
    until("twenty batches", || {
        db.text("SELECT to_regclass('workspace_isolation.batch')") != "NULL"
            && db.number("SELECT count(*) FROM workspace_isolation.batch") >= 20
    });
    child
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
    assert!(sent.unwrap().success());
}

fn answer(child: Child) -> Answer {
    Answer::of(child.wait_with_output().unwrap())
}

#[test]
fn a_signal_stops_it_at_the_next_batch_and_the_same_command_goes_on() {
    for name in ["INT", "TERM"] {
        let db = Database::guarded();
        let (rows, workspaces) = (missing(&db), workspaces_with_work(&db));
        let child = begun(&db, "");
        signal(&child, name);
        answer(child).is(75).next("backfill run --batch-size 1");
        let left = missing(&db);
        assert!(left > 0 && left < rows, "{left} of {rows}");
        db.backfill("run --batch-size 5000").is(0);
        assert_eq!((missing(&db), processed(&db)), (0, rows));
        assert_eq!(events(&db, "started"), workspaces);
        assert_eq!(events(&db, "completed"), workspaces);
    }
}

#[test]
fn a_second_planner_is_refused() {
    let db = Database::guarded();
    let child = begun(&db, "");
    db.backfill("run").is(1).says("Another workspace backfill is already running.").next("");
    signal(&child, "TERM");
    answer(child).is(75);
}

#[test]
fn an_unfinished_backfill_of_another_extent_is_named() {
    let db = Database::guarded();
    let child = begun(&db, "--table findings");
    signal(&child, "TERM");
    answer(child).is(75);
    let before = (missing(&db), db.number("SELECT count(*) FROM operation_runs"));
    db.backfill("run").is(1).says("findings").next("backfill cancel");
    assert_eq!((missing(&db), db.number("SELECT count(*) FROM operation_runs")), before);
}

#[test]
fn paused_it_stops_and_resumed_it_goes_on() {
    let db = Database::guarded();
    let rows = missing(&db);
    let child = begun(&db, "");
    db.backfill("pause").is(0);
    answer(child).is(75).next("backfill resume");
    assert_eq!(db.backfill("status --format json").is(0).json()["backfill"]["status"], "paused");
    let left = missing(&db);
    db.backfill("work").is(75);
    assert_eq!(missing(&db), left, "paused is paused");
    db.backfill("resume").is(0);
    db.backfill("run").is(0);
    assert_eq!((missing(&db), processed(&db)), (0, rows));
}

#[test]
fn cancelled_it_ends_with_exact_counts() {
    let db = Database::guarded();
    let (rows, workspaces) = (missing(&db), workspaces_with_work(&db));
    let child = begun(&db, "");
    db.backfill("cancel").is(0);
    assert_ne!(answer(child).status, 0);
    assert_eq!(processed(&db), rows - missing(&db));
    assert_eq!(events(&db, "cancelled"), workspaces);
    assert_eq!(events(&db, "completed"), 0);
    assert_eq!(
        db.texts("SELECT DISTINCT status || ' ' || outcome FROM operation_runs"),
        ["completed cancelled"]
    );
    // And the next one begins anew.
    db.backfill("run").is(0);
    assert_eq!((missing(&db), processed(&db)), (0, rows));
}

#[test]
fn there_must_be_something_to_pause_resume_or_cancel() {
    let db = Database::guarded();
    db.untouched_by(|| {
        ["pause", "resume", "cancel"].map(|words| db.backfill(words).is(1).next("backfill"))
    });
}

#[test]
fn the_schema_does_not_change_under_a_running_backfill() {
    let db = Database::guarded();
    let child = begun(&db, "");
    db.migration("down --phase 1 --yes").is(1).says("backfill").next("");
    signal(&child, "TERM");
    answer(child).is(75);
    // Nobody works on it, but what it has done would be forgotten.
    db.migration("down --phase 1 --yes").is(1).says("unfinished").next("backfill cancel");
    db.backfill("cancel").is(0);
    db.migration("down --phase 1 --yes").is(0);
}

#[test]
fn status_shows_progress_and_creates_nothing() {
    let db = Database::guarded();
    let none = db.untouched_by(|| db.backfill("status --format json").is(0).json());
    assert_eq!(none, serde_json::json!({"backfill": null, "runs": []}));
    let rows = missing(&db);
    db.backfill("run").is(0);
    let status = db.backfill("status --format json").is(0).json();
    let backfill = status["backfill"].as_object().unwrap();
    for key in [
        "id",
        "status",
        "tables",
        "options",
        "processed",
        "total",
        "rows_per_second",
        "eta_seconds",
    ] {
        assert!(backfill.contains_key(key), "{key}");
    }
    assert_eq!(backfill["status"], "succeeded");
    assert_eq!(
        (backfill["processed"].as_i64(), backfill["total"].as_i64()),
        (Some(rows), Some(rows))
    );
    let run = &status["runs"][0];
    for key in ["id", "workspace_id", "status", "outcome", "summary_counts", "tables"] {
        assert!(run.get(key).is_some(), "{key}");
    }
    let url = super::reader(&db);
    db.tool("backfill").env("DATABASE_URL", &url).words("status").run().is(0).prints("succeeded");
}
