//! What each phase's gate asks, before and after its phase.

use serde_json::json;

use super::{checks, ids_of, report};
use crate::harness::Database;

#[test]
fn phase_1_is_red_before_up_and_green_after() {
    let db = Database::legacy();
    let red = report(&db, "--phase 1");
    assert_eq!(red["phase"], 1);
    assert_eq!(ids_of(&red, "fail").len(), 25, "12 columns, 12 indexes, and the tenants'");
    assert!(checks(&red).iter().all(|check| check["remedy"] == "migration up --phase 1"));
    db.validate("--phase 1")
        .is(1)
        .prints("phase 1: FAIL (25 of 25 checks)\nnext: migration up --phase 1\n");
    db.up("1");
    let green = report(&db, "--phase 1");
    assert_eq!(ids_of(&green, "pass").len(), 25);
    db.validate("--phase 1").is(0).prints("phase 1: pass (25 checks)");
}

#[test]
fn phase_2_before_phase_1_could_not_look() {
    let db = Database::legacy();
    for words in ["", "--phase 2", "--format json"] {
        let answer = db.untouched_by(|| db.validate(words)).is(2);
        assert_eq!(answer.stdout, "", "no verdict");
        answer
            .says("no workspace column in policies, policy_versions, ")
            .next("migration up --phase 1");
    }
}

#[test]
fn phase_2_is_red_until_every_row_is_bound() {
    let db = Database::guarded();
    let red = report(&db, "");
    assert_eq!(red["phase"], 2);
    assert_eq!(checks(&red).len(), 37, "three for each of 12 tables, and the audit trail's");
    let failing = ids_of(&red, "fail");
    assert!(
        failing.iter().all(|id| id.starts_with("missing/") || id == "audit/audit_logs"),
        "{failing:?}"
    );
    assert_eq!(failing.len(), 13, "{failing:?}");
    db.validate("").is(1).prints("next: backfill run");
    db.bind();
    assert_eq!(report(&db, "")["verdict"], "pass");
    db.validate("").is(0).prints("phase 2: pass (37 checks)");
}

#[test]
fn phase_3_asks_everything() {
    let db = Database::bound();
    let red = report(&db, "--phase 3");
    assert_eq!(red["phase"], 3);
    let failing = ids_of(&red, "fail");
    for kind in ["not-null/", "foreign-key/", "composite-key/"] {
        assert_eq!(failing.iter().filter(|id| id.starts_with(kind)).count(), 12, "{kind}");
    }
    assert_eq!(failing.len(), 37, "{failing:?}");
    db.validate("--phase 3").is(1).prints("next: migration up --phase 3");
    db.up("3");
    let green = report(&db, "--phase 3");
    assert_eq!(ids_of(&green, "pass").len(), 113);
}

#[test]
fn phase_3_is_red_with_words_where_not_even_phase_1_is_applied() {
    let db = Database::legacy();
    let red = report(&db, "--phase 3");
    let of =
        |id: &str| checks(&red).iter().find(|check| check["id"] == id).expect("the check").clone();
    let missing = of("missing/policies");
    assert_eq!((&missing["status"], &missing["count"]), (&json!("fail"), &json!(0)));
    assert_eq!(missing["remedy"], "migration up --phase 1");
    db.validate("--phase 3").is(1).prints("next: migration up --phase 1");
}

#[test]
fn a_passing_check_says_exactly_what_the_contract_has() {
    let db = Database::finished();
    let green = report(&db, "--phase 3");
    let fields: Vec<_> = green.as_object().expect("an object").keys().cloned().collect();
    assert_eq!(fields, ["checks", "last_filled", "phase", "verdict"]);
    for check in checks(&green) {
        let fields: Vec<_> = check.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(fields, ["count", "id", "remedy", "sample_ids", "sql", "status"], "{check:#}");
        assert_eq!((&check["count"], &check["sample_ids"]), (&json!(0), &json!([])), "{check:#}");
        for text in ["sql", "remedy"] {
            assert!(check[text].as_str().is_some_and(|text| !text.is_empty()), "{check:#}");
        }
    }
}

#[test]
fn every_checks_sql_runs_as_it_stands() {
    let db = Database::finished();
    let green = report(&db, "--phase 3");
    for check in checks(&green) {
        let rows = db.texts(check["sql"].as_str().expect("SQL"));
        let kind = check["id"].as_str().and_then(|id| id.split_once('/')).expect("an id").0;
        match kind {
            "missing" | "mismatch" | "orphan" | "audit" => assert_eq!(rows, ["0"], "{check:#}"),
            _ => assert!(!rows.is_empty(), "the object is to be seen: {check:#}"),
        }
    }
}
