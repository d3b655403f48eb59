//! Operations: schemas, baselines, and which resources a request is about.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, Documented, Named};
use crate::document::{self, Encoding, Overlay, SchemaId, Scheme, Validator};
use crate::expr::{ACTOR, Syntax, SyntaxKind};
use crate::model::{Answer, Baseline, Bind, Operation, OperationRef, ResourceRef, Security};
use crate::rulefile::{self, Expression};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::value::Value;
use crate::value::location::{Location, Segment};

impl<'a> Builder<'a> {
    /// Models the operations, by id.
    pub(super) fn read_operations(
        &mut self,
        named: &BTreeMap<String, Named<'a>>,
        now: i128,
    ) -> Vec<Documented> {
        let mut documented = Vec::new();
        for (id, named) in named {
            let names = &named.names;
            let before = std::mem::take(self.diagnostics);
            let read = self.read_operation(id, named, now);
            let found = std::mem::replace(self.diagnostics, before);
            match &read {
                // Where only `at` leads here, it may turn out that no rule is
                // about it.
                Some(read) if names.is_empty() => {
                    self.reached.insert(read.operation.id.clone(), found);
                }
                _ => self.diagnostics.append(found),
            }
            documented.extend(read);
        }
        documented
    }

    fn read_operation(&mut self, id: &str, named: &Named<'a>, now: i128) -> Option<Documented> {
        let names = &named.names;
        let document = named.other.unwrap_or(self.document);
        let entry = self.entry_of(names);
        let overlays = entry.map(|entry| self.overlays(entry)).unwrap_or_default();
        let operation = match document.operation_with(&named.listed, overlays) {
            Ok(mut operation) => {
                id.clone_into(&mut operation.id);
                operation
            }
            Err(findings) => {
                self.diagnostics.append(findings);
                return None;
            }
        };
        let validator = match Validator::new(document, &operation) {
            Ok(validator) => validator,
            Err(finding) => {
                self.diagnostics.push(*finding);
                return None;
            }
        };
        self.diagnostics.append(operation.findings.clone());
        let number = OperationRef(u32::try_from(self.operations.len()).unwrap_or(u32::MAX));
        for name in names.iter().chain([&operation.id]) {
            self.by_name.insert(name.clone(), number);
        }
        let modelled = self.operation(&operation, &validator, entry, now);
        self.operations.push(modelled);
        Some(Documented {
            operation,
            validator,
        })
    }

    fn entry_of(&self, names: &BTreeSet<String>) -> Option<&'a rulefile::Operation> {
        let file: &'a rulefile::RuleFile = self.file;
        let mut entries = file.operations.iter();
        entries.find(|entry| names.contains(&entry.operation.value))
    }

    fn operation(
        &mut self,
        operation: &document::Operation,
        validator: &Validator,
        entry: Option<&rulefile::Operation>,
        now: i128,
    ) -> Operation {
        let shift = self.schemas.absorb(&operation.schemas);
        let request = shift.shifted(operation.request);
        let fields = entry.map(|entry| entry.fields.as_slice());
        let unique = self.unique(fields.unwrap_or_default(), request);
        let baselines = self.baselines(operation, (request, validator), entry, now);
        let accept = entry.and_then(|entry| entry.answers.accept.as_ref());
        let accept = accept.and_then(|text| self.answer(text, None));
        let schema = entry.and_then(|entry| entry.answers.schema.as_ref());
        let schema = schema.and_then(|text| self.answer(text, None));
        Operation {
            id: operation.id.clone(),
            method: operation.method.clone(),
            path: operation.path.clone(),
            request,
            media_type: operation.body.as_ref().map(|body| body.media_type.clone()),
            form: operation.body.as_ref().and_then(|body| body.form),
            encodings: encodings(operation),
            binds: Vec::new(),
            ranges: Vec::new(),
            changes: Vec::new(),
            keeps: Vec::new(),
            creates: None,
            rules: Vec::new(),
            baselines,
            accept: accept.unwrap_or_default(),
            invalid: schema.unwrap_or_default(),
            unique,
            correlated: Vec::new(),
            base_url: None,
            awaits: None,
            clean_up: None,
            security: security(operation),
            span: operation.span,
        }
    }

    fn overlays(&mut self, entry: &rulefile::Operation) -> Vec<Overlay> {
        let mut overlays = Vec::new();
        for field in &entry.fields {
            let Some(segments) = self.path_of(&field.path) else {
                continue;
            };
            let segments = segments.into_iter().map(|segment| match segment {
                PathSegment::Key(key) => document::Segment::Key(key),
                PathSegment::Index(index) => document::Segment::Index(index),
                PathSegment::Every => document::Segment::Each,
            });
            let keywords = field
                .keywords
                .iter()
                .filter(|(key, _)| key.value != "unique")
                .map(|(key, value)| crate::tree::Entry {
                    key: key.value.clone(),
                    key_span: key.span,
                    value: match key.value.as_str() {
                        "enum" | "const" | "default" | "example" => self.resolved(value),
                        _ => value.clone(),
                    },
                });
            overlays.push(Overlay {
                location: document::Location(segments.collect()),
                span: field.path.span(),
                keywords: keywords.collect(),
            });
        }
        overlays
    }

    /// The baselines of an operation: those that the file names, else the
    /// document's examples.
    fn baselines(
        &mut self,
        operation: &document::Operation,
        judge: (SchemaId, &Validator),
        entry: Option<&rulefile::Operation>,
        now: i128,
    ) -> Vec<Baseline> {
        let named: Vec<&rulefile::Baseline> = entry
            .map(|entry| entry.baselines.iter().collect())
            .unwrap_or_default();
        if named.is_empty() {
            let examples = operation.body.iter().flat_map(|body| &body.examples);
            let names: Vec<String> = examples.map(|example| example.name.clone()).collect();
            let names = if names.is_empty() {
                vec![None]
            } else {
                names.into_iter().map(Some).collect()
            };
            let made = names.into_iter().filter_map(|name| {
                let request = self.completed(operation, name.as_deref(), now)?;
                Some(Baseline {
                    name: name.unwrap_or_else(|| "default".to_owned()),
                    request,
                    span: operation.span,
                })
            });
            return made.collect();
        }
        let made = named.into_iter();
        let made = made.filter_map(|own| self.given_request(operation, judge, own, now));
        made.collect()
    }

    /// The request of a baseline, or of a setup step, of the rule file.
    pub(super) fn given_request(
        &mut self,
        operation: &document::Operation,
        judge: (SchemaId, &Validator),
        baseline: &rulefile::Baseline,
        now: i128,
    ) -> Option<Baseline> {
        let example = baseline.example.as_ref().map(|name| name.value.as_str());
        self.misspelt_example(operation, baseline);
        let mut request = self.completed(operation, example, now)?;
        let mut changes = Vec::new();
        for assignment in &baseline.set {
            let location = self.location_of(&assignment.path)?;
            if !self.is_in_request(assignment, &location) {
                return None;
            }
            let location = self.as_declared(judge.0, &location);
            let value = self.resolved(&assignment.value).to_value();
            if !location.write(&mut request, value) {
                let message = format!("`{location}` can't be set in this {}", baseline.what);
                let finding = Diagnostic::error(Code::UnknownField, message)
                    .at(assignment.path.span(), "no such place in the example");
                self.diagnostics.push(finding);
            }
            changes.push((assignment, location));
        }
        if let Some(actor) = &baseline.actor {
            let place = Location(vec![Segment::Key(ACTOR.into())]);
            let _ = place.write(&mut request, Value::string(actor.value.as_str()));
        }
        self.refused_changes(baseline, &changes, &request, judge);
        self.leave_out(baseline, &mut request, judge);
        Some(Baseline {
            name: baseline.name.value.clone(),
            request,
            span: baseline.name.span,
        })
    }

    fn completed(
        &mut self,
        operation: &document::Operation,
        example: Option<&str>,
        now: i128,
    ) -> Option<Value> {
        match document::baseline(operation, example, now) {
            Ok(baseline) => {
                self.extend_once(baseline.findings);
                Some(baseline.value)
            }
            Err(findings) => {
                self.extend_once(findings);
                None
            }
        }
    }

    /// Takes in findings that aren't there yet: several baselines share the
    /// examples of parameters.
    fn extend_once(&mut self, findings: Diagnostics) {
        for finding in findings {
            if !self.diagnostics.iter().any(|known| *known == finding) {
                self.diagnostics.push(finding);
            }
        }
    }

    /// `bind` of every operation; needs the resources' names.
    pub(super) fn read_binds(&mut self) {
        let file = self.file;
        for entry in &file.operations {
            let Some(operation) = self.operation_named(&entry.operation.value) else {
                continue;
            };
            for bind in &entry.bind {
                let Some(resource) = self.resource_named(&bind.resource) else {
                    continue;
                };
                let Some(location) = self.location_of(&bind.to) else {
                    continue;
                };
                let request = self
                    .operations
                    .get(operation.0 as usize)
                    .map(|own| own.request);
                let declared =
                    request.and_then(|of| self.declared_place(of, &location, bind.to.span()));
                let location = declared.unwrap_or(location);
                let default = if is_in_path(&location) { 404 } else { 422 };
                let mut missing = match &bind.missing {
                    Some(expect) => {
                        let own = self.operations.get(operation.0 as usize);
                        let id = own.map_or("", |own| own.id.as_str());
                        let id = format!("{id}-exists");
                        self.expected(expect, &id)
                    }
                    None => Answer::default(),
                };
                if missing.statuses.is_empty() {
                    missing.statuses.push(default);
                }
                let read = request.and_then(|of| self.key_read(of, &location));
                let is_optional = read.is_some_and(|read| self.may_name_none(read));
                let Some(found) = self.operations.get_mut(operation.0 as usize) else {
                    continue;
                };
                found.binds.push(Bind {
                    resource,
                    location,
                    missing,
                    is_optional,
                    span: bind.resource.span,
                });
            }
        }
        for operation in &mut self.operations {
            operation.binds.sort_by_key(|bind| bind.resource);
        }
    }

    /// The resource of that name; where there is none, reading the file said so.
    pub(super) fn resource_named(&self, name: &rulefile::Located<String>) -> Option<ResourceRef> {
        let position = self
            .signatures
            .iter()
            .position(|known| known.name == name.value);
        position.map(|position| ResourceRef(u32::try_from(position).unwrap_or(u32::MAX)))
    }

    /// A path as a location; reports what is none.
    pub(super) fn location_of(&mut self, path: &Expression) -> Option<Location> {
        let segments = self.path_of(path)?;
        let mut location = Vec::new();
        for segment in segments {
            location.push(match segment {
                PathSegment::Key(key) => Segment::Key(key.into()),
                PathSegment::Index(index) => Segment::Index(index),
                PathSegment::Every => {
                    let message = "`[*]` can't be used here: one place is needed".to_owned();
                    let finding =
                        Diagnostic::error(Code::WrongValue, message).at(path.span(), "many places");
                    self.diagnostics.push(finding);
                    return None;
                }
            });
        }
        Some(Location(location))
    }

    fn path_of(&mut self, path: &Expression) -> Option<Vec<PathSegment>> {
        let syntax = self.syntax(path)?;
        let mut segments = Vec::new();
        if collect(&syntax, &mut segments).is_some() {
            return Some(segments);
        }
        let message = "a path such as body.lines[*].amount is needed here".to_owned();
        let finding = Diagnostic::error(Code::WrongValue, message).at(path.span(), "not a path");
        self.diagnostics.push(finding);
        None
    }
}

enum PathSegment {
    Key(String),
    Index(usize),
    Every,
}

fn collect(syntax: &Syntax, out: &mut Vec<PathSegment>) -> Option<()> {
    match &syntax.kind {
        SyntaxKind::Name(name) if name == "self" => out.push(PathSegment::Key("body".to_owned())),
        SyntaxKind::Name(name) => out.push(PathSegment::Key(name.clone())),
        SyntaxKind::Select(base, member) => {
            collect(base, out)?;
            out.push(PathSegment::Key(member.clone()));
        }
        SyntaxKind::Every(base) => {
            collect(base, out)?;
            out.push(PathSegment::Every);
        }
        SyntaxKind::Call { name, args, .. } if name == "_[_]" => {
            let [base, index] = args.as_slice() else {
                return None;
            };
            collect(base, out)?;
            match &index.kind {
                SyntaxKind::Literal(Value::String(key), _) => {
                    out.push(PathSegment::Key(key.to_string()));
                }
                SyntaxKind::Literal(Value::Number(number), _) => {
                    let index = crate::value::to_i64(number)?;
                    out.push(PathSegment::Index(usize::try_from(index).ok()?));
                }
                _ => return None,
            }
        }
        _ => return None,
    }
    Some(())
}

fn is_in_path(location: &Location) -> bool {
    matches!(location.0.first(), Some(Segment::Key(key)) if &**key == "path")
}

/// How the parameters and the fields of a form are written.
fn encodings(operation: &document::Operation) -> Vec<Encoding> {
    let parameters = operation.parameters.iter().map(|own| &own.encoding);
    let parts = operation.body.iter().flat_map(|body| &body.parts);
    parameters.chain(parts).cloned().collect()
}

fn security(operation: &document::Operation) -> Vec<Security> {
    let first = operation.security.first();
    let credentials = first.into_iter().flatten();
    credentials
        .filter_map(|credential| match &credential.scheme {
            Scheme::Bearer | Scheme::Authorization(_) => Some(Security::Bearer),
            Scheme::Basic => Some(Security::Basic),
            Scheme::ApiKey { place, name } => match place {
                document::Place::Header => Some(Security::ApiKeyHeader(name.clone())),
                document::Place::Query => Some(Security::ApiKeyQuery(name.clone())),
                document::Place::Cookie => Some(Security::ApiKeyCookie(name.clone())),
                document::Place::Path => None,
            },
            Scheme::MutualTls => None,
        })
        .collect()
}

/// An answer that nothing is said about.
impl Answer {
    /// Whether it says nothing.
    pub fn is_default(&self) -> bool {
        self.statuses.is_empty() && self.checks.is_empty()
    }
}
