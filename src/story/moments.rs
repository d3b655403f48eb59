//! Values in words.

use std::collections::BTreeMap;

use crate::model::{KEY, Model, Trace, step_of_key};
use crate::value::Value;
use crate::value::time::{print_duration, print_time};

/// What is told in place of texts that stand for something else: times that are
/// counted from the moment of the test, and keys of resources.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    /// The names of what was there before, by their keys.
    existing: BTreeMap<String, String>,
    times: BTreeMap<String, String>,
}

impl Words {
    pub fn new(model: &Model, trace: &Trace) -> Self {
        let mut times = BTreeMap::new();
        for step in &trace.steps {
            let schema = model.operation(step.operation).request;
            for place in model.anchored_places(schema, &step.request) {
                let text = place.read(&step.request).and_then(Value::as_str);
                let told =
                    text.and_then(|text| Some((text.to_owned(), model.clock.in_words(text)?)));
                times.extend(told);
            }
        }
        let existing = model.existing.iter();
        let existing = existing.map(|own| (own.text.clone(), own.name.clone()));
        Self {
            existing: existing.collect(),
            times,
        }
    }

    /// The words for a value, if it needs some.
    pub fn of(&self, value: &Value) -> Option<String> {
        let key = step_of_key(value).map(|step| format!("key of request {}", step + 1));
        let named = self.existing(value).map(|name| format!("key of {name}"));
        let own = value.get(KEY);
        let made = own.and_then(step_of_key);
        let made = made.map(|step| format!("(made by request {})", step + 1));
        let there = own.and_then(|key| self.existing(key));
        let there = there.map(|name| format!("({name}, there before)"));
        key.or(named)
            .or(made)
            .or(there)
            .or_else(|| self.times.get(value.as_str()?).cloned())
    }

    /// What the rule file calls the resource of that key, if it was there before.
    pub fn existing(&self, key: &Value) -> Option<&str> {
        self.existing.get(key.as_str()?).map(String::as_str)
    }

    /// The value's JSON text, or the words for it.
    pub fn told(&self, value: &Value) -> String {
        match value {
            Value::Time(nanos) => print_time(*nanos),
            Value::Duration(nanos) => print_duration(*nanos),
            _ => self.of(value).unwrap_or_else(|| value.to_string()),
        }
    }
}
