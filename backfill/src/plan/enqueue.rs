//! Writing a plan down: the backfill, its ranges, its targets, its operation runs.

use std::collections::{BTreeMap, HashMap};

use isolation::guard::bound_by_guard;
use isolation::session::sqlstate::Fault;
use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::{Group, Plan, TablePlan};
use crate::coverage::Coverage;
use crate::error::{BackfillError, failing};
use crate::operations::{Operations, PlannedRun};
use crate::range::Span;
use crate::selection::Tuning;
use crate::sql::json;
use crate::store::{self, BACKFILL, PLANNED, QUOTA, RANGE, RUN};

#[derive(Serialize)]
struct RangeRow<'a> {
    label: &'a str,
    relation: u32,
    first_block: i64,
    end_block: i64,
    rows_per_page: f64,
}

#[derive(Serialize)]
struct TargetRow<'a> {
    label: &'a str,
    workspace: &'a str,
    target: i64,
}

/// Writes the plan in the planner's transaction and returns the backfill's id.
pub(super) async fn enqueue(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    operations: &Operations,
    tuning: Tuning,
    plan: &Plan,
) -> Result<i64, BackfillError> {
    let doing = "record the plan";
    store::create(db, operations.is_own).await.map_err(failing(doing))?;
    let runs = planned_runs(coverage, plan);
    operations.refuse_active(db, &runs).await?;
    let backfill = insert_backfill(db, coverage, tuning).await?;
    let ranges = plan.tables.iter().map(|t| (t.table.as_str(), &t.groups[..]));
    enqueue_ranges(db, backfill, ranges).await.map_err(failing(doing))?;
    insert_targets(db, coverage, backfill, plan).await.map_err(failing(doing))?;
    operations.insert(db, coverage, tuning, backfill, &runs).await?;
    forget_guard_notes(db).await.map_err(failing(doing))?;
    // The rows are new to the planner, which would take thousands of workspaces for one, and join
    // them in nested loops every few seconds. A role that does not own the tables is told so and
    // goes without.
    let analyze = format!("ANALYZE {RANGE}; ANALYZE {PLANNED}; ANALYZE {RUN}; ANALYZE {QUOTA}");
    db.execute_unprepared(&analyze).await.map_err(failing(doing))?;
    Ok(backfill)
}

async fn insert_backfill(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    tuning: Tuning,
) -> Result<i64, BackfillError> {
    let doing = "record the backfill";
    let extent = json(&coverage.extent).map_err(failing(doing))?;
    let tuning = json(&tuning).map_err(failing(doing))?;
    let sql = format!("INSERT INTO {BACKFILL} (scope, tuning) VALUES ($1, $2) RETURNING id");
    let inserted = scalar(db, statement(sql, [extent, tuning])).await;
    inserted.map_err(|error| {
        if Fault::of(&error) == Fault::Duplicate {
            BackfillError::AlreadyRunning
        } else {
            failing(doing)(error)
        }
    })
}

/// Cuts the blocks that hold rows to bind into ranges and enqueues them. Returns how many.
pub(crate) async fn enqueue_ranges<'a>(
    db: &impl ConnectionTrait,
    backfill: i64,
    tables: impl Iterator<Item = (&'a str, &'a [Group])>,
) -> Result<u64, DbErr> {
    let mut ranges = Vec::new();
    for (label, groups) in tables {
        for (relation, span, rows) in by_leaf(groups) {
            ranges.extend(span.ranges().map(|range| RangeRow {
                label,
                relation,
                first_block: range.first,
                end_block: range.end,
                rows_per_page: per_page(rows, span),
            }));
        }
    }
    let sql = format!(
        "INSERT INTO {RANGE} (backfill_id, label, relation, schema_name, relation_name, first_block, end_block, next_block, rows_per_page)
         SELECT $1, p.label, p.relation::oid, n.nspname, c.relname, p.first_block, p.end_block, p.first_block, p.rows_per_page
         FROM ROWS FROM (jsonb_to_recordset($2::jsonb)
              AS (label text, relation bigint, first_block bigint, end_block bigint, rows_per_page double precision)) WITH ORDINALITY AS p
         JOIN pg_catalog.pg_class c ON c.oid = p.relation::oid
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
         ORDER BY p.ordinality"
    );
    let inserted = db.execute_raw(statement(sql, [backfill.into(), json(&ranges)?])).await?;
    Ok(inserted.rows_affected())
}

/// The blocks of each relation that hold rows which can be bound, and how many such rows.
fn by_leaf(groups: &[Group]) -> Vec<(u32, Span, i64)> {
    let mut leaves: BTreeMap<u32, (Span, i64)> = BTreeMap::new();
    for group in groups.iter().filter(|g| g.workspace.is_some()) {
        let (span, rows) = leaves.entry(group.leaf).or_insert((group.span, 0));
        span.first = span.first.min(group.span.first);
        span.end = span.end.max(group.span.end);
        *rows += group.rows;
    }
    leaves.into_iter().map(|(leaf, (span, rows))| (leaf, span, rows)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "an average that a width is guessed from")]
fn per_page(rows: i64, span: Span) -> f64 {
    rows as f64 / span.blocks().max(1) as f64
}

/// How many rows of each workspace a table is to have bound.
fn targets<'a>(coverage: &Coverage, table: &'a TablePlan) -> BTreeMap<&'a str, i64> {
    let mut targets: BTreeMap<&str, i64> = BTreeMap::new();
    for group in &table.groups {
        if let Some(workspace) = &group.workspace {
            *targets.entry(workspace).or_default() += group.rows;
        }
    }
    if let Some(most) = coverage.extent.max_rows {
        for rows in targets.values_mut() {
            *rows = (*rows).min(most);
        }
    }
    targets
}

fn planned_runs(coverage: &Coverage, plan: &Plan) -> Vec<PlannedRun> {
    let mut runs: HashMap<&str, BTreeMap<String, i64>> = HashMap::new();
    for table in &plan.tables {
        for (workspace, rows) in targets(coverage, table) {
            runs.entry(workspace).or_default().insert(table.table.clone(), rows);
        }
    }
    let mut runs: Vec<_> = runs
        .into_iter()
        .map(|(workspace, targets)| PlannedRun::new(workspace, &coverage.extent.tables, targets))
        .collect();
    runs.sort_by(|a, b| a.workspace.cmp(&b.workspace));
    runs
}

async fn insert_targets(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    backfill: i64,
    plan: &Plan,
) -> Result<(), DbErr> {
    let rows: Vec<_> = plan
        .tables
        .iter()
        .flat_map(|table| {
            let row = |(workspace, target)| TargetRow { label: &table.table, workspace, target };
            targets(coverage, table).into_iter().map(row)
        })
        .collect();
    let recordset =
        "jsonb_to_recordset($2::jsonb) AS p (label text, workspace text, target bigint)";
    let sql = format!(
        "INSERT INTO {PLANNED} (backfill_id, label, workspace, target) SELECT $1, p.label, p.workspace, p.target FROM {recordset}"
    );
    db.execute_raw(statement(sql, [backfill.into(), json(&rows)?])).await?;
    if coverage.extent.max_rows.is_some() {
        let sql = format!(
            "INSERT INTO {QUOTA} (backfill_id, label, workspace, remaining) SELECT $1, p.label, p.workspace, p.target FROM {recordset}"
        );
        db.execute_raw(statement(sql, [backfill.into(), json(&rows)?])).await?;
    }
    Ok(())
}

/// Forgets what the write guard noted before this snapshot: those rows are bound in it, so they
/// were not counted. Notes that the snapshot does not see belong to rows that were.
async fn forget_guard_notes(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if crate::guard_log::exists(db).await? {
        db.execute_unprepared(&format!("DELETE FROM {}", bound_by_guard().sql())).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(leaf: u32, workspace: Option<&str>, rows: i64, first: i64, end: i64) -> Group {
        let workspace = workspace.map(str::to_owned);
        Group { leaf, workspace, rows, span: Span { first, end } }
    }

    #[test]
    fn blocks_are_joined_by_relation_without_what_cannot_be_bound() {
        let groups = [
            group(7, Some("1"), 10, 3, 9),
            group(7, Some("2"), 5, 5, 20),
            group(7, None, 99, 0, 500),
            group(8, Some("1"), 1, 2, 3),
        ];
        let joined = by_leaf(&groups);
        assert_eq!(
            joined,
            [(7, Span { first: 3, end: 20 }, 15), (8, Span { first: 2, end: 3 }, 1)]
        );
        assert!((per_page(15, joined[0].1) - 15.0 / 17.0).abs() < 1e-9);
    }
}
