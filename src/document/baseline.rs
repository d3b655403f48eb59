//! A state of an operation that satisfies its schema, close to a documented
//! example.

use std::fmt;

use super::bundle::shown_pointer;
use super::complete::{NoValue, complete};
use super::conform::refusals;
use super::location::{Location, Segment};
use super::operation::{Example, Operation, Place};
use super::schema::{SchemaId, Schemas};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::text::Format;
use crate::tree::{Node, NodeKind};
use crate::value::time::{parse_date, parse_time};
use crate::value::{Members, Value};

/// A baseline and what was noticed on the way.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The request state.
    pub value: Value,
    /// Examples that are refused, look like placeholders, or have expired.
    pub findings: Diagnostics,
}

/// The request state that the documented example named `example` leads to; the
/// first one where none is named. Parameters take their own examples. All is
/// completed to what the schemas allow. `now` is in nanoseconds since 1970, and
/// decides which dates have passed.
///
/// # Errors
/// There is no example of that name, or some required part has no valid value.
pub fn baseline(
    operation: &Operation,
    example: Option<&str>,
    now: i128,
) -> Result<Baseline, Diagnostics> {
    let mut work = Work {
        operation,
        findings: Diagnostics::new(),
        now,
    };
    let mut members = Members::new();
    for place in Place::ALL {
        let values = work.parameters(place, example);
        if !values.is_empty() {
            members.insert(place.name().into(), Value::Map(values));
        }
    }
    if let Some(body) = work.body(example)? {
        members.insert("body".into(), body);
    }
    let request = operation.request;
    let value = complete(&operation.schemas, request, Some(&Value::Map(members)))
        .map_err(|error| no_value(operation, &error))?;
    Ok(Baseline {
        value: in_order(&operation.schemas, request, &value),
        findings: work.findings,
    })
}

/// The members of a request state in the order of its schema.
fn in_order(schemas: &Schemas, request: SchemaId, value: &Value) -> Value {
    let names = schemas.get(request).properties.keys();
    let members = names.filter_map(|name| Some((name.as_str().into(), value.get(name)?.clone())));
    Value::Map(members.collect())
}

fn no_value(operation: &Operation, error: &NoValue) -> Diagnostic {
    let mut own = operation.overlays.iter();
    if let Some(overlay) = own.find(|own| own.location == error.location.every_item()) {
        let finding = Diagnostic::error(Code::NoValue, format!("`{}`: {error}", operation.id));
        let keywords = overlay.keywords.iter();
        let spans = keywords.map(|entry| entry.key_span.join(entry.value.span));
        let place = spans
            .reduce(|all, span| all.join(span))
            .unwrap_or(overlay.span);
        return finding.at(place, "with these keywords").help(
            "correct the keywords: together, or with the document's others, they leave no value",
        );
    }
    Diagnostic::error(Code::NoValue, format!("`{}`: {error}", operation.id))
        .at(operation.span, "of this operation")
        .help(format!(
            "give the schema at {} an example, or correct its keywords",
            shown_pointer(&error.pointer)
        ))
}

struct Work<'a> {
    operation: &'a Operation,
    findings: Diagnostics,
    now: i128,
}

impl Work<'_> {
    /// The examples of the parameters of a place. Optional ones without an
    /// example of their own stay out.
    fn parameters(&mut self, place: Place, example: Option<&str>) -> Members {
        let operation = self.operation;
        let mut values = Members::new();
        for parameter in operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == place)
        {
            let Some(found) = pick(&parameter.examples, example) else {
                continue;
            };
            let location = Location::default().key(place.name()).key(&parameter.name);
            self.judge(parameter.schema, found, &location);
            values.insert(parameter.name.as_str().into(), found.value.clone());
        }
        values
    }

    /// The example of the body; the schema's own, or nothing but what is
    /// required, where there is none.
    fn body(&mut self, example: Option<&str>) -> Result<Option<Value>, Diagnostics> {
        let operation = self.operation;
        let Some(body) = &operation.body else {
            return Ok(None);
        };
        let named = |wanted: &str| body.examples.iter().any(|example| example.name == wanted);
        if let Some(wanted) = example.filter(|wanted| !named(wanted)) {
            return Err(unknown_example(operation, wanted).into());
        }
        let location = Location::default().key("body");
        if let Some(found) = pick(&body.examples, example) {
            self.judge(body.schema, found, &location);
            return Ok(Some(found.value.clone()));
        }
        let made = complete(&operation.schemas, body.schema, None);
        made.map(Some)
            .map_err(|error| no_value(operation, &error).into())
    }

    /// Whether the rule file gives the keyword there.
    fn is_replaced(&self, keyword: Span) -> bool {
        let overlays = self.operation.overlays.iter();
        let mut given = overlays.flat_map(|own| &own.keywords);
        given.any(|entry| keyword.contains(entry.key_span))
    }

    fn judge(&mut self, schema: SchemaId, example: &Example, location: &Location) {
        let depth = location.0.len();
        for refusal in refusals(&self.operation.schemas, schema, &example.value, location) {
            let inside = refusal.location.0.get(depth..).unwrap_or_default();
            let message = format!(
                "the example is refused at `{}`: {}",
                refusal.location, refusal.message
            );
            let finding = Diagnostic::warning(Code::BadExample, message)
                .at(nearest(&example.node, inside), "not what the schema allows")
                .also(
                    refusal.span,
                    format!("refused by this `{}`", refusal.keyword),
                )
                .help(if self.is_replaced(refusal.span) {
                    "correct the example, or the keyword under `fields:`"
                } else {
                    "correct the example; baselines use a completed copy of it"
                });
            self.findings.push(finding);
        }
        let schemas = &self.operation.schemas;
        let mut look = Look {
            schemas,
            findings: &mut self.findings,
            now: self.now,
        };
        look.node(Some(schema), &example.node, location);
    }
}

/// The example of that name; else, also where none is named, the first one.
fn pick<'e>(examples: &'e [Example], name: Option<&str>) -> Option<&'e Example> {
    let named = name.and_then(|name| examples.iter().find(|example| example.name == name));
    named.or_else(|| examples.first())
}

fn unknown_example(operation: &Operation, wanted: &str) -> Diagnostic {
    let names: Vec<&str> = operation
        .body
        .iter()
        .flat_map(|body| &body.examples)
        .map(|example| example.name.as_str())
        .collect();
    let message = format!("`{}` has no example `{wanted}`", operation.id);
    let finding = Diagnostic::error(Code::UndefinedName, message)
        .also(operation.span, "of this operation")
        .maybe_help(crate::source::did_you_mean(wanted, names.iter().copied()));
    match names.is_empty() {
        true => finding.help("the document gives no example for its request body"),
        false => finding.help(format!("the examples are: {}", names.join(", "))),
    }
}

/// The deepest node on the way to a place.
fn nearest(node: &Node, path: &[Segment]) -> Span {
    let mut node = node;
    for segment in path {
        let next = match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.items().get(*index),
            Segment::Each => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.span
}

/// Looks for values that no real request would have.
struct Look<'a> {
    schemas: &'a Schemas,
    findings: &'a mut Diagnostics,
    now: i128,
}

impl Look<'_> {
    fn node(&mut self, schema: Option<SchemaId>, node: &Node, location: &Location) {
        match &node.kind {
            NodeKind::String(text) => self.text(schema, text, node.span, location),
            NodeKind::Sequence(items) => {
                let part = schema.and_then(|id| self.schemas.get(id).items);
                for (index, item) in items.iter().enumerate() {
                    self.node(part, item, &location.index(index));
                }
            }
            NodeKind::Mapping(entries) => {
                for entry in entries {
                    let part = schema.and_then(|id| self.schemas.property(id, &entry.key));
                    self.node(part, &entry.value, &location.key(&entry.key));
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, schema: Option<SchemaId>, text: &str, span: Span, location: &Location) {
        let own = schema.map(|id| self.schemas.get(id));
        let listed = own.is_some_and(|schema| schema.enumeration.is_some());
        if !listed && is_placeholder(text) {
            let message = format!("the example at `{location}` looks like a placeholder: {text:?}");
            let finding = Diagnostic::warning(Code::Placeholder, message)
                .at(span, "write what a real request would hold")
                .help("a server may refuse the baseline for it, and blocks its cases");
            self.findings.push(finding);
        }
        let format = own
            .and_then(|schema| schema.format.as_ref())
            .map(|format| &format.value);
        let time = match format {
            Some(Format::Date) => parse_date(text),
            Some(Format::DateTime) => parse_time(text),
            _ => None,
        };
        let Some(Segment::Key(name)) = location.0.last() else {
            return;
        };
        if time.is_some_and(|time| time < self.now) && lies_ahead(name) {
            let message = format!("{}: {text}", passed(location));
            let finding = Diagnostic::warning(Code::PastDate, message)
                .at(span, "should lie ahead")
                .help("give a date far ahead, or set the field in `baselines`");
            self.findings.push(finding);
        }
    }
}

fn passed(location: &impl fmt::Display) -> String {
    format!("the example at `{location}` has passed")
}

/// Whether a finding says that the date at that place of an example has
/// passed.
pub fn has_passed(finding: &Diagnostic, location: &impl fmt::Display) -> bool {
    finding.code == Code::PastDate && finding.message.starts_with(&passed(location))
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.trim().to_ascii_lowercase();
    let words = [
        "string",
        "todo",
        "tbd",
        "xxx",
        "xxxx",
        "foo",
        "bar",
        "changeme",
        "placeholder",
        "...",
    ];
    let bracketed = [('<', '>'), ('{', '}')].iter().any(|&(open, close)| {
        lower.len() > 2 && lower.starts_with(open) && lower.ends_with(close) && !lower.contains(':')
    });
    bracketed
        || words.contains(&lower.as_str())
        || lower.starts_with("your_")
        || lower.starts_with("your-")
}

/// Whether a name speaks of a moment that should not have passed.
fn lies_ahead(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "expir",
        "due",
        "until",
        "deadline",
        "valid_to",
        "validto",
        "not_after",
    ]
    .iter()
    .any(|part| lower.contains(part))
}
