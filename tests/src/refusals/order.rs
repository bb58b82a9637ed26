//! Phases that are none, and phases out of order.

use super::refused;
use crate::harness::{Database, Tool};

#[test]
fn phase_2_is_not_a_migration() {
    let db = Database::legacy();
    for (command, next) in [
        ("up --phase 2", "next: backfill run"),
        ("down --phase 2", "next: migration down --phase 1.5"),
        ("plan --phase 2", "next: backfill run --dry-run"),
    ] {
        let answer = refused(&db, 2, || db.migration(command)).says("phase 2 is the backfill");
        assert_eq!(answer.stderr.lines().last(), Some(next), "{}", answer.stderr);
    }
}

#[test]
fn a_phase_that_is_none_is_refused() {
    let db = Database::legacy();
    for phase in ["7", "abc", "1.50", "-1", "''"] {
        for command in ["up", "down", "plan"] {
            let answer = refused(&db, 2, || db.migration(&format!("{command} --phase={phase}")));
            answer.says("the phases of a migration are 1, 1.5 and 3").next("migration");
        }
    }
}

#[test]
fn a_command_or_option_that_is_none_is_refused_with_what_to_type_next() {
    let db = Database::legacy();
    for words in [
        "fresh",
        "refresh",
        "reset",
        "up --phase 1 --force",
        "",
        "up --phase 1 --lock-timeout soon",
    ] {
        refused(&db, 2, || db.migration(words)).next("migration");
    }
    let answer = refused(&db, 2, || db.validate("--phase 1.5")).says("the guard is checked by");
    answer.next("next: validate --phase 3 --only 'guard/*'");
}

#[test]
fn what_was_typed_is_never_the_next_command() {
    for (name, words, value, next) in [
        ("migration", "up --phase", "`rm x`", "next: migration up --help"),
        (
            "migration",
            "down --phase",
            "`migration down --phase 1 --yes`",
            "next: migration down --help",
        ),
        ("validate", "--output", "foo=bar", "next: validate --help"),
        ("backfill", "run --batch-size", "`rm x`", "next: backfill run --help"),
    ] {
        let answer = Tool::new(name).words(words).arg(value).run().is(2);
        assert_eq!(answer.stderr.lines().last(), Some(next), "{}", answer.stderr);
    }
}

#[test]
fn up_wants_a_phase_and_says_which_comes_next() {
    for (db, phase) in
        [(Database::legacy(), "1"), (Database::columns(), "1.5"), (Database::guarded(), "3")]
    {
        let answer = refused(&db, 2, || db.migration("up"));
        let answer = answer.says(&format!("phase {phase} comes next"));
        assert!(
            answer.stderr.ends_with(&format!("next: migration up --phase {phase}\n")),
            "{}",
            answer.stderr
        );
    }
    let db = Database::finished();
    refused(&db, 2, || db.migration("up")).says("every phase is applied").next("migration status");
}

#[test]
fn an_earlier_phase_that_is_pending_is_named() {
    for (db, asked, pending, migration) in [
        (Database::legacy(), "1.5", "1", "m20261122_000001_workspace_columns"),
        (Database::legacy(), "3", "1", "m20261122_000001_workspace_columns"),
        (Database::columns(), "3", "1.5", "m20261122_000005_write_guard"),
    ] {
        let answer = refused(&db, 1, || db.migration(&format!("up --phase {asked}")));
        let answer =
            answer.says(&format!("phase {asked} comes after phase {pending}, which is pending"));
        let answer = answer.says(migration);
        assert!(
            answer.stderr.ends_with(&format!("next: migration up --phase {pending}\n")),
            "{}",
            answer.stderr
        );
    }
}

#[test]
fn taking_back_wants_a_phase() {
    let db = Database::finished();
    refused(&db, 2, || db.migration("down")).says("--phase").next("migration");
}
