//! From values to the text of parameters and forms, by the styles of OpenAPI.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::case::{Encoding, Style};
use crate::value::{Members, Value};

/// What is escaped in paths, queries and forms.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What is escaped in cookies.
const IN_COOKIES: &AsciiSet = &RESERVED
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b'/')
    .remove(b':')
    .remove(b'<')
    .remove(b'=')
    .remove(b'>')
    .remove(b'?')
    .remove(b'@')
    .remove(b'[')
    .remove(b']')
    .remove(b'^')
    .remove(b'`')
    .remove(b'{')
    .remove(b'|')
    .remove(b'}');

/// A text as it stands in paths, queries and forms.
pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn in_cookie(text: &str) -> String {
    utf8_percent_encode(text, IN_COOKIES).to_string()
}

fn plain(text: &str) -> String {
    text.to_owned()
}

/// A value as one text: a text as it is, all else as JSON.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// How parts of a value are written between what separates them.
type Write = fn(&str) -> String;

/// The texts between separators: one, those of a list, or keys and values of
/// an object.
fn items(value: &Value, explode: bool, write: Write) -> Vec<String> {
    match value {
        Value::Map(members) if explode => {
            let pairs = members.iter();
            pairs
                .map(|(key, item)| format!("{}={}", write(key), write(&text(item))))
                .collect()
        }
        Value::Map(members) => {
            let pairs = members.iter();
            pairs
                .flat_map(|(key, item)| [write(key), write(&text(item))])
                .collect()
        }
        Value::List(items) => items.iter().map(|item| write(&text(item))).collect(),
        one => vec![write(&text(one))],
    }
}

/// What stands for `{name}` in a path.
pub(super) fn path(encoding: &Encoding, value: &Value) -> String {
    let spread = encoding.explode;
    let found = || items(value, spread, escaped);
    match encoding.style {
        Style::Json => escaped(&value.to_string()),
        Style::Label => format!(".{}", found().join(if spread { "." } else { "," })),
        Style::Matrix => {
            let is_map = matches!(value, Value::Map(_));
            let name = escaped(&encoding.name);
            let parts = if spread {
                found()
            } else {
                vec![found().join(",")]
            };
            let parts = parts.into_iter().map(|part| match is_map && spread {
                true => format!(";{part}"),
                false => format!(";{name}={part}"),
            });
            parts.collect()
        }
        _ => found().join(","),
    }
}

/// The names and texts of a query, or of a form, that a value becomes.
fn pairs(encoding: &Encoding, value: &Value, write: Write) -> Vec<(String, String)> {
    let name = write(&encoding.name);
    let named = |texts: Vec<String>| {
        let pairs = texts.into_iter().map(|text| (name.clone(), text));
        pairs.collect::<Vec<_>>()
    };
    let spread = |members: &Members, key: &dyn Fn(&str) -> String| {
        let pairs = members.iter();
        pairs
            .map(|(own, item)| (key(own), write(&text(item))))
            .collect::<Vec<_>>()
    };
    match (encoding.style, value) {
        (Style::Json, _) => named(vec![write(&value.to_string())]),
        (Style::Field | Style::File, Value::List(items)) => {
            named(items.iter().map(|item| write(&text(item))).collect())
        }
        (Style::Field | Style::File, _) => named(vec![write(&text(value))]),
        (Style::DeepObject, Value::Map(members)) => {
            spread(members, &|key| write(&format!("{}[{key}]", encoding.name)))
        }
        (_, Value::Map(members)) if encoding.explode => spread(members, &|key| write(key)),
        _ if encoding.explode => named(items(value, false, write)),
        (style, _) => {
            // A comma stays as it is: it separates. Blanks and bars may not
            // stand in a query.
            let between = match style {
                Style::SpaceDelimited => write(" "),
                Style::PipeDelimited => write("|"),
                _ => ",".to_owned(),
            };
            named(vec![items(value, false, write).join(&between)])
        }
    }
}

/// A query, or an `application/x-www-form-urlencoded` body.
pub(super) fn query<'v>(values: impl Iterator<Item = (Encoding, &'v Value)>) -> String {
    assigned(values, escaped).join("&")
}

/// The text of the header for cookies.
pub(super) fn cookies<'v>(values: impl Iterator<Item = (Encoding, &'v Value)>) -> Vec<String> {
    assigned(values, in_cookie)
}

fn assigned<'v>(values: impl Iterator<Item = (Encoding, &'v Value)>, write: Write) -> Vec<String> {
    let pairs = values.flat_map(|(encoding, value)| pairs(&encoding, value, write));
    pairs.map(|(name, text)| format!("{name}={text}")).collect()
}

/// The text of a header.
pub(super) fn header(encoding: &Encoding, value: &Value) -> String {
    match encoding.style {
        Style::Json => value.to_string(),
        _ => items(value, encoding.explode, plain).join(","),
    }
}

/// The boundary of a `multipart/form-data` body, and the body.
pub(super) fn multipart<'v>(
    fields: impl Iterator<Item = (Encoding, &'v Value)>,
) -> (String, String) {
    let parts = fields.flat_map(|(encoding, value)| {
        let pairs = pairs(&encoding, value, plain).into_iter();
        let heads = pairs.map(|(name, item)| (head(&encoding, &name, value), item));
        heads.collect::<Vec<_>>()
    });
    let parts: Vec<(String, String)> = parts.collect();
    let mut boundary = "crossfield".to_owned();
    let stands = |boundary: &str| {
        let mut parts = parts.iter();
        parts.any(|(head, item)| head.contains(boundary) || item.contains(boundary))
    };
    while stands(&boundary) {
        boundary.push('-');
        boundary += &boundary.len().to_string();
    }
    let parts = parts.iter();
    let body: String = parts
        .map(|(head, item)| format!("--{boundary}\r\n{head}\r\n\r\n{item}\r\n"))
        .collect();
    let body = format!("{body}--{boundary}--\r\n");
    (boundary, body)
}

/// What stands before a field of a form.
fn head(encoding: &Encoding, name: &str, value: &Value) -> String {
    let shown = name
        .replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A");
    let mut head = format!("Content-Disposition: form-data; name=\"{shown}\"");
    if encoding.style == Style::File {
        head += &format!("; filename=\"{shown}\"");
    }
    let is_json = match encoding.style {
        Style::Json => true,
        Style::Field => holds_objects(value),
        _ => false,
    };
    let usual = match (encoding.style, is_json) {
        (Style::File, _) => Some("application/octet-stream"),
        (_, true) => Some("application/json"),
        _ => None,
    };
    match encoding.media_type.as_deref().or(usual) {
        Some(media_type) => format!("{head}\r\nContent-Type: {media_type}"),
        None => head,
    }
}

fn holds_objects(value: &Value) -> bool {
    match value {
        Value::Map(_) => true,
        Value::List(items) => items.iter().any(|item| matches!(item, Value::Map(_))),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Group;
    use crate::case::parse_json;

    fn encoding(group: Group, style: Style, explode: bool) -> Encoding {
        Encoding {
            group,
            name: "a b".to_owned(),
            style,
            explode,
            media_type: None,
        }
    }

    #[test]
    fn values_become_texts_by_their_styles() {
        let list = parse_json(r#"["x", "y z"]"#).unwrap();
        let map = parse_json(r#"{"k": 1.50, "l": true}"#).unwrap();
        let in_path = |style, explode, value| path(&encoding(Group::Path, style, explode), value);
        for (style, explode, of_list, of_map) in [
            (Style::Simple, false, "x,y%20z", "k,1.5,l,true"),
            (Style::Simple, true, "x,y%20z", "k=1.5,l=true"),
            (Style::Label, false, ".x,y%20z", ".k,1.5,l,true"),
            (Style::Label, true, ".x.y%20z", ".k=1.5.l=true"),
            (
                Style::Matrix,
                false,
                ";a%20b=x,y%20z",
                ";a%20b=k,1.5,l,true",
            ),
            (Style::Matrix, true, ";a%20b=x;a%20b=y%20z", ";k=1.5;l=true"),
        ] {
            assert_eq!(in_path(style, explode, &list), of_list);
            assert_eq!(in_path(style, explode, &map), of_map);
        }
        let in_query = |style, explode, value| {
            query([(encoding(Group::Query, style, explode), value)].into_iter())
        };
        for (style, explode, of_list) in [
            (Style::Form, true, "a%20b=x&a%20b=y%20z"),
            (Style::Form, false, "a%20b=x,y%20z"),
            (Style::SpaceDelimited, false, "a%20b=x%20y%20z"),
            (Style::PipeDelimited, false, "a%20b=x%7Cy%20z"),
            (Style::Json, false, "a%20b=%5B%22x%22%2C%20%22y%20z%22%5D"),
        ] {
            assert_eq!(in_query(style, explode, &list), of_list);
        }
        assert_eq!(
            in_query(Style::DeepObject, false, &map),
            "a%20b%5Bk%5D=1.5&a%20b%5Bl%5D=true"
        );
    }

    #[test]
    fn no_part_of_a_form_holds_its_boundary() {
        let value = Value::string("crossfield, or crossfield-11?");
        let field = encoding(Group::Body, Style::Field, false);
        let (boundary, body) = multipart([(field, &value)].into_iter());
        assert!(!value.to_string().contains(&boundary));
        assert_eq!(body.matches(&format!("--{boundary}")).count(), 2, "{body}");
    }
}
