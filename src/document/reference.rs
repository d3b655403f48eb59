//! Following `$ref`.

use super::bundle::{Bundle, shown_pointer};
use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, Node};

/// How many references may lead to each other.
const CHAIN_LIMIT: usize = 64;

/// The JSON pointer that the `$ref` in `entry` names; what it leads to exists.
pub(super) fn resolve(tree: &Bundle, entry: &Entry) -> Result<String, Box<Diagnostic>> {
    let Some(text) = entry.value.as_str() else {
        let message = format!(
            "`$ref` is {}, but should be a text",
            entry.value.kind_name()
        );
        return Err(Box::new(
            Diagnostic::error(Code::WrongKind, message).at(entry.value_span(), ""),
        ));
    };
    if let Some(problem) = tree.broken.get(&entry.value.span) {
        return Err(Box::new(problem.clone()));
    }
    let pointer = percent_decoded(text.strip_prefix('#').unwrap_or(text));
    if tree.root.at_pointer(&pointer).is_some() {
        return Ok(pointer);
    }
    let shown = shown_pointer(&pointer);
    if !pointer.starts_with('/') {
        let message = format!("the reference `{shown}` names an anchor, which isn't supported");
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(entry.value.span, "not a path through the document")
            .help("name the place: `#/components/schemas/NAME`, `#/$defs/NAME`");
        return Err(Box::new(finding));
    }
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let siblings = tree
        .root
        .at_pointer(parent)
        .map(Node::entries)
        .unwrap_or_default();
    let names = siblings.iter().map(|sibling| sibling.key.as_str());
    let finding = Diagnostic::error(
        Code::BadReference,
        format!("the reference `{shown}` leads nowhere"),
    )
    .at(entry.value.span, "no such place in the document")
    .maybe_help(crate::source::did_you_mean(name, names));
    Err(Box::new(finding))
}

/// The node at `pointer`, or the one that its `$ref` leads to at last, with its
/// place.
pub(super) fn follow<'a>(
    tree: &'a Bundle,
    pointer: &str,
) -> Result<(&'a Node, String), Box<Diagnostic>> {
    let mut pointer = pointer.to_owned();
    let mut last = tree.root.span.at_start();
    for _ in 0..CHAIN_LIMIT {
        let Some(node) = tree.root.at_pointer(&pointer) else {
            break;
        };
        match node.entry("$ref") {
            None => return Ok((node, pointer)),
            Some(entry) => {
                last = entry.value.span;
                pointer = resolve(tree, entry)?;
            }
        }
    }
    let message = format!(
        "the reference `{}` refers to itself without end",
        shown_pointer(&pointer)
    );
    Err(Box::new(
        Diagnostic::error(Code::BadReference, message).at(last, "leads back to itself"),
    ))
}

/// The fragment of a URI with its `%7B` and the like resolved.
pub fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%');
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                bytes.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
