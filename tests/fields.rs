//! The field layer: cases about what schemas demand of single places.
#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crossfield::case::{Case, CaseFile, Verdict};
use fixture::{Fixture, told};
use serde_json::Value as Json;

const ORDERS: Fixture = Fixture {
    folder: "fields",
    server: "tests/fixtures/cli/fields/server.py",
    environment: &[],
};

fn cases(suite: &Path) -> CaseFile {
    let text = fs::read_to_string(suite.join("orders.cases.json")).unwrap();
    CaseFile::read(&text).unwrap()
}

/// The schema of the body, for the crate jsonschema alone.
fn schema() -> jsonschema::Validator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/fields");
    let text = fs::read_to_string(folder.join("openapi.json")).unwrap();
    let document: Json = serde_json::from_str(&text).unwrap();
    let place = "/paths/~1shops~1{shop}~1orders/post/requestBody/content/application~1json/schema";
    let schema = document.pointer(place).unwrap();
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .unwrap()
}

fn body(case: &Case) -> Option<Json> {
    let request = &case.steps.last().unwrap().request;
    let text = request.body.as_ref()?;
    Some(serde_json::from_str(text).unwrap())
}

#[test]
fn each_case_is_about_one_keyword_at_one_place() {
    let (suite, status, said) = ORDERS.generated("orders.rules.yaml", &["--layers", "field"]);
    assert_eq!(status, 0, "{said}");
    let file = cases(suite.path());
    let schema = schema();
    let mut keywords = BTreeSet::new();
    for case in &file.cases {
        let Some(body) = body(case) else {
            assert_eq!(case.rule, "order:body:required");
            continue;
        };
        let is_refused = case.expected.verdict == Verdict::Reject;
        let rule = file.rules.iter().find(|rule| rule.id == case.rule).unwrap();
        let place = rule.field_path.as_ref().unwrap();
        let (_, keyword) = case.rule.rsplit_once(':').unwrap();
        keywords.insert(keyword.to_owned());
        let errors: Vec<_> = schema.iter_errors(&body).collect();
        if !is_refused || !place.starts_with("body") {
            assert!(errors.is_empty(), "{}: {errors:?}", case.id);
            continue;
        }
        let [one] = errors.as_slice() else {
            panic!("{}: {errors:?}", case.id);
        };
        let at = format!("body{}", one.instance_path().as_str().replace('/', "."));
        let found = one.kind().keyword();
        if at == "body.pay" {
            assert!(found == "oneOf" || found == keyword, "{}: {one}", case.id);
            continue;
        }
        let at = at.replace(".0", "[*]").replace(".1", "[*]");
        let is_said = match keyword {
            "required" => *place == format!("{at}.{}", place.rsplit('.').next().unwrap()),
            _ => *place == at,
        };
        let is_named = found == keyword || found == "exclusiveMinimum" && keyword == "minimum";
        assert!(is_said && is_named, "{}: {one} at {at}", case.id);
        // The refusal of the schema, as `answers` says.
        assert_eq!(case.expected.statuses, [400], "{}", case.id);
    }
    for keyword in [
        "additionalProperties",
        "enum",
        "format",
        "maxItems",
        "maxLength",
        "maximum",
        "minLength",
        "minimum",
        "multipleOf",
        "oneOf",
        "pattern",
        "properties",
        "required",
        "type",
        "uniqueItems",
    ] {
        assert!(keywords.contains(keyword), "{keyword}: {keywords:?}");
    }
    insta::assert_snapshot!(table(&said));
}

/// What was said without the suite's folder.
fn table(said: &str) -> String {
    let lines = said.lines().filter(|line| !line.contains("/tmp"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn mistakes_at_single_places_are_caught() {
    let (suite, status, said) = ORDERS.generated("orders.rules.yaml", &["--layers", "field"]);
    assert_eq!(status, 0, "{said}");
    let mistakes = [
        "additional",
        "branch",
        "bytes",
        "header",
        "minimum",
        "pattern",
        "point",
        "twice",
        "type",
    ];
    ORDERS.tells_apart(suite.path(), &mistakes, "failed");
}

#[test]
fn the_layer_is_off_by_default_and_can_be_switched_off_in_part() {
    let (suite, _, said) = ORDERS.generated("orders.rules.yaml", &[]);
    assert!(!said.contains("field layer"), "{said}");
    let plain = cases(suite.path());
    assert!(plain.rules.iter().all(|rule| !rule.id.contains(':')));
    let (suite, _, said) = ORDERS.generated("orders.rules.yaml", &["--layers", "rule,state,field"]);
    assert!(said.contains("field layer"), "{said}");
    let all = cases(suite.path());
    let ids: BTreeSet<&str> = all.cases.iter().map(|case| case.id.as_str()).collect();
    // What is there beside it stays as it is.
    for case in &plain.cases {
        let same = all.cases.iter().find(|own| own.id == case.id).unwrap();
        assert_eq!(same.digest, case.digest);
    }
    assert!(ids.len() > plain.cases.len());

    let folder = tempfile::tempdir().unwrap();
    for name in ["openapi.json", "orders.rules.yaml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cli/fields");
        fs::copy(from.join(name), folder.path().join(name)).unwrap();
    }
    let settings =
        "[[off]]\nlayer = \"field\"\nrule = \"order:body.sku:pattern\"\nreason = \"legacy\"\n";
    fs::write(folder.path().join("crossfield.toml"), settings).unwrap();
    let generated = |layers: &str| {
        let mut command = ORDERS.crossfield();
        command.current_dir(folder.path());
        let out = folder.path().join("out");
        command.args([
            "generate",
            "orders.rules.yaml",
            "--fresh",
            "--layers",
            layers,
            "-o",
        ]);
        told(&command.arg(out).output().unwrap()).1
    };
    let said = generated("field");
    assert!(
        said.contains("switched off, not counted here: legacy"),
        "{said}"
    );
    let off = cases(&folder.path().join("out"));
    assert!(
        off.cases
            .iter()
            .all(|case| case.rule != "order:body.sku:pattern")
    );
    // Where the layer isn't asked for, nobody is told that its entries do nothing.
    assert!(!generated("rule").contains("switches no fault off"));
}

#[test]
fn faults_and_cases_are_explained() {
    let (suite, _, _) = ORDERS.generated("orders.rules.yaml", &["--layers", "field"]);
    let file = cases(suite.path());
    let fault = "order:body.quantity:minimum/field/border";
    let case = file
        .cases
        .iter()
        .find(|case| case.detects.iter().any(|own| own.fault == fault));
    let case = case.unwrap();
    let explain = |id: &str| {
        let mut command = ORDERS.crossfield();
        told(
            &command
                .args(["explain", id, "orders.rules.yaml"])
                .output()
                .unwrap(),
        )
    };
    let (status, said) = explain(fault);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains(&case.id), "{said}");
    assert!(said.contains("openapi.json:"), "{said}");
    let (status, said) = explain(&case.id);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("quantity"), "{said}");
}

/// What other values at the same place, or the baseline itself, say of a mistake: it is
/// neither counted as detected nor called untestable without need.
#[test]
fn mistakes_are_told_apart() {
    for rules in ["accounts", "lookalikes"] {
        let file = format!("{rules}.rules.yaml");
        let (_, status, said) = ORDERS.generated(&file, &["--layers", "field", "--verbose"]);
        assert_eq!(status, 0, "{said}");
        insta::assert_snapshot!(rules, table(&said));
        let (_, status, _) = ORDERS.generated(&file, &["--layers", "field", "--strict"]);
        assert_eq!(status, 3);
    }
}

/// A value that is written otherwise is a change that people see.
#[test]
fn what_is_written_otherwise_is_shown() {
    let (suite, _, _) = ORDERS.generated("orders.rules.yaml", &["--layers", "field"]);
    let (status, said) = ORDERS.sent(&ORDERS.serving("point"), suite.path());
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("body.quantity: 2 -> 2.0"), "{said}");
}

/// Rules, the package of the server, and the values of its environment.
type Example = (
    &'static str,
    Option<&'static str>,
    &'static [(&'static str, &'static str)],
);

/// The servers of examples that check all that their documents say keep to it.
#[test]
fn the_right_servers_of_examples_pass() {
    let examples: [Example; 2] = [
        ("examples/parcels", None, &[("MERCHANT_ID", "acme")]),
        (
            "rules/booking.rules.yaml",
            Some("booking-server"),
            &[
                ("COLLEAGUE_TOKEN", "mira"),
                ("MANAGER_TOKEN", "manager"),
                ("ORGANIZER_TOKEN", "oskar"),
            ],
        ),
    ];
    for (rules, package, environment) in examples {
        let suite = tempfile::tempdir().unwrap();
        let crossfield = || {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_crossfield"));
            command.current_dir(env!("CARGO_MANIFEST_DIR"));
            command.envs(environment.iter().copied());
            command
        };
        let mut command = crossfield();
        command.args(["generate", rules, "--layers", "field", "-o"]);
        let (status, said) = told(&command.arg(suite.path()).output().unwrap());
        assert_eq!(status, 0, "{said}");
        let server = match package {
            Some(package) => {
                support::Server::of(&mut std::process::Command::new(support::program(package)))
            }
            None => support::Server::start("examples/parcels/server.py", &[]),
        };
        let mut command = crossfield();
        command
            .arg("run")
            .arg(suite.path())
            .args(["--url", &server.url]);
        let (status, said) = told(&command.output().unwrap());
        assert_eq!(status, 0, "{rules}: {said}");
    }
}
