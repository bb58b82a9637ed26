//! The SQL of every migration, for a table whose name is as hostile as names get.

use isolation::catalog::Catalog;
use isolation::manifest::Manifest;
use isolation::scope::Scope;
use serde_json::{Value, json};

use super::ALL;
use crate::bookkeeping::Bookkeeping;
use crate::definition::View;

const MANIFEST: &str = r#"
[workspace]
table = "spaces"
[tenant]
table = "tenants"
[[tables]]
name = 'Ops.a"; DROP TABLE x; --'
tenant_column = "Tenant"
[[audit_tables]]
name = "trail"
"#;

fn column(name: &str, reference: &str) -> Value {
    json!({"name": name, "reference": reference, "type": "bigint", "not_null": false,
           "has_default": false, "generated": false, "has_statistics": false})
}

fn relation(oid: u32, schema: &str, name: &str, columns: &[Value]) -> Value {
    json!({"oid": oid, "schema": schema, "name": name, "reference": name, "kind": "r",
           "parent": null, "owned": true, "row_security": false, "can_create_beside": true,
           "can_be_locked": true,
           "forces_row_security": false, "is_partition": false, "is_inherited": false,
           "names_taken": [], "estimated_rows": 7.0,
           "pages": 0, "bytes": 0, "columns": columns, "indexes": [], "triggers": [],
           "constraints": [{
               "name": "key", "kind": "p", "validated": true, "deferrable": false,
               "columns": ["id"], "referenced": 0, "referenced_columns": [], "on_update": " ",
               "on_delete": " ", "match": " ", "expression": null, "definition": ""}]})
}

fn catalog(is_in_the_way: bool) -> Catalog {
    catalog_of(150_000, is_in_the_way)
}

fn catalog_of(server_version: u32, is_in_the_way: bool) -> Catalog {
    let id = column("id", "id");
    let hostile = r#"a"; DROP TABLE x; --"#;
    let workspace = column("workspace_id", "workspace_id");
    let mut owned = relation(3, "Ops", hostile, &[id.clone(), column("Tenant", "\"Tenant\"")]);
    if is_in_the_way {
        owned["indexes"] = json!([{
            "name": isolation::names::workspace_index(hostile), "method": "btree",
            "keys": ["id"], "columns": ["id"], "plain": true, "unique": false, "primary": false,
            "immediate": true, "valid": true, "building": false, "scans": 0,
            "definition": "CREATE INDEX elsewhere"}]);
    }
    let relations = [
        relation(1, "public", "spaces", std::slice::from_ref(&id)),
        relation(2, "public", "tenants", &[id.clone(), workspace.clone()]),
        owned,
        relation(4, "public", "trail", &[id, column("tenant_id", "tenant_id"), workspace]),
    ];
    let lookups = [
        json!({"schema": null, "name": "spaces", "oid": 1}),
        json!({"schema": null, "name": "tenants", "oid": 2}),
        json!({"schema": "Ops", "name": hostile, "oid": 3}),
        json!({"schema": null, "name": "trail", "oid": 4}),
    ];
    let catalog = json!({"server_version": server_version, "deadlock_timeout_ms": 1000, "database": "d", "role": "r",
        "in_recovery": false, "can_create": true, "bypasses_row_security": true, "own_schema": null,
        "lookups": lookups, "relations": relations});
    serde_json::from_value(catalog).unwrap_or_else(|error| panic!("{error}"))
}

/// What every migration still asks for, or what is in its way.
fn asked(catalog: &Catalog) -> String {
    let manifest = Manifest::parse(MANIFEST, "test").unwrap_or_else(|error| panic!("{error}"));
    let scope = Scope::resolve(&manifest, catalog).unwrap_or_else(|error| panic!("{error}"));
    let bookkeeping = Bookkeeping::default();
    let view = View { scope: &scope, catalog, bookkeeping: &bookkeeping };
    let mut lines = Vec::new();
    for definition in ALL {
        lines.push(format!("-- {}", definition.name()));
        match definition.up(&view) {
            Ok(statements) => lines.extend(statements.into_iter().map(|s| s.sql)),
            Err(mismatches) => lines.extend(mismatches.into_iter().map(|m| m.0)),
        }
    }
    lines.join("\n")
}

#[test]
fn every_statement_quotes_what_it_names() {
    let all = asked(&catalog(false));
    let without_guards: Vec<_> =
        all.split("\n-- ").filter(|part| !part.starts_with("m20261122_000005")).collect();
    insta::assert_snapshot!(without_guards.join("\n-- "));
}

#[test]
fn since_postgresql_18_not_null_stands_not_valid_first() {
    let (before, after) = (asked(&catalog(false)), asked(&catalog_of(180_000, false)));
    let other = after.lines().filter(|line| !before.contains(line)).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(other, @r#"
    ALTER TABLE "Ops"."a""; DROP TABLE x; --" ADD CONSTRAINT "a""; DROP TABLE x; --_workspace_id_not_null" NOT NULL "workspace_id" NOT VALID
    ALTER TABLE "Ops"."a""; DROP TABLE x; --" VALIDATE CONSTRAINT "a""; DROP TABLE x; --_workspace_id_not_null"
    "#);
    assert!(!after.contains("SET NOT NULL") && !after.contains("_present"), "{after}");
}

#[test]
fn the_guard_of_a_hostile_table() {
    let all = asked(&catalog(false));
    let guard = all.split("\n-- ").find(|part| part.starts_with("m20261122_000005"));
    insta::assert_snapshot!(guard.unwrap_or_default());
}

#[test]
fn an_index_of_the_right_name_and_wrong_definition_is_in_the_way() {
    let all = asked(&catalog(true));
    assert!(all.contains("is not ours: it is `CREATE INDEX elsewhere`"), "{all}");
}

#[test]
fn nothing_is_taken_back_that_was_not_made() {
    let catalog = catalog(true);
    let manifest = Manifest::parse(MANIFEST, "test").unwrap_or_else(|error| panic!("{error}"));
    let scope = Scope::resolve(&manifest, &catalog).unwrap_or_else(|error| panic!("{error}"));
    let bookkeeping = Bookkeeping::default();
    let view = View { scope: &scope, catalog: &catalog, bookkeeping: &bookkeeping };
    for definition in ALL {
        let statements = definition.down(&view);
        assert!(statements.is_empty(), "{}: {statements:?}", definition.name());
    }
}

#[test]
fn names_are_in_order_and_phases_too() {
    let names: Vec<_> = ALL.iter().map(|definition| definition.name()).collect();
    let phases: Vec<_> = ALL.iter().map(|definition| definition.phase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert!(phases.is_sorted(), "{phases:?}");
}
