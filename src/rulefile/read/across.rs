//! `across`, `same` and `replay`: rules about several requests.

use super::file::list;
use super::mapping::Fields;
use super::{Reader, keys};
use crate::rulefile::{Across, Expression, Located, ReplayOrder};
use crate::source::{Code, Diagnostic};
use crate::tree::Entry;

impl Reader<'_> {
    /// The operation whose request a rule about several judges: the last.
    pub(super) fn judged_operation(
        &mut self,
        across: &Entry,
        fields: &Fields<'_>,
    ) -> Option<Vec<Located<String>>> {
        for key in ["operation", "at", "each"] {
            if let Some(other) = fields.get(key) {
                let message = format!("`across` and `{key}` exclude each other");
                self.report(
                    Diagnostic::error(Code::ConflictingKeys, message)
                        .at(other.key_span, "")
                        .also(across.key_span, "names the operations")
                        .help(format!(
                            "leave `{key}` out: the rule judges the last request"
                        )),
                );
            }
        }
        let names = self.steps(across)?;
        names.last().cloned().map(|last| vec![last])
    }

    /// The operations that `across` names, in the order of its requests.
    fn steps(&mut self, entry: &Entry) -> Option<Vec<Located<String>>> {
        let fields = self.fields_of(entry, &keys::ACROSS)?;
        let given = Across::NAMES.iter().map(|name| fields.get(name));
        let given: Vec<Option<&Entry>> = given.collect();
        let count = given.iter().flatten().count();
        let is_gapless = given.iter().take(count).all(Option::is_some);
        if count < 2 || !is_gapless {
            let message = "`across` names two or three requests in their order";
            self.report(
                Diagnostic::error(Code::MissingKey, message)
                    .at(entry.key_span, "")
                    .help(
                        "write `across: {first: createPayment, second: createPayment}`; the rule \
                         judges the last one",
                    ),
            );
            return None;
        }
        let texts = given.into_iter().flatten().map(|entry| self.text(entry));
        texts.collect()
    }

    pub(super) fn requests(&mut self, fields: &Fields<'_>) -> Option<Across> {
        let Some(entry) = fields.get("across") else {
            for key in ["same", "replay"] {
                if let Some(alone) = fields.get(key) {
                    let message = format!("`{key}` belongs to a rule about several requests");
                    self.report(
                        Diagnostic::error(Code::MissingKey, message)
                            .at(alone.key_span, "without `across`")
                            .help("add `across: {first: createPayment, second: createPayment}`"),
                    );
                }
            }
            return None;
        };
        let before = self.found.len();
        let names = self.steps(entry);
        // What is wrong with them was said when the operation was read.
        while self.found.len() > before {
            self.found.pop();
        }
        let mut earlier = names?;
        earlier.pop();
        let same = match fields.get("same") {
            Some(same) => self.shared(same),
            None => {
                let message = "the rule doesn't say which requests belong together";
                self.report(
                    Diagnostic::error(Code::MissingKey, message)
                        .at(entry.key_span, "`same` is missing")
                        .help("write what they share: `same: header['Idempotency-Key']`"),
                );
                return None;
            }
        };
        let replay = fields.get("replay").and_then(|entry| {
            let orders = [("first", ReplayOrder::First), ("last", ReplayOrder::Last)];
            Some(Located::new(self.choice(entry, &orders)?, entry.value.span))
        });
        Some(Across {
            key: entry.key_span,
            earlier,
            same,
            replay,
        })
    }

    /// One expression, or a list of them.
    fn shared(&mut self, entry: &Entry) -> Vec<Expression> {
        match list(&entry.value) {
            Some(_) => self.expressions(entry),
            None => self.condition(entry).into_iter().collect(),
        }
    }
}
