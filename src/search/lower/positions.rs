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
        let mut most = 0;
        for id in arena.reachable(&self.roots) {
            if let Node::Fold(_, positions, body) = arena.node(id)
                && let Node::Call(Op::List(ListOp::Indexes), of) = arena.node(*positions)
                && of
                    .iter()
                    .any(|of| self.model.schema_read(*of) == Some(list))
            {
                most = self.positions_compared(*body).max(most);
            }
        }
        usize::try_from(most.min(MOST)).unwrap_or(0)
    }

    /// One more than the position behind the greatest constant that integer
    /// items are compared with.
    fn positions_compared(&self, body: ExprId) -> u64 {
        let arena = &self.model.arena;
        let mut most = 0;
        for id in arena.reachable(&[body]) {
            let Node::Call(Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge, operands) =
                arena.node(id)
            else {
                continue;
            };
            let is_position = |id: &ExprId| self.is_item(*id) && matches!(arena.ty(*id), Type::Int);
            if operands.iter().any(is_position) {
                let numbers = operands.iter().filter_map(|id| self.whole_constant(*id));
                most = numbers.map(|at| at.saturating_add(2)).fold(most, u64::max);
            }
        }
        most
    }
}
