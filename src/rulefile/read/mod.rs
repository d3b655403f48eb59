//! From the tree to the [`RuleFile`].

mod defs;
mod expression;
mod file;
mod keys;
mod mapping;
mod names;
mod operations;
mod resources;
mod rules;
mod scalars;
#[cfg(test)]
mod schema_keys;
mod shorthands;

pub use names::KEYWORDS;

use std::collections::BTreeSet;

use super::{RuleFile, Undefined};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::tree::parse_yaml_tolerant;

impl RuleFile {
    /// Reads a rule file, and reports everything that is wrong with it. With
    /// errors, what could be read is given nevertheless, if it names an API
    /// document: rules with an error are left out of it.
    pub fn parse(sources: &Sources, file: FileId) -> (Option<Self>, Diagnostics) {
        let (node, found) = parse_yaml_tolerant(sources, file);
        let mut reader = Reader {
            sources,
            found,
            broken: BTreeSet::new(),
        };
        let read = node.and_then(|node| reader.file(file, &node));
        (read, reader.found)
    }
}

/// Collects findings on the way.
struct Reader<'a> {
    sources: &'a Sources,
    found: Diagnostics,
    /// The names of resources with an error.
    broken: BTreeSet<String>,
}

impl Reader<'_> {
    fn error(&mut self, code: Code, message: impl Into<String>, at: Span) {
        self.report(Diagnostic::error(code, message).at(at, ""));
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Runs `read`, and tells whether it found no further errors.
    fn cleanly<T>(&mut self, read: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = self.found.len();
        let result = read(self);
        (result, self.found.len() == before)
    }
}

/// The default of `undefined`, or what a file or a rule says.
fn undefined(reader: &mut Reader<'_>, fields: &mapping::Fields<'_>) -> Option<Undefined> {
    let entry = fields.get("undefined")?;
    let allowed = [("reject", Undefined::Reject)];
    reader.choice(entry, &allowed)
}
