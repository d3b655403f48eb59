//! Search: states that tell a right server from a faulty one.
//!
//! [`plan`] lists the sequences worth trying, shortest first; [`slice`] finds
//! the rules that can matter; [`lower`] and [`encode`] write both servers as
//! terms; [`smt`] asks Z3.

pub mod encode;
pub mod lower;
pub mod plan;
pub mod slice;
pub mod smt;
