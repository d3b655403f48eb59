//! Expressions that plainly have a value wherever they are read, by the types
//! of fields and the `has()` around them. What isn't plain is looked into by
//! the search.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::document::JsonType;
use crate::expr::{ExprId, Fold, Member, Node, Op, Type, member};
use crate::model::Model;

/// Members that are known to be there: the object, and the key.
type Known = BTreeSet<(ExprId, Arc<str>)>;

/// Whether it isn't plain that `expr` always has a value.
pub(super) fn may_be_undefined(model: &Model, expr: ExprId) -> bool {
    !Reader { model }.is_defined(expr, &Known::new())
}

struct Reader<'m> {
    model: &'m Model,
}

impl Reader<'_> {
    /// Whether `id` plainly has a value that is not null.
    fn is_defined(&self, id: ExprId, known: &Known) -> bool {
        match self.model.arena.node(id) {
            Node::Const(_) | Node::Root(_) | Node::Item { .. } => true,
            Node::Get(base, key) => {
                self.is_defined(*base, known) && self.is_there(*base, key, known)
            }
            Node::Has(..) => true,
            Node::List(items) => items.iter().all(|item| self.is_defined(*item, known)),
            Node::Map(entries) => entries
                .iter()
                .all(|(_, value)| self.is_defined(*value, known)),
            Node::Fold(fold, list, body) => {
                let is_skipping = *fold == Fold::MapPresent;
                let within = self.outside_of_folds(known);
                self.is_defined(*list, known) && (is_skipping || self.is_defined(*body, &within))
            }
            Node::Call(op, operands) => self.is_call_defined(*op, operands, known),
        }
    }

    fn is_call_defined(&self, op: Op, operands: &[ExprId], known: &Known) -> bool {
        match (op, operands) {
            (Op::And | Op::Or | Op::Guard, _) => {
                let mut known = known.clone();
                operands.iter().all(|operand| {
                    let is_defined = self.is_defined(*operand, &known);
                    self.learn(*operand, op != Op::Or, &mut known);
                    is_defined
                })
            }
            (Op::If, [condition, yes, no]) => {
                let (mut if_true, mut if_false) = (known.clone(), known.clone());
                self.learn(*condition, true, &mut if_true);
                self.learn(*condition, false, &mut if_false);
                self.is_defined(*condition, known)
                    && self.is_defined(*yes, &if_true)
                    && self.is_defined(*no, &if_false)
            }
            (
                Op::Not
                | Op::Eq
                | Op::Ne
                | Op::Lt
                | Op::Le
                | Op::Gt
                | Op::Ge
                | Op::Add
                | Op::Sub
                | Op::Mul
                | Op::Neg
                | Op::Size
                | Op::Sum
                | Op::In,
                _,
            ) => operands
                .iter()
                .all(|operand| self.is_defined(*operand, known)),
            _ => false,
        }
    }

    /// Whether the member of an object that has a value is there, and not null.
    fn is_there(&self, base: ExprId, key: &Arc<str>, known: &Known) -> bool {
        let Type::Object(object) = self.model.arena.ty(base) else {
            return false;
        };
        let Some(Member::Declared(schema, is_required)) = member(&self.model.schemas, *object, key)
        else {
            return false;
        };
        let schema = self.model.schemas.get(schema);
        let is_given =
            is_required || schema.default.is_some() || known.contains(&(base, key.clone()));
        is_given && !schema.types.names(JsonType::Null)
    }

    /// What is known to be there where `id` came out as `value`.
    fn learn(&self, id: ExprId, value: bool, known: &mut Known) {
        match self.model.arena.node(id) {
            Node::Has(base, key) if value => {
                known.insert((*base, key.clone()));
                self.learn_chain(*base, known);
            }
            Node::Call(Op::Not, operands) => {
                for operand in operands {
                    self.learn(*operand, !value, known);
                }
            }
            Node::Call(op @ (Op::And | Op::Or), operands) if (*op == Op::And) == value => {
                for operand in operands {
                    self.learn(*operand, value, known);
                }
            }
            _ => {}
        }
    }

    fn learn_chain(&self, id: ExprId, known: &mut Known) {
        if let Node::Get(base, key) = self.model.arena.node(id) {
            known.insert((*base, key.clone()));
            self.learn_chain(*base, known);
        }
    }

    /// What is known of members whose object is no item: items are counted
    /// anew within a fold.
    fn outside_of_folds(&self, known: &Known) -> Known {
        let is_item = |base: ExprId| {
            let parts = self.model.arena.positions(base).into_iter();
            let mut nodes = parts.map(|(_, id)| self.model.arena.node(id));
            nodes.any(|node| matches!(node, Node::Item { .. }))
        };
        let kept = known.iter().filter(|(base, _)| !is_item(*base));
        kept.cloned().collect()
    }
}
