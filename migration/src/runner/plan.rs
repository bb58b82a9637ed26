//! `plan`: the statements still to run, from the very definitions that will run them.

use isolation::manifest::Manifest;
use isolation::session::Session;
use serde::Serialize;

use super::{Reading, RunError, of_phase};
use crate::executor::ExecutionError;
use crate::phase::Phase;
use crate::statement::{Blocks, Lock, Statement};

/// What is still to run.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The statements, in order.
    pub statements: Vec<Planned>,
}

/// One statement of a plan.
#[derive(Debug, Clone, Serialize)]
pub struct Planned {
    /// The phase it belongs to.
    pub phase: Phase,
    /// The migration it belongs to; none for the toolkit's own bookkeeping.
    pub migration: Option<&'static str>,
    /// The table it is about.
    pub table: Option<String>,
    /// The SQL: what is committed together, statement by statement.
    pub sql: Vec<String>,
    /// The strongest lock it takes.
    pub lock: Lock,
    /// What the application cannot do meanwhile.
    pub blocks: Blocks,
    /// Whether it is a transaction, or one statement outside any.
    pub transaction: bool,
    /// Whether it reads the whole table.
    pub scans: bool,
}

/// Plans one phase, or all of them. Writes nothing.
///
/// # Errors
/// [`RunError`], among them objects of our names that are not ours.
pub async fn plan(
    session: &Session,
    manifest: &Manifest,
    phase: Option<Phase>,
) -> Result<Plan, RunError> {
    let reading = Reading::take(session, manifest).await?;
    let mut statements = Vec::new();
    let phases: Vec<_> =
        Phase::ALL.into_iter().filter(|one| phase.is_none_or(|asked| asked == *one)).collect();
    let mut bookkeeping = reading.bookkeeping.still_to_create();
    for phase in phases {
        for sql in std::mem::take(&mut bookkeeping) {
            statements.extend(planned(phase, None, &Statement::free(sql)));
        }
        for definition in of_phase(phase) {
            let due = definition.up(&reading.view()).map_err(|mismatches| {
                let migration = definition.name().to_owned();
                ExecutionError::InTheWay { migration, mismatches }
            })?;
            for statement in due {
                statements.extend(planned(phase, Some(definition.name()), &statement));
            }
        }
    }
    Ok(Plan { statements })
}

fn planned(
    phase: Phase,
    migration: Option<&'static str>,
    statement: &Statement,
) -> impl Iterator<Item = Planned> {
    let table = statement.table.as_ref().map(ToString::to_string);
    let main = statement.sql.clone();
    let (lock, scans) = (statement.lock, statement.scans);
    statement.transactions().into_iter().map(move |transaction| {
        // A note that goes before or after its statement locks nothing of the application's.
        let is_note = !transaction.statements.contains(&main);
        Planned {
            phase,
            migration,
            table: table.clone(),
            lock: if is_note { Lock::None } else { lock },
            blocks: if is_note { Blocks::Neither } else { lock.blocks() },
            transaction: !transaction.is_alone,
            scans: scans && !is_note,
            sql: transaction.statements,
        }
    })
}
