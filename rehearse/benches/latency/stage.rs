//! Where it is measured: a server with one large table, the application's traffic on it, and the
//! toolkit's session.

use std::error::Error;
use std::time::Duration;

use isolation::manifest::Manifest;
use isolation::session::ddl::{DdlError, LockPolicy, Together};
use isolation::session::sqlstate::Fault;
use isolation::session::{DatabaseUrl, Session, SessionSettings, scalar, statement};
use migration::executor::ExecutionOptions;
use migration::phase::Phase;
use migration::preflight::Options;
use migration::runner::plan::{PlanOptions, Planned, plan};
use migration::runner::{RunOptions, up};
use rehearse::legacy::{self, Volume};
use rehearse::server::{Server, ServerOptions};
use rehearse::traffic::{StepSummary, Traffic, TrafficOptions};
use sea_orm::{ConnectionTrait as _, Database};

use super::steps::{self, MANIFEST, Step, TABLE};

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows of the other tables.
const OTHERS: u64 = 20_000;
/// A step that is over sooner is taken back and done again, until so many statements ran beside it.
const STATEMENTS: u64 = 500;
/// How often at the most.
const ROUNDS: u32 = 20;
/// How often a plain form that deadlocks may end in one.
const TRIES: u32 = 20;
/// How long the traffic is watched alone.
const QUIET: Duration = Duration::from_secs(5);
const POLICY: LockPolicy = LockPolicy { lock_timeout: Duration::from_secs(1), retries: 30 };
/// No build takes nearly as long.
const BUDGET: Duration = Duration::from_hours(1);

/// The application: busy, and with the large table in every other thing it does.
pub(crate) const TRAFFIC: TrafficOptions = TrafficOptions {
    clients: 16,
    statements_per_second: 600,
    favourite: Some(TABLE),
    seed: 0,
    statement_timeout: Duration::from_mins(5),
};

/// What was measured at one size.
pub(crate) struct Measured {
    pub(crate) rows: u64,
    pub(crate) server: String,
    pub(crate) quiet: StepSummary,
    pub(crate) backfill: StepSummary,
    pub(crate) compared: Vec<Compared>,
}

/// One step in both forms.
pub(crate) struct Compared {
    pub(crate) title: &'static str,
    pub(crate) ours: StepSummary,
    pub(crate) plain: StepSummary,
}

/// Measures everything on a table of so many rows.
pub(crate) async fn measure(rows: u64) -> Outcome<Measured> {
    let server = tokio::task::spawn_blocking(|| Server::start(&ServerOptions::default())).await??;
    let stage = Stage::open(&server, rows).await?;
    tokio::time::sleep(QUIET).await;
    stage.between();
    let index = stage.phase_1().await?;
    up::up(&stage.session, &stage.manifest, Phase::Guard, options()).await?;
    stage.backfill().await?;
    let mut steps = vec![index];
    steps.extend(stage.phase_3().await?);

    let version = scalar(stage.session.db(), statement("SHOW server_version", [])).await?;
    stage.session.close().await;
    let felt = stage.traffic.stop().await.steps;
    let named = |name: &str| {
        let found = felt.iter().find(|step| step.name == name).cloned();
        found.ok_or_else(|| format!("{name} was not measured"))
    };
    let mut compared = Vec::new();
    for step in steps {
        let (ours, plain) = (named(&ours(&step))?, named(&plain(&step))?);
        compared.push(Compared { title: step.title, ours, plain });
    }
    let (quiet, backfill) = (named("quiet")?, named("backfill")?);
    Ok(Measured { rows, server: version, quiet, backfill, compared })
}

/// How the toolkit goes about it.
fn options() -> RunOptions {
    RunOptions {
        execution: ExecutionOptions { policy: POLICY, index_timeout: BUDGET },
        preflight: Options::default(),
        // The traffic is old code.
        quiet_period: Duration::ZERO,
    }
}

/// Nobody stays for longer than a moment here, so nobody need be looked out for.
fn together(statements: &[String]) -> Together<'_> {
    Together { about: "a step", statements, tables: &[], modes: &[] }
}

struct Stage {
    session: Session,
    manifest: Manifest,
    traffic: Traffic,
}

fn ours(step: &Step) -> String {
    format!("ours: {}", step.title)
}

fn plain(step: &Step) -> String {
    format!("plain: {}", step.title)
}

impl Stage {
    async fn open(server: &Server, rows: u64) -> Outcome<Self> {
        let url = server.url("postgres");
        let connection = Database::connect(&url).await?;
        let volume = Volume::of_rows(OTHERS);
        legacy::create_schema(&connection).await?;
        legacy::load(&connection, &volume).await?;
        legacy::add_findings(&connection, &volume, rows).await?;
        // Or autovacuum does it, in the middle of the first step.
        connection.execute_unprepared("VACUUM ANALYZE").await?;
        connection.close().await?;
        let settings = SessionSettings {
            application: "rehearse",
            lock_timeout: POLICY.lock_timeout,
            max_connections: 8,
        };
        Ok(Self {
            session: Session::connect(&url.parse::<DatabaseUrl>()?, settings).await?,
            manifest: Manifest::parse(MANIFEST, "the bench's manifest")?,
            traffic: Traffic::start(&url, "quiet", &TRAFFIC).await?,
        })
    }

    /// What happens from now on is not measured.
    fn between(&self) {
        self.traffic.step("between");
    }

    /// Leaves the phase applied.
    async fn phase_1(&self) -> Outcome<Step> {
        let index = steps::index();
        up::up(&self.session, &self.manifest, Phase::Columns, options()).await?;
        self.undo(&index).await?;
        self.compare(&index, Phase::Columns).await?;
        up::up(&self.session, &self.manifest, Phase::Columns, options()).await?;
        Ok(index)
    }

    async fn phase_3(&self) -> Outcome<[Step; 3]> {
        let constraints = steps::constraints();
        for step in &constraints {
            self.compare(step, Phase::Constraints).await?;
        }
        Ok(constraints)
    }

    async fn backfill(&self) -> Outcome<()> {
        let (_stopper, stop) = backfill::Stop::pair();
        let options = backfill::RunOptions::default();
        self.traffic.step("backfill");
        backfill::run(&self.session, &self.manifest, &options, &|_| {}, &stop).await?;
        self.between();
        Ok(())
    }

    /// Both forms of a step, each as often as it takes, and each taken back.
    async fn compare(&self, step: &Step, phase: Phase) -> Outcome<()> {
        let options =
            PlanOptions { lock_timeout: POLICY.lock_timeout, preflight: Options::default() };
        let plan = plan(&self.session, &self.manifest, Some(phase), &options).await?;
        let planned = step.of(&plan);
        if planned.is_empty() {
            return Err(format!("there is no statement of ours for {}", step.title).into());
        }
        for _ in 0..ROUNDS {
            self.traffic.step(&ours(step));
            for one in &planned {
                self.run(one).await?;
            }
            self.undo(step).await?;
            if self.is_enough(&ours(step)) {
                break;
            }
        }
        for _ in 0..ROUNDS {
            self.traffic.step(&plain(step));
            self.run_plain(&step.plain).await?;
            self.undo(step).await?;
            if self.is_enough(&plain(step)) {
                break;
            }
        }
        Ok(())
    }

    /// A statement of ours as `migration up` runs it.
    async fn run(&self, planned: &Planned) -> Outcome<()> {
        if !planned.transaction {
            for sql in &planned.sql {
                self.session.run_outside_transaction(sql, BUDGET).await?;
            }
            return Ok(());
        }
        Ok(self.session.run_in_transaction(together(&planned.sql), POLICY).await?)
    }

    /// A plain form as people run it: without a timeout, and once more when a deadlock ended it.
    async fn run_plain(&self, sql: &str) -> Outcome<()> {
        let mut tries = 1;
        loop {
            match self.session.run_outside_transaction(sql, BUDGET).await {
                Err(DdlError::Failed { fault: Fault::LockUnavailable, .. }) if tries < TRIES => {
                    tries += 1;
                }
                outcome => return Ok(outcome?),
            }
        }
    }

    async fn undo(&self, step: &Step) -> Outcome<()> {
        self.between();
        Ok(self.session.run_in_transaction(together(&step.undo), POLICY).await?)
    }

    fn is_enough(&self, name: &str) -> bool {
        let steps = self.traffic.summary().steps;
        steps.iter().any(|step| step.name == name && step.statements >= STATEMENTS)
    }
}
