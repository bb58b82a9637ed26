//! The interlock of phase 3: the write guard notes when it last had to fill in a workspace,
//! `validate` shows it, and `migration up --phase 3` warns while that was just now.

mod asked;
mod noted;
mod stands;

use crate::harness::Database;

/// An INSERT of a policy as the application wrote it before the rollout.
fn insert(external_id: &str) -> String {
    format!(
        "INSERT INTO policies (tenant_id, external_id, policy_type, display_name) \
         VALUES (2, '{external_id}', 'deviceConfiguration', 'A policy')"
    )
}

/// Notes that it was so many seconds ago.
fn set_back(db: &Database, table: &str, seconds: i64) {
    db.execute(&format!(
        "SELECT setval('workspace_isolation.filled_public_{table}', \
         floor(date_part('epoch', clock_timestamp()))::bigint - {seconds})"
    ));
}

/// The tables whose guard has noted that it had to fill in a workspace.
fn noted(db: &Database) -> Vec<String> {
    db.texts(
        "SELECT replace(sequencename, 'filled_public_', '') FROM pg_sequences \
         WHERE schemaname = 'workspace_isolation' AND sequencename LIKE 'filled%' AND last_value > 0 ORDER BY 1",
    )
}
