//! What schemas say of slots, each keyword under a literal of its own.

use num_traits::ToPrimitive;

use super::any::Kind;
use super::folds::at_most;
use super::slots::{Leaf, Slot, SlotId};
use super::texts::{first_second, last_second};
use super::{Label, Lowering, Num, Text};
use crate::document::Schema;
use crate::search::smt::{Assignment, Sort, Term};
use crate::source::Span;
use crate::value::location::Location;
use crate::value::time::parse_time;

impl Lowering<'_> {
    /// Asserts what the schema says of a slot.
    pub(super) fn constrain(&mut self, id: SlotId, schema: &Schema) {
        let slot = self.slot(id).clone();
        let not_null = self.terms.not(slot.null);
        let there = self.terms.and([slot.sent, not_null]);
        if let Some(reason) = self.sent_as_text(&slot) {
            self.constrain_text_value(&slot, schema, reason);
        }
        match &slot.leaf {
            Leaf::Number(num) => self.constrain_number(num, there, schema),
            Leaf::Text(text) => self.constrain_text(id, text),
            Leaf::List { length, bound, .. } => {
                self.constrain_list(&slot, *length, *bound, there, schema);
            }
            Leaf::Any(value) => {
                self.constrain_kind(value, there, schema);
                let is_number = self.is_kind(value, Kind::Number);
                let is_number = self.terms.and([there, is_number]);
                self.constrain_number(&value.number, is_number, schema);
                self.constrain_text(id, &value.text);
            }
            Leaf::Object | Leaf::Bool(_) => {}
        }
        if let Some(members) = &schema.enumeration {
            let equal: Vec<Term> = members
                .value
                .iter()
                .filter_map(|member| self.is_value(&slot.leaf, member))
                .collect();
            if !matches!(slot.leaf, Leaf::Object | Leaf::List { .. }) {
                let any = self.terms.or(equal);
                let fact = self.terms.implies(there, any);
                let (pointer, span) = (members.pointer.clone(), members.span);
                self.assume_schema("enum", pointer, span, fact);
            }
        }
    }

    /// Why a place is sent as text, if it is: a parameter, a field of a form.
    fn sent_as_text(&self, slot: &Slot) -> Option<&'static str> {
        let is_root = |own: &&Slot| own.step == slot.step && own.location.0.is_empty();
        let root = self.slots.iter().find(is_root)?.schema;
        let mut operations = self.model.operations.iter();
        let operation = operations.find(|own| own.request == root)?;
        operation.sent_as_text(&slot.location)
    }

    /// HTTP carries no null and no empty list in a parameter or in a form.
    fn constrain_text_value(&mut self, slot: &Slot, schema: &Schema, reason: &'static str) {
        let mut facts = vec![self.terms.not(slot.null)];
        if let Leaf::List { length, .. } = slot.leaf {
            let one = self.terms.int(1);
            let some = self.terms.le(one, length);
            facts.push(self.terms.implies(slot.sent, some));
        }
        let fact = self.terms.and(facts);
        if self.terms.as_bool(fact) != Some(true) {
            self.assume_schema(reason, schema.pointer.clone(), schema.span, fact);
        }
    }

    pub(super) fn assume_schema(
        &mut self,
        keyword: &'static str,
        pointer: String,
        span: Span,
        fact: Term,
    ) {
        let label = Label::Schema {
            keyword,
            pointer,
            span,
        };
        self.assume(label, fact);
    }

    fn constrain_number(&mut self, num: &Num, there: Term, schema: &Schema) {
        for (keyword, bound, is_least) in [
            ("minimum", &schema.minimum, true),
            ("maximum", &schema.maximum, false),
        ] {
            let Some(bound) = bound else { continue };
            let limit = Num::constant(&mut self.terms, &bound.value.value);
            let (low, high) = if is_least {
                (&limit, num)
            } else {
                (num, &limit)
            };
            let fact = if bound.value.exclusive {
                let other = high.le(&mut self.terms, low);
                self.terms.not(other)
            } else {
                low.le(&mut self.terms, high)
            };
            let fact = self.terms.implies(there, fact);
            self.assume_schema(keyword, bound.pointer.clone(), bound.span, fact);
        }
    }

    fn constrain_list(
        &mut self,
        slot: &Slot,
        length: Term,
        bound: usize,
        there: Term,
        schema: &Schema,
    ) {
        let zero = self.terms.int(0);
        let natural = self.terms.le(zero, length);
        self.facts.push(natural);
        if let Some(min) = &schema.min_items {
            let least = self.terms.int(min.value);
            let fact = self.terms.le(least, length);
            let fact = self.terms.implies(there, fact);
            self.assume_schema("minItems", min.pointer.clone(), min.span, fact);
        }
        let max = schema.max_items.as_ref();
        if let Some(max) = max {
            let most = self.terms.int(max.value);
            let fact = self.terms.le(length, most);
            let fact = self.terms.implies(there, fact);
            self.assume_schema("maxItems", max.pointer.clone(), max.span, fact);
        }
        if !self.config.long && max.is_none_or(|max| max.value > bound as u64) {
            let most = self.terms.int(bound);
            let fact = self.terms.le(length, most);
            self.assume(Label::Restriction(at_most(slot, bound)), fact);
        }
    }

    fn constrain_text(&mut self, id: SlotId, text: &Text) {
        if let Some(time) = &text.time {
            let low = self.terms.int(first_second());
            let high = self.terms.int(last_second());
            let above = self.terms.le(low, time.term);
            let below = self.terms.le(time.term, high);
            self.facts.extend([above, below]);
            if self.has_free_writing(text) {
                // Negative identities are moments as the generator writes
                // them: to the second.
                let zero = self.terms.int(0);
                let known = self.terms.le(zero, text.identity);
                let second = Num::int(self.terms.var("second", Sort::Int));
                let canonical = self.time_identity(&second, false);
                let is_canonical = self.terms.eq(text.identity, canonical);
                let at_second = time.eq(&mut self.terms, &second);
                let characters = self.terms.int(MOMENT_LENGTH);
                let length = text.length.map(|length| self.terms.eq(length, characters));
                let written = [is_canonical, at_second].into_iter().chain(length);
                let written = self.terms.and(written);
                let fact = self.terms.or([known, written]);
                self.facts.push(fact);
                self.unsettled.push(Unsettled::new(id));
            }
            return;
        }
        let zero = self.terms.int(0);
        let natural = self.terms.le(zero, text.identity);
        self.facts.push(natural);
        self.unsettled.push(Unsettled::new(id));
    }

    /// Whether a moment may be written in other ways than the generator's.
    fn has_free_writing(&self, text: &Text) -> bool {
        let sort = text.time.as_ref().map(|time| self.terms.sort(time.term));
        sort == Some(Sort::Real)
    }

    /// The lengths that a schema's texts can have, for a slot.
    fn possible_lengths(&mut self, length: Term, schema: &Schema) -> Term {
        let zero = self.terms.int(0);
        match schema.text_set().lengths(LENGTH_BOUND) {
            Ok(lengths) if lengths.is_exact() => {
                let ranges = lengths.ranges.iter();
                let ranges: Vec<Term> = ranges
                    .map(|(from, to)| self.between(length, *from, *to))
                    .collect();
                self.terms.or(ranges)
            }
            _ => self.terms.le(zero, length),
        }
    }

    pub(super) fn between(&mut self, length: Term, from: u64, to: Option<u64>) -> Term {
        let from = self.terms.int(from);
        let above = self.terms.le(from, length);
        match to {
            Some(to) => {
                let to = self.terms.int(to);
                let below = self.terms.le(length, to);
                self.terms.and([above, below])
            }
            None => above,
        }
    }

    /// Says of known texts which slots can't hold them and, where an expression
    /// asks for lengths, how long they are. Texts become known while expressions
    /// are lowered: to be called before each question.
    pub fn settle_texts(&mut self) {
        self.settle_conditions();
        let mut unsettled = std::mem::take(&mut self.unsettled);
        for one in &mut unsettled {
            self.settle(one);
        }
        self.unsettled = unsettled;
        self.settle_numbers();
        self.settle_facets();
    }

    /// Asserts what a schema says of a text.
    pub(super) fn assume_text(&mut self, schema: &Schema, fact: Term) {
        let (keyword, pointer, span) = text_place(schema);
        self.assume_schema(keyword, pointer, span, fact);
    }

    /// The literal under which facts about a schema's texts hold.
    pub(super) fn text_literal(&mut self, schema: &Schema) -> Term {
        let (keyword, pointer, span) = text_place(schema);
        self.literal(Label::Schema {
            keyword,
            pointer,
            span,
        })
    }

    /// Whether `values` give no slot a known text that it can't hold, or with a
    /// length that isn't the text's. The slots that are given one are told of all
    /// texts from then on, by [`Self::settle_texts`].
    pub fn are_texts_right(&mut self, values: &Assignment) -> bool {
        let mut unsettled = std::mem::take(&mut self.unsettled);
        let mut are_right = true;
        for one in &mut unsettled {
            if !one.is_told && self.is_mistaken(one, values) {
                one.is_told = true;
                are_right = false;
            }
        }
        self.unsettled = unsettled;
        are_right
    }

    fn is_mistaken(&self, one: &Unsettled, values: &Assignment) -> bool {
        let slot = self.slot(one.slot);
        let Some(text) = slot.leaf.text() else {
            return false;
        };
        let is_there = values.bool(&self.terms, slot.sent) && !values.bool(&self.terms, slot.null);
        let number = values.number(&self.terms, text.identity).to_usize();
        let known = number.and_then(|number| self.known_texts().get(number));
        let (Some(known), true) = (known, is_there) else {
            return false;
        };
        let is_mismeasured = text.length.is_some_and(|length| {
            let length = values.number(&self.terms, length).to_usize();
            self.asks_length && length != Some(known.chars().count())
        });
        is_mismeasured || self.excludes(self.model.schemas.get(slot.schema), known)
    }

    /// Whether a schema that lists no values excludes a text.
    fn excludes(&self, schema: &Schema, text: &str) -> bool {
        schema.enumeration.is_none() && !schema.text_set().contains(text)
    }

    fn settle(&mut self, one: &mut Unsettled) {
        let needs_lengths = self.asks_length && !one.has_lengths;
        let count = self.known_texts().len();
        let is_told = one.is_told || count <= TOLD_AT_ONCE;
        let told = if is_told { count } else { one.told };
        let measured = if is_told && self.asks_length {
            count
        } else {
            one.measured
        };
        let is_settled = one.dated == count && one.told == told && one.measured == measured;
        if is_settled && !needs_lengths {
            return;
        }
        let slot = self.slot(one.slot).clone();
        let Some(text) = slot.leaf.text() else { return };
        let schema = self.model.schemas.get(slot.schema);
        let mut facts = Vec::new();
        if let Some(time) = &text.time {
            facts.extend(self.moments_of_texts(text.identity, time, one.dated));
        }
        facts.extend(self.texts_excluded(text.identity, schema, one.told..told));
        if let Some(length) = text.length {
            facts.extend(self.lengths_of_texts(text.identity, length, one.measured..measured));
            if needs_lengths {
                facts.push(self.possible_lengths(length, schema));
            }
        }
        one.has_lengths = self.asks_length;
        (one.dated, one.told, one.measured) = (count, told, measured);
        if facts.is_empty() {
            return;
        }
        let there = self.holds_text(&slot);
        let fact = self.terms.and(facts);
        let fact = self.terms.implies(there, fact);
        self.assume_text(schema, fact);
    }

    /// The moments that known texts name, from number `first` on. Those that
    /// are as the generator writes them have an identity for that already.
    fn moments_of_texts(&mut self, identity: Term, time: &Num, first: usize) -> Vec<Term> {
        let known = self.known_texts().iter().enumerate().skip(first);
        let moments = known.filter_map(|(number, text)| {
            let canonical = Self::canonical_moment(text);
            let is_canonical = canonical.is_some_and(|(moment, _)| moment.is_integer());
            Some((number, parse_time(text)?, is_canonical))
        });
        let moments: Vec<(usize, i128, bool)> = moments.collect();
        let mut facts = Vec::new();
        for (number, nanos, is_canonical) in moments {
            let is_it = self.is_known_text(identity, number);
            facts.push(if is_canonical {
                self.terms.not(is_it)
            } else {
                let moment = self.seconds(nanos);
                let at_that = time.eq(&mut self.terms, &moment);
                self.terms.implies(is_it, at_that)
            });
        }
        facts
    }

    /// That a text is none of those that its schema excludes.
    fn texts_excluded(
        &mut self,
        identity: Term,
        schema: &Schema,
        numbers: std::ops::Range<usize>,
    ) -> Vec<Term> {
        let known = self.known_texts().get(numbers.clone()).unwrap_or_default();
        let excluded = numbers
            .zip(known)
            .filter(|(_, text)| self.excludes(schema, text));
        let excluded: Vec<usize> = excluded.map(|(number, _)| number).collect();
        let each = excluded.into_iter().map(|number| {
            let is_it = self.is_known_text(identity, number);
            self.terms.not(is_it)
        });
        each.collect()
    }

    fn lengths_of_texts(
        &mut self,
        identity: Term,
        length: Term,
        numbers: std::ops::Range<usize>,
    ) -> Vec<Term> {
        let known = self.known_texts().get(numbers.clone()).unwrap_or_default();
        let lengths: Vec<usize> = known.iter().map(|text| text.chars().count()).collect();
        let each = numbers.zip(lengths).map(|(number, characters)| {
            let is_it = self.is_known_text(identity, number);
            let characters = self.terms.int(characters);
            let has = self.terms.eq(length, characters);
            self.terms.implies(is_it, has)
        });
        each.collect()
    }

    fn is_known_text(&mut self, identity: Term, number: usize) -> Term {
        let number = self.terms.int(number);
        self.terms.eq(identity, number)
    }
}

/// A slot of a free text, and what was said of it so far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unsettled {
    slot: SlotId,
    /// Which moments so many known texts name.
    dated: usize,
    /// Which of so many known texts it can't hold.
    told: usize,
    /// Which lengths its schema allows.
    has_lengths: bool,
    /// How long so many known texts are.
    measured: usize,
    /// Whether it is told of all, however many there are.
    is_told: bool,
}

impl Unsettled {
    fn new(slot: SlotId) -> Self {
        Self {
            slot,
            dated: 0,
            told: 0,
            has_lengths: false,
            measured: 0,
            is_told: false,
        }
    }
}

/// A slot is told of so many known texts at once. Of more, only once a model has
/// got one wrong: what all slots can't hold, and how long all texts are, is most
/// of an encoding, and hardly any of it matters.
const TOLD_AT_ONCE: usize = 64;

/// The characters of a moment as the generator writes it:
/// `2030-01-31T23:59:59Z`.
pub(super) const MOMENT_LENGTH: u64 = 20;

/// Lengths are listed up to here; a longer list counts as unlimited.
const LENGTH_BOUND: u64 = 512;

/// The keyword that says most about a schema's texts, and its place.
pub fn text_place(schema: &Schema) -> (&'static str, String, Span) {
    let pattern = schema.patterns.first();
    let pattern = pattern.map(|p| ("pattern", p.pointer.clone(), p.span));
    let format = schema.format.as_ref();
    let format = format.map(|f| ("format", f.pointer.clone(), f.span));
    let max = schema.max_length.as_ref();
    let max = max.map(|l| ("maxLength", l.pointer.clone(), l.span));
    let min = schema.min_length.as_ref();
    let min = min.map(|l| ("minLength", l.pointer.clone(), l.span));
    let place = pattern.or(format).or(max).or(min);
    place.unwrap_or_else(|| ("type", schema.pointer.clone(), schema.span))
}

/// A location with its item numbers as `[*]`.
pub(super) fn pattern_of(location: &Location) -> String {
    let text = location.to_string();
    let mut out = String::new();
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once('[') {
        out.push_str(before);
        match after.split_once(']') {
            Some((inner, tail)) if inner.chars().all(|c| c.is_ascii_digit()) => {
                out.push_str("[*]");
                rest = tail;
            }
            _ => {
                out.push('[');
                rest = after;
            }
        }
    }
    out + rest
}
