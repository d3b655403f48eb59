//! Settings files that are read, and those that are refused.

use std::fs;

use super::{FILE, Settings, nearest, read};
use crate::source::{Diagnostics, Sources};

fn settings(text: &str) -> Result<Settings, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    fs::write(&path, text).unwrap();
    let mut sources = Sources::new();
    let mut diagnostics = Diagnostics::new();
    let found = read(&mut sources, &path, &mut diagnostics);
    let said = diagnostics.render_human(&sources, false);
    let shown = path.display().to_string();
    found.ok_or_else(|| said.replace(&shown, FILE))
}

#[test]
fn entries_name_what_is_off_and_why() {
    let found = settings(
        "[[off]]\nclass = \"text\"\nreason = \"the database compares bytes\"\n\n\
         [[off]]\nlayer = \"state\"\nrule = \"one-refund\"\nreason = \"no staging data\"\n",
    )
    .unwrap();
    let [text, state] = found.off.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(text.class.as_deref(), Some("text"));
    assert_eq!(text.reason, "the database compares bytes");
    assert_eq!(state.rule.as_deref(), Some("one-refund"));
    assert_eq!(settings("").unwrap(), Settings::default());
}

#[test]
fn what_is_wrong_is_shown_at_its_place() {
    let wrong = [
        (
            "[[off]]\nclass = \"txt\"\nreason = \"r\"\n",
            "did you mean `text`?",
        ),
        ("[[off]]\nclass = \"text\"\n", "missing field `reason`"),
        (
            "[[off]]\nclass = \"text\"\nreason = \" \"\n",
            "for a reason",
        ),
        ("[[off]]\nreason = \"all\"\n", "names nothing"),
        (
            "[[off]]\nclas = \"text\"\nreason = \"r\"\n",
            "unknown field `clas`",
        ),
        ("[[off]\n", "can't be read"),
    ];
    for (text, words) in wrong {
        let said = settings(text).unwrap_err();
        assert!(said.contains(words), "{text}\n{said}");
        assert!(said.contains(&format!("{FILE}:")), "{said}");
    }
}

#[test]
fn the_nearest_file_counts() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("rules/eu");
    fs::create_dir_all(&inner).unwrap();
    let rules = inner.join("a.rules.yaml");
    fs::write(&rules, "").unwrap();
    fs::write(folder.path().join(FILE), "").unwrap();
    let canonical = |path: &std::path::Path| path.canonicalize().unwrap();
    let outer = canonical(&folder.path().join(FILE));
    assert_eq!(nearest(&rules), Some(outer));
    fs::write(folder.path().join("rules").join(FILE), "").unwrap();
    let near = canonical(&folder.path().join("rules").join(FILE));
    assert_eq!(nearest(&rules), Some(near));
}
