//! The fate of a fault: a detecting trace, or a proof that there is none.

use std::collections::{BTreeMap, BTreeSet};

use itertools::Itertools;

use super::alike::alike;
use super::encode::Goal;
use super::far::far_plans;
use super::invariant::{Candidates, Invariant};
use super::ladder::{CONFIGS, LONG, PROVING, TABULATED};
use super::lower::{Config, Label, STEADY};
use super::plan::{Plan, apart, earlier_of, plans_with};
use super::slice::{Read, Slice, connected, reads, whole};
use super::smt::{Limits, with_context};
use super::stage::{Reply, Stage};
use crate::expr::{ExprId, print};
use crate::model::{Model, OperationRef, Patch, Place, ResourceRef, RuleInstance, RuleRef, Trace};
use crate::simulate::{Look, Verdict, detect, run};

/// What the search says of a fault.
#[derive(Clone, Debug)]
pub enum Decision {
    /// A trace that detects it, verified by the evaluator.
    Found(Trace, Look),
    /// Proven: nothing detects it. What the proof rests on.
    Untestable(Vec<Label>),
    /// Proven only within these restrictions.
    Bounded(Vec<String>),
    /// Only states that leave another rule undefined would show it.
    Unclear(Vec<RuleRef>),
    /// Only a clock that tests set would show it: verdicts change while a test
    /// runs.
    NeedsClock,
    /// Not decided: which limit was reached.
    Unknown(String),
}

/// What was proven of the state.
#[derive(Clone, Copy, Debug, Default)]
pub struct Proofs<'m> {
    /// What holds of every state of the right server.
    pub invariants: &'m [Invariant],
    /// What may hold of every state of a faulty one.
    pub candidates: Option<&'m Candidates>,
}

/// How far the search goes.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    /// Requests in a sequence, at most, as far as all sequences are looked at.
    pub steps: usize,
    /// The same of those of which every request matters.
    pub far: usize,
    /// How many of these are looked at for one fault, at most: a length that has
    /// more is beyond reach.
    pub most_far: usize,
    /// Work for one question.
    pub limits: Limits,
}

impl Default for Reach {
    fn default() -> Self {
        Self {
            steps: 4,
            far: 8,
            most_far: 100,
            limits: Limits::default(),
        }
    }
}

/// What is wrong with the requests of a trace, if anything is.
pub type Refusal<'m> = dyn Fn(&Trace) -> Option<String> + Sync + 'm;

/// Plan, whether all rules are encoded, the configuration, whether states are
/// free, whether `now` is any moment.
type StageKey = (Plan, bool, usize, bool, bool);

/// Searches for the faults of one owner, in one Z3 context.
pub struct Searcher<'m> {
    pub(super) model: &'m Model,
    pub(super) reach: Reach,
    /// What the owner's faults make of the expressions that they patch.
    roots: Vec<ExprId>,
    places: Vec<Place>,
    stages: BTreeMap<StageKey, Stage<'m>>,
    /// Whether `now` is any moment in what is asked.
    any_moment: bool,
    proofs: Proofs<'m>,
    pub(super) refusal: &'m Refusal<'m>,
}

impl<'m> Searcher<'m> {
    /// A searcher for faults with these patches. `refusal` says what the
    /// independent validator has against the requests of a trace.
    pub fn new(
        model: &'m Model,
        reach: Reach,
        patches: &[&Patch],
        refusal: &'m Refusal<'m>,
    ) -> Self {
        let mut roots = BTreeSet::new();
        let mut places = BTreeSet::new();
        for patch in patches {
            for (place, root) in &patch.0 {
                roots.insert(*root);
                roots.insert(model.expression(*place).0);
                places.insert(*place);
            }
        }
        Self {
            model,
            reach,
            roots: roots.into_iter().collect(),
            places: places.into_iter().collect(),
            stages: BTreeMap::new(),
            any_moment: false,
            proofs: Proofs::default(),
            refusal,
        }
    }

    /// The same searcher, which may rest on what was proven of the state.
    #[must_use]
    pub fn with_proofs(mut self, proofs: Proofs<'m>) -> Self {
        self.proofs = proofs;
        self
    }

    /// Decides a fault.
    pub fn decide(&mut self, patch: &Patch) -> Decision {
        if !self.model.clock.is_running {
            return self.decide_steadily(patch);
        }
        self.any_moment = true;
        let never = self.never(patch);
        self.any_moment = false;
        if let Some(core) = never {
            return Decision::Untestable(core);
        }
        match self.decide_steadily(patch) {
            Decision::Bounded(words) if words == [STEADY] => Decision::NeedsClock,
            decision => decision,
        }
    }

    /// What a proof rests on that nothing shows the fault at any moment.
    fn never(&mut self, patch: &Patch) -> Option<Vec<Label>> {
        let mut core = BTreeSet::new();
        for target in targets(self.model, patch) {
            match self.prove(target, patch) {
                Proof::Never(labels) => core.extend(labels),
                _ => return None,
            }
        }
        Some(core.into_iter().collect())
    }

    fn decide_steadily(&mut self, patch: &Patch) -> Decision {
        let targets = targets(self.model, patch);
        let mut core = BTreeSet::new();
        let mut open = Vec::new();
        let mut limits = BTreeSet::new();
        let mut unknown = None;
        for target in &targets {
            match self.prove(*target, patch) {
                Proof::Never(labels) => core.extend(labels),
                Proof::Within(words) => {
                    limits.extend(words);
                }
                Proof::Found(trace, look) => return Decision::Found(trace, look),
                Proof::Unclear(rules) => return Decision::Unclear(rules),
                Proof::Open => open.push(*target),
                Proof::Unknown(reason) => {
                    open.push(*target);
                    unknown = Some(reason);
                }
            }
        }
        if open.is_empty() && limits.is_empty() {
            return Decision::Untestable(core.into_iter().collect());
        }
        if open.is_empty() {
            return Decision::Bounded(limits.into_iter().collect());
        }
        match self.unroll(&open, patch, limits, unknown) {
            Decision::Bounded(words) => match self.unseen(patch) {
                Some(core) => Decision::Untestable(core),
                None => self.unroll_far(&open, patch, words),
            },
            decision => decision,
        }
    }

    /// What a proof rests on that no sequence shows what a faulty server
    /// remembers.
    fn unseen(&self, patch: &Patch) -> Option<Vec<Label>> {
        let changes_state = patch.0.keys().any(|place| place.rule().is_none());
        // What is proven is about one resource of a kind.
        let leaks = |place: &Place| matches!(place, Place::Everywhere(..));
        if !changes_state || self.any_moment || patch.0.keys().any(leaks) {
            return None;
        }
        let (model, reach, known) = (self.model, self.reach, self.proofs.invariants);
        let candidates = self.proofs.candidates?;
        with_context(|| alike(model, reach, patch, known, candidates))
    }

    /// Looks for a sequence, shortest first.
    fn unroll(
        &mut self,
        targets: &[OperationRef],
        patch: &Patch,
        mut limits: BTreeSet<String>,
        unknown: Option<String>,
    ) -> Decision {
        let mut all: Vec<Plan> = Vec::new();
        for target in targets {
            let again = apart(self.model, *target, patch);
            let plans = plans_with(self.model, *target, self.reach.steps, &again).into_iter();
            all.extend(plans.filter(|plan| self.is_worth_asking(plan, patch)));
        }
        all.sort_by_key(|plan| plan.steps.len());
        let mut unknown: Vec<String> = unknown.into_iter().collect();
        for plan in all {
            match self.attempt(&plan, patch) {
                Attempt::Found(trace, look) => return Decision::Found(trace, look),
                Attempt::Never(words) => limits.extend(words),
                Attempt::Unknown(reason) => unknown.push(reason),
            }
        }
        if let Some(reason) = unknown.into_iter().next() {
            return Decision::Unknown(reason);
        }
        let is_about = |target: &OperationRef| self.model.operation(*target).reads_state();
        if limits.is_empty() || targets.iter().any(is_about) {
            limits.insert(at_most_requests(self.reach.steps));
        }
        Decision::Bounded(limits.into_iter().collect())
    }

    /// Looks for a longer sequence, where its length is among what narrows what
    /// was found so far.
    fn unroll_far(
        &mut self,
        targets: &[OperationRef],
        patch: &Patch,
        words: Vec<String>,
    ) -> Decision {
        let near = at_most_requests(self.reach.steps);
        if !words.contains(&near) {
            return Decision::Bounded(words);
        }
        let (mut reached, mut left) = (self.reach.steps, self.reach.most_far);
        let others = words.into_iter().filter(|own| *own != near);
        let mut limits: BTreeSet<String> = others.collect();
        for length in self.reach.steps + 1..=self.reach.far {
            let plans = targets.iter();
            let plans = plans.map(|target| far_plans(self.model, *target, length, patch, left));
            let plans: Option<Vec<Vec<Plan>>> = plans.collect();
            let Some(plans) = plans.map(|plans| plans.concat()) else {
                break;
            };
            let Some(rest) = left.checked_sub(plans.len()) else {
                break;
            };
            left = rest;
            for plan in plans {
                match self.attempt(&plan, patch) {
                    Attempt::Found(trace, look) => return Decision::Found(trace, look),
                    Attempt::Never(words) => limits.extend(words),
                    Attempt::Unknown(_) => drop(limits.insert(near.clone())),
                }
            }
            reached = length;
        }
        limits.insert(
            match reached > self.reach.steps && !limits.contains(&near) {
                true => format!("{near}, and of at most {reached} of which each matters"),
                false => near,
            },
        );
        Decision::Bounded(limits.into_iter().collect())
    }

    /// Whether a plan can show the fault: without a resource, only those of
    /// rules that ask whether it exists; and what is remembered wrong has to be
    /// written before the last request, or shown by its answer.
    fn is_worth_asking(&self, plan: &Plan, patch: &Patch) -> bool {
        let (last, earlier) = match plan.steps.split_last() {
            Some((last, earlier)) => (Some(last), earlier),
            None => (None, &[][..]),
        };
        // An answer may show what its own request has written.
        let shows = |operation| self.model.ensures_at(operation).next().is_some();
        let last = last.filter(|last| shows(last.operation));
        let writing = earlier.iter().chain(last);
        let writes = |place: &Place| match place {
            Place::Init(resource, _) => Some(self.model.resource(*resource).created_by),
            Place::Set(operation, _) | Place::Everywhere(operation, _) => Some(*operation),
            Place::Rule(_) | Place::Same(_) | Place::Replay(_) | Place::Ensure(..) => None,
        };
        let is_written = patch.0.keys().any(|place| {
            writes(place).is_none_or(|by| writing.clone().any(|step| step.operation == by))
        });
        is_written
            && plan.missing().all(|resource| {
                let mut rules = patch.0.keys().filter_map(|place| place.rule());
                rules.any(|rule| self.model.asks_for(rule, resource))
            })
    }

    /// A verified trace of this plan, if there is one.
    fn attempt(&mut self, plan: &Plan, patch: &Patch) -> Attempt {
        let attempt = self.attempt_at(plan, 0, patch);
        let wider = match &attempt {
            Attempt::Found(..) => return attempt,
            Attempt::Never(words) if words.is_empty() => return attempt,
            Attempt::Never(_) => LONG,
            Attempt::Unknown(_) if self.unencoded(plan, true, 0, false, patch).is_some() => {
                TABULATED
            }
            Attempt::Unknown(_) => return attempt,
        };
        match self.attempt_at(plan, wider, patch) {
            Attempt::Unknown(_) => attempt,
            other => other,
        }
    }

    fn attempt_at(&mut self, plan: &Plan, level: usize, patch: &Patch) -> Attempt {
        let mut problem = "no configuration decided it".to_owned();
        for is_whole in [false, true] {
            match self.ask(plan, is_whole, level, false, patch) {
                Asked::Trace(trace, look) => match self.verified(&trace, patch, look) {
                    Ok(()) => return Attempt::Found(trace, look),
                    Err(reason) => {
                        let unencoded = self.unencoded(plan, is_whole, level, false, patch);
                        problem = unencoded.unwrap_or(reason);
                    }
                },
                Asked::Unsat(labels) => {
                    let words = self.restrictions(plan, is_whole, level, false, &labels);
                    return Attempt::Never(words);
                }
                Asked::Unclear(rules, _) => {
                    let names = rules.iter().map(|rule| self.model.rule(*rule).id.as_str());
                    let names: Vec<&str> = names.collect();
                    let words =
                        format!("requests that leave none of {} undefined", names.join(", "));
                    return Attempt::Never(vec![words]);
                }
                Asked::Unknown(reason) => problem = reason,
            }
        }
        Attempt::Unknown(problem)
    }

    /// Whether the independent code agrees that the trace detects the fault.
    fn verified(&self, trace: &Trace, patch: &Patch, look: Look) -> Result<(), String> {
        if let Some(refusal) = (self.refusal)(trace) {
            return Err(format!("what was found is refused: {refusal}"));
        }
        // Another rule may refuse an earlier request.
        let right = run(self.model, &Patch::default(), trace, look.at(patch)).verdicts;
        let mut earlier = right.iter().take(trace.steps.len().saturating_sub(1));
        if !earlier.all(|verdict| *verdict == Verdict::Accept) {
            return Err("an earlier one of the requests that were found is refused".to_owned());
        }
        match detect(self.model, trace, patch, look) {
            Some(found) if found.step + 1 == trace.steps.len() => Ok(()),
            _ => Err(self.unconfirmed(trace, patch, look)),
        }
    }

    /// Why requests that were found detect nothing.
    fn unconfirmed(&self, trace: &Trace, patch: &Patch, look: Look) -> String {
        let of = |patch: &Patch| run(self.model, patch, trace, look.at(patch));
        let (right, patched) = (of(&Patch::default()), of(patch));
        let last = trace.steps.last().map(|step| step.operation);
        match last.filter(|_| right.seen.last() != patched.seen.last()) {
            Some(last) => format!(
                "only a value that tests don't know before differs in what `{}` shows",
                self.model.operation(last).id
            ),
            None => "the evaluator doesn't confirm the requests that were found".to_owned(),
        }
    }

    /// What a stage leaves open, if it does: why its traces may be none.
    fn unencoded(
        &self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
        patch: &Patch,
    ) -> Option<String> {
        let key = (plan.clone(), is_whole, level, free, self.any_moment);
        let stage = self.stages.get(&key)?;
        let unencoded = &stage.encoding.lowering.unencoded;
        // What the question reads itself says more than what other rules do.
        let own = self.model.arena.reachable(&self.focus(patch));
        let own = unencoded.iter().find(|id| own.contains(id));
        let first = own.or(unencoded.first())?;
        let printed = print(&self.model.arena, *first, &self.model.resource_names());
        Some(format!(
            "`{printed}` isn't encoded for the solver, and no candidate shows it"
        ))
    }

    /// Asks one request: with the state free where the operation reads one.
    fn prove(&mut self, target: OperationRef, patch: &Patch) -> Proof {
        let has_state_patch = patch.0.keys().any(|place| place.rule().is_none());
        if has_state_patch {
            return Proof::Open;
        }
        // Without earlier requests, too: on a faulty server those may be refused.
        let rules = patch.0.keys().filter_map(|place| place.rule());
        let rules = rules.filter(|rule| self.model.rule(*rule).operation == target);
        let behind = rules.map(|rule| earlier_of(self.model, rule));
        let behind: BTreeSet<Vec<OperationRef>> = behind.chain([Vec::new()]).collect();
        let plans = behind.iter().map(|earlier| Plan::behind(earlier, target));
        let plans: Vec<Plan> = plans.sorted_by_key(|plan| plan.steps.len()).collect();
        let mut core = BTreeSet::new();
        for plan in &plans {
            match self.prove_by(plan, patch) {
                Proof::Never(labels) => core.extend(labels),
                // There may be a shorter sequence.
                Proof::Found(..) if plan.steps.len() > 2 => return Proof::Open,
                other => return other,
            }
        }
        Proof::Never(core.into_iter().collect())
    }

    fn prove_by(&mut self, plan: &Plan, patch: &Patch) -> Proof {
        let reads_state = plan.reads_state(self.model);
        let mut last = Proof::Unknown("no configuration decided it".to_owned());
        for level in 0..PROVING.len() {
            last = self.prove_at(plan, level, reads_state, patch);
            match &last {
                Proof::Within(words) if *words == [STEADY] => return last,
                Proof::Within(_) | Proof::Unknown(_) => {}
                _ => return last,
            }
        }
        let wider = match &last {
            Proof::Within(_) => LONG,
            _ if self.is_unencoded(plan, reads_state, patch) => TABULATED,
            _ => return last,
        };
        match self.prove_at(plan, wider, reads_state, patch) {
            Proof::Unknown(_) => last,
            other => other,
        }
    }

    /// Whether an operator of the question has no encoding.
    fn is_unencoded(&self, plan: &Plan, free: bool, patch: &Patch) -> bool {
        let found = [false, true].map(|is_whole| self.unencoded(plan, is_whole, 0, free, patch));
        found.iter().any(Option::is_some)
    }

    fn prove_at(&mut self, plan: &Plan, level: usize, free: bool, patch: &Patch) -> Proof {
        let (asked, is_whole) = self.ask_both(plan, level, free, patch);
        match asked {
            Asked::Trace(..) if free || self.any_moment => Proof::Open,
            Asked::Trace(trace, look) => match self.verified(&trace, patch, look) {
                Ok(()) => Proof::Found(trace, look),
                Err(reason) => {
                    let unencoded = self.unencoded(plan, is_whole, level, free, patch);
                    Proof::Unknown(unencoded.unwrap_or(reason))
                }
            },
            Asked::Unclear(rules, labels) => {
                match self.restrictions(plan, is_whole, level, free, &labels) {
                    words if words.is_empty() => Proof::Unclear(rules),
                    words => Proof::Within(words),
                }
            }
            Asked::Unknown(reason) => Proof::Unknown(reason),
            Asked::Unsat(labels) => match self.restrictions(plan, is_whole, level, free, &labels) {
                words if words.is_empty() => Proof::Never(labels),
                words => Proof::Within(words),
            },
        }
    }

    /// Asks the connected rules first; all of them where that gave a trace
    /// that another rule refuses. Whether it was all of them comes second.
    fn ask_both(&mut self, plan: &Plan, level: usize, free: bool, patch: &Patch) -> (Asked, bool) {
        let asked = self.ask(plan, false, level, free, patch);
        match &asked {
            Asked::Trace(trace, look)
                if !free && !self.any_moment && self.verified(trace, patch, *look).is_err() =>
            {
                (self.ask(plan, true, level, free, patch), true)
            }
            _ => (asked, false),
        }
    }

    /// What narrows a proof, in words.
    pub(super) fn restrictions(
        &self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
        core: &[Label],
    ) -> Vec<String> {
        let key = (plan.clone(), is_whole, level, free, self.any_moment);
        let stage = self.stages.get(&key);
        let mut words = stage.map(Stage::narrowed).unwrap_or_default();
        for label in core {
            if let Label::Restriction(text) = label
                && !words.contains(text)
            {
                words.push(text.clone());
            }
        }
        words
    }

    /// What a patch changes, before and after.
    fn focus(&self, patch: &Patch) -> Vec<ExprId> {
        let changes = patch.0.iter();
        let both = changes.flat_map(|(place, root)| [*root, self.model.expression(*place).0]);
        both.collect()
    }

    /// Puts the question to the stage of a plan.
    fn ask(
        &mut self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
        patch: &Patch,
    ) -> Asked {
        let focus = self.focus(patch);
        let Some(stage) = self.stage(plan, is_whole, level, free) else {
            return Asked::Unknown("no such configuration".to_owned());
        };
        let goal = stage.encoding.goal(patch);
        let asked = differing(stage, &goal, &focus);
        let Asked::Unsat(labels) = asked else {
            return asked;
        };
        if stage.encoding.lowering.terms.as_bool(goal.repeated) == Some(false) {
            return Asked::Unsat(labels);
        }
        let alone = Goal {
            others: Vec::new(),
            ..goal.clone()
        };
        match stage.solve(goal.repeated, &alone, true, &focus) {
            Reply::Unsat(more) => Asked::Unsat([labels, more].concat()),
            Reply::Unknown(reason) => Asked::Unknown(reason),
            Reply::Trace(trace) => {
                let is_first = detect(self.model, &trace, patch, Look::First).is_some();
                let look = if is_first { Look::First } else { Look::Second };
                Asked::Trace(trace, look)
            }
        }
    }

    pub(super) fn stage(
        &mut self,
        plan: &Plan,
        is_whole: bool,
        level: usize,
        free: bool,
    ) -> Option<&mut Stage<'m>> {
        let key = (plan.clone(), is_whole, level, free, self.any_moment);
        if !self.stages.contains_key(&key) {
            let slice: Slice = if is_whole {
                whole(self.model, plan)
            } else {
                connected(self.model, plan, &self.roots, &self.places)
            };
            let config = Config {
                any_moment: self.any_moment,
                ..*CONFIGS.get(level)?
            };
            let limits = self.reach.limits;
            let bases = plan.baselines(self.model);
            let mut stage = Stage::new(self.model, plan, bases, slice, config, free, limits);
            stage.encoding.assume_invariants(self.proofs.invariants);
            self.stages.insert(key.clone(), stage);
        }
        self.stages.get_mut(&key)
    }
}

fn at_most_requests(most: usize) -> String {
    format!("sequences of at most {most} requests")
}

enum Proof {
    Never(Vec<Label>),
    Within(Vec<String>),
    Found(Trace, Look),
    Unclear(Vec<RuleRef>),
    /// One request can't tell: sequences must.
    Open,
    Unknown(String),
}

enum Attempt {
    Found(Trace, Look),
    /// None of this plan; what narrows that.
    Never(Vec<String>),
    Unknown(String),
}

/// Where the servers differ while the rules beside the fault hold.
fn differing(stage: &mut Stage<'_>, goal: &Goal, focus: &[ExprId]) -> Asked {
    match stage.solve(goal.differs, goal, false, focus) {
        Reply::Trace(trace) => Asked::Trace(trace, Look::First),
        Reply::Unknown(reason) => Asked::Unknown(reason),
        Reply::Unsat(labels) => {
            let undefined = stage.encoding.may_be_undefined(&labels);
            if undefined.is_empty() {
                return Asked::Unsat(labels);
            }
            match stage.solve(goal.differs, goal, true, focus) {
                Reply::Unsat(labels) => Asked::Unsat(labels),
                Reply::Unknown(reason) => Asked::Unknown(reason),
                Reply::Trace(_) => match stage.solve(goal.refuses, goal, true, focus) {
                    Reply::Trace(trace) => Asked::Trace(trace, Look::Second),
                    Reply::Unknown(reason) => Asked::Unknown(reason),
                    Reply::Unsat(others) => Asked::Unclear(undefined, [labels, others].concat()),
                },
            }
        }
    }
}

enum Asked {
    Trace(Trace, Look),
    Unsat(Vec<Label>),
    /// The rules of which one is undefined wherever it shows, and what that
    /// rests on.
    Unclear(Vec<RuleRef>, Vec<Label>),
    Unknown(String),
}

/// Whether the answers of an operation show what is remembered.
pub fn is_view(model: &Model, operation: OperationRef) -> bool {
    model.views_at(operation).next().is_some()
}

/// The operations whose answer can show a fault.
fn targets(model: &Model, patch: &Patch) -> BTreeSet<OperationRef> {
    let places = patch.0.keys().filter_map(|place| place.rule());
    let patched: BTreeSet<RuleRef> = places.collect();
    let reached = model.reached_by(patch.0.keys().copied());
    let judging = model.rule_refs().filter(|(rule, found)| {
        let same = found.across.as_ref().map(|across| across.same);
        let mut read = [Some(found.expr), same].into_iter().flatten();
        patched.contains(rule)
            || read.any(|expr| !model.attributes_read(expr).is_disjoint(&reached))
    });
    let judging = judging.map(|(_, rule)| rule.operation);
    judging.chain(model.views_of(patch).into_keys()).collect()
}

/// The rules whose verdict can show a fault: the patched ones, and those that
/// read what a patched state change gets into.
pub fn judges(model: &Model, patch: &Patch) -> BTreeSet<RuleRef> {
    let mut judges: BTreeSet<RuleRef> = patch.0.keys().filter_map(|place| place.rule()).collect();
    let reached = model.reached_by(patch.0.keys().copied());
    let resources: BTreeSet<ResourceRef> = reached.iter().map(|(resource, _)| *resource).collect();
    if !resources.is_empty() {
        let touches = |rule: &RuleInstance| {
            let exprs = rule.exprs().into_iter();
            let mut read = exprs.flat_map(|expr| reads(model, expr));
            read.any(|read| match read {
                Read::Attribute(resource, _) => resources.contains(&resource),
                Read::Field(_) | Read::Earlier(_) => false,
            })
        };
        let touching = model.rule_refs().filter(|(_, rule)| touches(rule));
        judges.extend(touching.map(|(rule, _)| rule));
    }
    judges
}
