//! The booking example as a running server.
//!
//! A request goes through four steps, one module each: [`serving::json`] and [`api`] read
//! the body and check it against its schema, [`rules`] checks what ties the fields to each
//! other, and to [`state`], the state takes the change, and [`routes`]
//! writes the answer. [`faults`] lists mistakes that can be switched on, one by one: each
//! takes the place of a rule, so that the rules themselves know nothing of them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod api;
pub mod faults;
pub mod routes;
pub mod rules;
pub mod state;
#[cfg(test)]
mod suite;

use serving::{choice, json, problem};
