//! `status`: what is applied, since when, and whether it still stands. Reads only.

use isolation::manifest::Manifest;
use isolation::session::Session;
use serde::Serialize;

use super::{Reading, RunError};
use crate::definitions;
use crate::phase::Phase;
use crate::statement::Statement;

/// Every migration with its state.
#[derive(Debug, Clone, Serialize)]
pub struct Status {
    /// The migrations, in order.
    pub migrations: Vec<MigrationStatus>,
    /// The first phase with something pending: what `up` would be for next.
    pub next_phase: Option<Phase>,
}

/// One migration's state.
#[derive(Debug, Clone, Serialize)]
pub struct MigrationStatus {
    /// Its name in the ledger.
    pub name: &'static str,
    /// Its phase.
    pub phase: Phase,
    /// What it does.
    pub about: &'static str,
    /// Whether the ledger has it.
    pub applied: bool,
    /// When it was applied: seconds since 1970-01-01 UTC.
    pub applied_at: Option<i64>,
    /// What of it is not as it should be: statements still to run, or objects in the way.
    pub missing: usize,
}

fn missing(due: &[Statement]) -> usize {
    due.iter().filter(|statement| !statement.is_upkeep).count()
}

/// Reads every migration's state.
///
/// # Errors
/// [`RunError`].
pub async fn status(session: &Session, manifest: &Manifest) -> Result<Status, RunError> {
    let reading = Reading::take(session, manifest).await?;
    let migrations = definitions::ALL
        .iter()
        .map(|definition| {
            let applied_at = reading.applied_at(*definition);
            let due = definition.up(&reading.view());
            MigrationStatus {
                name: definition.name(),
                phase: definition.phase(),
                about: definition.about(),
                applied: applied_at.is_some(),
                applied_at,
                missing: due.map_or_else(|mismatches| mismatches.len(), |due| missing(&due)),
            }
        })
        .collect();
    let next_phase = Phase::ALL.into_iter().find(|phase| !reading.pending(*phase).is_empty());
    Ok(Status { migrations, next_phase })
}
