//! Python source text.

use std::fmt::Write as _;

use crate::value::{Members, Number, Value, print_number};

/// How long a line may become before it is broken up.
pub(super) const WIDTH: usize = 100;

/// Starts a text that stands for a value of an earlier answer, of the
/// environment or of the clock. No field of an HTTP request begins with it.
const SAVED: char = '\u{1}';

/// A text that [`literal`] prints as `saved(step, "path")`.
pub(super) fn saved(step: usize, path: &str) -> Value {
    Value::string(format!("{SAVED}{step}{SAVED}{path}"))
}

/// A text that [`literal`] prints as `from_environment("NAME")`.
pub(super) fn environment(variable: &str) -> Value {
    Value::string(format!("{SAVED}{variable}"))
}

/// The same for a variable that holds a number.
pub(super) fn environment_number(variable: &str) -> Value {
    expression(&format!(
        "from_environment({}, number=True)",
        string(variable)
    ))
}

/// A text that [`literal`] prints as this Python expression.
pub(super) fn expression(text: &str) -> Value {
    Value::string(format!("{SAVED}{SAVED}{text}"))
}

/// A Python expression for `value`, its first line in column `column`, all
/// others indented by at least `indent`.
pub(super) fn literal(value: &Value, column: usize, indent: usize) -> String {
    let one_line = inline(value);
    if column + one_line.chars().count() < WIDTH {
        return one_line;
    }
    match value {
        Value::List(items) if !items.is_empty() => {
            let items = items
                .iter()
                .map(|item| literal(item, indent + 4, indent + 4));
            broken("[", items, "]", indent)
        }
        Value::Map(members) if !members.is_empty() => {
            let members = members.iter().map(|(key, value)| {
                let key = string(key);
                let column = indent + 6 + key.chars().count();
                format!("{key}: {}", literal(value, column, indent + 4))
            });
            broken("{", members, "}", indent)
        }
        _ => one_line,
    }
}

/// A call: in one line, or with an argument a line.
pub(super) fn call(name: &str, arguments: &[String], indent: usize) -> String {
    let one_line = format!("{name}({})", arguments.join(", "));
    if indent + one_line.chars().count() <= WIDTH && !one_line.contains('\n') {
        return one_line;
    }
    broken(&format!("{name}("), arguments.iter().cloned(), ")", indent)
}

fn broken(open: &str, parts: impl Iterator<Item = String>, close: &str, indent: usize) -> String {
    let (inside, outside) = (" ".repeat(indent + 4), " ".repeat(indent));
    let lines = parts.fold(String::new(), |mut lines, part| {
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{inside}{part},");
        lines
    });
    format!("{open}\n{lines}{outside}{close}")
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => self::number(number),
        Value::String(text) => saved_call(text).unwrap_or_else(|| string(text)),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(members) => format!("{{{}}}", self::members(members)),
        Value::Time(nanos) | Value::Duration(nanos) => nanos.to_string(),
    }
}

fn members(members: &Members) -> String {
    let members = members.iter();
    let members = members.map(|(key, value)| format!("{}: {}", string(key), inline(value)));
    members.collect::<Vec<_>>().join(", ")
}

fn number(number: &Number) -> String {
    let text = print_number(number);
    if number.is_integer() {
        text
    } else {
        format!("Decimal(\"{text}\")")
    }
}

fn saved_call(text: &str) -> Option<String> {
    let text = text.strip_prefix(SAVED)?;
    Some(match text.split_once(SAVED) {
        Some(("", expression)) => expression.to_owned(),
        Some((step, path)) => format!("saved({step}, {})", string(path)),
        None => format!("from_environment({})", string(text)),
    })
}

/// A string in double quotes; what can't be seen is escaped.
pub(super) fn string(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "\\\""))
}

/// `text` as it stands in a Python string, quotes left as they are.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if is_hidden(char) => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(char));
            }
            _ => out.push(char),
        }
    }
    out
}

/// Control characters, and marks that change how text around them is shown.
/// All of them have four hexadecimal digits.
pub(super) fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{2028}'..='\u{202e}'
            | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}')
}

/// Text for a comment, which ends with its line.
pub(super) fn comment(text: &str) -> String {
    text.replace(is_hidden, " ")
}

/// A name in lower case; whatever a Python name can't hold becomes `_`.
pub(super) fn identifier(text: &str) -> String {
    let replaced = text.chars().map(|char| match char {
        _ if char.is_ascii_alphanumeric() => char.to_ascii_lowercase(),
        _ => '_',
    });
    replaced.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::parse_json;

    #[test]
    fn values_are_python() {
        for (json, python) in [
            (
                r#"[null, true, false, 10.10, -3, 1e30]"#,
                r#"[None, True, False, Decimal("10.1"), -3, 1000000000000000000000000000000]"#,
            ),
            (
                r#"{"a\"b": "x\\\n\u0000\u202e é"}"#,
                r#"{"a\"b": "x\\\n\u0000\u202e é"}"#,
            ),
        ] {
            assert_eq!(literal(&parse_json(json).unwrap(), 0, 0), python);
        }
        assert_eq!(literal(&saved(1, "id"), 0, 0), r#"saved(1, "id")"#);
        assert_eq!(
            literal(&environment("ID"), 0, 0),
            r#"from_environment("ID")"#
        );
    }

    #[test]
    fn long_values_are_broken_up() {
        let long = Value::string("x".repeat(60));
        let value = Value::List(vec![long.clone(), long]);
        let x = "x".repeat(60);
        let expected = format!("[\n        \"{x}\",\n        \"{x}\",\n    ]");
        assert_eq!(literal(&value, 10, 4), expected);
    }
}
