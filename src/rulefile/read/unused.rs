//! Definitions and included files that nothing uses.

use std::collections::BTreeSet;

use crate::rulefile::{DefKind, Located, RuleFile};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::tree::{Node, NodeKind};

/// Keys of a rule whose texts are for people: what they mention isn't used.
const PROSE: [&str; 5] = ["id", "message", "source", "tags", "owner"];

/// The words of a file's texts by which it may use what is declared; those of
/// its definitions not.
pub(super) fn words(file: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in file.entries() {
        match (entry.key.as_str(), &entry.value.kind) {
            ("defs", _) => {}
            ("rules", NodeKind::Sequence(rules)) => {
                for entry in rules.iter().flat_map(Node::entries) {
                    if !PROSE.contains(&entry.key.as_str()) {
                        collect(&entry.value, &mut found);
                    }
                }
            }
            _ => collect(&entry.value, &mut found),
        }
    }
    found
}

fn collect(node: &Node, found: &mut BTreeSet<String>) {
    match &node.kind {
        NodeKind::String(text) => found.extend(words_of(&text.value)),
        NodeKind::Sequence(items) => items.iter().for_each(|item| collect(item, found)),
        NodeKind::Mapping(_) => {
            for entry in node.entries() {
                found.extend(words_of(&entry.key));
                collect(&entry.value, found);
            }
        }
        NodeKind::Bool(_) | NodeKind::Number { .. } | NodeKind::Null => {}
    }
}

/// The words of a text, without members: `net` and `fee` of `net - body.fee`
/// are `net` and `body`.
pub(super) fn words_of(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let last = rest.get(..start).and_then(|gap| gap.chars().last());
        let tail = rest.get(start..).unwrap_or_default();
        let width = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        if last != Some('.') {
            found.extend(tail.get(..width).map(str::to_owned));
        }
        rest = tail.get(width..).unwrap_or_default();
    }
    found
}

/// What a file takes in by one of its `includes`.
pub(super) struct Taken {
    /// The path as it is written.
    pub path: Located<String>,
    /// The names that it declares.
    pub names: Vec<String>,
    /// Whether it holds rules, or says something of operations or resources.
    pub counts: bool,
}

impl Taken {
    pub(super) fn new(path: &Located<String>, file: &RuleFile) -> Self {
        let defs = file.defs.iter().map(|own| own.name.value.clone());
        let values = file.values.iter().map(|own| own.name.value.clone());
        let parts = [
            file.rules.is_empty(),
            file.setup.is_empty(),
            file.operations.is_empty(),
            file.resources.is_empty(),
        ];
        Self {
            path: path.clone(),
            names: defs.chain(values).collect(),
            counts: parts.contains(&false),
        }
    }
}

/// A warning for each definition of the file itself that nothing uses, and for
/// each file that it includes in vain. `words` are those of all files.
pub(super) fn findings(
    file: &RuleFile,
    mut words: BTreeSet<String>,
    taken: &[Taken],
) -> Diagnostics {
    // What only an unused definition mentions isn't used either.
    let mut open: Vec<_> = file.defs.iter().collect();
    loop {
        let (known, rest): (Vec<_>, Vec<_>) = open
            .into_iter()
            .partition(|def| words.contains(&def.name.value));
        open = rest;
        if known.is_empty() {
            break;
        }
        for def in known {
            if let DefKind::Expression(text) | DefKind::Macro { body: text, .. } = &def.kind {
                words.extend(words_of(text.source()));
            }
        }
    }
    let own = open.iter().filter(|def| def.name.span.file == file.file);
    let defs = own.map(|def| {
        let name = &def.name.value;
        Diagnostic::warning(
            Code::Unused,
            format!("nothing uses the definition `{name}`"),
        )
        .at(def.name.span, "declared here")
        .help("leave it out; or is a rule missing that was meant to use it?")
    });
    let vain = taken.iter().filter(|taken| {
        let mut names = taken.names.iter();
        !taken.counts && !names.any(|name| words.contains(name))
    });
    let includes = vain.map(|taken| {
        let path = &taken.path.value;
        Diagnostic::warning(Code::Unused, format!("nothing uses what `{path}` declares"))
            .at(taken.path.span, "included here")
            .help("leave it out: it holds no rules, and nothing reads its definitions or values")
    });
    defs.chain(includes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_no_words_of_their_own() {
        for (text, words) in [
            ("net - body.fee", &["net", "body"][..]),
            ("$merchant", &["merchant"]),
            ("half(x)+cap[a.b].c", &["half", "x", "cap", "a"]),
            ("a .b", &["a"]),
        ] {
            assert_eq!(words_of(text), words, "{text}");
        }
    }
}
