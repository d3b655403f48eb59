//! Which operations and places a rule is about.

use super::way::place_text;
use super::{Builder, Documented};
use crate::document::{Document, Hop, Uses};
use crate::model::OperationRef;
use crate::rulefile::{Located, Rule};
use crate::source::{Code, Diagnostic};

/// Where a rule holds.
pub(super) struct Target {
    /// The operation.
    pub(super) operation: OperationRef,
    /// Under `at`: the way from the body to the place.
    pub(super) place: Option<Vec<Hop>>,
    /// What tells the instance from the rule's others.
    pub(super) suffix: String,
}

impl Builder<'_> {
    /// All that a rule is about.
    pub(super) fn targets(
        &mut self,
        document: &Document,
        documented: &[Documented],
        rule: &Rule,
    ) -> Vec<Target> {
        match &rule.at {
            Some(at) => self.places(document, documented, rule, at),
            None => self.named(rule),
        }
    }

    fn named(&self, rule: &Rule) -> Vec<Target> {
        let several = rule.operations.len() > 1;
        let operations = rule.operations.iter();
        let found = operations.filter_map(|name| {
            let operation = self.operation_named(&name.value)?;
            let id = &self.operations.get(operation.0 as usize)?.id;
            Some(Target {
                operation,
                place: None,
                suffix: if several {
                    format!("@{id}")
                } else {
                    String::new()
                },
            })
        });
        found.collect()
    }

    /// The places where the schema that `at` names is used.
    fn places(
        &mut self,
        document: &Document,
        documented: &[Documented],
        rule: &Rule,
        at: &Located<String>,
    ) -> Vec<Target> {
        let pointer = match document.schema_named(&at.value) {
            Ok(pointer) => pointer,
            Err(finding) => {
                self.diagnostics.push(finding.at(at.span, "no such schema"));
                return Vec::new();
            }
        };
        let mut targets = Vec::new();
        for (number, found) in (0..).zip(documented) {
            let id = &found.operation.id;
            let name = rule
                .operations
                .iter()
                .find(|name| self.operation_named(&name.value) == Some(OperationRef(number)));
            if name.is_none() && !rule.operations.is_empty() {
                continue;
            }
            let uses = document.uses(&found.operation, &pointer);
            self.unreachable(at, id, &uses);
            if let Some(name) = name.filter(|_| uses.places.is_empty()) {
                let message = format!("the body of `{id}` doesn't use the schema `{}`", at.value);
                let finding = Diagnostic::error(Code::UnknownField, message)
                    .at(name.span, "not in this operation")
                    .also(at.span, "named here");
                self.diagnostics.push(finding);
            }
            targets.extend(uses.places.into_iter().map(|way| Target {
                operation: OperationRef(number),
                suffix: format!("@{id}:{}", place_text(&way)),
                place: Some(way),
            }));
        }
        if targets.is_empty() && rule.operations.is_empty() {
            let message = format!("no request body uses the schema `{}`", at.value);
            let finding = Diagnostic::error(Code::UnknownField, message)
                .at(at.span, "used nowhere")
                .help(
                    "`at` takes the schema that bodies refer to by `$ref`, directly or in `allOf`",
                );
            self.diagnostics.push(finding);
        }
        targets
    }

    /// Says which uses of the schema the rule doesn't reach.
    fn unreachable(&mut self, at: &Located<String>, operation: &str, uses: &Uses) {
        for (way, why) in &uses.unreached {
            let message = format!(
                "the rule isn't checked within `{}` of `{operation}`",
                place_text(way)
            );
            let finding = Diagnostic::warning(Code::Unsupported, message)
                .at(at.span, "not everywhere")
                .note(*why);
            self.diagnostics.push(finding);
        }
    }
}
