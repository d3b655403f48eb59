//! What the rows of a table amount to together: combinations that no row
//! mentions, rows that say the same, rows that never matter.
//!
//! The values of each column fall into few parts that all cells treat alike;
//! the combinations of parts are gone through. That columns may depend on each
//! other isn't looked at.

use std::collections::BTreeMap;

use super::cell::Test;
use super::domain::{Part, parts};
use super::{Builder, Column};
use crate::rulefile::{Effect, Table};
use crate::source::{Code, Diagnostic, Severity, did_you_mean};
use crate::value::Value;

/// How many combinations are gone through; tables with more aren't analysed.
const MOST: usize = 20_000;

/// How many combinations a finding names.
const SHOWN: usize = 3;

/// What going through all combinations found.
#[derive(Default)]
struct Found {
    combinations: usize,
    /// How many match no row, and the first of them.
    unmatched: usize,
    examples: Vec<String>,
    /// By row: how many match it.
    total: BTreeMap<usize, usize>,
    /// By row: how many match it alone.
    alone: BTreeMap<usize, usize>,
    /// By two rows, the earlier first: how many match both.
    both: BTreeMap<(usize, usize), usize>,
}

impl Builder<'_> {
    /// Notes what the rows of a table amount to.
    pub(super) fn overlaps(&mut self, table: &Table, columns: &[Column], tests: &[Vec<Test>]) {
        self.undeclared(table, columns, tests);
        let domains: Option<Vec<Vec<Part>>> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| {
                let tests: Vec<&Test> = tests.iter().filter_map(|row| row.get(at)).collect();
                parts(column, self.schema_of(column.expr), &tests)
            })
            .collect();
        let Some(domains) = domains else { return };
        let size = domains.iter().map(Vec::len);
        let size = size.fold(1_usize, usize::saturating_mul);
        if size > MOST {
            let message = "this table has too many combinations to look for gaps and overlaps";
            let finding = Diagnostic::new(Severity::Note, Code::Undecided, message)
                .at(table.key, format!("more than {MOST}"));
            self.remarks.push(finding);
            return;
        }
        let mut rows: Vec<usize> = (0..tests.len()).collect();
        let found = go_through(&domains, columns, tests, &rows);
        let same = |found: &Found, a: usize, b: usize| {
            let both = found.both.get(&(a, b)).copied();
            both.is_some()
                && both == found.total.get(&a).copied()
                && both == found.total.get(&b).copied()
        };
        let doubles: Vec<(usize, usize)> = rows
            .iter()
            .filter_map(|row| Some(((0..*row).find(|first| same(&found, *first, *row))?, *row)))
            .collect();
        for (first, row) in &doubles {
            let message = "this row says the same as an earlier one";
            self.row_finding(
                table,
                *row,
                Severity::Warning,
                message,
                Some((*first, "that one")),
            );
        }
        rows.retain(|row| !doubles.iter().any(|(_, double)| double == row));
        let found = go_through(&domains, columns, tests, &rows);
        self.idle(table, &rows, &found);
        if table.effect == Effect::Allow && found.unmatched > 0 {
            self.gaps(table, &found);
        }
    }

    /// Rows that never matter, and rows that overlap.
    fn idle(&mut self, table: &Table, rows: &[usize], found: &Found) {
        for row in rows {
            let mut pairs = found.both.keys();
            let other = pairs.find_map(|(a, b)| match (a == row, b == row) {
                (true, _) => Some(*b),
                (_, true) => Some(*a),
                _ => None,
            });
            let earlier = found.both.keys().find(|(_, b)| b == row).map(|(a, _)| *a);
            if !found.total.contains_key(row) {
                let message =
                    "this row can never match: the API document excludes what it asks for";
                self.row_finding(table, *row, Severity::Warning, message, None);
            } else if !found.alone.contains_key(row) {
                let message = "this row never matters: all that it says, other rows say";
                let other = other.map(|other| (other, "such as this one"));
                self.row_finding(table, *row, Severity::Warning, message, other);
            } else if let Some(earlier) = earlier.filter(|row| found.alone.contains_key(row)) {
                let message = "this row overlaps with an earlier one";
                let other = Some((earlier, "some combinations match both"));
                self.row_finding(table, *row, Severity::Note, message, other);
            }
        }
    }

    fn gaps(&mut self, table: &Table, found: &Found) {
        let message = format!(
            "{} of {} combinations match no row, and are refused",
            found.unmatched, found.combinations
        );
        let mut finding =
            Diagnostic::new(Severity::Note, Code::TableRow, message).at(table.key, "");
        for example in &found.examples {
            finding = finding.note(example.clone());
        }
        if found.unmatched > found.examples.len() {
            finding = finding.note("and others");
        }
        self.remarks.push(finding);
    }

    fn row_finding(
        &mut self,
        table: &Table,
        row: usize,
        severity: Severity,
        message: &str,
        other: Option<(usize, &str)>,
    ) {
        let Some(own) = table.rows.get(row) else {
            return;
        };
        let mut finding = Diagnostic::new(severity, Code::TableRow, message).at(own.span, "");
        if let Some((other, label)) = other
            && let Some(other) = table.rows.get(other)
        {
            finding = finding.also(other.span, label);
        }
        self.remarks.push(finding);
    }

    /// Literals that the API document doesn't declare.
    fn undeclared(&mut self, table: &Table, columns: &[Column], tests: &[Vec<Test>]) {
        for (row, tests) in table.rows.iter().zip(tests) {
            for ((node, test), column) in row.cells.iter().zip(tests).zip(columns) {
                let Test::OneOf(values) = test else { continue };
                let schema = self.schema_of(column.expr);
                let declared = schema.and_then(|schema| schema.enumeration.as_ref());
                let Some(declared) = declared else { continue };
                let Some(wrong) = values.iter().find(|value| !declared.value.contains(value))
                else {
                    continue;
                };
                let names = || declared.value.iter().filter_map(Value::as_str);
                let text = wrong.as_str().unwrap_or_default();
                let help = notation(text, names).or_else(|| did_you_mean(text, names()));
                let message = format!("the API document declares no value {wrong} here");
                let finding = Diagnostic::warning(Code::TableRow, message)
                    .at(node.span, "never matches")
                    .maybe_help(help);
                self.remarks.push(finding);
            }
        }
    }
}

/// What a cell says in another notation, in that of cells; `names` are the texts
/// that the field may have.
fn notation<'n, N: Iterator<Item = &'n str>>(text: &str, names: impl Fn() -> N) -> Option<String> {
    if matches!(text.to_ascii_lowercase().as_str(), "*" | "any" | "all") {
        return Some("anything is written `'-'`".to_owned());
    }
    if let Some(name) = text.strip_prefix("not ").map(str::trim) {
        let is_known = names().any(|known| known == name);
        return is_known.then(|| format!("anything but `{name}` is written `'!= {name}'`"));
    }
    for separator in [",", "||", "|", "/", " or "] {
        let parts: Vec<&str> = text.split(separator).map(str::trim).collect();
        let is_known = |part: &&str| names().any(|known| known == *part);
        if parts.len() > 1 && parts.iter().all(is_known) {
            return Some(format!("alternatives are a list: `[{}]`", parts.join(", ")));
        }
    }
    None
}

fn go_through(
    domains: &[Vec<Part>],
    columns: &[Column],
    tests: &[Vec<Test>],
    rows: &[usize],
) -> Found {
    let mut found = Found::default();
    let mut chosen = vec![0; domains.len()];
    loop {
        let combination: Vec<&Part> = domains
            .iter()
            .zip(&chosen)
            .filter_map(|(parts, at)| parts.get(*at))
            .collect();
        if combination.len() < domains.len() {
            // A column without values: nothing can match.
            return found;
        }
        count(&mut found, &combination, columns, tests, rows);
        if !advance(&mut chosen, domains) {
            return found;
        }
    }
}

fn count(
    found: &mut Found,
    combination: &[&Part],
    columns: &[Column],
    tests: &[Vec<Test>],
    rows: &[usize],
) {
    found.combinations += 1;
    let matches = |row: &usize| {
        let mut tests = tests.get(*row).into_iter().flatten().zip(combination);
        tests.all(|(test, part)| part.matches(test))
    };
    let matched: Vec<usize> = rows.iter().copied().filter(matches).collect();
    for (index, row) in matched.iter().enumerate() {
        *found.total.entry(*row).or_default() += 1;
        for later in matched.iter().skip(index + 1) {
            *found.both.entry((*row, *later)).or_default() += 1;
        }
    }
    match matched.as_slice() {
        [] => {
            found.unmatched += 1;
            if found.examples.len() < SHOWN {
                let cells = columns.iter().zip(combination);
                let cells = cells.map(|(column, part)| format!("{}: {}", column.text, part.label));
                found.examples.push(cells.collect::<Vec<_>>().join(", "));
            }
        }
        [only] => *found.alone.entry(*only).or_default() += 1,
        _ => {}
    }
}

/// The next combination; false after the last.
fn advance(chosen: &mut [usize], domains: &[Vec<Part>]) -> bool {
    for (at, parts) in chosen.iter_mut().zip(domains).rev() {
        *at += 1;
        if *at < parts.len() {
            return true;
        }
        *at = 0;
    }
    false
}
