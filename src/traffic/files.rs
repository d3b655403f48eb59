//! The files that a path names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::emit::MANIFEST;

/// Folders within folders are read down to here: links may go round.
const MAX_DEPTH: usize = 16;

/// What files of a folder end in that may hold traffic.
const ENDINGS: [&str; 7] = ["har", "jsonl", "ndjson", "json", "yaml", "yml", "cassette"];

/// A path that names no file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Missing {
    /// It can't be read.
    #[error("`{0}` can't be read: {1}")]
    Unreadable(PathBuf, String),
    /// A folder without files.
    #[error(
        "the folder `{0}` holds no recording: files there end in .har, .jsonl, .ndjson, .json or .yaml"
    )]
    Empty(PathBuf),
}

/// A file, and whether somebody named it: of a folder's files, those are passed
/// over that hold something else.
pub type Named = (PathBuf, bool);

/// The files at `paths`, each once; those of folders in order of their names.
///
/// # Errors
/// The first path that names none.
pub fn files(paths: &[PathBuf]) -> Result<Vec<Named>, Missing> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for path in paths {
        let unreadable =
            |error: std::io::Error| Missing::Unreadable(path.clone(), error.to_string());
        let is_folder = fs::metadata(path).map_err(unreadable)?.is_dir();
        let mut own = Vec::new();
        if is_folder {
            collect(path, MAX_DEPTH, &mut own);
            own.sort();
        } else {
            own.push(path.clone());
        }
        if own.is_empty() {
            return Err(Missing::Empty(path.clone()));
        }
        for file in own {
            let identity = file.canonicalize().unwrap_or_else(|_| file.clone());
            if seen.insert(identity) {
                found.push((file, !is_folder));
            }
        }
    }
    Ok(found)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            if depth > 0 {
                collect(&path, depth - 1, found);
            }
        } else if is_likely(&path) {
            found.push(path);
        }
    }
}

fn is_likely(path: &Path) -> bool {
    // What we write beside case files.
    if path.file_name().is_some_and(|own| own == MANIFEST) {
        return false;
    }
    let ending = path
        .extension()
        .map(|own| own.to_string_lossy().to_ascii_lowercase());
    ending.is_some_and(|own| ENDINGS.contains(&own.as_str()))
}
