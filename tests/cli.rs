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
    help_run: "run" "--help";
    help_record: "record" "--help";
    help_audit: "audit" "--help";
    help_explain: "explain" "--help";
    help_schema: "schema" "--help";
    help_import: "import" "--help";
    help_completions: "completions" "--help";
    help_man: "man" "--help";
    a_command_that_does_not_exist: "review" "--all" "x";
    a_command_without_its_paths: "check";

    check: "check" "shop.rules.yaml";
    check_with_state: "check" "wallet.rules.yaml";
    check_as_json: "check" "shop.rules.yaml" "--format" "json";
    check_errors: "check" "errors.rules.yaml";
    check_in_detail: "check" "lists.rules.yaml" "--verbose";
    check_errors_as_json: "check" "errors.rules.yaml" "--format" "json";
    check_lists: "check" "lists.rules.yaml";
    check_free_form_objects: "check" "free-form.rules.yaml";
    check_parts_of_new_objects: "check" "trips.rules.yaml";
    check_now: "check" "clock/pickups.rules.yaml";
    generate_from_now: "generate" "clock/pickups.rules.yaml" "clock/invoices.rules.yaml" "-o" "OUT" "--check" "--verbose";
    generate_at_a_fixed_moment: "generate" "clock/fixed.rules.yaml" "-o" "OUT" "--check" "--strict";
    generate_by_a_header: "generate" "clock/header.rules.yaml" "-o" "OUT" "--check" "--strict";
    generate_with_a_clock_that_tests_set: "generate" "clock/staged.rules.yaml" "-o" "OUT" "--check" "--strict";
    check_with_a_clock_that_tests_set: "check" "clock/staged.rules.yaml" "--verbose";
    explain_what_needs_a_clock: "explain" "lead-time/relational/all/ge-gt" "clock/pickups.rules.yaml";
    generate_lists: "generate" "lists.rules.yaml" "-o" "OUT" "--check" "--verbose";
    generate_with_faults_switched_off: "generate" "settings/wallet.rules.yaml" "-o" "OUT" "--check";
    generate_with_wrong_settings: "generate" "settings/wrong/wallet.rules.yaml" "-o" "OUT" "--check";
    generate_few_cases: "generate" "wallet.rules.yaml" "-o" "OUT" "--check" "--max-cases" "2";
    generate_one_layer: "generate" "wallet.rules.yaml" "-o" "OUT" "--check" "--layers" "rule";
    a_layer_that_does_not_exist: "generate" "wallet.rules.yaml" "-o" "OUT" "--layers" "fields";
    explain_a_default: "explain" "limit-by-tags" "lists.rules.yaml";
    check_habits_of_other_languages: "check" "habits.rules.yaml";
    check_alternatives: "check" "alternatives.rules.yaml";
    generate_alternatives: "generate" "alternatives.rules.yaml" "-o" "OUT" "--check" "--verbose";
    check_types_apart: "check" "apart.rules.yaml";
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
    check_a_document_of_several_files: "check" "files/orders.rules.yaml";
    check_references_that_lead_nowhere: "check" "files/broken.rules.yaml";
    check_a_bare_schema: "check" "schema/transfer.rules.yaml";
    check_a_schema_that_contradicts_itself: "check" "schema/unmended.rules.yaml";
    check_a_wrong_api: "check" "schema/wrong.rules.yaml" "schema/nowhere.rules.yaml";
    generate_for_a_bare_schema: "generate" "schema/transfer.rules.yaml" "-o" "OUT" "--check" "--verbose";

    check_the_declarations: "check" "../../../examples/parcels";
    check_booking: "check" "../../../rules/booking.rules.yaml";
    check_subscriptions: "check" "../../../rules/subscriptions.rules.yaml";
    check_identity: "check" "../../../rules/identity.rules.yaml";
    generate_the_declarations: "generate" "../../../examples/parcels" "-o" "OUT" "--check" "--verbose";
    explain_a_rule_for_each: "explain" "line-limit" "../../../examples/parcels";
    explain_a_rule_wherever: "explain" "yen-are-whole@sendParcel:body.lines[*].price" "../../../examples/parcels";
    explain_a_table: "explain" "ways-to-send" "../../../examples/parcels";
    check_wrong_places: "check" "places.rules.yaml";
    check_wrong_cells: "check" "cells.rules.yaml";
    check_idle_rows: "check" "rows.rules.yaml";
    check_values_looked_into: "check" "looked-into.rules.yaml";
    check_unknown_values: "check" "unknown-value.rules.yaml";
    check_includes: "check" "includes";
    check_wrong_includes: "check" "circle/main.rules.yaml" "circle/lonely.rules.yaml";
    import_idl: "import" "idl" "../import/search.openapi.yaml";
    import_an_idl_file: "import" "idl" "../import/search.idl" "--api" "../import/search.openapi.yaml";
    import_an_idl_file_without_api: "import" "idl" "../import/search.idl";
    import_idl_with_mistakes: "import" "idl" "../import/mistakes.openapi.yaml";
    import_idl_with_mistakes_as_json: "import" "idl" "../import/mistakes.openapi.yaml" "--format" "json";
    import_idl_where_there_is_none: "import" "idl" "../import/orders.openapi.yaml";
    import_what_is_no_document: "import" "idl" "../import/no-document.yaml";
    import_from_two_documents: "import" "idl" "../import/search.openapi.yaml" "--api" "../import/orders.openapi.yaml";
    import_a_missing_file: "import" "idl" "../import/missing.yaml";
    import_for_an_unknown_operation: "import" "idl" "../import/search.openapi.yaml" "--operation" "searchPlace";
    import_conditionals: "import" "jsonschema" "../import/orders.openapi.yaml";
    import_a_schema: "import" "jsonschema" "../import/order.schema.json" "--api" "../import/orders.openapi.yaml" "--operation" "createOrder";
    import_a_schema_without_operation: "import" "jsonschema" "../import/order.schema.json" "--api" "../import/orders.openapi.yaml";
    import_kubernetes: "import" "kubernetes" "../import/widgets.openapi.yaml";
    import_a_resource_definition: "import" "kubernetes" "../import/widgets.crd.yaml" "--api" "../import/widgets.openapi.yaml";
    import_what_is_no_definition: "import" "kubernetes" "../import/order.schema.json";

    generate_from_errors: "generate" "errors.rules.yaml" "-o" "OUT";
    generate_where_nothing_can_be_written: "generate" "shop.rules.yaml" "-o" "shop.rules.yaml/out";

    run_from_errors: "run" "errors.rules.yaml" "--url" "http://localhost:1";
    run_from_errors_as_json: "run" "typo-in-state.rules.yaml" "--url" "http://localhost:1" "--format" "json";
    run_a_missing_file: "run" "missing.cases.json" "--url" "http://localhost:1";
    run_with_a_rate_of_nothing: "run" "shop.rules.yaml" "--url" "http://localhost:1" "--rate" "0";

    explain_a_code: "explain" "never-broken";
    explain_a_class: "explain" "boundary" "--format" "json";
    explain_a_rule: "explain" "premium-discount" "shop.rules.yaml";
    explain_a_rule_with_state: "explain" "pay-within-balance" "wallet.rules.yaml";
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
fn two_rule_files_of_one_name_are_told_by_their_paths() {
    let folder = tempfile::tempdir().unwrap();
    for inner in ["a", "b"] {
        fs::create_dir(folder.path().join(inner)).unwrap();
        for file in ["wallet.rules.yaml", "wallet.openapi.yaml"] {
            let to = folder.path().join(inner).join(file);
            fs::copy(fixtures().join(file), to).unwrap();
        }
    }
    let text = crossfield(&["generate", "OUT", "-o", "OUT/suite"], folder.path());
    let (_, errors) = text.split_once("--- stderr\n").unwrap();
    insta::assert_snapshot!(errors);
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

/// What an earlier run left of a mistake that no longer happens.
#[test]
fn reports_of_mistakes_that_are_mended_go() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("shop.internal-error.txt");
    fs::write(&report, "judges that should agree don't").unwrap();
    let said = crossfield(&["generate", "shop.rules.yaml", "-o", "OUT"], folder.path());
    assert!(said.starts_with("status 0"), "{said}");
    assert!(!report.exists());
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

/// The first case that a server with state refuses, and the first of one
/// request; as text and as data.
#[test]
fn cases_are_told_as_a_story() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["generate", "actors/desks.rules.yaml", "-o", "OUT"];
    let made = crossfield(&arguments, folder.path());
    assert!(made.starts_with("status 0\n"), "{made}");
    let text = fs::read_to_string(folder.path().join("desks.cases.json")).unwrap();
    let file = crossfield::case::CaseFile::read(&text).unwrap();
    let mut refused = file.cases.iter().filter(|case| !case.breaks.is_empty());
    let of_several = refused.clone().find(|case| case.steps.len() > 1).unwrap();
    let of_one = refused.find(|case| case.steps.len() == 1).unwrap();
    for (name, case) in [("several", of_several), ("one", of_one)] {
        let told = crossfield(&["explain", &case.id, "OUT"], folder.path());
        insta::assert_snapshot!(format!("explain_a_case_of_{name}"), told);
        let data = crossfield(
            &["explain", &case.id, "OUT", "--format", "json"],
            folder.path(),
        );
        let (_, rest) = data.split_once("--- stdout\n").unwrap();
        let (data, _) = rest.split_once("--- stderr\n").unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        let story = serde_json::to_value(&case.story).unwrap();
        assert_eq!(data.pointer("/0/story"), Some(&story));
    }
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

/// What was imported passes `check`, is replaced while nobody touched it, and
/// stays once somebody did.
#[test]
fn imported_rules_are_a_rule_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let import = || {
        let spec = "../import/widgets.openapi.yaml";
        let arguments = ["import", "kubernetes", spec, "-o", "OUT/w.rules.yaml"];
        crossfield(&arguments, folder.path())
    };
    let file = folder.path().join("w.rules.yaml");
    let written = import();
    assert!(written.starts_with("status 0\n"), "{written}");
    assert!(written.contains("OUT/w.rules.yaml: written; 4 rules, 5 not carried over"));
    assert!(import().contains("OUT/w.rules.yaml: unchanged"));
    let checked = crossfield(&["check", "OUT/w.rules.yaml"], folder.path());
    assert!(checked.starts_with("status 0\n"), "{checked}");
    assert!(checked.contains("4 rules: 0 errors"), "{checked}");

    let edited = fs::read_to_string(&file).unwrap() + "# mine\n";
    fs::write(&file, &edited).unwrap();
    let kept = import();
    assert!(kept.starts_with("status 2\n"), "{kept}");
    assert!(
        kept.contains("written or edited by somebody else"),
        "{kept}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), edited);
}

#[test]
fn the_schemas_of_files_are_json() {
    for of in ["cases", "rules"] {
        let text = reading(&["schema", of]);
        let (_, rest) = text.split_once("--- stdout\n").unwrap();
        let (json, stderr) = rest.split_once("--- stderr\n").unwrap();
        let schema: serde_json::Value = serde_json::from_str(json).unwrap();
        assert!(schema["$schema"].is_string());
        assert_eq!(stderr, "");
    }
}

#[test]
fn completions_and_the_manual_name_every_command() {
    for arguments in [&["completions", "bash"][..], &["man"]] {
        let text = reading(arguments);
        assert!(text.starts_with("status 0\n"), "{text}");
        for command in ["check", "generate", "explain", "import", "schema"] {
            assert!(text.contains(command), "{command} is missing in {text}");
        }
    }
}
