//! Documents in `tests/fixtures/documents`.

mod alternatives;
mod files;
mod judges;
mod real;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::source::{Diagnostics, Sources};
use crate::tree::parse_yaml;
use crate::value::{Value, parse_number, print_number};

/// A moment in 2026.
const NOW: i128 = 1_790_000_000_000_000_000;

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/documents");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(root.join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{folder} is empty");
    paths
}

/// The file under its bare name, so that snapshots hold no paths of machines.
fn load(sources: &mut Sources, path: &Path) -> Result<Document, Diagnostics> {
    let name = path.file_name().unwrap().to_str().unwrap();
    let file = sources.add(name, std::fs::read_to_string(path).unwrap());
    Document::read(sources, file)
}

fn orders() -> (Sources, Document) {
    let mut sources = Sources::new();
    let path = fixtures("accepted")
        .into_iter()
        .find(|path| path.ends_with("orders.yaml"))
        .unwrap();
    let document = load(&mut sources, &path).unwrap();
    (sources, document)
}

fn create_order() -> (Document, Operation) {
    let (_, document) = orders();
    let listed = document.find_operation("createOrder").unwrap();
    let operation = document.operation(listed).unwrap();
    (document, operation)
}

fn value(text: &str) -> Value {
    let mut sources = Sources::new();
    let file = sources.add("value.yaml", text);
    parse_yaml(&sources, file).unwrap().to_value()
}

fn show_schema(
    schemas: &Schemas,
    id: SchemaId,
    name: &str,
    indent: usize,
    seen: &mut Vec<SchemaId>,
    out: &mut String,
) {
    let schema = schemas.get(id);
    let types: Vec<&str> = schema.types.iter().map(JsonType::name).collect();
    write!(out, "{:indent$}{name}: {}", "", types.join("|")).unwrap();
    let bound = |bound: &Placed<Bound>| {
        format!(
            "{}{}",
            print_number(&bound.value.value),
            if bound.value.exclusive {
                " (exclusive)"
            } else {
                ""
            }
        )
    };
    let facts = [
        (
            "enum",
            schema
                .enumeration
                .as_ref()
                .map(|own| Value::List(own.value.clone()).to_string()),
        ),
        ("min", schema.minimum.as_ref().map(bound)),
        ("max", schema.maximum.as_ref().map(bound)),
        (
            "step",
            schema
                .multiple_of
                .as_ref()
                .map(|own| print_number(&own.value)),
        ),
        (
            "minLength",
            schema.min_length.as_ref().map(|own| own.value.to_string()),
        ),
        (
            "maxLength",
            schema.max_length.as_ref().map(|own| own.value.to_string()),
        ),
        (
            "pattern",
            schema
                .patterns
                .first()
                .map(|own| own.value.source().to_owned()),
        ),
        (
            "format",
            schema.format.as_ref().map(|own| own.value.to_string()),
        ),
        (
            "minItems",
            schema.min_items.as_ref().map(|own| own.value.to_string()),
        ),
        (
            "default",
            schema.default.as_ref().map(|own| own.value.to_string()),
        ),
        ("unique", schema.unique_items.as_ref().map(|_| "yes".into())),
        (
            "minProperties",
            schema
                .min_properties
                .as_ref()
                .map(|own| own.value.to_string()),
        ),
        ("hint", schema.is_hint.then(|| "yes".into())),
        (
            "closed",
            matches!(schema.additional, Additional::Forbidden(_)).then(|| "yes".into()),
        ),
    ];
    for (fact, shown) in facts {
        if let Some(shown) = shown {
            write!(out, ", {fact} {shown}").unwrap();
        }
    }
    for own in &schema.conditions {
        write!(out, ", {}", own.keyword).unwrap();
    }
    for own in &schema.unmodelled {
        write!(
            out,
            ", not modelled: {} {}",
            own.keyword,
            own.reason.as_deref().unwrap_or("")
        )
        .unwrap();
    }
    out.push('\n');
    if seen.contains(&id) {
        return;
    }
    seen.push(id);
    for (name, &part) in &schema.properties {
        let mark = if schema.required.contains_key(name) {
            "!"
        } else {
            ""
        };
        show_schema(
            schemas,
            part,
            &format!("{name}{mark}"),
            indent + 2,
            seen,
            out,
        );
    }
    if let Some(part) = schema.items {
        show_schema(schemas, part, "[*]", indent + 2, seen, out);
    }
}

fn show(sources: &Sources, document: &Document) -> String {
    let mut out = format!("{}\n", document.title);
    for listed in &document.operations {
        writeln!(out, "\n== {} ({})", listed.id(), listed.name()).unwrap();
        let operation = match document.operation(listed) {
            Ok(operation) => operation,
            Err(findings) => {
                out.push_str(&findings.render_human(sources, false));
                continue;
            }
        };
        writeln!(
            out,
            "answers {:?}, security {:?}",
            operation.answers, operation.security
        )
        .unwrap();
        for own in &operation.parameters {
            writeln!(
                out,
                "{} {} {:?} explode {}",
                own.place.name(),
                own.name,
                own.encoding.style,
                own.encoding.explode
            )
            .unwrap();
        }
        show_schema(
            &operation.schemas,
            operation.request,
            "request",
            0,
            &mut Vec::new(),
            &mut out,
        );
        out.push_str(&operation.findings.render_human(sources, false));
        let baseline = baseline(&operation, None, NOW).unwrap();
        writeln!(out, "baseline {}", baseline.value).unwrap();
        out.push_str(&baseline.findings.render_human(sources, false));
        let validator = Validator::new(document, &operation).unwrap();
        assert_eq!(validator.validate(&baseline.value), []);
    }
    out
}

#[test]
fn accepted_documents_are_modelled() {
    for path in fixtures("accepted") {
        let mut sources = Sources::new();
        let document = load(&mut sources, &path).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::assert_snapshot!(format!("accepted_{name}"), show(&sources, &document));
    }
}

#[test]
fn refused_documents_say_why() {
    let mut out = String::new();
    for path in fixtures("refused") {
        let mut sources = Sources::new();
        let findings = match load(&mut sources, &path) {
            Err(findings) => findings,
            Ok(document) => {
                let mut findings = Diagnostics::new();
                for listed in &document.operations {
                    findings.append(document.operation(listed).expect_err(&listed.id()));
                }
                findings
            }
        };
        assert!(findings.has_errors(), "{}", path.display());
        out.push_str(&findings.render_human(&sources, false));
        out.push('\n');
    }
    insta::assert_snapshot!(out);
}

#[test]
fn a_missing_file_and_an_unknown_operation_are_named() {
    let missing = Document::open(&mut Sources::new(), Path::new("no/such.yaml")).unwrap_err();
    assert!(
        missing
            .render_human(&Sources::new(), false)
            .contains("`no/such.yaml` can't be read")
    );
    let (sources, document) = orders();
    assert_eq!(
        document
            .find_operation("post /shops/{shop_id}/orders")
            .unwrap()
            .id(),
        "createOrder"
    );
    let near = document.find_operation("createOder").unwrap_err();
    let far = document.find_operation("x").unwrap_err();
    insta::assert_snapshot!(
        near.render_human(&sources, false) + "\n" + &far.render_human(&sources, false)
    );
}

#[test]
fn headers_ignore_case() {
    let (_, operation) = create_order();
    let header = operation.parameter(Place::Header, "X-TRACE").unwrap();
    assert!(operation.parameter(Place::Query, "DRY_RUN").is_none());
    assert!(
        header.required
            && operation
                .parameter(Place::Header, "authorization")
                .is_none()
    );
}

#[test]
fn defaults_are_applied_before_rules_read() {
    let (_, operation) = create_order();
    let state = value("{query: {}, body: {lines: [{sku: AB-1}, {quantity: 3}]}}");
    let filled = default_application(&operation.schemas, operation.request, &state);
    assert_eq!(
        filled,
        value(
            "{query: {dry_run: false}, body: {lines: [{sku: AB-1, quantity: 1}, {quantity: 3}]}}"
        )
    );
}

#[test]
fn endless_values_are_refused() {
    let text = "
openapi: 3.0.0
info: {title: Endless, version: '1'}
paths:
  /a:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}
      responses: {'200': {description: done}}
components: {schemas: {A: {type: object, required: [a], properties: {a: {$ref: '#/components/schemas/A'}}}}}
";
    let mut sources = Sources::new();
    let file = sources.add("endless.yaml", text);
    let document = Document::read(&sources, file).unwrap();
    let operation = document.operation(&document.operations[0]).unwrap();
    let findings = baseline(&operation, None, NOW).unwrap_err();
    assert!(
        findings
            .render_human(&sources, false)
            .contains("without end")
    );
}

#[test]
fn the_example_document_is_clean() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/payments/openapi.yaml");
    let mut sources = Sources::new();
    let document = load(&mut sources, &path).unwrap();
    for listed in &document.operations {
        let operation = document.operation(listed).unwrap();
        let validator = Validator::new(&document, &operation).unwrap();
        assert_eq!(operation.unmodelled(), [], "{}", operation.id);
        let names = operation.body.iter().flat_map(|body| {
            body.examples
                .iter()
                .map(|example| Some(example.name.as_str()))
        });
        for name in names.chain([None]) {
            let baseline = baseline(&operation, name, NOW).unwrap();
            let findings = baseline.findings.render_human(&sources, false);
            assert!(
                baseline.findings.is_empty() && operation.findings.is_empty(),
                "{findings}"
            );
            assert_eq!(validator.validate(&baseline.value), []);
        }
    }
}
