//! A worker: claims ranges and walks through them, batch by batch, until none is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use isolation::session::blockers::{Blocker, blockers_of};
use isolation::session::rollout_lock::LockError;
use isolation::session::sqlstate::{Fault, in_words};
use sea_orm::DbErr;

use crate::batch::{self, Committed, Opened, Place};
use crate::error::{BackfillError, failing};
use crate::job::Job;
use crate::queue::{self, Claimed, LOOK_AGAIN, Range};
use crate::range::Span;
use crate::stop::Stop;
use crate::window::Walk;

/// How long a batch may hang before the worker looks who is in its way.
const LOOK_AFTER: Duration = Duration::from_millis(500);
/// How often it says so.
const SAY_EVERY: Duration = Duration::from_secs(30);
/// How long to give way after a lock could not be had.
const GIVE_WAY: Duration = Duration::from_millis(200);

/// Our lock is gone: others may take our ranges, so we take none.
fn disowned() -> LockError {
    LockError::Lost("its connection was closed".to_owned())
}

/// Why a worker ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WorkerEnd {
    /// No range is left.
    NoneLeft,
    /// The backfill is paused or over.
    NotRunning,
    /// It was asked to stop.
    Stopped,
}

/// Why a walk through a range ended.
enum WalkEnd {
    /// It is through, or the range is somebody else's by now.
    Over,
    /// A lock could not be had.
    LockInTheWay,
    NotRunning,
    Stopped,
}

pub(crate) struct Worker {
    job: Arc<Job>,
    stop: Stop,
    said_at: Option<Instant>,
}

impl Worker {
    pub(crate) fn new(job: Arc<Job>, stop: Stop) -> Self {
        Self { job, stop, said_at: None }
    }

    /// Works until there is nothing left to claim, or until it is asked to stop.
    pub(crate) async fn work(mut self) -> Result<WorkerEnd, BackfillError> {
        while !self.stop.is_requested() {
            match queue::claim(&self.job).await.map_err(failing("claim a range"))? {
                Claimed::NoneLeft => return Ok(WorkerEnd::NoneLeft),
                Claimed::NotRunning => return Ok(WorkerEnd::NotRunning),
                Claimed::Disowned => return Err(disowned().into()),
                Claimed::NoneFree => self.stop.sleep(LOOK_AGAIN).await,
                Claimed::Range(range) => {
                    if let Some(end) = self.take(&range).await? {
                        return Ok(end);
                    }
                }
            }
        }
        Ok(WorkerEnd::Stopped)
    }

    /// Works on a range and sees to it that it is free afterwards, however that went.
    async fn take(&mut self, range: &Range) -> Result<Option<WorkerEnd>, BackfillError> {
        let doing = "put a range back";
        match self.walk(range).await {
            Ok(WalkEnd::Over) => Ok(None),
            Ok(WalkEnd::LockInTheWay) => {
                queue::put_back(&self.job, range).await.map_err(failing(doing))?;
                self.stop.sleep(GIVE_WAY).await;
                Ok(None)
            }
            Ok(WalkEnd::NotRunning) => {
                queue::let_go(&self.job, range).await.map_err(failing(doing))?;
                Ok(Some(WorkerEnd::NotRunning))
            }
            Ok(WalkEnd::Stopped) => {
                queue::let_go(&self.job, range).await.map_err(failing(doing))?;
                Ok(Some(WorkerEnd::Stopped))
            }
            Err(error) => {
                // The first error is the one to tell; the claim ends with our lock anyway.
                let _ = queue::let_go(&self.job, range).await;
                Err(error)
            }
        }
    }

    async fn walk(&mut self, range: &Range) -> Result<WalkEnd, BackfillError> {
        let job = Arc::clone(&self.job);
        let (Some(relation), Some(table)) = (&range.relation, job.coverage.table(&range.label))
        else {
            return self.cross_out(range).await;
        };
        let place = Place { table, relation, range };
        let mut walk = Walk::new(range.remaining, range.rows_per_page, self.job.batch_size);
        while let Some(window) = walk.window() {
            if self.stop.is_requested() {
                return Ok(WalkEnd::Stopped);
            }
            match self.batch(&place, window, &walk).await {
                Ok(Some(Committed::Done { candidates, rows })) => {
                    tracing::trace!(
                        range = range.id,
                        first = window.first,
                        end = window.end,
                        rows,
                        "batch"
                    );
                    walk.advance(candidates);
                }
                Ok(Some(Committed::Lost)) => {
                    tracing::warn!(
                        range = range.id,
                        "another worker took this range over; nothing of ours was changed"
                    );
                    return Ok(WalkEnd::Over);
                }
                Ok(None) => return Ok(WalkEnd::NotRunning),
                Err(error) if Fault::of(&error) == Fault::LockUnavailable => {
                    tracing::debug!(
                        range = range.id,
                        checkpoint = walk.checkpoint(),
                        "gave way: {}",
                        in_words(&error)
                    );
                    return Ok(WalkEnd::LockInTheWay);
                }
                Err(error) => return self.after_error(range, error).await,
            }
        }
        Ok(WalkEnd::Over)
    }

    /// One batch; none where the backfill is not running.
    async fn batch(
        &mut self,
        place: &Place<'_>,
        window: Span,
        walk: &Walk,
    ) -> Result<Option<Committed>, DbErr> {
        let job = Arc::clone(&self.job);
        let batch = match batch::open(&job).await? {
            Opened::Batch(batch) => batch,
            Opened::NotRunning => return Ok(None),
        };
        let pid = batch.pid;
        let after = |candidates| walk.checkpoint_after(candidates);
        self.watching(pid, batch.commit(&job, place, window, after)).await.map(Some)
    }

    /// Waits for a batch, and says from time to time who it waits for.
    async fn watching<T>(
        &mut self,
        pid: i32,
        committing: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        tokio::pin!(committing);
        tokio::select! {
            outcome = &mut committing => return outcome,
            () = tokio::time::sleep(LOOK_AFTER) => {}
        }
        // Not being able to look is no reason to stop.
        let seen = tokio::select! {
            outcome = &mut committing => return outcome,
            seen = blockers_of(self.job.session.db(), pid) => seen.unwrap_or_default(),
        };
        self.say(&seen);
        committing.await
    }

    fn say(&mut self, blockers: &[Blocker]) {
        let is_due = self.said_at.is_none_or(|at| at.elapsed() >= SAY_EVERY);
        if !blockers.is_empty() && is_due {
            self.said_at = Some(Instant::now());
            for blocker in blockers {
                tracing::info!(
                    "a batch waits for a lock held by {blocker}; its range is tried again later"
                );
            }
        }
    }

    /// What an error means: a relation that is gone takes its rows with it, anything else ends
    /// the work.
    async fn after_error(&self, range: &Range, error: DbErr) -> Result<WalkEnd, BackfillError> {
        if Fault::of(&error) == Fault::Other
            && matches!(queue::is_relation_there(&self.job, range).await, Ok(false))
        {
            return self.cross_out(range).await;
        }
        Err(failing(format!("bind rows of {}", range.label))(error))
    }

    async fn cross_out(&self, range: &Range) -> Result<WalkEnd, BackfillError> {
        tracing::warn!("a partition of {} was dropped, and its rows with it", range.label);
        queue::cross_out(&self.job, range).await.map_err(failing("cross a range out"))?;
        Ok(WalkEnd::Over)
    }
}
