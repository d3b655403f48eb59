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

use super::any::Kind;
use super::slots::{Leaf, Slot, SlotId};
use super::tabulate::apply;
use super::{Env, Lowering, Num, Shape, Sym, Text};
use crate::document::Schema;
use crate::expr::{Convert, ExprId, Op, Type};
use crate::search::smt::{Assignment, Sort, Term, TermNode};
use crate::text::{Cardinality, Magnitudes, Numerals, Pattern, Taste, TextSet, integers, numbers};
use crate::value::{Number, Value, power_of_ten};

/// Texts of one number that are listed, at most.
const MAX_SPELLINGS: u64 = 12;

/// The texts that name the Booleans.
const TRUE: &str = "^(true|TRUE|True|t|1)$";
const FALSE: &str = "^(false|FALSE|False|f|0)$";

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

    fn with(&self, identity: Term, reading: Reading) -> Option<&NumberView> {
        self.of(identity)
            .iter()
            .find(|view| view.reading == reading)
    }
}

/// Something that holds of a text in an assignment.
enum Premise {
    Is(Term, bool),
    Length(Term, u64),
    Number(Num, Number),
    Same(Term, Term),
    /// The number of a kind is that of texts.
    Kind(Term),
}

impl Lowering<'_> {
    /// `int(x)`, `decimal(x)` and the like.
    pub(super) fn convert(
        &mut self,
        id: ExprId,
        to: Convert,
        operands: &[ExprId],
        env: &Env,
    ) -> Sym {
        let Some(operand) = operands.first().map(|operand| self.lower(*operand, env)) else {
            return self.undefined();
        };
        if let Shape::Any(value) = operand.shape.clone() {
            return self.converted_any(id, to, operands, (&operand, &value), env);
        }
        self.converted(id, to, operands, operand, env)
    }

    /// The conversion of a symbolic value; `operands` are what `id` reads.
    pub(super) fn converted(
        &mut self,
        id: ExprId,
        to: Convert,
        operands: &[ExprId],
        operand: Sym,
        env: &Env,
    ) -> Sym {
        let reading = match to {
            Convert::Int => Reading::Integer,
            Convert::Decimal => Reading::Decimal,
            Convert::Bool => return self.boolean_named(id, operands, operand, env),
            Convert::Text => return self.unencoded(id, operands, env),
        };
        let live = self.live(&operand);
        match &operand.shape {
            Shape::Number(number) if to == Convert::Decimal => {
                self.when(live, Shape::Number(number.clone()))
            }
            Shape::Number(number) => {
                let whole = self.without_fraction(number);
                self.when(live, Shape::Number(Num::int(whole)))
            }
            Shape::Time(seconds) => {
                let whole = self.floor(seconds);
                self.when(live, Shape::Number(Num::int(whole)))
            }
            Shape::Text(text) => {
                // Members of enumerations are all that there are, and so is
                // what functions make of them.
                let op = Op::Convert(to);
                let of_members = self.table_of(id, op, std::slice::from_ref(&operand));
                if let Some(table) = of_members.or_else(|| self.table(id, op, operands, env)) {
                    return table;
                }
                match self.number_of(id, text, reading) {
                    Some((readable, number)) => {
                        let defined = self.terms.and([live, readable]);
                        self.when(defined, Shape::Number(number))
                    }
                    None => self.unencoded(id, operands, env),
                }
            }
            Shape::Nothing => self.undefined(),
            _ => self.unencoded(id, operands, env),
        }
    }

    /// `bool(x)`
    fn boolean_named(&mut self, id: ExprId, operands: &[ExprId], operand: Sym, env: &Env) -> Sym {
        let live = self.live(&operand);
        let named = match &operand.shape {
            Shape::Bool(_) => Some(self.when(live, operand.shape)),
            Shape::Text(text) => self.boolean_of(text, live),
            _ => None,
        };
        named.unwrap_or_else(|| self.unencoded(id, operands, env))
    }

    fn boolean_of(&mut self, text: &Text, live: Term) -> Option<Sym> {
        let yes = self.holds_for(text, &Pattern::of_rule(TRUE).ok()?)?;
        let no = self.holds_for(text, &Pattern::of_rule(FALSE).ok()?)?;
        let either = self.terms.or([yes, no]);
        let defined = self.terms.and([live, either]);
        Some(self.when(defined, Shape::Bool(yes)))
    }

    /// A number rounded towards zero.
    fn without_fraction(&mut self, number: &Num) -> Term {
        let floor = self.floor(number);
        let opposite = number.negated(&mut self.terms);
        let below = self.floor(&opposite);
        let ceiling = self.terms.neg(below);
        let zero = self.terms.int(0);
        let is_negative = self.terms.lt(number.term, zero);
        self.terms.ite(is_negative, ceiling, floor)
    }

    /// Whether a text names a number, and which.
    fn number_of(&mut self, id: ExprId, text: &Text, reading: Reading) -> Option<(Term, Num)> {
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
        let there = [&slot_a, &slot_b].map(|slot| self.is_text(slot));
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

    /// Where a slot holds a text.
    fn is_text(&mut self, slot: &Slot) -> Term {
        self.holds_text(slot)
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
            let there = self.is_text(&slot);
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
        let views = self.views.by_identity.values().flatten();
        let readers: Vec<ExprId> = views.map(|view| view.reader).collect();
        self.unencoded.extend(readers);
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

    /// All texts that name the numbers, if they are known to be few.
    fn spellings(&self) -> Option<Vec<String>> {
        let exponent = Pattern::of_rule("[eE]").ok()?;
        let others = self.set.clone().with_pattern(numbers()?, true);
        let others = others.with_pattern(exponent, true);
        if self.numbers.is_empty() || !others.is_surely_empty() {
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
