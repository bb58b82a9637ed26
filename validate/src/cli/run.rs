//! `validate`: the gate itself.

use clap::Args;
use isolation::cli::{DatabaseOptions, Exit, Failure, print};

use super::formats::GatePhase;
use super::{Subject, resolve, summary};
use crate::check::Phase;
use crate::gate::{Gate, Report};
use crate::report::{Format, Output, OutputError, RenderError};
use crate::selection::Selection;

/// What the gate is asked, and where its answer goes.
#[derive(Debug, Args)]
pub(super) struct Run {
    /// The phase whose gate it is [default: 2]
    #[arg(long, value_parser = GatePhase)]
    phase: Option<Phase>,
    /// What is written to stdout [default: text]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Writes the report to a file as well (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = Output::parse)]
    output: Vec<Output>,
    /// Only these checks (repeatable; a trailing * matches any ending)
    #[arg(long, value_name = "ID")]
    only: Vec<String>,
}

impl Run {
    /// Whether any of its options was given.
    pub(super) fn is_given(&self) -> bool {
        self.phase.is_some()
            || self.format.is_some()
            || !self.output.is_empty()
            || !self.only.is_empty()
    }

    pub(super) async fn run(&self, database: &DatabaseOptions) -> Result<Exit, Failure> {
        for output in &self.output {
            output.check()?;
        }
        let report = self.ask(database).await?;
        let format = self.format.unwrap_or(Format::Text);
        // A stdout that cannot be written takes no file along: those are written all the same.
        let printed = print(&format.render(&report)?);
        for output in &self.output {
            output.write(&output.format.render(&report)?)?;
        }
        if self.is_for_a_workflow() {
            summary::append(&report);
        }
        printed?;
        Ok(if report.has_passed() { Exit::Done } else { Exit::No })
    }

    fn is_for_a_workflow(&self) -> bool {
        let mut formats = self.format.into_iter().chain(self.output.iter().map(|o| o.format));
        formats.any(|format| format == Format::Github)
    }

    async fn ask(&self, database: &DatabaseOptions) -> Result<Report, Failure> {
        let phase = self.phase.unwrap_or(Phase::Two);
        let selection = Selection::phase(phase).only(self.only.clone());
        let Subject { session, catalog, scope } = resolve(database).await?;
        let report = Gate::run(&session, &scope, &catalog, &selection).await;
        session.close().await;
        Ok(report?)
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        Self::cannot_ask(
            format!("failed to {error}"),
            "name a file in a directory that exists and can be written to",
        )
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        Self::cannot_ask(format!("failed to {error}"), "use --format text")
    }
}
