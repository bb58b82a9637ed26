//! The plan: how many rows are missing and how many of them have no workspace to be bound to,
//! all counted in one snapshot.

pub(crate) mod count;
mod enqueue;

use isolation::manifest::Manifest;
use isolation::session::Session;
use sea_orm::IsolationLevel;
use serde::Serialize;
use serde_json::Value;

use crate::coverage::Coverage;
use crate::error::{BackfillError, counted, failing, ids};
use crate::operations::Operations;
use crate::privileges;
use crate::run::RunOptions;
use crate::selection::Selection;
use crate::sql::{begin, interruptible};
use crate::stop::Stop;
pub(crate) use count::{Group, count, samples};
pub(crate) use enqueue::enqueue_ranges;

/// What is missing, table by table, in the manifest's order. Counts are exact as of one instant.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// The tables covered.
    pub tables: Vec<TablePlan>,
}

/// What is missing in one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TablePlan {
    /// Its name in the manifest.
    pub table: String,
    /// Rows without a workspace: all that are in scope.
    pub missing: i64,
    /// Those among them that have no workspace to be bound to: no tenant, or one without.
    pub unresolvable: i64,
    /// The keys of up to five unresolvable rows.
    pub sample_ids: Vec<Value>,
    #[serde(skip)]
    pub(crate) groups: Vec<Group>,
}

impl Plan {
    /// Rows without a workspace.
    #[must_use]
    pub fn missing(&self) -> i64 {
        self.tables.iter().map(|t| t.missing).sum()
    }

    /// Rows that have no workspace to be bound to.
    #[must_use]
    pub fn unresolvable(&self) -> i64 {
        self.tables.iter().map(|t| t.unresolvable).sum()
    }

    /// One line for each table with unresolvable rows.
    #[must_use]
    pub fn unresolvable_lines(&self) -> Vec<String> {
        let tables = self.tables.iter().filter(|t| t.unresolvable > 0);
        tables
            .map(|t| {
                format!(
                    "{}: {} with no tenant, or a tenant without workspace (ids {})",
                    t.table,
                    counted(t.unresolvable, "row"),
                    ids(&t.sample_ids)
                )
            })
            .collect()
    }
}

/// Counts what a backfill of this selection would bind. Writes nothing, in a transaction that
/// could not.
///
/// # Errors
/// A selection that does not fit, a phase 1 that is pending, or what the database answers.
pub async fn plan(
    session: &Session,
    manifest: &Manifest,
    selection: &Selection,
    stop: &Stop,
) -> Result<Plan, BackfillError> {
    let (catalog, scope) = session.resolve(manifest).await?;
    privileges::refuse_standby(&catalog)?;
    let coverage = selection.resolve(session, &catalog, &scope).await?;
    privileges::refuse_pending_phase(&coverage)?;
    let doing = "begin counting";
    let (transaction, pid) =
        begin(session, IsolationLevel::RepeatableRead).await.map_err(failing(doing))?;
    sea_orm::ConnectionTrait::execute_unprepared(&transaction, "SET TRANSACTION READ ONLY")
        .await
        .map_err(failing(doing))?;
    let plan = interruptible(session, pid, stop, count_all(&transaction, &coverage)).await?;
    transaction.rollback().await.map_err(failing("end counting"))?;
    Ok(plan)
}

/// What the planner came to.
pub(crate) enum Planned {
    Nothing(Plan),
    Enqueued { plan: Plan, backfill: i64 },
}

/// Counts, and enqueues what there is to do, in one transaction: the counts that are recorded are
/// those of the snapshot that the ranges were cut from, and a kill leaves all of it or nothing.
/// REPEATABLE READ cannot fail to serialize here: it only inserts, and deletes notes that nobody
/// else deletes while no backfill is unfinished.
pub(crate) async fn plan_and_enqueue(
    session: &Session,
    coverage: &Coverage,
    operations: &Operations,
    options: &RunOptions,
    stop: &Stop,
) -> Result<Planned, BackfillError> {
    let (transaction, pid) =
        begin(session, IsolationLevel::RepeatableRead).await.map_err(failing("begin planning"))?;
    let plan = interruptible(session, pid, stop, count_all(&transaction, coverage)).await?;
    if plan.unresolvable() > 0 {
        return Err(BackfillError::Unresolvable(plan));
    }
    if plan.missing() == 0 {
        return Ok(Planned::Nothing(plan));
    }
    let backfill =
        enqueue::enqueue(&transaction, coverage, operations, options.tuning, &plan).await?;
    transaction.commit().await.map_err(failing("commit the plan"))?;
    Ok(Planned::Enqueued { plan, backfill })
}

async fn count_all(
    db: &impl sea_orm::ConnectionTrait,
    coverage: &Coverage,
) -> Result<Plan, BackfillError> {
    let mut tables = Vec::new();
    for table in &coverage.tables {
        let groups = count(db, coverage, table).await?;
        let unresolvable = rows_of(groups.iter().filter(|g| g.workspace.is_none()));
        let sample_ids =
            if unresolvable > 0 { samples(db, coverage, table).await? } else { Vec::new() };
        tables.push(TablePlan {
            table: table.target.label.clone(),
            missing: rows_of(groups.iter()),
            unresolvable,
            sample_ids,
            groups,
        });
    }
    Ok(Plan { tables })
}

fn rows_of<'a>(groups: impl Iterator<Item = &'a Group>) -> i64 {
    groups.map(|g| g.rows).sum()
}
