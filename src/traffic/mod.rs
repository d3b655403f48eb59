//! Requests and answers that exist already: recordings, reports of runs, and
//! suites, whatever wrote them.
//!
//! A file is read as a stream of [`Exchange`]s, one at a time, so that its length
//! doesn't matter. Its format is told from its content (`detect`); each format is
//! one file here. An entry that can't be used is handed over as [`Skipped`].

mod base64;
mod cases;
mod cassette;
mod detect;
mod events;
mod exchange;
mod files;
mod har;
mod jsonl;
mod postman;
mod read;
mod shared;
mod stream;

pub use base64::decoded;
pub use exchange::{Answer, Body, Exchange, Field, When};
pub use files::{Missing, files};
pub use read::{Broken, Entry, Skipped, read};
