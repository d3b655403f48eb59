//! Proof: what must agree before a request becomes a case.

use std::collections::BTreeMap;

use super::second_opinion::{Opinion, Question, second_opinion};
use crate::eval::{Env, Remembered, evaluate};
use crate::model::{ACTOR, Built, Patch, ResourceRef, RuleRef, Trace};
use crate::simulate::{Options, Verdict, may_lead, prepare, run};
use crate::value::Value;

/// A trace that the exact evaluator, the independent schema validator and,
/// where it applies, the `cel` interpreter agree on. Nothing else is emitted.
#[derive(Clone, Debug)]
pub struct Verified {
    trace: Trace,
    repeats: Option<usize>,
    breaks: Vec<RuleRef>,
    assumes: Vec<RuleRef>,
}

/// Two judges that should agree don't.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Disagreement {
    /// A request doesn't satisfy its schema.
    #[error("the schema validator refuses the requests: {0}")]
    Schema(String),
    /// Several earlier requests aren't accepted, or the last one is unclear.
    #[error("the right server's verdicts are not those of a case: {0}")]
    Verdict(String),
    /// The interpreter of the crate `cel` reads a rule differently.
    #[error("the cel interpreter disagrees on rule `{rule}`: we say {ours:?}, it says {theirs:?}")]
    Opinion {
        /// The rule's id.
        rule: String,
        /// Our value; none: undefined.
        ours: Option<bool>,
        /// Its value.
        theirs: Option<bool>,
    },
}

impl Verified {
    /// Proves a trace: the last request is accepted or refused, clearly; all
    /// others are accepted, but for one that may be refused.
    ///
    /// # Errors
    /// What disagrees.
    pub fn prove(built: &Built, trace: &Trace, options: Options<'_>) -> Result<Self, Disagreement> {
        let violations = super::validity::violations(built, trace);
        if let Some(first) = violations.first() {
            return Err(Disagreement::Schema(first.clone()));
        }
        let options = Options {
            at_every_moment: true,
            ..options
        };
        let run = run(&built.model, &Patch::default(), trace, options);
        let strange = || Disagreement::Verdict(format!("{:?}", run.verdicts));
        if run.verdicts.len() != trace.steps.len() {
            return Err(strange());
        }
        let (last, earlier) = run.verdicts.split_last().ok_or_else(strange)?;
        if !may_lead(earlier, 1) {
            return Err(strange());
        }
        let repeats = match last {
            Verdict::Replay { of, .. } => Some(*of),
            _ => None,
        };
        let breaks = match last {
            Verdict::Accept | Verdict::Replay { .. } => Vec::new(),
            Verdict::Reject(broken) => broken.iter().copied().collect(),
            Verdict::Unclear(_) | Verdict::Crash(_) | Verdict::Unsteady | Verdict::Shared => {
                return Err(strange());
            }
        };
        let states: Vec<Remembered> = (0..trace.steps.len())
            .map(|step| run.read_at(&built.model, trace, step))
            .collect();
        let mut assumes = Vec::new();
        for (step, remembered) in states.iter().enumerate() {
            judge(built, trace, step, remembered, &mut assumes)?;
        }
        Ok(Self {
            trace: trace.clone(),
            repeats,
            breaks,
            assumes,
        })
    }

    /// The requests.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The step (from 0) whose request the last one repeats: its answer is given
    /// again.
    pub fn repeats(&self) -> Option<usize> {
        self.repeats
    }

    /// The rules that the last request breaks, by id.
    pub fn breaks(&self) -> &[RuleRef] {
        &self.breaks
    }

    /// Rules that count as true although they are undefined.
    pub fn assumes(&self) -> &[RuleRef] {
        &self.assumes
    }

    /// Whether the last request is accepted.
    pub fn is_accepted(&self) -> bool {
        self.breaks.is_empty()
    }
}

/// Compares our value of every rule of a step with the interpreter's.
fn judge(
    built: &Built,
    trace: &Trace,
    step: usize,
    remembered: &Remembered,
    assumes: &mut Vec<RuleRef>,
) -> Result<(), Disagreement> {
    let model = &built.model;
    let Some(asked) = trace.steps.get(step) else {
        return Ok(());
    };
    let request = prepare(model, asked.operation, &asked.request);
    let env = Env::of_right(&request, &[], model.clock.now).remembering(remembered);
    let resources = &remembered.bound;
    let mut named: BTreeMap<String, Value> = model
        .resources
        .iter()
        .zip(resources)
        .filter_map(|(resource, value)| Some((resource.name.clone(), value.clone()?)))
        .collect();
    let mut actors = model.actors.iter();
    let who = request.get(ACTOR).and_then(Value::as_str);
    if let Some(actor) = actors.find(|actor| who == Some(&actor.name)) {
        named.insert(ACTOR.to_owned(), Value::Map(actor.attributes.clone()));
    }
    for rule in &model.operation(asked.operation).rules {
        let instance = model.rule(*rule);
        let is_there = |of: &ResourceRef| resources.get(of.0 as usize).is_some_and(Option::is_some);
        if instance.across.is_some() || !instance.needs.iter().all(is_there) {
            continue;
        }
        let ours = evaluate(&model.arena, env, instance.expr).ok();
        let ours = ours.and_then(|value| value.as_bool());
        if ours.is_none() && !instance.undefined_rejects {
            assumes.push(*rule);
        }
        let text = built.texts.get(rule.0 as usize);
        let Some((text, of_rule)) = text.and_then(|text| Some((text, text.rule.as_deref()?)))
        else {
            continue;
        };
        let question = Question {
            arena: &model.arena,
            expr: instance.expr,
            guard: text.guard.as_deref(),
            rule: of_rule,
            request: &request,
            resources: &named,
            data: &built.data,
            now: model.clock.now,
        };
        if let Opinion::Disagree(theirs) = second_opinion(&question, ours) {
            return Err(Disagreement::Opinion {
                rule: instance.id.clone(),
                ours,
                theirs,
            });
        }
    }
    Ok(())
}
