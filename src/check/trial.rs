//! Simulation before the solver: requests near accepted ones answer most
//! questions about a rule.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::question::Question;
use crate::eval::{Env, Evaluator, Remembered, Undefined};
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, Patch, Trace};
use crate::search::decide::Refusal;
use crate::simulate::{Options, Verdict, prepare, rule_at_end, run};
use crate::value::Value;
use crate::witness::{Candidates, Ties};

/// Requests in a row that answer nothing before the solver is asked instead.
const MAX_MISSES: usize = 60;

/// How a condition comes out.
type Outcome = Result<bool, Undefined>;

/// What requests near the baselines have shown of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// Requests the last of which keeps the rule and its guard.
    pub kept: Option<Trace>,
    /// The same where the list is empty whose items the rule is about.
    pub vacuous: Option<Trace>,
    /// Requests the last of which breaks the rule alone.
    pub broken: Option<Trace>,
    /// Requests at the last of which the rule is undefined.
    pub undefined: Option<Trace>,
    /// Requests at the last of which truncation decides.
    pub truncated: Option<Trace>,
    /// The clauses that matter, by position among the question's.
    pub live: BTreeSet<usize>,
}

/// Tries requests near known ones.
pub(super) struct Trial<'a> {
    pub model: &'a Model,
    pub ties: &'a Ties<'a>,
    pub refusal: &'a Refusal<'a>,
    pub operation: OperationRef,
    /// Sequences that end with the operation, accepted ones first.
    pub bases: &'a [Trace],
}

impl Trial<'_> {
    /// What requests near the bases show of a rule.
    pub fn of(&self, question: &Question) -> Shown {
        let mut shown = Shown::default();
        self.near(question, self.bases, &mut shown);
        shown
    }

    /// Takes what requests near `bases` show of a rule that is new.
    pub fn near(&self, question: &Question, bases: &[Trace], shown: &mut Shown) {
        let near = Candidates::new(self.ties, vec![question.rule], vec![question.expr]);
        let near = Rc::new(near);
        let candidates = bases.iter().cloned();
        let candidates = candidates.flat_map(|base| near.clone().near(base));
        let mut misses = 0;
        for trace in candidates {
            if misses >= MAX_MISSES || is_settled(question, shown) {
                break;
            }
            misses += 1;
            if self.look(question, &trace, shown) {
                misses = 0;
            }
        }
    }

    /// Whether a trace is what a search for the rule's undefinedness or for
    /// truncation was after; it is taken if so.
    pub fn confirm(&self, question: &Question, trace: &Trace, shown: &mut Shown) {
        self.look(question, trace, shown);
    }

    /// Takes what a trace shows that is new; whether it does.
    fn look(&self, question: &Question, trace: &Trace, shown: &mut Shown) -> bool {
        let Some(scene) = Scene::of(self.model, self.operation, trace) else {
            return false;
        };
        let env =
            Env::of_right(&scene.request, &[], self.model.clock.now).remembering(&scene.remembered);
        let mut evaluator = Evaluator::new(&self.model.arena, env);
        let rejects = self.model.rule(question.rule).undefined_rejects;
        let is_across = self.model.rule(question.rule).across.is_some();
        let judge = |evaluator: &mut Evaluator<'_>, expr: ExprId| -> Outcome {
            let held = match is_across {
                true => rule_at_end(self.model, trace, question.rule, expr).unwrap_or(Ok(true)),
                false => evaluator.holds(expr),
            };
            match held {
                Err(_) if rejects => Ok(false),
                outcome => outcome,
            }
        };
        let own = judge(&mut evaluator, question.expr);
        let keeps = shown.kept.is_none() && judge(&mut evaluator, question.kept) == Ok(true);
        let engaged = question.engaged.as_ref();
        let is_engaged = engaged.is_none_or(|own| judge(&mut evaluator, own.condition) == Ok(true));
        let kept = keeps && (is_engaged || shown.vacuous.is_none());
        let broken = shown.broken.is_none() && own == Ok(false);
        let undefined = shown.undefined.is_none() && own.is_err();
        let truncated = shown.truncated.is_none()
            && question.exact.is_some_and(|exact| {
                let exact = judge(&mut evaluator, exact);
                own.is_ok() && exact.is_ok() && own != exact
            });
        let live: Vec<usize> = question
            .clauses
            .iter()
            .enumerate()
            .filter(|(index, _)| !shown.live.contains(index))
            .filter(|(_, clause)| judge(&mut evaluator, clause.root).ok() != own.ok())
            .map(|(index, _)| index)
            .collect();
        let is_new = kept || broken || undefined || truncated || !live.is_empty();
        if !is_new {
            return false;
        }
        let others = self.others(question, trace, &mut evaluator);
        let valid = || (self.refusal)(trace).is_none();
        if others == Others::Broken || !valid() {
            return false;
        }
        let mut took = false;
        if undefined {
            shown.undefined = Some(trace.clone());
            took = true;
        }
        if others == Others::Hold {
            if truncated {
                shown.truncated = Some(trace.clone());
                took = true;
            }
            if kept && self.verdict(trace) == Some(Verdict::Accept) {
                let place = if is_engaged {
                    &mut shown.kept
                } else {
                    &mut shown.vacuous
                };
                *place = Some(trace.clone());
                took = true;
            }
            if broken && (!self.model.clock.is_running || self.is_refused(trace)) {
                shown.broken = Some(trace.clone());
                took = true;
            }
            took |= !live.is_empty();
            shown.live.extend(live);
        }
        took
    }

    /// The other rules at the same request.
    fn others(&self, question: &Question, trace: &Trace, evaluator: &mut Evaluator<'_>) -> Others {
        let rules = self.model.operation(self.operation).rules.iter();
        let mut all = Others::Hold;
        for rule in rules.filter(|rule| **rule != question.rule) {
            let found = self.model.rule(*rule);
            let held = match found.across {
                Some(_) => rule_at_end(self.model, trace, *rule, found.expr).unwrap_or(Ok(true)),
                None => evaluator.holds(found.expr),
            };
            match held {
                Ok(true) => {}
                Err(_) if !found.undefined_rejects => all = Others::Undefined,
                Ok(false) | Err(_) => return Others::Broken,
            }
        }
        all
    }

    /// Whether it is, whenever it is sent.
    fn is_refused(&self, trace: &Trace) -> bool {
        matches!(self.verdict(trace), Some(Verdict::Reject(_)))
    }

    fn verdict(&self, trace: &Trace) -> Option<Verdict> {
        let run = run(self.model, &Patch::default(), trace, Options::default());
        let is_complete = run.verdicts.len() == trace.steps.len();
        run.verdicts.last().filter(|_| is_complete).cloned()
    }
}

/// How the other rules of the operation come out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Hold,
    /// Some are undefined, none is broken.
    Undefined,
    Broken,
}

fn is_settled(question: &Question, shown: &Shown) -> bool {
    shown.kept.is_some()
        && shown.broken.is_some()
        && (shown.undefined.is_some() || !question.may_be_undefined)
        && (shown.truncated.is_some() || question.exact.is_none())
        && shown.live.len() == question.clauses.len()
}

/// What the last request of a trace is judged by.
pub(super) struct Scene {
    pub request: Value,
    /// The earlier requests that rules about several may be about.
    pub earlier: Vec<Value>,
    pub remembered: Remembered,
}

impl Scene {
    /// The scene of the last request; none where an earlier one isn't
    /// accepted or what it is about isn't there.
    pub fn of(model: &Model, operation: OperationRef, trace: &Trace) -> Option<Self> {
        let (last, earlier) = trace.steps.split_last()?;
        let request = prepare(model, operation, &last.request);
        let across = model.across_at(operation).next();
        let before = across.map_or(&[][..], |across| &across.earlier);
        let mut steps = earlier.iter();
        let found = before.iter().map_while(|wanted| {
            let step = steps.find(|step| step.operation == *wanted)?;
            Some(prepare(model, step.operation, &step.request))
        });
        let before: Vec<Value> = found.collect();
        let mut remembered = Remembered::default();
        let found = model.operation(operation);
        if found.reads_state() {
            let run = run(model, &Patch::default(), trace, Options::default());
            let accepted = run.verdicts.iter().take(earlier.len());
            if accepted.filter(|one| **one == Verdict::Accept).count() < earlier.len() {
                return None;
            }
            remembered = run.read_at(model, trace, earlier.len());
            let binds = &model.operation(operation).binds;
            let is_bound =
                |resource: usize| remembered.bound.get(resource).is_some_and(Option::is_some);
            if !binds.iter().all(|bind| is_bound(bind.resource.0 as usize)) {
                return None;
            }
        }
        Some(Self {
            request,
            earlier: before,
            remembered,
        })
    }

    /// Why a rule has no value here.
    pub fn undefined(&self, model: &Model, expr: ExprId) -> Option<Undefined> {
        let earlier: Vec<&Value> = self.earlier.iter().collect();
        let found = Evaluator::plain(&model.arena, self.env(model, &earlier)).holds(expr);
        found.err()
    }

    /// The value of an expression; none where it is undefined or reads items.
    pub fn value(&self, model: &Model, expr: ExprId) -> Option<Value> {
        let earlier: Vec<&Value> = self.earlier.iter().collect();
        let mut evaluator = Evaluator::plain(&model.arena, self.env(model, &earlier));
        let found = evaluator.eval(expr).ok()?;
        Some(found.get().clone())
    }

    fn env<'s>(&'s self, model: &Model, earlier: &'s [&'s Value]) -> Env<'s> {
        Env {
            earlier,
            ..Env::of_right(&self.request, &[], model.clock.now).remembering(&self.remembered)
        }
    }
}
