//! Reading an API document: its version, and which operations it has.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::bundle::Bundle;
use super::dialect::Dialect;
use super::location::pointer_step;
use super::operation::Operation;
use super::{inheritance, model, overlay::Overlay, reference, swagger};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span, suggest};
use crate::tree::{self, Entry, Node};

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An API document. Its operations are listed at once, and modelled when asked
/// for: a mistake in one doesn't hurt the others.
#[derive(Clone, Debug)]
pub struct Document {
    /// `info.title`.
    pub title: String,
    /// The operations in the document's order.
    pub operations: Vec<Listed>,
    /// Whether `5.0` is surely a whole number: in JSON Schema from draft 6 on, and so in
    /// OpenAPI 3.1.
    pub whole_with_point: bool,
    lost: Arc<Vec<Lost>>,
    pub(super) tree: Arc<Bundle>,
}

/// A path that can't be read, and why.
type Lost = (String, Diagnostic);

/// An operation that a document has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The operationId, if there is one.
    pub operation_id: Option<String>,
    /// The method in capitals.
    pub method: String,
    /// The path with its `{parameters}`.
    pub path: String,
    /// Where the method stands.
    pub span: Span,
    /// Where the operation stands, as a JSON pointer.
    pub pointer: String,
}

impl Listed {
    /// The operationId; `POST /payments` where there is none.
    pub fn id(&self) -> String {
        self.operation_id.clone().unwrap_or_else(|| self.name())
    }

    /// Method and path: `POST /payments`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// The address of a server with the defaults of its variables.
fn server_url(server: &Node) -> Option<String> {
    let mut url = server.get("url")?.as_str()?.to_owned();
    let variables = server.get("variables").map(Node::entries);
    for variable in variables.unwrap_or_default() {
        if let Some(default) = variable.value.get("default").and_then(Node::as_str) {
            url = url.replace(&format!("{{{}}}", variable.key), default);
        }
    }
    Some(url)
}

impl Document {
    /// Reads the document at `path`.
    ///
    /// # Errors
    /// The file can't be read, is neither YAML nor JSON, is no document of
    /// OpenAPI 3.0, 3.1 or Swagger 2.0, or has two operations of one operationId.
    pub fn open(sources: &mut Sources, path: &Path) -> Result<Self, Diagnostics> {
        let file = sources.read(path).map_err(|finding| {
            Diagnostics::from(
                finding
                    .help("check the path of the API document, which is relative to the rule file"),
            )
        })?;
        let root = tree::parse(sources, file)?;
        let dialect = Dialect::of_document(&root)?;
        Self::of(Bundle::around(sources, root, path, dialect), dialect)
    }

    /// Reads the document in `file` alone: references to other files lead
    /// nowhere. Errors are those of [`Self::open`].
    pub fn read(sources: &Sources, file: FileId) -> Result<Self, Diagnostics> {
        let root = tree::parse(sources, file)?;
        let dialect = Dialect::of_document(&root)?;
        Self::of(Bundle::alone(root, dialect), dialect)
    }

    /// The document of a tree with everything in it.
    pub(super) fn of(mut tree: Bundle, dialect: Dialect) -> Result<Self, Diagnostics> {
        if dialect == Dialect::Swagger {
            swagger::modernise(&mut tree);
        }
        inheritance::spell_out(&mut tree);
        let title = tree.root.at_pointer("/info/title").and_then(Node::as_str);
        let (operations, lost) = list(&tree)?;
        Ok(Self {
            title: title.unwrap_or_default().to_owned(),
            operations,
            whole_with_point: matches!(dialect, Dialect::OpenApi31 | Dialect::JsonSchema),
            lost: Arc::new(lost),
            tree: Arc::new(tree),
        })
    }

    /// What stands before its paths in addresses, as its servers say; those of
    /// other hosts as well.
    pub fn base_paths(&self) -> Vec<String> {
        let root = &self.tree.root;
        let servers = root.get("servers").map(Node::items).unwrap_or_default();
        let urls = servers.iter().filter_map(server_url);
        let paths = urls.map(|url| {
            let behind = url.split_once("://").map(|(_, behind)| behind.to_owned());
            let path = behind.map_or(Some(url), |behind| {
                let (_, path) = behind.split_once('/')?;
                Some(path.to_owned())
            });
            path.unwrap_or_default()
        });
        let base = root.get("basePath").and_then(Node::as_str);
        paths.chain(base.map(str::to_owned)).collect()
    }

    /// The operation that `name` means: an operationId, or method and path.
    ///
    /// # Errors
    /// There is none. The message names the nearest one, or all, but lacks the
    /// place: add where the name was written.
    pub fn find_operation(&self, name: &str) -> Result<&Listed, Box<Diagnostic>> {
        let wanted = name.trim();
        let by_id = |listed: &&Listed| listed.operation_id.as_deref() == Some(wanted);
        let by_name = |listed: &&Listed| same_name(&listed.name(), wanted);
        let found = self.operations.iter().find(by_id);
        found
            .or_else(|| self.operations.iter().find(by_name))
            .ok_or_else(|| Box::new(self.unknown(wanted)))
    }

    /// The document as it is written, its references unresolved.
    pub fn tree(&self) -> &Node {
        &self.tree.root
    }

    fn unknown(&self, wanted: &str) -> Diagnostic {
        let ids: Vec<String> = self.operations.iter().map(Listed::id).collect();
        let names: Vec<String> = self.operations.iter().map(Listed::name).collect();
        let candidates = ids.iter().chain(&names).map(String::as_str);
        let message = format!("the API document has no operation `{wanted}`");
        let mut finding = Diagnostic::error(Code::UnknownOperation, message);
        for (path, problem) in self.lost.iter() {
            let note = format!("the path `{path}` can't be read: {}", problem.message);
            finding = finding.note(note);
            for label in &problem.labels {
                finding = finding.also(label.span, label.text.clone());
            }
        }
        match suggest(wanted, candidates) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help(format!("the operations are: {}", shortened(&ids))),
        }
    }

    /// Models an operation: its parameters, body, schemas and credentials.
    ///
    /// # Errors
    /// What is wrong with this operation's part of the document.
    pub fn operation(&self, listed: &Listed) -> Result<Operation, Diagnostics> {
        model::operation(&self.tree, listed, Vec::new())
    }

    /// Like [`Self::operation`], with keywords of a rule file's `fields` in
    /// place of the document's.
    ///
    /// # Errors
    /// As there, and overlays that lead nowhere or that can't be used.
    pub fn operation_with(
        &self,
        listed: &Listed,
        overlays: Vec<Overlay>,
    ) -> Result<Operation, Diagnostics> {
        model::operation(&self.tree, listed, overlays)
    }
}

/// The method's case doesn't matter.
fn same_name(own: &str, wanted: &str) -> bool {
    match (own.split_once(' '), wanted.split_once(' ')) {
        (Some((own, path)), Some((wanted, other))) => {
            own.eq_ignore_ascii_case(wanted) && path == other.trim()
        }
        _ => false,
    }
}

fn shortened(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<&str> = names.iter().take(SHOWN).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The operations of all paths. A path that is described elsewhere (`$ref`)
/// has its operations there.
fn list(tree: &Bundle) -> Result<(Vec<Listed>, Vec<Lost>), Diagnostics> {
    let Some(paths) = tree.root.entry("paths") else {
        if tree.root.entry("webhooks").is_some() || tree.root.entry("components").is_some() {
            return Ok((Vec::new(), Vec::new()));
        }
        let message = "the API document has no `paths:`";
        return Err(Diagnostic::error(Code::MissingKey, message)
            .at(tree.root.span.at_start(), "`paths` is missing")
            .into());
    };
    let mut findings = Diagnostics::new();
    let mut operations: Vec<Listed> = Vec::new();
    let mut lost: Vec<Lost> = Vec::new();
    let mut first: BTreeMap<String, Span> = BTreeMap::new();
    let paths = paths.value.entries().iter();
    for path in paths.filter(|path| path.key.starts_with('/')) {
        let pointer = format!("/paths/{}", pointer_step(&path.key));
        let (item, pointer) = match reference::follow(tree, &pointer) {
            Ok(found) => found,
            Err(finding) => {
                lost.push((path.key.clone(), *finding));
                continue;
            }
        };
        for entry in item.entries() {
            if !METHODS.contains(&entry.key.as_str()) {
                continue;
            }
            let listed = listed(&path.key, &pointer, entry);
            if let Some((id, span)) = id_of(entry) {
                match first.get(&id) {
                    Some(&earlier) => findings.push(twice(&id, span, earlier)),
                    None => {
                        first.insert(id, listed.span);
                    }
                }
            }
            operations.push(listed);
        }
    }
    if findings.has_errors() {
        return Err(findings);
    }
    Ok((operations, lost))
}

fn listed(path: &str, pointer: &str, entry: &Entry) -> Listed {
    Listed {
        operation_id: id_of(entry).map(|(id, _)| id),
        method: entry.key.to_ascii_uppercase(),
        path: path.to_owned(),
        span: entry.key_span,
        pointer: format!("{pointer}/{}", entry.key),
    }
}

fn id_of(operation: &Entry) -> Option<(String, Span)> {
    let id = operation.value.get("operationId")?;
    Some((id.as_str()?.to_owned(), id.span))
}

fn twice(id: &str, again: Span, first: Span) -> Diagnostic {
    let message = format!("two operations have the operationId `{id}`");
    Diagnostic::error(Code::DuplicateId, message)
        .at(again, "again here")
        .also(first, "first here")
}
