//! Swagger 2.0 as OpenAPI 3: parameters get schemas, bodies and forms become
//! request bodies, security definitions become security schemes.
//!
//! Schemas stay where they stand (`definitions`). Host and base path say where
//! the server is, which is no matter of the document here; answers are kept as
//! they are, since only their statuses are read.

mod form;

use super::bundle::Bundle;
use super::location::pointer_step;
use super::nodes::{entry, keyed, list, mapping, put, text};
use super::reference;
use crate::source::Span;
use crate::tree::{Entry, Node, NodeKind};

/// Keys of a parameter that are no keywords of its schema.
const OWN_KEYS: [&str; 7] = [
    "name",
    "in",
    "required",
    "description",
    "allowEmptyValue",
    "collectionFormat",
    "$ref",
];

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Rewrites the tree of a Swagger 2.0 document.
pub(super) fn modernise(tree: &mut Bundle) {
    let consumes = media_types(&tree.root);
    let paths = tree.root.get("paths").map(|paths| {
        let entries = paths.entries().iter().map(|entry| Entry {
            value: path_item(tree, entry, &consumes),
            ..entry.clone()
        });
        mapping(entries.collect(), paths.span)
    });
    let schemes = tree.root.get("securityDefinitions").map(schemes);
    if let Some(paths) = paths {
        put(&mut tree.root, "paths", paths);
    }
    if let Some(schemes) = schemes {
        let span = schemes.span;
        let components = mapping(vec![entry("securitySchemes", schemes)], span);
        put(&mut tree.root, "components", components);
    }
}

/// What the requests of a document, or of an operation, are written in.
fn media_types(node: &Node) -> Option<Vec<(String, Span)>> {
    let items = node.get("consumes")?.items().iter();
    let types = items.filter_map(|item| Some((item.as_str()?.to_owned(), item.span)));
    Some(types.collect())
}

type MediaTypes = Option<Vec<(String, Span)>>;

fn path_item(tree: &Bundle, path: &Entry, consumes: &MediaTypes) -> Node {
    let pointer = format!("/paths/{}", pointer_step(&path.key));
    let Ok((item, pointer)) = reference::follow(tree, &pointer) else {
        // Told where an operation of it is asked for.
        return path.value.clone();
    };
    let shared = Parameter::all(tree, item, &pointer);
    let mut entries = Vec::new();
    for own in item.entries() {
        if own.key == "parameters" {
            continue;
        }
        let value = if METHODS.contains(&own.key.as_str()) && own.value.is_mapping() {
            let pointer = format!("{pointer}/{}", own.key);
            operation(tree, &own.value, &pointer, &shared, consumes)
        } else {
            own.value.clone()
        };
        entries.push(Entry {
            value,
            ..own.clone()
        });
    }
    mapping(entries, item.span)
}

fn operation(
    tree: &Bundle,
    node: &Node,
    pointer: &str,
    shared: &[Parameter],
    consumes: &MediaTypes,
) -> Node {
    let mut parameters = shared.to_vec();
    for own in Parameter::all(tree, node, pointer) {
        parameters.retain(|known| known.identity() != own.identity());
        parameters.push(own);
    }
    let consumes = media_types(node).or_else(|| consumes.clone());
    let mut entries: Vec<Entry> = node.entries().to_vec();
    entries.retain(|entry| !matches!(entry.key.as_str(), "parameters" | "consumes" | "produces"));
    let plain = parameters
        .iter()
        .filter(|own| !matches!(own.place(), Some("body" | "formData")));
    let plain: Vec<Node> = plain.map(Parameter::modern).collect();
    entries.push(entry("parameters", list(plain, node.span)));
    let body = parameters.iter().find(|own| own.place() == Some("body"));
    let fields = parameters
        .iter()
        .filter(|own| own.place() == Some("formData"));
    let fields: Vec<&Node> = fields.map(|own| &own.node).collect();
    if let Some(body) = body {
        entries.push(entry("requestBody", whole_body(&body.node, &consumes)));
    } else if !fields.is_empty() {
        let body = form::body(&fields, &consumes, node.span);
        entries.push(entry("requestBody", body));
    }
    mapping(entries, node.span)
}

/// A parameter, with its reference followed where it can be.
#[derive(Clone)]
struct Parameter {
    node: Node,
}

impl Parameter {
    fn all(tree: &Bundle, owner: &Node, pointer: &str) -> Vec<Self> {
        let list = owner.get("parameters").map(Node::items).unwrap_or_default();
        let each = list.iter().enumerate().map(|(index, own)| {
            let followed = reference::follow(tree, &format!("{pointer}/parameters/{index}"));
            Self {
                node: followed.map_or_else(|_| own.clone(), |(node, _)| node.clone()),
            }
        });
        each.collect()
    }

    fn place(&self) -> Option<&str> {
        self.node.get("in").and_then(Node::as_str)
    }

    fn identity(&self) -> (Option<&str>, Option<&str>) {
        (self.place(), self.node.get("name").and_then(Node::as_str))
    }

    /// As OpenAPI 3 writes it. A reference that leads nowhere stays one.
    fn modern(&self) -> Node {
        if self.node.get("$ref").is_some() {
            return self.node.clone();
        }
        let mut entries: Vec<Entry> = self.node.entries().to_vec();
        entries.retain(|entry| {
            entry.key != "collectionFormat" && OWN_KEYS.contains(&entry.key.as_str())
        });
        entries.push(entry("schema", schema(&self.node)));
        if let Some(example) = self.node.entry("x-example") {
            entries.push(entry("example", example.value.clone()));
        }
        let in_query = self.place() == Some("query");
        entries.extend(style(&self.node, in_query));
        mapping(entries, self.node.span)
    }
}

/// The keywords of a parameter that are of its schema. A file is bytes.
fn schema(parameter: &Node) -> Node {
    let mut entries: Vec<Entry> = parameter.entries().to_vec();
    entries
        .retain(|entry| !OWN_KEYS.contains(&entry.key.as_str()) && (!entry.key.starts_with("x-")));
    for own in &mut entries {
        if own.key == "type" && own.value.as_str() == Some("file") {
            own.value = text("string", own.value.span);
            let format = entry("format", text("binary", own.value.span));
            entries.push(format);
            break;
        }
    }
    mapping(entries, parameter.span)
}

/// `style` and `explode` for the `collectionFormat` of a list. `form`: whether
/// lists may be repeated.
fn style(parameter: &Node, form: bool) -> Vec<Entry> {
    if parameter.get("type").and_then(Node::as_str) != Some("array") {
        return Vec::new();
    }
    let given = parameter.get("collectionFormat");
    let span = given.map_or(parameter.span, |given| given.span);
    let (style, explode) = match (given.and_then(Node::as_str), form) {
        (None | Some("csv"), true) => ("form", false),
        (None | Some("csv"), false) => return Vec::new(),
        (Some("multi"), true) => ("form", true),
        (Some("ssv"), true) => ("spaceDelimited", false),
        (Some("pipes"), true) => ("pipeDelimited", false),
        // Refused by name, where it stands.
        (Some(other), _) => (other, false),
    };
    let explode = Node {
        span,
        kind: NodeKind::Bool(explode),
    };
    vec![entry("style", text(style, span)), entry("explode", explode)]
}

fn whole_body(parameter: &Node, consumes: &MediaTypes) -> Node {
    let mut entries: Vec<Entry> = parameter.entries().to_vec();
    entries.retain(|entry| matches!(entry.key.as_str(), "description" | "required"));
    let mut media: Vec<Entry> = parameter
        .entries()
        .iter()
        .filter(|entry| entry.key == "schema")
        .cloned()
        .collect();
    if let Some(example) = parameter.entry("x-example") {
        media.push(entry("example", example.value.clone()));
    }
    let media = mapping(media, parameter.span);
    let types = consumes.clone().unwrap_or_default();
    let mut content: Vec<Entry> = types
        .iter()
        .map(|(name, span)| keyed(name, *span, media.clone()))
        .collect();
    if content.is_empty() {
        content.push(entry("application/json", media));
    }
    entries.push(entry("content", mapping(content, parameter.span)));
    mapping(entries, parameter.span)
}

fn schemes(definitions: &Node) -> Node {
    let entries = definitions.entries().iter().map(|own| {
        let mut own = own.clone();
        if own.value.get("type").and_then(Node::as_str) == Some("basic") {
            let span = own.value.span;
            own.value = mapping(
                vec![
                    entry("type", text("http", span)),
                    entry("scheme", text("basic", span)),
                ],
                span,
            );
        }
        own
    });
    mapping(entries.collect(), definitions.span)
}
