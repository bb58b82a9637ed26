//! `backfill run`.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use isolation::cli::{Exit, Failure, Format, print, print_json};

use super::ending::{Commands, counted, finished};
use super::plan_table::plan_table;
use super::show::Reporter;
use super::signals::until_stopped;
use super::{Context, connections};
use crate::error::BackfillError;
use crate::plan::plan;
use crate::progress::Event;
use crate::run::{Ending, RunOptions};
use crate::selection::{Selection, Tuning};
use crate::stop::Stop;

/// Bind the rows that have no workspace: plan, execute and wait
///
/// An unfinished backfill that covers the same (tables, workspaces, resume-from, max-rows) is
/// taken up where it was, whatever ended it. Ctrl-C stops at the next batch; the same command
/// goes on.
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Count only, exactly; write nothing. Exit status 1 where rows cannot be resolved
    #[arg(long)]
    dry_run: bool,
    /// Only this table (repeatable)
    #[arg(long, value_name = "TABLE", value_parser = NonEmptyStringValueParser::new())]
    table: Vec<String>,
    /// Only rows of this workspace (repeatable)
    #[arg(long, value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    workspace: Vec<String>,
    /// Most rows one transaction may update
    #[arg(long, value_name = "N", default_value_t = 5000, allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(1..))]
    batch_size: i64,
    /// Only rows whose key is greater; without it, or with 0, all
    #[arg(long, value_name = "ID", allow_negative_numbers = true, value_parser = NonEmptyStringValueParser::new())]
    resume_from: Option<String>,
    /// At most N rows of each table and workspace
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i64).range(1..))]
    max_rows: Option<i64>,
    /// Workers inside this process
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    /// Plan and enqueue, then exit; `backfill work` does the work, here or elsewhere
    #[arg(long, conflicts_with = "dry_run")]
    detach: bool,
    /// What to write to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) async fn run(context: &Context, arguments: RunArguments) -> Result<Exit, Failure> {
    let manifest = context.database.manifest()?;
    let session = context.database.session("backfill", connections(arguments.workers)).await?;
    let format = arguments.format;
    let dry_run = arguments.dry_run;
    let command = arguments.command();
    let commands = Commands { resume: command.clone(), again: command };
    let options = arguments.into_options();
    let (stopper, stop) = Stop::pair();
    if dry_run {
        let counting = Box::pin(plan(&session, &manifest, &options.selection, &stop));
        return counted(until_stopped(&stopper, &commands.resume, counting).await?, format);
    }
    let reporter = Reporter::new(context.common.is_quiet());
    let told = |event: Event| {
        if let (Event::Planned(plan), Format::Text) = (&event, format) {
            // The work does not wait for its table: how it ended is printed too, and says so
            // where stdout cannot be written.
            let _ = print(&plan_table(plan));
        }
        reporter.show(&event);
    };
    let working = Box::pin(crate::run::run(&session, &manifest, &options, &told, &stop));
    let ending =
        until_stopped(&stopper, &commands.resume, showing_a_refusal(working, format)).await;
    reporter.clear();
    session.close().await;
    finished(&ending?, &commands, format)
}

/// A refusal because of unresolvable rows shows the plan all the same.
async fn showing_a_refusal(
    working: impl Future<Output = Result<Ending, BackfillError>>,
    format: Format,
) -> Result<Ending, BackfillError> {
    let outcome = working.await;
    if let Err(BackfillError::Unresolvable(plan)) = &outcome {
        // The refusal says more than a plan that could not be written.
        let _ = match format {
            Format::Text => print(&plan_table(plan)),
            Format::Json => print_json(plan),
        };
    }
    outcome
}

impl RunArguments {
    /// The command to type again, without what the environment says.
    fn command(&self) -> String {
        let mut words = vec!["backfill".to_owned(), "run".to_owned()];
        let mut option = |name: &str, value: &str| {
            words.extend([name.to_owned(), shell_word(value)]);
        };
        self.table.iter().for_each(|table| option("--table", table));
        self.workspace.iter().for_each(|id| option("--workspace", id));
        if let Some(after) = &self.resume_from {
            option("--resume-from", after);
        }
        if let Some(rows) = self.max_rows {
            option("--max-rows", &rows.to_string());
        }
        if self.batch_size != Tuning::default().batch_size {
            option("--batch-size", &self.batch_size.to_string());
        }
        if self.workers != Tuning::default().workers {
            option("--workers", &self.workers.to_string());
        }
        words.join(" ")
    }

    fn into_options(self) -> RunOptions {
        RunOptions {
            selection: Selection {
                tables: self.table,
                workspaces: self.workspace,
                resume_from: self.resume_from,
                max_rows: self.max_rows,
            },
            tuning: Tuning { batch_size: self.batch_size, workers: self.workers },
            detach: self.detach,
        }
    }
}

/// A value as a shell takes it.
fn shell_word(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.,:/".contains(c);
    if value.chars().all(is_plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        run: RunArguments,
    }

    fn command(line: &[&str]) -> String {
        match Line::try_parse_from([&["run"], line].concat()) {
            Ok(line) => line.run.command(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_command_to_type_again_says_what_differs_from_the_defaults() {
        assert_eq!(command(&["--batch-size", "5000"]), "backfill run");
        assert_eq!(
            command(&["--table", "it's", "--workspace", "7", "--max-rows", "3", "--workers", "4"]),
            "backfill run --table 'it'\\''s' --workspace 7 --max-rows 3 --workers 4"
        );
    }

    #[test]
    fn numbers_that_are_none_are_refused() {
        for line in [["--batch-size", "0"], ["--batch-size", "-1"], ["--batch-size", "abc"]] {
            assert!(command(&line).contains("invalid value"), "{line:?}");
        }
    }
}
