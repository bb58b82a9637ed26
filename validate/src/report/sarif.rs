//! For code scanning: SARIF 2.1.0 (OASIS, with errata 01). Every check asked is a rule, every
//! failure a result at its table; a database has no files to point at.

use serde::Serialize;

use super::words::{message, printable};
use crate::gate::{Outcome, Report};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A `sarifLog` (§3.13).
#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

/// A `run` (§3.14).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    automation_details: AutomationDetails,
    results: Vec<Finding<'a>>,
}

/// What keeps the runs of one phase apart from those of another (§3.17).
#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

/// A `toolComponent` (§3.19).
#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule<'a>>,
}

/// A `reportingDescriptor` (§3.49).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text,
    help: Text,
}

/// A `result` (§3.27).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: Text,
    locations: [Location<'a>; 1],
}

/// A `message` (§3.11) or a `multiformatMessageString` (§3.12).
#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    logical_locations: [LogicalLocation<'a>; 1],
}

/// A `logicalLocation` (§3.33).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation<'a> {
    fully_qualified_name: &'a str,
    kind: &'static str,
}

pub(super) fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&log(report))?;
    text.push('\n');
    Ok(text)
}

fn log(report: &Report) -> Log<'_> {
    let driver = Driver {
        name: "validate",
        version: env!("CARGO_PKG_VERSION"),
        rules: report.checks.iter().map(rule).collect(),
    };
    let failures = report.checks.iter().enumerate().filter(|(_, outcome)| !outcome.has_passed());
    let run = Run {
        tool: Tool { driver },
        // The slash at the end leaves the name of the single run open.
        automation_details: AutomationDetails {
            id: format!("validate/phase-{}/", report.phase.number()),
        },
        results: failures.map(|(index, outcome)| finding(index, outcome)).collect(),
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

fn rule(outcome: &Outcome) -> Rule<'_> {
    Rule {
        id: &outcome.id,
        short_description: Text::of(outcome.check.kind.why()),
        help: Text::of(&printable(&outcome.remedy)),
    }
}

fn finding(rule_index: usize, outcome: &Outcome) -> Finding<'_> {
    let table = LogicalLocation { fully_qualified_name: &outcome.check.table, kind: "table" };
    Finding {
        rule_id: &outcome.id,
        rule_index,
        level: "error",
        message: Text::of(&message(outcome)),
        locations: [Location { logical_locations: [table] }],
    }
}

impl Text {
    /// Text without placeholders (§3.11.5: braces are doubled) and without links (§3.11.6: square
    /// brackets stand behind a backslash, and so does a backslash).
    fn of(plain: &str) -> Self {
        let mut text = String::with_capacity(plain.len());
        for c in plain.chars() {
            match c {
                '{' | '}' => text.push(c),
                '[' | ']' | '\\' => text.push('\\'),
                _ => {}
            }
            text.push(c);
        }
        Self { text }
    }
}

#[cfg(test)]
mod tests;
