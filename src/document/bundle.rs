//! A document and the files that it refers to, as one tree.
//!
//! Every other file becomes a member under [`FILES`], and references between
//! files become references within the tree, so that nothing that comes after
//! has to know of files. Only files in the document's folder are read, and
//! nothing from the network. A reference that can't be followed is kept, with
//! the reason: it matters where an operation that is asked for needs it.

mod walk;

use std::collections::{BTreeMap, VecDeque};
use std::path::{Component, Path, PathBuf};

use super::dialect::Dialect;
use super::inheritance::BASES;
use super::location::pointer_step;
use super::reference::percent_decoded;
use crate::source::{Code, Diagnostic, Sources, Span};
use crate::tree::{self, Entry, Node, NodeKind, Text};

/// The member of the tree that holds the other files, by their paths.
pub(super) const FILES: &str = "x-crossfield-files";

/// How many files a document may consist of.
const FILE_LIMIT: usize = 2000;

/// One tree of all files.
#[derive(Clone, Debug)]
pub(super) struct Bundle {
    /// The document, with the other files in it.
    pub root: Node,
    /// Why references can't be followed, by the place of their text.
    pub broken: BTreeMap<Span, Diagnostic>,
    /// Keywords that mean nothing in the document's dialect and were left out,
    /// and the schemas that they stood in.
    pub ignored: BTreeMap<Span, Span>,
}

impl Bundle {
    /// A tree of one file, whose folder isn't known.
    pub fn alone(root: Node, dialect: Dialect) -> Self {
        let mut loader = Loader::new(None, dialect);
        let root = loader.follow(root, &mut None);
        Self {
            root,
            broken: loader.broken,
            ignored: loader.ignored,
        }
    }

    /// The tree of `root`, the file at `path`, and of all that it refers to.
    pub fn around(sources: &mut Sources, root: Node, path: &Path, dialect: Dialect) -> Self {
        let mut loader = Loader::new(Some(path), dialect);
        let root = loader.follow(root, &mut Some(sources));
        Self {
            root,
            broken: loader.broken,
            ignored: loader.ignored,
        }
    }
}

/// Where the files of a document are.
struct Folder {
    /// The folder as it is named to the user.
    shown: PathBuf,
    /// The folder itself.
    real: PathBuf,
    /// The document itself.
    root: PathBuf,
}

/// A file of the document.
#[derive(Clone)]
struct Known {
    /// Its path below the folder, with `/`; empty for the document itself.
    name: String,
    /// Why it can't be used.
    problem: Option<Diagnostic>,
}

struct Loader {
    dialect: Dialect,
    folder: Option<Folder>,
    known: BTreeMap<PathBuf, Known>,
    todo: VecDeque<(String, Node)>,
    broken: BTreeMap<Span, Diagnostic>,
    ignored: BTreeMap<Span, Span>,
}

impl Loader {
    fn new(path: Option<&Path>, dialect: Dialect) -> Self {
        let folder = path.and_then(|path| {
            let root = path.canonicalize().ok()?;
            Some(Folder {
                shown: path.parent().unwrap_or(Path::new("")).to_owned(),
                real: root.parent()?.to_owned(),
                root,
            })
        });
        Self {
            dialect,
            folder,
            known: BTreeMap::new(),
            todo: VecDeque::new(),
            broken: BTreeMap::new(),
            ignored: BTreeMap::new(),
        }
    }

    /// Reads what `root` refers to, and lets references lead into the tree.
    fn follow(&mut self, mut root: Node, sources: &mut Option<&mut Sources>) -> Node {
        self.rewrite(&mut root, "", sources);
        let mut files = Vec::new();
        while let Some((name, mut node)) = self.todo.pop_front() {
            self.rewrite(&mut node, &name, sources);
            files.push(Entry {
                key: name,
                key_span: node.span.at_start(),
                value: node,
            });
        }
        if let (NodeKind::Mapping(entries), false) = (&mut root.kind, files.is_empty()) {
            entries.push(Entry {
                key: FILES.to_owned(),
                key_span: root.span.at_end(),
                value: Node {
                    span: root.span.at_end(),
                    kind: NodeKind::Mapping(files),
                },
            });
        }
        root
    }

    /// Changes the references of one file, `name` below the folder.
    fn rewrite(&mut self, node: &mut Node, name: &str, sources: &mut Option<&mut Sources>) {
        let own_id = id_of(node);
        let ignored = walk::tidy(node, self.dialect);
        self.ignored.extend(ignored);
        walk::references(node, &mut |text, span| {
            let text = match own_id.as_deref().and_then(|id| text.strip_prefix(id)) {
                Some(rest) if rest.starts_with('#') => rest,
                _ => text,
            };
            match self.target(text, name, span, sources) {
                Ok(target) => Some(target),
                Err(problem) => {
                    self.broken.insert(span, *problem);
                    None
                }
            }
        });
    }

    /// The reference within the tree that a reference in the file `name` means.
    fn target(
        &mut self,
        text: &str,
        name: &str,
        span: Span,
        sources: &mut Option<&mut Sources>,
    ) -> Result<String, Box<Diagnostic>> {
        let (path, fragment) = text.split_once('#').unwrap_or((text, ""));
        let file = match path {
            "" => name.to_owned(),
            _ => self.file(path, name, span, sources)?,
        };
        Ok(match file.as_str() {
            "" => format!("#{fragment}"),
            file => format!("#/{FILES}/{}{fragment}", percent(&pointer_step(file))),
        })
    }

    /// The name of the file that `path` means in the file `name`.
    fn file(
        &mut self,
        path: &str,
        name: &str,
        span: Span,
        sources: &mut Option<&mut Sources>,
    ) -> Result<String, Box<Diagnostic>> {
        let named = |message: String| Diagnostic::error(Code::BadReference, message);
        if is_url(path) {
            let message = format!("the reference leads to the network: {path}");
            return Err(Box::new(named(message).at(span, "not a file").help(
                "save it beside the document, and refer to that file: nothing is fetched",
            )));
        }
        let (Some(folder), Some(sources)) = (&self.folder, sources) else {
            let message = format!("the reference leads to another file: {path}");
            return Err(Box::new(
                named(message).at(span, "the document's folder isn't known"),
            ));
        };
        let decoded = percent_decoded(path);
        let here = Path::new(name).parent().unwrap_or(Path::new(""));
        let outside = || {
            let message = format!("the reference leads out of the document's folder: {path}");
            Box::new(named(message).at(span, "outside").help(format!(
                "only files in `{}` and its folders are read: move it there",
                shown(&folder.shown)
            )))
        };
        let inside = within(&here.join(&decoded)).ok_or_else(outside)?;
        let real = folder.real.join(&inside).canonicalize().map_err(|error| {
            let shown = shown(&folder.shown.join(&inside));
            let message = format!("the file `{shown}` can't be read: {error}");
            named(message).at(span, "referred to here")
        })?;
        if real == folder.root {
            return Ok(String::new());
        }
        let Ok(below) = real.strip_prefix(&folder.real) else {
            return Err(outside());
        };
        let name = slashes(below);
        let known = match self.known.get(&real) {
            Some(known) => known.clone(),
            None => {
                let problem = match self.known.len() < FILE_LIMIT {
                    true => read(sources, &folder.shown.join(&inside)),
                    false => Err(Box::new(Diagnostic::error(
                        Code::TooLarge,
                        format!("the document consists of more than {FILE_LIMIT} files"),
                    ))),
                };
                let problem = match problem {
                    Ok(node) => {
                        self.todo.push_back((name.clone(), node));
                        None
                    }
                    Err(problem) => Some(*problem),
                };
                let known = Known { name, problem };
                self.known.insert(real, known.clone());
                known
            }
        };
        match known.problem {
            None => Ok(known.name),
            Some(problem) => Err(Box::new(problem.also(span, "referred to here"))),
        }
    }
}

fn read(sources: &mut Sources, path: &Path) -> Result<Node, Box<Diagnostic>> {
    let file = sources.read(path)?;
    tree::parse(sources, file).map_err(|findings| {
        let first = findings.into_iter().next();
        Box::new(first.unwrap_or_else(|| {
            let message = format!("`{}` is neither YAML nor JSON", shown(path));
            Diagnostic::error(Code::UnreadableFile, message)
        }))
    })
}

/// The `$id` of a file, without a fragment.
fn id_of(node: &Node) -> Option<String> {
    let id = node.get("$id").or_else(|| node.get("id"))?.as_str()?;
    let bare = id.split('#').next().unwrap_or_default();
    (!bare.is_empty()).then(|| bare.to_owned())
}

/// Whether a reference starts with a scheme, such as `https:`. One letter is a
/// drive of Windows.
fn is_url(path: &str) -> bool {
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    path.starts_with("//")
        || scheme.is_some_and(|scheme| {
            scheme.len() > 1 && scheme.chars().all(|char| char.is_ascii_alphanumeric())
        })
}

/// The path without `.` and `..`; none where it leads above its start.
fn within(path: &Path) -> Option<PathBuf> {
    let mut inside = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => inside.push(name),
            Component::CurDir => {}
            Component::ParentDir => {
                if !inside.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(inside)
}

fn slashes(path: &Path) -> String {
    let names = path
        .components()
        .map(|name| name.as_os_str().to_string_lossy());
    names.collect::<Vec<_>>().join("/")
}

fn shown(path: &Path) -> String {
    match path.as_os_str().is_empty() {
        true => ".".to_owned(),
        false => path.display().to_string(),
    }
}

/// `%` is what fragments escape with.
fn percent(step: &str) -> String {
    step.replace('%', "%25")
}

/// A pointer into a bundle as people read it: `common.yaml#/Amount`.
pub(super) fn shown_pointer(pointer: &str) -> String {
    let base = pointer
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(BASES));
    if let Some(base) = base {
        return base.rsplit('/').next().unwrap_or(base).to_owned();
    }
    let file = pointer
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(FILES))
        .and_then(|rest| rest.strip_prefix('/'));
    match file {
        None => format!("#{pointer}"),
        Some(rest) => {
            let (file, rest) = match rest.split_once('/') {
                Some((file, rest)) => (file, format!("/{rest}")),
                None => (rest, String::new()),
            };
            format!("{}#{rest}", file.replace("~1", "/").replace("~0", "~"))
        }
    }
}

/// A text that replaces another of the same place.
fn replaced(text: &mut Node, value: String) {
    text.kind = NodeKind::String(Text::synthetic(value, text.span));
}
