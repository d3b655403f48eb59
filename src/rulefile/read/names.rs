//! Ids and names.

use super::Reader;
use crate::rulefile::Located;
use crate::source::{Code, Diagnostic, Span};
use crate::tree::Entry;

/// Names that expressions have anyway.
const RESERVED: [&str; 12] = [
    "body", "self", "path", "query", "header", "cookie", "response", "actor", "now", "item", "i",
    "rule",
];

/// Words of the expression language that name nothing.
pub const KEYWORDS: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

impl Reader<'_> {
    /// The value of an entry as an id: letters, digits, `-`, `_` and `.`.
    pub(super) fn id(&mut self, entry: &Entry) -> Option<Located<String>> {
        let id = self.text(entry)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if let Some(wrong) = id.value.chars().find(|c| !allowed(*c)) {
            let message = match wrong {
                ' ' => "an id can't contain a blank".to_owned(),
                _ => format!("an id can't contain `{}`", wrong.escape_debug()),
            };
            let better: String = id
                .value
                .chars()
                .map(|c| if allowed(c) { c } else { '-' })
                .collect();
            self.report(
                Diagnostic::error(Code::BadId, message)
                    .at(id.span, "letters, digits, `-`, `_` and `.` are allowed")
                    .help(format!("for example `{better}`")),
            );
            return None;
        }
        Some(id)
    }

    /// A key as a name that expressions can use.
    pub(super) fn name(&mut self, entry: &Entry) -> Option<Located<String>> {
        self.name_at(&entry.key, entry.key_span)
    }

    /// A name that expressions can use, and don't have yet.
    pub(super) fn name_at(&mut self, name: &str, span: Span) -> Option<Located<String>> {
        if !is_identifier(name) {
            let message = format!("`{name}` is no name");
            self.report(
                Diagnostic::error(Code::BadId, message)
                    .at(span, "")
                    .help("a name consists of letters, digits and `_`, and starts with no digit"),
            );
            return None;
        }
        if RESERVED.contains(&name) || KEYWORDS.contains(&name) {
            let message = format!("the name `{name}` is taken");
            let label = "expressions have this name anyway";
            self.report(Diagnostic::error(Code::BadId, message).at(span, label));
            return None;
        }
        Some(Located::new(name.to_owned(), span))
    }

    /// Reports names that are declared twice in one place.
    pub(super) fn unique_names<'n>(&mut self, names: impl Iterator<Item = &'n Located<String>>) {
        let mut seen: Vec<&Located<String>> = Vec::new();
        for name in names {
            match seen.iter().find(|earlier| earlier.value == name.value) {
                Some(earlier) => self.report(
                    Diagnostic::error(
                        Code::NameClash,
                        format!("the name `{}` is declared twice", name.value),
                    )
                    .at(name.span, "again here")
                    .also(earlier.span, "first here"),
                ),
                None => seen.push(name),
            }
        }
    }
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    let start = characters.next();
    start.is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
