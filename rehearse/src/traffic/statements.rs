//! What the application says. Every column by name, as an object mapper says it: `SELECT *` through a
//! prepared statement would fail as soon as a column is added.

use super::code::Code;
use super::tables::Table;

/// A statement, and what the summary calls it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) name: String,
    pub(super) sql: String,
}

/// What one code says about one table.
#[derive(Debug, Clone)]
pub(super) struct Words {
    /// `$1` key; the new code: `$2` workspace.
    pub(super) read: Sentence,
    /// `$1` tenant, `$2` 64 digits, `$3` parent; the new code: `$4` workspace.
    pub(super) insert: Sentence,
    /// `$1` key; the new code: `$2` workspace.
    pub(super) change: Sentence,
}

impl Words {
    /// What the old code says, which has never heard of workspaces.
    fn old(table: &Table) -> Self {
        let Table { name, columns, values, change, .. } = table;
        Self {
            read: sentence(
                format!("read {name}"),
                format!(
                    "SELECT id, tenant_id, {columns}, created_at, updated_at FROM {name} WHERE id = $1"
                ),
            ),
            insert: sentence(
                format!("insert into {name}"),
                format!(
                    "INSERT INTO {name} (tenant_id, {columns}, created_at, updated_at) \
                     VALUES ($1, {values}, now(), now()) RETURNING id"
                ),
            ),
            change: sentence(
                format!("update {name}"),
                format!("UPDATE {name} SET {change}, updated_at = now() WHERE id = $1"),
            ),
        }
    }

    /// What the new code says: it writes the workspace, and reads rows of its workspace only, or
    /// unbound ones as long as there are any.
    fn new(table: &Table) -> Self {
        let Table { name, columns, values, change, .. } = table;
        Self {
            read: sentence(
                format!("read {name} by workspace"),
                format!(
                    "SELECT id, tenant_id, workspace_id, {columns}, created_at, updated_at FROM {name} \
                     WHERE id = $1 AND (workspace_id = $2 OR workspace_id IS NULL)"
                ),
            ),
            insert: sentence(
                format!("insert into {name} with its workspace"),
                format!(
                    "INSERT INTO {name} (tenant_id, workspace_id, {columns}, created_at, updated_at) \
                     VALUES ($1, $4, {values}, now(), now()) RETURNING id"
                ),
            ),
            change: sentence(
                format!("update {name} with its workspace"),
                format!(
                    "UPDATE {name} SET {change}, workspace_id = $2, updated_at = now() WHERE id = $1"
                ),
            ),
        }
    }
}

/// What both codes say about one table.
#[derive(Debug, Clone)]
pub(super) struct Vocabulary {
    old: Words,
    new: Words,
}

impl Vocabulary {
    pub(super) fn of(table: &Table) -> Self {
        Self { old: Words::old(table), new: Words::new(table) }
    }

    pub(super) fn spoken_by(&self, code: Code) -> &Words {
        match code {
            Code::Old => &self.old,
            Code::New => &self.new,
        }
    }
}

/// What is said about one table in particular, or about the tables behind them all; the old code's,
/// all of it.
#[derive(Debug, Clone)]
pub(super) struct Phrases {
    /// `$1` tenant, `$2` offset.
    pub(super) page_of_policies: Sentence,
    /// `$1` tenant, `$2` fingerprint.
    pub(super) finding_by_fingerprint: Sentence,
    /// `$1` tenant. A dashboard's "more than 500": the largest tenants have a hundred thousand.
    pub(super) count_of_backup_items: Sentence,
    /// `$1` key.
    pub(super) delete_finding: Sentence,
    /// `$1` key.
    pub(super) change_tenant: Sentence,
    /// `$1` key.
    pub(super) change_workspace: Sentence,
}

impl Phrases {
    pub(super) fn new() -> Self {
        let one = |name: &str, sql: &str| sentence(name.to_owned(), sql.to_owned());
        Self {
            page_of_policies: one(
                "select a page of policies",
                "SELECT id, tenant_id, external_id, policy_type, platform, display_name, metadata, last_synced_at, created_at, updated_at \
                 FROM policies WHERE tenant_id = $1 ORDER BY id LIMIT 25 OFFSET $2",
            ),
            finding_by_fingerprint: one(
                "select a finding",
                "SELECT id, tenant_id, finding_type, severity, status, fingerprint, subject_type, subject_id, evidence_jsonb, acknowledged_at, created_at, updated_at \
                 FROM findings WHERE tenant_id = $1 AND fingerprint = $2::char(64)",
            ),
            count_of_backup_items: one(
                "count backup items",
                "SELECT count(*) FROM (SELECT id FROM backup_items WHERE tenant_id = $1 AND deleted_at IS NULL LIMIT 500) AS first",
            ),
            delete_finding: one("delete a finding", "DELETE FROM findings WHERE id = $1"),
            change_tenant: one(
                "update a tenant",
                "UPDATE tenants SET updated_at = now() WHERE id = $1",
            ),
            change_workspace: one(
                "update a workspace",
                "UPDATE workspaces SET updated_at = now() WHERE id = $1",
            ),
        }
    }
}

/// What ends a transaction of several statements; not sent as text.
pub(super) const COMMIT: &str = "commit";

fn sentence(name: String, sql: String) -> Sentence {
    Sentence { name, sql }
}
