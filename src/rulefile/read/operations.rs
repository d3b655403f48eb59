//! `operations`: baselines, fields, answers, and what requests do to state.

use super::expression::Literals;
use super::mapping::Fields;
use super::{Reader, keys};
use crate::rulefile::{
    Answers, Assignment, Baseline, Bind, Expect, Expression, FieldOverride, Located, Operation,
    StateChange,
};
use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, Node, NodeKind};

impl Reader<'_> {
    pub(super) fn operation(&mut self, entry: &Entry) -> Option<Operation> {
        let fields = self.fields_of(entry, &keys::OPERATION)?;
        Some(Operation {
            operation: Located::new(entry.key.clone(), entry.key_span),
            baselines: self.named(&fields, "baselines", Self::baseline),
            fields: self.named(&fields, "fields", Self::field_override),
            answers: self.answers(&fields).unwrap_or_default(),
            bind: self.named(&fields, "bind", Self::bind),
            set: self.named(&fields, "set", Self::state_change),
            setup: self.setup_of(&fields, entry),
            awaits: fields.get("await").and_then(|entry| self.awaits(entry)),
        })
    }

    /// Reads each entry of a mapping with names of the author's as keys.
    pub(super) fn named<T>(
        &mut self,
        fields: &Fields<'_>,
        key: &str,
        read: fn(&mut Self, &Entry) -> Option<T>,
    ) -> Vec<T> {
        let Some(entry) = fields.get(key) else {
            return Vec::new();
        };
        self.named_entries(entry)
            .iter()
            .filter_map(|entry| read(self, entry))
            .collect()
    }

    fn baseline(&mut self, entry: &Entry) -> Option<Baseline> {
        let fields = self.fields_of(entry, &keys::BASELINE)?;
        Some(self.given_request(entry, &fields, "baseline"))
    }

    /// A request that starts from a documented example.
    pub(super) fn given_request(
        &mut self,
        entry: &Entry,
        fields: &Fields<'_>,
        what: &'static str,
    ) -> Baseline {
        let example = fields.get("example").map(|entry| self.text(entry));
        let actor = fields.get("actor").map(|entry| self.text(entry));
        let unset = fields.get("unset").map(|entry| self.expressions(entry));
        Baseline {
            name: Located::new(entry.key.clone(), entry.key_span),
            example: example.flatten(),
            actor: actor.flatten(),
            set: self.named(fields, "set", Self::assignment),
            unset: unset.unwrap_or_default(),
            what,
        }
    }

    fn assignment(&mut self, entry: &Entry) -> Option<Assignment> {
        Some(Assignment {
            path: self.path_key(entry),
            value: entry.value.clone(),
        })
    }

    fn field_override(&mut self, entry: &Entry) -> Option<FieldOverride> {
        let fields = self.fields_of(entry, &keys::KEYWORDS)?;
        if let (Some(from), Some(one_of)) = (fields.get("from"), fields.get("enum")) {
            self.report(
                Diagnostic::error(
                    Code::ConflictingKeys,
                    "`from` and `enum` exclude each other",
                )
                .at(from.key_span, "")
                .also(one_of.key_span, "")
                .help("keep the one with the values that may be sent"),
            );
            return None;
        }
        let entries = entry.value.entries().iter();
        // Others were reported as unknown.
        let entries = entries.filter(|entry| keys::KEYWORDS.known.contains(&entry.key.as_str()));
        let keywords = entries.filter_map(|entry| self.keyword(entry)).collect();
        Some(FieldOverride {
            path: self.path_key(entry),
            keywords,
        })
    }

    fn keyword(&mut self, entry: &Entry) -> Option<(Located<String>, Node)> {
        let list = matches!(entry.value.kind, NodeKind::Sequence(_));
        let wants_list = matches!(entry.key.as_str(), "from" | "enum");
        if wants_list && !list && !entry.value.is_null() {
            let what = format!("`{}`", entry.key);
            self.wrong_kind(&entry.value, entry.key_span, &what, "a list of values");
            return None;
        }
        let name = match entry.key.as_str() {
            "from" => "enum",
            name => name,
        };
        let name = Located::new(name.to_owned(), entry.key_span);
        Some((name, entry.value.clone()))
    }

    fn answers(&mut self, fields: &Fields<'_>) -> Option<Answers> {
        let entry = fields.get("answers")?;
        let fields = self.fields_of(entry, &keys::ANSWERS)?;
        let mut check = |key: &str| -> Option<Expression> {
            let entry = fields.get(key)?;
            self.condition(entry)
        };
        Some(Answers {
            accept: check("accept"),
            reject: check("reject"),
            schema: check("schema"),
            replay: check("replay"),
        })
    }

    /// `payment: path.payment_id`, or `payment: {to: PATH, missing: STATUS}`.
    fn bind(&mut self, entry: &Entry) -> Option<Bind> {
        let resource = Located::new(entry.key.clone(), entry.key_span);
        if !entry.value.is_mapping() {
            let to = self.condition(entry)?;
            return Some(Bind {
                resource,
                to,
                missing: None,
            });
        }
        let fields = self.fields_of(entry, &keys::BIND)?;
        let to = self.required(&fields, "to");
        let to = to.and_then(|entry| self.condition(entry));
        let missing = fields.get("missing").map(|entry| self.missing(entry));
        Some(Bind {
            resource,
            to: to?,
            missing: missing.flatten(),
        })
    }

    /// `missing: 422`, a list, or `{status: 404, body: CHECK}`.
    fn missing(&mut self, entry: &Entry) -> Option<Expect> {
        if entry.value.is_mapping() {
            return self.expect(entry);
        }
        let status = self.statuses(entry);
        (!status.is_empty()).then_some(Expect {
            status,
            body: None,
            span: entry.value.span,
        })
    }

    /// `payment.refunded: EXPRESSION`
    fn state_change(&mut self, entry: &Entry) -> Option<StateChange> {
        let value = self.expression(entry, Literals::Allowed);
        let key = entry.key_text(self.sources);
        let parts: Vec<&str> = entry.key.split('.').collect();
        let &[resource, attribute] = parts.as_slice() else {
            let message = format!("`{}` is no attribute of a resource", entry.key);
            self.report(
                Diagnostic::error(Code::WrongValue, message)
                    .at(entry.key_span, "")
                    .help("name a resource and an attribute of its state: `payment.refunded`"),
            );
            return None;
        };
        let located = |text: &str, start: usize| {
            Located::new(text.to_owned(), key.span_of(start..start + text.len()))
        };
        Some(StateChange {
            resource: located(resource, 0),
            attribute: located(attribute, resource.len() + 1),
            value: value?,
        })
    }
}
