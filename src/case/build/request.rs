//! From a request state to what HTTP can carry.

use indexmap::IndexMap;

use super::NotSendable;
use crate::case::format::{self as out, Group};
use crate::case::json::pretty_json;
use crate::document::SchemaId;
use crate::model::{
    ACTOR, Anchor, Model, NOW, Operation, OperationRef, ServerValue, Trace, resource_key,
    step_of_key,
};
use crate::value::location::Location;
use crate::value::{Members, Value};

/// Step `index` (from 0) of `trace`.
pub(super) fn step(model: &Model, trace: &Trace, index: usize) -> Result<out::Step, NotSendable> {
    let nothing = Value::Map(Members::new());
    let found = trace.steps.get(index);
    let request = found.map_or(&nothing, |step| &step.request);
    let called = found.map(|step| model.operation(step.operation));
    let Some(operation) = called else {
        return Err(problem("", &Location::default(), "isn't there"));
    };
    let from = Sender { operation };
    Ok(out::Step {
        operation: operation.id.clone(),
        request: from.request(request)?,
        splices: from.splices(model, trace, index, request)?,
        save: saved(model, trace, index),
        shows: Vec::new(),
        refused: Vec::new(),
    })
}

/// The request that sets the clock.
pub(super) fn clock_setter(model: &Model) -> Result<Option<out::ClockSetter>, NotSendable> {
    let Some(setter) = &model.clock_setter else {
        return Ok(None);
    };
    let operation = model.operation(setter.operation);
    let from = Sender { operation };
    Ok(Some(out::ClockSetter {
        operation: operation.id.clone(),
        request: from.request(&setter.request)?,
        location: setter.field.to_string(),
    }))
}

/// A request by itself: what it takes from others, `keys` says.
pub(super) fn alone(
    model: &Model,
    operation: OperationRef,
    request: &Value,
    keys: Vec<out::Splice>,
) -> Result<out::Step, NotSendable> {
    let number = operation;
    let operation = model.operation(operation);
    let from = Sender { operation };
    let splices = keys.into_iter();
    let splices = splices
        .chain(from.values(model, number, request)?)
        .chain(moments(model, operation.request, request));
    Ok(out::Step {
        operation: operation.id.clone(),
        request: from.request(request)?,
        splices: splices.collect(),
        save: Vec::new(),
        shows: Vec::new(),
        refused: Vec::new(),
    })
}

/// Why HTTP can't carry the parameters and forms of a trace's requests.
pub(super) fn parameters(model: &Model, trace: &Trace) -> Result<(), NotSendable> {
    for step in &trace.steps {
        let operation = model.operation(step.operation);
        let from = Sender { operation };
        for group in [Group::Path, Group::Query, Group::Header, Group::Cookie] {
            from.parameters(&step.request, group)?;
        }
        from.values(model, step.operation, &step.request)?;
        if let (Some(form), Some(body)) = (operation.form, step.request.get("body")) {
            from.check_form(form, body)?;
        }
    }
    Ok(())
}

/// What later steps need of the answer to step `index`.
fn saved(model: &Model, trace: &Trace, index: usize) -> Vec<Vec<String>> {
    let later = trace.steps.iter().skip(index + 1);
    let needed = later
        .flat_map(|step| placeholders(&step.request))
        .any(|(_, from)| from == index);
    let key = needed.then(|| key_of(model, trace, index)).flatten();
    key.into_iter().collect()
}

/// Where the answer to step `index` names the resource that it makes.
pub(super) fn key_of(model: &Model, trace: &Trace, index: usize) -> Option<Vec<String>> {
    let step = trace.steps.get(index)?;
    let made = model.operation(step.operation).creates?;
    Some(model.resource(made).key.clone())
}

/// What stands for a value of the environment or of a setup step.
pub(super) fn value_splice(value: &ServerValue, place: &Location) -> out::Splice {
    let (placeholder, location) = (value.placeholder(), place.to_string());
    let number = value.is_number();
    match value.variable.clone() {
        Some(variable) => out::Splice::Environment {
            placeholder,
            location,
            variable,
            number,
        },
        None => out::Splice::Setup {
            placeholder,
            location,
            name: value.name.clone(),
            number,
        },
    }
}

/// The times that are counted from the moment of the test.
fn moments(model: &Model, schema: SchemaId, request: &Value) -> Vec<out::Splice> {
    let places = model.anchored_places(schema, request).into_iter();
    let splice = |place: Location| moment_splice(model, &place, place.read(request)?.as_str()?);
    places.filter_map(splice).collect()
}

/// A time that is counted from the moment of the test.
pub(super) fn moment_splice(model: &Model, place: &Location, text: &str) -> Option<out::Splice> {
    Some(out::Splice::Moment {
        location: place.to_string(),
        placeholder: text.to_owned(),
        anchor: match model.clock.anchor {
            Anchor::Moment => out::Anchor::Now,
            Anchor::Day(_) => out::Anchor::Today,
            Anchor::Week(_) => out::Anchor::Monday,
        },
        zone: match model.clock.anchor.zone() {
            "UTC" => None,
            zone => Some(zone.to_owned()),
        },
        seconds: model.clock.after_anchor(text)?,
    })
}

/// All placeholders of keys, with the step (from 0) that each names.
fn placeholders(request: &Value) -> Vec<(Location, usize)> {
    let mut found = Vec::new();
    leaves(request, &Location::default(), &mut found);
    let keys = found.into_iter();
    keys.filter_map(|(place, value)| Some((place, step_of_key(value)?)))
        .collect()
}

/// All values but lists and objects, with their places.
pub(super) fn leaves<'v>(
    value: &'v Value,
    place: &Location,
    found: &mut Vec<(Location, &'v Value)>,
) {
    match value {
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &place.index(index), found);
            }
        }
        Value::Map(members) => {
            for (key, member) in members {
                leaves(member, &place.key(key.clone()), found);
            }
        }
        _ => found.push((place.clone(), value)),
    }
}

/// Writes the requests of an operation.
pub(super) struct Sender<'m> {
    pub(super) operation: &'m Operation,
}

impl Sender<'_> {
    fn request(&self, request: &Value) -> Result<out::Request, NotSendable> {
        let body = request.get("body");
        body.map(|body| self.check_body(body)).transpose()?;
        let sent = out::Request {
            method: self.operation.method.clone(),
            path_template: self.operation.path.clone(),
            path: self.parameters(request, Group::Path)?,
            query: self.parameters(request, Group::Query)?,
            header: self.parameters(request, Group::Header)?,
            cookie: self.parameters(request, Group::Cookie)?,
            body: body.map(pretty_json),
            written: IndexMap::new(),
            now: request.get(NOW).and_then(Value::as_str).map(str::to_owned),
            actor: request
                .get(ACTOR)
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        self.check_template(&sent)?;
        Ok(sent)
    }

    fn parameters(
        &self,
        request: &Value,
        group: Group,
    ) -> Result<IndexMap<String, out::ParameterValue>, NotSendable> {
        let place = Location::default().key(group.name());
        let Some(Value::Map(members)) = request.get(group.name()) else {
            return Ok(IndexMap::new());
        };
        let printed = members.iter().map(|(name, value)| {
            let value = self.parameter(group, name, &place.key(name.clone()), value)?;
            Ok((name.to_string(), value))
        });
        printed.collect()
    }

    fn check_template(&self, request: &out::Request) -> Result<(), NotSendable> {
        let names = self.operation.path.split('{').skip(1);
        for name in names.filter_map(|rest| rest.split('}').next()) {
            if !request.path.contains_key(name) {
                let place = Location::default().key("path").key(name);
                return Err(self.problem(&place, "is missing"));
            }
        }
        Ok(())
    }

    fn splices(
        &self,
        model: &Model,
        trace: &Trace,
        index: usize,
        request: &Value,
    ) -> Result<Vec<out::Splice>, NotSendable> {
        let number = trace.steps.get(index).map(|step| step.operation);
        let number = number.unwrap_or(OperationRef(0));
        let found = placeholders(request).into_iter();
        let saved = found
            .map(|(place, from)| {
                let key = key_of(model, trace, from).filter(|_| from < index);
                let Some(path) = key else {
                    let problem =
                        format!("names what step {} makes, which is nothing yet", from + 1);
                    return Err(self.problem(&place, &problem));
                };
                Ok(out::Splice::Saved {
                    placeholder: resource_key(from).as_str().unwrap_or_default().to_owned(),
                    location: place.to_string(),
                    step: from + 1,
                    path,
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(saved
            .into_iter()
            .chain(self.values(model, number, request)?)
            .chain(moments(model, self.operation.request, request))
            .collect())
    }

    /// The places where something stands for a value of the environment, or for one
    /// that a setup step saves.
    fn values(
        &self,
        model: &Model,
        operation: OperationRef,
        request: &Value,
    ) -> Result<Vec<out::Splice>, NotSendable> {
        if model.values.is_empty() {
            return Ok(Vec::new());
        }
        let mut held = Vec::new();
        leaves(request, &Location::default(), &mut held);
        let splice = |(place, held): (Location, &Value)| {
            let value = model.values.iter().find(|value| value.stand_in == *held)?;
            if value.is_number() && !model.is_identifier(operation, &place) {
                let problem = format!("holds {held}, which stands for `{}` elsewhere", value.name);
                return Some(Err(self.problem(&place, &problem)));
            }
            Some(Ok(value_splice(value, &place)))
        };
        held.into_iter().filter_map(splice).collect()
    }

    pub(super) fn problem(&self, place: &Location, what: &str) -> NotSendable {
        problem(&self.operation.id, place, what)
    }
}

fn problem(operation: &str, place: &Location, what: &str) -> NotSendable {
    NotSendable {
        operation: operation.to_owned(),
        location: place.to_string(),
        problem: what.to_owned(),
    }
}
