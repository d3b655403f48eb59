//! General position: numbers under which faults show.
//!
//! Neutral values hide faults: a rate of 1, an amount of 0, amounts that are
//! equal or multiples of each other.

use itertools::Itertools;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::candidate::Candidate;
use super::{Search, read};
use crate::document::complete;
use crate::model::{Patch, Trace};
use crate::simulate::{Options, Verdict, run};
use crate::value::location::{Location, Segment};
use crate::value::{Number, Value};
use crate::witness::reads::{places, schema_at};
use crate::witness::scalar::{Kind, Scalar, step, whole};
use crate::witness::ties::{Place, with};

/// Numbers that are looked at, at most: pairs grow fast.
const MAX_NUMBERS: usize = 40;

/// What is added to a neutral number, in steps or ones.
const NUDGES: [i128; 8] = [1, 2, -1, 3, 5, -2, 7, 11];

impl Search<'_> {
    /// Moves neutral numbers, and adds the optional parts that rules read.
    pub(super) fn generalise(&mut self) {
        if self.is_accepted() {
            self.add_optional_parts();
        }
        let mut refused: Vec<Place> = Vec::new();
        loop {
            let neutral = self.neutral(&self.best);
            let next = neutral.into_iter().find(|place| !refused.contains(place));
            let Some(place) = next else { return };
            if !self.nudge(&place) {
                refused.push(place);
            }
        }
    }

    fn is_accepted(&self) -> bool {
        let options = Options::default();
        let run = run(self.model, &Patch::default(), &self.best, options);
        run.verdicts.len() == self.best.steps.len() && run.verdicts.last() == Some(&Verdict::Accept)
    }

    fn add_optional_parts(&mut self) {
        let Some(last) = self.best.steps.len().checked_sub(1) else {
            return;
        };
        let paths = self.aim.reads.get(last);
        for path in paths.into_iter().flatten() {
            for depth in 1..=path.len() {
                let part = path.get(..depth).unwrap_or(path);
                self.add_parts(last, part);
            }
        }
    }

    fn add_parts(&mut self, step: usize, path: &[String]) {
        let Some(request) = self.best.steps.get(step).map(|step| &step.request) else {
            return;
        };
        for location in places(request, path) {
            let place = (step, location);
            let parent = place.1.0.split_last();
            let parent = parent.map(|(_, above)| (step, Location(above.to_vec())));
            let has_parent = parent.is_some_and(|at| read(&self.best, &at).is_some());
            if !has_parent || read(&self.best, &place).is_some() {
                continue;
            }
            let next = self
                .part(&place)
                .and_then(|part| with(&self.best, &place, part));
            if let Some(next) = next
                && self.attempt(next, std::slice::from_ref(&place), &|_, _| true)
            {
                self.added.push(place);
            }
        }
    }

    /// Whether a trace has all the parts that were added.
    pub(super) fn has_added(&self, trace: &Trace) -> bool {
        self.added.iter().all(|place| read(trace, place).is_some())
    }

    /// An optional part: the baseline's, else a small valid one.
    fn part(&self, place: &Place) -> Option<Value> {
        if let Some(base) = self.baseline(place) {
            return Some(base.clone());
        }
        let step = self.best.steps.get(place.0)?;
        let schema = schema_at(self.model, step.operation, &place.1)?;
        complete(&self.model.schemas, schema, None).ok()
    }

    fn nudge(&mut self, place: &Place) -> bool {
        let Some(now) = self.scalar(&self.best, place) else {
            return false;
        };
        let step = step(Kind::Number, self.schema(place));
        let unit = (whole(1) / &step).ceil() * &step;
        let before = self.issues(&self.best);
        for unit in [unit, step] {
            for nudge in NUDGES {
                let next = now.with(&now.at + &unit * whole(nudge));
                let next = next
                    .value()
                    .and_then(|value| with(&self.best, place, value));
                let is_better =
                    |search: &Search<'_>, next: &Candidate| search.issues(next) < before;
                if let Some(next) = next
                    && self.attempt(next, std::slice::from_ref(place), &is_better)
                {
                    return true;
                }
            }
        }
        false
    }

    /// How much of a trace is neutral.
    pub(super) fn issues(&self, of: &Candidate) -> usize {
        *of.issues.get_or_init(|| {
            let numbers = self.numbers(of);
            let alone = numbers.iter().filter(|(_, number)| is_neutral(number));
            alone.count() + related(&numbers).count()
        })
    }

    /// The numbers to move: those off the baseline before others, later
    /// before earlier ones.
    fn neutral(&self, trace: &Trace) -> Vec<Place> {
        let numbers = self.numbers(trace);
        let mut found: Vec<Place> = Vec::new();
        let alone = numbers.iter().filter(|(_, number)| is_neutral(number));
        found.extend(alone.map(|(place, _)| place.clone()));
        for (a, b) in related(&numbers) {
            found.extend([a.clone(), b.clone()]);
        }
        found.sort_by(|a, b| {
            let is_kept = |place: &Place| self.baseline(place) == read(trace, place);
            is_kept(a).cmp(&is_kept(b)).then_with(|| b.cmp(a))
        });
        found.dedup();
        found
    }

    /// The numbers at the locations that matter, in order.
    fn numbers(&self, trace: &Trace) -> Vec<(Place, Number)> {
        let mut found = Vec::new();
        let steps = trace.steps.iter().zip(self.aim.reads).enumerate();
        for (index, (step, paths)) in steps {
            let mut locations: Vec<Location> = Vec::new();
            for path in paths {
                locations.extend(places(&step.request, path));
            }
            locations.sort();
            locations.dedup();
            for location in locations {
                if let Some(Value::Number(number)) = location.read(&step.request) {
                    found.push(((index, location), number.clone()));
                }
            }
        }
        found.truncate(MAX_NUMBERS);
        found
    }

    pub(super) fn scalar(&self, trace: &Trace, place: &Place) -> Option<Scalar> {
        Scalar::of(read(trace, place)?, self.schema(place))
    }

    /// What the value at `place` is measured by: the baseline's value there,
    /// or that of another item of the list.
    pub(super) fn reference(&self, place: &Place) -> Option<Scalar> {
        let own = self.baseline(place);
        let base = own.or_else(|| {
            let items = place.1.0.iter().map(|segment| match segment {
                Segment::Index(_) => Segment::Index(0),
                key @ Segment::Key(_) => key.clone(),
            });
            self.baseline(&(place.0, Location(items.collect())))
        });
        Scalar::of(base?, self.schema(place))
    }
}

/// 0, 1 or a power of ten, of either sign.
fn is_neutral(number: &Number) -> bool {
    if number.is_zero() {
        return true;
    }
    let ten = whole(10);
    let mut rest = number.abs();
    while rest > Number::one() {
        rest /= &ten;
    }
    while rest < Number::one() {
        rest *= &ten;
    }
    rest.is_one()
}

/// The pairs of which one is a multiple of the other.
fn related(numbers: &[(Place, Number)]) -> impl Iterator<Item = (&Place, &Place)> {
    // Over one denominator: quotients of integers are much cheaper.
    let over = numbers
        .iter()
        .fold(BigInt::one(), |over, (_, number)| over.lcm(number.denom()));
    let scaled = numbers
        .iter()
        .map(|(place, number)| (place, number.numer() * (&over / number.denom())));
    let scaled: Vec<(&Place, BigInt)> = scaled.filter(|(_, number)| !number.is_zero()).collect();
    let pairs = scaled.into_iter().array_combinations();
    let related = pairs.filter(|[(_, a), (_, b)]| a.is_multiple_of(b) || b.is_multiple_of(a));
    related.map(|[(a, _), (b, _)]| (a, b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::parse_number;

    #[test]
    fn neutral_numbers_are_known() {
        let is = |text: &str| is_neutral(&parse_number(text).unwrap());
        for text in ["0", "1", "-1", "10", "100", "0.01", "1000"] {
            assert!(is(text), "{text}");
        }
        for text in ["2", "1.1", "99", "0.9437", "20", "-3"] {
            assert!(!is(text), "{text}");
        }
    }

    #[test]
    fn multiples_are_related() {
        let numbers = ["7", "21", "8", "21"].map(|text| parse_number(text).unwrap());
        let places = ["a", "b", "c", "d"].map(|key| (0, Location::default().key(key)));
        let numbers: Vec<_> = places.into_iter().zip(numbers).collect();
        let shown: Vec<String> = related(&numbers)
            .map(|(a, b)| format!("{}{}", a.1, b.1))
            .collect();
        assert_eq!(shown, ["ab", "ad", "bd"]);
    }
}
