//! How many items of a list the rules look at by their position.

use super::Lowering;
use crate::document::SchemaId;
use crate::expr::{ExprId, ListOp, Node, Op, Type};

/// Positions that are looked at, at most.
const MOST: u64 = 64;

impl Lowering<'_> {
    /// How many items have to be encoded so that there are some on both sides
    /// of every position that rules compare with a constant.
    pub(super) fn positions_counted(&self, list: SchemaId) -> usize {
        let arena = &self.model.arena;
        let is_of_list = |of: &ExprId| self.model.schema_read(*of) == Some(list);
        let mut most = self.constants_beside(&self.roots, |beside| {
            matches!(
                arena.node(beside),
                Node::Call(Op::List(ListOp::IndexOf | ListOp::LastIndexOf), of)
                    if of.first().is_some_and(is_of_list)
            )
        });
        for id in arena.reachable(&self.roots) {
            if let Node::Fold(_, positions, body) = arena.node(id)
                && let Node::Call(Op::List(ListOp::Indexes), of) = arena.node(*positions)
                && of.iter().any(is_of_list)
            {
                let is_position = |id| self.is_item(id) && matches!(arena.ty(id), Type::Int);
                most = self.constants_beside(&[*body], is_position).max(most);
            }
        }
        usize::try_from(most.min(MOST)).unwrap_or(0)
    }

    /// One more than the position behind the greatest constant that positions
    /// are compared with.
    fn constants_beside(&self, within: &[ExprId], is_position: impl Fn(ExprId) -> bool) -> u64 {
        let arena = &self.model.arena;
        let mut most = 0;
        for id in arena.reachable(within) {
            let Node::Call(Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge, operands) =
                arena.node(id)
            else {
                continue;
            };
            if operands.iter().any(|id| is_position(*id)) {
                let numbers = operands.iter().filter_map(|id| self.whole_constant(*id));
                most = numbers.map(|at| at.saturating_add(2)).fold(most, u64::max);
            }
        }
        most
    }
}
