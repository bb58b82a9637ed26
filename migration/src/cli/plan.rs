//! `migration plan`

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, Table, presets};
use isolation::cli::{DatabaseOptions, Exit, Failure, print, print_json};

use super::preflight::{PreflightArgs, lines};
use super::{APPLICATION, CONNECTIONS, failure};
use crate::phase::Phase;
use crate::runner::plan::{Estimate, Plan, PlanOptions, Planned, plan};

/// The exact statements still to run, in order, with their locks; writes nothing
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    /// Only this phase: 1, 1.5 or 3
    #[arg(long, value_name = "PHASE")]
    phase: Option<Phase>,
    #[command(flatten)]
    preflight: PreflightArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: PlanFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    /// For people
    Text,
    /// A script for psql
    Sql,
    /// One document, for programs
    Json,
}

pub(super) async fn run(args: &PlanArgs, database: &DatabaseOptions) -> Result<Exit, Failure> {
    let manifest = database.manifest()?;
    let session = database.session(APPLICATION, CONNECTIONS).await?;
    let options =
        PlanOptions { lock_timeout: database.lock_timeout, preflight: args.preflight.options() };
    let plan = plan(&session, &manifest, args.phase, &options).await.map_err(failure)?;
    match args.format {
        PlanFormat::Json => print_json(&plan)?,
        PlanFormat::Sql => print(&script(&plan))?,
        PlanFormat::Text => print(&text(&plan))?,
    }
    Ok(Exit::Done)
}

fn text(plan: &Plan) -> String {
    if plan.statements.is_empty() {
        return "Nothing is left to run.".to_owned();
    }
    let mut table = Table::new();
    // The statement comes last, so that long ones do not push the rest away.
    table.load_style(presets::NOTHING);
    table.set_header(["#", "Phase", "Lock", "Blocks", "Transaction", "Scans", "Statement"]);
    for column in [0, 5] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for (index, planned) in plan.statements.iter().enumerate() {
        table.add_row([
            (index + 1).to_string(),
            planned.phase.to_string(),
            planned.lock.to_string(),
            planned.blocks.to_string(),
            yes_or_no(planned.transaction),
            scanned(planned),
            brief(planned.main.as_ref().or(planned.sql.first()).map_or("", String::as_str)),
        ]);
    }
    let (steps, findings) = (plan.statements.len(), lines(&plan.findings, ""));
    format!("{}\n{steps} steps; --format sql shows them whole\n{findings}", table.trim_fmt())
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

/// How much it reads.
fn scanned(planned: &Planned) -> String {
    let size = |estimate: Estimate| match estimate.rows {
        Some(rows) => format!("~{rows} rows, {}", mebibytes(estimate.bytes)),
        None => "rows unknown".to_owned(),
    };
    match (planned.scans, planned.estimate) {
        (false, _) => "no".to_owned(),
        (true, Some(estimate)) => size(estimate),
        (true, None) => "yes".to_owned(),
    }
}

fn mebibytes(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{} KiB", bytes >> 10),
        whole => format!("{whole} MiB"),
    }
}

/// A function's body is left to `--format sql`.
fn brief(sql: &str) -> String {
    match sql.split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => sql.to_owned(),
    }
}

fn script(plan: &Plan) -> String {
    let mut script = String::from(
        "-- The statements still to run, as `migration up` runs them: each transaction for itself,\n\
         -- tried again where its lock cannot be had in time.\n\\set ON_ERROR_STOP on\n\
         -- How long it waits for locks is in each of them; builds and validations take their time.\n\
         SET lock_timeout = 0;\nSET statement_timeout = 0;\n",
    );
    script.push_str(&lines(&plan.findings, "-- "));
    let mut phase = None;
    for planned in &plan.statements {
        if phase != Some(planned.phase) {
            phase = Some(planned.phase);
            let _ = writeln!(script, "\n-- Phase {}", planned.phase);
            if planned.phase == Phase::Constraints {
                script.push_str("-- `validate --phase 2` must pass before this phase.\n");
            }
        }
        script.push_str(&transaction(planned));
    }
    script
}

fn transaction(planned: &Planned) -> String {
    let mut text = format!(
        "\n-- {}lock: {}; blocks: {}{}\n",
        planned.migration.map(|name| format!("{name}; ")).unwrap_or_default(),
        planned.lock,
        planned.blocks,
        if planned.scans { "; reads the whole table" } else { "" }
    );
    // Writing to a String cannot fail.
    if planned.transaction {
        text.push_str("BEGIN;\n");
    }
    for sql in &planned.sql {
        let _ = writeln!(text, "{sql};");
    }
    if planned.transaction {
        text.push_str("COMMIT;\n");
    }
    text
}
