//! Plans: which operations a sequence calls, and which earlier step makes
//! each resource that a step is about, if it wasn't there before.

use std::collections::{BTreeMap, BTreeSet};

use crate::expr::{ExprId, Node, Root};
use crate::model::{
    Bind, Maker, Model, OperationRef, Patch, Place, ResourceRef, RuleRef, Step, Trace, schema_at,
    unknown_key,
};
use crate::simulate::{Options, Verdict, run};
use crate::value::Value;
use crate::value::location::Segment;

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanStep {
    /// What is called.
    pub operation: OperationRef,
    /// For each resource that it is about, where it comes from.
    pub binds: BTreeMap<ResourceRef, Maker>,
    /// The resources that it should be about and that don't exist.
    pub missing: BTreeSet<ResourceRef>,
    /// The resources that it needn't be about and names none of.
    pub absent: BTreeSet<ResourceRef>,
    /// What comes of it, if it isn't the last one.
    pub outcome: Outcome,
}

/// What the right server makes of a request before the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It is accepted, and no repeat.
    #[default]
    New,
    /// It is refused.
    Refused,
    /// It is a repeat of an earlier one.
    Repeat,
}

/// A sequence of operations; requests are still open.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plan {
    /// The steps in order.
    pub steps: Vec<PlanStep>,
}

impl Plan {
    /// A plan of one request, as if the resources were already there.
    pub fn single(operation: OperationRef) -> Self {
        Self {
            steps: vec![PlanStep {
                operation,
                binds: BTreeMap::new(),
                missing: BTreeSet::new(),
                absent: BTreeSet::new(),
                outcome: Outcome::New,
            }],
        }
    }

    /// A plan of one request behind these earlier ones, as if all that they are
    /// about were already there.
    pub fn behind(earlier: &[OperationRef], operation: OperationRef) -> Self {
        let all = earlier.iter().copied().chain([operation]);
        let steps = all.flat_map(|operation| Self::single(operation).steps);
        Self {
            steps: steps.collect(),
        }
    }

    /// Whether a request is about what the server remembers.
    pub fn reads_state(&self, model: &Model) -> bool {
        let mut steps = self.steps.iter();
        steps.any(|step| model.operation(step.operation).reads_state())
    }

    /// The plan that a trace follows.
    pub fn of(model: &Model, trace: &Trace) -> Self {
        let verdicts = run(model, &Patch::default(), trace, Options::default()).verdicts;
        let last = trace.steps.len().saturating_sub(1);
        let steps = trace.steps.iter().enumerate().map(|(index, step)| {
            let verdict = verdicts.get(index).filter(|_| index < last);
            let named = |bind: &Bind| model.maker_of(bind.location.read(&step.request)?);
            let mut planned = PlanStep {
                operation: step.operation,
                binds: BTreeMap::new(),
                missing: BTreeSet::new(),
                absent: BTreeSet::new(),
                outcome: match verdict {
                    Some(Verdict::Reject(_)) => Outcome::Refused,
                    Some(Verdict::Replay { .. }) => Outcome::Repeat,
                    _ => Outcome::New,
                },
            };
            for bind in &model.operation(step.operation).binds {
                match named(bind) {
                    Some(maker) => drop(planned.binds.insert(bind.resource, maker)),
                    None if is_named(bind, &step.request) => {
                        planned.missing.insert(bind.resource);
                    }
                    None => drop(planned.absent.insert(bind.resource)),
                }
            }
            planned
        });
        Self {
            steps: steps.collect(),
        }
    }

    /// The plan with these requests, each about what the plan says.
    pub fn with_requests(&self, model: &Model, requests: Vec<Value>) -> Trace {
        let steps = self.steps.iter().zip(requests);
        let steps = steps.map(|(planned, mut request)| {
            for bind in &model.operation(planned.operation).binds {
                if let Some(maker) = planned.binds.get(&bind.resource) {
                    let _ = bind.location.write(&mut request, model.key_of(*maker));
                } else if planned.missing.contains(&bind.resource) && !is_empty(bind, &request) {
                    let key = unknown_key(model, planned.operation, bind);
                    let _ = bind.location.write(&mut request, key);
                } else if planned.absent.contains(&bind.resource) && is_named(bind, &request) {
                    name_none(model, planned.operation, bind, &mut request);
                }
            }
            Step {
                operation: planned.operation,
                request,
            }
        });
        Trace {
            steps: steps.collect(),
        }
    }

    /// What the last request should be about and doesn't exist.
    pub fn missing(&self) -> impl Iterator<Item = ResourceRef> + '_ {
        let last = self.steps.last().into_iter();
        last.flat_map(|step| step.missing.iter().copied())
    }

    /// Whether a step is about what was there before although requests can make
    /// such a resource.
    pub fn uses_existing(&self, model: &Model) -> bool {
        let mut binds = self.steps.iter().flat_map(|step| &step.binds);
        binds.any(|(resource, maker)| {
            maker.step().is_none() && model.resource(*resource).created_by.is_some()
        })
    }

    /// Whether other tests would meet what the last request leaves, if it is
    /// accepted.
    pub fn leaves_traces(&self, model: &Model) -> bool {
        self.steps.last().is_some_and(|last| {
            let about = last.binds.iter();
            let about = about.map(|(resource, maker)| (*resource, *maker));
            model.leaves_traces(last.operation, about)
        })
    }

    /// The first baseline of each step's operation.
    pub fn baselines(&self, model: &Model) -> Vec<Value> {
        let requests = self.steps.iter().map(|step| {
            let baseline = model.operation(step.operation).baselines.first();
            baseline.map_or(Value::Null, |baseline| baseline.request.clone())
        });
        requests.collect()
    }
}

/// The rules about several requests to `operation` that an expression is a part
/// of; all of them where it is of none. None where it reads no earlier request.
pub fn rules_reading(model: &Model, operation: OperationRef, expr: ExprId) -> Vec<RuleRef> {
    let arena = &model.arena;
    let is_earlier = |id: &ExprId| matches!(arena.node(*id), Node::Root(Root::Earlier(_)));
    if !arena.reachable(&[expr]).iter().any(is_earlier) {
        return Vec::new();
    }
    let rules = model.operation(operation).rules.iter().copied();
    let across: Vec<RuleRef> = rules
        .filter(|rule| model.rule(*rule).across.is_some())
        .collect();
    let has = |rule: &RuleRef| arena.reachable(&[model.rule(*rule).expr]).contains(&expr);
    let own: Vec<RuleRef> = across.iter().copied().filter(has).collect();
    if own.is_empty() { across } else { own }
}

/// The operations of the earlier requests that a rule is about.
pub fn earlier_of(model: &Model, rule: RuleRef) -> Vec<OperationRef> {
    let across = model.rule(rule).across.as_ref();
    across
        .map(|across| across.earlier.clone())
        .unwrap_or_default()
}

/// All plans of at most `longest` steps that end with `target`, shortest
/// first, those last that are about what was there before though requests can make
/// such. A plan makes each resource at most once, but by what changes others
/// and by what rules about several requests ask for. Behind each that makes all
/// that `target` is about stand those where one of these is left out or doesn't
/// exist.
pub fn plans(model: &Model, target: OperationRef, longest: usize) -> Vec<Plan> {
    plans_with(model, target, longest, &BTreeSet::new())
}

/// The same where also the operations in `again` may be called repeatedly.
pub fn plans_with(
    model: &Model,
    target: OperationRef,
    longest: usize,
    again: &BTreeSet<OperationRef>,
) -> Vec<Plan> {
    let mut helpers = helpers(model, target);
    let several = several(model, target);
    let earlier = model.across_at(target).flat_map(|across| &across.earlier);
    let earlier: BTreeSet<OperationRef> = earlier.copied().collect();
    helpers.extend(&earlier);
    let mut found = Vec::new();
    let mut open = vec![Plan::default()];
    for _ in 0..longest {
        let mut longer = Vec::new();
        for plan in &open {
            let complete = extended(model, plan, target, None).into_iter();
            found.extend(complete.flat_map(|plan| with_older(model, plan)));
            let binds = &model.operation(target).binds;
            let optional = binds.iter().filter(|bind| bind.is_optional);
            let absent = optional.map(|bind| Some(Left::Absent(bind.resource)));
            let missing = binds.iter().map(|bind| Some(Left::Missing(bind.resource)));
            let left = absent.chain(missing);
            found.extend(left.flat_map(|one| extended(model, plan, target, one)));
            let steps = helpers.iter().flat_map(|helper| {
                let is_twice = !earlier.contains(helper)
                    && !again.contains(helper)
                    && !several.contains(helper)
                    && model.operation(*helper).creates.is_some()
                    && model.operation(*helper).changes.is_empty()
                    && plan.steps.iter().any(|step| step.operation == *helper);
                match is_twice {
                    true => Vec::new(),
                    false => extended_by_helper(model, plan, *helper),
                }
            });
            longer.extend(steps);
        }
        open = longer;
    }
    found.retain(|plan| uses_all(model, plan));
    found.sort_by_key(|plan| plan.uses_existing(model));
    found
}

/// The operations that may be called several times, since rules of `target` range
/// over what they make, or over what is about that.
fn several(model: &Model, target: OperationRef) -> BTreeSet<OperationRef> {
    let maker = |resource: &ResourceRef| model.resource(*resource).created_by;
    let ranges = &model.operation(target).ranges;
    let makers: BTreeSet<OperationRef> = ranges.iter().filter_map(maker).collect();
    let about = makers.iter().chain([&target]);
    let about = about.flat_map(|of| model.operation(*of).binds.iter());
    let about: Vec<OperationRef> = about.filter_map(|bind| maker(&bind.resource)).collect();
    match ranges.is_empty() {
        true => BTreeSet::new(),
        false => makers.into_iter().chain(about).collect(),
    }
}

/// Whether a later request is about what each of several requests to one
/// operation makes, as far as the last one doesn't range over all of it.
fn uses_all(model: &Model, plan: &Plan) -> bool {
    let Some((last, earlier)) = plan.steps.split_last() else {
        return true;
    };
    let target = model.operation(last.operation);
    let across = model
        .across_at(last.operation)
        .flat_map(|across| &across.earlier);
    let across: BTreeSet<&OperationRef> = across.collect();
    earlier.iter().enumerate().all(|(index, step)| {
        let of_kind = earlier
            .iter()
            .filter(|other| other.operation == step.operation);
        let own = model.operation(step.operation);
        let Some(made) = own
            .creates
            .filter(|_| own.changes.is_empty() && of_kind.count() > 1)
        else {
            return true;
        };
        let mut later = plan.steps.iter().skip(index + 1);
        target.ranges.contains(&made)
            || across.contains(&step.operation)
            || later.any(|later| later.binds.get(&made) == Some(&Maker::Step(index)))
    })
}

/// The operations that change all resources of a kind on the server of `patch`.
pub(super) fn leaking(patch: &Patch) -> impl Iterator<Item = OperationRef> + '_ {
    patch.0.keys().filter_map(|place| match place {
        Place::Everywhere(operation, _) => Some(*operation),
        _ => None,
    })
}

/// The plan; and, where several steps make what the last one is about, the same
/// about what the first of them makes.
pub(super) fn with_older(model: &Model, plan: Plan) -> Vec<Plan> {
    let Some(last) = plan.steps.last() else {
        return vec![plan];
    };
    let older = last.binds.iter().filter_map(|(resource, maker)| {
        let mut makers = plan.steps.iter();
        let makes = |step: &PlanStep| model.operation(step.operation).creates == Some(*resource);
        let first = makers.position(makes)?;
        (first != maker.step()?).then_some((*resource, Maker::Step(first)))
    });
    let older = older.map(|(resource, first)| {
        let mut other = plan.clone();
        if let Some(last) = other.steps.last_mut() {
            last.binds.insert(resource, first);
        }
        other
    });
    let mut all: Vec<Plan> = older.collect();
    all.insert(0, plan);
    all
}

/// The plans in which one earlier request is refused, or a repeat, that may have an
/// effect on the server of `patch` all the same; the plan itself where none may on
/// any.
pub(super) fn with_others(model: &Model, plan: Plan, patch: &Patch) -> Vec<Plan> {
    let operations = model.operation_refs();
    let mut operations = operations.map(|(operation, _)| operation);
    if !operations.any(|operation| patch.lets_others(model, operation)) {
        return vec![plan];
    }
    let earlier = 0..plan.steps.len().saturating_sub(1);
    let others = earlier.filter_map(|index| {
        let step = plan.steps.get(index)?;
        let mut later = plan.steps.iter().skip(index + 1);
        // It makes nothing.
        let is_named = later.any(|later| {
            later
                .binds
                .values()
                .any(|maker| maker.step() == Some(index))
        });
        let before = plan.steps.iter().take(index);
        let outcome = match patch.lets_repeats(step.operation) {
            true if may_repeat(model, before, step) => Outcome::Repeat,
            false if patch.lets_refused(model, step.operation) => Outcome::Refused,
            _ => return None,
        };
        let mut other = plan.clone();
        other.steps.get_mut(index)?.outcome = outcome;
        (!is_named).then_some(other)
    });
    others.collect()
}

/// Whether a request may be a repeat behind these.
fn may_repeat<'p>(
    model: &Model,
    before: impl Iterator<Item = &'p PlanStep> + Clone,
    step: &PlanStep,
) -> bool {
    let across = model.across_at(step.operation);
    let mut replaying = across.filter(|across| across.replay.is_some());
    replaying.any(|across| {
        let mut before = before.clone().map(|step| step.operation);
        let mut earlier = across.earlier.iter();
        earlier.all(|wanted| before.any(|own| own == *wanted))
    })
}

/// A request to `target` about what was there before, behind a refused one about
/// the same that may have an effect on the server of `patch` all the same. Were it
/// accepted, other tests would meet that.
pub(super) fn behind_refused(model: &Model, target: OperationRef, patch: &Patch) -> Vec<Plan> {
    let operations = model.operation_refs();
    let operations = operations.map(|(operation, _)| operation);
    let refused = operations.filter(|operation| patch.lets_refused(model, *operation));
    let first = refused.flat_map(|operation| extended(model, &Plan::default(), operation, None));
    let first = first.filter(|plan| plan.leaves_traces(model));
    let plans = first.flat_map(|mut plan| {
        let mut binds = BTreeMap::new();
        for step in &mut plan.steps {
            step.outcome = Outcome::Refused;
            binds.extend(step.binds.clone());
        }
        let about = binds.into_iter().collect::<Vec<_>>();
        let longer = extended(model, &plan, target, None).into_iter();
        longer.filter(move |plan| {
            let last = plan.steps.last();
            last.is_some_and(|last| {
                let mut about = about.iter();
                about.any(|(resource, maker)| last.binds.get(resource) == Some(maker))
            })
        })
    });
    plans.collect()
}

/// The operations that make what requests share by the patched rule, or what a
/// server changes all at once, so that there are several of those.
pub fn apart(model: &Model, target: OperationRef, patch: &Patch) -> BTreeSet<OperationRef> {
    let places = patch.0.keys();
    let rules = places.filter_map(|place| match place {
        Place::Same(rule) if model.rule(*rule).operation == target => Some(*rule),
        _ => None,
    });
    let across = rules.filter_map(|rule| model.rule(rule).across.as_ref());
    let keys = across.flat_map(|across| &across.keys);
    let changed = leaking(patch).flat_map(|operation| &model.operation(operation).changes);
    let keys = keys.copied().chain(changed.map(|change| change.resource));
    keys.filter_map(|key| model.resource(key).created_by)
        .collect()
}

/// A resource that a request isn't about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// It names one that doesn't exist.
    Missing(ResourceRef),
    /// It names none.
    Absent(ResourceRef),
}

/// `plan` with a request to `operation` behind it, if all that the operation
/// is about is there, but for `left` and what it needn't name: about what steps
/// made last, and, unless something is left, also about each that was there before.
pub(super) fn extended(
    model: &Model,
    plan: &Plan,
    operation: OperationRef,
    left: Option<Left>,
) -> Vec<Plan> {
    let mut made: BTreeMap<ResourceRef, usize> = BTreeMap::new();
    for (index, step) in plan.steps.iter().enumerate() {
        if let Some(resource) = model.operation(step.operation).creates {
            made.insert(resource, index);
        }
    }
    let mut next = Plan::single(operation).steps;
    for bind in &model.operation(operation).binds {
        let made = made.get(&bind.resource).copied();
        let mut choices = choices(model, bind, made, left);
        if left.is_some() {
            choices.truncate(1);
        }
        let each = next.into_iter().flat_map(|step| {
            let choices = choices.iter();
            let each = choices.map(move |choice| choice.of(step.clone(), bind.resource));
            each.collect::<Vec<_>>()
        });
        next = each.collect();
    }
    let longer = next.into_iter().map(|next| {
        let mut longer = plan.clone();
        longer.steps.push(next);
        longer
    });
    longer.collect()
}

/// The same of a request that isn't the last one: it is accepted.
pub(super) fn extended_by_helper(model: &Model, plan: &Plan, operation: OperationRef) -> Vec<Plan> {
    let mut longer = extended(model, plan, operation, None);
    longer.retain(|plan| !plan.leaves_traces(model));
    longer
}

/// What a request may name for a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    /// That one.
    One(Maker),
    /// One that doesn't exist.
    Missing,
    /// None.
    Nothing,
}

impl Named {
    fn of(self, mut step: PlanStep, resource: ResourceRef) -> PlanStep {
        match self {
            Self::One(maker) => drop(step.binds.insert(resource, maker)),
            Self::Missing => drop(step.missing.insert(resource)),
            Self::Nothing => drop(step.absent.insert(resource)),
        }
        step
    }
}

/// What a request may name where `bind` says, the likeliest first; `made` is the
/// last step that made such a resource.
fn choices(model: &Model, bind: &Bind, made: Option<usize>, left: Option<Left>) -> Vec<Named> {
    let resource = bind.resource;
    if left == Some(Left::Missing(resource)) {
        return vec![Named::Missing];
    }
    if left == Some(Left::Absent(resource)) {
        // Without it the same as the plan where nothing is left.
        return made.map(|_| Named::Nothing).into_iter().collect();
    }
    let first = match made {
        Some(step) => Some(Named::One(Maker::Step(step))),
        None => bind.is_optional.then_some(Named::Nothing),
    };
    let existing = model.existing_of(resource).map(Named::One);
    first.into_iter().chain(existing).collect()
}

/// Whether tests can't send all that might show a fault at `target`, since what is
/// there before has to stay as it is.
pub(super) fn is_held_back(model: &Model, target: OperationRef) -> bool {
    let operations = helpers(model, target).into_iter().chain([target]);
    let mut operations = operations.map(|operation| {
        let binds = model.operation(operation).binds.iter();
        let existing = binds.flat_map(|bind| {
            let all = model.existing_of(bind.resource);
            all.map(|maker| (bind.resource, maker))
        });
        (operation, existing)
    });
    operations.any(|(operation, existing)| model.leaves_traces(operation, existing))
}

/// Whether a request names a resource.
fn is_named(bind: &Bind, request: &Value) -> bool {
    let named = bind.location.read(request);
    named.is_some_and(|key| *key != Value::Null)
}

/// Whether a request has an empty text for a key: that names nothing, either.
fn is_empty(bind: &Bind, request: &Value) -> bool {
    let named = bind.location.read(request);
    named.is_some_and(|key| key.as_str() == Some(""))
}

/// Leaves out what names a resource, or makes it null where it has to be there.
fn name_none(model: &Model, operation: OperationRef, bind: &Bind, request: &mut Value) {
    let root = model.operation(operation).request;
    let above = schema_at(&model.schemas, root, &bind.location.parent());
    let is_needed = match bind.location.0.last() {
        Some(Segment::Key(key)) => above.is_some_and(|above| {
            let required = &model.schemas.get(above).required;
            required.contains_key(&**key)
        }),
        _ => true,
    };
    if is_needed {
        let _ = bind.location.write(request, Value::Null);
    } else {
        bind.location.remove(request);
    }
}

/// The operations that can matter before `target`: those that make what it is
/// about, and those that change any of that.
pub(super) fn helpers(model: &Model, target: OperationRef) -> BTreeSet<OperationRef> {
    let mut needed: BTreeSet<ResourceRef> = resources_of(model, target).collect();
    let mut helpers = BTreeSet::new();
    loop {
        let before = (needed.len(), helpers.len());
        for (operation, found) in model.operation_refs() {
            let makes = found
                .creates
                .is_some_and(|resource| needed.contains(&resource));
            let changes = found
                .changes
                .iter()
                .any(|change| needed.contains(&change.resource));
            if makes || changes {
                helpers.insert(operation);
                needed.extend(resources_of(model, operation));
            }
        }
        if (needed.len(), helpers.len()) == before {
            return helpers;
        }
    }
}

/// What an operation is about, and what its rules range over.
fn resources_of(model: &Model, operation: OperationRef) -> impl Iterator<Item = ResourceRef> + '_ {
    let found = model.operation(operation);
    let bound = found.binds.iter().map(|bind| bind.resource);
    bound.chain(found.ranges.iter().copied())
}
