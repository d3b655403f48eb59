//! Documents of several files.

use std::fs;

use super::*;

/// A folder with files, the first of which is the document.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The operation `a` of a document whose body has the schema `schema`.
fn head(version: &str, schema: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: T, version: '1'}}\npaths:\n  /a:\n    post:\n      \
         operationId: a\n      requestBody: {{required: true, content: {{application/json: \
         {{schema: {schema}}}}}}}\n      responses: {{'200': {{description: ok}}}}\n"
    )
}

fn modelled(path: &Path) -> Result<(Document, Operation), String> {
    let mut sources = Sources::new();
    let shown = |findings: &Diagnostics, sources: &Sources| findings.render_human(sources, false);
    let document =
        Document::open(&mut sources, path).map_err(|findings| shown(&findings, &sources))?;
    let operation = document.operation(&document.operations[0]);
    let operation = operation.map_err(|findings| shown(&findings, &sources))?;
    Ok((document, operation))
}

/// Both judges on a body.
fn allows(document: &Document, operation: &Operation, body: &str) -> bool {
    let state = value(&format!("{{body: {body}}}"));
    let validator = Validator::new(document, operation).unwrap();
    let by_validator = validator.validate(&state).is_empty();
    let refused = refusals(
        &operation.schemas,
        operation.request,
        &state,
        &Location::default(),
    );
    assert_eq!(by_validator, refused.is_empty(), "{body}: {refused:?}");
    by_validator
}

#[test]
fn references_go_through_files_in_all_directions() {
    let api = head("3.1.0", "{$ref: 'parts/with%20blank.json#/$defs/a~1b'}");
    let api = format!("{api}components: {{schemas: {{Size: {{type: integer, maximum: 9}}}}}}\n");
    let folder = folder(&[
        ("api.yaml", &api),
        (
            "parts/with blank.json",
            r##"{"$id": "https://example.com/own.json", "$defs": {
                "a/b": {"type": "object", "properties": {
                    "size": {"$ref": "../api.yaml#/components/schemas/Size", "minimum": 2},
                    "own": {"$ref": "https://example.com/own.json#/$defs/text"},
                    "next": {"$ref": "#/$defs/a~1b"},
                    "whole": {"$ref": "./deep/flag.yaml"}}},
                "text": {"type": "string", "enum": ["x"]}}}"##,
        ),
        ("parts/deep/flag.yaml", "type: boolean"),
    ]);
    let (document, operation) = modelled(&folder.path().join("api.yaml")).unwrap();
    for (body, allowed) in [
        ("{size: 5, own: x, whole: true}", true),
        ("{size: 1}", false),
        ("{size: 10}", false),
        ("{own: y}", false),
        ("{whole: 1}", false),
        ("{next: {next: {size: 3}}}", true),
        ("{next: {next: {size: 1}}}", false),
    ] {
        assert_eq!(allows(&document, &operation, body), allowed, "{body}");
    }
}

#[test]
fn what_stands_beside_a_reference_counts_from_31_on() {
    for (version, counts) in [("3.0.3", false), ("3.1.0", true)] {
        let api = head(
            version,
            "{type: object, properties: {a: {$ref: '#/components/schemas/A', maximum: 5}}}",
        );
        let api = format!("{api}components: {{schemas: {{A: {{type: integer}}}}}}\n");
        let folder = folder(&[("api.yaml", &api)]);
        let (document, operation) = modelled(&folder.path().join("api.yaml")).unwrap();
        assert_eq!(
            allows(&document, &operation, "{a: 6}"),
            !counts,
            "{version}"
        );
        assert!(allows(&document, &operation, "{a: 5}"), "{version}");
        assert!(!allows(&document, &operation, "{a: x}"), "{version}");
    }
}

#[test]
fn fields_replace_what_stands_beside_a_reference() {
    let api = head(
        "3.1.0",
        "{type: object, properties: {a: {$ref: '#/components/schemas/A', maximum: 5}}}",
    );
    let api = format!("{api}components: {{schemas: {{A: {{type: integer, minimum: 2}}}}}}\n");
    let folder = folder(&[("api.yaml", &api)]);
    let (document, _) = modelled(&folder.path().join("api.yaml")).unwrap();
    let mut sources = Sources::new();
    let file = sources.add("fields.yaml", "{minimum: 0, maximum: null}");
    let keywords = parse_yaml(&sources, file).unwrap();
    let overlay = Overlay {
        location: Location::default().key("body").key("a"),
        span: keywords.span,
        keywords: keywords.entries().to_vec(),
    };
    let listed = &document.operations[0];
    let operation = document.operation_with(listed, vec![overlay]).unwrap();
    for (body, allowed) in [("{a: 0}", true), ("{a: 99}", true), ("{a: -1}", false)] {
        assert_eq!(allows(&document, &operation, body), allowed, "{body}");
    }
}

#[test]
fn nothing_outside_of_the_folder_is_read() {
    let schema = "{$ref: '../secret.yaml'}";
    let outside = folder(&[
        ("inner/api.yaml", &head("3.0.3", schema)),
        ("secret.yaml", "type: string"),
    ]);
    let path = outside.path().join("inner/api.yaml");
    let told = modelled(&path).unwrap_err();
    assert!(
        told.contains("leads out of the document's folder"),
        "{told}"
    );

    // Nor through a link.
    #[cfg(unix)]
    {
        fs::write(&path, head("3.0.3", "{$ref: link.yaml}")).unwrap();
        let link = outside.path().join("inner/link.yaml");
        std::os::unix::fs::symlink(outside.path().join("secret.yaml"), link).unwrap();
        let told = modelled(&path).unwrap_err();
        assert!(
            told.contains("leads out of the document's folder"),
            "{told}"
        );
    }

    let absolute = outside.path().join("secret.yaml");
    let schema = format!("{{$ref: '{}'}}", absolute.display());
    fs::write(&path, head("3.0.3", &schema)).unwrap();
    assert!(modelled(&path).is_err());
}

#[test]
fn files_that_need_each_other_end() {
    let folder = folder(&[
        ("api.yaml", &head("3.0.3", "{$ref: a.yaml}")),
        ("a.yaml", "{$ref: b.yaml}"),
        ("b.yaml", "{$ref: a.yaml}"),
    ]);
    let told = modelled(&folder.path().join("api.yaml")).unwrap_err();
    assert!(told.contains("refers to itself without end"), "{told}");
    assert!(told.contains("a.yaml:1:1"), "{told}");
}

#[test]
fn examples_are_data_whatever_they_look_like() {
    let api = head(
        "3.0.3",
        "{type: object, properties: {$ref: {type: string}, b: {type: object, example: {$ref: nowhere.yaml}}}, \
         example: {$ref: nowhere.yaml}}",
    );
    let folder = folder(&[("api.yaml", &api)]);
    let (document, operation) = modelled(&folder.path().join("api.yaml")).unwrap();
    assert!(allows(&document, &operation, "{$ref: nowhere.yaml}"));
    assert!(!allows(&document, &operation, "{$ref: 1}"));
}
