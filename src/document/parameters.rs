//! Reading the parameters of an operation.

use super::encoding::{Encoding, Style};
use super::location::pointer_step;
use super::model::{Fallible, Modeller};
use super::operation::{Example, Parameter, Place};
use super::read::Listed;
use super::reference;
use crate::source::{Code, Diagnostic};
use crate::tree::Node;

/// Headers that the request's other parts decide.
const OWN_HEADERS: [&str; 3] = ["accept", "content-type", "authorization"];

impl Modeller<'_> {
    /// The parameters of the path and of the operation, which go first.
    pub(super) fn parameters(&mut self, listed: &Listed) -> Vec<Parameter> {
        let path = listed.pointer.rsplit_once('/').map_or("", |(path, _)| path);
        let mut parameters: Vec<Parameter> = Vec::new();
        for owner in [path, &listed.pointer] {
            let list = self.tree.root.at_pointer(&format!("{owner}/parameters"));
            for index in 0..list.map_or(0, |list| list.items().len()) {
                let read = self.parameter(&format!("{owner}/parameters/{index}"));
                let Some(Some(parameter)) = self.keep(read) else {
                    continue;
                };
                parameters.retain(|known| !is_same(known, &parameter));
                parameters.push(parameter);
            }
        }
        self.undeclared(listed, &parameters);
        parameters
    }

    /// Every `{name}` of the path needs a parameter.
    fn undeclared(&mut self, listed: &Listed, parameters: &[Parameter]) {
        let names = listed
            .path
            .split('{')
            .skip(1)
            .filter_map(|part| part.split_once('}'));
        for (name, _) in names {
            let declared =
                |parameter: &Parameter| parameter.place == Place::Path && parameter.name == name;
            if !parameters.iter().any(declared) {
                let message = format!("the path `{}` has no parameter `{name}`", listed.path);
                let finding = Diagnostic::error(Code::MissingKey, message)
                    .at(listed.span, "of this operation")
                    .help(format!("add {{name: {name}, in: path, required: true, schema: {{type: string}}}} to `parameters`"));
                self.findings.push(finding);
            }
        }
    }

    fn parameter(&mut self, pointer: &str) -> Fallible<Option<Parameter>> {
        let (node, pointer) = reference::follow(self.tree, pointer)?;
        let name = needed(node, "name")?;
        let place = place(node)?;
        if place == Place::Header && OWN_HEADERS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            return Ok(None);
        }
        let style = style(node, place)?;
        let (holder, at, style) = match (node.get("schema"), node.get("content")) {
            (Some(_), _) => (node, pointer.clone(), style),
            (None, Some(content)) => {
                let media = content.entries().first().map(|entry| entry.key.clone());
                let media = media.unwrap_or_default();
                json_content(&media, node)?;
                let at = format!("{pointer}/content/{}", pointer_step(&media));
                let holder = self.tree.root.at_pointer(&at).unwrap_or(node);
                (holder, at, Style::Json)
            }
            (None, None) => {
                let message = "a parameter has neither `schema` nor `content`";
                return Err(Box::new(
                    Diagnostic::error(Code::MissingKey, message)
                        .at(node.span, "`schema` is missing"),
                ));
            }
        };
        let examples = self.examples(holder)?;
        let required = flag(node, "required")?.unwrap_or(false);
        let explode = flag(node, "explode")?.unwrap_or(style == Style::Form);
        let schema = self.schema(&at);
        Ok(Some(Parameter {
            required: required || place == Place::Path,
            encoding: Encoding {
                group: place.group(),
                name: name.clone(),
                style,
                explode: explode && style.is_spread(),
                media_type: None,
            },
            name,
            place,
            schema,
            examples,
            span: node.span,
            pointer: format!("{at}/schema"),
        }))
    }

    /// `example` and `examples` beside a schema.
    pub(super) fn examples(&mut self, holder: &Node) -> Fallible<Vec<Example>> {
        let mut examples: Vec<Example> = Vec::new();
        if let Some(entry) = holder.entry("example") {
            examples.push(example("default", &entry.value));
        }
        let named = holder
            .get("examples")
            .map(Node::entries)
            .unwrap_or_default();
        for entry in named {
            let node = match entry.value.entry("$ref") {
                Some(link) => {
                    let target = reference::resolve(self.tree, link)?;
                    reference::follow(self.tree, &target)?.0
                }
                None => &entry.value,
            };
            if let Some(value) = node.get("value") {
                examples.push(example(&entry.key, value));
            }
        }
        Ok(examples)
    }
}

/// A parameter of an operation replaces that of its path; names of headers
/// ignore case.
fn is_same(a: &Parameter, b: &Parameter) -> bool {
    let same_name = match a.place {
        Place::Header => a.name.eq_ignore_ascii_case(&b.name),
        _ => a.name == b.name,
    };
    a.place == b.place && same_name
}

fn example(name: &str, node: &Node) -> Example {
    Example {
        name: name.to_owned(),
        value: node.to_value(),
        node: node.clone(),
    }
}

/// The text under a key of a parameter.
fn needed(node: &Node, key: &str) -> Fallible<String> {
    let Some(entry) = node.entry(key) else {
        let message = format!("a parameter has no `{key}`");
        return Err(Box::new(
            Diagnostic::error(Code::MissingKey, message)
                .at(node.span, format!("`{key}` is missing")),
        ));
    };
    match entry.value.as_str() {
        Some(text) => Ok(text.to_owned()),
        None => {
            let message = format!(
                "`{key}` of a parameter is {}, but should be a text",
                entry.value.kind_name()
            );
            Err(Box::new(
                Diagnostic::error(Code::WrongKind, message).at(entry.value_span(), ""),
            ))
        }
    }
}

fn place(node: &Node) -> Fallible<Place> {
    let name = needed(node, "in")?;
    let found = Place::ALL.into_iter().find(|place| place.name() == name);
    found.ok_or_else(|| {
        let message = format!("a parameter can't be in `{name}`");
        let names = Place::ALL.map(Place::name);
        let span = node.entry("in").map_or(node.span, |own| own.value.span);
        Box::new(
            Diagnostic::error(Code::WrongValue, message)
                .at(span, format!("should be {}", names.join(", ")))
                .maybe_help(crate::source::did_you_mean(&name, names)),
        )
    })
}

/// A Boolean of a parameter or body.
pub(super) fn flag(node: &Node, key: &str) -> Fallible<Option<bool>> {
    let Some(entry) = node.entry(key) else {
        return Ok(None);
    };
    match entry.value.as_bool() {
        Some(flag) => Ok(Some(flag)),
        None => {
            let message = format!(
                "`{key}` is {}, but should be true or false",
                entry.value.kind_name()
            );
            Err(Box::new(
                Diagnostic::error(Code::WrongKind, message).at(entry.value_span(), ""),
            ))
        }
    }
}

/// The style of a parameter, one of those that its place may have.
fn style(node: &Node, place: Place) -> Fallible<Style> {
    named_style(
        node,
        place.group().styles(),
        &format!("in the {}", place.name()),
    )
}

/// What `style` of a node names; the first of `allowed` where there is none.
pub(super) fn named_style(node: &Node, allowed: &[Style], place: &str) -> Fallible<Style> {
    let default = allowed.first().copied().unwrap_or(Style::Simple);
    let Some(entry) = node.entry("style") else {
        return Ok(default);
    };
    let name = entry.value.as_str().unwrap_or_default();
    let found = allowed.iter().copied().find(|style| style.name() == name);
    found.ok_or_else(|| {
        let names: Vec<&str> = allowed.iter().map(|style| style.name()).collect();
        let message = format!("`style: {name}` can't be used {place}");
        Box::new(
            Diagnostic::error(Code::WrongValue, message)
                .at(
                    entry.value_span(),
                    format!("should be {}", names.join(", ")),
                )
                .maybe_help(crate::source::did_you_mean(name, names.iter().copied())),
        )
    })
}

/// Whether a media type is JSON, or like it.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.ends_with("/json") || essence.ends_with("+json")
}

/// A media type without its parameters, in small letters.
pub(super) fn essence(media_type: &str) -> String {
    let bare = media_type.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

fn json_content(media: &str, node: &Node) -> Fallible<()> {
    if is_json(media) {
        return Ok(());
    }
    let message = format!("a parameter of media type `{media}` isn't supported");
    let span = node
        .entry("content")
        .map_or(node.span, |own| own.value_span());
    Err(Box::new(
        Diagnostic::error(Code::Unsupported, message)
            .at(span, "JSON is needed")
            .help("describe it by `schema` and `style`, or by `content: {application/json: ...}`"),
    ))
}
