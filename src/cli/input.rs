//! From paths to models.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::document::{Document, SchemaRequest};
use crate::model::{Built, OtherDocuments, build_with};
use crate::rulefile::{Api, Opened, RuleFile, SchemaApi};
use crate::settings::{self, Settings};
use crate::simulate::settle_clock;
use crate::source::{Code, Diagnostic, Diagnostics, Sources, Span, tidy};

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
    /// What the settings file says that counts for it.
    pub settings: Settings,
    /// Its API document.
    pub document: Document,
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
        known_settings: BTreeMap::new(),
        included: BTreeSet::new(),
        parts: Vec::new(),
    };
    for path in loader.rule_files(paths) {
        loader.load(&path);
    }
    loader.lonely_parts();
    let read = loader.input.sources.paths();
    let read: Vec<PathBuf> = read.map(PathBuf::from).collect();
    loader.input.paths.extend(read);
    loader.input
}

struct Loader {
    input: Input,
    /// API documents that were read, by path; none where that failed. One that
    /// a JSON Schema stands for belongs to its rule file alone.
    documents: BTreeMap<PathBuf, Option<Document>>,
    /// Settings that were read, by canonical path.
    known_settings: BTreeMap<PathBuf, Settings>,
    /// The files that rule files include, by canonical path.
    included: BTreeSet<PathBuf>,
    /// Rule files with what is wrong with them if no other includes them: that
    /// they name no API document, and what they don't use themselves.
    parts: Vec<(PathBuf, Diagnostics)>,
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
        let Opened {
            file,
            mut diagnostics,
            unused,
            included,
            lacks_api,
        } = match RuleFile::open(&mut self.input.sources, path) {
            Ok(opened) => opened,
            Err(finding) => return self.report(*finding),
        };
        self.included.extend(included);
        if lacks_api {
            self.parts.push((path.to_owned(), diagnostics));
            return;
        }
        let built = file.and_then(|parsed| {
            let document = self.document(path, &parsed)?;
            let others = self.others(&parsed);
            let now = self.input.now;
            let built = build_with(&document, &others, &parsed, now, &mut diagnostics);
            built.map(|mut built| {
                settle_clock(&mut built.model);
                (built, document)
            })
        });
        let failed = diagnostics.has_errors();
        diagnostics.into_iter().for_each(|found| self.report(found));
        if let Some((built, document)) = built.filter(|_| !failed) {
            // It may be there for another file that includes this one.
            self.parts.push((path.to_owned(), unused));
            let settings = self.settings(path);
            self.input.files.push(Loaded {
                path: path.display().to_string(),
                built,
                settings,
                document,
            });
        }
    }

    /// The settings that count for a rule file; each settings file is read once.
    fn settings(&mut self, rule_file: &Path) -> Settings {
        let Some(path) = settings::nearest(rule_file) else {
            return Settings::default();
        };
        if let Some(known) = self.known_settings.get(&path) {
            return known.clone();
        }
        let here = std::env::current_dir().unwrap_or_default();
        let shown = path.strip_prefix(here).unwrap_or(&path).to_owned();
        let mut findings = Diagnostics::new();
        let found = settings::read(&mut self.input.sources, &shown, &mut findings);
        findings.into_iter().for_each(|one| self.report(one));
        let found = found.unwrap_or_default();
        self.known_settings.insert(path, found.clone());
        found
    }

    /// Reports what is wrong with files only if no other includes them.
    fn lonely_parts(&mut self) {
        for (path, diagnostics) in std::mem::take(&mut self.parts) {
            let identity = path.canonicalize().unwrap_or(path);
            if !self.included.contains(&identity) {
                diagnostics.into_iter().for_each(|found| self.report(found));
            }
        }
    }

    /// The API document of a rule file.
    fn document(&mut self, rule_file: &Path, parsed: &RuleFile) -> Option<Document> {
        let folder = rule_file.parent().unwrap_or(Path::new(""));
        let path = match &parsed.api {
            Api::Document(path) => tidy(&folder.join(&path.value)),
            Api::Schema(schema) => {
                let request = request(folder, schema);
                self.input.paths.insert(request.schema.clone());
                let opened = Document::of_schema(&mut self.input.sources, &request);
                return self.opened(opened, parsed.api.span());
            }
        };
        self.document_at(path, parsed.api.span())
    }

    /// The API document at a path, which the rule file names at `span`.
    fn document_at(&mut self, path: PathBuf, span: Span) -> Option<Document> {
        self.input.paths.insert(path.clone());
        if let Some(known) = self.documents.get(&path) {
            return known.clone();
        }
        let opened = Document::open(&mut self.input.sources, &path);
        let document = self.opened(opened, span);
        self.documents.insert(path, document.clone());
        document
    }

    /// The API documents of setup steps; paths are relative to the file that
    /// names them.
    fn others(&mut self, parsed: &RuleFile) -> OtherDocuments {
        let mut others = OtherDocuments::new();
        for api in parsed.setup.iter().filter_map(|step| step.api.as_ref()) {
            let named_in = PathBuf::from(self.input.sources.path(api.span.file));
            let folder = named_in.parent().unwrap_or(Path::new(""));
            let document = self.document_at(tidy(&folder.join(&api.value)), api.span);
            others.extend(document.map(|document| (api.span, document)));
        }
        others
    }

    fn opened(&mut self, opened: Result<Document, Diagnostics>, span: Span) -> Option<Document> {
        match opened {
            Ok(document) => Some(document),
            Err(findings) => {
                for finding in findings {
                    let is_placed = finding.place().is_some();
                    self.report(if is_placed {
                        finding
                    } else {
                        finding.at(span, "named here")
                    });
                }
                None
            }
        }
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

/// The case files that a path names: itself, or those in a suite's folder.
pub(super) fn case_files(path: &Path) -> Vec<PathBuf> {
    if is_case_file(path) {
        return vec![path.to_owned()];
    }
    let entries = std::fs::read_dir(path).into_iter().flatten();
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = paths.filter(|path| is_case_file(path)).collect();
    files.sort();
    files
}

/// Whether a path has the name of a case file.
pub(super) fn is_case_file(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".cases.json")
}

/// What `api` says of a request whose body a JSON Schema describes; paths are
/// relative to `folder`.
fn request(folder: &Path, api: &SchemaApi) -> SchemaRequest {
    let file = |text: &str| {
        let (file, pointer) = SchemaRequest::file_and_pointer(text);
        (tidy(&folder.join(file)), pointer)
    };
    let (schema, schema_pointer) = file(&api.schema.value);
    SchemaRequest {
        schema,
        schema_pointer,
        method: api.method.value.clone(),
        path: api.path.value.clone(),
        sample: api.sample.as_ref().map(|sample| file(&sample.value)),
        span: api.schema.span,
    }
}
