//! Phase 3 behind a red gate: nobody gets past it, and it says which rows are in the way.

use super::refused;
use crate::harness::{Answer, Database};

/// A bound database with this damage done to it, and what `up --phase 3` says.
#[track_caller]
fn phase_3_with(damage: &str) -> (Database, Answer) {
    let db = Database::bound();
    db.damage(damage);
    let answer = refused(&db, 1, || db.migration("up --phase 3"));
    let answer = answer.says("the gate refuses phase 3").next("validate --phase 2");
    (db, answer)
}

/// Asserts that the gate names these checks and no other.
#[track_caller]
fn names(answer: &Answer, checks: &str) {
    let refusal =
        answer.stderr.lines().find_map(|line| line.split_once("the gate refuses phase 3: "));
    let (_, named) = refusal.unwrap_or_else(|| panic!("{}", answer.stderr));
    assert_eq!(named, checks);
}

#[test]
fn unbound_rows_are_refused_with_their_tables_and_counts() {
    let db = Database::guarded();
    let counts = |table: &str| {
        db.number(&format!("SELECT count(*) FROM {table} WHERE workspace_id IS NULL"))
    };
    let answer = refused(&db, 1, || db.migration("up --phase 3"));
    let answer = answer.says("the gate refuses phase 3").next("validate --phase 2");
    for table in ["policies", "findings", "backup_items"] {
        let expected = format!("missing/{table} ({} rows)", counts(table));
        assert!(answer.stderr.contains(&expected), "{expected}: {}", answer.stderr);
    }
}

#[test]
fn one_unbound_row_is_enough() {
    let (_, answer) = phase_3_with("UPDATE findings SET workspace_id = NULL WHERE id = 7");
    names(&answer, "missing/findings");
}

#[test]
fn a_row_of_another_workspace_than_its_tenants_is_refused() {
    let (_, answer) = phase_3_with(
        "UPDATE policies p SET workspace_id = (SELECT min(w.id) FROM workspaces w WHERE w.id <> p.workspace_id)
         WHERE id IN (1, 2, 3)",
    );
    names(&answer, "mismatch/policies (3 rows)");
}

#[test]
fn a_row_without_a_tenant_is_refused() {
    let (_, answer) = phase_3_with("UPDATE policies SET tenant_id = 999999 WHERE id = 5");
    names(&answer, "orphan/policies");
}

#[test]
fn a_row_whose_tenant_has_no_workspace_is_refused() {
    let (db, answer) = phase_3_with(
        "INSERT INTO tenants (external_id, name) VALUES (gen_random_uuid(), 'unclaimed');
         UPDATE findings SET tenant_id = (SELECT max(id) FROM tenants) WHERE id = 9",
    );
    names(&answer, "orphan/findings");
    assert_eq!(db.number("SELECT count(*) FROM tenants WHERE workspace_id IS NULL"), 1);
}

#[test]
fn an_audit_row_with_a_tenant_and_without_a_workspace_is_refused() {
    let (_, answer) = phase_3_with(
        "UPDATE audit_logs SET workspace_id = NULL WHERE id = (SELECT min(id) FROM audit_logs WHERE tenant_id IS NOT NULL)",
    );
    names(&answer, "audit/audit_logs");
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let (_, answer) = phase_3_with(
        "UPDATE findings SET workspace_id = NULL WHERE id = 7;
         UPDATE policies SET tenant_id = 999999 WHERE id = 5;
         UPDATE audit_logs SET workspace_id = NULL WHERE id = (SELECT min(id) FROM audit_logs WHERE tenant_id IS NOT NULL)",
    );
    names(&answer, "orphan/policies, missing/findings, audit/audit_logs");
}

#[test]
fn once_the_rows_are_mended_the_same_command_goes_through() {
    let (db, _) = phase_3_with("UPDATE findings SET workspace_id = NULL WHERE id = 7");
    db.bind();
    db.up("3");
    db.validate("--phase 3").is(0);
}
