//! YAML into a tree.

mod build;
mod errors;
mod scalar;

use granit_parser::{Parser, options};

use super::{MAX_DEPTH, Node};
use crate::source::{Diagnostics, FileId, Sources};
use build::Builder;

pub(super) use errors::report_duplicates;

/// Parses a file as one YAML document. An empty file is null.
///
/// # Errors
/// Everything that is wrong with it: bad syntax, duplicate keys, unknown tags,
/// undefined aliases, several documents, too many or too deeply nested nodes.
pub fn parse_yaml(sources: &Sources, file: FileId) -> Result<Node, Diagnostics> {
    match parse_yaml_tolerant(sources, file) {
        (Some(node), found) if !found.has_errors() => Ok(node),
        (_, found) => Err(found),
    }
}

/// Parses a file like [`parse_yaml`], but gives a tree in spite of errors that
/// leave its structure intact (duplicate keys: the first counts; unknown tags:
/// the value becomes the text that is written there), so that what is wrong
/// further on can be shown, too. No tree after a syntax error.
pub fn parse_yaml_tolerant(sources: &Sources, file: FileId) -> (Option<Node>, Diagnostics) {
    let text = sources.text(file);
    let options = options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder::new(text, file);
    for event in Parser::new_from_str_with_options(text, options) {
        let handled = match event {
            Ok((event, span)) => builder.event(event, &span),
            Err(error) => Err(errors::explain(&error, text, file)),
        };
        if let Err(diagnostic) = handled {
            return builder.give_up(*diagnostic);
        }
    }
    builder.finish()
}

#[cfg(test)]
mod tests;
