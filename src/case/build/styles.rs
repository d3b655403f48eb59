//! Whatever is found to be sendable is read back as it was meant, in every
//! style: random values through the runtime of emitted tests and through a
//! reader that knows nothing of it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use super::tests::{model, trace};
use super::*;
use crate::document::{Encoding, Form, Group, Style};
use crate::value::Members;

/// What separates something somewhere, and some that doesn't.
const PIECES: [&str; 24] = [
    "a", "b", "7", ",", " ", "|", ".", ";", "=", "&", "%", "[", "]", "+", "/", "\\", "\"", "'",
    "?", "#", "é", "\n", "%2C", "",
];

const STYLES: [(Group, &[Style]); 5] = [
    (
        Group::Path,
        &[Style::Simple, Style::Label, Style::Matrix, Style::Json],
    ),
    (
        Group::Query,
        &[
            Style::Form,
            Style::SpaceDelimited,
            Style::PipeDelimited,
            Style::DeepObject,
            Style::Json,
        ],
    ),
    (Group::Header, &[Style::Simple, Style::Json]),
    (Group::Cookie, &[Style::Form, Style::Json]),
    (
        Group::Body,
        &[
            Style::Field,
            Style::Form,
            Style::SpaceDelimited,
            Style::PipeDelimited,
            Style::DeepObject,
            Style::Json,
        ],
    ),
];

fn text(random: &mut fastrand::Rng) -> String {
    let pieces = (0..random.usize(0..4)).map(|_| PIECES[random.usize(..PIECES.len())]);
    pieces.collect()
}

fn value(random: &mut fastrand::Rng) -> Value {
    let mut texts = |most: usize| -> Vec<String> {
        (0..random.usize(0..=most)).map(|_| text(random)).collect()
    };
    let (items, keys) = (texts(3), texts(2));
    match random.u8(0..3) {
        0 => Value::string(items.first().cloned().unwrap_or_default()),
        1 => Value::List(items.into_iter().map(Value::string).collect()),
        _ => {
            let members = keys.into_iter().zip(items);
            let members: Members = members
                .map(|(key, item)| (key.into(), Value::string(item)))
                .collect();
            Value::Map(members)
        }
    }
}

#[test]
fn what_can_be_sent_is_read_back_in_every_style() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut process = Command::new(root.join(".venv/bin/python"))
        .arg(root.join("tests/support/read_back.py"))
        .arg(root.join("src/emit/pytest"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = process.stdin.take().unwrap();
    let mut random = fastrand::Rng::with_seed(4711);
    let (mut sent, mut refused) = (0, 0);
    for _ in 0..20_000 {
        let (group, styles) = STYLES[random.usize(..STYLES.len())];
        let style = styles[random.usize(..styles.len())];
        // A cookie that is spread out has no form for lists and objects.
        let explode = random.bool() && style.is_spread() && group != Group::Cookie;
        let encoding = Encoding {
            group,
            name: "own".to_owned(),
            style,
            explode,
            media_type: None,
        };
        let form = match random.bool() {
            true => Form::UrlEncoded,
            false => Form::Multipart,
        };
        let value = value(&mut random);
        let mut model = model();
        let operation = &mut model.operations[0];
        operation.encodings = vec![encoding];
        if group == Group::Path {
            operation.path = "/x/{own}".to_owned();
        }
        operation.form = (group == Group::Body).then_some(form);
        let request = format!("{{\"{}\": {{\"own\": {value}}}}}", group.name());
        if not_sendable(&model, &trace(&[(0, &request)])).is_some() {
            refused += 1;
            continue;
        }
        sent += 1;
        let kind = match form {
            Form::UrlEncoded => "urlencoded",
            Form::Multipart => "multipart",
        };
        let line = json!({
            "group": group.name(),
            "style": style.name(),
            "explode": explode,
            "form": kind,
            "value": serde_json::from_str::<serde_json::Value>(&value.to_string()).unwrap(),
        });
        writeln!(input, "{line}").unwrap();
    }
    drop(input);
    let output = process.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, format!("{sent} read back\n"));
    assert!(sent > 5_000 && refused > 1_000, "{sent} {refused}");
}
