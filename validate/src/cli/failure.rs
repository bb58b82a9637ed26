//! What a gate that could not look comes to: exit status 2, and the next thing to do.

use isolation::cli::{Exit, Failure};
use isolation::session::SessionError;
use isolation::session::sqlstate::{Fault, in_words};
use sea_orm::DbErr;

use crate::check::shell_word;
use crate::gate::ValidateError;

/// A session's error, for a gate: whatever it was, it could not look.
pub(super) fn unseen(error: SessionError) -> Failure {
    let is_blocked = matches!(error, SessionError::Blocked(_));
    let failure = Failure { exit: Exit::CannotAsk, ..Failure::from(error) };
    if is_blocked {
        let next = "end the sessions named above, or wait, and run validate again".to_owned();
        return Failure { next, ..failure };
    }
    failure
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
