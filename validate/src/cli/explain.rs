//! `validate explain ID`: one check in full.

use clap::Args;
use isolation::cli::{DatabaseOptions, Exit, Failure, Format, print, print_json};
use serde::Serialize;

use crate::check::{Check, Phase};
use crate::gate::ValidateError;
use crate::selection::{Unmatched, unmatched};

/// Shows a check's exact SQL, why it matters, and how to mend it
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The check, such as missing/policies (see `validate list`)
    id: String,
    /// What is written to stdout
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Serialize)]
struct Explanation<'a> {
    id: &'a str,
    phases: &'a [Phase],
    fails: &'a str,
    why: &'a str,
    sql: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_sql: Option<&'a str>,
    remedy: &'a str,
}

impl Explain {
    pub(super) async fn run(&self, database: &DatabaseOptions) -> Result<Exit, Failure> {
        let checks = super::checks(database).await?;
        let Some(check) = checks.iter().find(|check| check.id == self.id) else {
            // Every phase's checks are looked at here.
            let unmatched = Unmatched { asked_in: None, ..unmatched(&self.id, &checks) };
            return Err(ValidateError::NoSuchCheck(unmatched).into());
        };
        match self.format {
            Format::Text => print(&text(check))?,
            Format::Json => print_json(&explanation(check))?,
        }
        Ok(Exit::Done)
    }
}

fn explanation(check: &Check) -> Explanation<'_> {
    Explanation {
        id: &check.id,
        phases: check.phases(),
        fails: &check.asks,
        why: check.kind.why(),
        sql: &check.sql,
        rows_sql: check.rows_sql.as_deref(),
        remedy: &check.remedy,
    }
}

pub(super) fn text(check: &Check) -> String {
    let phases: Vec<_> = check.phases().iter().map(|p| p.number().to_string()).collect();
    let rows = match &check.rows_sql {
        Some(sql) => format!("\nThe rows:\n  {sql};\n"),
        None => String::new(),
    };
    let remedy = match &check.decision {
        Some(decision) => format!("{decision} shown above"),
        None => check.remedy.clone(),
    };
    format!(
        "{} (phase {})\nFails for {}.\n\nWhy it matters:\n  {}\n\nThe question:\n  {};\n{rows}\nHow to mend it:\n  {remedy}\n",
        check.id,
        phases.join(" and "),
        check.asks,
        check.kind.why(),
        check.sql,
    )
}
