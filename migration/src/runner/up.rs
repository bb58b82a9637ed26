//! `up`: a phase, and whatever of it or of earlier ones has gone missing since.

use isolation::manifest::Manifest;
use isolation::session::Session;
use sea_orm_migration::MigratorTraitSelf as _;
use validate::gate::{Gate, Report};
use validate::selection::Selection;

use super::{Done, Hands, Reading, RunError, RunOptions, interlock, of_phase, preflight};
use crate::definition::Definition;
use crate::definitions::{self, CONSTRAINTS_NOT_VALID};
use crate::executor::{Direction, ExecutionError};
use crate::phase::Phase;
use crate::statement::Statement;

/// Applies a phase.
///
/// # Errors
/// [`RunError`]. What was refused changed nothing; what failed on the way keeps what was done,
/// and the same call goes on from there.
pub async fn up(
    session: &Session,
    manifest: &Manifest,
    phase: Phase,
    options: RunOptions,
) -> Result<Done, RunError> {
    let reading = Reading::take_within(options.execution.policy, session, manifest).await?;
    let due = check(&reading, phase)?;
    preflight::pass(session, &reading, &due, &options.preflight).await?;
    if phase == Phase::Constraints && is_anything_due(&reading) {
        let guarded_at = of_phase(Phase::Guard).filter_map(|d| reading.applied_at(d)).max();
        interlock::look(session, &reading.scope, guarded_at, options.quiet_period).await;
    }
    let hands = Hands::take(session, manifest, options.execution, &reading).await?;
    let outcome = apply(&hands, session, manifest, phase).await;
    hands.put_down().await;
    outcome
}

/// Everything that can be refused beforehand is; answers the statements that are due.
fn check(reading: &Reading, phase: Phase) -> Result<Vec<Statement>, RunError> {
    for earlier in Phase::ALL.into_iter().filter(|earlier| *earlier < phase) {
        let pending = reading.pending(earlier);
        if !pending.is_empty() {
            let names: Vec<_> = pending.iter().map(|d| d.name()).collect();
            return Err(RunError::OutOfOrder {
                asked: phase,
                pending: earlier,
                names: names.join(", "),
            });
        }
    }
    reading.check_writable()?;
    reading.check_privileges()?;
    // Every object in the way is known before the first is made.
    let mut due = Vec::new();
    for definition in up_to(phase) {
        due.extend(definition.up(&reading.view()).map_err(|mismatches| {
            let migration = definition.name().to_owned();
            ExecutionError::InTheWay { migration, mismatches }
        })?);
    }
    Ok(due)
}

fn up_to(phase: Phase) -> impl Iterator<Item = &'static dyn Definition> {
    Phase::ALL.into_iter().filter(move |earlier| *earlier <= phase).flat_map(of_phase)
}

async fn apply(
    hands: &Hands,
    session: &Session,
    manifest: &Manifest,
    phase: Phase,
) -> Result<Done, RunError> {
    // Another command may have been at work until the lock was ours.
    let reading = Reading::take_within(hands.policy, session, manifest).await?;
    check(&reading, phase)?;
    let is_gated = phase == Phase::Constraints && is_anything_due(&reading);
    if is_gated {
        gate(hands, session, &reading, "before the constraints").await?;
    }
    for sql in reading.bookkeeping.still_to_create() {
        hands.executor.run(&Statement::free(sql)).await?;
    }
    let mut migrations = Vec::new();
    for definition in up_to(phase) {
        if reading.applied_at(definition).is_some() {
            // Applied before: whatever has gone missing since is put back.
            hands.executor.carry_out(definition, Direction::Up).await?;
        } else {
            let outcome = hands.migrator.up(hands.ledger.db(), Some(1)).await;
            hands.judged(outcome)?;
            migrations.push(definition.name().to_owned());
        }
        if is_gated && definition.name() == CONSTRAINTS_NOT_VALID {
            gate_behind(hands, session, &reading).await?;
        }
    }
    Ok(Done { phase, migrations, statements: hands.executor.executed().await })
}

fn is_anything_due(reading: &Reading) -> bool {
    !reading.pending(Phase::Constraints).is_empty()
        || of_phase(Phase::Constraints)
            .any(|d| d.up(&reading.view()).is_ok_and(|due| !due.is_empty()))
}

/// The gate once more, when no new row can break the rules any more. Where it is red, rows came in
/// between that the constraints would keep the application from changing: they are taken back.
async fn gate_behind(hands: &Hands, session: &Session, reading: &Reading) -> Result<(), RunError> {
    match gate(hands, session, reading, "behind the NOT VALID constraints").await {
        Err(RunError::Refused(report)) => {
            let later = definitions::ALL.iter().skip_while(|d| d.name() != CONSTRAINTS_NOT_VALID);
            // Where a later migration was applied before, these stood before we came.
            if later.skip(1).all(|definition| reading.applied_at(*definition).is_none()) {
                let outcome = hands.migrator.down(hands.ledger.db(), Some(1)).await;
                hands.judged(outcome)?;
                return Err(RunError::RefusedBehind(report));
            }
            Err(RunError::Refused(report))
        }
        outcome => outcome,
    }
}

/// Nobody gets past a red gate. One that could not look, as somebody has a table locked altogether,
/// looks again as often as a statement would be tried.
async fn gate(
    hands: &Hands,
    session: &Session,
    reading: &Reading,
    place: &str,
) -> Result<(), RunError> {
    tracing::info!("gate {place}");
    let mut tries = 0;
    let report: Report = loop {
        let asked = Gate::run(session, &reading.scope, &reading.catalog, &Selection::data()).await;
        tries += 1;
        match asked {
            Err(error) if error.is_lock_unavailable() && tries <= hands.policy.retries => {
                tracing::info!("failed to {error}");
                hands.policy.pause_after(tries).await;
            }
            outcome => break outcome?,
        }
    };
    if report.has_passed() { Ok(()) } else { Err(RunError::Refused(Box::new(report))) }
}
