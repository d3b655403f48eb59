//! The places of a server that hold an expression, and servers with others there.

use std::collections::BTreeMap;

use super::{AttributeRef, Model, OperationRef, ResourceRef, RuleRef};
use crate::expr::{ExprId, SpanTree};

/// An expression of the server that can be patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A rule instance with its guard.
    Rule(RuleRef),
    /// The first value of a resource's attribute.
    Init(ResourceRef, usize),
    /// A state change of an operation, by its index.
    Set(OperationRef, usize),
    /// Whether that change is made to all resources of the kind.
    Everywhere(OperationRef, usize),
    /// Whether that change is made although the request is refused.
    Refused(OperationRef, usize),
    /// Whether that change is made again although the request is a repeat.
    Repeated(OperationRef, usize),
    /// What the operation leaves an attribute at that it doesn't change, by the
    /// index of [`super::Operation::keeps`].
    Kept(OperationRef, usize),
    /// Which requests belong together, of a rule about several.
    Same(RuleRef),
    /// Whether requests that were refused count as earlier ones of such a rule.
    Counted(RuleRef),
    /// Which of those are repeats.
    Replay(RuleRef),
    /// What a rule says of the answer, by its index.
    Ensure(RuleRef, usize),
}

impl Place {
    /// The rule that it belongs to; none for what the server remembers.
    pub fn rule(self) -> Option<RuleRef> {
        match self {
            Self::Rule(rule)
            | Self::Same(rule)
            | Self::Counted(rule)
            | Self::Replay(rule)
            | Self::Ensure(rule, _) => Some(rule),
            Self::Init(..)
            | Self::Set(..)
            | Self::Everywhere(..)
            | Self::Refused(..)
            | Self::Repeated(..)
            | Self::Kept(..) => None,
        }
    }

    /// Whether the expression says where else a change is made, not what it is.
    pub fn is_whether(self) -> bool {
        matches!(
            self,
            Self::Everywhere(..) | Self::Refused(..) | Self::Repeated(..)
        )
    }

    /// Whether it is about what requests leave behind, so that one request by
    /// itself tells nothing.
    pub fn is_of_history(self) -> bool {
        self.rule().is_none() || matches!(self, Self::Counted(_))
    }
}

/// Other expressions at some places: a faulty server. Empty: the right one.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Patch(pub BTreeMap<Place, ExprId>);

impl Patch {
    /// Whether a refused request to `operation` may have an effect on the server
    /// that it makes.
    pub fn lets_refused(&self, model: &Model, operation: OperationRef) -> bool {
        let changes = |place: &Place| matches!(place, Place::Refused(of, _) if *of == operation);
        self.0.keys().any(changes) || self.counts_refused(model, operation)
    }

    /// Whether a repeat of a request to `operation` may have an effect on the server
    /// that it makes.
    pub fn lets_repeats(&self, operation: OperationRef) -> bool {
        let changes = |place: &Place| matches!(place, Place::Repeated(of, _) if *of == operation);
        self.0.keys().any(changes)
    }

    /// Whether a request to `operation` before the last one may be refused, or a
    /// repeat, and have an effect on the server that it makes all the same.
    pub fn lets_others(&self, model: &Model, operation: OperationRef) -> bool {
        self.lets_refused(model, operation) || self.lets_repeats(operation)
    }

    /// Whether a refused request to `operation` counts as an earlier one there.
    pub fn counts_refused(&self, model: &Model, operation: OperationRef) -> bool {
        self.0.keys().any(|place| match place {
            Place::Counted(rule) => {
                let across = model.rule(*rule).across.as_ref();
                across.is_some_and(|across| across.earlier.contains(&operation))
            }
            _ => false,
        })
    }
}

impl Model {
    /// Every place that holds an expression that authors wrote, or says when one
    /// counts, in order.
    pub fn places(&self) -> Vec<Place> {
        let rules = self.rule_refs();
        let rules = rules.filter(|(_, found)| !found.is_ensured());
        let rules = rules.map(|(rule, _)| Place::Rule(rule));
        let made = self.resource_refs();
        let made = made.filter(|(_, found)| found.created_by.is_some());
        let inits = made.flat_map(|(resource, found)| {
            (0..found.attributes.len()).map(move |index| Place::Init(resource, index))
        });
        let sets = self.operation_refs().flat_map(|(operation, found)| {
            let changes = 0..found.changes.len();
            let is_repeated = self.has_repeats(operation);
            changes.flat_map(move |index| {
                let repeated = is_repeated.then_some(Place::Repeated(operation, index));
                let always = [
                    Place::Set(operation, index),
                    Place::Everywhere(operation, index),
                    Place::Refused(operation, index),
                ];
                always.into_iter().chain(repeated)
            })
        });
        let across = self.rule_refs().flat_map(|(rule, found)| {
            let across = found.across.as_ref();
            let replay = across.and_then(|across| across.replay.as_ref());
            let same = across.map(|_| [Place::Same(rule), Place::Counted(rule)]);
            let replay = replay.map(|_| Place::Replay(rule));
            same.into_iter().flatten().chain(replay)
        });
        let ensures = self.rule_refs().flat_map(|(rule, found)| {
            (0..found.ensures.len()).map(move |index| Place::Ensure(rule, index))
        });
        let all = rules.chain(inits).chain(sets).chain(across);
        all.chain(ensures).collect()
    }

    /// Every attribute that an operation leaves as it is, in order; see
    /// [`Place::Kept`].
    pub fn kept_places(&self) -> Vec<Place> {
        let operations = self.operation_refs();
        let kept = operations.flat_map(|(operation, found)| {
            (0..found.keeps.len()).map(move |index| Place::Kept(operation, index))
        });
        kept.collect()
    }

    /// The first of the places of what an operation keeps of a resource.
    pub fn first_kept(&self, place: Place) -> Place {
        let Place::Kept(operation, index) = place else {
            return place;
        };
        let keeps = &self.operation(operation).keeps;
        let resource = keeps.get(index).map(|own| own.resource);
        let first = keeps.iter().position(|own| Some(own.resource) == resource);
        Place::Kept(operation, first.unwrap_or(index))
    }

    /// The operation that reads what stands at `place`.
    pub fn reader(&self, place: Place) -> Option<OperationRef> {
        Some(match place {
            Place::Rule(rule)
            | Place::Same(rule)
            | Place::Counted(rule)
            | Place::Replay(rule)
            | Place::Ensure(rule, _) => self.rule(rule).operation,
            Place::Init(resource, _) => return self.resource(resource).created_by,
            Place::Set(operation, _)
            | Place::Everywhere(operation, _)
            | Place::Refused(operation, _)
            | Place::Repeated(operation, _)
            | Place::Kept(operation, _) => operation,
        })
    }

    /// Whether a request to that operation may be a repeat of an earlier one.
    pub fn has_repeats(&self, operation: OperationRef) -> bool {
        let mut across = self.across_at(operation);
        across.any(|across| across.replay.is_some())
    }

    /// The attribute of a resource that the expression at `place` becomes the
    /// value of: its position; none for a rule.
    pub fn written_at(&self, place: Place) -> Option<AttributeRef> {
        match place {
            Place::Rule(_)
            | Place::Same(_)
            | Place::Counted(_)
            | Place::Replay(_)
            | Place::Ensure(..) => None,
            Place::Init(resource, index) => Some((resource, index)),
            Place::Set(operation, index)
            | Place::Everywhere(operation, index)
            | Place::Refused(operation, index)
            | Place::Repeated(operation, index) => {
                let change = self.operation(operation).changes.get(index)?;
                Some((change.resource, change.attribute))
            }
            Place::Kept(operation, index) => {
                let kept = self.operation(operation).keeps.get(index)?;
                Some((kept.resource, kept.attribute))
            }
        }
    }

    /// The right expression at `place`, and its spans.
    #[expect(
        clippy::indexing_slicing,
        reason = "places are only made for what is there"
    )]
    pub fn expression(&self, place: Place) -> (ExprId, &SpanTree) {
        match place {
            Place::Rule(rule) => {
                let rule = self.rule(rule);
                (rule.expr, &rule.spans)
            }
            Place::Same(rule) => {
                let across = self.rule(rule).across.as_ref();
                across.map_or_else(
                    || (self.rule(rule).expr, &self.rule(rule).spans),
                    |across| (across.same, &across.spans),
                )
            }
            Place::Counted(rule) => {
                let across = self.rule(rule).across.as_ref();
                across.map_or_else(
                    || (self.rule(rule).expr, &self.rule(rule).spans),
                    |across| (across.never, &across.spans),
                )
            }
            Place::Replay(rule) => {
                let across = self.rule(rule).across.as_ref();
                let replay = across.and_then(|across| across.replay.as_ref());
                replay.map_or_else(
                    || (self.rule(rule).expr, &self.rule(rule).spans),
                    |replay| (replay.expr, &replay.spans),
                )
            }
            Place::Ensure(rule, index) => {
                let own = &self.rule(rule).ensures[index];
                (own.expr, &own.spans)
            }
            Place::Init(resource, index) => {
                let attribute = &self.resource(resource).attributes[index];
                (attribute.init, &attribute.spans)
            }
            Place::Set(operation, index) => {
                let change = &self.operation(operation).changes[index];
                (change.expr, &change.spans)
            }
            Place::Everywhere(operation, index)
            | Place::Refused(operation, index)
            | Place::Repeated(operation, index) => {
                let change = &self.operation(operation).changes[index];
                (change.never, &change.spans)
            }
            Place::Kept(operation, index) => {
                let kept = &self.operation(operation).keeps[index];
                (kept.expr, &kept.spans)
            }
        }
    }

    /// The expression at `place` of the server that `patch` makes.
    pub fn patched(&self, patch: &Patch, place: Place) -> ExprId {
        let own = || self.expression(place).0;
        patch.0.get(&place).copied().unwrap_or_else(own)
    }
}
