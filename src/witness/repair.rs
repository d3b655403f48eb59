//! Changes other fields along where an equation ties them to a changed one.
//!
//! None of the fields of an equation can be changed alone. Which value of
//! another field makes up for the change is found by one probe: the difference
//! of the equation's sides is taken as linear in it.

use std::cell::OnceCell;

use super::reads::places;
use super::ties::{Comparison, Place, Ties, overlap, with};
use crate::model::Trace;
use crate::value::Number;
use crate::value::location::{Location, Segment};

/// Repaired traces of one attempt, at most.
const MAX_REPAIRS: usize = 2;

/// Equations that one attempt repairs one after the other, at most.
const MAX_CHAIN: usize = 3;

/// Fields that are tried for one equation, at most.
const MAX_FIELDS: usize = 4;

/// Values that are worked out for one attempt, at most.
const MAX_PROBES: usize = 4;

/// By how much the sides of each equation differ, at each step of one trace.
#[derive(Default)]
pub(super) struct Residuals(Vec<OnceCell<Vec<Option<Number>>>>);

impl Residuals {
    /// Of a trace of so many steps; worked out when they are asked for.
    pub fn new(steps: usize) -> Self {
        Self((0..steps).map(|_| OnceCell::new()).collect())
    }

    /// In the order of [`Ties::equations`].
    fn at(&self, ties: &Ties<'_>, trace: &Trace, at: usize) -> &[Option<Number>] {
        let (Some(known), Some(step)) = (self.0.get(at), trace.steps.get(at)) else {
            return &[];
        };
        known.get_or_init(|| {
            let equations: Vec<&Comparison> = ties.equations(step.operation).collect();
            ties.residuals(trace, at, &equations)
        })
    }
}

/// What changes start from.
pub(super) struct Before<'a> {
    pub ties: &'a Ties<'a>,
    /// A trace as it should be, but for the change.
    pub trace: &'a Trace,
    /// Its residuals.
    pub residuals: &'a Residuals,
    /// The fields that are off the baseline: they are changed before others.
    pub differs: &'a [Place],
}

/// An equation that a change upset.
struct Upset<'a> {
    step: usize,
    equation: &'a Comparison,
    /// By how much its sides differ, and by how much they did before.
    here: Number,
    wanted: Number,
}

impl Before<'_> {
    /// Traces in which the equations that `after` upsets hold (or fail by as
    /// much) as they did before, by changes to other fields than `touched`.
    /// Takes the values that had to be worked out from `left`.
    pub fn repairs(&self, after: &Trace, touched: &[Place], left: &mut usize) -> Vec<Trace> {
        let mut repair = Repair {
            before: self,
            touched: touched.to_vec(),
            probes: MAX_PROBES.min(*left),
            found: Vec::new(),
        };
        let most = repair.probes;
        repair.go_on(after, MAX_CHAIN);
        *left -= most - repair.probes;
        repair.found
    }

    /// The equations whose sides differ by another amount than before.
    fn upset(&self, after: &Trace, touched: &[Place]) -> Vec<Upset<'_>> {
        let mut upset = Vec::new();
        for (step, found) in after.steps.iter().enumerate() {
            if self.trace.steps.get(..=step) == after.steps.get(..=step) {
                continue;
            }
            let equations = self.ties.equations(found.operation).enumerate();
            // What was changed at earlier steps may act through the state.
            let reads = |own: &Comparison| {
                touched.iter().any(|(at, location)| {
                    *at < step || own.paths.iter().any(|path| may_read(path, location))
                })
            };
            let equations: Vec<(usize, &Comparison)> =
                equations.filter(|(_, own)| reads(own)).collect();
            if equations.is_empty() {
                continue;
            }
            let own: Vec<&Comparison> = equations.iter().map(|(_, own)| *own).collect();
            let now = self.ties.residuals(after, step, &own);
            let before = self.residuals.at(self.ties, self.trace, step);
            for ((index, equation), here) in equations.into_iter().zip(now) {
                if let (Some(Some(wanted)), Some(here)) = (before.get(index), here)
                    && *wanted != here
                {
                    let wanted = wanted.clone();
                    upset.push(Upset {
                        step,
                        equation,
                        here,
                        wanted,
                    });
                }
            }
        }
        upset
    }

    /// The fields that may be changed to mend an equation: a whole side, then
    /// those off the baseline, then others.
    fn fields(&self, trace: &Trace, of: &Upset<'_>, touched: &[Place]) -> Vec<Place> {
        let Some(found) = trace.steps.get(of.step) else {
            return Vec::new();
        };
        let mut fields: Vec<Place> = Vec::new();
        for path in &of.equation.paths {
            for location in places(&found.request, path) {
                let place = (of.step, location);
                let free = !touched.iter().any(|other| overlap(other, &place));
                if free && !fields.contains(&place) {
                    fields.push(place);
                }
            }
        }
        let sides = fields.len().min(1);
        if let Some(others) = fields.get_mut(sides..) {
            others.sort_by_key(|place| !self.differs.iter().any(|other| overlap(other, place)));
        }
        fields.truncate(MAX_FIELDS);
        fields
    }
}

/// The repairs of one change.
struct Repair<'a> {
    before: &'a Before<'a>,
    touched: Vec<Place>,
    probes: usize,
    found: Vec<Trace>,
}

impl Repair<'_> {
    fn go_on(&mut self, after: &Trace, chain: usize) {
        if chain == 0 || self.probes == 0 {
            return;
        }
        for upset in self.before.upset(after, &self.touched) {
            for place in self.before.fields(after, &upset, &self.touched) {
                if self.found.len() >= MAX_REPAIRS || self.probes == 0 {
                    return;
                }
                self.probes -= 1;
                let Some(next) = self.mended(after, &upset, &place) else {
                    continue;
                };
                self.found.push(next.clone());
                self.touched.push(place);
                self.go_on(&next, chain - 1);
                self.touched.pop();
            }
        }
    }

    /// `after`, with another value at `place` that mends the equation.
    fn mended(&self, after: &Trace, upset: &Upset<'_>, place: &Place) -> Option<Trace> {
        let ties = self.before.ties;
        let (step, equation) = (upset.step, upset.equation);
        let point = ties.solve(after, place, equation, step, (&upset.here, &upset.wanted))?;
        let next = with(after, place, point.value()?)?;
        let now = ties
            .residuals(&next, step, &[equation])
            .into_iter()
            .next()??;
        (now == upset.wanted).then_some(next)
    }
}

/// Whether a path (with `*` for items) leads to, above or below a location.
fn may_read(path: &[String], location: &Location) -> bool {
    path.iter()
        .zip(&location.0)
        .all(|(key, segment)| match segment {
            Segment::Key(own) => **own == **key,
            Segment::Index(_) => key == "*",
        })
}
