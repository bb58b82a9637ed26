//! Phase 1.5: the write guard of the tenant-owned tables, and the deriving one of the audit
//! tables. What it does is said in [`isolation::guard`].
//!
//! CREATE SEQUENCE and CREATE FUNCTION touch no table. CREATE TRIGGER takes SHARE ROW EXCLUSIVE for an instant;
//! DROP TRIGGER takes ACCESS EXCLUSIVE for an instant. Neither reads a row.

use isolation::guard::{self, Guard, TriggerState, bound_by_guard};
use isolation::manifest;
use isolation::names::{OWN_SCHEMA, quoted};
use sea_query::{Alias, ColumnDef, Expr, PostgresQueryBuilder, Table};

use crate::definition::{Definition, Gathered, Mismatch, View};
use crate::phase::Phase;
use crate::statement::{Lock, Statement};

pub(super) struct WriteGuard;

impl Definition for WriteGuard {
    fn name(&self) -> &'static str {
        "m20261122_000005_write_guard"
    }

    fn phase(&self) -> Phase {
        Phase::Guard
    }

    fn about(&self) -> &'static str {
        "the write guard"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        if view.scope.write_guard == manifest::WriteGuard::Database {
            if !view.bookkeeping.has_table(&bound_by_guard().name) {
                gathered.run(Statement::free(note_table()));
            }
            for guard in guard::tables(view.scope) {
                put_up(view, &guard, &mut gathered);
            }
        }
        gathered.into_statements()
    }

    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        let guards = guard::tables(view.scope);
        let mut statements: Vec<_> =
            guards.iter().flat_map(|guard| take_down(view, guard)).collect();
        if view.bookkeeping.has_table(&bound_by_guard().name) {
            let sql = format!("DROP TABLE IF EXISTS {}", bound_by_guard().sql());
            statements.push(Statement::free(sql));
        }
        statements
    }
}

/// Adds what a guard still needs, each before what calls it: the sequence, the function, and then
/// the triggers, so that none ever calls an old one.
pub(super) fn put_up(view: &View<'_>, guard: &Guard, gathered: &mut Gathered) {
    let Some(relation) = view.catalog.named(&guard.relation) else {
        return;
    };
    if let Some(sql) = guard.create_missing_sequence(view.catalog) {
        gathered.run(Statement::free(sql));
    }
    let states: Vec<_> =
        guard.triggers.iter().map(|trigger| (trigger, guard.state(trigger, relation))).collect();
    let is_function_due = states
        .iter()
        .any(|(_, state)| matches!(state, TriggerState::Absent | TriggerState::Modified));
    if is_function_due {
        gathered.run(Statement::free(guard.create_function()));
        gathered.run(Statement::free(guard.revoke_function()));
    }
    for (trigger, state) in states {
        let sql = match state {
            TriggerState::Sound => continue,
            TriggerState::Absent | TriggerState::Modified => guard.create_trigger(trigger),
            TriggerState::Disabled => format!(
                "ALTER TABLE {} ENABLE TRIGGER {}",
                guard.relation.sql(),
                quoted(trigger.name)
            ),
        };
        gathered.run(Statement::short(&guard.relation, Lock::ShareRowExclusive, sql));
    }
}

/// What still stands of a guard, by its names, goes: first the triggers, whose lock waits for
/// whoever writes the table, and with that for whoever holds the sequence.
pub(super) fn take_down(view: &View<'_>, guard: &Guard) -> Vec<Statement> {
    let Some(relation) = view.catalog.named(&guard.relation) else {
        return Vec::new();
    };
    let mut statements: Vec<_> = guard
        .triggers
        .iter()
        .filter(|trigger| relation.trigger(trigger.name).is_some())
        .map(|trigger| {
            let sql = format!(
                "DROP TRIGGER IF EXISTS {} ON {}",
                quoted(trigger.name),
                guard.relation.sql()
            );
            Statement::short(&guard.relation, Lock::AccessExclusive, sql)
        })
        .collect();
    if view.bookkeeping.has_function(&guard.function) {
        let sql = format!("DROP FUNCTION IF EXISTS {}()", guard.function.sql());
        statements.push(Statement::free(sql));
    }
    if let Some(sequence) = guard.filled.as_ref()
        && guard.missing_sequence(view.catalog).is_none()
    {
        let sql = format!("DROP SEQUENCE IF EXISTS {}", sequence.sql());
        statements.push(Statement::free(sql));
    }
    statements
}

fn note_table() -> String {
    Table::create()
        .table((Alias::new(OWN_SCHEMA), Alias::new(bound_by_guard().name)))
        .if_not_exists()
        .col(ColumnDef::new("relation").custom("oid").not_null())
        .col(ColumnDef::new("workspace_id").text().not_null())
        .col(
            ColumnDef::new("bound_at")
                .timestamp_with_time_zone()
                .not_null()
                .default(Expr::current_timestamp()),
        )
        .to_string(PostgresQueryBuilder)
}
