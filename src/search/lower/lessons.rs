//! Lessons: where no text has all the properties that an assignment gives it,
//! the question is asked again with the texts that there are.

use super::any::Kind;
use super::slots::{Leaf, SlotId};
use super::{Lowering, Num};
use crate::search::smt::{Assignment, Term};
use crate::text::{Cardinality, Pattern, Taste, TextSet, numbers};
use crate::value::Number;

/// Texts of one number that are listed, at most.
const MAX_SPELLINGS: u64 = 12;

/// Something that holds of a text in an assignment.
enum Premise {
    Is(Term, bool),
    Length(Term, u64),
    Number(Num, Number),
    Same(Term, Term),
    /// The number of a kind is that of texts.
    Kind(Term),
}

/// The bits of numbers of which nothing is learnt: each lesson about such a one
/// leads to another that is longer.
const HUGE: u64 = 2_048;

impl Lowering<'_> {
    /// The texts that slots with one identity may all have in an assignment.
    pub fn possible_texts(&self, slots: &[SlotId], values: &Assignment) -> TextSet {
        self.described(slots, values).naming()
    }

    fn described(&self, slots: &[SlotId], values: &Assignment) -> Described {
        let (mut set, mut premises) = (TextSet::all(), Vec::new());
        let mut numbers = Vec::new();
        let mut first = None;
        for slot in slots.iter().map(|id| self.slot(*id)) {
            let Some(text) = slot.leaf.text() else {
                continue;
            };
            if let Leaf::Any(any) = &slot.leaf {
                premises.push(Premise::Kind(any.kind));
            }
            set = set.and(&self.model.schemas.get(slot.schema).text_set());
            premises.extend([Premise::Is(slot.sent, true), Premise::Is(slot.null, false)]);
            premises.push(Premise::Same(
                *first.get_or_insert(text.identity),
                text.identity,
            ));
            for facet in self.facets.of(text.identity) {
                let holds = values.bool(&self.terms, facet.holds);
                set = set.with_pattern(facet.pattern.clone(), holds);
                premises.push(Premise::Is(facet.holds, holds));
            }
            for view in self.views.of(text.identity) {
                if values.bool(&self.terms, view.readable) {
                    let number = self.number_in(&view.number, values);
                    numbers.push(number.clone());
                    premises.push(Premise::Number(view.number.clone(), number));
                }
            }
            if let Some(length) = text.length
                && self.asks_length
            {
                let term = length;
                let length = values.number(&self.terms, term);
                let length = u64::try_from(length.to_integer()).unwrap_or(0);
                set = set.with_lengths(length, Some(length));
                premises.push(Premise::Length(term, length));
            }
        }
        Described {
            set,
            numbers,
            premises,
        }
    }

    /// No text was found for slots with one identity: says which texts there
    /// are with all those properties, if they are few. Returns whether that is
    /// known.
    pub fn learn(&mut self, slots: &[SlotId], values: &Assignment) -> bool {
        let described = self.described(slots, values);
        let Some(spellings) = described.spellings() else {
            return false;
        };
        let Some(identity) = slots.first().and_then(|id| {
            let text = self.slot(*id).leaf.text();
            text.map(|text| text.identity)
        }) else {
            return false;
        };
        let is_huge = |premise: &Premise| match premise {
            Premise::Number(_, value) => value.numer().bits().max(value.denom().bits()) > HUGE,
            _ => false,
        };
        if described.premises.iter().any(is_huge) {
            return false;
        }
        let mut given: Vec<Term> = described
            .premises
            .into_iter()
            .map(|premise| self.premise(premise))
            .collect();
        for id in slots {
            let schema = self.model.schemas.get(self.slot(*id).schema).clone();
            given.push(self.text_literal(&schema));
        }
        let ways: Vec<Term> = spellings
            .iter()
            .map(|text| {
                let known = self.text_constant(text).identity;
                self.terms.eq(identity, known)
            })
            .collect();
        let given = self.terms.and(given);
        let any = self.terms.or(ways);
        let fact = self.terms.implies(given, any);
        self.facts.push(fact);
        true
    }

    /// Notes that lessons led nowhere: values are to be tried instead.
    pub fn give_up_views(&mut self) {
        self.unencoded.extend(self.views.readers());
    }

    fn premise(&mut self, premise: Premise) -> Term {
        match premise {
            Premise::Is(term, true) => term,
            Premise::Is(term, false) => self.terms.not(term),
            Premise::Length(term, length) => {
                let length = self.terms.int(length);
                self.terms.eq(term, length)
            }
            Premise::Number(number, value) => {
                let value = Num::constant(&mut self.terms, &value);
                number.eq(&mut self.terms, &value)
            }
            Premise::Same(a, b) => self.terms.eq(a, b),
            Premise::Kind(kind) => {
                let text = self.terms.int(Kind::Text as i64);
                self.terms.eq(kind, text)
            }
        }
    }
}

/// What holds of the text of some slots in an assignment.
struct Described {
    /// The texts that they may have but for their numbers.
    set: TextSet,
    /// The numbers that the text names.
    numbers: Vec<Number>,
    premises: Vec<Premise>,
}

impl Described {
    /// The texts that name the numbers without exponents.
    fn naming(&self) -> TextSet {
        let numbers = self.numbers.iter();
        numbers.fold(self.set.clone(), |set, number| set.naming(number))
    }

    /// All such texts, if they are known to be few.
    fn spellings(&self) -> Option<Vec<String>> {
        let exponent = Pattern::of_rule("[eE]").ok()?;
        let others = self.set.clone().with_pattern(numbers()?, true);
        let others = others.with_pattern(exponent, true);
        if !self.numbers.is_empty() && !others.is_surely_empty() {
            return None;
        }
        let set = self.naming();
        let Ok(Cardinality::Exactly(count)) = set.cardinality(MAX_SPELLINGS + 1) else {
            return None;
        };
        let all = (0..count).map(|k| set.nth(k, &Taste::default()).ok());
        all.collect()
    }
}
