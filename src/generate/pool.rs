//! Candidates for an owner's faults, simulated before the solver is asked.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::sequences::sequences;
use super::spine::Context;
use crate::expr::ExprId;
use crate::fault::Fault;
use crate::model::{Model, OperationRef, Place, RuleRef, Trace};
use crate::search::decide::{is_view, judges};
use crate::search::plan::Plan;
use crate::witness::Candidates;

/// Candidates in a row, near one sequence, that detect nothing new before the
/// next one is looked at, and the solver is asked after the last.
const MAX_MISSES: usize = 80;

/// Cases near which more candidates are looked for, at most.
const MAX_NEAR: usize = 24;

/// The candidates near one sequence.
type Near<'c> = Box<dyn Iterator<Item = Trace> + 'c>;

/// An owner's candidates, and which faults those detect that were simulated
/// so far.
pub struct Pool<'c> {
    sources: Vec<Near<'c>>,
    /// What candidates for an operation are made by.
    makers: BTreeMap<OperationRef, Rc<Candidates<'c>>>,
    near: usize,
    misses: usize,
    hits: BTreeMap<usize, Trace>,
}

impl<'c> Pool<'c> {
    /// The candidates for these faults; simulated when they are asked for.
    pub fn new(context: &Context<'c>, faults: &[Fault]) -> Self {
        let sources = sources(context, faults);
        let makers = sources.iter();
        let makers = makers.map(|source| (source.operation, source.near.clone()));
        let makers = makers.collect();
        let mut sources: Vec<Near<'c>> = sources.into_iter().flat_map(Source::near).collect();
        sources.reverse();
        Self {
            sources,
            makers,
            near: 0,
            misses: 0,
            hits: BTreeMap::new(),
        }
    }

    /// More candidates, near a case that was found: it breaks a rule, say, and
    /// with one more change shows another fault.
    pub fn look_near(&mut self, found: &Trace) {
        let operation = found.steps.last().map(|step| step.operation);
        let maker = operation.and_then(|operation| self.makers.get(&operation));
        if let Some(maker) = maker.filter(|_| self.near < MAX_NEAR) {
            self.near += 1;
            let near = maker.clone().near(found.clone());
            self.sources.insert(0, Box::new(near));
        }
    }

    /// The first candidate that detects a fault; `simulate` says which faults
    /// a trace detects that are still of interest.
    pub fn find(
        &mut self,
        fault: usize,
        mut simulate: impl FnMut(&Trace) -> Vec<usize>,
    ) -> Option<Trace> {
        while !self.hits.contains_key(&fault) {
            let near = self.sources.last_mut()?;
            let next = (self.misses < MAX_MISSES).then(|| near.next()).flatten();
            let Some(candidate) = next else {
                self.sources.pop();
                self.misses = 0;
                continue;
            };
            self.misses += 1;
            for detected in simulate(&candidate) {
                if let Entry::Vacant(first) = self.hits.entry(detected) {
                    first.insert(candidate.clone());
                    self.misses = 0;
                }
            }
        }
        self.hits.remove(&fault)
    }
}

/// What the candidates for one operation are made from.
struct Source<'c> {
    operation: OperationRef,
    bases: Vec<Trace>,
    near: Rc<Candidates<'c>>,
}

impl<'c> Source<'c> {
    fn near(self) -> impl Iterator<Item = Near<'c>> {
        let Self { bases, near, .. } = self;
        let near = bases.into_iter().map(move |base| near.clone().near(base));
        near.map(|near| Box::new(near) as Near<'c>)
    }
}

fn sources<'c>(context: &Context<'c>, faults: &[Fault]) -> Vec<Source<'c>> {
    let model = context.model;
    let mut rules: BTreeMap<OperationRef, BTreeSet<RuleRef>> = BTreeMap::new();
    let mut roots: BTreeMap<OperationRef, BTreeSet<ExprId>> = BTreeMap::new();
    for fault in faults {
        for rule in judges(model, &fault.patch) {
            let operation = model.rule(rule).operation;
            rules.entry(operation).or_default().insert(rule);
            let roots = roots.entry(operation).or_default();
            for expr in model.rule(rule).exprs() {
                roots.insert(expr);
                roots.extend(changed_for(model, operation, expr));
            }
            let own = fault.patch.0.iter();
            let own = own.filter(|(place, _)| place.rule() == Some(rule));
            roots.extend(
                own.filter(|(place, _)| is_read(**place))
                    .map(|(_, root)| *root),
            );
        }
        for (operation, shown) in model.views_of(&fault.patch) {
            rules.entry(operation).or_default();
            roots.entry(operation).or_default().extend(shown);
        }
    }
    let sources = rules.into_iter().map(|(operation, rules)| {
        let roots = roots.remove(&operation).unwrap_or_default();
        let near = Candidates::new(
            &context.ties,
            rules.into_iter().collect(),
            roots.into_iter().collect(),
        );
        Source {
            operation,
            bases: bases(context, operation),
            near: Rc::new(near),
        }
    });
    sources.collect()
}

/// Whether candidates change what an expression at that place reads.
fn is_read(place: Place) -> bool {
    matches!(place, Place::Rule(_) | Place::Ensure(..))
}

/// What an accepted request makes of the state that an expression reads behind
/// it.
fn changed_for(model: &Model, operation: OperationRef, expr: ExprId) -> Vec<ExprId> {
    let read = model.read_after(expr);
    let found = model.operation(operation);
    let changes = found.changes.iter();
    let changes = changes.filter(|change| read.contains(&change.resource));
    let made = found.creates.filter(|made| read.contains(made)).into_iter();
    let first = made.flat_map(|made| &model.resource(made).attributes);
    let first = first.map(|attribute| attribute.init);
    changes.map(|change| change.expr).chain(first).collect()
}

/// Accepted sequences that end with `operation`: its baselines, then the
/// shortest plans with the baselines of their operations.
fn bases(context: &Context<'_>, operation: OperationRef) -> Vec<Trace> {
    let own = context.baselines_of(operation).into_iter();
    let own = own.map(|baseline| baseline.trace.clone()).collect();
    // A view is one request behind those that matter.
    let is_view = usize::from(is_view(context.model, operation));
    let longest = context.options.reach.steps + is_view;
    sequences(context.model, operation, own, longest, |plan| {
        requests(context, plan)
    })
}

/// The last request of the first baseline of each step's operation.
fn requests(context: &Context<'_>, plan: &Plan) -> Vec<crate::value::Value> {
    let documented = plan.baselines(context.model).into_iter();
    let steps = plan.steps.iter().zip(documented);
    let requests = steps.map(|(step, documented)| {
        let known = context.baselines_of(step.operation);
        let known = known.first().and_then(|known| known.trace.steps.last());
        known.map_or(documented, |known| known.request.clone())
    });
    requests.collect()
}
