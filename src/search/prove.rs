//! What can be the case at a request to an operation, and minimal proofs
//! where it can't.
//!
//! One request is looked at, with whatever the server remembers left free, so
//! that a proof holds for every sequence. All questions about an operation
//! share one encoding and one solver for each configuration.

use std::collections::BTreeMap;

use super::decide::Reach;
use super::encode::Goal;
use super::invariant::Invariant;
use super::ladder::ASKING;
use super::lower::{Config, Label, Truth};
use super::plan::{Plan, earlier_of, rules_reading};
use super::slice::{connected, whole};
use super::smt::Term;
use super::stage::{Possible, Reply, Stage};
use crate::expr::ExprId;
use crate::model::{Model, OperationRef, Place, RuleRef, Trace};

/// What is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Situation {
    /// The request takes effect, as far as the rules that are asked about
    /// with it allow.
    Accepted,
    /// The rule is false.
    Broken(RuleRef),
    /// The rule is undefined.
    Undefined(RuleRef),
    /// This condition is true.
    True(ExprId),
    /// The two conditions don't come out the same: true, false or undefined.
    Differ(ExprId, ExprId),
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Proven: at no request. A minimal set of what the proof rests on.
    Never(Vec<Label>),
    /// It can be, as far as the encoding knows.
    Possible,
    /// Not decided, or only within limits.
    Open,
}

/// Answers questions about one operation. To be used within one Z3 context.
pub struct Prover<'m> {
    model: &'m Model,
    operation: OperationRef,
    reach: Reach,
    /// What is proven of every state.
    invariants: &'m [Invariant],
    /// By plan and configuration.
    stages: BTreeMap<(Plan, usize), Stage<'m>>,
}

impl<'m> Prover<'m> {
    /// For one operation; nothing is encoded before the first question.
    pub fn new(model: &'m Model, operation: OperationRef, reach: Reach) -> Self {
        Self {
            model,
            operation,
            reach,
            invariants: &[],
            stages: BTreeMap::new(),
        }
    }

    /// The same prover, which may rest on what was proven of the state.
    #[must_use]
    pub fn resting_on(mut self, invariants: &'m [Invariant]) -> Self {
        self.invariants = invariants;
        self
    }

    /// Whether `situation` can be while `others` hold. Where some of these can
    /// be undefined, a proof covers that too.
    pub fn ask(&mut self, situation: Situation, others: &[RuleRef]) -> Proof {
        let Some(plan) = self.plan(situation) else {
            return Proof::Open;
        };
        let mut narrowed = None;
        for level in 0..ASKING.len() {
            let Some(stage) = self.stage(level, plan.clone()) else {
                continue;
            };
            match asked(stage, situation, others) {
                Proof::Never(core) if core.iter().any(is_restriction) => {}
                Proof::Never(core) if stage.narrowed().is_empty() => return Proof::Never(core),
                Proof::Never(_) => narrowed = Some(level),
                Proof::Open => {}
                Proof::Possible => return Proof::Possible,
            }
        }
        let apart = narrowed.and_then(|level| self.ask_apart(level, situation, others));
        apart.map_or(Proof::Open, Proof::Never)
    }

    /// The same among the rules that are connected with the question: what
    /// narrows the encoding may have to do with others only.
    fn ask_apart(
        &self,
        level: usize,
        situation: Situation,
        others: &[RuleRef],
    ) -> Option<Vec<Label>> {
        let (roots, rule) = match situation {
            Situation::Accepted => return None,
            Situation::Broken(rule) | Situation::Undefined(rule) => {
                (vec![self.model.rule(rule).expr], Some(rule))
            }
            Situation::True(expr) => (vec![expr], None),
            Situation::Differ(a, b) => (vec![a, b], None),
        };
        let plan = self.plan(situation)?;
        let places: Vec<Place> = rule.map(Place::Rule).into_iter().collect();
        let slice = connected(self.model, &plan, &roots, &places);
        let is_near = |rule: &RuleRef| slice.iter().any(|rules| rules.contains(rule));
        let others: Vec<RuleRef> = others.iter().copied().filter(is_near).collect();
        let bases = plan.baselines(self.model);
        let config = Config {
            any_moment: true,
            ..*ASKING.get(level)?
        };
        let limits = self.reach.limits;
        let mut stage = Stage::new(self.model, &plan, bases, slice, config, true, limits);
        stage.encoding.assume_invariants(self.invariants);
        match asked(&mut stage, situation, &others) {
            Proof::Never(core) if core.iter().any(is_restriction) => None,
            Proof::Never(core) => stage.narrowed().is_empty().then_some(core),
            Proof::Possible | Proof::Open => None,
        }
    }

    /// A request near the first baseline at which `situation` may be; nothing
    /// is verified. None where the operation reads what the server remembers:
    /// one request doesn't say how it came to be.
    pub fn example(&mut self, situation: Situation, others: &[RuleRef]) -> Option<Trace> {
        let plan = self.plan(situation)?;
        if plan.reads_state(self.model) {
            return None;
        }
        let stage = self.stage(0, plan)?;
        let target = target(stage, situation);
        let goal = Goal {
            differs: target,
            refuses: target,
            others: others.to_vec(),
            repeated: stage.encoding.lowering.terms.bool(false),
        };
        let undefined_too = matches!(situation, Situation::Undefined(_));
        match stage.solve(target, &goal, undefined_too, &[]) {
            Reply::Trace(trace) => Some(trace),
            Reply::Unsat(_) | Reply::Unknown(_) => None,
        }
    }

    /// The request, behind those that the rule in question is about; none where
    /// several rules about earlier ones may be meant.
    fn plan(&self, situation: Situation) -> Option<Plan> {
        let rules = match situation {
            Situation::Accepted => Vec::new(),
            Situation::Broken(rule) | Situation::Undefined(rule) => vec![rule],
            Situation::True(expr) | Situation::Differ(expr, _) => {
                rules_reading(self.model, self.operation, expr)
            }
        };
        let earlier = match *rules {
            [] => Vec::new(),
            [only] => earlier_of(self.model, only),
            _ => return None,
        };
        Some(Plan::behind(&earlier, self.operation))
    }

    fn stage(&mut self, level: usize, plan: Plan) -> Option<&mut Stage<'m>> {
        let config = Config {
            any_moment: true,
            ..*ASKING.get(level)?
        };
        let (model, limits, invariants) = (self.model, self.reach.limits, self.invariants);
        let stage = self.stages.entry((plan.clone(), level)).or_insert_with(|| {
            let bases = plan.baselines(model);
            let slice = whole(model, &plan);
            let mut stage = Stage::new(model, &plan, bases, slice, config, true, limits);
            stage.encoding.assume_invariants(invariants);
            stage
        });
        Some(stage)
    }
}

fn asked(stage: &mut Stage<'_>, situation: Situation, others: &[RuleRef]) -> Proof {
    let target = target(stage, situation);
    // Where a rule is undefined, others that read the same are as well.
    let is_about_undefined = matches!(situation, Situation::Undefined(_));
    match stage.possible(target, others, is_about_undefined) {
        Possible::Yes => Proof::Possible,
        Possible::Unknown(_) => Proof::Open,
        Possible::No(core) if stage.encoding.may_be_undefined(&core).is_empty() => {
            Proof::Never(core)
        }
        Possible::No(_) => match stage.possible(target, others, true) {
            Possible::No(core) => Proof::Never(core),
            Possible::Yes | Possible::Unknown(_) => Proof::Open,
        },
    }
}

fn is_restriction(label: &Label) -> bool {
    matches!(label, Label::Restriction(_))
}

/// The rules that a core names.
pub fn rules(core: &[Label]) -> Vec<RuleRef> {
    let rules = core.iter().filter_map(|label| match label {
        Label::Rule(_, rule) | Label::Unbroken(_, rule) => Some(*rule),
        Label::Schema { .. } | Label::Invariant(_) | Label::Alike(_) | Label::Restriction(_) => {
            None
        }
    });
    rules.collect()
}

fn target(stage: &mut Stage<'_>, situation: Situation) -> Term {
    match situation {
        Situation::Accepted => stage.encoding.accepts().differs,
        Situation::Broken(rule) => stage.encoding.refuses(rule).differs,
        Situation::Undefined(rule) => {
            let expr = stage.encoding.lowering.model.rule(rule).expr;
            let truth = stage.encoding.truth_at_end(expr);
            let belongs = stage.encoding.belongs_at_end(expr);
            let terms = &mut stage.encoding.lowering.terms;
            let known = terms.or([truth.yes, truth.no]);
            let unknown = terms.not(known);
            terms.and([belongs, unknown])
        }
        Situation::True(expr) => {
            let truth = stage.encoding.truth_at_end(expr);
            let belongs = stage.encoding.belongs_at_end(expr);
            stage.encoding.lowering.terms.and([belongs, truth.yes])
        }
        Situation::Differ(a, b) => {
            // `b` is a variant of `a`, which a rule may have.
            let truth_a = stage.encoding.truth_at_end(a);
            let truth_b = stage.encoding.truth_beside(b, a);
            let differ = differ(stage, truth_a, truth_b);
            let belongs = stage.encoding.belongs_at_end(a);
            stage.encoding.lowering.terms.and([belongs, differ])
        }
    }
}

/// Where two conditions don't come out the same.
fn differ(stage: &mut Stage<'_>, a: Truth, b: Truth) -> Term {
    let terms = &mut stage.encoding.lowering.terms;
    let mut sides = Vec::new();
    for (one, other) in [(a.yes, b.yes), (a.no, b.no)] {
        if one == other {
            continue;
        }
        let (not_one, not_other) = (terms.not(one), terms.not(other));
        sides.push(terms.and([one, not_other]));
        sides.push(terms.and([not_one, other]));
    }
    terms.or(sides)
}
