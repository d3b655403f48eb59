//! What answers have to show, as Python.

use indexmap::IndexMap;

use super::python::{literal, string};
use super::request::{filler, place};
use crate::case::{Comparison, Shown, Step, parse_json};
use crate::value::Value;
use crate::value::location::Location;

/// A request with what its answer has to show, if anything:
/// `REQUEST.shows({"refunded": number(25)})`.
pub(super) fn showing(request: &str, step: &Step, indent: usize) -> String {
    with(request, "shows", step, indent)
}

/// The same of a request before the last one: `REQUEST.views({...})`.
pub(super) fn viewing(request: &str, step: &Step, indent: usize) -> String {
    with(request, "views", step, indent)
}

fn with(request: &str, method: &str, step: &Step, indent: usize) -> String {
    if step.shows.is_empty() {
        return request.to_owned();
    }
    let inside = " ".repeat(indent + 4);
    let mut places: IndexMap<String, Vec<String>> = IndexMap::new();
    for shown in &step.shows {
        let values = places.entry(place(&shown.path)).or_default();
        values.push(value(shown));
    }
    let lines = places.iter().map(|(place, values)| {
        let value = match values.as_slice() {
            [one] => one.clone(),
            several => format!("every({})", several.join(", ")),
        };
        format!("{inside}{}: {value},\n", string(place))
    });
    let lines: String = lines.collect();
    format!("{request}.{method}({{\n{lines}{}}})", " ".repeat(indent))
}

fn value(shown: &Shown) -> String {
    if shown.comparison == Comparison::There {
        return "PRESENT".to_owned();
    }
    let wanted = shown.value.as_deref();
    let Some(mut wanted) = wanted.and_then(|text| parse_json(text).ok()) else {
        return "ABSENT".to_owned();
    };
    for splice in &shown.splices {
        if let Some(place) = Location::parse(splice.location()) {
            let _ = place.write(&mut wanted, filler(splice));
        }
    }
    if wanted == Value::Null && shown.comparison != Comparison::NotEqual {
        return "ABSENT".to_owned();
    }
    let text = literal(&wanted, 0, 0);
    match shown.comparison {
        Comparison::Equal => text,
        Comparison::Number => format!("number({text})"),
        Comparison::Time => format!("moment({text})"),
        Comparison::NotEqual => format!("other_than({text})"),
        Comparison::Less => format!("less_than({text})"),
        Comparison::AtMost => format!("at_most({text})"),
        Comparison::Greater => format!("more_than({text})"),
        Comparison::AtLeast => format!("at_least({text})"),
        Comparison::There => "PRESENT".to_owned(),
    }
}
