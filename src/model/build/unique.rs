//! `unique`: fields that hold another text in every request.

use super::Builder;
use crate::document::{Format, Location as Place, SchemaId, refusals};
use crate::expr::{Arena, Node, member_schema};
use crate::model::{Model, Operation, Unique};
use crate::rulefile::FieldOverride;
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::tree;
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// What stands for `unique: true`.
const TEMPLATE: &str = "cf-{run}-{n}";

/// For addresses: RFC 2606 keeps the domain for examples.
const EMAIL: &str = "cf-{run}-{n}@example.org";

/// Ends of runs and counts that a template is tried with: short and long.
const TRIED: [(&str, &str); 2] = [("0a1b2c3d", "1"), ("f9e8d7c6", "98765")];

/// A UUID for tries.
const UUID: &str = "3f2b8a54-9c1d-4e6f-8a7b-0c1d2e3f4a5b";

impl Builder<'_> {
    /// The unique fields of an operation whose request has the schema
    /// `request`.
    pub(super) fn unique(&mut self, fields: &[FieldOverride], request: SchemaId) -> Vec<Unique> {
        let mut found = Vec::new();
        for field in fields {
            let keywords = field.keywords.iter();
            let unique = keywords.filter(|(key, _)| key.value == "unique");
            for (key, node) in unique {
                let Some(location) = self.location_of(&field.path) else {
                    continue;
                };
                let location = self.as_declared(request, &location);
                let Some(schema) = schema_at(&self.schemas, request, &location) else {
                    let message = format!("the request has no field `{location}`");
                    let finding = Diagnostic::error(Code::UnknownField, message)
                        .at(field.path.span(), "not declared in the API document");
                    self.diagnostics.push(finding);
                    continue;
                };
                let at = if node.span.start == node.span.end {
                    key.span
                } else {
                    node.span
                };
                if let Some(template) = self.template(node, at, schema) {
                    found.push(Unique {
                        location,
                        template,
                        span: field.path.span(),
                    });
                }
            }
        }
        found.sort_by(|a, b| a.location.cmp(&b.location));
        found
    }

    /// A text of the template that the schema refuses, and by which keyword.
    fn refused(&self, template: &str, schema: SchemaId) -> Option<(String, String)> {
        let mut tries = TRIED.iter();
        tries.find_map(|(run, n)| {
            let text = filled(template, run, n);
            let value = Value::string(text.as_str());
            let refused = refusals(&self.schemas, schema, &value, &Place::default());
            let keyword = refused.first()?.keyword.to_string();
            Some((text, keyword))
        })
    }

    /// Names of headers ignore case; the document's spelling is the one of
    /// states.
    pub(super) fn as_declared(&self, request: SchemaId, location: &Location) -> Location {
        let mut location = location.clone();
        if let [Segment::Key(group), Segment::Key(name), ..] = location.0.as_mut_slice()
            && &**group == "header"
            && let Some(headers) = member_schema(&self.schemas, request, "header")
        {
            let mut declared = self.schemas.get(headers).properties.keys();
            if let Some(spelled) = declared.find(|known| known.eq_ignore_ascii_case(name)) {
                *name = spelled.as_str().into();
            }
        }
        location
    }

    /// The template of a field by which requests belong together: the author's
    /// own, else one that its schema accepts.
    pub(super) fn template_at(&self, operation: &Operation, location: &Location) -> Option<String> {
        let own = operation.unique.iter().chain(&operation.correlated);
        let mut own = own.filter(|own| own.location == *location);
        if let Some(own) = own.next() {
            return Some(own.template.clone());
        }
        let schema = schema_at(&self.schemas, operation.request, location)?;
        let tried = [TEMPLATE, "{run}{n}", "{uuid}", EMAIL].into_iter();
        let mut fitting = tried.filter(|template| self.refused(template, schema).is_none());
        fitting.next().map(str::to_owned)
    }

    /// The template, which makes texts that the field's schema accepts.
    fn template(&mut self, node: &tree::Node, at: Span, schema: SchemaId) -> Option<String> {
        let format = self.schemas.get(schema).format.as_ref();
        let is_uuid = format.is_some_and(|format| format.value == Format::Uuid);
        let template = match (node.as_bool(), node.as_str()) {
            (Some(true), _) if is_uuid => "{uuid}".to_owned(),
            (Some(true), _) => TEMPLATE.to_owned(),
            (_, Some(text)) => text.to_owned(),
            _ => {
                let message = "`unique` is `true` or a template";
                let finding = Diagnostic::error(Code::WrongKind, message)
                    .at(at, "")
                    .help(format!("write `unique: true`, or `unique: \"{TEMPLATE}\"`"));
                self.diagnostics.push(finding);
                return None;
            }
        };
        let problem = problem(&template).or_else(|| {
            let (text, keyword) = self.refused(&template, schema)?;
            Some(format!("the field's schema refuses `{text}`: {keyword}"))
        });
        let Some(problem) = problem else {
            return Some(template);
        };
        let finding = Diagnostic::error(Code::WrongValue, problem).at(at, "").help(
            "a template is a text with {run} (8 characters of a run), {n} (a number that counts \
             up) or {uuid} in it",
        );
        self.diagnostics.push(finding);
        None
    }
}

/// What is wrong with a template by itself.
fn problem(template: &str) -> Option<String> {
    for part in template.split('{').skip(1) {
        let name = part.split('}').next().unwrap_or_default();
        if !["run", "n", "uuid"].contains(&name) || !part.contains('}') {
            return Some(format!("`{{{name}}}` means nothing in a template"));
        }
    }
    let differs =
        template.contains("{uuid}") || template.contains("{run}") && template.contains("{n}");
    (!differs).then(|| "this template makes the same text again: it needs {run} and {n}".to_owned())
}

fn filled(template: &str, run: &str, n: &str) -> String {
    template
        .replace("{run}", run)
        .replace("{n}", n)
        .replace("{uuid}", UUID)
}

/// The schema at a place of a request.
pub fn schema_at(
    schemas: &crate::document::Schemas,
    request: SchemaId,
    location: &Location,
) -> Option<SchemaId> {
    let mut segments = location.0.iter();
    segments.try_fold(request, |schema, segment| match segment {
        Segment::Key(key) => member_schema(schemas, schema, key),
        Segment::Index(index) => schemas.item(schema, *index),
    })
}

/// Findings about rules that read unique fields.
pub(super) fn findings(model: &Model) -> Diagnostics {
    let mut findings = Diagnostics::new();
    for (_, rule) in model.rule_refs() {
        let operation: &Operation = model.operation(rule.operation);
        for unique in &operation.unique {
            let found = model.arena.positions(rule.expr).into_iter();
            let mut reads = found.filter(|(_, id)| {
                let path = path_of(&model.arena, *id);
                path.is_some_and(|path| path == unique.location)
            });
            if let Some((position, _)) = reads.next() {
                let message = "a rule can't read a field that differs in every request";
                let finding = Diagnostic::error(Code::Unsupported, message)
                    .at(rule.spans.at(&position).span, "nobody knows its text")
                    .also(unique.span, "unique");
                findings.push(finding);
            }
        }
    }
    findings
}

/// The place in the request that an expression reads.
pub(super) fn path_of(arena: &Arena, id: crate::expr::ExprId) -> Option<Location> {
    match arena.node(id) {
        Node::Root(crate::expr::Root::Request | crate::expr::Root::Sent) => {
            Some(Location::default())
        }
        Node::Get(base, key) => Some(path_of(arena, *base)?.key(key.clone())),
        _ => None,
    }
}
