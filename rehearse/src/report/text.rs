//! The closing table. *Kept waiting* is the longest that a statement of the traffic waited for a lock
//! behind the rollout, as far as was seen.

use comfy_table::{CellAlignment, Table, presets};

use super::{kept_waiting, mebibytes, micros};
use crate::rollout::Findings;

/// The findings as a table and a verdict.
#[must_use]
pub fn render(findings: &Findings) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "Step",
        "Duration",
        "Statements",
        "p50",
        "p99",
        "Max",
        "Kept waiting",
        "Errors",
    ]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for step in &findings.traffic.steps {
        table.add_row([
            step.name.clone(),
            micros(step.duration_ms * 1_000),
            step.statements.to_string(),
            micros(step.p50_us),
            micros(step.p99_us),
            micros(step.max_us),
            kept_waiting(findings, step),
            step.errors.to_string(),
        ]);
    }
    format!("{}\n{table}\n{}\n{}", data(findings), growth(findings), verdict(findings))
}

fn data(findings: &Findings) -> String {
    let rows: u64 = findings.loaded.tables.iter().map(|table| table.rows).sum();
    format!(
        "PostgreSQL {}: {rows} rows in {} tables, {} workspaces, {} tenants",
        findings.server_version,
        findings.loaded.tables.len(),
        findings.loaded.workspaces,
        findings.loaded.tenants
    )
}

fn growth(findings: &Findings) -> String {
    format!(
        "{} rows bound; the database grew from {} to {}",
        findings.rows_bound,
        mebibytes(findings.bytes_before),
        mebibytes(findings.bytes_after)
    )
}

fn verdict(findings: &Findings) -> String {
    let gate = if findings.failed_checks.is_empty() {
        format!("Gate: pass, {} checks.", findings.checks)
    } else {
        format!("Gate: FAIL: {}.", findings.failed_checks.join(", "))
    };
    let gate = match findings.watched.scans().next() {
        None => gate,
        Some(episode) => {
            format!("{gate} The traffic waited while a table was read: {}", episode.query)
        }
    };
    let errors = findings.traffic_errors();
    if errors == 0 {
        return format!("{gate} The traffic had no error.");
    }
    let messages: Vec<_> =
        findings.traffic.steps.iter().flat_map(|step| &step.messages).map(String::as_str).collect();
    format!("{gate} The traffic had {errors} errors:\n  {}", messages.join("\n  "))
}
