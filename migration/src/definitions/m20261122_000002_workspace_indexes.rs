//! Phase 1: an index on the workspace column of every tenant-owned table.
//!
//! CREATE INDEX CONCURRENTLY takes SHARE UPDATE EXCLUSIVE, which blocks neither reads nor writes.
//! On a column that is all NULL it is quick and small; it grows with the rows that get bound.
//! ANALYZE comes after, for a column that the planner knows nothing about: until then it guesses
//! that one row in two hundred belongs to a workspace.

use isolation::names::{self, quoted};
use validate::structure;

use crate::definition::{Definition, Gathered, Mismatch, View, take_back_index};
use crate::phase::Phase;
use crate::statement::Statement;

pub(super) struct WorkspaceIndexes;

impl Definition for WorkspaceIndexes {
    fn name(&self) -> &'static str {
        "m20261122_000002_workspace_indexes"
    }

    fn phase(&self) -> Phase {
        Phase::Columns
    }

    fn about(&self) -> &'static str {
        "indexes on the workspace columns"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        for (target, relation) in view.tables() {
            let name = names::workspace_index(&relation.name);
            let state = structure::workspace_index(view.scope, target, relation);
            gathered.index(state, relation, &name, || {
                format!(
                    "CREATE INDEX CONCURRENTLY {} ON {} ({})",
                    quoted(&name),
                    relation.qualified().sql(),
                    quoted(&target.workspace_column)
                )
            });
            // A table without a row yields no statistics, however often it is asked.
            let is_known = relation
                .column(&target.workspace_column)
                .is_some_and(|column| column.has_statistics);
            if !is_known && relation.estimated_rows != 0.0 {
                let table = relation.qualified();
                gathered.run(Statement::statistics(&table, &target.workspace_column));
            }
        }
        gathered.into_statements()
    }

    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        view.tables()
            .filter_map(|(_, relation)| {
                take_back_index(view, relation, &names::workspace_index(&relation.name))
            })
            .collect()
    }
}
