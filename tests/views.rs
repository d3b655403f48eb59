//! Views: suites and `run` against a server that shows what it remembers.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use fixture::{Fixture, WAYS, told};

const RULES: &str = "tabs.rules.yaml";

/// What no rule reads is forgotten, wrong, or not shown.
const OF_VIEWS: [&str; 6] = [
    "forgets-note",
    "forgets-last",
    "first-table",
    "house-of-the-example",
    "opened-later",
    "hides-status",
];

const TABS: Fixture = Fixture {
    folder: "views",
    server: "tests/support/tabs.py",
    environment: &[
        ("HOUSE_ID", "house_77"),
        ("ANN_TOKEN", "of-ann"),
        ("BOB_TOKEN", "of-bob"),
        ("BOSS_TOKEN", "of-boss"),
    ],
};

/// The suite of a rule file.
fn generated(rules: &str) -> tempfile::TempDir {
    let (folder, status, said) = TABS.generated(rules, &[]);
    assert_eq!(status, 0, "{said}");
    folder
}

#[test]
fn what_is_remembered_is_seen() {
    let (folder, _, said) = TABS.generated(RULES, &[]);
    // One border needs a clock that tests set.
    let coverage = "106 of 107 testable faults detected; 4 more are untestable";
    assert!(said.contains(coverage), "{said}");
    // It writes times and numbers in ways of its own.
    TABS.tells_apart(folder.path(), &OF_VIEWS, "the server shows");
    for ask in WAYS {
        let (status, said) = ask(&TABS, &TABS.serving("limit-exclusive"), folder.path());
        assert_eq!(status, 1, "{said}");
        assert!(!said.contains("the server shows"), "{said}");
        assert!(
            said.contains("refused what the rule within-limit allows"),
            "{said}"
        );
    }
}

fn cases(suite: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(suite.join("tabs.cases.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// The faults that cases were found for, by the cases' ids.
fn primaries(suite: &Path) -> BTreeMap<String, String> {
    let cases = cases(suite).into_iter();
    let each = cases.map(|case| {
        let text = |key: &str| case[key].as_str().unwrap_or_default().to_owned();
        (text("id"), text("primary"))
    });
    each.collect()
}

/// Cases about a rule look at the state before their last request; those about
/// the state itself are there to fail by it.
#[test]
fn what_a_case_looks_for_does_not_block_it() {
    let folder = generated(RULES);
    let looks = |owner: &str| -> Vec<bool> {
        let cases = cases(folder.path()).into_iter();
        let own = cases.filter(|case| {
            let primary = case["primary"].as_str().unwrap_or_default();
            case["rule"] == "within-limit" && primary.starts_with(owner)
        });
        own.map(|case| case["views"].is_array()).collect()
    };
    let of_state = looks("tab.");
    assert!(!of_state.is_empty() && !of_state.contains(&true));
    assert!(looks("within-limit/").contains(&true));
}

/// The cases that are about the state fail; what a rule says isn't known from
/// a state that isn't the one predicted.
#[test]
fn another_state_blocks_the_rules_that_read_it() {
    let folder = generated(RULES);
    let primaries = primaries(folder.path());
    for ask in WAYS {
        let (status, said) = ask(&TABS, &TABS.serving("counts-twice"), folder.path());
        assert_eq!(status, 1, "{said}");
        assert!(said.contains("the server shows"), "{said}");
        let blocked = "the state reached isn't the one predicted: getTab shows \"";
        assert!(said.contains(blocked), "{said}");
    }
    let (_, said) = TABS.sent(&TABS.serving("counts-twice"), folder.path());
    let failed = said
        .lines()
        .filter_map(|line| line.strip_prefix("failed: "));
    let failed: Vec<&str> = failed.filter_map(|line| line.split(',').next()).collect();
    assert!(failed.len() > 1, "{said}");
    for id in failed {
        let primary = &primaries[id];
        assert!(
            primary.starts_with("tab.") || primary.starts_with("tab@"),
            "{id} for {primary}:\n{said}"
        );
    }
    // What no rule reads blocks nothing.
    let (_, said) = TABS.sent(&TABS.serving("forgets-note"), folder.path());
    assert!(
        said.contains(" 0 blocked") || !said.contains("blocked:"),
        "{said}"
    );
    assert!(!said.contains("isn't the one predicted"), "{said}");
}

/// The test in the emitted suite of the case that was found for a fault.
fn test_of(suite: &Path, fault: &str) -> String {
    let primaries = primaries(suite);
    let found = primaries.iter().find(|(_, primary)| *primary == fault);
    let name = format!("def test_{}(", found.unwrap().0.replace(['-', '.'], "_"));
    let text = std::fs::read_to_string(suite.join("test_tabs.py")).unwrap();
    let test = text.split("\n@").find(|test| test.contains(&name));
    format!("@{}\n", test.unwrap().trim())
}

#[test]
fn views_read_well() {
    let folder = generated(RULES);
    insta::assert_snapshot!(test_of(
        folder.path(),
        "tab.last@addDrink/state/all/forgotten"
    ));
    insta::assert_snapshot!(test_of(folder.path(), "within-limit/dropped/all/rule"));
    let primaries = primaries(folder.path());
    for fault in [
        "tab.last@addDrink/state/all/forgotten",
        "within-limit/dropped/all/rule",
    ] {
        let (id, _) = primaries.iter().find(|(_, own)| *own == fault).unwrap();
        let explained = TABS
            .crossfield()
            .args(["explain", id])
            .arg(folder.path())
            .output()
            .unwrap();
        insta::assert_snapshot!(told(&explained).1);
    }
}

/// An attribute that is only asked for gets into what a view shows: no fault of
/// it is untestable, and the one that loses it shows there.
#[test]
fn what_is_only_asked_for_gets_into_what_is_shown() {
    let (_, status, said) = TABS.generated("asked.rules.yaml", &[]);
    assert_eq!(status, 0, "{said}");
    let of_note = said.lines().find(|line| line.starts_with("tab.note"));
    let counts: Vec<&str> = of_note.unwrap().split_whitespace().collect();
    assert_eq!(counts[3], "0", "untestable: {said}");
    assert!(!said.contains("takes `body.note` whether or not"), "{said}");
}
