//! What encloses an expression from outside of its text: `each` and `at`.

use std::sync::Arc;

use super::{Elaborated, Elaborator, Env};
use crate::expr::{Arena, ExprId, Node, Syntax};

/// The folds that an expression will stand in, and the names that it has from
/// them.
#[derive(Clone, Debug, Default)]
pub struct Enclosing {
    /// How many folds there are.
    pub level: u32,
    /// The names, outermost first; a later one hides an earlier one.
    pub given: Vec<Given>,
}

/// A name that stands for a place in the request.
#[derive(Clone, Debug)]
pub struct Given {
    /// The name.
    pub name: Arc<str>,
    /// The place: members of an item, or of the request.
    pub expr: ExprId,
    /// How many folds enclose the place; its item is that of the innermost.
    pub level: u32,
}

impl Enclosing {
    /// The place that `name` stands for, seen from within `level` folds.
    pub(super) fn find(&self, arena: &mut Arena, name: &str, level: u32) -> Option<ExprId> {
        let given = self.given.iter().rev().find(|given| *given.name == *name)?;
        Some(deeper(arena, given.expr, level - given.level))
    }

    /// The names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.given.iter().map(|given| &*given.name)
    }
}

/// The place `id`, seen from within `by` more folds.
fn deeper(arena: &mut Arena, id: ExprId, by: u32) -> ExprId {
    if by == 0 {
        return id;
    }
    let ty = arena.ty(id).clone();
    let node = match arena.node(id).clone() {
        Node::Item { depth, ty } => Node::Item {
            depth: depth + by,
            ty,
        },
        Node::Get(base, key) => Node::Get(deeper(arena, base, by), key),
        Node::Call(op, operands) => {
            let operands = operands.iter().map(|operand| deeper(arena, *operand, by));
            Node::Call(op, operands.collect())
        }
        // A place holds nothing else.
        other => other,
    };
    arena.add(node, ty)
}

impl<'a> Elaborator<'_, 'a> {
    /// A name that the expression has from what encloses it.
    pub(super) fn given(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let expr = self.enclosing.find(self.arena, name, self.level)?;
        let above = self.arena.positions(expr).len().saturating_sub(1);
        let leaf = env.tree(syntax, Vec::new());
        let spans = (0..above).fold(leaf, |below, _| env.tree(syntax, vec![below]));
        Some(Elaborated { expr, spans })
    }
}
