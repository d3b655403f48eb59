//! Audits for people.

use std::fmt::Write;

use super::{Audit, AuditedFault, AuditedRule, Disagreed, Passed, ToAdd};
use crate::report::exchange::visible;
use crate::report::summary_text::off;
use crate::report::table::table;
use crate::report::{counted, shortened, wrapped};

/// How much of a body is shown, in characters.
const LONGEST: usize = 500;

/// How many kinds of requests are named that show nothing.
const NAMED: usize = 6;

impl Audit {
    /// The text for people; ends with a line break. `verbose` shows all faults that
    /// aren't exercised.
    pub fn render(&self, verbose: bool) -> String {
        let mut out = wrapped(&format!("{}: {}", self.file, self.headline), "");
        let _ = writeln!(out, "\n{}", self.table());
        let _ = writeln!(out, "{}", self.coverage_line());
        let _ = writeln!(out, "{}", self.field_line());
        out += &off(&self.switched_off);
        out += &self.worse_text();
        out += &self.injected_text(verbose);
        out += &self.traffic_text();
        out += &self.disagreements_text();
        if verbose {
            out += &self.missing_text();
        }
        out += &self.to_add_text();
        // Recordings hold what anybody sent.
        visible(&out)
    }

    /// How much is exercised, in one line.
    pub(super) fn coverage_line(&self) -> String {
        let count = |fate: &str| self.faults.iter().filter(|own| own.fate == fate).count();
        let mut line = format!(
            "coverage {:.1} %: {} of {} exercised; {} untestable",
            self.coverage.percent,
            self.coverage.detected,
            counted(self.coverage.testable, "testable fault"),
            count("untestable")
        );
        for fate in ["bounded", "unclear", "needs test clock", "unknown"] {
            let open = count(fate);
            if open > 0 {
                let _ = write!(line, ", {open} {fate}");
            }
        }
        let by_status = count("exercised by status");
        if by_status > 0 {
            let _ = write!(line, ", {by_status} seen by the status of a refusal only");
        }
        line
    }

    /// How many demands of schemas were broken alone, in one line.
    pub(super) fn field_line(&self) -> String {
        let broken = self.fields.iter().filter(|own| own.broken_alone > 0);
        format!(
            "fields: {} of {} of the schema broken alone",
            broken.count(),
            counted(self.fields.len(), "demand")
        )
    }

    fn table(&self) -> String {
        let titles = [
            "rule",
            "requests",
            "broken",
            "alone",
            "border",
            "accepted",
            "faults",
            "exercised",
            "untestable",
        ];
        let rows: Vec<Vec<String>> = self.rules.iter().map(row).collect();
        table(&titles, &rows)
    }

    fn traffic_text(&self) -> String {
        let traffic = &self.traffic;
        let mut out = format!(
            "\n{} in {}; {} to operations with rules, {} judged\n",
            counted(traffic.entries, "request"),
            counted(traffic.files.len(), "file"),
            traffic.matched,
            traffic.judged
        );
        for (title, all) in traffic.parts() {
            out += &passed(title, all);
        }
        out
    }

    fn worse_text(&self) -> String {
        if self.worse.is_empty() {
            return String::new();
        }
        let mut out = "\nLess is exercised than before\n".to_owned();
        for own in &self.worse {
            out += &wrapped(&format!("{}: {}", own.rule, own.faults.join(", ")), "  ");
        }
        out
    }

    fn disagreements_text(&self) -> String {
        if self.disagreements.is_empty() {
            return String::new();
        }
        let mut out =
            "\nWhere server and rules disagree: the server is wrong, or a rule is\n".to_owned();
        self.disagreements
            .iter()
            .for_each(|own| out += &disagreed(own));
        out
    }

    fn missing_text(&self) -> String {
        let missing = self.faults.iter();
        let missing: Vec<&AuditedFault> = missing
            .filter(|own| !own.is_exercised() && own.fate != "untestable")
            .collect();
        let unbroken = self.fields.iter().filter(|own| own.broken_alone == 0);
        let unbroken: Vec<String> = unbroken
            .map(|own| format!("{}: {}", own.operation, own.demand))
            .collect();
        let mut fields = String::new();
        if !unbroken.is_empty() {
            fields += "\nDemands of the schema that no request broke alone\n";
            unbroken
                .iter()
                .for_each(|own| fields += &wrapped(own, "  "));
        }
        if missing.is_empty() {
            return fields;
        }
        let mut out = "\nNot exercised; a server that\n".to_owned();
        for fault in missing {
            out += &wrapped(&fault.words, "  ");
            let _ = writeln!(out, "      {} [{}]", fault.place, fault.fault);
            let why = match (&fault.case, &fault.reason) {
                (Some(case), _) => format!("{}: {case} would", fault.fate),
                (None, Some(reason)) => format!("{}: {reason}", fault.fate),
                (None, None) => fault.fate.to_owned(),
            };
            out += &wrapped(&why, "      ");
        }
        out + &fields
    }

    fn to_add_text(&self) -> String {
        if self.to_add.is_empty() {
            return String::new();
        }
        let mut out = "\nTo add first\n".to_owned();
        for (index, case) in self.to_add.iter().enumerate() {
            out += &added(index + 1, case);
        }
        out
    }
}

fn row(rule: &AuditedRule) -> Vec<String> {
    let counts = [
        (rule.layer == "rule").then_some(rule.touched),
        (rule.layer == "rule").then_some(rule.broken),
    ];
    let counts = counts.map(|own| own.map_or_else(|| "-".to_owned(), |own| own.to_string()));
    let layers = [rule.is_broken_alone, rule.is_at_border, rule.is_accepted];
    let layers = layers.map(|own| own.word().to_owned());
    let faults = [
        rule.faults.testable(),
        rule.faults.exercised,
        rule.faults.untestable,
    ];
    let faults = faults.map(|own| own.to_string());
    let name = std::iter::once(rule.rule.clone());
    name.chain(counts).chain(layers).chain(faults).collect()
}

fn passed(title: &str, all: &[Passed]) -> String {
    let total: usize = all.iter().map(|own| own.count).sum();
    if total == 0 {
        return String::new();
    }
    let mut out = format!("  {total} {title}\n");
    let mut sorted: Vec<&Passed> = all.iter().collect();
    sorted.sort_by_key(|own| std::cmp::Reverse(own.count));
    for own in sorted.iter().take(NAMED) {
        let operation = own
            .operation
            .as_ref()
            .map(|own| format!("{own}: "))
            .unwrap_or_default();
        let request = match own.request.as_str() {
            "" => String::new(),
            request => format!(" {request}"),
        };
        let text = format!(
            "{} {operation}{} (first {}{request})",
            own.count, own.what, own.first
        );
        out += &wrapped(&text, "    ");
    }
    if sorted.len() > NAMED {
        let _ = writeln!(out, "    and {} kinds more", sorted.len() - NAMED);
    }
    out
}

fn disagreed(own: &Disagreed) -> String {
    let count = counted(own.count, "request");
    let mut out = wrapped(&format!("{}: {} ({count})", own.operation, own.what), "  ");
    let example = &own.example;
    let _ = writeln!(out, "      {} {}", example.at, example.request);
    if let Some(body) = &example.body {
        out += &wrapped(&shortened(body, LONGEST), "      ");
    }
    for remembered in &own.remembered {
        out += &wrapped(&format!("then the {remembered}"), "      ");
    }
    out
}

fn added(number: usize, case: &ToAdd) -> String {
    let count = counted(case.faults.len(), "fault");
    let text = format!(
        "{number}. {} ({count} of {}): {}",
        case.case, case.rule, case.reason
    );
    let mut out = wrapped(&text, "  ");
    for command in &case.curl {
        let _ = writeln!(out, "       {command}");
    }
    out
}
