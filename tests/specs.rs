//! Rules over real API documents, which are read from the folder that
//! `CROSSFIELD_SPECS` names.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// The rule files: name, so many rules, and how much of the faults that aren't
/// proven untestable has to be detected, in percent.
const FILES: [(&str, usize, f64); 11] = [
    ("adyen", 23, 99.5),
    ("amadeus", 4, 100.0),
    ("availability", 2, 100.0),
    ("languagetool", 3, 100.0),
    ("login", 1, 100.0),
    ("notifications", 5, 100.0),
    ("paypal", 10, 100.0),
    ("paypal-lifecycle", 4, 91.6),
    // Numbers in texts are tried, not searched for.
    ("paypal-pricing", 7, 82.3),
    ("stripe", 3, 100.0),
    ("yelp", 5, 100.0),
];

fn specs() -> Option<PathBuf> {
    let folder = std::env::var_os("CROSSFIELD_SPECS").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: CROSSFIELD_SPECS is not set");
    }
    // Relative to the project, as the tests' own folder is.
    folder.map(|folder| folder.canonicalize().unwrap())
}

/// Status, standard output and standard error of a command on a rule file.
fn crossfield(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn rules_over_real_documents_give_proven_cases() {
    let Some(specs) = specs() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut fates = String::new();
    for (name, rules, least) in FILES {
        let own = format!("tests/fixtures/specs/{name}.rules.yaml");
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(own));
        let text = text.unwrap().replace("SPECS", specs.to_str().unwrap());
        let file = format!("{name}.rules.yaml");
        std::fs::write(folder.path().join(&file), &text).unwrap();
        assert_eq!(
            text.matches("  - id: ").count() + text.matches("  - {id: ").count(),
            rules
        );

        let (status, said, errors) = crossfield(folder.path(), &["check", &file]);
        assert_eq!(status, Some(0), "{name}: {said}{errors}");
        // A rule for a schema has an instance at each of its places.
        let instances = said.matches("\n  accepted  ").count();
        assert_eq!(said.matches("\n  rejected  ").count(), instances, "{said}");
        assert!(instances >= rules && !said.contains("  none\n"), "{said}");

        let arguments = ["generate", &file, "-o", name, "--format", "json"];
        let (status, said, errors) = crossfield(folder.path(), &arguments);
        assert_eq!(status, Some(0), "{name}: {said}{errors}");
        let summary: serde_json::Value = serde_json::from_str(&said).unwrap();
        let percent = summary["files"][0]["coverage"]["percent"].as_f64().unwrap();
        assert!(percent >= least, "{name}: {said}");
        fates.push_str(&table(name, &summary["files"][0]));
        let cases =
            std::fs::read_to_string(folder.path().join(name).join(format!("{name}.cases.json")));
        let cases = crossfield::case::CaseFile::read(&cases.unwrap()).unwrap();
        let refused = cases.cases.iter().filter(|case| !case.breaks.is_empty());
        assert!(refused.count() >= rules, "{name}");
    }
    insta::assert_snapshot!("fates", fates);
}

/// How many faults of each rule have which fate, and what is left open why.
fn table(name: &str, file: &serde_json::Value) -> String {
    let percent = &file["coverage"]["percent"];
    let mut text = format!("{name}: {percent} %\n");
    for owner in file["owners"].as_array().unwrap() {
        text += &format!(
            "  {}: {}\n",
            owner["owner"].as_str().unwrap(),
            owner["fates"]
        );
    }
    for open in file["open"].as_array().unwrap() {
        text += &format!("    {}: {}\n", open["words"], open["reason"]);
    }
    text
}

#[test]
fn what_a_document_gets_wrong_is_told_and_can_be_mended() {
    let Some(specs) = specs() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let rules = |fields: &str| {
        format!(
            "crossfield: 1\napi: {}/idl/Yelp__swagger.yaml\n{fields}rules:\n  \
             - {{id: few, operation: getBusinesses, when: has(query.price), rule: size(query.price) <= 4}}\n",
            specs.display()
        )
    };
    let mend = "operations: {getBusinesses: {fields: {'query.price[*]': {enum: ['1', '2']}}}}\n";
    for (fields, told) in [("", true), (mend, false)] {
        std::fs::write(folder.path().join("yelp.rules.yaml"), rules(fields)).unwrap();
        let (_, _, errors) = crossfield(folder.path(), &["check", "yelp.rules.yaml"]);
        assert_eq!(errors.contains("warning[bad-enum]"), told, "{errors}");
    }
}
