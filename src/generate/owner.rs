//! One owner's faults: their cases and fates.

use std::collections::{BTreeMap, BTreeSet};

use super::baselines::{BaselineTrace, verdict_behind};
use super::compact::{compact, in_order, only, row};
use super::cover;
use super::evidence::{detected, is_named, refuses, shown_last};
use super::fill::Filled;
use super::masking;
use super::merge::merged;
use super::pool::Pool;
use super::result::Fate;
use super::spine::Context;
use super::twins;
use super::valid::refusal;
use super::wanted::Scope;
use super::worth::weight;
use crate::expr::ExprId;
use crate::fault::{Fault, FaultClass, Owner};
use crate::model::{Model, Patch, RuleRef, Trace};
use crate::search::decide::{Decision, Searcher};
use crate::search::lower::Label;
use crate::search::reach::Masked;
use crate::simulate::{Known, Look, Options, Verdict, compare, run};
use crate::witness::Verified;

/// A case on its way, before it has an id.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The proven requests.
    pub witness: Verified,
    /// Faults of the owner that it detects, by position among the owner's.
    pub detects: BTreeSet<usize>,
    /// Those of them that only a status shows.
    pub by_status: BTreeSet<usize>,
    /// What it is a change of.
    pub baseline: BaselineTrace,
    /// Its twin: a draft's position, or a baseline.
    pub twin: Option<DraftTwin>,
    /// The fault that it is there for, one of `detects`: the first, in canonical
    /// order, that no earlier draft of the owner detects.
    pub primary: Option<usize>,
    /// What it detects of other owners, where that counts.
    pub elsewhere: Elsewhere,
    /// The requests with other values in fields that no rule reads.
    pub filled: Option<Filled>,
}

impl Draft {
    /// The requests that are sent.
    pub fn trace(&self) -> &Trace {
        let filled = self.filled.as_ref();
        filled.map_or(self.witness.trace(), |filled| &filled.trace)
    }
}

/// A fault by the position of its owner, and its own among the owner's.
pub type At = (usize, usize);

/// What a case detects of other owners than its own.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere {
    /// The faults.
    pub detects: BTreeSet<At>,
    /// The one that it is there for, where it is there for none of its own
    /// owner.
    pub primary: Option<At>,
}

/// The twin of a draft.
#[derive(Clone, Debug)]
pub enum DraftTwin {
    /// Another draft.
    Draft(usize),
    /// A baseline.
    Baseline(BaselineTrace),
}

/// What came of an owner's faults.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// The cases.
    pub drafts: Vec<Draft>,
    /// The fates of the faults that no case detects, by position.
    pub fates: BTreeMap<usize, Fate>,
    /// Faults that masking added, behind the owner's own.
    pub added: Vec<Fault>,
    /// What went wrong inside.
    pub internal: Vec<String>,
}

/// Decides all faults of an owner. `previous` are traces of earlier cases.
pub fn decide_owner(context: &Context<'_>, faults: &[Fault], previous: &[Trace]) -> Outcome {
    let refusal = |trace: &Trace| refusal(context.built, trace);
    let patches: Vec<&Patch> = faults.iter().map(|fault| &fault.patch).collect();
    let searcher = Searcher::new(context.model, context.options.reach, &patches, &refusal)
        .with_proofs(context.proofs());
    let mut work = Work {
        context,
        faults: faults.to_vec(),
        pool: Pool::new(context, faults),
        searcher,
        outcome: Outcome::default(),
    };
    for trace in previous {
        work.take_previous(trace);
    }
    let mut index = 0;
    while let Some(fault) = work.faults.get(index).cloned() {
        if !work.is_settled(index) {
            work.decide(index, &fault);
        }
        index += 1;
    }
    work.finish()
}

struct Work<'c, 'm> {
    context: &'c Context<'m>,
    faults: Vec<Fault>,
    /// Found by simulation; what is left is searched.
    pool: Pool<'m>,
    searcher: Searcher<'c>,
    outcome: Outcome,
}

impl Work<'_, '_> {
    fn is_settled(&self, fault: usize) -> bool {
        self.outcome.fates.contains_key(&fault)
            || self
                .outcome
                .drafts
                .iter()
                .any(|draft| draft.detects.contains(&fault))
    }

    /// Whether each fault has a case of its own, that tells of no other.
    fn is_isolated(&self) -> bool {
        self.context.options.wanted.is_isolated
    }

    /// A case of an earlier run counts where it still detects something.
    fn take_previous(&mut self, trace: &Trace) {
        if !self.context.is_valid(trace) {
            return;
        }
        let Some(verdict) = verdict_behind(self.context.model, trace, 1) else {
            return;
        };
        if matches!(verdict, Verdict::Accept | Verdict::Reject(_)) {
            let found = self.detected(trace);
            if found.keys().any(|fault| !self.is_settled(*fault)) {
                let baseline = self.baseline(trace, None);
                self.keep(trace.clone(), Look::First, None, baseline);
            }
        }
    }

    fn decide(&mut self, index: usize, fault: &Fault) {
        if let Some(trace) = self.candidate(index) {
            self.found(trace, Look::First, index, fault);
            return;
        }
        match self.searcher.decide(&fault.patch) {
            Decision::Found(trace, look) => self.found(trace, look, index, fault),
            Decision::Untestable(core) => self.untestable(index, fault, core),
            Decision::Bounded(words) => self.settle(index, Fate::Bounded(words)),
            Decision::Unclear(rules) => self.settle(index, Fate::Unclear(rules)),
            Decision::NeedsClock => self.settle(index, Fate::NeedsClock),
            Decision::Unknown(reason) => self.settle(index, Fate::Unknown(reason)),
        }
    }

    /// A candidate that detects the fault, found by simulation.
    fn candidate(&mut self, index: usize) -> Option<Trace> {
        let open: Vec<usize> = (0..self.faults.len())
            .filter(|fault| !self.is_settled(*fault))
            .collect();
        let patches = patches(&self.faults, &open);
        let context = self.context;
        self.pool.find(index, |trace| {
            let found = detected(context.model, &patches, trace).into_iter();
            let by_verdict = found.filter(|(_, by_status)| !by_status);
            let found: Vec<usize> = by_verdict
                .filter_map(|(column, _)| open.get(column).copied())
                .collect();
            if found.is_empty() || context.is_valid(trace) {
                found
            } else {
                Vec::new()
            }
        })
    }

    fn found(&mut self, trace: Trace, look: Look, index: usize, fault: &Fault) {
        let baseline = self.baseline(&trace, Some(index));
        let trace = self.minimal(trace, fault, look, baseline.as_ref());
        self.keep(trace, look, Some(index), baseline);
    }

    fn settle(&mut self, index: usize, fate: Fate) {
        self.outcome.fates.insert(index, fate);
    }

    /// A dropped rule that nothing shows may be masked by others: dropping
    /// all of them together is a fault of its own.
    fn untestable(&mut self, index: usize, fault: &Fault, core: Vec<Label>) {
        let mut masked_by = Vec::new();
        if fault.class == FaultClass::Dropped
            && let Owner::Rule(rule) = fault.owner
            && masking::is_whole_rule(self.context.model, fault, rule)
            && let Masked::By(rules) = self.searcher.masks(rule)
        {
            let added = masking::together(self.context.model, fault, &rules, self.context.truth);
            self.outcome.added.push(added.clone());
            self.faults.push(added);
            masked_by = rules;
        }
        self.settle(index, Fate::Untestable { core, masked_by });
    }

    /// Fewest changes, plainest values, the same verdict.
    fn minimal(
        &self,
        trace: Trace,
        fault: &Fault,
        look: Look,
        baseline: Option<&BaselineTrace>,
    ) -> Trace {
        let model = self.context.model;
        let options = look.at(&fault.patch);
        let right = |trace: &Trace| run(model, &Patch::default(), trace, options);
        let wanted = right(&trace).verdicts;
        let keeps = |candidate: &Trace| {
            let right = right(candidate);
            right.verdicts == wanted && {
                let patched = run(model, &fault.patch, candidate, options);
                shown_last(compare(model, candidate, &right, &patched), candidate)
            }
        };
        let roots = roots(model, &trace, &fault.patch);
        self.context.minimal(trace, &roots, baseline, &keeps)
    }

    /// The faults of the owner that a trace detects, and whether by status
    /// only.
    fn detected(&self, trace: &Trace) -> BTreeMap<usize, bool> {
        let all: Vec<usize> = (0..self.faults.len()).collect();
        detected(self.context.model, &patches(&self.faults, &all), trace)
    }

    /// Proves a trace, makes a draft of it and looks near it.
    fn keep(
        &mut self,
        trace: Trace,
        look: Look,
        primary: Option<usize>,
        baseline: Option<BaselineTrace>,
    ) {
        if let Some(draft) = self.draft(&trace, look, primary, baseline) {
            self.pool.look_near(&trace);
            self.outcome.drafts.push(draft);
        }
    }

    /// The draft of a trace that is proven; without one, the primary fault has
    /// its fate.
    fn draft(
        &mut self,
        trace: &Trace,
        look: Look,
        primary: Option<usize>,
        baseline: Option<BaselineTrace>,
    ) -> Option<Draft> {
        let patch = primary
            .and_then(|index| self.faults.get(index))
            .map(|fault| fault.patch.clone());
        let patch = patch.unwrap_or_default();
        let witness = match Verified::prove(self.context.built, trace, look.at(&patch)) {
            Ok(witness) => witness,
            Err(disagreement) => {
                let text = format!("{disagreement}\n{}", self.context.reproduce(trace));
                self.outcome.internal.push(text);
                if let Some(index) = primary {
                    let fate = Fate::Unknown("the proof of its case failed".to_owned());
                    self.settle(index, fate);
                }
                return None;
            }
        };
        let mut found = match look {
            Look::First => self.detected(trace),
            Look::Second => BTreeMap::new(),
        };
        if let Some(index) = primary {
            found.entry(index).or_insert(false);
        }
        if self.is_isolated() {
            found.retain(|fault, _| Some(*fault) == primary);
        }
        let Some(baseline) = baseline else {
            if let Some(index) = primary {
                self.settle(
                    index,
                    Fate::Unknown("its operation has no baseline".to_owned()),
                );
            }
            return None;
        };
        if witness.is_accepted() && !self.is_named() {
            // Where the faulty server refuses the baseline too, the case is
            // blocked, which shows the fault only if nothing else can.
            found.retain(|fault, _| Some(*fault) == primary || !self.refuses(&baseline, *fault));
        }
        Some(Draft {
            witness,
            by_status: found
                .iter()
                .filter(|(_, only)| **only)
                .map(|(f, _)| *f)
                .collect(),
            detects: found.into_keys().collect(),
            baseline,
            twin: None,
            primary: None,
            elsewhere: Elsewhere::default(),
            filled: None,
        })
    }

    fn is_named(&self) -> bool {
        is_named(self.context.model, &self.faults)
    }

    fn refuses(&self, baseline: &BaselineTrace, fault: usize) -> bool {
        let fault = self.faults.get(fault);
        fault.is_some_and(|fault| refuses(self.context.model, baseline, fault))
    }

    /// The baseline of a case: for an accepting one, the first that the
    /// server of the fault accepts as well, so that it isn't blocked. Where
    /// there is none, a refusal that names its rule is the evidence.
    fn baseline(&self, trace: &Trace, primary: Option<usize>) -> Option<BaselineTrace> {
        let operation = trace.steps.last()?.operation;
        let known = self.context.baselines_of(operation);
        let first = known.first().copied().cloned();
        let accepted = verdict_behind(self.context.model, trace, 1) == Some(Verdict::Accept);
        let Some(fault) = primary.filter(|_| accepted && !self.is_named()) else {
            return first;
        };
        let accepted = known.iter().find(|baseline| !self.refuses(baseline, fault));
        if let Some(accepted) = accepted {
            return Some((*accepted).clone());
        }
        first
    }

    /// Makes one case of two where it shows all that they do.
    fn merge(&mut self) {
        let mut first = 0;
        while first < self.outcome.drafts.len() {
            let mut second = first + 1;
            while second < self.outcome.drafts.len() {
                let both = self.merged(first, second);
                match both.or_else(|| self.merged(second, first)) {
                    Some(both) => {
                        self.outcome.drafts.remove(second);
                        if let Some(slot) = self.outcome.drafts.get_mut(first) {
                            *slot = both;
                        }
                    }
                    None => second += 1,
                }
            }
            first += 1;
        }
    }

    /// The first with what the second changes besides.
    fn merged(&mut self, first: usize, second: usize) -> Option<Draft> {
        let drafts = &self.outcome.drafts;
        let (a, b) = (drafts.get(first)?.clone(), drafts.get(second)?);
        if a.baseline.id != b.baseline.id || a.witness.breaks() != b.witness.breaks() {
            return None;
        }
        let both = merged(&self.plain(&a)?, a.witness.trace(), b.witness.trace())?;
        // What other cases show needn't be shown here.
        let others = drafts.iter().enumerate();
        let others = others.filter(|(other, _)| *other != first && *other != second);
        let covered: BTreeSet<usize> = others
            .flat_map(|(_, draft)| draft.detects.iter().copied())
            .collect();
        let shown = a.detects.union(&b.detects).copied();
        let shown: BTreeSet<usize> = shown.filter(|fault| !covered.contains(fault)).collect();
        let by_status: BTreeSet<usize> = a.by_status.union(&b.by_status).copied().collect();
        let all: Vec<usize> = shown.iter().copied().collect();
        let found = detected(self.context.model, &patches(&self.faults, &all), &both);
        let by_verdict = |index: usize| found.get(&index) == Some(&false);
        let is_as_good = all.iter().enumerate().all(|(column, fault)| {
            by_verdict(column) || (by_status.contains(fault) && found.contains_key(&column))
        });
        if !is_as_good || !self.context.is_valid(&both) {
            return None;
        }
        let made = self.draft(&both, Look::First, None, Some(a.baseline.clone()))?;
        let is_same = made.witness.breaks() == a.witness.breaks()
            && made.witness.repeats() == a.witness.repeats();
        (is_same && shown.is_subset(&made.detects)).then_some(made)
    }

    /// The requests of which a draft's are changes.
    fn plain(&self, draft: &Draft) -> Option<Vec<crate::value::Value>> {
        let (last, earlier) = draft.witness.trace().steps.split_last()?;
        let earlier = earlier.iter().map(|step| {
            let known = self.context.baselines_of(step.operation);
            known.first().copied()
        });
        let own = draft.baseline.operation == last.operation;
        let last = own.then_some(&draft.baseline);
        let all = earlier.chain([last]);
        let requests = all.map(|baseline| Some(baseline?.trace.steps.last()?.request.clone()));
        requests.collect()
    }

    /// Compaction, twins, and compaction again.
    fn finish(mut self) -> Outcome {
        let drafts = std::mem::take(&mut self.outcome.drafts);
        self.outcome.drafts = compact(drafts);
        if !self.is_isolated() {
            self.merge();
        }
        let drafts = std::mem::take(&mut self.outcome.drafts);
        let mut drafts = twins::add(self.context, drafts, |trace, baseline| {
            let mut found = self.detected(trace);
            if self.is_isolated() {
                found.clear();
            } else if !self.is_named() {
                found.retain(|fault, _| !self.refuses(baseline, *fault));
            }
            found
        });
        self.outcome.internal.append(&mut drafts.internal);
        self.outcome.drafts = in_order(compact(drafts.list));
        self.name_primaries();
        let detected: BTreeSet<usize> = self
            .outcome
            .drafts
            .iter()
            .flat_map(|draft| draft.detects.iter().copied())
            .collect();
        for fault in &detected {
            let fate = self.outcome.fates.remove(fault);
            if matches!(fate, Some(Fate::Untestable { .. }))
                && let Some(fault) = self.faults.get(*fault)
            {
                let text = contradiction(fault);
                self.outcome.internal.push(text);
            }
        }
        let wanted = self.context.options.wanted;
        if let Some(most) = wanted.most_cases.filter(|_| wanted.scope == Scope::Owner) {
            self.leave_out(most, &detected);
        }
        self.outcome
    }

    /// Says what each draft is there for, before any is left out.
    fn name_primaries(&mut self) {
        let mut seen: BTreeSet<usize> = BTreeSet::new();
        for draft in &mut self.outcome.drafts {
            let mut new = draft.detects.iter().filter(|fault| !seen.contains(fault));
            draft.primary = new.next().copied();
            seen.extend(&draft.detects);
        }
    }

    /// Keeps so many cases, the most valuable.
    fn leave_out(&mut self, most: usize, detected: &BTreeSet<usize>) {
        let faults = self.faults.iter();
        let weights: Vec<u32> = faults.map(|own| weight(self.context.model, own)).collect();
        let drafts = std::mem::take(&mut self.outcome.drafts);
        let rows: Vec<cover::Row> = drafts.iter().map(row).collect();
        let chosen = cover::most_valuable(&rows, &weights, most);
        self.outcome.drafts = only(drafts, &chosen);
        let kept = self.outcome.drafts.iter();
        let kept: BTreeSet<usize> = kept.flat_map(|own| own.detects.iter().copied()).collect();
        for fault in detected.difference(&kept) {
            self.settle(*fault, Fate::LeftOut);
        }
    }
}

/// A proof was wrong.
pub fn contradiction(fault: &Fault) -> String {
    format!(
        "`{}` was called untestable, but a case detects it",
        fault.id
    )
}

/// The expressions, read at the last request, that make a fault show. A view
/// reads what is remembered, and has no fields of its own that matter.
fn roots(model: &Model, trace: &Trace, patch: &Patch) -> Vec<ExprId> {
    let last = trace.steps.last().map(|step| step.operation);
    let shown = last.and_then(|last| model.views_of(patch).remove(&last));
    let is_view = shown.is_some();
    let places = patch.0.iter();
    let places = places.filter(|(place, _)| !is_view || place.rule().is_some());
    let both = places.flat_map(|(place, root)| [*root, model.expression(*place).0]);
    both.chain(shown.into_iter().flatten()).collect()
}

fn patches(faults: &[Fault], among: &[usize]) -> Vec<Patch> {
    let faults = among.iter().filter_map(|fault| faults.get(*fault));
    faults.map(|fault| fault.patch.clone()).collect()
}

/// The rule about answers by which the last answer of a trace shows a fault.
fn shown_by(model: &Model, fault: &Fault, trace: &Trace) -> Option<RuleRef> {
    let right = run(model, &Patch::default(), trace, Options::default());
    let patched = run(model, &fault.patch, trace, Options::default());
    let (right, patched) = (right.ensured.last()?, patched.ensured.last()?);
    let known = Known::new(model, trace);
    let mut parts = right.0.keys();
    let found = parts.find(|part| right.differs_in((model, &known), patched, **part));
    found.map(|(rule, _)| *rule)
}

/// The rule that an owner's cases belong to.
pub fn rule_of(context: &Context<'_>, fault: &Fault, trace: &Trace) -> RuleRef {
    if let Owner::Rule(rule) = fault.owner {
        return rule;
    }
    let verdict = verdict_behind(context.model, trace, 1);
    if let Some(Verdict::Reject(broken)) = verdict
        && let Some(first) = broken.first()
    {
        return *first;
    }
    // An accepted request: the rule that the faulty server breaks it by.
    let run = run(context.model, &fault.patch, trace, Options::default());
    if let Some(Verdict::Reject(broken)) = run.verdicts.last()
        && let Some(first) = broken.first()
    {
        return *first;
    }
    if let Some(shown) = shown_by(context.model, fault, trace) {
        return shown;
    }
    let in_patch = fault.patch.0.keys().find_map(|place| place.rule());
    let operation = trace.steps.last().map(|step| step.operation);
    let of_operation = operation.and_then(|o| context.model.operation(o).rules.first().copied());
    in_patch.or(of_operation).unwrap_or(RuleRef(0))
}
