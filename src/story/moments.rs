//! Values in words.

use std::collections::BTreeMap;

use crate::model::{KEY, Model, Trace, step_of_key};
use crate::value::Value;
use crate::value::time::{print_duration, print_time};

/// What is told in place of texts that stand for something else: times that are
/// counted from the moment of the test, and keys of resources.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
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
        Self { times }
    }

    /// The words for a value, if it needs some.
    pub fn of(&self, value: &Value) -> Option<String> {
        let key = step_of_key(value).map(|step| format!("key of request {}", step + 1));
        let made = value.get(KEY).and_then(step_of_key);
        let made = made.map(|step| format!("(made by request {})", step + 1));
        key.or(made)
            .or_else(|| self.times.get(value.as_str()?).cloned())
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
