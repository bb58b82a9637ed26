//! Transactions that are open for long, and prepared ones.

use super::{found, found_by, only};
use crate::harness::{Database, assert_same};

/// Phase 1, for whoever takes every transaction that is open for one that is so for long.
const IMPATIENT: &str = "1 --long-transaction 1ms";

#[test]
fn a_long_transaction_is_named_with_what_it_has_locked() {
    let db = Database::legacy();
    let mut report = db.session("nightly report");
    report.execute("SELECT 1");
    assert_eq!(found(&db, IMPATIENT, "long-transaction"), [], "a session without a transaction");
    report.execute("BEGIN; SELECT count(*) FROM findings");
    assert_eq!(found(&db, "1", "long-transaction"), [], "one that is not open for long");
    let finding = only(found(&db, IMPATIENT, "long-transaction"));
    assert_eq!(finding.severity, "warns");
    assert_eq!(finding.table.as_deref(), Some("public.findings"));
    let pid = report.pid();
    let begins = format!("pid {pid} (nightly report, idle in transaction) has a transaction open");
    assert!(finding.detail.starts_with(&begins), "{}", finding.detail);
    assert!(finding.detail.contains("has locked public.findings; its last statement began"));
    assert!(finding.remedy.contains(&format!("SELECT pg_terminate_backend({pid})")));
    // It is no reason to stop: an ALTER gives way to it, and says so.
    let up = format!("up --phase {IMPATIENT} --lock-timeout 50ms --lock-retries 0");
    let answer = db.migration(&up).is(1);
    answer.says("WARN").says(&begins).says("failed to get the lock for `");
    report.execute("ROLLBACK");
    let answer = db.migration(&format!("up --phase {IMPATIENT}")).is(0);
    assert!(!answer.stderr.contains("nightly report"), "{}", answer.stderr);
}

#[test]
fn transactions_in_other_databases_and_without_locks_are_told_apart() {
    let (db, other) = (Database::legacy(), Database::legacy());
    let mut elsewhere = other.session("elsewhere");
    elsewhere.execute("BEGIN; LOCK TABLE policies IN ACCESS SHARE MODE");
    assert_eq!(found(&db, IMPATIENT, "long-transaction"), []);
    let mut idle = db.session("idle");
    idle.execute("BEGIN");
    let finding = only(found(&db, IMPATIENT, "long-transaction"));
    assert!(finding.detail.contains("has locked none of the tables"), "{}", finding.detail);
    assert_eq!(finding.table, None);
}

#[test]
fn a_transaction_of_unknown_age_is_said_to_be_unknown() {
    let db = Database::legacy();
    let url = db.role("reader", "GRANT pg_read_all_data TO {role}");
    let tool = || Database::tool_at(&url, "migration");
    let mut report = db.session("nightly report");
    assert_eq!(
        found_by(tool(), IMPATIENT, "long-transaction"),
        [],
        "hidden, but in no transaction"
    );
    report.execute("BEGIN");
    let finding = only(found_by(tool(), IMPATIENT, "long-transaction"));
    assert_eq!(finding.severity, "unknown");
    assert!(finding.detail.ends_with(&format!("since when: pid {}", report.pid())), "{finding:?}");
    let role = format!("{}_reader", db.name());
    assert_eq!(finding.remedy, format!("GRANT pg_read_all_stats TO \"{role}\""));
    db.execute(&finding.remedy);
    let finding = only(found_by(tool(), IMPATIENT, "long-transaction"));
    assert_eq!(finding.severity, "warns", "{finding:?}");
}

#[test]
fn views_that_are_closed_to_the_role_are_findings_with_the_grant_that_opens_them() {
    let db = Database::legacy();
    let url = db.role("reader", "REVOKE SELECT ON pg_replication_slots FROM PUBLIC");
    let role = format!("{}_reader", db.name());
    let finding = only(found_by(Database::tool_at(&url, "migration"), "1", "replication-slot"));
    assert_eq!(finding.severity, "unknown");
    assert!(finding.detail.contains("permission denied"), "{finding:?}");
    assert_eq!(finding.remedy, format!("GRANT SELECT ON pg_replication_slots TO \"{role}\""));
    db.execute(&finding.remedy);
    // A standby of another test may be in the making, with a slot that it does not read yet.
    let findings = found_by(Database::tool_at(&url, "migration"), "1", "replication-slot");
    assert!(findings.iter().all(|finding| finding.severity != "unknown"), "{findings:?}");
    db.execute(&format!("DROP OWNED BY {role}"));
}

/// Prepares a transaction.
fn prepare(db: &Database, sql: &str, gid: &str) {
    let mut session = db.session("the application");
    session.execute(&format!("BEGIN; {sql}; PREPARE TRANSACTION '{gid}'"));
}

#[test]
fn a_prepared_transaction_in_the_way_stops_before_anything_is_changed() {
    let mut db = Database::apart(&[("max_prepared_transactions", "5")]);
    assert_eq!(found(&db, "1", "prepared-transaction"), []);
    prepare(&db, "SELECT count(*) FROM operation_runs", "harmless");
    let finding = only(found(&db, "1", "prepared-transaction"));
    assert_eq!((finding.severity.as_str(), &finding.table), ("warns", &None), "{finding:?}");
    db.execute("ROLLBACK PREPARED 'harmless'");
    prepare(&db, "UPDATE policies SET display_name = 'x' WHERE id = 1", "two''s day");
    let stops_by_name = |db: &Database| {
        let finding = only(found(db, "1", "prepared-transaction"));
        assert_eq!(finding.severity, "stops");
        assert_eq!(finding.table.as_deref(), Some("public.policies"));
        assert!(finding.remedy.starts_with("COMMIT PREPARED 'two''s day' or ROLLBACK PREPARED"));
    };
    stops_by_name(&db);
    let answer = db.untouched_by(|| db.migration("up --phase 1")).is(1);
    answer
        .says("a step of this would fail or not end, so none was begun")
        .says("prepared transaction 'two''s day' of postgres")
        .says("--despite prepared-transaction")
        .next("ROLLBACK PREPARED 'two''s day'");
    // Whoever knows better gets as far as the locks allow.
    let despite =
        "up --phase 1 --despite prepared-transaction --lock-timeout 50ms --lock-retries 0";
    let answer = db.migration(despite).is(1);
    answer
        .says("WARN going on despite prepared-transaction")
        .says("failed to get the lock for `ALTER TABLE \"public\".\"policies\"")
        .says("a prepared transaction: see pg_prepared_xacts");
    // It outlives the server, and is known then too.
    db.restart();
    stops_by_name(&db);
    db.execute("COMMIT PREPARED 'two''s day'");
    db.up("1");
    assert_same(&db.catalog(), &Database::columns().catalog());
    prepare(&db, "SELECT count(*) FROM policies", "reader");
    let answer = db.untouched_by(|| db.migration("down --phase 1 --yes")).is(1);
    answer.says("prepared transaction 'reader'").next("ROLLBACK PREPARED 'reader'");
    // A trigger is put up beside readers.
    db.up("1.5");
}

#[test]
fn nothing_stops_where_nothing_is_due() {
    let db = Database::finished();
    let mut report = db.session("nightly report");
    report.execute("BEGIN; SELECT count(*) FROM findings");
    let plan = db.migration("plan --format json --long-transaction 1ms").is(0).json();
    assert_eq!(plan["findings"], serde_json::json!([]));
    let answer = db.migration("up --phase 3 --long-transaction 1ms").is(0);
    assert!(!answer.stderr.contains("nightly report"), "{}", answer.stderr);
}
