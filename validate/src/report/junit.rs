//! For test reports: a suite for the phase, a case for each check.
//!
//! Nothing in it depends on when or where it was written: no times, no host, no identifiers
//! drawn at random. What XML cannot carry is shown escaped.

use quick_junit::{NonSuccessKind, SerializeError, TestCase, TestCaseStatus, TestSuite};

use super::words::{message, printable};
use crate::gate::{Outcome, Report, Status};

pub(super) fn render(report: &Report) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new(format!("validate phase {}", report.phase.number()));
    suite.add_test_cases(report.checks.iter().map(case));
    let mut document = quick_junit::Report::new("validate");
    document.add_test_suite(suite);
    document.to_string()
}

fn case(outcome: &Outcome) -> TestCase {
    let kind = outcome.check.kind.name();
    let status = match outcome.status {
        Status::Pass => TestCaseStatus::success(),
        Status::Fail => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_message(message(outcome)).set_type(kind);
            status.set_description(printable(&outcome.remedy));
            status
        }
    };
    let mut case = TestCase::new(printable(&outcome.id), status);
    case.set_classname(kind);
    case
}

#[cfg(test)]
mod tests;
