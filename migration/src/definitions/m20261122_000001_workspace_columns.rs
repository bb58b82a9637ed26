//! Phase 1: a nullable workspace column on every tenant-owned table.
//!
//! ADD COLUMN without a default changes the catalog only; it takes ACCESS EXCLUSIVE for as long
//! as that takes and reads no row. A column that stands already, with the right type, is left as
//! it is, now and when going back.

use isolation::catalog::Relation;
use isolation::names::QualifiedName;
use isolation::scope::Target;
use sea_query::{Alias, ColumnDef, PostgresQueryBuilder, Table, TableRef};
use validate::structure::{self, State};

use crate::bookkeeping::{Kind, Made};
use crate::definition::{Definition, Gathered, Mismatch, View};
use crate::phase::Phase;
use crate::statement::{Lock, Note, Statement};

pub(super) struct WorkspaceColumns;

impl Definition for WorkspaceColumns {
    fn name(&self) -> &'static str {
        "m20261122_000001_workspace_columns"
    }

    fn phase(&self) -> Phase {
        Phase::Columns
    }

    fn about(&self) -> &'static str {
        "nullable workspace columns"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        for (target, relation) in view.tables() {
            if target.is_partitioned {
                gathered.refuse(format!(
                    "table {} is partitioned: this version changes plain tables only",
                    target.label
                ));
            }
            let table = relation.qualified();
            match structure::workspace_column(view.scope, target, relation) {
                State::Valid | State::Invalid => {}
                State::Absent => {
                    let mut column = ColumnDef::new(Alias::new(&target.workspace_column));
                    column.custom(Alias::new(&view.scope.workspaces.key_type));
                    let sql = Table::alter()
                        .table(table_ref(&table))
                        .add_column(&mut column)
                        .to_string(PostgresQueryBuilder);
                    let add = Statement::short(&table, Lock::AccessExclusive, sql);
                    gathered.run(add.noting(Note::Made(made(target, relation))));
                }
                State::Different(how) => gathered.refuse(format!(
                    "column {} of {table} is not ours: {how}",
                    target.workspace_column
                )),
            }
        }
        gathered.into_statements()
    }

    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        view.tables()
            .filter(|(target, relation)| {
                relation.column(&target.workspace_column).is_some()
                    && view.bookkeeping.notes(&made(target, relation))
            })
            .map(|(target, relation)| {
                let table = relation.qualified();
                let sql = Table::alter()
                    .table(table_ref(&table))
                    .drop_column(Alias::new(&target.workspace_column))
                    .to_string(PostgresQueryBuilder);
                let drop = Statement::short(&table, Lock::AccessExclusive, sql);
                drop.noting(Note::Gone(made(target, relation)))
            })
            .collect()
    }
}

fn made(target: &Target, relation: &Relation) -> Made {
    Made::new(Kind::Column, relation, &target.workspace_column)
}

fn table_ref(table: &QualifiedName) -> TableRef {
    (Alias::new(&table.schema), Alias::new(&table.name)).into()
}
