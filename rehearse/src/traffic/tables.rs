//! The tables that the application works on, and how a row of each comes to be.

/// What the application knows of one table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) name: &'static str,
    /// By position in [`TABLES`]: the table that a row refers to beside its tenant.
    pub(super) parent: Option<usize>,
    /// What the application writes of a row, over and above tenant and times.
    pub(super) columns: &'static str,
    /// The values of these, with `$2` for 64 hexadecimal digits that nobody has yet, and `$3` for
    /// the parent's key.
    pub(super) values: &'static str,
    /// What a change of a row sets, beside the time.
    pub(super) change: &'static str,
}

pub(super) const POLICIES: usize = 0;
pub(super) const POLICY_VERSIONS: usize = 1;
const BACKUP_SETS: usize = 2;
pub(super) const INVENTORY_ITEMS: usize = 6;
pub(super) const ENTRA_GROUPS: usize = 8;
pub(super) const FINDINGS: usize = 9;
pub(super) const AUDIT_LOGS: usize = 12;

/// In the order of [`legacy::TABLES`](crate::legacy::TABLES): parents first.
pub(super) const TABLES: [Table; 13] = [
    Table {
        name: "policies",
        parent: None,
        columns: "external_id, policy_type, platform, display_name, metadata, last_synced_at",
        values: "$2, 'deviceConfiguration', 'windows', 'Policy of the rehearsal', '{}', now()",
        change: "last_synced_at = now()",
    },
    Table {
        name: "policy_versions",
        parent: Some(POLICIES),
        columns: "policy_id, version_number, policy_type, platform, created_by, captured_at, snapshot",
        // Each policy numbers its versions; a number made of the key is free.
        values: "$3, (1000 + (hashtextextended($2, 0) & 1073741823))::integer, 'deviceConfiguration', 'windows', \
                 'sync@tenantatlas.example', now(), jsonb_build_object('id', $2, 'settings', repeat($2, 6))",
        change: "metadata = jsonb_build_object('seen', now())",
    },
    Table {
        name: "backup_sets",
        parent: None,
        columns: "name, created_by, status, item_count",
        values: "$2, 'scheduler', 'pending', 0",
        change: "item_count = item_count + 1",
    },
    Table {
        name: "backup_items",
        parent: Some(BACKUP_SETS),
        columns: "backup_set_id, policy_identifier, policy_type, platform, captured_at, payload",
        values: "$3, $2, 'deviceConfiguration', 'windows', now(), jsonb_build_object('id', $2, 'settings', repeat($2, 6))",
        change: "metadata = jsonb_build_object('seen', now())",
    },
    Table {
        name: "restore_runs",
        parent: Some(BACKUP_SETS),
        columns: "backup_set_id, requested_by, status, requested_items",
        values: "$3, 'admin@tenantatlas.example', 'pending', jsonb_build_array($2)",
        change: "status = 'completed', completed_at = now()",
    },
    Table {
        name: "backup_schedules",
        parent: None,
        columns: "name, frequency, time_of_day, policy_types, next_run_at",
        values: "$2, 'daily', time '02:00', '[]', now()",
        change: "last_run_at = now()",
    },
    Table {
        name: "inventory_items",
        parent: None,
        columns: "policy_type, external_id, display_name, category, platform, meta_jsonb, last_seen_at",
        values: "'deviceConfiguration', $2, 'Item of the rehearsal', 'configuration', 'windows', \
                 jsonb_build_object('etag', $2), now()",
        change: "last_seen_at = now()",
    },
    Table {
        name: "inventory_links",
        parent: None,
        columns: "source_type, source_id, target_type, target_id, relationship_type, metadata",
        values: "'policy', $2, 'group', $2, 'assigned_to', '{}'",
        change: "metadata = jsonb_build_object('seen', now())",
    },
    Table {
        name: "entra_groups",
        parent: None,
        columns: "entra_id, display_name, security_enabled, last_seen_at",
        values: "substr($2, 1, 32)::uuid, 'Group of the rehearsal', true, now()",
        change: "last_seen_at = now()",
    },
    Table {
        name: "findings",
        parent: None,
        columns: "finding_type, severity, status, fingerprint, subject_type, subject_id, evidence_jsonb",
        values: "'drift', 'medium', 'new', $2, 'policy', substr($2, 1, 8), jsonb_build_object('seen', $2)",
        // An indexed column.
        change: "status = CASE status WHEN 'new' THEN 'acknowledged' ELSE 'new' END, acknowledged_at = now()",
    },
    Table {
        name: "entra_role_definitions",
        parent: None,
        columns: "entra_id, display_name, is_built_in, last_seen_at",
        values: "substr($2, 1, 32)::uuid, 'Role of the rehearsal', false, now()",
        change: "last_seen_at = now()",
    },
    Table {
        name: "tenant_permissions",
        parent: None,
        columns: "permission_key, status, details, last_checked_at",
        values: "$2, 'granted', '{}', now()",
        change: "last_checked_at = now()",
    },
    Table {
        name: "audit_logs",
        parent: None,
        // Knows the tenant and not the workspace: the kind of row that `audit/audit_logs` looks for.
        columns: "actor_email, actor_name, action, resource_type, resource_id, metadata, recorded_at",
        values: "'admin@tenantatlas.example', 'Admin', 'policy.synced', 'policy', $2, '{}', now()",
        change: "metadata = jsonb_build_object('seen', now())",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_at_its_place() {
        assert_eq!(TABLES.map(|table| table.name), crate::legacy::TABLES);
        let places = [
            (POLICIES, "policies"),
            (POLICY_VERSIONS, "policy_versions"),
            (BACKUP_SETS, "backup_sets"),
            (INVENTORY_ITEMS, "inventory_items"),
            (ENTRA_GROUPS, "entra_groups"),
            (FINDINGS, "findings"),
            (AUDIT_LOGS, "audit_logs"),
        ];
        for (place, name) in places {
            assert_eq!(TABLES[place].name, name);
        }
    }
}
