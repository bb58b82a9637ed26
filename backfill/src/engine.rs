//! Driving a backfill: workers, the clock, and what comes after the last range.

use std::sync::Arc;
use std::time::Duration;

use isolation::session::rollout_lock::RolloutLock;
use isolation::session::statement;
use sea_orm::{ConnectionTrait, IsolationLevel};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::error::{BackfillError, failing};
use crate::guard_log;
use crate::job::Job;
use crate::progress::{Event, by_table};
use crate::queue::{self, LOOK_AGAIN};
use crate::settle::{Settled, settle};
use crate::sql::begin;
use crate::stop::Stop;
use crate::store::BACKFILL;
use crate::worker::{Worker, WorkerEnd};

/// How often progress is shown.
const SHOW_EVERY: Duration = Duration::from_secs(1);
/// How often the operation runs are brought up to date, and the lock is made sure of.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// Looking at progress may take one part in this many of the time: sums over many batches are
/// taken less often.
const SHARE: u32 = 20;

/// Why driving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DriveEnd {
    /// The backfill is finished, or somebody paused or cancelled it: its row says which.
    Over,
    /// Stopped on request.
    Stopped,
}

/// A process's part in a backfill: its workers and their lock.
pub(crate) struct Engine<'a, F> {
    pub(crate) job: Arc<Job>,
    pub(crate) workers: u32,
    pub(crate) lock: &'a mut RolloutLock,
    pub(crate) progress: &'a F,
    pub(crate) stop: &'a Stop,
}

impl<F: Fn(Event)> Engine<'_, F> {
    /// Works until the backfill is over or a stop is asked for.
    pub(crate) async fn drive(&mut self) -> Result<DriveEnd, BackfillError> {
        queue::clear_claims(&self.job).await.map_err(failing("clear claims of a dead worker"))?;
        refresh_runs(&self.job).await?;
        loop {
            let end = self.work().await?;
            self.show().await?;
            match end {
                WorkerEnd::Stopped => return Ok(DriveEnd::Stopped),
                WorkerEnd::NotRunning => return Ok(DriveEnd::Over),
                WorkerEnd::NoneLeft => {}
            }
            match settle(&self.job, self.stop).await {
                Ok(Settled::Again { sweep, rows }) => {
                    (self.progress)(Event::Swept { sweep, rows });
                }
                Ok(Settled::NotNow) => self.stop.sleep(LOOK_AGAIN).await,
                Ok(Settled::Over) => {
                    self.show().await?;
                    return Ok(DriveEnd::Over);
                }
                Err(error) if error.is_lock_unavailable() => self.stop.sleep(LOOK_AGAIN).await,
                Err(BackfillError::Stopped) => return Ok(DriveEnd::Stopped),
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs the workers until all have ended. The first error stops the others at their next
    /// batch boundary, and is what is returned.
    async fn work(&mut self) -> Result<WorkerEnd, BackfillError> {
        let (stopper, stop) = Stop::pair();
        let mut workers = JoinSet::new();
        for _ in 0..self.workers {
            workers.spawn(Worker::new(Arc::clone(&self.job), stop.clone()).work());
        }
        let mut clock = Clock::start();
        let mut ended: Result<Option<WorkerEnd>, BackfillError> = Ok(None);
        let asked = self.stop.requested();
        tokio::pin!(asked);
        let mut is_asked = false;
        loop {
            let failed = tokio::select! {
                biased;
                joined = workers.join_next() => match joined {
                    None => break,
                    Some(Ok(Ok(end))) => { ended = ended.map(|so_far| Some(joint(so_far, end))); None }
                    Some(Ok(Err(error))) => Some(error),
                    Some(Err(error)) => Some(BackfillError::Worker(error.to_string())),
                },
                () = &mut asked, if !is_asked => { is_asked = true; stopper.request(); None }
                () = sleep_until(clock.show_at) => clock.showing(self.show()).await.err(),
                () = sleep_until(clock.refresh_at) => clock.refreshing(self.refresh()).await.err(),
            };
            if let Some(error) = failed {
                stopper.request();
                ended = ended.and(Err(error));
            }
        }
        Ok(ended?.unwrap_or(WorkerEnd::NoneLeft))
    }

    async fn show(&self) -> Result<(), BackfillError> {
        let tables = by_table(self.job.session.db(), &self.job.coverage, self.job.id).await;
        (self.progress)(Event::Progressed(tables.map_err(failing("read the progress"))?));
        Ok(())
    }

    /// Brings the operation runs up to date, unless another process has just done it, and makes
    /// sure that the lock behind our claims is still there.
    async fn refresh(&mut self) -> Result<(), BackfillError> {
        self.lock.confirm().await?;
        refresh_runs(&self.job).await
    }
}

/// What several workers' ends come to: one that was stopped, or saw the backfill not running,
/// speaks for all.
fn joint(so_far: Option<WorkerEnd>, end: WorkerEnd) -> WorkerEnd {
    match (so_far, end) {
        (Some(WorkerEnd::Stopped), _) | (_, WorkerEnd::Stopped) => WorkerEnd::Stopped,
        (Some(WorkerEnd::NotRunning), _) | (_, WorkerEnd::NotRunning) => WorkerEnd::NotRunning,
        (None | Some(WorkerEnd::NoneLeft), WorkerEnd::NoneLeft) => WorkerEnd::NoneLeft,
    }
}

/// The operation runs may be locked by the application for a moment: there is a next time.
async fn refresh_runs(job: &Job) -> Result<(), BackfillError> {
    match try_refresh_runs(job).await {
        Err(error) if error.is_lock_unavailable() => {
            tracing::debug!("gave way: {error}");
            Ok(())
        }
        outcome => outcome,
    }
}

async fn try_refresh_runs(job: &Job) -> Result<(), BackfillError> {
    let doing = "bring the operation runs up to date";
    let (transaction, _) =
        begin(&job.session, IsolationLevel::ReadCommitted).await.map_err(failing(doing))?;
    // SKIP LOCKED: somebody else finishes, pauses or refreshes it just now.
    let sql = format!(
        "UPDATE {BACKFILL} SET refreshed_at = now(), started_at = coalesce(started_at, now())
         WHERE id = (SELECT id FROM {BACKFILL} WHERE id = $1 AND status = 'running'
                     AND (refreshed_at IS NULL OR refreshed_at < now() - interval '{} seconds')
                     FOR UPDATE SKIP LOCKED)",
        REFRESH_EVERY.as_secs() - 1
    );
    let ours = transaction.execute_raw(statement(sql, [job.id.into()])).await;
    if ours.map_err(failing(doing))?.rows_affected() == 0 {
        return Ok(());
    }
    guard_log::fold(&transaction, &job.coverage, job.id).await.map_err(failing(doing))?;
    job.operations.refresh(&transaction, job.id).await.map_err(failing(doing))?;
    transaction.commit().await.map_err(failing(doing))
}

/// When progress is next shown and the runs are next refreshed.
struct Clock {
    show_at: Instant,
    refresh_at: Instant,
}

impl Clock {
    fn start() -> Self {
        let now = Instant::now();
        Self { show_at: now, refresh_at: now + REFRESH_EVERY }
    }

    async fn showing<T>(&mut self, showing: impl Future<Output = T>) -> T {
        let (outcome, next) = timed(showing, SHOW_EVERY).await;
        self.show_at = next;
        outcome
    }

    async fn refreshing<T>(&mut self, refreshing: impl Future<Output = T>) -> T {
        let (outcome, next) = timed(refreshing, REFRESH_EVERY).await;
        self.refresh_at = next;
        outcome
    }
}

async fn timed<T>(doing: impl Future<Output = T>, every: Duration) -> (T, Instant) {
    let began = Instant::now();
    let outcome = doing.await;
    let took = began.elapsed();
    (outcome, Instant::now() + every.max(took * SHARE))
}
