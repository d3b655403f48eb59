//! Whether setup steps need only what is there when they are sent.

use super::super::Builder;
use crate::rulefile::{self, Credential, RuleFile, SetupEach};
use crate::source::{Code, Diagnostic, Span};
use crate::tree::{Node, NodeKind};

impl Builder<'_> {
    /// Reports a step that needs what isn't there when it is sent.
    pub(super) fn order(&mut self, index: usize, step: &rulefile::SetupStep) {
        let mut needs = Vec::new();
        for assignment in &step.request.set {
            named_values(&assignment.value, &mut needs);
        }
        if let Some(actor) = self.sender(step)
            && let Some(Credential::Saved(name)) = &actor.credential
            && self.asks_who(step)
        {
            let at = step.request.actor.as_ref();
            let at = at.map_or(step.operation.span, |own| own.span);
            needs.push((name.value.clone(), at));
        }
        for (name, span) in needs {
            let finding = self.early(index, step, &name, span);
            self.diagnostics.extend(finding);
        }
    }

    /// Whether the operation of a step asks for credentials.
    fn asks_who(&self, step: &rulefile::SetupStep) -> bool {
        let found = self.operation_named(&step.operation.value);
        let found = found.and_then(|own| self.operations.get(own.0 as usize));
        found.is_some_and(|own| !own.security.is_empty())
    }

    fn early(
        &self,
        index: usize,
        step: &rulefile::SetupStep,
        name: &str,
        span: Span,
    ) -> Option<Diagnostic> {
        let (from, source) = saver(self.file, name)?;
        let (own, other) = (&step.request.name, &source.request.name);
        if from == index {
            let message = format!("the setup step `{}` needs what it saves itself", own.value);
            let finding = Diagnostic::error(Code::BadReference, message)
                .at(span, format!("`{name}` isn't there yet"))
                .help("let an earlier step save it, or send this one without it");
            return Some(finding);
        }
        if from > index {
            let is_cycle = leads_to(self.file, from, index);
            let message = match is_cycle {
                true => format!(
                    "the setup steps `{}` and `{}` need each other",
                    own.value, other.value
                ),
                false => format!(
                    "the setup step `{}` needs `{name}`, which a later step saves",
                    own.value
                ),
            };
            let help = match is_cycle {
                true => "let one of them do without the other".to_owned(),
                false => format!("put `{}` before `{}`", other.value, own.value),
            };
            let finding = Diagnostic::error(Code::BadReference, message)
                .at(span, "isn't there yet")
                .also(other.span, "sent later");
            return Some(finding.help(help));
        }
        if step.each == SetupEach::Session && source.each == SetupEach::Case {
            let message = format!(
                "the setup step `{}` is sent once, and needs `{name}`, which every case has anew",
                own.value
            );
            let finding = Diagnostic::error(Code::ConflictingKeys, message)
                .at(span, "whose?")
                .also(other.span, "sent for every case")
                .help("say `each: case` of this step as well");
            return Some(finding);
        }
        None
    }
}

/// The step that saves a name, with its position.
pub(super) fn saver<'f>(
    file: &'f RuleFile,
    name: &str,
) -> Option<(usize, &'f rulefile::SetupStep)> {
    let mut steps = file.setup.iter().enumerate();
    steps.find(|(_, step)| step.save.iter().any(|own| own.name.value == name))
}

/// Whether step `from` needs what step `to` saves, directly or not.
fn leads_to(file: &RuleFile, from: usize, to: usize) -> bool {
    let mut open = vec![from];
    let mut seen = Vec::new();
    while let Some(next) = open.pop() {
        let Some(step) = file.setup.get(next).filter(|_| !seen.contains(&next)) else {
            continue;
        };
        seen.push(next);
        let mut needs = Vec::new();
        for assignment in &step.request.set {
            named_values(&assignment.value, &mut needs);
        }
        let savers = needs
            .iter()
            .filter_map(|(name, _)| Some(saver(file, name)?.0));
        let savers: Vec<usize> = savers.collect();
        if savers.contains(&to) {
            return true;
        }
        open.extend(savers);
    }
    false
}

/// The names behind `$` in a value.
fn named_values(node: &Node, found: &mut Vec<(String, Span)>) {
    match &node.kind {
        NodeKind::String(text) => {
            let name = text
                .value
                .strip_prefix('$')
                .filter(|own| !own.starts_with('$'));
            found.extend(name.map(|name| (name.to_owned(), text.span)));
        }
        NodeKind::Sequence(items) => items.iter().for_each(|own| named_values(own, found)),
        NodeKind::Mapping(_) => {
            for entry in node.entries() {
                named_values(&entry.value, found);
            }
        }
        _ => {}
    }
}
