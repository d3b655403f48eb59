//! YAML and JSON as a tree that knows where each of its parts stands.
//!
//! Both formats give the same [`Node`]. Numbers are exact. Texts map parts of
//! their decoded value back to the file, so that an error inside an expression
//! underlines the right characters even in a folded block. YAML is read by the
//! core schema of YAML 1.2 (`on` and `yes` are texts); numbers with leading
//! zeros are texts, too.

mod align;
mod json;
mod node;
mod text;
mod yaml;

use crate::source::{Diagnostics, FileId, Sources};

pub use json::parse_json;
pub use node::{Entry, Node, NodeKind};
pub use text::{Text, TextStyle, always_quoted, plain_or_quoted, quoted};
pub use yaml::{parse_yaml, parse_yaml_tolerant};

/// The deepest nesting of lists and mappings that is read.
pub const MAX_DEPTH: usize = 128;

/// The most nodes a document may have, its aliases expanded.
pub const MAX_NODES: usize = 5_000_000;

/// Parses a file as JSON or YAML: by the extension of its path, else as JSON
/// where it starts with a bracket and is JSON, else as YAML.
///
/// # Errors
/// Everything that is wrong with the file's syntax.
pub fn parse(sources: &Sources, file: FileId) -> Result<Node, Diagnostics> {
    let path = sources.path(file).to_ascii_lowercase();
    if path.ends_with(".json") {
        return parse_json(sources, file);
    }
    if path.ends_with(".yaml") || path.ends_with(".yml") {
        return parse_yaml(sources, file);
    }
    if !sources.text(file).trim_start().starts_with(['{', '[']) {
        return parse_yaml(sources, file);
    }
    parse_json(sources, file).or_else(|as_json| parse_yaml(sources, file).map_err(|_| as_json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides_then_the_content() {
        let mut sources = Sources::new();
        for (path, text, good) in [
            ("a.json", "{\"a\": 1}", true),
            ("a.json", "a: 1", false),
            ("a.yaml", "a: 1", true),
            ("a.YML", "{a: 1}", true),
            ("-", "{\"a\": 1}", true),
            ("-", "{a: 1}", true),
            ("-", "{a: 1", false),
            ("-", "a: 1", true),
        ] {
            let file = sources.add(path, text);
            assert_eq!(parse(&sources, file).is_ok(), good, "{path} {text}");
        }
    }
}
