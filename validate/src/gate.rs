//! The gate: asks the selected checks of one snapshot and says pass or fail. Nothing is written.
//!
//! A red gate is a value. What keeps the gate from looking is an error, for a gate that could not
//! look has not passed.

mod error;

use isolation::catalog::Catalog;
use isolation::guard::{self, LastFilled};
use isolation::scope::Scope;
use isolation::session::Session;
use isolation::session::sqlstate::in_words;
use serde::Serialize;

use crate::check::rows::{Rows, one_pass};
use crate::check::{Check, Phase, Subject, registry};
use crate::selection::Selection;
use crate::snapshot::Snapshot;
pub use error::ValidateError;

/// The gate of a phase.
#[derive(Debug)]
pub struct Gate;

/// What the gate found.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Whether everything asked passed.
    pub verdict: Status,
    /// The phase whose gate it is.
    pub phase: Phase,
    /// The answers, in the registry's order.
    pub checks: Vec<Outcome>,
    /// When the write guard last had to fill in a workspace, from phase 2 on and where that can be
    /// told. It is no check: code that leaves the workspace out may stay, as the guard does.
    pub last_filled: Option<LastFilled>,
}

/// Pass or fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
}

/// The answer to one check.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The check's id.
    pub id: String,
    /// The answer.
    pub status: Status,
    /// How many rows fail it; 1 for an object that is not as it should be.
    pub count: u64,
    /// The keys of the first rows that fail it.
    pub sample_ids: Vec<String>,
    /// What a person can run to see it.
    pub sql: String,
    /// How to mend it.
    pub remedy: String,
    /// What is wrong, where count and ids do not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The next command to type where it failed.
    #[serde(skip)]
    pub next: String,
    /// The check.
    #[serde(skip)]
    pub check: Check,
}

impl Gate {
    /// Asks. Structure is judged by the catalog as it was read; rows are counted in one
    /// transaction, each table in one pass.
    ///
    /// # Errors
    /// [`ValidateError`] where it could not look: no workspace column yet, no such check, no
    /// privilege, or whatever else the database says.
    pub async fn run(
        session: &Session,
        scope: &Scope,
        catalog: &Catalog,
        selection: &Selection,
    ) -> Result<Report, ValidateError> {
        let checks = selection.of(registry(scope))?;
        // Where structure is asked too, what is missing is an answer; else it is in the way.
        if selection.of_phase() == Phase::Two {
            ready(&checks)?;
        }
        let counted = count(session, &checks).await?;
        let outcomes = checks.into_iter().zip(counted);
        let outcomes = outcomes.map(|(check, rows)| outcome(check, rows, scope, catalog));
        let mut report = Report::new(selection.of_phase(), outcomes.collect());
        if selection.of_phase() != Phase::One {
            report.last_filled = last_filled(session, scope).await;
        }
        Ok(report)
    }
}

impl Report {
    fn new(phase: Phase, checks: Vec<Outcome>) -> Self {
        let verdict = Status::of(checks.iter().all(Outcome::has_passed));
        Self { verdict, phase, checks, last_filled: None }
    }

    /// Whether everything asked passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.verdict == Status::Pass
    }

    /// What to do next; nothing where everything passed.
    #[must_use]
    pub fn next(&self) -> Option<&str> {
        let first = self.failures().min_by_key(|outcome| outcome.check.kind);
        first.map(|outcome| outcome.next.as_str())
    }

    /// What failed.
    pub fn failures(&self) -> impl Iterator<Item = &Outcome> {
        self.checks.iter().filter(|outcome| !outcome.has_passed())
    }
}

impl Status {
    fn of(has_passed: bool) -> Self {
        if has_passed { Self::Pass } else { Self::Fail }
    }
}

impl Outcome {
    /// Whether the check passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.status == Status::Pass
    }

    fn passed(check: Check) -> Self {
        Self {
            id: check.id.clone(),
            status: Status::Pass,
            count: 0,
            sample_ids: Vec::new(),
            sql: check.sql.clone(),
            remedy: check.remedy.clone(),
            detail: None,
            next: check.next_command(),
            check,
        }
    }
}

/// The rows that fail a check.
#[derive(Debug, Clone, Default)]
struct Counted {
    count: u64,
    sample_ids: Vec<String>,
}

/// A pass over one table, and the positions of the checks it answers.
struct Pass<'a> {
    table: &'a str,
    checks: Vec<(usize, &'a Rows)>,
}

/// Beside the snapshot, which a sequence does not belong to. The verdict does not rest on it, so
/// that what keeps it from being read is a warning.
async fn last_filled(session: &Session, scope: &Scope) -> Option<LastFilled> {
    guard::last_filled(session.db(), scope).await.unwrap_or_else(|error| {
        tracing::warn!("failed to read the write guard's sequences: {}", in_words(&error));
        None
    })
}

fn ready(checks: &[Check]) -> Result<(), ValidateError> {
    let mut tables: Vec<_> = checks
        .iter()
        .filter(|check| !can_be_counted(check))
        .map(|check| check.table.clone())
        .collect();
    tables.dedup();
    if tables.is_empty() { Ok(()) } else { Err(ValidateError::NotReady { tables }) }
}

fn can_be_counted(check: &Check) -> bool {
    match &check.subject {
        Subject::Rows(rows) => rows.has_workspace_column || !check.kind.reads_workspace_column(),
        Subject::Object(_) => true,
    }
}

fn passes(checks: &[Check]) -> Vec<Pass<'_>> {
    let mut passes: Vec<Pass<'_>> = Vec::new();
    for (position, check) in checks.iter().enumerate() {
        let Subject::Rows(rows) = &check.subject else {
            continue;
        };
        if !can_be_counted(check) {
            continue;
        }
        let same = |pass: &&mut Pass<'_>| pass.checks.iter().any(|(_, r)| r.oid == rows.oid);
        match passes.iter_mut().find(same) {
            Some(pass) => pass.checks.push((position, rows)),
            None => passes.push(Pass { table: &check.table, checks: vec![(position, rows)] }),
        }
    }
    passes
}

/// Answers the checks about rows; what is not about rows, or cannot be counted, has no answer.
async fn count(session: &Session, checks: &[Check]) -> Result<Vec<Option<Counted>>, ValidateError> {
    let mut answers = vec![None; checks.len()];
    let passes = passes(checks);
    if passes.is_empty() {
        return Ok(answers);
    }
    let snapshot = Snapshot::open(session).await?;
    for pass in &passes {
        tracing::debug!(table = pass.table, "reading");
        let found = examine(&snapshot, pass).await;
        let found = found.map_err(|error| ValidateError::table(pass.table, error))?;
        for ((position, _), counted) in pass.checks.iter().zip(found) {
            if let Some(answer) = answers.get_mut(*position) {
                *answer = Some(counted);
            }
        }
    }
    snapshot.close().await?;
    Ok(answers)
}

/// One pass over one table; samples only of what failed, from the same snapshot.
async fn examine(snapshot: &Snapshot, pass: &Pass<'_>) -> Result<Vec<Counted>, sea_orm::DbErr> {
    let rows: Vec<_> = pass.checks.iter().map(|(_, rows)| *rows).collect();
    let Some(sql) = one_pass(&rows) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::with_capacity(rows.len());
    for (rows, count) in rows.iter().zip(snapshot.counts(&sql, rows.len()).await?) {
        let sample_ids = match count {
            0 => Vec::new(),
            _ => snapshot.texts(&rows.samples()).await?,
        };
        found.push(Counted { count, sample_ids });
    }
    Ok(found)
}

fn outcome(check: Check, counted: Option<Counted>, scope: &Scope, catalog: &Catalog) -> Outcome {
    match &check.subject {
        Subject::Rows(_) => of_rows(check, counted),
        Subject::Object(object) => match object.problem(check.kind, scope, catalog) {
            None => Outcome::passed(check),
            Some(problem) => {
                let command = &check.remedy;
                let remedy = if problem.is_in_the_way {
                    format!("drop or rename what stands there, then: {command}")
                } else {
                    command.clone()
                };
                Outcome {
                    status: Status::Fail,
                    count: 1,
                    next: remedy.clone(),
                    remedy,
                    detail: Some(problem.detail),
                    ..Outcome::passed(check)
                }
            }
        },
    }
}

fn of_rows(check: Check, counted: Option<Counted>) -> Outcome {
    let Some(counted) = counted else {
        let remedy = "migration up --phase 1".to_owned();
        return Outcome {
            status: Status::Fail,
            next: remedy.clone(),
            remedy,
            detail: Some("not asked: no workspace column".to_owned()),
            ..Outcome::passed(check)
        };
    };
    Outcome {
        status: Status::of(counted.count == 0),
        count: counted.count,
        sample_ids: counted.sample_ids,
        ..Outcome::passed(check)
    }
}

#[cfg(test)]
mod tests;
