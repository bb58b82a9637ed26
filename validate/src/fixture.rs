//! A small database after the rollout, for the tests of this crate: workspaces, tenants, one
//! tenant-owned table, one audit table. Tests take away from it, or change it.

use isolation::catalog::{Catalog, Relation};
use isolation::guard::{Filled, LastFilled, Second};
use isolation::manifest::Manifest;
use isolation::scope::{Scope, Target};
use serde_json::{Value, json};

use crate::check::{Check, Phase, registry};
use crate::gate::{Outcome, Report, Status};
use crate::report::Format;

const MANIFEST: &str = "
[workspace]
table = 'workspaces'
[tenant]
table = 'tenants'
workspace_column = 'workspace_id'
[[tables]]
name = 'policies'
[[audit_tables]]
name = 'audit_logs'
";

pub(crate) const POLICIES: u32 = 30;
pub(crate) const AUDIT_LOGS: u32 = 40;
pub(crate) const TENANTS: u32 = 20;

/// The catalog of a database after phase 3.
pub(crate) fn catalog() -> Catalog {
    let relations = vec![
        relation(10, "workspaces", &[column("id", true)], &[], &[primary("id")]),
        relation(
            TENANTS,
            "tenants",
            &[column("id", true), column("workspace_id", false)],
            &[index("tenants_id_workspace_id_unique", &["id", "workspace_id"], true)],
            &[primary("id")],
        ),
        policies(),
        audit_logs(),
    ];
    let names = ["workspaces", "tenants", "policies", "audit_logs"];
    let lookups: Vec<_> = names
        .iter()
        .zip([10, TENANTS, POLICIES, AUDIT_LOGS])
        .map(|(name, oid)| json!({"schema": null, "name": name, "oid": oid}))
        .collect();
    parsed(json!({
        "server_version": 150_018, "deadlock_timeout_ms": 1000, "database": "atlas", "role": "gate", "in_recovery": false,
        "can_create": false, "bypasses_row_security": true,
        "own_schema": {"owner": "r", "owned": true, "sequences": []}, "lookups": lookups, "relations": relations,
    }))
}

fn policies() -> Value {
    let columns = [column("id", true), column("tenant_id", true), column("workspace_id", true)];
    let one = "policies_workspace_id_foreign";
    let two = "policies_tenant_id_workspace_id_foreign";
    let constraints = [
        primary("id"),
        foreign(one, &["workspace_id"], 10, &["id"]),
        foreign(two, &["tenant_id", "workspace_id"], TENANTS, &["id", "workspace_id"]),
    ];
    let indexes = [index("policies_workspace_id_index", &["workspace_id"], false)];
    relation(POLICIES, "policies", &columns, &indexes, &constraints)
}

fn audit_logs() -> Value {
    let columns = [column("id", true), column("tenant_id", false), column("workspace_id", false)];
    let expression = "((tenant_id IS NULL) OR (workspace_id IS NOT NULL))";
    let mut check = constraint("audit_logs_workspace_required_check", "c", &[]);
    check["expression"] = json!(expression);
    check["definition"] = json!(format!("CHECK ({expression})"));
    relation(AUDIT_LOGS, "audit_logs", &columns, &[], &[primary("id"), check])
}

/// The scope of that database.
pub(crate) fn scope() -> Scope {
    scope_of(MANIFEST, &catalog())
}

/// The scope of a manifest over a catalog.
pub(crate) fn scope_of(manifest: &str, catalog: &Catalog) -> Scope {
    let manifest = match Manifest::parse(manifest, "test") {
        Ok(manifest) => manifest,
        Err(error) => panic!("{error}"),
    };
    match Scope::resolve(&manifest, catalog) {
        Ok(scope) => scope,
        Err(error) => panic!("{error}"),
    }
}

/// A relation of a catalog.
pub(crate) fn table(catalog: &Catalog, oid: u32) -> Relation {
    match catalog.by_oid(oid) {
        Some(relation) => relation.clone(),
        None => panic!("no relation {oid}"),
    }
}

/// A tenant-owned or audit table of a scope.
pub(crate) fn target(scope: &Scope, oid: u32) -> Target {
    match scope.targets().find(|target| target.oid == oid) {
        Some(target) => target.clone(),
        None => panic!("no target {oid}"),
    }
}

fn parsed<T: serde::de::DeserializeOwned>(value: Value) -> T {
    match serde_json::from_value(value) {
        Ok(parsed) => parsed,
        Err(error) => panic!("{error}"),
    }
}

fn relation(
    oid: u32,
    name: &str,
    columns: &[Value],
    indexes: &[Value],
    constraints: &[Value],
) -> Value {
    json!({
        "oid": oid, "schema": "public", "name": name, "reference": format!("public.{name}"),
        "kind": "r", "parent": null, "owned": true, "row_security": false, "can_create_beside": true,
        "can_be_locked": true,
        "forces_row_security": false, "is_partition": false, "is_inherited": false, "names_taken": [],
        "estimated_rows": 0.0, "pages": 0, "bytes": 0,
        "columns": columns, "indexes": indexes, "constraints": constraints, "triggers": [],
    })
}

fn column(name: &str, not_null: bool) -> Value {
    json!({
        "name": name, "reference": name, "type": "bigint", "not_null": not_null,
        "has_default": false, "generated": false, "has_statistics": false,
    })
}

fn index(name: &str, columns: &[&str], unique: bool) -> Value {
    json!({
        "name": name, "method": "btree", "keys": columns, "columns": columns, "plain": true,
        "unique": unique, "primary": false, "immediate": true, "valid": true, "building": false,
        "scans": null, "definition": format!("CREATE INDEX {name} ON …"),
    })
}

fn primary(key: &str) -> Value {
    constraint("pkey", "p", &[key])
}

fn foreign(name: &str, columns: &[&str], referenced: u32, referenced_columns: &[&str]) -> Value {
    let mut key = constraint(name, "f", columns);
    key["referenced"] = json!(referenced);
    key["referenced_columns"] = json!(referenced_columns);
    key["definition"] = json!("FOREIGN KEY …");
    key
}

fn constraint(name: &str, kind: &str, columns: &[&str]) -> Value {
    json!({
        "name": name, "kind": kind, "validated": true, "deferrable": false, "columns": columns,
        "referenced": 0, "referenced_columns": [], "on_update": "a", "on_delete": "a",
        "match": "s", "expression": null, "definition": "",
    })
}

/// A constraint of any kind, to be put on a relation.
pub(crate) fn a_constraint(
    name: &str,
    kind: &str,
    columns: &[&str],
) -> isolation::catalog::Constraint {
    parsed(constraint(name, kind, columns))
}

/// A table's name that means something to every format a report is written in.
pub(crate) const HOSTILE: &str = "p%,:|`*<b>]]>&\"'\r\n::error::{0} [a](b)\u{1b}[31m\\";

/// The report of a phase in which these checks fail, with so many rows and these samples. An
/// index that fails is missing.
pub(crate) fn report(phase: Phase, failing: &[(&str, u64, &[&str])]) -> Report {
    let checks = registry(&scope()).into_iter();
    let checks = checks.filter(|check| check.phases().contains(&phase));
    Report {
        verdict: if failing.is_empty() { Status::Pass } else { Status::Fail },
        phase,
        checks: checks.map(|check| outcome(check, failing)).collect(),
        last_filled: None,
    }
}

/// When the guards of two tables last had to fill in a workspace, the later one of this name.
pub(crate) fn last_filled(latest: &str) -> LastFilled {
    let filled = |table: &str, at, seconds_ago| Filled {
        table: table.to_owned(),
        at: Second(at),
        seconds_ago,
    };
    LastFilled {
        tables: vec![
            filled(latest, 1_795_341_600, 125),
            filled("audit_logs", 1_795_000_000, 341_725),
        ],
    }
}

fn outcome(check: Check, failing: &[(&str, u64, &[&str])]) -> Outcome {
    let found = failing.iter().find(|(id, _, _)| *id == check.id);
    let (count, samples) = found.map_or((0, [].as_slice()), |(_, count, ids)| (*count, ids));
    Outcome {
        id: check.id.clone(),
        status: if count == 0 { Status::Pass } else { Status::Fail },
        count,
        sample_ids: samples.iter().map(ToString::to_string).collect(),
        sql: check.sql.clone(),
        remedy: check.remedy.clone(),
        detail: (check.id == "index/policies" && count > 0)
            .then(|| "index x is missing".to_owned()),
        next: check.next_command(),
        check,
    }
}

/// A report of one failing check about a table of that [`HOSTILE`] name, with a hostile key.
pub(crate) fn hostile_report() -> Report {
    let mut report = report(Phase::Two, &[("orphan/policies", 1, &[HOSTILE])]);
    report.checks.retain(|outcome| !outcome.has_passed());
    for outcome in &mut report.checks {
        let Outcome { id, remedy, next, check, .. } = outcome;
        for text in [id, remedy, next, &mut check.id, &mut check.table, &mut check.asks] {
            *text = text.replace("policies", HOSTILE);
        }
    }
    report
}

/// A report in a format.
pub(crate) fn rendered(format: Format, report: &Report) -> String {
    match format.render(report) {
        Ok(text) => text,
        Err(error) => panic!("{error}"),
    }
}
