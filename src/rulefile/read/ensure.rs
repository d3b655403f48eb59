//! `ensure`: what the answer to an accepted request holds.

use super::Reader;
use super::mapping::Fields;
use crate::rulefile::Check;
use crate::source::{Code, Diagnostic};
use crate::tree::Entry;

/// Keys that make no sense beside `ensure`, each with why and a way out.
const EXCLUDED: [(&str, &str, &str); 5] = [
    (
        "expect",
        "`ensure` refuses nothing",
        "leave `expect` out: it is the answer to a request that a rule refuses",
    ),
    (
        "undefined",
        "`ensure` refuses nothing",
        "leave `undefined` out: where the expression is undefined, nothing is said of the answer",
    ),
    (
        "each",
        "a check of an answer compares one place",
        "compare a whole list: `ensure: response.body.totals == body.lines.map(x, x.price * x.count)`",
    ),
    (
        "at",
        "`ensure` is about the answer of an operation",
        "name the operation, and read the fields by their paths",
    ),
    (
        "across",
        "`ensure` is about one answer",
        "declare what the server remembers as a resource, and ensure what the answer shows of it",
    ),
];

impl Reader<'_> {
    /// The check, unless something beside it contradicts.
    pub(super) fn ensured(&mut self, entry: &Entry, fields: &Fields<'_>) -> Option<Check> {
        let mut fits = true;
        for (key, why, help) in EXCLUDED {
            let Some(other) = fields.get(key) else {
                continue;
            };
            let message = format!("`ensure` and `{key}` exclude each other");
            self.report(
                Diagnostic::error(Code::ConflictingKeys, message)
                    .at(other.key_span, why)
                    .also(entry.key_span, "what the answer holds")
                    .help(help),
            );
            fits = false;
        }
        let text = self.condition(entry)?;
        let key = entry.key_span;
        fits.then_some(Check::Ensure { key, text })
    }
}
