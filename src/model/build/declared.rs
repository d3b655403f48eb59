//! Whether the places that a rule file names, beside its expressions, are
//! those that the API document declares.

use super::Builder;
use crate::document::{Operation, SchemaId, Validator, Violation};
use crate::expr::member_schema;
use crate::model::{Answer, OperationRef};
use crate::rulefile::{Assignment, Baseline, Rule};
use crate::source::{Code, Diagnostic, Span, did_you_mean, suggest};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// The parts of a request.
const GROUPS: [&str; 5] = ["body", "path", "query", "header", "cookie"];

/// The statuses that refuse a request, where a rule names none.
const REFUSED: [u16; 3] = [400, 409, 422];

impl Builder<'_> {
    /// The place as the document spells it; reports where it isn't declared.
    pub(super) fn declared_place(
        &mut self,
        request: SchemaId,
        location: &Location,
        span: Span,
    ) -> Option<Location> {
        let location = self.as_declared(request, location);
        let mut schema = request;
        for (depth, segment) in location.0.iter().enumerate() {
            let found = match segment {
                Segment::Key(key) => member_schema(&self.schemas, schema, key),
                Segment::Index(index) => self.schemas.item(schema, *index),
            };
            let Some(found) = found else {
                let above = Location(location.0.iter().take(depth).cloned().collect());
                let names = self.schemas.get(schema).properties.keys();
                let hint = match segment {
                    Segment::Key(key) => suggest(key, names.map(String::as_str)),
                    Segment::Index(_) => None,
                };
                let hint = hint.map(|near| format!("did you mean `{}`?", above.key(near)));
                let message = format!("the request has no field `{location}`");
                let finding = Diagnostic::error(Code::UnknownField, message)
                    .at(span, "not declared in the API document")
                    .maybe_help(hint);
                self.diagnostics.push(finding);
                return None;
            };
            schema = found;
        }
        Some(location)
    }

    /// Whether the place of an assignment begins with a part of the request.
    pub(super) fn is_in_request(&mut self, assignment: &Assignment, location: &Location) -> bool {
        let Some(Segment::Key(first)) = location.0.first() else {
            return false;
        };
        if GROUPS.contains(&&**first) || &**first == crate::model::NOW {
            return true;
        }
        let message = format!("`{location}` is no place in a request");
        let finding = Diagnostic::error(Code::UnknownField, message)
            .at(assignment.path.span(), "part of what?")
            .help(format!(
                "a place begins with body, path, query, header or cookie: `body.{location}`"
            ));
        self.diagnostics.push(finding);
        false
    }

    /// Tells of a baseline that starts from the first example, and has nearly
    /// the name of another.
    pub(super) fn misspelt_example(&mut self, operation: &Operation, baseline: &Baseline) {
        let examples = operation.body.iter().flat_map(|body| &body.examples);
        let names: Vec<&str> = examples.map(|example| example.name.as_str()).collect();
        let name = baseline.name.value.as_str();
        if baseline.example.is_some() || names.len() < 2 || names.contains(&name) {
            return;
        }
        if let Some(near) = suggest(name, names.iter().copied()) {
            let message = format!("the document has no example `{name}`");
            let finding = Diagnostic::warning(Code::BadReference, message)
                .at(baseline.name.span, "starts from the first example")
                .help(format!(
                    "did you mean `{near}`? Otherwise say which one it starts from: `example: {near}`"
                ));
            self.diagnostics.push(finding);
        }
    }

    /// What the schema refuses of a baseline that the rule file changes, at
    /// the changes.
    pub(super) fn refused_changes(
        &mut self,
        baseline: &Baseline,
        changes: &[(&Assignment, Location)],
        request: &Value,
        (schema, validator): (SchemaId, &Validator),
    ) {
        for violation in validator.validate(request) {
            let at = Location::parse(&violation.location.to_string()).unwrap_or_default();
            let change = changes.iter().find(|(_, place)| {
                is_within(&at, place) || self.is_unknown_member(schema, &violation, &at, place)
            });
            let Some((assignment, place)) = change else {
                continue;
            };
            let message = format!(
                "the baseline `{}` is refused at `{place}`: {}",
                baseline.name.value, violation.message
            );
            let key = place.0.last().and_then(|last| match last {
                Segment::Key(key) => Some(key),
                Segment::Index(_) => None,
            });
            let of = self.schema_at(schema, &at);
            let hint = match (&*violation.keyword, key, place.read(request)) {
                ("additionalProperties" | "unevaluatedProperties", Some(key), _) => {
                    of.and_then(|of| {
                        let names = self.schemas.get(of).properties.keys();
                        did_you_mean(key, names.map(String::as_str))
                    })
                }
                ("enum", _, Some(Value::String(text))) => of.and_then(|of| {
                    let members = self.schemas.get(of).enumeration.as_ref()?;
                    did_you_mean(text, members.value.iter().filter_map(Value::as_str))
                }),
                _ => None,
            };
            let code = match &*violation.keyword {
                "additionalProperties" | "unevaluatedProperties" => Code::UnknownField,
                _ => Code::WrongValue,
            };
            let finding = Diagnostic::error(code, message)
                .at(assignment.span(), "not what the schema allows")
                .maybe_help(hint);
            self.diagnostics.push(finding);
        }
    }

    fn schema_at(&self, request: SchemaId, place: &Location) -> Option<SchemaId> {
        place
            .0
            .iter()
            .try_fold(request, |schema, segment| match segment {
                Segment::Key(key) => member_schema(&self.schemas, schema, key),
                Segment::Index(index) => self.schemas.item(schema, *index),
            })
    }

    /// Whether a schema refuses the member at `place` because it doesn't know
    /// it.
    fn is_unknown_member(
        &self,
        request: SchemaId,
        violation: &Violation,
        at: &Location,
        place: &Location,
    ) -> bool {
        let is_of_unknown = ["additionalProperties", "unevaluatedProperties"];
        let Some((last, above)) = place.0.split_last() else {
            return false;
        };
        is_of_unknown.contains(&&*violation.keyword)
            && above == at.0.as_slice()
            && match (last, self.schema_at(request, at)) {
                (Segment::Key(key), Some(schema)) => {
                    member_schema(&self.schemas, schema, key).is_none()
                }
                _ => false,
            }
    }

    /// Tells where `expect` looks for what no refusal declares.
    pub(super) fn expected_members(
        &mut self,
        operation: OperationRef,
        rule: &Rule,
        answer: &Answer,
    ) {
        let Some(body) = rule.expect.as_ref().and_then(|expect| expect.body.as_ref()) else {
            return;
        };
        let statuses = match answer.statuses.as_slice() {
            [] => &REFUSED[..],
            given => given,
        };
        for check in &answer.checks {
            self.answer_member(operation, statuses, &check.path, body.span());
        }
    }

    /// Tells of a member of answers that none declares.
    pub(super) fn answer_member(
        &mut self,
        operation: OperationRef,
        statuses: &[u16],
        path: &[String],
        span: Span,
    ) {
        let Some(found) = self.operations.get(operation.0 as usize) else {
            return;
        };
        let Ok(listed) = self.document.find_operation(&found.id) else {
            return;
        };
        let is_meant = |declared: &str| {
            let declared = declared.to_ascii_lowercase();
            let mut statuses = statuses.iter();
            declared == "default"
                || statuses.any(|status| {
                    declared == status.to_string() || declared == format!("{}xx", status / 100)
                })
        };
        let Some(lacking) = self.document.undeclared_in_answers(listed, is_meant, path) else {
            return;
        };
        let names = lacking.declared.iter().map(String::as_str);
        let hint = did_you_mean(&lacking.name, names.clone()).unwrap_or_else(|| {
            let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
            format!("it declares {}", names.join(", "))
        });
        let message = format!(
            "the API document declares no `{}` in such an answer of `{}`",
            lacking.name, found.id
        );
        let finding = Diagnostic::warning(Code::UnknownField, message)
            .at(span, "not declared")
            .help(hint);
        if !self.diagnostics.iter().any(|known| *known == finding) {
            self.diagnostics.push(finding);
        }
    }

    /// Tells of a `fieldPath` that leads nowhere.
    pub(super) fn field_path(&mut self, operation: OperationRef, rule: &Rule) {
        let (Some(path), None) = (&rule.field_path, &rule.at) else {
            return;
        };
        let Some(found) = self.operations.get(operation.0 as usize) else {
            return;
        };
        let Some(location) = Location::parse(&format!("body{}", path.value)) else {
            return;
        };
        if self.schema_at(found.request, &location).is_some() {
            return;
        }
        let above = location
            .0
            .split_last()
            .map(|(_, above)| Location(above.to_vec()));
        let near = above.and_then(|above| {
            let schema = self.schema_at(found.request, &above)?;
            let names = self.schemas.get(schema).properties.keys();
            let Some(Segment::Key(key)) = location.0.last() else {
                return None;
            };
            did_you_mean(key, names.map(String::as_str))
        });
        let message = format!("the request has no field `{location}`");
        let finding = Diagnostic::warning(Code::UnknownField, message)
            .at(path.span, "not declared in the API document")
            .maybe_help(near);
        self.diagnostics.push(finding);
    }
}

/// Whether a place is `outer` or lies within it.
fn is_within(place: &Location, outer: &Location) -> bool {
    place.0.starts_with(&outer.0)
}
