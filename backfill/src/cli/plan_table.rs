//! Tables for people.

use comfy_table::presets::ASCII_MARKDOWN;
use comfy_table::{CellAlignment, Table};

use crate::error::ids;
use crate::plan::Plan;
use crate::progress::TableProgress;

/// The plan, table by table.
pub(super) fn plan_table(plan: &Plan) -> String {
    let mut table = plain();
    table.set_header([
        "Table",
        "Missing workspace_id",
        "Unresolvable tenant mapping",
        "Sample row ids",
    ]);
    for row in &plan.tables {
        let samples = if row.sample_ids.is_empty() { "-".to_owned() } else { ids(&row.sample_ids) };
        table.add_row([
            row.table.clone(),
            row.missing.to_string(),
            row.unresolvable.to_string(),
            samples,
        ]);
    }
    numbers(&mut table, &[1, 2]);
    table.trim_fmt()
}

/// Progress, table by table.
pub(super) fn progress_table(tables: &[TableProgress]) -> String {
    let mut table = plain();
    table.set_header(["Table", "Rows", "Bound", "Done"]);
    for row in tables {
        table.add_row([
            row.table.clone(),
            row.target_rows.to_string(),
            row.processed.to_string(),
            format!("{} %", percent(row.processed, row.target_rows)),
        ]);
    }
    numbers(&mut table, &[1, 2, 3]);
    table.trim_fmt()
}

/// Whole percents, rounded down: 100 means all.
pub(super) fn percent(part: i64, whole: i64) -> i64 {
    if whole <= 0 { 100 } else { (part.saturating_mul(100) / whole).min(100) }
}

pub(super) fn plain() -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table
}

pub(super) fn numbers(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::TablePlan;

    #[test]
    fn a_plan_shows_counts_and_samples() {
        let row = |table: &str, missing, unresolvable, sample_ids| TablePlan {
            table: table.to_owned(),
            missing,
            unresolvable,
            sample_ids,
            groups: Vec::new(),
        };
        let plan = Plan {
            tables: vec![
                row("policies", 12_000, 0, Vec::new()),
                row("events", 7, 2, vec!["2024-01-01,3".into(), 8.into()]),
            ],
        };
        insta::assert_snapshot!(plan_table(&plan), @r"
        | Table    | Missing workspace_id | Unresolvable tenant mapping | Sample row ids  |
        |----------|----------------------|-----------------------------|-----------------|
        | policies |                12000 |                           0 | -               |
        | events   |                    7 |                           2 | 2024-01-01,3, 8 |
        ");
    }

    #[test]
    fn a_hundred_percent_is_all() {
        assert_eq!([percent(999, 1000), percent(1000, 1000), percent(0, 0)], [99, 100, 100]);
        assert_eq!(percent(5, 4), 100);
    }
}
