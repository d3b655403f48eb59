//! What a suite, or recorded traffic, would miss.
//!
//! Each request of traffic is matched to an operation (`routes`) and read as a
//! request state (`decode`, `styles`, `forms`). The right server and all faulty
//! ones run beside each other over them (`world`, [`crate::simulate::Live`]): a
//! fault is exercised by the first request on which the two can be told apart.
//! What was there before the recording is unknown, and is never guessed. Nothing
//! is kept of requests but what servers remember, and examples (`observation`).
//!
//! This module never sees the solver: which faults are untestable, and which
//! request would exercise one, comes from what [`crate::generate`] found.

mod about;
mod answers;
mod compare;
mod decode;
mod fields;
mod forms;
mod groups;
mod known;
mod needs;
mod observation;
mod observe;
mod prepare;
mod probes;
mod routes;
mod spine;
mod standing;
mod styles;
mod template;
mod watch;
mod world;

pub use fields::demands;
pub use observation::{
    Counted, Disagreement, Example, Exercise, Expected, Observation, RuleSeen, RuleSide, Source,
    Subject,
};
pub use observe::{Unread, observe_all};
pub use prepare::{Prepared, Ready, prepare};
pub use spine::{Audited, Progress, Request, audit};
pub use standing::Standing;
pub use watch::{Setting, Watch};
pub use world::{Foreseen, Foresight, World};
