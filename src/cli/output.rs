//! The files of a suite: written, or compared with what is there.

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::emit::{Output, Stale, WriteError, compare, write};
use crate::report::counted;

/// What was done to the output folder; paths are below it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Written {
    /// New or changed files.
    pub written: Vec<String>,
    /// Files that were the same.
    pub unchanged: Vec<String>,
    /// Files of an earlier run that are gone.
    pub removed: Vec<String>,
    /// Files that would go, but were edited.
    pub edited: Vec<String>,
    /// With `--check`: how the folder differs from what would be written.
    pub stale: Vec<Difference>,
}

/// A file that is not what would be written.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// Its path.
    pub path: String,
    /// `missing`, `differs` or `extra`.
    pub how: &'static str,
}

/// Writes the files into `folder`; with `check`, only compares them.
pub(super) fn put(folder: &Path, outputs: &[Output], check: bool) -> Result<Written, WriteError> {
    if !check {
        let done = write(folder, outputs)?;
        return Ok(Written {
            written: done.written,
            unchanged: done.unchanged,
            removed: done.removed,
            edited: done.edited,
            stale: Vec::new(),
        });
    }
    let stale = compare(folder, outputs)?.into_iter();
    let stale = stale.map(|stale| {
        let (path, how) = match stale {
            Stale::Missing(path) => (path, "missing"),
            Stale::Differs(path) => (path, "differs"),
            Stale::Extra(path) => (path, "extra"),
        };
        Difference { path, how }
    });
    Ok(Written {
        stale: stale.collect(),
        ..Written::default()
    })
}

impl Written {
    /// The text for people; ends with a line break.
    pub fn render(&self, folder: &Path, check: bool) -> String {
        let folder = folder.display();
        if check {
            return self.stale_text(&folder.to_string());
        }
        let mut out = format!(
            "{folder}: {} written, {} unchanged, {} removed\n",
            counted(self.written.len(), "file"),
            self.unchanged.len(),
            self.removed.len()
        );
        for path in &self.edited {
            let _ = writeln!(
                out,
                "note: {folder}/{path} is no longer needed, but was edited: it was kept"
            );
        }
        out
    }

    fn stale_text(&self, folder: &str) -> String {
        if self.stale.is_empty() {
            return format!("{folder} is up to date\n");
        }
        let mut out = format!("{folder} is stale: run the command again without --check\n");
        for stale in &self.stale {
            let _ = writeln!(out, "  {}: {}", stale.how, stale.path);
        }
        out
    }
}
