//! The write guard of phase 1.5, as plain SQL meets it.

mod application;
mod changes;
mod derives;
mod trust;

use crate::harness::Database;

/// An INSERT of a policy as the application wrote it before the rollout; `more` columns with
/// their values behind it.
fn insert_policy(tenant: &str, external_id: &str, more: &[(&str, &str)]) -> String {
    let mut columns = vec!["tenant_id", "external_id", "policy_type", "display_name"];
    columns.extend(more.iter().map(|(column, _)| column));
    let external_id = format!("'{external_id}'");
    let mut values = vec![tenant, &external_id, "'deviceConfiguration'", "'A policy'"];
    values.extend(more.iter().map(|(_, value)| value));
    format!("INSERT INTO policies ({}) VALUES ({})", columns.join(", "), values.join(", "))
}

/// The workspace of the policy with this external id; `NULL` while it is unbound.
#[track_caller]
fn workspace_of(db: &Database, external_id: &str) -> String {
    db.text(&format!("SELECT workspace_id FROM policies WHERE external_id = '{external_id}'"))
}

/// The workspace of a tenant.
#[track_caller]
fn workspace_of_tenant(db: &Database, tenant: &str) -> String {
    db.text(&format!("SELECT workspace_id FROM tenants WHERE id = {tenant}"))
}

/// A workspace that is not this tenant's.
#[track_caller]
fn another_workspace(db: &Database, tenant: &str) -> String {
    db.text(&format!(
        "SELECT min(w.id) FROM workspaces w JOIN tenants t ON t.id = {tenant} AND w.id <> t.workspace_id"
    ))
}

/// A new tenant that no workspace has claimed.
#[track_caller]
fn unclaimed_tenant(db: &Database) -> String {
    db.execute("INSERT INTO tenants (external_id, name) VALUES (gen_random_uuid(), 'unclaimed')");
    db.text("SELECT max(id) FROM tenants")
}
