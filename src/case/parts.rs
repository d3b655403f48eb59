//! The parts of a request as one value, as whoever sends it changes them.

use super::format::{Encoding, Group, ParameterValue, Request, Splice, Style};
use super::json::parse_json;
use crate::expr::{ACTOR, NOW};
use crate::value::location::{Location, Segment};
use crate::value::{Members, Value};

/// A request as one value with the members `path`, `query`, `header`, `cookie`,
/// `body`, `now` and `actor`, as far as it has them. Parameters are texts,
/// unless `encodings` say that they are sent as JSON.
pub fn request_parts(request: &Request, encodings: &[Encoding]) -> Value {
    let groups = [
        (Group::Path, &request.path),
        (Group::Query, &request.query),
        (Group::Header, &request.header),
        (Group::Cookie, &request.cookie),
    ];
    let groups = groups.into_iter().map(|(group, values)| {
        let members = values.iter().map(|(name, value)| {
            let is_json = Encoding::of(encodings, group, name).style == Style::Json;
            (name.as_str().into(), parameter(is_json, value))
        });
        (group.name().into(), Value::Map(members.collect()))
    });
    let mut parts: Members = groups.collect();
    let body = request.body.as_deref();
    let body = body.and_then(|body| parse_json(body).ok());
    parts.extend(body.map(|body| (Group::Body.name().into(), body)));
    let named = [(NOW, &request.now), (ACTOR, &request.actor)];
    let named = named.into_iter().filter_map(|(name, text)| {
        let text = Value::string(text.as_deref()?);
        Some((name.into(), text))
    });
    parts.extend(named);
    let mut parts = Value::Map(parts);
    for (place, text) in &request.written {
        let place = Location::parse(place);
        let _ = place.map(|place| place.write(&mut parts, written(text)));
    }
    parts
}

/// Starts a text that stands for JSON text as it is written. No value of a request
/// begins with it.
const WRITTEN: &str = "\u{1}written\u{1}";

/// Stands for a value that is written as this JSON text.
fn written(text: &str) -> Value {
    Value::string(format!("{WRITTEN}{text}"))
}

/// Whether a value stands for JSON text as it is written.
pub fn is_written(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with(WRITTEN))
}

/// A body as JSON text, with what is written in another way than values say.
pub fn body_text(value: &Value) -> String {
    match value {
        Value::String(text) => match text.strip_prefix(WRITTEN) {
            Some(written) => written.to_owned(),
            None => value.to_string(),
        },
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(body_text).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(members) => {
            let members = members.iter();
            let members = members.map(|(key, member)| {
                let key = Value::String(key.clone());
                format!("{key}: {}", body_text(member))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Where texts of a request are replaced when it is sent, and by what.
pub fn splice_places<'s>(parts: &Value, splices: &'s [Splice]) -> Vec<(Location, &'s Splice)> {
    let by_text = sent_texts(parts).into_iter().filter_map(|(place, text)| {
        let mut splices = splices.iter();
        let splice = splices.find(|own| !is_placed(own) && own.placeholder() == text)?;
        Some((place, splice))
    });
    let by_place = splices.iter().filter_map(|splice| {
        let place = Location::parse(splice.location()).filter(|_| is_placed(splice))?;
        Some((text_place(parts, place)?, splice))
    });
    by_text.chain(by_place).collect()
}

/// Whether what stands for a moment or a number may stand elsewhere by itself.
fn is_placed(splice: &Splice) -> bool {
    matches!(splice, Splice::Moment { .. }) || splice.is_number()
}

/// The texts of a request with their places; not when and by whom it is sent.
pub fn sent_texts(parts: &Value) -> Vec<(Location, &str)> {
    let found = sent_values(parts).into_iter();
    found
        .filter_map(|(place, value)| Some((place, value.as_str()?)))
        .collect()
}

/// All that a request holds but lists and objects, with their places; not when and
/// by whom it is sent.
pub fn sent_values(parts: &Value) -> Vec<(Location, &Value)> {
    let mut found = Vec::new();
    for group in Group::ALL.map(Group::name) {
        if let Some(part) = parts.get(group) {
            leaves(part, &Location::default().key(group), &mut found);
        }
    }
    found
}

/// The value of a parameter: what JSON text says, or texts as they stand.
fn parameter(is_json: bool, value: &ParameterValue) -> Value {
    if let Some(text) = value.as_text() {
        let json = is_json.then(|| parse_json(text).ok()).flatten();
        return json.unwrap_or_else(|| Value::string(text));
    }
    match value {
        ParameterValue::Text(text) => Value::string(text.as_str()),
        ParameterValue::List(items) => {
            let items = items.iter().map(|item| Value::string(item.as_str()));
            Value::List(items.collect())
        }
        ParameterValue::Members(members) => {
            let members = members.iter();
            let members =
                members.map(|(key, text)| (key.as_str().into(), Value::string(text.as_str())));
            Value::Map(members.collect())
        }
    }
}

/// The place of a text in the parts of a request. The one item of a query's list
/// stands there by itself.
pub fn text_place(parts: &Value, place: Location) -> Option<Location> {
    if place.read(parts).is_some() {
        return Some(place);
    }
    let around = place.parent();
    let is_text = around.read(parts).is_some_and(|own| own.as_str().is_some());
    (is_text && place.0.last() == Some(&Segment::Index(0))).then_some(around)
}

fn leaves<'v>(value: &'v Value, place: &Location, found: &mut Vec<(Location, &'v Value)>) {
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &place.index(index), found);
            }
        }
        Value::Map(members) => {
            for (key, member) in members {
                leaves(member, &place.key(key.clone()), found);
            }
        }
        other => found.push((place.clone(), other)),
    }
}
