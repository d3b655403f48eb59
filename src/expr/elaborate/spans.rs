//! From positions in an expression back to the text.

use crate::expr::Position;
use crate::source::Span;

/// The spans of an expression, with the same shape as its nodes.
#[derive(Clone, Debug)]
pub struct SpanTree {
    /// What was written for this node.
    pub span: Span,
    /// The definition (`defs`) whose text this is, if any.
    pub def: Option<String>,
    /// The operands.
    pub children: Vec<SpanTree>,
}

impl SpanTree {
    /// A node without operands of its own.
    pub fn leaf(span: Span) -> Self {
        Self {
            span,
            def: None,
            children: Vec::new(),
        }
    }

    /// The subtree at `position`; where an operand has no text of its own
    /// (a coercion), the nearest one above.
    pub fn at(&self, position: &Position) -> &SpanTree {
        let mut tree = self;
        for step in position.steps() {
            match tree.children.get(usize::from(*step)) {
                Some(child) => tree = child,
                None => break,
            }
        }
        tree
    }
}
