//! One rollout at a time: advisory locks that keep commands of ours out of each other's way.
//!
//! The lock is taken by polling. A blocking `pg_advisory_lock` would hold a snapshot while it
//! waits, and CREATE INDEX CONCURRENTLY waits for everybody who holds one. It lives on a
//! connection of its own that is closed, never returned to a pool: when the process dies, however
//! it dies, the server lets the lock go. Advisory locks are per database.

use std::time::Duration;

use sea_orm::sqlx::postgres::PgConnection;
use sea_orm::sqlx::{self, Connection as _};

use super::sqlstate::driver_words;
use super::{DatabaseUrl, SessionError, open};

/// `wsis`, as the first of an advisory lock's two keys.
const CLASS: i32 = 0x7773_6973;
/// How long a command waits for another of ours before it gives up.
const PATIENCE: Duration = Duration::from_secs(3);
const POLL_EVERY: Duration = Duration::from_millis(100);

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The schema is being changed: alone. `migration up` and `down`.
    Schema,
    /// Rows are being bound: together with others of the kind, but not while the schema changes.
    Rows,
    /// A backfill is being planned or driven: by one process at a time.
    Backfill,
}

impl Claim {
    /// The advisory lock's two keys, as `pg_locks` shows them in `classid` and `objid`.
    #[must_use]
    pub fn keys(self) -> (i32, i32) {
        (CLASS, self.key())
    }

    fn key(self) -> i32 {
        match self {
            Self::Schema | Self::Rows => 1,
            Self::Backfill => 2,
        }
    }

    fn function(self) -> &'static str {
        match self {
            Self::Schema | Self::Backfill => "pg_try_advisory_lock",
            Self::Rows => "pg_try_advisory_lock_shared",
        }
    }
}

/// A lock that is held for as long as this lives.
#[derive(Debug)]
pub struct RolloutLock {
    connection: PgConnection,
    claim: Claim,
}

/// Why the lock is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another command of ours has it.
    #[error("another command of the rollout is running: {0}")]
    Held(String),
    /// It was ours, but its connection is gone, and so is the lock.
    #[error("keep the rollout lock: {0}")]
    Lost(String),
    /// It could not be asked for.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl RolloutLock {
    /// Takes the lock, waiting a moment for another holder to finish.
    ///
    /// # Errors
    /// [`LockError::Held`] naming the holder, or what connecting answers.
    pub async fn acquire(
        url: &DatabaseUrl,
        application: &str,
        claim: Claim,
    ) -> Result<Self, LockError> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        let mut lock = Self { connection: open(url, application).await?, claim };
        while !lock.attempt().await? {
            if tokio::time::Instant::now() >= deadline {
                return Err(LockError::Held(lock.holder().await?));
            }
            tokio::time::sleep(POLL_EVERY).await;
        }
        Ok(lock)
    }

    /// Takes the lock if it is free this instant; `None` if it is not.
    ///
    /// # Errors
    /// What connecting answers.
    pub async fn try_acquire(
        url: &DatabaseUrl,
        application: &str,
        claim: Claim,
    ) -> Result<Option<Self>, LockError> {
        let mut lock = Self { connection: open(url, application).await?, claim };
        Ok(lock.attempt().await?.then_some(lock))
    }

    async fn attempt(&mut self) -> Result<bool, LockError> {
        let sql = format!("SELECT {}($1, $2)", self.claim.function());
        let (taken,): (bool,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(CLASS)
            .bind(self.claim.key())
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| LockError::Lost(driver_words(&error)))?;
        Ok(taken)
    }

    /// Who holds the lock, in words.
    async fn holder(&mut self) -> Result<String, LockError> {
        let sql = "
            SELECT coalesce(string_agg(format('%s (pid %s, since %s)',
                       coalesce(nullif(a.application_name, ''), 'unnamed'), l.pid,
                       to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS TZ')), ', '), 'it has just ended')
            FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.classid = $1::int8::oid AND l.objid = $2::int8::oid
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        let (holder,): (String,) = sqlx::query_as(sql)
            .bind(i64::from(CLASS))
            .bind(i64::from(self.claim.key()))
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| LockError::Lost(driver_words(&error)))?;
        Ok(holder)
    }

    /// The server process that holds the lock.
    ///
    /// # Errors
    /// [`LockError::Lost`].
    pub async fn pid(&mut self) -> Result<i32, LockError> {
        let (pid,): (i32,) = sqlx::query_as("SELECT pg_backend_pid()")
            .fetch_one(&mut self.connection)
            .await
            .map_err(|error| LockError::Lost(driver_words(&error)))?;
        Ok(pid)
    }

    /// Makes sure the lock is still ours: its connection answers.
    ///
    /// # Errors
    /// [`LockError::Lost`].
    pub async fn confirm(&mut self) -> Result<(), LockError> {
        let answer = self.connection.ping().await;
        answer.map_err(|error| LockError::Lost(driver_words(&error)))
    }

    /// Lets the lock go by closing its connection.
    pub async fn release(self) {
        // The server lets go of the lock even where the farewell fails.
        let _ = self.connection.close().await;
    }
}
