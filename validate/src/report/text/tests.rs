//! The report as people read it.

use isolation::guard::LastFilled;

use crate::check::Phase;
use crate::fixture::{HOSTILE, last_filled, rendered, report};
use crate::report::Format;

#[test]
fn a_green_gate() {
    insta::assert_snapshot!(rendered(Format::Text, &report(Phase::Two, &[])), @r"
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
    insta::assert_snapshot!(rendered(Format::Text, &report(Phase::Two, &failing)), @r"
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
    insta::assert_snapshot!(rendered(Format::Text, &report(Phase::One, &failing)), @r"
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

#[test]
fn when_the_guard_last_had_to_fill_in_a_workspace_stands_above_the_verdict() {
    let mut report = report(Phase::Two, &[]);
    let end = |report: &_| {
        let text = rendered(Format::Text, report);
        text.split_once("\n\n").map(|(_, end)| end.to_owned()).unwrap_or_default()
    };
    report.last_filled = Some(last_filled("findings"));
    insta::assert_snapshot!(end(&report), @r"
    the write guard last had to fill in a workspace 2m 5s ago (findings), at 2026-11-22T10:00:00Z: until then, code that leaves it out was writing

    phase 2: pass (4 checks)
    ");
    report.last_filled = Some(LastFilled { tables: Vec::new() });
    insta::assert_snapshot!(end(&report), @r"
    the write guard has not had to fill in a workspace since it was put up

    phase 2: pass (4 checks)
    ");
    report.last_filled = Some(last_filled(HOSTILE));
    assert!(!end(&report).contains('\u{1b}'), "{}", end(&report));
}
