//! A suite in a folder: written file by file, each whole or not at all.
//!
//! A manifest lists what was written and its hash. Only what stands there is
//! ever replaced or removed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::Output;
use crate::case::Shard;

/// The name of the manifest.
pub const MANIFEST: &str = "crossfield.manifest.json";

/// What was done to a folder; paths are below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Files that are new or changed.
    pub written: Vec<String>,
    /// Files that already had the same text.
    pub unchanged: Vec<String>,
    /// Files of an earlier run that are gone.
    pub removed: Vec<String>,
    /// Files of an earlier run that are stale, but were edited since: kept.
    pub edited: Vec<String>,
}

/// How a folder differs from what would be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stale {
    /// The file isn't there.
    Missing(String),
    /// The file has another text.
    Differs(String),
    /// The file would be removed.
    Extra(String),
}

/// Why a suite could not be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// A file is in the way.
    #[error(
        "{0} is there and was not written by Crossfield: move it away, or choose another folder"
    )]
    Foreign(PathBuf),
    /// The manifest of an earlier run can't be read.
    #[error("{path} can't be read ({problem}): remove it together with the files that it listed")]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Reading or writing failed.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    files: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Entry {
    sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rule_file: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard: Option<Shard>,
}

/// Writes the outputs into `folder`, and removes what an earlier run wrote for
/// the same rule files and this one doesn't. Files of other rule files stay, and
/// those of the other shards.
///
/// # Errors
/// Where a file that isn't ours is in the way (nothing is written then), or
/// the system refuses.
pub fn write(folder: &Path, outputs: &[Output]) -> Result<Written, WriteError> {
    let mut manifest = read_manifest(folder)?;
    refuse_foreign(folder, outputs, &manifest)?;
    let mut done = Written::default();
    for path in leftovers(outputs, &manifest) {
        let text = read(&folder.join(&path))?;
        let ours = manifest.files.remove(&path).map(|entry| entry.sha256);
        match text {
            None => {}
            Some(text) if Some(hash(&text)) == ours => {
                let file = folder.join(&path);
                fs::remove_file(&file).map_err(|error| failed(&file, error))?;
                done.removed.push(path);
            }
            Some(_) => done.edited.push(path),
        }
    }
    for output in outputs {
        // Listed first: a run that is cut short finds its own files again.
        let entry = Entry {
            sha256: hash(&output.text),
            rule_file: output.rule_file.clone(),
            shard: output.shard,
        };
        manifest.files.insert(output.path.clone(), entry);
    }
    write_manifest(folder, manifest)?;
    for output in outputs {
        let file = folder.join(&output.path);
        if read(&file)?.as_deref() == Some(output.text.as_str()) {
            done.unchanged.push(output.path.clone());
        } else {
            replace(&file, &output.text)?;
            done.written.push(output.path.clone());
        }
    }
    Ok(done)
}

/// How `folder` differs from what [`write()`] would leave there; in order.
///
/// # Errors
/// Where the folder can't be read.
pub fn compare(folder: &Path, outputs: &[Output]) -> Result<Vec<Stale>, WriteError> {
    let manifest = read_manifest(folder)?;
    let mut stale = Vec::new();
    for path in leftovers(outputs, &manifest) {
        if read(&folder.join(&path))?.is_some() {
            stale.push(Stale::Extra(path));
        }
    }
    for output in outputs {
        match read(&folder.join(&output.path))? {
            None => stale.push(Stale::Missing(output.path.clone())),
            Some(text) if text != output.text => stale.push(Stale::Differs(output.path.clone())),
            Some(_) => {}
        }
    }
    stale.sort();
    Ok(stale)
}

/// What an earlier run wrote for these rule files and this one doesn't, other shards
/// aside.
fn leftovers(outputs: &[Output], manifest: &Manifest) -> Vec<String> {
    let paths: BTreeSet<_> = outputs.iter().map(|output| &output.path).collect();
    let parts = outputs.iter();
    let parts: BTreeSet<_> = parts.map(|own| (&own.rule_file, own.shard)).collect();
    let is_replaced = |entry: &Entry| {
        let mut parts = parts.iter();
        parts.any(|(rule_file, shard)| {
            let beside = shard.zip(entry.shard);
            let beside = beside.is_some_and(|(a, b)| a.of == b.of && a.number != b.number);
            **rule_file == entry.rule_file && !beside
        })
    };
    let old = manifest.files.iter();
    old.filter(|(path, entry)| !paths.contains(path) && is_replaced(entry))
        .map(|(path, _)| path.clone())
        .collect()
}

fn refuse_foreign(
    folder: &Path,
    outputs: &[Output],
    manifest: &Manifest,
) -> Result<(), WriteError> {
    for output in outputs {
        let file = folder.join(&output.path);
        let ours = manifest.files.contains_key(&output.path);
        if !ours && read(&file)?.is_some_and(|text| text != output.text) {
            return Err(WriteError::Foreign(file));
        }
    }
    Ok(())
}

fn read_manifest(folder: &Path) -> Result<Manifest, WriteError> {
    let path = folder.join(MANIFEST);
    let Some(text) = read(&path)? else {
        return Ok(Manifest::default());
    };
    let manifest = serde_json::from_str(&text).map_err(|error| error.to_string());
    let known = manifest.and_then(|manifest: Manifest| match manifest.format {
        1 => Ok(manifest),
        other => Err(format!("it has format {other}")),
    });
    let known =
        known.and_then(
            |manifest| match manifest.files.keys().find(|path| !is_below(path)) {
                None => Ok(manifest),
                Some(path) => Err(format!("it names {path}, which is outside the folder")),
            },
        );
    known.map_err(|problem| WriteError::Manifest { path, problem })
}

/// Whether a path of a manifest stays within the folder.
fn is_below(path: &str) -> bool {
    let parts = Path::new(path).components();
    parts
        .into_iter()
        .all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn write_manifest(folder: &Path, mut manifest: Manifest) -> Result<(), WriteError> {
    manifest.format = 1;
    let path = folder.join(MANIFEST);
    let text = serde_json::to_string_pretty(&manifest);
    let text = text.map_err(|error| failed(&path, error.into()))? + "\n";
    if read(&path)?.as_deref() == Some(text.as_str()) {
        return Ok(());
    }
    replace(&path, &text)
}

fn replace(file: &Path, text: &str) -> Result<(), WriteError> {
    crate::source::replace(file, text).map_err(|error| failed(file, error))
}

fn read(file: &Path) -> Result<Option<String>, WriteError> {
    match fs::read(file) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(file, error)),
    }
}

fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn failed(path: &Path, error: io::Error) -> WriteError {
    WriteError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(path: &str, text: &str, rule_file: &str) -> Output {
        Output {
            path: path.to_owned(),
            text: text.to_owned(),
            rule_file: (!rule_file.is_empty()).then(|| rule_file.to_owned()),
            shard: None,
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn only_what_was_written_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        fs::write(at.join("notes.txt"), "mine").unwrap();
        let first = [
            output("a.py", "1", "a"),
            output("run.py", "r", ""),
            output("b.py", "2", "a"),
        ];
        write(at, &first).unwrap();
        write(at, &[output("c.py", "3", "c"), output("run.py", "r", "")]).unwrap();
        fs::write(at.join("b.py"), "edited").unwrap();

        let now = [output("d.py", "4", "a"), output("run.py", "r2", "")];
        let extra = |path: &str| Stale::Extra(path.to_owned());
        assert_eq!(
            compare(at, &now).unwrap(),
            [
                Stale::Missing("d.py".to_owned()),
                Stale::Differs("run.py".to_owned()),
                extra("a.py"),
                extra("b.py"),
            ]
        );
        let done = write(at, &now).unwrap();
        assert_eq!(done.removed, ["a.py"]);
        assert_eq!(done.edited, ["b.py"]);
        assert_eq!(done.written, ["d.py", "run.py"]);
        assert_eq!(
            names(at),
            ["b.py", "c.py", MANIFEST, "d.py", "notes.txt", "run.py"]
        );
        assert_eq!(compare(at, &now).unwrap(), []);
        assert_eq!(write(at, &now).unwrap().unchanged, ["d.py", "run.py"]);
    }

    #[test]
    fn files_of_others_are_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("conftest.py"), "mine").unwrap();
        let outputs = [output("a.py", "1", "a"), output("conftest.py", "ours", "")];
        let refused = write(folder.path(), &outputs).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("was not written by Crossfield")
        );
        assert_eq!(names(folder.path()), ["conftest.py"]);
    }

    #[test]
    fn a_manifest_can_not_reach_outside() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = r#"{"format": 1, "files": {"../a": {"sha256": ""}}}"#;
        fs::write(folder.path().join(MANIFEST), manifest).unwrap();
        let refused = write(folder.path(), &[output("a.py", "1", "")]).unwrap_err();
        assert!(refused.to_string().contains("outside"));
    }
}
