//! Sets of strings, and readable members of them.
//!
//! What a schema and the rules say about one string (patterns, a format,
//! lengths, wanted or unwanted) is a [`TextSet`]. It can be asked whether a text
//! belongs to it, which lengths its members have, how many there are, and for
//! its k-th readable member. Sets are products of deterministic automata, one
//! for each pattern, walked character by character.

mod alphabet;
mod charset;
mod ecma;
mod format;
mod lengths;
mod machine;
mod numerals;
mod pattern;
mod product;
mod search;
mod set;
#[cfg(test)]
mod tests;
mod write;

pub use ecma::PatternError;
pub use format::Format;
pub use lengths::Lengths;
pub use numerals::{INTEGERS, Magnitudes, NUMBERS, Numerals, integers, named_number, numbers};
pub use pattern::Pattern;
pub use search::{search, search_error};
pub use set::{Cardinality, TextSet, TooLarge};
pub use write::{NoText, Taste};
