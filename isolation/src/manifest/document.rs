//! From TOML text to a [`Manifest`], with every problem found in one go and each with its line.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lines::{Lines, described};
use super::{Manifest, Operations, Table, Tenants, WriteGuard};
use crate::names::{MAX_BYTES, TableName};

#[derive(Deserialize)]
struct Document {
    workspace: WorkspaceSection,
    tenant: TenantSection,
    #[serde(default)]
    defaults: DefaultsSection,
    #[serde(default)]
    tables: Vec<TableSection>,
    #[serde(default)]
    audit_tables: Vec<TableSection>,
    operations: Option<OperationsSection>,
    #[serde(default)]
    policy: PolicySection,
}

#[derive(Deserialize)]
struct WorkspaceSection {
    table: String,
}

#[derive(Deserialize)]
struct TenantSection {
    table: String,
    workspace_column: Option<String>,
}

#[derive(Deserialize, Default)]
struct DefaultsSection {
    tenant_column: Option<String>,
    workspace_column: Option<String>,
}

#[derive(Deserialize)]
struct TableSection {
    name: String,
    tenant_column: Option<String>,
    workspace_column: Option<String>,
    via: Option<ViaSection>,
}

#[derive(Deserialize)]
struct ViaSection {
    column: String,
    table: String,
}

#[derive(Deserialize)]
struct OperationsSection {
    runs: String,
    audit: String,
}

#[derive(Deserialize, Default)]
struct PolicySection {
    #[serde(default)]
    write_guard: GuardSetting,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum GuardSetting {
    #[default]
    Database,
    Application,
}

/// Reads the document; on failure every problem, in the order of their lines.
pub(super) fn parse(text: &str, source: &str) -> Result<Manifest, Vec<String>> {
    let lines = Lines::new(text).map_err(|error| vec![described(text, &error)])?;
    let deserializer =
        toml::Deserializer::parse(text).map_err(|error| vec![described(text, &error)])?;
    let mut problems = Problems::default();
    let document: Document = serde_ignored::deserialize(deserializer, |path| {
        let path = path.to_string();
        problems.add(lines.of(&path), format!("unknown field `{path}`"));
    })
    .map_err(|mut error| {
        error.set_input(Some(text));
        vec![described(text, &error)]
    })?;
    document.check(&lines, &mut problems);
    problems.none_left()?;
    Ok(document.into_manifest(source, &lines))
}

#[derive(Default)]
struct Problems(Vec<(usize, String)>);

impl Problems {
    fn add(&mut self, line: usize, message: String) {
        self.0.push((line, message));
    }

    fn none_left(mut self) -> Result<(), Vec<String>> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.sort();
        Err(self.0.into_iter().map(|(line, message)| format!("line {line}: {message}")).collect())
    }

    fn check_name(&mut self, line: usize, what: &str, name: &str) {
        let fault = if name.is_empty() {
            "is empty"
        } else if name.len() > MAX_BYTES {
            "is longer than the 63 bytes of a PostgreSQL name"
        } else if name.contains('\0') {
            "contains a NUL character"
        } else {
            return;
        };
        self.add(line, format!("{what} {name:?} {fault}"));
    }

    fn check_table(&mut self, line: usize, name: &str) {
        let parsed = TableName::parse(name);
        if let Some(schema) = &parsed.schema {
            self.check_name(line, "schema name", schema);
        }
        self.check_name(line, "table name", &parsed.name);
    }
}

impl Document {
    fn check(&self, lines: &Lines, problems: &mut Problems) {
        problems.check_table(lines.of("workspace.table"), &self.workspace.table);
        problems.check_table(lines.of("tenant.table"), &self.tenant.table);
        let columns = [
            ("tenant.workspace_column", &self.tenant.workspace_column),
            ("defaults.tenant_column", &self.defaults.tenant_column),
            ("defaults.workspace_column", &self.defaults.workspace_column),
        ];
        for (path, column) in columns {
            if let Some(column) = column {
                problems.check_name(lines.of(path), "column name", column);
            }
        }
        if let Some(operations) = &self.operations {
            problems.check_table(lines.of("operations.runs"), &operations.runs);
            problems.check_table(lines.of("operations.audit"), &operations.audit);
        }
        if self.tables.is_empty() {
            problems.add(1, "no [[tables]]: there is nothing to isolate".to_owned());
        }
        self.check_entries("tables", &self.tables, lines, problems);
        self.check_entries("audit_tables", &self.audit_tables, lines, problems);
        self.check_duplicates(lines, problems);
    }

    fn check_entries(
        &self,
        list: &str,
        entries: &[TableSection],
        lines: &Lines,
        problems: &mut Problems,
    ) {
        for (index, entry) in entries.iter().enumerate() {
            let line = lines.of(&format!("{list}.{index}.name"));
            problems.check_table(line, &entry.name);
            for column in [&entry.tenant_column, &entry.workspace_column].into_iter().flatten() {
                problems.check_name(line, "column name", column);
            }
            if self.tenant_column(entry) == self.workspace_column(entry) {
                problems.add(
                    line,
                    format!(
                        "table {} has one column, {}, for both tenant and workspace",
                        entry.name,
                        self.tenant_column(entry)
                    ),
                );
            }
            if let Some(via) = &entry.via {
                problems.add(
                    lines.of(&format!("{list}.{index}.via")),
                    format!(
                        "table {} is bound via {}.{}: this version binds tables that have a tenant column of their own",
                        entry.name, via.table, via.column
                    ),
                );
            }
        }
    }

    fn check_duplicates(&self, lines: &Lines, problems: &mut Problems) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        let lists = [("tables", &self.tables), ("audit_tables", &self.audit_tables)];
        for (list, entries) in lists {
            for (index, entry) in entries.iter().enumerate() {
                let line = lines.of(&format!("{list}.{index}.name"));
                if let Some(first) = seen.insert(&entry.name, line) {
                    problems.add(
                        line,
                        format!("table {} is listed twice, first on line {first}", entry.name),
                    );
                }
            }
        }
        for (line, name) in [
            (lines.of("workspace.table"), &self.workspace.table),
            (lines.of("tenant.table"), &self.tenant.table),
        ] {
            if let Some(listed) = seen.get(name.as_str()) {
                problems.add(
                    *listed,
                    format!("table {name} cannot be bound: line {line} names it as what rows are bound to"),
                );
            }
        }
        if self.workspace.table == self.tenant.table {
            problems.add(
                lines.of("tenant.table"),
                format!("workspaces and tenants are both {}", self.tenant.table),
            );
        }
    }

    fn tenant_column(&self, entry: &TableSection) -> String {
        let own = entry.tenant_column.as_ref().or(self.defaults.tenant_column.as_ref());
        own.cloned().unwrap_or_else(|| "tenant_id".to_owned())
    }

    fn workspace_column(&self, entry: &TableSection) -> String {
        let own = entry.workspace_column.as_ref().or(self.defaults.workspace_column.as_ref());
        own.cloned().unwrap_or_else(|| "workspace_id".to_owned())
    }

    fn tables(&self, list: &str, entries: &[TableSection], lines: &Lines) -> Vec<Table> {
        entries
            .iter()
            .enumerate()
            .map(|(index, entry)| Table {
                name: TableName::parse(&entry.name),
                tenant_column: self.tenant_column(entry),
                workspace_column: self.workspace_column(entry),
                line: lines.of(&format!("{list}.{index}.name")),
            })
            .collect()
    }

    fn into_manifest(self, source: &str, lines: &Lines) -> Manifest {
        Manifest {
            source: source.to_owned(),
            workspaces: TableName::parse(&self.workspace.table),
            tables: self.tables("tables", &self.tables, lines),
            audit_tables: self.tables("audit_tables", &self.audit_tables, lines),
            tenants: Tenants {
                table: TableName::parse(&self.tenant.table),
                workspace_column: self
                    .tenant
                    .workspace_column
                    .unwrap_or_else(|| "workspace_id".to_owned()),
            },
            operations: self.operations.map(|operations| Operations {
                runs: TableName::parse(&operations.runs),
                audit: TableName::parse(&operations.audit),
            }),
            write_guard: match self.policy.write_guard {
                GuardSetting::Database => WriteGuard::Database,
                GuardSetting::Application => WriteGuard::Application,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        match parse(text, "test.toml") {
            Ok(_) => "none".to_owned(),
            Err(problems) => problems.join("\n"),
        }
    }

    #[test]
    fn the_built_in_manifest_names_the_tables_of_tenantatlas() {
        let manifest = Manifest::tenantatlas().map_err(|e| e.to_string());
        let tables = manifest.map(|m| {
            let names: Vec<_> = m.tables.iter().map(|t| t.name.to_string()).collect();
            (names.join(" "), m.audit_tables.len(), m.write_guard)
        });
        assert_eq!(
            tables,
            Ok((
                "policies policy_versions backup_sets backup_items restore_runs backup_schedules \
                 inventory_items inventory_links entra_groups findings entra_role_definitions \
                 tenant_permissions"
                    .to_owned(),
                1,
                WriteGuard::Database
            ))
        );
    }

    #[test]
    fn every_problem_is_reported_at_once_with_its_line() {
        let text = r#"
[workspace]
table = "workspaces"
colour = "blue"
[tenant]
table = "tenants"
[[tables]]
name = "policies"
tenant_colum = "t"
[[tables]]
name = "policies"
[[audit_tables]]
name = "tenants"
[policy]
strict = true
"#;
        insta::assert_snapshot!(problems(text), @r"
        line 4: unknown field `workspace.colour`
        line 9: unknown field `tables.0.tenant_colum`
        line 11: table policies is listed twice, first on line 8
        line 13: table tenants cannot be bound: line 6 names it as what rows are bound to
        line 15: unknown field `policy.strict`
        ");
    }

    #[test]
    fn text_that_is_not_toml_is_refused_with_its_line() {
        insta::assert_snapshot!(
            problems("[workspace]\ntable = workspaces\n"),
            @"line 2: string values must be quoted, expected literal string"
        );
        insta::assert_snapshot!(problems("[workspace]\ntable = 7\n"), @"line 2: invalid type: integer `7`, expected a string");
        insta::assert_snapshot!(problems(""), @"line 1: missing field `workspace`");
    }

    #[test]
    fn names_that_cannot_be_names_are_refused() {
        let long = "x".repeat(64);
        let text = format!(
            "[workspace]\ntable = \"\"\n[tenant]\ntable = \"a.\\u0000\"\n[[tables]]\nname = \"{long}\"\n"
        );
        insta::assert_snapshot!(problems(&text), @r#"
        line 2: table name "" is empty
        line 4: table name "\0" contains a NUL character
        line 6: table name "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" is longer than the 63 bytes of a PostgreSQL name
        "#);
    }
}
