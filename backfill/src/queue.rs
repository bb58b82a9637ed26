//! The queue of ranges: claiming one, putting it back, crossing it out.
//!
//! A claim is worth as much as the lock of the process that signed it: each worker process holds
//! a shared advisory lock for as long as it works, a range names the server process behind that
//! lock, and a range whose process holds no such lock is free. So what a killed worker had is
//! taken over at once, without heartbeats or timeouts. A claim may be judged dead by mistake (a
//! connection breaks while the worker lives on): then `attempt` has moved on, and the batch that
//! the worker tries to commit is rolled back.

use std::time::Duration;

use isolation::names::QualifiedName;
use isolation::session::rollout_lock::Claim;
use isolation::session::sqlstate::Fault;
use isolation::session::{scalar, statement};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use crate::job::Job;
use crate::range::Span;
use crate::store::{BACKFILL, RANGE};

/// How long to wait before looking again for ranges that others hold.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(300);

/// A range that this process holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Range {
    pub(crate) id: i64,
    /// The table, as the manifest names it.
    pub(crate) label: String,
    /// The relation, by the name it has now; none where it was dropped.
    pub(crate) relation: Option<QualifiedName>,
    /// What is still to be walked through.
    pub(crate) remaining: Span,
    pub(crate) rows_per_page: f64,
    /// The claim's number: the fence.
    pub(crate) attempt: i32,
}

#[derive(FromQueryResult)]
struct ClaimedRow {
    id: i64,
    label: String,
    schema_name: Option<String>,
    relation_name: Option<String>,
    next_block: i64,
    end_block: i64,
    rows_per_page: f64,
    attempt: i32,
}

/// What a look for a range came to.
#[derive(Debug)]
pub(crate) enum Claimed {
    Range(Range),
    /// All that are left are in other hands.
    NoneFree,
    /// None is left.
    NoneLeft,
    /// The backfill is not running.
    NotRunning,
    /// The lock behind our claims is gone: they are worth nothing.
    Disowned,
}

/// The processes that hold the lock of those who bind rows, as a common table expression. `$3`
/// and `$4` are the lock's keys; for two-part keys `pg_locks` says `objsubid = 2`.
const ALIVE: &str = "alive AS MATERIALIZED (
    SELECT l.pid FROM pg_catalog.pg_locks AS l
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
      AND l.classid = $3::int8::oid AND l.objid = $4::int8::oid
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
)";

/// Backfill, own process, and the lock's keys.
fn claim_values(job: &Job) -> [sea_orm::Value; 4] {
    let (class, object) = Claim::Rows.keys();
    [job.id.into(), job.pid.into(), i64::from(class).into(), i64::from(object).into()]
}

/// Claims a free range: one that nobody has tried before one that a lock was in the way of.
pub(crate) async fn claim(job: &Job) -> Result<Claimed, DbErr> {
    let statement = statement(claim_sql(), claim_values(job));
    let row = ClaimedRow::find_by_statement(statement).one(job.session.db()).await?;
    match row {
        Some(row) => Ok(Claimed::Range(row.into_range())),
        None => why_none(job).await,
    }
}

async fn why_none(job: &Job) -> Result<Claimed, DbErr> {
    let sql = format!(
        "WITH {ALIVE}
         SELECT CASE WHEN b.status <> 'running' THEN 'not running'
                     WHEN NOT EXISTS (SELECT FROM alive WHERE pid = $2) THEN 'disowned'
                     WHEN EXISTS (SELECT FROM {RANGE} AS r WHERE r.backfill_id = b.id AND NOT r.finished) THEN 'none free'
                     ELSE 'none left' END
         FROM {BACKFILL} AS b WHERE b.id = $1"
    );
    let why: String = scalar(job.session.db(), statement(sql, claim_values(job))).await?;
    Ok(match why.as_str() {
        "none free" => Claimed::NoneFree,
        "none left" => Claimed::NoneLeft,
        "disowned" => Claimed::Disowned,
        _ => Claimed::NotRunning,
    })
}

/// How long a range that was put back is left alone: twice as long each time, up to 5 s. A batch
/// that gives way is rolled back whole, and what it wrote is written for nothing.
const RESPITE: &str = "least(interval '5 s', interval '100 ms' * 2 ^ least(r.put_backs, 10))";

/// Puts a range back that somebody's lock was in the way of: others come first.
pub(crate) async fn put_back(job: &Job, range: &Range) -> Result<(), DbErr> {
    release(job, range, "put_back_at = clock_timestamp(), put_backs = put_backs + 1").await
}

/// Lets a range go: whoever is free may have it.
pub(crate) async fn let_go(job: &Job, range: &Range) -> Result<(), DbErr> {
    release(job, range, "put_back_at = put_back_at").await
}

/// Crosses a range out whose relation is gone, and its rows with it.
pub(crate) async fn cross_out(job: &Job, range: &Range) -> Result<(), DbErr> {
    release(job, range, "finished = true").await
}

/// Whether a range's relation still exists.
pub(crate) async fn is_relation_there(job: &Job, range: &Range) -> Result<bool, DbErr> {
    let sql = format!(
        "SELECT EXISTS (SELECT FROM {RANGE} AS r JOIN pg_catalog.pg_class AS c ON c.oid = r.relation WHERE r.id = $1)"
    );
    scalar(job.session.db(), statement(sql, [range.id.into()])).await
}

async fn release(job: &Job, range: &Range, and: &str) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE {RANGE} SET worker_pid = NULL, {and} WHERE id = $1 AND attempt = $2 AND NOT finished"
    );
    let values = [range.id.into(), range.attempt.into()];
    match job.session.db().execute_raw(statement(sql, values)).await {
        // Only a cancel holds a range's row for long, and it takes the claim away itself.
        Err(error) if Fault::of(&error) != Fault::LockUnavailable => Err(error),
        _ => Ok(()),
    }
}

/// Clears claims that bear our server process's number: a process before us had the same, and is
/// dead. Called before our own workers start.
pub(crate) async fn clear_claims(job: &Job) -> Result<(), DbErr> {
    let sql = format!(
        "UPDATE {RANGE} SET worker_pid = NULL, attempt = attempt + 1
         WHERE backfill_id = $1 AND worker_pid = $2 AND NOT finished"
    );
    let values = [job.id.into(), job.pid.into()];
    job.session.db().execute_raw(statement(sql, values)).await?;
    Ok(())
}

impl ClaimedRow {
    fn into_range(self) -> Range {
        let relation = match (self.schema_name, self.relation_name) {
            (Some(schema), Some(name)) => Some(QualifiedName::new(schema, name)),
            _ => None,
        };
        Range {
            id: self.id,
            label: self.label,
            relation,
            remaining: Span { first: self.next_block, end: self.end_block },
            rows_per_page: self.rows_per_page,
            attempt: self.attempt,
        }
    }
}

// SKIP LOCKED: two who claim at once get different ranges, and nobody waits for a batch that is
// moving its checkpoint. A range's row is locked for an instant only.
fn claim_sql() -> String {
    format!(
        "WITH {ALIVE}, free AS (
    SELECT r.id FROM {RANGE} AS r JOIN {BACKFILL} AS b ON b.id = r.backfill_id
    WHERE b.id = $1 AND b.status = 'running' AND NOT r.finished
      AND (r.worker_pid IS NULL OR r.worker_pid NOT IN (SELECT pid FROM alive))
      AND (r.put_back_at IS NULL OR r.put_back_at + {RESPITE} <= clock_timestamp())
      AND EXISTS (SELECT FROM alive WHERE pid = $2)
    ORDER BY r.put_back_at NULLS FIRST, r.id
    LIMIT 1
    FOR UPDATE OF r SKIP LOCKED
), claimed AS (
    UPDATE {RANGE} AS r SET worker_pid = $2, attempt = r.attempt + 1
    FROM free WHERE r.id = free.id
    RETURNING r.*
)
SELECT r.id, r.label, n.nspname::text AS schema_name, c.relname::text AS relation_name,
       r.next_block, r.end_block, r.rows_per_page, r.attempt
FROM claimed AS r
LEFT JOIN pg_catalog.pg_class AS c ON c.oid = r.relation
LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
    )
}
