//! Phase 3: the foreign keys to the workspaces, and the composite ones to the tenants, validated.
//!
//! They stand NOT VALID since an earlier migration; each VALIDATE is a transaction of its own
//! that reads the table and blocks nobody.

use isolation::names;
use validate::structure::{self, State};

use super::m20261122_000006_constraints_not_valid::validate_constraint;
use crate::definition::{Definition, Mismatch, View};
use crate::phase::Phase;
use crate::statement::Statement;

pub(super) struct ForeignKeys;

impl Definition for ForeignKeys {
    fn name(&self) -> &'static str {
        "m20261122_000008_foreign_keys"
    }

    fn phase(&self) -> Phase {
        Phase::Constraints
    }

    fn about(&self) -> &'static str {
        "the foreign keys, validated"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut statements = Vec::new();
        for (target, relation) in view.tables() {
            let keys = [
                (
                    structure::workspace_foreign_key(view.scope, target, relation),
                    names::workspace_foreign_key(&relation.name),
                ),
                (
                    structure::composite_foreign_key(view.scope, target, relation),
                    names::composite_foreign_key(&relation.name),
                ),
            ];
            let due = keys.into_iter().filter(|(state, _)| *state != State::Valid);
            statements
                .extend(due.map(|(_, name)| validate_constraint(&relation.qualified(), &name)));
        }
        Ok(statements)
    }

    /// The keys go with the migration that put them up.
    fn down(&self, _: &View<'_>) -> Vec<Statement> {
        Vec::new()
    }
}
