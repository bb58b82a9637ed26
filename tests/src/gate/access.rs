//! Who may ask, from where, and that a gate that could not look has not passed.

use super::report_of;
use crate::harness::{Answer, Database};

const SELECT: &str = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}";

fn validate_at(url: &str, words: &str) -> Answer {
    Database::tool_at(url, "validate").words(words).run()
}

#[test]
fn the_gate_writes_nothing() {
    for db in [Database::columns(), Database::bound(), Database::finished()] {
        db.untouched_by(|| {
            for words in ["--phase 1", "--phase 2", "--phase 3", "list", "explain missing/policies"]
            {
                let answer = db.validate(words);
                assert!(answer.status <= 1, "{words}: {}", answer.stderr);
            }
        });
    }
}

#[test]
fn to_read_the_tables_is_all_the_right_it_needs() {
    let db = Database::finished();
    let url = db.role("reader", SELECT);
    for phase in ["1", "2", "3"] {
        let answer = validate_at(&url, &format!("--phase {phase} --format json")).is(0);
        assert_eq!(report_of(&answer)["verdict"], "pass");
    }
    db.damage("UPDATE policies SET workspace_id = workspace_id % 2 + 1 WHERE id = 1");
    validate_at(&url, "").is(1).prints("mismatch/policies");
    validate_at(&url, "list").is(0);
}

#[test]
fn without_the_right_to_read_a_table_it_could_not_look() {
    let db = Database::finished();
    let url = db.role("reader", &format!("{SELECT}; REVOKE SELECT ON findings FROM {{role}}"));
    let answer =
        validate_at(&url, "").is(2).says("examine findings: permission denied for table findings");
    assert_eq!(answer.stdout, "");
    answer.next("grant SELECT on the table");
    validate_at(&url, "--only missing/policies").is(0);
}

#[test]
fn where_row_level_security_hides_rows_it_could_not_look() {
    let db = Database::finished();
    let url = db.role("reader", SELECT);
    db.damage("UPDATE findings SET workspace_id = workspace_id % 2 + 1 WHERE id = 1");
    db.execute(
        "ALTER TABLE findings ENABLE ROW LEVEL SECURITY; CREATE POLICY visible ON findings USING (id > 1)",
    );
    let answer = validate_at(&url, "").is(2).says("row-level security");
    assert_eq!(answer.stdout, "");
    answer.next("BYPASSRLS");
    db.validate("").is(1).prints("mismatch/findings");
}

#[test]
fn a_table_that_is_locked_is_no_pass() {
    let db = Database::finished();
    let mut holder = db.session("nightly report");
    holder.execute("BEGIN; LOCK TABLE findings IN ACCESS EXCLUSIVE MODE");
    for words in ["", "--phase 3", "--only missing/findings"] {
        let answer = db.validate(&format!("--lock-timeout 50ms {words}")).is(2);
        assert_eq!(answer.stdout, "", "no verdict");
        let names =
            [format!("pid {} (nightly report", holder.pid()), "examine findings".to_owned()];
        assert!(names.iter().any(|name| answer.stderr.contains(name)), "{}", answer.stderr);
        // `run validate again` or `run the same command again`, by who it was that could not look.
        answer.next(" again");
    }
    holder.execute("ROLLBACK");
    db.validate("--lock-timeout 50ms").is(0);
}

#[test]
fn a_hot_standby_answers_as_the_primary_does() {
    let green = Database::finished();
    let url = green.standby_url();
    for phase in ["1", "2", "3"] {
        let words = format!("--phase {phase} --format json");
        assert_eq!(validate_at(&url, &words).is(0).json(), green.validate(&words).is(0).json());
    }
    let red = Database::guarded();
    let url = red.standby_url();
    assert_eq!(
        validate_at(&url, "--format json").is(1).json(),
        red.validate("--format json").is(1).json()
    );
}

#[test]
fn rows_that_come_and_go_unfinished_are_not_seen() {
    let db = Database::finished();
    let mut writer = db.session("a writer");
    writer.execute("BEGIN; SET LOCAL session_replication_role = replica; UPDATE policies SET workspace_id = workspace_id % 2 + 1");
    db.validate("").is(0);
    writer.execute("COMMIT");
    db.validate("").is(1).prints("mismatch/policies");
}
