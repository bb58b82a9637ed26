//! `plan`: the statements still to run, from the very definitions that will run them.

use std::time::Duration;

use isolation::catalog::Relation;
use isolation::manifest::Manifest;
use isolation::session::Session;
use serde::Serialize;

use super::{Reading, RunError, of_phase, preflight};
use crate::executor::ExecutionError;
use crate::phase::Phase;
use crate::preflight::{Finding, Options};
use crate::statement::{Blocks, Lock, Statement, Transaction, Waits};

/// How `plan` goes about it.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// How long one try of a statement may wait for its lock.
    pub lock_timeout: Duration,
    /// How the preflight goes about it.
    pub preflight: Options,
}

/// What is still to run.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// The statements, in order.
    pub statements: Vec<Planned>,
    /// What bears on them, the worst first.
    pub findings: Vec<Finding>,
    /// Earlier phases than the one asked for that are pending: they come first.
    #[serde(skip)]
    pub pending_before: Vec<Phase>,
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
    /// A parent table that it locks as well.
    pub parent: Option<String>,
    /// The SQL: what is committed together, statement by statement.
    pub sql: Vec<String>,
    /// The statement it is about, among the locks, timeouts and notes around it.
    #[serde(skip)]
    pub main: Option<String>,
    /// The strongest lock it takes.
    pub lock: Lock,
    /// What the application cannot do meanwhile.
    pub blocks: Blocks,
    /// Whether it is a transaction, or one statement outside any.
    pub transaction: bool,
    /// Whether it reads the whole table.
    pub scans: bool,
    /// How large the table is; none where the statement is about no table.
    pub estimate: Option<Estimate>,
}

/// How large a table is, as the last VACUUM or ANALYZE left it in `pg_class`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Estimate {
    /// Its rows; none before the first VACUUM or ANALYZE.
    pub rows: Option<u64>,
    /// Its pages.
    pub pages: u32,
    /// Its bytes, without indexes and TOAST.
    pub bytes: u64,
}

impl Estimate {
    fn of(relation: &Relation) -> Self {
        let rows = relation.estimated_rows;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate is whole and not negative once it is known"
        )]
        let rows = (rows >= 0.0).then_some(rows as u64);
        Self { rows, pages: relation.pages, bytes: relation.bytes }
    }
}

/// Plans one phase, or all of them. Writes nothing.
///
/// # Errors
/// [`RunError`], among them objects of our names that are not ours.
pub async fn plan(
    session: &Session,
    manifest: &Manifest,
    phase: Option<Phase>,
    options: &PlanOptions,
) -> Result<Plan, RunError> {
    let reading = Reading::take(session, manifest).await?;
    let planner = Planner { reading: &reading, waits: reading.waits(options.lock_timeout) };
    let (mut statements, mut all_due) = (Vec::new(), Vec::new());
    let phases: Vec<_> =
        Phase::ALL.into_iter().filter(|one| phase.is_none_or(|asked| asked == *one)).collect();
    let mut bookkeeping = reading.bookkeeping.still_to_create();
    for phase in phases {
        for sql in std::mem::take(&mut bookkeeping) {
            statements.extend(planner.planned(phase, None, &Statement::free(sql)));
        }
        for definition in of_phase(phase) {
            let due = definition.up(&reading.view()).map_err(|mismatches| {
                let migration = definition.name().to_owned();
                ExecutionError::InTheWay { migration, mismatches }
            })?;
            for statement in &due {
                statements.extend(planner.planned(phase, Some(definition.name()), statement));
            }
            all_due.extend(due);
        }
    }
    let findings = preflight::look(session, &reading, &all_due, &options.preflight).await?;
    let is_before = |one: &Phase| phase.is_some_and(|asked| *one < asked);
    let pending_before = Phase::ALL
        .into_iter()
        .filter(|one| is_before(one) && !reading.pending(*one).is_empty())
        .collect();
    Ok(Plan { statements, findings, pending_before })
}

struct Planner<'a> {
    reading: &'a Reading,
    waits: Waits,
}

impl Planner<'_> {
    fn planned(
        &self,
        phase: Phase,
        migration: Option<&'static str>,
        statement: &Statement,
    ) -> Vec<Planned> {
        let relation = statement.table.as_ref().and_then(|table| self.reading.catalog.named(table));
        let step = |transaction: Transaction| {
            // A note that goes before or after its statement locks nothing of the application's.
            let is_note = !transaction.statements.contains(&statement.sql);
            let lock = if is_note { Lock::None } else { statement.lock };
            Planned {
                phase,
                migration,
                table: statement.table.as_ref().map(ToString::to_string),
                parent: statement.parent.as_ref().filter(|_| !is_note).map(ToString::to_string),
                lock,
                blocks: lock.blocks(),
                transaction: !transaction.is_alone,
                scans: statement.scans && !is_note,
                estimate: relation.map(Estimate::of),
                main: if is_note { None } else { Some(statement.sql.clone()) },
                sql: transaction.statements,
            }
        };
        statement.transactions(self.waits).into_iter().map(step).collect()
    }
}
