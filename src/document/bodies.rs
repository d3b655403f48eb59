//! Reading the request body of an operation.

use super::encoding::{Encoding, Group, Style};
use super::location::pointer_step;
use super::model::{Fallible, Modeller};
use super::operation::{Body, Form};
use super::parameters::{essence, flag, is_json, named_style};
use super::read::Listed;
use super::reference;
use crate::source::{Code, Diagnostic, Span};
use crate::tree::Node;

/// Where there is a choice, what is sent: the first that fits.
const PREFERRED: [fn(&str) -> bool; 5] = [
    |media| media == "application/json",
    |media| is_json(media),
    |media| media == "*/*" || media == "application/*",
    |media| media == "application/x-www-form-urlencoded",
    |media| media == "multipart/form-data",
];

impl Modeller<'_> {
    pub(super) fn body(&mut self, listed: &Listed) -> Option<Body> {
        let pointer = format!("{}/requestBody", listed.pointer);
        self.tree.root.at_pointer(&pointer)?;
        let read = self.read_body(&pointer);
        self.keep(read)
    }

    fn read_body(&mut self, pointer: &str) -> Fallible<Body> {
        let (node, pointer) = reference::follow(self.tree, pointer)?;
        let Some(content) = node.entry("content").filter(|own| own.value.is_mapping()) else {
            let message = "a request body has no `content`";
            return Err(Box::new(Diagnostic::error(Code::MissingKey, message).at(
                node.span.at_start(),
                "should hold `content: {application/json: {schema: ...}}`",
            )));
        };
        let types = content.value.entries().iter().map(|entry| &entry.key);
        let media_type = choose(types, content.key_span)?;
        let at = format!("{pointer}/content/{}", pointer_step(&media_type));
        let holder = self.tree.root.at_pointer(&at).unwrap_or(node);
        let examples = self.examples(holder)?;
        let form = Form::of(&essence(&media_type));
        let parts = match form {
            Some(_) => self.parts(holder, &at),
            None => Vec::new(),
        };
        Ok(Body {
            required: flag(node, "required")?.unwrap_or(false),
            schema: self.schema(&at),
            media_type: if media_type.contains('*') {
                "application/json".to_owned()
            } else {
                media_type
            },
            form,
            parts,
            examples,
            span: node.span,
            pointer: format!("{at}/schema"),
        })
    }

    /// How the fields of a form are written: what `encoding` says, and which
    /// ones are files.
    fn parts(&mut self, holder: &Node, at: &str) -> Vec<Encoding> {
        let mut parts = Vec::new();
        let encoding = holder.get("encoding").map(Node::entries);
        for entry in encoding.unwrap_or_default() {
            let read = part(&entry.key, &entry.value);
            parts.extend(self.keep(read));
        }
        let files = self.builder.binary_members(&format!("{at}/schema"));
        for name in files {
            match parts
                .iter_mut()
                .find(|part: &&mut Encoding| part.name == name)
            {
                Some(part) => part.style = Style::File,
                None => parts.push(Encoding {
                    style: Style::File,
                    ..Encoding::common(Group::Body, &name)
                }),
            }
        }
        parts
    }
}

/// One entry of `encoding`.
fn part(name: &str, node: &Node) -> Fallible<Encoding> {
    let own_style = ["style", "explode"]
        .iter()
        .any(|key| node.entry(key).is_some());
    let style = named_style(node, Group::Body.styles(), "in a form")?;
    let media_type = node.get("contentType").and_then(Node::as_str);
    // Several may be listed; the first one is sent.
    let media_type = media_type.and_then(|types| types.split(',').next());
    let media_type = media_type
        .map(str::trim)
        .filter(|media| !media.contains('*'));
    let whole = match media_type.is_some_and(is_json) {
        true => Style::Json,
        false => Style::Field,
    };
    let style = if own_style { style } else { whole };
    let explode = flag(node, "explode")?.unwrap_or(style == Style::Form);
    Ok(Encoding {
        group: Group::Body,
        name: name.to_owned(),
        style,
        explode: explode && style.is_spread(),
        media_type: media_type.map(str::to_owned),
    })
}

/// The media type to send.
fn choose<'k>(types: impl Iterator<Item = &'k String> + Clone, span: Span) -> Fallible<String> {
    for fits in PREFERRED {
        if let Some(found) = types.clone().find(|media| fits(&essence(media))) {
            return Ok(found.clone());
        }
    }
    let known: Vec<&str> = types.map(String::as_str).collect();
    let message = match known.is_empty() {
        true => "a request body has no media type".to_owned(),
        false => format!("a request body of {} is not supported", known.join(", ")),
    };
    Err(Box::new(
        Diagnostic::error(Code::Unsupported, message)
            .at(span, "JSON or a form is needed")
            .help("add `application/json`, `application/x-www-form-urlencoded` or `multipart/form-data` where the server takes one of them"),
    ))
}
