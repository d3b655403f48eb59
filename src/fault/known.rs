//! Which fields are known to be there at a position, by the has() around it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::reads::free_items;
use crate::expr::{Arena, ExprId, Node, Op, Position};

/// Members of objects, as (object, key), that are there.
pub(super) type Known = BTreeSet<(ExprId, Arc<str>)>;

/// The members that must be there for the expression at `position` to matter:
/// where one of them is absent, the operators above decide without it.
pub(super) fn known_at(arena: &Arena, root: ExprId, position: &Position) -> Known {
    let mut known = Known::new();
    let mut at = root;
    for step in position.steps() {
        let index = usize::from(*step);
        enter(arena, at, index, &mut known);
        let Some(child) = arena.node(at).children().get(index).copied() else {
            break;
        };
        at = child;
    }
    known
}

/// What going from `above` to its operand `index` adds.
fn enter(arena: &Arena, above: ExprId, index: usize, known: &mut Known) {
    match arena.node(above) {
        Node::Call(op @ (Op::And | Op::Or), operands) => {
            for (other, operand) in operands.iter().enumerate() {
                if other != index {
                    known.extend(implied(arena, *operand, *op == Op::And));
                }
            }
        }
        Node::Call(Op::Guard | Op::If | Op::Where, operands) if index > 0 => {
            if let Some(condition) = operands.first() {
                known.extend(implied(arena, *condition, index == 1));
            }
        }
        // In the body, items outside of the fold have other depths.
        Node::Fold(..) if index == 1 => {
            known.retain(|(base, _)| free_items(arena, *base).is_empty());
        }
        _ => {}
    }
}

/// The members that are there wherever `id` is `outcome`.
fn implied(arena: &Arena, id: ExprId, outcome: bool) -> Known {
    match arena.node(id) {
        Node::Has(base, key) if outcome => {
            let mut known = Known::from([(*base, key.clone())]);
            let mut at = *base;
            while let Node::Get(base, key) = arena.node(at) {
                known.insert((*base, key.clone()));
                at = *base;
            }
            known
        }
        Node::Call(Op::Not, operands) => {
            let operands = operands.iter();
            operands
                .flat_map(|operand| implied(arena, *operand, !outcome))
                .collect()
        }
        Node::Call(op @ (Op::And | Op::Or), operands) if (*op == Op::And) == outcome => {
            let operands = operands.iter();
            operands
                .flat_map(|operand| implied(arena, *operand, outcome))
                .collect()
        }
        _ => Known::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    /// How many members are known at the last comparison of the expression.
    fn known(text: &str) -> usize {
        let mut fixture = Fixture::default();
        let root = fixture.expression(text);
        let arena = &fixture.model.arena;
        let is_comparison = |id: &ExprId| matches!(arena.node(*id), Node::Call(Op::Gt, _));
        let nodes = arena.positions(root);
        let (position, _) = nodes.iter().rfind(|(_, id)| is_comparison(id)).unwrap();
        known_at(arena, root, position).len()
    }

    #[test]
    fn has_counts_where_it_decides() {
        // `body.fee` and `body`
        assert_eq!(known("has(body.fee) && body.fee > 1"), 2);
        assert_eq!(known("!has(body.fee) || body.fee > 1"), 2);
        assert_eq!(
            known("!(has(body.fee) && has(body.note)) || body.fee > 1"),
            3
        );
        assert_eq!(known("has(body.fee) ? body.fee > 1 : true"), 2);
        assert_eq!(known("has(body.fee) ? true : body.fee > 1"), 0);
        assert_eq!(known("has(body.fee) || body.fee > 1"), 0);
        assert_eq!(known("has(body.fee) && body.lines.all(l, body.fee > 1)"), 2);
    }
}
