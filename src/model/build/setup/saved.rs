//! What setup steps save of answers.

use super::super::Builder;
use crate::document::LinkProblem;
use crate::model::{AnswerPlace, OperationRef};
use crate::rulefile::{Located, Saved, SavedFrom};
use crate::source::{Code, Diagnostic, Span, did_you_mean};

/// The statuses of answers that something is saved from.
const ACCEPTED: [u16; 5] = [200, 201, 202, 203, 204];

impl Builder<'_> {
    /// Where a saved value stands in the answer.
    pub(super) fn saved_place(
        &mut self,
        operation: OperationRef,
        saved: &Saved,
    ) -> Option<AnswerPlace> {
        let (place, span) = match &saved.from {
            SavedFrom::Path(path) => (self.answer_place(path)?, path.span()),
            SavedFrom::Pointer(pointer) => (of_pointer(&pointer.value), pointer.span),
            SavedFrom::Link { name, parameter } => {
                return self.linked(operation, name, parameter.as_ref());
            }
        };
        match &place {
            AnswerPlace::Body(path) => self.answer_member(operation, &ACCEPTED, path, span),
            AnswerPlace::Header(name) => self.answer_header(operation, name, span),
            AnswerPlace::Cookie(_) => {}
        }
        Some(place)
    }

    /// Tells of a header that answers don't declare, where they declare others.
    fn answer_header(&mut self, operation: OperationRef, name: &str, span: Span) {
        let found = self.operations.get(operation.0 as usize);
        let Some(id) = found.map(|own| own.id.clone()) else {
            return;
        };
        let listed = self.listed(&id);
        let declared =
            listed.and_then(|(document, listed)| document.declared_headers_without(listed, name));
        if let Some(declared) = declared {
            let message =
                format!("the API document declares no header `{name}` in answers of `{id}`");
            let finding = Diagnostic::warning(Code::UnknownField, message)
                .at(span, "not declared")
                .help(known_names(name, &declared, "it declares"));
            self.diagnostics.push(finding);
        }
    }

    /// What a link of the API document takes from the answer.
    fn linked(
        &mut self,
        operation: OperationRef,
        name: &Located<String>,
        parameter: Option<&Located<String>>,
    ) -> Option<AnswerPlace> {
        let id = self.operations.get(operation.0 as usize)?.id.clone();
        let (document, listed) = self.listed(&id)?;
        let wanted = parameter.map(|own| own.value.as_str());
        let problem = match document.link_source(listed, &name.value, wanted) {
            Ok(source) => match of_runtime(&source) {
                Some(place) => return Some(place),
                None => Diagnostic::error(
                    Code::Unsupported,
                    format!(
                        "the link `{}` takes `{source}`, not a part of the answer",
                        name.value
                    ),
                )
                .at(name.span, "nothing to save")
                .help("`$response.body#/...` and `$response.header....` can be saved"),
            },
            Err(LinkProblem::NoLink(known)) => Diagnostic::error(
                Code::BadReference,
                format!("no answer of `{id}` has a link `{}`", name.value),
            )
            .at(name.span, "no such link")
            .help(known_names(&name.value, &known, "its links are")),
            Err(LinkProblem::NoParameter(known)) => Diagnostic::error(
                Code::BadReference,
                format!("the link `{}` has no such parameter", name.value),
            )
            .at(
                parameter.map_or(name.span, |own| own.span),
                "no such parameter",
            )
            .help(known_names(
                wanted.unwrap_or_default(),
                &known,
                "its parameters are",
            )),
            Err(LinkProblem::Several(known)) => Diagnostic::error(
                Code::WrongValue,
                format!("the link `{}` has several parameters", name.value),
            )
            .at(name.span, "which of them?")
            .help(known_names("", &known, "add `parameter`: it has")),
        };
        self.diagnostics.push(problem);
        None
    }
}

/// The place that a JSON pointer into the body names.
fn of_pointer(pointer: &str) -> AnswerPlace {
    let steps = pointer.split('/').skip(1);
    AnswerPlace::Body(
        steps
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect(),
    )
}

/// The place that a runtime expression of OpenAPI names.
fn of_runtime(source: &str) -> Option<AnswerPlace> {
    if let Some(pointer) = source.strip_prefix("$response.body#") {
        return Some(of_pointer(pointer)).filter(|_| pointer.starts_with('/'));
    }
    let name = source.strip_prefix("$response.header.")?;
    Some(AnswerPlace::Header(name.to_owned()))
}

fn known_names(wanted: &str, known: &[String], lead: &str) -> String {
    did_you_mean(wanted, known.iter().map(String::as_str)).unwrap_or_else(|| {
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => "there are none: name the place, such as `response.body.id`".to_owned(),
            names => format!("{lead} {}", names.join(", ")),
        }
    })
}
