//! Proof that a state does what a search says of it, by code that shares
//! nothing with the solver; and its minimal form.

pub mod candidates;
mod distance;
pub mod minimal;
mod reads;
mod repair;
mod scalar;
mod second_opinion;
mod shorter;
mod ties;
mod twin;
mod validity;
mod verified;

pub use candidates::Candidates;
pub use distance::distance;
pub use minimal::{Aim, Minimised, Minimiser};
pub use reads::{Attributes, Paths, Reading, paths_read, places, reading};
pub use second_opinion::{Opinion, Question, interpret, second_opinion};
pub use shorter::without_step;
pub use ties::Ties;
pub use twin::{Twins, twin};
pub use validity::{is_valid, last_violations, refusal, violations};
pub use verified::{Disagreement, Verified};
