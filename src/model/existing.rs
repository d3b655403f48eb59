//! Resources that are there before any request of a test.
//!
//! All tests share them, on every run. So no request may be accepted that
//! changes one, or that leaves beside it what later requests look at
//! ([`Model::leaves_traces`]).

use std::collections::BTreeSet;

use super::trace::{resource_key, step_of_key};
use super::{Model, OperationRef, ResourceRef};
use crate::expr::ExprId;
use crate::source::Span;
use crate::value::{Members, Value};

/// Where a resource comes from, by which it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Maker {
    /// It was there before: its position in [`Model::existing`].
    Before(usize),
    /// The step (from 0) of the trace that made it.
    Step(usize),
}

impl Maker {
    /// The step that made it, if one did.
    pub fn step(self) -> Option<usize> {
        match self {
            Self::Before(_) => None,
            Self::Step(step) => Some(step),
        }
    }
}

/// A resource that is there before.
#[derive(Clone, Debug)]
pub struct Existing {
    /// Of which kind.
    pub resource: ResourceRef,
    /// The name of the value that is its key, as the rule file has it.
    pub name: String,
    /// The text that stands for its key.
    pub text: String,
    /// For each attribute its value, a constant; none: it has none.
    pub values: Vec<Option<ExprId>>,
    /// The attributes that have a value.
    pub attributes: Members,
    /// Where the rule file says so.
    pub span: Span,
}

impl Model {
    /// What names a resource in requests, until they are sent.
    pub fn key_of(&self, maker: Maker) -> Value {
        match maker {
            Maker::Step(step) => resource_key(step),
            Maker::Before(index) => {
                let found = self.existing.get(index);
                found.map_or(Value::Null, |found| Value::string(found.text.as_str()))
            }
        }
    }

    /// The resource whose key a value is.
    pub fn maker_of(&self, key: &Value) -> Option<Maker> {
        if let Some(step) = step_of_key(key) {
            return Some(Maker::Step(step));
        }
        if self.existing.is_empty() {
            return None;
        }
        let text = key.as_str()?;
        let mut all = self.existing.iter();
        all.position(|own| own.text == text).map(Maker::Before)
    }

    /// The resources of a kind that are there before.
    pub fn existing_of(&self, resource: ResourceRef) -> impl Iterator<Item = Maker> + '_ {
        let all = self.existing.iter().enumerate();
        let own = all.filter(move |(_, own)| own.resource == resource);
        own.map(|(index, _)| Maker::Before(index))
    }

    /// The resources there before whose keys a value holds.
    pub fn existing_in(&self, value: &Value) -> Vec<(ResourceRef, Maker)> {
        match value {
            Value::List(items) => items.iter().flat_map(|own| self.existing_in(own)).collect(),
            Value::Map(members) => {
                let members = members.values();
                members.flat_map(|own| self.existing_in(own)).collect()
            }
            key => {
                let maker = self.maker_of(key).filter(|maker| maker.step().is_none());
                let found = maker.and_then(|maker| Some((self.kind_of_existing(maker)?, maker)));
                found.into_iter().collect()
            }
        }
    }

    fn kind_of_existing(&self, maker: Maker) -> Option<ResourceRef> {
        match maker {
            Maker::Before(index) => self.existing.get(index).map(|own| own.resource),
            Maker::Step(_) => None,
        }
    }

    /// Whether an accepted request to `operation` that is about these would leave
    /// something that other tests meet: it changes what was there before, or, being
    /// about that, makes or changes what rules range over, or is a request that
    /// rules about several look back at.
    pub fn leaves_traces(
        &self,
        operation: OperationRef,
        about: impl Iterator<Item = (ResourceRef, Maker)>,
    ) -> bool {
        let shared: BTreeSet<ResourceRef> = about
            .filter(|(_, maker)| maker.step().is_none())
            .map(|(resource, _)| resource)
            .collect();
        if shared.is_empty() {
            return false;
        }
        let found = self.operation(operation);
        let mut changed = found.changes.iter().map(|change| change.resource);
        self.remembers(operation)
            || found
                .creates
                .is_some_and(|made| self.ranged.contains(&made))
            || changed.any(|own| shared.contains(&own) || self.ranged.contains(&own))
    }

    /// Whether a request holds a text that is an attribute of what was there before
    /// at a place where tests make up another text each time.
    pub fn takes_known_text(&self, operation: OperationRef, request: &Value) -> bool {
        if self.existing.is_empty() {
            return false;
        }
        let places = self.operation(operation).correlated.iter();
        let mut texts = places.filter_map(|own| own.location.read(request));
        texts.any(|text| {
            let mut all = self.existing.iter();
            text.as_str().is_some() && all.any(|own| own.attributes.values().any(|has| has == text))
        })
    }
}
