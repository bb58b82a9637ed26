//! What `validate` shows of it, and what `migration up --phase 3` makes of it.

use serde_json::{Value, json};

use super::{insert, set_back};
use crate::harness::{Answer, Database};

const WARNING: &str = "code that leaves the workspace out still writes";

fn last_filled(answer: &Answer) -> Value {
    answer.json()["last_filled"].clone()
}

#[test]
fn nothing_is_known_before_the_guard_stands_or_where_the_application_enforces_it() {
    let db = Database::columns();
    let answer = db.validate("--format json").is(1);
    assert_eq!(last_filled(&answer), Value::Null);
    assert!(!db.validate("").stdout.contains("the write guard"));
    let db = Database::guarded();
    assert_eq!(last_filled(&db.validate("--phase 1 --format json").is(0)), Value::Null);
}

#[test]
fn a_guard_that_never_had_to_says_so() {
    let db = Database::bound();
    let answer = db.validate("--format json").is(0);
    assert_eq!(last_filled(&answer), json!({"at": null, "seconds_ago": null, "tables": []}));
    db.validate("")
        .is(0)
        .prints("the write guard has not had to fill in a workspace since it was put up\n");
    db.up("3");
    db.validate("--phase 3")
        .is(0)
        .prints("the write guard has not had to fill in a workspace since it was put up\n");
}

#[test]
fn the_gate_shows_when_and_where_and_passes() {
    let db = Database::bound();
    set_back(&db, "findings", 7200);
    set_back(&db, "policies", 125);
    for phase in ["2", "3"] {
        let last = last_filled(&db.validate(&format!("--phase {phase} --format json")));
        let at = db.text(
            "SELECT to_char(to_timestamp(last_value) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') \
             FROM workspace_isolation.filled_public_policies",
        );
        assert_eq!(last["at"], json!(at));
        assert!(last["seconds_ago"].as_u64() >= Some(125), "{last}");
        assert_eq!(last["tables"][0]["table"], "policies");
        assert_eq!(last["tables"][0]["at"], json!(at));
        assert_eq!(last["tables"][1]["table"], "findings");
        assert!(last["tables"][1]["seconds_ago"].as_u64() >= Some(7200), "{last}");
        assert_eq!(last["tables"].as_array().map(Vec::len), Some(2));
    }
    let answer =
        db.validate("").is(0).prints("the write guard last had to fill in a workspace 2m ");
    answer.prints(" ago (policies), at ").prints("until then, code that leaves it out was writing");
}

#[test]
fn to_read_the_tables_is_all_the_right_it_needs() {
    let db = Database::bound();
    db.execute(&insert("new"));
    let url = db.role("reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    let answer = Database::tool_at(&url, "validate").words("--format json").run().is(0);
    assert_eq!(last_filled(&answer)["tables"][0]["table"], "policies");
    // Where even that was taken away, nothing is known, and the verdict stands.
    db.execute("REVOKE SELECT ON ALL SEQUENCES IN SCHEMA workspace_isolation FROM PUBLIC");
    let answer = Database::tool_at(&url, "validate").words("--format json").run().is(0);
    assert_eq!(last_filled(&answer), Value::Null);
    assert_eq!(answer.stderr, "");
}

#[test]
fn a_role_that_may_read_it_may_not_write_it() {
    let db = Database::guarded();
    let url = db.role("reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}");
    let mut reader = crate::harness::Session::open(&url, "a reader");
    for sql in ["setval('{}', 1)", "nextval('{}')"] {
        let sql = sql.replace("{}", "workspace_isolation.filled_public_policies");
        assert_eq!(reader.refused(&format!("SELECT {sql}")).code, "42501");
    }
}

#[test]
fn phase_3_warns_while_old_code_writes_and_goes_on() {
    let db = Database::bound();
    db.execute(&insert("new"));
    set_back(&db, "findings", 300);
    let answer = db.up("3").says(WARNING).says("(policies), at ").says("(findings), at ");
    let lines: Vec<_> = answer.stderr.lines().filter(|line| line.contains(WARNING)).collect();
    assert_eq!(lines.len(), 1, "{}", answer.stderr);
    db.validate("--phase 3").is(0);
    let again = db.up("3").prints("Nothing to do");
    assert!(!again.stderr.contains(WARNING), "{}", again.stderr);
}

#[test]
fn phase_3_warns_of_what_is_within_the_quiet_period() {
    for (ago, words, warns) in [
        (900, "", false),
        (900, "--quiet-period 1h", true),
        (60, "--quiet-period 30s", false),
        (60, "--quiet-period 0", false),
        (60, "--quiet-period 0s", false),
        (60, "", true),
    ] {
        let db = Database::bound();
        set_back(&db, "policies", ago);
        let answer = db.migration(&format!("up --phase 3 {words}")).is(0);
        assert_eq!(answer.stderr.contains(WARNING), warns, "{ago} {words}: {}", answer.stderr);
    }
}

#[test]
fn a_quiet_period_that_means_nothing_is_refused() {
    let db = Database::columns();
    for (words, says) in [
        ("up --phase 1.5 --quiet-period 10m", "--quiet-period is for phase 3"),
        ("up --phase 1.5 --quiet-period 0", "--quiet-period is for phase 3"),
        ("up --phase 3 --quiet-period soon", "write it like 500ms, 1s or 2m"),
        ("down --phase 1.5 --quiet-period 10m", "--quiet-period"),
    ] {
        let answer = db.untouched_by(|| db.migration(words));
        answer.is(2).says(says).next("migration");
    }
}
