//! The entities say of the tables what is so after the rollout: every table, column, type and
//! nullability, in both directions.

use entity::registry;
use sea_orm::sea_query::{ColumnDef, PostgresQueryBuilder, Table};

use crate::harness::{Database, assert_same};

/// Makes the entities' tables in a schema of their own, by SeaORM's own rendering of their types.
fn make_the_entities_tables(db: &Database) {
    db.execute("CREATE SCHEMA entities");
    for table in registry::all() {
        let mut create = Table::create();
        create.table(("entities", table.name));
        for column in table.columns {
            let mut definition = ColumnDef::new_with_type(column.name, column.column_type);
            if !column.nullable {
                definition.not_null();
            }
            create.col(&mut definition);
        }
        db.execute(&create.to_string(PostgresQueryBuilder));
    }
}

/// The columns of a schema's tables, a line each.
fn columns(db: &Database, schema: &str) -> String {
    let columns = db.texts(&format!(
        "SELECT format('%s.%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
                       CASE WHEN a.attnotnull THEN ' not null' END) AS line
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
         WHERE c.relnamespace = '{schema}'::regnamespace AND c.relkind IN ('r', 'p')
           AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1"
    ));
    columns.join("\n")
}

#[test]
fn the_entities_are_the_tables_after_the_rollout() {
    let db = Database::finished();
    make_the_entities_tables(&db);
    let tables = columns(&db, "public");
    assert!(tables.contains("policies.workspace_id bigint not null"), "{tables}");
    assert!(tables.lines().count() > 150, "{tables}");
    assert_same(&columns(&db, "entities"), &tables);
}

#[test]
fn the_entities_and_the_built_in_manifest_name_the_same_tables() {
    let manifest = isolation::manifest::Manifest::tenantatlas().expect("the built-in manifest");
    let named: Vec<_> = manifest.tables.iter().map(|table| table.name.to_string()).collect();
    let owned: Vec<_> = registry::tenant_owned().iter().map(|table| table.name).collect();
    assert_eq!(named, owned);
}
