//! Checks about rows. Each is a condition over one source of rows, and everything that is asked
//! (the count that stands alone, the one pass over a table, the samples, the rows shown to
//! people) is put together from these two, so that all of it means the same.

use isolation::names::quoted;
use isolation::scope::{Scope, Target};

use super::{Check, Kind, Subject};

/// How many keys a failing check shows.
const SAMPLES: u8 = 5;

/// The rows that fail a check.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    /// The table's identifier: checks of one table are answered in one pass.
    pub(crate) oid: u32,
    /// Whether the table has its workspace column.
    pub(crate) has_workspace_column: bool,
    table: String,
    /// The tenants, joined from the left; none where the condition does without.
    tenants: Option<String>,
    condition: String,
    key: Key,
}

/// What names a row.
#[derive(Debug, Clone)]
struct Key {
    /// Expressions to show and to order by.
    columns: Vec<String>,
    /// One text of them all.
    text: String,
}

impl Rows {
    fn source<'a>(table: &str, tenants: impl Iterator<Item = &'a String>) -> String {
        let join = tenants.last();
        match join {
            Some(join) => format!("{table} {join}"),
            None => table.to_owned(),
        }
    }

    fn from(&self) -> String {
        Self::source(&self.table, self.tenants.iter())
    }

    /// The count, standing alone.
    pub(crate) fn count(&self) -> String {
        format!("SELECT count(*) FROM {} WHERE {}", self.from(), self.condition)
    }

    /// The keys of the first rows, as text in the column `key`.
    pub(crate) fn samples(&self) -> String {
        format!(
            "SELECT {} AS key FROM {} WHERE {} ORDER BY {} LIMIT {SAMPLES}",
            self.key.text,
            self.from(),
            self.condition,
            self.key.columns.join(", ")
        )
    }

    /// The rows, with what there is to know about each.
    fn shown(&self, facts: &[String]) -> String {
        let mut shown = self.key.columns.clone();
        shown.extend(facts.iter().filter(|f| !self.key.columns.contains(f)).cloned());
        format!(
            "SELECT {} FROM {} WHERE {} ORDER BY {}",
            shown.join(", "),
            self.from(),
            self.condition,
            self.key.columns.join(", ")
        )
    }
}

/// One pass over one table: a count for each of its checks, in the order given.
pub(crate) fn one_pass(rows: &[&Rows]) -> Option<String> {
    let first = rows.first()?;
    let counts: Vec<_> =
        rows.iter().map(|rows| format!("count(*) FILTER (WHERE {})", rows.condition)).collect();
    let tenants = rows.iter().filter_map(|rows| rows.tenants.as_ref());
    let from = Rows::source(&first.table, tenants);
    Some(format!("SELECT {} FROM {from}", counts.join(", ")))
}

/// `missing`, `mismatch` and `orphan` of a tenant-owned table.
pub(crate) fn owned(scope: &Scope, target: &Target) -> [Check; 3] {
    let column = &target.workspace_column;
    let workspace = of_row(column);
    let tenant = of_row(&target.tenant_column);
    let tenants_workspace = of_tenant(&scope.tenants_workspace_column);
    let join = format!(
        "LEFT JOIN {} AS tenant ON {} = {tenant}",
        scope.tenants.relation.sql(),
        of_tenant(&scope.tenants.key)
    );
    let missing = target_rows(target, None, format!("{workspace} IS NULL"));
    // NULL on either side makes the comparison NULL: neither a match nor a mismatch.
    let mismatch = format!("{workspace} <> {tenants_workspace}");
    let mismatch = target_rows(target, Some(join.clone()), mismatch);
    // Where no tenant is joined, its columns are NULL too.
    let orphan = format!("{tenants_workspace} IS NULL");
    let orphan = target_rows(target, Some(join), orphan);
    let asks_missing = format!("rows of {} whose {column} is NULL", target.label);
    let asks_mismatch = format!("rows of {} whose {column} is not their tenant's", target.label);
    let owner = format!("{tenants_workspace} AS tenants_workspace");
    let decision =
        format!("correct {column} or {}, whichever is wrong, in the rows", target.tenant_column);
    [
        check(Kind::Missing, target, asks_missing, missing, std::slice::from_ref(&tenant)),
        check(Kind::Mismatch, target, asks_mismatch, mismatch, &[tenant.clone(), workspace, owner])
            .left_to_people(decision),
        orphan_check(scope, target, orphan, tenant),
    ]
}

fn orphan_check(scope: &Scope, target: &Target, rows: Rows, tenant: String) -> Check {
    let exists = format!("{} IS NOT NULL AS tenant_exists", of_tenant(&scope.tenants.key));
    let asks = format!(
        "rows of {} without a tenant, or whose tenant has no {}",
        target.label, scope.tenants_workspace_column
    );
    let decision = format!(
        "claim the tenants (UPDATE {} SET {} = … WHERE {} = …) or remove the rows",
        scope.tenants.relation.sql(),
        quoted(&scope.tenants_workspace_column),
        quoted(&scope.tenants.key),
    );
    check(Kind::Orphan, target, asks, rows, &[tenant, exists]).left_to_people(decision)
}

/// `audit` of an audit table.
pub(crate) fn audit(target: &Target) -> Check {
    let tenant = of_row(&target.tenant_column);
    let workspace = of_row(&target.workspace_column);
    let rows = target_rows(target, None, format!("{tenant} IS NOT NULL AND {workspace} IS NULL"));
    let asks = format!(
        "rows of {} with a {} and without a {}",
        target.label, target.tenant_column, target.workspace_column
    );
    check(Kind::Audit, target, asks, rows, &[tenant])
}

fn check(kind: Kind, target: &Target, asks: String, rows: Rows, facts: &[String]) -> Check {
    Check {
        id: format!("{}/{}", kind.name(), target.label),
        kind,
        table: target.label.clone(),
        asks,
        sql: rows.count(),
        rows_sql: Some(rows.shown(facts)),
        remedy: kind.command().unwrap_or_default().to_owned(),
        decision: None,
        subject: Subject::Rows(rows),
    }
}

impl Check {
    /// No command mends it: the remedy is a decision about the rows.
    fn left_to_people(mut self, decision: String) -> Self {
        let shown = self.rows_sql.as_deref().unwrap_or_default();
        self.remedy = format!("{decision} shown by: {shown}");
        self.decision = Some(decision);
        self
    }
}

fn target_rows(target: &Target, tenants: Option<String>, condition: String) -> Rows {
    Rows {
        oid: target.oid,
        has_workspace_column: target.has_workspace_column,
        table: format!("{} AS owned", target.relation.sql()),
        tenants,
        condition,
        key: key(target),
    }
}

/// The primary key; without one, where the row lies.
fn key(target: &Target) -> Key {
    let columns: Vec<_> = target.key.iter().map(|column| of_row(&column.name)).collect();
    if !columns.is_empty() {
        let texts: Vec<_> = columns.iter().map(|c| format!("{c}::text")).collect();
        let text = texts.join(" || ',' || ");
        return Key { columns, text };
    }
    if target.is_partitioned {
        // A place is one of a partition.
        return Key {
            columns: vec!["owned.tableoid".to_owned(), "owned.ctid".to_owned()],
            text: "owned.tableoid::regclass::text || owned.ctid::text".to_owned(),
        };
    }
    Key { columns: vec!["owned.ctid".to_owned()], text: "owned.ctid::text".to_owned() }
}

fn of_row(column: &str) -> String {
    format!("owned.{}", quoted(column))
}

fn of_tenant(column: &str) -> String {
    format!("tenant.{}", quoted(column))
}
