//! Doing something again whenever files change.
//!
//! The files are looked at a few times a second. There are few of them, and
//! that works on every system and for every editor and file system; a crate
//! for notifications would bring a dozen others along.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use super::Exit;
use super::console::Console;

/// How often files are looked at.
const INTERVAL: Duration = Duration::from_millis(150);

/// Folders within folders are looked at down to here: links may go round.
const MAX_DEPTH: usize = 16;

/// What tells one version of a file from another.
type Stamp = Option<(SystemTime, u64)>;

/// Runs `work` now, and again whenever something changes at `paths` or at one
/// of the files that it says it rests on. Ends by an interrupt only: the
/// status is then the system's, 130 to shells.
pub(super) fn watch(
    paths: &[PathBuf],
    console: &Console,
    mut work: impl FnMut() -> BTreeSet<PathBuf>,
) -> Exit {
    let mut rests_on = BTreeSet::new();
    loop {
        // Before the work: what changes meanwhile is a change.
        let before = stamps(paths, &rests_on);
        console.blank();
        let read = work();
        let mut known = before;
        known.retain(|path, _| !rests_on.contains(path) || read.contains(path));
        for path in &read {
            known.entry(path.clone()).or_insert_with(|| stamp(path));
        }
        rests_on = read;
        console.say(&format!(
            "watching {}; Ctrl-C ends\n",
            crate::report::counted(rests_on.len(), "file")
        ));
        while stamps(paths, &rests_on) == known {
            sleep(INTERVAL);
        }
    }
}

/// The files at `paths`, those of folders too, and `files`, with what tells
/// their versions apart.
fn stamps(paths: &[PathBuf], files: &BTreeSet<PathBuf>) -> BTreeMap<PathBuf, Stamp> {
    let mut found = BTreeMap::new();
    for path in paths {
        collect(path, MAX_DEPTH, &mut found);
    }
    for path in files {
        found.insert(path.clone(), stamp(path));
    }
    found
}

fn collect(path: &Path, depth: usize, found: &mut BTreeMap<PathBuf, Stamp>) {
    if !path.is_dir() {
        found.insert(path.to_owned(), stamp(path));
        return;
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    for entry in entries {
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        let path = entry.path();
        let is_rule_file = path.to_string_lossy().ends_with(super::input::ENDING);
        if !is_hidden && depth > 0 && (is_rule_file || path.is_dir()) {
            collect(&path, depth - 1, found);
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    let data = std::fs::metadata(path).ok()?;
    Some((data.modified().ok()?, data.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_new_files_and_lost_ones_are_seen() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().to_owned()];
        let file = folder.path().join("a.rules.yaml");
        let document = BTreeSet::from([folder.path().join("api.yaml")]);
        let now = || stamps(&paths, &document);
        let empty = now();
        std::fs::write(&file, "a").unwrap();
        let one = now();
        assert_ne!(empty, one);
        std::fs::write(&file, "ab").unwrap();
        let changed = now();
        assert_ne!(one, changed);
        std::fs::write(folder.path().join("api.yaml"), "x").unwrap();
        assert_ne!(changed, now());
        std::fs::write(folder.path().join("notes.txt"), "x").unwrap();
        let before = now();
        std::fs::write(folder.path().join("notes.txt"), "xy").unwrap();
        assert_eq!(before, now());
        std::fs::remove_file(&file).unwrap();
        assert_ne!(before, now());
    }
}
