//! When no range is left: looking whether rows have arrived meanwhile, and finishing if not.
//!
//! Several processes may come here at once. One looks (an advisory lock that the others do not
//! wait for), for a look may read whole tables. The decision that follows is made behind a row
//! lock on the backfill, on what is true then, and takes effect in the same transaction.

use std::collections::{BTreeMap, HashSet};

use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, IsolationLevel};

use crate::coverage::{Coverage, Covered};
use crate::error::{BackfillError, Leftover, failing};
use crate::guard_log;
use crate::job::Job;
use crate::operations::{Closing, Operations};
use crate::plan::{Group, count, enqueue_ranges, samples};
use crate::sql::{begin, interruptible, json};
use crate::state::Status;
use crate::stop::Stop;
use crate::store::{self, BACKFILL, QUOTA, RANGE};

/// How often rows may be found that have arrived meanwhile before it is given up.
const MOST_SWEEPS: i32 = 10;

/// What settling came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Rows were found, and new ranges made for them.
    Again { sweep: i32, rows: i64 },
    /// The backfill is finished, or whatever else somebody has made of it.
    Over,
    /// Somebody else is looking, or has made new ranges.
    NotNow,
}

/// What is still unbound in one table.
struct Rest<'a> {
    table: &'a Covered,
    /// Rows that can be bound.
    resolvable: Vec<Group>,
    unresolvable: Option<Leftover>,
}

/// Looks for rows that are left, and goes round again or finishes.
pub(crate) async fn settle(job: &Job, stop: &Stop) -> Result<Settled, BackfillError> {
    let doing = "look for rows that are left";
    let coverage = job.coverage_now().await?;
    let (transaction, pid) =
        begin(&job.session, IsolationLevel::ReadCommitted).await.map_err(failing(doing))?;
    let try_lock = statement(
        "SELECT pg_try_advisory_xact_lock(hashtext('workspace_isolation.sweep'), $1::int)",
        [i32::try_from(job.id).unwrap_or(i32::MAX).into()],
    );
    if !scalar::<_, bool>(&transaction, try_lock).await.map_err(failing(doing))? {
        return Ok(Settled::NotNow);
    }
    let rests = interruptible(&job.session, pid, stop, look(&transaction, &coverage, job)).await?;
    let Some(backfill) = store::lock_unfinished(&transaction)
        .await
        .map_err(failing(doing))?
        .filter(|b| b.id == job.id)
    else {
        return Ok(Settled::Over);
    };
    if backfill.status != Status::Running {
        return Ok(Settled::Over);
    }
    if has_ranges(&transaction, job).await? {
        return Ok(Settled::NotNow);
    }
    let rows: i64 = rests.iter().flat_map(|r| &r.resolvable).map(|g| g.rows).sum();
    let sweep = backfill.sweeps + 1;
    let settled = if rows > 0 && sweep <= MOST_SWEEPS {
        go_round(&transaction, job, &rests).await?;
        Settled::Again { sweep, rows }
    } else {
        let closing = closing(&rests);
        finish(&transaction, &job.operations, &coverage, job.id, &closing).await?;
        Settled::Over
    };
    transaction.commit().await.map_err(failing("commit the end of a backfill"))?;
    Ok(settled)
}

/// Ends the backfill in the caller's transaction, which holds its row's lock: the last counts,
/// the audit trail and the status become true together, once.
///
/// Whoever calls this has seen to it that no batch can commit any more: there is no unfinished
/// range, or every claim on one is void.
pub(crate) async fn finish(
    db: &impl ConnectionTrait,
    operations: &Operations,
    coverage: &Coverage,
    id: i64,
    closing: &Closing,
) -> Result<(), BackfillError> {
    let doing = "finish the backfill";
    // What the guard bound is visible here: a look that finds nothing unbound has seen those
    // rows, and this statement's snapshot is no older.
    guard_log::fold(db, coverage, id).await.map_err(failing(doing))?;
    operations.close(db, coverage, id, closing).await?;
    let sql = format!(
        "UPDATE {BACKFILL} SET status = $2, leftovers = $3, started_at = coalesce(started_at, now()), finished_at = now()
         WHERE id = $1 AND status IN ('running', 'paused')"
    );
    let values = [
        id.into(),
        closing.status.as_str().into(),
        json(&closing.leftovers).map_err(failing(doing))?,
    ];
    db.execute_raw(statement(sql, values)).await.map_err(failing(doing))?;
    Ok(())
}

async fn look<'a>(
    db: &impl ConnectionTrait,
    coverage: &'a Coverage,
    job: &Job,
) -> Result<Vec<Rest<'a>>, BackfillError> {
    let mut rests = Vec::new();
    for table in &coverage.tables {
        let groups = count(db, coverage, table).await?;
        let (resolvable, lost): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|g| g.workspace.is_some());
        let rows: i64 = lost.iter().map(|g| g.rows).sum();
        let unresolvable = if rows > 0 {
            let sample_ids = samples(db, coverage, table).await?;
            let label = table.target.label.clone();
            Some(Leftover { table: label, workspace: None, rows, sample_ids })
        } else {
            None
        };
        let resolvable = within_quota(db, coverage, job, table, resolvable).await?;
        rests.push(Rest { table, resolvable, unresolvable });
    }
    Ok(rests)
}

/// With `--max-rows`, only the rows of workspaces that have some of it left.
async fn within_quota(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    job: &Job,
    table: &Covered,
    groups: Vec<Group>,
) -> Result<Vec<Group>, BackfillError> {
    if coverage.extent.max_rows.is_none() || groups.is_empty() {
        return Ok(groups);
    }
    let sql = format!(
        "SELECT workspace FROM {QUOTA} WHERE backfill_id = $1 AND label = $2 AND remaining > 0"
    );
    let values = [job.id.into(), table.target.label.clone().into()];
    let left = store::rows::<(String,)>(db, statement(sql, values)).await;
    let left: HashSet<_> =
        left.map_err(failing("read the quota"))?.into_iter().map(|(w,)| w).collect();
    let has_some = |g: &Group| g.workspace.as_ref().is_some_and(|w| left.contains(w));
    Ok(groups.into_iter().filter(has_some).collect())
}

async fn has_ranges(db: &impl ConnectionTrait, job: &Job) -> Result<bool, BackfillError> {
    let sql =
        format!("SELECT EXISTS (SELECT FROM {RANGE} WHERE backfill_id = $1 AND NOT finished)");
    let exists = scalar(db, statement(sql, [job.id.into()])).await;
    exists.map_err(failing("look for unfinished ranges"))
}

async fn go_round(
    db: &impl ConnectionTrait,
    job: &Job,
    rests: &[Rest<'_>],
) -> Result<(), BackfillError> {
    let doing = "enqueue rows that have arrived";
    let tables = rests.iter().map(|r| (r.table.target.label.as_str(), &r.resolvable[..]));
    enqueue_ranges(db, job.id, tables).await.map_err(failing(doing))?;
    let sql = format!("UPDATE {BACKFILL} SET sweeps = sweeps + 1 WHERE id = $1");
    db.execute_raw(statement(sql, [job.id.into()])).await.map_err(failing(doing))?;
    Ok(())
}

/// How it ends with what is left: rows that could be bound but keep arriving make it failed, rows
/// that cannot be resolved make it a partial success.
fn closing(rests: &[Rest<'_>]) -> Closing {
    let mut leftovers: Vec<Leftover> = Vec::new();
    for rest in rests {
        let mut rows: BTreeMap<&String, i64> = BTreeMap::new();
        for group in &rest.resolvable {
            if let Some(workspace) = &group.workspace {
                *rows.entry(workspace).or_default() += group.rows;
            }
        }
        leftovers.extend(rows.into_iter().map(|(workspace, rows)| Leftover {
            table: rest.table.target.label.clone(),
            workspace: Some(workspace.clone()),
            rows,
            sample_ids: Vec::new(),
        }));
        leftovers.extend(rest.unresolvable.clone());
    }
    let status = if leftovers.iter().any(|l| l.workspace.is_some()) {
        Status::Failed
    } else if leftovers.is_empty() {
        Status::Succeeded
    } else {
        Status::PartiallySucceeded
    };
    Closing { status, leftovers }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::fixtures;
    use crate::range::Span;

    fn rest<'a>(table: &'a Covered, workspace: Option<&str>, lost: i64) -> Rest<'a> {
        let group = |workspace: &str| Group {
            leaf: 7,
            workspace: Some(workspace.to_owned()),
            rows: 2,
            span: Span { first: 0, end: 1 },
        };
        let unresolvable = (lost > 0).then(|| Leftover {
            table: table.target.label.clone(),
            workspace: None,
            rows: lost,
            sample_ids: vec![7.into()],
        });
        Rest { table, resolvable: workspace.map(group).into_iter().collect(), unresolvable }
    }

    #[test]
    fn what_is_left_decides_how_it_ends() {
        let coverage = fixtures::coverage();
        let [one, other, _] = &coverage.tables[..] else { return };
        let status = |rests: &[Rest<'_>]| closing(rests).status;
        assert_eq!(status(&[rest(one, None, 0), rest(other, None, 0)]), Status::Succeeded);
        assert_eq!(status(&[rest(one, None, 3)]), Status::PartiallySucceeded);
        assert_eq!(status(&[rest(one, None, 3), rest(other, Some("1"), 0)]), Status::Failed);
        assert_eq!(
            closing(&[rest(one, None, 3)]).leftovers[0].to_string(),
            "policies: 3 rows with no tenant, or a tenant without workspace (ids 7)"
        );
    }
}
