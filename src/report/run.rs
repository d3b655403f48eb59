//! What `run` found, for people.

use std::fmt::Write;
use std::iter;

use super::exchange::requests;
use super::table::table;
use super::{counted, wrapped};
use crate::case::{Place, TwinKind};
use crate::run::{
    BaselineResult, CaseResult, Counts, Kind, Results, RuleResults, TwinResult, UNREACHABLE,
};

/// How many cases with the same cause are named.
const NAMED: usize = 5;

impl Results {
    /// The text for people; ends with a line break.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for file in self.files.iter().filter(|file| !file.rules.is_empty()) {
            let _ = writeln!(out, "{} at {}\n", file.path, self.url);
            out += &counts_table(&file.rules);
            out.push('\n');
        }
        out += &self.details();
        out += &self.leftovers();
        out += &self.last_line();
        out
    }

    /// What didn't pass, in full, each cause once.
    pub(super) fn details(&self) -> String {
        let mut out = String::new();
        for (rule, case) in self.cases() {
            if case.outcome != Kind::Passed && case.same_cause_as.is_none() {
                let is_told = self.is_told_by_its_twin(case);
                out += &case_text(rule, case, &self.suffering(&case.case), is_told);
                out.push('\n');
            }
        }
        let baselines = self.files.iter().flat_map(|file| &file.baselines);
        for baseline in baselines.filter(|own| own.outcome != Kind::Passed) {
            if !self.is_told(baseline) {
                let (kind, id) = (baseline.outcome.name(), &baseline.baseline);
                let _ = writeln!(out, "{kind}: baseline {id}");
                out += &wrapped(&baseline.message, "  ");
                out += &format!("\n{}\n", requests(&baseline.exchanges));
            }
        }
        out
    }

    /// What wasn't deleted.
    pub(super) fn leftovers(&self) -> String {
        if self.leftovers.is_empty() {
            return String::new();
        }
        let count = counted(self.leftovers.len(), "resource");
        let mut out = format!("not cleaned up: {count}\n");
        for own in &self.leftovers {
            let text = format!("{}: {}: {}", own.resource, own.request, own.message);
            out += &wrapped(&text, "  ");
        }
        out + "\n"
    }

    /// Whether a case tells what became of a baseline.
    fn is_told(&self, baseline: &BaselineResult) -> bool {
        self.cases().any(|(_, case)| {
            let of = case.exchanges_of.as_ref() == Some(&baseline.baseline);
            of || case.cause.is_some() && case.cause == baseline.cause
        })
    }

    pub(super) fn last_line(&self) -> String {
        let counts = Kind::ALL.iter().filter_map(|kind| {
            let count = self.counts.of(*kind);
            (count > 0 || *kind == Kind::Passed).then(|| format!("{count} {}", kind.name()))
        });
        let counts: Vec<String> = counts.collect();
        format!(
            "{}: {}; {} sent\n",
            counted(self.counts.total(), "case"),
            counts.join(", "),
            counted(self.requests, "request")
        )
    }

    /// All cases with their rules.
    pub(super) fn cases(&self) -> impl Iterator<Item = (&RuleResults, &CaseResult)> {
        let rules = self.files.iter().flat_map(|file| &file.rules);
        rules.flat_map(|rule| rule.cases.iter().map(move |case| (rule, case)))
    }

    /// Whether a case is blocked by its twin alone, which is reported as well.
    fn is_told_by_its_twin(&self, case: &CaseResult) -> bool {
        let Some(of) = &case.exchanges_of else {
            return false;
        };
        // What it suffers from with others, its twin may say later.
        case.cause
            .as_ref()
            .is_some_and(|own| own.starts_with("twin "))
            && self.cases().any(|(_, other)| other.case == *of)
    }

    /// The cases that suffer from the same as `first`, that one not included.
    fn suffering(&self, first: &str) -> Vec<&str> {
        let cases = self.cases().map(|(_, case)| case);
        let same = cases.filter(|case| case.same_cause_as.as_deref() == Some(first));
        same.map(|case| case.case.as_str()).collect()
    }
}

fn counts_table(rules: &[RuleResults]) -> String {
    let titles: Vec<&str> = iter::once("rule")
        .chain(
            [
                Kind::Passed,
                Kind::Failed,
                Kind::Blocked,
                Kind::Inconclusive,
            ]
            .map(Kind::name),
        )
        .collect();
    let rows = rules.iter().map(|rule| {
        let Counts {
            passed,
            failed,
            blocked,
            inconclusive,
        } = rule.counts;
        let numbers = [passed, failed, blocked, inconclusive].map(|count| count.to_string());
        iter::once(rule.rule.clone()).chain(numbers).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    table(&titles, &rows)
}

/// All about a case that didn't pass. `others` suffer from the same; where it
/// is told elsewhere why, no requests are shown.
fn case_text(rule: &RuleResults, case: &CaseResult, others: &[&str], is_told: bool) -> String {
    let mut out = format!(
        "{}: {}, of the rule {}\n",
        case.outcome.name(),
        case.case,
        rule.rule
    );
    out += &wrapped(&case.message, "  ");
    out += &suffering(case, others);
    if is_told || case.cause.as_deref() == Some(UNREACHABLE) {
        return out;
    }
    out.push('\n');
    if case.outcome == Kind::Failed {
        out += &why(rule, case);
        out.push('\n');
    }
    out += &requests(&case.exchanges);
    if case.exchanges_of.is_none() || case.outcome == Kind::Failed {
        let _ = writeln!(out, "  expected: {}", case.expected);
    }
    if case.outcome == Kind::Failed {
        out += &case.twin.iter().map(twin).collect::<String>();
    }
    out
}

/// How many cases suffer from the same, and the first of them.
fn suffering(case: &CaseResult, others: &[&str]) -> String {
    if others.is_empty() {
        return String::new();
    }
    let named: Vec<&str> = others.iter().take(NAMED).copied().collect();
    let rest = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        rest => format!(" and {rest} more"),
    };
    let does = match case.outcome {
        Kind::Inconclusive => "leaves open",
        _ => "blocks",
    };
    let count = counted(others.len(), "more case");
    let named = named.join(", ");
    wrapped(
        &format!("The same cause {does} {count}: {named}{rest}"),
        "  ",
    )
}

/// What JUnit files say of a case that didn't pass: all about it.
pub(super) fn description(rule: &RuleResults, case: &CaseResult) -> String {
    case_text(rule, case, &[], false)
}

fn why(rule: &RuleResults, case: &CaseResult) -> String {
    let mut out = wrapped(&rule.message, "  ");
    if let Some(source) = &rule.source {
        let _ = writeln!(out, "  {source}");
    }
    let must = case.verdict.word();
    out += &wrapped(&format!("Must be {must}: {}", case.reason), "  ");
    out += &case
        .values()
        .map(|text| wrapped(&text, "  "))
        .unwrap_or_default();
    if !case.detects.is_empty() {
        out += "  Catches a server that\n";
    }
    for fault in &case.detects {
        let text = wrapped(&format!("{} ({})", fault.words, fault.class), "    ");
        out += &text.replacen("    ", "  - ", 1);
    }
    out
}

/// The accepted neighbour of a refused request.
fn twin(twin: &TwinResult) -> String {
    let name = match twin.kind {
        TwinKind::Case => twin.id.clone(),
        TwinKind::Baseline => format!("baseline {}", twin.id),
    };
    let places: Vec<String> = twin.differs.iter().map(place).collect();
    let what = match twin.outcome {
        Some(Kind::Passed) => "accepted in this run, for comparison",
        _ => "not accepted in this run, though it should be",
    };
    let which = match (twin.without, places.is_empty()) {
        (Some(step), _) => format!("leaves out request {step}"),
        (None, true) => "differs in nothing".to_owned(),
        (None, false) => format!("differs in {}", places.join(" and ")),
    };
    wrapped(&format!("{what}: {name}, which {which}"), "  ")
}

fn place(place: &Place) -> String {
    match place.location.as_str() {
        "" => format!("all of request {}", place.step),
        location if place.step == 1 => location.to_owned(),
        location => format!("{location} of request {}", place.step),
    }
}
