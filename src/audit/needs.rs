//! What has to be known of a request before it can be judged.

use std::collections::BTreeSet;

use crate::expr::{ACTOR, ExprId, Node, Root};
use crate::model::{Model, OperationRef, Patch, Place, ResourceRef};
use crate::source::Code;
use crate::value::Value;

/// What expressions read beside the request as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// When it was sent.
    pub now: bool,
    /// Who sent it.
    pub actor: bool,
    /// Values that differ from server to server, by their position.
    pub values: BTreeSet<usize>,
    /// Kinds of which all that there are count, with nothing that keeps tests
    /// apart.
    pub all: BTreeSet<ResourceRef>,
}

impl Needs {
    /// Of the expressions of a right server at an operation.
    pub fn of(model: &Model, operation: OperationRef, together: &BTreeSet<ResourceRef>) -> Self {
        let found = model.operation(operation);
        let rules = found.rules.iter().map(|rule| model.rule(*rule));
        let mut roots: Vec<ExprId> = rules.clone().flat_map(|rule| rule.exprs()).collect();
        let across = rules.filter_map(|rule| rule.across.as_ref());
        for across in across {
            roots.push(across.same);
            roots.extend(across.replay.as_ref().map(|replay| replay.expr));
        }
        roots.extend(found.changes.iter().map(|change| change.expr));
        let made = found.creates.map(|made| &model.resource(made).attributes);
        roots.extend(made.into_iter().flatten().map(|attribute| attribute.init));
        let mut needs = Self::in_exprs(model, &roots);
        // Also what makes or changes what others look at belongs together.
        let changed = found.changes.iter().map(|change| change.resource);
        needs.all.extend(changed.chain(found.creates));
        needs.all = needs.all.intersection(together).copied().collect();
        needs
    }

    /// Of the expressions of a patch that an operation reads.
    pub fn of_patch(model: &Model, patch: &Patch, operation: OperationRef) -> Self {
        let own = patch.0.iter();
        let own = own.filter(|(place, _)| model.reader(**place) == Some(operation));
        let roots: Vec<ExprId> = own.map(|(_, root)| *root).collect();
        Self::in_exprs(model, &roots)
    }

    /// Whether all of it is among what something else needs.
    pub fn is_within(&self, other: &Self) -> bool {
        self.now <= other.now
            && self.actor <= other.actor
            && self.values.is_subset(&other.values)
            && self.all.is_subset(&other.all)
    }

    fn in_exprs(model: &Model, roots: &[ExprId]) -> Self {
        let mut needs = Self::default();
        for id in model.arena.reachable(roots) {
            match model.arena.node(id) {
                Node::Root(Root::Now) => needs.now = true,
                Node::Root(Root::All(index)) => drop(needs.all.insert(ResourceRef(*index))),
                Node::Get(_, name) if **name == *ACTOR => needs.actor = true,
                Node::Const(constant) => needs.add_value(model, &constant.0),
                _ => {}
            }
        }
        needs
    }

    fn add_value(&mut self, model: &Model, constant: &Value) {
        let mut values = model.values.iter();
        self.values
            .extend(values.position(|value| value.stand_in == *constant));
    }
}

/// The kinds of which rules look at all that there are, without anything that
/// keeps them from what others made.
pub fn together(built: &crate::model::Built) -> BTreeSet<ResourceRef> {
    let model = &built.model;
    let told: Vec<_> = built
        .remarks
        .iter()
        .filter(|remark| remark.code == Code::SharedData)
        .filter_map(|remark| remark.place())
        .collect();
    let mut found = BTreeSet::new();
    for (_, rule) in model.rule_refs() {
        if told.contains(&rule.condition(&model.arena).1) {
            found.extend(Needs::in_exprs(model, &rule.exprs()).all);
        }
    }
    // What is remembered is never looked at for what keeps it apart.
    for place in model.places() {
        if let Place::Set(..) | Place::Init(..) = place {
            let expr = model.expression(place).0;
            found.extend(Needs::in_exprs(model, &[expr]).all);
        }
    }
    found
}
