//! Crossfield finds the bugs that live between the fields of an API request.
//!
//! Business rules stand in declarative files beside an API document. Crossfield
//! works out how each rule could be implemented wrong, searches request states
//! that tell a right server from a wrong one, proves them, and writes them as
//! tests.

pub mod audit;
pub mod case;
pub mod check;
pub mod cli;
pub mod document;
pub mod emit;
pub mod eval;
pub mod expr;
pub mod fault;
pub mod field;
pub mod generate;
pub mod import;
pub mod inject;
pub mod model;
pub mod parallel;
pub mod record;
pub mod report;
pub mod rulefile;
pub mod run;
pub mod search;
pub mod settings;
pub mod simulate;
pub mod source;
pub mod story;
pub mod text;
pub mod traffic;
pub mod tree;
pub mod value;
pub mod witness;
pub mod z3_version;
