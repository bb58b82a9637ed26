//! Streams that cannot be written: a lost log line stops nothing, a lost result is no success.

use std::fs::File;
use std::io::PipeWriter;

use crate::harness::{Database, Tool};

/// A device that takes no byte.
fn full() -> File {
    File::options().write(true).open("/dev/full").expect("/dev/full")
}

/// A pipe whose reader has gone away.
fn closed() -> PipeWriter {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer
}

#[test]
fn a_phase_goes_on_when_its_log_has_nowhere_to_go() {
    let db = Database::bound();
    let up = || db.tool("migration").words("up --phase 3 -vv");
    up().stderr_to(closed()).run().is(0).prints("Phase 3 is applied");
    db.migration("down --phase 3").is(0);
    up().stderr_to(full()).run().is(0).prints("Phase 3 is applied");
    db.validate("--phase 3").is(0);
}

#[test]
fn every_command_goes_on_when_its_log_has_nowhere_to_go() {
    let db = Database::guarded();
    for (name, words) in
        [("backfill", "run -vv"), ("validate", "-vv"), ("migration", "down --phase 1 --yes -vv")]
    {
        db.tool(name).words(words).stderr_to(closed()).run().is(0);
    }
    // A refusal that nobody reads keeps its exit status.
    for words in ["up --phase 3", "up"] {
        let status = db.migration(words).status;
        db.tool("migration").words(words).stderr_to(full()).run().is(status);
    }
    Tool::new("migration").words("up --phase 7").stderr_to(closed()).run().is(2);
}

/// Commands that only read.
const ASKING: [(&str, &str); 9] = [
    ("migration", "plan"),
    ("migration", "plan --format sql"),
    ("migration", "plan --format json"),
    ("migration", "status"),
    ("migration", "--help"),
    ("validate", "--phase 2"),
    ("validate", "list"),
    ("backfill", "status"),
    ("backfill", "run --dry-run"),
];

#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let db = Database::bound();
    for (name, words) in ASKING {
        let answer = db.tool(name).words(words).stdout_to(full()).run();
        let answer = answer.is(2).says("failed to write the result: No space left on device");
        answer.next("make room, or send it elsewhere, and run the same command again");
    }
}

#[test]
fn a_phase_whose_answer_cannot_be_written_is_applied_all_the_same() {
    let db = Database::columns();
    let answer = db.tool("migration").words("up --phase 1.5").stdout_to(full()).run();
    answer.is(2).says("failed to write the result");
    db.up("1.5").prints("Nothing to do");
}

#[test]
fn a_reader_that_has_gone_away_is_no_error() {
    let db = Database::bound();
    for (name, words) in ASKING {
        let answer = db.tool(name).words(words).stdout_to(closed()).run().is(0);
        assert!(!answer.stderr.contains("error"), "{name} {words}: {}", answer.stderr);
    }
}
