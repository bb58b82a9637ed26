//! What the toolkit keeps for itself in its own schema: the ledger of migrations, and a note of
//! every object it made, so that going back takes away that and nothing the application had
//! before.

use std::collections::BTreeSet;

use isolation::names::{OWN_SCHEMA, QualifiedName, literal};
use isolation::session::statement;
use sea_orm::{ConnectionTrait, DbErr};
use sea_query::{Alias, ColumnDef, Expr, Index, PostgresQueryBuilder, Query, Table};

use crate::statement::Statement;

/// The ledger: a SeaORM migration table of our own name, so that the application's own
/// `seaql_migrations` is never touched.
pub const LEDGER: &str = "migrations";
const OBJECTS: &str = "objects";

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A column.
    Column,
    /// An index.
    Index,
    /// A column's NOT NULL.
    NotNull,
    /// A constraint with a name.
    Constraint,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Column => "column",
            Self::Index => "index",
            Self::NotNull => "not null",
            Self::Constraint => "constraint",
        }
    }
}

/// An object of the toolkit's making.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Made {
    kind: &'static str,
    table: QualifiedName,
    name: String,
}

impl Made {
    /// The object of this kind and name on a table.
    #[must_use]
    pub fn new(kind: Kind, table: &QualifiedName, name: &str) -> Self {
        Self { kind: kind.as_str(), table: table.clone(), name: name.to_owned() }
    }

    /// Notes it.
    #[must_use]
    pub fn insert(&self) -> String {
        format!(
            "INSERT INTO {} (kind, table_schema, table_name, name) VALUES ({}, {}, {}, {}) ON CONFLICT DO NOTHING",
            own(OBJECTS).sql(),
            literal(self.kind),
            literal(&self.table.schema),
            literal(&self.table.name),
            literal(&self.name)
        )
    }

    /// Takes the note away.
    #[must_use]
    pub fn delete(&self) -> String {
        format!(
            "DELETE FROM {} WHERE kind = {} AND table_schema = {} AND table_name = {} AND name = {}",
            own(OBJECTS).sql(),
            literal(self.kind),
            literal(&self.table.schema),
            literal(&self.table.name),
            literal(&self.name)
        )
    }
}

/// What is noted, and whether there is anything to note it in.
#[derive(Debug, Clone, Default)]
pub struct Bookkeeping {
    objects: BTreeSet<(String, String, String, String)>,
    /// Which of the toolkit's own tables stand.
    tables: BTreeSet<String>,
    /// Which of the toolkit's own functions stand.
    functions: BTreeSet<String>,
    /// Whether the toolkit's own schema stands.
    pub has_schema: bool,
}

fn own(name: &str) -> QualifiedName {
    QualifiedName::new(OWN_SCHEMA, name)
}

impl Bookkeeping {
    /// Reads what is there; creates nothing.
    ///
    /// # Errors
    /// What the database answers.
    pub async fn read<C: ConnectionTrait>(db: &C) -> Result<Self, DbErr> {
        let tables = "SELECT n.nspname, c.relname FROM pg_namespace n \
                      LEFT JOIN pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r' \
                      WHERE n.nspname = $1";
        let mut found = Self::default();
        for row in db.query_all_raw(statement(tables, [OWN_SCHEMA.into()])).await? {
            found.has_schema = true;
            found.tables.extend(row.try_get::<Option<String>>("", "relname")?);
        }
        let functions = "SELECT p.proname FROM pg_proc p \
                         JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1";
        for row in db.query_all_raw(statement(functions, [OWN_SCHEMA.into()])).await? {
            found.functions.insert(row.try_get("", "proname")?);
        }
        if found.tables.contains(OBJECTS) {
            let objects =
                format!("SELECT kind, table_schema, table_name, name FROM {}", own(OBJECTS).sql());
            for row in db.query_all_raw(statement(objects, [])).await? {
                found.objects.insert((
                    row.try_get("", "kind")?,
                    row.try_get("", "table_schema")?,
                    row.try_get("", "table_name")?,
                    row.try_get("", "name")?,
                ));
            }
        }
        Ok(found)
    }

    /// Whether the toolkit made this object.
    #[must_use]
    pub fn notes(&self, made: &Made) -> bool {
        self.objects.contains(&(
            made.kind.to_owned(),
            made.table.schema.clone(),
            made.table.name.clone(),
            made.name.clone(),
        ))
    }

    /// Whether a table of the toolkit's own stands.
    #[must_use]
    pub fn has_table(&self, name: &str) -> bool {
        self.tables.contains(name)
    }

    /// Whether a function of the toolkit's own stands.
    #[must_use]
    pub fn has_function(&self, function: &QualifiedName) -> bool {
        function.schema == OWN_SCHEMA && self.functions.contains(&function.name)
    }

    /// What must stand before anything is made.
    #[must_use]
    pub fn still_to_create(&self) -> Vec<Statement> {
        let mut statements = Vec::new();
        if !self.has_schema {
            statements.push(format!("CREATE SCHEMA IF NOT EXISTS {OWN_SCHEMA}"));
        }
        if !self.has_table(LEDGER) {
            statements.push(ledger_table());
        }
        if !self.has_table(OBJECTS) {
            statements.push(objects_table());
        }
        statements.into_iter().map(Statement::free).collect()
    }

    /// What takes all of it away.
    #[must_use]
    pub fn still_to_drop(&self) -> Vec<Statement> {
        if self.has_schema {
            vec![Statement::free(format!("DROP SCHEMA IF EXISTS {OWN_SCHEMA} CASCADE"))]
        } else {
            Vec::new()
        }
    }
}

/// As SeaORM's migrator makes it: version and the second (Unix time) it was applied.
fn ledger_table() -> String {
    Table::create()
        .table((Alias::new(OWN_SCHEMA), Alias::new(LEDGER)))
        .if_not_exists()
        .col(ColumnDef::new("version").string().not_null().primary_key())
        .col(ColumnDef::new("applied_at").big_integer().not_null())
        .to_string(PostgresQueryBuilder)
}

fn objects_table() -> String {
    Table::create()
        .table((Alias::new(OWN_SCHEMA), Alias::new(OBJECTS)))
        .if_not_exists()
        .col(ColumnDef::new("kind").text().not_null())
        .col(ColumnDef::new("table_schema").text().not_null())
        .col(ColumnDef::new("table_name").text().not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(
            ColumnDef::new("made_at")
                .timestamp_with_time_zone()
                .not_null()
                .default(Expr::current_timestamp()),
        )
        .primary_key(Index::create().col("kind").col("table_schema").col("table_name").col("name"))
        .to_string(PostgresQueryBuilder)
}

/// The applied migrations with the second (Unix time) they were applied, by name.
///
/// # Errors
/// What the database answers.
pub async fn applied<C: ConnectionTrait>(
    db: &C,
    bookkeeping: &Bookkeeping,
) -> Result<Vec<(String, i64)>, DbErr> {
    if !bookkeeping.has_table(LEDGER) {
        return Ok(Vec::new());
    }
    let query = Query::select()
        .columns(["version", "applied_at"])
        .from((Alias::new(OWN_SCHEMA), Alias::new(LEDGER)))
        .order_by("version", sea_query::Order::Asc)
        .take();
    let rows = db.query_all(&query).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "version")?, row.try_get("", "applied_at")?)))
        .collect()
}

/// Whether a backfill is unfinished: going back from phase 1 would take its bookkeeping away.
///
/// # Errors
/// What the database answers.
pub async fn unfinished_backfill<C: ConnectionTrait>(
    db: &C,
    bookkeeping: &Bookkeeping,
) -> Result<Option<i64>, DbErr> {
    if !bookkeeping.has_table("backfill") {
        return Ok(None);
    }
    let query = Query::select()
        .column("id")
        .from((Alias::new(OWN_SCHEMA), Alias::new("backfill")))
        .and_where(Expr::cust("finished_at IS NULL"))
        .limit(1)
        .take();
    let row = db.query_one(&query).await?;
    row.map(|row| row.try_get("", "id")).transpose()
}
