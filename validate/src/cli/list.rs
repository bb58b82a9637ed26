//! `validate list`: the checks there are.

use clap::Args;
use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;
use isolation::cli::{DatabaseOptions, Exit, Failure, Format, print, print_json};
use serde::Serialize;

use crate::check::{Check, Phase};

/// Lists the checks
#[derive(Debug, Args)]
pub(super) struct List {
    /// What is written to stdout
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Serialize)]
struct Listing<'a> {
    checks: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    phases: &'a [Phase],
    fails: &'a str,
}

impl List {
    pub(super) async fn run(&self, database: &DatabaseOptions) -> Result<Exit, Failure> {
        let checks = super::checks(database).await?;
        match self.format {
            Format::Text => print(&text(&checks))?,
            Format::Json => print_json(&Listing { checks: checks.iter().map(entry).collect() })?,
        }
        Ok(Exit::Done)
    }
}

fn entry(check: &Check) -> Entry<'_> {
    Entry { id: &check.id, phases: check.phases(), fails: &check.asks }
}

fn text(checks: &[Check]) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table.set_header(["Check", "Phases", "Fails for"]);
    for check in checks {
        table.add_row([check.id.clone(), numbers(check.phases()), check.asks.clone()]);
    }
    table.to_string()
}

fn numbers(phases: &[Phase]) -> String {
    let numbers: Vec<_> = phases.iter().map(|p| p.number().to_string()).collect();
    numbers.join(", ")
}
