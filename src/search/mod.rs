//! Search: states that tell a right server from a faulty one.
//!
//! [`plan`] lists the sequences worth trying, shortest first; [`mod@slice`] finds
//! the rules that can matter; [`lower`] and [`encode`] write both servers as
//! terms; [`smt`] asks Z3; [`stage`] puts questions and stays close to the
//! baselines; [`concretize`] turns answers into requests; [`decide`] climbs
//! the ladder and names each fault's fate; [`reach`] finds sequences that are
//! accepted, or refused by one rule; [`invariant`] proves what is always
//! so of the state, `alike` that nobody sees a difference in it; [`prove`] says what can't be at any request, and why.

mod alike;
pub mod concretize;
pub mod decide;
pub mod encode;
mod far;
pub mod invariant;
mod ladder;
mod lengthen;
pub mod lower;
pub mod plan;
pub mod prove;
pub mod reach;
pub mod slice;
pub mod smt;
pub mod stage;
mod written_moments;
