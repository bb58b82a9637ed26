//! Whether an object of the rollout stands and is what it should be: pure judgements over the
//! catalog. The gate asks them before it passes, the migrations before they create anything, so
//! that both mean the same by "an index of this name".
//!
//! The write guard is judged where it is defined, by [`isolation::guard`].

use isolation::catalog::{Constraint, ConstraintKind, Index, Relation};
use isolation::names;
use isolation::scope::{Scope, Target};

#[cfg(test)]
mod tests;

/// How an object stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Nothing of the name.
    Absent,
    /// As it should be.
    Valid,
    /// Of the right definition, but nobody vouches for the rows: an index that is not valid or
    /// not ready, a constraint that is not validated.
    Invalid,
    /// Something else under the name: what it is, and what it should be.
    Different(String),
}

/// One of the judgements over a table, as a value.
pub type Judge = fn(&Scope, &Target, &Relation) -> State;

impl State {
    /// Whether the object is as it should be.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        *self == Self::Valid
    }

    fn of_validity(is_valid: bool) -> Self {
        if is_valid { Self::Valid } else { Self::Invalid }
    }

    fn different(is: &str, should_be: &str) -> Self {
        Self::Different(format!("it is `{is}`, and should be {should_be}"))
    }
}

/// The workspace column: of the workspace key's type, neither generated nor with a default.
#[must_use]
pub fn workspace_column(scope: &Scope, target: &Target, relation: &Relation) -> State {
    let Some(column) = relation.column(&target.workspace_column) else {
        return State::Absent;
    };
    let expected = &scope.workspaces.key_type;
    if column.type_name != *expected {
        return State::different(&column.type_name, &format!("`{expected}`"));
    }
    if column.generated {
        return State::different(
            &format!("{expected} GENERATED ALWAYS"),
            &format!("a plain `{expected}` column that can be written"),
        );
    }
    if column.has_default {
        // The write guard would take it for what the application says, and refuse it.
        return State::different(
            &format!("{expected} with a default"),
            &format!(
                "without one: ALTER TABLE {} ALTER COLUMN {} DROP DEFAULT",
                relation.qualified().sql(),
                names::quoted(&column.name)
            ),
        );
    }
    State::Valid
}

/// `<table>_workspace_id_index`: a plain btree on the workspace column and nothing else.
#[must_use]
pub fn workspace_index(_: &Scope, target: &Target, relation: &Relation) -> State {
    let name = names::workspace_index(&relation.name);
    index(relation.index(&name), &[&target.workspace_column], false)
}

/// `<tenants>_id_workspace_id_unique`: what composite keys refer to. `relation` is the tenants'.
#[must_use]
pub fn tenants_unique(scope: &Scope, relation: &Relation) -> State {
    let name = names::tenants_unique(&relation.name);
    let columns = [scope.tenants.key.as_str(), scope.tenants_workspace_column.as_str()];
    index(relation.index(&name), &columns, true)
}

/// NOT NULL on the workspace column. Since PostgreSQL 18 it can stand as NOT VALID, which
/// `attnotnull` does not tell: the constraint does.
#[must_use]
pub fn not_null(_: &Scope, target: &Target, relation: &Relation) -> State {
    let column = relation.column(&target.workspace_column);
    if !column.is_some_and(|column| column.not_null) {
        return State::Absent;
    }
    let is_proven = relation
        .constraints
        .iter()
        .filter(|constraint| constraint.kind == ConstraintKind::NotNull)
        .filter(|constraint| constraint.columns == [target.workspace_column.as_str()])
        .all(|constraint| constraint.validated);
    State::of_validity(is_proven)
}

/// `<table>_workspace_id_foreign`: the key to the workspaces.
#[must_use]
pub fn workspace_foreign_key(scope: &Scope, target: &Target, relation: &Relation) -> State {
    let name = names::workspace_foreign_key(&relation.name);
    let expected = ForeignKey {
        columns: &[&target.workspace_column],
        referenced: scope.workspaces.oid,
        referenced_sql: scope.workspaces.relation.sql(),
        referenced_columns: &[&scope.workspaces.key],
        on_delete: OnDelete::NoAction,
    };
    expected.judge(relation.constraint(&name))
}

/// `<table>_tenant_id_workspace_id_foreign`: the composite key to the tenants.
#[must_use]
pub fn composite_foreign_key(scope: &Scope, target: &Target, relation: &Relation) -> State {
    let name = names::composite_foreign_key(&relation.name);
    let expected = ForeignKey {
        columns: &[&target.tenant_column, &target.workspace_column],
        referenced: scope.tenants.oid,
        referenced_sql: scope.tenants.relation.sql(),
        referenced_columns: &[&scope.tenants.key, &scope.tenants_workspace_column],
        on_delete: composite_on_delete(scope, target, relation),
    };
    expected.judge(relation.constraint(&name))
}

/// What the deletion of a tenant does to rows that refer to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// It is refused while there are any.
    NoAction,
    /// They go with it.
    Cascade,
}

impl OnDelete {
    /// As `pg_constraint.confdeltype` has it.
    fn code(self) -> &'static str {
        match self {
            Self::NoAction => "a",
            Self::Cascade => "c",
        }
    }
}

/// What the composite key does when a tenant is deleted: what the application's own key to the
/// tenants does, if that cascades.
///
/// Not NO ACTION beside it: the keys' triggers on the tenants fire in the order of their names,
/// `RI_ConstraintTrigger_a_<oid>` as text, in which 100232 comes before 16602. A check that
/// happens to come before the cascade would refuse what the application does every day.
#[must_use]
pub fn composite_on_delete(scope: &Scope, target: &Target, relation: &Relation) -> OnDelete {
    let cascades = relation.constraints.iter().any(|key| {
        key.kind == ConstraintKind::ForeignKey
            && key.referenced == scope.tenants.oid
            && key.columns == [target.tenant_column.as_str()]
            && key.on_delete == "c"
    });
    if cascades { OnDelete::Cascade } else { OnDelete::NoAction }
}

/// `<audit>_workspace_required_check`: a tenant set means a workspace set, for every row and for
/// those of inheriting tables too.
#[must_use]
pub fn audit_check(_: &Scope, target: &Target, relation: &Relation) -> State {
    let name = names::audit_check(&relation.name);
    let Some(constraint) = relation.constraint(&name) else {
        return State::Absent;
    };
    let expression = audit_expression(target, relation);
    let expected = format!("CHECK ({expression})");
    let rest = constraint.definition.strip_prefix(&expected);
    let is_ours = constraint.kind == ConstraintKind::Check
        && constraint.expression.as_deref() == Some(&expression)
        // Behind the expression stands what weakens it: NO INHERIT, NOT ENFORCED.
        && rest.is_some_and(|rest| rest.is_empty() || rest == " NOT VALID");
    if !is_ours {
        return State::different(&constraint.definition, &format!("`{expected}`"));
    }
    State::of_validity(constraint.validated)
}

/// The audit tables' rule as PostgreSQL prints it.
fn audit_expression(target: &Target, relation: &Relation) -> String {
    // Where a column is missing, the name as written serves the message; nothing can equal it.
    let reference = |name: &str| match relation.column(name) {
        Some(column) => column.reference.clone(),
        None => names::quoted(name),
    };
    format!(
        "(({} IS NULL) OR ({} IS NOT NULL))",
        reference(&target.tenant_column),
        reference(&target.workspace_column)
    )
}

fn index(found: Option<&Index>, columns: &[&str], unique: bool) -> State {
    let Some(index) = found else {
        return State::Absent;
    };
    if !index.covers_exactly(columns, unique) {
        let kind = if unique { "UNIQUE btree" } else { "btree" };
        let should_be = format!("a plain {kind} index on {}", list(columns));
        return State::different(&index.definition, &should_be);
    }
    State::of_validity(index.valid)
}

/// A foreign key as it should be: not deferrable, MATCH SIMPLE, nothing on update.
struct ForeignKey<'a> {
    columns: &'a [&'a str],
    referenced: u32,
    referenced_sql: String,
    referenced_columns: &'a [&'a str],
    on_delete: OnDelete,
}

impl ForeignKey<'_> {
    fn judge(&self, found: Option<&Constraint>) -> State {
        let Some(constraint) = found else {
            return State::Absent;
        };
        if !self.is_defined_as(constraint) {
            let should_be = format!(
                "`FOREIGN KEY {} REFERENCES {}{}{}`, not deferrable",
                list(self.columns),
                self.referenced_sql,
                list(self.referenced_columns),
                match self.on_delete {
                    OnDelete::NoAction => "",
                    OnDelete::Cascade => " ON DELETE CASCADE",
                }
            );
            return State::different(&constraint.definition, &should_be);
        }
        State::of_validity(constraint.validated)
    }

    fn is_defined_as(&self, constraint: &Constraint) -> bool {
        constraint.kind == ConstraintKind::ForeignKey
            && constraint.columns == self.columns
            && constraint.referenced == self.referenced
            && constraint.referenced_columns == self.referenced_columns
            && constraint.on_update == "a"
            && constraint.on_delete == self.on_delete.code()
            && constraint.match_type == "s"
            && !constraint.deferrable
            // PostgreSQL 18: stands, is never looked at, and cannot be validated.
            && !constraint.definition.ends_with(" NOT ENFORCED")
    }
}

/// `("a", "b")`.
fn list(columns: &[&str]) -> String {
    let columns: Vec<_> = columns.iter().map(|c| names::quoted(c)).collect();
    format!("({})", columns.join(", "))
}
