//! The report as people read it.

use crate::check::Phase;
use crate::fixture::{rendered, report};
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
