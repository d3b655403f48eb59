//! Texts read as numbers: `int(text)` and `decimal(text)`.
//!
//! The number is a variable that belongs to the text's identity. Whether there
//! is one is a predicate of the text (see [`super::facets`]); which numbers a
//! schema's texts name, for each combination of predicates, comes from the
//! automata: how many digits count, the least and the greatest. Known texts
//! name what the evaluator says, and equal texts the same. The converse holds
//! where a schema allows one way to write a number. For all else there are
//! lessons: a number that turns out to have few texts, or none, becomes the
//! choice among those.

use std::collections::{BTreeMap, BTreeSet};

use num_traits::One;

use super::slots::{Leaf, Slot, SlotId};
use super::tabulate::apply;
use super::{Lowering, Num, Text};
use crate::document::Schema;
use crate::expr::{Convert, ExprId, Op, Type};
use crate::search::smt::{Assignment, Sort, Term, TermNode};
use crate::text::{Magnitudes, Numerals, Pattern, TextSet, integers, numbers};
use crate::value::{Number, Value, power_of_ten};

/// How a text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// `int(text)`
    Integer,
    /// `decimal(text)`
    Decimal,
}

impl Reading {
    /// The texts that can be read so.
    fn pattern(self) -> Option<Pattern> {
        match self {
            Self::Integer => integers(),
            Self::Decimal => numbers(),
        }
    }

    /// What evaluation makes of a text.
    fn of(self, text: &str) -> Option<Number> {
        let (to, ty) = match self {
            Self::Integer => (Convert::Int, Type::Int),
            Self::Decimal => (Convert::Decimal, Type::Decimal),
        };
        let number = apply(Op::Convert(to), vec![Value::string(text)], &ty)?;
        number.as_number().cloned()
    }
}

/// The number that a text names.
#[derive(Clone, Debug)]
pub struct NumberView {
    /// How the text is read.
    pub reading: Reading,
    /// Whether it can be read so.
    pub readable: Term,
    /// The number.
    pub number: Num,
    /// The expression that reads it.
    reader: ExprId,
}

/// The numbers that texts are read as, by the identity of the text.
#[derive(Clone, Debug, Default)]
pub struct NumberViews {
    by_identity: BTreeMap<Term, Vec<NumberView>>,
    /// Known texts that a view was told of.
    told: BTreeMap<(Term, Reading), usize>,
    /// Pairs of identities that agree.
    agreeing: BTreeSet<(Term, Term, Reading)>,
    /// Slots whose texts name each number once.
    once: BTreeMap<SlotId, bool>,
}

impl NumberViews {
    /// The views of the text with this identity.
    pub fn of(&self, identity: Term) -> &[NumberView] {
        self.by_identity.get(&identity).map_or(&[], Vec::as_slice)
    }

    /// The expressions that read numbers.
    pub(super) fn readers(&self) -> impl Iterator<Item = ExprId> {
        self.by_identity.values().flatten().map(|view| view.reader)
    }

    fn with(&self, identity: Term, reading: Reading) -> Option<&NumberView> {
        self.of(identity)
            .iter()
            .find(|view| view.reading == reading)
    }
}

impl Lowering<'_> {
    /// Whether a text names a number, and which.
    pub(super) fn number_of(
        &mut self,
        id: ExprId,
        text: &Text,
        reading: Reading,
    ) -> Option<(Term, Num)> {
        // What is written as a date names none.
        if text.time.is_some() {
            let never = self.terms.bool(false);
            return Some((never, Num::constant(&mut self.terms, &Number::default())));
        }
        self.number_at(id, text.identity, reading)
    }

    fn number_at(&mut self, id: ExprId, identity: Term, reading: Reading) -> Option<(Term, Num)> {
        match self.terms.node(identity).clone() {
            TermNode::Ite(condition, a, b) => {
                let (is_a, a) = self.number_at(id, a, reading)?;
                let (is_b, b) = self.number_at(id, b, reading)?;
                let readable = self.terms.ite(condition, is_a, is_b);
                Some((readable, Num::ite(&mut self.terms, condition, &a, &b)))
            }
            TermNode::Int(known) => {
                let known = usize::try_from(&known).ok()?;
                let number = reading.of(self.known_texts().get(known)?);
                let readable = self.terms.bool(number.is_some());
                let number = number.unwrap_or_default();
                Some((readable, Num::constant(&mut self.terms, &number)))
            }
            TermNode::Var(..) => {
                let view = self.view(id, identity, reading)?;
                Some((view.readable, view.number))
            }
            _ => None,
        }
    }

    /// The view of the text with the identity `identity`, a variable.
    fn view(&mut self, id: ExprId, identity: Term, reading: Reading) -> Option<NumberView> {
        if let Some(known) = self.views.with(identity, reading) {
            return Some(known.clone());
        }
        let readable = self.facet(identity, &reading.pattern()?);
        let view = NumberView {
            reading,
            readable,
            number: self.number_variable(identity, reading),
            reader: id,
        };
        // An integer is the same number either way.
        for other in self.views.of(identity).to_vec() {
            let integer = match reading {
                Reading::Integer => readable,
                Reading::Decimal => other.readable,
            };
            let same = view.number.eq(&mut self.terms, &other.number);
            let fact = self.terms.implies(integer, same);
            self.facts.push(fact);
        }
        let views = self.views.by_identity.entry(identity).or_default();
        views.push(view.clone());
        Some(view)
    }

    fn number_variable(&mut self, identity: Term, reading: Reading) -> Num {
        let slot = self.slot_of(identity).map(|(_, slot)| slot);
        let name = slot
            .as_ref()
            .map(|slot| format!("{}:{}", slot.step, slot.location));
        let name = format!("number:{}", name.unwrap_or_default());
        let schema = slot.map(|slot| self.model.schemas.get(slot.schema).clone());
        let places = match (reading, &schema) {
            (Reading::Integer, _) => Some(0),
            (Reading::Decimal, Some(schema)) => schema.text_places(),
            (Reading::Decimal, None) => None,
        };
        let places = match places {
            Some(places) => places,
            None if self.config.dense || schema.is_none() => {
                return Num::int(self.terms.var(name, Sort::Real));
            }
            None => {
                let words = "numbers in texts have at most 2 decimals".to_owned();
                self.narrowed.insert(words);
                2
            }
        };
        Num {
            term: self.terms.var(name, Sort::Int),
            denominator: power_of_ten(places),
        }
    }

    /// Says what is known of the numbers: to be called before each question,
    /// when all texts that are compared are known.
    pub(super) fn settle_numbers(&mut self) {
        if self.views.by_identity.is_empty() {
            return;
        }
        self.share_views();
        self.numbers_agree();
        self.tell_numbers();
    }

    /// Texts that are compared with each other are read alike.
    fn share_views(&mut self) {
        loop {
            let count = |this: &Self| this.views.by_identity.values().map(Vec::len).sum::<usize>();
            let before = count(self);
            for (a, b) in self.compared.clone() {
                for (from, to) in [(a, b), (b, a)] {
                    if matches!(self.terms.node(to), TermNode::Var(..)) {
                        for view in self.views.of(from).to_vec() {
                            self.view(view.reader, to, view.reading);
                        }
                    }
                }
            }
            if count(self) == before {
                return;
            }
        }
    }

    fn numbers_agree(&mut self) {
        let pairs: BTreeSet<(Term, Term)> = self.compared.iter().copied().collect();
        for (a, b) in pairs {
            for own in self.views.of(a).to_vec() {
                let Some(other) = self.views.with(b, own.reading).cloned() else {
                    continue;
                };
                if a == b || !self.views.agreeing.insert((a, b, own.reading)) {
                    continue;
                }
                let same = self.terms.eq(a, b);
                let equal = own.number.eq(&mut self.terms, &other.number);
                let both = self.terms.and([own.readable, other.readable]);
                let agree = self.terms.implies(both, equal);
                let fact = self.terms.implies(same, agree);
                self.facts.push(fact);
                let equal = self.terms.and([both, equal]);
                self.same_if_equal(a, b, equal);
            }
        }
    }

    /// Equal numbers are written alike where both schemas know one way.
    fn same_if_equal(&mut self, a: Term, b: Term, equal: Term) {
        let (Some((id_a, slot_a)), Some((id_b, slot_b))) = (self.slot_of(a), self.slot_of(b))
        else {
            return;
        };
        let schemas = [&slot_a, &slot_b].map(|slot| self.model.schemas.get(slot.schema).clone());
        let places = schemas.each_ref().map(Schema::text_places);
        if places[0] != places[1] || !self.writes_once(id_a) || !self.writes_once(id_b) {
            return;
        }
        let there = [&slot_a, &slot_b].map(|slot| self.holds_text(slot));
        let by = schemas.each_ref().map(|schema| self.text_literal(schema));
        let same = self.terms.eq(a, b);
        let premises = self.terms.and([equal].into_iter().chain(there).chain(by));
        let fact = self.terms.implies(premises, same);
        self.facts.push(fact);
    }

    /// Whether the texts of a slot name each number once.
    fn writes_once(&mut self, id: SlotId) -> bool {
        if let Some(known) = self.views.once.get(&id) {
            return *known;
        }
        let schema = self.model.schemas.get(self.slot(id).schema);
        let once = schema.enumeration.is_none()
            && schema
                .text_places()
                .is_some_and(|p| schema.text_set().names_each_number_once(p));
        self.views.once.insert(id, once);
        once
    }

    /// Known texts name the numbers that evaluation gives.
    fn tell_numbers(&mut self) {
        let texts = self.known_texts().to_vec();
        for (identity, views) in self.views.by_identity.clone() {
            for view in views {
                let key = (identity, view.reading);
                let told = self.views.told.insert(key, texts.len()).unwrap_or(0);
                for (known, text) in texts.iter().enumerate().skip(told) {
                    if let Some(number) = view.reading.of(text) {
                        self.tell_number(identity, &view, known, text, &number);
                    }
                }
            }
        }
    }

    fn tell_number(
        &mut self,
        identity: Term,
        view: &NumberView,
        known: usize,
        text: &str,
        number: &Number,
    ) {
        let constant = Num::constant(&mut self.terms, number);
        let is_that = view.number.eq(&mut self.terms, &constant);
        let known = self.terms.int(known);
        let is_it = self.terms.eq(identity, known);
        let fact = self.terms.implies(is_it, is_that);
        self.facts.push(fact);
        let Some((id, slot)) = self.slot_of(identity) else {
            return;
        };
        let schema = self.model.schemas.get(slot.schema).clone();
        if self.writes_once(id) && schema.text_set().contains(text) {
            let there = self.holds_text(&slot);
            let named = self.terms.and([there, view.readable, is_that]);
            let fact = self.terms.implies(named, is_it);
            self.assume_text(&schema, fact);
        }
    }

    /// Which numbers the members of a set name, as a fact about the number
    /// that is read where all are members.
    pub(super) fn is_named(&mut self, set: &TextSet, number: &Num) -> Term {
        let Numerals {
            negative,
            natural,
            places,
        } = set.numerals();
        let mut ways = Vec::new();
        if let Some(magnitudes) = negative {
            let opposite = number.negated(&mut self.terms);
            ways.push(self.lies_within(&opposite, &magnitudes));
        }
        if let Some(magnitudes) = natural {
            ways.push(self.lies_within(number, &magnitudes));
        }
        let within = self.terms.or(ways);
        let on_grid = match places {
            Some(places) => self.has_places(number, places),
            None => self.terms.bool(true),
        };
        self.terms.and([within, on_grid])
    }

    fn lies_within(&mut self, number: &Num, magnitudes: &Magnitudes) -> Term {
        let least = Num::constant(&mut self.terms, &magnitudes.least);
        let mut bounds = vec![least.le(&mut self.terms, number)];
        if let Some(most) = &magnitudes.most {
            let most = Num::constant(&mut self.terms, most);
            bounds.push(number.le(&mut self.terms, &most));
        }
        self.terms.and(bounds)
    }

    /// Where a number has at most so many decimal places.
    pub(super) fn has_places(&mut self, number: &Num, places: u32) -> Term {
        let power = power_of_ten(places);
        if number.is_real(&self.terms) {
            let factor = self.terms.int(power);
            let scaled = self.terms.mul(factor, number.term);
            let floor = self.terms.floor(scaled);
            let floor = self.terms.to_real(floor);
            return self.terms.eq(floor, scaled);
        }
        let finer = Number::new(number.denominator.clone(), power);
        if finer <= Number::one() || !finer.is_integer() {
            return self.terms.bool(true);
        }
        let divisor = self.terms.int(finer.to_integer());
        let rest = self.terms.modulo(number.term, divisor);
        let zero = self.terms.int(0);
        self.terms.eq(rest, zero)
    }

    /// The value of a number in an assignment.
    pub fn number_in(&self, number: &Num, values: &Assignment) -> Number {
        let value = values.number(&self.terms, number.term);
        value / Number::from_integer(number.denominator.clone())
    }

    /// The number that a slot's text is read as, and that of the baseline.
    pub(super) fn number_of_slot(&self, slot: &Slot) -> Option<(Num, Number)> {
        match (&slot.leaf, slot.baseline.as_ref()?) {
            (Leaf::Number(number), Value::Number(base)) => Some((number.clone(), base.clone())),
            (Leaf::Text(text), Value::String(base)) => {
                let view = self.views.of(text.identity).first()?;
                Some((view.number.clone(), view.reading.of(base)?))
            }
            _ => None,
        }
    }

    /// The number that a slot's text is read as in an assignment, if it is.
    pub fn number_read(&self, text: &Text, values: &Assignment) -> Option<Number> {
        let mut views = self.views.of(text.identity).iter();
        let view = views.find(|view| values.bool(&self.terms, view.readable))?;
        Some(self.number_in(&view.number, values))
    }
}
