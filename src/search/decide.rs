//! The fate of a fault: a detecting trace, or a proof that there is none.

mod asked;
mod sequences;
mod single;
mod targets;

use std::collections::{BTreeMap, BTreeSet};

use self::single::Proof;
use self::targets::targets;
pub use self::targets::{is_view, judges};
use super::alike::alike;
use super::invariant::{Candidates, Invariant};
use super::lower::{Label, STEADY};
use super::plan::Plan;
use super::smt::{Limits, with_context};
use super::stage::Stage;
use crate::expr::ExprId;
use crate::model::{Model, Patch, Place, RuleRef, Trace};
use crate::simulate::Look;

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
        if let Some(core) = self.changes_nothing(patch) {
            return Decision::Untestable(core);
        }
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
        let changes_state = patch.0.keys().any(|place| place.is_of_history());
        // What is proven is about one resource of a kind.
        let leaks = |place: &Place| matches!(place, Place::Everywhere(..) | Place::Counted(_));
        if !changes_state || self.any_moment || patch.0.keys().any(leaks) {
            return None;
        }
        let (model, reach, known) = (self.model, self.reach, self.proofs.invariants);
        let candidates = self.proofs.candidates?;
        with_context(|| alike(model, reach, patch, known, candidates))
    }
}
