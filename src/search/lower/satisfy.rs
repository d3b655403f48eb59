//! Whether the value of a slot satisfies a schema, as terms.

use super::sat::Sat;
use super::slots::{Leaf, Slot, SlotId};
use super::{Lowering, Num, Text};
use crate::document::{Format, Formula, JsonType, Schema, SchemaId};
use crate::search::smt::{Sort, Term};
use crate::value::location::Segment;
use crate::value::{Number, Value};

/// Schemas within schemas that are looked into, at most.
const MAX_DEPTH: usize = 24;

/// How many alternatives within each other are looked into, beyond those that
/// rules read: what is chosen of further ones is left to the completion of
/// values.
const MAX_CHOICES: usize = 1;

impl Lowering<'_> {
    /// Whether what is sent at a slot satisfies a schema, its parts included.
    pub(super) fn satisfies(&mut self, id: SlotId, schema: SchemaId, depth: usize) -> Sat {
        if depth > MAX_DEPTH {
            return Sat::open(&mut self.terms);
        }
        if self.asked.contains(&(id, schema)) {
            // A schema that leads back to itself demands nothing more.
            self.led_back = true;
            return Sat::always(&mut self.terms, true);
        }
        if self.is_left_open(id) {
            return match self.trusts_completion {
                true => Sat::always(&mut self.terms, true),
                false => Sat::open(&mut self.terms),
            };
        }
        let members = self.slot(id).children().count();
        let asked = (id, schema, self.trusts_completion);
        let known = self.judged.get(&asked);
        if let Some((_, known)) = known.filter(|(then, _)| *then == members) {
            return *known;
        }
        let led_back = std::mem::take(&mut self.led_back);
        self.asked.push((id, schema));
        let satisfied = self.satisfies_once(id, schema, depth);
        self.asked.pop();
        if !self.led_back {
            let members = self.slot(id).children().count();
            self.judged.insert(asked, (members, satisfied));
        }
        self.led_back |= led_back;
        satisfied
    }

    /// Whether what is demanded of a slot is left open, as what no rule reads
    /// and lies too deep: values may hold others of their own kind.
    pub(super) fn is_left_open(&self, id: SlotId) -> bool {
        let mut choices = 0;
        let mut next = Some(id);
        while let Some(id) = next.filter(|id| self.unfilled.contains_key(id)) {
            let slot = self.slot(id);
            let schema = self.model.schemas.get(slot.schema);
            let has_parts = matches!(slot.leaf, Leaf::Object | Leaf::Any(_));
            let is_chosen = !schema.conditions.is_empty() || schema.is_hint;
            choices += usize::from(has_parts && is_chosen);
            next = slot.parent;
        }
        choices > MAX_CHOICES
    }

    fn satisfies_once(&mut self, id: SlotId, schema: SchemaId, depth: usize) -> Sat {
        let slot = self.slot(id).clone();
        let found = self.model.schemas.get(schema).clone();
        if is_free(&found) {
            return Sat::always(&mut self.terms, true);
        }
        let mut parts = vec![self.has_type(&slot, &found)];
        parts.extend(self.is_listed(&slot, &found));
        let value = match &slot.leaf {
            Leaf::Number(num) => self.number_satisfies(num, &found),
            Leaf::Text(text) => self.text_satisfies(&slot, text, &found),
            Leaf::Object => self.object_satisfies(id, schema, depth),
            Leaf::List { .. } => self.list_satisfies(id, schema, depth),
            Leaf::Any(any) => self.any_satisfies(&slot, any, &found),
            Leaf::Bool(_) => Sat::always(&mut self.terms, true),
        };
        let not_null = self.terms.not(slot.null);
        parts.push(value.given(&mut self.terms, not_null));
        for condition in &found.conditions {
            parts.push(self.formula(id, &condition.formula, depth + 1));
        }
        let mut unmodelled = found.unmodelled.iter();
        if unmodelled.any(|own| own.keyword != "nullable") {
            parts.push(Sat::open(&mut self.terms));
        }
        Sat::all(&mut self.terms, &parts)
    }

    /// Whether a formula holds for what is sent at a slot.
    pub(super) fn formula(&mut self, id: SlotId, formula: &Formula, depth: usize) -> Sat {
        match formula {
            Formula::Is(schema) => self.satisfies(id, *schema, depth),
            Formula::Has(name) => self.has_member(id, name),
            Formula::Holds(name, values) => self.holds_member(id, name, values),
            Formula::All(parts) => {
                let parts = self.formulas(id, parts, depth);
                Sat::all(&mut self.terms, &parts)
            }
            Formula::Any(parts) => {
                let parts = self.formulas(id, parts, depth);
                Sat::any(&mut self.terms, &parts)
            }
            Formula::One(parts) => {
                let parts = self.formulas(id, parts, depth);
                Sat::one(&mut self.terms, &parts)
            }
            Formula::Not(part) => {
                let part = self.formula(id, part, depth);
                part.not(&mut self.terms)
            }
            Formula::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let condition = self.formula(id, condition, depth);
                let then = self.formula(id, then, depth);
                let otherwise = self.formula(id, otherwise, depth);
                Sat::choose(&mut self.terms, condition, then, otherwise)
            }
        }
    }

    fn formulas(&mut self, id: SlotId, parts: &[Formula], depth: usize) -> Vec<Sat> {
        let each = parts.iter();
        each.map(|part| self.formula(id, part, depth)).collect()
    }

    /// Whether a slot is an object with a member of that name.
    pub(super) fn has_member(&mut self, id: SlotId, name: &str) -> Sat {
        let slot = self.slot(id).clone();
        match slot.leaf {
            Leaf::Object => {}
            Leaf::Any(_) => return Sat::open(&mut self.terms),
            _ => return Sat::always(&mut self.terms, false),
        }
        let not_null = self.terms.not(slot.null);
        match self.child(id, &Segment::Key(name.into())) {
            Some(child) => {
                let sent = self.slot(child).sent;
                Sat::exactly(self.terms.and([not_null, sent]))
            }
            None => Sat {
                sure: self.terms.bool(false),
                may: self.unnamed(id),
            },
        }
    }

    fn holds_member(&mut self, id: SlotId, name: &str, values: &[Value]) -> Sat {
        let has = self.has_member(id, name);
        let value = match self.child(id, &Segment::Key(name.into())) {
            Some(child) => {
                let child = self.slot(child).clone();
                self.is_one_of(&child, values)
            }
            None => Sat::open(&mut self.terms),
        };
        Sat::all(&mut self.terms, &[has, value])
    }

    fn has_type(&mut self, slot: &Slot, schema: &Schema) -> Sat {
        let types = schema.types;
        let own = match &slot.leaf {
            Leaf::Object => Some(JsonType::Object),
            Leaf::List { .. } => Some(JsonType::Array),
            Leaf::Bool(_) => Some(JsonType::Boolean),
            Leaf::Text(_) => Some(JsonType::String),
            Leaf::Number(_) => Some(JsonType::Number),
            Leaf::Any(_) => None,
        };
        let value = match (own, &slot.leaf) {
            _ if types.is_untyped() => Sat::always(&mut self.terms, true),
            (_, Leaf::Any(any)) => Sat::exactly(self.is_of_types(any, types)),
            (Some(JsonType::Number), Leaf::Number(num))
                if types.names(JsonType::Integer) && !types.names(JsonType::Number) =>
            {
                Sat::exactly(self.is_multiple(num, &Number::from_integer(1.into())))
            }
            (Some(own), _) => Sat::always(&mut self.terms, types.allows(own)),
            (None, _) => Sat::open(&mut self.terms),
        };
        let not_null = self.terms.not(slot.null);
        let value = value.given(&mut self.terms, not_null);
        let null = Sat::always(&mut self.terms, types.allows(JsonType::Null));
        let null = null.given(&mut self.terms, slot.null);
        Sat::all(&mut self.terms, &[value, null])
    }

    fn is_listed(&mut self, slot: &Slot, schema: &Schema) -> Option<Sat> {
        let values = schema.enumeration.as_ref()?;
        Some(self.is_one_of(slot, &values.value))
    }

    fn is_one_of(&mut self, slot: &Slot, values: &[Value]) -> Sat {
        let null = values.contains(&Value::Null);
        let null = Sat::always(&mut self.terms, null);
        let null = null.given(&mut self.terms, slot.null);
        let mut ways = Vec::new();
        for value in values {
            ways.push(match (&slot.leaf, value) {
                (_, Value::Null) => continue,
                (Leaf::Any(_), Value::List(_) | Value::Map(_))
                | (Leaf::Object, Value::Map(_))
                | (Leaf::List { .. }, Value::List(_)) => Sat::open(&mut self.terms),
                (leaf, value) => match self.is_value(leaf, value) {
                    Some(term) => Sat::exactly(term),
                    None => Sat::always(&mut self.terms, false),
                },
            });
        }
        let one = Sat::any(&mut self.terms, &ways);
        let not_null = self.terms.not(slot.null);
        let one = one.given(&mut self.terms, not_null);
        Sat::all(&mut self.terms, &[null, one])
    }

    pub(super) fn number_satisfies(&mut self, num: &Num, schema: &Schema) -> Sat {
        let mut parts = Vec::new();
        if let Some(bound) = &schema.minimum {
            let limit = Num::constant(&mut self.terms, &bound.value.value);
            parts.push(self.ordered(&limit, num, bound.value.exclusive));
        }
        if let Some(bound) = &schema.maximum {
            let limit = Num::constant(&mut self.terms, &bound.value.value);
            parts.push(self.ordered(num, &limit, bound.value.exclusive));
        }
        if let Some(step) = &schema.multiple_of {
            parts.push(self.is_multiple(num, &step.value));
        }
        Sat::exactly(self.terms.and(parts))
    }

    /// `low <= high`, or `<` where `strictly`.
    fn ordered(&mut self, low: &Num, high: &Num, strictly: bool) -> Term {
        if strictly {
            let other = high.le(&mut self.terms, low);
            self.terms.not(other)
        } else {
            low.le(&mut self.terms, high)
        }
    }

    fn is_multiple(&mut self, num: &Num, step: &Number) -> Term {
        if self.terms.sort(num.term) == Sort::Real {
            let inverse = Num::constant(&mut self.terms, &step.recip());
            let times = num.times(&mut self.terms, &inverse);
            let times = times.real(&mut self.terms);
            let whole = self.terms.floor(times);
            let whole = self.terms.to_real(whole);
            return self.terms.eq(whole, times);
        }
        let factor = self.terms.int(step.denom().clone());
        let scaled = self.terms.mul(factor, num.term);
        let divisor = self.terms.int(&num.denominator * step.numer());
        let rest = self.terms.modulo(scaled, divisor);
        let zero = self.terms.int(0);
        self.terms.eq(rest, zero)
    }

    pub(super) fn text_satisfies(&mut self, slot: &Slot, text: &Text, schema: &Schema) -> Sat {
        let own = self.model.schemas.get(slot.schema).clone();
        let mut parts = Vec::new();
        let least = schema.min_length.as_ref().map_or(0, |own| own.value);
        let most = schema.max_length.as_ref().map(|own| own.value);
        if least > 0 || most.is_some() {
            parts.push(match text.length {
                Some(length) => {
                    self.asks_length = true;
                    Sat::exactly(self.between(length, least, most))
                }
                None => Sat::open(&mut self.terms),
            });
        }
        for pattern in &schema.patterns {
            let mut demanded = own.patterns.iter();
            if !demanded.any(|known| known.value == pattern.value) {
                parts.push(self.matches(text, &pattern.value));
            }
        }
        let format = schema.format.as_ref().map(|own| &own.value);
        let is_same = format == own.format.as_ref().map(|own| &own.value);
        if let Some(format) = format.filter(|format| !is_same && !format.is_silent()) {
            parts.push(match format.exactly() {
                Some(pattern) => self.matches(text, pattern),
                None => self.is_moment_text(text, format),
            });
        }
        Sat::all(&mut self.terms, &parts)
    }

    fn matches(&mut self, text: &Text, pattern: &crate::text::Pattern) -> Sat {
        match self.holds_for(text, pattern) {
            Some(holds) => Sat::exactly(holds),
            None => Sat::open(&mut self.terms),
        }
    }

    /// A plain text of few constants is known to be a moment or not.
    fn is_moment_text(&mut self, text: &Text, format: &Format) -> Sat {
        let is_no_moment = text.time.is_none() && !text.may_be_dated;
        if is_no_moment && matches!(format, Format::Date | Format::DateTime) {
            return Sat::always(&mut self.terms, false);
        }
        Sat::open(&mut self.terms)
    }
}

/// Whether a schema demands nothing.
pub(super) fn is_free(schema: &Schema) -> bool {
    let mut unmodelled = schema.unmodelled.iter();
    // What alternatives hint at is demanded by them.
    let is_silent = schema.types.is_untyped()
        && schema.enumeration.is_none()
        && schema.minimum.is_none()
        && schema.maximum.is_none()
        && schema.multiple_of.is_none()
        && schema.min_length.is_none()
        && schema.max_length.is_none()
        && schema.patterns.is_empty()
        && schema.format.is_none()
        && schema.items.is_none()
        && schema.prefix.is_empty()
        && schema.min_items.is_none()
        && schema.max_items.is_none()
        && schema.unique_items.is_none()
        && schema.contains.is_empty()
        && schema.properties.is_empty()
        && schema.required.is_empty()
        && schema.pattern_properties.is_empty()
        && schema.property_names.is_empty()
        && schema.min_properties.is_none()
        && schema.max_properties.is_none()
        && schema.unevaluated.is_none()
        && schema.conditions.is_empty()
        && schema.additional == crate::document::Additional::Any
        && unmodelled.all(|own| own.keyword == "nullable");
    schema.is_hint || is_silent
}
