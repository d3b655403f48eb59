//! Keywords that combine schemas, one by one.

use super::*;

fn operation(schema: &str, others: &str) -> (Document, Operation) {
    let text = format!(
        "{{openapi: 3.0.0, info: {{title: t, version: '1'}}, paths: {{/a: {{post: {{responses: {{}}, requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}, components: {{schemas: {{{others}}}}}}}"
    );
    let mut sources = Sources::new();
    let file = sources.add("alternatives.yaml", text.as_str());
    let document = Document::read(&sources, file).unwrap();
    let operation = document.operation(&document.operations[0]).unwrap();
    (document, operation)
}

/// The keywords that the internal form refuses a body by.
fn refused(operation: &Operation, body: &str) -> Vec<&'static str> {
    let state = value(&format!("{{body: {body}}}"));
    let found = refusals(
        &operation.schemas,
        operation.request,
        &state,
        &Location::default(),
    );
    found.iter().map(|refusal| refusal.keyword).collect()
}

/// Both judges allow the bodies of `valid`, and refuse the others by a keyword.
fn judged(schema: &str, others: &str, valid: &[&str], invalid: &[(&str, &str)]) {
    let (document, operation) = operation(schema, others);
    let validator = Validator::new(&document, &operation).unwrap();
    let is_valid = |body: &str| {
        let state = value(&format!("{{body: {body}}}"));
        validator.validate(&state).is_empty()
    };
    for body in valid {
        assert_eq!(refused(&operation, body), [""; 0], "{body}");
        assert!(is_valid(body), "{body}");
        // A valid example is kept.
        let state = value(&format!("{{body: {body}}}"));
        let kept = complete(&operation.schemas, operation.request, Some(&state)).unwrap();
        assert_eq!(kept.get("body"), state.get("body"), "{body}");
    }
    for (body, keyword) in invalid {
        assert!(refused(&operation, body).contains(keyword), "{body}");
        assert!(!is_valid(body), "{body}");
    }
    assert_eq!(operation.unmodelled(), []);
    let made = baseline(&operation, None, NOW).unwrap().value;
    assert_eq!(validator.validate(&made), [], "{made}");
}

#[test]
fn constants_of_branches_leave_examples_as_they_are() {
    judged(
        "{type: object, required: [mode, every], properties: {mode: {type: string, enum: [eco, normal, burst]}, every: {type: integer, minimum: 1, maximum: 900}}, anyOf: [{properties: {mode: {enum: [burst]}, every: {maximum: 60}}}, {properties: {every: {minimum: 10}}}]}",
        "",
        &[
            "{mode: normal, every: 300}",
            "{mode: burst, every: 5}",
            "{mode: eco, every: 20}",
        ],
        &[("{mode: eco, every: 5}", "anyOf")],
    );
}

#[test]
fn a_discriminator_names_the_alternative() {
    let one_of = "{oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}], discriminator: {propertyName: kind, mapping: {puss: '#/components/schemas/Cat', kitten: Cat}}}";
    let pets = "Cat: {type: object, properties: {kind: {type: string}, claws: {type: integer}}, required: [kind, claws]}, Dog: {type: object, properties: {kind: {type: string}, bark: {type: string}}, required: [kind, bark]}";
    judged(
        one_of,
        pets,
        &[
            "{kind: puss, claws: 3}",
            "{kind: kitten, claws: 3}",
            "{kind: Dog, bark: low}",
        ],
        &[
            ("{kind: Dog, claws: 3}", "discriminator"),
            ("{kind: Cat, claws: 3}", "discriminator"),
            ("{kind: cow, claws: 3}", "discriminator"),
            ("{kind: puss, claws: 3, bark: low}", "oneOf"),
        ],
    );
}

/// A base, two heirs, an heir of an heir, and one that only the mapping knows.
const VEHICLES: &str = "Vehicle: {type: object, required: [kind, wheels], discriminator: {propertyName: kind, mapping: {auto: '#/components/schemas/Car', bike: Bike}}, properties: {kind: {type: string}, wheels: {type: integer}}}, Car: {allOf: [{$ref: '#/components/schemas/Vehicle'}, {type: object, required: [doors], properties: {doors: {type: integer, maximum: 6}}}]}, Truck: {allOf: [{$ref: '#/components/schemas/Vehicle'}], type: object, required: [load], properties: {load: {type: integer}, trailer: {$ref: '#/components/schemas/Vehicle'}}}, Tanker: {allOf: [{$ref: '#/components/schemas/Truck'}], required: [liquid], properties: {liquid: {enum: [milk, oil]}}}, Bike: {type: object, required: [bell], properties: {bell: {type: boolean}}}";

#[test]
fn a_discriminator_without_alternatives_names_those_that_inherit() {
    judged(
        "{$ref: '#/components/schemas/Vehicle'}",
        VEHICLES,
        &[
            "{kind: Vehicle, wheels: 2}",
            "{kind: auto, wheels: 4, doors: 3}",
            "{kind: Truck, wheels: 6, load: 3}",
            "{kind: Truck, wheels: 6, load: 3, trailer: {kind: auto, wheels: 4, doors: 2}}",
            "{kind: Tanker, wheels: 6, load: 3, liquid: oil}",
            "{kind: bike, wheels: 2, bell: true}",
        ],
        &[
            ("{kind: auto, wheels: 4}", "discriminator"),
            ("{kind: Car, wheels: 4, doors: 3}", "discriminator"),
            ("{kind: auto, wheels: 4, doors: 7}", "discriminator"),
            ("{kind: Tanker, wheels: 6, load: 3}", "discriminator"),
            ("{kind: Tanker, wheels: 6, liquid: oil}", "discriminator"),
            ("{kind: Plane, wheels: 6}", "discriminator"),
            ("{kind: bike, wheels: 2}", "discriminator"),
            ("{kind: Vehicle}", "required"),
            (
                "{kind: Truck, wheels: 6, load: 3, trailer: {kind: auto, wheels: 4}}",
                "discriminator",
            ),
        ],
    );
}

#[test]
fn an_heir_by_itself_is_asked_for_no_alternative() {
    judged(
        "{$ref: '#/components/schemas/Car'}",
        VEHICLES,
        &[
            "{kind: auto, wheels: 4, doors: 3}",
            "{kind: Truck, wheels: 4, doors: 3}",
        ],
        &[
            ("{kind: auto, wheels: 4}", "required"),
            ("{doors: 3}", "required"),
        ],
    );
}

/// Filters that hold filters, the simple ones last.
const FILTERS: &str = "And: {type: object, required: [op, left, right], properties: {op: {type: string}, left: {$ref: '#/components/schemas/Filter'}, right: {$ref: '#/components/schemas/Filter'}}}, Or: {type: object, required: [op, either, or], properties: {op: {type: string}, either: {$ref: '#/components/schemas/Filter'}, or: {$ref: '#/components/schemas/Filter'}}}, Any: {type: object, required: [op, any], properties: {op: {type: string}, any: {type: array, minItems: 2, items: {$ref: '#/components/schemas/Filter'}}}}, Not: {type: object, required: [op, of], properties: {op: {type: string}, of: {$ref: '#/components/schemas/Filter'}}}, Has: {type: object, required: [op, field], properties: {op: {type: string}, field: {enum: [city]}}}, Equals: {type: object, required: [op, name, value], properties: {op: {type: string}, name: {enum: [city]}, value: {type: string}}}";

const FILTER: &str = "oneOf: [{$ref: '#/components/schemas/And'}, {$ref: '#/components/schemas/Or'}, {$ref: '#/components/schemas/Any'}, {$ref: '#/components/schemas/Not'}, {$ref: '#/components/schemas/Has'}, {$ref: '#/components/schemas/Equals'}]";

#[test]
fn values_of_a_kind_that_holds_itself_are_made() {
    for discriminator in ["", ", discriminator: {propertyName: op}"] {
        let others = format!("{FILTERS}, Filter: {{{FILTER}{discriminator}}}");
        judged(
            "{$ref: '#/components/schemas/Filter'}",
            &others,
            &[
                "{op: Has, field: city}",
                "{op: Not, of: {op: Has, field: city}}",
            ],
            &[("{op: Not, of: {op: Not}}", "oneOf")],
        );
    }
}

#[test]
fn names_of_members_and_how_many_there_are() {
    judged(
        "{type: object, minProperties: 1, maxProperties: 2, propertyNames: {maxLength: 2}, patternProperties: {'^n': {type: integer}}, additionalProperties: {type: string}}",
        "",
        &["{n1: 3}", "{a: x, n: 4}"],
        &[
            ("{}", "minProperties"),
            ("{a: x, b: y, c: z}", "maxProperties"),
            ("{abc: x}", "propertyNames"),
            ("{n1: x}", "type"),
            ("{a: 3}", "type"),
        ],
    );
}

#[test]
fn items_by_position() {
    for schema in [
        "{type: array, prefixItems: [{type: string}, {type: integer}], items: {type: boolean}}",
        "{type: array, items: [{type: string}, {type: integer}], additionalItems: {type: boolean}}",
    ] {
        judged(
            schema,
            "",
            &["[]", "[x]", "[x, 3, true, false]"],
            &[("[3]", "type"), ("[x, y]", "type"), ("[x, 3, 4]", "type")],
        );
    }
}

#[test]
fn what_parts_of_all_of_say_against_each_other_is_never_allowed() {
    let (_, operation) = operation(
        "{type: object, properties: {a: {allOf: [{type: string}, {type: integer}]}, b: {type: integer}}}",
        "",
    );
    assert_eq!(refused(&operation, "{a: x}"), ["type"]);
    assert_eq!(refused(&operation, "{b: 3}"), [""; 0]);
    assert_eq!(operation.unmodelled(), []);
}

#[test]
fn schemas_that_lead_back_to_themselves_end() {
    let (_, operation) = operation(
        "{$ref: '#/components/schemas/A'}",
        "A: {anyOf: [{$ref: '#/components/schemas/A'}, {type: object, required: [b]}], properties: {a: {$ref: '#/components/schemas/A'}}}",
    );
    assert_eq!(refused(&operation, "{b: 3}"), [""; 0]);
    assert!(baseline(&operation, None, NOW).is_ok());
}

#[test]
fn members_of_branches_are_members_whose_types_are_joined() {
    let (_, operation) = operation(
        "{oneOf: [{type: object, properties: {a: {type: string, format: date}, b: {type: integer}}}, {type: object, properties: {a: {type: string, format: date}, b: {type: string}}}]}",
        "",
    );
    let schemas = &operation.schemas;
    let body = schemas.property(operation.request, "body").unwrap();
    assert!(schemas.get(body).types.names(JsonType::Object));
    let member = |name: &str| schemas.get(schemas.property(body, name).unwrap());
    let format = member("a").format.as_ref().map(|format| &format.value);
    assert_eq!(format, Some(&Format::Date));
    assert!(member("b").types.names(JsonType::String));
    assert!(member("b").types.names(JsonType::Integer));
    assert!(member("b").is_hint && member("b").alternatives.len() == 2);
}

#[test]
fn what_is_left_out_is_named() {
    let (_, operation) = operation(
        "{type: object, discriminator: {propertyName: kind}, allOf: [{unevaluatedProperties: false}], unevaluatedItems: false}",
        "",
    );
    let unmodelled = operation.unmodelled();
    let names: Vec<&str> = unmodelled
        .iter()
        .map(|(_, own)| own.keyword.as_str())
        .collect();
    assert_eq!(
        names,
        ["unevaluatedItems", "discriminator", "unevaluatedProperties"]
    );
}

#[test]
fn fields_describe_the_members_of_an_object_for_both_judges() {
    let (document, _) = operation("{type: object, properties: {meta: {type: object}}}", "");
    let mut sources = Sources::new();
    let file = sources.add("fields.yaml", "{type: string, maxLength: 3}");
    let node = parse_yaml(&sources, file).unwrap();
    let overlay = Overlay {
        location: Location(vec![
            Segment::Key("body".into()),
            Segment::Key("meta".into()),
            Segment::Each,
        ]),
        span: node.span,
        keywords: node.entries().to_vec(),
    };
    let listed = document.operations[0].clone();
    let operation = document.operation_with(&listed, vec![overlay]).unwrap();
    let validator = Validator::new(&document, &operation).unwrap();
    for (body, is_valid) in [
        ("{meta: {a: xyz}}", true),
        ("{meta: {a: wxyz}}", false),
        ("{meta: {a: 3}}", false),
        ("{meta: []}", false),
    ] {
        let state = value(&format!("{{body: {body}}}"));
        assert_eq!(refused(&operation, body).is_empty(), is_valid, "{body}");
        assert_eq!(validator.validate(&state).is_empty(), is_valid, "{body}");
    }
}
