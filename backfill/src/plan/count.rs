//! Counting the rows without a workspace, by relation and workspace, and where they begin and
//! end: the planner cuts its ranges from that, a sweep looks whether anything is left.

use isolation::names::quoted;
use isolation::session::statement;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use serde_json::Value;

use crate::coverage::{Coverage, Covered};
use crate::error::{BackfillError, failing};
use crate::range::Span;
use crate::sql::Values;
use crate::store::rows;

/// How many keys are shown of the rows that cannot be resolved.
const SAMPLES: usize = 5;

/// Rows without a workspace in one relation whose tenants belong to one workspace.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) leaf: u32,
    /// None: there is no tenant, or it has no workspace.
    pub(crate) workspace: Option<String>,
    pub(crate) rows: i64,
    /// The blocks they are in.
    pub(crate) span: Span,
}

#[derive(FromQueryResult)]
struct GroupRow {
    leaf: i64,
    workspace: Option<String>,
    rows: i64,
    first_block: i64,
    last_block: i64,
}

/// Counts the rows of one table that are in scope and have no workspace.
pub(crate) async fn count(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    table: &Covered,
) -> Result<Vec<Group>, BackfillError> {
    let doing = format!("count the rows of {}", table.target.label);
    let mut values = Values::default();
    let sql = count_sql(coverage, table, &mut values).map_err(failing(&doing))?;
    let groups = GroupRow::find_by_statement(statement(sql, values)).all(db).await;
    Ok(groups.map_err(failing(&doing))?.into_iter().map(GroupRow::into_group).collect())
}

/// The keys of some rows that cannot be resolved, the smallest first.
pub(crate) async fn samples(
    db: &impl ConnectionTrait,
    coverage: &Coverage,
    table: &Covered,
) -> Result<Vec<Value>, BackfillError> {
    let doing = format!("look at unresolvable rows of {}", table.target.label);
    let mut values = Values::default();
    let sql = samples_sql(coverage, table, &mut values).map_err(failing(&doing))?;
    let keys: Vec<(String,)> = rows(db, statement(sql, values)).await.map_err(failing(&doing))?;
    Ok(keys.into_iter().map(|(key,)| key_value(&key)).collect())
}

/// A key as the database wrote it in JSON.
pub(crate) fn key_value(json: &str) -> Value {
    serde_json::from_str(json).unwrap_or_else(|_| Value::from(json))
}

impl GroupRow {
    fn into_group(self) -> Group {
        Group {
            // Written by the server as an oid: it fits.
            leaf: u32::try_from(self.leaf).unwrap_or_default(),
            workspace: self.workspace,
            rows: self.rows,
            span: Span { first: self.first_block, end: self.last_block + 1 },
        }
    }
}

/// Rows `r` without a workspace, with their tenants `t` where they have one.
fn unbound(coverage: &Coverage, table: &Covered, values: &mut Values) -> Result<String, DbErr> {
    let target = &table.target;
    // ONLY would leave out the partitions, which hold all rows; without it, tables that inherit
    // from an ordinary one would be counted, which are not the manifest's.
    let only = if target.is_partitioned { "" } else { "ONLY " };
    let optional = if table.is_audit {
        format!(" AND r.{} IS NOT NULL", quoted(&target.tenant_column))
    } else {
        String::new()
    };
    let conditions = coverage.conditions(table, values)?;
    Ok(format!(
        "FROM {only}{} AS r LEFT JOIN {}\nWHERE r.{} IS NULL{optional}{}{}",
        target.relation.sql(),
        coverage.tenants_of(table),
        quoted(&target.workspace_column),
        conditions.row,
        conditions.tenant
    ))
}

// A tid reads as a point; its first coordinate is the block. There is no cast that is shorter.
fn count_sql(coverage: &Coverage, table: &Covered, values: &mut Values) -> Result<String, DbErr> {
    Ok(format!(
        "SELECT r.tableoid::bigint AS leaf, {workspace}::text AS workspace, count(*) AS rows,
       (min(r.ctid)::text::point)[0]::bigint AS first_block,
       (max(r.ctid)::text::point)[0]::bigint AS last_block
{unbound}
GROUP BY 1, 2",
        workspace = coverage.tenant_workspace(),
        unbound = unbound(coverage, table, values)?
    ))
}

fn samples_sql(coverage: &Coverage, table: &Covered, values: &mut Values) -> Result<String, DbErr> {
    Ok(format!(
        "SELECT {key} AS key\n{unbound} AND {workspace} IS NULL\nORDER BY {order} LIMIT {SAMPLES}",
        key = table.key_json(),
        unbound = unbound(coverage, table, values)?,
        workspace = coverage.tenant_workspace(),
        order = table.key_order(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::fixtures;

    #[test]
    fn a_count_asks_for_everything_at_once() {
        let coverage = fixtures::coverage();
        let mut values = Values::default();
        let sql = count_sql(&coverage, &coverage.tables[0], &mut values).unwrap_or_default();
        insta::assert_snapshot!(sql, @r#"
        SELECT r.tableoid::bigint AS leaf, t."workspace_id"::text AS workspace, count(*) AS rows,
               (min(r.ctid)::text::point)[0]::bigint AS first_block,
               (max(r.ctid)::text::point)[0]::bigint AS last_block
        FROM ONLY "public"."policies" AS r LEFT JOIN "public"."tenants" AS t ON t."id" = r."tenant_id"
        WHERE r."workspace_id" IS NULL
        GROUP BY 1, 2
        "#);
        assert_eq!(values.into_iter().count(), 0);
    }

    #[test]
    fn a_selection_narrows_the_count() {
        let mut coverage = fixtures::coverage();
        coverage.extent.workspaces = vec!["7".to_owned()];
        coverage.extent.resume_from = Some("100".to_owned());
        let mut values = Values::default();
        let sql = count_sql(&coverage, &coverage.tables[1], &mut values).unwrap_or_default();
        insta::assert_snapshot!(sql, @r#"
        SELECT r.tableoid::bigint AS leaf, t."workspace_id"::text AS workspace, count(*) AS rows,
               (min(r.ctid)::text::point)[0]::bigint AS first_block,
               (max(r.ctid)::text::point)[0]::bigint AS last_block
        FROM ONLY "public"."audit_logs" AS r LEFT JOIN "public"."tenants" AS t ON t."id" = r."tenant_id"
        WHERE r."workspace_id" IS NULL AND r."tenant_id" IS NOT NULL AND r."id" > $2::text::bigint AND t."workspace_id" = ANY (ARRAY(SELECT w::bigint FROM jsonb_array_elements_text($1::jsonb) AS w))
        GROUP BY 1, 2
        "#);
        assert_eq!(values.into_iter().count(), 2);
    }

    #[test]
    fn samples_come_in_the_order_of_their_keys() {
        let coverage = fixtures::coverage();
        let mut values = Values::default();
        let sql = samples_sql(&coverage, &coverage.tables[2], &mut values).unwrap_or_default();
        insta::assert_snapshot!(sql, @r#"
        SELECT to_jsonb(concat_ws(',', r."day"::text, r."id"::text))::text AS key
        FROM "public"."events" AS r LEFT JOIN "public"."tenants" AS t ON t."id" = r."tenant_id"
        WHERE r."workspace_id" IS NULL AND t."workspace_id" IS NULL
        ORDER BY r."day", r."id" LIMIT 5
        "#);
    }

    #[test]
    fn keys_keep_their_type() {
        assert_eq!(key_value("7"), Value::from(7));
        assert_eq!(key_value("\"a,b\""), Value::from("a,b"));
    }
}
