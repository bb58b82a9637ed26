//! How a command ended: the result on stdout, the exit status, and what to do next.

use isolation::cli::{Exit, Failure, Format, print, print_json};
use serde::Serialize;

use super::plan_table::plan_table;
use crate::error::{BackfillError, Leftover, counted as number_of};
use crate::plan::Plan;
use crate::progress::TableProgress;
use crate::run::{Ending, Summary};
use crate::state::Status;

const NOTHING: &str = "No rows require workspace_id backfill.";
/// Lines of leftovers shown to people.
const MOST_LINES: usize = 20;

/// The document of every command but `status`.
#[derive(Debug, Default, Serialize)]
pub(super) struct Document {
    pub(super) backfill: Option<Identity>,
    pub(super) tables: Vec<TableProgress>,
    pub(super) leftovers: Vec<Leftover>,
    pub(super) seconds: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct Identity {
    pub(super) id: i64,
    pub(super) status: Status,
}

/// Writes what a dry run counted.
pub(super) fn counted(plan: Plan, format: Format) -> Result<Exit, Failure> {
    match format {
        Format::Text => print(&plan_table(&plan))?,
        Format::Json => print_json(&plan)?,
    }
    if plan.unresolvable() > 0 {
        return Err(BackfillError::Unresolvable(plan).into());
    }
    if plan.missing() == 0 && format == Format::Text {
        print(NOTHING)?;
    }
    Ok(Exit::Done)
}

/// What to type next.
#[derive(Debug)]
pub(super) struct Commands {
    /// What goes on with an unfinished backfill.
    pub(super) resume: String,
    /// What starts another, for what is left.
    pub(super) again: String,
}

/// Writes how it ended, and turns it into an exit status.
pub(super) fn finished(
    ending: &Ending,
    commands: &Commands,
    format: Format,
) -> Result<Exit, Failure> {
    let command = commands.resume.as_str();
    match ending {
        Ending::NothingToDo(_) => say(NOTHING, None, format),
        Ending::NothingToJoin => say("No backfill is running.", None, format),
        Ending::Enqueued { id } => say(
            &format!("Backfill {id} is enqueued. Next: backfill work"),
            Some(Identity { id: *id, status: Status::Running }),
            format,
        ),
        Ending::Paused { id } => Err(Failure::stopped(
            format!("backfill {id} is paused; what is bound stays bound"),
            format!("backfill resume && {command}"),
        )),
        Ending::Stopped { id } => Err(Failure::stopped(
            format!("backfill {id} is stopped; what is bound stays bound"),
            command,
        )),
        Ending::Finished(summary) => {
            match format {
                Format::Text => print(&sentence(summary))?,
                Format::Json => print_json(&document(summary))?,
            }
            verdict(summary, &commands.again)
        }
    }
}

fn say(text: &str, backfill: Option<Identity>, format: Format) -> Result<Exit, Failure> {
    match format {
        Format::Text => print(text)?,
        Format::Json => print_json(&Document { backfill, ..Document::default() })?,
    }
    Ok(Exit::Done)
}

fn document(summary: &Summary) -> Document {
    Document {
        backfill: Some(Identity { id: summary.id, status: summary.status }),
        tables: summary.tables.clone(),
        leftovers: summary.leftovers.clone(),
        seconds: (summary.seconds * 1000.0).round() / 1000.0,
    }
}

/// `Bound 250000 rows of 4 tables in 12.3 s (backfill 1, succeeded).`
fn sentence(summary: &Summary) -> String {
    let rows: i64 = summary.tables.iter().map(|t| t.processed).sum();
    let tables: i64 = summary.tables.iter().map(|t| i64::from(t.processed > 0)).sum();
    format!(
        "Bound {} of {} in {:.1} s (backfill {}, {}).",
        number_of(rows, "row"),
        number_of(tables, "table"),
        summary.seconds,
        summary.id,
        summary.status
    )
}

fn verdict(summary: &Summary, command: &str) -> Result<Exit, Failure> {
    let id = summary.id;
    match summary.status {
        Status::Succeeded => Ok(Exit::Done),
        Status::PartiallySucceeded => Err(Failure::no(
            lines(&summary.leftovers),
            format!("give these tenants a workspace, or delete the rows, then {command}"),
        )),
        Status::Failed => Err(Failure::no(
            format!(
                "backfill {id} gave up: rows keep arriving without workspace_id: is the write guard (migration up --phase 1.5) in place?\nerror: {}",
                lines(&summary.leftovers)
            ),
            format!("migration up --phase 1.5 && {command}"),
        )),
        Status::Cancelled => Err(Failure::no(
            format!("backfill {id} was cancelled; what is bound stays bound"),
            format!("{command} binds the rest"),
        )),
        Status::Running | Status::Paused => {
            Err(Failure::stopped(format!("backfill {id} is unfinished"), command))
        }
    }
}

/// One line for each leftover, each an error of its own.
fn lines(leftovers: &[Leftover]) -> String {
    let mut lines: Vec<_> = leftovers.iter().take(MOST_LINES).map(ToString::to_string).collect();
    if leftovers.len() > MOST_LINES {
        lines.push(format!("and {} more", leftovers.len() - MOST_LINES));
    }
    lines.join("\nerror: ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(status: Status) -> Summary {
        let table = |table: &str, processed| TableProgress {
            table: table.to_owned(),
            target_rows: 10,
            processed,
        };
        Summary {
            id: 3,
            status,
            tables: vec![table("policies", 10), table("findings", 0)],
            leftovers: vec![Leftover {
                table: "findings".to_owned(),
                workspace: None,
                rows: 10,
                sample_ids: vec![1.into(), 2.into()],
            }],
            seconds: 1.26,
        }
    }

    #[test]
    fn every_status_has_its_exit_and_next_command() {
        let table: Vec<_> = Status::ALL
            .map(|status| match verdict(&summary(status), "backfill run") {
                Ok(exit) => format!("{status}: {}", exit.code()),
                Err(no) => {
                    format!("{status}: {} {}; next: {}", no.exit.code(), no.message, no.next)
                }
            })
            .to_vec();
        insta::assert_snapshot!(table.join("\n"), @r"
        running: 75 backfill 3 is unfinished; next: backfill run
        paused: 75 backfill 3 is unfinished; next: backfill run
        succeeded: 0
        partially_succeeded: 1 findings: 10 rows with no tenant, or a tenant without workspace (ids 1, 2); next: give these tenants a workspace, or delete the rows, then backfill run
        failed: 1 backfill 3 gave up: rows keep arriving without workspace_id: is the write guard (migration up --phase 1.5) in place?
        error: findings: 10 rows with no tenant, or a tenant without workspace (ids 1, 2); next: migration up --phase 1.5 && backfill run
        cancelled: 1 backfill 3 was cancelled; what is bound stays bound; next: backfill run binds the rest
        ");
        assert_eq!(
            sentence(&summary(Status::Succeeded)),
            "Bound 10 rows of 1 table in 1.3 s (backfill 3, succeeded)."
        );
    }
}
