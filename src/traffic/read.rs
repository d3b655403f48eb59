//! Reading one file.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use thiserror::Error;

use super::detect::{Format, detect};
use super::exchange::Exchange;
use super::{cases, cassette, events, har, jsonl, postman};

/// An entry of a file.
pub type Entry = Result<Exchange, Skipped>;

/// An entry that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Its number within the file, from 1.
    pub entry: usize,
    /// Why, without what differs from entry to entry.
    pub reason: String,
}

/// Why a file, or the rest of it, can't be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Broken {
    /// The system says so.
    #[error("it can't be read: {0}")]
    Unreadable(String),
    /// It is none of the formats.
    #[error(
        "it is no recording that Crossfield knows: HAR, JSON Lines, a report of newman, a Postman \
         collection, a cassette of Schemathesis, or a case file"
    )]
    Unknown,
    /// It ends early, or goes on as its format doesn't.
    #[error("from entry {entry} on it can't be read: {problem}")]
    Syntax {
        /// The first entry that wasn't read.
        entry: usize,
        /// What is wrong.
        problem: String,
    },
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// Takes entries; false: no more are wanted.
pub(super) type Sink<'s> = dyn FnMut(Entry) -> bool + 's;

/// Reads the entries of a file one by one, until `sink` wants no more.
///
/// # Errors
/// What is wrong with the file; the entries before that have been read.
pub fn read(path: &Path, sink: &mut dyn FnMut(Entry) -> bool) -> Result<(), Broken> {
    let mut file = File::open(path)?;
    let format = detect(BufReader::new(&mut file))?;
    file.rewind()?;
    from(BufReader::with_capacity(1 << 18, file), format, sink)
}

fn from(
    reader: impl io::BufRead,
    format: Option<Format>,
    sink: &mut Sink<'_>,
) -> Result<(), Broken> {
    match format {
        None => Err(Broken::Unknown),
        Some(Format::Lines) => jsonl::read(reader, sink),
        Some(Format::List) => jsonl::list(reader, sink),
        Some(Format::Har) => har::read(reader, sink),
        Some(Format::Newman) => postman::report(reader, sink),
        Some(Format::Postman) => postman::collection(reader, sink),
        Some(Format::Cases) => cases::read(reader, sink),
        Some(Format::Cassette) => cassette::read(reader, sink),
        Some(Format::Events) => events::read(reader, sink),
    }
}

/// The whole text of a file whose format needs that.
pub(super) fn whole(mut reader: impl Read) -> Result<String, Broken> {
    let mut text = String::new();
    reader.read_to_string(&mut text)?;
    Ok(text)
}
