//! Reading an API document: its version, and which operations it has.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::location::pointer_step;
use super::operation::Operation;
use super::{model, overlay::Overlay};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span, suggest};
use crate::tree::{self, Node};

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
    pub(super) tree: Arc<Node>,
    /// The document for the independent validator.
    pub(super) converted: Arc<OnceLock<serde_json::Value>>,
}

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

impl Document {
    /// Reads the document at `path`.
    ///
    /// # Errors
    /// The file can't be read, is neither YAML nor JSON, is no OpenAPI 3.0
    /// document, or has two operations of one operationId.
    pub fn open(sources: &mut Sources, path: &Path) -> Result<Self, Diagnostics> {
        let file = sources.read(path).map_err(|finding| {
            Diagnostics::from(
                finding
                    .help("check the path of the API document, which is relative to the rule file"),
            )
        })?;
        Self::read(sources, file)
    }

    /// Reads the document in `file`. Errors are those of [`Self::open`].
    pub fn read(sources: &Sources, file: FileId) -> Result<Self, Diagnostics> {
        let tree = tree::parse(sources, file)?;
        version(&tree)?;
        let title = tree
            .at_pointer("/info/title")
            .and_then(Node::as_str)
            .unwrap_or_default();
        let operations = list(&tree)?;
        Ok(Self {
            title: title.to_owned(),
            operations,
            tree: Arc::new(tree),
            converted: Arc::default(),
        })
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
        &self.tree
    }

    fn unknown(&self, wanted: &str) -> Diagnostic {
        let ids: Vec<String> = self.operations.iter().map(Listed::id).collect();
        let names: Vec<String> = self.operations.iter().map(Listed::name).collect();
        let candidates = ids.iter().chain(&names).map(String::as_str);
        let message = format!("the API document has no operation `{wanted}`");
        let finding = Diagnostic::error(Code::UnknownOperation, message);
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

fn version(tree: &Node) -> Result<(), Diagnostic> {
    if let Some(entry) = tree.entry("swagger") {
        return Err(Diagnostic::error(
            Code::ApiVersion,
            "Swagger 2.0 documents are not supported yet",
        )
        .at(
            entry.key_span.join(entry.value.span),
            "OpenAPI 3.0 is needed",
        )
        .help("convert the document to OpenAPI 3.0"));
    }
    let Some(entry) = tree.entry("openapi") else {
        return Err(Diagnostic::error(
            Code::ApiVersion,
            "this is no API document: it has no `openapi:` key",
        )
        .at(
            tree.span.at_start(),
            "should start with `openapi: 3.0.3`, `info:` and `paths:`",
        ));
    };
    let written = match entry.value.as_str() {
        Some(text) => text.to_owned(),
        None => entry.value.to_value().to_string(),
    };
    if written == "3.0" || written.starts_with("3.0.") {
        return Ok(());
    }
    let message = format!("OpenAPI {written} is not supported yet");
    Err(Diagnostic::error(Code::ApiVersion, message)
        .at(entry.value_span(), "OpenAPI 3.0 is needed")
        .help("write the document as OpenAPI 3.0"))
}

fn list(tree: &Node) -> Result<Vec<Listed>, Diagnostics> {
    let Some(paths) = tree.entry("paths") else {
        let message = "the API document has no `paths:`";
        return Err(Diagnostic::error(Code::MissingKey, message)
            .at(tree.span.at_start(), "`paths` is missing")
            .into());
    };
    let mut findings = Diagnostics::new();
    let mut operations: Vec<Listed> = Vec::new();
    for path in paths
        .value
        .entries()
        .iter()
        .filter(|path| path.key.starts_with('/'))
    {
        for entry in path.value.entries() {
            if !METHODS.contains(&entry.key.as_str()) {
                continue;
            }
            let operation_id = entry.value.entry("operationId");
            let id = operation_id
                .and_then(|id| id.value.as_str())
                .map(str::to_owned);
            let earlier = operations
                .iter()
                .find(|known| id.is_some() && known.operation_id == id);
            if let (Some(earlier), Some(id), Some(entry)) = (earlier, &id, operation_id) {
                let message = format!("two operations have the operationId `{id}`");
                let finding = Diagnostic::error(Code::DuplicateId, message)
                    .at(entry.value.span, "again here")
                    .also(earlier.span, "first here");
                findings.push(finding);
            }
            operations.push(Listed {
                operation_id: id,
                method: entry.key.to_ascii_uppercase(),
                path: path.key.clone(),
                span: entry.key_span,
                pointer: format!("/paths/{}/{}", pointer_step(&path.key), entry.key),
            });
        }
    }
    if findings.has_errors() {
        return Err(findings);
    }
    Ok(operations)
}
