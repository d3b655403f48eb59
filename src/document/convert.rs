//! The document's schemas for the independent validator, as those of JSON
//! Schema 2020-12, written down from the document itself and not from the
//! internal form.

use std::collections::VecDeque;

use serde_json::{Map, Number, Value as Json, json};

use super::bundle::Bundle;
use super::location::pointer_step;
use super::reference::percent_decoded;
use crate::tree::{Entry, Node, NodeKind};
use crate::value::{Value, print_number};

/// What references to definitions start with.
const DEFINITIONS: &str = "#/$defs/";

/// Keywords of a schema that demand nothing.
const SILENT: [&str; 16] = [
    "$anchor",
    "$comment",
    "$defs",
    "$id",
    "$schema",
    "$vocabulary",
    "default",
    "definitions",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "title",
    "xml",
];

/// The schemas at the places `roots` and all that they refer to, by place, as
/// the definitions of one schema.
pub(super) fn definitions<'r>(tree: &Bundle, roots: impl Iterator<Item = &'r str>) -> Json {
    let mut found = Map::new();
    let mut todo: VecDeque<String> = roots.map(str::to_owned).collect();
    while let Some(pointer) = todo.pop_front() {
        if found.contains_key(&pointer) {
            continue;
        }
        // What is nowhere isn't described: references are checked where they stand.
        let node = tree.root.at_pointer(&pointer);
        let converted = node.map_or_else(|| json!({}), schema);
        references(&converted, &mut todo);
        found.insert(pointer, converted);
    }
    Json::Object(found)
}

/// The places that references below `converted` lead to.
fn references(converted: &Json, found: &mut VecDeque<String>) {
    match converted {
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        Json::Object(members) => {
            for (key, value) in members {
                match value.as_str().filter(|_| key == "$ref") {
                    Some(reference) => found.extend(place_of(reference)),
                    None => references(value, found),
                }
            }
        }
        _ => {}
    }
}

fn mapped(entries: &[Entry], convert: impl Fn(&Entry) -> Json) -> Json {
    let members = entries
        .iter()
        .map(|entry| (entry.key.clone(), convert(entry)));
    Json::Object(members.collect())
}

/// A schema, or a Boolean in place of one.
pub(super) fn schema(node: &Node) -> Json {
    let NodeKind::Mapping(entries) = &node.kind else {
        return plain(node);
    };
    let mut members = Map::new();
    for entry in entries {
        if !SILENT.contains(&entry.key.as_str()) && !entry.key.starts_with("x-") {
            keyword(node, entry, &mut members);
        }
    }
    discriminated(node, &mut members);
    if node.get("nullable").and_then(Node::as_bool) == Some(true) && node.get("type").is_some() {
        allow_null(&mut members);
    }
    Json::Object(members)
}

/// A reference to the definition of the schema at a place: a JSON pointer, or
/// a reference as documents write it (`#/components/schemas/Order`).
pub(super) fn reference_to(place: &str) -> Json {
    match place.strip_prefix('#') {
        Some(encoded) => reference_to(&percent_decoded(encoded)),
        None => json!({"$ref": format!("{DEFINITIONS}{}", fragment(&pointer_step(place)))}),
    }
}

/// The place that a reference to a definition is about.
pub(super) fn place_of(reference: &str) -> Option<String> {
    let step = percent_decoded(reference.strip_prefix(DEFINITIONS)?);
    Some(step.replace("~1", "/").replace("~0", "~"))
}

/// A text as a part of the fragment of a URI.
fn fragment(step: &str) -> String {
    let mut text = String::new();
    for byte in step.bytes() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte);
        if plain {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn keyword(node: &Node, entry: &Entry, members: &mut Map<String, Json>) {
    let key = entry.key.as_str();
    let value = match key {
        "nullable" => return,
        "$ref" => match entry.value.as_str().filter(|text| text.starts_with('#')) {
            Some(reference) => {
                members.extend(
                    reference_to(reference)
                        .as_object()
                        .cloned()
                        .unwrap_or_default(),
                );
                return;
            }
            None => plain(&entry.value),
        },
        "properties" | "patternProperties" | "dependentSchemas" => {
            mapped(entry.value.entries(), |entry| schema(&entry.value))
        }
        // Old drafts: a list of schemas, one for each position.
        "items" if matches!(entry.value.kind, NodeKind::Sequence(_)) => {
            let parts = entry.value.items().iter().map(schema).collect();
            members.insert("prefixItems".to_owned(), parts);
            if let Some(rest) = node.get("additionalItems") {
                members.insert("items".to_owned(), schema(rest));
            }
            return;
        }
        "additionalItems" => return,
        "items"
        | "additionalProperties"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contains"
        | "propertyNames" => schema(&entry.value),
        "dependencies" => return dependencies(entry, members),
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            let parts: Vec<Json> = entry.value.items().iter().map(schema).collect();
            let known = members.get_mut(key).and_then(Json::as_array_mut);
            if let Some(known) = known {
                known.extend(parts);
                return;
            }
            Json::Array(parts)
        }
        "minimum" if is_true(node, "exclusiveMinimum") => return,
        "maximum" if is_true(node, "exclusiveMaximum") => return,
        "exclusiveMinimum" | "exclusiveMaximum" => match (entry.value.as_bool(), key) {
            (Some(false), _) => return,
            (Some(true), "exclusiveMinimum") => node.get("minimum").map_or(Json::Null, plain),
            (Some(true), _) => node.get("maximum").map_or(Json::Null, plain),
            (None, _) => plain(&entry.value),
        },
        "format" => match entry.value.as_str() {
            Some("int32") => return bounds(members, i32::MIN.into(), i32::MAX.into()),
            Some("int64") => return bounds(members, i64::MIN, i64::MAX),
            _ => plain(&entry.value),
        },
        _ => plain(&entry.value),
    };
    // A Boolean bound without its number says nothing.
    if !value.is_null() || key == "const" {
        members.insert(key.to_owned(), value);
    }
}

/// Draft 7's `dependencies`: names, or a schema.
fn dependencies(entry: &Entry, members: &mut Map<String, Json>) {
    for own in entry.value.entries() {
        let (key, value) = match own.value.kind {
            NodeKind::Sequence(_) => ("dependentRequired", plain(&own.value)),
            _ => ("dependentSchemas", schema(&own.value)),
        };
        let holder = members.entry(key).or_insert_with(|| json!({}));
        if let Some(holder) = holder.as_object_mut() {
            holder.insert(own.key.clone(), value);
        }
    }
}

/// OpenAPI's `discriminator` beside alternatives that are references: where the
/// member is there, it names one of them, and that one holds.
fn discriminated(node: &Node, members: &mut Map<String, Json>) {
    let Some(own) = node.get("discriminator") else {
        return;
    };
    let Some(name) = own.get("propertyName").and_then(Node::as_str) else {
        return;
    };
    let alternatives = ["oneOf", "anyOf"]
        .into_iter()
        .filter_map(|key| node.get(key));
    let references = alternatives.flat_map(Node::items);
    let references: Vec<&str> = references
        .filter_map(|part| part.get("$ref").and_then(Node::as_str))
        .collect();
    if references.is_empty() {
        return;
    }
    let mapping = own.get("mapping").map_or(&[][..], Node::entries);
    let named_by = |reference: &str| -> Vec<String> {
        let short = reference.rsplit('/').next().unwrap_or(reference);
        let keys = mapping.iter().filter(|entry| {
            let target = entry.value.as_str();
            target == Some(reference) || target == Some(short)
        });
        let keys: Vec<String> = keys.map(|entry| entry.key.clone()).collect();
        let is_taken = mapping.iter().any(|entry| entry.key == short);
        if keys.is_empty() && !is_taken {
            return vec![short.to_owned()];
        }
        keys
    };
    let mut names = Vec::new();
    let mut parts = Vec::new();
    for reference in references {
        for key in named_by(reference) {
            let is_it = json!({
                "type": "object", "required": [name], "properties": {name: {"const": key}}
            });
            parts.push(json!({"if": is_it, "then": reference_to(reference)}));
            names.push(key);
        }
    }
    parts.push(json!({"properties": {name: {"enum": names}}}));
    let all = members.entry("allOf").or_insert_with(|| json!([]));
    if let Some(all) = all.as_array_mut() {
        all.extend(parts);
    }
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}

/// `int32` and `int64` are no formats to the validator.
fn bounds(members: &mut Map<String, Json>, low: i64, high: i64) {
    let parts = members.entry("allOf").or_insert_with(|| json!([]));
    if let Some(parts) = parts.as_array_mut() {
        parts.push(width(low, high));
    }
}

fn width(low: i64, high: i64) -> Json {
    json!({"minimum": low, "maximum": high})
}

/// Takes out what `int32` and `int64` became.
pub(super) fn forget_width(members: &mut Map<String, Json>) {
    let widths = [
        width(i32::MIN.into(), i32::MAX.into()),
        width(i64::MIN, i64::MAX),
    ];
    if let Some(parts) = members.get_mut("allOf").and_then(Json::as_array_mut) {
        parts.retain(|part| !widths.contains(part));
    }
}

pub(super) fn allow_null(members: &mut Map<String, Json>) {
    if let Some(types) = members.get_mut("type") {
        *types = json!([types.take(), "null"]);
    }
    if let Some(values) = members.get_mut("enum").and_then(Json::as_array_mut)
        && !values.contains(&Json::Null)
    {
        values.push(Json::Null);
    }
}

/// A node as JSON, digit by digit.
fn plain(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Null => Json::Null,
        NodeKind::Bool(value) => Json::Bool(*value),
        NodeKind::Number { value, text } => {
            number(value).map_or_else(|| Json::String(text.clone()), Json::Number)
        }
        NodeKind::String(text) => Json::String(text.value.clone()),
        NodeKind::Sequence(items) => items.iter().map(plain).collect(),
        NodeKind::Mapping(entries) => mapped(entries, |entry| plain(&entry.value)),
    }
}

fn number(value: &crate::value::Number) -> Option<Number> {
    // A fraction without a finite expansion prints as no number at all.
    print_number(value).parse().ok()
}

/// A value as JSON, numbers digit by digit; `None` where it holds something that
/// JSON can't: a number such as 1/3, or a time.
pub(super) fn value(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Number(own) => Json::Number(number(own)?),
        Value::String(text) => Json::String(text.to_string()),
        Value::List(items) => Json::Array(items.iter().map(self::value).collect::<Option<_>>()?),
        Value::Map(members) => {
            let members = members
                .iter()
                .map(|(key, own)| Some((key.to_string(), self::value(own)?)));
            Json::Object(members.collect::<Option<_>>()?)
        }
        Value::Time(_) | Value::Duration(_) => return None,
    })
}
