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
    #[arg(long, value_name = "PHASE", value_parser = Phase::to_plan)]
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
    let mut has_phase_2 = false;
    for (index, planned) in plan.statements.iter().enumerate() {
        if planned.phase == Phase::Constraints && !has_phase_2 {
            has_phase_2 = true;
            table.add_row(["", "2", "", "", "", "", BETWEEN]);
        }
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
    // What would stop it comes first: below a hundred steps nobody would see it.
    format!(
        "{}{}{}\n{} steps; --format sql shows them whole\n",
        lines(&plan.findings, ""),
        pending_before(plan, ""),
        table.trim_fmt(),
        plan.statements.len()
    )
}

/// What comes between the phases that are migrations.
const BETWEEN: &str = "(backfill run and validate --phase 2 come in between)";

/// The earlier phases that come first, in a line; nothing where there are none.
fn pending_before(plan: &Plan, before: &str) -> String {
    let numbers: Vec<_> = plan.pending_before.iter().map(|phase| phase.number()).collect();
    match plan.pending_before.first() {
        None => String::new(),
        Some(first) => format!(
            "{before}pending phases come first: {} (migration up --phase {first})\n",
            numbers.join(", ")
        ),
    }
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
    if plan.statements.is_empty() {
        return "-- Nothing is left to run.\n".to_owned();
    }
    let mut script = String::from(
        "-- The statements still to run, as `migration up` runs them: each transaction for itself,\n\
         -- tried again where its lock cannot be had in time. What was run by hand, phase by phase,\n\
         -- `migration up --phase P` finds done and notes in its ledger.\n\\set ON_ERROR_STOP on\n\
         -- How long it waits for locks is in each of them; builds and validations take their time.\n\
         SET lock_timeout = 0;\nSET statement_timeout = 0;\n",
    );
    script.push_str(&lines(&plan.findings, "-- "));
    script.push_str(&pending_before(plan, "-- "));
    let mut phase = None;
    for planned in &plan.statements {
        if phase != Some(planned.phase) {
            phase = Some(planned.phase);
            let _ = writeln!(script, "\n-- Phase {}", planned.phase);
            if planned.phase == Phase::Constraints {
                script.push_str("-- `backfill run` comes before this phase, and `validate --phase 2` must pass.\n");
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
