//! Parameters whose values can't be written into a request.

use super::encoding::Style;
use super::operation::{Parameter, Place};
use super::schema::{JsonType, SchemaId, Schemas};
use crate::source::{Code, Diagnostic, Diagnostics};

/// Leaves out optional parameters that can't be sent, with a warning; a
/// required one is an error.
pub(super) fn keep_sendable(
    schemas: &Schemas,
    parameters: Vec<Parameter>,
    findings: &mut Diagnostics,
) -> Vec<Parameter> {
    let mut kept = Vec::new();
    for parameter in parameters {
        match obstacle(schemas, &parameter) {
            None => kept.push(parameter),
            Some(obstacle) => findings.push(finding(&parameter, &obstacle)),
        }
    }
    kept
}

/// Why a parameter can't be sent, and a way out.
struct Obstacle {
    what: &'static str,
    help: &'static str,
}

fn obstacle(schemas: &Schemas, parameter: &Parameter) -> Option<Obstacle> {
    if parameter.encoding.style == Style::Json {
        return None;
    }
    let types = schemas.get(parameter.schema).types;
    let (is_list, is_object) = (types.names(JsonType::Array), types.names(JsonType::Object));
    if parameter.place == Place::Cookie && parameter.encoding.explode && (is_list || is_object) {
        return Some(Obstacle {
            what: "a list or an object in a cookie with `explode: true` has no form that servers agree on",
            help: "write `explode: false` where the server reads `name=a,b`",
        });
    }
    if parameter.encoding.style == Style::DeepObject && is_list {
        return Some(Obstacle {
            what: "`style: deepObject` says nothing about lists",
            help: "write `style: form` where the server reads `name=a&name=b`",
        });
    }
    let items = schemas.get(parameter.schema).items;
    if is_list && items.is_some_and(|items| is_nested(schemas, items)) {
        return Some(Obstacle {
            what: "lists and objects within a list have no form in a parameter",
            help: "describe it by `content: {application/json: ...}` where the server reads JSON",
        });
    }
    None
}

/// Whether every value is a list or an object.
fn is_nested(schemas: &Schemas, id: SchemaId) -> bool {
    let types = schemas.get(id).types;
    let inner = [JsonType::Array, JsonType::Object];
    !types.is_untyped() && types.iter().all(|own| inner.contains(&own))
}

fn finding(parameter: &Parameter, obstacle: &Obstacle) -> Diagnostic {
    let (name, what) = (&parameter.name, obstacle.what);
    if parameter.required {
        let message = format!("the parameter `{name}` can't be sent: {what}");
        return Diagnostic::error(Code::Unsupported, message)
            .at(parameter.span, "required by every request")
            .help(obstacle.help);
    }
    let message = format!("the parameter `{name}` is never sent: {what}");
    Diagnostic::warning(Code::Unsupported, message)
        .at(parameter.span, "left out")
        .note("rules can't read it")
        .help(obstacle.help)
}
