//! The internal form and the independent validator must give the same verdicts.

use super::*;

fn verdict(document: &Document, operation: &Operation, body: &str) -> Vec<String> {
    let validator = Validator::new(document, operation).unwrap();
    let state = value(&format!(
        "{{path: {{shop_id: a}}, header: {{x-trace: 3f2a7c1e-8b4d-4e6a-9c05-7d1e5b209a41}}, body: {body}}}"
    ));
    let theirs = validator.validate(&state);
    let ours = refusals(
        &operation.schemas,
        operation.request,
        &state,
        &Location::default(),
    );
    let theirs: Vec<String> = theirs
        .iter()
        .map(|own| format!("{} {}", own.location, own.keyword))
        .collect();
    let ours: Vec<String> = ours
        .iter()
        .map(|own| format!("{} {}", own.location, own.keyword))
        .collect();
    let plain = |list: &[String]| {
        let mut list: Vec<String> = list
            .iter()
            .map(|own| {
                own.replace("exclusiveM", "m")
                    .replace("minimum", "bound")
                    .replace("maximum", "bound")
            })
            .collect();
        list.sort();
        list.dedup();
        list
    };
    assert_eq!(plain(&ours), plain(&theirs), "{body}");
    theirs
}

#[test]
fn both_judges_agree_exactly() {
    let (document, operation) = create_order();
    let body = |change: &str| {
        format!("{{currency: EUR, total: 10.85, lines: [{{sku: AB-1, price: 1}}], {change}}}")
    };
    for (change, refused) in [
        ("note: null", None),
        ("note: ab", None),
        ("note: a", Some("body.note minLength")),
        ("channel: null", None),
        ("channel: fax", Some("body.channel enum")),
        ("count: 2147483647", None),
        ("count: 2147483648", Some("body.count maximum")),
        ("count: 99999999999999999999999", Some("body.count maximum")),
        ("count: 0", Some("body.count minimum")),
        ("count: 1.5", Some("body.count type")),
        ("count: 3.0", None),
        ("due_on: 2035-02-29", Some("body.due_on format")),
        ("id: sent", None),
    ] {
        let found = verdict(&document, &operation, &body(change));
        assert_eq!(found.first().map(String::as_str), refused, "{change}");
    }
    for (total, refused) in [
        ("10.85", None),
        ("0.05", None),
        ("0.07", Some("body.total multipleOf")),
        ("10.8500000000000000001", Some("body.total multipleOf")),
        ("0", Some("body.total exclusiveMinimum")),
        ("100.00000000000000000001", Some("body.total maximum")),
        ("100.05", Some("body.total maximum")),
        ("'10.85'", Some("body.total type")),
    ] {
        let text = body("note: null").replace("10.85", total);
        let found = verdict(&document, &operation, &text);
        let expected = refused.map(str::to_owned);
        assert!(
            expected.as_ref().is_none_or(|own| found.contains(own)),
            "{total}: {found:?}"
        );
        assert_eq!(found.is_empty(), expected.is_none(), "{total}: {found:?}");
    }
}

#[test]
fn cents_are_exact() {
    let (document, operation) = create_order();
    let validator = Validator::new(&document, &operation).unwrap();
    let mut state = baseline(&operation, None, NOW).unwrap().value;
    for cents in (5..10_000).step_by(5) {
        let text = format!("{}.{:02}", cents / 100, cents % 100);
        if let Value::Map(members) = &mut state
            && let Some(Value::Map(body)) = members.get_mut("body")
        {
            body.insert("total".into(), Value::Number(parse_number(&text).unwrap()));
        }
        assert_eq!(validator.validate(&state), [], "{text}");
    }
}

fn overlaid(path: &[&str], keywords: &str) -> Result<(Document, Operation), Diagnostics> {
    let (_, document) = orders();
    let mut sources = Sources::new();
    let file = sources.add("fields.yaml", keywords);
    let node = parse_yaml(&sources, file).unwrap();
    let segments = path.iter().map(|step| match *step {
        "[*]" => Segment::Each,
        key => Segment::Key(key.into()),
    });
    let overlay = Overlay {
        location: Location(segments.collect()),
        span: node.span,
        keywords: node.entries().to_vec(),
    };
    let listed = document.find_operation("createOrder").unwrap().clone();
    let operation = document.operation_with(&listed, vec![overlay])?;
    Ok((document, operation))
}

#[test]
fn fields_replace_keywords_for_both_judges() {
    let body = |line: &str| format!("{{currency: EUR, total: 5, lines: [{line}]}}");
    let cases = [
        (
            vec!["body", "lines", "[*]", "price"],
            "{maximum: 3}",
            "{sku: AB-1, price: 4}",
            Some("body.lines[0].price maximum"),
        ),
        (
            vec!["body", "lines", "[*]", "price"],
            "{minimum: null}",
            "{sku: AB-1, price: -4}",
            None,
        ),
        (
            vec!["body", "lines", "[*]", "sku"],
            "{pattern: '^x$'}",
            "{sku: x, price: 4}",
            None,
        ),
        (
            vec!["body", "lines", "[*]", "sku"],
            "{enum: [a, b], pattern: null}",
            "{sku: c, price: 4}",
            Some("body.lines[0].sku enum"),
        ),
        (
            vec!["body", "lines", "[*]", "sku"],
            "{nullable: true, pattern: null}",
            "{sku: null, price: 4}",
            None,
        ),
        (
            vec!["body", "lines"],
            "{minItems: 2}",
            "{sku: AB-1, price: 4}",
            Some("body.lines minItems"),
        ),
        (
            vec!["body", "currency"],
            "{enum: [GBP]}",
            "{sku: AB-1, price: 4}",
            Some("body.currency enum"),
        ),
        (
            vec!["body", "total"],
            "{multipleOf: 4}",
            "{sku: AB-1, price: 4}",
            Some("body.total multipleOf"),
        ),
    ];
    for (path, keywords, line, refused) in cases {
        let (document, operation) = overlaid(&path, keywords).unwrap();
        let found = verdict(&document, &operation, &body(line));
        assert_eq!(
            found.first().map(String::as_str),
            refused,
            "{path:?} {keywords}"
        );
    }
    assert!(overlaid(&["header", "X-TRACE"], "{maxLength: 3}").is_ok());
    assert!(overlaid(&["body", "lines", "[*]", "nope"], "{maxLength: 3}").is_err());
    assert!(overlaid(&["body", "total"], "{properties: {}}").is_err());
}

#[test]
fn parts_of_all_of_bind_each_other() {
    let (_, document) = orders();
    let listed = document.find_operation("narrow").unwrap();
    let operation = document.operation(listed).unwrap();
    let validator = Validator::new(&document, &operation).unwrap();
    for (body, valid) in [
        ("{a: x}", true),
        ("{a: x, b: 2.4}", true),
        ("{a: x, b: 0.8}", false),
        ("{a: x, c: y}", false),
        ("{a: x, d: 1}", false),
        ("{b: 1.2}", false),
    ] {
        let state = value(&format!("{{body: {body}}}"));
        let ours = refusals(
            &operation.schemas,
            operation.request,
            &state,
            &Location::default(),
        );
        assert_eq!(ours.is_empty(), valid, "{body}");
        assert_eq!(validator.validate(&state).is_empty(), valid, "{body}");
    }
}

/// A random schema in OpenAPI 3.0, as flow-style YAML.
fn random_schema(random: &mut fastrand::Rng, depth: u32) -> String {
    let leaves = [
        "{type: integer, minimum: 2, exclusiveMinimum: true}",
        "{type: integer, format: int32, maximum: 7}",
        "{type: number, multipleOf: 0.05, maximum: 7, exclusiveMaximum: true}",
        "{type: string, nullable: true, minLength: 2}",
        "{type: string, enum: [a, bc, 7], nullable: true}",
        "{type: string, pattern: '^[a-c]*$', maxLength: 3}",
        "{maximum: 6, maxLength: 2}",
        "{type: boolean}",
        "{enum: [a, 3, null, 0.05]}",
        "{nullable: true, minimum: 3}",
        "{$ref: '#/components/schemas/S'}",
    ];
    if depth == 0 || random.u8(..3) == 0 {
        return leaves[random.usize(..leaves.len())].to_owned();
    }
    if random.u8(..2) == 0 {
        return combined(random, depth);
    }
    let mut part = || random_schema(random, depth - 1);
    let (one, two) = (part(), part());
    let closed = [
        "",
        ", additionalProperties: false",
        ", additionalProperties: {type: string}",
    ][random.usize(..3)];
    let required = ["", ", required: [a]", ", required: [b, a]"][random.usize(..3)];
    match random.u8(..5) {
        0 => format!(
            "{{type: array, items: {one}, minItems: {}}}",
            random.u8(..2)
        ),
        1 | 2 => format!("{{allOf: [{one}, {two}]}}"),
        3 => format!("{{type: object, properties: {{a: {one}, b: {two}}}{required}{closed}}}"),
        _ => format!("{{properties: {{a: {one}}}{required}{closed}, allOf: [{two}]}}"),
    }
}

/// A schema with a keyword that combines schemas or spans members and items.
fn combined(random: &mut fastrand::Rng, depth: u32) -> String {
    let mut part = || random_schema(random, depth - 1);
    let (one, two, three) = (part(), part(), part());
    let kind = ["", "type: object, ", "properties: {a: {type: string}}, "][random.usize(..3)];
    let count = random.u8(..3);
    match random.u8(..18) {
        0 | 1 => format!("{{{kind}oneOf: [{one}, {two}, {three}]}}"),
        2 => format!("{{{kind}anyOf: [{one}, {two}]}}"),
        3 => format!("{{{kind}not: {one}}}"),
        4 => format!("{{{kind}if: {one}, then: {two}, else: {three}}}"),
        5 => format!("{{{kind}if: {{required: [a]}}, then: {one}}}"),
        6 => format!("{{{kind}dependentRequired: {{a: [b], c: [a]}}, allOf: [{one}]}}"),
        7 => format!("{{{kind}dependentSchemas: {{b: {one}}}}}"),
        8 => format!("{{{kind}dependencies: {{a: [b], b: {one}}}}}"),
        9 => format!("{{{kind}minProperties: {count}, maxProperties: 2, anyOf: [{one}, {two}]}}"),
        10 => format!("{{type: object, propertyNames: {{maxLength: 1, enum: [a, b]}}, properties: {{b: {one}}}}}"),
        11 => format!("{{type: array, items: {one}, contains: {two}, minContains: {count}, maxContains: 1}}"),
        12 => format!("{{type: array, uniqueItems: true, minItems: {count}, items: {one}}}"),
        13 => format!("{{{kind}patternProperties: {{'^[ac]': {one}}}, additionalProperties: {two}}}"),
        14 => format!("{{type: array, prefixItems: [{one}], items: {two}}}"),
        15 => format!("{{{kind}unevaluatedProperties: false, anyOf: [{one}, {two}], if: {{required: [b]}}, then: {{properties: {{b: {{}}}}}}}}"),
        16 => format!("{{{kind}const: {{a: 3}}}}"),
        _ => "{oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}], discriminator: {propertyName: a, mapping: {bc: '#/components/schemas/A'}}}".to_owned(),
    }
}

fn random_value(random: &mut fastrand::Rng, depth: u32) -> String {
    let leaves = [
        "a",
        "bc",
        "abcd",
        "''",
        "3",
        "7",
        "2",
        "0.05",
        "6.95",
        "7.01",
        "null",
        "true",
        "99999999999",
        "'7'",
    ];
    if depth == 0 || random.u8(..3) == 0 {
        return leaves[random.usize(..leaves.len())].to_owned();
    }
    let mut part = || random_value(random, depth - 1);
    let (one, two) = (part(), part());
    match random.u8(..5) {
        0 => format!("[{one}, {two}]"),
        4 => format!("[{one}, {one}, {two}]"),
        1 => format!("{{a: {one}}}"),
        2 => format!("{{a: {one}, b: {two}}}"),
        _ => format!("{{b: {one}, c: {two}}}"),
    }
}

#[test]
fn random_schemas_get_the_same_verdicts() {
    let mut random = fastrand::Rng::with_seed(5);
    let (mut valid, mut invalid, mut completed) = (0, 0, 0);
    for _ in 0..1500 {
        let (schema, shared) = (
            random_schema(&mut random, 3),
            random_schema(&mut random, 0).replace("/S'", "/T'"),
        );
        let text = format!(
            "{{openapi: 3.0.0, info: {{title: t, version: '1'}}, paths: {{/a: {{post: {{responses: {{}}, requestBody: {{required: true, content: {{application/json: {{schema: {schema}}}}}}}}}}}}}, components: {{schemas: {{S: {shared}, T: {{type: integer}}, A: {{properties: {{a: {{type: string}}, b: {{type: integer}}}}}}, B: {{type: object, required: [a]}}}}}}}}"
        );
        let mut sources = Sources::new();
        let file = sources.add("random.yaml", text.as_str());
        let document = Document::read(&sources, file).unwrap();
        let operation = document.operation(&document.operations[0]).unwrap();
        // Some combinations can't be held, and are named.
        if operation
            .unmodelled()
            .iter()
            .any(|(_, own)| own.keyword != "nullable")
        {
            continue;
        }
        let validator = Validator::new(&document, &operation).unwrap();
        for _ in 0..20 {
            let state = value(&format!("{{body: {}}}", random_value(&mut random, 3)));
            let ours = refusals(
                &operation.schemas,
                operation.request,
                &state,
                &Location::default(),
            );
            let theirs = validator.validate(&state);
            assert_eq!(
                ours.is_empty(),
                theirs.is_empty(),
                "{schema} with S {shared}\n{state}\n{ours:?}\n{theirs:?}"
            );
            *(if ours.is_empty() {
                &mut valid
            } else {
                &mut invalid
            }) += 1;
            if let Ok(made) = complete(&operation.schemas, operation.request, Some(&state)) {
                assert_eq!(
                    validator.validate(&made),
                    [],
                    "{schema} with S {shared}\n{state}\n{made}"
                );
                completed += 1;
            }
        }
    }
    assert!(
        valid > 300 && invalid > 1000 && completed > 1000,
        "{valid} {invalid} {completed}"
    );
}
