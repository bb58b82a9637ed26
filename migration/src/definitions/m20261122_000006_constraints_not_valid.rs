//! Phase 3, first half: every constraint, NOT VALID. New and changed rows obey from here on; old
//! rows are not read yet.
//!
//! Before PostgreSQL 18, NOT NULL cannot stand NOT VALID; a CHECK that says the same stands for it.
//! NOT NULL or a CHECK is added under ACCESS EXCLUSIVE, a foreign key under SHARE ROW EXCLUSIVE on both of
//! its tables, the parent locked first; all of it for an instant, as nothing is scanned. A NOT
//! VALID CHECK applies to every UPDATE of an old row too, which is why the gate comes before.

use isolation::catalog::{ConstraintKind, Relation};
use isolation::names::{self, QualifiedName, quoted};
use isolation::scope::{Keyed, Scope, Target};
use validate::structure::{self, OnDelete, State};

use crate::bookkeeping::{Kind, Made};
use crate::definition::{Definition, Gathered, Mismatch, View};
use crate::phase::Phase;
use crate::statement::{Lock, Note, Statement};

pub(super) struct ConstraintsNotValid;

impl Definition for ConstraintsNotValid {
    fn name(&self) -> &'static str {
        super::CONSTRAINTS_NOT_VALID
    }

    fn phase(&self) -> Phase {
        Phase::Constraints
    }

    fn about(&self) -> &'static str {
        "the constraints, NOT VALID"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        for (target, relation) in view.tables() {
            presence(view, target, relation, &mut gathered);
            foreign_keys(view, target, relation, &mut gathered);
        }
        for (target, relation) in view.audit_tables() {
            let table = relation.qualified();
            let name = names::audit_check(&relation.name);
            let state = structure::audit_check(view.scope, target, relation);
            let rule = format!(
                "{} IS NULL OR {} IS NOT NULL",
                quoted(&target.tenant_column),
                quoted(&target.workspace_column)
            );
            gathered.constraint(state, relation, &name, || add_check(&table, &name, &rule));
        }
        gathered.into_statements()
    }

    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        let mut statements = Vec::new();
        for (_, relation) in view.audit_tables() {
            statements.extend(take_back(view, relation, &names::audit_check(&relation.name), None));
        }
        for (_, relation) in view.tables() {
            let composite = names::composite_foreign_key(&relation.name);
            let workspace = names::workspace_foreign_key(&relation.name);
            let presence = names::presence_check(&relation.name);
            let scope = view.scope;
            statements.extend(take_back(view, relation, &composite, Some(&scope.tenants)));
            statements.extend(take_back(view, relation, &workspace, Some(&scope.workspaces)));
            statements.extend(take_back(view, relation, &presence, None));
        }
        if can_not_null_be_unproven(view.scope) {
            statements.extend(drop_not_null(view));
        }
        statements
    }
}

/// NOT NULL, not proven yet, or the CHECK that will prove it; where it does not stand already.
fn presence(view: &View<'_>, target: &Target, relation: &Relation, gathered: &mut Gathered) {
    if structure::not_null(view.scope, target, relation) != State::Absent {
        return;
    }
    let table = relation.qualified();
    if can_not_null_be_unproven(view.scope) {
        let name = names::not_null(&relation.name);
        if let Some(other) = relation.constraint(&name) {
            gathered.refuse(format!(
                "constraint {name} on {table} is not ours: it is `{}`",
                other.definition
            ));
            return;
        }
        let sql = format!(
            "ALTER TABLE {} ADD CONSTRAINT {} NOT NULL {} NOT VALID",
            table.sql(),
            quoted(&name),
            quoted(&target.workspace_column)
        );
        let add = Statement::short(&table, Lock::AccessExclusive, sql);
        gathered.run(add.noting(Note::Made(not_null_made(target, relation))));
        return;
    }
    let name = names::presence_check(&relation.name);
    let state = presence_state(target, relation);
    let rule = format!("{} IS NOT NULL", quoted(&target.workspace_column));
    gathered.constraint(state, relation, &name, || add_check(&table, &name, &rule));
}

/// Whether NOT NULL can stand before it is proven, as a constraint with a name.
pub(super) fn can_not_null_be_unproven(scope: &Scope) -> bool {
    scope.server_version >= 180_000
}

pub(super) fn not_null_made(target: &Target, relation: &Relation) -> Made {
    Made::new(Kind::NotNull, relation, &target.workspace_column)
}

/// The statements that take back every NOT NULL of the toolkit's making, proven or not.
pub(super) fn drop_not_null(view: &View<'_>) -> Vec<Statement> {
    view.tables()
        .filter(|(target, relation)| {
            relation.column(&target.workspace_column).is_some_and(|c| c.not_null)
                && view.bookkeeping.notes(&not_null_made(target, relation))
        })
        .map(|(target, relation)| {
            let table = relation.qualified();
            let sql = format!(
                "ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL",
                table.sql(),
                quoted(&target.workspace_column)
            );
            let drop = Statement::short(&table, Lock::AccessExclusive, sql);
            drop.noting(Note::Gone(not_null_made(target, relation)))
        })
        .collect()
}

/// How the CHECK that proves NOT NULL stands.
pub(super) fn presence_state(target: &Target, relation: &Relation) -> State {
    let Some(check) = relation.constraint(&names::presence_check(&relation.name)) else {
        return State::Absent;
    };
    let column = relation.column(&target.workspace_column);
    let expected = column.map(|column| format!("({} IS NOT NULL)", column.reference));
    if check.kind != ConstraintKind::Check || check.expression != expected {
        return State::Different(format!("it is `{}`", check.definition));
    }
    if check.validated { State::Valid } else { State::Invalid }
}

fn foreign_keys(view: &View<'_>, target: &Target, relation: &Relation, gathered: &mut Gathered) {
    let scope = view.scope;
    let table = relation.qualified();
    let name = names::workspace_foreign_key(&relation.name);
    let state = structure::workspace_foreign_key(scope, target, relation);
    gathered.constraint(state, relation, &name, || {
        let parent = &scope.workspaces;
        let columns = [target.workspace_column.as_str()];
        add_key(&table, &name, &columns, parent, &[&parent.key], OnDelete::NoAction)
    });
    let name = names::composite_foreign_key(&relation.name);
    let state = structure::composite_foreign_key(scope, target, relation);
    gathered.constraint(state, relation, &name, || {
        let parent = &scope.tenants;
        let columns = [target.tenant_column.as_str(), &target.workspace_column];
        let referenced = [parent.key.as_str(), &scope.tenants_workspace_column];
        let on_delete = structure::composite_on_delete(scope, target, relation);
        add_key(&table, &name, &columns, parent, &referenced, on_delete)
    });
}

fn add_check(table: &QualifiedName, name: &str, rule: &str) -> Statement {
    let sql = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} CHECK ({rule}) NOT VALID",
        table.sql(),
        quoted(name)
    );
    Statement::short(table, Lock::AccessExclusive, sql)
}

fn add_key(
    table: &QualifiedName,
    name: &str,
    columns: &[&str],
    parent: &Keyed,
    referenced: &[&str],
    on_delete: OnDelete,
) -> Statement {
    let action = match on_delete {
        OnDelete::NoAction => "",
        OnDelete::Cascade => " ON DELETE CASCADE",
    };
    let sql = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {} ({}){action} NOT VALID",
        table.sql(),
        quoted(name),
        list(columns),
        parent.relation.sql(),
        list(referenced)
    );
    Statement::short(table, Lock::ShareRowExclusive, sql).locking_too(&parent.relation)
}

fn list(columns: &[&str]) -> String {
    columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ")
}

/// The statement that takes back a constraint of the toolkit's making, if it is one and stands.
/// Dropping a foreign key locks its parent as well, so the parent is locked first.
fn take_back(
    view: &View<'_>,
    relation: &Relation,
    name: &str,
    parent: Option<&Keyed>,
) -> Option<Statement> {
    let table = relation.qualified();
    let made = Made::new(Kind::Constraint, relation, name);
    if relation.constraint(name).is_none() || !view.bookkeeping.notes(&made) {
        return None;
    }
    let sql = drop_constraint(&table, name);
    let drop = Statement::short(&table, Lock::AccessExclusive, sql).noting(Note::Gone(made));
    Some(match parent {
        Some(parent) => drop.locking_too(&parent.relation),
        None => drop,
    })
}

/// `ALTER TABLE … DROP CONSTRAINT …`
pub(super) fn drop_constraint(table: &QualifiedName, name: &str) -> String {
    format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", table.sql(), quoted(name))
}

/// `ALTER TABLE … VALIDATE CONSTRAINT …`: reads the table under SHARE UPDATE EXCLUSIVE, and for
/// a foreign key ROW SHARE on its parent; neither blocks reads or writes.
pub(super) fn validate_constraint(table: &QualifiedName, name: &str) -> Statement {
    let sql = format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", table.sql(), quoted(name));
    Statement::validation(table, sql)
}
