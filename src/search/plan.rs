//! Plans: which operations a sequence calls, and which earlier step makes
//! each resource that a step is about.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Model, OperationRef, ResourceRef, Step, Trace, resource_key, step_of_key};
use crate::value::Value;

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanStep {
    /// What is called.
    pub operation: OperationRef,
    /// For each resource that it is about, the step that makes it.
    pub binds: BTreeMap<ResourceRef, usize>,
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
            }],
        }
    }

    /// The plan that a trace follows.
    pub fn of(model: &Model, trace: &Trace) -> Self {
        let steps = trace.steps.iter().map(|step| {
            let binds = model.operation(step.operation).binds.iter();
            let binds = binds.filter_map(|bind| {
                let maker = step_of_key(bind.location.read(&step.request)?)?;
                Some((bind.resource, maker))
            });
            PlanStep {
                operation: step.operation,
                binds: binds.collect(),
            }
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
                    let _ = bind.location.write(&mut request, resource_key(*maker));
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

    /// The first baseline of each step's operation.
    pub fn baselines(&self, model: &Model) -> Vec<Value> {
        let requests = self.steps.iter().map(|step| {
            let baseline = model.operation(step.operation).baselines.first();
            baseline.map_or(Value::Null, |baseline| baseline.request.clone())
        });
        requests.collect()
    }
}

/// All plans of at most `longest` steps that end with `target`, shortest
/// first. A plan makes each resource at most once.
pub fn plans(model: &Model, target: OperationRef, longest: usize) -> Vec<Plan> {
    let helpers = helpers(model, target);
    let mut found = Vec::new();
    let mut open = vec![Plan::default()];
    for _ in 0..longest {
        let mut longer = Vec::new();
        for plan in &open {
            found.extend(extended(model, plan, target));
            let steps = helpers.iter().filter_map(|helper| {
                let again = model.operation(*helper).creates.is_some()
                    && plan.steps.iter().any(|step| step.operation == *helper);
                if again {
                    return None;
                }
                extended(model, plan, *helper)
            });
            longer.extend(steps);
        }
        open = longer;
    }
    found
}

/// `plan` with a request to `operation` behind it, if all that the operation
/// is about has been made.
fn extended(model: &Model, plan: &Plan, operation: OperationRef) -> Option<Plan> {
    let mut made: BTreeMap<ResourceRef, usize> = BTreeMap::new();
    for (index, step) in plan.steps.iter().enumerate() {
        if let Some(resource) = model.operation(step.operation).creates {
            made.insert(resource, index);
        }
    }
    let mut binds = BTreeMap::new();
    for bind in &model.operation(operation).binds {
        binds.insert(bind.resource, *made.get(&bind.resource)?);
    }
    let mut longer = plan.clone();
    longer.steps.push(PlanStep { operation, binds });
    Some(longer)
}

/// The operations that can matter before `target`: those that make what it is
/// about, and those that change any of that.
fn helpers(model: &Model, target: OperationRef) -> BTreeSet<OperationRef> {
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

fn resources_of(model: &Model, operation: OperationRef) -> impl Iterator<Item = ResourceRef> + '_ {
    let binds = &model.operation(operation).binds;
    binds.iter().map(|bind| bind.resource)
}
