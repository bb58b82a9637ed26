//! The statement that binds rows, and counts what it bound.

use isolation::names::{QualifiedName, quoted};
use isolation::session::statement;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::Place;
use crate::coverage::{Conditions, Coverage, Covered};
use crate::job::Job;
use crate::range::Span;
use crate::sql::Values;
use crate::store::{BATCH, QUOTA};

/// What is bound by one statement.
pub(super) struct Bind<'a> {
    pub(super) job: &'a Job,
    pub(super) place: &'a Place<'a>,
    pub(super) window: Span,
}

#[derive(Debug, FromQueryResult)]
pub(super) struct Bound {
    /// Rows that were found; the most a batch may have, where there may be more.
    pub(super) candidates: i64,
    /// Rows that were bound.
    pub(super) rows: i64,
}

impl Bind<'_> {
    pub(super) async fn run(&self, db: &impl ConnectionTrait) -> Result<Bound, DbErr> {
        if self.job.coverage.extent.max_rows.is_some() {
            self.queue_up_for_quota(db).await?;
        }
        let mut values = Values::default();
        let sql = self.sql(&mut values)?;
        let bound = Bound::find_by_statement(statement(sql, values)).one(db).await?;
        bound.ok_or_else(|| DbErr::RecordNotFound("the count of a batch".to_owned()))
    }

    /// With `--max-rows`, batches of one table go one at a time: the first quota row is their
    /// gate. The statement that follows has a newer snapshot, and sees what the others spent.
    async fn queue_up_for_quota(&self, db: &impl ConnectionTrait) -> Result<(), DbErr> {
        let sql = format!(
            "SELECT q.workspace FROM {QUOTA} AS q WHERE q.backfill_id = $1 AND q.label = $2
             ORDER BY q.workspace LIMIT 1 FOR UPDATE"
        );
        let values = [self.job.id.into(), self.place.range.label.clone().into()];
        db.execute_raw(statement(sql, values)).await.map(|_| ())
    }

    fn sql(&self, values: &mut Values) -> Result<String, DbErr> {
        let text = Text {
            coverage: &self.job.coverage,
            table: self.place.table,
            relation: self.place.relation,
            from: values.add(format!("({},0)", self.window.first)),
            to: values.add(format!("({},0)", self.window.end)),
            limit: values.add(self.job.batch_size),
            backfill: values.add(self.job.id),
            range: values.add(self.place.range.id),
            label: values.add(self.place.range.label.clone()),
        };
        let conditions = self.job.coverage.conditions(self.place.table, values)?;
        Ok(text.statement(&conditions))
    }
}

/// The statement's parts; values are placeholders.
struct Text<'a> {
    coverage: &'a Coverage,
    table: &'a Covered,
    relation: &'a QualifiedName,
    from: String,
    to: String,
    limit: String,
    backfill: String,
    range: String,
    label: String,
}

impl Text<'_> {
    // The candidates are found and limited first, then updated by their place. Both sides name
    // the window: each is a TID range scan of the same few pages, read once and found in cache
    // the second time. Without it the update would look for its places in the whole table.
    //
    // What is asked of a row beside its place stands in a CASE, which no index can answer. There
    // is an index on the workspace column, and late in the table, when statistics say that few
    // rows are left unbound, it would look cheap; but it is full of the dead entries of all that
    // were bound, and every batch would walk over them.
    //
    // No lock is taken on the candidates beforehand; the update takes its own, and a row lock
    // more for each row would be 54 bytes of WAL more. A row that somebody else changes in
    // between is waited for and its new version judged by the same conditions: it has another
    // place, so it is left to the sweep. The tenant is compared as well, so that a workspace
    // derived from the old tenant can never be written to a row that has a new one.
    fn statement(&self, conditions: &Conditions) -> String {
        let Self { from, to, backfill, range, label, .. } = self;
        let workspace = quoted(&self.table.target.workspace_column);
        let tenant = quoted(&self.table.target.tenant_column);
        let relation = self.relation.sql();
        format!(
            "WITH {candidate}, bound AS (
    UPDATE ONLY {relation} AS r SET {workspace} = c.workspace
    FROM candidate AS c
    WHERE r.ctid = c.place AND r.ctid >= {from}::text::tid AND r.ctid < {to}::text::tid
      AND CASE WHEN r.{workspace} IS NULL THEN r.{tenant} = c.tenant END
    RETURNING c.workspace::text AS workspace, c.place, {key} AS key
), counted AS (
    SELECT workspace, count(*) AS rows, {last} AS last_key
    FROM bound GROUP BY workspace
), noted AS (
    INSERT INTO {BATCH} (backfill_id, range_id, at, label, workspaces, counts, last_keys, rows)
    SELECT {backfill}::bigint, {range}::bigint, clock_timestamp(), {label}::text,
           array_agg(workspace), array_agg(rows), array_agg(last_key), sum(rows)::bigint
    FROM counted HAVING count(*) > 0
){spent}
SELECT (SELECT count(*) FROM {found}) AS candidates, (SELECT count(*) FROM bound) AS rows",
            candidate = self.candidate(conditions),
            key = self.table.key_json(),
            last = self.table.greatest_key(),
            spent = self.spent(),
            found = if self.has_quota() { "found" } else { "candidate" },
        )
    }

    fn has_quota(&self) -> bool {
        self.coverage.extent.max_rows.is_some()
    }

    fn candidate(&self, conditions: &Conditions) -> String {
        if !self.has_quota() {
            return format!("candidate AS MATERIALIZED (\n{}\n)", self.unbound("", conditions));
        }
        let Self { backfill, label, .. } = self;
        let quota = format!(
            "\n    JOIN {QUOTA} AS q ON q.backfill_id = {backfill}::bigint AND q.label = {label}::text AND q.workspace = {}::text AND q.remaining > 0",
            self.coverage.tenant_workspace()
        );
        format!(
            "found AS MATERIALIZED (
{unbound}
), candidate AS (
    SELECT f.place, f.tenant, f.workspace
    FROM (SELECT *, row_number() OVER (PARTITION BY workspace ORDER BY place) AS nth FROM found) AS f
    JOIN {QUOTA} AS q ON q.backfill_id = {backfill}::bigint AND q.label = {label}::text AND q.workspace = f.workspace::text
    WHERE f.nth <= q.remaining
)",
            unbound = self.unbound(&quota, conditions)
        )
    }

    fn unbound(&self, join: &str, conditions: &Conditions) -> String {
        let Self { from, to, limit, .. } = self;
        format!(
            "    SELECT r.ctid AS place, r.{tenant} AS tenant, {workspace} AS workspace
    FROM ONLY {relation} AS r JOIN {tenants}{join}
    WHERE r.ctid >= {from}::text::tid AND r.ctid < {to}::text::tid
      AND CASE WHEN r.{unset} IS NULL{on_row} THEN true END AND {workspace} IS NOT NULL{on_tenant}
    LIMIT {limit}",
            tenant = quoted(&self.table.target.tenant_column),
            unset = quoted(&self.table.target.workspace_column),
            workspace = self.coverage.tenant_workspace(),
            on_row = conditions.row,
            on_tenant = conditions.tenant,
            relation = self.relation.sql(),
            tenants = self.coverage.tenants_of(self.table),
        )
    }

    /// What `--max-rows` has less of now.
    fn spent(&self) -> String {
        if !self.has_quota() {
            return String::new();
        }
        let Self { backfill, label, .. } = self;
        format!(
            ", spent AS (
    UPDATE {QUOTA} AS q SET remaining = q.remaining - c.rows FROM counted AS c
    WHERE q.backfill_id = {backfill}::bigint AND q.label = {label}::text AND q.workspace = c.workspace
)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coverage::fixtures;

    fn sql(coverage: &Coverage, table: usize) -> String {
        let table = &coverage.tables[table];
        let mut values = Values::default();
        let text = Text {
            coverage,
            table,
            relation: &QualifiedName::new("public", "leaf"),
            from: values.add("(0,0)"),
            to: values.add("(9,0)"),
            limit: values.add(5_000_i64),
            backfill: values.add(1_i64),
            range: values.add(2_i64),
            label: values.add("label"),
        };
        let conditions = coverage.conditions(table, &mut values).unwrap_or_default();
        text.statement(&conditions)
    }

    #[test]
    fn a_batch_binds_and_counts_in_one_statement() {
        insta::assert_snapshot!(sql(&fixtures::coverage(), 0), @r#"
        WITH candidate AS MATERIALIZED (
            SELECT r.ctid AS place, r."tenant_id" AS tenant, t."workspace_id" AS workspace
            FROM ONLY "public"."leaf" AS r JOIN "public"."tenants" AS t ON t."id" = r."tenant_id"
            WHERE r.ctid >= $1::text::tid AND r.ctid < $2::text::tid
              AND CASE WHEN r."workspace_id" IS NULL THEN true END AND t."workspace_id" IS NOT NULL
            LIMIT $3
        ), bound AS (
            UPDATE ONLY "public"."leaf" AS r SET "workspace_id" = c.workspace
            FROM candidate AS c
            WHERE r.ctid = c.place AND r.ctid >= $1::text::tid AND r.ctid < $2::text::tid
              AND CASE WHEN r."workspace_id" IS NULL THEN r."tenant_id" = c.tenant END
            RETURNING c.workspace::text AS workspace, c.place, to_jsonb(r."id")::text AS key
        ), counted AS (
            SELECT workspace, count(*) AS rows, max(key::bigint)::text AS last_key
            FROM bound GROUP BY workspace
        ), noted AS (
            INSERT INTO workspace_isolation.batch (backfill_id, range_id, at, label, workspaces, counts, last_keys, rows)
            SELECT $4::bigint, $5::bigint, clock_timestamp(), $6::text,
                   array_agg(workspace), array_agg(rows), array_agg(last_key), sum(rows)::bigint
            FROM counted HAVING count(*) > 0
        )
        SELECT (SELECT count(*) FROM candidate) AS candidates, (SELECT count(*) FROM bound) AS rows
        "#);
    }

    #[test]
    fn a_batch_of_a_selection_with_a_quota() {
        let mut coverage = fixtures::coverage();
        coverage.extent.workspaces = vec!["7".to_owned()];
        coverage.extent.resume_from = Some("100".to_owned());
        coverage.extent.max_rows = Some(10);
        insta::assert_snapshot!(sql(&coverage, 1), @r#"
        WITH found AS MATERIALIZED (
            SELECT r.ctid AS place, r."tenant_id" AS tenant, t."workspace_id" AS workspace
            FROM ONLY "public"."leaf" AS r JOIN "public"."tenants" AS t ON t."id" = r."tenant_id"
            JOIN workspace_isolation.quota AS q ON q.backfill_id = $4::bigint AND q.label = $6::text AND q.workspace = t."workspace_id"::text AND q.remaining > 0
            WHERE r.ctid >= $1::text::tid AND r.ctid < $2::text::tid
              AND CASE WHEN r."workspace_id" IS NULL AND r."id" > $8::text::bigint THEN true END AND t."workspace_id" IS NOT NULL AND t."workspace_id" = ANY (ARRAY(SELECT w::bigint FROM jsonb_array_elements_text($7::jsonb) AS w))
            LIMIT $3
        ), candidate AS (
            SELECT f.place, f.tenant, f.workspace
            FROM (SELECT *, row_number() OVER (PARTITION BY workspace ORDER BY place) AS nth FROM found) AS f
            JOIN workspace_isolation.quota AS q ON q.backfill_id = $4::bigint AND q.label = $6::text AND q.workspace = f.workspace::text
            WHERE f.nth <= q.remaining
        ), bound AS (
            UPDATE ONLY "public"."leaf" AS r SET "workspace_id" = c.workspace
            FROM candidate AS c
            WHERE r.ctid = c.place AND r.ctid >= $1::text::tid AND r.ctid < $2::text::tid
              AND CASE WHEN r."workspace_id" IS NULL THEN r."tenant_id" = c.tenant END
            RETURNING c.workspace::text AS workspace, c.place, to_jsonb(r."id")::text AS key
        ), counted AS (
            SELECT workspace, count(*) AS rows, max(key::bigint)::text AS last_key
            FROM bound GROUP BY workspace
        ), noted AS (
            INSERT INTO workspace_isolation.batch (backfill_id, range_id, at, label, workspaces, counts, last_keys, rows)
            SELECT $4::bigint, $5::bigint, clock_timestamp(), $6::text,
                   array_agg(workspace), array_agg(rows), array_agg(last_key), sum(rows)::bigint
            FROM counted HAVING count(*) > 0
        ), spent AS (
            UPDATE workspace_isolation.quota AS q SET remaining = q.remaining - c.rows FROM counted AS c
            WHERE q.backfill_id = $4::bigint AND q.label = $6::text AND q.workspace = c.workspace
        )
        SELECT (SELECT count(*) FROM found) AS candidates, (SELECT count(*) FROM bound) AS rows
        "#);
    }
}
