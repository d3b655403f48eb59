//! Values as the interpreter knows them.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use crate::value::time::print_time;
use crate::value::{Number, Value};

/// The value for the interpreter. Integers are `int` whatever their sign; a
/// fraction becomes a double, which no rule that applies reads as a number.
pub(super) fn to_cel(value: &Value) -> Result<cel::Value, &'static str> {
    Ok(match value {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Number(number) => to_number(number)?,
        Value::String(text) => cel::Value::String(text.to_string().into()),
        Value::List(items) => {
            let items = items.iter().map(to_cel).collect::<Result<Vec<_>, _>>()?;
            cel::Value::List(items.into())
        }
        Value::Map(members) => {
            let mut map = HashMap::new();
            for (key, value) in members {
                map.insert(key.to_string(), to_cel(value)?);
            }
            cel::Value::from(map)
        }
        Value::Time(nanos) => to_moment(*nanos)?,
        Value::Duration(_) => return Err("a state holds a duration"),
    })
}

/// The interpreter reads the moment itself, from a text.
fn to_moment(nanos: i128) -> Result<cel::Value, &'static str> {
    let text = format!("timestamp('{}')", print_time(nanos));
    let env = super::ENV.with(std::sync::Arc::clone);
    let program = env.compile(&text).ok();
    let context = cel::Context::with_env(env);
    let moment = program.and_then(|program| program.execute(&context).ok());
    moment.ok_or("a moment is beyond CEL's")
}

fn to_number(number: &Number) -> Result<cel::Value, &'static str> {
    if !number.is_integer() {
        return Ok(cel::Value::Float(number.to_f64().unwrap_or(f64::NAN)));
    }
    let whole = number.to_integer();
    let small = within_doubles(&whole).then(|| whole.to_i64()).flatten();
    small.map(cel::Value::Int).ok_or("a number is beyond 2^53")
}

/// Whether every integer of that size is a double.
pub(super) fn within_doubles(whole: &BigInt) -> bool {
    whole.abs() < BigInt::from(1_i64 << 53)
}

/// Header names ignore case: an object with its keys in small letters.
pub(super) fn lower_keys(value: &Value) -> Value {
    match value {
        Value::Map(members) => {
            let members = members.iter();
            let lower = members.map(|(key, value)| (key.to_lowercase().into(), value.clone()));
            Value::Map(lower.collect())
        }
        other => other.clone(),
    }
}
