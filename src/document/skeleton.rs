//! Parts of a document as openapiv3 has them, with their schemas left out.
//!
//! openapiv3 fails on a whole document because of one bad schema, so it is given
//! one operation, parameter or security scheme at a time, without schemas and
//! examples: those are read from the located tree.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::source::{Code, Diagnostic};
use crate::tree::{Node, NodeKind};
use crate::value::print_number;

/// Parts that nothing here reads.
const LEFT_OUT: [&str; 7] = [
    "example",
    "examples",
    "callbacks",
    "links",
    "headers",
    "encoding",
    "servers",
];

/// `node` as a part `T` of a document; `what` names it in messages.
pub(super) fn typed<T: DeserializeOwned>(node: &Node, what: &str) -> Result<T, Box<Diagnostic>> {
    serde_json::from_value(stubbed(node)).map_err(|error| {
        let message = format!("{what} is not as OpenAPI 3.0 wants it: {error}");
        Box::new(
            Diagnostic::error(Code::WrongKind, message).at(node.span.at_start(), "starts here"),
        )
    })
}

/// The node as JSON; schemas become empty ones.
fn stubbed(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Null => Json::Null,
        NodeKind::Bool(value) => Json::Bool(*value),
        NodeKind::Number { value, text } => {
            let number = print_number(value).parse::<serde_json::Number>();
            number.map_or_else(|_| Json::String(text.clone()), Json::Number)
        }
        NodeKind::String(text) => Json::String(text.value.clone()),
        NodeKind::Sequence(items) => Json::Array(items.iter().map(stubbed).collect()),
        NodeKind::Mapping(entries) => {
            let mut members = Map::new();
            for entry in entries {
                let key = entry.key.as_str();
                if LEFT_OUT.contains(&key) || key.starts_with("x-") {
                    continue;
                }
                let value = if key == "schema" {
                    Json::Object(Map::new())
                } else {
                    stubbed(&entry.value)
                };
                members.insert(key.to_owned(), value);
            }
            Json::Object(members)
        }
    }
}
