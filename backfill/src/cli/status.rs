//! `backfill status`.

use std::time::Duration;

use clap::Args;
use isolation::cli::{Exit, Failure, Format, print, print_json};

use super::Context;
use super::plan_table::{numbers, percent, plain, progress_table};
use crate::status::{BackfillStatus, Report, status};

/// How often a watched status is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Runs shown to people: a list of thousands is for programs.
const MOST_RUNS: usize = 20;

/// Show the unfinished backfill, or the last one: progress, speed, runs
#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    /// Again and again, until it is finished
    #[arg(long)]
    watch: bool,
    /// What to write to stdout
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(super) async fn run(context: &Context, arguments: &StatusArguments) -> Result<Exit, Failure> {
    if arguments.watch && arguments.format == Format::Json {
        return Err(Failure::cannot_ask(
            "--watch shows one status after the other, and --format json is one document",
            "backfill status --format json",
        ));
    }
    let manifest = context.database.manifest()?;
    let session = context.database.session("backfill", 2).await?;
    loop {
        let report = status(&session, &manifest).await?;
        match arguments.format {
            Format::Text => print(&text(&report))?,
            Format::Json => print_json(&report)?,
        }
        let goes_on = report.backfill.as_ref().is_some_and(|b| !b.status.is_finished());
        if !arguments.watch || !goes_on {
            session.close().await;
            return Ok(Exit::Done);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn text(report: &Report) -> String {
    let Some(backfill) = &report.backfill else {
        return "No backfill yet. Next: backfill run --dry-run".to_owned();
    };
    let mut parts =
        vec![heading(backfill, &report.since), progress_table(&report.tables), runs_table(report)];
    if report.runs.len() > MOST_RUNS {
        let more = report.runs.len() - MOST_RUNS;
        parts.push(format!("… and {more} more: backfill status --format json"));
    }
    parts.join("\n\n")
}

fn heading(backfill: &BackfillStatus, since: &str) -> String {
    let BackfillStatus { id, status, processed, total, rows_per_second, eta_seconds, .. } =
        backfill;
    let state = if status.is_finished() {
        format!("Backfill {id} of {since}, {status}")
    } else {
        format!("Backfill {id} is {status} since {since}")
    };
    let left = eta_seconds.map(|s| format!(", about {s} s left")).unwrap_or_default();
    format!(
        "{state}: {processed} of {total} rows ({} %), {rows_per_second:.0} rows/s{left}",
        percent(*processed, *total)
    )
}

fn runs_table(report: &Report) -> String {
    let mut table = plain();
    table.set_header(["Run", "Workspace", "Status", "Outcome", "Rows", "Processed", "Failed"]);
    for run in report.runs.iter().take(MOST_RUNS) {
        let counts = run.summary_counts;
        table.add_row([
            crate::error::ids(std::slice::from_ref(&run.id)),
            crate::error::ids(std::slice::from_ref(&run.workspace_id)),
            run.status.clone(),
            run.outcome.clone(),
            counts.total.to_string(),
            counts.processed.to_string(),
            counts.failed.to_string(),
        ]);
    }
    numbers(&mut table, &[4, 5, 6]);
    table.trim_fmt()
}
