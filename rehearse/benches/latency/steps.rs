//! What is compared: steps of the rollout as the toolkit does them, and the same in the one statement
//! that a migration would be without it.

use isolation::names;
use migration::runner::plan::{Plan, Planned};

/// The table that has so many rows.
pub(crate) const TABLE: &str = "findings";

/// A manifest that isolates this table alone, so that both forms change the same.
pub(crate) const MANIFEST: &str = r#"
[workspace]
table = "workspaces"
[tenant]
table = "tenants"
workspace_column = "workspace_id"
[[tables]]
name = "findings"
"#;

/// One step in both forms.
pub(crate) struct Step {
    pub(crate) title: &'static str,
    /// What our statements of this step have in their SQL; no other statement has it.
    marks: Vec<String>,
    /// The plain form.
    pub(crate) plain: String,
    /// What takes either form back.
    pub(crate) undo: Vec<String>,
}

impl Step {
    /// The step's share of a plan, in order.
    pub(crate) fn of<'a>(&self, plan: &'a Plan) -> Vec<&'a Planned> {
        let is_ours = |planned: &&Planned| {
            let sql = planned.sql.join(";");
            planned.migration.is_some() && self.marks.iter().any(|mark| sql.contains(mark))
        };
        plan.statements.iter().filter(is_ours).collect()
    }
}

/// The step of phase 1. Its column is there already.
pub(crate) fn index() -> Step {
    let name = names::workspace_index(TABLE);
    Step {
        title: "index",
        plain: format!("CREATE INDEX {name} ON {TABLE} (workspace_id)"),
        undo: vec![format!("DROP INDEX {name}")],
        marks: vec![format!("\"{name}\"")],
    }
}

/// The steps of phase 3, on rows that are all bound.
pub(crate) fn constraints() -> [Step; 3] {
    let workspace = names::workspace_foreign_key(TABLE);
    let composite = names::composite_foreign_key(TABLE);
    [
        Step {
            title: "NOT NULL",
            plain: format!("ALTER TABLE {TABLE} ALTER COLUMN workspace_id SET NOT NULL"),
            undo: vec![format!("ALTER TABLE {TABLE} ALTER COLUMN workspace_id DROP NOT NULL")],
            marks: vec![
                format!("\"{}\"", names::presence_check(TABLE)),
                "SET NOT NULL".to_owned(),
                // Since PostgreSQL 18.
                format!("\"{}\"", names::not_null(TABLE)),
            ],
        },
        Step {
            title: "foreign key to the workspaces",
            plain: format!(
                "ALTER TABLE {TABLE} ADD CONSTRAINT {workspace} FOREIGN KEY (workspace_id) REFERENCES workspaces (id)"
            ),
            undo: drop_key("workspaces", &workspace),
            marks: vec![format!("\"{workspace}\"")],
        },
        Step {
            title: "composite foreign key to the tenants",
            plain: format!(
                "ALTER TABLE {TABLE} ADD CONSTRAINT {composite} FOREIGN KEY (tenant_id, workspace_id) \
                 REFERENCES tenants (id, workspace_id) ON DELETE CASCADE"
            ),
            undo: drop_key("tenants", &composite),
            marks: vec![format!("\"{composite}\"")],
        },
    ]
}

/// The parent first, and the table only briefly: the application takes them the other way round.
fn drop_key(parent: &str, name: &str) -> Vec<String> {
    vec![
        format!("LOCK TABLE {parent} IN ACCESS EXCLUSIVE MODE"),
        "SET LOCAL lock_timeout = 50".to_owned(),
        format!("ALTER TABLE {TABLE} DROP CONSTRAINT {name}"),
    ]
}
