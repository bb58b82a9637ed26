//! `down`: a phase and every later one, taken back in reverse. What the application had before
//! the rollout stays.

use isolation::manifest::Manifest;
use isolation::session::{Session, SessionError};
use sea_orm_migration::MigratorTraitSelf as _;

use super::{Done, Hands, Reading, RunError, RunOptions, of_phase, preflight};
use crate::bookkeeping::{self, Bookkeeping};
use crate::definition::Definition;
use crate::executor::Direction;
use crate::phase::Phase;
use crate::statement::Statement;

/// Takes a phase and every later one back.
///
/// # Errors
/// [`RunError`]. What was refused changed nothing; what failed on the way keeps what was done,
/// and the same call goes on from there.
pub async fn down(
    session: &Session,
    manifest: &Manifest,
    phase: Phase,
    options: RunOptions,
) -> Result<Done, RunError> {
    let reading = Reading::take_within(options.execution.policy, session, manifest).await?;
    reading.check_writable()?;
    if !reading.bookkeeping.has_schema {
        return Ok(Done { phase, migrations: Vec::new(), statements: Vec::new() });
    }
    reading.check_privileges()?;
    reading.check_nothing_beside()?;
    let due: Vec<_> = from(phase).into_iter().flat_map(|d| d.down(&reading.view())).collect();
    preflight::pass(session, &reading, &due, &options.preflight).await?;
    let hands = Hands::take(session, manifest, options.execution, &reading).await?;
    let outcome = take_back(&hands, session, manifest, phase).await;
    hands.put_down().await;
    outcome
}

/// The definitions that go, last first.
pub(crate) fn from(phase: Phase) -> Vec<&'static dyn Definition> {
    let mut definitions: Vec<_> =
        Phase::ALL.into_iter().filter(|later| *later >= phase).flat_map(of_phase).collect();
    definitions.reverse();
    definitions
}

async fn take_back(
    hands: &Hands,
    session: &Session,
    manifest: &Manifest,
    phase: Phase,
) -> Result<Done, RunError> {
    let reading = Reading::take_within(hands.policy, session, manifest).await?;
    reading.check_nothing_beside()?;
    if phase == Phase::Columns {
        let unfinished = bookkeeping::unfinished_backfill(session.db(), &reading.bookkeeping).await;
        if let Some(id) = unfinished.map_err(SessionError::from)? {
            return Err(RunError::BackfillUnfinished(id));
        }
    }
    let mut migrations = Vec::new();
    for definition in from(phase) {
        if reading.applied_at(definition).is_some() {
            let outcome = hands.migrator.down(hands.ledger.db(), Some(1)).await;
            hands.judged(outcome)?;
            migrations.push(definition.name().to_owned());
        } else {
            // Never recorded as applied, but a run that was cut may have left some of it.
            hands.executor.carry_out(definition, Direction::Down).await?;
        }
    }
    if phase == Phase::Columns {
        // Read anew: what the phases kept for themselves is gone by now.
        let left = Bookkeeping::read(session.db()).await.map_err(SessionError::from)?;
        if let Some(sql) = left.still_to_drop() {
            hands.executor.run(&Statement::free(sql)).await?;
        }
    }
    Ok(Done { phase, migrations, statements: hands.executor.executed().await })
}
