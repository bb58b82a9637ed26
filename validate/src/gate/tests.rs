//! The gate without its database: what is asked, and what answers come to.

use isolation::scope::Scope;

use super::*;
use crate::fixture;

fn before_phase_one() -> Scope {
    let mut scope = fixture::scope();
    scope.tables[0].has_workspace_column = false;
    scope
}

fn selected(scope: &Scope, phase: Phase) -> Vec<Check> {
    match Selection::phase(phase).of(registry(scope)) {
        Ok(checks) => checks,
        Err(unmatched) => panic!("{unmatched:?}"),
    }
}

fn asked(checks: &[Check]) -> Vec<Vec<&str>> {
    let ids = |pass: &Pass<'_>| pass.checks.iter().map(|(at, _)| checks[*at].id.as_str()).collect();
    passes(checks).iter().map(ids).collect()
}

#[test]
fn each_table_is_read_once() {
    let checks = selected(&fixture::scope(), Phase::Two);
    let expected = [
        vec!["missing/policies", "mismatch/policies", "orphan/policies"],
        vec!["audit/audit_logs"],
    ];
    assert_eq!(asked(&checks), expected);
    assert!(passes(&selected(&fixture::scope(), Phase::One)).is_empty());
}

#[test]
fn before_phase_one_rows_cannot_be_asked_about() {
    let scope = before_phase_one();
    let error = ready(&selected(&scope, Phase::Two)).err();
    let error = error.map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "ask about rows: no workspace column in policies");
    assert!(ready(&selected(&fixture::scope(), Phase::Two)).is_ok());
    // Orphans can be looked for before there is a column.
    let checks = selected(&scope, Phase::Three);
    assert_eq!(asked(&checks), [vec!["orphan/policies"], vec!["audit/audit_logs"]]);
}

#[test]
fn what_was_not_asked_has_not_passed() {
    let scope = before_phase_one();
    let mut checks = selected(&scope, Phase::Three);
    checks.retain(|check| check.id == "missing/policies");
    let outcomes = checks.into_iter().map(|c| outcome(c, None, &scope, &fixture::catalog()));
    let report = Report::new(Phase::Three, outcomes.collect());
    assert_eq!(report.verdict, Status::Fail);
    insta::assert_json_snapshot!(report, @r#"
    {
      "verdict": "fail",
      "phase": 3,
      "checks": [
        {
          "id": "missing/policies",
          "status": "fail",
          "count": 0,
          "sample_ids": [],
          "sql": "SELECT count(*) FROM \"public\".\"policies\" AS owned WHERE owned.\"workspace_id\" IS NULL",
          "remedy": "migration up --phase 1",
          "detail": "not asked: no workspace column"
        }
      ],
      "last_filled": null
    }
    "#);
}

#[test]
fn a_failing_object_says_what_is_wrong() {
    let scope = fixture::scope();
    let mut catalog = fixture::catalog();
    for relation in &mut catalog.relations {
        for index in &mut relation.indexes {
            index.valid = false;
        }
        for constraint in &mut relation.constraints {
            constraint.on_delete = "c".to_owned();
            constraint.validated = false;
        }
        if relation.oid == fixture::POLICIES {
            relation.columns[2].not_null = false;
        }
    }
    let checks = selected(&scope, Phase::Three).into_iter();
    let outcomes = checks.map(|check| outcome(check, Some(Counted::default()), &scope, &catalog));
    let report = Report::new(Phase::Three, outcomes.collect());
    let lines = report.failures().map(|outcome| {
        let detail = outcome.detail.as_deref().unwrap_or_default();
        assert_eq!((outcome.count, outcome.sample_ids.len()), (1, 0));
        format!("{}: {detail}\n  {}\n", outcome.id, outcome.remedy)
    });
    insta::assert_snapshot!(lines.collect::<String>(), @r#"
    index/policies: index policies_workspace_id_index is not valid: its build has not ended, or was interrupted
      migration up --phase 1
    index/tenants: index tenants_id_workspace_id_unique is not valid: its build has not ended, or was interrupted
      migration up --phase 1
    guard/tenants: trigger zz_workspace_isolation_frozen on tenants is missing
      migration up --phase 1.5
    guard/policies: trigger zz_workspace_isolation_insert on policies is missing
      migration up --phase 1.5
    guard/audit_logs: trigger zz_workspace_isolation_insert on audit_logs is missing
      migration up --phase 1.5
    not-null/policies: column workspace_id can be NULL
      migration up --phase 3
    foreign-key/policies: constraint policies_workspace_id_foreign is not what it should be: it is `FOREIGN KEY …`, and should be `FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id")`, not deferrable
      drop or rename what stands there, then: migration up --phase 3
    composite-key/policies: constraint policies_tenant_id_workspace_id_foreign is not what it should be: it is `FOREIGN KEY …`, and should be `FOREIGN KEY ("tenant_id", "workspace_id") REFERENCES "public"."tenants"("id", "workspace_id")`, not deferrable
      drop or rename what stands there, then: migration up --phase 3
    check/audit_logs: constraint audit_logs_workspace_required_check is not validated: earlier rows may violate it
      migration up --phase 3
    "#);
}

#[test]
fn the_next_step_is_the_one_others_wait_for() {
    let scope = fixture::scope();
    let some = |check: Check| {
        let counted = Counted { count: 1, sample_ids: vec!["7".to_owned()] };
        outcome(check, Some(counted), &scope, &fixture::catalog())
    };
    let outcomes = selected(&scope, Phase::Two).into_iter().map(some).collect();
    let report = Report::new(Phase::Two, outcomes);
    assert_eq!(report.next(), Some("validate explain orphan/policies"));
    assert_eq!(Report::new(Phase::Two, Vec::new()).next(), None);
}

#[test]
fn errors_name_the_next_command() {
    use isolation::cli::{Exit, Failure};

    let tables = vec!["policies".to_owned(), "findings".to_owned()];
    let failure = Failure::from(ValidateError::NotReady { tables });
    assert_eq!(failure.exit, Exit::CannotAsk);
    assert_eq!(failure.next, "migration up --phase 1");
    let only = vec!["guard/pol*".to_owned()];
    let selection = Selection::data().only(only);
    let error = selection.of(registry(&fixture::scope())).err();
    let failure = error.map(ValidateError::from).map(Failure::from);
    let next = failure.map(|failure| failure.next).unwrap_or_default();
    assert_eq!(next, "validate --phase 3 --only 'guard/pol*'");
}
