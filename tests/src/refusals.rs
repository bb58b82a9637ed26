//! Bad input, and what is refused: each with exit status, message, the next thing to do, and
//! nothing changed.

mod connection;
mod gate;
mod locks;
mod manifest;
mod objects;
mod order;
mod pooler;
mod roles;

use crate::harness::{Answer, Database};

/// Asserts that what is run is refused with this status and changes neither catalog nor data.
#[track_caller]
fn refused(db: &Database, status: i32, run: impl FnOnce() -> Answer) -> Answer {
    let answer = db.untouched_by(run).is(status);
    assert_eq!(answer.stdout, "", "a refusal is no result");
    answer
}
