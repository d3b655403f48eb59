//! A plan as terms: the right server runs all of its requests, and so does
//! each faulty one; a fault's goal says that an observer can tell them apart.

mod about;
mod at_end;
mod effect;
mod ensured;
mod existing;
mod goal;
pub mod induction;
mod judged;
mod keys;
mod refused;
mod repeats;
mod shown;
mod states;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use self::existing::UNCHANGED;
pub use self::goal::Goal;
use self::judged::Judged;
use self::repeats::Repeats;
use super::lower::{AllOf, Config, Env, Label, Lowering, SlotId, Sym};
use super::plan::{Outcome, Plan};
use super::slice::Slice;
use super::smt::{Sort, Term};
use crate::model::{Maker, Model, OperationRef, Patch, ResourceRef, RuleRef};
use crate::value::Value;

/// What a server remembers before a step, by the numbers of states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct States {
    /// Each resource that the request is about.
    bound: BTreeMap<ResourceRef, usize>,
    /// All resources of the kinds that its rules range over.
    all: BTreeMap<u32, AllOf>,
}

impl States {
    /// One resource alone.
    fn only(resource: ResourceRef, state: usize) -> Self {
        Self {
            bound: BTreeMap::from([(resource, state)]),
            all: BTreeMap::new(),
        }
    }
}

/// What a rule reads beside a request: the step, the states, earlier requests,
/// and the states behind the request.
type Surroundings = (
    usize,
    BTreeMap<u32, usize>,
    BTreeMap<u32, AllOf>,
    Vec<SlotId>,
    BTreeMap<u32, usize>,
);

/// A plan's terms.
pub struct Encoding<'m> {
    /// The terms and what they stand for.
    pub lowering: Lowering<'m>,
    plan: Plan,
    slice: Slice,
    requests: Vec<SlotId>,
    bases: Vec<Value>,
    versions: BTreeMap<Surroundings, usize>,
    /// The right server before each step.
    right: Vec<States>,
    /// The rules of earlier steps on the right server.
    earlier: BTreeMap<(usize, RuleRef), Judged>,
    /// The rules of the last step on the right server.
    judged: BTreeMap<RuleRef, Judged>,
    /// Where the last step's changes are defined on the right server.
    effect: Term,
    /// Where the last request is a repeat on the right server.
    repeats: Repeats,
    free_states: bool,
    /// Where the resources in free states are there at all.
    there: BTreeMap<(usize, ResourceRef), Term>,
    /// The fields that name resources, with where those come from; none where
    /// there is no such resource.
    keys: Vec<(ResourceRef, Option<Maker>, SlotId)>,
    /// What names the resources that there are.
    made_keys: BTreeMap<Maker, Sym>,
}

impl<'m> Encoding<'m> {
    /// Encodes the right server. `bases` are the requests that the steps are
    /// changes of. With `free_states` the resources that the only step is
    /// about are in any state.
    pub fn new(
        model: &'m Model,
        plan: &Plan,
        bases: Vec<Value>,
        slice: Slice,
        config: Config,
        free_states: bool,
    ) -> Self {
        let mut lowering = Lowering::new(model, config);
        let rules: BTreeSet<RuleRef> = slice.iter().flatten().copied().collect();
        let roots = rules.into_iter().flat_map(|rule| model.rule(rule).exprs());
        lowering.roots = roots.collect();
        let steps = plan.steps.iter().zip(&bases).enumerate();
        let requests = steps.map(|(index, (step, base))| {
            let operation = model.operation(step.operation);
            lowering.add_request(index, operation.request, base)
        });
        let requests = requests.collect();
        let always = lowering.terms.bool(true);
        let never = lowering.terms.bool(false);
        let mut encoding = Self {
            lowering,
            plan: plan.clone(),
            slice,
            requests,
            bases,
            versions: BTreeMap::new(),
            right: Vec::new(),
            earlier: BTreeMap::new(),
            judged: BTreeMap::new(),
            effect: always,
            repeats: Repeats {
                any: never,
                first: never,
            },
            free_states,
            there: BTreeMap::new(),
            keys: Vec::new(),
            made_keys: BTreeMap::new(),
        };
        encoding.run_right();
        encoding
    }

    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The request that a step is a change of.
    pub fn base(&self, step: usize) -> &Value {
        self.bases.get(step).unwrap_or(&Value::Null)
    }

    fn last(&self) -> usize {
        self.plan.steps.len().saturating_sub(1)
    }

    fn run_right(&mut self) {
        let patch = Patch::default();
        let mut made = self.at_first();
        for step in 0..self.plan.steps.len() {
            if !self.free_states {
                self.name_resources(step);
                self.take_no_known_text(step);
            }
            let states = self.bound(step, &made);
            let env = self.env(step, &states);
            let rules: Vec<RuleRef> = self.rules_at(step);
            for rule in rules {
                let truth = self.judge(rule, &patch, env.as_ref());
                if step == self.last() {
                    self.judged.insert(rule, truth);
                } else {
                    self.earlier.insert((step, rule), truth);
                }
            }
            self.right.push(states);
            if self.is_refused(step) {
                let refused = self.refuses_at(step);
                self.lowering.facts.push(refused);
                continue;
            }
            let repeats = self.all_repeats(step, &patch, env.as_ref());
            if self.is_repeat(step) {
                let repeated = self.repeats_at(step, repeats);
                self.lowering.facts.push(repeated);
                continue;
            }
            let effect = self.advance(step, &patch, env.as_ref(), &mut made);
            if step == self.last() {
                self.effect = self.lowering.terms.or([effect, repeats.any]);
                self.repeats = repeats;
                self.leave_unchanged();
            } else {
                // A repeat changes nothing: a shorter sequence does as well.
                let is_new = self.lowering.terms.not(repeats.any);
                self.lowering.facts.extend([effect, is_new]);
            }
        }
    }

    /// Whether the request of a step is refused, though it isn't the last one.
    fn is_refused(&self, step: usize) -> bool {
        self.outcome(step) == Outcome::Refused
    }

    /// Whether it is a repeat, though it isn't the last one.
    fn is_repeat(&self, step: usize) -> bool {
        self.outcome(step) == Outcome::Repeat
    }

    fn outcome(&self, step: usize) -> Outcome {
        let planned = self.plan.steps.get(step);
        planned.map_or(Outcome::New, |planned| planned.outcome)
    }

    fn rules_at(&self, step: usize) -> Vec<RuleRef> {
        self.slice
            .get(step)
            .map(|rules| rules.iter().copied().collect())
            .unwrap_or_default()
    }

    fn operation(&self, step: usize) -> OperationRef {
        self.plan
            .steps
            .get(step)
            .map_or(OperationRef(0), |step| step.operation)
    }

    fn env(&mut self, step: usize, states: &States) -> Option<Env> {
        self.env_after(step, states, Vec::new())
    }

    /// What a rule may read of a step, and of these earlier requests.
    fn env_after(&mut self, step: usize, states: &States, earlier: Vec<SlotId>) -> Option<Env> {
        let resources: BTreeMap<u32, usize> = states
            .bound
            .iter()
            .map(|(resource, state)| (resource.0, *state))
            .collect();
        let version = self.version((
            step,
            resources.clone(),
            states.all.clone(),
            earlier.clone(),
            BTreeMap::new(),
        ));
        Some(Env {
            step,
            request: *self.requests.get(step)?,
            state_version: version,
            moment: 0,
            resources: Arc::new(resources),
            after: Arc::new(BTreeMap::new()),
            all: Arc::new(states.all.clone()),
            earlier: Arc::new(earlier),
            items: Vec::new(),
            width: 1,
        })
    }

    /// The number of these surroundings.
    fn version(&mut self, surroundings: Surroundings) -> usize {
        let next = self.versions.len();
        *self.versions.entry(surroundings).or_insert(next)
    }

    /// The literals that always apply: schemas, what is proven, restrictions.
    pub fn standing(&self) -> Vec<Term> {
        let applies = |label: &Label| match label {
            Label::Schema { .. } | Label::Restriction(_) | Label::Invariant(_) => true,
            Label::Rule(..) | Label::Unbroken(..) | Label::Alike(_) => false,
        };
        let literals = self.lowering.literals.iter();
        literals
            .filter(|(_, label)| applies(label))
            .map(|(literal, _)| *literal)
            .collect()
    }

    /// A fresh literal that implies `goal`.
    pub fn pose(&mut self, goal: Term) -> Term {
        let literal = self.lowering.terms.var("goal", Sort::Bool);
        let fact = self.lowering.terms.implies(literal, goal);
        self.lowering.facts.push(fact);
        literal
    }
}
