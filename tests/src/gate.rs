//! The gate on a real database: every kind of check red and green, who may ask, and how it
//! answers.

mod access;
mod commands;
mod kinds;
mod phases;

use serde_json::Value;

use crate::harness::{Answer, Database};

/// The checks of a report in JSON.
fn checks(report: &Value) -> &Vec<Value> {
    report["checks"].as_array().expect("checks")
}

/// The ids of the checks with this status.
fn ids_of(report: &Value, status: &str) -> Vec<String> {
    let with_status = checks(report).iter().filter(|check| check["status"] == status);
    with_status.map(|check| check["id"].as_str().expect("an id").to_owned()).collect()
}

/// `validate … --format json`, which must answer; the status goes with the verdict.
#[track_caller]
fn report(db: &Database, words: &str) -> Value {
    let answer = db.validate(&format!("{words} --format json"));
    report_of(&answer)
}

#[track_caller]
fn report_of(answer: &Answer) -> Value {
    let report = answer.json();
    let verdict = if answer.status == 0 { "pass" } else { "fail" };
    assert_eq!(report["verdict"], verdict, "{report:#}");
    assert!(answer.status <= 1, "{}", answer.stderr);
    let failing = ids_of(&report, "fail");
    assert_eq!(failing.is_empty(), answer.status == 0, "{failing:?}");
    report
}
