//! Exit statuses, and messages that end with what to do next.

use std::io::Write as _;
use std::process::ExitCode;

use crate::manifest::ManifestError;
use crate::session::ddl::DdlError;
use crate::session::rollout_lock::LockError;
use crate::session::sqlstate::{Fault, Refusal, in_words};
use crate::session::{SessionError, UrlError};

/// How a command ended. The numbers are a contract with pipelines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done, or nothing to do.
    Done,
    /// 1: the answer is no.
    No,
    /// 2: it could not be asked.
    CannotAsk,
    /// 75: stopped before the end, and the same command goes on.
    Stopped,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::CannotAsk => 2,
            Self::Stopped => 75,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// A refusal or an error: what happened, and the next thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit status.
    pub exit: Exit,
    /// What happened, in one or more lines.
    pub message: String,
    /// The next command to type, or what to see to first.
    pub next: String,
}

impl Failure {
    /// The answer is no (exit status 1).
    #[must_use]
    pub fn no(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit: Exit::No, message: message.into(), next: next.into() }
    }

    /// It could not be asked (exit status 2).
    #[must_use]
    pub fn cannot_ask(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit: Exit::CannotAsk, message: message.into(), next: next.into() }
    }

    /// Stopped before the end (exit status 75).
    #[must_use]
    pub fn stopped(message: impl Into<String>, next: impl Into<String>) -> Self {
        Self { exit: Exit::Stopped, message: message.into(), next: next.into() }
    }

    /// What a failed statement comes to.
    #[must_use]
    pub fn of_fault(fault: Fault, message: String) -> Self {
        let next = match fault {
            Fault::Privilege => {
                "connect as the owner of the tables (or a member of that role) and run the same command again"
            }
            Fault::ReadOnly => {
                "connect to the primary; on it, see whether default_transaction_read_only is on for this role or database"
            }
            Fault::ConnectionLost => {
                "when the database answers again, run the same command: it goes on where it was"
            }
            Fault::LockUnavailable => {
                "wait for the sessions named above to end, or raise --lock-timeout, and run the same command again"
            }
            Fault::Canceled => {
                "see who cancelled it or which timeout it was, and run the same command again"
            }
            Fault::Duplicate | Fault::Integrity | Fault::Other => {
                "see to what the database says and run the same command again: it goes on where it was"
            }
        };
        Self::cannot_ask(message, next)
    }

    /// Writes the message and the next step to stderr; the exit status is left.
    pub(super) fn report(&self) -> Exit {
        let mut stderr = std::io::stderr().lock();
        // With stderr gone there is nobody left to tell.
        let _ = writeln!(stderr, "error: {}\nnext: {}", self.message, self.next);
        self.exit
    }
}

impl From<UrlError> for Failure {
    fn from(error: UrlError) -> Self {
        let next = match error {
            UrlError::Parameter(_) => "correct the parameter in DATABASE_URL, or leave it out",
            UrlError::Scheme | UrlError::Unreadable(_) => {
                "set DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE"
            }
        };
        Self::cannot_ask(error.to_string(), next)
    }
}

impl From<ManifestError> for Failure {
    fn from(error: ManifestError) -> Self {
        Self::cannot_ask(
            format!("failed to {error}"),
            "correct the manifest, or leave --manifest and ISOLATION_MANIFEST out for the built-in one",
        )
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let message = format!("failed to {error}");
        match error {
            SessionError::Unreachable { refusal: None, .. } => Self::cannot_ask(
                message,
                "check that the server runs and that DATABASE_URL names its host, port and sslmode",
            ),
            SessionError::Unreachable { refusal: Some(refusal), .. }
            | SessionError::Rejected { refusal, .. } => {
                Self::cannot_ask(message, to_get_in(refusal))
            }
            SessionError::Pooled { .. } => Self::cannot_ask(
                message,
                "name the server itself in DATABASE_URL, or a pooler's port in session mode, and run the same command again",
            ),
            SessionError::Sql(error) => Self::of_fault(
                Fault::of(&error),
                format!("failed to query the database: {}", in_words(&error)),
            ),
            SessionError::Blocked(error) => error.into(),
            SessionError::Scope(_) => Self::cannot_ask(
                message,
                "check that DATABASE_URL names the application's database and --manifest its tables",
            ),
        }
    }
}

/// What to see to when the server does not take a connection.
fn to_get_in(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Login => "check user, password and database name in DATABASE_URL",
        Refusal::Full => {
            "wait until a connection is free, or end one that is not needed, and run the same command again"
        }
        Refusal::NotReady => {
            "the server is starting up or shutting down: run the same command again when it takes connections"
        }
        Refusal::Other => {
            "see the server's log for why it refuses the connection, and run the same command again"
        }
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held(_) => Self::no(
                error.to_string(),
                "wait until it has ended, then run the same command again",
            ),
            LockError::Lost(_) => Self::cannot_ask(
                format!("failed to {error}"),
                "when the database answers again, run the same command: it goes on where it was",
            ),
            LockError::Session(error) => error.into(),
        }
    }
}

impl From<DdlError> for Failure {
    fn from(error: DdlError) -> Self {
        let message = format!("failed to {error}");
        match error {
            DdlError::Blocked { .. } => Self::no(
                message,
                "end the sessions named above, or wait, and run the same command again: what is done stays done",
            ),
            DdlError::TooLong { .. } => Self::no(
                message,
                "end the sessions named above (pg_terminate_backend), or raise --index-timeout, and run the same command again: what is done stays done",
            ),
            DdlError::Failed { fault, .. } => Self::of_fault(fault, message),
        }
    }
}
