//! `setup`: requests that are sent before those of cases; and `await`: what is
//! waited for after them.

use super::mapping::Fields;
use super::{Reader, keys};
use crate::rulefile::{
    Await, Located, Saved, SavedFrom, ServerValue, SetupEach, SetupStep, ValueKind,
};
use crate::source::{Code, Diagnostic};
use crate::tree::Entry;
use crate::value::time::{DAY, parse_duration};

/// A millionth of a second, in nanoseconds.
const MILLISECOND: i128 = 1_000_000;

/// What a step saves, as values.
pub(super) fn saved_values(step: &SetupStep) -> impl Iterator<Item = ServerValue> {
    step.save.iter().map(|own| ServerValue {
        name: own.name.clone(),
        kind: ValueKind::Saved {
            example: own.example.clone(),
        },
    })
}

impl Reader<'_> {
    /// `setup` of an operation.
    pub(super) fn setup_of(&mut self, fields: &Fields<'_>, operation: &Entry) -> Vec<SetupStep> {
        let mut steps = self.named(fields, "setup", Self::setup_step);
        for step in &mut steps {
            let name = Located::new(operation.key.clone(), operation.key_span);
            step.of = Some(name);
        }
        steps
    }

    /// `{operation: logIn, set: {...}, save: {token: response.body.token}}`
    pub(super) fn setup_step(&mut self, entry: &Entry) -> Option<SetupStep> {
        let fields = self.fields_of(entry, &keys::SETUP)?;
        let operation = self.required(&fields, "operation");
        let operation = operation.and_then(|entry| self.text(entry));
        let api = fields.get("api").map(|entry| self.text(entry));
        let url = fields.get("url").map(|entry| self.url(entry, &fields));
        let often = [("session", SetupEach::Session), ("case", SetupEach::Case)];
        let each = fields.get("each").map(|entry| self.choice(entry, &often));
        Some(SetupStep {
            request: self.given_request(entry, &fields, "setup step"),
            save: self.named(&fields, "save", Self::saved),
            operation: operation?,
            api: api.flatten(),
            url: url.flatten(),
            each: each.flatten().unwrap_or_default(),
            of: None,
        })
    }

    /// `{env: NAME}`
    fn url(&mut self, entry: &Entry, step: &Fields<'_>) -> Option<Located<String>> {
        if step.get("api").is_none() {
            let message = "`url` says where another API is, and `api` is missing";
            let finding = Diagnostic::error(Code::MissingKey, message)
                .at(entry.key_span, "of which API?")
                .help("name its document: `api: auth.openapi.yaml`; or leave `url` out");
            self.report(finding);
        }
        let fields = self.fields_of(entry, &keys::URL)?;
        let variable = self.required(&fields, "env")?;
        let variable = self.text(variable)?;
        self.variable(variable)
    }

    /// `response.body.id`, `/data/id`, `{from: ..., example: cus_1}` or
    /// `{link: GetCustomer, parameter: id}`
    fn saved(&mut self, entry: &Entry) -> Option<Saved> {
        let name = self.name(entry);
        if !entry.value.is_mapping() {
            let from = self.saved_from(entry);
            return Some(Saved {
                name: name?,
                from: from?,
                example: None,
            });
        }
        let fields = self.fields_of(entry, &keys::SAVED)?;
        let example = fields.get("example").map(|entry| self.stand_in(entry));
        let parameter = fields.get("parameter").map(|entry| self.text(entry));
        let from = match (fields.get("from"), fields.get("link")) {
            (Some(from), None) => self.saved_from(from),
            (None, Some(link)) => self.text(link).map(|name| SavedFrom::Link {
                name,
                parameter: parameter.flatten(),
            }),
            (Some(from), Some(link)) => {
                let message = "`from` and `link` exclude each other";
                let finding = Diagnostic::error(Code::ConflictingKeys, message)
                    .at(link.key_span, "")
                    .also(from.key_span, "")
                    .help("keep the one that says where the value stands");
                self.report(finding);
                None
            }
            (None, None) => {
                self.required(&fields, "from");
                None
            }
        };
        Some(Saved {
            name: name?,
            from: from?,
            example: example.flatten(),
        })
    }

    fn saved_from(&mut self, entry: &Entry) -> Option<SavedFrom> {
        if entry
            .value
            .as_str()
            .is_some_and(|text| text.starts_with('/'))
        {
            return self.text(entry).map(SavedFrom::Pointer);
        }
        self.condition(entry).map(SavedFrom::Path)
    }

    /// `{operation: getPayment, until: ..., timeout: 30s, every: 1s}`
    pub(super) fn awaits(&mut self, entry: &Entry) -> Option<Await> {
        let fields = self.fields_of(entry, &keys::AWAIT)?;
        let operation = self.required(&fields, "operation");
        let operation = operation.and_then(|entry| self.text(entry));
        let until = self.required(&fields, "until");
        let until = until.and_then(|entry| self.condition(entry));
        let mut time = |key: &str, usual: i128| match fields.get(key) {
            None => Some(usual),
            Some(entry) => self.waiting_time(entry),
        };
        let (timeout, every) = (time("timeout", Await::TIMEOUT), time("every", Await::EVERY));
        Some(Await {
            operation: operation?,
            until: until?,
            timeout: timeout?,
            every: every?,
        })
    }

    /// From a millisecond to an hour.
    fn waiting_time(&mut self, entry: &Entry) -> Option<i128> {
        let text = self.text(entry)?;
        let long = parse_duration(&text.value);
        if let Some(long) = long.filter(|long| (MILLISECOND..=DAY / 24).contains(long)) {
            return Some(long);
        }
        let message = format!("`{}` is no time to wait", text.value);
        let finding = Diagnostic::error(Code::WrongValue, message)
            .at(text.span, "should be a duration, an hour at most");
        self.report(finding.help("for example `30s` or `500ms`"));
        None
    }
}
