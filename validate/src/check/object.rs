//! Checks about structure. They are judged by the catalog that was read; their SQL shows the
//! same entry of `pg_catalog` to whoever wants to see it.

use isolation::catalog::{Catalog, Relation, RelationKind};
use isolation::guard::Guard;
use isolation::names::{self, QualifiedName, literal};
use isolation::scope::{Scope, Target};

use super::{Check, Kind};
use crate::structure::{self, Judge, State};

/// Since PostgreSQL 15 the triggers that a partition has from its parent are triggers like any
/// other; before, they count as internal and the catalog leaves them out.
const PARTITION_TRIGGERS: u32 = 150_000;

/// An object of the database that a check asks for.
#[derive(Debug, Clone)]
pub(crate) enum Object {
    /// One that belongs to a table of the scope.
    OfTable { oid: u32, name: String, judge: Judge },
    /// The tenants' unique index.
    TenantsUnique { name: String },
    /// The write guard of a table.
    Guard(Box<Guard>),
}

/// What is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// In a sentence.
    pub(crate) detail: String,
    /// Whether something else stands in its place, which no command of ours removes.
    pub(crate) is_in_the_way: bool,
}

impl Object {
    /// What is wrong with it, if anything.
    pub(crate) fn problem(&self, kind: Kind, scope: &Scope, catalog: &Catalog) -> Option<Problem> {
        let (name, state) = match self {
            Self::OfTable { oid, name, judge } => {
                let target = scope.targets().find(|target| target.oid == *oid);
                let found = target.zip(catalog.by_oid(*oid));
                let state = found.map(|(target, relation)| judge(scope, target, relation));
                (name, state.unwrap_or(State::Absent))
            }
            Self::TenantsUnique { name } => {
                let relation = catalog.by_oid(scope.tenants.oid);
                let state = relation.map(|relation| structure::tenants_unique(scope, relation));
                (name, state.unwrap_or(State::Absent))
            }
            Self::Guard(guard) => return guard_problem(guard, scope, catalog),
        };
        let detail = in_words(kind, name, &state)?;
        Some(Problem { detail, is_in_the_way: matches!(state, State::Different(_)) })
    }
}

fn in_words(kind: Kind, name: &str, state: &State) -> Option<String> {
    let noun = match kind {
        Kind::Column | Kind::NotNull => "column",
        Kind::Index => "index",
        Kind::Missing
        | Kind::Mismatch
        | Kind::Orphan
        | Kind::Audit
        | Kind::Guard
        | Kind::ForeignKey
        | Kind::CompositeKey
        | Kind::RequiredCheck => "constraint",
    };
    match state {
        State::Valid => None,
        State::Absent if kind == Kind::NotNull => Some(format!("column {name} can be NULL")),
        State::Absent => Some(format!("{noun} {name} is missing")),
        State::Invalid if kind == Kind::Index => {
            Some(format!("index {name} is not valid: its build has not ended, or was interrupted"))
        }
        State::Invalid if kind == Kind::NotNull => {
            Some(format!("NOT NULL of column {name} is not validated: earlier rows may be NULL"))
        }
        State::Invalid => {
            Some(format!("{noun} {name} is not validated: earlier rows may violate it"))
        }
        State::Different(difference) => {
            Some(format!("{noun} {name} is not what it should be: {difference}"))
        }
    }
}

fn guard_problem(guard: &Guard, scope: &Scope, catalog: &Catalog) -> Option<Problem> {
    let problem = |detail: String| Some(Problem { detail, is_in_the_way: false });
    let Some(relation) = catalog.named(&guard.relation) else {
        return problem(format!("table {} is missing", guard.relation));
    };
    if let Err(detail) = guard.verdict(relation) {
        return problem(detail);
    }
    if let Some(sequence) = guard.missing_sequence(catalog) {
        let what = "in which the write guard notes when it had to fill in a workspace, is missing";
        return problem(format!("sequence {sequence}, {what}"));
    }
    let is_partitioned = relation.kind == RelationKind::Partitioned;
    if !is_partitioned || scope.server_version < PARTITION_TRIGGERS {
        return None;
    }
    // A partition's own copy of the trigger can be disabled behind the parent's back.
    let leaves = catalog.leaves(relation);
    let faults = leaves.into_iter().filter_map(|leaf| on_partition(guard, leaf));
    faults.map(problem).next().flatten()
}

fn on_partition(guard: &Guard, leaf: &Relation) -> Option<String> {
    let fault = guard.verdict(leaf).err()?;
    Some(format!("{fault}, in its partition {}", leaf.qualified()))
}

/// `column/<table>`.
pub(crate) fn column(target: &Target) -> Check {
    of_table(
        Kind::Column,
        target,
        format!("{} without column {}", target.label, target.workspace_column),
        column_sql(target),
        &target.workspace_column,
        structure::workspace_column,
    )
}

/// `index/<table>`.
pub(crate) fn index(target: &Target) -> Check {
    let name = names::workspace_index(&target.relation.name);
    let asks = format!("{} without index {name}, valid and as it should be", target.label);
    let sql = index_sql(&target.relation, &name);
    of_table(Kind::Index, target, asks, sql, &name, structure::workspace_index)
}

/// `index/<tenants>`.
pub(crate) fn tenants_unique(scope: &Scope) -> Check {
    let tenants = &scope.tenants;
    let name = names::tenants_unique(&tenants.relation.name);
    let asks = format!("{} without unique index {name}, valid and as it should be", tenants.label);
    let sql = index_sql(&tenants.relation, &name);
    Check::new(Kind::Index, &tenants.label, asks, sql, Object::TenantsUnique { name })
}

/// `not-null/<table>`.
pub(crate) fn not_null(target: &Target) -> Check {
    of_table(
        Kind::NotNull,
        target,
        format!("{}.{} that can be NULL", target.label, target.workspace_column),
        not_null_sql(target),
        &target.workspace_column,
        structure::not_null,
    )
}

/// `foreign-key/<table>`.
pub(crate) fn foreign_key(scope: &Scope, target: &Target) -> Check {
    let name = names::workspace_foreign_key(&target.relation.name);
    let asks = format!(
        "{} without validated foreign key {name} to {}",
        target.label, scope.workspaces.label
    );
    let sql = constraint_sql(&target.relation, &name);
    of_table(Kind::ForeignKey, target, asks, sql, &name, structure::workspace_foreign_key)
}

/// `composite-key/<table>`.
pub(crate) fn composite_key(scope: &Scope, target: &Target) -> Check {
    let name = names::composite_foreign_key(&target.relation.name);
    let asks = format!(
        "{} without validated composite foreign key {name} to {}",
        target.label, scope.tenants.label
    );
    let sql = constraint_sql(&target.relation, &name);
    of_table(Kind::CompositeKey, target, asks, sql, &name, structure::composite_foreign_key)
}

/// `check/<audit table>`.
pub(crate) fn required_check(target: &Target) -> Check {
    let name = names::audit_check(&target.relation.name);
    let asks = format!("{} without validated CHECK {name}", target.label);
    let sql = constraint_sql(&target.relation, &name);
    of_table(Kind::RequiredCheck, target, asks, sql, &name, structure::audit_check)
}

/// `guard/<table>`.
pub(crate) fn guard(guard: Guard) -> Check {
    let triggers: Vec<_> = guard.triggers.iter().map(|t| literal(t.name)).collect();
    let sql = format!(
        "SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) \
         FROM pg_trigger WHERE tgrelid = {} AND tgname IN ({})",
        regclass(&guard.relation),
        triggers.join(", ")
    );
    let asks = format!("{} without its write guard, enabled and unmodified", guard.label);
    let label = guard.label.clone();
    Check::new(Kind::Guard, &label, asks, sql, Object::Guard(Box::new(guard)))
}

fn of_table(
    kind: Kind,
    target: &Target,
    asks: String,
    sql: String,
    name: &str,
    judge: Judge,
) -> Check {
    let object = Object::OfTable { oid: target.oid, name: name.to_owned(), judge };
    Check::new(kind, &target.label, asks, sql, object)
}

fn regclass(relation: &QualifiedName) -> String {
    format!("{}::regclass", literal(&relation.sql()))
}

fn column_sql(target: &Target) -> String {
    format!(
        "SELECT attname, format_type(atttypid, atttypmod), attgenerated FROM pg_attribute \
         WHERE attrelid = {} AND attname = {} AND NOT attisdropped",
        regclass(&target.relation),
        literal(&target.workspace_column)
    )
}

fn index_sql(relation: &QualifiedName, name: &str) -> String {
    format!(
        "SELECT indexrelid::regclass, indisvalid, indisready, pg_get_indexdef(indexrelid) \
         FROM pg_index WHERE indrelid = {} AND indexrelid = to_regclass({})",
        regclass(relation),
        literal(&relation.sibling(name).sql())
    )
}

fn not_null_sql(target: &Target) -> String {
    format!(
        "SELECT a.attname, a.attnotnull, k.convalidated FROM pg_attribute AS a \
         LEFT JOIN pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] \
         WHERE a.attrelid = {} AND a.attname = {} AND NOT a.attisdropped",
        regclass(&target.relation),
        literal(&target.workspace_column)
    )
}

fn constraint_sql(relation: &QualifiedName, name: &str) -> String {
    format!(
        "SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint \
         WHERE conrelid = {} AND conname = {}",
        regclass(relation),
        literal(name)
    )
}
