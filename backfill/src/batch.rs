//! One batch: one transaction that binds rows, counts them, and moves the range's checkpoint.

mod bind;

use std::time::Duration;

use isolation::guard::BACKFILL_SETTING;
use isolation::names::QualifiedName;
use isolation::session::{millis, statement};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, IsolationLevel, TransactionTrait,
};

use crate::coverage::Covered;
use crate::job::Job;
use crate::queue::Range;
use crate::range::Span;
use crate::store::{BACKFILL, RANGE};
use bind::Bind;

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Committed {
    /// It is done. As many candidates as a batch may have: there may be more in its window.
    Done { candidates: i64, rows: i64 },
    /// The range is somebody else's by now: nothing was changed.
    Lost,
}

/// Where a batch works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'a Covered,
    pub(crate) relation: &'a QualifiedName,
    pub(crate) range: &'a Range,
}

/// A batch whose transaction is open.
pub(crate) struct OpenBatch {
    transaction: DatabaseTransaction,
    /// The server process, to see who is in its way.
    pub(crate) pid: i32,
}

/// What opening a batch came to.
pub(crate) enum Opened {
    Batch(OpenBatch),
    /// The backfill is paused or over.
    NotRunning,
}

#[derive(FromQueryResult)]
struct OpenRow {
    pid: i32,
    status: String,
}

/// How long a batch waits for a row at the most: well below the server's `deadlock_timeout` (1 s
/// unless changed). Whoever has waited that long is looked at for a deadlock and is the one to be
/// broken off; it must be the batch that gives way, never the application. And nobody is kept
/// waiting for long behind a batch that waits itself.
const LONGEST_WAIT: Duration = Duration::from_millis(200);

/// Opens a batch's transaction and looks whether the backfill is still running.
///
/// READ COMMITTED, whatever the database's default: a row that somebody changed under our eyes is
/// looked at again rather than an error. Its settings end with the transaction.
/// `synchronous_commit` may be off, for a crash loses rows, counts and checkpoint together.
/// `force_custom_plan`, because the plan must know which pages it is about. The setting of the
/// write guard lets a row by that is unbound and keeps its tenant.
pub(crate) async fn open(job: &Job) -> Result<Opened, DbErr> {
    let isolation = Some(IsolationLevel::ReadCommitted);
    let transaction = job.session.db().begin_with_config(isolation, None).await?;
    let sql = format!(
        "SELECT pg_backend_pid() AS pid, b.status,
                set_config('synchronous_commit', 'off', true), set_config('lock_timeout', $2, true),
                set_config('plan_cache_mode', 'force_custom_plan', true), set_config('row_security', 'off', true),
                set_config('{BACKFILL_SETTING}', 'on', true)
         FROM {BACKFILL} AS b WHERE b.id = $1"
    );
    let timeout = format!("{}ms", millis(job.session.settings().lock_timeout.min(LONGEST_WAIT)));
    let row = OpenRow::find_by_statement(statement(sql, [job.id.into(), timeout.into()]))
        .one(&transaction)
        .await?;
    match row {
        Some(row) if row.status == "running" => {
            Ok(Opened::Batch(OpenBatch { transaction, pid: row.pid }))
        }
        _ => {
            transaction.rollback().await?;
            Ok(Opened::NotRunning)
        }
    }
}

impl OpenBatch {
    /// Binds the rows of a window and commits; `checkpoint_after` says where the checkpoint goes,
    /// given the number of candidates. On an error everything is rolled back.
    pub(crate) async fn commit(
        self,
        job: &Job,
        place: &Place<'_>,
        window: Span,
        checkpoint_after: impl FnOnce(i64) -> i64,
    ) -> Result<Committed, DbErr> {
        let bind = Bind { job, place, window };
        let bound = bind.run(&self.transaction).await?;
        // Rows that were found and not bound were changed by somebody else meanwhile, or kept as
        // they are by a trigger: they are the sweep's, and the walk goes on.
        let candidates = if bound.rows == 0 { 0 } else { bound.candidates };
        let checkpoint = checkpoint_after(candidates);
        if self.move_checkpoint(place.range, window.first, checkpoint).await? {
            self.transaction.commit().await?;
            Ok(Committed::Done { candidates, rows: bound.rows })
        } else {
            self.transaction.rollback().await?;
            Ok(Committed::Lost)
        }
    }

    /// Moves the checkpoint by compare-and-set: false where the range is not ours any more.
    ///
    /// It comes last, so that the range's row is locked only while the transaction commits. This
    /// lock is what a cancel waits for before it counts: either the batch is committed by then,
    /// or it finds another attempt here and changes nothing.
    async fn move_checkpoint(&self, range: &Range, from: i64, to: i64) -> Result<bool, DbErr> {
        let sql = format!(
            "UPDATE {RANGE} SET next_block = $4, finished = $4 >= end_block, put_backs = 0,
                    worker_pid = CASE WHEN $4 >= end_block THEN NULL ELSE worker_pid END
             WHERE id = $1 AND attempt = $2 AND next_block = $3 AND NOT finished"
        );
        let values = [range.id.into(), range.attempt.into(), from.into(), to.into()];
        let moved = self.transaction.execute_raw(statement(sql, values)).await?;
        Ok(moved.rows_affected() == 1)
    }
}
