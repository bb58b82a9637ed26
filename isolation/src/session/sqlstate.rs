//! What an error of the database means for us: the one place that knows SQLSTATEs.
//! Source: PostgreSQL's documentation, Appendix A, "PostgreSQL Error Codes".

use sea_orm::sqlx;
use sea_orm::{DbErr, RuntimeErr};

/// The kinds of failure that are handled differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A lock could not be had, now (55P03, 40P01, 40001): give way and try again.
    LockUnavailable,
    /// The connection or the server is gone (08…, 57P01 to 57P05, 53300, or no answer).
    ConnectionLost,
    /// The server takes no writes (25006): a standby.
    ReadOnly,
    /// The role lacks a right (42501).
    Privilege,
    /// A statement was cut short: by a timeout, or by somebody's cancel (57014).
    Canceled,
    /// A row is there already (23505).
    Duplicate,
    /// A row breaks a rule: NOT NULL, foreign key, CHECK, or the write guard (23…).
    Integrity,
    /// Anything else.
    Other,
}

impl Fault {
    /// What this error is.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "SeaORM adds kinds of errors as it likes")]
    pub fn of(error: &DbErr) -> Self {
        match sqlx_error(error) {
            Some(error) => Self::of_sqlx(error),
            None => match error {
                DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::ConnectionLost,
                _ => Self::Other,
            },
        }
    }

    /// What this error of the driver is.
    #[must_use]
    #[expect(clippy::wildcard_enum_match_arm, reason = "sqlx adds kinds of errors as it likes")]
    pub fn of_sqlx(error: &sqlx::Error) -> Self {
        match error.as_database_error() {
            Some(answer) => Self::of_code(answer.code().as_deref()),
            None => match error {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => Self::ConnectionLost,
                _ => Self::Other,
            },
        }
    }

    /// What this SQLSTATE is.
    #[must_use]
    pub fn of_code(code: Option<&str>) -> Self {
        match code {
            Some("55P03" | "40P01" | "40001") => Self::LockUnavailable,
            Some("57P01" | "57P02" | "57P03" | "57P05" | "53300") => Self::ConnectionLost,
            Some("25006") => Self::ReadOnly,
            Some("42501") => Self::Privilege,
            Some("57014") => Self::Canceled,
            Some("23505") => Self::Duplicate,
            Some(code) if code.starts_with("23") => Self::Integrity,
            Some(code) if code.starts_with("08") => Self::ConnectionLost,
            _ => Self::Other,
        }
    }
}

/// Why a server does not take a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// User, password or database name are not what it knows (28…, 3D000).
    Login,
    /// It has no connection left (53300).
    Full,
    /// It is starting up, shutting down or recovering (57P03).
    NotReady,
    /// Anything else: its log says more than it tells a stranger.
    Other,
}

impl Refusal {
    /// What this SQLSTATE is, as the answer to a login.
    #[must_use]
    pub fn of_code(code: Option<&str>) -> Self {
        match code {
            Some("53300") => Self::Full,
            Some("57P03") => Self::NotReady,
            Some(code) if code.starts_with("28") || code == "3D000" => Self::Login,
            _ => Self::Other,
        }
    }
}

/// The driver's error inside, where there is one.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "SeaORM adds kinds of errors as it likes")]
pub fn sqlx_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => Some(inner),
        _ => None,
    }
}

/// The error in the server's own words, with SQLSTATE and hint where it gave them.
#[must_use]
pub fn in_words(error: &DbErr) -> String {
    match sqlx_error(error) {
        Some(inner) => driver_words(inner),
        None => error.to_string(),
    }
}

/// The driver's error in the server's own words, but for the contents of rows.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "sqlx adds kinds of errors as it likes")]
pub fn driver_words(error: &sqlx::Error) -> String {
    let Some(answer) = error.as_database_error() else {
        return match error {
            // The driver speaks of bytes it expected; what matters is that nobody answers any more.
            sqlx::Error::Io(_) => format!("the connection is lost ({error})"),
            _ => error.to_string(),
        };
    };
    let code = answer.code().map(|c| format!(" (SQLSTATE {c})")).unwrap_or_default();
    let postgres = answer.try_downcast_ref::<sqlx::postgres::PgDatabaseError>();
    // The detail of a row that breaks a rule is the row itself, secrets and all.
    let is_row = matches!(answer.code().as_deref(), Some("23502" | "23514"));
    let detail = postgres.filter(|_| !is_row).and_then(|e| e.detail());
    let extra = detail.or(postgres.and_then(|e| e.hint()));
    match extra {
        Some(extra) => format!("{}{code}: {extra}", answer.message()),
        None => format!("{}{code}", answer.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_refused_for_reasons_of_its_own() {
        for (code, refusal) in [
            ("28P01", Refusal::Login),
            ("28000", Refusal::Login),
            ("3D000", Refusal::Login),
            ("53300", Refusal::Full),
            ("57P03", Refusal::NotReady),
            ("55000", Refusal::Other),
            ("22023", Refusal::Other),
        ] {
            assert_eq!(Refusal::of_code(Some(code)), refusal, "{code}");
        }
        assert_eq!(Refusal::of_code(None), Refusal::Other);
    }

    #[test]
    fn sqlstates_fall_into_their_classes() {
        let table = [
            ("55P03", Fault::LockUnavailable),
            ("40P01", Fault::LockUnavailable),
            ("40001", Fault::LockUnavailable),
            ("57014", Fault::Canceled),
            ("57P01", Fault::ConnectionLost),
            ("08006", Fault::ConnectionLost),
            ("25006", Fault::ReadOnly),
            ("42501", Fault::Privilege),
            ("23505", Fault::Duplicate),
            ("23514", Fault::Integrity),
            ("42P01", Fault::Other),
        ];
        for (code, fault) in table {
            assert_eq!(Fault::of_code(Some(code)), fault, "{code}");
        }
        assert_eq!(Fault::of_code(None), Fault::Other);
    }
}
