//! `actors`: who sends requests.

use super::{Reader, keys};
use crate::rulefile::{Actor, Credential};
use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, NodeKind};

impl Reader<'_> {
    pub(super) fn actors(&mut self, entry: &Entry) -> Vec<Actor> {
        let entries = self.named_entries(entry).iter();
        entries.filter_map(|entry| self.actor(entry)).collect()
    }

    /// `{env: OWNER_TOKEN}` or `{from: token}`
    fn credential(&mut self, entry: &Entry) -> Option<Credential> {
        let fields = self.fields_of(entry, &keys::CREDENTIAL)?;
        let Some(from) = fields.get("from") else {
            let variable = self.required(&fields, "env")?;
            let variable = self.text(variable)?;
            return Some(Credential::Environment(self.variable(variable)?));
        };
        if let Some(env) = fields.get("env") {
            let message = "`env` and `from` exclude each other";
            let finding = Diagnostic::error(Code::ConflictingKeys, message)
                .at(from.key_span, "saved by a setup step")
                .also(env.key_span, "read from the environment")
                .help("keep the one that the credential comes from");
            self.report(finding);
            return None;
        }
        Some(Credential::Saved(self.text(from)?))
    }

    /// `{credential: {env: OWNER_TOKEN}, role: customer}`
    fn actor(&mut self, entry: &Entry) -> Option<Actor> {
        let name = self.name(entry)?;
        let mut credential = None;
        let mut attributes = Vec::new();
        for own in self.named_entries(entry) {
            if own.key == "credential" {
                credential = Some(self.credential(own)?);
                continue;
            }
            let attribute = self.name(own)?;
            let is_scalar = matches!(
                own.value.kind,
                NodeKind::String(_) | NodeKind::Number { .. } | NodeKind::Bool(_)
            );
            if !is_scalar {
                let message = format!(
                    "`{}` of an actor must be a text, a number or a Boolean",
                    own.key
                );
                let finding = Diagnostic::error(Code::WrongKind, message)
                    .at(own.value_span(), "")
                    .help("rules read it as a constant: `actor.role == 'staff'`");
                self.report(finding);
                continue;
            }
            attributes.push((attribute, own.value.clone()));
        }
        Some(Actor {
            name,
            credential,
            attributes,
        })
    }
}
