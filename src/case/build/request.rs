//! From a request state to what HTTP can carry.

use indexmap::IndexMap;

use super::NotSendable;
use crate::case::format as out;
use crate::case::json::pretty_json;
use crate::model::{Model, Operation, Trace, resource_key, step_of_key};
use crate::value::location::Location;
use crate::value::{Members, Value, decimal_places, print_number};

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
    })
}

/// Why HTTP can't carry the parameters of a trace's requests.
pub(super) fn parameters(model: &Model, trace: &Trace) -> Result<(), NotSendable> {
    for step in &trace.steps {
        let operation = model.operation(step.operation);
        let from = Sender { operation };
        from.parameters(&step.request, "path", |from, place, value| {
            from.segment(place, value)
        })?;
        from.parameters(&step.request, "query", |from, place, value| {
            from.texts(place, value)
        })?;
        for group in ["header", "cookie"] {
            from.parameters(&step.request, group, |from, place, value| {
                from.line(place, value)
            })?;
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
fn key_of(model: &Model, trace: &Trace, index: usize) -> Option<Vec<String>> {
    let step = trace.steps.get(index)?;
    let made = model.operation(step.operation).creates?;
    Some(model.resource(made).key.clone())
}

/// The places where a text stands for a value of the environment.
fn environment(model: &Model, request: &Value) -> Vec<out::Splice> {
    let mut texts = Vec::new();
    leaves(request, &Location::default(), &mut texts);
    let splice = |(place, value): (Location, &Value)| {
        let text = value.as_str()?;
        let value = model.values.iter().find(|value| value.text == text)?;
        Some(out::Splice::Environment {
            placeholder: text.to_owned(),
            location: place.to_string(),
            variable: value.variable.clone(),
        })
    };
    texts.into_iter().filter_map(splice).collect()
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
fn leaves<'v>(value: &'v Value, place: &Location, found: &mut Vec<(Location, &'v Value)>) {
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

struct Sender<'m> {
    operation: &'m Operation,
}

impl Sender<'_> {
    fn request(&self, request: &Value) -> Result<out::Request, NotSendable> {
        let body = request.get("body");
        body.map(|body| self.check_body(body)).transpose()?;
        let sent = out::Request {
            method: self.operation.method.clone(),
            path_template: self.operation.path.clone(),
            path: self.parameters(request, "path", |from, place, value| {
                from.segment(place, value)
            })?,
            query: self.parameters(request, "query", |from, place, value| {
                from.texts(place, value)
            })?,
            header: self.parameters(request, "header", |from, place, value| {
                from.line(place, value)
            })?,
            cookie: self.parameters(request, "cookie", |from, place, value| {
                from.line(place, value)
            })?,
            body: body.map(pretty_json),
        };
        self.check_template(&sent)?;
        Ok(sent)
    }

    fn parameters<T>(
        &self,
        request: &Value,
        group: &str,
        print: impl Fn(&Self, &Location, &Value) -> Result<T, NotSendable>,
    ) -> Result<IndexMap<String, T>, NotSendable> {
        let place = Location::default().key(group);
        let Some(Value::Map(members)) = request.get(group) else {
            return Ok(IndexMap::new());
        };
        let printed = members.iter().map(|(name, value)| {
            let text = print(self, &place.key(name.clone()), value)?;
            Ok((name.to_string(), text))
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

    /// A path parameter. Clients and proxies take dots and nothing away.
    fn segment(&self, place: &Location, value: &Value) -> Result<String, NotSendable> {
        let text = self.texts(place, value)?.join(",");
        if matches!(text.as_str(), "" | "." | "..") {
            let problem = format!("is {text:?}, which changes the path");
            return Err(self.problem(place, &problem));
        }
        Ok(text)
    }

    /// A header or cookie. Blanks around it are not part of its value.
    fn line(&self, place: &Location, value: &Value) -> Result<String, NotSendable> {
        let text = self.texts(place, value)?.join(",");
        if text.chars().any(char::is_control) {
            return Err(self.problem(place, "holds a control character"));
        }
        if text.trim() != text {
            return Err(self.problem(place, "starts or ends with a blank, which HTTP drops"));
        }
        Ok(text)
    }

    fn texts(&self, place: &Location, value: &Value) -> Result<Vec<String>, NotSendable> {
        match value {
            Value::List(items) if items.is_empty() => {
                Err(self.problem(place, "is an empty list, which is sent like an absent one"))
            }
            Value::List(items) => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| self.text(&place.index(index), item))
                    .collect()
            }
            _ => Ok(vec![self.text(place, value)?]),
        }
    }

    fn text(&self, place: &Location, value: &Value) -> Result<String, NotSendable> {
        match value {
            Value::String(text) => Ok(text.to_string()),
            Value::Bool(value) => Ok(value.to_string()),
            Value::Number(number) if decimal_places(number).is_some() => Ok(print_number(number)),
            Value::Null => Err(self.problem(place, "is null, and a parameter is a text")),
            _ => Err(self.problem(place, "is no text, number or Boolean")),
        }
    }

    fn check_body(&self, body: &Value) -> Result<(), NotSendable> {
        let place = Location::default().key("body");
        let media_type = self
            .operation
            .media_type
            .as_deref()
            .unwrap_or("application/json");
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        if !(essence.ends_with("/json") || essence.ends_with("+json")) {
            let problem = format!("is of media type {media_type}, and only JSON is supported");
            return Err(self.problem(&place, &problem));
        }
        self.check_json(&place, body)
    }

    fn check_json(&self, place: &Location, value: &Value) -> Result<(), NotSendable> {
        match value {
            Value::Number(number) if decimal_places(number).is_none() => {
                let problem = format!(
                    "is {}, which no decimal number writes",
                    print_number(number)
                );
                Err(self.problem(place, &problem))
            }
            Value::Time(_) | Value::Duration(_) => Err(self.problem(place, "is no JSON value")),
            Value::List(items) => {
                let mut items = items.iter().enumerate();
                items.try_for_each(|(index, item)| self.check_json(&place.index(index), item))
            }
            Value::Map(members) => {
                let mut members = members.iter();
                members
                    .try_for_each(|(key, member)| self.check_json(&place.key(key.clone()), member))
            }
            _ => Ok(()),
        }
    }

    fn splices(
        &self,
        model: &Model,
        trace: &Trace,
        index: usize,
        request: &Value,
    ) -> Result<Vec<out::Splice>, NotSendable> {
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
            .chain(environment(model, request))
            .collect())
    }

    fn problem(&self, place: &Location, what: &str) -> NotSendable {
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
