//! The order of things: what is refused, what is run, where the gate stands.

pub mod down;
mod interlock;
pub mod plan;
mod preflight;
pub mod status;
pub mod up;

use std::sync::Arc;
use std::time::Duration;

use isolation::catalog::Catalog;
use isolation::manifest::{Manifest, WriteGuard};
use isolation::names::OWN_SCHEMA;
use isolation::scope::Scope;
use isolation::session::ddl::LockPolicy;
use isolation::session::rollout_lock::{Claim, LockError, RolloutLock};
use isolation::session::sqlstate::in_words;
use isolation::session::{Session, SessionError};
use sea_orm::DbErr;
use validate::gate::Report;

use crate::bookkeeping::{self, Bookkeeping};
use crate::definition::{Definition, View};
use crate::definitions;
use crate::executor::{ExecutionError, ExecutionOptions, Executor};
use crate::migrator::Migrator;
use crate::phase::Phase;
use crate::preflight::privileges::{self, Missing};
use crate::preflight::{Finding, Options};
use crate::statement::Waits;

/// What keeps a command of `migration` from going on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// An earlier phase has not been applied.
    #[error("phase {asked} comes after phase {pending}, which is pending: {names}")]
    OutOfOrder {
        /// The phase asked for.
        asked: Phase,
        /// The earlier phase.
        pending: Phase,
        /// Its pending migrations.
        names: String,
    },
    /// The gate says no.
    #[error("the gate refuses phase 3: {}", refusals(.0))]
    Refused(Box<Report>),
    /// The server takes no writes.
    #[error("the server is a standby: it takes no writes")]
    Standby,
    /// The role may not do what the phase does.
    #[error("role {role} lacks privileges:\n{}", missing.iter().map(|m| format!("  {m}")).collect::<Vec<_>>().join("\n"))]
    Privileges {
        /// The session's role.
        role: String,
        /// What it lacks, a line each.
        missing: Vec<String>,
        /// What to do about it.
        remedy: String,
    },
    /// A step would fail, or not end.
    #[error("a step of this would fail or not end, so none was begun:\n{}", stops(.0))]
    Preflight(Vec<Finding>),
    /// Tables outside the manifest carry objects of the toolkit's making.
    #[error("the toolkit has changed tables that this manifest does not name: {}", .0.join(", "))]
    BesideManifest(Vec<String>),
    /// The gate said no behind the NOT VALID constraints; they were taken back.
    #[error("the gate refuses phase 3 behind its NOT VALID constraints, which are taken back: {}", refusals(.0))]
    RefusedBehind(Box<Report>),
    /// Going back would take a backfill's bookkeeping away.
    #[error("backfill {0} is unfinished, and its progress is kept in what would be dropped")]
    BackfillUnfinished(i64),
    /// A migration was not carried out.
    #[error(transparent)]
    Execution(#[from] ExecutionError),
    /// The ledger could not be kept.
    #[error("keep the ledger: {}", in_words(.0))]
    Ledger(DbErr),
    /// The gate could not look.
    #[error(transparent)]
    Gate(#[from] validate::gate::ValidateError),
    /// The session failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The rollout lock is not ours.
    #[error(transparent)]
    Lock(#[from] LockError),
}

fn refusals(report: &Report) -> String {
    let failing: Vec<_> = report
        .failures()
        .map(|check| match check.count {
            0 | 1 => check.id.clone(),
            count => format!("{} ({count} rows)", check.id),
        })
        .collect();
    failing.join(", ")
}

fn stops(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|finding| format!("  {finding}\n"));
    let lines = lines.collect::<String>();
    if let Some(final_one) = findings.iter().find(|finding| !finding.check.is_passable()) {
        return format!("{lines}nothing can be done despite {}", final_one.check);
    }
    let mut despite: Vec<_> = findings.iter().map(|f| format!("--despite {}", f.check)).collect();
    despite.dedup();
    format!("{lines}who knows better adds {}", despite.join(" "))
}

/// Everything read before anything is decided.
pub(crate) struct Reading {
    pub(crate) catalog: Catalog,
    pub(crate) scope: Scope,
    pub(crate) bookkeeping: Bookkeeping,
    pub(crate) applied: Vec<(String, i64)>,
}

impl Reading {
    /// For who only asks.
    pub(crate) async fn take(session: &Session, manifest: &Manifest) -> Result<Self, RunError> {
        Self::of(session, session.resolve(manifest).await?).await
    }

    /// For who changes something, and waits for locks as this policy has it.
    pub(crate) async fn take_within(
        policy: LockPolicy,
        session: &Session,
        manifest: &Manifest,
    ) -> Result<Self, RunError> {
        Self::of(session, session.resolve_within(policy, manifest).await?).await
    }

    async fn of(session: &Session, (catalog, scope): (Catalog, Scope)) -> Result<Self, RunError> {
        let bookkeeping = Bookkeeping::read(session.db()).await.map_err(SessionError::from)?;
        let applied =
            bookkeeping::applied(session.db(), &bookkeeping).await.map_err(SessionError::from)?;
        Ok(Self { catalog, scope, bookkeeping, applied })
    }

    pub(crate) fn view(&self) -> View<'_> {
        View { scope: &self.scope, catalog: &self.catalog, bookkeeping: &self.bookkeeping }
    }

    pub(crate) fn waits(&self, lock_timeout: Duration) -> Waits {
        let deadlock_timeout = Duration::from_millis(u64::from(self.catalog.deadlock_timeout_ms));
        Waits { lock_timeout, deadlock_timeout }
    }

    pub(crate) fn applied_at(&self, definition: &dyn Definition) -> Option<i64> {
        self.applied.iter().find(|(name, _)| name == definition.name()).map(|(_, at)| *at)
    }

    /// The migrations of a phase that the ledger does not know. A phase that the application
    /// enforces itself is never pending.
    pub(crate) fn pending(&self, phase: Phase) -> Vec<&'static dyn Definition> {
        if phase == Phase::Guard && self.scope.write_guard == WriteGuard::Application {
            return Vec::new();
        }
        of_phase(phase).filter(|d| self.applied_at(*d).is_none()).collect()
    }

    /// Going back looks at what the manifest names: what it does not name must carry nothing of
    /// ours, or it would be left with triggers whose tables are gone.
    fn check_nothing_beside(&self) -> Result<(), RunError> {
        let targets = self.scope.targets().map(|target| target.oid);
        let known: Vec<_> =
            targets.chain([self.scope.tenants.oid, self.scope.workspaces.oid]).collect();
        let beside: Vec<_> = self.bookkeeping.changed_beside(&known).map(str::to_owned).collect();
        if beside.is_empty() { Ok(()) } else { Err(RunError::BesideManifest(beside)) }
    }

    fn check_writable(&self) -> Result<(), RunError> {
        if self.catalog.in_recovery { Err(RunError::Standby) } else { Ok(()) }
    }

    /// What the role needs is known before anything is changed.
    fn check_privileges(&self) -> Result<(), RunError> {
        let missing = privileges::missing(&self.catalog, &self.scope);
        if missing.is_empty() {
            return Ok(());
        }
        let role = self.catalog.role.clone();
        let remedy = privileges::remedy(&missing, &role);
        let missing = missing.iter().map(Missing::line).collect();
        Err(RunError::Privileges { role, missing, remedy })
    }
}

pub(crate) fn of_phase(phase: Phase) -> impl Iterator<Item = &'static dyn Definition> {
    definitions::ALL.iter().copied().filter(move |definition| definition.phase() == phase)
}

/// How `up` and `down` go about it.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// How long statements may take and wait.
    pub execution: ExecutionOptions,
    /// How the preflight goes about it.
    pub preflight: Options,
    /// How long the write guard should have had no workspace to fill in before phase 3, which
    /// warns where it had to later; zero asks nothing.
    pub quiet_period: Duration,
}

/// The quiet period unless another is wanted.
pub const QUIET_PERIOD: Duration = Duration::from_mins(10);

/// What `up` or `down` did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Done {
    /// The phase asked for.
    pub phase: Phase,
    /// The migrations that were applied or taken back, in order.
    pub migrations: Vec<String>,
    /// The statements that were run, in order.
    pub statements: Vec<String>,
}

impl Done {
    /// The phases of these migrations, in the order in which they went.
    #[must_use]
    pub fn phases(&self) -> Vec<Phase> {
        let has = |phase: Phase, name: &String| of_phase(phase).any(|one| one.name() == name);
        let phase_of = |name: &String| Phase::ALL.into_iter().find(|phase| has(*phase, name));
        let mut phases: Vec<_> = self.migrations.iter().filter_map(phase_of).collect();
        phases.dedup();
        phases
    }
}

/// The tools of a run that holds the rollout lock.
struct Hands {
    policy: LockPolicy,
    executor: Arc<Executor>,
    migrator: Migrator,
    ledger: Session,
}

impl Hands {
    async fn take(
        session: &Session,
        manifest: &Manifest,
        options: ExecutionOptions,
        reading: &Reading,
    ) -> Result<Self, RunError> {
        let application = session.settings().application;
        let lock = RolloutLock::acquire(session.url(), application, Claim::Schema).await?;
        let waits = reading.waits(options.policy.lock_timeout);
        let executor = Executor::new(session.clone(), manifest.clone(), options, waits, lock);
        let executor = Arc::new(executor);
        Ok(Self {
            policy: options.policy,
            migrator: Migrator::new(Arc::clone(&executor)),
            ledger: session.on_search_path(OWN_SCHEMA),
            executor,
        })
    }

    /// What SeaORM's migrator answered, with the reason it could not carry.
    fn judged(&self, outcome: Result<(), DbErr>) -> Result<(), RunError> {
        match (outcome, self.migrator.take_fault()) {
            (Ok(()), _) => Ok(()),
            (Err(_), Some(fault)) => Err(fault.into()),
            (Err(error), None) => Err(RunError::Ledger(error)),
        }
    }

    async fn put_down(self) {
        self.ledger.close().await;
        drop(self.migrator);
        if let Some(executor) = Arc::into_inner(self.executor) {
            executor.finish().await;
        }
    }
}
