//! The way from a condition to the part of it that decides.

use crate::eval::{Evaluator, Shared};
use crate::expr::{Arena, ExprId, Fold, Node, Op};

/// Where the way goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// To an operand.
    Operand(usize),
    /// To the body of a fold, for an item of its list.
    Item(usize),
}

/// From a condition to the part that decides.
pub(super) type Way = Vec<Turn>;

/// Where a condition is decided: in the first false operand of `&&`, the first
/// true one of `||`, the arm that is taken, the first item that fails; a guard
/// that doesn't hold decides by itself.
pub(super) fn turn(evaluator: &mut Evaluator<'_>, arena: &Arena, id: ExprId) -> Option<Turn> {
    let held = evaluator.holds(id).ok()?;
    match arena.node(id) {
        Node::Call(Op::Guard, operands) => {
            let applies = evaluator.holds(*operands.first()?).ok()?;
            Some(Turn::Operand(usize::from(applies)))
        }
        Node::Call(Op::And | Op::Or, operands) => {
            let decides = matches!(arena.node(id), Node::Call(Op::Or, _));
            let first = operands
                .iter()
                .position(|own| evaluator.holds(*own) == Ok(decides));
            first.filter(|_| held == decides).map(Turn::Operand)
        }
        Node::Call(Op::If, operands) => {
            let taken = evaluator.holds(*operands.first()?).ok()?;
            Some(Turn::Operand(if taken { 1 } else { 2 }))
        }
        Node::Fold(fold @ (Fold::All | Fold::Exists), list, body) => {
            let decides = *fold == Fold::Exists;
            let items = evaluator.eval(*list).ok()?.items()?;
            let mut items = items.into_iter();
            let first = items.position(|item| {
                evaluator.among(item, |evaluator| evaluator.holds(*body)) == Ok(decides)
            });
            first.filter(|_| held == decides).map(Turn::Item)
        }
        _ => None,
    }
}

/// What a turn leads to, with the item for which it is looked at.
pub(super) fn step<'e>(
    evaluator: &mut Evaluator<'e>,
    arena: &Arena,
    id: ExprId,
    turn: Turn,
) -> Option<(ExprId, Option<Shared<'e>>)> {
    match (arena.node(id), turn) {
        (Node::Call(_, operands), Turn::Operand(index)) => Some((*operands.get(index)?, None)),
        (Node::Fold(_, list, body), Turn::Item(index)) => {
            let items = evaluator.eval(*list).ok()?.items()?;
            Some((*body, Some(items.into_iter().nth(index)?)))
        }
        _ => None,
    }
}

/// Whether a turn leads to a guard.
pub(super) fn is_guard(arena: &Arena, id: ExprId, turn: Turn) -> bool {
    matches!(arena.node(id), Node::Call(Op::Guard, _)) && turn == Turn::Operand(0)
}

/// Whether both expressions part into the same operands, so that a way through
/// one of them leads through the other.
pub(super) fn is_alike(arena: &Arena, one: ExprId, other: ExprId) -> bool {
    match (arena.node(one), arena.node(other)) {
        (Node::Call(op, operands), Node::Call(other, others)) => {
            op == other && operands.len() == others.len()
        }
        (Node::Fold(fold, list, _), Node::Fold(other, others, _)) => {
            fold == other && list == others
        }
        _ => false,
    }
}
