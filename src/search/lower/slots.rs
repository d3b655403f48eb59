//! Slots: the locations of a request that are read, with their schemas.
//!
//! A slot is made when an expression first reads its location. Locations that
//! nothing reads stay as the baseline has them: schemas constrain each
//! location by itself, so they can't matter.

use std::collections::BTreeMap;

use num_bigint::BigInt;
use num_traits::One;

use super::any::{AnyValue, Kind};
use super::constrain::MOMENT_LENGTH;
use super::texts::may_be_dated;
use super::{Item, Label, List, Lowering, More, Num, Shape, Source, Sym, Text};
use crate::document::{Format, JsonType, Schema, SchemaId, refusals};
use crate::search::smt::{Sort, Term};
use crate::value::location::{Location, Segment};
use crate::value::{Number, Value};

/// Counts the slots of an encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(usize);

/// One location of one step's request.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The step.
    pub step: usize,
    /// The slot of the object or list around it.
    pub parent: Option<SlotId>,
    /// The location.
    pub location: Location,
    /// Its schema.
    pub schema: SchemaId,
    /// Whether the request holds it.
    pub sent: Term,
    /// Whether a server sees it that forgets defaults: sent, and no null that
    /// is taken for absent.
    pub there: Term,
    /// Whether rules see it: there, or filled in by a default.
    pub visible: Term,
    /// Whether it is null.
    pub null: Term,
    /// Its value.
    pub leaf: Leaf,
    /// What the baseline holds there.
    pub baseline: Option<Value>,
    /// Whether the baseline has the object or list around it.
    pub parent_in_baseline: bool,
    /// Whether a default makes it null.
    filled_null: Term,
    /// What defaults fill in where it isn't there: values, each with its
    /// condition; no two conditions hold together.
    filled: Vec<(Term, Value)>,
    children: BTreeMap<Segment, SlotId>,
}

impl Slot {
    /// What defaults can make of it.
    pub fn filled_values(&self) -> impl Iterator<Item = &Value> {
        self.filled.iter().map(|(_, value)| value)
    }

    /// The slots of its members or items.
    pub fn children(&self) -> impl Iterator<Item = (&Segment, SlotId)> {
        self.children.iter().map(|(segment, id)| (segment, *id))
    }
}

/// The value of a slot.
#[derive(Clone, Debug)]
pub enum Leaf {
    /// An object; its members are slots of their own.
    Object,
    /// A list of so many items; at most `bound` of them have slots.
    List {
        /// The number of items.
        length: Term,
        /// How many are encoded.
        bound: usize,
        /// What stands behind those.
        more: Option<More>,
    },
    /// A Boolean.
    Bool(Term),
    /// A number.
    Number(Num),
    /// A text.
    Text(Text),
    /// A value of any kind.
    Any(Box<AnyValue>),
}

impl Leaf {
    /// The text that it may be.
    pub fn text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Any(value) => Some(&value.text),
            _ => None,
        }
    }
}

impl Lowering<'_> {
    /// The slot.
    #[expect(
        clippy::indexing_slicing,
        reason = "slot ids are only made for what is there"
    )]
    pub fn slot(&self, id: SlotId) -> &Slot {
        &self.slots[id.0]
    }

    /// All slots in order of creation: parents before their members.
    pub fn slots(&self) -> impl Iterator<Item = (SlotId, &Slot)> {
        self.slots
            .iter()
            .enumerate()
            .map(|(i, slot)| (SlotId(i), slot))
    }

    /// The request of a step, which starts as `baseline`.
    pub fn add_request(&mut self, step: usize, schema: SchemaId, baseline: &Value) -> SlotId {
        let yes = self.terms.bool(true);
        let no = self.terms.bool(false);
        self.slots.push(Slot {
            step,
            parent: None,
            location: Location::default(),
            schema,
            sent: yes,
            there: yes,
            visible: yes,
            null: no,
            leaf: Leaf::Object,
            baseline: Some(baseline.clone()),
            parent_in_baseline: true,
            filled_null: no,
            filled: Vec::new(),
            children: BTreeMap::new(),
        });
        SlotId(self.slots.len() - 1)
    }

    /// A slot as a symbolic value.
    pub(super) fn slot_sym(&mut self, id: SlotId) -> Sym {
        let slot = self.slot(id).clone();
        let shape = match slot.leaf {
            Leaf::Object => Shape::Object(id),
            Leaf::Bool(value) => Shape::Bool(value),
            Leaf::Number(num) => Shape::Number(num),
            Leaf::Text(text) => Shape::Text(text),
            Leaf::Any(value) => Shape::Any(value),
            Leaf::List {
                bound,
                length,
                more,
            } => {
                let items = (0..bound).map(|index| self.item(id, index));
                let items = items.collect();
                let is_cut = self.is_cut(slot.schema, bound);
                Shape::List(List {
                    items,
                    length: Some(length),
                    sources: is_cut.then_some(Source::Field(id)).into_iter().collect(),
                    is_packed: true,
                    unknown: None,
                    more,
                })
            }
        };
        let hidden = slot.location.0.last().is_some_and(|s| self.hides_null(s));
        let null = if hidden {
            slot.filled_null
        } else {
            self.terms.or([slot.null, slot.filled_null])
        };
        Sym {
            defined: slot.visible,
            null,
            shape,
        }
    }

    /// Whether lists of that schema may have more than `bound` items.
    pub(super) fn is_cut(&self, schema: SchemaId, bound: usize) -> bool {
        let most = self.model.schemas.get(schema).max_items.as_ref();
        most.is_none_or(|most| most.value > bound as u64)
    }

    fn item(&mut self, list: SlotId, index: usize) -> Item {
        match self.child(list, &Segment::Index(index)) {
            Some(child) => {
                let mut value = self.slot_sym(child);
                let active = self.slot(child).visible;
                value.defined = self.terms.bool(true);
                Item { active, value }
            }
            None => Item {
                active: self.terms.bool(false),
                value: self.undefined(),
            },
        }
    }

    /// The member or item of a slot, made if it is new; `None` where the
    /// schema knows none.
    pub fn child(&mut self, parent: SlotId, segment: &Segment) -> Option<SlotId> {
        if let Some(child) = self.slot(parent).children.get(segment).copied() {
            if !self.is_settling
                && let Some(filled) = self.unfilled.remove(&child)
            {
                self.fill_all(child, filled);
            }
            return Some(child);
        }
        let above = self.slot(parent).clone();
        let schema = self.model.schemas.get(above.schema);
        let (child_schema, is_required) = match segment {
            Segment::Index(index) => (self.model.schemas.item(above.schema, *index)?, true),
            Segment::Key(key) => {
                let part = self.model.schemas.member(above.schema, key)?;
                (part, schema.required.contains_key(&**key))
            }
        };
        let id = self.make((parent, &above), segment, child_schema, is_required);
        if let Some(parent) = self.slots.get_mut(parent.0) {
            parent.children.insert(segment.clone(), id);
        }
        Some(id)
    }

    fn make(
        &mut self,
        (parent, above): (SlotId, &Slot),
        segment: &Segment,
        schema: SchemaId,
        required: bool,
    ) -> SlotId {
        let location = above.location.child(segment.clone());
        let name = format!("{}:{location}", above.step);
        let found = self.model.schemas.get(schema).clone();
        let not_null = self.terms.not(above.null);
        let above_sent = self.terms.and([above.sent, not_null]);
        let not_filled_null = self.terms.not(above.filled_null);
        let above_live = self.terms.and([above.visible, not_null, not_filled_null]);
        let sent = match (&above.leaf, segment) {
            (Leaf::List { length, .. }, Segment::Index(index)) => {
                let index = self.terms.int(*index);
                let is_in = self.terms.lt(index, *length);
                self.terms.and([above_sent, is_in])
            }
            _ if required => above_sent,
            _ => {
                let chosen = self.terms.var(format!("sent:{name}"), Sort::Bool);
                self.terms.and([above_sent, chosen])
            }
        };
        let names_null = |found: &Schema| {
            let members = found.enumeration.as_ref();
            members.is_none_or(|members| members.value.contains(&Value::Null))
        };
        let null = if found.types.allows(JsonType::Null) && names_null(&found) {
            let null = self.terms.var(format!("null:{name}"), Sort::Bool);
            self.terms.and([sent, null])
        } else {
            self.terms.bool(false)
        };
        let leaf = self.leaf(&name, schema, &found);
        let is_there = if self.hides_null(segment) {
            let not_null = self.terms.not(null);
            self.terms.and([sent, not_null])
        } else {
            sent
        };
        let filled = self.filled(above, segment, (&found, required), is_there);
        let nulls = filled.iter().filter(|(_, value)| *value == Value::Null);
        let nulls: Vec<Term> = nulls.map(|(condition, _)| *condition).collect();
        let filled_null = self.terms.or(nulls);
        let visible = match (&*filled, &*above.filled) {
            // Wherever the object around it is.
            ([_], []) => above_live,
            _ => {
                let ways = filled.iter().map(|(condition, _)| *condition);
                self.terms.or(ways.chain([is_there]))
            }
        };
        let baseline = Location(vec![segment.clone()]);
        let baseline = above
            .baseline
            .as_ref()
            .and_then(|value| baseline.read(value));
        self.slots.push(Slot {
            step: above.step,
            parent: Some(parent),
            location,
            schema,
            sent,
            there: is_there,
            visible,
            null,
            leaf,
            baseline: baseline.cloned(),
            parent_in_baseline: matches!(above.baseline, Some(Value::Map(_) | Value::List(_))),
            filled_null,
            filled: filled.clone(),
            children: BTreeMap::new(),
        });
        let id = SlotId(self.slots.len() - 1);
        self.constrain(id, &found);
        if self.is_settling {
            // No rule reads it yet: what defaults make of it doesn't matter.
            self.unfilled.insert(id, filled);
        } else {
            self.fill_all(id, filled);
        }
        id
    }

    fn fill_all(&mut self, id: SlotId, filled: Vec<(Term, Value)>) {
        for (condition, value) in filled {
            self.fill(id, condition, &value);
        }
    }

    /// What defaults make of a member that isn't there: the default of an
    /// object around it, else its own.
    fn filled(
        &mut self,
        above: &Slot,
        segment: &Segment,
        (schema, required): (&Schema, bool),
        is_there: Term,
    ) -> Vec<(Term, Value)> {
        let Segment::Key(key) = segment else {
            return Vec::new();
        };
        let default = schema.default.as_ref().map(|default| &default.value);
        let mut found = Vec::new();
        let objects = above.filled.iter();
        let objects = objects.filter(|(_, around)| matches!(around, Value::Map(_)));
        for (condition, around) in objects {
            let value = around.get(key).or(default);
            found.extend(value.map(|value| (*condition, value.clone())));
        }
        if let Some(default) = default.filter(|_| !required) {
            let (not_null, unsent) = (self.terms.not(above.null), self.terms.not(is_there));
            let mut here = vec![above.visible, not_null, unsent];
            here.push(self.terms.not(above.filled_null));
            for (condition, _) in &above.filled {
                here.push(self.terms.not(*condition));
            }
            found.push((self.terms.and(here), default.clone()));
        }
        found
    }

    /// Whether the server takes a null for absent there.
    fn hides_null(&self, segment: &Segment) -> bool {
        !self.model.nulls_distinct && matches!(segment, Segment::Key(_))
    }

    /// Where `condition` holds, the slot has a value that wasn't sent.
    fn fill(&mut self, id: SlotId, condition: Term, value: &Value) {
        let slot = self.slot(id).clone();
        let fact = match (&slot.leaf, value) {
            // Its members follow, each by itself.
            (Leaf::Object, Value::Map(_)) | (_, Value::Null) => return,
            (Leaf::List { length, .. }, Value::List(items)) if items.is_empty() => {
                let none = self.terms.int(0);
                Some(self.terms.eq(*length, none))
            }
            (leaf, value) => self.is_value(leaf, value),
        };
        let refusals = refusals(&self.model.schemas, slot.schema, value, &Default::default());
        let Some(equal) = fact.filter(|_| refusals.is_empty()) else {
            // What stands below the default has no encoding, so a proof may
            // rest on this without naming it.
            let words = format!("`{}` is always sent", slot.location);
            self.narrowed.insert(words.clone());
            let not = self.terms.not(condition);
            return self.assume(Label::Restriction(words), not);
        };
        let fact = self.terms.implies(condition, equal);
        self.facts.push(fact);
    }

    fn leaf(&mut self, name: &str, id: SchemaId, schema: &Schema) -> Leaf {
        let types = schema.types.iter().filter(|one| *one != JsonType::Null);
        match types.collect::<Vec<_>>().as_slice() {
            [JsonType::Object] => Leaf::Object,
            [JsonType::Boolean] => Leaf::Bool(self.terms.var(name, Sort::Bool)),
            [JsonType::String] => Leaf::Text(self.text_leaf(name, schema)),
            [JsonType::Array] => {
                let length = self.terms.var(format!("size:{name}"), Sort::Int);
                let bound = self.list_bound(id, schema);
                Leaf::List {
                    length,
                    bound,
                    more: self.more(schema, length, bound),
                }
            }
            [JsonType::Integer] => Leaf::Number(self.number_leaf(name, schema, true)),
            [JsonType::Number] | [JsonType::Integer, JsonType::Number] => {
                Leaf::Number(self.number_leaf(name, schema, false))
            }
            _ => self.any_leaf(name, schema),
        }
    }

    fn list_bound(&self, id: SchemaId, schema: &Schema) -> usize {
        let max = schema.max_items.as_ref().map(|max| max.value);
        let max = max.and_then(|max| usize::try_from(max).ok());
        let min = schema.min_items.as_ref().map_or(0, |min| min.value);
        let least = usize::try_from(min).unwrap_or(0).min(64);
        let least = least.max(self.positions_counted(id));
        max.unwrap_or(usize::MAX).min(self.config.items.max(least))
    }

    pub(super) fn number_leaf(&mut self, name: &str, schema: &Schema, is_integer: bool) -> Num {
        let step = schema.multiple_of.as_ref().map(|step| step.value.clone());
        let step = match step {
            Some(step) if is_integer => Number::from_integer(step.numer().clone()),
            Some(step) => step,
            None if is_integer => Number::one(),
            None if self.config.dense => {
                return Num::int(self.terms.var(name, Sort::Real));
            }
            None => {
                let words = "numbers without `multipleOf` step by 0.01".to_owned();
                self.narrowed.insert(words);
                Number::new(1.into(), 100.into())
            }
        };
        let count = self.terms.var(name, Sort::Int);
        let factor = self.terms.int(step.numer().clone());
        Num {
            term: self.terms.mul(factor, count),
            denominator: step.denom().clone(),
        }
    }

    fn text_leaf(&mut self, name: &str, schema: &Schema) -> Text {
        let format = schema.format.as_ref().map(|format| &format.value);
        match format {
            Some(Format::Date) => {
                let days = self.terms.var(name, Sort::Int);
                let time = self.days_to_seconds(days);
                Text {
                    identity: self.time_identity(&time, true),
                    length: Some(self.terms.int(10)),
                    time: Some(time),
                    literals: Vec::new(),
                    may_be_dated: true,
                }
            }
            Some(Format::DateTime) if self.config.dense => Text {
                identity: self.terms.var(format!("text:{name}"), Sort::Int),
                length: Some(self.terms.var(format!("length:{name}"), Sort::Int)),
                time: Some(Num::int(self.terms.var(name, Sort::Real))),
                literals: Vec::new(),
                may_be_dated: true,
            },
            Some(Format::DateTime) => {
                let words = "date-times are written in UTC, to the second".to_owned();
                self.narrowed.insert(words);
                let time = Num::int(self.terms.var(name, Sort::Int));
                Text {
                    identity: self.time_identity(&time, false),
                    length: Some(self.terms.int(MOMENT_LENGTH)),
                    time: Some(time),
                    literals: Vec::new(),
                    may_be_dated: true,
                }
            }
            _ => Text {
                identity: self.terms.var(name, Sort::Int),
                length: Some(self.terms.var(format!("length:{name}"), Sort::Int)),
                time: None,
                literals: Vec::new(),
                may_be_dated: may_be_dated(schema),
            },
        }
    }

    /// Where a leaf equals a JSON value; `None` where that can't be said.
    pub(super) fn is_value(&mut self, leaf: &Leaf, value: &Value) -> Option<Term> {
        match (leaf, value) {
            (Leaf::Bool(term), Value::Bool(value)) => {
                Some(if *value { *term } else { self.terms.not(*term) })
            }
            (Leaf::Number(num), Value::Number(value)) => {
                let constant = Num::constant(&mut self.terms, value);
                Some(num.eq(&mut self.terms, &constant))
            }
            (Leaf::Any(any), value) => {
                let kind = self.is_kind(any, Kind::of(value)?);
                let same = match value {
                    Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                        let constant = self.constant(value).shape;
                        self.same_any(any, &constant)
                    }
                    // What it holds stays as it is, or isn't known.
                    _ => self.terms.bool(true),
                };
                Some(self.terms.and([kind, same]))
            }
            (Leaf::Text(text), Value::String(value)) => {
                let constant = self.text_constant(value);
                Some(self.same_text(text, &constant))
            }
            _ => None,
        }
    }

    /// Where a slot is as the baseline has it; `None` where that can't be
    /// said.
    pub fn as_baseline(&mut self, id: SlotId) -> Option<Term> {
        let slot = self.slot(id).clone();
        let Some(value) = &slot.baseline else {
            return Some(self.terms.not(slot.sent));
        };
        if *value == Value::Null {
            return Some(slot.null);
        }
        let not_null = self.terms.not(slot.null);
        let there = self.terms.and([slot.sent, not_null]);
        let equal = match (&slot.leaf, value) {
            (Leaf::Object, Value::Map(members)) => {
                let known = |name: &str| {
                    slot.children()
                        .any(|(s, _)| matches!(s, Segment::Key(own) if **own == *name))
                };
                let has_more = members.keys().any(|name| !known(name));
                let more = self.unnamed.get(&id).map(|(more, _)| *more);
                let has_more = self.terms.bool(has_more);
                more.map_or(there, |more| self.terms.eq(more, has_more))
            }
            (Leaf::List { length, .. }, Value::List(items)) => {
                let size = self.terms.int(items.len());
                self.terms.eq(*length, size)
            }
            (leaf, value) => self.is_value(leaf, value)?,
        };
        Some(self.terms.and([there, equal]))
    }

    /// Where a changed number is still an ordinary one: of the baseline's
    /// magnitude, not 0 or 1, and whole where the baseline is.
    pub fn is_ordinary(&mut self, id: SlotId) -> Option<Term> {
        let slot = self.slot(id).clone();
        let (num, base) = self.number_of_slot(&slot)?;
        let (num, base) = (&num, &base);
        let two = Number::from_integer(BigInt::from(2));
        let (low, high) = (base / &two, base * &two);
        let (low, high) = if low <= high {
            (low, high)
        } else {
            (high, low)
        };
        let high = high + &two;
        let low = Num::constant(&mut self.terms, &low);
        let high = Num::constant(&mut self.terms, &high);
        let one = Num::constant(&mut self.terms, &Number::one());
        let zero = Num::constant(&mut self.terms, &Number::default());
        let above = low.le(&mut self.terms, num);
        let below = num.le(&mut self.terms, &high);
        let is_one = num.eq(&mut self.terms, &one);
        let is_zero = num.eq(&mut self.terms, &zero);
        let (not_one, not_zero) = (self.terms.not(is_one), self.terms.not(is_zero));
        Some(self.terms.and([above, below, not_one, not_zero]))
    }
}
