//! The migrations, one a file, in their order. A name, once in somebody's ledger, stays.

mod m20261122_000001_workspace_columns;
mod m20261122_000002_workspace_indexes;
mod m20261122_000003_tenants_unique_index;
mod m20261122_000004_tenants_frozen;
mod m20261122_000005_write_guard;
mod m20261122_000006_constraints_not_valid;
mod m20261122_000007_not_null;
mod m20261122_000008_foreign_keys;
mod m20261122_000009_audit_checks;
#[cfg(test)]
mod tests;

use crate::definition::Definition;

/// Every migration, in order.
pub static ALL: [&dyn Definition; 9] = [
    &m20261122_000001_workspace_columns::WorkspaceColumns,
    &m20261122_000002_workspace_indexes::WorkspaceIndexes,
    &m20261122_000003_tenants_unique_index::TenantsUniqueIndex,
    &m20261122_000004_tenants_frozen::TenantsFrozen,
    &m20261122_000005_write_guard::WriteGuard,
    &m20261122_000006_constraints_not_valid::ConstraintsNotValid,
    &m20261122_000007_not_null::NotNull,
    &m20261122_000008_foreign_keys::ForeignKeys,
    &m20261122_000009_audit_checks::AuditChecks,
];

/// The migration that puts up the NOT VALID constraints. From then on no new row can break the
/// rules, so the gate that is run right behind it speaks for every row there will be.
pub const CONSTRAINTS_NOT_VALID: &str = "m20261122_000006_constraints_not_valid";
