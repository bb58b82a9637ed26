//! What the toolkit keeps for itself in its own schema: the ledger of migrations, and a note of
//! every object it made, so that going back takes away that and nothing the application had
//! before.

use std::collections::{BTreeMap, BTreeSet};

use isolation::catalog::Relation;
use isolation::names::{OWN_SCHEMA, QualifiedName, literal};
use isolation::session::statement;
use sea_orm::{ConnectionTrait, DbErr, QueryResult};
use sea_query::{Alias, ColumnDef, Expr, Index, PostgresQueryBuilder, Query, Table};

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

/// An object of the toolkit's making, on a table. The table is known by its identity, not by its
/// name: another one that took the name over is not the one we changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Made {
    kind: &'static str,
    oid: u32,
    table: QualifiedName,
    name: String,
}

impl Made {
    /// The object of this kind and name on a table.
    #[must_use]
    pub fn new(kind: Kind, on: &Relation, name: &str) -> Self {
        Self::on(kind, on.oid, on.qualified(), name)
    }

    pub(crate) fn on(kind: Kind, oid: u32, table: QualifiedName, name: &str) -> Self {
        Self { kind: kind.as_str(), oid, table, name: name.to_owned() }
    }

    /// Notes it.
    #[must_use]
    pub fn insert(&self) -> String {
        format!(
            "INSERT INTO {} (kind, relation, name) VALUES ({}, {}, {}) ON CONFLICT DO NOTHING",
            own(OBJECTS).sql(),
            literal(self.kind),
            self.regclass(),
            literal(&self.name)
        )
    }

    /// Takes the note away.
    #[must_use]
    pub fn delete(&self) -> String {
        format!(
            "DELETE FROM {} WHERE kind = {} AND relation = {} AND name = {}",
            own(OBJECTS).sql(),
            literal(self.kind),
            self.regclass(),
            literal(&self.name)
        )
    }

    /// The identifier of its table, and its name, where it is of this kind.
    pub(crate) fn of_kind(&self, kind: Kind) -> Option<(u32, &str)> {
        (self.kind == kind.as_str()).then_some((self.oid, self.name.as_str()))
    }

    /// The table as a `regclass`: stored as its identifier, dumped and restored as its name.
    fn regclass(&self) -> String {
        format!("{}::regclass", literal(&self.table.sql()))
    }
}

/// A note that was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Noted {
    kind: String,
    oid: u32,
    name: String,
}

/// What is noted, and whether there is anything to note it in.
#[derive(Debug, Clone, Default)]
pub struct Bookkeeping {
    objects: BTreeSet<Noted>,
    /// The tables we changed and have not changed back, by identity and name.
    changed: BTreeMap<u32, String>,
    /// Which of the toolkit's own tables stand.
    tables: BTreeSet<String>,
    /// Which of the toolkit's own functions stand.
    functions: BTreeSet<String>,
    /// Which of the toolkit's own sequences stand that belong to no table's column.
    sequences: BTreeSet<String>,
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
        // A column's own sequence (deptype a, or i of an identity) goes with its table.
        let sequences = "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                         WHERE n.nspname = $1 AND c.relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend d \
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))";
        for row in db.query_all_raw(statement(sequences, [OWN_SCHEMA.into()])).await? {
            found.sequences.insert(row.try_get("", "relname")?);
        }
        found.read_guarded(db).await?;
        if found.tables.contains(OBJECTS) {
            found.read_objects(db).await?;
        }
        Ok(found)
    }

    async fn read_objects<C: ConnectionTrait>(&mut self, db: &C) -> Result<(), DbErr> {
        // A table that is gone took what we made with it.
        let sql = format!(
            "SELECT o.kind, o.relation::oid::bigint AS oid, o.relation::text AS label, o.name \
             FROM {} o JOIN pg_class c ON c.oid = o.relation",
            own(OBJECTS).sql()
        );
        for row in db.query_all_raw(statement(sql, [])).await? {
            let oid = oid_of(&row)?;
            self.changed.insert(oid, row.try_get("", "label")?);
            let (kind, name) = (row.try_get("", "kind")?, row.try_get("", "name")?);
            self.objects.insert(Noted { kind, oid, name });
        }
        Ok(())
    }

    /// Tables with triggers that call our functions, whoever put them up.
    async fn read_guarded<C: ConnectionTrait>(&mut self, db: &C) -> Result<(), DbErr> {
        let sql = "SELECT DISTINCT t.tgrelid::bigint AS oid, t.tgrelid::regclass::text AS label \
                   FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid \
                   JOIN pg_namespace n ON n.oid = p.pronamespace \
                   WHERE n.nspname = $1 AND t.tgparentid = 0";
        for row in db.query_all_raw(statement(sql, [OWN_SCHEMA.into()])).await? {
            self.changed.insert(oid_of(&row)?, row.try_get("", "label")?);
        }
        Ok(())
    }

    /// Whether the toolkit made this object.
    #[must_use]
    pub fn notes(&self, made: &Made) -> bool {
        self.objects.contains(&Noted {
            kind: made.kind.to_owned(),
            oid: made.oid,
            name: made.name.clone(),
        })
    }

    /// Tables that carry something of ours and are not among these.
    pub fn changed_beside(&self, known: &[u32]) -> impl Iterator<Item = &str> {
        self.changed.iter().filter(|(oid, _)| !known.contains(oid)).map(|(_, label)| label.as_str())
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

    /// What must stand before anything is made, as transactions.
    #[must_use]
    pub fn still_to_create(&self) -> Vec<String> {
        let mut statements = Vec::new();
        if !self.has_schema {
            // Whoever may connect may ask for the status.
            statements.push(format!(
                "CREATE SCHEMA IF NOT EXISTS {OWN_SCHEMA};\nGRANT USAGE ON SCHEMA {OWN_SCHEMA} TO PUBLIC"
            ));
        }
        if !self.has_table(LEDGER) {
            statements.push(readable(&ledger_table(), LEDGER));
        }
        if !self.has_table(OBJECTS) {
            statements.push(readable(&objects_table(), OBJECTS));
        }
        statements
    }

    /// What takes all of it away: one transaction, by name. Without CASCADE, so that whatever
    /// somebody else has built upon it is in the way rather than lost.
    #[must_use]
    pub fn still_to_drop(&self) -> Option<String> {
        if !self.has_schema {
            return None;
        }
        let mut drops = Vec::new();
        if !self.tables.is_empty() {
            let tables: Vec<_> = self.tables.iter().map(|table| own(table).sql()).collect();
            drops.push(format!("DROP TABLE IF EXISTS {}", tables.join(", ")));
        }
        let functions = self.functions.iter().map(|function| own(function).sql());
        drops.extend(functions.map(|function| format!("DROP FUNCTION IF EXISTS {function}()")));
        let sequences = self.sequences.iter().map(|sequence| own(sequence).sql());
        drops.extend(sequences.map(|sequence| format!("DROP SEQUENCE IF EXISTS {sequence}")));
        drops.push(format!("DROP SCHEMA IF EXISTS {OWN_SCHEMA}"));
        Some(drops.join(";\n"))
    }
}

fn readable(create: &str, table: &str) -> String {
    format!("{create};\nGRANT SELECT ON {} TO PUBLIC", own(table).sql())
}

fn oid_of(row: &QueryResult) -> Result<u32, DbErr> {
    let oid: i64 = row.try_get("", "oid")?;
    u32::try_from(oid).map_err(|error| DbErr::Type(error.to_string()))
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
        .col(ColumnDef::new("relation").custom("regclass").not_null())
        .col(ColumnDef::new("name").text().not_null())
        .col(
            ColumnDef::new("made_at")
                .timestamp_with_time_zone()
                .not_null()
                .default(Expr::current_timestamp()),
        )
        .primary_key(Index::create().col("kind").col("relation").col("name"))
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
