//! The file of a recording: one exchange a line.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value as Json};
use thiserror::Error;

/// Why a file can't take a recording.
#[derive(Debug, Error)]
pub enum FileError {
    /// Somebody may need what is in it.
    #[error(
        "it exists already; add `--append` to write behind what is there, or name another file"
    )]
    Exists,
    /// The system says no.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What a recording amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// How many exchanges were written.
    pub exchanges: u64,
    /// How many of them have no answer, or a part of one.
    pub broken: u64,
    /// Why something couldn't be written.
    pub unwritten: Option<String>,
    /// Whether Crossfield made a mistake.
    pub panicked: bool,
}

/// A file that takes a recording, line by line.
#[derive(Debug)]
pub struct TrafficFile(Mutex<State>);

#[derive(Debug)]
struct State {
    file: File,
    /// The number of the next exchange.
    next: u64,
    recorded: Recorded,
}

impl TrafficFile {
    /// A new file, or one that is empty still.
    ///
    /// # Errors
    /// It has something in it, or can't be written.
    pub fn create(path: &Path) -> Result<Self, FileError> {
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_file() && metadata.len() > 0 {
            return Err(FileError::Exists);
        }
        Ok(Self::new(file, 1))
    }

    /// A file whose lines stay; their numbers go on.
    ///
    /// # Errors
    /// It can't be read or written.
    pub fn append(path: &Path) -> Result<Self, FileError> {
        let lines = match File::open(path) {
            Ok(file) => BufReader::new(file).split(b'\n').count(),
            Err(error) if error.kind() == ErrorKind::NotFound => 0,
            Err(error) => return Err(error.into()),
        };
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        end_line(&mut file)?;
        let lines = u64::try_from(lines).unwrap_or(u64::MAX);
        Ok(Self::new(file, lines.saturating_add(1)))
    }

    fn new(file: File, next: u64) -> Self {
        Self(Mutex::new(State {
            file,
            next,
            recorded: Recorded::default(),
        }))
    }

    /// Writes an exchange. Should that fail, it is told of at the end.
    pub(super) fn write(&self, exchange: &Map<String, Json>, is_broken: bool) {
        let text = serde_json::to_string(exchange).unwrap_or_default();
        let members = text.strip_prefix('{').unwrap_or("}");
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = format!("{{\"seq\":{},{members}\n", state.next);
        let written = state.file.write_all(line.as_bytes());
        match written.and_then(|()| state.file.flush()) {
            Ok(()) => {
                state.next += 1;
                state.recorded.exchanges += 1;
                state.recorded.broken += u64::from(is_broken);
            }
            Err(error) => {
                let told = error.to_string();
                state.recorded.unwritten.get_or_insert(told);
            }
        }
    }

    /// What was written by now.
    pub fn recorded(&self) -> Recorded {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.recorded.clone()
    }
}

/// Ends the last line, should somebody have cut it.
fn end_line(file: &mut File) -> io::Result<()> {
    if file.metadata()?.len() == 0 {
        return Ok(());
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    if last != *b"\n" {
        file.write_all(b"\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(text: &str) -> Map<String, Json> {
        Map::from_iter([("method".to_owned(), Json::from(text))])
    }

    #[test]
    fn what_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.jsonl");
        let file = TrafficFile::create(&path).unwrap();
        file.write(&member("A"), false);
        file.write(&member("B"), true);
        let recorded = file.recorded();
        assert_eq!((recorded.exchanges, recorded.broken), (2, 1));
        assert!(matches!(TrafficFile::create(&path), Err(FileError::Exists)));
        let cut = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, cut.trim_end()).unwrap();
        TrafficFile::append(&path)
            .unwrap()
            .write(&member("C"), false);
        let lines = "{\"seq\":1,\"method\":\"A\"}\n{\"seq\":2,\"method\":\"B\"}\n\
                     {\"seq\":3,\"method\":\"C\"}\n";
        assert_eq!(std::fs::read_to_string(&path).unwrap(), lines);
    }
}
