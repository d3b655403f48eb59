//! `setup`: the requests that are sent before those of cases.

use std::collections::BTreeMap;

use super::{Builder, Documented, Named, OtherDocuments};
use crate::document::{Document, LinkProblem, Listed};
use crate::expr::ACTOR;
use crate::model::{AnswerPlace, NOW, OperationRef, SetupStep};
use crate::rulefile::{self, Credential, Located, RuleFile, Saved, SavedFrom, SetupEach};
use crate::source::{Code, Diagnostic, Diagnostics, Span, did_you_mean};
use crate::tree::{Node, NodeKind};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// The statuses of answers that something is saved from.
const ACCEPTED: [u16; 5] = [200, 201, 202, 203, 204];

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

    /// Where a saved value stands in the answer.
    fn saved_place(&mut self, operation: OperationRef, saved: &Saved) -> Option<AnswerPlace> {
        let (place, span) = match &saved.from {
            SavedFrom::Path(path) => (self.answer_place(path)?, path.span()),
            SavedFrom::Pointer(pointer) => (of_pointer(&pointer.value), pointer.span),
            SavedFrom::Link { name, parameter } => {
                return self.linked(operation, name, parameter.as_ref());
            }
        };
        match &place {
            AnswerPlace::Body(path) => self.answer_member(operation, &ACCEPTED, path, span),
            AnswerPlace::Header(name) => self.answer_header(operation, name, span),
            AnswerPlace::Cookie(_) => {}
        }
        Some(place)
    }

    /// Tells of a header that answers don't declare, where they declare others.
    fn answer_header(&mut self, operation: OperationRef, name: &str, span: Span) {
        let found = self.operations.get(operation.0 as usize);
        let Some(id) = found.map(|own| own.id.clone()) else {
            return;
        };
        let listed = self.listed(&id);
        let declared =
            listed.and_then(|(document, listed)| document.declared_headers_without(listed, name));
        if let Some(declared) = declared {
            let message =
                format!("the API document declares no header `{name}` in answers of `{id}`");
            let finding = Diagnostic::warning(Code::UnknownField, message)
                .at(span, "not declared")
                .help(known_names(name, &declared, "it declares"));
            self.diagnostics.push(finding);
        }
    }

    /// What a link of the API document takes from the answer.
    fn linked(
        &mut self,
        operation: OperationRef,
        name: &Located<String>,
        parameter: Option<&Located<String>>,
    ) -> Option<AnswerPlace> {
        let id = self.operations.get(operation.0 as usize)?.id.clone();
        let (document, listed) = self.listed(&id)?;
        let wanted = parameter.map(|own| own.value.as_str());
        let problem = match document.link_source(listed, &name.value, wanted) {
            Ok(source) => match of_runtime(&source) {
                Some(place) => return Some(place),
                None => Diagnostic::error(
                    Code::Unsupported,
                    format!(
                        "the link `{}` takes `{source}`, not a part of the answer",
                        name.value
                    ),
                )
                .at(name.span, "nothing to save")
                .help("`$response.body#/...` and `$response.header....` can be saved"),
            },
            Err(LinkProblem::NoLink(known)) => Diagnostic::error(
                Code::BadReference,
                format!("no answer of `{id}` has a link `{}`", name.value),
            )
            .at(name.span, "no such link")
            .help(known_names(&name.value, &known, "its links are")),
            Err(LinkProblem::NoParameter(known)) => Diagnostic::error(
                Code::BadReference,
                format!("the link `{}` has no such parameter", name.value),
            )
            .at(
                parameter.map_or(name.span, |own| own.span),
                "no such parameter",
            )
            .help(known_names(
                wanted.unwrap_or_default(),
                &known,
                "its parameters are",
            )),
            Err(LinkProblem::Several(known)) => Diagnostic::error(
                Code::WrongValue,
                format!("the link `{}` has several parameters", name.value),
            )
            .at(name.span, "which of them?")
            .help(known_names("", &known, "add `parameter`: it has")),
        };
        self.diagnostics.push(problem);
        None
    }

    /// Reports a step that needs what isn't there when it is sent.
    fn order(&mut self, index: usize, step: &rulefile::SetupStep) {
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

/// The step that saves a name, with its position.
fn saver<'f>(file: &'f RuleFile, name: &str) -> Option<(usize, &'f rulefile::SetupStep)> {
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

/// The place that a JSON pointer into the body names.
fn of_pointer(pointer: &str) -> AnswerPlace {
    let steps = pointer.split('/').skip(1);
    AnswerPlace::Body(
        steps
            .map(|step| step.replace("~1", "/").replace("~0", "~"))
            .collect(),
    )
}

/// The place that a runtime expression of OpenAPI names.
fn of_runtime(source: &str) -> Option<AnswerPlace> {
    if let Some(pointer) = source.strip_prefix("$response.body#") {
        return Some(of_pointer(pointer)).filter(|_| pointer.starts_with('/'));
    }
    let name = source.strip_prefix("$response.header.")?;
    Some(AnswerPlace::Header(name.to_owned()))
}

fn known_names(wanted: &str, known: &[String], lead: &str) -> String {
    did_you_mean(wanted, known.iter().map(String::as_str)).unwrap_or_else(|| {
        let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        match names.as_slice() {
            [] => "there are none: name the place, such as `response.body.id`".to_owned(),
            names => format!("{lead} {}", names.join(", ")),
        }
    })
}
