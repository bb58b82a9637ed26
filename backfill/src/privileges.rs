//! What must hold before anything is written: a server that takes writes, phase 1, and rights.

use isolation::catalog::Catalog;
use isolation::guard;
use isolation::names::{OWN_SCHEMA, QualifiedName};
use isolation::session::{Session, statement};
use serde::Serialize;

use crate::coverage::Coverage;
use crate::error::{BackfillError, failing};
use crate::operations::Operations;
use crate::sql::json;
use crate::store::{self, BACKFILL, BATCH, PLANNED, QUOTA, RANGE, RUN};

const ON_SCHEMA: &str = "SELECT has_schema_privilege($1, $2)";
/// Refuses a standby.
pub(crate) fn refuse_standby(catalog: &Catalog) -> Result<(), BackfillError> {
    if catalog.in_recovery { Err(BackfillError::Standby) } else { Ok(()) }
}

/// Refuses where a column is not there that rows are to be bound by.
pub(crate) fn refuse_pending_phase(coverage: &Coverage) -> Result<(), BackfillError> {
    let missing = coverage.tables.iter().filter(|t| !t.target.has_workspace_column);
    let columns: Vec<_> =
        missing.map(|t| format!("{}.{}", t.target.label, t.target.workspace_column)).collect();
    if columns.is_empty() { Ok(()) } else { Err(BackfillError::PhasePending { columns }) }
}

/// A right on a table, or on some of its columns.
#[derive(Serialize)]
struct Wanted<'a> {
    relation: u32,
    columns: Vec<&'a str>,
    right: &'static str,
    /// The table, for people.
    on: String,
}

/// Refuses, naming each, where the role lacks rights: before the first row, not in the middle.
pub(crate) async fn refuse_missing(
    session: &Session,
    catalog: &Catalog,
    coverage: &Coverage,
    operations: &Operations,
) -> Result<(), BackfillError> {
    let doing = "look up the role's rights";
    let mut missing = on_own_schema(session, catalog).await?;
    missing.extend(beside_tables(session, operations).await?);
    let wanted = json(&wanted(catalog, coverage, operations)).map_err(failing(doing))?;
    let sql = "SELECT w.\"right\" || ' on ' || w.\"on\"
         FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
              AS (relation bigint, columns jsonb, \"right\" text, \"on\" text)) WITH ORDINALITY AS w
         WHERE NOT has_table_privilege(w.relation::oid, w.\"right\")
           AND NOT coalesce((SELECT bool_and(has_column_privilege(w.relation::oid, c, w.\"right\"))
                             FROM jsonb_array_elements_text(w.columns) AS c), false)
         ORDER BY w.ordinality";
    let lacking = store::rows::<(String,)>(session.db(), statement(sql, [wanted])).await;
    missing.extend(lacking.map_err(failing(doing))?.into_iter().map(|(right,)| right));
    if missing.is_empty() {
        return Ok(());
    }
    missing.dedup();
    Err(BackfillError::Privileges { role: catalog.role.clone(), missing })
}

/// Rights on what is no table of the manifest's: the sequences behind the keys of the operations
/// tables (an identity column's needs none), and the write guard's notes.
async fn beside_tables(
    session: &Session,
    operations: &Operations,
) -> Result<Vec<String>, BackfillError> {
    let doing = "look up the role's rights";
    let sql = "SELECT 'USAGE on sequence ' || d.objid::regclass::text
         FROM jsonb_array_elements_text($1::jsonb) AS t
         JOIN pg_catalog.pg_depend AS d ON d.refobjid = to_regclass(t) AND d.classid = 'pg_class'::regclass AND d.deptype = 'a'
         JOIN pg_catalog.pg_class AS s ON s.oid = d.objid
         WHERE CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE') END
         UNION ALL
         SELECT w || ' on ' || $2 || '.' || $3
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              CROSS JOIN unnest(ARRAY['SELECT', 'DELETE']) AS w
         WHERE n.nspname = $2 AND c.relname = $3 AND NOT has_table_privilege(c.oid, w)";
    let names: Vec<_> = operations.names().into_iter().map(QualifiedName::sql).collect();
    let values = [
        json(&names).map_err(failing(doing))?,
        OWN_SCHEMA.into(),
        guard::bound_by_guard().name.into(),
    ];
    let lacking = store::rows::<(String,)>(session.db(), statement(sql, values)).await;
    Ok(lacking.map_err(failing(doing))?.into_iter().map(|(right,)| right).collect())
}

fn wanted<'a>(
    catalog: &Catalog,
    coverage: &'a Coverage,
    operations: &Operations,
) -> Vec<Wanted<'a>> {
    let scope = &coverage.scope;
    let mut wanted = vec![
        Wanted {
            relation: scope.tenants.oid,
            columns: vec![&scope.tenants.key, &scope.tenants_workspace_column],
            right: "SELECT",
            on: scope.tenants.label.clone(),
        },
        Wanted {
            relation: scope.workspaces.oid,
            columns: vec![&scope.workspaces.key],
            right: "SELECT",
            on: scope.workspaces.label.clone(),
        },
    ];
    for table in &coverage.tables {
        let target = &table.target;
        let mut read: Vec<&str> = target.key.iter().map(|k| k.name.as_str()).collect();
        read.extend([target.tenant_column.as_str(), target.workspace_column.as_str()]);
        wanted.push(Wanted {
            relation: target.oid,
            columns: read.clone(),
            right: "SELECT",
            on: target.label.clone(),
        });
        // Partitions are written to directly, so it is their own rights that count.
        for leaf in table.leaves.iter().filter_map(|oid| catalog.by_oid(*oid)) {
            let on = if target.is_partitioned {
                leaf.qualified().to_string()
            } else {
                target.label.clone()
            };
            let update = vec![target.workspace_column.as_str()];
            wanted.push(Wanted {
                relation: leaf.oid,
                columns: read.clone(),
                right: "SELECT",
                on: on.clone(),
            });
            wanted.push(Wanted { relation: leaf.oid, columns: update, right: "UPDATE", on });
        }
    }
    if !operations.is_own {
        let [runs, audit] = operations.names();
        let rights = [(runs, "SELECT"), (runs, "INSERT"), (runs, "UPDATE"), (audit, "INSERT")];
        wanted
            .extend(rights.into_iter().filter_map(|(name, right)| on_whole(catalog, name, right)));
    }
    wanted
}

fn on_whole<'a>(
    catalog: &Catalog,
    name: &QualifiedName,
    right: &'static str,
) -> Option<Wanted<'a>> {
    let relation = catalog.named(name)?;
    Some(Wanted { relation: relation.oid, columns: Vec::new(), right, on: name.to_string() })
}

/// Rights on our own bookkeeping, or to make it.
async fn on_own_schema(session: &Session, catalog: &Catalog) -> Result<Vec<String>, BackfillError> {
    let doing = "look up the role's rights";
    let db = session.db();
    if catalog.own_schema.is_none() {
        let missing = format!("CREATE on database {} (for schema {OWN_SCHEMA})", catalog.database);
        return Ok(if catalog.can_create { Vec::new() } else { vec![missing] });
    }
    let has = |sql: &'static str, right: &'static str| async move {
        let statement = statement(sql, [OWN_SCHEMA.into(), right.into()]);
        isolation::session::scalar::<_, bool>(db, statement).await.map_err(failing(doing))
    };
    if !has(ON_SCHEMA, "USAGE").await? {
        return Ok(vec![format!("USAGE on schema {OWN_SCHEMA}")]);
    }
    if !store::exists(db).await.map_err(failing(doing))? {
        let can_create = has(ON_SCHEMA, "CREATE").await?;
        return Ok(if can_create {
            Vec::new()
        } else {
            vec![format!("CREATE on schema {OWN_SCHEMA}")]
        });
    }
    let tables = [BACKFILL, RANGE, PLANNED, RUN, BATCH, QUOTA];
    let sql = "SELECT w || ' on ' || t
         FROM jsonb_array_elements_text($1::jsonb) AS t CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS w
         WHERE NOT has_table_privilege(t, w)";
    let values = [json(&tables).map_err(failing(doing))?];
    let lacking = store::rows::<(String,)>(db, statement(sql, values)).await;
    Ok(lacking.map_err(failing(doing))?.into_iter().map(|(right,)| right).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::fixtures;

    #[test]
    fn phase_one_must_stand_in_every_covered_table() {
        let mut coverage = fixtures::coverage();
        assert!(refuse_pending_phase(&coverage).is_ok());
        coverage.tables[0].target.has_workspace_column = false;
        let refusal = refuse_pending_phase(&coverage).err().map(|e| e.to_string());
        assert_eq!(refusal.as_deref(), Some("phase 1 is pending: policies.workspace_id missing"));
    }
}
