//! The manual of the rule language, from the table of operators.

use std::fmt::Write;

use crate::expr::{EXTENSIONS, Encoding, Fold, Notation, Op};

/// The prose, with a place for each table.
const PROSE: &str = include_str!("language.md");

/// The manual as Markdown: `docs/language.md`.
pub fn language() -> String {
    PROSE
        .replace("{operators}", operators().trim_end())
        .replace("{comprehensions}", comprehensions().trim_end())
        .replace("{extensions}", extensions().trim_end())
}

fn operators() -> String {
    let mut table = String::from(
        "| written | gives | types | undefined | solver | example | differs from CEL |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for op in Op::all() {
        let manual = op.manual();
        let (example, value) = manual.example;
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} | `{}` is `{value}` | {} |",
            written(op),
            op.info().doc,
            manual.types.replace("->", "→"),
            manual.undefined,
            encoding(manual.encoding),
            example.replace('|', "\\|"),
            manual.differs,
        );
    }
    table
}

fn comprehensions() -> String {
    let mut table = String::from("| written | gives | example |\n|---|---|---|\n");
    for fold in Fold::WRITTEN {
        let (doc, example, value) = fold.manual();
        let _ = writeln!(
            table,
            "| `list.{}(x, …)` | {doc} | `{example}` is `{value}` |",
            fold.name()
        );
    }
    table
}

fn extensions() -> String {
    let mut table = String::from("| written | for | example |\n|---|---|---|\n");
    for (written, meant, example, value) in EXTENSIONS {
        let _ = writeln!(
            table,
            "| `{written}` | `{meant}` | `{example}` is `{value}` |"
        );
    }
    table
}

fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Exact => "exact",
        Encoding::Tried => "tried",
        Encoding::Predicate => "predicate",
    }
}

fn written(op: Op) -> String {
    match op.info().notation {
        Notation::Prefix(sign, _) => format!("`{sign}a`"),
        Notation::Infix(sign, _) => format!("`a {} b`", sign.replace('|', "\\|")),
        Notation::Function(name) => format!("`{name}(…)`"),
        Notation::Method(name) => format!("`a.{name}(…)`"),
        Notation::Special if op == Op::If => "`c ? a : b`".to_owned(),
        Notation::Special => "`a[b]`".to_owned(),
    }
}
