//! What a generator makes: a change of one expression.

use super::FaultClass;
use crate::expr::{ExprId, Position};

/// A change of the expression at one place, not yet a fault.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    /// The kind of change.
    pub class: FaultClass,
    /// Where the mistake is: what ids and spans say. At or below a change.
    pub at: Position,
    /// What is replaced by what, at positions none of which lies below
    /// another.
    pub changes: Vec<(Position, ExprId)>,
    /// A short word for ids; together with class and positions it says which
    /// edit this is.
    pub variant: String,
    /// Completes "catches a server that ...".
    pub words: String,
    /// The condition that says which edit this is, where position and variant
    /// don't: they depend on the order of operands.
    pub about: Option<ExprId>,
}

impl Edit {
    /// With a mistake deeper than what has to be rebuilt for it.
    pub fn located(mut self, at: Position) -> Self {
        self.at = at;
        self
    }

    /// With the condition that says which edit this is.
    pub fn about(mut self, condition: ExprId) -> Self {
        self.about = Some(condition);
        self
    }
}

/// Letters, digits, `_`, `.` and dashes only, for ids.
pub(super) fn slug(text: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let words: Vec<&str> = text
        .split(|c| !kept(c))
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-")
}
