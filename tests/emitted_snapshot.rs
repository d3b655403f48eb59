//! What emitted pytest files look like, and that case files keep to their schema.

use crossfield::case::{CaseFile, schema};
use crossfield::emit::{EmitError, pytest};

const SHOP: &str = include_str!("fixtures/emit/shop.cases.json");

#[test]
fn a_test_file_reads_well() {
    let file = CaseFile::read(SHOP).unwrap();
    let outputs = pytest::emit(&[file]).unwrap();
    let paths: Vec<_> = outputs.iter().map(|output| output.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "conftest.py",
            "crossfield_runtime/__init__.py",
            "crossfield_runtime/client.py",
            "crossfield_runtime/encoding.py",
            "crossfield_runtime/environment.py",
            "crossfield_runtime/exact_json.py",
            "crossfield_runtime/following.py",
            "crossfield_runtime/moments.py",
            "crossfield_runtime/request.py",
            "crossfield_runtime/setup.py",
            "crossfield_runtime/shown.py",
            "crossfield_runtime/suite.py",
            "test_shop.py",
        ]
    );
    insta::assert_snapshot!("test_shop.py", outputs.last().unwrap().text);
}

#[test]
fn a_case_file_survives_reading_and_writing() {
    let file = CaseFile::read(SHOP).unwrap();
    assert_eq!(file.write().unwrap(), SHOP);
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let written = serde_json::from_str(SHOP).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&written)
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn the_schema_and_the_reader_refuse_the_same() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (good, bad) in [
        ("\"z3\"", "\"solver\""),
        ("\"operator\": \"has\"", "\"operator\": \"like\""),
        ("\"kind\": \"saved\"", "\"kind\": \"fresh\""),
        ("\"verdict\": \"reject\"", "\"verdict\": \"refuse\""),
        ("\"format\": 1", "\"format\": 2"),
    ] {
        let changed = SHOP.replacen(good, bad, 1);
        assert_ne!(changed, SHOP, "{good}");
        assert!(CaseFile::read(&changed).is_err(), "{bad}");
        assert!(
            !validator.is_valid(&serde_json::from_str(&changed).unwrap()),
            "{bad}"
        );
    }
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (good, bad, message) in [
        (
            "\"step\": 1,\n              \"path\"",
            "\"step\": 2,\n              \"path\"",
            "needs what step 2 doesn't save",
        ),
        (
            "\"id\": \"fee-within-cap-1a2b3c\"",
            "\"id\": \"fee-within-cap-9f8e7d\"",
            "case fee-within-cap-9f8e7d stands twice",
        ),
        (
            "\"baseline\": \"createPayment/card\"",
            "\"baseline\": \"none\"",
            "there is no baseline none",
        ),
        (
            "\\\"amount\\\": 10.1,",
            "\\\"amount\\\": 10.1.,",
            "the body is no JSON",
        ),
        (
            "\"request\": {\n",
            "\"request\": {\n            \"now\": \"2030-01-01T00:00:00Z\",\n",
            "nothing says how the clock is set",
        ),
        ("\"format\": 1", "\"format\": 7", "format 7"),
    ] {
        let changed = SHOP.replacen(good, bad, 1);
        assert_ne!(changed, SHOP, "{good}");
        let error = CaseFile::read(&changed).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn two_rule_files_need_two_names() {
    let mut first = CaseFile::read(SHOP).unwrap();
    let second = CaseFile {
        rule_file: "a/Shop.yaml".to_owned(),
        ..first.clone()
    };
    first.rule_file = "b/shop.rules.yaml".to_owned();
    let error = pytest::emit(&[first, second]).unwrap_err();
    assert!(
        matches!(&error, EmitError::SameName { path, .. } if path == "test_shop.py"),
        "{error}"
    );
}
