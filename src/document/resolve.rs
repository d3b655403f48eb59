//! One place of values: what is demanded there, and what may be there.
//!
//! Branches of `oneOf`, `if` and the like say something of a value only where
//! they are chosen. The members and items that they declare get places of
//! their own all the same, so that rules can read them; what branches demand
//! stays with the conditions. Only the type of such a member is taken from the
//! branches that declare it, for all requests.

use indexmap::{IndexMap, IndexSet};

use super::build::{Builder, Place};
use super::condition::Formula;
use super::draft::{Draft, DraftAdditional, Key};
use super::schema::{Additional, JsonType, Placed, Schema, TypeSet};
use crate::text::Format;

/// Makes the schema of one place.
pub(super) struct Resolving<'b, 'a> {
    builder: &'b mut Builder<'a>,
    hints: Vec<Key>,
    /// Whether nothing is demanded.
    is_hinted: bool,
    draft: Draft,
    /// What may hold beside it: hints, and branches at any depth.
    parts: Vec<Draft>,
}

impl<'b, 'a> Resolving<'b, 'a> {
    pub(super) fn new(builder: &'b mut Builder<'a>, place: &Place) -> Self {
        let mut draft = builder.joined(&place.demands);
        if let (true, Some(first)) = (place.demands.is_empty(), place.hints.first()) {
            let first = builder.joined(first);
            (draft.schema.pointer, draft.schema.span) = (first.schema.pointer, first.schema.span);
        }
        let mut seen = IndexSet::new();
        let mut todo: Vec<Key> = place.hints.clone();
        todo.extend(branches(&draft));
        let mut parts = Vec::new();
        let mut next = 0;
        while let Some(key) = todo.get(next).cloned() {
            next += 1;
            if seen.insert(key.clone()) {
                let part = builder.joined(&key);
                todo.extend(branches(&part));
                parts.push(part);
            }
        }
        Self {
            builder,
            hints: place.hints.clone(),
            is_hinted: place.demands.is_empty(),
            draft,
            parts,
        }
    }

    pub(super) fn schema(mut self) -> Schema {
        self.types();
        let properties = self.properties();
        let draft = self.draft.clone();
        let mut schema = draft.schema;
        for (name, place) in properties {
            if self.is_read_only(&place) {
                schema.required.shift_remove(&name);
                schema.read_only_properties.insert(name);
            } else {
                if !draft.properties.contains_key(&name) {
                    schema.hinted.insert(name.clone());
                }
                let id = self.builder.id(place);
                schema.properties.insert(name, id);
            }
        }
        let hints = self.parts.iter().filter_map(|part| part.items.clone());
        let hints = without(hints, draft.items.as_ref());
        schema.items = match (draft.items, hints.is_empty()) {
            (None, true) => None,
            (demands, _) => Some(self.builder.id(Place {
                demands: demands.unwrap_or_default(),
                hints,
            })),
        };
        let mut id = |key: &Key| self.builder.id(Place::of(key.clone()));
        schema.prefix = draft.prefix.iter().map(&mut id).collect();
        schema.additional = match &draft.additional {
            DraftAdditional::Any => Additional::Any,
            DraftAdditional::Forbidden(place) => Additional::Forbidden(place.clone()),
            DraftAdditional::Schema(key) => Additional::Schema(id(key)),
        };
        schema.evaluates_all = draft.evaluates_all;
        let patterns = draft.pattern_properties.into_iter();
        schema.pattern_properties = patterns.map(|(pattern, key)| (pattern, id(&key))).collect();
        let names = draft.property_names.iter();
        schema.property_names = names.map(|own| own.with(id(&own.value))).collect();
        for own in &draft.contains {
            let contains = super::condition::Contains {
                schema: id(&own.value.schema),
                min: own.value.min,
                max: own.value.max,
            };
            schema.contains.push(own.with(contains));
        }
        let conditions = draft.conditions.iter();
        schema.conditions = conditions.map(|own| own.map(&mut id)).collect();
        schema.is_hint = self.is_hinted;
        schema.alternatives = self.hints.iter().map(&mut id).collect();
        if schema.is_free_form() {
            schema.additional = Additional::Schema(id(&Key::new()));
        }
        schema
    }

    /// The types that alternatives leave, where the schema itself names none;
    /// and the format that they agree on, which is part of what a text is.
    fn types(&mut self) {
        if self.draft.schema.types.is_untyped() {
            let types = self.types_of(&self.draft.clone(), &mut IndexSet::new());
            self.draft.schema.types = if types.is_untyped() {
                let hints = self.hints.clone();
                let hints = hints.iter().map(|hint| self.types_at(hint));
                united(hints.filter(|types| !types.is_untyped()))
            } else {
                types
            };
        }
        if self.is_hinted {
            self.draft.schema.format = self.common_format();
        }
    }

    fn types_at(&mut self, key: &Key) -> TypeSet {
        let draft = self.builder.joined(key);
        self.types_of(&draft, &mut IndexSet::new())
    }

    /// Types that a schema and its alternatives allow.
    fn types_of(&mut self, draft: &Draft, seen: &mut IndexSet<Key>) -> TypeSet {
        let mut types = draft.schema.types;
        for condition in &draft.conditions {
            let (Formula::One(parts) | Formula::Any(parts)) = &condition.formula else {
                continue;
            };
            let mut all = Vec::new();
            for part in parts {
                let own = match part {
                    Formula::Is(key) if seen.insert(key.clone()) => {
                        let branch = self.builder.joined(key);
                        let own = self.types_of(&branch, seen);
                        seen.shift_remove(key);
                        own
                    }
                    _ => TypeSet::UNTYPED,
                };
                all.push(own);
            }
            if !all.is_empty() && all.iter().all(|own| !own.is_untyped()) {
                types = types.intersect(united(all.into_iter())).unwrap_or(types);
            }
        }
        types
    }

    fn common_format(&self) -> Option<Placed<Format>> {
        let types = self.draft.schema.types;
        if !types.names(JsonType::String) {
            return None;
        }
        let mut texts = self.parts.iter().map(|part| &part.schema);
        let mut texts = texts
            .by_ref()
            .filter(|schema| schema.types.names(JsonType::String));
        let first = texts.next()?.format.clone()?;
        texts
            .all(|own| own.format.as_ref().map(|own| &own.value) == Some(&first.value))
            .then_some(first)
    }

    /// The members that may be there, each with its place.
    fn properties(&self) -> IndexMap<String, Place> {
        let mut names: IndexSet<&str> = self.draft.properties.keys().map(String::as_str).collect();
        for part in &self.parts {
            names.extend(part.properties.keys().map(String::as_str));
        }
        for part in std::iter::once(&self.draft).chain(&self.parts) {
            let conditions = part.conditions.iter();
            names.extend(conditions.flat_map(|own| own.formula.members()));
        }
        for part in &self.parts {
            names.extend(part.schema.required.keys().map(String::as_str));
        }
        let mut found = IndexMap::new();
        for name in names {
            let demands = match self.draft.member(name) {
                DraftAdditional::Schema(key) => key,
                DraftAdditional::Any => Key::new(),
                DraftAdditional::Forbidden(_) => continue,
            };
            let hints = self.parts.iter();
            let hints = hints.filter_map(|part| part.properties.get(name).cloned());
            let hints = without(hints, Some(&demands));
            found.insert(name.to_owned(), Place { demands, hints });
        }
        found
    }

    fn is_read_only(&mut self, place: &Place) -> bool {
        if !place.demands.is_empty() {
            return self.builder.joined(&place.demands).schema.read_only;
        }
        let mut hints = place.hints.iter();
        !place.hints.is_empty() && hints.all(|hint| self.builder.joined(hint).schema.read_only)
    }
}

/// The branches of a schema, but for those under `not`.
fn branches(draft: &Draft) -> Vec<Key> {
    let conditions = draft.conditions.iter();
    let schemas = conditions.flat_map(|own| own.formula.schemas());
    let positive = schemas.filter(|(_, positive)| *positive);
    positive.map(|(key, _)| key.clone()).collect()
}

fn united(all: impl Iterator<Item = TypeSet>) -> TypeSet {
    all.flat_map(TypeSet::iter)
        .fold(TypeSet::UNTYPED, TypeSet::with)
}

/// Hints that say more than the demands, each once.
fn without(hints: impl Iterator<Item = Key>, demands: Option<&Key>) -> Vec<Key> {
    let mut kept: Vec<Key> = Vec::new();
    for hint in hints {
        let is_demanded =
            demands.is_some_and(|demands| hint.iter().all(|own| demands.contains(own)));
        if !is_demanded && !kept.contains(&hint) {
            kept.push(hint);
        }
    }
    kept
}
