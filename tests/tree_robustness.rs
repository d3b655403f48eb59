//! Damaged rule files: no text makes the reader panic, every span lies inside
//! its file, and every character of a text maps back to itself.

use std::fs;
use std::io::Result;
use std::path::Path;

use crossfield::rulefile::RuleFile;
use crossfield::source::{Diagnostics, Sources, Span};
use crossfield::tree::{Node, NodeKind, Text, parse_json, parse_yaml_tolerant};

/// What is put in: pieces with a meaning in YAML, line breaks of all kinds.
const PIECES: [&str; 30] = [
    " ", "\n", "  ", "'", "\"", ": ", "- ", "[", "]", "{", "}", ", ", "!", " #", "&a ", "*a", "\\",
    "\t", "\r\n", "é", "|", "> ", ">-\n", "1", "?", "\u{85}", "\u{feff}", "<<: ", "---\n", "(",
];

const STYLES: &str = "a: >-\n  one\n\n    two é\n  three\nb: |+\n  x\n\n   y\n\nc: 'it''s\n  q\n\n  z'\n\
    d: \"a\\\n   b\\n \\u00e9\\x41\\U0001F600 \\\"q\n   \\  s\"\ne: plain\n  more\n\n  words # c\n";

#[test]
fn damaged_files_are_read_without_a_panic_and_located_exactly() -> Result<()> {
    let mut random = fastrand::Rng::with_seed(7);
    let seeds = seeds()?;
    let mut trees = 0;
    for _ in 0..1500 {
        let text = damaged(&seeds[random.usize(..seeds.len())], &mut random);
        trees += usize::from(check(&text));
    }
    assert!(trees > 300, "only {trees} texts gave a tree");
    Ok(())
}

fn seeds() -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rulefiles");
    let mut paths = Vec::new();
    for outcome in ["accepted", "refused"] {
        for entry in fs::read_dir(folder.join(outcome))? {
            paths.push(entry?.path());
        }
    }
    paths.retain(|path| path.extension().is_some_and(|found| found == "yaml"));
    paths.sort();
    let mut seeds = vec![STYLES.to_owned(); 10];
    for path in paths {
        seeds.push(fs::read_to_string(path)?);
    }
    Ok(seeds)
}

fn damaged(seed: &str, random: &mut fastrand::Rng) -> String {
    let mut characters: Vec<char> = seed.chars().collect();
    for _ in 0..random.usize(..4) {
        let at = random.usize(..=characters.len());
        let end = (at + random.usize(..12)).min(characters.len());
        let piece = random.choice(PIECES).unwrap_or_default();
        let cut: Vec<char> = match random.u8(..3) {
            0 => piece.chars().collect(),
            1 => characters.drain(at..end).collect(),
            _ => {
                characters.drain(at..end);
                continue;
            }
        };
        let to = random.usize(..=characters.len());
        characters.splice(to..to, cut);
    }
    let text: String = characters.into_iter().collect();
    if random.u8(..5) == 0 {
        text.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        text
    }
}

/// Whether the text gave a tree.
fn check(text: &str) -> bool {
    let mut sources = Sources::new();
    let file = sources.add("a.rules.yaml", text);
    let (node, found) = parse_yaml_tolerant(&sources, file);
    check_labels(&sources, &found, text);
    let (_, found) = RuleFile::parse(&sources, file);
    check_labels(&sources, &found, text);
    assert!(found.is_empty() || !found.render_human(&sources, true).is_empty());
    let Some(node) = node else {
        assert!(found.has_errors());
        return false;
    };
    check_node(&sources, &node);
    let json = sources.add("a.json", node.to_value().to_string());
    let again = parse_json(&sources, json);
    assert_eq!(
        again.as_ref().ok().map(Node::to_value),
        Some(node.to_value()),
        "{text:?}"
    );
    again.iter().for_each(|again| check_node(&sources, again));
    true
}

fn check_labels(sources: &Sources, found: &Diagnostics, text: &str) {
    for label in found.iter().flat_map(|diagnostic| &diagnostic.labels) {
        assert!(is_inside(sources, label.span), "{label:?} of {text:?}");
    }
}

fn check_node(sources: &Sources, node: &Node) {
    assert!(is_inside(sources, node.span));
    match &node.kind {
        NodeKind::String(text) => check_text(sources, text),
        NodeKind::Sequence(items) => items.iter().for_each(|item| check_node(sources, item)),
        NodeKind::Mapping(entries) => {
            for entry in entries {
                assert!(is_inside(sources, entry.key_span));
                check_node(sources, &entry.value);
            }
        }
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::Number { .. } => {}
    }
}

/// Every character but blanks, which may be folded, comes from itself or from
/// an escape.
fn check_text(sources: &Sources, text: &Text) {
    for (at, c) in text.value.char_indices() {
        if c.is_ascii_whitespace() {
            continue;
        }
        let excerpt = sources.excerpt(text.span_of(at..at + c.len_utf8()));
        let escaped = excerpt.starts_with('\\') || excerpt == "''";
        let same = excerpt.chars().eq([c]);
        assert!(same || escaped, "{c:?} from {excerpt:?} in {text:?}");
    }
}

fn is_inside(sources: &Sources, span: Span) -> bool {
    sources.text(span.file).get(span.start..span.end).is_some()
}
