//! Phase 3: NOT NULL on the workspace columns.
//!
//! SET NOT NULL would read the table under ACCESS EXCLUSIVE. With a validated CHECK that says
//! the same it reads nothing (PostgreSQL 12 and later), so: VALIDATE the CHECK, which blocks
//! nobody, SET NOT NULL in an instant, and drop the CHECK, whose work is done. PostgreSQL 18 has
//! NOT NULL itself stand NOT VALID, and only VALIDATE is left. NOT NULL comes before the composite
//! key means anything: with a NULL in it, MATCH SIMPLE checks nothing.

use isolation::catalog::{ConstraintKind, Relation};
use isolation::names::{self, quoted};
use isolation::scope::Target;
use validate::structure::{self, State};

use super::m20261122_000006_constraints_not_valid::{
    can_not_null_be_unproven, drop_constraint, drop_not_null, not_null_made, presence_state,
    validate_constraint,
};
use crate::bookkeeping::{Kind, Made};
use crate::definition::{Definition, Gathered, Mismatch, View};
use crate::phase::Phase;
use crate::statement::{Lock, Note, Statement};

pub(super) struct NotNull;

impl Definition for NotNull {
    fn name(&self) -> &'static str {
        "m20261122_000007_not_null"
    }

    fn phase(&self) -> Phase {
        Phase::Constraints
    }

    fn about(&self) -> &'static str {
        "NOT NULL on the workspace columns"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        for (target, relation) in view.tables() {
            for statement in steps(view, target, relation) {
                gathered.run(statement);
            }
        }
        gathered.into_statements()
    }

    /// Where NOT NULL stood NOT VALID first, it goes with the migration that put it up.
    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        if can_not_null_be_unproven(view.scope) { Vec::new() } else { drop_not_null(view) }
    }
}

fn steps(view: &View<'_>, target: &Target, relation: &Relation) -> Vec<Statement> {
    let table = relation.qualified();
    let check = names::presence_check(&relation.name);
    let check_made = Made::new(Kind::Constraint, relation, &check);
    let check_state = presence_state(target, relation);
    let mut statements = Vec::new();
    let state = structure::not_null(view.scope, target, relation);
    let is_by_check = state == State::Absent && !can_not_null_be_unproven(view.scope);
    if state == State::Absent && !is_by_check {
        statements.push(validate_constraint(&table, &names::not_null(&relation.name)));
    }
    if state == State::Invalid {
        let unproven = relation.constraints.iter().filter(|c| {
            c.kind == ConstraintKind::NotNull
                && !c.validated
                && c.columns == [target.workspace_column.as_str()]
        });
        statements.extend(unproven.map(|c| validate_constraint(&table, &c.name)));
    }
    if is_by_check {
        if check_state != State::Valid {
            statements.push(validate_constraint(&table, &check));
        }
        let sql = format!(
            "ALTER TABLE {} ALTER COLUMN {} SET NOT NULL",
            table.sql(),
            quoted(&target.workspace_column)
        );
        let set = Statement::short(&table, Lock::AccessExclusive, sql);
        statements.push(set.noting(Note::Made(not_null_made(target, relation))));
    }
    // The CHECK goes where it is ours: put up by the migration before this one, or left behind a
    // NOT NULL by a run that was cut. One of the name that the application had before stays.
    let will_be_ours = is_by_check && check_state == State::Absent;
    let is_ours = check_state != State::Absent && view.bookkeeping.notes(&check_made);
    if will_be_ours || is_ours {
        let sql = drop_constraint(&table, &check);
        let drop = Statement::short(&table, Lock::AccessExclusive, sql);
        statements.push(drop.noting(Note::Gone(check_made)));
    }
    statements
}
