//! `existing`: what is there before any request of a test.

use super::Builder;
use super::values::node;
use crate::document::{JsonType, refusals};
use crate::eval::{Env, Evaluator};
use crate::expr::{KEY, TextView, Type};
use crate::model::{Attribute, EXISTS, Existing, Resource, ResourceRef, step_of_key};
use crate::rulefile::{self, Lifecycle, Located};
use crate::source::{Code, Diagnostic, Span, did_you_mean};
use crate::tree::Node;
use crate::value::time::{parse_date, parse_time};
use crate::value::{Members, Value};

/// An entry whose key is known.
struct Entry<'f> {
    resource: ResourceRef,
    declared: &'f rulefile::Resource,
    entry: &'f rulefile::Existing,
    /// What requests name it by, in the rule file.
    name: String,
    /// The text that stands for its key.
    text: String,
}

impl<'f> Builder<'f> {
    /// All resources that are there before, by their kind.
    pub(super) fn read_existing(&mut self, resources: &[Resource]) -> Vec<Existing> {
        let entries = self.keyed(resources);
        let mut found = Vec::new();
        for entry in &entries {
            let Some(resource) = resources.get(entry.resource.0 as usize) else {
                continue;
            };
            self.only_known(entry, resource);
            let values = resource.attributes.iter().enumerate();
            let values = values.map(|(index, own)| self.value_of(entry, (index, own), &entries));
            let values: Vec<Option<Value>> = values.collect();
            let attributes = resource.attributes.iter().zip(&values);
            let attributes = attributes.filter_map(|(own, value)| {
                let name = own.name.as_str().into();
                Some((name, value.clone()?))
            });
            let attributes: Members = attributes.collect();
            self.keeps_invariants(entry, resource, &attributes);
            let values = values.into_iter().zip(&resource.attributes);
            let values = values
                .map(|(value, own)| Some(self.arena.constant(value?, own.ty.clone())))
                .collect();
            found.push(Existing {
                resource: entry.resource,
                name: entry.name.clone(),
                text: entry.text.clone(),
                values,
                attributes,
                span: entry.entry.span,
            });
        }
        found
    }

    /// The entries, as far as they say which one they are about.
    fn keyed(&mut self, resources: &[Resource]) -> Vec<Entry<'f>> {
        let file = self.file;
        let mut found: Vec<Entry<'f>> = Vec::new();
        for (number, resource) in (0..).map(ResourceRef).zip(resources) {
            let mut declared = file.resources.iter();
            let Some(declared) = declared.find(|own| own.name.value == resource.name) else {
                continue;
            };
            for entry in &declared.existing {
                let Some((name, text)) = self.key_text(&entry.key) else {
                    continue;
                };
                if let Some(known) = found.iter().find(|known| known.text == text) {
                    let message = format!("`{name}` is the key of another resource already");
                    let finding = Diagnostic::error(Code::NameClash, message)
                        .at(entry.key.span, "the same key")
                        .also(known.entry.key.span, "the other one");
                    self.diagnostics.push(finding);
                    continue;
                }
                self.sent_as_text(number, &entry.key);
                found.push(Entry {
                    resource: number,
                    declared,
                    entry,
                    name,
                    text,
                });
            }
        }
        found
    }

    /// What the key is called, and the text that stands for it.
    fn key_text(&mut self, key: &Located<String>) -> Option<(String, String)> {
        let literal = match key.value.strip_prefix('$') {
            None => Some(key.value.as_str()),
            Some(rest) if rest.starts_with('$') => Some(rest),
            Some(_) => None,
        };
        if let Some(literal) = literal {
            if literal.is_empty() || step_of_key(&Value::string(literal)).is_some() {
                let finding = Diagnostic::error(Code::WrongValue, "no resource has such a key")
                    .at(key.span, "not a key")
                    .help("write `$VALUE` for a value under `values:`, or the key itself");
                self.diagnostics.push(finding);
                return None;
            }
            return Some((literal.to_owned(), literal.to_owned()));
        }
        let name = key.value.strip_prefix('$').unwrap_or_default();
        let mut values = self.file.values.iter();
        let Some(value) = values.find(|value| value.name.value == name) else {
            self.no_such_value(name, key.span);
            return None;
        };
        let node = node(value);
        let Some(text) = node.as_str() else {
            let message = format!("`{name}` is {}, and keys are texts", node.kind_name());
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(key.span, "not a text")
                .also(value.name.span, "declared here");
            self.diagnostics.push(finding);
            return None;
        };
        Some((name.to_owned(), text.to_owned()))
    }

    /// Values of the environment are texts: bodies can't hold one where a number is
    /// expected.
    fn sent_as_text(&mut self, resource: ResourceRef, key: &Located<String>) {
        for operation in &self.operations {
            let binds = operation.binds.iter();
            for bind in binds.filter(|bind| bind.resource == resource) {
                let is_body = bind.location.to_string().starts_with("body");
                let schema = super::schema_at(&self.schemas, operation.request, &bind.location);
                let types = schema.map(|schema| self.schemas.get(schema).types);
                let takes_text = types.is_none_or(|types| types.allows(JsonType::String));
                if takes_text || !is_body {
                    continue;
                }
                let message = format!(
                    "`{}` of `{}` takes no text, and keys of what exists before are texts",
                    bind.location, operation.id
                );
                let finding = Diagnostic::error(Code::Unsupported, message)
                    .at(key.span, "a text")
                    .also(bind.span, "where requests name it");
                self.diagnostics.push(finding);
            }
        }
    }

    /// Reports what is no attribute of the resource.
    fn only_known(&mut self, entry: &Entry<'_>, resource: &Resource) {
        for (name, _) in &entry.entry.attributes {
            let mut known = resource.attributes.iter();
            if !known.any(|own| own.name == name.value && own.name != EXISTS) {
                self.unknown_attribute(name, &resource.attributes);
            }
        }
    }

    /// The value that an entry gives an attribute: null is none.
    fn value_of(
        &mut self,
        entry: &Entry<'_>,
        (index, attribute): (usize, &Attribute),
        all: &[Entry<'_>],
    ) -> Option<Value> {
        if attribute.name == EXISTS {
            return Some(Value::Bool(true));
        }
        let mut given = entry.entry.attributes.iter();
        let Some((_, node)) = given.find(|(name, _)| name.value == attribute.name) else {
            let message = format!(
                "`{}` says nothing of the attribute `{}`",
                entry.name, attribute.name
            );
            let finding = Diagnostic::error(Code::MissingKey, message)
                .at(entry.entry.span, "its value isn't known")
                .also(attribute.spans.span, "the attribute")
                .help("say what it is; null where it has no value");
            self.diagnostics.push(finding);
            return None;
        };
        if node.is_null() {
            return None;
        }
        let value = self.literal(node, all)?;
        let value = match value.as_str().and_then(parse_time) {
            Some(moment) if attribute.ty == Type::Time => Value::Time(moment),
            _ => value,
        };
        self.of_its_type(attribute, node, &value)?;
        let declared = entry.declared.state.get(index);
        if let Some(lifecycle) = declared.and_then(|own| own.lifecycle.as_ref()) {
            self.a_phase(lifecycle, attribute, node, &value);
        }
        Some(value)
    }

    /// A value as the rule file has it; `$name` is the text of a value.
    fn literal(&mut self, node: &Node, all: &[Entry<'_>]) -> Option<Value> {
        let Some(name) = node.as_str().and_then(|text| text.strip_prefix('$')) else {
            return Some(node.to_value());
        };
        if name.starts_with('$') {
            return Some(Value::string(name));
        }
        if let Some(known) = all.iter().find(|known| known.name == name) {
            return Some(Value::string(known.text.as_str()));
        }
        if !self.file.values.iter().any(|own| own.name.value == name) {
            self.no_such_value(name, node.span);
            return None;
        }
        Some(self.resolved(node).to_value())
    }

    /// Reports a value that the attribute can't have.
    fn of_its_type(&mut self, attribute: &Attribute, node: &Node, value: &Value) -> Option<()> {
        let name = &attribute.name;
        let finding = match attribute.schema {
            Some(schema) => {
                let at = crate::document::Location::default();
                let refused = refusals(&self.schemas, schema, value, &at)
                    .into_iter()
                    .next();
                let Some(refused) = refused else {
                    return Some(());
                };
                let message = format!("`{name}` can't be {value}: {}", refused.message);
                Diagnostic::error(Code::WrongValue, message)
                    .at(node.span, "its schema refuses it")
                    .also(refused.span, "the keyword")
            }
            None if self.is_of(&attribute.ty, value) => return Some(()),
            None => {
                let message = format!("`{name}` is of type {}, not {value}", attribute.ty);
                let help = "say which values it takes: `schema: {type: …}`";
                Diagnostic::error(Code::TypeMismatch, message)
                    .at(node.span, "of another type")
                    .also(attribute.spans.span, "its first value")
                    .maybe_help((attribute.ty == Type::Any).then(|| help.to_owned()))
            }
        };
        self.diagnostics.push(finding);
        None
    }

    /// Whether a value is one of the type.
    fn is_of(&self, ty: &Type, value: &Value) -> bool {
        match (ty, value) {
            (Type::Bool, Value::Bool(_))
            | (Type::Decimal, Value::Number(_))
            | (Type::Time, Value::Time(_)) => true,
            (Type::Int, Value::Number(number)) => number.is_integer(),
            (Type::String(view), Value::String(text)) => match view {
                TextView::Plain => true,
                TextView::Date => parse_date(text).is_some(),
                TextView::DateTime => parse_time(text).is_some(),
            },
            (Type::List(item), Value::List(items)) => items.iter().all(|own| self.is_of(item, own)),
            (Type::Map(of), Value::Map(members)) => members.values().all(|own| self.is_of(of, own)),
            (Type::Object(schema), Value::Map(_)) => {
                let at = crate::document::Location::default();
                refusals(&self.schemas, *schema, value, &at).is_empty()
            }
            _ => false,
        }
    }

    /// Reports a phase that the lifecycle doesn't know.
    fn a_phase(
        &mut self,
        lifecycle: &Lifecycle,
        attribute: &Attribute,
        node: &Node,
        value: &Value,
    ) {
        let phases = lifecycle.phases();
        let Some(text) = value.as_str().filter(|text| !phases.contains(text)) else {
            return;
        };
        let message = format!("`{text}` is no phase of `{}`", attribute.name);
        let help = did_you_mean(text, phases.iter().copied());
        let finding = Diagnostic::error(Code::WrongValue, message)
            .at(node.span, "not in the lifecycle")
            .also(lifecycle.key, "its phases")
            .help(help.unwrap_or_else(|| format!("add it: `{text}: []`")));
        self.diagnostics.push(finding);
    }

    /// Reports an entry for which an invariant doesn't hold.
    fn keeps_invariants(&mut self, entry: &Entry<'_>, resource: &Resource, attributes: &Members) {
        let mut members = attributes.clone();
        members.insert(KEY.into(), Value::string(entry.text.as_str()));
        let mut states = vec![None; entry.resource.0 as usize];
        states.push(Some(Value::Map(members)));
        let env = Env::of_right(&Value::Null, &states, 0);
        let rules = resource.invariants.iter().zip(&entry.declared.invariants);
        let broken = rules.filter(|(condition, _)| {
            let mut evaluator = Evaluator::plain(&self.arena, env);
            evaluator.holds(**condition) == Ok(false)
        });
        let broken: Vec<Span> = broken.map(|(_, rule)| rule.span).collect();
        for rule in broken {
            let message = format!(
                "`{}` breaks an invariant of `{}`",
                entry.name, resource.name
            );
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(entry.entry.span, "not as every state is")
                .also(rule, "the invariant");
            self.diagnostics.push(finding);
        }
    }
}
