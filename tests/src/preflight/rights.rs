//! What no step can do without: the rights, and a server that takes writes.

use super::{found, found_by, of_kind, only};
use crate::harness::{Database, Session};

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

#[test]
fn an_owner_that_took_the_right_to_change_rows_from_itself_is_told_to_give_it_back() {
    let db = Database::legacy();
    let url = db.role(
        "owner",
        &format!(
            "GRANT CREATE ON DATABASE {} TO {{role}}; GRANT CREATE ON SCHEMA public TO {{role}};
             DO $$ DECLARE t text; BEGIN
                 FOR t IN SELECT c.oid::regclass FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                 LOOP EXECUTE format('ALTER TABLE %s OWNER TO {{role}}', t); END LOOP;
             END $$;
             REVOKE ALL ON audit_logs, workspaces FROM {{role}};
             GRANT SELECT, INSERT, REFERENCES, TRIGGER ON audit_logs, workspaces TO {{role}};
             GRANT DELETE ON workspaces TO {{role}}",
            db.name()
        ),
    );
    let role = format!("{}_owner", db.name());
    let grant = format!("GRANT UPDATE ON \"public\".\"audit_logs\" TO \"{role}\"");
    let tool = || Database::tool_at(&url, "migration");
    // To be allowed to delete is enough for the workspaces.
    let finding = only(found_by(tool(), "1", "privileges"));
    assert_eq!(finding.severity, "stops");
    assert_eq!(finding.table.as_deref(), Some("public.audit_logs"));
    assert_eq!(finding.detail, format!("role {role} lacks UPDATE on table public.audit_logs"));
    assert_eq!(finding.remedy, grant);
    let answer = db.untouched_by(|| tool().words("up --phase 1").run()).is(2);
    answer
        .says(&format!("UPDATE on table public.audit_logs: {grant}"))
        .next(&format!("{grant}; then run the same command again"));
    db.execute(&format!("REVOKE DELETE ON workspaces FROM {role}"));
    assert_eq!(found_by(tool(), "1", "privileges").len(), 2);
    // It is the owner's to give.
    let mut owner = Session::open(&url, "the owner");
    owner.execute(&grant);
    owner.execute(&format!("GRANT TRUNCATE ON workspaces TO {role}"));
    assert_eq!(found_by(tool(), "1", "privileges"), []);
    for phase in ["1", "1.5"] {
        tool().words("up --phase").arg(phase).run().is(0);
    }
}
