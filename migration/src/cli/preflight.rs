//! What the preflight takes on a command line, and how its findings read.

use std::time::Duration;

use clap::Args;
use isolation::cli::duration;

use crate::preflight::{Check, Finding, Options};

/// What the preflight looks for.
#[derive(Debug, Args)]
pub(super) struct PreflightArgs {
    /// Transactions that have been open for longer are named beforehand
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = duration)]
    long_transaction: Duration,
}

/// What a change goes on despite.
#[derive(Debug, Args)]
pub(super) struct DespiteArgs {
    #[command(flatten)]
    preflight: PreflightArgs,
    /// Go on despite this finding, which would stop it: prepared-transaction, wraparound-vacuum or
    /// disk-room (repeatable)
    #[arg(long, value_name = "ID")]
    despite: Vec<Check>,
}

impl PreflightArgs {
    pub(super) fn options(&self) -> Options {
        Options { long_transaction: self.long_transaction, despite: Vec::new() }
    }
}

impl DespiteArgs {
    pub(super) fn options(&self) -> Options {
        Options { despite: self.despite.clone(), ..self.preflight.options() }
    }
}

/// The findings, a line each; nothing where there are none.
pub(super) fn lines(findings: &[Finding], before: &str) -> String {
    let line = |finding: &Finding| format!("{before}{} {finding}\n", finding.severity);
    findings.iter().map(line).collect()
}
