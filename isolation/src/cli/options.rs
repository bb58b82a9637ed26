//! The options all binaries share.

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, ValueEnum};
use tracing_subscriber::EnvFilter;

use super::Failure;
use super::stderr::Forgiving;
use crate::manifest::Manifest;
use crate::session::{DatabaseUrl, Session, SessionSettings};

/// How talkative stderr is.
#[derive(Debug, Clone, Args)]
pub struct CommonOptions {
    /// More on stderr (-vv: still more); the variable `RUST_LOG` overrides
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Only errors on stderr
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
}

/// Where the database is and what to isolate in it.
#[derive(Debug, Clone, Args)]
pub struct DatabaseOptions {
    /// The database: postgres://USER:PASSWORD@HOST:PORT/DATABASE
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL", global = true)]
    database_url: Option<String>,
    /// What to isolate; without it, the built-in TenantAtlas manifest
    #[arg(long, env = "ISOLATION_MANIFEST", value_name = "FILE", global = true)]
    manifest: Option<PathBuf>,
    /// How long one try of a statement may wait for its lock
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration, global = true)]
    pub lock_timeout: Duration,
}

/// What is written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// One document, for programs
    Json,
}

/// PostgreSQL keeps a timeout as milliseconds in 31 bits.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// Reads a duration such as `1s`, `500ms`, `2m`; at least a millisecond.
///
/// # Errors
/// A message for the one who typed it.
pub fn duration(text: &str) -> Result<Duration, String> {
    let duration = period(text)?;
    if duration < Duration::from_millis(1) {
        return Err("must be at least 1ms".to_owned());
    }
    if duration > LONGEST {
        return Err("must be at most 24 days: PostgreSQL counts its timeouts in 31 bits".to_owned());
    }
    Ok(duration)
}

/// Reads a duration that is no timeout of the server's: it can be 0, and as long as it likes.
///
/// # Errors
/// A message for the one who typed it.
pub fn period(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; write it like 500ms, 1s or 2m"))
}

impl CommonOptions {
    /// Whether only errors are wanted on stderr.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    pub(super) fn start_logging(&self, usual: &str) {
        let level = match (self.quiet, self.verbose) {
            (true, _) => "error",
            (false, 0) => usual,
            (false, 1) => {
                "info,isolation=debug,migration=debug,backfill=debug,validate=debug,rehearse=debug"
            }
            (false, _) => "debug",
        };
        // SeaORM's own migrator narrates every step; ours says it in the rollout's words. sqlx warns
        // of connections that a server took along when it went, which is said as an error of ours.
        let level = format!("{level},sea_orm_migration=warn,sqlx=error");
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
        let logging = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(Forgiving)
            .log_internal_errors(false)
            .with_ansi(std::io::stderr().is_terminal())
            .with_target(false);
        // A second logger in one process (tests) is no fault.
        let _ = logging.try_init();
    }
}

impl DatabaseOptions {
    /// The database's URL.
    ///
    /// # Errors
    /// A [`Failure`] where there is none or it is none.
    pub fn url(&self) -> Result<DatabaseUrl, Failure> {
        match self.database_url.as_deref() {
            Some(text) if !text.is_empty() => Ok(text.parse::<DatabaseUrl>()?),
            _ => Err(Failure::cannot_ask(
                "no database given",
                "set DATABASE_URL=postgres://USER:PASSWORD@HOST:5432/DATABASE or pass --database-url",
            )),
        }
    }

    /// The manifest.
    ///
    /// # Errors
    /// A [`Failure`] with every problem of the manifest.
    pub fn manifest(&self) -> Result<Manifest, Failure> {
        Ok(match &self.manifest {
            Some(path) => Manifest::read(path)?,
            None => Manifest::tenantatlas()?,
        })
    }

    /// A session to the database.
    ///
    /// # Errors
    /// A [`Failure`] where the URL is none or the server cannot be reached.
    pub async fn session(
        &self,
        application: &'static str,
        max_connections: u32,
    ) -> Result<Session, Failure> {
        let settings =
            SessionSettings { application, lock_timeout: self.lock_timeout, max_connections };
        Ok(Session::connect(&self.url()?, settings).await?)
    }
}
