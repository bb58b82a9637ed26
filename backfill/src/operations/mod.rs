//! The application's view of a backfill: one operation run for each workspace with work, and the
//! audit trail. The tables are the application's where the manifest names them, else our own.
//!
//! Every statement here is for all workspaces at once.

mod close;
mod insert;

use std::collections::BTreeMap;

use isolation::catalog::{Catalog, Relation};
use isolation::names::{OWN_SCHEMA, QualifiedName, hex_digest};
use isolation::scope::Scope;
use isolation::session::statement;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use crate::progress::progress_ctes;
use crate::store::RUN;
pub(crate) use close::Closing;

/// What the runs are called in the application's list of operations.
pub(crate) const RUN_TYPE: &str = "workspace_isolation_backfill_workspace_ids";
/// Who appears as initiator and actor.
const ACTOR: &str = "workspace-isolation";
/// What the audit events' names begin with.
const ACTION: &str = "workspace_isolation.backfill_workspace_ids";

/// The operations tables, as statements need them.
#[derive(Debug, Clone)]
pub(crate) struct Operations {
    runs: Table,
    audit: Table,
    /// The type of the workspaces' key there.
    workspace_type: String,
    /// Whether they are the toolkit's own.
    pub(crate) is_own: bool,
}

#[derive(Debug, Clone)]
struct Table {
    name: QualifiedName,
    id_type: String,
    /// Whether a row's id must be made by us: a uuid without default.
    makes_no_id: bool,
    has_actor_name: bool,
}

/// One workspace's part of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PlannedRun {
    pub(crate) workspace: String,
    hash: String,
    total: i64,
    progress: BTreeMap<String, TableTarget>,
}

/// `table_progress.{table}` of a run's context, before anything is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TableTarget {
    target_rows: i64,
    processed: i64,
    last_processed_id: Option<String>,
}

impl PlannedRun {
    /// The run of a workspace. `tables` are all that the backfill covers, sorted: they and the
    /// workspace are the run's identity, whatever has work in this one.
    pub(crate) fn new(workspace: &str, tables: &[String], targets: BTreeMap<String, i64>) -> Self {
        Self {
            workspace: workspace.to_owned(),
            hash: identity_hash(workspace, tables),
            total: targets.values().sum(),
            progress: targets
                .into_iter()
                .map(|(table, target_rows)| {
                    (table, TableTarget { target_rows, processed: 0, last_processed_id: None })
                })
                .collect(),
        }
    }
}

/// Hex SHA-256 of type, workspace and tables as a JSON list, in which nothing can run together.
fn identity_hash(workspace: &str, tables: &[String]) -> String {
    let mut identity = vec![RUN_TYPE, workspace];
    identity.extend(tables.iter().map(String::as_str));
    hex_digest(&serde_json::Value::from(identity).to_string())
}

impl Operations {
    /// The operations tables of a scope.
    pub(crate) fn of(scope: &Scope, catalog: &Catalog) -> Self {
        let Some(operations) = &scope.operations else {
            return Self::own();
        };
        Self {
            runs: Table::of(&operations.runs, catalog),
            audit: Table::of(&operations.audit, catalog),
            workspace_type: scope.workspaces.key_type.clone(),
            is_own: false,
        }
    }

    fn own() -> Self {
        let table = |name: &str| Table {
            name: QualifiedName::new(OWN_SCHEMA, name),
            id_type: "bigint".to_owned(),
            makes_no_id: false,
            has_actor_name: true,
        };
        Self {
            runs: table("operation_runs"),
            audit: table("audit_logs"),
            workspace_type: "text".to_owned(),
            is_own: true,
        }
    }

    /// The runs' table, as SQL.
    pub(crate) fn runs(&self) -> String {
        self.runs.name.sql()
    }

    /// The type of the runs' key.
    pub(crate) fn run_id_type(&self) -> &str {
        &self.runs.id_type
    }

    /// The runs and the audit trail.
    pub(crate) fn names(&self) -> [&QualifiedName; 2] {
        [&self.runs.name, &self.audit.name]
    }

    /// Shows the active runs as running, with the counts and progress of this moment.
    pub(crate) async fn refresh(
        &self,
        db: &impl ConnectionTrait,
        backfill: i64,
    ) -> Result<(), DbErr> {
        let sql = format!(
            "WITH {progress}, part AS MATERIALIZED (
                SELECT workspace, sum(target)::bigint AS total, sum(processed)::bigint AS processed,
                       jsonb_object_agg(label, jsonb_build_object(
                           'target_rows', target, 'processed', processed, 'last_processed_id', last_key)) AS tables
                FROM progress GROUP BY workspace
            )
            UPDATE {runs} AS o
            SET status = 'running', started_at = coalesce(o.started_at, now()),
                summary_counts = jsonb_build_object('total', p.total, 'processed', p.processed, 'succeeded', p.processed, 'failed', 0),
                context = o.context::jsonb || jsonb_build_object('table_progress', p.tables),
                updated_at = now()
            FROM part AS p JOIN {RUN} AS m ON m.backfill_id = $1 AND m.workspace = p.workspace
            WHERE o.id = m.run_id::{id} AND o.status IN ('queued', 'running')",
            progress = progress_ctes(),
            runs = self.runs(),
            id = self.run_id_type(),
        );
        db.execute_raw(statement(sql, [backfill.into()])).await.map(|_| ())
    }
}

impl Table {
    fn of(name: &QualifiedName, catalog: &Catalog) -> Self {
        let relation = catalog.named(name);
        let id = relation.and_then(|r| r.column("id"));
        Self {
            name: name.clone(),
            id_type: id.map_or_else(|| "bigint".to_owned(), |c| c.type_name.clone()),
            makes_no_id: id.is_some_and(|c| c.type_name == "uuid" && !c.has_default),
            has_actor_name: relation.is_some_and(has_actor_name),
        }
    }

    /// `id, ` where we have to make it, for the list of columns.
    fn id_column(&self) -> &'static str {
        if self.makes_no_id { "id, " } else { "" }
    }

    /// What makes it, for the list of values.
    fn id_value(&self) -> &'static str {
        if self.makes_no_id { "gen_random_uuid(), " } else { "" }
    }
}

fn has_actor_name(relation: &Relation) -> bool {
    relation.column("actor_name").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_cannot_be_read_two_ways() {
        let hash = |workspace: &str, tables: &[&str]| {
            let tables: Vec<_> = tables.iter().map(|t| (*t).to_owned()).collect();
            identity_hash(workspace, &tables)
        };
        let one = hash("1", &["a", "b"]);
        assert_eq!(one.len(), 64);
        assert_eq!(one, hash("1", &["a", "b"]));
        assert_ne!(one, hash("1", &["a,b"]));
        assert_ne!(one, hash("1", &["a\",\"b"]));
        assert_ne!(one, hash("1,a", &["b"]));
        assert_ne!(one, hash("2", &["a", "b"]));
    }

    #[test]
    fn a_run_starts_with_its_targets() {
        let targets = BTreeMap::from([("findings".to_owned(), 3), ("policies".to_owned(), 4)]);
        let run = PlannedRun::new("7", &["policies".to_owned()], targets);
        assert_eq!(run.total, 7);
        insta::assert_snapshot!(
            serde_json::to_string(&run.progress).unwrap_or_default(),
            @r#"{"findings":{"target_rows":3,"processed":0,"last_processed_id":null},"policies":{"target_rows":4,"processed":0,"last_processed_id":null}}"#
        );
    }
}
