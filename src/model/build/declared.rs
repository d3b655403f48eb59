//! Whether the places that a rule file names, beside its expressions, are
//! those that the API document declares.

use super::Builder;
use super::unique::schema_at;
use crate::document::{Document, Group, Listed, Operation, SchemaId, Validator, Violation};
use crate::model::{Answer, NOW, OperationRef};
use crate::rulefile::{Assignment, Baseline, Rule};
use crate::source::{Code, Diagnostic, Severity, Span, did_you_mean, suggest};
use crate::value::Value;
use crate::value::location::{Location, Segment};

impl Builder<'_> {
    /// The place as the document spells it; reports where it isn't declared.
    pub(super) fn declared_place(
        &mut self,
        request: SchemaId,
        location: &Location,
        span: Span,
    ) -> Option<Location> {
        let location = self.as_declared(request, location);
        let Some((finding, near)) = self.unknown_field(Severity::Error, request, &location, span)
        else {
            return Some(location);
        };
        let near = near.map(|near| did_you_mean_place(&near.to_string()));
        self.diagnostics.push(finding.maybe_help(near));
        None
    }

    /// What is said of a place that the document doesn't declare, and the one
    /// that is meant.
    fn unknown_field(
        &self,
        severity: Severity,
        request: SchemaId,
        location: &Location,
        span: Span,
    ) -> Option<(Diagnostic, Option<Location>)> {
        let lengths = 1..=location.0.len();
        let starts = lengths.filter_map(|length| location.0.get(..length));
        let mut starts = starts.map(|start| Location(start.to_vec()));
        let first = starts.find(|start| schema_at(&self.schemas, request, start).is_none())?;
        let message = format!("the request has no field `{location}`");
        let finding = Diagnostic::new(severity, Code::UnknownField, message)
            .at(span, "not declared in the API document");
        Some((finding, self.near(request, &first)))
    }

    /// The place that is meant by one that isn't declared.
    fn near(&self, request: SchemaId, place: &Location) -> Option<Location> {
        let (Segment::Key(key), above) = place.0.split_last()? else {
            return None;
        };
        let above = Location(above.to_vec());
        let schema = schema_at(&self.schemas, request, &above)?;
        let names = self.schemas.get(schema).properties.keys();
        Some(above.key(suggest(key, names.map(String::as_str))?))
    }

    /// Whether the place of an assignment begins with a part of the request.
    pub(super) fn is_in_request(&mut self, assignment: &Assignment, location: &Location) -> bool {
        let Some(Segment::Key(first)) = location.0.first() else {
            return false;
        };
        if Group::named(first).is_some() || &**first == NOW {
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
                "the {} `{}` is refused at `{place}`: {}",
                baseline.what, baseline.name.value, violation.message
            );
            let of = schema_at(&self.schemas, schema, &at);
            let hint = match (&*violation.keyword, place.read(request)) {
                ("additionalProperties" | "unevaluatedProperties", _) => self
                    .near(schema, place)
                    .map(|near| did_you_mean_place(&near.to_string())),
                ("enum", Some(Value::String(text))) => of.and_then(|of| {
                    let members = self.schemas.get(of).enumeration.as_ref()?;
                    did_you_mean(text, members.value.iter().filter_map(Value::as_str))
                }),
                ("type", Some(own)) => self.number_for(own),
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

    /// How a value that nobody knows is one of fields that take numbers.
    fn number_for(&self, stand_in: &Value) -> Option<String> {
        let values = super::values::server_values(self.file);
        let mut texts = values.iter().filter(|own| !own.is_number());
        let own = texts.find(|own| own.stand_in == *stand_in)?;
        Some(format!(
            "where `{}` is a number, a number stands for it: `example: 700001`",
            own.name
        ))
    }

    /// Takes out of a request what its baseline leaves out.
    pub(super) fn leave_out(
        &mut self,
        baseline: &Baseline,
        request: &mut Value,
        (schema, validator): (SchemaId, &Validator),
    ) {
        for path in &baseline.unset {
            let Some(location) = self.location_of(path) else {
                continue;
            };
            let location = self.as_declared(schema, &location);
            let before = validator.validate(request);
            if location.remove(request).is_none() {
                let message = format!("`{location}` isn't in this {} as it is", baseline.what);
                let finding = Diagnostic::error(Code::UnknownField, message)
                    .at(path.span(), "nothing to leave out");
                self.diagnostics.push(finding);
                continue;
            }
            let after = validator.validate(request);
            if let Some(violation) = after.iter().find(|own| !before.contains(own)) {
                let message = format!(
                    "the {} `{}` is refused without `{location}`: {}",
                    baseline.what, baseline.name.value, violation.message
                );
                let finding = Diagnostic::error(Code::WrongValue, message)
                    .at(path.span(), "the schema asks for it");
                self.diagnostics.push(finding);
            }
        }
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
            && matches!(last, Segment::Key(_))
            && schema_at(&self.schemas, request, place).is_none()
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
            [] => &Answer::REFUSED[..],
            given => given,
        };
        for check in &answer.checks {
            self.answer_member(operation, statuses, &check.path, body.span());
        }
    }

    /// An operation of the model as its API document has it.
    pub(super) fn listed(&self, id: &str) -> Option<(&Document, &Listed)> {
        if let Some((document, listed)) = self.others.get(id) {
            return Some((document, listed));
        }
        let listed = self.document.find_operation(id).ok()?;
        Some((self.document, listed))
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
        let Some((document, listed)) = self.listed(&found.id) else {
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
        let Some(lacking) = document.undeclared_in_answers(listed, is_meant, path) else {
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
        let request = found.request;
        let found = self.unknown_field(Severity::Warning, request, &location, path.span);
        self.diagnostics.extend(found.map(|(finding, near)| {
            let near = near.map(|near| near.to_string());
            let near = near.as_deref().and_then(|near| near.strip_prefix("body"));
            finding.maybe_help(near.map(did_you_mean_place))
        }));
    }
}

fn did_you_mean_place(place: &str) -> String {
    format!("did you mean `{place}`?")
}

/// Whether a place is `outer` or lies within it.
fn is_within(place: &Location, outer: &Location) -> bool {
    place.0.starts_with(&outer.0)
}
