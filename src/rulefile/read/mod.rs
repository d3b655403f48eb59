//! From the tree to the [`RuleFile`].

mod across;
mod actors;
mod clock;
mod csv;
mod defs;
mod ensure;
mod expression;
mod file;
mod keys;
mod mapping;
mod names;
mod open;
mod operations;
mod resources;
mod rules;
mod scalars;
#[cfg(test)]
mod schema_keys;
mod setup;
mod shorthands;
mod table;
mod unused;
mod values;

pub use names::KEYWORDS;

use std::collections::{BTreeMap, BTreeSet};

pub use self::open::Opened;
use self::rules::Defaults;
use super::{RuleFile, Undefined};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::tree::parse_yaml_tolerant;

impl RuleFile {
    /// Reads the rule file `file` alone, without what it includes and without
    /// tables in other files, and reports everything that is wrong with it. With
    /// errors, what could be read is given nevertheless, if it names an API
    /// document: rules with an error are left out of it.
    pub fn parse(sources: &Sources, file: FileId) -> (Option<Self>, Diagnostics) {
        let mut reader = Reader::new(sources, false);
        let read = reader.part(file);
        if let Some(read) = &read {
            reader.whole(read);
        }
        (read, reader.found)
    }
}

/// Collects findings on the way.
struct Reader<'a> {
    sources: &'a Sources,
    found: Diagnostics,
    /// Findings that leave a rule good enough to look for others in it.
    late: Diagnostics,
    /// The names of resources with an error.
    broken: BTreeSet<String>,
    /// The ids of rules, and where each stands.
    rule_ids: BTreeMap<String, Span>,
    /// What holds for rules that don't say it themselves.
    rule_defaults: Defaults,
    /// Whether the file is read on behalf of another one.
    is_included: bool,
    /// Whether the file may leave out `api`.
    may_lack_api: bool,
    /// The words by which the file may use what is declared.
    words: BTreeSet<String>,
}

impl<'a> Reader<'a> {
    fn new(sources: &'a Sources, is_included: bool) -> Self {
        Self {
            sources,
            found: Diagnostics::new(),
            late: Diagnostics::new(),
            broken: BTreeSet::new(),
            rule_ids: BTreeMap::new(),
            rule_defaults: Defaults::default(),
            is_included,
            may_lack_api: is_included,
            words: BTreeSet::new(),
        }
    }

    /// What stands in one file.
    fn part(&mut self, file: FileId) -> Option<RuleFile> {
        let (node, found) = parse_yaml_tolerant(self.sources, file);
        self.found.append(found);
        let node = node?;
        self.words = unused::words(&node);
        self.file(file, &node)
    }
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
