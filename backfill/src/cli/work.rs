//! `backfill work`.

use clap::Args;
use isolation::cli::{Exit, Failure, Format};

use super::ending::{Commands, finished};
use super::show::Reporter;
use super::signals::until_stopped;
use super::{Context, connections};
use crate::progress::Event;
use crate::stop::Stop;

/// Join the unfinished backfill, from any machine, until no range is left
#[derive(Debug, Args)]
pub(super) struct WorkArguments {
    /// Workers inside this process
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// What to write to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) async fn run(context: &Context, arguments: &WorkArguments) -> Result<Exit, Failure> {
    let manifest = context.database.manifest()?;
    let session = context.database.session("backfill", connections(arguments.workers)).await?;
    let commands = Commands {
        resume: format!("backfill work --workers {}", arguments.workers),
        again: "backfill run".to_owned(),
    };
    let (stopper, stop) = Stop::pair();
    let reporter = Reporter::new(context.common.is_quiet());
    let told = |event: Event| reporter.show(&event);
    let working = Box::pin(crate::run::work(&session, &manifest, arguments.workers, &told, &stop));
    let ending = until_stopped(&stopper, &commands.resume, working).await;
    reporter.clear();
    session.close().await;
    finished(&ending?, &commands, arguments.format)
}
