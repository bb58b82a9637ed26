//! For people: failures first, then what is wrong in words, then the verdict and what to do.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::gate::{Outcome, Report, Status};

pub(super) fn render(report: &Report) -> String {
    let details = report.failures().filter_map(|outcome| {
        let detail = outcome.detail.as_deref()?;
        Some(format!("{}: {detail}\n", outcome.id))
    });
    let mut details: String = details.collect();
    if !details.is_empty() {
        details.insert(0, '\n');
    }
    format!("{}\n{details}{}", table(report), verdict(report))
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["Check", "Status", "Count", "Sample ids", "Remedy"]);
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let passed = report.checks.iter().filter(|outcome| outcome.has_passed());
    for outcome in report.failures().chain(passed) {
        table.add_row(row(outcome));
    }
    table
}

fn row(outcome: &Outcome) -> [String; 5] {
    let samples = match outcome.sample_ids.as_slice() {
        [] => "-".to_owned(),
        ids => printable(&ids.join(", ")),
    };
    let (status, remedy) = match outcome.status {
        Status::Pass => ("pass", "-".to_owned()),
        Status::Fail => ("FAIL", outcome.next.clone()),
    };
    [outcome.id.clone(), status.to_owned(), outcome.count.to_string(), samples, remedy]
}

/// A key is anybody's text: what would move a cursor is shown as what it is.
fn printable(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

fn verdict(report: &Report) -> String {
    let phase = report.phase.number();
    let asked = match report.checks.len() {
        1 => "1 check".to_owned(),
        count => format!("{count} checks"),
    };
    match report.next() {
        None => format!("\nphase {phase}: pass ({asked})\n"),
        Some(next) => format!(
            "\nphase {phase}: FAIL ({} of {asked})\nnext: {next}\n",
            report.failures().count(),
        ),
    }
}

#[cfg(test)]
mod tests;
