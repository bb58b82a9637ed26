//! `list`, `explain`, `--only`, `--output`, and what the gate does not take.

use serde_json::{Value, json};

use super::{checks, ids_of, report, report_of};
use crate::harness::Database;

#[test]
fn list_names_every_check_with_its_phases() {
    let db = Database::legacy();
    let answer = db.validate("list --format json").is(0).json();
    let listed = checks(&answer);
    assert_eq!(listed.len(), 113);
    let phases = |id: &str| {
        listed.iter().find(|check| check["id"] == id).map(|check| check["phases"].clone())
    };
    assert_eq!(phases("column/policies"), Some(json!([1, 3])));
    assert_eq!(phases("index/tenants"), Some(json!([1, 3])));
    assert_eq!(phases("missing/policies"), Some(json!([2, 3])));
    assert_eq!(phases("audit/audit_logs"), Some(json!([2, 3])));
    for kind in ["guard", "not-null", "foreign-key", "composite-key"] {
        assert_eq!(phases(&format!("{kind}/findings")), Some(json!([3])), "{kind}");
    }
    assert_eq!(phases("check/audit_logs"), Some(json!([3])));
    let text = db.validate("list").is(0).stdout;
    for check in listed {
        assert!(text.contains(check["id"].as_str().expect("an id")), "{check}");
    }
}

#[test]
fn what_is_listed_is_what_phase_3_asks() {
    let db = Database::finished();
    let ids =
        |answer: &Value| -> Vec<Value> { checks(answer).iter().map(|c| c["id"].clone()).collect() };
    let listed = db.validate("list --format json").is(0).json();
    assert_eq!(ids(&listed), ids(&report(&db, "--phase 3")));
}

#[test]
fn explain_shows_the_exact_sql_why_and_the_remedy() {
    let db = Database::bound();
    db.damage("UPDATE policies SET workspace_id = NULL WHERE id = 4");
    let answer = db.validate("explain missing/policies").is(0);
    let red = report(&db, "--only missing/policies");
    let sql = checks(&red)[0]["sql"].as_str().expect("SQL");
    answer
        .prints("missing/policies (phase 2 and 3)")
        .prints(&format!("{sql};"))
        .prints("Why it matters:")
        .prints("How to mend it:\n  backfill run");
    let explained = db.validate("explain missing/policies --format json").is(0).json();
    assert_eq!(explained["sql"], sql);
    assert_eq!(explained["remedy"], "backfill run");
    let rows = explained["rows_sql"].as_str().expect("SQL that shows the rows");
    assert_eq!(db.texts(rows), ["4"]);
}

#[test]
fn every_check_can_be_explained_and_shows_rows_by_sql_that_runs() {
    let db = Database::bound();
    let listed = db.validate("list --format json").is(0).json();
    let kinds = ["missing/findings", "mismatch/findings", "orphan/findings", "audit/audit_logs"];
    for id in kinds {
        let explained = db.validate(&format!("explain {id} --format json")).is(0).json();
        assert!(db.texts(explained["rows_sql"].as_str().expect("SQL")).is_empty(), "{id}");
    }
    for check in checks(&listed).iter().filter(|check| {
        let id = check["id"].as_str().expect("an id");
        id.ends_with("/findings") || id.ends_with("/tenants") || id.ends_with("/audit_logs")
    }) {
        let id = check["id"].as_str().expect("an id");
        let fails = check["fails"].as_str().expect("what fails it");
        db.validate(&format!("explain {id}")).is(0).prints(&format!("Fails for {fails}."));
    }
}

#[test]
fn explain_of_no_check_offers_near_ones() {
    let db = Database::legacy();
    let answer = db.validate("explain missing/polices").is(2);
    answer.says("missing/policies").next("validate list");
}

#[test]
fn only_asks_only_these_checks() {
    let db = Database::bound();
    db.damage("UPDATE policies SET workspace_id = NULL WHERE id = 4");
    let asked = |words: &str| -> Vec<String> {
        let report = report(&db, words);
        checks(&report).iter().map(|c| c["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(asked("--only missing/findings"), ["missing/findings"]);
    assert_eq!(
        asked("--only orphan/findings --only missing/policies"),
        ["missing/policies", "orphan/findings"]
    );
    assert_eq!(asked("--only missing/*").len(), 12);
    assert_eq!(asked("--only missing/policy*"), ["missing/policy_versions"]);
    db.validate("--only missing/findings").is(0).prints("phase 2: pass (1 check)");
    db.validate("--only missing/policies").is(1);
}

#[test]
fn only_of_nothing_is_not_a_pass() {
    let db = Database::bound();
    let answer = db.validate("--only missing/polices").is(2).says("near it: missing/policies");
    assert_eq!(answer.stdout, "");
    answer.next("validate list");
    let answer = db.validate("--only not-null/policies").is(2).says("it is asked in phase 3");
    answer.next("validate --phase 3 --only not-null/policies");
    db.validate("--only missing/policies --only nothing/*").is(2).next("validate list");
}

#[test]
fn output_writes_files_as_well_red_or_green() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name).display().to_string();
    let outputs = format!("--output json={} --output text={}", path("gate.json"), path("gate.txt"));
    for (db, status, verdict) in [(Database::guarded(), 1, "fail"), (Database::bound(), 0, "pass")]
    {
        let answer = db.validate(&outputs).is(status);
        let text = std::fs::read_to_string(path("gate.txt")).expect("the text");
        assert_eq!(text.trim_end(), answer.stdout.trim_end());
        let json = std::fs::read_to_string(path("gate.json")).expect("the document");
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["verdict"], verdict);
        assert_eq!(json, report_of(&db.validate("--format json")));
    }
    assert_eq!(
        std::fs::read_dir(&directory).expect("read it").count(),
        2,
        "nothing is left beside them"
    );
}

#[test]
fn an_output_that_cannot_be_written_is_no_pass() {
    let db = Database::bound();
    let answer = db.validate("--output json=/no/such/directory/gate.json").is(2);
    assert_eq!(answer.stdout, "");
    answer.says("/no/such/directory/gate.json").next("name a file in a directory that exists");
}

#[test]
fn options_of_the_gate_before_a_subcommand_are_refused() {
    let db = Database::bound();
    db.validate("--only missing/policies list")
        .is(2)
        .says("have no meaning before a subcommand")
        .next("validate list");
}

#[test]
fn every_format_of_the_contract_is_written() {
    let db = Database::guarded();
    for format in ["text", "json", "junit", "sarif", "github"] {
        let answer = db.validate(&format!("--format {format}")).is(1);
        assert!(answer.stdout.contains("missing/policies"), "{format}: {}", answer.stdout);
    }
}

#[test]
fn people_read_failures_first_and_the_next_command_last() {
    let db = Database::bound();
    db.damage("UPDATE tenant_permissions SET workspace_id = NULL WHERE id = 1");
    let text = db.validate("").is(1).stdout;
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert_eq!(rows.len(), 37, "{text}");
    assert!(
        rows[0].contains("missing/tenant_permissions") && rows[0].contains("backfill run"),
        "{text}"
    );
    assert!(rows[1..].iter().all(|row| row.contains(" pass ")), "{text}");
    assert_eq!(text.lines().last(), Some("next: backfill run"));
    assert_eq!(ids_of(&report(&db, ""), "fail"), ["missing/tenant_permissions"]);
}
