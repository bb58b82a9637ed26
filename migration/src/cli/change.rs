//! `migration up` and `migration down`

use std::time::Duration;

use clap::Args;
use isolation::cli::{
    DatabaseOptions, Exit, Failure, Format, duration, interrupted, period, print, print_json,
};
use isolation::session::Session;
use isolation::session::ddl::LockPolicy;
use isolation::session::sqlstate::in_words;

use super::preflight::DespiteArgs;
use super::{APPLICATION, CONNECTIONS, failure};
use crate::executor::ExecutionOptions;
use crate::phase::Phase;
use crate::runner::status::status;
use crate::runner::{Done, QUIET_PERIOD, RunError, RunOptions, down, up};

/// Applies a phase
#[derive(Debug, Args)]
pub(super) struct UpArgs {
    /// The phase: 1, 1.5 or 3
    #[arg(long, value_name = "PHASE")]
    phase: Option<Phase>,
    /// Phase 3 warns where the write guard had to fill in a workspace less than this ago; 0 asks
    /// nothing [default: 10m]
    #[arg(long, value_name = "DURATION", value_parser = period)]
    quiet_period: Option<Duration>,
    #[command(flatten)]
    change: ChangeArgs,
}

/// Takes a phase and every later one back
#[derive(Debug, Args)]
pub(super) struct DownArgs {
    /// The phase: 3, 1.5 or 1
    #[arg(long, value_name = "PHASE", value_parser = Phase::to_take_back)]
    phase: Phase,
    /// Yes, drop the workspace columns and what is in them (phase 1)
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    change: ChangeArgs,
}

#[derive(Debug, Args)]
struct ChangeArgs {
    /// How often a statement whose lock cannot be had is tried again
    #[arg(long, value_name = "N", default_value_t = 30)]
    lock_retries: u32,
    /// How long one index build may take, waiting for older transactions included
    #[arg(long, value_name = "DURATION", default_value = "6h", value_parser = duration)]
    index_timeout: Duration,
    #[command(flatten)]
    preflight: DespiteArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

impl ChangeArgs {
    fn options(&self, database: &DatabaseOptions) -> RunOptions {
        let policy = LockPolicy { lock_timeout: database.lock_timeout, retries: self.lock_retries };
        RunOptions {
            execution: ExecutionOptions { policy, index_timeout: self.index_timeout },
            preflight: self.preflight.options(),
            quiet_period: QUIET_PERIOD,
        }
    }

    fn report(&self, done: &Done, change: Change, next: &str) -> Result<Exit, Failure> {
        match self.format {
            Format::Json => print_json(done)?,
            Format::Text => print(&format!("{}\nnext: {next}", sentence(done, change)))?,
        }
        Ok(Exit::Done)
    }
}

/// Which way a phase went.
#[derive(Debug, Clone, Copy)]
enum Change {
    Applied,
    TakenBack,
}

/// What was done, or why nothing was.
fn sentence(done: &Done, change: Change) -> String {
    if done.statements.is_empty() && done.migrations.is_empty() {
        // A phase that is not there may never have been.
        let state = match change {
            Change::Applied => "applied",
            Change::TakenBack => "not applied",
        };
        return format!("Nothing to do: phase {} is {state}.", done.phase);
    }
    let what = match change {
        Change::Applied => "applied",
        Change::TakenBack => "taken back",
    };
    let (phases, are) = match done.phases().as_slice() {
        // Only what a run that was cut had left, which no ledger knows of.
        [] => (format!("Phase {}", done.phase), "is"),
        [one] => (format!("Phase {one}"), "is"),
        [most @ .., last] => {
            let most: Vec<_> = most.iter().map(|phase| phase.number()).collect();
            (format!("Phases {} and {last}", most.join(", ")), "are")
        }
    };
    format!(
        "{phases} {are} {what}: {} migrations, {} statements.",
        done.migrations.len(),
        done.statements.len()
    )
}

impl UpArgs {
    /// An option that means nothing is refused before anything is done.
    fn check(&self) -> Result<(), Failure> {
        match self.phase {
            Some(phase) if phase != Phase::Constraints && self.quiet_period.is_some() => {
                Err(Failure::cannot_ask(
                    format!("--quiet-period is for phase 3; phase {phase} wants no quiet"),
                    format!("migration up --phase {phase}"),
                ))
            }
            Some(_) | None => Ok(()),
        }
    }

    fn options(&self, database: &DatabaseOptions) -> RunOptions {
        let options = self.change.options(database);
        RunOptions { quiet_period: self.quiet_period.unwrap_or(options.quiet_period), ..options }
    }
}

pub(super) async fn up(args: &UpArgs, database: &DatabaseOptions) -> Result<Exit, Failure> {
    args.check()?;
    let manifest = database.manifest()?;
    let session = database.session(APPLICATION, CONNECTIONS).await?;
    let Some(phase) = args.phase else {
        return Err(which_phase(&session, &manifest).await?);
    };
    let options = args.options(database);
    let work = up::up(&session, &manifest, phase, options);
    let command = format!("migration up --phase {phase}");
    let done = unless_interrupted(&session, &command, work).await?;
    let next = match phase {
        Phase::Columns => "migration up --phase 1.5",
        Phase::Guard => "backfill run",
        Phase::Constraints => "validate --phase 3",
    };
    args.change.report(&done, Change::Applied, next)
}

pub(super) async fn down(args: &DownArgs, database: &DatabaseOptions) -> Result<Exit, Failure> {
    if args.phase == Phase::Columns && !args.yes {
        return Err(Failure::cannot_ask(
            "going back from phase 1 drops the workspace columns and what is in them",
            "migration down --phase 1 --yes",
        ));
    }
    let manifest = database.manifest()?;
    let session = database.session(APPLICATION, CONNECTIONS).await?;
    let options = args.change.options(database);
    let work = down::down(&session, &manifest, args.phase, options);
    let yes = if args.yes { " --yes" } else { "" };
    let command = format!("migration down --phase {}{yes}", args.phase);
    let done = unless_interrupted(&session, &command, work).await?;
    args.change.report(&done, Change::TakenBack, "migration status")
}

/// Carries a change through, or stops it when the process is asked to: the running statement is
/// cancelled, its transaction rolled back, and the command that goes on from there is named.
async fn unless_interrupted(
    session: &Session,
    command: &str,
    work: impl Future<Output = Result<Done, RunError>>,
) -> Result<Done, Failure> {
    tokio::select! {
        outcome = work => outcome.map_err(failure),
        () = interrupted() => {
            if let Err(error) = session.cancel_running().await {
                tracing::warn!("the running statement could not be cancelled: {}", in_words(&error));
            }
            Err(Failure::stopped(
                "stopped before the end: what is done stays done",
                command,
            ))
        }
    }
}

/// The refusal of `up` without a phase, naming the one that comes next.
async fn which_phase(
    session: &Session,
    manifest: &isolation::manifest::Manifest,
) -> Result<Failure, Failure> {
    let status = status(session, manifest).await.map_err(failure)?;
    Ok(match status.next_phase {
        Some(phase) => Failure::cannot_ask(
            format!("migration up wants a phase; phase {phase} comes next"),
            format!("migration up --phase {phase}"),
        ),
        None => Failure::cannot_ask(
            "migration up wants a phase; every phase is applied",
            "migration status",
        ),
    })
}
