//! What keeps the gate from looking.

use isolation::cli::Failure;
use isolation::session::sqlstate::{Fault, in_words};
use sea_orm::DbErr;

use crate::check::shell_word;
use crate::selection::Unmatched;

/// What keeps the gate from looking. It is neither pass nor fail.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// Tables have no workspace column yet, so nothing can be asked of their rows.
    #[error("ask about rows: no workspace column in {}", tables.join(", "))]
    NotReady {
        /// The tables, as the manifest writes them.
        tables: Vec<String>,
    },
    /// A check that does not exist, or that this phase does not ask.
    #[error("find a check for `{}`{}", .0.pattern, near(.0))]
    NoSuchCheck(Unmatched),
    /// A table could not be read.
    #[error("examine {table}: {}", in_words(.error))]
    Table {
        /// The table, as the manifest writes it.
        table: String,
        /// What the database said.
        error: DbErr,
    },
    /// The catalog could not be read.
    #[error("read the catalog: {}", in_words(.0))]
    Catalog(DbErr),
    /// The snapshot could not be taken.
    #[error("take a snapshot: {}", in_words(.0))]
    Snapshot(DbErr),
}

fn near(unmatched: &Unmatched) -> String {
    match unmatched.asked_in {
        Some(phase) => format!(" in this phase: it is asked in phase {}", phase.number()),
        None => format!("; near it: {}", unmatched.near.join(", ")),
    }
}

impl ValidateError {
    pub(super) fn table(table: &str, error: DbErr) -> Self {
        Self::Table { table: table.to_owned(), error }
    }
}

impl From<Unmatched> for ValidateError {
    fn from(unmatched: Unmatched) -> Self {
        Self::NoSuchCheck(unmatched)
    }
}

impl From<DbErr> for ValidateError {
    fn from(error: DbErr) -> Self {
        Self::Snapshot(error)
    }
}

impl From<ValidateError> for Failure {
    fn from(error: ValidateError) -> Self {
        let message = format!("failed to {error}");
        let next = match &error {
            ValidateError::NotReady { .. } => "migration up --phase 1".to_owned(),
            ValidateError::NoSuchCheck(unmatched) => match unmatched.asked_in {
                Some(phase) => format!(
                    "validate --phase {} --only {}",
                    phase.number(),
                    shell_word(&unmatched.pattern)
                ),
                None => "validate list".to_owned(),
            },
            ValidateError::Table { error, .. }
            | ValidateError::Catalog(error)
            | ValidateError::Snapshot(error) => next(Fault::of(error), error),
        };
        Self::cannot_ask(message, next)
    }
}

fn next(fault: Fault, error: &DbErr) -> String {
    match fault {
        Fault::Privilege if in_words(error).contains("row-level security") => {
            "connect as a role that row-level security does not apply to (the owner, or one with BYPASSRLS): a count of some rows proves nothing"
        }
        Fault::Privilege => "grant SELECT on the table (and USAGE on its schema) to the role of DATABASE_URL, and run validate again",
        Fault::LockUnavailable => {
            "run validate again, with a longer --lock-timeout where a lock was in the way; on a standby, on the primary"
        }
        Fault::ConnectionLost => "when the database answers again, run validate again",
        Fault::Canceled => "see who cancelled it or which timeout it was, and run validate again",
        Fault::ReadOnly | Fault::Duplicate | Fault::Integrity | Fault::Other => {
            "see to what the database says, and run validate again"
        }
    }
    .to_owned()
}
