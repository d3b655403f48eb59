//! What the servers of the examples have in common.
//!
//! [`json`] reads requests member by member and checks each against its schema, with
//! the [`formats`] that schemas name; [`problem`] is what is answered instead of
//! success; [`program`] is what a server does on the command line; [`suite`] runs an
//! emitted suite on one.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod formats;
pub mod json;
pub mod problem;
pub mod program;
pub mod suite;
