//! The command line of `migration`: one file a command.

mod change;
mod plan;
mod preflight;
mod status;

use clap::{Parser, Subcommand};
use isolation::cli::{Arguments, CommonOptions, DatabaseOptions, Exit, Failure};
use isolation::session::sqlstate::Fault;

use crate::runner::RunError;

/// Phases 1, 1.5 and 3 of the rollout: columns and indexes, the write guard, the constraints
///
/// Exit status: 0 done, or nothing to do; 1 the answer is no (a phase out of order, a step that
/// would fail, a gate that refuses, another command running); 2 it could not be asked (usage,
/// manifest, connection, privileges), or its answer could not be written; 75 stopped before the end
/// (Ctrl-C), and the same command goes on.
#[derive(Debug, Parser)]
#[command(name = "migration", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: CommonOptions,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::StatusArgs),
    Plan(plan::PlanArgs),
    Up(change::UpArgs),
    Down(change::DownArgs),
}

impl Arguments for Cli {
    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// Runs the command line.
///
/// # Errors
/// A [`Failure`] with exit status, message and the next thing to do.
pub async fn run(cli: Cli) -> Result<Exit, Failure> {
    match &cli.command {
        Command::Status(args) => status::run(args, &cli.database).await,
        Command::Plan(args) => plan::run(args, &cli.database).await,
        Command::Up(args) => change::up(args, &cli.database).await,
        Command::Down(args) => change::down(args, &cli.database).await,
    }
}

/// The name our connections go by.
const APPLICATION: &str = "migration";
/// One to run a statement, one to look who is in its way, and one to spare for the gate.
const CONNECTIONS: u32 = 4;

/// What a refusal or an error comes to, with the command to type next.
fn failure(error: RunError) -> Failure {
    let message = error.to_string();
    match error {
        RunError::OutOfOrder { pending, .. } => {
            Failure::no(message, format!("migration up --phase {pending}"))
        }
        RunError::Refused(_) | RunError::RefusedBehind(_) => {
            Failure::no(message, "validate --phase 2")
        }
        RunError::Preflight(findings) => {
            let first = findings.into_iter().next();
            let next = first.map_or("migration plan".to_owned(), |finding| finding.remedy);
            Failure::no(message, format!("{next}; then run the same command again"))
        }
        RunError::BesideManifest(_) => Failure::no(
            message,
            "run the same command with the manifest (--manifest) these phases were applied with",
        ),
        RunError::Standby => {
            Failure::cannot_ask(message, "connect to the primary and run the same command again")
        }
        RunError::Privileges { remedy, .. } => {
            Failure::cannot_ask(message, format!("{remedy}; then run the same command again"))
        }
        RunError::BackfillUnfinished(_) => Failure::no(message, "backfill cancel"),
        RunError::Execution(error) => execution(error),
        RunError::Ledger(error) => {
            Failure::of_fault(Fault::of(&error), format!("failed to {message}"))
        }
        RunError::Gate(error) => error.into(),
        RunError::Session(error) => error.into(),
        RunError::Lock(error) => error.into(),
    }
}

fn execution(error: crate::executor::ExecutionError) -> Failure {
    use crate::executor::ExecutionError;
    match error {
        ExecutionError::InTheWay { .. } => Failure::cannot_ask(
            format!("failed to {error}"),
            "rename or drop what is named above, or correct the manifest, and run the same command again",
        ),
        ExecutionError::Ddl(error) => error.into(),
        ExecutionError::Lock(error) => error.into(),
        ExecutionError::Session(error) => error.into(),
    }
}
