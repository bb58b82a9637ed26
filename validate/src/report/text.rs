//! For people: failures first, then what is wrong in words, then the verdict and what to do.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use super::words::{failures_first, last_filled, samples, verdict};
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
    format!("{}\n{details}{}", table(report), end(report))
}

fn table(report: &Report) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["Check", "Status", "Count", "Sample ids", "Remedy"]);
    if let Some(column) = table.column_mut(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for outcome in failures_first(report) {
        table.add_row(row(outcome));
    }
    table
}

fn row(outcome: &Outcome) -> [String; 5] {
    let (status, remedy) = match outcome.status {
        Status::Pass => ("pass", "-".to_owned()),
        Status::Fail => ("FAIL", outcome.next.clone()),
    };
    let count = outcome.count.to_string();
    [outcome.id.clone(), status.to_owned(), count, samples(outcome), remedy]
}

fn end(report: &Report) -> String {
    let next = report.next().map(|next| format!("next: {next}\n"));
    let phase = report.phase.number();
    let filled = last_filled(report).map(|filled| format!("\n{filled}\n"));
    format!(
        "{}\nphase {phase}: {}\n{}",
        filled.unwrap_or_default(),
        verdict(report),
        next.unwrap_or_default()
    )
}

#[cfg(test)]
mod tests;
