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
            Self::Init(..) | Self::Set(..) | Self::Everywhere(..) | Self::Refused(..) => None,
        }
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
    /// Every place that holds an expression, in order.
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
            changes.flat_map(move |index| {
                [
                    Place::Set(operation, index),
                    Place::Everywhere(operation, index),
                    Place::Refused(operation, index),
                ]
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
            | Place::Refused(operation, index) => {
                let change = self.operation(operation).changes.get(index)?;
                Some((change.resource, change.attribute))
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
            Place::Everywhere(operation, index) | Place::Refused(operation, index) => {
                let change = &self.operation(operation).changes[index];
                (change.never, &change.spans)
            }
        }
    }

    /// The expression at `place` of the server that `patch` makes.
    pub fn patched(&self, patch: &Patch, place: Place) -> ExprId {
        let own = || self.expression(place).0;
        patch.0.get(&place).copied().unwrap_or_else(own)
    }
}
