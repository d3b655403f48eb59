//! The keys of objects: which of them are looked at, the list of those that
//! are there, and what stands at a key that is computed.

use std::sync::Arc;

use super::constrain::pattern_of;
use super::slots::{Slot, SlotId};
use super::{Env, Item, Label, List, Lowering, Shape, Sym, Truth};
use crate::document::Additional;
use crate::expr::ExprId;
use crate::search::smt::{Sort, Term};
use crate::value::Value;
use crate::value::location::Segment;

/// How many keys are named, besides the last.
const NAMED: usize = 8;

/// The keys of an object that are looked at.
pub(super) struct Keys {
    /// The keys, in a fixed order.
    pub all: Vec<Arc<str>>,
    /// Whether the object may have others.
    pub is_open: bool,
}

impl Keys {
    /// Whether all texts that a key is known to be are among these, as those
    /// of a fold over the keys are.
    pub(super) fn hold(&self, key: &Shape) -> bool {
        match key {
            Shape::Text(key) => {
                let mut texts = key.literals.iter().map(|(_, text)| text);
                !key.literals.is_empty() && texts.all(|text| self.all.contains(text))
            }
            _ => false,
        }
    }
}

impl Lowering<'_> {
    /// The keys of a record; `None` where they aren't known.
    pub(super) fn keys(&mut self, record: &Shape) -> Option<Keys> {
        match record {
            Shape::Object(slot) | Shape::Sent(slot) => Some(self.object_keys(*slot)),
            Shape::Map(entries) => Some(Keys {
                all: entries.iter().map(|(key, _)| key.clone()).collect(),
                is_open: false,
            }),
            Shape::Either(_, a, b) => {
                let (a, b) = (self.keys(a)?, self.keys(b)?);
                let mut all = a.all;
                let new = b.all.into_iter().filter(|key| !all.contains(key));
                let new: Vec<Arc<str>> = new.collect();
                all.extend(new);
                Some(Keys {
                    all,
                    is_open: a.is_open || b.is_open,
                })
            }
            _ => None,
        }
    }

    fn object_keys(&mut self, id: SlotId) -> Keys {
        let slot = self.slot(id).clone();
        let schema = self.model.schemas.get(slot.schema);
        let mut all: Vec<Arc<str>> = schema
            .properties
            .keys()
            .map(|key| key.as_str().into())
            .collect();
        let like = self.neighbour(&slot);
        let given = slot.baseline.iter().chain(like);
        let given = given.chain(slot.filled_values());
        let held = given.flat_map(|value| match value {
            Value::Map(members) => members.keys().cloned().collect(),
            _ => Vec::new(),
        });
        let held: Vec<Arc<str>> = held.collect();
        let is_open = match schema.additional {
            Additional::Forbidden(_) => !schema.pattern_properties.is_empty(),
            Additional::Any | Additional::Schema(_) => true,
        };
        if is_open {
            let named = self.named_keys(slot.schema);
            for key in held.into_iter().chain(named) {
                if !all.contains(&key) {
                    all.push(key);
                }
            }
        }
        // A baseline may hold what its schema forbids, and a rule name it.
        all.retain(|key| self.model.schemas.member(slot.schema, key).is_some());
        Keys { all, is_open }
    }

    /// What a new item of a list begins as: the baseline's last one.
    fn neighbour(&self, slot: &Slot) -> Option<&Value> {
        let list = slot.parent.filter(|_| slot.baseline.is_none())?;
        match &self.slot(list).baseline {
            Some(Value::List(items)) => items.last(),
            _ => None,
        }
    }

    /// Whether every text that `key` can be is among `keys`.
    pub(super) fn are_all(&self, key: ExprId, keys: &Keys) -> bool {
        let texts = self.texts_of(key);
        texts.is_some_and(|texts| texts.iter().all(|text| keys.all.contains(text)))
    }

    /// Where an object has other keys than those: under a restriction it never
    /// has. `None` where it can't.
    pub(super) fn other_keys(&mut self, record: &Shape, keys: &Keys) -> Option<Term> {
        if !keys.is_open {
            return None;
        }
        let others = match record {
            Shape::Object(slot) | Shape::Sent(slot) => match self.other_keys.get(slot) {
                Some(known) => return Some(*known),
                None => {
                    let others = self.terms.var("others", Sort::Bool);
                    self.other_keys.insert(*slot, others);
                    others
                }
            },
            _ => self.terms.var("others", Sort::Bool),
        };
        let none = self.terms.not(others);
        let words = self.only_keys(record, keys);
        self.assume(Label::Restriction(words), none);
        Some(others)
    }

    /// What `id` says of an object, which is one where `live`: free where it
    /// has other keys.
    pub(super) fn unless_others(
        &mut self,
        id: ExprId,
        live: Term,
        (record, keys): (&Shape, &Keys),
        known: Sym,
    ) -> Sym {
        match self.other_keys(record, keys) {
            Some(others) => {
                let free = self.free_where(id, live);
                self.ite(others, &free, &known)
            }
            None => known,
        }
    }

    fn only_keys(&self, record: &Shape, keys: &Keys) -> String {
        let place = match record {
            Shape::Object(slot) | Shape::Sent(slot) => pattern_of(&self.slot(*slot).location),
            _ => "an object".to_owned(),
        };
        let named: Vec<String> = keys.all.iter().map(|key| format!("`{key}`")).collect();
        match named.as_slice() {
            [] => format!("`{place}` has no members"),
            [first @ .., last] if first.len() > NAMED => {
                let some = first.iter().take(NAMED).cloned().collect::<Vec<_>>();
                let more = first.len() - NAMED;
                format!(
                    "`{place}` has no members but {}, {more} more and {last}",
                    some.join(", ")
                )
            }
            named => format!("`{place}` has no members but {}", named.join(", ")),
        }
    }

    /// The keys of an object that are there.
    pub(super) fn keys_of(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some(of) = operands.first().map(|of| self.lower(*of, env)) else {
            return self.undefined();
        };
        let Some(keys) = self.keys(&of.shape) else {
            return self.unencoded(id, operands, env);
        };
        let unknown = self.other_keys(&of.shape, &keys);
        let live = self.live(&of);
        let mut items = Vec::new();
        for key in &keys.all {
            let (_, active) = self.member(&of, key);
            let key = self.text_constant(key);
            let value = self.always(Shape::Text(key));
            items.push(Item { active, value });
        }
        let list = List {
            items,
            unknown,
            ..List::default()
        };
        self.when(live, Shape::List(list))
    }

    /// The positions of a list.
    pub(super) fn positions_of(&mut self, id: ExprId, operands: &[ExprId], env: &Env) -> Sym {
        let Some(of) = operands.first() else {
            return self.undefined();
        };
        let (live, list) = match self.list(id, *of, env) {
            Ok(found) => found,
            Err(other) => return other,
        };
        // Positions are unlike each other, whatever the items are: those that
        // aren't encoded can't be left out, nor be like the last.
        let cut = self.cut(&list);
        let is_cut = self.terms.as_bool(cut) != Some(false);
        let list = List {
            more: None,
            unknown: is_cut.then_some(cut),
            sources: Vec::new(),
            ..self.packed(list)
        };
        let items = list.items.iter().enumerate().map(|(position, item)| {
            let position = super::Num::int(self.terms.int(position));
            Item {
                active: item.active,
                value: self.always(Shape::Number(position)),
            }
        });
        let items = items.collect();
        self.when(live, Shape::List(List { items, ..list }))
    }

    /// `key in object`
    pub(super) fn has_key(&mut self, key: &Sym, by: ExprId, record: &Sym) -> Truth {
        let known = self.keys(&record.shape);
        let Some(keys) = known.or_else(|| self.keys_asked_for(by, &record.shape)) else {
            let free = self.open_part();
            let not = self.terms.not(free);
            return Truth { yes: free, no: not };
        };
        let mut found = Vec::new();
        for name in &keys.all {
            let (_, there) = self.member(record, name);
            let name = self.text_constant(name);
            let name = self.always(Shape::Text(name));
            let equal = self.equal(key, &name).yes;
            found.push(self.terms.and([there, equal]));
        }
        if !self.are_all(by, &keys)
            && let Some(others) = self.other_keys(&record.shape, &keys)
        {
            let free = self.terms.var("opaque", Sort::Bool);
            found.push(self.terms.and([others, free]));
        }
        let yes = self.terms.or(found);
        let no = self.terms.not(yes);
        Truth { yes, no }
    }

    /// The texts that a key can be, if the schema of the object has a place for
    /// each: then it doesn't matter which others there are.
    fn keys_asked_for(&mut self, by: ExprId, record: &Shape) -> Option<Keys> {
        let (Shape::Object(slot) | Shape::Sent(slot)) = record else {
            return None;
        };
        let all = self.texts_of(by)?;
        let mut keys = all.iter();
        let has_all = keys.all(|key| self.child(*slot, &Segment::Key(key.clone())).is_some());
        has_all.then_some(Keys {
            all,
            is_open: false,
        })
    }

    /// What stands at a key, each with the condition that it is the key.
    pub(super) fn at_key(&mut self, key: &super::Text, record: &Sym) -> Option<Vec<(Term, Sym)>> {
        let keys = self.keys(&record.shape)?;
        let can_be = |name: &&Arc<str>| {
            let mut texts = key.literals.iter().map(|(_, text)| text);
            key.literals.is_empty() || texts.any(|text| text == *name)
        };
        let entries = keys.all.iter().filter(can_be).map(|name| {
            let (value, there) = self.member(record, name);
            let name = self.text_constant(name);
            let is_it = self.same_text(key, &name);
            (self.terms.and([there, is_it]), value)
        });
        Some(entries.collect())
    }
}
