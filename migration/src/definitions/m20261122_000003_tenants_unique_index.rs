//! Phase 1: a unique index on the tenants' (key, workspace), for composite keys to refer to.
//!
//! The key alone is unique already, so it can never fail for a duplicate.

use isolation::names::{self, quoted};
use validate::structure;

use crate::definition::{Definition, Gathered, Mismatch, View, take_back_index};
use crate::phase::Phase;
use crate::statement::Statement;

pub(super) struct TenantsUniqueIndex;

impl Definition for TenantsUniqueIndex {
    fn name(&self) -> &'static str {
        "m20261122_000003_tenants_unique_index"
    }

    fn phase(&self) -> Phase {
        Phase::Columns
    }

    fn about(&self) -> &'static str {
        "the tenants' unique index on (key, workspace)"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        if let Some(relation) = view.relation(view.scope.tenants.oid) {
            let name = names::tenants_unique(&relation.name);
            let state = structure::tenants_unique(view.scope, relation);
            gathered.index(state, relation, &name, || {
                format!(
                    "CREATE UNIQUE INDEX CONCURRENTLY {} ON {} ({}, {})",
                    quoted(&name),
                    relation.qualified().sql(),
                    quoted(&view.scope.tenants.key),
                    quoted(&view.scope.tenants_workspace_column)
                )
            });
        }
        gathered.into_statements()
    }

    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        view.relation(view.scope.tenants.oid)
            .and_then(|relation| {
                take_back_index(view, relation, &names::tenants_unique(&relation.name))
            })
            .into_iter()
            .collect()
    }
}
