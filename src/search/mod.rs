//! Search: states that tell a right server from a faulty one.

pub mod smt;
pub mod lower;
