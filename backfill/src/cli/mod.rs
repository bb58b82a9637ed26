//! The binary `backfill`: arguments, progress on stderr, results on stdout, exit statuses.

mod control;
mod ending;
mod failure;
mod plan_table;
mod run;
mod show;
mod signals;
mod status;
mod work;

use clap::{Parser, Subcommand};
use isolation::cli::{Arguments, CommonOptions, DatabaseOptions, Exit, Failure};

use crate::state::Request;

/// Bind every row to the workspace of its tenant (phase 2)
#[derive(Debug, Parser)]
#[command(name = "backfill", version, arg_required_else_help = true)]
pub struct BackfillArguments {
    #[command(flatten)]
    common: CommonOptions,
    #[command(flatten)]
    database: DatabaseOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::RunArguments),
    Work(work::WorkArguments),
    Status(status::StatusArguments),
    /// Stop every worker at its next batch, until `backfill resume`
    Pause(control::ControlArguments),
    /// Let a paused backfill go on
    Resume(control::ControlArguments),
    /// End the unfinished backfill; rows bound so far stay bound
    Cancel(control::ControlArguments),
}

/// What every command needs to know.
struct Context {
    common: CommonOptions,
    database: DatabaseOptions,
}

impl Arguments for BackfillArguments {
    fn common(&self) -> &CommonOptions {
        &self.common
    }
}

/// Runs the command that was typed.
///
/// # Errors
/// A [`Failure`] for every refusal and error, with the next command to type.
pub async fn run(arguments: BackfillArguments) -> Result<Exit, Failure> {
    let context = Context { common: arguments.common, database: arguments.database };
    match arguments.command {
        Command::Run(arguments) => run::run(&context, arguments).await,
        Command::Work(arguments) => work::run(&context, &arguments).await,
        Command::Status(arguments) => status::run(&context, &arguments).await,
        Command::Pause(arguments) => control::run(&context, Request::Pause, &arguments).await,
        Command::Resume(arguments) => control::run(&context, Request::Resume, &arguments).await,
        Command::Cancel(arguments) => control::run(&context, Request::Cancel, &arguments).await,
    }
}

/// How many connections so many workers may need: one each to work and one each to see who is in
/// the way, and a few to look around.
fn connections(workers: u32) -> u32 {
    workers.saturating_mul(2).saturating_add(3)
}
