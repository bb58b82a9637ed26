//! The words that formats for people share.

use crate::gate::{Outcome, Report};

/// Text without what would move a cursor, end a line or colour a terminal: a key and a table's
/// name are anybody's, and are shown as what they are.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// The keys of the first rows that fail, or `-`.
pub(super) fn samples(outcome: &Outcome) -> String {
    match outcome.sample_ids.as_slice() {
        [] => "-".to_owned(),
        ids => printable(&ids.join(", ")),
    }
}

/// What is wrong, on one line: what was looked for, how much of it there is (or what the catalog
/// has instead), and the first rows.
pub(super) fn message(outcome: &Outcome) -> String {
    let asks = &outcome.check.asks;
    let found = match &outcome.detail {
        Some(detail) => detail.clone(),
        None => outcome.count.to_string(),
    };
    let message = printable(&format!("{asks}: {found}"));
    match outcome.sample_ids.len() {
        0 => message,
        shown => {
            let is_all = u64::try_from(shown).is_ok_and(|shown| shown >= outcome.count);
            let more = if is_all { "" } else { ", …" };
            format!("{message} (ids {}{more})", samples(outcome))
        }
    }
}

/// The verdict and what it rests on.
pub(super) fn verdict(report: &Report) -> String {
    let asked = match report.checks.len() {
        1 => "1 check".to_owned(),
        count => format!("{count} checks"),
    };
    match report.failures().count() {
        0 => format!("pass ({asked})"),
        failed => format!("FAIL ({failed} of {asked})"),
    }
}

/// When the write guard last had to fill in a workspace, where that is known.
pub(super) fn last_filled(report: &Report) -> Option<String> {
    Some(match report.last_filled.as_ref()?.latest() {
        None => "the write guard has not had to fill in a workspace since it was put up".to_owned(),
        Some(latest) => printable(&format!(
            "the write guard last had to fill in a workspace {latest}: until then, code that leaves it out was writing"
        )),
    })
}

/// Every answer, failures first; the registry's order within.
pub(super) fn failures_first(report: &Report) -> impl Iterator<Item = &Outcome> {
    report.failures().chain(report.checks.iter().filter(|outcome| outcome.has_passed()))
}
