//! Conditionals of JSON Schema against the crate `jsonschema`.

use crossfield::import::jsonschema::from_schema;
use crossfield::source::Sources;
use fastrand::Rng;
use serde_json::{Value, json};

/// The members that every schema here knows.
fn properties() -> Value {
    json!({
        "a": {"type": "integer"},
        "b": {"type": "integer"},
        "s": {"type": "string", "enum": ["x", "y", "z"]},
        "t": {"type": "string"},
        "f": {"type": "boolean"},
        "o": {"type": "object", "properties": {"a": {"type": "integer"}, "s": {"type": "string"}}},
        "l": {"type": "array", "items": {"type": "integer"}},
    })
}

fn base() -> Value {
    json!({"type": "object", "required": ["s"], "properties": properties()})
}

const NAMES: [&str; 7] = ["a", "b", "s", "t", "f", "o", "l"];

fn names(rng: &mut Rng, count: usize) -> Vec<&'static str> {
    rng.choose_multiple(NAMES, count)
}

/// What is asked of one member.
fn field(rng: &mut Rng, name: &str) -> Value {
    match (name, rng.u8(0..4)) {
        ("a" | "b", 0) => json!({"const": rng.i8(0..4)}),
        ("a" | "b", 1) => json!({"minimum": rng.i8(0..4)}),
        ("a" | "b", 2) => json!({"exclusiveMaximum": rng.i8(1..5)}),
        ("a" | "b", _) => json!({"enum": [0, rng.i8(1..4)]}),
        ("s", 0 | 1) => json!({"const": rng.choice(["x", "y", "z"]).unwrap()}),
        ("s", _) => json!({"enum": ["x", "y"]}),
        ("t", 0) => json!({"minLength": rng.u8(0..4)}),
        ("t", 1) => json!({"maxLength": rng.u8(0..4), "type": "string"}),
        ("t", _) => json!({"pattern": "^x"}),
        ("f", _) => json!({"const": rng.bool()}),
        ("o", 0 | 1) => json!({"required": ["a"]}),
        ("o", _) => json!({"properties": {"a": field(rng, "a")}}),
        ("l", 0) => json!({"minItems": rng.u8(0..3)}),
        ("l", 1) => json!({"items": {"minimum": 2}}),
        ("l", 2) => json!({"contains": {"const": 1}}),
        _ => json!(false),
    }
}

fn schema(rng: &mut Rng, depth: usize) -> Value {
    let several = |rng: &mut Rng, depth: usize| -> Vec<Value> {
        let count = rng.usize(2..4);
        (0..count).map(|_| schema(rng, depth - 1)).collect()
    };
    match if depth == 0 {
        rng.u8(0..4)
    } else {
        rng.u8(0..9)
    } {
        0 | 1 => {
            let count = rng.usize(1..3);
            json!({"required": names(rng, count)})
        }
        2 => {
            let name = names(rng, 1)[0];
            json!({"properties": {name: field(rng, name)}})
        }
        3 => {
            let name = names(rng, 1)[0];
            json!({"properties": {name: field(rng, name)}, "required": [name]})
        }
        4 => json!({"allOf": several(rng, depth)}),
        5 => json!({"anyOf": several(rng, depth)}),
        6 => json!({"oneOf": several(rng, depth)}),
        7 => json!({"not": schema(rng, depth - 1)}),
        _ => json!({"if": schema(rng, depth - 1), "then": schema(rng, depth - 1),
                    "else": schema(rng, depth - 1)}),
    }
}

/// A keyword that ties members, added to the base.
fn conditional(rng: &mut Rng) -> Value {
    let mut whole = base();
    let added = match rng.u8(0..8) {
        0 => json!({"if": schema(rng, 1), "then": schema(rng, 1)}),
        1 => json!({"if": schema(rng, 1), "else": schema(rng, 1)}),
        2 => {
            let names = names(rng, 3);
            json!({"dependentRequired": {names[0]: names[1..]}})
        }
        3 => json!({"dependentSchemas": {names(rng, 1)[0]: schema(rng, 1)}}),
        4 => json!({"not": schema(rng, 1)}),
        5 => json!({"anyOf": [schema(rng, 1), schema(rng, 1)]}),
        6 => json!({"oneOf": [schema(rng, 1), schema(rng, 1), schema(rng, 0)]}),
        _ => {
            let branch = |rng: &mut Rng, tag: &str| {
                let name = rng.choice(["a", "b", "t", "o"]).unwrap();
                json!({"properties": {"s": {"const": tag}}, "required": ["s", name]})
            };
            json!({"oneOf": [branch(rng, "x"), branch(rng, "y"), branch(rng, "z")]})
        }
    };
    // Where it stands: at the root, in an `allOf`, or in a member.
    match rng.u8(0..5) {
        0 => whole["allOf"] = json!([added]),
        1 => {
            let mut inner = base();
            inner
                .as_object_mut()
                .unwrap()
                .extend(added.as_object().unwrap().clone());
            whole["properties"]["d"] = inner;
        }
        2 => {
            let mut inner = base();
            inner
                .as_object_mut()
                .unwrap()
                .extend(added.as_object().unwrap().clone());
            whole["properties"]["e"] = json!({"type": "array", "items": inner});
        }
        _ => whole
            .as_object_mut()
            .unwrap()
            .extend(added.as_object().unwrap().clone()),
    }
    whole
}

fn body(rng: &mut Rng, depth: usize) -> Value {
    let mut body = json!({"s": rng.choice(["x", "y", "z"]).unwrap()});
    for name in NAMES {
        let value = match name {
            "a" | "b" => json!(rng.i8(0..5)),
            "t" => json!(rng.choice(["", "x", "xy", "yyy"]).unwrap()),
            "f" => json!(rng.bool()),
            "o" if rng.bool() => json!({"a": rng.i8(0..5)}),
            "o" => json!({}),
            "l" => {
                let count = rng.usize(0..3);
                json!((0..count).map(|_| rng.i8(0..4)).collect::<Vec<_>>())
            }
            _ => continue,
        };
        if rng.u8(0..3) > 0 {
            body[name] = value;
        }
    }
    if depth > 0 && rng.bool() {
        body["d"] = self::body(rng, 0);
    }
    if depth > 0 && rng.bool() {
        let count = rng.usize(0..3);
        body["e"] = (0..count).map(|_| self::body(rng, 0)).collect();
    }
    body
}

fn openapi() -> String {
    let mut schema = base();
    schema["properties"]["d"] = base();
    schema["properties"]["e"] = json!({"type": "array", "items": base()});
    let content = json!({"application/json": {"schema": schema}});
    let operation = json!({"operationId": "a", "requestBody": {"required": true, "content": content},
        "responses": {"200": {"description": "d"}}});
    json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"post": operation}}})
    .to_string()
}

#[test]
fn imported_conditionals_judge_as_the_validator_does() {
    let mut rng = Rng::with_seed(11);
    let (mut carried, mut judged, mut refused) = (0, 0, 0);
    for round in 0..400 {
        let schema = conditional(&mut rng);
        let validator = ::jsonschema::validator_for(&schema).unwrap();
        let mut sources = Sources::new();
        let document = crate::document(&openapi(), &mut sources);
        let file = sources.add("schema.json", schema.to_string());
        let tree = crossfield::tree::parse_json(&sources, file).unwrap();
        let imported = from_schema(&tree, "schema.json", "a");
        let (model, imported) = crate::model(imported, &document, &mut sources);
        let is_whole = imported
            .lost
            .iter()
            .all(|lost| lost.why == "it never applies");
        if !is_whole {
            continue;
        }
        carried += 1;
        for _ in 0..60 {
            let body = body(&mut rng, 1);
            let right = validator.is_valid(&body);
            let broken = crate::broken(&model, &json!({"body": body}).to_string());
            let rules = &imported.rules;
            assert_eq!(
                broken.is_empty(),
                right,
                "{round}: {schema}\n{rules:#?}\n{body}"
            );
            judged += 1;
            refused += usize::from(!right);
        }
    }
    assert!(carried > 250, "{carried}");
    assert!(refused > judged / 10, "{refused} of {judged}");
}
