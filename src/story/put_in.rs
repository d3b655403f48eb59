//! Values in place of what is read.

use super::moments::Words;
use crate::eval::Evaluator;
use crate::expr::{ExprId, Fold, Node, Op, Put, Root, is_actor, print_constant};
use crate::model::Model;
use crate::value::Value;

/// How long the value of a list may be.
const LONGEST: usize = 60;

/// How strongly texts are bound: values, moments, negative numbers, sums.
const WHOLE: u8 = u8::MAX;
const MOMENT: u8 = 8;
const NEGATIVE: u8 = 8;
const SUM: u8 = 5;

/// Puts the values of one request into expressions.
pub(super) struct Putter<'a, 'e> {
    pub model: &'a Model,
    pub words: &'a Words,
    /// With the items of the folds that enclose what is printed.
    pub evaluator: &'a mut Evaluator<'e>,
}

impl Putter<'_, '_> {
    /// What to print for a part within `inner` folds that are printed too.
    pub fn put(&mut self, id: ExprId, inner: usize) -> Put {
        let arena = &self.model.arena;
        match arena.node(id) {
            Node::Has(..) => return Put::Plain,
            Node::Call(Op::Timestamp, operands) => return self.moment(operands, inner),
            Node::Call(Op::If, operands) if inner == 0 => return self.arm(operands),
            _ if self.is_read(id) => {}
            _ if inner == 0 && self.is_made(id) => return self.made(id),
            _ => return Put::Inside,
        }
        // The items of folds that are printed have no value.
        if inner > 0 && self.reads_item(id) {
            return Put::Plain;
        }
        match self.evaluator.eval(id) {
            Ok(value) => self.value(value.get()).unwrap_or(Put::Plain),
            Err(_) => Put::Text("(absent)".to_owned(), WHOLE),
        }
    }

    /// The arm that is taken.
    fn arm(&mut self, operands: &[ExprId]) -> Put {
        let arm = match *operands {
            [condition, yes, no] => self
                .evaluator
                .holds(condition)
                .map(|held| if held { yes } else { no }),
            _ => return Put::Inside,
        };
        arm.map_or(Put::Inside, Put::Part)
    }

    /// The value of what is made of reads at once, where it can be written.
    fn made(&mut self, id: ExprId) -> Put {
        let value = self.evaluator.eval(id).ok();
        value
            .and_then(|value| self.value(value.get()))
            .unwrap_or(Put::Inside)
    }

    /// Whether an expression looks something up, counts or collects: its value
    /// says more than what it is made of.
    fn is_made(&self, id: ExprId) -> bool {
        let arena = &self.model.arena;
        match arena.node(id) {
            Node::Call(Op::Index, operands) => operands.first().is_some_and(|table| {
                matches!(
                    arena.node(*table),
                    Node::Const(_) | Node::List(_) | Node::Map(_)
                )
            }),
            Node::Call(Op::Size, _)
            | Node::Fold(Fold::Map | Fold::MapPresent | Fold::Filter, ..) => true,
            _ => false,
        }
    }

    /// The text of a value; none where it is an object, or too long.
    fn value(&self, value: &Value) -> Option<Put> {
        if let Some(words) = self.words.of(value) {
            return Some(in_words(words));
        }
        let text = print_constant(value);
        match value {
            Value::Map(_) => None,
            Value::List(items) if items.iter().any(is_map) => None,
            Value::List(_) if text.chars().count() > LONGEST => None,
            Value::Number(_) if text.starts_with('-') => Some(Put::Text(text, NEGATIVE)),
            _ => Some(Put::Text(text, WHOLE)),
        }
    }

    /// A moment is told by its text alone.
    fn moment(&mut self, operands: &[ExprId], inner: usize) -> Put {
        let read = operands
            .first()
            .filter(|text| inner == 0 && self.is_read(**text));
        let told = read.and_then(|text| {
            let value = self.evaluator.eval(*text).ok()?;
            let words = self.words.of(value.get()).map(in_words);
            words.or_else(|| Some(Put::Text(value.get().as_str()?.to_owned(), MOMENT)))
        });
        told.unwrap_or(Put::Inside)
    }

    /// Whether an expression is a path to a value of the request or the state.
    fn is_read(&self, id: ExprId) -> bool {
        let arena = &self.model.arena;
        match arena.node(id) {
            Node::Get(base, _) => is_actor(arena, *base) || self.is_read(*base),
            Node::Root(Root::Now) => false,
            Node::Root(_) | Node::Item { .. } => true,
            Node::Call(Op::As(_), operands) => operands.iter().all(|own| self.is_read(*own)),
            Node::Call(Op::Index, operands) => {
                operands.first().is_some_and(|list| self.is_read(*list))
            }
            Node::Fold(Fold::MapPresent, list, body) => self.is_read(*list) && self.is_read(*body),
            _ => false,
        }
    }

    fn reads_item(&self, id: ExprId) -> bool {
        let node = self.model.arena.node(id);
        matches!(node, Node::Item { .. })
            || node
                .children()
                .into_iter()
                .any(|child| self.reads_item(child))
    }
}

/// Words such as `now + 2h`.
fn in_words(words: String) -> Put {
    Put::Text(words, SUM)
}

fn is_map(value: &Value) -> bool {
    matches!(value, Value::Map(_))
}
