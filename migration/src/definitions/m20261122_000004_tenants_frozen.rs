//! Phase 1.5: a tenant's workspace, once set, cannot change. It comes before the guards of the
//! tables, so that whatever they derive stays true.

use isolation::guard::Guard;
use isolation::manifest;

use super::m20261122_000005_write_guard::{put_up, take_down};
use crate::definition::{Definition, Gathered, Mismatch, View};
use crate::phase::Phase;
use crate::statement::Statement;

pub(super) struct TenantsFrozen;

impl Definition for TenantsFrozen {
    fn name(&self) -> &'static str {
        "m20261122_000004_tenants_frozen"
    }

    fn phase(&self) -> Phase {
        Phase::Guard
    }

    fn about(&self) -> &'static str {
        "a tenant's workspace, once set, cannot change"
    }

    fn up(&self, view: &View<'_>) -> Result<Vec<Statement>, Vec<Mismatch>> {
        let mut gathered = Gathered::default();
        if view.scope.write_guard == manifest::WriteGuard::Database {
            put_up(view, &Guard::tenants(view.scope), &mut gathered);
        }
        gathered.into_statements()
    }

    fn down(&self, view: &View<'_>) -> Vec<Statement> {
        take_down(view, &Guard::tenants(view.scope))
    }
}
