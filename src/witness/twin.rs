//! Twins: the nearest accepted trace.
//!
//! Single edits of what the broken rules read are tried first, then two at
//! once. Where none is accepted within the bound, the caller asks the solver.

mod edits;

use std::collections::BTreeSet;

use num_traits::{Signed, Zero};

use super::distance::distance;
use super::reads::paths_read;
use super::ties::{Place, Ties};
use crate::expr::ExprId;
use crate::model::{Model, Patch, RuleRef, Trace};
use crate::simulate::{Options, Verdict, run};
use crate::value::{Number, Value};

/// What a twin is looked for with.
#[derive(Clone)]
pub struct Twins<'a> {
    /// The model.
    pub model: &'a Model,
    /// Whether all requests of a trace satisfy their schemas, by the
    /// independent validator.
    pub is_valid: &'a dyn Fn(&Trace) -> bool,
    /// For each step, the request that it is a change of.
    pub baselines: &'a [Value],
    /// Traces that are looked at, at most.
    pub budget: usize,
    /// The comparisons in the model's rules.
    pub ties: Ties<'a>,
}

/// The edits of one location that pairs are made of, at most.
const MAX_IN_PAIRS: usize = 6;

/// Twins are ranked by how many locations differ, how little they say, which
/// locations differ, how far a number moves, and the order of the edits. What
/// says little: a broken rule that no longer applies, a part left out or added.
type Rank = (usize, usize, Vec<Place>, Number, usize);

/// The accepted trace that is nearest to `trace`, which is refused because of
/// `broken`: it differs only in locations that the broken rules read, in as
/// few topmost ones as possible; of those, rules that go on to apply, and values
/// changed in place, come first, then ties by path. `None` where no edit of one or
/// two of them is accepted.
pub fn twin(twins: Twins<'_>, trace: &Trace, broken: &BTreeSet<RuleRef>) -> Option<Trace> {
    let rules: Vec<RuleRef> = broken.iter().copied().collect();
    let roots: Vec<ExprId> = rules
        .iter()
        .map(|rule| twins.model.rule(*rule).expr)
        .collect();
    let budget = twins.budget;
    let hunt = Hunt {
        ties: twins.ties.clone(),
        reads: paths_read(twins.model, trace, &roots),
        twins,
        rules,
        case: trace,
        best: None,
        left: budget,
        tried: 0,
    };
    hunt.run()
}

/// The way to one twin.
struct Hunt<'a> {
    twins: Twins<'a>,
    ties: Ties<'a>,
    rules: Vec<RuleRef>,
    reads: Vec<super::Paths>,
    case: &'a Trace,
    best: Option<(Rank, Trace)>,
    left: usize,
    tried: usize,
}

impl Hunt<'_> {
    fn run(mut self) -> Option<Trace> {
        let singles = self.edits(self.case);
        for (_, next) in &singles {
            self.look(next);
        }
        if self.best.is_none() {
            self.pairs(&singles);
        }
        self.best.map(|(_, trace)| trace)
    }

    fn pairs(&mut self, singles: &[(Place, Trace)]) {
        let mut count = 0;
        let mut last: Option<&Place> = None;
        for (first, between) in singles {
            count = if last == Some(first) { count + 1 } else { 1 };
            last = Some(first);
            if count > MAX_IN_PAIRS || self.left == 0 {
                continue;
            }
            for (second, next) in self.edits(between) {
                if second > *first {
                    self.look(&next);
                }
            }
        }
    }

    /// Takes `next` if it is accepted and ranks before the best so far.
    fn look(&mut self, next: &Trace) {
        self.tried += 1;
        let differing = distance(self.twins.model, self.case, next);
        if differing.is_empty() {
            return;
        }
        let little = self.little(next, &differing);
        let moved = self.moved(next, &differing);
        let rank = (differing.len(), little, differing, moved, self.tried);
        let is_better = self.best.as_ref().is_none_or(|(best, _)| rank < *best);
        if is_better && self.left > 0 {
            self.left -= 1;
            if self.is_accepted(next) {
                self.best = Some((rank, next.clone()));
            }
        }
    }

    /// How many of the broken rules no longer apply, and how many parts were
    /// left out or added.
    fn little(&self, next: &Trace, differing: &[Place]) -> usize {
        let last = next.steps.len().saturating_sub(1);
        let rules = self.rules.iter();
        let idle = rules.filter(|rule| !self.ties.applies(next, last, **rule));
        let is_there = |trace: &Trace, (step, at): &Place| {
            let step = trace.steps.get(*step);
            step.is_some_and(|step| at.read(&step.request).is_some())
        };
        let parts = differing.iter();
        let parts = parts.filter(|place| is_there(self.case, place) != is_there(next, place));
        idle.count() + parts.count()
    }

    /// How far numbers are moved; other changes count as nothing.
    fn moved(&self, next: &Trace, differing: &[Place]) -> Number {
        let mut moved = Number::zero();
        for place in differing {
            let was = edits::scalar(self.twins.model, self.case, place);
            let is = edits::scalar(self.twins.model, next, place);
            if let (Some(was), Some(is)) = (was, is) {
                moved += was.gap(&is.at).abs();
            }
        }
        moved
    }

    fn is_accepted(&self, trace: &Trace) -> bool {
        let model = self.twins.model;
        let run = run(model, &Patch::default(), trace, Options::default());
        let accepted = run.verdicts.iter();
        run.verdicts.len() == trace.steps.len()
            && accepted.clone().all(|verdict| *verdict == Verdict::Accept)
            && (self.twins.is_valid)(trace)
    }
}
