//! `actors`: who sends a request is a part of it, where the server asks for
//! credentials.

use super::Builder;
use crate::document::{JsonType, Placed, Schema, TypeSet};
use crate::expr::{ACTOR, ActorSignature};
use crate::model::Actor;
use crate::rulefile::{self, Credential, Located, ServerValue, ValueKind};
use crate::source::{Code, Diagnostic, Span, did_you_mean};
use crate::tree::{Node, NodeKind};
use crate::value::Value;
use crate::value::location::{Location, Segment};

impl Builder<'_> {
    /// The actors by name. Gives the operations that ask for credentials the
    /// member [`ACTOR`].
    pub(super) fn read_actors(&mut self) -> Vec<Actor> {
        let file = self.file;
        let mut declared: Vec<&rulefile::Actor> = file.actors.iter().collect();
        declared.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        for actor in &declared {
            let attributes = self.attributes_of(actor);
            self.actors.push(ActorSignature {
                name: actor.name.value.clone(),
                attributes,
            });
        }
        if let Some(first) = declared.first() {
            self.add_actor(first.name.span);
        }
        self.named_actors();
        let known = declared.iter().zip(&self.actors).map(|(actor, own)| Actor {
            name: own.name.clone(),
            variable: match &actor.credential {
                Some(Credential::Environment(own)) => Some(own.value.clone()),
                _ => None,
            },
            saved: match &actor.credential {
                Some(Credential::Saved(own)) => Some(own.value.clone()),
                _ => None,
            },
            attributes: own
                .attributes
                .iter()
                .map(|(name, value)| (name.as_str().into(), value.clone()))
                .collect(),
        });
        known.collect()
    }

    fn attributes_of(&mut self, actor: &rulefile::Actor) -> Vec<(String, Value)> {
        let mut found: Vec<(String, Value)> = Vec::new();
        if !actor.attributes.iter().any(|(name, _)| name.value == "id") {
            found.push(("id".to_owned(), Value::string(actor.name.value.as_str())));
        }
        for (name, value) in &actor.attributes {
            self.is_known(name, value);
            let value = self.resolved(value).to_value();
            found.push((name.value.clone(), value));
        }
        found
    }

    /// Refuses what nobody knows of an actor: rules would look it up in a table
    /// of texts that differ from server to server.
    fn is_known(&mut self, name: &Located<String>, value: &Node) {
        let NodeKind::String(text) = &value.kind else {
            return;
        };
        let named = text.value.strip_prefix('$');
        let mut values = named.into_iter().flat_map(|named| {
            let values = self.file.values.iter();
            values.filter(move |value| value.name.value == named)
        });
        let is_elsewhere = |own: &&ServerValue| !matches!(own.kind, ValueKind::Constant(_));
        let Some(own) = values.find(is_elsewhere) else {
            return;
        };
        let message = format!(
            "the `{}` of an actor can't come from the environment or from setup yet",
            name.value
        );
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(value.span, "differs from server to server")
            .also(own.name.span, "nobody knows its text")
            .help("write the text that the server under test knows the actor by");
        self.diagnostics.push(finding);
    }

    fn add_actor(&mut self, span: Span) {
        let names = self
            .actors
            .iter()
            .map(|actor| Value::string(actor.name.as_str()));
        let names: Vec<Value> = names.collect();
        let first = names.first().cloned();
        let place = Placed {
            value: names,
            span,
            pointer: "actors".to_owned(),
        };
        let schema = Schema {
            types: TypeSet::UNTYPED.with(JsonType::String),
            enumeration: Some(place),
            ..Schema::anything("actors", span)
        };
        let schema = self.schemas.add(schema);
        for operation in &mut self.operations {
            if operation.security.is_empty() {
                continue;
            }
            self.schemas.add_member(operation.request, ACTOR, schema);
            for baseline in &mut operation.baselines {
                let place = Location(vec![Segment::Key(ACTOR.into())]);
                if let Some(first) = first.clone()
                    && place.read(&baseline.request).is_none()
                {
                    let _ = place.write(&mut baseline.request, first);
                }
            }
        }
    }

    /// Reports baselines of actors that nothing declares, and those of
    /// operations at which nobody can tell who asks.
    fn named_actors(&mut self) {
        let file = self.file;
        for declared in &file.operations {
            let name = &declared.operation.value;
            let known = self.operation_named(name);
            let known = known.and_then(|known| self.operations.get(known.0 as usize));
            let is_open = known.is_some_and(|own| own.security.is_empty());
            let baselines = declared.baselines.iter();
            for actor in baselines.filter_map(|baseline| baseline.actor.as_ref()) {
                let unknown = self.unknown_actor(actor);
                let untold = || is_open.then(|| untold_actor(actor, name));
                self.diagnostics.extend(unknown.or_else(untold));
            }
        }
    }

    pub(super) fn unknown_actor(&self, actor: &Located<String>) -> Option<Diagnostic> {
        let known = || self.actors.iter().map(|own| own.name.as_str());
        if known().any(|known| known == actor.value) {
            return None;
        }
        let help = did_you_mean(&actor.value, known())
            .unwrap_or_else(|| "declare it under `actors`".to_owned());
        let message = format!("there is no actor `{}`", actor.value);
        let finding = Diagnostic::error(Code::UndefinedName, message)
            .at(actor.span, "not under `actors:`")
            .help(help);
        Some(finding)
    }
}

fn untold_actor(actor: &Located<String>, operation: &str) -> Diagnostic {
    let message = format!("`{operation}` asks for no credentials: nobody can tell who sends it");
    Diagnostic::error(Code::WrongValue, message)
        .at(actor.span, "makes no difference")
        .help("leave `actor` out, or say in the API document that the operation has `security`")
}
