//! What can go wrong with a throwaway server.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use sea_orm::DbErr;

/// Why a throwaway server could not do what was asked. Messages read after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No server binaries, or none of the version asked for.
    #[error(
        "find PostgreSQL {wanted}server binaries: run `make rehearse` or `make test`, which install them, \
         or set ISOLATION_PG_BIN to the directory that holds initdb and postgres"
    )]
    BinariesNotFound {
        /// `"18 "`, or empty when any version would have done.
        wanted: String,
    },
    /// `ISOLATION_PG_BIN` names a directory without a server in it.
    #[error("use ISOLATION_PG_BIN={}: it holds no initdb and postgres that can be run", .path.display())]
    WrongDirectory {
        /// What the variable says.
        path: PathBuf,
    },
    /// This process is root, as which PostgreSQL refuses to run.
    #[error(
        "find an account for PostgreSQL, which refuses to run as root: add a user named postgres or nobody"
    )]
    NoAccount,
    /// The operating system said no.
    #[error("{doing}")]
    Io {
        /// What was being done.
        doing: String,
        /// What it said.
        source: io::Error,
    },
    /// `initdb` failed.
    #[error("create a cluster: initdb says\n{output}")]
    Initdb {
        /// Everything it printed.
        output: String,
    },
    /// No port is free.
    #[error("find a free TCP port on 127.0.0.1")]
    NoFreePort,
    /// The port went to somebody else.
    #[error("start PostgreSQL on port {port}, which is taken")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The server ended while it was being started.
    #[error("start PostgreSQL: it ended with {status}; its log says\n{log}")]
    Ended {
        /// How the process ended.
        status: ExitStatus,
        /// The last lines of its log.
        log: String,
    },
    /// The server did not accept connections in time.
    #[error("start PostgreSQL within {waited:?}; its log says\n{log}")]
    NotReady {
        /// How long it was given.
        waited: Duration,
        /// The last lines of its log.
        log: String,
    },
    /// A statement failed.
    #[error("{doing}")]
    Sql {
        /// What was being done.
        doing: String,
        /// What the database said.
        source: DbErr,
    },
}

impl ServerError {
    /// For `map_err`: names what was being done.
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    /// For `map_err`: names what was being done.
    pub(super) fn sql(doing: impl Into<String>) -> impl FnOnce(DbErr) -> Self {
        let doing = doing.into();
        move |source| Self::Sql { doing, source }
    }
}
