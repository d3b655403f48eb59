//! Where the document contradicts itself: what no request can satisfy, and what
//! it shows but forbids.

use std::collections::BTreeSet;

use super::bundle::Bundle;
use super::conform::{Refusal, own_refusal, refusals};
use super::location::{Location, Segment};
use super::operation::Operation;
use super::schema::{Additional, Placed, Schema, SchemaId, Schemas};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::value::Value;

/// What is doubtful about the schemas of an operation's request, `fields` of
/// the rule file applied. Each place of the document is told once.
pub(super) fn about(tree: &Bundle, operation: &Operation) -> Diagnostics {
    let mut doubts = Doubts {
        tree,
        schemas: &operation.schemas,
        findings: Diagnostics::new(),
        told: BTreeSet::new(),
    };
    for (id, location) in places(&operation.schemas, operation.request) {
        let schema = operation.schemas.get(id);
        doubts.listed(schema, &location);
        doubts.examples(id, schema, &location);
        doubts.patterns(schema, &location);
        doubts.ignored(schema);
    }
    doubts.replaced_patterns(operation);
    doubts.findings
}

/// The schemas below `root`, each with the first place that has it.
fn places(schemas: &Schemas, root: SchemaId) -> Vec<(SchemaId, Location)> {
    let mut seen = BTreeSet::from([root]);
    let mut found = vec![(root, Location::default())];
    let mut next = 0;
    while let Some((id, location)) = found.get(next).cloned() {
        let schema = schemas.get(id);
        let members = schema.properties.iter();
        let members = members.map(|(name, &part)| (part, location.key(name)));
        let items = schema
            .items
            .map(|part| (part, location.then(Segment::Each)));
        let others = match schema.additional {
            Additional::Schema(part) => Some((part, location.key("*"))),
            _ => None,
        };
        for (part, location) in members.chain(items).chain(others) {
            if seen.insert(part) {
                found.push((part, location));
            }
        }
        next += 1;
    }
    found
}

struct Doubts<'a> {
    tree: &'a Bundle,
    schemas: &'a Schemas,
    findings: Diagnostics,
    told: BTreeSet<(Code, Span)>,
}

impl Doubts<'_> {
    fn tell(&mut self, span: Span, finding: Diagnostic) {
        if self.told.insert((finding.code, span)) {
            self.findings.push(finding);
        }
    }

    /// Values of an `enum` that other keywords of its schema refuse.
    fn listed(&mut self, schema: &Schema, location: &Location) {
        let Some(listed) = schema.enumeration.as_ref() else {
            return;
        };
        let mut rest = schema.clone();
        rest.enumeration = None;
        let refused: Vec<Refusal> = listed
            .value
            .iter()
            .filter_map(|value| own_refusal(&rest, value, location))
            .collect();
        let Some(first) = refused.first() else {
            return;
        };
        let all = refused.len() == listed.value.len();
        let what = match (all, refused.len()) {
            (true, _) => "every value of this `enum` is".to_owned(),
            (false, 1) => "a value of this `enum` is".to_owned(),
            (false, count) => format!("{count} values of this `enum` are"),
        };
        let kept = listed.value.iter();
        let kept = kept.filter(|value| own_refusal(&rest, value, location).is_none());
        let kept: Vec<String> = kept.map(Value::to_string).collect();
        let mend = match (all, type_of(listed.value.first())) {
            (true, Some(name)) if first.keyword == "type" => format!("type: {name}"),
            (true, _) => format!("{}: null", first.keyword),
            (false, _) => format!("enum: [{}]", kept.join(", ")),
        };
        let message = format!("{what} refused by the schema itself: {}", first.message);
        let label = match all {
            true => "no request can hold any of them",
            false => "no request can hold it",
        };
        let finding = Diagnostic::warning(Code::BadEnum, message)
            .at(listed.span, label)
            .maybe_also(first, listed.span)
            .help(mended(location, &mend));
        self.tell(listed.span, finding);
    }

    /// Examples of a schema that it refuses.
    fn examples(&mut self, id: SchemaId, schema: &Schema, location: &Location) {
        for Placed { value, span, .. } in &schema.examples {
            if *value == Value::Null {
                // Often left empty on purpose.
                continue;
            }
            let found = refusals(self.schemas, id, value, location);
            let Some(first) = found.first() else {
                continue;
            };
            let message = format!(
                "the example is refused at `{}`: {}",
                first.location, first.message
            );
            let finding = Diagnostic::warning(Code::BadExample, message)
                .at(*span, "not what the schema allows")
                .maybe_also(first, *span)
                .help("correct the example, or the schema: no baseline uses it as it stands");
            self.tell(*span, finding);
        }
    }

    /// Patterns that neither judge can use.
    fn patterns(&mut self, schema: &Schema, location: &Location) {
        let compiled = schema
            .patterns
            .iter()
            .map(|own| (own.value.source().to_owned(), own.span));
        let tree = &self.tree.root;
        let others = schema.unmodelled.iter().filter_map(|own| {
            let is_pattern = own.keyword == "pattern";
            let node = is_pattern.then(|| tree.at_pointer(&own.pointer))??;
            Some((node.as_str()?.to_owned(), node.span))
        });
        let patterns: Vec<(String, Span)> = compiled.chain(others).collect();
        for (source, span) in patterns {
            if let Some(problem) = problem_of(&source) {
                let finding =
                    bad_pattern(&source, span, &problem).help(mended(location, "pattern: null"));
                self.tell(span, finding);
            }
        }
    }

    /// Patterns that the rule file gives.
    fn replaced_patterns(&mut self, operation: &Operation) {
        let keywords = operation.overlays.iter().flat_map(|own| &own.keywords);
        for entry in keywords.filter(|entry| entry.key == "pattern") {
            let Some(source) = entry.value.as_str() else {
                continue;
            };
            if let Some(problem) = problem_of(source) {
                let span = entry.value.span;
                self.tell(span, bad_pattern(source, span, &problem));
            }
        }
    }

    /// Keywords that this version of OpenAPI has no longer.
    fn ignored(&mut self, schema: &Schema) {
        let tree = self.tree;
        let own = tree.ignored.iter();
        for (&span, _) in own.filter(|(_, holder)| **holder == schema.span) {
            let message = "`nullable` means nothing in OpenAPI 3.1 and JSON Schema";
            let finding = Diagnostic::warning(Code::IgnoredKeyword, message)
                .at(span, "null is not allowed by it")
                .help("write `type: [string, 'null']` where null may come");
            self.tell(span, finding);
        }
    }
}

/// What the independent validator says against a pattern.
fn problem_of(source: &str) -> Option<String> {
    let schema = serde_json::json!({ "pattern": source });
    let built = jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .build(&schema);
    built.err().map(|error| error.to_string())
}

fn bad_pattern(source: &str, span: Span, problem: &str) -> Diagnostic {
    // Parsers say what is wrong in their last line.
    let reason = crate::text::Pattern::compile(source)
        .err()
        .map_or_else(|| problem.to_owned(), |error| error.to_string());
    let message = format!("the pattern can't be used: {reason}");
    Diagnostic::error(Code::BadPattern, message).at(span, "no value can be checked against it")
}

/// How a rule file replaces a keyword; null takes it away.
fn mended(location: &Location, keyword: &str) -> String {
    format!(
        "correct the document, or write `fields: {{\"{location}\": {{{keyword}}}}}` in the rule file"
    )
}

/// The type that a schema gives a value.
fn type_of(value: Option<&Value>) -> Option<&'static str> {
    Some(match value? {
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_integer() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
        Value::Null | Value::Time(_) | Value::Duration(_) => return None,
    })
}

impl Diagnostic {
    /// Shows the keyword that refuses, where it isn't shown already.
    fn maybe_also(self, refusal: &Refusal, shown: Span) -> Self {
        if refusal.span == shown {
            return self;
        }
        self.also(
            refusal.span,
            format!("refused by this `{}`", refusal.keyword),
        )
    }
}
