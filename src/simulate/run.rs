//! One server's way through one trace.

use std::collections::BTreeMap;

use super::server::{Effect, Server};
use super::shown::Seen;
use super::state::{Bound, State};
use super::{Ensured, Verdict, apply_defaults, as_sent};
use crate::eval::{Env, Evaluator, Remembered, Undefined};
use crate::expr::ExprId;
use crate::model::{Model, Patch, Phase, Place, RuleRef, Step, Trace};
use crate::value::Value;

/// How undefined rules are taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'p> {
    /// The second look at a fault: rules that this patch leaves alone hold
    /// where they are undefined, on either server.
    pub undefined_holds_beside: Option<&'p Patch>,
    /// Whether all moments are tried at which a test may run, not only the
    /// outermost ([`crate::model::Clock::all_moments`]).
    pub at_every_moment: bool,
    /// Another phase of the clock, whose first and last moment are tried
    /// instead.
    pub phase: Option<Phase>,
}

/// How faults are looked for where other rules are undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// A request that leaves a rule undefined shows nothing.
    #[default]
    First,
    /// Rules that the fault leaves alone hold where they are undefined.
    Second,
}

impl Look {
    /// The options for the fault `patch`.
    pub fn at(self, patch: &Patch) -> Options<'_> {
        Options {
            undefined_holds_beside: (self == Self::Second).then_some(patch),
            at_every_moment: false,
            phase: None,
        }
    }
}

/// What a server made of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// One verdict a step. A step that is unclear, or at which the server
    /// crashes, is the last: what follows it can't be judged.
    pub verdicts: Vec<Verdict>,
    /// What the server remembers after each step that was judged.
    pub states: Vec<State>,
    /// What the answer to each of them shows of that: something where it is
    /// accepted and a view.
    pub seen: Vec<Vec<Seen>>,
    /// What the answer to each of them has to hold; nothing where it isn't
    /// accepted as a new one.
    pub ensured: Vec<Ensured>,
}

impl Run {
    /// What the rules of the request of `step` read of what is remembered before
    /// it.
    pub fn read_at(&self, model: &Model, trace: &Trace, step: usize) -> Remembered {
        let at_first = State::at_first(model);
        let before = step.checked_sub(1).and_then(|index| self.states.get(index));
        let before = before.unwrap_or(&at_first);
        let bound = trace.steps.get(step).map(|asked| {
            let operation = model.operation(asked.operation);
            before.bind(model, operation, &asked.request)
        });
        let nothing = || Remembered {
            bound: vec![None; model.resources.len()],
            all: Vec::new(),
        };
        bound.map_or_else(nothing, |bound| bound.read)
    }
}

/// Runs `trace` from the start on the server that `patch` makes of the right
/// one. The schema's defaults are applied to each request first; whether it
/// satisfies the schema isn't looked at.
pub fn run(model: &Model, patch: &Patch, trace: &Trace, options: Options<'_>) -> Run {
    let server = Server {
        model,
        patch,
        options,
    };
    let mut run = Run::default();
    let mut state = State::at_first(model);
    for (index, step) in trace.steps.iter().enumerate() {
        let request = Prepared::new(model, step);
        let (verdict, effect, seen, ensured) = one_step(server, step, &request, &state);
        state.apply(index, effect);
        let clear = verdict.is_clear();
        run.verdicts.push(verdict);
        run.seen.push(seen);
        run.states.push(state.clone());
        run.ensured.push(ensured);
        if !clear {
            break;
        }
    }
    run
}

/// A request as rules read it, and as it was sent.
pub(super) struct Prepared {
    pub request: Value,
    pub sent: Value,
}

impl Prepared {
    pub fn new(model: &Model, step: &Step) -> Self {
        let sent = as_sent(model, &step.request);
        Self {
            request: apply_defaults(model, step.operation, &sent),
            sent,
        }
    }

    /// What expressions may read at a moment.
    pub fn env<'e>(&'e self, bound: &'e Bound, now: i128) -> Env<'e> {
        Env {
            request: &self.request,
            sent: &self.sent,
            resources: &bound.read.bound,
            after: &[],
            all: &bound.read.all,
            earlier: &[],
            now,
        }
    }
}

/// The requests of a trace.
pub(super) fn prepared(model: &Model, trace: &Trace) -> Vec<Prepared> {
    let steps = trace.steps.iter();
    steps.map(|step| Prepared::new(model, step)).collect()
}

/// What `expr` says in place of a rule at the end of a trace, as the right
/// server sees it: of a rule about several requests, together with each choice
/// of earlier ones. None where an earlier request isn't accepted.
pub fn rule_at_end(
    model: &Model,
    trace: &Trace,
    rule: RuleRef,
    expr: ExprId,
) -> Option<Result<bool, Undefined>> {
    let (last, earlier) = trace.steps.split_last()?;
    let before = Trace {
        steps: earlier.to_vec(),
    };
    let before = run(model, &Patch::default(), &before, Options::default());
    let accepted = before.verdicts.iter();
    if accepted.filter(|one| one.is_accepted()).count() < earlier.len() {
        return None;
    }
    let state = before.states.last().cloned();
    let state = state.unwrap_or_else(|| State::at_first(model));
    let asked = Prepared::new(model, last);
    let bound = state.bind(model, model.operation(last.operation), &asked.request);
    let patch = Patch(BTreeMap::from([(Place::Rule(rule), expr)]));
    let server = Server {
        model,
        patch: &patch,
        options: Options::default(),
    };
    let env = asked.env(&bound, model.clock.now);
    let mut evaluator = Evaluator::plain(&model.arena, env);
    Some(server.rule(rule, &bound, &mut evaluator))
}

fn one_step(
    server: Server<'_>,
    step: &Step,
    asked: &Prepared,
    state: &State,
) -> (Verdict, Effect, Vec<Seen>, Ensured) {
    let operation = server.model.operation(step.operation);
    let bound = state.bind(server.model, operation, &asked.request);
    let moments = server.moments();
    let evaluators = moments.iter().map(|now| {
        let env = asked.env(&bound, *now);
        Evaluator::plain(&server.model.arena, env)
    });
    let (verdict, effect) = server.judge_steadily(step.operation, &bound, evaluators);
    let seen = server.seen(step.operation, &bound, &verdict);
    let ensured = match verdict {
        Verdict::Accept => server.ensured(step.operation, (&bound, asked), &effect, &moments),
        _ => Ensured::default(),
    };
    (verdict, effect, seen, ensured)
}
