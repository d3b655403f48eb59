//! What `run` found as JUnit XML.

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::run::description;
use crate::run::{CaseResult, FileResults, Kind, Results, RuleResults};

/// Why results can't be written as JUnit XML.
pub type JunitError = quick_junit::SerializeError;

impl Results {
    /// A test suite for each file, a test case for each case, named by its
    /// rule. What failed is a failure; what is blocked or inconclusive is an
    /// error of that type.
    ///
    /// # Errors
    /// Where the text can't be written.
    pub fn junit(&self) -> Result<String, JunitError> {
        let mut report = Report::new("crossfield");
        report.add_test_suites(self.files.iter().map(suite));
        report.to_string()
    }
}

fn suite(file: &FileResults) -> TestSuite {
    let mut suite = TestSuite::new(file.rule_file.as_str());
    let cases = file.rules.iter();
    let cases = cases.flat_map(|rule| rule.cases.iter().map(move |case| test(rule, case)));
    suite.add_test_cases(cases);
    suite
}

fn test(rule: &RuleResults, case: &CaseResult) -> TestCase {
    let kind = match case.outcome {
        Kind::Passed => None,
        Kind::Failed => Some(NonSuccessKind::Failure),
        Kind::Blocked | Kind::Inconclusive => Some(NonSuccessKind::Error),
    };
    let status = kind.map(|kind| {
        let mut status = TestCaseStatus::non_success(kind);
        status
            .set_type(case.outcome.name())
            .set_message(case.message.as_str())
            .set_description(description(rule, case));
        status
    });
    let status = status.unwrap_or_else(TestCaseStatus::success);
    let mut test = TestCase::new(case.case.as_str(), status);
    test.set_classname(rule.rule.as_str());
    test.set_time(Duration::from_millis(case.milliseconds));
    test
}
