//! The two ways to work on a backfill: `run` plans one or resumes it, `work` joins it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use isolation::catalog::Catalog;
use isolation::manifest::Manifest;
use isolation::scope::Scope;
use isolation::session::rollout_lock::{Claim, RolloutLock};
use isolation::session::{Session, statement};
use sea_orm::ConnectionTrait;

use crate::coverage::Coverage;
use crate::engine::{DriveEnd, Engine};
use crate::error::{BackfillError, Leftover, failing};
use crate::job::Job;
use crate::operations::Operations;
use crate::plan::{Plan, Planned, plan_and_enqueue};
use crate::privileges;
use crate::progress::{Event, TableProgress, by_table};
use crate::selection::{Selection, Tuning};
use crate::sql::json;
use crate::state::Status;
use crate::stop::Stop;
use crate::store::{self, BACKFILL, Backfill};

/// What `run` is asked to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunOptions {
    /// Which rows.
    pub selection: Selection,
    /// How.
    pub tuning: Tuning,
    /// Plan and enqueue only; workers elsewhere do the work.
    pub detach: bool,
}

/// How a command on a backfill ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Ending {
    /// No row was without a workspace.
    NothingToDo(Plan),
    /// There is no unfinished backfill to join.
    NothingToJoin,
    /// It is enqueued for workers elsewhere.
    Enqueued {
        /// The backfill.
        id: i64,
    },
    /// It is over, well or not: the summary's status says which.
    Finished(Summary),
    /// Somebody paused it.
    Paused {
        /// The backfill.
        id: i64,
    },
    /// It was stopped on request; the same command goes on.
    Stopped {
        /// The backfill.
        id: i64,
    },
}

/// What a finished backfill did.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The backfill.
    pub id: i64,
    /// How it ended.
    pub status: Status,
    /// Its tables with work, in the manifest's order.
    pub tables: Vec<TableProgress>,
    /// What could not be bound.
    pub leftovers: Vec<Leftover>,
    /// How long this process was at it, in seconds.
    pub seconds: f64,
}

const APPLICATION: &str = "backfill";
/// How often the planner's lock is tried, and how long between.
const PLANNER_TRIES: u32 = 5;
const PLANNER_PAUSE: Duration = Duration::from_millis(100);

/// Binds the rows selected: plans a backfill or resumes the unfinished one of the same extent,
/// and works until it is over.
///
/// # Errors
/// A refusal, before anything is written, or what broke the work off; then the same call goes on.
pub async fn run<F: Fn(Event)>(
    session: &Session,
    manifest: &Manifest,
    options: &RunOptions,
    progress: &F,
    stop: &Stop,
) -> Result<Ending, BackfillError> {
    let (catalog, scope) = session.resolve(manifest).await?;
    privileges::refuse_standby(&catalog)?;
    let coverage = options.selection.resolve(session, &catalog, &scope).await?;
    privileges::refuse_pending_phase(&coverage)?;
    let operations = Operations::of(&scope, &catalog);
    privileges::refuse_missing(session, &catalog, &coverage, &operations).await?;
    let planner = planner_lock(session).await?;
    let mut rows = RolloutLock::acquire(session.url(), APPLICATION, Claim::Rows).await?;
    let part = Part { session, manifest, catalog: &catalog, scope: &scope, progress, stop };
    let ending = part.plan_and_work(&coverage, &operations, options, &mut rows).await;
    rows.release().await;
    planner.release().await;
    ending
}

/// Joins the unfinished backfill with this many workers, and works until it is over.
///
/// # Errors
/// What broke the work off; the same call goes on.
pub async fn work<F: Fn(Event)>(
    session: &Session,
    manifest: &Manifest,
    workers: u32,
    progress: &F,
    stop: &Stop,
) -> Result<Ending, BackfillError> {
    let (catalog, scope) = session.resolve(manifest).await?;
    privileges::refuse_standby(&catalog)?;
    let Some(backfill) = unfinished(session).await? else {
        return Ok(Ending::NothingToJoin);
    };
    if backfill.status == Status::Paused {
        return Ok(Ending::Paused { id: backfill.id });
    }
    let mut rows = RolloutLock::acquire(session.url(), APPLICATION, Claim::Rows).await?;
    let part = Part { session, manifest, catalog: &catalog, scope: &scope, progress, stop };
    let ending = part.drive(&backfill, workers, &mut rows).await;
    rows.release().await;
    ending
}

/// The planner's lock. A killed planner's is let go by the server as soon as it notices, which may
/// be an instant after the next one starts: so the answer is no only after a second look.
async fn planner_lock(session: &Session) -> Result<RolloutLock, BackfillError> {
    for _ in 0..PLANNER_TRIES {
        let lock = RolloutLock::try_acquire(session.url(), APPLICATION, Claim::Backfill).await?;
        if let Some(lock) = lock {
            return Ok(lock);
        }
        tokio::time::sleep(PLANNER_PAUSE).await;
    }
    Err(BackfillError::AlreadyRunning)
}

async fn unfinished(session: &Session) -> Result<Option<Backfill>, BackfillError> {
    store::unfinished(session.db()).await.map_err(failing("look for an unfinished backfill"))
}

/// A process's part in a backfill, before it is known which.
struct Part<'a, F> {
    session: &'a Session,
    manifest: &'a Manifest,
    catalog: &'a Catalog,
    scope: &'a Scope,
    progress: &'a F,
    stop: &'a Stop,
}

impl<F: Fn(Event)> Part<'_, F> {
    /// Under the planner's lock: nobody else plans meanwhile.
    async fn plan_and_work(
        &self,
        coverage: &Coverage,
        operations: &Operations,
        options: &RunOptions,
        rows: &mut RolloutLock,
    ) -> Result<Ending, BackfillError> {
        let id = match unfinished(self.session).await? {
            Some(backfill) => self.resume(backfill, coverage, options.tuning).await?,
            None => {
                match plan_and_enqueue(self.session, coverage, operations, options, self.stop)
                    .await?
                {
                    Planned::Nothing(plan) => {
                        (self.progress)(Event::Planned(plan.clone()));
                        return Ok(Ending::NothingToDo(plan));
                    }
                    Planned::Enqueued { plan, backfill } => {
                        (self.progress)(Event::Planned(plan));
                        (self.progress)(Event::Enqueued { id: backfill });
                        backfill
                    }
                }
            }
        };
        if options.detach {
            return Ok(Ending::Enqueued { id });
        }
        let backfill = self.read(id).await?;
        self.drive(&backfill, options.tuning.workers, rows).await
    }

    /// Takes an unfinished backfill up again, where it covers the same.
    async fn resume(
        &self,
        backfill: Backfill,
        coverage: &Coverage,
        tuning: Tuning,
    ) -> Result<i64, BackfillError> {
        let Backfill { id, status, extent, since, .. } = backfill;
        if extent != coverage.extent {
            return Err(BackfillError::Unfinished { id, covers: extent.to_string(), since });
        }
        if status == Status::Paused {
            return Err(BackfillError::Paused { id, since });
        }
        let doing = "resume the backfill";
        let sql = format!("UPDATE {BACKFILL} SET tuning = $2 WHERE id = $1 AND tuning <> $2");
        let values = [id.into(), json(&tuning).map_err(failing(doing))?];
        let updated = self.session.db().execute_raw(statement(sql, values)).await;
        updated.map_err(failing(doing))?;
        (self.progress)(Event::Resumed { id, since });
        Ok(id)
    }

    async fn read(&self, id: i64) -> Result<Backfill, BackfillError> {
        let doing = "read the backfill";
        let found = store::by_id(self.session.db(), id).await.map_err(failing(doing))?;
        found
            .ok_or_else(|| failing(doing)(sea_orm::DbErr::RecordNotFound(format!("backfill {id}"))))
    }

    async fn drive(
        &self,
        backfill: &Backfill,
        workers: u32,
        rows: &mut RolloutLock,
    ) -> Result<Ending, BackfillError> {
        let began = Instant::now();
        let pid = rows.pid().await?;
        let resolved = (self.catalog, self.scope);
        let job = Arc::new(Job::new(self.session, self.manifest, resolved, backfill, pid)?);
        let mut engine = Engine {
            job: Arc::clone(&job),
            workers,
            lock: rows,
            progress: self.progress,
            stop: self.stop,
        };
        match engine.drive().await? {
            DriveEnd::Stopped => Ok(Ending::Stopped { id: job.id }),
            DriveEnd::Over => self.ending(&job, began).await,
        }
    }

    /// What the backfill's row says, once there is nothing left to do for us.
    async fn ending(&self, job: &Job, began: Instant) -> Result<Ending, BackfillError> {
        let backfill = self.read(job.id).await?;
        if !backfill.status.is_finished() {
            return Ok(Ending::Paused { id: job.id });
        }
        let doing = "read how it ended";
        let tables = by_table(self.session.db(), &job.coverage, job.id).await;
        let leftovers = store::leftovers(self.session.db(), job.id).await;
        Ok(Ending::Finished(Summary {
            id: job.id,
            status: backfill.status,
            tables: tables.map_err(failing(doing))?,
            leftovers: leftovers.map_err(failing(doing))?,
            seconds: began.elapsed().as_secs_f64(),
        }))
    }
}
