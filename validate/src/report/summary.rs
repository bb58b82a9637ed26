//! The summary of a workflow's step: a table in GitHub's Markdown.

use super::words::{failures_first, last_filled, printable, samples, verdict};
use crate::gate::{Outcome, Report, Status};

/// The report as a Markdown table under a heading, failures first; ends with an empty line, for
/// steps append to the same summary.
#[must_use]
pub fn summary(report: &Report) -> String {
    let rows: String = failures_first(report).map(row).collect();
    let next = report.next().map(|next| format!("Next: {}\n\n", plain(next)));
    let filled = last_filled(report).map(|filled| format!("{}\n\n", plain(&filled)));
    format!(
        "### validate phase {}: {}\n\n\
         | Check | Status | Count | Sample ids | Remedy |\n\
         | --- | --- | ---: | --- | --- |\n\
         {rows}\n{}{}",
        report.phase.number(),
        verdict(report),
        filled.unwrap_or_default(),
        next.unwrap_or_default(),
    )
}

fn row(outcome: &Outcome) -> String {
    let (status, remedy) = match outcome.status {
        Status::Pass => ("pass", "-".to_owned()),
        Status::Fail => ("**FAIL**", plain(&outcome.next)),
    };
    let (id, count) = (plain(&outcome.id), outcome.count);
    format!("| {id} | {status} | {count} | {} | {remedy} |\n", plain(&samples(outcome)))
}

/// Text that Markdown takes for nothing but text: any ASCII punctuation may stand behind a
/// backslash, and all that can begin markup, a link or a cell does.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in printable(text).chars() {
        if c.is_ascii_punctuation() && !"/-,".contains(c) {
            plain.push('\\');
        }
        plain.push(c);
    }
    plain
}

#[cfg(test)]
mod tests;
