//! A JSON Schema that describes the body of one request, in place of an API
//! document.

use std::path::{Path, PathBuf};

use super::bundle::Bundle;
use super::dialect::Dialect;
use super::read::Document;
use super::reference::percent_decoded;
use crate::source::{Code, Diagnostic, Diagnostics, Sources, Span};
use crate::tree::{self, Entry, Node, NodeKind, Text};

/// What a rule file says of a request that no API document describes.
#[derive(Clone, Debug)]
pub struct SchemaRequest {
    /// The file with the schema of the body.
    pub schema: PathBuf,
    /// The place of the schema in its file, as a JSON pointer; empty: all of it.
    pub schema_pointer: String,
    /// The method in capitals.
    pub method: String,
    /// The path, perhaps with `{parameters}`, which are texts.
    pub path: String,
    /// A file with an example of the body, and its place there.
    pub sample: Option<(PathBuf, String)>,
    /// Where the rule file says so.
    pub span: Span,
}

impl SchemaRequest {
    /// A file and a place in it, as in `refunds.json#/schema`.
    pub fn file_and_pointer(text: &str) -> (String, String) {
        let (file, fragment) = text.split_once('#').unwrap_or((text, ""));
        (file.to_owned(), percent_decoded(fragment))
    }
}

impl Document {
    /// The document of one operation whose body a JSON Schema describes.
    ///
    /// # Errors
    /// A file can't be read or is neither YAML nor JSON, or has no such place.
    pub fn of_schema(sources: &mut Sources, request: &SchemaRequest) -> Result<Self, Diagnostics> {
        let file = sources.read(&request.schema).map_err(|finding| {
            Diagnostics::from(
                finding
                    .at(request.span, "named here")
                    .help("check the path of the schema, which is relative to the rule file"),
            )
        })?;
        let mut root = tree::parse(sources, file)?;
        if !root.is_mapping() {
            let message = format!("a JSON Schema is {}", root.kind_name());
            let label = "should be a mapping of keywords";
            return Err(Diagnostic::error(Code::WrongKind, message)
                .at(root.span.at_start(), label)
                .into());
        }
        there(
            &root,
            &request.schema,
            &request.schema_pointer,
            request.span,
        )?;
        let sample = match &request.sample {
            Some((path, pointer)) => Some(sample(sources, path, pointer, request.span)?),
            None => None,
        };
        let title = title(&root, request);
        let dialect = Dialect::of_schema(&root);
        let added = added(request, &title, sample);
        if let NodeKind::Mapping(entries) = &mut root.kind {
            entries.retain(|own| !added.iter().any(|new| new.key == own.key));
            entries.extend(added);
        }
        Self::of(
            Bundle::around(sources, root, &request.schema, dialect),
            dialect,
        )
    }
}

/// The schema's title, else the name of its file.
fn title(root: &Node, request: &SchemaRequest) -> String {
    let schema = root.at_pointer(&request.schema_pointer);
    let title = schema.and_then(|schema| schema.get("title")?.as_str());
    let name = || {
        let name = request.schema.file_stem().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    title.map_or_else(name, str::to_owned)
}

fn sample(
    sources: &mut Sources,
    path: &Path,
    pointer: &str,
    span: Span,
) -> Result<Node, Diagnostics> {
    let file = sources.read(path).map_err(|finding| {
        Diagnostics::from(
            finding
                .at(span, "named here")
                .help("check the path of the sample, which is relative to the rule file"),
        )
    })?;
    let root = tree::parse(sources, file)?;
    let found = there(&root, path, pointer, span)?;
    Ok(found.clone())
}

fn there<'n>(
    root: &'n Node,
    path: &Path,
    pointer: &str,
    span: Span,
) -> Result<&'n Node, Diagnostics> {
    root.at_pointer(pointer).ok_or_else(|| {
        let message = format!("`{}` has nothing at `#{pointer}`", path.display());
        let names = root.entries().iter().map(|entry| entry.key.as_str());
        let wanted = pointer.trim_start_matches('/');
        Diagnostic::error(Code::BadReference, message)
            .at(span, "named here")
            .maybe_help(crate::source::did_you_mean(wanted, names))
            .into()
    })
}

/// What makes an API document of the schema.
fn added(request: &SchemaRequest, title: &str, sample: Option<Node>) -> Vec<Entry> {
    let span = request.span;
    let text = |value: &str| Node {
        span,
        kind: NodeKind::String(Text::synthetic(value, span)),
    };
    let yes = || Node {
        span,
        kind: NodeKind::Bool(true),
    };
    let mapping = |entries: Vec<(&str, Node)>| Node {
        span,
        kind: NodeKind::Mapping(
            entries
                .into_iter()
                .map(|(key, value)| Entry {
                    key: key.to_owned(),
                    key_span: span,
                    value,
                })
                .collect(),
        ),
    };
    let list = |items: Vec<Node>| Node {
        span,
        kind: NodeKind::Sequence(items),
    };
    let parameters = request.path.split('{').skip(1);
    let parameters = parameters.filter_map(|part| Some(part.split_once('}')?.0));
    let parameters = parameters.map(|name| {
        let mut entries = vec![
            ("name", text(name)),
            ("in", text("path")),
            ("required", yes()),
            ("schema", mapping(vec![("type", text("string"))])),
        ];
        // A sample often repeats what the path names.
        let named = sample.as_ref().and_then(|sample| sample.get(name));
        entries.extend(
            named
                .filter(|own| own.as_str().is_some())
                .map(|own| ("example", own.clone())),
        );
        mapping(entries)
    });
    let parameters = list(parameters.collect());
    let reference = text(&format!("#{}", request.schema_pointer));
    let mut media = vec![("schema", mapping(vec![("$ref", reference)]))];
    media.extend(sample.map(|sample| ("example", sample)));
    let body = mapping(vec![
        ("required", yes()),
        (
            "content",
            mapping(vec![("application/json", mapping(media))]),
        ),
    ]);
    let operation = mapping(vec![("parameters", parameters), ("requestBody", body)]);
    let method = request.method.to_ascii_lowercase();
    let path = mapping(vec![(&method, operation)]);
    let info = mapping(vec![("title", text(title))]);
    let added = mapping(vec![
        ("info", info),
        ("paths", mapping(vec![(&request.path, path)])),
    ]);
    added.entries().to_vec()
}
