//! VACUUM against wraparound, which gives way to nobody.

use super::{Finding, found, found_by, only};
use crate::harness::{Database, until};

/// Uses up transaction identifiers: each block of its own that writes takes one.
fn burn(db: &Database, identifiers: u32) {
    db.execute(&format!(
        "DO $$ BEGIN
             CREATE TEMPORARY TABLE burned (i int) ON COMMIT DROP;
             FOR i IN 1..{identifiers} LOOP
                 BEGIN INSERT INTO burned VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END;
             END LOOP;
         END $$"
    ));
}

fn on_policies(findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|f| f.table.as_deref() == Some("public.policies")).collect()
}

#[test]
fn a_vacuum_against_wraparound_is_foreseen_and_stops_once_it_is_at_work() {
    let db = Database::apart(&[("autovacuum_naptime", "1s")]);
    // Few rows a page, so that there are pages enough for it to take its time: a tenth of a second
    // each. Nothing else makes autovacuum come here.
    db.execute(
        "INSERT INTO policies (id, tenant_id, external_id, policy_type, display_name)
         SELECT 1000000 + n, (SELECT min(id) FROM tenants), n, 'x', 'x' FROM generate_series(1, 2000) AS n",
    );
    db.execute(
        "ALTER TABLE policies SET (fillfactor = 10, autovacuum_vacuum_threshold = 1000000,
             autovacuum_vacuum_insert_threshold = 1000000, autovacuum_analyze_threshold = 1000000)",
    );
    db.execute("VACUUM (FULL, FREEZE) policies");
    db.execute(
        "ALTER TABLE policies SET (autovacuum_freeze_max_age = 100000,
             autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)",
    );
    assert_eq!(found(&db, "1", "wraparound-near"), []);
    burn(&db, 91_000);
    let finding = only(found(&db, "1", "wraparound-near"));
    assert_eq!(
        (finding.severity.as_str(), finding.table.as_deref()),
        ("warns", Some("public.policies"))
    );
    assert!(finding.remedy.ends_with("VACUUM (FREEZE) \"public\".\"policies\""), "{finding:?}");
    let url = db.role("reader", "GRANT pg_read_all_data TO {role}");
    burn(&db, 11_000);
    until("the vacuum is at work", || !found(&db, "1", "wraparound-vacuum").is_empty());
    let finding = only(on_policies(found(&db, "1", "wraparound-vacuum")));
    assert_eq!(finding.severity, "stops");
    assert!(finding.detail.contains(" pages read); it gives way to nobody"), "{finding:?}");
    assert!(finding.remedy.contains("SELECT * FROM pg_stat_progress_vacuum WHERE pid = "));
    assert_eq!(on_policies(found(&db, "1", "wraparound-near")), [], "it is said once");
    // A role that may not see what it does knows it by its lock and by the table's age.
    let finding =
        only(on_policies(found_by(Database::tool_at(&url, "migration"), "1", "wraparound-vacuum")));
    assert_eq!(finding.severity, "stops");
    assert!(finding.detail.contains("GRANT pg_read_all_stats TO"), "{finding:?}");
    let answer = db.untouched_by(|| db.migration("up --phase 1")).is(1);
    answer
        .says("an autovacuum to prevent wraparound is at work on public.policies")
        .next("wait until it has ended");
    // It is true: an ALTER does not get by.
    let despite = "up --phase 1 --despite wraparound-vacuum --lock-timeout 50ms --lock-retries 1";
    db.migration(despite)
        .is(1)
        .says("failed to get the lock for `ALTER TABLE \"public\".\"policies\"");
}
