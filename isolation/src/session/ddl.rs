//! Running DDL beside a living application.
//!
//! A statement that needs a strong lock waits in a queue, and everybody who comes later waits
//! behind it. So it waits briefly, gives way so that the queue drains, and tries again after a
//! pause of random length; meanwhile it says who is in the way.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sea_orm::sqlx::{self, Executor as _};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, TransactionTrait};

use crate::catalog::Catalog;
use crate::names::{QualifiedName, TableName};

use super::blockers::{Blocker, blockers_of, entrenched};
use super::sqlstate::{Fault, driver_words, in_words};
use super::{Session, SessionError, millis, scalar, statement};

/// How a statement waits for its locks.
#[derive(Debug, Clone, Copy)]
pub struct LockPolicy {
    /// How long one try may wait for one lock.
    pub lock_timeout: Duration,
    /// How many tries there are after the first.
    pub retries: u32,
}

impl LockPolicy {
    /// Waits before the next try: a random time, the longer the more tries there have been.
    pub async fn pause_after(self, tries: u32) {
        let pause = pause_after(tries, rand::random::<f64>());
        tracing::info!(tries, "gave way: next try in {} ms", pause.as_millis());
        tokio::time::sleep(pause).await;
    }

    /// Often enough to see who is in the way before the try is over.
    fn look_every(self) -> Duration {
        (self.lock_timeout / 3).clamp(Duration::from_millis(5), LOOK_EVERY)
    }
}

/// The pause after the first failed try; it doubles with each try up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often a waiting statement looks who is in the way, at the most.
const LOOK_EVERY: Duration = Duration::from_millis(300);

/// A statement that was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DdlError {
    /// Its locks could not be had in any of the tries.
    #[error("get the lock for `{sql}` in {tries} tries{}", in_the_way(blockers))]
    Blocked {
        /// The statement.
        sql: String,
        /// How often it was tried.
        tries: u32,
        /// Who was in the way when last seen.
        blockers: Vec<Blocker>,
    },
    /// It took longer than it may.
    #[error("run `{sql}` within {}{}", humantime::format_duration(*.budget), in_the_way(blockers))]
    TooLong {
        /// The statement.
        sql: String,
        /// How long it may take.
        budget: Duration,
        /// Who was in the way when last seen.
        blockers: Vec<Blocker>,
    },
    /// The database refused it.
    #[error("run `{sql}`: {reason}")]
    Failed {
        /// The statement.
        sql: String,
        /// What kind of failure it is.
        fault: Fault,
        /// What the database said.
        reason: String,
    },
}

fn in_the_way(blockers: &[Blocker]) -> String {
    let mut text = String::new();
    for blocker in blockers {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  in the way: {blocker}");
    }
    text
}

impl DdlError {
    fn new(sql: &str, error: &DbErr) -> Self {
        Self::Failed { sql: sql.to_owned(), fault: Fault::of(error), reason: in_words(error) }
    }
}

/// Statements that are committed together.
#[derive(Debug, Clone, Copy)]
pub struct Together<'a> {
    /// The statement it is all about, for people.
    pub about: &'a str,
    /// The statements, each saying how long it waits for its lock (`SET LOCAL lock_timeout`);
    /// else that is the session's timeout.
    pub statements: &'a [String],
    /// The tables that are locked against the application.
    pub tables: &'a [&'a QualifiedName],
    /// Whose holders stand in the way there, as `pg_locks` names the modes.
    pub modes: &'a [&'a str],
}

impl Session {
    /// Runs statements in one transaction of their own; it is tried again as long as the policy
    /// allows where a lock cannot be had.
    ///
    /// # Errors
    /// [`DdlError::Blocked`] when the tries are used up, [`DdlError::Failed`] for anything else.
    /// Nothing of the transaction stays in either case.
    pub async fn run_in_transaction(
        &self,
        together: Together<'_>,
        policy: LockPolicy,
    ) -> Result<(), DdlError> {
        let mut blockers = Vec::new();
        let mut tries = 0;
        loop {
            let outcome = self.try_transaction(together, policy, &mut blockers).await;
            tries += 1;
            match outcome {
                Ok(true) => return Ok(()),
                Err(error) if Fault::of(&error) != Fault::LockUnavailable => {
                    return Err(DdlError::new(together.about, &error));
                }
                Ok(false) | Err(_) => {}
            }
            if tries > policy.retries {
                return Err(DdlError::Blocked { sql: together.about.to_owned(), tries, blockers });
            }
            policy.pause_after(tries).await;
        }
    }

    /// One try; `false` where it would have been in vain, and the application would have had to
    /// wait behind it for nothing: somebody has been at one of the tables for longer than a try.
    async fn try_transaction(
        &self,
        together: Together<'_>,
        policy: LockPolicy,
        blockers: &mut Vec<Blocker>,
    ) -> Result<bool, DbErr> {
        // Who may not look, or does not see how long others have been there, gets in line.
        let entrenched = entrenched(&self.db, together, policy.lock_timeout).await;
        let entrenched = entrenched.unwrap_or_default();
        if !entrenched.is_empty() {
            say_who(&entrenched, blockers);
            return Ok(false);
        }
        let mut connection = self.pool.acquire().await.map_err(in_query)?;
        let (pid,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()")
            .fetch_one(&mut *connection)
            .await
            .map_err(in_query)?;
        // All of it is one message. No lock is ever held while the server waits to hear from a
        // process that was killed, stopped, or has lost its network.
        let message = format!("BEGIN;\n{};\nCOMMIT", together.statements.join(";\n"));
        let running =
            async { connection.execute(sqlx::AssertSqlSafe(message)).await.map_err(in_query) };
        let outcome = self.watching(pid, policy.look_every(), blockers, running).await;
        // What fails leaves a transaction that is over but for its name.
        if outcome.is_err() && connection.execute("ROLLBACK").await.is_err() {
            drop(connection.detach());
        }
        outcome.map(|_| true)
    }

    /// Waits for a statement of the server process `pid` and says meanwhile who it waits for.
    async fn watching<T>(
        &self,
        pid: i32,
        look_every: Duration,
        blockers: &mut Vec<Blocker>,
        running: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.running.store(pid, Ordering::SeqCst);
        let outcome = self.told_who_is_in_the_way(pid, look_every, blockers, running).await;
        self.running.store(0, Ordering::SeqCst);
        outcome
    }

    async fn told_who_is_in_the_way<T>(
        &self,
        pid: i32,
        look_every: Duration,
        blockers: &mut Vec<Blocker>,
        running: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        tokio::pin!(running);
        loop {
            tokio::select! {
                outcome = &mut running => return outcome,
                () = tokio::time::sleep(look_every) => {}
            }
            // Not being able to look is no reason to stop.
            let seen = tokio::select! {
                outcome = &mut running => return outcome,
                seen = blockers_of(&self.db, pid) => seen.unwrap_or_default(),
            };
            say_who(&seen, blockers);
        }
    }

    /// Reads the catalog in a transaction of its own, waiting for locks as statements do.
    ///
    /// # Errors
    /// [`SessionError::Blocked`] when the tries are used up, [`SessionError::Sql`] for anything else.
    pub(super) async fn read_catalog(
        &self,
        policy: LockPolicy,
        tables: &[TableName],
    ) -> Result<Catalog, SessionError> {
        let mut blockers = Vec::new();
        let mut tries = 0;
        loop {
            let attempt = async {
                let transaction = self.db.begin().await?;
                let pid = begin_gently(&transaction, policy).await?;
                let reading = Catalog::read(&transaction, tables);
                let found = self.watching(pid, policy.look_every(), &mut blockers, reading).await?;
                transaction.commit().await.map(|()| found)
            };
            let error = match attempt.await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            tries += 1;
            if Fault::of(&error) != Fault::LockUnavailable {
                return Err(error.into());
            }
            if tries > policy.retries {
                let sql = "the catalog of the manifest's tables".to_owned();
                return Err(DdlError::Blocked { sql, tries, blockers }.into());
            }
            policy.pause_after(tries).await;
        }
    }

    /// Cancels the DDL statement that is running, if one is. Whoever was told to stop would
    /// otherwise leave a server process behind that goes on reading a table for nobody.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn cancel_running(&self) -> Result<(), DbErr> {
        match self.running.load(Ordering::SeqCst) {
            0 => Ok(()),
            pid => {
                let cancel = statement("SELECT pg_cancel_backend($1)", [pid.into()]);
                scalar::<_, bool>(&self.db, cancel).await.map(|_| ())
            }
        }
    }

    /// Runs one statement that must not be in a transaction, such as CREATE INDEX CONCURRENTLY,
    /// on a connection of its own. It takes no lock that blocks reads or writes, neither while
    /// it runs nor while it waits, so the short lock timeout does not apply to it; its budget does.
    ///
    /// # Errors
    /// [`DdlError::TooLong`] or [`DdlError::Failed`].
    pub async fn run_outside_transaction(
        &self,
        sql: &str,
        budget: Duration,
    ) -> Result<(), DdlError> {
        let failed = |error: sqlx::Error| DdlError::Failed {
            sql: sql.to_owned(),
            fault: Fault::of_sqlx(&error),
            reason: driver_words(&error),
        };
        let mut connection = self.pool.acquire().await.map_err(failed)?.detach();
        let settings = format!("SET lock_timeout = 0; SET statement_timeout = {}", millis(budget));
        connection.execute(sqlx::AssertSqlSafe(settings)).await.map_err(failed)?;
        let row: (i32,) = sqlx::query_as("SELECT pg_backend_pid()")
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        let begun = Instant::now();
        let running = async {
            connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.map_err(in_query)
        };
        let mut blockers = Vec::new();
        let outcome = self.watching(row.0, LOOK_EVERY, &mut blockers, running).await;
        // Its timeouts are not the pool's: it does not go back there.
        drop(connection);
        outcome.map(|_| ()).map_err(|error| {
            if Fault::of(&error) == Fault::Canceled && begun.elapsed() >= budget {
                return DdlError::TooLong { sql: sql.to_owned(), budget, blockers };
            }
            DdlError::new(sql, &error)
        })
    }
}

fn in_query(error: sqlx::Error) -> DbErr {
    DbErr::Exec(sea_orm::RuntimeErr::SqlxError(error.into()))
}

/// Says who is in the way, once, and remembers it.
fn say_who(seen: &[Blocker], blockers: &mut Vec<Blocker>) {
    if !seen.is_empty() && seen != &blockers[..] {
        for blocker in seen {
            tracing::info!("waiting for {blocker}");
        }
        *blockers = seen.to_vec();
    }
}

async fn begin_gently(transaction: &DatabaseTransaction, policy: LockPolicy) -> Result<i32, DbErr> {
    let timeout = millis(policy.lock_timeout);
    transaction.execute_unprepared(&format!("SET LOCAL lock_timeout = {timeout}")).await?;
    process_of(transaction).await
}

async fn process_of(transaction: &DatabaseTransaction) -> Result<i32, DbErr> {
    scalar(transaction, statement("SELECT pg_backend_pid()", [])).await
}

/// Exponential backoff with full jitter: anything from nothing to the doubled pause, so that two
/// who are in each other's way do not stay in step. `random` is in 0..1.
fn pause_after(tries: u32, random: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
    doubled.min(LONGEST_PAUSE).mul_f64(random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_are_spread() {
        assert_eq!(pause_after(1, 1.0), Duration::from_millis(200));
        assert_eq!(pause_after(2, 1.0), Duration::from_millis(400));
        assert_eq!(pause_after(3, 0.5), Duration::from_millis(400));
        assert_eq!(pause_after(40, 1.0), LONGEST_PAUSE);
        assert_eq!(pause_after(5, 0.0), Duration::ZERO);
    }
}
