//! JSON that another reader took apart, as exact values.

use super::{Value, parse_number};

/// JSON as an exact value. Of members that stand twice the last counts, as for
/// most readers; none where a number is too long to be read.
pub fn exact(json: serde_json::Value) -> Option<Value> {
    Some(match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(value),
        serde_json::Value::Number(number) => Value::Number(parse_number(number.as_str())?),
        serde_json::Value::String(text) => Value::string(text),
        serde_json::Value::Array(items) => {
            let items: Option<Vec<Value>> = items.into_iter().map(exact).collect();
            Value::List(items?)
        }
        serde_json::Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(key, value)| Some((key.into(), exact(value)?)));
            Value::Map(members.collect::<Option<_>>()?)
        }
    })
}
