//! Phase 3: the audit tables' check, validated: a tenant set means a workspace set.

use isolation::names;
use validate::structure::{self, State};

use super::m20261122_000006_constraints_not_valid::validate_constraint;
use crate::definition::{Definition, Mismatch, View};
use crate::phase::Phase;
use crate::statement::Statement;

pub(super) struct AuditChecks;

impl Definition for AuditChecks {
    fn name(&self) -> &'static str {
        "m20261122_000009_audit_checks"
    }

    fn phase(&self) -> Phase {
        Phase::Constraints
    }

    fn about(&self) -> &'static str {
        "the audit tables' check, validated"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        Ok(view
            .audit_tables()
            .filter(|(target, relation)| {
                structure::audit_check(view.scope, target, relation) != State::Valid
            })
            .map(|(_, relation)| {
                validate_constraint(&relation.qualified(), &names::audit_check(&relation.name))
            })
            .collect())
    }

    /// The check goes with the migration that put it up.
    fn down(&self, _: &View<'_>) -> Vec<Statement> {
        Vec::new()
    }
}
