//! Schemas of single values that a rule file gives by itself.

use super::keywords;
use super::schema::{SchemaId, Schemas};
use crate::source::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::tree::{Entry, Node};

/// The keywords that such a schema may have.
const KEYWORDS: [&str; 19] = [
    "type",
    "enum",
    "const",
    "format",
    "nullable",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "items",
    "minItems",
    "maxItems",
    "uniqueItems",
    "title",
    "description",
];

/// The schema that a mapping of keywords is; what is wrong with it goes to
/// `findings`.
pub fn described(
    schemas: &mut Schemas,
    node: &Node,
    findings: &mut Diagnostics,
) -> Option<SchemaId> {
    let before = findings.len();
    for entry in node.entries() {
        if !KEYWORDS.contains(&entry.key.as_str()) {
            findings.push(unsupported(entry));
        }
    }
    let mut schema = keywords::read(node, "", findings).schema;
    if let Some(items) = node.get("items") {
        schema.items = described(schemas, items, findings);
    }
    (findings.len() == before).then(|| schemas.add(schema))
}

fn unsupported(entry: &Entry) -> Diagnostic {
    let message = format!("the schema of an attribute can't have `{}`", entry.key);
    Diagnostic::error(Code::Unsupported, message)
        .at(entry.key_span, "not among the keywords of single values")
        .maybe_help(did_you_mean(&entry.key, KEYWORDS))
}
