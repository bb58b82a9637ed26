//! A selection held against the database: which relations, which keys, which conditions.

use isolation::catalog::Catalog;
use isolation::names::quoted;
use isolation::scope::{KeyColumn, Scope, Target};
use isolation::session::{Session, statement};
use sea_orm::prelude::Uuid;

use crate::error::{BackfillError, failing};
use crate::selection::{Extent, Selection};
use crate::sql::{Values, json};

/// What a backfill covers, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    pub(crate) scope: Scope,
    /// In the manifest's order.
    pub(crate) tables: Vec<Covered>,
    pub(crate) extent: Extent,
}

/// Conditions as SQL, each with `AND` before it; empty where there is none.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    /// On rows `r`.
    pub(crate) row: String,
    /// On their tenants `t`.
    pub(crate) tenant: String,
}

/// A table that is covered.
#[derive(Debug, Clone)]
pub(crate) struct Covered {
    pub(crate) target: Target,
    /// Rows without a tenant are no work: the tenant is optional.
    pub(crate) is_audit: bool,
    /// The relations that hold its rows.
    pub(crate) leaves: Vec<u32>,
}

impl Selection {
    /// Resolves it; asks the database only for the workspaces named.
    pub(crate) async fn resolve(
        &self,
        session: &Session,
        catalog: &Catalog,
        scope: &Scope,
    ) -> Result<Coverage, BackfillError> {
        let tables = covered(scope, catalog, &self.tables)?;
        let resume_from = self.resume_key(&tables)?;
        let workspaces = existing_workspaces(session, scope, &self.workspaces).await?;
        let mut labels: Vec<_> = tables.iter().map(|t| t.target.label.clone()).collect();
        labels.sort();
        let extent = Extent { tables: labels, workspaces, resume_from, max_rows: self.max_rows };
        Ok(Coverage { scope: scope.clone(), tables, extent })
    }

    /// The key to resume from; none where it is the default, 0: from the beginning.
    fn resume_key(&self, tables: &[Covered]) -> Result<Option<String>, BackfillError> {
        let Some(after) = self.resume_from.as_ref().filter(|after| *after != "0") else {
            return Ok(None);
        };
        let problems: Vec<_> =
            tables.iter().filter_map(|table| unusable_key(&table.target, after)).collect();
        if !problems.is_empty() {
            return Err(BackfillError::ResumeFrom { after: after.clone(), problems });
        }
        let all_integers =
            tables.iter().all(|t| t.target.key.iter().all(|k| is_integer(&k.type_name)));
        let is_default = all_integers && after.parse() == Ok(0_i64);
        Ok((!is_default).then(|| after.clone()))
    }
}

impl Coverage {
    /// The coverage of a recorded backfill.
    pub(crate) fn recorded(
        scope: &Scope,
        catalog: &Catalog,
        extent: Extent,
    ) -> Result<Self, BackfillError> {
        Ok(Self { scope: scope.clone(), tables: covered(scope, catalog, &extent.tables)?, extent })
    }

    /// The covered table of this label.
    pub(crate) fn table(&self, label: &str) -> Option<&Covered> {
        self.tables.iter().find(|t| t.target.label == label)
    }

    /// The conditions that the selection sets.
    pub(crate) fn conditions(
        &self,
        table: &Covered,
        values: &mut Values,
    ) -> Result<Conditions, sea_orm::DbErr> {
        let mut conditions = Conditions::default();
        if !self.extent.workspaces.is_empty() {
            let list = values.add(json(&self.extent.workspaces)?);
            conditions.tenant = format!(
                " AND {} = ANY (ARRAY(SELECT w::{} FROM jsonb_array_elements_text({list}::jsonb) AS w))",
                self.tenant_workspace(),
                self.scope.workspaces.key_type,
            );
        }
        if let (Some(after), [key]) = (&self.extent.resume_from, &table.target.key[..]) {
            let after = values.add(after.clone());
            conditions.row =
                format!(" AND r.{} > {after}::text::{}", quoted(&key.name), key.type_name);
        }
        Ok(conditions)
    }

    /// The key it starts after, as documents show it; 0, the default, stands before every row.
    pub(crate) fn resume_from_value(&self) -> serde_json::Value {
        let Some(after) = &self.extent.resume_from else {
            return 0.into();
        };
        let all_integers =
            self.tables.iter().flat_map(|t| &t.target.key).all(|k| is_integer(&k.type_name));
        match after.parse::<i64>() {
            Ok(number) if all_integers => number.into(),
            _ => after.clone().into(),
        }
    }

    /// `t."workspace_id"`: the workspace of a tenant.
    pub(crate) fn tenant_workspace(&self) -> String {
        format!("t.{}", quoted(&self.scope.tenants_workspace_column))
    }

    /// `"tenants" AS t ON t."id" = r."tenant_id"`, for a JOIN.
    pub(crate) fn tenants_of(&self, table: &Covered) -> String {
        format!(
            "{} AS t ON t.{} = r.{}",
            self.scope.tenants.relation.sql(),
            quoted(&self.scope.tenants.key),
            quoted(&table.target.tenant_column)
        )
    }
}

impl Covered {
    /// The key of row `r` as JSON text: a number stays a number, several columns become `a,b`,
    /// and where there is no key the row's place stands for it.
    pub(crate) fn key_json(&self) -> String {
        let columns: Vec<_> =
            self.target.key.iter().map(|k| format!("r.{}", quoted(&k.name))).collect();
        match &columns[..] {
            [] => "to_jsonb(r.ctid::text)::text".to_owned(),
            [key] => format!("to_jsonb({key})::text"),
            several => {
                let texts: Vec<_> = several.iter().map(|c| format!("{c}::text")).collect();
                format!("to_jsonb(concat_ws(',', {}))::text", texts.join(", "))
            }
        }
    }

    /// The greatest `key` of the rows that a batch bound, as a JSON text; where keys are no
    /// integers, that of the row whose `place` is last.
    pub(crate) fn greatest_key(&self) -> &'static str {
        match &self.target.key[..] {
            [key] if is_integer(&key.type_name) => "max(key::bigint)::text",
            _ => "(array_agg(key ORDER BY place DESC))[1]",
        }
    }

    /// What rows `r` are ordered by when some are shown.
    pub(crate) fn key_order(&self) -> String {
        if self.target.key.is_empty() {
            return "r.ctid".to_owned();
        }
        let columns: Vec<_> =
            self.target.key.iter().map(|k| format!("r.{}", quoted(&k.name))).collect();
        columns.join(", ")
    }
}

fn covered(
    scope: &Scope,
    catalog: &Catalog,
    labels: &[String],
) -> Result<Vec<Covered>, BackfillError> {
    let known = || scope.targets().map(|t| t.label.clone());
    let unknown: Vec<_> = labels.iter().filter(|l| !known().any(|k| k == **l)).cloned().collect();
    if !unknown.is_empty() {
        return Err(BackfillError::UnknownTables { unknown, known: known().collect() });
    }
    let owned = scope.tables.iter().map(|target| (target, false));
    let audit = scope.audit_tables.iter().map(|target| (target, true));
    let wanted = owned.chain(audit).filter(|(t, _)| labels.is_empty() || labels.contains(&t.label));
    Ok(wanted
        .map(|(target, is_audit)| Covered {
            target: target.clone(),
            is_audit,
            leaves: catalog
                .by_oid(target.oid)
                .map(|relation| catalog.leaves(relation).iter().map(|leaf| leaf.oid).collect())
                .unwrap_or_default(),
        })
        .collect())
}

/// The workspaces of these ids, as the database writes them, sorted and without repetition.
async fn existing_workspaces(
    session: &Session,
    scope: &Scope,
    ids: &[String],
) -> Result<Vec<String>, BackfillError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let key_type = &scope.workspaces.key_type;
    let unreadable: Vec<_> = ids.iter().filter(|id| !reads_as(key_type, id)).cloned().collect();
    if !unreadable.is_empty() {
        return Err(BackfillError::UnknownWorkspaces { ids: unreadable });
    }
    let doing = "look up the workspaces";
    let sql = format!(
        "SELECT w.given, k.{key}::text AS found
         FROM jsonb_array_elements_text($1::jsonb) AS w (given)
         LEFT JOIN {table} AS k ON k.{key} = w.given::{key_type}",
        key = quoted(&scope.workspaces.key),
        table = scope.workspaces.relation.sql(),
    );
    let values = [json(&ids).map_err(failing(doing))?];
    let rows = crate::store::rows::<(String, Option<String>)>(session.db(), statement(sql, values))
        .await
        .map_err(failing(doing))?;
    let missing: Vec<_> =
        rows.iter().filter(|(_, found)| found.is_none()).map(|(given, _)| given.clone()).collect();
    if !missing.is_empty() {
        return Err(BackfillError::UnknownWorkspaces { ids: missing });
    }
    let mut found: Vec<_> = rows.into_iter().filter_map(|(_, found)| found).collect();
    found.sort();
    found.dedup();
    Ok(found)
}

/// Why rows of this table cannot be compared with such a key; none where they can.
fn unusable_key(target: &Target, after: &str) -> Option<String> {
    let label = &target.label;
    match &target.key[..] {
        [] => Some(format!("{label} has no primary key")),
        [KeyColumn { name, type_name }] if !is_ordered(type_name) => {
            Some(format!("{label}.{name} is {type_name}, which has no order of keys"))
        }
        [KeyColumn { name, type_name }] if !reads_as(type_name, after) => {
            Some(format!("{label}.{name} is {type_name}"))
        }
        [_] => None,
        several => {
            let names: Vec<_> = several.iter().map(|k| k.name.as_str()).collect();
            Some(format!("the key of {label} has several columns ({})", names.join(", ")))
        }
    }
}

fn is_integer(type_name: &str) -> bool {
    matches!(type_name, "bigint" | "integer" | "smallint")
}

fn is_text(type_name: &str) -> bool {
    type_name == "text" || type_name.starts_with("character varying")
}

fn is_ordered(type_name: &str) -> bool {
    is_integer(type_name) || is_text(type_name) || type_name == "uuid"
}

/// Whether a text is a value of this type; `true` for types that only the database can judge.
fn reads_as(type_name: &str, text: &str) -> bool {
    match type_name {
        "bigint" => text.parse::<i64>().is_ok(),
        "integer" => text.parse::<i32>().is_ok(),
        "smallint" => text.parse::<i16>().is_ok(),
        "uuid" => text.parse::<Uuid>().is_ok(),
        _ => !text.contains('\0'),
    }
}

/// A coverage to write statements for.
#[cfg(test)]
pub(crate) mod fixtures {
    use isolation::manifest::WriteGuard;
    use isolation::names::QualifiedName;
    use isolation::scope::Keyed;

    use super::*;

    fn keyed(name: &str) -> Keyed {
        Keyed {
            label: name.to_owned(),
            relation: QualifiedName::new("public", name),
            oid: 1,
            key: "id".to_owned(),
            key_type: "bigint".to_owned(),
        }
    }

    fn table(name: &str, key: &[&str], is_partitioned: bool, is_audit: bool) -> Covered {
        let key =
            key.iter().map(|k| KeyColumn { name: (*k).to_owned(), type_name: "bigint".to_owned() });
        Covered {
            target: Target {
                label: name.to_owned(),
                relation: QualifiedName::new("public", name),
                oid: 7,
                tenant_column: "tenant_id".to_owned(),
                workspace_column: "workspace_id".to_owned(),
                has_workspace_column: true,
                key: key.collect(),
                is_partitioned,
            },
            is_audit,
            leaves: vec![7],
        }
    }

    /// `policies`, the audit table `audit_logs`, and `events`: partitioned, of a composite key.
    pub(crate) fn coverage() -> Coverage {
        let tables = vec![
            table("policies", &["id"], false, false),
            table("audit_logs", &["id"], false, true),
            table("events", &["day", "id"], true, false),
        ];
        let mut labels: Vec<_> = tables.iter().map(|t| t.target.label.clone()).collect();
        labels.sort();
        Coverage {
            scope: Scope {
                workspaces: keyed("workspaces"),
                tenants: keyed("tenants"),
                tenants_workspace_column: "workspace_id".to_owned(),
                tables: Vec::new(),
                audit_tables: Vec::new(),
                operations: None,
                write_guard: WriteGuard::Database,
                server_version: 150_000,
            },
            tables,
            extent: Extent {
                tables: labels,
                workspaces: Vec::new(),
                resume_from: None,
                max_rows: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_read_as_their_type() {
        let table = [
            ("bigint", "9223372036854775807", true),
            ("bigint", "9223372036854775808", false),
            ("integer", "2147483648", false),
            ("bigint", "abc", false),
            ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", true),
            ("uuid", "7", false),
            ("text", "abc", true),
            ("character varying(255)", "", true),
        ];
        for (type_name, text, expected) in table {
            assert_eq!(reads_as(type_name, text), expected, "{type_name} {text}");
        }
    }
}
