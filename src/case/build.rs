//! From the model and its traces to a case file.

mod around;
mod ensured;
mod field;
mod request;
mod shown;
#[cfg(test)]
mod styles;
#[cfg(test)]
mod tests;
mod written;

pub use ensured::compared;
pub use field::{FieldDraft, FieldRule};
pub use shown::comparison;

use std::collections::{BTreeMap, BTreeSet};

use itertools::Itertools;
use thiserror::Error;

use self::request::{clock_setter, step};
use super::changes::{Changes, in_order_of};
use super::compared::Compared;
use super::format as out;
use super::story::Story;
use crate::model::{self, Model, OperationRef, Patch, ResourceRef, RuleRef, Trace};
use crate::simulate::{Options, Verdict, run};
use crate::value::Value;
use crate::value::location::Location;
use crate::value::time::SECOND;

/// A request state that no HTTP request can carry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a request to {operation} can't be sent: {location} {problem}")]
pub struct NotSendable {
    /// The operation's id.
    pub operation: String,
    /// The place in the request state.
    pub location: String,
    /// What is wrong with it: completes a sentence that starts with the place.
    pub problem: String,
}

/// Why a trace's requests can't be sent, if they can't:
/// what schemas allow and rules speak of isn't always something to send.
pub fn not_sendable(model: &Model, trace: &Trace) -> Option<NotSendable> {
    request::parameters(model, trace).err()
}

/// A verified case, as whoever found it hands it over.
#[derive(Clone, Debug)]
pub struct Draft<'a> {
    /// The case's id.
    pub id: String,
    /// The rule that it is about.
    pub rule: RuleRef,
    /// The requests.
    pub trace: &'a Trace,
    /// Every rule that the last request breaks; empty: it is accepted.
    pub breaks: &'a [RuleRef],
    /// The faults that it detects.
    pub detects: Vec<out::Detected>,
    /// The id of the fault that it was found for; none for a mere twin.
    pub primary: Option<String>,
    /// Why the verdict is what it is, in one sentence.
    pub reason: String,
    /// What it is worth beside others.
    pub value: Option<out::Worth>,
    /// What happens, step by step.
    pub story: Option<Story>,
    /// The id of a baseline that was given to [`Builder::baseline`].
    pub baseline: &'a str,
    /// The accepted state that differs least; without it, a rejecting case is
    /// compared with its baseline.
    pub twin: Option<TwinTrace<'a>>,
    /// Rules counted as true though undefined.
    pub assumes: &'a [RuleRef],
    /// Whether what the last answer shows of the state is what it is about.
    pub is_view: bool,
    /// Requests that show the state before the last one.
    pub looks: &'a [model::Step],
    /// Places of the last request that were filled.
    pub filled: &'a [Location],
}

/// A twin and what it sends.
#[derive(Clone, Copy, Debug)]
pub struct TwinTrace<'a> {
    /// What `id` names.
    pub kind: out::TwinKind,
    /// The id of a case or a baseline.
    pub id: &'a str,
    /// Its requests.
    pub trace: &'a Trace,
}

/// Collects the parts of one case file.
#[derive(Debug)]
pub struct Builder<'m> {
    model: &'m Model,
    baselines: BTreeMap<String, Trace>,
    rules: BTreeSet<RuleRef>,
    /// The resources with cases that end with their view.
    views: BTreeSet<ResourceRef>,
    /// The demands of schemas that cases are about.
    fields: Vec<out::Rule>,
    cases: Vec<out::Case>,
}

impl<'m> Builder<'m> {
    /// An empty file about `model`.
    pub fn new(model: &'m Model) -> Self {
        Self {
            model,
            baselines: BTreeMap::new(),
            rules: BTreeSet::new(),
            views: BTreeSet::new(),
            fields: Vec::new(),
            cases: Vec::new(),
        }
    }

    /// Adds a sequence that a right server accepts. All baselines come before
    /// the cases that are changes of them.
    ///
    /// # Errors
    /// Where a request can't be sent.
    pub fn baseline(&mut self, id: impl Into<String>, trace: &Trace) -> Result<(), NotSendable> {
        self.steps(trace)?;
        self.baselines.insert(id.into(), trace.clone());
        Ok(())
    }

    /// Adds a case.
    ///
    /// # Errors
    /// Where a request can't be sent.
    pub fn case(&mut self, draft: Draft<'_>) -> Result<(), NotSendable> {
        let (trace, changes) = self.changes(draft.trace, draft.baseline);
        let rejected = !draft.breaks.is_empty();
        let baseline = || self.baseline_twin(draft.baseline).filter(|_| rejected);
        let found = draft.twin.or_else(baseline);
        let view = self.view_of(&draft);
        let mut steps = self.steps(&trace)?;
        let refused = self.refuse(&trace, &mut steps);
        let views = shown::looks(self.model, &trace, draft.looks)?;
        if view.is_some() {
            shown::show_last(self.model, &trace, &mut steps);
        }
        if let Some(last) = steps.last_mut().filter(|_| !rejected) {
            last.shows.extend(ensured::ensured(self.model, &trace));
        }
        shown::save(&mut steps, &views);
        let mut case = out::Case {
            id: draft.id,
            digest: String::new(),
            rule: match view {
                Some(resource) => self.model.view_id(resource),
                None => self.model.rule(draft.rule).id.clone(),
            },
            operation: self.last_operation(draft.trace, draft.rule),
            expected: self.expected(draft.trace, draft.rule, draft.breaks),
            breaks: self.rule_ids(draft.breaks),
            detects: draft.detects,
            primary: draft.primary,
            reason: draft.reason,
            value: draft.value,
            story: draft.story,
            baseline: draft.baseline.to_owned(),
            changes,
            filled: draft.filled.iter().map(ToString::to_string).collect(),
            steps,
            views,
            twin: found.map(|found| twin(found, draft.trace)),
            assumes: self.rule_ids(draft.assumes),
            concurrent: None,
        };
        case.digest = case.content_digest();
        self.cases.push(case);
        let own = [draft.rule];
        let own = if view.is_some() { &[][..] } else { &own };
        let about = [own, draft.breaks, draft.assumes, &refused];
        self.rules.extend(about.into_iter().flatten());
        self.views.extend(view);
        Ok(())
    }

    /// Says of requests before the last one that must be refused which answers
    /// fit; the rules that these break.
    fn refuse(&self, trace: &Trace, steps: &mut [out::Step]) -> Vec<RuleRef> {
        let run = run(self.model, &Patch::default(), trace, Options::default());
        let earlier = steps.len().saturating_sub(1);
        let mut rules = Vec::new();
        for (step, verdict) in steps.iter_mut().zip(&run.verdicts).take(earlier) {
            if let Verdict::Reject(broken) = verdict {
                step.refused = self.refusals(broken);
                rules.extend(broken);
            }
        }
        rules
    }

    /// The answers that fit where these rules are broken.
    fn refusals(&self, broken: &BTreeSet<RuleRef>) -> Vec<out::ExpectedAnswer> {
        let answers = broken.iter().map(|broken| {
            let rule = self.model.rule(*broken);
            fitting(Some(rule.id.clone()), refusal(&rule.expect))
        });
        answers.collect()
    }

    /// The resource whose view a case is about.
    fn view_of(&self, draft: &Draft<'_>) -> Option<ResourceRef> {
        let last = draft.trace.steps.last().filter(|_| draft.is_view)?;
        let (resource, _) = self.model.views_at(last.operation).next()?;
        Some(resource)
    }

    /// The file, its parts in order of their ids.
    ///
    /// # Errors
    /// Where a request of a baseline can't be sent.
    pub fn finish(
        mut self,
        rule_file: impl Into<String>,
        api: impl Into<String>,
        z3: impl Into<String>,
    ) -> Result<out::CaseFile, NotSendable> {
        let rules = self.all_rules();
        by_value(&mut self.cases, &rules);
        let baselines = self.baselines.iter().map(|(id, trace)| {
            let steps = self.steps(trace)?;
            Ok(out::Baseline {
                id: id.clone(),
                steps,
            })
        });
        let baselines: Vec<_> = baselines.try_collect()?;
        Ok(out::CaseFile {
            format: out::FORMAT,
            crossfield: env!("CARGO_PKG_VERSION").to_owned(),
            z3: z3.into(),
            rule_file: rule_file.into(),
            shard: None,
            api: api.into(),
            clock_tolerance: clock_tolerance(self.model),
            clock_setter: clock_setter(self.model)?,
            actors: actors(self.model),
            setup: around::setup(self.model)?,
            operations: self.operations(&baselines)?,
            rules,
            baselines,
            cases: self.cases,
        })
    }

    fn baseline_twin<'t>(&'t self, id: &'t str) -> Option<TwinTrace<'t>> {
        let kind = out::TwinKind::Baseline;
        let trace = self.baselines.get(id)?;
        Some(TwinTrace { kind, id, trace })
    }

    fn operations(&self, baselines: &[out::Baseline]) -> Result<Vec<out::Operation>, NotSendable> {
        let in_baselines = baselines.iter().flat_map(|baseline| &baseline.steps);
        let in_cases = self.cases.iter();
        let in_cases = in_cases.flat_map(|case| case.steps.iter().chain(&case.views));
        let mut used: BTreeSet<OperationRef> = in_baselines
            .chain(in_cases)
            .filter_map(|step| self.model.operation_named(&step.operation))
            .collect();
        used.extend(
            self.rules
                .iter()
                .map(|rule| self.model.rule(*rule).operation),
        );
        used.extend(self.model.clock_setter.iter().map(|own| own.operation));
        around::close(self.model, &mut used);
        let refs = used.into_iter().map(|used| operation(self.model, used));
        refs.collect()
    }

    /// The rules and views that cases are about, by id.
    fn all_rules(&self) -> Vec<out::Rule> {
        let rules = self.rules.iter().map(|rule| self.rule(*rule));
        let views = self.views.iter();
        let views = views.filter_map(|resource| shown::rule(self.model, *resource));
        rules
            .chain(views)
            .chain(self.fields.iter().cloned())
            .sorted_by(|a, b| a.id.cmp(&b.id))
            .collect()
    }

    fn rule(&self, rule: RuleRef) -> out::Rule {
        let rule = self.model.rule(rule);
        out::Rule {
            id: rule.id.clone(),
            rule: rule.rule.clone(),
            operation: self.model.operation(rule.operation).id.clone(),
            message: rule.message.clone(),
            source: rule.source.clone(),
            field_path: rule.field_path.clone(),
            severity: rule.severity.clone(),
            tags: rule.tags.clone(),
            refused_with: refusal(&rule.expect),
        }
    }

    fn rule_ids(&self, rules: &[RuleRef]) -> Vec<String> {
        let ordered: BTreeSet<_> = rules.iter().copied().collect();
        ordered
            .into_iter()
            .map(|rule| self.model.rule(rule).id.clone())
            .collect()
    }

    fn last_operation(&self, trace: &Trace, rule: RuleRef) -> String {
        let last = trace.steps.last().map(|step| step.operation);
        let last = last.unwrap_or_else(|| self.model.rule(rule).operation);
        self.model.operation(last).id.clone()
    }

    fn expected(&self, trace: &Trace, rule: RuleRef, breaks: &[RuleRef]) -> out::Expected {
        let broken: BTreeSet<_> = breaks.iter().copied().collect();
        let mut answers = self.refusals(&broken);
        let verdict = if answers.is_empty() {
            let last = trace.steps.last().map(|step| step.operation);
            let last = last.unwrap_or_else(|| self.model.rule(rule).operation);
            answers.push(fitting(None, answer(&self.model.operation(last).accept)));
            out::Verdict::Accept
        } else {
            out::Verdict::Reject
        };
        let statuses = answers
            .iter()
            .flat_map(|answer| answer.statuses.iter().copied());
        let statuses = statuses.sorted().dedup().collect();
        let (repeats, differs_from) = match verdict {
            out::Verdict::Accept => self.repeats(trace),
            out::Verdict::Reject => (None, Vec::new()),
        };
        out::Expected {
            verdict,
            statuses,
            answers,
            repeats,
            differs_from,
        }
    }

    /// The step that the last request of an accepted trace repeats, else those
    /// that it might be mistaken for a repeat of.
    fn repeats(&self, trace: &Trace) -> (Option<out::Named>, Vec<out::Named>) {
        let Some((last, earlier)) = trace.steps.split_last() else {
            return (None, Vec::new());
        };
        let replaying = self.model.across_at(last.operation);
        let replaying: Vec<&model::Across> = replaying.filter(|own| own.replay.is_some()).collect();
        let made = self.model.operation(last.operation).creates;
        let Some(made) = made.filter(|_| !replaying.is_empty()) else {
            return (None, Vec::new());
        };
        let path = &self.model.resource(made).key;
        let named = |step: usize| out::Named {
            step: step + 1,
            path: path.clone(),
        };
        let run = run(self.model, &Patch::default(), trace, Options::default());
        if let Some(Verdict::Replay { of, .. }) = run.verdicts.last() {
            return (Some(named(*of)), Vec::new());
        }
        let is_like = |step: &model::Step| {
            replaying
                .iter()
                .any(|own| own.earlier.first() == Some(&step.operation))
        };
        // What was refused made nothing.
        let made = run.verdicts.iter().map(|own| *own == Verdict::Accept);
        let earlier = earlier.iter().enumerate().zip(made);
        let alike = earlier.filter(|((_, step), is_made)| *is_made && is_like(step));
        let alike = alike.map(|(step, _)| step);
        (None, alike.map(|(index, _)| named(index)).collect())
    }

    fn steps(&self, trace: &Trace) -> Result<Vec<out::Step>, NotSendable> {
        let numbers = 0..trace.steps.len();
        numbers
            .map(|index| step(self.model, trace, index))
            .collect()
    }

    /// What tells each step from a baseline, and the trace with its members
    /// in the order of those baselines.
    fn changes(&self, trace: &Trace, baseline: &str) -> (Trace, Vec<out::StepChanges>) {
        let mut ordered = trace.clone();
        let changes = ordered.steps.iter_mut().enumerate().map(|(index, step)| {
            let from_end = trace.steps.len() - index;
            let Some(base) = self.base(step, from_end, baseline) else {
                return self.whole(index, step);
            };
            step.request = in_order_of(&step.request, base.request);
            let changes = Changes::between(base.request, &step.request);
            out::StepChanges {
                of: Some(base.of),
                ..changed(index, &changes)
            }
        });
        let changes = changes.collect();
        (ordered, changes)
    }

    fn whole(&self, index: usize, step: &model::Step) -> out::StepChanges {
        let nothing = Value::Map(crate::value::Members::new());
        changed(index, &Changes::between(&nothing, &step.request))
    }

    /// The step of a baseline that `step` is a change of: one of its own
    /// baseline if that calls the operation, then the one with the fewest
    /// changes, then the one at the same distance from the end.
    fn base(&self, step: &model::Step, from_end: usize, own: &str) -> Option<Base<'_>> {
        let all = self.baselines.iter().flat_map(|(id, trace)| {
            let steps = trace.steps.iter().enumerate();
            steps.map(move |(index, base)| (id, trace.steps.len() - index, index, base))
        });
        all.filter(|(_, _, _, base)| base.operation == step.operation)
            .map(|(id, end, index, base)| {
                let changes = Changes::between(&base.request, &step.request);
                let rank = (id != own, changes.len(), end.abs_diff(from_end));
                let of = out::StepRef {
                    baseline: id.clone(),
                    step: index + 1,
                };
                let request = &base.request;
                (rank, Base { of, request })
            })
            .min_by(|(a, _), (b, _)| a.cmp(b))
            .map(|(_, base)| base)
    }
}

/// Rules of the highest severity first, then by id; the cases of a rule by what
/// they are worth.
fn by_value(cases: &mut [out::Case], rules: &[out::Rule]) {
    let severity = |id: &str| {
        let rule = rules.iter().find(|rule| rule.id == id);
        match rule.and_then(|rule| rule.severity.as_deref()) {
            Some("critical") => 0,
            Some("high") => 1,
            Some("low") => 3,
            _ => 2,
        }
    };
    cases.sort_by_cached_key(|case| {
        let value = case.value.unwrap_or_default();
        let rule = (severity(&case.rule), case.rule.clone());
        let value = (std::cmp::Reverse(value.weight), value.place);
        (rule, value, case.id.clone())
    });
}

struct Base<'b> {
    of: out::StepRef,
    request: &'b Value,
}

fn changed(index: usize, changes: &Changes) -> out::StepChanges {
    let set = changes.set.iter();
    out::StepChanges {
        step: index + 1,
        of: None,
        set: set
            .map(|(place, value)| (place.to_string(), value.to_string()))
            .collect(),
        unset: changes.unset.iter().map(ToString::to_string).collect(),
    }
}

fn twin(twin: TwinTrace<'_>, case: &Trace) -> out::Twin {
    let compared = Compared::new(twin.trace, case);
    let place = |(step, location): (usize, Location)| out::Place {
        step: step + 1,
        location: location.to_string(),
    };
    out::Twin {
        kind: twin.kind,
        id: twin.id.to_owned(),
        without: compared.without.map(|step| step + 1),
        differs: compared.differs.into_iter().map(place).collect(),
    }
}

fn actors(model: &Model) -> Vec<out::Actor> {
    let actors = model.actors.iter().map(|actor| out::Actor {
        name: actor.name.clone(),
        credential: actor.variable.clone(),
        saved_credential: actor.saved.clone(),
    });
    actors.collect()
}

fn clock_tolerance(model: &Model) -> Option<u32> {
    let clock = &model.clock;
    let seconds = u32::try_from(clock.tolerance / SECOND).ok();
    seconds.filter(|_| clock.is_running)
}

fn operation(model: &Model, number: OperationRef) -> Result<out::Operation, NotSendable> {
    let operation = model.operation(number);
    Ok(out::Operation {
        id: operation.id.clone(),
        method: operation.method.clone(),
        path: operation.path.clone(),
        media_type: operation.media_type.clone(),
        encodings: written::encodings(operation),
        security: operation.security.iter().map(security).collect(),
        unique: operation
            .unique
            .iter()
            .map(|unique| (unique.location.to_string(), unique.template.clone()))
            .collect(),
        correlated: operation
            .correlated
            .iter()
            .map(|own| (own.location.to_string(), own.template.clone()))
            .collect(),
        identifiers: model.identifier_places(number).into_iter().collect(),
        accept: answer(&operation.accept),
        base_url: operation.base_url.clone(),
        r#await: around::awaited(model, operation)?,
        clean_up: around::clean_up(model, operation)?,
    })
}

fn security(security: &model::Security) -> out::Security {
    match security {
        model::Security::Bearer => out::Security::Bearer,
        model::Security::Basic => out::Security::Basic,
        model::Security::ApiKeyHeader(name) => out::Security::ApiKeyHeader { name: name.clone() },
        model::Security::ApiKeyQuery(name) => out::Security::ApiKeyQuery { name: name.clone() },
        model::Security::ApiKeyCookie(name) => out::Security::ApiKeyCookie { name: name.clone() },
    }
}

fn refusal(expect: &model::Answer) -> out::Answer {
    let mut answer = answer(expect);
    if answer.statuses.is_empty() {
        answer.statuses = model::Answer::REFUSED.to_vec();
    }
    answer
}

fn answer(answer: &model::Answer) -> out::Answer {
    out::Answer {
        statuses: answer.statuses.iter().copied().sorted().dedup().collect(),
        checks: answer.checks.iter().map(check).collect(),
    }
}

fn check(check: &model::Check) -> out::Check {
    let (operator, literal) = match check.operator {
        model::CheckOperator::Eq => (out::CheckOperator::Eq, Some(check.literal.clone())),
        model::CheckOperator::Ne => (out::CheckOperator::Ne, Some(check.literal.clone())),
        model::CheckOperator::Has => (out::CheckOperator::Has, None),
    };
    out::Check {
        path: check.path.clone(),
        operator,
        literal,
    }
}

fn fitting(rule: Option<String>, answer: out::Answer) -> out::ExpectedAnswer {
    out::ExpectedAnswer {
        rule,
        statuses: answer.statuses,
        checks: answer.checks,
    }
}
