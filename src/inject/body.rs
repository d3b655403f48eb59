//! Bodies of answers, taken apart.

use serde_json::{Map, Number, Value as Json};

use crate::simulate::Shows;
use crate::value::Value;

/// A value as JSON.
pub(super) fn json_of(value: &Value) -> Json {
    serde_json::from_str(&value.to_string()).unwrap_or(Json::Null)
}

/// Writes a value below a body, making the objects on the way.
pub(super) fn put(body: &mut Json, path: &[String], value: Json) {
    let Some((first, rest)) = path.split_first() else {
        *body = value;
        return;
    };
    if let Json::Array(items) = body
        && let Some(item) = first.parse::<usize>().ok().and_then(|at| items.get_mut(at))
    {
        return put(item, rest, value);
    }
    if !body.is_object() {
        *body = Json::Object(Map::new());
    }
    if let Json::Object(members) = body {
        put(members.entry(first).or_insert(Json::Null), rest, value);
    }
}

/// Writes another value; numbers stay texts where they are written so.
fn show(body: &mut Json, path: &[String], value: Json) {
    let pointer: String = path.iter().map(|step| format!("/{step}")).collect();
    let is_text = body.pointer(&pointer).is_some_and(Json::is_string);
    match value {
        Json::Number(number) if is_text => put(body, path, Json::from(number.to_string())),
        value => put(body, path, value),
    }
}

/// Shows what a server shows.
pub(super) fn write(body: &mut Json, shows: &[Shows]) {
    for Shows { path, value, .. } in shows {
        match value {
            Some(value) => show(body, path, json_of(value)),
            None => remove(body, path),
        }
    }
}

/// Takes something out.
fn remove(body: &mut Json, path: &[String]) {
    let Some((last, above)) = path.split_last() else {
        return;
    };
    let pointer: String = above.iter().map(|step| format!("/{step}")).collect();
    if let Some(Json::Object(members)) = body.pointer_mut(&pointer) {
        members.shift_remove(last);
    }
}

/// Most servers show what they were given: members of a body that the request
/// has, too, at the same place and of the same kind.
pub(super) fn echo(body: &mut Json, request: &[u8]) {
    if let Ok(request) = serde_json::from_slice::<Json>(request) {
        taken_over(body, &request);
    }
}

fn taken_over(body: &mut Json, request: &Json) {
    match (body, request) {
        (Json::Object(own), Json::Object(given)) => {
            for (name, value) in own.iter_mut() {
                if let Some(given) = given.get(name) {
                    taken_over(value, given);
                }
            }
        }
        (own @ Json::String(_), Json::String(_))
        | (own @ Json::Number(_), Json::Number(_))
        | (own @ Json::Bool(_), Json::Bool(_))
        | (own @ Json::Array(_), Json::Array(_)) => *own = request.clone(),
        _ => {}
    }
}

/// A key that nothing has, and that looks like this one.
pub(super) fn new_key(like: Option<&Json>) -> Json {
    match like {
        Some(Json::Number(_)) => Json::Number(Number::from(fastrand::u32(1_000_000_000..))),
        Some(Json::String(text)) => Json::from(changed(text)),
        _ => Json::from(format!("{:016x}", fastrand::u64(..))),
    }
}

/// The text with other digits, or with some behind it where that are too few.
fn changed(text: &str) -> String {
    let count = text.chars().filter(char::is_ascii_digit).count();
    let other = |letter: char| match letter {
        '1'..='9' => char::from(b'1' + fastrand::u8(..9)),
        other => other,
    };
    let new: String = text.chars().map(other).collect();
    match count {
        0..=5 => format!("{new}{}", fastrand::u32(100_000..)),
        _ => new,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_are_changed_in_place() {
        let mut body = json!({"a": {"b": 1}, "c": [{"d": 1}]});
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        put(&mut body, &path("a.e.f"), json!(2));
        put(&mut body, &path("c.0.d"), json!(3));
        assert_eq!(body, json!({"a": {"b": 1, "e": {"f": 2}}, "c": [{"d": 3}]}));
        let mut nothing = Json::Null;
        put(&mut nothing, &path("id"), json!("x"));
        assert_eq!(nothing, json!({"id": "x"}));
    }

    #[test]
    fn what_was_given_is_shown() {
        let mut body = json!({"id": "p", "amount": 1.5, "card": {"n": 1, "m": 2}, "list": []});
        echo(
            &mut body,
            br#"{"amount": 2.50, "card": {"n": 3, "m": "x"}, "list": [1], "id": 5}"#,
        );
        assert_eq!(
            body.to_string(),
            r#"{"id":"p","amount":2.50,"card":{"n":3,"m":2},"list":[1]}"#
        );
    }

    #[test]
    fn keys_are_new_and_look_alike() {
        let Json::String(key) = new_key(Some(&json!("pay_7"))) else {
            unreachable!("a text")
        };
        assert!(key.starts_with("pay_") && key != "pay_7");
        assert!(new_key(Some(&json!(7))).is_number());
        let uuid = "9a1b2c3d-1111-4222-8333-123456789abc";
        let Json::String(other) = new_key(Some(&json!(uuid))) else {
            unreachable!("a text")
        };
        assert_eq!(other.len(), uuid.len());
        assert_ne!(other, uuid);
    }
}
