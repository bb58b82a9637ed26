//! The statements that fill the tables: `INSERT … SELECT … FROM generate_series`, each row a function of
//! its number `i` and the seed.

use super::share::Shape;

/// One statement per table, parents first.
pub(super) fn statements(shape: &Shape) -> Vec<(&'static str, String)> {
    let series = |table: &str| format!("generate_series(1, {}) AS i", shape.rows_of(table));
    let random =
        Random { seed: shape.seed, tenants: shape.tenants, sets: shape.rows_of("backup_sets") };
    vec![
        ("workspaces", workspaces(shape)),
        ("tenants", tenants(shape, random)),
        ("policies", policies(random, &series("policies"))),
        (
            "policy_versions",
            policy_versions(random, &series("policy_versions"), shape.rows_of("policies")),
        ),
        ("backup_sets", backup_sets(random, &series("backup_sets"))),
        ("backup_items", backup_items(random, &series("backup_items"))),
        ("restore_runs", restore_runs(random, &series("restore_runs"))),
        ("backup_schedules", backup_schedules(random, &series("backup_schedules"))),
        ("inventory_items", inventory_items(random, &series("inventory_items"))),
        ("inventory_links", inventory_links(random, &series("inventory_links"))),
        ("entra_groups", entra_groups(random, &series("entra_groups"))),
        ("findings", findings(random, &series("findings"))),
        (
            "entra_role_definitions",
            entra_role_definitions(random, &series("entra_role_definitions")),
        ),
        ("tenant_permissions", tenant_permissions(random, &series("tenant_permissions"))),
        ("audit_logs", audit_logs(random, &series("audit_logs"))),
    ]
}

/// The statement that adds findings to those there are: plain ones, since there are millions of them.
pub(super) fn more_findings(shape: &Shape, rows: u64) -> String {
    let random =
        Random { seed: shape.seed, tenants: shape.tenants, sets: shape.rows_of("backup_sets") };
    let there = shape.rows_of("findings");
    format!(
        "INSERT INTO findings (id, tenant_id, finding_type, severity, status, fingerprint, subject_type, subject_id, evidence_jsonb, created_at, updated_at) \
         SELECT i, {tenant}, 'drift', 'medium', 'new', lpad(i::text, 64, '0'), 'policy', i::text, '{{\"path\": \"settings[0].value\"}}', t, t \
         FROM generate_series({first}, {last}) AS i, (SELECT timestamptz '2025-01-01 00:00:00+00' AS t) AS m",
        tenant = random.tenant("findings", "i"),
        first = there + 1,
        last = there + rows,
    )
}

/// SQL expressions that look random and are not. Each takes a name, so that one row's columns, and the
/// same row number in two tables, have nothing to do with each other.
#[derive(Clone, Copy)]
struct Random {
    seed: i64,
    tenants: u64,
    sets: u64,
}

impl Random {
    /// From 0 to below 1.
    fn unit(self, name: &str, number: &str) -> String {
        let seed =
            self.seed ^ name.bytes().fold(7, |sum, byte| sum * 31 % 1_000_003 + i64::from(byte));
        format!("((hashint8extended({number}, {seed}) & 1048575) / 1048576.0::float8)")
    }

    /// From 1 to `most`, all equally often.
    fn even(self, name: &str, number: &str, most: u64) -> String {
        format!("(1 + floor({most} * {}))::bigint", self.unit(name, number))
    }

    /// From 1 to `most`, low ones much more often than high ones: of 223, the first gets 16 % and half of
    /// them less than 0.25 % each. The frequency falls with the rank to the power of two thirds.
    fn skewed(self, name: &str, number: &str, most: u64) -> String {
        format!("(1 + floor({most} * power({}, 3)))::bigint", self.unit(name, number))
    }

    /// The tenant that owns row `number` of a table.
    fn tenant(self, table: &str, number: &str) -> String {
        self.skewed(table, number, self.tenants)
    }

    /// One of some texts.
    fn one_of(self, name: &str, number: &str, texts: &[&str]) -> String {
        let index = self.even(name, number, texts.len() as u64);
        format!("(ARRAY['{}'])[{index}]", texts.join("','"))
    }

    /// 32 hexadecimal digits that no other row with this name has.
    fn digest(self, name: &str, number: &str) -> String {
        format!("md5('{name}/{}/' || {number})", self.seed)
    }

    /// A moment of the two years before 2026.
    fn moment(self, name: &str, number: &str) -> String {
        format!(
            "(timestamptz '2024-01-01 00:00:00+00' + {} * interval '730 days')",
            self.unit(name, number)
        )
    }

    fn policy_type(self, number: &str) -> String {
        const TYPES: [&str; 6] = [
            "deviceConfiguration",
            "deviceCompliancePolicy",
            "settingsCatalogPolicy",
            "appProtectionPolicy",
            "conditionalAccessPolicy",
            "endpointSecurityIntent",
        ];
        self.one_of("policy_type", number, &TYPES)
    }

    fn platform(self, number: &str) -> String {
        self.one_of("platform", number, &["windows", "macOS", "iOS", "android", "all"])
    }

    /// A policy as the remote service describes it, as JSON text of about 400 to 700 bytes.
    fn document(self, name: &str, number: &str) -> String {
        let digest = self.digest(name, number);
        let settings = self.even("settings", number, 4);
        format!(
            "jsonb_build_object('@odata.type', '#microsoft.graph.' || {policy_type}, 'id', {digest}, \
             'displayName', 'Policy ' || {number}, 'description', 'Baseline for managed devices, ring ' || {number} % 7, \
             'assignments', jsonb_build_array(jsonb_build_object('target', {digest}, 'intent', 'include')), \
             'passwordRequired', {number} % 2 = 0, 'passwordMinimumLength', 8 + {number} % 9, \
             'omaSettings', (SELECT jsonb_agg(jsonb_build_object('omaUri', './Device/Vendor/MSFT/' || n, 'value', {digest})) \
             FROM generate_series(1, {settings}) AS n))",
            policy_type = self.policy_type(number),
        )
    }
}

fn workspaces(shape: &Shape) -> String {
    format!(
        "INSERT INTO workspaces (id, name, slug, created_at, updated_at) \
         SELECT i, 'Workspace ' || i, 'workspace-' || i, t, t \
         FROM generate_series(1, {}) AS i, LATERAL (SELECT timestamptz '2023-06-01 00:00:00+00' + i * interval '1 hour' AS t) AS m",
        shape.workspaces,
    )
}

/// Each workspace has one tenant at least; the rest go mostly to the first workspaces. The unclaimed ones
/// come last, where no row's owner is looked for.
fn tenants(shape: &Shape, random: Random) -> String {
    let Shape { workspaces, tenants, unclaimed_tenants, .. } = shape;
    format!(
        "INSERT INTO tenants (id, workspace_id, external_id, name, metadata, created_at, updated_at) \
         SELECT i, CASE WHEN i > {tenants} THEN NULL WHEN i <= {workspaces} THEN i ELSE {workspace} END, \
         {external_id}::uuid, 'Tenant ' || i, jsonb_build_object('region', {region}), {moment}, {moment} \
         FROM generate_series(1, {all}) AS i",
        workspace = random.skewed("tenants", "i", *workspaces),
        external_id = random.digest("tenants", "i"),
        region = random.one_of("region", "i", &["EU", "NA", "APAC"]),
        moment = random.moment("tenants", "i"),
        all = tenants + unclaimed_tenants,
    )
}

fn policies(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO policies (id, tenant_id, external_id, policy_type, platform, display_name, metadata, last_synced_at, created_at, updated_at) \
         SELECT i, {tenant}, {digest}::uuid::text, {policy_type}, {platform}, 'Policy ' || i, \
         jsonb_build_object('etag', {digest}, 'scopeTags', jsonb_build_array('0')), {moment}, {moment}, {moment} FROM {series}",
        tenant = random.tenant("policies", "i"),
        digest = random.digest("policies", "i"),
        policy_type = random.policy_type("i"),
        platform = random.platform("i"),
        moment = random.moment("policies", "i"),
    )
}

/// All first versions, then all second ones, as they were captured.
fn policy_versions(random: Random, series: &str, policies: u64) -> String {
    format!(
        "INSERT INTO policy_versions (id, tenant_id, policy_id, version_number, policy_type, platform, created_by, captured_at, snapshot, created_at, updated_at) \
         SELECT i, {tenant}, policy, 1 + (i - 1) / {policies}, {policy_type}, {platform}, 'sync@tenantatlas.example', {moment}, {document}, {moment}, {moment} \
         FROM {series}, LATERAL (SELECT 1 + (i - 1) % {policies} AS policy) AS p",
        tenant = random.tenant("policies", "policy"),
        policy_type = random.policy_type("policy"),
        platform = random.platform("policy"),
        moment = random.moment("policy_versions", "i"),
        document = random.document("policy_versions", "i"),
    )
}

fn backup_sets(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO backup_sets (id, tenant_id, name, created_by, status, item_count, completed_at, created_at, updated_at) \
         SELECT i, {tenant}, 'Backup ' || i, 'scheduler', {status}, 22, {moment}, {moment}, {moment} FROM {series}",
        tenant = random.tenant("backup_sets", "i"),
        status = random.one_of(
            "status",
            "i",
            &["completed", "completed", "completed", "partial", "failed"]
        ),
        moment = random.moment("backup_sets", "i"),
    )
}

/// Each set's items are its tenant's policies, from the first on; where there are more items than
/// policies, the policy was deleted since.
fn backup_items(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO backup_items (id, tenant_id, backup_set_id, policy_id, policy_identifier, policy_type, platform, captured_at, payload, created_at, updated_at) \
         SELECT i, tenant, backup_set, p.id, coalesce(p.external_id, 'deleted-' || i), coalesce(p.policy_type, {policy_type}), {platform}, {moment}, {document}, {moment}, {moment} \
         FROM (SELECT i, 1 + (i - 1) % {sets} AS backup_set, (i - 1) / {sets} AS position, {tenant} AS tenant FROM {series}) AS item \
         LEFT JOIN (SELECT tenant_id, id, external_id, policy_type, row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1 AS position FROM policies) AS p \
         ON p.tenant_id = item.tenant AND p.position = item.position ORDER BY item.i",
        sets = random.sets,
        tenant = random.tenant("backup_sets", &format!("(1 + (i - 1) % {})", random.sets)),
        policy_type = random.policy_type("i"),
        platform = random.platform("i"),
        moment = random.moment("backup_items", "i"),
        document = random.document("backup_items", "i"),
    )
}

fn restore_runs(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO restore_runs (id, tenant_id, backup_set_id, requested_by, is_dry_run, status, requested_items, results, started_at, completed_at, created_at, updated_at) \
         SELECT i, {tenant}, backup_set, 'admin@tenantatlas.example', i % 3 = 0, {status}, jsonb_build_array(i, i + 1), \
         jsonb_build_object('restored', i % 20, 'skipped', i % 3), {moment}, {moment}, {moment}, {moment} \
         FROM {series}, LATERAL (SELECT {backup_set} AS backup_set) AS b",
        tenant = random.tenant("backup_sets", "backup_set"),
        backup_set = random.even("restore_runs", "i", random.sets),
        status = random.one_of("status", "i", &["completed", "completed", "failed", "pending"]),
        moment = random.moment("restore_runs", "i"),
    )
}

fn backup_schedules(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO backup_schedules (id, tenant_id, name, is_enabled, frequency, time_of_day, days_of_week, policy_types, last_run_at, created_at, updated_at) \
         SELECT i, {tenant}, 'Schedule ' || i, i % 8 <> 0, {frequency}, time '02:00' + i % 240 * interval '1 minute', \
         '[1, 3, 5]', jsonb_build_array({policy_type}), {moment}, {moment}, {moment} FROM {series}",
        tenant = random.tenant("backup_schedules", "i"),
        frequency = random.one_of("frequency", "i", &["daily", "weekly"]),
        policy_type = random.policy_type("i"),
        moment = random.moment("backup_schedules", "i"),
    )
}

fn inventory_items(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO inventory_items (id, tenant_id, policy_type, external_id, display_name, category, platform, meta_jsonb, last_seen_at, created_at, updated_at) \
         SELECT i, {tenant}, {policy_type}, {digest}::uuid::text, 'Item ' || i, {category}, {platform}, \
         jsonb_build_object('etag', {digest}, 'assignments', i % 12, 'isAssigned', i % 3 > 0), {moment}, {moment}, {moment} FROM {series}",
        tenant = random.tenant("inventory_items", "i"),
        policy_type = random.policy_type("i"),
        digest = random.digest("inventory_items", "i"),
        category = random.one_of(
            "category",
            "i",
            &["configuration", "compliance", "application", "security"]
        ),
        platform = random.platform("i"),
        moment = random.moment("inventory_items", "i"),
    )
}

fn inventory_links(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO inventory_links (id, tenant_id, source_type, source_id, target_type, target_id, relationship_type, metadata, created_at, updated_at) \
         SELECT i, {tenant}, 'policy', {digest}::uuid::text, 'group', {target}::uuid::text, {relationship}, \
         jsonb_build_object('intent', 'include'), {moment}, {moment} FROM {series}",
        tenant = random.tenant("inventory_links", "i"),
        digest = random.digest("inventory_links", "i"),
        target = random.digest("entra_groups", "i"),
        relationship =
            random.one_of("relationship", "i", &["assigned_to", "excluded_from", "depends_on"]),
        moment = random.moment("inventory_links", "i"),
    )
}

fn entra_groups(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO entra_groups (id, tenant_id, entra_id, display_name, group_types, security_enabled, mail_enabled, last_seen_at, created_at, updated_at) \
         SELECT i, {tenant}, {digest}::uuid, 'Group ' || i, '[\"Unified\"]', i % 4 > 0, i % 3 = 0, {moment}, {moment}, {moment} FROM {series}",
        tenant = random.tenant("entra_groups", "i"),
        digest = random.digest("entra_groups", "i"),
        moment = random.moment("entra_groups", "i"),
    )
}

fn findings(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO findings (id, tenant_id, finding_type, severity, status, fingerprint, subject_type, subject_id, evidence_jsonb, created_at, updated_at) \
         SELECT i, {tenant}, {kind}, {severity}, {status}, {digest} || {other}, 'policy', i::text, \
         jsonb_build_object('expected', {digest}, 'actual', {other}, 'path', 'settings[' || i % 40 || '].value'), {moment}, {moment} FROM {series}",
        tenant = random.tenant("findings", "i"),
        kind = random.one_of("kind", "i", &["drift", "permission_posture", "missing_baseline"]),
        severity = random.one_of("severity", "i", &["low", "medium", "medium", "high", "critical"]),
        status = random.one_of("status", "i", &["new", "new", "acknowledged", "resolved"]),
        digest = random.digest("findings", "i"),
        other = random.digest("evidence", "i"),
        moment = random.moment("findings", "i"),
    )
}

fn entra_role_definitions(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO entra_role_definitions (id, tenant_id, entra_id, display_name, is_built_in, last_seen_at, created_at, updated_at) \
         SELECT i, {tenant}, {digest}::uuid, 'Role ' || i, i % 5 > 0, {moment}, {moment}, {moment} FROM {series}",
        tenant = random.tenant("entra_role_definitions", "i"),
        digest = random.digest("entra_role_definitions", "i"),
        moment = random.moment("entra_role_definitions", "i"),
    )
}

/// Every tenant is asked for the same permissions, so that these rows are spread evenly.
fn tenant_permissions(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO tenant_permissions (id, tenant_id, permission_key, status, details, last_checked_at, created_at, updated_at) \
         SELECT i, 1 + (i - 1) % {tenants}, 'DeviceManagement.Permission' || (i - 1) / {tenants} || '.Read.All', {status}, \
         jsonb_build_object('source', 'graph'), {moment}, {moment}, {moment} FROM {series}",
        tenants = random.tenants,
        status = random.one_of("status", "i", &["granted", "granted", "granted", "missing"]),
        moment = random.moment("tenant_permissions", "i"),
    )
}

/// In twenty rows, fourteen know their tenant only (those are what the rollout has to mend), three know
/// the workspace too, two only the workspace, and one is the system's own.
fn audit_logs(random: Random, series: &str) -> String {
    format!(
        "INSERT INTO audit_logs (id, workspace_id, tenant_id, actor_email, actor_name, action, resource_type, resource_id, metadata, recorded_at, created_at, updated_at) \
         SELECT i, CASE WHEN i % 20 BETWEEN 1 AND 5 THEN t.workspace_id END, CASE WHEN i % 20 NOT IN (0, 1, 2) THEN t.id END, \
         'admin' || i % 50 || '@tenantatlas.example', 'Admin ' || i % 50, {action}, 'policy', i::text, \
         jsonb_build_object('ip', '10.0.' || i % 250 || '.' || i % 199, 'request', {digest}), {moment}, {moment}, {moment} \
         FROM (SELECT i, {tenant} AS tenant FROM {series}) AS entry JOIN tenants AS t ON t.id = entry.tenant ORDER BY entry.i",
        action = random.one_of(
            "action",
            "i",
            &["policy.synced", "backup.created", "restore.executed", "finding.acknowledged"]
        ),
        digest = random.digest("audit_logs", "i"),
        tenant = random.tenant("audit_logs", "i"),
        moment = random.moment("audit_logs", "i"),
    )
}

#[cfg(test)]
mod tests {
    use super::statements;
    use crate::legacy::share::Shape;
    use crate::legacy::{TABLES, Volume};

    #[test]
    fn fills_every_table_once() {
        let statements = statements(&Shape::of(&Volume::of_rows(1000)));
        let tables: Vec<&str> = statements.iter().map(|(table, _)| *table).collect();
        assert_eq!(tables[..2], ["workspaces", "tenants"]);
        assert_eq!(tables[2..], TABLES);
    }
}
