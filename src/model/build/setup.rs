//! `setup`: the requests that are sent before those of cases.

mod order;
mod saved;

use std::collections::BTreeMap;

use self::order::saver;

use super::{Builder, Documented, Named, OtherDocuments};
use crate::document::{Document, Listed};
use crate::expr::ACTOR;
use crate::model::{NOW, OperationRef, SetupStep};
use crate::rulefile::{self, Credential, Located, RuleFile, SetupEach};
use crate::source::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// The operations of other API documents that setup steps call, by id.
pub(super) fn elsewhere<'d>(
    others: &'d OtherDocuments,
    file: &RuleFile,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Named<'d>> {
    let mut found = BTreeMap::new();
    for step in &file.setup {
        let Some(api) = &step.api else { continue };
        let Some(document) = others.get(&api.span) else {
            continue;
        };
        match document.find_operation(&step.operation.value) {
            Ok(listed) => {
                let id = id_elsewhere(api, listed);
                let named = Named {
                    listed: listed.clone(),
                    names: [id.clone()].into(),
                    other: Some(document),
                };
                found.insert(id, named);
            }
            Err(error) => {
                let finding = error.at(step.operation.span, "no such operation");
                diagnostics.push(finding.also(api.span, "in this document"));
            }
        }
    }
    found
}

/// `auth.yaml#logIn`
fn id_elsewhere(api: &Located<String>, listed: &Listed) -> String {
    let name = api.value.rsplit(['/', '\\']).next().unwrap_or(&api.value);
    format!("{name}#{}", listed.id())
}

/// The operations that stand in other documents, with these.
pub(super) fn others<'d>(
    named: &BTreeMap<String, Named<'d>>,
) -> BTreeMap<String, (&'d Document, Listed)> {
    let others = named.iter();
    let others =
        others.filter_map(|(id, own)| Some((id.clone(), (own.other?, own.listed.clone()))));
    others.collect()
}

impl Builder<'_> {
    /// The setup steps in the order in which they are sent.
    pub(super) fn read_setup(
        &mut self,
        others: &OtherDocuments,
        documented: &[Documented],
        now: i128,
    ) -> Vec<SetupStep> {
        let file = self.file;
        let mut found = Vec::new();
        for (index, step) in file.setup.iter().enumerate() {
            self.order(index, step);
            found.extend(self.setup_step(step, others, documented, now));
        }
        self.saved_credentials();
        found
    }

    fn setup_step(
        &mut self,
        step: &rulefile::SetupStep,
        others: &OtherDocuments,
        documented: &[Documented],
        now: i128,
    ) -> Option<SetupStep> {
        let id = match &step.api {
            None => step.operation.value.clone(),
            Some(api) => {
                let document = others.get(&api.span)?;
                id_elsewhere(api, document.find_operation(&step.operation.value).ok()?)
            }
        };
        let operation = self.operation_named(&id)?;
        if let Some(found) = self.operations.get_mut(operation.0 as usize)
            && step.url.is_some()
        {
            found.base_url = step.url.as_ref().map(|own| own.value.clone());
        }
        let schema = self.operations.get(operation.0 as usize)?.request;
        let own = documented.get(operation.0 as usize)?;
        let judge = (schema, &own.validator);
        let mut request = self
            .given_request(&own.operation, judge, &step.request, now)?
            .request;
        if let Value::Map(members) = &mut request {
            members.shift_remove(NOW);
        }
        self.settle_actor(operation, &mut request, step);
        let save = step.save.iter().filter_map(|saved| {
            let place = self.saved_place(operation, saved)?;
            Some((saved.name.value.clone(), place))
        });
        let save = save.collect();
        Some(SetupStep {
            name: step.request.name.value.clone(),
            operation,
            request,
            each_case: step.each == SetupEach::Case,
            of: step
                .of
                .as_ref()
                .and_then(|own| self.operation_named(&own.value)),
            save,
        })
    }

    /// Who sends a step: somebody, where the operation asks for credentials.
    fn settle_actor(
        &mut self,
        operation: OperationRef,
        request: &mut Value,
        step: &rulefile::SetupStep,
    ) {
        if let Some(actor) = &step.request.actor {
            let unknown = self.unknown_actor(actor);
            self.diagnostics.extend(unknown);
        }
        let found = self.operations.get(operation.0 as usize);
        let is_open = found.is_none_or(|own| own.security.is_empty());
        let place = Location(vec![Segment::Key(ACTOR.into())]);
        if is_open {
            let _ = place.remove(request);
            return;
        }
        let sender = self.sender(step).map(|own| own.name.value.as_str());
        if let Some(sender) = sender {
            let _ = place.write(request, Value::string(sender));
        }
    }

    /// The actor who sends a step: the one that it names, else the first one.
    fn sender(&self, step: &rulefile::SetupStep) -> Option<&rulefile::Actor> {
        let named = step.request.actor.as_ref();
        let mut actors: Vec<&rulefile::Actor> = self.file.actors.iter().collect();
        actors.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        actors
            .into_iter()
            .find(|own| named.is_none_or(|named| named.value == own.name.value))
    }

    /// Reports credentials that no setup step saves.
    fn saved_credentials(&mut self) {
        let file = self.file;
        for actor in &file.actors {
            let Some(Credential::Saved(name)) = &actor.credential else {
                continue;
            };
            if saver(file, &name.value).is_some() {
                continue;
            }
            let known = file.setup.iter().flat_map(|step| &step.save);
            let known = known.map(|own| own.name.value.as_str());
            let help = did_you_mean(&name.value, known).unwrap_or_else(|| {
                "let a step under `setup` save it: `save: {token: response.body.token}`".to_owned()
            });
            let message = format!("no setup step saves `{}`", name.value);
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(name.span, "not saved")
                .help(help);
            self.diagnostics.push(finding);
        }
    }
}
