//! The solver's side: checked terms, and Z3 behind a narrow interface.

mod session;
mod term;

pub use session::{Answer, Assignment, Limits, Satisfiable, Session, with_context};
pub use term::{Sort, Term, TermNode, Terms};
