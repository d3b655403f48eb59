//! What `run` found, for people.

use std::fmt::Write;
use std::iter;

use super::table::table;
use super::{counted, wrapped};
use crate::case::{Place, TwinKind, Verdict, parse_json, pretty_json};
use crate::run::{
    CaseResult, Counts, Exchange, Kind, Results, RuleResults, TwinResult, UNREACHABLE,
};

/// How many cases with the same cause are named.
const NAMED: usize = 5;

impl Results {
    /// The text for people; ends with a line break.
    pub fn render(&self) -> String {
        let mut out = String::new();
        for file in &self.files {
            let _ = writeln!(out, "{} at {}\n", file.path, self.url);
            out += &counts_table(&file.rules);
            out.push('\n');
        }
        out += &self.details();
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
        out
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
    if case.exchanges_of.is_none() {
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
    let must = match case.verdict {
        Verdict::Accept => "accepted",
        Verdict::Reject => "refused",
    };
    out += &wrapped(&format!("Must be {must}: {}", case.reason), "  ");
    if !case.detects.is_empty() {
        out += "  Catches a server that\n";
    }
    for fault in &case.detects {
        let text = wrapped(&format!("{} ({})", fault.words, fault.class), "    ");
        out += &text.replacen("    ", "  - ", 1);
    }
    out
}

/// The requests of a case, and the answers.
fn requests(exchanges: &[Exchange]) -> String {
    let mut out = String::new();
    let several = exchanges.len() > 1;
    for (index, exchange) in exchanges.iter().enumerate() {
        let title = match several {
            true => format!("request {}", index + 1),
            false => "request".to_owned(),
        };
        if let Some(clock) = &exchange.clock {
            out += &request("the clock is set by", clock);
        }
        out += &request(&title, exchange);
    }
    out
}

fn request(title: &str, exchange: &Exchange) -> String {
    let mut out = format!("{title}: {} {}\n", exchange.method, exchange.target);
    for header in &exchange.headers {
        let _ = writeln!(out, "  {header}");
    }
    if let Some(baseline) = &exchange.baseline {
        let ending = match exchange.changes.is_empty() {
            true => " as it is",
            false => ", with",
        };
        let _ = writeln!(out, "  baseline {baseline}{ending}");
    }
    for change in &exchange.changes {
        let place = &change.location;
        let _ = match (&change.from, &change.to) {
            (Some(from), Some(to)) => writeln!(out, "    {place}: {from} -> {to}"),
            (None, Some(to)) => writeln!(out, "    {place}: {to} (new)"),
            (_, None) => writeln!(out, "    {place}: left out"),
        };
    }
    if let Some(body) = &exchange.body {
        let pretty = parse_json(body).map_or_else(|_| body.clone(), |value| pretty_json(&value));
        for line in pretty.lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    if exchange.retries > 0 {
        let times = usize::try_from(exchange.retries).unwrap_or_default();
        let times = counted(times, "time");
        let _ = writeln!(out, "  sent again {times}, since the server was too busy");
    }
    match &exchange.answer {
        None => out += "no answer\n",
        Some(answer) => {
            let place = answer.location.as_ref();
            let place = place.map(|place| format!(" to {place}"));
            let place = place.unwrap_or_default();
            let text = format!("{}{place} {}", answer.status, answer.body);
            let text = text.trim_end().replace('\n', "\n  ");
            let _ = writeln!(out, "answered: {text}");
        }
    }
    let lines = visible(&out);
    let lines = lines.lines().map(|line| format!("  {line}\n"));
    lines.collect()
}

/// The text without what would steer a terminal.
fn visible(text: &str) -> String {
    let is_harmless = |char: &char| !char.is_control() || matches!(char, '\n' | '\t');
    let chars = text.chars().map(|char| match is_harmless(&char) {
        true => char.to_string(),
        false => char.escape_default().to_string(),
    });
    chars.collect()
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
    let places = if places.is_empty() {
        "nothing".to_owned()
    } else {
        places.join(" and ")
    };
    wrapped(&format!("{what}: {name}, which differs in {places}"), "  ")
}

fn place(place: &Place) -> String {
    match place.location.as_str() {
        "" => format!("all of request {}", place.step),
        location if place.step == 1 => location.to_owned(),
        location => format!("{location} of request {}", place.step),
    }
}
