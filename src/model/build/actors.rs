//! `actors`: who sends a request is a part of it, where the server asks for
//! credentials.

use super::Builder;
use crate::document::{JsonType, Placed, Schema, TypeSet};
use crate::expr::{ACTOR, ActorSignature};
use crate::model::Actor;
use crate::rulefile;
use crate::source::{Code, Diagnostic, Span, did_you_mean};
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
            variable: actor.credential.as_ref().map(|own| own.value.clone()),
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
            let value = self.resolved(value).to_value();
            found.push((name.value.clone(), value));
        }
        found
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

    /// Reports baselines of actors that nothing declares.
    fn named_actors(&mut self) {
        let file = self.file;
        let baselines = file.operations.iter().flat_map(|own| &own.baselines);
        for actor in baselines.filter_map(|baseline| baseline.actor.as_ref()) {
            let mut known = self.actors.iter().map(|own| own.name.as_str());
            if known.any(|known| known == actor.value) {
                continue;
            }
            let known = self.actors.iter().map(|own| own.name.as_str());
            let help = did_you_mean(&actor.value, known)
                .unwrap_or_else(|| "declare it under `actors`".to_owned());
            let message = format!("there is no actor `{}`", actor.value);
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(actor.span, "not under `actors:`")
                .help(help);
            self.diagnostics.push(finding);
        }
    }
}
