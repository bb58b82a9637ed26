//! The rollout as it is rehearsed: the steps of production, by the code of production, while the
//! application's traffic goes on.

use std::time::{Duration, Instant};

use backfill::{BackfillError, Ending, RunOptions as BackfillOptions};
use isolation::manifest::{Manifest, ManifestError};
use isolation::session::ddl::LockPolicy;
use isolation::session::{DatabaseUrl, Session, SessionError, SessionSettings, UrlError};
use migration::executor::ExecutionOptions;
use migration::phase::Phase;
use migration::preflight::Options;
use migration::runner::{RunError, RunOptions, up};
use sea_orm::{Database, DbErr};
use serde::Serialize;
use validate::gate::{Gate, ValidateError};

use crate::legacy::{self, LegacyError, Loaded, Volume};
use crate::server::{Server, ServerError};
use crate::traffic::{Deployed, Traffic, TrafficError, TrafficOptions, TrafficSummary};
use crate::watch::{Watch, WatchError, Watched};

/// The database of the rehearsal.
pub const DATABASE: &str = "tenantatlas";
/// How long the traffic is watched before and after the rollout, for comparison.
const QUIET: Duration = Duration::from_secs(3);
const FIRST_STEP: &str = "before the rollout";

/// What is rehearsed.
#[derive(Debug, Clone, Copy)]
pub struct Rehearsal {
    /// How much data there is.
    pub volume: Volume,
    /// The application's traffic.
    pub traffic: TrafficOptions,
    /// How statements wait for locks.
    pub policy: LockPolicy,
}

/// What a rehearsal found.
#[derive(Debug, Clone, Serialize)]
pub struct Findings {
    /// The server's major version.
    pub server_version: u32,
    /// The data it was rehearsed on.
    pub loaded: Loaded,
    /// How long making the data took, in milliseconds.
    pub load_ms: u64,
    /// The size of the data, indexes and all, before the rollout, in bytes.
    pub bytes_before: i64,
    /// The same after it.
    pub bytes_after: i64,
    /// Rows that the backfill bound.
    pub rows_bound: i64,
    /// How many checks the gate asked at the end.
    pub checks: usize,
    /// The checks that failed then: none after a good rehearsal.
    pub failed_checks: Vec<String>,
    /// What each step took, and what the traffic felt meanwhile.
    pub traffic: TrafficSummary,
    /// Whom the traffic waited for.
    pub watched: Watched,
}

/// What kept a rehearsal from its end. Messages read after "failed to".
#[derive(Debug, thiserror::Error)]
pub enum RehearsalError {
    /// The server failed.
    #[error("keep a throwaway server: {0}")]
    Server(#[from] ServerError),
    /// The data could not be made.
    #[error("{0}: {cause}", cause = source_of(.0))]
    Legacy(#[from] LegacyError),
    /// The traffic could not be started.
    #[error("{0}")]
    Traffic(#[from] TrafficError),
    /// Nobody could see who waits for whom.
    #[error("{0}: {cause}", cause = source_of(.0))]
    Watch(#[from] WatchError),
    /// The built-in manifest is unusable.
    #[error("{0}")]
    Manifest(#[from] ManifestError),
    /// The server's URL is unusable.
    #[error("{0}")]
    Url(#[from] UrlError),
    /// A session could not be opened.
    #[error("{0}")]
    Session(#[from] SessionError),
    /// A migration failed.
    #[error("apply a phase: {0}")]
    Migration(#[from] RunError),
    /// The backfill failed.
    #[error("{0}")]
    Backfill(#[from] BackfillError),
    /// The backfill ended before its end.
    #[error("bind every row: the backfill was {0}")]
    Unfinished(&'static str),
    /// The gate could not look.
    #[error("{0}")]
    Gate(#[from] ValidateError),
    /// A measurement failed.
    #[error("measure the database: {0}")]
    Measure(#[from] DbErr),
}

fn source_of(error: &dyn std::error::Error) -> String {
    error.source().map(ToString::to_string).unwrap_or_default()
}

impl Findings {
    /// Whether every row is provably bound, no request of the application failed, and none waited
    /// while a table was read.
    #[must_use]
    pub fn are_good(&self) -> bool {
        self.failed_checks.is_empty()
            && self.traffic_errors() == 0
            && self.watched.scans().next().is_none()
    }

    /// How many statements of the traffic failed.
    #[must_use]
    pub fn traffic_errors(&self) -> u64 {
        self.traffic.steps.iter().map(|step| step.errors).sum()
    }
}

/// Rehearses the whole rollout on a server. `announce` is told the name of each step as it begins.
///
/// # Errors
/// [`RehearsalError`]: a step failed. A red gate at the end is no error but a finding.
pub async fn rehearse(
    server: &Server,
    rehearsal: &Rehearsal,
    announce: impl Fn(&str),
) -> Result<Findings, RehearsalError> {
    announce("load the pre-rollout data");
    let begun = Instant::now();
    let loaded = load(server, &rehearsal.volume).await?;
    let load_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);

    let url: DatabaseUrl = server.url(DATABASE).parse()?;
    let settings = SessionSettings {
        application: "rehearse",
        lock_timeout: rehearsal.policy.lock_timeout,
        max_connections: 8,
    };
    let stage = Stage {
        session: Session::connect(&url, settings).await?,
        manifest: Manifest::tenantatlas()?,
        options: RunOptions {
            execution: ExecutionOptions { policy: rehearsal.policy, ..ExecutionOptions::default() },
            preflight: Options::default(),
            // The rehearsal's traffic leaves the workspace out on purpose, to the end.
            quiet_period: Duration::ZERO,
        },
        traffic: Traffic::start(&server.url(DATABASE), FIRST_STEP, &rehearsal.traffic).await?,
        watch: Watch::start(&server.url(DATABASE), FIRST_STEP).await?,
        announce,
    };
    let bytes_before = stage.bytes().await?;
    let played = stage.play().await;
    let bytes_after = stage.bytes().await;
    let traffic = stage.traffic.stop().await;
    let watched = stage.watch.stop().await;
    stage.session.close().await;
    let played = played?;
    Ok(Findings {
        server_version: server.version(),
        loaded,
        load_ms,
        bytes_before,
        bytes_after: bytes_after?,
        rows_bound: played.rows_bound,
        checks: played.checks,
        failed_checks: played.failed_checks,
        traffic,
        watched: watched?,
    })
}

async fn load(server: &Server, volume: &Volume) -> Result<Loaded, RehearsalError> {
    server.create_database(DATABASE, None).await?;
    let db = Database::connect(server.url(DATABASE)).await?;
    legacy::create_schema(&db).await?;
    let loaded = legacy::load(&db, volume).await?;
    db.close().await?;
    Ok(loaded)
}

struct Stage<F> {
    session: Session,
    manifest: Manifest,
    options: RunOptions,
    traffic: Traffic,
    watch: Watch,
    announce: F,
}

struct Played {
    rows_bound: i64,
    checks: usize,
    failed_checks: Vec<String>,
}

impl<F: Fn(&str)> Stage<F> {
    async fn play(&self) -> Result<Played, RehearsalError> {
        tokio::time::sleep(QUIET).await;
        self.migrate(Phase::Columns).await?;
        // From here on the application's next release can be deployed, beside the one that is there.
        self.traffic.deploy(Deployed::Both).await;
        self.migrate(Phase::Guard).await?;
        let rows_bound = self.backfill().await?;
        self.gate(validate::check::Phase::Two, "validate").await?;
        self.migrate(Phase::Constraints).await?;
        let (checks, failed_checks) =
            self.gate(validate::check::Phase::Three, "validate --phase 3").await?;
        self.step("after the rollout");
        tokio::time::sleep(QUIET).await;
        Ok(Played { rows_bound, checks, failed_checks })
    }

    fn step(&self, name: &str) {
        (self.announce)(name);
        self.traffic.step(name);
        self.watch.step(name);
    }

    async fn migrate(&self, phase: Phase) -> Result<(), RehearsalError> {
        self.step(&format!("migration up --phase {phase}"));
        up::up(&self.session, &self.manifest, phase, self.options.clone()).await?;
        Ok(())
    }

    async fn backfill(&self) -> Result<i64, RehearsalError> {
        self.step("backfill run");
        let options = BackfillOptions::default();
        let (_stopper, stop) = backfill::Stop::pair();
        let run = backfill::run(&self.session, &self.manifest, &options, &|_| {}, &stop);
        match run.await? {
            Ending::NothingToDo(_) => Ok(0),
            Ending::Finished(summary) if summary.status == backfill::Status::Succeeded => {
                Ok(summary.tables.iter().map(|table| table.processed).sum())
            }
            Ending::Finished(summary) => Err(RehearsalError::Unfinished(summary.status.as_str())),
            Ending::Paused { .. } => Err(RehearsalError::Unfinished("paused")),
            Ending::Stopped { .. } => Err(RehearsalError::Unfinished("stopped")),
            Ending::Enqueued { .. } | Ending::NothingToJoin => {
                Err(RehearsalError::Unfinished("left to others"))
            }
        }
    }

    async fn gate(
        &self,
        phase: validate::check::Phase,
        name: &str,
    ) -> Result<(usize, Vec<String>), RehearsalError> {
        self.step(name);
        let (catalog, scope) = self.session.resolve(&self.manifest).await?;
        let selection = validate::selection::Selection::phase(phase);
        let report = Gate::run(&self.session, &scope, &catalog, &selection).await?;
        let failed = report.failures().map(|check| check.id.clone()).collect();
        Ok((report.checks.len(), failed))
    }

    async fn bytes(&self) -> Result<i64, DbErr> {
        let sql = "SELECT pg_database_size(current_database())";
        isolation::session::scalar(self.session.db(), isolation::session::statement(sql, [])).await
    }
}
