//! Cut after every transaction of every phase, then asked again. Two tables and the audit trail
//! have every kind of statement that there is.

use super::Part;
use crate::harness::{Database, assert_same, steps};

fn two_tables() -> Part {
    Part::of(&["policies", "findings"])
}

/// A database on which this phase comes next, every row bound before phase 3.
fn before(phase: &str, part: &Part) -> Database {
    part.after(match phase {
        "1" => &[],
        "1.5" => &["1"],
        _ => &["1", "1.5", "2"],
    })
}

/// Cuts the phase after each of its transactions; `go_on` is given what was left behind.
fn cut_everywhere(phase: &str, fewest_steps: usize, go_on: impl Fn(&Database, &Part)) {
    let part = two_tables();
    let db = before(phase, &part);
    let plan = format!("plan --format json --phase {phase}");
    let steps = steps(&part.manifest.migration(&db, &plan).is(0));
    assert!(steps.len() >= fewest_steps, "{} steps", steps.len());
    let template = db.into_template();
    for cut in 0..=steps.len() {
        let db = template.copy();
        let mut session = db.session("the rollout that was cut");
        steps.iter().take(cut).for_each(|step| step.run(&mut session));
        drop(session);
        go_on(&db, &part);
    }
}

fn goes_on_to_the_same_end(phase: &str, fewest_steps: usize) {
    let part = two_tables();
    let reference = before(phase, &part);
    let up = format!("up --phase {phase}");
    part.manifest.migration(&reference, &up).is(0);
    let end = reference.catalog();
    cut_everywhere(phase, fewest_steps, |db, part| {
        part.manifest.migration(db, &up).is(0);
        assert_same(&db.catalog(), &end);
    });
}

fn goes_back_to_the_same_beginning(phase: &str, fewest_steps: usize, yes: &str) {
    let beginning = before(phase, &two_tables()).catalog();
    cut_everywhere(phase, fewest_steps, |db, part| {
        part.manifest.migration(db, &format!("down --phase {phase} {yes}")).is(0);
        assert_same(&db.catalog(), &beginning);
    });
}

#[test]
fn phase_1_cut_anywhere_goes_on_to_the_same_end() {
    goes_on_to_the_same_end("1", 11);
}

#[test]
fn phase_1_5_cut_anywhere_goes_on_to_the_same_end() {
    goes_on_to_the_same_end("1.5", 15);
}

#[test]
fn phase_3_cut_anywhere_goes_on_to_the_same_end() {
    goes_on_to_the_same_end("3", 14);
}

#[test]
fn phase_1_cut_anywhere_goes_back_to_the_same_beginning() {
    goes_back_to_the_same_beginning("1", 11, "--yes");
}

#[test]
fn phase_1_5_cut_anywhere_goes_back_to_the_same_beginning() {
    goes_back_to_the_same_beginning("1.5", 15, "");
}

#[test]
fn phase_3_cut_anywhere_goes_back_to_the_same_beginning() {
    goes_back_to_the_same_beginning("3", 14, "");
}
