//! The server reads bodies exactly as the API document says: every example, changed at
//! one place in many ways, is refused as invalid where the document's schema refuses it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where it goes wrong"
)]

mod support;

use axum::http::StatusCode;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use support::*;

/// The document's schemas as JSON Schema: `nullable` becomes a type.
fn without_nullable(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut schema: Map<String, Value> = members
                .iter()
                .map(|(name, value)| (name.clone(), without_nullable(value)))
                .collect();
            if schema.remove("nullable") == Some(json!(true)) {
                let name = schema["type"].clone();
                schema.insert("type".to_owned(), json!([name, "null"]));
            }
            Value::Object(schema)
        }
        Value::Array(items) => items.iter().map(without_nullable).collect(),
        _ => value.clone(),
    }
}

fn validator(document: &Value, operation: &Value) -> Validator {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let mut components = without_nullable(&document["components"]);
    // What the document says in prose.
    let max_uses =
        components.pointer_mut("/schemas/PaymentLinkRequest/allOf/1/properties/max_uses");
    change(max_uses.unwrap(), &json!({"minimum": 2, "maximum": 500}));
    let schema = json!({"$ref": schema["$ref"], "components": components});
    jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

/// What a place may be changed to; `None` takes it away.
fn changes(value: &Value) -> Vec<Option<Value>> {
    let mut changes = vec![
        None,
        Some(Value::Null),
        Some(json!(true)),
        Some(json!("x")),
        Some(json!({})),
    ];
    changes.push(Some(json!([])));
    match value {
        Value::String(text) => {
            let lengths = [
                1, 2, 3, 4, 5, 30, 31, 60, 61, 70, 71, 80, 81, 120, 121, 140, 141, 200, 201,
            ];
            changes.extend(lengths.map(|length| Some(json!("A".repeat(length)))));
            let texts = [
                "",
                "2031-02-29",
                "2031-02-28",
                "2031-05-19T10:00:00",
                "2031-05-19T10:00:00Z",
            ];
            changes.extend(texts.map(|text| Some(json!(text))));
            changes.push(Some(json!(text.to_lowercase())));
            changes.push(Some(json!(text.to_uppercase())));
            changes.push(Some(json!(format!("{text}9"))));
            changes.push(Some(json!(format!(" {text}"))));
            changes.push(Some(json!(text.chars().skip(1).collect::<String>())));
        }
        Value::Number(_) => {
            let numbers = [
                "-1",
                "0",
                "0.0001",
                "0.00005",
                "0.005",
                "0.01",
                "0.5",
                "1",
                "1.0",
                "2",
                "1.5",
                "2.25",
                "3.001",
                "6",
                "6.05",
                "36",
                "37",
                "60",
                "60.5",
                "240",
                "241",
                "500",
                "500.01",
                "501",
                "999",
                "1000",
                "5000",
                "5000.01",
                "9999",
                "9999.0001",
                "10000",
                "10000.01",
                "25000",
                "25000.01",
                "250000",
                "250000.01",
                "50000000",
                "50000000.01",
                "999999999999",
                "1000000000000",
                "1e2",
                "12.340",
            ];
            changes.extend(numbers.map(|text| Some(serde_json::from_str(text).unwrap())));
        }
        Value::Array(items) => {
            let many = |length| Value::Array(items.iter().cycle().take(length).cloned().collect());
            changes.extend([1, 8, 9, 10, 11].map(|length| Some(many(length))));
        }
        _ => {}
    }
    changes
}

/// The places of a value, as JSON pointers.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, child)| (name.clone(), child))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(i, child)| (i.to_string(), child))
            .collect(),
        _ => Vec::new(),
    };
    for (name, child) in children {
        let place = format!("{at}/{name}");
        places(child, &place, into);
        into.push(place);
    }
}

fn changed(body: &Value, place: &str, to: Option<Value>) -> Value {
    let mut body = body.clone();
    match to {
        Some(to) => *body.pointer_mut(place).unwrap() = to,
        None => {
            let (parent, name) = place.rsplit_once('/').unwrap();
            match body.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(name)),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                _ => unreachable!(),
            }
        }
    }
    body
}

#[tokio::test]
async fn bodies_are_read_as_the_document_says() {
    let document = document();
    let (mut valid, mut invalid) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        let operation = &item["post"];
        let Some(examples) =
            operation["requestBody"]["content"]["application/json"]["examples"].as_object()
        else {
            continue;
        };
        let validator = validator(document, operation);
        for example in examples.values() {
            let mut found = Vec::new();
            places(&example["value"], "", &mut found);
            for place in found {
                let before = example["value"].pointer(&place).unwrap();
                for change in changes(before) {
                    let body = changed(&example["value"], &place, change);
                    let (status, answer) =
                        send(&server(&[]), "POST", path, "web", body.to_string()).await;
                    let read = status != StatusCode::BAD_REQUEST;
                    assert_eq!(
                        read,
                        validator.is_valid(&body),
                        "{path} {place}: {body}: {answer}"
                    );
                    if read { valid += 1 } else { invalid += 1 }
                }
            }
        }
    }
    assert!(
        valid > 500 && invalid > 2000,
        "{valid} valid, {invalid} invalid"
    );
}
