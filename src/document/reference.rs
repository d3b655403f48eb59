//! Following `$ref`.

use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, Node};

/// How many references may lead to each other.
const CHAIN_LIMIT: usize = 64;

/// The JSON pointer that the `$ref` in `entry` names; what it leads to exists.
pub(super) fn resolve(tree: &Node, entry: &Entry) -> Result<String, Box<Diagnostic>> {
    let Some(text) = entry.value.as_str() else {
        let message = format!(
            "`$ref` is {}, but should be a text",
            entry.value.kind_name()
        );
        return Err(Box::new(
            Diagnostic::error(Code::WrongKind, message).at(entry.value_span(), ""),
        ));
    };
    let Some(fragment) = text.strip_prefix('#') else {
        let message = format!("the reference `{text}` leads to another file");
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(entry.value.span, "not in this document")
            .help("bundle the document into one file first");
        return Err(Box::new(finding));
    };
    let pointer = percent_decoded(fragment);
    if tree.at_pointer(&pointer).is_some() {
        return Ok(pointer);
    }
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    let siblings = tree
        .at_pointer(parent)
        .map(Node::entries)
        .unwrap_or_default();
    let names = siblings.iter().map(|sibling| sibling.key.as_str());
    let finding = Diagnostic::error(
        Code::BadReference,
        format!("the reference `{text}` leads nowhere"),
    )
    .at(entry.value.span, "no such place in the document")
    .maybe_help(crate::source::did_you_mean(name, names));
    Err(Box::new(finding))
}

/// The node at `pointer`, or the one that its `$ref` leads to at last, with its
/// place.
pub(super) fn follow<'a>(
    tree: &'a Node,
    pointer: &str,
) -> Result<(&'a Node, String), Box<Diagnostic>> {
    let mut pointer = pointer.to_owned();
    for _ in 0..CHAIN_LIMIT {
        let Some(node) = tree.at_pointer(&pointer) else {
            break;
        };
        match node.entry("$ref") {
            None => return Ok((node, pointer)),
            Some(entry) => pointer = resolve(tree, entry)?,
        }
    }
    let message = format!("the reference `#{pointer}` refers to itself without end");
    Err(Box::new(
        Diagnostic::error(Code::BadReference, message).at(tree.span, ""),
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
