//! Parameters whose values can't be written into a request yet.

use super::operation::{Parameter, Place, Style};
use super::schema::{JsonType, Schemas};
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
            Some(why) => findings.push(finding(&parameter, &why)),
        }
    }
    kept
}

/// Why a parameter can't be sent.
fn obstacle(schemas: &Schemas, parameter: &Parameter) -> Option<String> {
    let types = schemas.get(parameter.schema).types;
    let style = match parameter.style {
        Style::Matrix => Some("matrix"),
        Style::Label => Some("label"),
        Style::DeepObject => Some("deepObject"),
        Style::Json => return Some("a parameter with `content`".to_owned()),
        Style::Simple | Style::Form | Style::SpaceDelimited | Style::PipeDelimited => None,
    };
    if let Some(style) = style {
        return Some(format!("`style: {style}`"));
    }
    if types.names(JsonType::Object) {
        return Some(format!("an object in the {}", parameter.place.name()));
    }
    let is_repeated =
        parameter.place == Place::Query && parameter.style == Style::Form && parameter.explode;
    if types.names(JsonType::Array) && !is_repeated {
        return Some(match (parameter.place, parameter.style) {
            (Place::Query, Style::Form) => "a list with `explode: false`".to_owned(),
            (Place::Query, Style::SpaceDelimited) => "`style: spaceDelimited`".to_owned(),
            (Place::Query, _) => "`style: pipeDelimited`".to_owned(),
            (place, _) => format!("a list in the {}", place.name()),
        });
    }
    None
}

fn finding(parameter: &Parameter, why: &str) -> Diagnostic {
    let name = &parameter.name;
    if parameter.required {
        let message = format!("the parameter `{name}` can't be sent: {why} is not supported yet");
        return Diagnostic::error(Code::Unsupported, message)
            .at(parameter.span, "required by every request");
    }
    let message = format!("the parameter `{name}` is never sent: {why} is not supported yet");
    Diagnostic::warning(Code::Unsupported, message)
        .at(parameter.span, "left out")
        .note("rules can't read it")
}
