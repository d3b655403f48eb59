//! IDL, the Inter-parameter Dependency Language of the ISA group: the
//! `x-dependencies` of an API document's operations, and files of their own.

mod ast;
mod compare;
mod fields;
mod lex;
mod parse;
mod translate;

use std::ops::Range;

pub use ast::{Dependency, Group, Literal, Param, Predicate, Sum};
pub use parse::parse;

use self::fields::Fields;
use self::translate::{Obstacle, translate};
use super::walk::everywhere;
use super::{Imported, ImportedRule, Lost, Replaced, name, source_of};
use crate::document::{Document, Listed, Operation};
use crate::source::{Code, Diagnostics, FileId, Sources, Span};
use crate::tree::{Node, NodeKind};

/// The key of an operation under which its dependencies stand.
pub const KEY: &str = "x-dependencies";

/// What is wrong with a dependency, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes concerned.
    pub range: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<&'static str>,
}

/// The dependencies of these operations of a document.
pub fn from_document(
    document: &Document,
    operations: &[&Listed],
    api: &str,
    findings: &mut Diagnostics,
) -> Imported {
    let mut imported = Imported::default();
    let mut seen = Vec::new();
    for listed in operations {
        let node = document.tree().at_pointer(&listed.pointer);
        let Some(entry) = node.and_then(|node| node.entry(KEY)) else {
            continue;
        };
        let items = match &entry.value.kind {
            NodeKind::Sequence(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        let Some(operation) = super::model(document, listed, findings) else {
            let why = format!("the operation `{}` can't be read", listed.id());
            let lost = Lost::new(format!("`{KEY}` of {}", listed.id()), why, entry.key_span);
            imported.lost.push(lost);
            seen.push(entry.key_span);
            continue;
        };
        let mut reader = Reader {
            operation: &operation,
            name: listed.id(),
            imported: &mut imported,
        };
        for (index, item) in items.iter().enumerate() {
            let pointer = format!("{}/{KEY}/{index}", listed.pointer);
            reader.item(item, &source_of(api, &pointer));
        }
        seen.push(entry.key_span);
    }
    if operations.len() == document.operations.len() {
        elsewhere(document.tree(), &seen, &mut imported);
    }
    imported
}

/// Dependencies that stand under no operation.
fn elsewhere(tree: &Node, seen: &[Span], imported: &mut Imported) {
    let mut all = Vec::new();
    everywhere(tree, KEY, &mut all);
    for span in all.into_iter().filter(|span| !seen.contains(span)) {
        let why = "it stands under no operation that can be read";
        imported.lost.push(Lost::new(format!("`{KEY}`"), why, span));
    }
}

/// The dependencies of a file of its own, for one operation.
pub fn from_file(
    sources: &Sources,
    file: FileId,
    document: &Document,
    listed: &Listed,
    findings: &mut Diagnostics,
) -> Imported {
    let mut imported = Imported::default();
    let Some(operation) = super::model(document, listed, findings) else {
        return imported;
    };
    let mut reader = Reader {
        operation: &operation,
        name: listed.id(),
        imported: &mut imported,
    };
    let span_of = |range: Range<usize>| Span::new(file, range.start, range.end);
    reader.text(sources.text(file), &span_of, None);
    imported
}

struct Reader<'a> {
    operation: &'a Operation,
    name: String,
    imported: &'a mut Imported,
}

impl Reader<'_> {
    fn item(&mut self, item: &Node, source: &str) {
        match item.as_text() {
            Some(text) => {
                let span_of = |range: Range<usize>| text.span_of(range);
                self.text(&text.value, &span_of, Some(source));
            }
            None => {
                let why = format!("a dependency is a text, and this is {}", item.kind_name());
                let lost = Lost::new(format!("an item of `{KEY}`"), why, item.span);
                self.imported.lost.push(
                    lost.wrong(Code::IdlSyntax)
                        .help("write it as a text: `- IF a THEN b;`"),
                );
            }
        }
    }

    fn text(&mut self, text: &str, span_of: &dyn Fn(Range<usize>) -> Span, source: Option<&str>) {
        for found in parse(text) {
            let (Ok(Dependency { range, .. }) | Err((range, _))) = &found;
            let words = text.get(range.clone()).unwrap_or_default();
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            let result = match &found {
                Ok(dependency) => self.rule(dependency, &words, span_of, source),
                Err((_, error)) => {
                    let lost = Lost::new(&words, &error.message, span_of(error.range.clone()));
                    Err(lost
                        .wrong(Code::IdlSyntax)
                        .maybe_help(error.help.map(str::to_owned)))
                }
            };
            match result {
                Ok(rule) => self.imported.rules.push(rule),
                Err(lost) => self.imported.lost.push(lost),
            }
        }
    }

    fn rule(
        &mut self,
        dependency: &Dependency,
        words: &str,
        span_of: &dyn Fn(Range<usize>) -> Span,
        source: Option<&str>,
    ) -> Result<ImportedRule, Lost> {
        let span = span_of(dependency.range.clone());
        let fields = Fields::new(self.operation);
        let translated = translate(dependency, &fields).map_err(|obstacle| match obstacle {
            Obstacle::Other(why) => Lost::new(words, why, span),
            Obstacle::NoField(field) => {
                let why = format!(
                    "the operation `{}` has no parameter `{}` that rules can read",
                    self.name, field.name
                );
                Lost::new(words, why, span_of(field.range))
                    .wrong(Code::UnknownField)
                    .maybe_help(field.near)
            }
        })?;
        for path in translated.defaults {
            self.imported.fields.push(Replaced {
                operation: self.name.clone(),
                path,
                keyword: "default".to_owned(),
                why: "A field that takes its default doesn't count as given in IDL.".to_owned(),
                span,
            });
        }
        let id = name::of_dependency(dependency);
        let mut rule = ImportedRule::new(id, &self.name, translated.when, translated.demand, span);
        rule.message = Some(words.to_owned());
        rule.source = source.map(str::to_owned);
        rule.comments = translated.comments;
        rule.comments.dedup();
        Ok(rule)
    }
}
