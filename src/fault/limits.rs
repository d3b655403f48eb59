//! What grows up to something else: attributes that rules keep below others.

use std::collections::BTreeSet;

use crate::expr::{Arena, ExprId, Node, Op, Root};
use crate::model::Model;

/// An attribute of a resource, and another one of it that some rule keeps it at or
/// below, perhaps with something added, or taken off.
pub(super) type Limit = (ExprId, ExprId);

/// All limits in the rules of a model.
pub(super) fn limits(model: &Model) -> Vec<Limit> {
    let arena = &model.arena;
    let roots: Vec<ExprId> = model.rules.iter().map(|rule| rule.expr).collect();
    let mut found = BTreeSet::new();
    for id in arena.reachable(&roots) {
        let Node::Call(op, operands) = arena.node(id) else {
            continue;
        };
        let (low, high) = match (op, &**operands) {
            (Op::Le | Op::Lt, [a, b]) | (Op::Ge | Op::Gt, [b, a]) => (*a, *b),
            _ => continue,
        };
        let high = less_nothing(arena, high);
        let own = added(arena, low).into_iter();
        found.extend(own.filter_map(|own| are_alike(arena, own, high).then_some((own, high))));
    }
    found.into_iter().collect()
}

/// What a value is before something is taken off.
fn less_nothing(arena: &Arena, id: ExprId) -> ExprId {
    match arena.node(id) {
        Node::Call(Op::Sub, operands) => operands.first().copied().unwrap_or(id),
        _ => id,
    }
}

/// What is added up to a value.
fn added(arena: &Arena, id: ExprId) -> Vec<ExprId> {
    match arena.node(id) {
        Node::Call(Op::Add, operands) => operands.to_vec(),
        _ => vec![id],
    }
}

/// Whether both are attributes of one resource, and not the same.
fn are_alike(arena: &Arena, a: ExprId, b: ExprId) -> bool {
    let resource = |id: ExprId| match arena.node(id) {
        Node::Get(base, _) => match arena.node(*base) {
            Node::Root(Root::Resource(index)) => Some(*index),
            _ => None,
        },
        _ => None,
    };
    a != b && resource(a).is_some() && resource(a) == resource(b)
}
