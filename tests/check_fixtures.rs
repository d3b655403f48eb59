//! Every rule file under `fixtures/check`, in folders named by outcome: what
//! its author sees of it, and the exit status.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn refused_files_can_not_be_used() {
    for path in fixtures("refused", 25) {
        let shown = check(&path);
        assert!(
            shown.starts_with("status 2\n"),
            "{}:\n{shown}",
            path.display()
        );
        assert!(shown.contains("error["), "{}:\n{shown}", path.display());
    }
}

#[test]
fn findings_are_errors_of_meaning() {
    for path in fixtures("findings", 10) {
        let shown = check(&path);
        assert!(
            shown.starts_with("status 1\n"),
            "{}:\n{shown}",
            path.display()
        );
    }
}

#[test]
fn what_is_warned_of_can_be_used() {
    for path in fixtures("warned", 20) {
        let shown = check(&path);
        assert!(
            shown.starts_with("status 0\n"),
            "{}:\n{shown}",
            path.display()
        );
        let is_told = shown.contains("warning[") || shown.contains("note[");
        assert!(is_told, "{}:\n{shown}", path.display());
    }
}

#[test]
fn clean_files_lead_to_nothing() {
    for path in fixtures("clean", 4) {
        assert_eq!(check(&path), "status 0\n", "{}", path.display());
    }
}

/// The files of an outcome; there must be some.
fn fixtures(outcome: &str, least: usize) -> Vec<PathBuf> {
    let folder = folder().join(outcome);
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == "yaml"))
        .collect();
    paths.sort();
    assert!(paths.len() >= least, "{} holds too few", folder.display());
    paths
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check")
}

/// What an author sees besides the requests, as it stands in the snapshot
/// beside the file.
fn check(path: &Path) -> String {
    let outcome = path.parent().unwrap();
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["check", &file])
        .current_dir(outcome)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let text = format!("status {}\n{stderr}", output.status.code().unwrap());
    let name = file.trim_end_matches(".rules.yaml").to_owned();
    insta::with_settings!({
        snapshot_path => outcome,
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(name, text.clone());
    });
    text
}

/// Applies each fix of each warning, and checks the file again.
#[test]
fn guards_that_fixes_write_leave_nothing_undefined() {
    let mut applied = 0;
    for path in fixtures("warned", 20) {
        let text = fs::read_to_string(&path).unwrap();
        for fix in fixes(&text, "may-be-undefined") {
            let folder = tempfile::tempdir().unwrap();
            let document = fs::read_to_string(self::folder().join("orders.openapi.yaml")).unwrap();
            fs::create_dir(folder.path().join("x")).unwrap();
            fs::write(folder.path().join("orders.openapi.yaml"), document).unwrap();
            let file = folder.path().join("x/fixed.rules.yaml");
            fs::write(&file, apply(&text, &fix)).unwrap();
            let found = diagnostics(&file);
            let codes: Vec<&str> = found
                .iter()
                .map(|one| one["code"].as_str().unwrap())
                .collect();
            assert!(
                !codes.contains(&"may-be-undefined") && !codes.contains(&"expression-syntax"),
                "{codes:?}\n{}",
                fs::read_to_string(&file).unwrap()
            );
            applied += 1;
        }
    }
    assert!(applied >= 6, "only {applied}");
}

/// The fixes of the findings with a code.
fn fixes(text: &str, code: &str) -> Vec<serde_json::Value> {
    let found = diagnostics_of(text).into_iter();
    let found = found.filter(|one| one["code"] == code);
    let fixes = found.flat_map(|one| one["fixes"].as_array().cloned().unwrap_or_default());
    fixes.collect()
}

/// The findings of a rule file that stands beside the API documents.
fn diagnostics_of(text: &str) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("x")).unwrap();
    for name in ["orders.openapi.yaml", "events.openapi.yaml"] {
        let document = fs::read_to_string(self::folder().join(name)).unwrap();
        fs::write(folder.path().join(name), document).unwrap();
    }
    let file = folder.path().join("x/given.rules.yaml");
    fs::write(&file, text).unwrap();
    diagnostics(&file)
}

fn diagnostics(file: &Path) -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO_BIN_EXE_crossfield"))
        .args(["check", "--format", "json"])
        .arg(file)
        .output()
        .unwrap();
    let data: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    data["diagnostics"].as_array().unwrap().clone()
}

/// The text with all edits of a fix made, last ones first.
fn apply(text: &str, fix: &serde_json::Value) -> String {
    let mut text = text.to_owned();
    for edit in fix["edits"].as_array().unwrap().iter().rev() {
        let offset = |line: &str, column: &str| {
            let line = usize::try_from(edit[line].as_u64().unwrap()).unwrap();
            let column = usize::try_from(edit[column].as_u64().unwrap()).unwrap();
            let mut lines = text.split_inclusive('\n');
            let before: usize = lines.by_ref().take(line - 1).map(str::len).sum();
            let within = lines.next().unwrap_or_default().char_indices();
            let within = within.map(|(at, _)| at).nth(column - 1);
            before + within.unwrap_or_default()
        };
        let range = offset("line", "column")..offset("end_line", "end_column");
        text.replace_range(range, edit["replacement"].as_str().unwrap());
    }
    text
}

/// Applies each fix of each expression that can't be parsed: there is one such
/// expression less then, and YAML reads it as it is meant.
#[test]
fn fixes_of_syntax_mend_one_expression_each() {
    let unreadable = |found: &[serde_json::Value]| {
        let codes = [
            "expression-syntax",
            "yaml-syntax",
            "yaml-tag",
            "needs-quotes",
        ];
        let mut count = 0;
        for one in found {
            count += usize::from(codes.iter().any(|code| one["code"] == **code));
        }
        count
    };
    let mut applied = 0;
    for path in fixtures("refused", 25) {
        let text = fs::read_to_string(&path).unwrap();
        if !text.contains("events.openapi.yaml") {
            continue;
        }
        let before = unreadable(&diagnostics_of(&text));
        for fix in fixes(&text, "expression-syntax") {
            let mended = apply(&text, &fix);
            let after = unreadable(&diagnostics_of(&mended));
            assert_eq!(after + 1, before, "{}: {fix}", path.display());
            applied += 1;
        }
    }
    assert!(applied >= 40, "only {applied}");
}

/// Fixes that are certain: applied, the file no longer has the finding.
#[test]
fn certain_fixes_mend_what_they_are_for() {
    for (code, rule, mended) in [
        (
            "expression-syntax",
            "body.count > 5 and body.count < 9",
            "body.count > 5 && body.count < 9",
        ),
        ("expression-syntax", "body.amount = 5", "body.amount == 5"),
        ("expression-syntax", "body.amount <> 5", "body.amount != 5"),
        (
            "needs-quotes",
            "body.tier == 'a #1'",
            "\"body.tier == 'a #1'\"",
        ),
    ] {
        let text = |rule: &str| {
            format!(
                "crossfield: 1\napi: ../orders.openapi.yaml\nrules:\n  \
                 - id: a\n    operation: createOrder\n    rule: {rule}\n"
            )
        };
        let found = fixes(&text(rule), code);
        let certain: Vec<_> = found
            .iter()
            .filter(|fix| fix["applicability"] == "certain")
            .collect();
        assert_eq!(certain.len(), 1, "{rule}: {found:?}");
        assert_eq!(apply(&text(rule), certain[0]), text(mended));
    }
}
