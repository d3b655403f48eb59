//! Makes a witness minimal, by evaluation alone.
//!
//! In this order: back to the baseline wherever that can be (`restore`);
//! numbers in general position (`general`); few digits, near the baseline
//! (`digits`). Each change is kept only if it makes the trace better and
//! what is asked of it still holds; where an equation of a rule is in the
//! way, another of its fields is changed along.

mod candidate;
mod digits;
mod general;
mod ordinary;
mod restore;

use std::cell::Cell;

use self::candidate::Candidate;
use self::digits::Cost;
use super::distance::{differences, ordered_like};
use super::reads::{Paths, schema_at};
use super::repair::Before;
use super::ties::{Place, Ties};
use crate::document::Schema;
use crate::model::{Model, Step, Trace};
use crate::value::Value;
use crate::value::location::Location;

/// Makes traces minimal.
pub struct Minimiser<'a> {
    /// The model.
    pub model: &'a Model,
    /// Whether all requests of a trace satisfy their schemas, by the
    /// independent validator.
    pub is_valid: &'a dyn Fn(&Trace) -> bool,
    /// Traces that are looked at for one result, at most; and values that
    /// are worked out to mend equations.
    pub budget: usize,
    /// The comparisons in the model's rules.
    pub ties: Ties<'a>,
}

/// What a minimal trace is measured by.
#[derive(Clone, Copy)]
pub struct Aim<'a> {
    /// For each step, the request that it is a change of.
    pub baselines: &'a [Value],
    /// For each step, the paths that matter to the fault: see
    /// [`super::paths_read`].
    pub reads: &'a [Paths],
    /// What has to stay: that the target fault is detected, by the same kind
    /// of verdict. Validity is looked at besides.
    pub keeps: &'a dyn Fn(&Trace) -> bool,
}

/// A minimal trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minimised {
    /// The trace.
    pub trace: Trace,
    /// How many traces were looked at; equal to the budget, there may be a
    /// better one.
    pub looked_at: usize,
}

/// A sensible [`Minimiser::budget`].
pub const BUDGET: usize = 2_000;

impl<'a> Minimiser<'a> {
    /// A minimiser with the usual budget.
    pub fn new(model: &'a Model, is_valid: &'a dyn Fn(&Trace) -> bool) -> Self {
        Self {
            model,
            is_valid,
            budget: BUDGET,
            ties: Ties::new(model),
        }
    }

    /// The minimal form of `trace`, which itself has what has to stay.
    /// Locations that name resources are never changed.
    pub fn minimal(&self, trace: Trace, aim: Aim<'_>) -> Minimised {
        let baselines = adapted(self.model, &trace, aim.baselines);
        let mut search = Search {
            model: self.model,
            is_valid: self.is_valid,
            aim,
            ties: self.ties.clone(),
            baselines,
            best: Candidate::new(trace),
            added: Vec::new(),
            left: Cell::new(self.budget),
            probes: self.budget,
        };
        search.restore(&|_, _| true);
        search.generalise();
        // What was moved may free other locations.
        let neutral = search.issues(&search.best);
        search.restore(&|search, next| search.issues(next) <= neutral && search.has_added(next));
        search.shorten();
        search.make_ordinary();
        search.tidy();
        Minimised {
            looked_at: self.budget - search.left.get(),
            trace: search.best.trace,
        }
    }
}

/// The baselines, with what names resources in `trace` as it is there.
fn adapted(model: &Model, trace: &Trace, baselines: &[Value]) -> Vec<Value> {
    let steps = trace.steps.iter().enumerate();
    let adapted = steps.map(|(index, step)| {
        let mut baseline = baselines.get(index).unwrap_or(&step.request).clone();
        let binds = model.operation(step.operation).binds.iter();
        let mut fixed: Vec<Location> = binds.map(|bind| bind.location.clone()).collect();
        placeholders(model, &step.request, &Location::default(), &mut fixed);
        for location in fixed {
            if let Some(value) = location.read(&step.request) {
                // An item that the baseline has no room for stays a change.
                let _ = location.write(&mut baseline, value.clone());
            }
        }
        baseline
    });
    adapted.collect()
}

fn placeholders(model: &Model, value: &Value, at: &Location, found: &mut Vec<Location>) {
    match value {
        Value::Map(members) => {
            for (key, member) in members {
                placeholders(model, member, &at.key(key.clone()), found);
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                placeholders(model, item, &at.index(index), found);
            }
        }
        other if model.maker_of(other).is_some() => found.push(at.clone()),
        _ => {}
    }
}

/// The way to one minimal trace.
struct Search<'a> {
    model: &'a Model,
    is_valid: &'a dyn Fn(&Trace) -> bool,
    aim: Aim<'a>,
    ties: Ties<'a>,
    baselines: Vec<Value>,
    /// The best trace so far: it has what has to stay.
    best: Candidate,
    /// Optional parts that were added because rules read them.
    added: Vec<Place>,
    left: Cell<usize>,
    /// Values that may still be worked out for repairs.
    probes: usize,
}

/// A test of a trace that is to be the best one.
type Test<'t> = &'t dyn Fn(&Search<'_>, &Candidate) -> bool;

impl Search<'_> {
    /// Takes `next` as the best trace if it is better and has what has to
    /// stay; else a repaired form of it. `touched` was changed on purpose.
    fn attempt(&mut self, next: Trace, touched: &[Place], is_better: Test<'_>) -> bool {
        if next == *self.best {
            return false;
        }
        let next = Candidate::new(next);
        if !is_better(self, &next) {
            return false;
        }
        if self.holds(&next) {
            self.best = next;
            return true;
        }
        let before = Before {
            ties: &self.ties,
            trace: &self.best,
            residuals: &self.best.residuals,
            differs: self.differing(&self.best),
        };
        let mut probes = self.probes;
        let repairs = before.repairs(&next, touched, &mut probes);
        self.probes = probes;
        for repaired in repairs {
            let repaired = Candidate::new(repaired);
            if is_better(self, &repaired) && self.holds(&repaired) {
                self.best = repaired;
                return true;
            }
        }
        false
    }

    fn holds(&self, trace: &Trace) -> bool {
        let Some(left) = self.left.get().checked_sub(1) else {
            return false;
        };
        self.left.set(left);
        (self.aim.keeps)(trace) && self.is_still_valid(trace)
    }

    /// The best trace is valid: only the requests that differ from its own
    /// have to be looked at.
    fn is_still_valid(&self, trace: &Trace) -> bool {
        let known = &self.best.steps;
        let steps = trace.steps.iter().filter(|step| !known.contains(step));
        (self.is_valid)(&Trace {
            steps: steps.cloned().collect(),
        })
    }

    /// The topmost locations at which a trace is off its baselines.
    fn differing<'c>(&self, of: &'c Candidate) -> &'c [Place] {
        of.differing.get_or_init(|| {
            let steps = of.steps.iter().zip(&self.baselines).enumerate();
            let found = steps.flat_map(|(index, (step, baseline))| {
                let own = differences(&step.request, baseline);
                own.into_iter().map(move |location| (index, location))
            });
            found.collect()
        })
    }

    fn baseline(&self, place: &Place) -> Option<&Value> {
        place.1.read(self.baselines.get(place.0)?)
    }

    fn schema(&self, place: &Place) -> Option<&Schema> {
        let step = self.best.steps.get(place.0)?;
        let id = schema_at(self.model, step.operation, &place.1)?;
        Some(self.model.schemas.get(id))
    }

    /// Members in the order of the baselines.
    fn tidy(&mut self) {
        let steps = std::mem::take(&mut self.best.trace.steps);
        let steps = steps.into_iter().zip(&self.baselines);
        let tidied = steps.map(|(step, baseline)| Step {
            request: ordered_like(&step.request, baseline),
            ..step
        });
        self.best.trace.steps = tidied.collect();
    }
}

/// What is at `place` in a trace.
fn read<'t>(trace: &'t Trace, place: &Place) -> Option<&'t Value> {
    place.1.read(&trace.steps.get(place.0)?.request)
}
