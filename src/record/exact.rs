//! JSON texts that a JSON value can stand for.

use serde_json::Value as Json;

use super::mask::keys;

/// What the library takes for numbers in disguise.
const DISGUISE: &str = "$serde_json::private";

/// The value of a text, if nothing of it is lost but its layout: neither a
/// member that is there twice, nor digits of a number.
pub(super) fn exact(text: &str) -> Option<Json> {
    let value = serde_json::from_str(text).ok()?;
    let is_exact = keys(text) == members(&value) && !text.contains(DISGUISE);
    is_exact.then_some(value)
}

fn members(value: &Json) -> usize {
    match value {
        Json::Array(items) => items.iter().map(members).sum(),
        Json::Object(own) => own.len() + own.values().map(members).sum::<usize>(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_in_values_is_no_value() {
        for text in [
            "1.0",
            "123456789012345678901234567890.10",
            r#"{"a":{"b":1},"c":[{"b":"\u00e9: \"x\": 1"}]}"#,
            "[]",
        ] {
            let value = exact(text);
            assert!(value.is_some(), "{text}");
        }
        assert_eq!(
            exact("[1.0, -0, 1.50]").unwrap().to_string(),
            "[1.0,-0,1.50]"
        );
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"["\ud800"]"#,
            "{",
            "",
            r#"{"$serde_json::private::Number":"1"}"#,
        ] {
            assert_eq!(exact(text), None, "{text}");
        }
    }
}
