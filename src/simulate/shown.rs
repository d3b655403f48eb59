//! What the answers of views show of what a server remembers.

use std::collections::BTreeSet;

use crate::model::{
    Compared, Model, OperationRef, ResourceRef, Trace, Viewed, resource_key, step_of_key,
};
use crate::value::time::parse_time;
use crate::value::{Value, decimal_places};

/// One place of an answer that shows what is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// The resource.
    pub resource: ResourceRef,
    /// The entry of its view, by position.
    pub entry: usize,
    /// What is remembered; none: nothing, which shows like null.
    pub value: Option<Value>,
}

/// What an accepted request to `operation` shows, by resource and entry; the
/// resources that it is about are counted by [`ResourceRef`].
pub(super) fn seen(
    model: &Model,
    operation: OperationRef,
    resources: &[Option<Value>],
) -> Vec<Seen> {
    let views = model.views_at(operation);
    let each = views.flat_map(|(resource, view)| {
        let state = resources.get(resource.0 as usize).and_then(Option::as_ref);
        let shown = view.shown.iter().enumerate();
        shown.map(move |(entry, viewed)| {
            let attribute = model.resource(resource).attributes.get(viewed.attribute);
            let value = attribute.and_then(|own| state?.get(&own.name));
            Seen {
                resource,
                entry,
                value: value.filter(|value| **value != Value::Null).cloned(),
            }
        })
    });
    each.collect()
}

/// The entry of a view that shows it.
pub fn entry_of<'m>(model: &'m Model, seen: &Seen) -> Option<&'m Viewed> {
    let view = model.resource(seen.resource).view.as_ref()?;
    view.shown.get(seen.entry)
}

/// Whether an observer who knows what the right server shows can tell that the
/// other one shows something else: of what tests know before.
pub(super) fn differ(model: &Model, known: &Known<'_>, right: &[Seen], other: &[Seen]) -> bool {
    let mut pairs = right.iter().zip(other);
    pairs.any(|(right, other)| {
        let compared = entry_of(model, right).map(|viewed| viewed.compared);
        let is_same = match (&right.value, &other.value) {
            (Some(a), Some(b)) if compared == Some(Compared::AsMoments) => same_moment(a, b),
            (a, b) => a == b,
        };
        !is_same
            && right
                .value
                .as_ref()
                .is_none_or(|value| known.is_known(value))
    })
}

/// Whether two texts name one moment.
fn same_moment(a: &Value, b: &Value) -> bool {
    let moment = |value: &Value| value.as_str().and_then(parse_time);
    a == b || moment(a).is_some_and(|a| moment(b) == Some(a))
}

/// What tests know of a text before they send the requests of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled<'m> {
    /// It is as it is.
    Plain,
    /// The key of what this step (from 0) makes.
    Key(usize),
    /// A value that differs from server to server: its position in the model.
    Value(usize),
    /// The text of a time that is counted from the moment of the test.
    Moment(&'m str),
    /// Nothing: it is made of such texts, or new in every request.
    Unknown,
}

/// What stands in the requests of a trace for what is filled in when they are
/// sent.
pub struct Known<'m> {
    model: &'m Model,
    moments: BTreeSet<&'m str>,
    fresh: BTreeSet<&'m str>,
}

impl<'m> Known<'m> {
    /// Of the requests of `trace`.
    pub fn new(model: &'m Model, trace: &'m Trace) -> Self {
        let mut moments = BTreeSet::new();
        let mut fresh = BTreeSet::new();
        for step in &trace.steps {
            let operation = model.operation(step.operation);
            let places = model.anchored_places(operation.request, &step.request);
            let texts = places.iter().filter_map(|place| place.read(&step.request));
            moments.extend(texts.filter_map(Value::as_str));
            let own = operation.unique.iter().chain(&operation.correlated);
            let texts = own.filter_map(|own| own.location.read(&step.request));
            fresh.extend(texts.filter_map(Value::as_str));
        }
        Self {
            model,
            moments,
            fresh,
        }
    }

    /// What is known of a text or a number.
    pub fn filled(&self, value: &Value) -> Filled<'m> {
        let mut values = self.model.values.iter();
        if let Some(index) = values.position(|own| own.stand_in == *value) {
            return Filled::Value(index);
        }
        value.as_str().map_or(Filled::Plain, |text| self.text(text))
    }

    fn text(&self, text: &str) -> Filled<'m> {
        if let Some(step) = step_of_key(&Value::string(text)) {
            return Filled::Key(step);
        }
        if let Some(moment) = self.moments.get(text) {
            return Filled::Moment(moment);
        }
        let values = self.model.values.iter();
        let values = values.filter_map(|value| value.stand_in.as_str());
        let parts = self.moments.iter().chain(&self.fresh).copied();
        let mut parts = values.chain(parts).filter(|part| !part.is_empty());
        match parts.any(|part| text.contains(part)) || holds_key(text) {
            true => Filled::Unknown,
            false => Filled::Plain,
        }
    }

    /// Whether a test can write what stands for a value in an answer.
    pub fn is_known(&self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) => true,
            Value::Number(number) => decimal_places(number).is_some(),
            Value::String(_) => self.filled(value) != Filled::Unknown,
            Value::List(items) => items.iter().all(|item| self.is_known(item)),
            Value::Map(members) => members.values().all(|member| self.is_known(member)),
            Value::Time(_) | Value::Duration(_) => false,
        }
    }
}

/// Whether a text holds a placeholder of a key.
fn holds_key(text: &str) -> bool {
    let first = resource_key(0);
    let prefix = first.as_str().map(|key| key.trim_end_matches('1'));
    prefix.is_some_and(|prefix| text.contains(prefix))
}
