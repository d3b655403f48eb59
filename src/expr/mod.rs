//! The one expression form that faults, lowering, evaluation, explanation and
//! simulation share: a hash-consed arena of typed nodes without source spans.
//!
//! `parse` reads CEL text (by the crate `cel`) into a small syntax tree with
//! spans; [`elaborate`] resolves names and types against the schema and builds
//! arena expressions, with a parallel [`SpanTree`] that leads from a position
//! back to the text.

mod arena;
mod elaborate;
mod extensions;
mod extent;
mod habits;
mod hints;
mod op;
mod parse;
mod print;
mod tokens;
mod ty;
mod written;

pub use arena::{Arena, Constant, ExprId, Fold, Node, Position, Root};
pub use elaborate::{
    ACTOR, ActorSignature, Def, DefBody, DefTable, Elaborated, Enclosing, Given, KEY, Locate,
    Member, NOW, NowIs, ResourceSignature, Scope, SpanTree, StateRead, actor_of, elaborate,
    elaborate_within, is_actor, is_function, member, member_schema, type_of,
};
pub use extensions::{EXTENSIONS, is_library};
pub use op::{
    Convert, Demand, Encoding, KINDS, ListOp, Manual, Notation, Op, OpInfo, Rounding, TextOp,
    TimePart,
};
pub use parse::{
    Correction, Syntax, SyntaxError, SyntaxKind, comment_before_conditions, literal_length,
    misread, parse, placeholder_in,
};
pub use print::{Put, ResourceName, print, print_constant, print_within};
pub use ty::{TextView, Type};
pub use written::quoted;
