//! The findings as one HTML file that needs nothing else, for a ticket or a change request.

use std::fmt::Write as _;

use super::{kept_waiting, mebibytes, micros};
use crate::rollout::Findings;
use crate::traffic::StepSummary;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:64rem;padding:0 1rem}\
table{border-collapse:collapse;width:100%}th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid #ccc}\
th:first-child,td:first-child{text-align:left}.bar{background:#2b6cb0;height:.6rem;min-width:1px}\
.good{color:#22663b}.bad{color:#a01c1c}td.chart{width:30%}";

/// The findings as a page.
#[must_use]
pub fn render(findings: &Findings) -> String {
    let (class, verdict) = if findings.are_good() { ("good", "passed") } else { ("bad", "failed") };
    let longest = findings.traffic.steps.iter().map(|step| step.max_us).max().unwrap_or(1).max(1);
    let mut rows = String::new();
    for step in &findings.traffic.steps {
        // Writing to a String cannot fail.
        let _ = writeln!(rows, "{}", row(findings, step, longest));
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <title>Rehearsal of the rollout</title><style>{STYLE}</style></head><body>\n\
         <h1>Rehearsal of the rollout: <span class=\"{class}\">{verdict}</span></h1>\n<p>{}</p>\n\
         <table><thead><tr><th>Step</th><th>Duration</th><th>Statements</th><th>p50</th><th>p99</th>\
         <th>Max</th><th>Kept waiting</th><th>Errors</th><th>Longest statement</th></tr></thead><tbody>\n{rows}</tbody></table>\n\
         {}</body></html>\n",
        escaped(&summary(findings)),
        faults(findings)
    )
}

fn row(findings: &Findings, step: &StepSummary, longest: u64) -> String {
    format!(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>\
         <td class=\"chart\"><div class=\"bar\" style=\"width:{}%\"></div></td></tr>",
        escaped(&step.name),
        micros(step.duration_ms * 1_000),
        step.statements,
        micros(step.p50_us),
        micros(step.p99_us),
        micros(step.max_us),
        kept_waiting(findings, step),
        step.errors,
        step.max_us.saturating_mul(100) / longest
    )
}

fn summary(findings: &Findings) -> String {
    format!(
        "PostgreSQL {}; {} workspaces, {} tenants; {} rows bound; the database grew from {} to {}; {} checks of the gate, {} failed.",
        findings.server_version,
        findings.loaded.workspaces,
        findings.loaded.tenants,
        findings.rows_bound,
        mebibytes(findings.bytes_before),
        mebibytes(findings.bytes_after),
        findings.checks,
        findings.failed_checks.len()
    )
}

fn faults(findings: &Findings) -> String {
    let messages = findings.traffic.steps.iter().flat_map(|step| &step.messages);
    let scans = findings.watched.scans().map(|episode| &episode.query);
    let mut items = String::new();
    for fault in findings.failed_checks.iter().chain(messages).chain(scans) {
        // Writing to a String cannot fail.
        let _ = write!(items, "<li>{}</li>", escaped(fault));
    }
    if items.is_empty() { String::new() } else { format!("<h2>What failed</h2><ul>{items}</ul>") }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
