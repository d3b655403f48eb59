//! The way of the data: each stage is one call.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::attack::attack;
use super::baselines::{BaselineTrace, ExampleFinding, baselines};
use super::field;
use super::fill::fill;
use super::global;
use super::identity::assemble;
use super::owner::{Outcome, decide_owner};
use super::previous::previous;
use super::result::{Fate, Generated};
use super::valid::is_valid;
use super::wanted::{Scope, Wanted, share};
use crate::case::{CaseFile, Shard};
use crate::expr::ExprId;
use crate::fault::{Fault, FaultList, Owner, faults};
use crate::model::{Built, Model, OperationRef, Patch, RuleRef, Trace};
use crate::parallel;
use crate::search::decide::{Proofs, Reach};
use crate::search::invariant::{self, Candidates, Invariant};
use crate::search::smt::with_context;
use crate::settings::{Settings, Switch};
use crate::value::Value;
use crate::witness::{Aim, Minimiser, Ties, paths_read};

/// How to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// How far the search goes.
    pub reach: Reach,
    /// Threads; the result is the same for any number.
    pub threads: usize,
    /// The cases of an earlier run, which are kept while they are of use.
    pub previous: Option<CaseFile>,
    /// Requests that are looked at to make one case minimal.
    pub budget: usize,
    /// Random states that every claim of untestable must survive.
    pub attack_states: usize,
    /// Only the faults of this owner, by its id: what comes of an owner never
    /// depends on the others.
    pub only: Option<String>,
    /// The kind of suite.
    pub wanted: Wanted,
    /// Whether single places of requests are looked at as well: the field layer.
    pub fields: bool,
    /// Which faults are switched off.
    pub settings: Settings,
    /// Faults that needn't be looked for, by id: something detects them already.
    pub settled: BTreeSet<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            reach: Reach::default(),
            threads: 1,
            previous: None,
            budget: 60,
            attack_states: 300,
            only: None,
            wanted: Wanted::default(),
            fields: false,
            settings: Settings::default(),
            settled: BTreeSet::new(),
        }
    }
}

/// What every stage reads.
pub struct Context<'m> {
    pub built: &'m Built,
    pub model: &'m Model,
    pub options: &'m Options,
    pub baselines: &'m [BaselineTrace],
    /// The expression `true`.
    pub truth: ExprId,
    /// The comparisons in the model's rules.
    pub ties: Ties<'m>,
    /// What is proven of the state.
    pub invariants: Vec<Invariant>,
    /// What may hold of the state of a faulty server.
    pub candidates: &'m Candidates,
}

impl<'m> Context<'m> {
    /// What searches may rest on.
    pub fn proofs(&self) -> Proofs<'_> {
        Proofs {
            invariants: &self.invariants,
            candidates: Some(self.candidates),
        }
    }

    /// Whether all requests satisfy their schemas, by the independent
    /// validator.
    pub fn is_valid(&self, trace: &Trace) -> bool {
        is_valid(self.built, trace)
    }

    /// The baselines of an operation.
    pub fn baselines_of(&self, operation: OperationRef) -> Vec<&'m BaselineTrace> {
        let own = self.baselines.iter();
        own.filter(|baseline| baseline.operation == operation)
            .collect()
    }

    /// The minimal form of `trace` for which `keeps` still holds, as a change
    /// of `baseline`; `roots` are the expressions that matter.
    pub fn minimal(
        &self,
        trace: Trace,
        roots: &[ExprId],
        baseline: Option<&BaselineTrace>,
        keeps: &dyn Fn(&Trace) -> bool,
    ) -> Trace {
        let valid = |trace: &Trace| self.is_valid(trace);
        let minimiser = Minimiser {
            model: self.model,
            is_valid: &valid,
            budget: self.options.budget,
            ties: self.ties.clone(),
        };
        let baselines = self.bases(&trace, baseline);
        let reads = paths_read(self.model, &trace, roots);
        let aim = Aim {
            baselines: &baselines,
            reads: &reads,
            keeps,
        };
        minimiser.minimal(trace, aim).trace
    }

    /// For each step, the request of the baseline's last step to the same
    /// operation, else the operation's own baseline.
    pub fn bases(&self, trace: &Trace, baseline: Option<&BaselineTrace>) -> Vec<Value> {
        let steps = trace.steps.iter().map(|step| {
            let known = baseline
                .into_iter()
                .flat_map(|baseline| baseline.trace.steps.iter().rev());
            let mut known = known.filter(|known| known.operation == step.operation);
            let own = || self.model.operation(step.operation).baselines.first();
            let own = || own().map_or(Value::Null, |baseline| baseline.request.clone());
            known.next().map_or_else(own, |known| known.request.clone())
        });
        steps.collect()
    }

    /// What another needs to see the same.
    pub fn reproduce(&self, trace: &Trace) -> String {
        let steps = trace.steps.iter().map(|step| {
            let operation = &self.model.operation(step.operation).id;
            format!("{operation} {}\n", step.request)
        });
        steps.collect()
    }
}

/// Generates the cases of a model. `progress` is told how many of how many
/// owners are done.
pub fn generate(
    built: &mut Built,
    options: &Options,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Generated {
    let mut list = faults(&mut built.model);
    if let Some(only) = &options.only {
        let model = &built.model;
        list.faults.retain(|fault| fault.owner.id(model) == *only);
    }
    let off = switched_off(&built.model, &options.settings, &mut list);
    let settled = &options.settled;
    list.faults.retain(|fault| !settled.contains(&fault.id));
    if let Some(shard) = options.wanted.shard {
        retain(shard, &built.model, &mut list);
    }
    let truth = built.model.arena.boolean(true);
    let candidates = invariant::candidates(&mut built.model);
    let built: &Built = built;
    let limits = options.reach.limits;
    let ((found, examples, unreachable), invariants) = both(
        options.threads,
        || all_baselines(built, options),
        || {
            invariant::proven(
                &built.model,
                limits,
                &Patch::default(),
                candidates.invariants.clone(),
            )
        },
    );
    let context = Context {
        built,
        model: &built.model,
        options,
        baselines: &found,
        truth,
        ties: Ties::new(&built.model),
        invariants,
        candidates: &candidates,
    };
    let owners = by_owner(&list);
    let ids: Vec<String> = owners
        .iter()
        .filter_map(|faults| Some(faults.first()?.owner.id(context.model)))
        .collect();
    let earlier = options.previous.as_ref();
    let earlier = earlier.filter(|_| options.wanted.begins_with_previous());
    let earlier = earlier.map(|file| previous(context.model, &found, file, &ids));
    let mut outcomes = decide_all(&context, &owners, &earlier.unwrap_or_default(), progress);
    if options.wanted.scope == Scope::File {
        global::compact(&context, &owners, &mut outcomes);
    }
    let is_filled = options.wanted.is_filled;
    let pairs = is_filled.then(|| fill(&context, &owners, &mut outcomes));
    let mut generated = assemble(&context, list.clone(), &owners, outcomes);
    generated.examples = examples;
    generated.unreachable = unreachable;
    generated.off = off;
    generated.pairs = pairs;
    // One part of the work has it all.
    let is_first = options.wanted.shard.is_none_or(|shard| shard.number == 1);
    if options.fields && is_first {
        generated.fields = field::layer(&context);
    }
    for (fault, text) in attack(&context, &generated) {
        if let Some(fate) = generated.fates.get_mut(fault) {
            *fate = Fate::Unknown("a proof that nothing detects it was wrong".to_owned());
        }
        generated.internal.push(text);
    }
    generated
}

/// Takes the faults out that the settings switch off.
fn switched_off(model: &Model, settings: &Settings, list: &mut FaultList) -> Vec<(Fault, Switch)> {
    let mut off = Vec::new();
    list.faults.retain(|fault| {
        let switch = settings.switch(model, fault);
        off.extend(switch.map(|switch| (fault.clone(), switch.clone())));
        switch.is_none()
    });
    off
}

fn all_baselines(
    built: &Built,
    options: &Options,
) -> (Vec<BaselineTrace>, Vec<ExampleFinding>, Vec<RuleRef>) {
    let model = &built.model;
    let with_rules = model
        .operation_refs()
        .filter(|(_, found)| !found.rules.is_empty());
    let operations: Vec<OperationRef> = with_rules.map(|(operation, _)| operation).collect();
    let found = parallel::map(&operations, options.threads, &|_| {}, |operation| {
        baselines(built, *operation, options.reach)
    });
    let mut all = Vec::new();
    let mut examples = Vec::new();
    let mut unreachable = Vec::new();
    for (operation, (traces, findings, _)) in operations.iter().zip(found) {
        if traces.is_empty() {
            unreachable.extend(&model.operation(*operation).rules);
        }
        all.extend(traces);
        examples.extend(findings);
    }
    (all, examples, unreachable)
}

/// Leaves what is the work of a shard.
fn retain(shard: Shard, model: &Model, list: &mut FaultList) {
    let owners = by_owner(list);
    let weights: Vec<usize> = owners.iter().map(Vec::len).collect();
    let own = share(shard, &weights);
    let own = own.into_iter().filter_map(|index| owners.get(index));
    list.faults = own.flatten().cloned().collect();
    let ids: BTreeSet<String> = list.faults.iter().map(|own| own.owner.id(model)).collect();
    list.omitted_paths
        .retain(|omitted| ids.contains(&model.rule(omitted.rule).id));
}

fn by_owner(list: &FaultList) -> Vec<Vec<Fault>> {
    let mut owners: Vec<Vec<Fault>> = Vec::new();
    for fault in &list.faults {
        match owners.last_mut() {
            Some(last) if last.first().is_some_and(|first| first.owner == fault.owner) => {
                last.push(fault.clone());
            }
            _ => owners.push(vec![fault.clone()]),
        }
    }
    owners
}

fn decide_all(
    context: &Context<'_>,
    owners: &[Vec<Fault>],
    earlier: &BTreeMap<String, Vec<Trace>>,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Vec<Outcome> {
    let slow_first = slow_first(owners);
    let progress = |done| progress(done, owners.len());
    let outcomes = parallel::map(&slow_first, context.options.threads, &progress, |index| {
        let faults = owners.get(*index).map_or(&[][..], Vec::as_slice);
        let owner = faults.first().map(|fault| fault.owner.id(context.model));
        let previous = owner.and_then(|owner| earlier.get(&owner));
        let previous = previous.map_or(&[][..], Vec::as_slice);
        // One fresh Z3 context an owner: what is found for it never depends
        // on the others.
        with_context(|| decide_owner(context, faults, previous))
    });
    let by_owner: BTreeMap<usize, Outcome> = slow_first.into_iter().zip(outcomes).collect();
    by_owner.into_values().collect()
}

/// The owners by position, those first that take long: no thread should be
/// left alone with one of them in the end. Changes of state need sequences of
/// requests.
fn slow_first(owners: &[Vec<Fault>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..owners.len()).collect();
    order.sort_by_key(|index| {
        let faults = owners.get(*index);
        let first = faults.and_then(|faults| faults.first());
        let is_state = first.is_some_and(|first| matches!(first.owner, Owner::State(_)));
        Reverse((is_state, faults.map_or(0, Vec::len)))
    });
    order
}

/// The results of two pieces of work, at once if there are threads for both.
fn both<A, B: Send>(
    threads: usize,
    one: impl FnOnce() -> A,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if threads < 2 {
        return (one(), other());
    }
    std::thread::scope(|scope| {
        let other = scope.spawn(other);
        let one = one();
        match other.join() {
            Ok(other) => (one, other),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
