//! YAML into a tree.

mod build;
mod errors;
mod flow;
mod layout;
mod lines;
mod quotes;
mod scalar;
mod syntax;
mod unclosed;

use std::ops::Range;

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
/// leave its structure intact, so that what is wrong further on can be shown,
/// too: of duplicate keys the first counts; a value that lacks quotes becomes
/// the text that is written there. No tree after any other syntax error.
pub fn parse_yaml_tolerant(sources: &Sources, file: FileId) -> (Option<Node>, Diagnostics) {
    let mut text = Masked::new(sources.text(file));
    let mut earlier = Diagnostics::new();
    loop {
        let (node, mut found, unquoted) = read(&text, file);
        let retry = unquoted.is_some_and(|value| text.mask(value));
        if !retry {
            earlier.append(found);
            return (node, earlier);
        }
        // Only what ended this reading: the next one finds the rest again.
        earlier.extend(found.pop());
    }
}

/// A text in which values that lack quotes are blotted out, so that the parser
/// gets past them.
struct Masked<'a> {
    original: &'a str,
    masked: String,
    masks: Vec<Range<usize>>,
}

impl<'a> Masked<'a> {
    /// How many values are blotted out at most.
    const LIMIT: usize = 50;

    fn new(original: &'a str) -> Self {
        Self {
            original,
            masked: String::new(),
            masks: Vec::new(),
        }
    }

    fn text(&self) -> &str {
        if self.masks.is_empty() {
            self.original
        } else {
            &self.masked
        }
    }

    /// Whether the bytes of `range` could be blotted out.
    fn mask(&mut self, range: Range<usize>) -> bool {
        let overlaps = |mask: &Range<usize>| mask.start < range.end && range.start < mask.end;
        if self.masks.len() >= Self::LIMIT || self.masks.iter().any(overlaps) {
            return false;
        }
        let text = self.text();
        let (Some(before), Some(behind)) = (text.get(..range.start), text.get(range.end..)) else {
            return false;
        };
        self.masked = format!("{before}{}{behind}", "x".repeat(range.len()));
        self.masks.push(range);
        true
    }
}

/// One reading: the tree, what is wrong, and, where the last of it ended the
/// reading for want of quotes, the value that lacks them.
fn read(text: &Masked<'_>, file: FileId) -> (Option<Node>, Diagnostics, Option<Range<usize>>) {
    let options = options! {
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut builder = Builder::new(text.original, file, &text.masks);
    for event in Parser::new_from_str_with_options(text.text(), options) {
        let handled = match event {
            Ok((event, span)) => builder.event(event, &span).map_err(|fatal| (fatal, None)),
            Err(error) => Err(syntax::explain(&error, text.original, file)),
        };
        if let Err((fatal, unquoted)) = handled {
            return (None, builder.give_up(*fatal), unquoted);
        }
    }
    let (node, found) = builder.finish();
    (Some(node), found, None)
}

#[cfg(test)]
mod tests;
