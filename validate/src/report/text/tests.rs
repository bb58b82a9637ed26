//! The report as people read it.

use crate::check::{Check, Phase, registry};
use crate::fixture;
use crate::gate::{Outcome, Report, Status};
use crate::report::Format;

fn outcome(check: Check, failing: &[(&str, u64, &[&str])]) -> Outcome {
    let found = failing.iter().find(|(id, _, _)| *id == check.id);
    let (count, samples) = found.map_or((0, [].as_slice()), |(_, count, ids)| (*count, ids));
    Outcome {
        id: check.id.clone(),
        status: if count == 0 { Status::Pass } else { Status::Fail },
        count,
        sample_ids: samples.iter().map(ToString::to_string).collect(),
        sql: check.sql.clone(),
        remedy: check.remedy.clone(),
        detail: (check.id == "index/policies" && count > 0)
            .then(|| "index x is missing".to_owned()),
        next: check.next_command(),
        check,
    }
}

fn report(phase: Phase, failing: &[(&str, u64, &[&str])]) -> Report {
    let checks = registry(&fixture::scope()).into_iter();
    let checks = checks.filter(|check| check.phases().contains(&phase));
    Report {
        verdict: if failing.is_empty() { Status::Pass } else { Status::Fail },
        phase,
        checks: checks.map(|check| outcome(check, failing)).collect(),
    }
}

fn text(report: &Report) -> String {
    match Format::Text.render(report) {
        Ok(text) => text,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_green_gate() {
    insta::assert_snapshot!(text(&report(Phase::Two, &[])), @r"
    | Check             | Status | Count | Sample ids | Remedy |
    |-------------------|--------|-------|------------|--------|
    | missing/policies  | pass   |     0 | -          | -      |
    | mismatch/policies | pass   |     0 | -          | -      |
    | orphan/policies   | pass   |     0 | -          | -      |
    | audit/audit_logs  | pass   |     0 | -          | -      |

    phase 2: pass (4 checks)
    ");
}

#[test]
fn failures_come_first() {
    let failing: [(&str, u64, &[&str]); 2] = [
        ("mismatch/policies", 7, &["1", "a\u{1b}[31m\n", "3", "4", "5"]),
        ("audit/audit_logs", 1, &["12"]),
    ];
    insta::assert_snapshot!(text(&report(Phase::Two, &failing)), @r"
    | Check             | Status | Count | Sample ids                | Remedy                             |
    |-------------------|--------|-------|---------------------------|------------------------------------|
    | mismatch/policies | FAIL   |     7 | 1, a\u{1b}[31m\n, 3, 4, 5 | validate explain mismatch/policies |
    | audit/audit_logs  | FAIL   |     1 | 12                        | backfill run                       |
    | missing/policies  | pass   |     0 | -                         | -                                  |
    | orphan/policies   | pass   |     0 | -                         | -                                  |

    phase 2: FAIL (2 of 4 checks)
    next: backfill run
    ");
}

#[test]
fn details_stand_below_the_table() {
    let failing: [(&str, u64, &[&str]); 1] = [("index/policies", 1, &[])];
    insta::assert_snapshot!(text(&report(Phase::One, &failing)), @r"
    | Check           | Status | Count | Sample ids | Remedy                 |
    |-----------------|--------|-------|------------|------------------------|
    | index/policies  | FAIL   |     1 | -          | migration up --phase 1 |
    | column/policies | pass   |     0 | -          | -                      |
    | index/tenants   | pass   |     0 | -          | -                      |

    index/policies: index x is missing

    phase 1: FAIL (1 of 3 checks)
    next: migration up --phase 1
    ");
}
