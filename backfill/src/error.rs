//! Why a backfill is refused or breaks off.

use std::fmt;

use isolation::session::SessionError;
use isolation::session::rollout_lock::LockError;
use isolation::session::sqlstate::{Fault, in_words};
use sea_orm::DbErr;
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::state::{Request, Status};

/// Why a backfill is refused or breaks off. Nothing is half-written in any case: what a batch
/// committed stays, and the same command goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The session could not be had, or the manifest does not fit.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Another command of the rollout is in the way, or our own lock is lost.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The database refused a statement.
    #[error("{doing}: {reason}")]
    Sql {
        /// What the statement was for.
        doing: String,
        /// What kind of failure it is.
        fault: Fault,
        /// What the database said.
        reason: String,
    },
    /// The server is a standby.
    #[error("write to a standby: this server is in recovery")]
    Standby,
    /// Columns of phase 1 are missing.
    #[error("phase 1 is pending: {} missing", columns.join(", "))]
    PhasePending {
        /// `table.column`, each.
        columns: Vec<String>,
    },
    /// Tables that the manifest does not name.
    #[error("unknown table {}; known are {}", unknown.join(", "), known.join(", "))]
    UnknownTables {
        /// Those asked for.
        unknown: Vec<String>,
        /// Those the manifest names.
        known: Vec<String>,
    },
    /// Workspaces that do not exist.
    #[error("no workspace has the id {}", ids.join(", "))]
    UnknownWorkspaces {
        /// Those asked for.
        ids: Vec<String>,
    },
    /// A key to resume from that some table has no use for.
    #[error("resume from {after:?}: {}", problems.join("; "))]
    ResumeFrom {
        /// The key.
        after: String,
        /// One for each table.
        problems: Vec<String>,
    },
    /// Rights the role lacks.
    #[error("write as role {role}, which lacks:\n{}", missing.iter().map(|m| format!("  {m}")).collect::<Vec<_>>().join("\n"))]
    Privileges {
        /// The role.
        role: String,
        /// One line each, such as `UPDATE on policies`.
        missing: Vec<String>,
    },
    /// Another process is planning or driving a backfill.
    #[error("Another workspace backfill is already running.")]
    AlreadyRunning,
    /// An unfinished backfill covers something else.
    #[error("backfill {id} of {covers} is unfinished since {since} and covers something else")]
    Unfinished {
        /// The unfinished one.
        id: i64,
        /// What it covers, in words.
        covers: String,
        /// Since when.
        since: String,
    },
    /// The backfill is paused.
    #[error("backfill {id} is paused since {since}")]
    Paused {
        /// Which one.
        id: i64,
        /// Since when.
        since: String,
    },
    /// Rows that have no workspace to be bound to. Nothing was written.
    #[error("{}", .0.unresolvable_lines().join("\n"))]
    Unresolvable(Plan),
    /// The application already has active runs of the same identity.
    #[error("an unfinished operation run of the same workspace and tables exists: {}", runs.join(", "))]
    ActiveRuns {
        /// `run 7 of workspace 3`, each.
        runs: Vec<String>,
    },
    /// There is no unfinished backfill to pause, resume or cancel.
    #[error("there is no unfinished backfill to {0}")]
    NothingTo(Request),
    /// The backfill is in a state that the request makes no sense in.
    #[error("backfill {id} is {status}: there is nothing to {request}")]
    OutOfPlace {
        /// Which one.
        id: i64,
        /// Where it stands.
        status: Status,
        /// What was asked.
        request: Request,
    },
    /// Stopped on request before anything was written.
    #[error("stopped")]
    Stopped,
    /// A worker ended in a way that is a fault of this program.
    #[error("keep a worker running: {0}")]
    Worker(String),
}

impl BackfillError {
    /// Whether somebody's lock was in the way: worth another try.
    pub(crate) fn is_lock_unavailable(&self) -> bool {
        matches!(
            self,
            Self::Sql { fault: Fault::LockUnavailable, .. }
                | Self::Session(SessionError::Blocked(_))
        )
    }
}

/// Names what a statement was for, should it fail: `.map_err(failing("count the rows"))`.
pub(crate) fn failing(doing: impl Into<String>) -> impl FnOnce(DbErr) -> BackfillError {
    let doing = doing.into();
    move |error| BackfillError::Sql { doing, fault: Fault::of(&error), reason: in_words(&error) }
}

/// Rows that are left when a backfill ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// Their table.
    pub table: String,
    /// Their workspace; none where they cannot be resolved.
    pub workspace: Option<String>,
    /// How many there are.
    pub rows: i64,
    /// Some of their keys.
    pub sample_ids: Vec<serde_json::Value>,
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ", self.table, counted(self.rows, "row"))?;
        match &self.workspace {
            Some(workspace) => write!(f, "of workspace {workspace} arrived without it")?,
            None => f.write_str("with no tenant, or a tenant without workspace")?,
        }
        if !self.sample_ids.is_empty() {
            write!(f, " (ids {})", ids(&self.sample_ids))?;
        }
        Ok(())
    }
}

/// `1 row`, `2 rows`.
pub(crate) fn counted(number: i64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Keys as people read them: `3, 8, a,b`.
pub(crate) fn ids(values: &[serde_json::Value]) -> String {
    let text =
        |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.iter().map(text).collect::<Vec<_>>().join(", ")
}
