//! `clock: {set: OPERATION}`: what the clock shows is a part of every request,
//! and tests set it before they send one.

use super::Builder;
use crate::document::SchemaId;
use crate::model::{Baseline, ClockSetter, NOW, OperationRef};
use crate::rulefile::{self, ClockKind};
use crate::source::{Code, Diagnostic};
use crate::text::Format;
use crate::value::Value;
use crate::value::location::{Location, Segment};
use crate::value::time::{parse_time, print_time};

/// How deep a date-time is looked for in the request that sets the clock.
const MAX_DEPTH: usize = 4;

impl Builder<'_> {
    /// How tests set the clock. Gives all other operations the member [`NOW`].
    pub(super) fn read_clock_setter(&mut self) -> Option<ClockSetter> {
        let file = self.file;
        let Some(ClockKind::Set(own)) = file.clock.as_ref().map(|clock| &clock.kind) else {
            return None;
        };
        let operation = self.operation_named(&own.operation.value)?;
        let (field, schema) = self.clock_field(own, operation)?;
        let found = self.operations.get(operation.0 as usize)?;
        let request = found.baselines.first()?.request.clone();
        let example = own.examples.as_ref().map(|moment| moment.value);
        let example = example.or_else(|| parse_time(field.read(&request)?.as_str()?));
        let Some(example) = example else {
            let message = format!("the example of `{}` has no {field}", own.operation.value);
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(own.operation.span, "sets the clock to what?")
                .help(
                    "say at what moment the document's examples are meant: \
                     `clock: {set: ..., examples: 2030-01-01T12:00:00Z}`",
                );
            self.diagnostics.push(finding);
            return None;
        };
        self.add_now(operation, schema, example);
        Some(ClockSetter {
            operation,
            field,
            request,
        })
    }

    /// The place of the request that holds the moment, and its schema.
    fn clock_field(
        &mut self,
        own: &rulefile::ClockSetter,
        operation: OperationRef,
    ) -> Option<(Location, SchemaId)> {
        let request = self.operations.get(operation.0 as usize)?.request;
        let mut found = Vec::new();
        self.date_times(request, &Location::default(), &mut found);
        if let Some(path) = &own.field {
            let wanted = self.location_of(path)?;
            let known = found.iter().find(|(place, _)| *place == wanted);
            if known.is_none() {
                let message = format!(
                    "`{wanted}` is no date-time in the requests of `{}`",
                    own.operation.value
                );
                let finding = Diagnostic::error(Code::UnknownField, message)
                    .at(path.span(), "what the clock is set to");
                self.diagnostics
                    .push(finding.maybe_help(these(&found, "it has ")));
            }
            return known.cloned();
        }
        match found.as_slice() {
            [only] => Some(only.clone()),
            [] => {
                let message = format!("`{}` takes no date-time", own.operation.value);
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(own.operation.span, "can't set a clock")
                    .help(
                        "give the field that it takes the moment from `format: date-time`, in \
                         the document or under `fields:`",
                    );
                self.diagnostics.push(finding);
                None
            }
            several => {
                let message = format!("`{}` takes several date-times", own.operation.value);
                let help = format!(
                    "say which one the clock is set to: `set: {{operation: {}, field: {}}}`",
                    own.operation.value,
                    several
                        .first()
                        .map_or(String::new(), |(place, _)| place.to_string())
                );
                let finding = Diagnostic::error(Code::WrongValue, message)
                    .at(own.operation.span, "sets the clock to which of them?")
                    .help(help);
                let all = these(several, "they are ").unwrap_or_default();
                self.diagnostics.push(finding.note(all));
                None
            }
        }
    }

    /// The date-times of a request, outside lists.
    fn date_times(
        &self,
        schema: SchemaId,
        place: &Location,
        found: &mut Vec<(Location, SchemaId)>,
    ) {
        let own = self.schemas.get(schema);
        let is_moment = own.format.as_ref();
        if is_moment.is_some_and(|format| format.value == Format::DateTime) {
            found.push((place.clone(), schema));
        }
        if place.0.len() < MAX_DEPTH {
            for (key, member) in &own.properties {
                self.date_times(*member, &place.key(key.as_str()), found);
            }
        }
    }

    fn add_now(&mut self, setter: OperationRef, schema: SchemaId, example: i128) {
        let others = (0..).map(OperationRef).zip(&mut self.operations);
        for (_, operation) in others.filter(|(own, _)| *own != setter) {
            self.schemas.add_member(operation.request, NOW, schema);
            for Baseline { request, .. } in &mut operation.baselines {
                let place = Location(vec![Segment::Key(NOW.into())]);
                // A baseline of the rule file may say it.
                if place.read(request).is_none() {
                    let _ = place.write(request, Value::string(print_time(example)));
                }
            }
        }
    }
}

fn these(found: &[(Location, SchemaId)], lead: &str) -> Option<String> {
    let names = found.iter().map(|(place, _)| format!("`{place}`"));
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| format!("{lead}{}", names.join(", ")))
}
