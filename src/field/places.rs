//! The places of an operation's requests.

use std::collections::BTreeMap;

use crate::document::{Additional, Location, Placed, Schema, SchemaId, Schemas, Segment};
use crate::model::{ACTOR, Model, NOW, OperationRef};

/// Places within places are listed down to here.
const MAX_DEPTH: usize = 12;

/// Places of one operation, at most.
const MAX_PLACES: usize = 4_000;

/// How often a schema that leads to itself is looked into: several of them that refer
/// to each other have more places than anybody wants to see.
const ENTERED: usize = 4;

/// A place that a schema speaks of.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where, with `[*]` for all items and a member `*` for those with any name.
    pub location: Location,
    /// What it has to be.
    pub schema: SchemaId,
    /// The place around it, by its position in the list.
    pub parent: Option<usize>,
    /// The way from there.
    pub step: Step,
    depth: usize,
}

/// The way from a place to one within.
#[derive(Clone, Debug)]
pub enum Step {
    /// From nowhere: the request itself.
    Whole,
    /// To a declared member, with the place where it is demanded if it is.
    Member(String, Option<Placed<()>>),
    /// To a member that its name doesn't declare.
    Other,
    /// To an item: at a position, or all that no position is for.
    Item(Option<usize>),
    /// To one of several alternatives for the same value.
    Branch(&'static str),
}

/// The places of requests to an operation, outer ones first. Schemas that hold
/// themselves are entered once.
pub fn places(model: &Model, operation: OperationRef) -> Vec<Place> {
    let whole = Place {
        location: Location::default(),
        schema: model.operation(operation).request,
        parent: None,
        step: Step::Whole,
        depth: 0,
    };
    let mut list = List {
        schemas: &model.schemas,
        places: vec![whole],
        entered: BTreeMap::new(),
    };
    let mut next = 0;
    while next < list.places.len() && list.places.len() < MAX_PLACES {
        list.within(next);
        next += 1;
    }
    list.places
}

struct List<'s> {
    schemas: &'s Schemas,
    places: Vec<Place>,
    /// How often schemas were looked into that lead to themselves; none: another one.
    entered: BTreeMap<SchemaId, Option<usize>>,
}

impl List<'_> {
    fn within(&mut self, index: usize) {
        let Some(place) = self.places.get(index).cloned() else {
            return;
        };
        let schema = self.schemas.get(place.schema);
        if schema.is_hint || place.depth > MAX_DEPTH || self.is_known(place.schema) {
            return;
        }
        self.members(index, &place, schema);
        self.items(index, &place, schema);
        self.branches(index, &place, schema);
    }

    /// Whether a schema that leads to itself was looked into often enough.
    fn is_known(&mut self, id: SchemaId) -> bool {
        let schemas = self.schemas;
        let times = self.entered.entry(id).or_insert_with(|| {
            let mut parts = schemas.get(id).parts().into_iter();
            let is_endless = parts.any(|part| schemas.reachable(part).contains(&id));
            is_endless.then_some(0)
        });
        let Some(times) = times else {
            return false;
        };
        *times += 1;
        *times > ENTERED
    }

    fn members(&mut self, index: usize, place: &Place, schema: &Schema) {
        for (name, member) in &schema.properties {
            let is_whole = place.parent.is_none();
            let is_beside = is_whole && matches!(name.as_str(), NOW | ACTOR);
            if is_beside || schema.hinted.contains(name) {
                continue;
            }
            let required = schema.required.get(name).cloned();
            let step = Step::Member(name.clone(), required);
            self.add(index, place.location.key(name), *member, step);
        }
        let by_pattern = schema.pattern_properties.iter();
        let by_pattern = by_pattern.map(|(pattern, id)| (pattern.value.source().to_owned(), *id));
        let others = match schema.additional {
            Additional::Schema(id) => Some(("*".to_owned(), id)),
            _ => None,
        };
        for (name, id) in by_pattern.chain(others) {
            self.add(index, place.location.key(&name), id, Step::Other);
        }
    }

    fn items(&mut self, index: usize, place: &Place, schema: &Schema) {
        for (position, item) in schema.prefix.iter().enumerate() {
            let step = Step::Item(Some(position));
            self.add(index, place.location.index(position), *item, step);
        }
        if let Some(items) = schema.items {
            let location = place.location.then(Segment::Each);
            self.add(index, location, items, Step::Item(None));
        }
    }

    /// The alternatives that the schema names, each with its own demands.
    fn branches(&mut self, index: usize, place: &Place, schema: &Schema) {
        let mut seen = Vec::new();
        for condition in &schema.conditions {
            for (branch, is_positive) in condition.formula.schemas() {
                if is_positive && !seen.contains(branch) {
                    seen.push(*branch);
                    let step = Step::Branch(condition.keyword);
                    self.add(index, place.location.clone(), *branch, step);
                }
            }
        }
    }

    fn add(&mut self, parent: usize, location: Location, schema: SchemaId, step: Step) {
        let Some(around) = self.places.get(parent) else {
            return;
        };
        let depth = around.depth + 1;
        if self.holds_itself(parent, schema) {
            return;
        }
        self.places.push(Place {
            location,
            schema,
            parent: Some(parent),
            step,
            depth,
        });
    }

    /// Whether a place leads to itself: there is no end to such a schema.
    fn holds_itself(&self, parent: usize, schema: SchemaId) -> bool {
        let mut at = Some(parent);
        while let Some(place) = at.and_then(|index| self.places.get(index)) {
            if place.schema == schema {
                return true;
            }
            at = place.parent;
        }
        false
    }
}
