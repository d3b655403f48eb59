//! Proof that a state does what a search says of it, by code that shares
//! nothing with the solver.

mod second_opinion;
mod validity;
mod verified;

pub use second_opinion::{Opinion, Question, interpret, second_opinion};
pub use validity::{is_valid, refusal, violations};
pub use verified::{Disagreement, Verified};
