//! Pausing, resuming and cancelling: one transaction each, effective in every worker at its next
//! batch.

use isolation::manifest::Manifest;
use isolation::session::{Session, statement};
use sea_orm::{ConnectionTrait, DatabaseTransaction, IsolationLevel};

use crate::coverage::Coverage;
use crate::error::{BackfillError, failing};
use crate::operations::{Closing, Operations};
use crate::progress::{TableProgress, by_table};
use crate::settle::finish;
use crate::sql::begin;
use crate::state::{Request, Status};
use crate::store::{self, BACKFILL, Backfill, RANGE};

/// These locks are on our own bookkeeping and on rows of operation runs: waiting for them is in
/// nobody's way.
const PATIENCE: &str = "SET LOCAL lock_timeout = '30s'";

/// What a request has made of the backfill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The backfill.
    pub id: i64,
    /// Where it stands now.
    pub status: Status,
    /// How far its tables are.
    pub tables: Vec<TableProgress>,
}

/// Pauses, resumes or cancels the unfinished backfill.
///
/// # Errors
/// [`BackfillError::NothingTo`] and [`BackfillError::OutOfPlace`] where there is nothing to do,
/// or what the database answers.
pub async fn control(
    session: &Session,
    manifest: &Manifest,
    request: Request,
) -> Result<Changed, BackfillError> {
    let doing = format!("{request} the backfill");
    let (catalog, scope) = session.resolve(manifest).await?;
    let (transaction, _) =
        begin(session, IsolationLevel::ReadCommitted).await.map_err(failing(&doing))?;
    transaction.execute_unprepared(PATIENCE).await.map_err(failing(&doing))?;
    let backfill = store::lock_unfinished(&transaction).await.map_err(failing(&doing))?;
    let Some(backfill) = backfill else {
        return Err(BackfillError::NothingTo(request));
    };
    let Backfill { id, status, .. } = backfill;
    let Some(next) = status.after(request) else {
        return Err(BackfillError::OutOfPlace { id, status, request });
    };
    let coverage = Coverage::recorded(&scope, &catalog, backfill.extent)?;
    match request {
        Request::Pause | Request::Resume => set(&transaction, id, next, &doing).await?,
        Request::Cancel => {
            void_claims(&transaction, id).await?;
            let closing = Closing { status: next, leftovers: Vec::new() };
            let operations = Operations::of(&scope, &catalog);
            finish(&transaction, &operations, &coverage, id, &closing).await?;
        }
    }
    let tables = by_table(&transaction, &coverage, id).await.map_err(failing(&doing))?;
    transaction.commit().await.map_err(failing(&doing))?;
    Ok(Changed { id, status: next, tables })
}

async fn set(
    db: &DatabaseTransaction,
    id: i64,
    next: Status,
    doing: &str,
) -> Result<(), BackfillError> {
    let sql = format!(
        "UPDATE {BACKFILL} SET status = $2, paused_at = CASE WHEN $2 = 'paused' THEN now() END WHERE id = $1"
    );
    let values = [id.into(), next.as_str().into()];
    db.execute_raw(statement(sql, values)).await.map_err(failing(doing))?;
    Ok(())
}

/// Takes the ground from under every batch that is still open, so that what is counted next is
/// final. A batch locks its range's row only to move the checkpoint: either it has, and this
/// waits until it is committed (the count, a later statement, sees it), or it will, and then finds
/// another attempt and rolls back. No worker can claim a range in between: its row is locked.
async fn void_claims(db: &DatabaseTransaction, id: i64) -> Result<(), BackfillError> {
    let sql = format!(
        "UPDATE {RANGE} SET attempt = attempt + 1, worker_pid = NULL WHERE backfill_id = $1 AND NOT finished"
    );
    let voided = db.execute_raw(statement(sql, [id.into()])).await;
    voided.map_err(failing("take the ranges from their workers"))?;
    Ok(())
}
