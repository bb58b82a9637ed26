//! `migration status`

use clap::Args;
use comfy_table::{Table, presets};
use isolation::cli::{DatabaseOptions, Exit, Failure, Format, print, print_json};

use super::{APPLICATION, CONNECTIONS, failure};
use crate::phase::Phase;
use crate::runner::status::{MigrationStatus, Status, status};

/// Every migration with its phase: applied or pending, and since when
///
/// Needs no DDL right and creates nothing.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// How the answer is written
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

pub(super) async fn run(args: &StatusArgs, database: &DatabaseOptions) -> Result<Exit, Failure> {
    let manifest = database.manifest()?;
    let session = database.session(APPLICATION, CONNECTIONS).await?;
    let answer = status(&session, &manifest).await.map_err(failure)?;
    match args.format {
        Format::Json => print_json(&answer)?,
        Format::Text => print(&text(&answer))?,
    }
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["Phase", "Migration", "State", "Applied at"]);
    for migration in &status.migrations {
        table.add_row([
            migration.phase.to_string(),
            migration.name.to_owned(),
            state(migration),
            migration.applied_at.map_or_else(|| "-".to_owned(), utc),
        ]);
    }
    format!("{table}\n{}", next(status))
}

fn state(migration: &MigrationStatus) -> String {
    match (migration.applied, migration.missing) {
        (true, 0) => "applied".to_owned(),
        (true, missing) => format!("applied, {missing} to mend"),
        (false, _) => "pending".to_owned(),
    }
}

fn next(status: &Status) -> String {
    let to_mend = status.migrations.iter().find(|m| m.applied && m.missing > 0);
    match (to_mend, status.next_phase) {
        (Some(migration), _) => format!("next: migration up --phase {}", migration.phase),
        (None, Some(Phase::Constraints)) => {
            "next: backfill run, validate, then migration up --phase 3".to_owned()
        }
        (None, Some(phase)) => format!("next: migration up --phase {phase}"),
        (None, None) => "next: validate --phase 3".to_owned(),
    }
}

/// A second of Unix time as people read it.
fn utc(seconds: i64) -> String {
    u64::try_from(seconds).map_or_else(
        |_| seconds.to_string(),
        |seconds| {
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
            humantime::format_rfc3339_seconds(time).to_string()
        },
    )
}
