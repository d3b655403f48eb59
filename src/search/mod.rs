//! Search: states that tell a right server from a faulty one.

pub mod lower;
pub mod smt;
