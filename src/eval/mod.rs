//! The exact evaluator of expressions.
//!
//! Every expression is a value or [`Undefined`]. Logic has three values, as in
//! CEL: `&&`, `||`, `all` and `exists` absorb an undefined operand where
//! another one decides; everything else that reads an undefined operand is
//! undefined. Numbers are exact rationals. Nothing here knows of the solver.

mod collections;
mod convert;
mod evaluator;
mod folds;
mod lists;
mod logic;
mod numbers;
mod shared;
mod text;
mod time;
mod undefined;

pub use evaluator::{Env, Evaluator, Remembered};
pub use numbers::round_at;
pub use shared::Shared;
pub use undefined::{Reason, Undefined};

use crate::expr::{Arena, ExprId};
use crate::value::Value;

/// The value of `id` in one environment, evaluated plainly: nothing is
/// remembered on the way.
pub fn evaluate(arena: &Arena, env: Env<'_>, id: ExprId) -> Result<Value, Undefined> {
    let value = Evaluator::plain(arena, env).eval(id)?;
    Ok(value.get().clone())
}
