//! Summaries for people.

use std::fmt::Write;

use indexmap::IndexMap;

use super::summary::{Counts, FATES, OpenFault, Summary, UntestableFault};
use super::table::table;
use super::{counted, wrapped};
use crate::generate::Pairs;

impl Summary {
    /// The text for people; ends with a line break. `verbose` shows the proofs
    /// of what is untestable.
    pub fn render(&self, verbose: bool) -> String {
        let mut out = format!("{}\n\n{}\n", self.file, self.table());
        self.coverage_line(&mut out);
        if let Some(fields) = &self.fields {
            out.push_str(&fields.line());
        }
        self.notes(&mut out);
        if !self.open.is_empty() {
            let _ = writeln!(out, "\nNot detected as they should be; a server that");
            self.open.iter().for_each(|fault| open(&mut out, fault));
        }
        if let Some(fields) = &self.fields {
            out.push_str(&fields.details(verbose));
        }
        if verbose && !self.untestable.is_empty() {
            let _ = writeln!(out, "\nUntestable, since no request shows a server that");
            self.untestable
                .iter()
                .for_each(|fault| untestable(&mut out, fault));
        }
        out
    }

    fn table(&self) -> String {
        let shown = |name: &&str| *name == "detected" || self.total.fates.contains_key(name);
        let fates: Vec<&str> = FATES.into_iter().filter(shown).collect();
        let titles: Vec<&str> = ["rule", "faults"]
            .into_iter()
            .chain(fates.iter().map(|name| match *name {
                "detected by status" => "by status",
                name => name,
            }))
            .chain(["cases", "requests"])
            .collect();
        let row = |name: &str, counts: &Counts| -> Vec<String> {
            let of = |name: &&str| counts.fates.get(name).copied().unwrap_or_default();
            let numbers = std::iter::once(counts.faults)
                .chain(fates.iter().map(of))
                .chain([counts.cases, counts.requests]);
            let numbers = numbers.map(|number| number.to_string());
            std::iter::once(name.to_owned()).chain(numbers).collect()
        };
        let owners = self.owners.iter();
        let mut rows: Vec<Vec<String>> = owners.map(|own| row(&own.owner, &own.counts)).collect();
        rows.push(row("total", &self.total));
        table(&titles, &rows)
    }

    fn coverage_line(&self, out: &mut String) {
        let untestable = self.untestable.len();
        let _ = writeln!(
            out,
            "coverage {:.1} %: {} of {} detected; {untestable} more {} untestable",
            self.coverage.percent,
            self.coverage.detected,
            counted(self.coverage.testable, "testable fault"),
            if untestable == 1 { "is" } else { "are" },
        );
    }

    fn notes(&self, out: &mut String) {
        if self.total.faults == 0 && self.fields.is_none() {
            out.push_str("note: there is nothing to look for, so this suite has no test\n");
        }
        if let Some(left) = self.total.fates.get("left out") {
            let _ = writeln!(
                out,
                "note: {} would be detected by cases that are left out",
                counted(*left, "fault")
            );
        }
        if let Some(Pairs { covered, all }) = self.pairs {
            let _ = writeln!(
                out,
                "note: {covered} of {all} pairs of values of fields that no rule reads stand in some \
                 request"
            );
        }
        out.push_str(&off(&self.switched_off));
        if self.unordered > 0 {
            let _ = writeln!(
                out,
                "note: {} not counted here: what tests show of them depends on numbers that \
                 differ from server to server",
                counted(self.unordered, "fault")
            );
        }
        for omitted in &self.omitted {
            let _ = writeln!(
                out,
                "note: {} can hold in {} more ways than are tested",
                omitted.rule, omitted.ways
            );
        }
        for example in &self.examples {
            let why = if example.breaks.is_empty() {
                "is not accepted".to_owned()
            } else {
                format!("breaks {}", example.breaks.join(", "))
            };
            let _ = writeln!(
                out,
                "note: the example `{}` of {} {why}; it is no baseline as it is",
                example.example, example.operation
            );
        }
        for rule in &self.unreachable {
            let _ = writeln!(
                out,
                "error: {rule} has no cases: no request to its operation satisfies all rules"
            );
        }
    }
}

/// A line for each reason why faults are switched off.
pub(super) fn off(switched_off: &IndexMap<String, usize>) -> String {
    let lines = switched_off.iter().map(|(reason, faults)| {
        let faults = counted(*faults, "fault");
        format!("note: {faults} switched off, not counted here: {reason}\n")
    });
    lines.collect()
}

fn open(out: &mut String, fault: &OpenFault) {
    out.push_str(&wrapped(&fault.words, "  "));
    let _ = writeln!(out, "      {} [{}]", fault.place, fault.fault);
    out.push_str(&wrapped(
        &format!("{}: {}", fault.fate, fault.reason),
        "      ",
    ));
}

fn untestable(out: &mut String, fault: &UntestableFault) {
    out.push_str(&wrapped(&fault.words, "  "));
    let _ = writeln!(out, "      {} [{}]", fault.place, fault.fault);
    if fault.masked_by.is_empty() && fault.proof.is_empty() {
        let _ = writeln!(out, "      it means the same");
    }
    if !fault.masked_by.is_empty() {
        let words = format!("masked by {}", fault.masked_by.join(", "));
        out.push_str(&wrapped(&words, "      "));
    }
    if !fault.proof.is_empty() {
        let words = format!("excluded by {}", fault.proof.join(", "));
        out.push_str(&wrapped(&words, "      "));
    }
}
