//! Rule files with all that they include.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Reader;
use super::unused::{self, Taken};
use crate::rulefile::{Check, Located, RuleFile, Table};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span, tidy};

/// A rule file that was read.
#[derive(Debug)]
pub struct Opened {
    /// The file with everything that it includes; none where nothing of it
    /// could be read.
    pub file: Option<RuleFile>,
    /// What is wrong with it and with what it includes.
    pub diagnostics: Diagnostics,
    /// What it declares and includes in vain, unless another file uses it.
    pub unused: Diagnostics,
    /// The files that it includes, directly or not, by canonical path.
    pub included: Vec<PathBuf>,
    /// Whether it names no API document itself: it can only be included.
    pub lacks_api: bool,
}

impl RuleFile {
    /// Reads the rule file at `path` with what it includes, and the tables that
    /// stand in CSV files. Files are found relative to the one that names them.
    ///
    /// # Errors
    /// The file itself can't be read at all.
    pub fn open(sources: &mut Sources, path: &Path) -> Result<Opened, Box<Diagnostic>> {
        let id = sources.read(path)?;
        let mut opener = Opener {
            sources,
            found: Diagnostics::new(),
            broken: Vec::new(),
            done: BTreeMap::new(),
            open: vec![(canonical(path), None)],
            words: BTreeSet::new(),
            taken: Vec::new(),
        };
        let file = opener.file(id, path, false);
        let included: Vec<PathBuf> = opener.done.into_keys().collect();
        let (found, broken) = (opener.found, opener.broken);
        let (words, taken) = (opener.words, opener.taken);
        let mut reader = Reader::new(sources, false);
        reader.found = found;
        reader.broken.extend(broken);
        if let Some(file) = &file {
            reader.whole(file);
            reader.across(file);
        }
        let mut diagnostics = reader.found;
        let unused = file
            .as_ref()
            .map(|file| unused::findings(file, words, &taken));
        let lacks_api = file.as_ref().is_some_and(|file| file.api.is_missing());
        if let Some(file) = file.as_ref().filter(|_| lacks_api) {
            let message = "a rule file needs the key `api`";
            diagnostics.push(
                Diagnostic::error(Code::MissingKey, message)
                    .at(file.api.span(), "missing here")
                    .help("or include the file in one that names an API document"),
            );
        }
        Ok(Opened {
            file,
            diagnostics,
            unused: unused.unwrap_or_default(),
            included,
            lacks_api,
        })
    }
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

struct Opener<'s> {
    sources: &'s mut Sources,
    found: Diagnostics,
    /// The names of resources with an error.
    broken: Vec<String>,
    /// The files that are included, and where first.
    done: BTreeMap<PathBuf, Span>,
    /// The files that lead to the one that is being read, and where each is
    /// included.
    open: Vec<(PathBuf, Option<Span>)>,
    /// The words of all files by which they may use what is declared.
    words: BTreeSet<String>,
    /// What the first file includes.
    taken: Vec<Taken>,
}

impl Opener<'_> {
    /// A file with what it includes.
    fn file(&mut self, id: FileId, path: &Path, is_included: bool) -> Option<RuleFile> {
        let mut reader = Reader::new(self.sources, is_included);
        // A file that others include may be asked for as well.
        reader.may_lack_api = true;
        let read = reader.part(id);
        self.found.append(reader.found);
        self.broken.extend(reader.broken);
        self.words.extend(reader.words);
        let mut file = read?;
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        for rule in &mut file.rules {
            if let Check::Table(table) = &mut rule.check {
                self.table(table, &folder);
            }
        }
        // What included files set up comes first.
        let own = std::mem::take(&mut file.setup);
        for named in file.includes.clone() {
            if let Some(included) = self.include(&named, &folder) {
                if !is_included {
                    self.taken.push(Taken::new(&named, &included));
                }
                file.defs.extend(included.defs);
                file.values.extend(included.values);
                file.actors.extend(included.actors);
                file.operations.extend(included.operations);
                file.resources.extend(included.resources);
                file.rules.extend(included.rules);
                file.setup.extend(included.setup);
            }
        }
        file.setup.extend(own);
        Some(file)
    }

    fn include(&mut self, named: &Located<String>, folder: &Path) -> Option<RuleFile> {
        let path = self.path(named, folder)?;
        let identity = canonical(&path);
        if let Some(at) = self.open.iter().position(|(open, _)| *open == identity) {
            let next = self.open.get(at + 1).and_then(|(_, span)| *span);
            let message = format!("`{}` includes itself", path.display());
            let mut finding =
                Diagnostic::error(Code::BadReference, message).at(named.span, "closes the circle");
            if let Some(next) = next {
                finding = finding.also(next, "starts the circle");
            }
            self.found.push(finding.help("take one of them out"));
            return None;
        }
        // Two files may share a third one: it is read once.
        if self.done.contains_key(&identity) {
            return None;
        }
        let id = match self.sources.read(&path) {
            Ok(id) => id,
            Err(finding) => {
                self.found.push(finding.at(named.span, "included here"));
                return None;
            }
        };
        self.done.insert(identity.clone(), named.span);
        self.open.push((identity, Some(named.span)));
        let file = self.file(id, &path, true);
        self.open.pop();
        file
    }

    /// The path that `named` means in a file of `folder`.
    fn path(&mut self, named: &Located<String>, folder: &Path) -> Option<PathBuf> {
        if named.value.contains("://") {
            let message = "only files of this machine can be named here";
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(named.span, "an address on the network")
                .help("keep a copy of the file beside this one, and name that");
            self.found.push(finding);
            return None;
        }
        Some(tidy(&folder.join(&named.value)))
    }

    /// Reads the rows of a table that stand in a CSV file.
    fn table(&mut self, table: &mut Table, folder: &Path) {
        let Some(named) = table.csv.take() else {
            return;
        };
        let Some(path) = self.path(&named, folder) else {
            return;
        };
        match self.sources.read(&path) {
            Ok(id) => {
                let mut reader = Reader::new(self.sources, true);
                reader.fill(table, id);
                let words = unused::words_of(self.sources.text(id));
                self.words.extend(words);
                self.found.append(reader.found);
            }
            Err(finding) => self.found.push(finding.at(named.span, "named here")),
        }
    }
}

impl Reader<'_> {
    /// Reports what two files declare both.
    fn across(&mut self, file: &RuleFile) {
        let mut ids: BTreeMap<&str, Span> = BTreeMap::new();
        for rule in &file.rules {
            let Some(first) = ids.insert(&rule.id.value, rule.id.span) else {
                continue;
            };
            self.report(
                Diagnostic::error(
                    Code::DuplicateId,
                    format!("two rules have the id `{}`", rule.id.value),
                )
                .at(rule.id.span, "again here")
                .also(first, "first here")
                .help("ids are unique over a file and all that it includes"),
            );
        }
        let mut operations: BTreeMap<&str, Span> = BTreeMap::new();
        for entry in &file.operations {
            let name = &entry.operation;
            let Some(first) = operations.insert(&name.value, name.span) else {
                continue;
            };
            let message = format!(
                "two files say something about the operation `{}`",
                name.value
            );
            self.report(
                Diagnostic::error(Code::NameClash, message)
                    .at(name.span, "again here")
                    .also(first, "first here")
                    .help("keep all that is said of an operation in one file"),
            );
        }
    }
}
