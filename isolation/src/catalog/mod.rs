//! What the database has: the tables a manifest names, read in one statement.
//!
//! The values here are plain data as PostgreSQL's catalogs state it; judging them is for others.
//! Facts come from `pg_class`, `pg_attribute`, `pg_stats`, `pg_index`, `pg_constraint`, `pg_trigger`.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use serde::Deserialize;

use crate::names::{self, QualifiedName, TableName};

const READ: &str = include_str!("read.sql");

/// The catalog of the tables asked for, at one instant.
#[derive(Debug, Clone, Deserialize)]
pub struct Catalog {
    /// `server_version_num`: 150018 is 15.18.
    pub server_version: u32,
    /// After how many milliseconds of waiting the server looks for a deadlock, and has an
    /// autovacuum give way.
    pub deadlock_timeout_ms: u32,
    /// The database's name.
    pub database: String,
    /// The role the session acts as.
    pub role: String,
    /// Whether the server is a standby (nothing can be written).
    pub in_recovery: bool,
    /// Whether the role may create schemas in this database.
    pub can_create: bool,
    /// Whether row-level security never applies to the role (superuser, BYPASSRLS).
    pub bypasses_row_security: bool,
    /// The toolkit's own schema, where it stands.
    pub own_schema: Option<OwnSchema>,
    lookups: Vec<Lookup>,
    /// The relations found, and the partitions below them.
    pub relations: Vec<Relation>,
}

/// The toolkit's own schema.
#[derive(Debug, Clone, Deserialize)]
pub struct OwnSchema {
    /// Whose it is.
    pub owner: String,
    /// Whether the session's role has the rights of its owner.
    pub owned: bool,
    /// The sequences in it.
    pub sequences: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
struct Lookup {
    schema: Option<String>,
    name: String,
    oid: Option<u32>,
}

/// A table, or whatever else stands under the name.
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of pg_class")]
pub struct Relation {
    /// Its object identifier.
    pub oid: u32,
    /// The schema it is in.
    pub schema: String,
    /// Its bare name.
    pub name: String,
    /// Schema and name as PostgreSQL itself writes them: quoted only where they must be.
    pub reference: String,
    /// What it is.
    pub kind: RelationKind,
    /// The partitioned table it is a partition of.
    pub parent: Option<u32>,
    /// Whether the session's role has the rights of its owner.
    pub owned: bool,
    /// Whether the session's role may create objects in its schema, such as an index of it.
    pub can_create_beside: bool,
    /// Whether the session's role may lock it against others' changes of its definition (LOCK
    /// TABLE): an owner may have revoked from itself every right that would do.
    pub can_be_locked: bool,
    /// Whether row-level security is enabled.
    pub row_security: bool,
    /// Whether row-level security is enabled for its owner, too.
    pub forces_row_security: bool,
    /// Whether it is a partition of another table.
    pub is_partition: bool,
    /// Whether other tables inherit from it (partitions aside).
    pub is_inherited: bool,
    /// Which names of ours other relations of its schema bear.
    pub names_taken: Vec<String>,
    /// The planner's estimate of its rows; negative before the first VACUUM or ANALYZE.
    pub estimated_rows: f64,
    /// Its pages of 8 KiB, as of the last VACUUM or ANALYZE.
    pub pages: u32,
    /// Its size without indexes, in bytes, as of the last VACUUM or ANALYZE.
    pub bytes: u64,
    /// Its columns in order.
    pub columns: Vec<Column>,
    /// Its indexes by name.
    pub indexes: Vec<Index>,
    /// Its constraints by name.
    pub constraints: Vec<Constraint>,
    /// Its triggers by name, without the internal ones of foreign keys.
    pub triggers: Vec<Trigger>,
}

/// What stands under a table's name (`pg_class.relkind`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum RelationKind {
    /// An ordinary table.
    #[serde(rename = "r")]
    Table,
    /// A partitioned table: rows are in its partitions.
    #[serde(rename = "p")]
    Partitioned,
    /// A view.
    #[serde(rename = "v")]
    View,
    /// A materialized view.
    #[serde(rename = "m")]
    MaterializedView,
    /// A foreign table.
    #[serde(rename = "f")]
    Foreign,
    /// Anything else.
    #[serde(other)]
    Other,
}

/// A column (`pg_attribute`).
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of pg_attribute")]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its name as PostgreSQL itself writes it in an expression: quoted only where it must be.
    pub reference: String,
    /// Its type as `format_type` spells it.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Whether it is NOT NULL.
    pub not_null: bool,
    /// Whether it has a default or is an identity column.
    pub has_default: bool,
    /// Whether it is generated from other columns.
    pub generated: bool,
    /// Whether the planner has statistics about it that the session's role may see.
    pub has_statistics: bool,
}

/// An index (`pg_index`).
#[derive(Debug, Clone, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of pg_index")]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its access method, such as `btree`.
    pub method: String,
    /// Its columns' names; none where a key is an expression.
    pub columns: Vec<Option<String>>,
    /// Whether it is nothing but columns: no predicate, expression, INCLUDE, or order or
    /// operator class of its own.
    pub plain: bool,
    /// Whether it is unique.
    pub unique: bool,
    /// Whether it is the primary key's.
    pub primary: bool,
    /// Whether uniqueness is checked at once (false: deferrable).
    pub immediate: bool,
    /// Whether it is complete and kept up (`indisvalid`, `indisready`).
    pub valid: bool,
    /// Whether some session is building it right now.
    pub building: bool,
    /// How often it was scanned, where the statistics know.
    pub scans: Option<i64>,
    /// Its definition in short: kind, table, method, columns.
    pub definition: String,
}

impl Index {
    /// Whether it is a plain btree over exactly these columns, in this order.
    #[must_use]
    pub fn covers_exactly(&self, columns: &[&str], unique: bool) -> bool {
        self.method == "btree"
            && self.plain
            && self.unique == unique
            && self.immediate
            && self.columns.len() == columns.len()
            && self.columns.iter().zip(columns).all(|(have, want)| have.as_deref() == Some(*want))
    }
}

/// A constraint (`pg_constraint`).
#[derive(Debug, Clone, Deserialize)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: ConstraintKind,
    /// Whether all rows are known to satisfy it (`convalidated`).
    pub validated: bool,
    /// Whether its check can be put off.
    pub deferrable: bool,
    /// The columns it constrains, in its order.
    pub columns: Vec<String>,
    /// The table a foreign key refers to; 0 for other kinds.
    pub referenced: u32,
    /// The columns a foreign key refers to.
    pub referenced_columns: Vec<String>,
    /// A foreign key's `ON UPDATE` (`a` is NO ACTION).
    pub on_update: String,
    /// A foreign key's `ON DELETE` (`a` is NO ACTION).
    pub on_delete: String,
    /// A foreign key's `MATCH` (`s` is SIMPLE).
    #[serde(rename = "match")]
    pub match_type: String,
    /// A CHECK's expression as PostgreSQL writes it.
    pub expression: Option<String>,
    /// Its definition as PostgreSQL writes it.
    pub definition: String,
}

/// What a constraint is (`pg_constraint.contype`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum ConstraintKind {
    /// CHECK.
    #[serde(rename = "c")]
    Check,
    /// FOREIGN KEY.
    #[serde(rename = "f")]
    ForeignKey,
    /// NOT NULL as a constraint of its own (PostgreSQL 18).
    #[serde(rename = "n")]
    NotNull,
    /// PRIMARY KEY.
    #[serde(rename = "p")]
    PrimaryKey,
    /// UNIQUE.
    #[serde(rename = "u")]
    Unique,
    /// Anything else.
    #[serde(other)]
    Other,
}

/// A trigger and the function behind it (`pg_trigger`, `pg_proc`).
#[derive(Debug, Clone, Deserialize)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// `O` enabled, `D` disabled, `R` replica only, `A` always.
    pub enabled: String,
    /// Its definition as PostgreSQL writes it.
    pub definition: String,
    /// The function's schema.
    pub function_schema: String,
    /// The function's name.
    pub function_name: String,
    /// Whose the function is.
    pub function_owner: String,
    /// The function's body.
    pub function_source: String,
    /// The function's settings, such as a pinned search path.
    pub function_settings: Vec<String>,
    /// Whether the function runs with its owner's rights.
    pub security_definer: bool,
}

impl Catalog {
    /// Reads the named tables and their partitions.
    ///
    /// # Errors
    /// What the database answers; a document of an unknown shape is [`DbErr::Json`].
    pub async fn read<C: ConnectionTrait>(db: &C, tables: &[TableName]) -> Result<Self, DbErr> {
        let names: Vec<_> = tables
            .iter()
            .map(|n| {
                let wanted = [names::workspace_index(&n.name), names::tenants_unique(&n.name)];
                serde_json::json!({"schema": n.schema, "name": n.name, "wanted": wanted})
            })
            .collect();
        let names = serde_json::Value::Array(names).to_string();
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, READ, [names.into()]);
        let row = db
            .query_one_raw(statement)
            .await?
            .ok_or_else(|| DbErr::RecordNotFound("the catalog".to_owned()))?;
        let text: String = row.try_get("", "catalog")?;
        serde_json::from_str(&text).map_err(|error| DbErr::Json(error.to_string()))
    }

    /// The relation a name stands for, on the search path or in the schema it gives.
    #[must_use]
    pub fn find(&self, name: &TableName) -> Option<&Relation> {
        let lookup =
            self.lookups.iter().find(|l| l.schema == name.schema && l.name == name.name)?;
        self.by_oid(lookup.oid?)
    }

    /// The relation with this identifier.
    #[must_use]
    pub fn by_oid(&self, oid: u32) -> Option<&Relation> {
        self.relations.iter().find(|r| r.oid == oid)
    }

    /// The relation of this name.
    #[must_use]
    pub fn named(&self, name: &QualifiedName) -> Option<&Relation> {
        self.relations.iter().find(|r| r.schema == name.schema && r.name == name.name)
    }

    /// The relations that hold a table's rows: itself, or the leaves of its partitions.
    #[must_use]
    pub fn leaves(&self, relation: &Relation) -> Vec<&Relation> {
        if relation.kind != RelationKind::Partitioned {
            return self.by_oid(relation.oid).into_iter().collect();
        }
        let children = self.relations.iter().filter(|r| r.parent == Some(relation.oid));
        children.flat_map(|child| self.leaves(child)).collect()
    }
}

impl Relation {
    /// Its name, schema and all.
    #[must_use]
    pub fn qualified(&self) -> QualifiedName {
        QualifiedName::new(self.schema.clone(), self.name.clone())
    }

    /// The column of this name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// The index of this name.
    #[must_use]
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|i| i.name == name)
    }

    /// The constraint of this name.
    #[must_use]
    pub fn constraint(&self, name: &str) -> Option<&Constraint> {
        self.constraints.iter().find(|c| c.name == name)
    }

    /// The trigger of this name.
    #[must_use]
    pub fn trigger(&self, name: &str) -> Option<&Trigger> {
        self.triggers.iter().find(|t| t.name == name)
    }

    /// The columns of the primary key, in its order; empty where there is none.
    #[must_use]
    pub fn primary_key(&self) -> Vec<&Column> {
        let Some(key) = self.constraints.iter().find(|c| c.kind == ConstraintKind::PrimaryKey)
        else {
            return Vec::new();
        };
        key.columns.iter().filter_map(|name| self.column(name)).collect()
    }
}
