//! Publications of tables that are to get a column. A logical subscriber applies the first row
//! after that only if its own table has the column too; else it stops ("missing replicated
//! column"), and the slot behind it holds back write-ahead log for as long as it does.

use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;

use super::due::Due;
use super::{Check, Finding, Severity, facts};
use crate::bookkeeping::Kind;
use crate::statement::{Note, Statement};

/// A table that is to get a column and is published.
#[derive(Debug, Deserialize)]
struct Published {
    table: u32,
    publications: Vec<String>,
}

// A publication with a list of columns (PostgreSQL 15) leaves a new one out; to_jsonb() knows that
// list by its name where there is one.
const FACTS: &str = "
SELECT coalesce(json_agg(json_build_object('table', p.oid::bigint, 'publications', p.names)), '[]')::text
FROM (
    SELECT c.oid, json_agg(t.pubname ORDER BY t.pubname) AS names
    FROM json_array_elements_text($1::json) AS due (oid)
    JOIN pg_class c ON c.oid = due.oid::bigint::oid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_publication_tables t ON t.schemaname = n.nspname AND t.tablename = c.relname
    JOIN pg_publication b ON b.pubname = t.pubname
    LEFT JOIN pg_publication_rel r ON r.prpubid = b.oid AND r.prrelid = c.oid
    WHERE to_jsonb(r)->>'prattrs' IS NULL
    GROUP BY c.oid
) AS p";

/// The tables that these statements add a column to.
pub(super) fn growing(statements: &[Statement]) -> Vec<u32> {
    let column = |statement: &Statement| match statement.note.as_ref()? {
        Note::Made(made) => made.of_kind(Kind::Column).map(|(table, _)| table),
        Note::Gone(_) => None,
    };
    statements.iter().filter_map(column).collect()
}

pub(super) async fn look<C: ConnectionTrait>(
    db: &C,
    growing: &[u32],
    due: &Due,
) -> Result<Vec<Finding>, DbErr> {
    if growing.is_empty() {
        return Ok(Vec::new());
    }
    let published: Vec<Published> = facts::read_of(db, FACTS, growing).await?;
    Ok(published.iter().filter_map(|one| judge(one, due)).collect())
}

fn judge(published: &Published, due: &Due) -> Option<Finding> {
    let table = &due.table(published.table)?.name;
    let detail = format!(
        "table {table}, which is to get a column, is published by {}: a subscriber without that \
         column stops at the next row",
        published.publications.join(", ")
    );
    let remedy = format!("add the column to {table} on the subscribers first");
    Some(Finding::new(Check::Publication, Severity::Warns, Some(table), &detail, &remedy))
}
