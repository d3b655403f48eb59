//! The command line as users meet it: output, messages and exit statuses.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs the program in the folder of the fixtures; `folder` stands for `OUT`.
fn crossfield(arguments: &[&str], folder: &Path) -> String {
    let out = folder.display().to_string();
    let arguments = arguments
        .iter()
        .map(|argument| argument.replace("OUT", &out));
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(arguments)
        .current_dir(fixtures())
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&out, "OUT");
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    assert!(!stderr.contains("panicked"), "{stderr}");
    format!(
        "status {}\n--- stdout\n{stdout}--- stderr\n{stderr}",
        output.status.code().unwrap()
    )
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli")
}

/// Runs the program where it has nothing to write.
fn reading(arguments: &[&str]) -> String {
    crossfield(arguments, Path::new("no such folder"))
}

macro_rules! shows {
    ($($name:ident: $($argument:literal)*;)*) => {
        $(#[test]
        fn $name() {
            insta::assert_snapshot!(reading(&[$($argument),*]));
        })*
    };
}

shows! {
    help: "--help";
    help_check: "check" "--help";
    help_generate: "generate" "--help";
    help_explain: "explain" "--help";
    help_schema: "schema" "--help";
    help_completions: "completions" "--help";
    help_man: "man" "--help";
    a_command_that_does_not_exist: "record" "--upstream" "x";
    a_command_without_its_paths: "check";

    check: "check" "shop.rules.yaml";
    check_with_state: "check" "wallet.rules.yaml";
    check_as_json: "check" "shop.rules.yaml" "--format" "json";
    check_errors: "check" "errors.rules.yaml";
    check_in_detail: "check" "lists.rules.yaml" "--verbose";
    check_errors_as_json: "check" "errors.rules.yaml" "--format" "json";
    check_lists: "check" "lists.rules.yaml";
    generate_lists: "generate" "lists.rules.yaml" "-o" "OUT" "--check" "--verbose";
    explain_a_default: "explain" "limit-by-tags" "lists.rules.yaml";
    check_habits_of_other_languages: "check" "habits.rules.yaml";
    check_parameters: "check" "parameters.rules.yaml";
    check_a_required_parameter: "check" "required-parameter.rules.yaml";
    check_a_typo_in_state: "check" "typo-in-state.rules.yaml";
    check_names_of_functions: "check" "taken.rules.yaml";
    check_what_never_is: "check" "never.rules.yaml";
    check_a_masked_rule: "check" "masked.rules.yaml";
    check_a_contradiction: "check" "contradiction.rules.yaml";
    check_cyclic_schemas: "check" "cyclic.rules.yaml";
    check_what_is_no_yaml: "check" "not-yaml.rules.yaml";
    check_an_alias_bomb: "check" "bomb.rules.yaml";
    check_a_missing_file: "check" "missing.rules.yaml" "shop.rules.yaml";
    check_without_api: "check" "no-api.rules.yaml";
    check_a_newer_api: "check" "new.rules.yaml";

    generate_from_errors: "generate" "errors.rules.yaml" "-o" "OUT";
    generate_where_nothing_can_be_written: "generate" "shop.rules.yaml" "-o" "shop.rules.yaml/out";

    explain_a_code: "explain" "never-broken";
    explain_a_class: "explain" "boundary" "--format" "json";
    explain_a_rule: "explain" "premium-discount" "shop.rules.yaml";
    explain_a_fault: "explain" "premium-discount/relational/1/le-lt" "shop.rules.yaml";
    explain_what_is_unknown: "explain" "premium-discont" "shop.rules.yaml";
    explain_without_a_file: "explain" "premium-discount";
}

#[test]
fn a_folder_without_rule_files() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rules.yaml"), "crossfield: 1\n").unwrap();
    insta::assert_snapshot!(crossfield(&["check", "OUT"], folder.path()));
}

#[test]
fn a_file_that_stands_in_a_named_folder_is_read_once() {
    let text = reading(&["check", "shop.rules.yaml", "./shop.rules.yaml"]);
    assert_eq!(text.matches("premium-discount  (").count(), 1, "{text}");
}

#[test]
fn generate_writes_a_suite_and_finds_it_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let base = ["generate", "shop.rules.yaml", "-o", "OUT/suite"];
        crossfield(&[&base, more].concat(), folder.path())
    };
    insta::assert_snapshot!("generate_check_before", run(&["--check"]));
    insta::assert_snapshot!("generate", run(&["--verbose"]));
    let first = fs::read_to_string(folder.path().join("suite/shop.cases.json")).unwrap();
    let again = run(&["--check", "--jobs", "1", "--strict"]);
    assert!(again.starts_with("status 0\n"), "{again}");
    assert!(again.contains("OUT/suite is up to date"), "{again}");

    let fresh = run(&["--fresh", "--jobs", "3", "--format", "json"]);
    assert!(fresh.contains("\"written\": []"), "{fresh}");
    let now = fs::read_to_string(folder.path().join("suite/shop.cases.json")).unwrap();
    assert_eq!(first, now);

    fs::write(folder.path().join("suite/test_shop.py"), "edited").unwrap();
    fs::remove_file(folder.path().join("suite/conftest.py")).unwrap();
    let stale = run(&["--check"]);
    assert!(stale.starts_with("status 1\n"), "{stale}");
    assert!(stale.contains("differs: test_shop.py"), "{stale}");
    assert!(stale.contains("missing: conftest.py"), "{stale}");
}

#[test]
fn generated_cases_can_be_explained() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "generate",
        "shop.rules.yaml",
        "-o",
        "OUT",
        "--format",
        "json",
    ];
    let made = crossfield(&arguments, folder.path());
    assert!(made.starts_with("status 0\n"), "{made}");
    let text = fs::read_to_string(folder.path().join("shop.cases.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let id = file["cases"][0]["id"].as_str().unwrap();
    let from_suite = crossfield(&["explain", id, "OUT"], folder.path());
    // The same without a suite: the cases are made again.
    let from_rules = crossfield(&["explain", id, "shop.rules.yaml"], folder.path());
    assert_eq!(from_suite, from_rules);
    insta::assert_snapshot!(from_suite);
}

#[test]
fn cases_of_another_version_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["generate", "shop.rules.yaml", "-o", "OUT"];
    fs::write(folder.path().join("shop.cases.json"), "{\"format\": 99}").unwrap();
    insta::assert_snapshot!(crossfield(&arguments, folder.path()));
}

#[test]
fn a_file_of_somebody_else_stays() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["generate", "shop.rules.yaml", "-o", "OUT"];
    fs::write(folder.path().join("conftest.py"), "mine").unwrap();
    insta::assert_snapshot!(crossfield(&arguments, folder.path()));
    assert_eq!(
        fs::read(folder.path().join("conftest.py")).unwrap(),
        b"mine"
    );
}

#[test]
fn the_schema_of_case_files_is_json() {
    let text = reading(&["schema", "cases"]);
    let (_, rest) = text.split_once("--- stdout\n").unwrap();
    let (json, stderr) = rest.split_once("--- stderr\n").unwrap();
    let schema: serde_json::Value = serde_json::from_str(json).unwrap();
    assert!(schema["$schema"].is_string());
    assert_eq!(stderr, "");
}

#[test]
fn completions_and_the_manual_name_every_command() {
    for arguments in [&["completions", "bash"][..], &["man"]] {
        let text = reading(arguments);
        assert!(text.starts_with("status 0\n"), "{text}");
        for command in ["check", "generate", "explain", "schema"] {
            assert!(text.contains(command), "{command} is missing in {text}");
        }
    }
}
