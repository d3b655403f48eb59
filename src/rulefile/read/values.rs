//! `values`: what differs from one server under test to the next.

use super::{Reader, keys};
use crate::rulefile::{Located, ServerValue, ValueKind};
use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, Node, NodeKind};
use crate::value::Number;

/// Smaller numbers are amounts and counts, too.
const LEAST_STAND_IN: i64 = 100_000;

impl Reader<'_> {
    pub(super) fn values(&mut self, entry: &Entry) -> Vec<ServerValue> {
        self.named_entries(entry)
            .iter()
            .filter_map(|entry| {
                let (value, clean) = self.cleanly(|reader| reader.value(entry));
                value.filter(|_| clean)
            })
            .collect()
    }

    /// `{env: NAME, example: mer_1}`, or the value itself.
    fn value(&mut self, entry: &Entry) -> Option<ServerValue> {
        let name = self.name(entry)?;
        let kind = match &entry.value.kind {
            NodeKind::Mapping(_) => {
                let fields = self.fields_of(entry, &keys::VALUE)?;
                let variable = self.required(&fields, "env");
                let variable = variable.and_then(|entry| self.text(entry));
                let example = fields.get("example").map(|entry| self.stand_in(entry));
                ValueKind::Environment {
                    variable: self.variable(variable?)?,
                    example: example.flatten(),
                }
            }
            NodeKind::Sequence(_) => {
                let what = format!("`{}`", entry.key);
                let wanted = "`{env: NAME}`, a text, a number or a Boolean";
                self.wrong_kind(&entry.value, entry.key_span, &what, wanted);
                return None;
            }
            NodeKind::Null => {
                let what = format!("`{}`", entry.key);
                self.wrong_kind(&entry.value, entry.key_span, &what, "`{env: NAME}`");
                return None;
            }
            _ => ValueKind::Constant(entry.value.clone()),
        };
        Some(ServerValue { name, kind })
    }

    /// What stands for a value that nobody knows: a text, or a whole number that
    /// requests hold nowhere else by chance.
    pub(super) fn stand_in(&mut self, entry: &Entry) -> Option<Node> {
        let NodeKind::Number { value, .. } = &entry.value.kind else {
            return self.text(entry).map(|_| entry.value.clone());
        };
        if value.is_integer() && *value >= Number::from_integer(LEAST_STAND_IN.into()) {
            return Some(entry.value.clone());
        }
        let message = "a number that stands for a value is a whole one of six digits or more";
        self.report(
            Diagnostic::error(Code::WrongValue, message)
                .at(entry.value.span, "may be something else in a request")
                .help("any will do that nothing else in the requests is: `example: 700001`"),
        );
        None
    }

    /// The name of an environment variable.
    pub(super) fn variable(&mut self, name: Located<String>) -> Option<Located<String>> {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.value.chars().all(fits) && !name.value.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(name);
        }
        let message = format!("`{}` is no name of an environment variable", name.value);
        self.report(
            Diagnostic::error(Code::BadId, message)
                .at(name.span, "letters, digits and `_` are allowed")
                .help("for example `MERCHANT_ID`; the value itself is not written here"),
        );
        None
    }
}
