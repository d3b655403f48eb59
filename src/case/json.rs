//! JSON text to and from exact values.

use crate::source::Sources;
use crate::tree;
use crate::value::{Members, Value};

/// The longest container that is printed in one line.
const WIDTH: usize = 88;

/// Reads JSON text exactly.
///
/// # Errors
/// What is wrong with it, in words.
pub fn parse_json(text: &str) -> Result<Value, String> {
    let mut sources = Sources::new();
    let file = sources.add("value.json", text);
    match tree::parse_json(&sources, file) {
        Ok(node) => Ok(node.to_value()),
        Err(found) => Err(found
            .iter()
            .next()
            .map_or_else(|| "not JSON".to_owned(), |first| first.message.clone())),
    }
}

/// JSON text for people: members in their order, a line for each member of
/// the outermost value, inner values in one line where they fit into it.
pub fn pretty_json(value: &Value) -> String {
    let mut out = String::new();
    print(&mut out, value, 0);
    out
}

fn print(out: &mut String, value: &Value, depth: usize) {
    let one_line = value.to_string();
    if depth > 0 && depth * 2 + one_line.chars().count() <= WIDTH {
        out.push_str(&one_line);
        return;
    }
    match value {
        Value::List(items) if !items.is_empty() => print_list(out, items, depth),
        Value::Map(members) if !members.is_empty() => print_members(out, members, depth),
        _ => out.push_str(&one_line),
    }
}

fn print_list(out: &mut String, items: &[Value], depth: usize) {
    for (index, item) in items.iter().enumerate() {
        out.push_str(if index == 0 { "[" } else { "," });
        new_line(out, depth + 1);
        print(out, item, depth + 1);
    }
    new_line(out, depth);
    out.push(']');
}

fn print_members(out: &mut String, members: &Members, depth: usize) {
    for (index, (key, value)) in members.iter().enumerate() {
        out.push_str(if index == 0 { "{" } else { "," });
        new_line(out, depth + 1);
        out.push_str(&Value::String(key.clone()).to_string());
        out.push_str(": ");
        print(out, value, depth + 1);
    }
    new_line(out, depth);
    out.push('}');
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_printing_and_reading_with_every_digit() {
        let text = r#"{
  "amount": 10.1,
  "big": 123456789012345678901234567890.000000000000000000001,
  "text": "a\"\\\n é",
  "lines": [{"sku": "A", "price": 0.05}, []],
  "long": [
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
  ],
  "none": {}
}"#;
        let value = parse_json(text).unwrap();
        assert_eq!(pretty_json(&value), text);
        assert_eq!(parse_json(&value.to_string()).unwrap(), value);
    }

    #[test]
    fn what_is_no_json_is_refused() {
        assert!(parse_json("{a: 1}").is_err());
        assert!(parse_json("").is_err());
    }
}
