//! What was tried, and whether it was lively enough to say anything.

use std::collections::BTreeMap;
use std::fmt;

use crate::analysis;

/// Counts over all worlds.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub worlds: usize,
    pub rules: usize,
    /// Rules with more than one value over random states.
    pub varied: usize,
    /// In how many rules and patched rules each operator stands.
    pub operators: BTreeMap<String, usize>,
    pub expressions: usize,
    /// How often something happened, by what it is called.
    pub counts: BTreeMap<&'static str, usize>,
    /// What must not happen, with all that reproduces it.
    pub failures: Vec<String>,
    /// What is no failure but worth a look.
    pub notes: Vec<String>,
}

impl Report {
    pub fn count(&mut self, what: &'static str) {
        self.add(what, 1);
    }

    pub fn add(&mut self, what: &'static str, number: usize) {
        *self.counts.entry(what).or_default() += number;
    }

    pub fn get(&self, what: &str) -> usize {
        self.counts.get(what).copied().unwrap_or(0)
    }

    pub fn absorb(&mut self, other: Report) {
        self.worlds += other.worlds;
        self.rules += other.rules;
        self.varied += other.varied;
        self.expressions += other.expressions;
        for (operator, number) in other.operators {
            *self.operators.entry(operator).or_default() += number;
        }
        for (what, number) in other.counts {
            self.add(what, number);
        }
        self.failures.extend(other.failures);
        self.notes.extend(other.notes);
    }

    /// Rules that are evaluated over random states of one request.
    fn stateless(&self) -> usize {
        self.rules - self.get(STATEFUL_RULES)
    }

    /// In hundredths of a per cent.
    fn share(part: usize, whole: usize) -> usize {
        part * 10_000 / whole.max(1)
    }

    /// What was too dull.
    pub fn dull(&self, every_operator: &[String]) -> Vec<String> {
        let mut dull = Vec::new();
        let mut floor = |what: String, part: usize, whole: usize, least: usize| {
            let share = Self::share(part, whole);
            if share < least {
                dull.push(format!(
                    "{what}: {part} of {whole}, less than {least} in 10,000"
                ));
            }
        };
        floor(
            "rules that vary".into(),
            self.varied,
            self.stateless(),
            7_000,
        );
        floor(
            "models with conditions".into(),
            self.get(CONDITIONED),
            self.worlds,
            1_500,
        );
        floor(
            "models with state".into(),
            self.get(STATEFUL),
            self.worlds,
            1_000,
        );
        let stateful = self.get(STATEFUL);
        floor(INVARIANTS.into(), self.get(INVARIANTS), stateful, 30_000);
        floor(ALIKE.into(), self.get(ALIKE), stateful, 500);
        floor(VIEWED.into(), self.get(VIEWED), stateful, 500);
        floor(EXISTING.into(), self.get(EXISTING), stateful, 1_500);
        for operator in every_operator {
            let number = self.operators.get(operator).copied().unwrap_or(0);
            floor(
                format!("rules with {operator}"),
                number,
                self.expressions,
                50,
            );
        }
        let (sat, unsat) = (self.get(FOUND), self.get(UNTESTABLE));
        floor("detected faults".into(), sat, sat + unsat, 1_000);
        floor("untestable faults".into(), unsat, sat + unsat, 1_000);
        let pinned = self.get(PINNED);
        floor("exact lowerings".into(), self.get(EXACT), pinned, 9_500);
        for value in [PINNED_TRUE, PINNED_FALSE, PINNED_UNDEFINED] {
            floor(value.into(), self.get(value), pinned, 500);
        }
        let never = self.get(analysis::NEVER);
        let asked = never + self.get(analysis::POSSIBLE) + self.get(analysis::OPEN);
        floor("situations that never are".into(), never, asked, 500);
        floor(
            "those by other rules".into(),
            self.get(analysis::NEVER_BY_RULES),
            never,
            50,
        );
        floor(
            "second opinions".into(),
            self.get(AGREED),
            self.get(EVALUATED),
            1_000,
        );
        dull
    }
}

pub const CONDITIONED: &str = "models with conditions";
pub const STATEFUL: &str = "models with state";
pub const EXISTING: &str = "models with things that are there before";
pub const STATEFUL_RULES: &str = "rules over state";
pub const INVARIANTS: &str = "invariants of states";
pub const ALIKE: &str = "faults of state that nobody sees";
pub const VIEWED: &str = "faults of state that a view shows";
pub const PINNED: &str = "states pinned";
pub const PINNED_TRUE: &str = "states pinned, rule true";
pub const PINNED_FALSE: &str = "states pinned, rule false";
pub const PINNED_UNDEFINED: &str = "states pinned, rule undefined";
pub const EXACT: &str = "states pinned, lowering exact";
pub const EVALUATED: &str = "states evaluated";
pub const AGREED: &str = "states evaluated, cel agrees";
pub const FOUND: &str = "faults detected";
pub const NEEDS_CLOCK: &str = "faults that need a clock";
pub const UNTESTABLE: &str = "faults untestable";

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |part: usize, whole: usize| {
            let share = Self::share(part, whole);
            format!("{}.{:02}%", share / 100, share % 100)
        };
        writeln!(out, "{} rules in {} models", self.rules, self.worlds)?;
        writeln!(
            out,
            "  {} vary over random states",
            percent(self.varied, self.stateless())
        )?;
        for (what, number) in &self.counts {
            writeln!(out, "  {number:>8} {what}")?;
        }
        writeln!(
            out,
            "operators, in {} rules and patched rules:",
            self.expressions
        )?;
        for (operator, number) in &self.operators {
            writeln!(
                out,
                "  {:>8} {operator}",
                percent(*number, self.expressions)
            )?;
        }
        Ok(())
    }
}
