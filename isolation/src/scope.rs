//! The manifest held against the catalog: which tables are really meant, with the types and keys
//! that statements need. Everything that does not fit is reported, and all of it at once.

use crate::catalog::{Catalog, Column, Relation, RelationKind};
use crate::manifest::{Manifest, Table, WriteGuard};
use crate::names::{QualifiedName, TableName};

/// What the rollout covers, resolved. Names are qualified; types are as the catalog spells them.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The workspaces.
    pub workspaces: Keyed,
    /// The tenants.
    pub tenants: Keyed,
    /// The tenants' column that names the owning workspace.
    pub tenants_workspace_column: String,
    /// The tenant-owned tables.
    pub tables: Vec<Target>,
    /// The audit tables.
    pub audit_tables: Vec<Target>,
    /// The application's operations tables.
    pub operations: Option<Operations>,
    /// Who enforces phase 1.5.
    pub write_guard: WriteGuard,
    /// `server_version_num` of the server.
    pub server_version: u32,
}

/// A table with a single-column primary key that others refer to.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// The name as the manifest writes it, for people and check ids.
    pub label: String,
    /// The relation.
    pub relation: QualifiedName,
    /// The relation's identifier.
    pub oid: u32,
    /// The key column.
    pub key: String,
    /// The key's type.
    pub key_type: String,
}

/// A table whose rows are bound to workspaces.
#[derive(Debug, Clone)]
pub struct Target {
    /// The name as the manifest writes it, for people and check ids.
    pub label: String,
    /// The relation.
    pub relation: QualifiedName,
    /// The relation's identifier.
    pub oid: u32,
    /// The column that names the tenant.
    pub tenant_column: String,
    /// The column that names, or will name, the workspace.
    pub workspace_column: String,
    /// Whether the workspace column stands already.
    pub has_workspace_column: bool,
    /// The columns of the primary key, with their types; empty where there is none.
    pub key: Vec<KeyColumn>,
    /// Whether the table is partitioned.
    pub is_partitioned: bool,
}

/// A column of a primary key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_name: String,
}

/// The application's operations tables, resolved.
#[derive(Debug, Clone)]
pub struct Operations {
    /// One row per long-running operation of a workspace.
    pub runs: QualifiedName,
    /// One row per event.
    pub audit: QualifiedName,
}

/// A manifest that does not fit the database.
#[derive(Debug, thiserror::Error)]
#[error("match {manifest} with database {database}:\n{}", problems.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ScopeError {
    /// The manifest's file name.
    pub manifest: String,
    /// The database's name.
    pub database: String,
    /// One line for each problem.
    pub problems: Vec<String>,
}

impl Scope {
    /// Resolves a manifest against a catalog.
    ///
    /// # Errors
    /// [`ScopeError`] with every problem: missing tables and columns, names that are not tables,
    /// keys that are missing or of differing types.
    pub fn resolve(manifest: &Manifest, catalog: &Catalog) -> Result<Self, ScopeError> {
        let mut resolver = Resolver { catalog, problems: Vec::new() };
        match resolver.scope(manifest) {
            Some(scope) if resolver.problems.is_empty() => Ok(scope),
            _ => Err(ScopeError {
                manifest: manifest.source.clone(),
                database: catalog.database.clone(),
                problems: resolver.problems,
            }),
        }
    }

    /// The tenant-owned tables, then the audit tables.
    pub fn targets(&self) -> impl Iterator<Item = &Target> {
        self.tables.iter().chain(&self.audit_tables)
    }
}

struct Resolver<'a> {
    catalog: &'a Catalog,
    problems: Vec<String>,
}

impl<'a> Resolver<'a> {
    fn scope(&mut self, manifest: &Manifest) -> Option<Scope> {
        if self.catalog.server_version < OLDEST_SERVER {
            let major = self.catalog.server_version / 10_000;
            self.report(format!("the server is PostgreSQL {major}; it must be 14 or newer"));
        }
        let workspaces = self.keyed("workspace", &manifest.workspaces);
        let tenants = self.keyed("tenant", &manifest.tenants.table);
        if let (Some(workspaces), Some(tenants)) = (&workspaces, &tenants) {
            self.check_tenants(workspaces, tenants, &manifest.tenants.workspace_column);
        }
        let keys = Keys {
            tenant: tenants.as_ref().map(|t| t.key_type.clone()),
            workspace: workspaces.as_ref().map(|w| w.key_type.clone()),
        };
        let tables = self.targets(&manifest.tables, &keys, false);
        let audit_tables = self.targets(&manifest.audit_tables, &keys, true);
        let keyed = [&workspaces, &tenants].into_iter().flatten().map(|k| (&k.label, k.oid));
        let targets = tables.iter().chain(&audit_tables).map(|t| (&t.label, t.oid));
        self.check_distinct(keyed.chain(targets));
        let operations = manifest.operations.as_ref().and_then(|operations| {
            let runs = self.with_columns(&operations.runs, &RUNS_COLUMNS);
            let audit = self.with_columns(&operations.audit, &AUDIT_COLUMNS);
            Some(Operations { runs: runs?, audit: audit? })
        });
        Some(Scope {
            workspaces: workspaces?,
            tenants: tenants?,
            tenants_workspace_column: manifest.tenants.workspace_column.clone(),
            tables,
            audit_tables,
            operations,
            write_guard: manifest.write_guard,
            server_version: self.catalog.server_version,
        })
    }

    fn report(&mut self, problem: String) {
        self.problems.push(problem);
    }

    fn table(&mut self, name: &TableName) -> Option<&'a Relation> {
        let Some(relation) = self.catalog.find(name) else {
            let place = if name.schema.is_none() { " on the search path" } else { "" };
            self.report(format!("table {name} does not exist{place}"));
            return None;
        };
        match relation.kind {
            RelationKind::Table | RelationKind::Partitioned => Some(relation),
            RelationKind::View | RelationKind::MaterializedView => {
                self.report(format!("{name} is a view, not a table"));
                None
            }
            RelationKind::Foreign | RelationKind::Other => {
                self.report(format!("{name} is not an ordinary table"));
                None
            }
        }
    }

    fn keyed(&mut self, role: &str, name: &TableName) -> Option<Keyed> {
        let relation = self.table(name)?;
        let [key] = relation.primary_key()[..] else {
            self.report(format!(
                "{role} table {name} has no primary key of a single column, which others could refer to"
            ));
            return None;
        };
        if !KEY_TYPES.contains(&key.type_name.as_str()) {
            self.report(format!(
                "{role} table {name} has a key of type {}; it can be {}",
                key.type_name,
                KEY_TYPES.join(", ")
            ));
        }
        Some(Keyed {
            label: name.to_string(),
            relation: relation.qualified(),
            oid: relation.oid,
            key: key.name.clone(),
            key_type: key.type_name.clone(),
        })
    }

    fn check_tenants(&mut self, workspaces: &Keyed, tenants: &Keyed, column: &str) {
        let relation = self.catalog.by_oid(tenants.oid);
        match relation.and_then(|r| r.column(column)) {
            None => self.report(format!("table {} has no column {column}", tenants.label)),
            Some(found) if found.type_name != workspaces.key_type => self.report(differs(
                &tenants.label,
                found,
                &workspaces.label,
                &workspaces.key,
                &workspaces.key_type,
            )),
            Some(_) => {}
        }
    }

    fn targets(&mut self, tables: &[Table], keys: &Keys, audit: bool) -> Vec<Target> {
        tables.iter().filter_map(|table| self.target(table, keys, audit)).collect()
    }

    fn target(&mut self, table: &Table, keys: &Keys, audit: bool) -> Option<Target> {
        let label = table.name.to_string();
        let relation = self.table(&table.name)?;
        match relation.column(&table.tenant_column) {
            None => self.report(format!("table {label} has no column {}", table.tenant_column)),
            // A BEFORE trigger, such as the write guard's, sees NULL in it.
            Some(found) if found.generated => self.report(format!(
                "{label}.{} is generated from other columns: the write guard could not see it",
                found.name
            )),
            Some(found) => self.check_type(&label, found, "the tenants' key", keys.tenant.as_ref()),
        }
        if relation.is_partition {
            self.report(format!("table {label} is a partition: name the partitioned table"));
        }
        if relation.is_inherited {
            self.report(format!(
                "other tables inherit from {label}: neither keys nor triggers would reach their rows"
            ));
        }
        let workspace = relation.column(&table.workspace_column);
        match workspace {
            Some(found) => {
                self.check_type(&label, found, "the workspaces' key", keys.workspace.as_ref());
            }
            None if audit => {
                self.report(format!(
                    "audit table {label} has no column {}",
                    table.workspace_column
                ));
            }
            None => {}
        }
        Some(Target {
            label,
            relation: relation.qualified(),
            oid: relation.oid,
            tenant_column: table.tenant_column.clone(),
            workspace_column: table.workspace_column.clone(),
            has_workspace_column: workspace.is_some(),
            key: relation
                .primary_key()
                .into_iter()
                .map(|c| KeyColumn { name: c.name.clone(), type_name: c.type_name.clone() })
                .collect(),
            is_partitioned: relation.kind == RelationKind::Partitioned,
        })
    }

    fn check_type(&mut self, label: &str, found: &Column, key: &str, expected: Option<&String>) {
        if let Some(expected) = expected
            && found.type_name != *expected
        {
            self.report(format!(
                "{label}.{} is {}, but {key} is {expected}",
                found.name, found.type_name
            ));
        }
    }

    fn check_distinct<'t>(&mut self, tables: impl Iterator<Item = (&'t String, u32)>) {
        let mut seen: Vec<(&String, u32)> = Vec::new();
        for (label, oid) in tables {
            if let Some((first, _)) = seen.iter().find(|(_, known)| *known == oid) {
                self.report(format!("{first} and {label} are the same table"));
            }
            seen.push((label, oid));
        }
    }

    fn with_columns(&mut self, name: &TableName, columns: &[&str]) -> Option<QualifiedName> {
        let relation = self.table(name)?;
        for column in columns {
            if relation.column(column).is_none() {
                self.report(format!("operations table {name} has no column {column}"));
            }
        }
        Some(relation.qualified())
    }
}

/// What a key may be. A domain's constraints would be checked row by row when the column is
/// added; types that PostgreSQL rewrites in expressions would look modified ever after.
const KEY_TYPES: [&str; 4] = ["bigint", "integer", "uuid", "text"];

/// Row triggers on partitioned tables and CREATE OR REPLACE TRIGGER.
const OLDEST_SERVER: u32 = 140_000;

struct Keys {
    tenant: Option<String>,
    workspace: Option<String>,
}

fn differs(table: &str, column: &Column, other: &str, key: &str, key_type: &str) -> String {
    format!("{table}.{} is {}, but {other}.{key} is {key_type}", column.name, column.type_name)
}

const RUNS_COLUMNS: [&str; 14] = [
    "id",
    "workspace_id",
    "initiator_name",
    "type",
    "status",
    "outcome",
    "run_identity_hash",
    "summary_counts",
    "failure_summary",
    "context",
    "started_at",
    "completed_at",
    "created_at",
    "updated_at",
];

const AUDIT_COLUMNS: [&str; 9] = [
    "workspace_id",
    "action",
    "resource_type",
    "resource_id",
    "status",
    "metadata",
    "recorded_at",
    "created_at",
    "updated_at",
];
