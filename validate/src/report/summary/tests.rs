//! The summary as Markdown.

use super::summary;
use crate::check::Phase;
use crate::fixture::{HOSTILE, hostile_report, last_filled, report};

#[test]
fn a_green_gate() {
    insta::assert_snapshot!(summary(&report(Phase::Two, &[])), @r"
    ### validate phase 2: pass (4 checks)

    | Check | Status | Count | Sample ids | Remedy |
    | --- | --- | ---: | --- | --- |
    | missing/policies | pass | 0 | - | - |
    | mismatch/policies | pass | 0 | - | - |
    | orphan/policies | pass | 0 | - | - |
    | audit/audit\_logs | pass | 0 | - | - |
    ");
}

#[test]
fn a_red_gate() {
    let rows: [(&str, u64, &[&str]); 2] =
        [("mismatch/policies", 7, &["1", "2", "3", "4", "5"]), ("audit/audit_logs", 1, &["12"])];
    insta::assert_snapshot!(summary(&report(Phase::Two, &rows)), @r"
    ### validate phase 2: FAIL (2 of 4 checks)

    | Check | Status | Count | Sample ids | Remedy |
    | --- | --- | ---: | --- | --- |
    | mismatch/policies | **FAIL** | 7 | 1, 2, 3, 4, 5 | validate explain mismatch/policies |
    | audit/audit\_logs | **FAIL** | 1 | 12 | backfill run |
    | missing/policies | pass | 0 | - | - |
    | orphan/policies | pass | 0 | - | - |

    Next: backfill run
    ");
}

#[test]
fn no_name_ends_a_cell_or_is_markup() {
    insta::assert_snapshot!(summary(&hostile_report()), @r#"
    ### validate phase 2: FAIL (1 of 1 check)

    | Check | Status | Count | Sample ids | Remedy |
    | --- | --- | ---: | --- | --- |
    | orphan/p\%,\:\|\`\*\<b\>\]\]\>\&\"\'\\r\\n\:\:error\:\:\{0\} \[a\]\(b\)\\u\{1b\}\[31m\\ | **FAIL** | 1 | p\%,\:\|\`\*\<b\>\]\]\>\&\"\'\\r\\n\:\:error\:\:\{0\} \[a\]\(b\)\\u\{1b\}\[31m\\ | validate explain orphan/p\%,\:\|\`\*\<b\>\]\]\>\&\"\'\\r\\n\:\:error\:\:\{0\} \[a\]\(b\)\\u\{1b\}\[31m\\ |

    Next: validate explain orphan/p\%,\:\|\`\*\<b\>\]\]\>\&\"\'\\r\\n\:\:error\:\:\{0\} \[a\]\(b\)\\u\{1b\}\[31m\\
    "#);
}

#[test]
fn when_the_guard_last_had_to_fill_in_a_workspace_stands_below_the_table() {
    let mut report = report(Phase::Two, &[]);
    report.last_filled = Some(last_filled(HOSTILE));
    let summary = summary(&report);
    let last = summary.trim_end().lines().last().unwrap_or_default();
    insta::assert_snapshot!(last, @r#"the write guard last had to fill in a workspace 2m 5s ago \(p\%,\:\|\`\*\<b\>\]\]\>\&\"\'\\r\\n\:\:error\:\:\{0\} \[a\]\(b\)\\u\{1b\}\[31m\\\), at 2026-11-22T10\:00\:00Z\: until then, code that leaves it out was writing"#);
}
