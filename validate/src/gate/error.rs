//! What keeps the gate from looking.

use isolation::session::sqlstate::{Fault, in_words};
use sea_orm::DbErr;

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
    /// Whether somebody has locked what was to be read: another look may succeed.
    #[must_use]
    pub fn is_lock_unavailable(&self) -> bool {
        match self {
            Self::Table { error, .. } | Self::Catalog(error) | Self::Snapshot(error) => {
                Fault::of(error) == Fault::LockUnavailable
            }
            Self::NotReady { .. } | Self::NoSuchCheck(_) => false,
        }
    }

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
