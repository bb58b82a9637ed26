//! What no step can do without: the rights, and a server that takes writes.

use super::{found, found_by, of_kind};
use crate::harness::Database;

#[test]
fn a_plan_says_which_rights_are_missing() {
    let db = Database::legacy();
    assert_eq!(found(&db, "1", "privileges"), []);
    let url = db.role("reader", "GRANT pg_read_all_data TO {role}");
    let findings = found_by(Database::tool_at(&url, "migration"), "1", "privileges");
    assert!(findings.len() > 13 && findings.iter().all(|f| f.severity == "stops"), "{findings:?}");
    let of_policies = findings.iter().find(|f| f.table.as_deref() == Some("public.policies"));
    let detail = &of_policies.expect("a finding about policies").detail;
    let role = format!("{}_reader", db.name());
    assert_eq!(detail, &format!("role {role} lacks ownership of table public.policies"));
    let create = format!("role {role} lacks CREATE on database {}", db.name());
    assert!(findings.iter().any(|f| f.table.is_none() && f.detail == create), "{findings:?}");
}

#[test]
fn a_plan_on_a_standby_says_that_it_is_one_and_nothing_else() {
    let db = Database::columns();
    let answer = Database::tool_at(&db.standby_url(), "migration")
        .words("plan --format json --phase 1.5")
        .run()
        .is(0);
    let findings = of_kind(&answer, "standby");
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].severity, "stops");
    assert_eq!(answer.json()["findings"].as_array().map(Vec::len), Some(1));
}
