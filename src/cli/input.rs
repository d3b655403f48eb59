//! From paths to models.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;

use crate::document::Document;
use crate::model::{Built, build};
use crate::rulefile::RuleFile;
use crate::source::{Code, Diagnostic, Diagnostics, Sources};

/// The ending of rule files in folders.
pub(super) const ENDING: &str = ".rules.yaml";

/// Folders within folders are read down to here: links may go round.
const MAX_DEPTH: usize = 16;

/// All rule files that were asked for.
#[derive(Debug)]
pub(super) struct Input {
    /// Every file that was read.
    pub sources: Sources,
    /// The rule files that could be read, in order.
    pub files: Vec<Loaded>,
    /// What is wrong, or worth knowing, with all of them.
    pub diagnostics: Diagnostics,
    /// The moment that the models were built at, in nanoseconds since 1970.
    pub now: i128,
    /// What was read, or should have been: rule files and API documents.
    pub paths: BTreeSet<PathBuf>,
}

/// A rule file.
#[derive(Debug)]
pub(super) struct Loaded {
    /// The path as shown to the user.
    pub path: String,
    /// Its model, with nothing wrong in it.
    pub built: Built,
}

/// Reads all rule files at `paths`, and builds the models of those without
/// errors.
pub(super) fn load(paths: &[PathBuf]) -> Input {
    let mut loader = Loader {
        input: Input {
            sources: Sources::new(),
            files: Vec::new(),
            diagnostics: Diagnostics::new(),
            now: Timestamp::now().as_nanosecond(),
            paths: BTreeSet::new(),
        },
        documents: BTreeMap::new(),
    };
    for path in loader.rule_files(paths) {
        loader.load(&path);
    }
    let read = loader.input.sources.paths();
    let read: Vec<PathBuf> = read.map(PathBuf::from).collect();
    loader.input.paths.extend(read);
    loader.input
}

struct Loader {
    input: Input,
    /// API documents that were read, by path; none where that failed.
    documents: BTreeMap<PathBuf, Option<Document>>,
}

impl Loader {
    /// The rule files at `paths`, each once; folders in order of their names.
    fn rule_files(&mut self, paths: &[PathBuf]) -> Vec<PathBuf> {
        let mut seen = BTreeSet::new();
        let mut files = Vec::new();
        for path in paths {
            let found = if path.is_dir() {
                self.folder(path)
            } else {
                vec![path.clone()]
            };
            let identity = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
            files.extend(found.into_iter().filter(|path| seen.insert(identity(path))));
        }
        files
    }

    /// The rule files of a folder and of the folders in it.
    fn folder(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        self.collect(folder, MAX_DEPTH, &mut files);
        files.sort();
        if files.is_empty() {
            let shown = folder.display();
            let message = format!("the folder `{shown}` holds no rule file");
            let finding = Diagnostic::error(Code::NoRuleFile, message).help(format!(
                "rule files in a folder end in `{ENDING}`; name a file to read it whatever its name"
            ));
            self.report(finding);
        }
        files
    }

    fn collect(&mut self, folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => {
                let shown = folder.display();
                let message = format!("the folder `{shown}` can't be read: {error}");
                self.report(Diagnostic::error(Code::UnreadableFile, message));
                return;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if is_hidden {
                continue;
            }
            if path.is_dir() {
                if depth > 0 {
                    self.collect(&path, depth - 1, files);
                }
            } else if path.to_string_lossy().ends_with(ENDING) {
                files.push(path);
            }
        }
    }

    fn load(&mut self, path: &Path) {
        self.input.paths.insert(path.to_owned());
        let file = match self.input.sources.read(path) {
            Ok(file) => file,
            Err(finding) => return self.report(*finding),
        };
        let (parsed, mut diagnostics) = RuleFile::parse(&self.input.sources, file);
        let built = parsed.and_then(|parsed| {
            let document = self.document(path, &parsed)?;
            build(&document, &parsed, self.input.now, &mut diagnostics)
        });
        let failed = diagnostics.has_errors();
        diagnostics.into_iter().for_each(|found| self.report(found));
        if let Some(built) = built.filter(|_| !failed) {
            self.input.files.push(Loaded {
                path: path.display().to_string(),
                built,
            });
        }
    }

    /// The API document of a rule file.
    fn document(&mut self, rule_file: &Path, parsed: &RuleFile) -> Option<Document> {
        let folder = rule_file.parent().unwrap_or(Path::new(""));
        let path = tidy(&folder.join(&parsed.api.value));
        self.input.paths.insert(path.clone());
        if let Some(known) = self.documents.get(&path) {
            return known.clone();
        }
        let document = match Document::open(&mut self.input.sources, &path) {
            Ok(document) => Some(document),
            Err(findings) => {
                for finding in findings {
                    let is_placed = finding.place().is_some();
                    self.report(if is_placed {
                        finding
                    } else {
                        finding.at(parsed.api.span, "named here")
                    });
                }
                None
            }
        };
        self.documents.insert(path, document.clone());
        document
    }

    /// Takes in a finding, once: rule files share API documents.
    fn report(&mut self, finding: Diagnostic) {
        self.input.report(finding);
    }
}

impl Input {
    /// Takes in a finding, if it isn't there yet.
    pub fn report(&mut self, finding: Diagnostic) {
        if !self.diagnostics.iter().any(|known| *known == finding) {
            self.diagnostics.push(finding);
        }
    }
}

/// `a/b/../c` as `a/c`, where that is the same file.
fn tidy(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for component in path.components() {
        let is_named = matches!(short.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_named => {
                short.pop();
            }
            other => short.push(other),
        }
    }
    let is_same = |a: &Path, b: &Path| Some(a.canonicalize().ok()? == b.canonicalize().ok()?);
    if is_same(path, &short) == Some(true) {
        short
    } else {
        path.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_shown_short() {
        assert_eq!(
            tidy(Path::new("src/../src/./lib.rs")),
            Path::new("src/lib.rs")
        );
        assert_eq!(
            tidy(Path::new("none/../src/lib.rs")),
            Path::new("none/../src/lib.rs")
        );
    }
}
