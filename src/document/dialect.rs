//! What a document is written in.

use crate::source::{Code, Diagnostic};
use crate::tree::Node;

/// The kinds of documents that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// Swagger 2.0.
    Swagger,
    /// OpenAPI 3.0.
    OpenApi30,
    /// OpenAPI 3.1: its schemas are JSON Schema 2020-12.
    OpenApi31,
    /// JSON Schema of drafts 4 to 7.
    OldJsonSchema,
    /// JSON Schema from draft 2019-09 on; also where no draft is named.
    JsonSchema,
}

impl Dialect {
    /// What the API document `tree` says of itself.
    ///
    /// # Errors
    /// It is none, or of a version that isn't supported.
    pub fn of_document(tree: &Node) -> Result<Self, Diagnostic> {
        let Some(entry) = tree.entry("openapi").or_else(|| tree.entry("swagger")) else {
            let message = "this is no API document: it has neither `openapi:` nor `swagger:`";
            let label = "should start with `openapi: 3.1.0`, `info:` and `paths:`";
            return Err(Diagnostic::error(Code::ApiVersion, message)
                .at(tree.span.at_start(), label)
                .help(
                    "for a JSON Schema, write `api: {schema: s.json, method: POST, path: /refunds}`",
                ));
        };
        let written = match entry.value.as_str() {
            Some(text) => text.to_owned(),
            None => entry.value.to_value().to_string(),
        };
        let is = |version: &str| written == version || written.starts_with(&format!("{version}."));
        match entry.key.as_str() {
            // `3.0` without quotes is the number 3.
            "openapi" if is("3.0") || written == "3" => Ok(Self::OpenApi30),
            "openapi" if is("3.1") => Ok(Self::OpenApi31),
            "swagger" if is("2.0") || written == "2" => Ok(Self::Swagger),
            key => {
                let name = if key == "swagger" {
                    "Swagger"
                } else {
                    "OpenAPI"
                };
                let message = format!("{name} {written} is not supported");
                Err(Diagnostic::error(Code::ApiVersion, message)
                    .at(
                        entry.value_span(),
                        "OpenAPI 3.0, 3.1 or Swagger 2.0 is needed",
                    )
                    .help("write the document as OpenAPI 3.1"))
            }
        }
    }

    /// The draft that a JSON Schema names.
    pub fn of_schema(tree: &Node) -> Self {
        let named = tree.get("$schema").and_then(Node::as_str);
        let is_old = named.is_some_and(|named| {
            ["draft-03", "draft-04", "draft-06", "draft-07"]
                .iter()
                .any(|draft| named.contains(draft))
        });
        if is_old {
            Self::OldJsonSchema
        } else {
            Self::JsonSchema
        }
    }

    /// Whether what stands beside a `$ref` means nothing.
    pub fn ignores_siblings(self) -> bool {
        !matches!(self, Self::OpenApi31 | Self::JsonSchema)
    }

    /// Whether schemas say `nullable`.
    pub fn has_nullable(self) -> bool {
        matches!(self, Self::Swagger | Self::OpenApi30)
    }
}
