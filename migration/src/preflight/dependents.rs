//! What others have built on what is to be dropped: without CASCADE, which is never said, DROP
//! COLUMN and DROP INDEX are refused for it (2BP01). By then the columns of the tables before would
//! be gone, and what they held with them; so it is looked for before the first goes.
//!
//! A foreign key of somebody else's on our column is refused for by nobody: it would go silently,
//! and its parent be locked behind its child. It stops as well. The table's own checks and indexes
//! over the column go with it, as PostgreSQL has it.

use isolation::names::{GUARD_INSERT, GUARD_TENANT, GUARD_UPDATE};
use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::due::Due;
use super::{Check, Finding, Severity, facts};
use crate::bookkeeping::Kind;
use crate::statement::{Note, Statement};

/// What is to be dropped.
#[derive(Debug, Default, Serialize)]
pub(super) struct Drops {
    columns: Vec<Object>,
    indexes: Vec<Object>,
    /// Constraints go before what they stand on.
    constraints: Vec<Object>,
    /// And so do the triggers of the write guard, wherever they stand.
    triggers: [&'static str; 3],
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Object {
    table: u32,
    name: String,
}

/// Something that is to be dropped and that others have built on.
#[derive(Debug, Deserialize)]
struct Needed {
    table: u32,
    /// `column` or `index`.
    what: String,
    name: String,
    dependents: Vec<String>,
}

// What depends on a column both normally and automatically goes with it, as a CHECK does. A view
// depends by its rule, and a generated column by its expression: what they are part of is named.
// Before PostgreSQL 15 a generated column would go silently with the column it is made from.
const FACTS: &str = "
WITH plan AS (
    SELECT $1::json AS plan
), going AS MATERIALIZED (
    SELECT 'column' AS what, g.\"table\"::oid AS relation, g.name, g.\"table\"::oid AS object, a.attnum::int AS part
    FROM plan, json_to_recordset(plan->'columns') AS g (\"table\" bigint, name text)
    JOIN pg_attribute a ON a.attrelid = g.\"table\"::oid AND a.attname = g.name
  UNION ALL
    SELECT 'index', g.\"table\"::oid, g.name, i.indexrelid, 0
    FROM plan, json_to_recordset(plan->'indexes') AS g (\"table\" bigint, name text)
    JOIN pg_index i ON i.indrelid = g.\"table\"::oid
    JOIN pg_class c ON c.oid = i.indexrelid AND c.relname = g.name
), dependent AS (
    SELECT g.what, g.relation, g.name, d.classid, d.objid, d.objsubid
    FROM going g
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = g.object AND d.refobjsubid = g.part
    WHERE d.deptype = 'n' AND NOT EXISTS (
            SELECT FROM pg_depend o
            WHERE o.classid = d.classid AND o.objid = d.objid AND o.objsubid = d.objsubid
              AND o.refclassid = d.refclassid AND o.refobjid = d.refobjid AND o.refobjsubid = d.refobjsubid
              AND o.deptype IN ('a', 'i'))
       OR d.deptype = 'a' AND d.classid = 'pg_class'::regclass AND d.objid = g.relation AND d.objsubid <> 0
  UNION
    SELECT g.what, g.relation, g.name, 'pg_constraint'::regclass, k.oid, 0
    FROM going g JOIN pg_constraint k ON k.conrelid = g.relation AND k.contype = 'f' AND g.part = ANY (k.conkey)
    WHERE g.what = 'column'
  UNION
    SELECT g.what, g.relation, g.name, d.refclassid, d.refobjid, d.refobjsubid
    FROM going g
    JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = g.object AND d.objsubid = 0
    WHERE g.what = 'index' AND d.deptype = 'i' AND d.refclassid = 'pg_constraint'::regclass
), foreign_to_us AS (
    SELECT d.what, d.relation, d.name, CASE WHEN w.objid IS NULL
            THEN pg_describe_object(d.classid, d.objid, d.objsubid)
            ELSE pg_describe_object(w.refclassid, w.refobjid, w.refobjsubid) END AS described
    FROM dependent d
    LEFT JOIN pg_depend w ON w.classid = d.classid AND w.objid = d.objid AND w.objsubid = d.objsubid
        AND w.deptype = 'i' AND w.classid IN ('pg_rewrite'::regclass, 'pg_attrdef'::regclass)
    WHERE NOT (d.classid = 'pg_constraint'::regclass AND EXISTS (
            SELECT FROM plan, json_to_recordset(plan->'constraints') AS g (\"table\" bigint, name text)
            JOIN pg_constraint k ON k.conrelid = g.\"table\"::oid AND k.conname = g.name
            WHERE k.oid = d.objid))
      AND NOT (d.classid = 'pg_trigger'::regclass AND EXISTS (
            SELECT FROM plan, json_array_elements_text(plan->'triggers') AS g (name)
            JOIN pg_trigger t ON t.tgname = g.name
            WHERE t.oid = d.objid AND t.tgrelid = d.relation))
)
SELECT coalesce(json_agg(json_build_object(
        'table', n.relation::bigint, 'what', n.what, 'name', n.name, 'dependents', n.dependents)), '[]')::text
FROM (
    SELECT relation, what, name, json_agg(DISTINCT described) AS dependents
    FROM (SELECT relation, what, name, described COLLATE \"C\" AS described FROM foreign_to_us) AS d
    GROUP BY relation, what, name ORDER BY relation::regclass::text, what, name
) AS n";

impl Drops {
    /// What these statements drop, as their notes say.
    pub(super) fn of(statements: &[Statement]) -> Self {
        let gone = |kind: Kind| -> Vec<Object> {
            let notes = statements.iter().filter_map(|statement| statement.note.as_ref());
            let gone = notes.filter_map(|note| match note {
                Note::Gone(made) => made.of_kind(kind),
                Note::Made(_) => None,
            });
            gone.map(|(table, name)| Object { table, name: name.to_owned() }).collect()
        };
        Self {
            columns: gone(Kind::Column),
            indexes: gone(Kind::Index),
            constraints: gone(Kind::Constraint),
            triggers: [GUARD_INSERT, GUARD_UPDATE, GUARD_TENANT],
        }
    }

    fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.indexes.is_empty()
    }
}

pub(super) async fn look<C: ConnectionTrait>(
    db: &C,
    drops: &Drops,
    due: &Due,
) -> Result<Vec<Finding>, DbErr> {
    if drops.is_empty() {
        return Ok(Vec::new());
    }
    let needed: Vec<Needed> = facts::read_about(db, FACTS, drops).await?;
    Ok(needed.iter().filter_map(|one| judge(one, due)).collect())
}

fn judge(needed: &Needed, due: &Due) -> Option<Finding> {
    let table = &due.table(needed.table)?.name;
    let Needed { what, name, dependents, .. } = needed;
    let dependents = dependents.join(", ");
    let detail = format!(
        "{what} {name} of {table} is to be dropped, and others have built on it: {dependents}"
    );
    let remedy = format!("drop or change it first: {dependents}");
    Some(Finding::new(Check::Dependents, Severity::Stops, Some(table), &detail, &remedy))
}
