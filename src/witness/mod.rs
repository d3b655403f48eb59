//! Proof that a state does what a search says of it, by code that shares
//! nothing with the solver.

mod second_opinion;

pub use second_opinion::{Opinion, Question, interpret, second_opinion};
