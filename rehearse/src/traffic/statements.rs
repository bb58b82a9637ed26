//! What the old code says. Every column by name, as an object mapper says it: `SELECT *` through a
//! prepared statement would fail as soon as a column is added.

/// A statement, and what the summary calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sentence {
    pub(super) name: &'static str,
    pub(super) sql: &'static str,
}

pub(super) const PAGE_OF_POLICIES: Sentence = Sentence {
    name: "select a page of policies",
    sql: "SELECT id, tenant_id, external_id, policy_type, platform, display_name, metadata, last_synced_at, created_at, updated_at \
          FROM policies WHERE tenant_id = $1 ORDER BY id LIMIT 25 OFFSET $2",
};

pub(super) const FINDING_BY_KEY: Sentence = Sentence {
    name: "select a finding",
    sql: "SELECT id, tenant_id, finding_type, severity, status, fingerprint, subject_type, subject_id, evidence_jsonb, acknowledged_at, created_at, updated_at \
          FROM findings WHERE tenant_id = $1 AND fingerprint = $2::char(64)",
};

pub(super) const COUNT_OF_BACKUP_ITEMS: Sentence = Sentence {
    name: "count backup items",
    // A dashboard's "more than 500": the largest tenants have a hundred thousand.
    sql: "SELECT count(*) FROM (SELECT id FROM backup_items WHERE tenant_id = $1 AND deleted_at IS NULL LIMIT 500) AS first",
};

pub(super) const INSERT_FINDING: Sentence = Sentence {
    name: "insert a finding",
    sql: "INSERT INTO findings (tenant_id, finding_type, severity, status, fingerprint, subject_type, subject_id, evidence_jsonb, created_at, updated_at) \
          VALUES ($1, 'drift', 'medium', 'new', $2, 'policy', $3, jsonb_build_object('seen', $2), now(), now()) RETURNING id",
};

pub(super) const INSERT_INVENTORY_ITEM: Sentence = Sentence {
    name: "insert an inventory item",
    sql: "INSERT INTO inventory_items (tenant_id, policy_type, external_id, display_name, category, platform, meta_jsonb, last_seen_at, created_at, updated_at) \
          VALUES ($1, 'deviceConfiguration', $2, 'Item of the rehearsal', 'configuration', 'windows', jsonb_build_object('etag', $2), now(), now(), now()) RETURNING id",
};

pub(super) const INSERT_POLICY: Sentence = Sentence {
    name: "insert a policy",
    sql: "INSERT INTO policies (tenant_id, external_id, policy_type, platform, display_name, metadata, last_synced_at, created_at, updated_at) \
          VALUES ($1, $2, 'deviceConfiguration', 'windows', 'Policy of the rehearsal', '{}', now(), now(), now()) RETURNING id",
};

pub(super) const INSERT_POLICY_VERSION: Sentence = Sentence {
    name: "insert a policy version",
    sql: "INSERT INTO policy_versions (tenant_id, policy_id, version_number, policy_type, platform, created_by, captured_at, snapshot, created_at, updated_at) \
          VALUES ($1, $2, 1, 'deviceConfiguration', 'windows', 'sync@tenantatlas.example', now(), jsonb_build_object('id', $3, 'settings', repeat($3, 6)), now(), now()) RETURNING id",
};

/// Knows the tenant and not the workspace: the kind of row that `audit/audit_logs` looks for.
pub(super) const INSERT_AUDIT_LOG: Sentence = Sentence {
    name: "insert an audit log entry",
    sql: "INSERT INTO audit_logs (tenant_id, actor_email, actor_name, action, resource_type, resource_id, metadata, recorded_at, created_at, updated_at) \
          VALUES ($1, 'admin@tenantatlas.example', 'Admin', 'policy.synced', 'policy', $2, '{}', now(), now(), now()) RETURNING id",
};

pub(super) const UPDATE_FINDING_STATUS: Sentence = Sentence {
    name: "update a finding",
    sql: "UPDATE findings SET status = $2, acknowledged_at = now(), updated_at = now() WHERE id = $1",
};

pub(super) const UPDATE_POLICY_SYNCED: Sentence = Sentence {
    name: "update a policy",
    sql: "UPDATE policies SET last_synced_at = now(), updated_at = now() WHERE id = $1",
};

pub(super) const UPDATE_ITEM_SEEN: Sentence = Sentence {
    name: "update an inventory item",
    sql: "UPDATE inventory_items SET last_seen_at = now(), updated_at = now() WHERE id = $1",
};

pub(super) const DELETE_FINDING: Sentence =
    Sentence { name: "delete a finding", sql: "DELETE FROM findings WHERE id = $1" };

/// What ends a transaction of several statements; not sent as text.
pub(super) const COMMIT: &str = "commit";
