//! The keys that rules tell apart: those that they name, some that their
//! predicates on keys hold and don't hold for, and as many as they count.

use std::collections::BTreeSet;
use std::sync::Arc;

use num_traits::ToPrimitive;

use super::Lowering;
use super::facets::pattern;
use crate::document::{Additional, SchemaId};
use crate::expr::{ExprId, Fold, ListOp, Node, Op, Type, member_schema};
use crate::text::{Taste, TextSet};
use crate::value::Value;

/// Keys that nothing names, at least and at most.
const OTHER_KEYS: (u64, u64) = (2, 64);

/// Lengths and patterns of keys that are looked at together.
const MAX_LENGTHS: usize = 8;
const MAX_PATTERNS: usize = 4;

/// Keys of one length and pattern where rules count them.
const MOST_ALIKE: u64 = 6;

/// The longest key that is made.
const LONGEST: u64 = 600;

impl Lowering<'_> {
    /// The keys that the rules in question tell apart in objects with that
    /// schema, and others.
    pub(super) fn named_keys(&mut self, object: SchemaId) -> Vec<Arc<str>> {
        if let Some(known) = self.named_keys.get(&object) {
            return known.clone();
        }
        let mut found: Vec<Arc<str>> = self.find_keys(object).into_iter().collect();
        let others = self.made_up(object, &found);
        found.extend(others);
        self.named_keys.insert(object, found.clone());
        found
    }

    /// Keys that no rule names, as many as it takes, which the schema allows.
    fn made_up(&self, object: SchemaId, known: &[Arc<str>]) -> Vec<Arc<str>> {
        let schema = self.model.schemas.get(object);
        let names = schema.property_names.iter();
        let names = names.map(|own| self.model.schemas.get(own.value).text_set());
        let names = names.reduce(|all, own| all.and(&own));
        let patterns = match schema.additional {
            Additional::Forbidden(_) => schema.pattern_properties.as_slice(),
            Additional::Any | Additional::Schema(_) => &[],
        };
        let patterns = patterns.iter().map(|(pattern, _)| {
            let all = names.clone().unwrap_or_else(TextSet::all);
            all.with_pattern(pattern.value.clone(), true)
        });
        let mut sets: Vec<TextSet> = patterns.collect();
        if sets.is_empty() {
            sets.extend(names);
        }
        let count = self.keys_made_up(object);
        if sets.is_empty() {
            return (1..=count).map(|n| format!("key{n}").into()).collect();
        }
        let most = usize::try_from(count).unwrap_or(usize::MAX);
        let each = sets.iter().flat_map(|set| {
            let tried = 0..count + known.len() as u64;
            let texts = tried.map_while(|k| set.nth(k, &Taste::default()).ok());
            let texts = texts.map(Arc::from).filter(|key| !known.contains(key));
            texts.take(most)
        });
        each.collect()
    }

    /// How many keys are made up. Where members are declared, only as many as
    /// it takes beside those.
    fn keys_made_up(&self, object: SchemaId) -> u64 {
        let schema = self.model.schemas.get(object);
        let counted = self.keys_counted(object);
        if let Additional::Schema(_) = schema.additional {
            return counted.unwrap_or(0).max(OTHER_KEYS.0).min(OTHER_KEYS.1);
        }
        let arena = &self.model.arena;
        let mut asked = arena.reachable(&self.roots).into_iter();
        let is_it = |id: &ExprId| *arena.ty(*id) == Type::Object(object);
        let looks_at_keys = asked.any(|id| match arena.node(id) {
            Node::Call(Op::List(ListOp::Keys), of) => of.iter().any(is_it),
            _ => false,
        });
        let declared = schema.properties.len() as u64;
        let beside = counted.map_or(0, |counted| counted.saturating_sub(declared));
        beside.max(u64::from(looks_at_keys)).min(OTHER_KEYS.1)
    }

    fn find_keys(&self, object: SchemaId) -> BTreeSet<Arc<str>> {
        let arena = &self.model.arena;
        let is_it = |id: &ExprId| *arena.ty(*id) == Type::Object(object);
        let mut found = self.keys_of_literals(object);
        for id in arena.reachable(&self.roots) {
            match arena.node(id) {
                Node::Get(base, key) | Node::Has(base, key) if is_it(base) => {
                    found.insert(key.clone());
                }
                Node::Call(Op::Index, operands) => {
                    if let [base, key] = &**operands
                        && is_it(base)
                    {
                        found.extend(self.texts_within(*key));
                    }
                }
                Node::Call(Op::In, operands) => {
                    if let [key, base] = &**operands
                        && is_it(base)
                    {
                        found.extend(self.texts_within(*key));
                    }
                }
                Node::Fold(fold, list, body) => {
                    if let Node::Call(Op::List(ListOp::Keys), operands) = arena.node(*list)
                        && operands.iter().all(is_it)
                    {
                        found.extend(self.compared_with_items(*body));
                        let alike = match fold {
                            Fold::Filter => {
                                let counted = self.keys_counted(object).unwrap_or(0);
                                counted.clamp(OTHER_KEYS.0, MOST_ALIKE)
                            }
                            Fold::ExistsOne => 2,
                            _ => 1,
                        };
                        found.extend(self.told_apart(object, *body, alike));
                    }
                }
                _ => {}
            }
        }
        found
    }

    /// The constant texts that an item of a fold, or what is made of one, is
    /// compared with in `body`.
    fn compared_with_items(&self, body: ExprId) -> BTreeSet<Arc<str>> {
        let arena = &self.model.arena;
        let is_item = |id: &ExprId| matches!(arena.node(*id), Node::Item { .. });
        let of_item = |id: &ExprId| arena.reachable(&[*id]).iter().any(is_item);
        let mut found = BTreeSet::new();
        for id in arena.reachable(&[body]) {
            if let Node::Call(Op::Eq | Op::Ne | Op::In, operands) = arena.node(id)
                && operands.iter().any(of_item)
            {
                for operand in &**operands {
                    found.extend(self.constant_texts(*operand));
                }
            }
        }
        found
    }

    /// A constant text, or those of a constant list or of a map's keys.
    fn constant_texts(&self, id: ExprId) -> Vec<Arc<str>> {
        let texts = |value: &Value| match value {
            Value::String(text) => vec![text.clone()],
            Value::List(items) => items.iter().filter_map(text_of).collect(),
            Value::Map(members) => members.keys().cloned().collect(),
            _ => Vec::new(),
        };
        match self.model.arena.node(id) {
            Node::Const(constant) => texts(&constant.0),
            Node::List(items) => items
                .iter()
                .flat_map(|item| self.constant_texts(*item))
                .collect(),
            Node::Map(entries) => entries.iter().map(|(key, _)| key.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Texts that an expression can be: all of them where that is easy to tell,
    /// else the constants in it.
    fn texts_within(&self, id: ExprId) -> Vec<Arc<str>> {
        let constants = || {
            let parts = self.model.arena.reachable(&[id]).into_iter();
            let texts = parts.filter_map(|part| self.model.arena.as_const(part));
            texts.filter_map(text_of).collect()
        };
        self.texts_of(id).unwrap_or_else(constants)
    }

    /// The only texts that an expression can be, where that is easy to tell.
    pub(super) fn texts_of(&self, id: ExprId) -> Option<Vec<Arc<str>>> {
        let arena = &self.model.arena;
        let texts = |values: &[Value]| {
            let texts = values.iter().filter_map(text_of);
            texts.collect()
        };
        match arena.node(id) {
            Node::Const(constant) => Some(texts(std::slice::from_ref(&constant.0))),
            Node::Get(base, key) => {
                let Type::Object(object) = arena.ty(*base) else {
                    return None;
                };
                let schema = member_schema(&self.model.schemas, *object, key)?;
                let members = self.model.schemas.get(schema).enumeration.as_ref()?;
                Some(texts(&members.value))
            }
            Node::Call(Op::If, operands) => match &**operands {
                [_, yes, no] => Some([self.texts_of(*yes)?, self.texts_of(*no)?].concat()),
                _ => None,
            },
            _ => None,
        }
    }

    /// How many keys it takes to go beyond what the rules compare the number
    /// of keys with, if they do.
    fn keys_counted(&self, object: SchemaId) -> Option<u64> {
        let arena = &self.model.arena;
        let mut most = None;
        for id in arena.reachable(&self.roots) {
            let Node::Call(Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge, operands) =
                arena.node(id)
            else {
                continue;
            };
            let parts = arena.reachable(operands);
            if parts.iter().any(|part| self.counts_keys(*part, object)) {
                let numbers = parts.iter().filter_map(|part| self.whole_constant(*part));
                most = most.max(numbers.map(|number| number + 1).max());
            }
        }
        let schema = self.model.schemas.get(object);
        let least = schema.min_properties.as_ref();
        most.max(least.map(|least| least.value + 1))
    }

    /// Whether this is the number of an object's keys, or of some of them.
    fn counts_keys(&self, id: ExprId, object: SchemaId) -> bool {
        let arena = &self.model.arena;
        let Node::Call(Op::Size, operands) = arena.node(id) else {
            return false;
        };
        let mut counted = operands.first().copied();
        while let Some(of) = counted {
            if *arena.ty(of) == Type::Object(object) {
                return true;
            }
            counted = match arena.node(of) {
                Node::Fold(Fold::Filter, list, _) => Some(*list),
                Node::Call(Op::List(ListOp::Keys), operands) => operands.first().copied(),
                _ => None,
            };
        }
        false
    }

    /// A constant that isn't negative.
    pub(super) fn whole_constant(&self, id: ExprId) -> Option<u64> {
        match self.model.arena.as_const(id)? {
            Value::Number(number) if number.is_integer() => number.to_integer().to_u64(),
            _ => None,
        }
    }

    /// Keys for and against what `body` asks of them: of each length at and
    /// beside those that it compares with, in and out of each pattern; `alike`
    /// of a kind.
    fn told_apart(&self, object: SchemaId, body: ExprId, alike: u64) -> BTreeSet<Arc<str>> {
        let names = &self.model.schemas.get(object).property_names;
        let names = names
            .iter()
            .map(|own| self.model.schemas.get(own.value).text_set());
        let all = names.fold(TextSet::all(), |all, own| all.and(&own));
        let mut sets = vec![all.clone()];
        for set in self.patterns_of_items(body) {
            sets.extend([all.clone().and(&set.0), all.clone().and(&set.1)]);
        }
        let lengths = self.lengths_of_items(body);
        let mut found = BTreeSet::new();
        for (index, set) in sets.iter().enumerate() {
            let fits = |length: &u64| set.clone().with_lengths(*length, Some(*length));
            let sized = lengths.iter().map(fits);
            let plain = (index > 0).then(|| set.clone());
            for set in sized.chain(plain) {
                let texts = (0..alike).map(|k| set.nth(k, &Taste::default()));
                found.extend(texts.filter_map(Result::ok).map(Arc::from));
            }
        }
        found
    }

    /// The lengths at and beside those that items are compared with.
    fn lengths_of_items(&self, body: ExprId) -> BTreeSet<u64> {
        let arena = &self.model.arena;
        let is_size = |id: &ExprId| matches!(arena.node(*id), Node::Call(Op::Size, of) if of.iter().any(|of| self.is_item(*of)));
        let mut found = BTreeSet::new();
        for id in arena.reachable(&[body]) {
            if let Node::Call(_, operands) = arena.node(id)
                && operands.iter().any(is_size)
            {
                let numbers = operands
                    .iter()
                    .filter_map(|operand| self.whole_constant(*operand));
                found.extend(numbers.flat_map(|at| [at.saturating_sub(1), at, at + 1]));
            }
        }
        found.retain(|length| *length <= LONGEST);
        found.into_iter().take(MAX_LENGTHS).collect()
    }

    /// The texts for which predicates on items hold, and those for which they
    /// don't.
    fn patterns_of_items(&self, body: ExprId) -> Vec<(TextSet, TextSet)> {
        let arena = &self.model.arena;
        let mut found = Vec::new();
        for id in arena.reachable(&[body]) {
            if let Node::Call(Op::Text(op), operands) = arena.node(id)
                && let [text, constant] = &**operands
                && self.is_item(*text)
                && let Some(Value::String(constant)) = arena.as_const(*constant)
                && let Some(pattern) = pattern(*op, constant)
            {
                let set = |wanted| TextSet::all().with_pattern(pattern.clone(), wanted);
                found.push((set(true), set(false)));
            }
        }
        found.truncate(MAX_PATTERNS);
        found
    }

    pub(super) fn is_item(&self, id: ExprId) -> bool {
        matches!(self.model.arena.node(id), Node::Item { .. })
    }
}

fn text_of(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => None,
    }
}
