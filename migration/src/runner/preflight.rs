//! The preflight of `up` and `down`: what would make a step fail stops them, the rest is said.

use isolation::session::Session;

use super::{Reading, RunError};
use crate::preflight::{self, Finding, Options, Severity};
use crate::statement::Statement;

/// Looks for what bears on these statements.
///
/// # Errors
/// [`RunError::Session`] where the server is gone.
pub(super) async fn look(
    session: &Session,
    reading: &Reading,
    due: &[Statement],
    options: &Options,
) -> Result<Vec<Finding>, RunError> {
    let (catalog, scope) = (&reading.catalog, &reading.scope);
    Ok(preflight::look(session, catalog, scope, due, options).await?)
}

/// Looks before anything is changed, and before the rollout lock is taken: whoever is stopped here
/// has kept nobody waiting.
///
/// # Errors
/// [`RunError::Preflight`] with every finding that stops and is not to be passed over.
pub(super) async fn pass(
    session: &Session,
    reading: &Reading,
    due: &[Statement],
    options: &Options,
) -> Result<(), RunError> {
    let findings = look(session, reading, due, options).await?;
    let is_passed = |finding: &Finding| options.despite.contains(&finding.check);
    let mut stopping = Vec::new();
    for finding in findings {
        match finding.severity {
            Severity::Stops if is_passed(&finding) => tracing::warn!("going on despite {finding}"),
            Severity::Stops => stopping.push(finding),
            Severity::Warns => tracing::warn!("{finding}"),
            Severity::Unknown => tracing::info!("unknown: {finding}"),
        }
    }
    if stopping.is_empty() { Ok(()) } else { Err(RunError::Preflight(stopping)) }
}
