//! The report as a workflow's runner reads it.

use super::{data, property};
use crate::check::Phase;
use crate::fixture::{hostile_report, rendered, report};
use crate::report::Format;

#[test]
fn a_green_gate() {
    insta::assert_snapshot!(rendered(Format::Github, &report(Phase::Two, &[])), @"::notice title=validate phase 2::pass (4 checks)");
}

#[test]
fn a_red_gate() {
    let rows: [(&str, u64, &[&str]); 2] =
        [("missing/policies", 7, &["1", "2", "3", "4", "5"]), ("mismatch/policies", 1, &["12"])];
    insta::assert_snapshot!(rendered(Format::Github, &report(Phase::Two, &rows)), @r"
    ::error title=missing/policies::rows of policies whose workspace_id is NULL: 7 (ids 1, 2, 3, 4, 5, …)%0Anext: backfill run
    ::error title=mismatch/policies::rows of policies whose workspace_id is not their tenant's: 1 (ids 12)%0Anext: validate explain mismatch/policies
    ");
}

#[test]
fn structure_says_what_is_wrong_with_it() {
    let index: [(&str, u64, &[&str]); 1] = [("index/policies", 1, &[])];
    insta::assert_snapshot!(rendered(Format::Github, &report(Phase::One, &index)), @"::error title=index/policies::policies without index policies_workspace_id_index, valid and as it should be: index x is missing%0Anext: migration up --phase 1");
}

#[test]
fn no_name_ends_a_property_or_begins_a_command() {
    let text = rendered(Format::Github, &hostile_report());
    assert_eq!(text.lines().count(), 1);
    insta::assert_snapshot!(text, @r#"::error title=orphan/p%25%2C%3A|`*<b>]]>&"'\r\n%3A%3Aerror%3A%3A{0} [a](b)\u{1b}[31m\::rows of p%25,:|`*<b>]]>&"'\r\n::error::{0} [a](b)\u{1b}[31m\ without a tenant, or whose tenant has no workspace_id: 1 (ids p%25,:|`*<b>]]>&"'\r\n::error::{0} [a](b)\u{1b}[31m\)%0Anext: validate explain orphan/p%25,:|`*<b>]]>&"'\r\n::error::{0} [a](b)\u{1b}[31m\"#);
}

#[test]
fn what_is_escaped_is_what_the_runner_undoes() {
    assert_eq!(data("100%\r\na:b,c%0A"), "100%25%0D%0Aa:b,c%250A");
    assert_eq!(property("100%\r\na:b,c%3A"), "100%25%0D%0Aa%3Ab%2Cc%253A");
}
