//! Whether the values of a request fit the way in which they are written.

use std::collections::BTreeSet;

use crate::case::format::{Encoding, Group, Operation, ParameterValue, Request, Style};
use crate::case::json::parse_json;
use crate::value::Value;

/// Each place is described once, in a style that it may have.
pub(super) fn encodings(encodings: &[Encoding]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for own in encodings {
        let (group, name) = (own.group.name(), &own.name);
        if !seen.insert((own.group, name)) {
            return Err(format!("{group} {name} is described twice"));
        }
        let only_here = match own.group {
            Group::Body => matches!(own.style, Style::Field | Style::File | Style::Json),
            _ => own.style == Style::Json,
        };
        if !only_here && !own.group.styles().contains(&own.style) {
            let style = own.style.name();
            return Err(format!("{group} {name} can't be written as {style}"));
        }
    }
    Ok(())
}

/// Every parameter, and every field of a form, can be written as its operation
/// says, and read back.
pub(super) fn request(operation: &Operation, request: &Request) -> Result<(), String> {
    let groups = [
        (Group::Path, &request.path),
        (Group::Query, &request.query),
        (Group::Header, &request.header),
        (Group::Cookie, &request.cookie),
    ];
    for (group, values) in groups {
        for (name, value) in values {
            let encoding = encoding(operation, group, name);
            parameter(&encoding, value)
                .map_err(|problem| format!("{} {name} {problem}", group.name()))?;
        }
    }
    match &request.body {
        Some(body) if is_form(operation) => form(operation, body),
        _ => Ok(()),
    }
}

fn encoding(operation: &Operation, group: Group, name: &str) -> Encoding {
    let mut known = operation.encodings.iter();
    let known = known.find(|own| own.group == group && own.name == name);
    known
        .cloned()
        .unwrap_or_else(|| Encoding::common(group, name))
}

fn parameter(encoding: &Encoding, value: &ParameterValue) -> Result<(), String> {
    if encoding.style == Style::Json {
        let text = value.as_text().ok_or("isn't one JSON text")?;
        return parse_json(text)
            .map(|_| ())
            .map_err(|problem| format!("is no JSON: {problem}"));
    }
    match value {
        ParameterValue::Text(_) => Ok(()),
        ParameterValue::List(items) if items.is_empty() => Err("is an empty list".to_owned()),
        ParameterValue::List(items) if items.len() == 1 => Ok(()),
        ParameterValue::List(items) => whole(encoding, items.iter()),
        ParameterValue::Members(members) if members.is_empty() => {
            Err("is an empty object".to_owned())
        }
        ParameterValue::Members(members) => {
            if encoding.style == Style::DeepObject {
                return Ok(());
            }
            whole(encoding, members.iter().flat_map(|(key, text)| [key, text]))
        }
    }
}

/// No part of a list or object holds what separates parts.
fn whole<'t>(encoding: &Encoding, parts: impl Iterator<Item = &'t String>) -> Result<(), String> {
    for part in parts {
        let found = encoding
            .separators()
            .iter()
            .find(|own| part.contains(**own));
        if let Some(found) = found {
            return Err(format!("holds `{found}`, which separates its parts"));
        }
    }
    Ok(())
}

fn is_form(operation: &Operation) -> bool {
    let media_type = operation.media_type.as_deref().unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        || essence.eq_ignore_ascii_case("multipart/form-data")
}

fn form(operation: &Operation, body: &str) -> Result<(), String> {
    let Ok(Value::Map(fields)) = parse_json(body) else {
        return Err("the body of a form is no object".to_owned());
    };
    for (name, value) in &fields {
        let encoding = encoding(operation, Group::Body, name);
        let parts = match value {
            Value::List(items) => items.clone(),
            other => vec![other.clone()],
        };
        let is_nothing = parts.is_empty() || parts.contains(&Value::Null);
        if is_nothing && encoding.style != Style::Json {
            return Err(format!("the field {name} of a form holds nothing"));
        }
    }
    Ok(())
}
