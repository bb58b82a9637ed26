//! The registry and its SQL.

use std::collections::BTreeSet;

use isolation::scope::{KeyColumn, Scope};

use super::rows::one_pass;
use super::*;
use crate::fixture;

fn find<'a>(checks: &'a [Check], id: &str) -> &'a Check {
    match checks.iter().find(|check| check.id == id) {
        Some(check) => check,
        None => panic!("no check {id}"),
    }
}

fn rows<'a>(checks: &'a [Check], id: &str) -> &'a Rows {
    match &find(checks, id).subject {
        Subject::Rows(rows) => rows,
        Subject::Object(_) => panic!("{id} is not about rows"),
    }
}

fn sql_of(checks: &[Check]) -> String {
    let lines = checks.iter().map(|check| {
        let shown = check.rows_sql.as_deref();
        let shown = shown.map(|sql| format!("\n  {sql}")).unwrap_or_default();
        format!("{}\n  {}{shown}\n", check.id, check.sql)
    });
    lines.collect()
}

#[test]
fn every_kind_is_asked_of_its_tables() {
    let checks = registry(&fixture::scope());
    let lines = checks.iter().map(|check| {
        let phases: Vec<_> = check.phases().iter().map(|p| p.number().to_string()).collect();
        format!("{:<26}{:<6}{}\n", check.id, phases.join(","), check.next_command())
    });
    insta::assert_snapshot!(lines.collect::<String>(), @r"
    column/policies           1,3   migration up --phase 1
    index/policies            1,3   migration up --phase 1
    index/tenants             1,3   migration up --phase 1
    missing/policies          2,3   backfill run
    mismatch/policies         2,3   validate explain mismatch/policies
    orphan/policies           2,3   validate explain orphan/policies
    audit/audit_logs          2,3   backfill run
    guard/tenants             3     migration up --phase 1.5
    guard/policies            3     migration up --phase 1.5
    guard/audit_logs          3     migration up --phase 1.5
    not-null/policies         3     migration up --phase 3
    foreign-key/policies      3     migration up --phase 3
    composite-key/policies    3     migration up --phase 3
    check/audit_logs          3     migration up --phase 3
    ");
}

#[test]
fn ids_are_unique_and_carry_the_manifests_label() {
    let checks = registry(&fixture::scope());
    let ids: BTreeSet<_> = checks.iter().map(|check| &check.id).collect();
    assert_eq!(ids.len(), checks.len());
    for check in &checks {
        assert_eq!(check.id, format!("{}/{}", check.kind.name(), check.table));
        assert!(!check.remedy.is_empty(), "{}", check.id);
    }
}

#[test]
fn each_check_has_sql_that_stands_alone() {
    insta::assert_snapshot!(sql_of(&registry(&fixture::scope())), @r#"
    column/policies
      SELECT attname, format_type(atttypid, atttypmod), attgenerated FROM pg_attribute WHERE attrelid = '"public"."policies"'::regclass AND attname = 'workspace_id' AND NOT attisdropped
    index/policies
      SELECT indexrelid::regclass, indisvalid, indisready, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '"public"."policies"'::regclass AND indexrelid = to_regclass('"public"."policies_workspace_id_index"')
    index/tenants
      SELECT indexrelid::regclass, indisvalid, indisready, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '"public"."tenants"'::regclass AND indexrelid = to_regclass('"public"."tenants_id_workspace_id_unique"')
    missing/policies
      SELECT count(*) FROM "public"."policies" AS owned WHERE owned."workspace_id" IS NULL
      SELECT owned."id", owned."tenant_id" FROM "public"."policies" AS owned WHERE owned."workspace_id" IS NULL ORDER BY owned."id"
    mismatch/policies
      SELECT count(*) FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id" WHERE owned."workspace_id" <> tenant."workspace_id"
      SELECT owned."id", owned."tenant_id", owned."workspace_id", tenant."workspace_id" AS tenants_workspace FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id" WHERE owned."workspace_id" <> tenant."workspace_id" ORDER BY owned."id"
    orphan/policies
      SELECT count(*) FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id" WHERE tenant."workspace_id" IS NULL
      SELECT owned."id", owned."tenant_id", tenant."id" IS NOT NULL AS tenant_exists FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id" WHERE tenant."workspace_id" IS NULL ORDER BY owned."id"
    audit/audit_logs
      SELECT count(*) FROM "public"."audit_logs" AS owned WHERE owned."tenant_id" IS NOT NULL AND owned."workspace_id" IS NULL
      SELECT owned."id", owned."tenant_id" FROM "public"."audit_logs" AS owned WHERE owned."tenant_id" IS NOT NULL AND owned."workspace_id" IS NULL ORDER BY owned."id"
    guard/tenants
      SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger WHERE tgrelid = '"public"."tenants"'::regclass AND tgname IN ('zz_workspace_isolation_frozen')
    guard/policies
      SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger WHERE tgrelid = '"public"."policies"'::regclass AND tgname IN ('zz_workspace_isolation_insert', 'zz_workspace_isolation_update')
    guard/audit_logs
      SELECT tgrelid::regclass, tgname, tgenabled, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger WHERE tgrelid = '"public"."audit_logs"'::regclass AND tgname IN ('zz_workspace_isolation_insert')
    not-null/policies
      SELECT a.attname, a.attnotnull, k.convalidated FROM pg_attribute AS a LEFT JOIN pg_constraint AS k ON k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum] WHERE a.attrelid = '"public"."policies"'::regclass AND a.attname = 'workspace_id' AND NOT a.attisdropped
    foreign-key/policies
      SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"public"."policies"'::regclass AND conname = 'policies_workspace_id_foreign'
    composite-key/policies
      SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"public"."policies"'::regclass AND conname = 'policies_tenant_id_workspace_id_foreign'
    check/audit_logs
      SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"public"."audit_logs"'::regclass AND conname = 'audit_logs_workspace_required_check'
    "#);
}

#[test]
fn one_pass_asks_only_what_is_asked() {
    let checks = registry(&fixture::scope());
    let missing = rows(&checks, "missing/policies");
    let mismatch = rows(&checks, "mismatch/policies");
    let orphan = rows(&checks, "orphan/policies");
    let passes = [
        one_pass(&[missing, mismatch, orphan]),
        one_pass(&[missing]),
        one_pass(&[missing, orphan]),
        one_pass(&[]),
    ];
    let passes: Vec<_> = passes.into_iter().flatten().collect();
    insta::assert_snapshot!(passes.join("\n"), @r#"
    SELECT count(*) FILTER (WHERE owned."workspace_id" IS NULL), count(*) FILTER (WHERE owned."workspace_id" <> tenant."workspace_id"), count(*) FILTER (WHERE tenant."workspace_id" IS NULL) FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id"
    SELECT count(*) FILTER (WHERE owned."workspace_id" IS NULL) FROM "public"."policies" AS owned
    SELECT count(*) FILTER (WHERE owned."workspace_id" IS NULL), count(*) FILTER (WHERE tenant."workspace_id" IS NULL) FROM "public"."policies" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."tenant_id"
    "#);
}

fn samples(change: impl Fn(&mut Scope)) -> String {
    let mut scope = fixture::scope();
    change(&mut scope);
    rows(&registry(&scope), "missing/policies").samples()
}

#[test]
fn samples_name_rows_by_whatever_key_there_is() {
    let of_type = |name: &str| KeyColumn { name: name.to_owned(), type_name: "uuid".to_owned() };
    let all = [
        samples(|_| {}),
        samples(|s| s.tables[0].key = vec![of_type("tenant_id"), of_type("Nr")]),
        samples(|s| s.tables[0].key.clear()),
        samples(|s| {
            s.tables[0].key.clear();
            s.tables[0].is_partitioned = true;
        }),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    SELECT owned."id"::text AS key FROM "public"."policies" AS owned WHERE owned."workspace_id" IS NULL ORDER BY owned."id" LIMIT 5
    SELECT owned."tenant_id"::text || ',' || owned."Nr"::text AS key FROM "public"."policies" AS owned WHERE owned."workspace_id" IS NULL ORDER BY owned."tenant_id", owned."Nr" LIMIT 5
    SELECT owned.ctid::text AS key FROM "public"."policies" AS owned WHERE owned."workspace_id" IS NULL ORDER BY owned.ctid LIMIT 5
    SELECT owned.tableoid::regclass::text || owned.ctid::text AS key FROM "public"."policies" AS owned WHERE owned."workspace_id" IS NULL ORDER BY owned.tableoid, owned.ctid LIMIT 5
    "#);
}

#[test]
fn hostile_names_stay_names() {
    let mut scope = fixture::scope();
    let target = &mut scope.tables[0];
    target.label = "it's \"x\"; DROP TABLE x; --".to_owned();
    target.relation.name = target.label.clone();
    target.workspace_column = "Work\"Space".to_owned();
    target.tenant_column = "select".to_owned();
    let mut checks = registry(&scope);
    checks.retain(|check| check.table.starts_with("it's") && check.kind != Kind::Guard);
    checks.retain(|check| !matches!(check.kind, Kind::Orphan | Kind::Missing | Kind::NotNull));
    insta::assert_snapshot!(sql_of(&checks), @r#"
    column/it's "x"; DROP TABLE x; --
      SELECT attname, format_type(atttypid, atttypmod), attgenerated FROM pg_attribute WHERE attrelid = '"public"."it''s ""x""; DROP TABLE x; --"'::regclass AND attname = 'Work"Space' AND NOT attisdropped
    index/it's "x"; DROP TABLE x; --
      SELECT indexrelid::regclass, indisvalid, indisready, pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '"public"."it''s ""x""; DROP TABLE x; --"'::regclass AND indexrelid = to_regclass('"public"."it''s ""x""; DROP TABLE x; --_workspace_id_index"')
    mismatch/it's "x"; DROP TABLE x; --
      SELECT count(*) FROM "public"."it's ""x""; DROP TABLE x; --" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."select" WHERE owned."Work""Space" <> tenant."workspace_id"
      SELECT owned."id", owned."select", owned."Work""Space", tenant."workspace_id" AS tenants_workspace FROM "public"."it's ""x""; DROP TABLE x; --" AS owned LEFT JOIN "public"."tenants" AS tenant ON tenant."id" = owned."select" WHERE owned."Work""Space" <> tenant."workspace_id" ORDER BY owned."id"
    foreign-key/it's "x"; DROP TABLE x; --
      SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"public"."it''s ""x""; DROP TABLE x; --"'::regclass AND conname = 'it''s "x"; DROP TABLE x; --_workspace_id_foreign'
    composite-key/it's "x"; DROP TABLE x; --
      SELECT conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = '"public"."it''s ""x""; DROP TABLE x; --"'::regclass AND conname = 'it''s "x"; DROP TABLE x; --_tenant_id_workspace_id_foreign'
    "#);
    let mismatch = checks.iter().find(|check| check.kind == Kind::Mismatch);
    insta::assert_snapshot!(
        mismatch.map(Check::next_command).unwrap_or_default(),
        @r#"validate explain 'mismatch/it'\''s "x"; DROP TABLE x; --'"#
    );
}

#[test]
fn structure_of_a_finished_rollout_passes() {
    let (scope, catalog) = (fixture::scope(), fixture::catalog());
    for check in registry(&scope) {
        if let Subject::Object(object) = &check.subject
            && check.kind != Kind::Guard
        {
            assert_eq!(object.problem(check.kind, &scope, &catalog), None, "{}", check.id);
        }
    }
}
