//! The preflight: what could make a step fail or hurt is found beforehand, said with what to do
//! about it, and stops what would not get through before anything is changed.

mod dependents;
mod forms;
mod publications;
mod rights;
mod room;
mod slots;
mod transactions;
mod wraparound;

use serde_json::Value;

use crate::harness::{Answer, Database, Tool};

/// A finding, as `migration plan --format json` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    severity: String,
    table: Option<String>,
    detail: String,
    remedy: String,
}

/// The findings of this kind in a plan in JSON.
fn of_kind(answer: &Answer, id: &str) -> Vec<Finding> {
    let plan = answer.json();
    let findings = plan["findings"].as_array().expect("findings").iter();
    let text = |finding: &Value, name: &str| finding[name].as_str().map(str::to_owned);
    findings
        .filter(|finding| finding["id"] == id)
        .map(|finding| Finding {
            severity: text(finding, "severity").expect("a severity"),
            table: text(finding, "table"),
            detail: text(finding, "detail").expect("a detail"),
            remedy: text(finding, "remedy").expect("a remedy"),
        })
        .collect()
}

/// What a plan of this phase, and with these options, finds of a kind.
fn found(db: &Database, phase: &str, id: &str) -> Vec<Finding> {
    found_by(db.tool("migration"), phase, id)
}

/// The same as another role.
fn found_by(tool: Tool, phase: &str, id: &str) -> Vec<Finding> {
    of_kind(&tool.words("plan --format json --phase").words(phase).run().is(0), id)
}

/// The only finding among these.
#[track_caller]
fn only(findings: Vec<Finding>) -> Finding {
    let [finding] = <[Finding; 1]>::try_from(findings).unwrap_or_else(|all| panic!("{all:?}"));
    finding
}
