//! Views in cases: what a case is about that ends with one, and looks at the
//! state before the last request of others.

use std::collections::BTreeSet;

use super::baselines::last_verdict;
use super::spine::Context;
use crate::fault::Fault;
use crate::model::{
    ACTOR, Bind, Maker, Model, NOW, OperationRef, Patch, ResourceRef, RuleRef, Step, Trace,
};
use crate::simulate::{Look, Verdict, detect};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// What a case is filed under.
pub struct About {
    /// A rule's id, or that of a view.
    pub id: String,
    /// The operation that judges or shows.
    pub operation: OperationRef,
}

/// Whether the last answer to `trace` has to be compared with the state, for one
/// of the faults to show.
pub fn is_shown<'f>(
    model: &Model,
    trace: &Trace,
    mut detected: impl Iterator<Item = &'f Fault>,
) -> bool {
    detected.any(|fault| {
        let first = detect(model, trace, &fault.patch, Look::First);
        let found = first.or_else(|| detect(model, trace, &fault.patch, Look::Second));
        found.is_some_and(|found| found.by_view)
    })
}

/// What a case is filed under whose rule is `rule`.
pub fn about(model: &Model, trace: &Trace, rule: RuleRef, is_view: bool) -> About {
    let last = trace.steps.last().filter(|_| is_view);
    let view = last.and_then(|last| {
        let (resource, _) = model.views_at(last.operation).next()?;
        Some((model.view_id(resource), last.operation))
    });
    match view {
        Some((id, operation)) => About { id, operation },
        None => About {
            id: model.rule(rule).id.clone(),
            operation: model.rule(rule).operation,
        },
    }
}

/// Whether a server of this patch remembers something wrong: then a state that
/// differs is what its cases look for.
pub fn is_of_state(patch: &Patch) -> bool {
    patch.0.keys().any(|place| place.rule().is_none())
}

/// Requests that show, before the last request of `trace`, what the server
/// remembers of the resources that this one is about.
pub fn looks(context: &Context<'_>, trace: &Trace) -> Vec<Step> {
    let Some((last, earlier)) = trace.steps.split_last() else {
        return Vec::new();
    };
    let binds = context.model.operation(last.operation).binds.iter();
    let bound: BTreeSet<(ResourceRef, Maker)> = binds
        .filter_map(|bind| {
            Some((
                bind.resource,
                context.model.maker_of(bind.location.read(&last.request)?)?,
            ))
        })
        .collect();
    let looks = bound.into_iter().filter_map(|(resource, maker)| {
        let view = context.model.resource(resource).view.as_ref()?;
        let is_last = view.operation == last.operation;
        let look = || look(context, trace, earlier, (resource, maker), view.operation);
        (!is_last).then(look).flatten()
    });
    let mut found: Vec<Step> = Vec::new();
    for look in looks {
        // One answer may show several resources.
        if !found.contains(&look) {
            found.push(look);
        }
    }
    found
}

/// The first request that shows a resource and that a right server accepts.
fn look(
    context: &Context<'_>,
    trace: &Trace,
    earlier: &[Step],
    (resource, maker): (ResourceRef, Maker),
    operation: OperationRef,
) -> Option<Step> {
    let model = context.model;
    let found = model.operation(operation);
    let mut keys = Vec::new();
    for bind in &found.binds {
        let maker = match bind.resource == resource {
            true => Some(maker),
            false => named_by(model, trace, bind.resource),
        };
        match maker {
            Some(maker) => keys.push((bind, maker)),
            None if bind.is_optional => {}
            None => return None,
        }
    }
    let senders = senders(model, trace);
    let requests = found.baselines.iter().flat_map(|baseline| {
        let request = about_these(model, &baseline.request, &keys);
        let request = at_the_time_of(trace, request);
        senders
            .iter()
            .map(move |sender| sent_by(&request, sender.as_ref()))
    });
    let mut steps = requests.map(|request| Step { operation, request });
    steps.find(|step| {
        let steps = earlier.iter().chain([step]).cloned().collect();
        let seen = Trace { steps };
        last_verdict(model, &seen) == Some(Verdict::Accept) && context.is_valid(&seen)
    })
}

/// The resource of a kind that the last request of a trace names, else an earlier
/// one.
fn named_by(model: &Model, trace: &Trace, resource: ResourceRef) -> Option<Maker> {
    let mut steps = trace.steps.iter().rev();
    steps.find_map(|step| {
        let mut binds = model.operation(step.operation).binds.iter();
        let bind = binds.find(|bind| bind.resource == resource)?;
        model.maker_of(bind.location.read(&step.request)?)
    })
}

fn about_these(model: &Model, request: &Value, keys: &[(&Bind, Maker)]) -> Value {
    let mut request = request.clone();
    for (bind, maker) in keys {
        let _ = bind.location.write(&mut request, model.key_of(*maker));
    }
    request
}

/// The server's clock shows what it does at the last request.
fn at_the_time_of(trace: &Trace, mut request: Value) -> Value {
    let last = trace.steps.last();
    if let Some(now) = last.and_then(|last| last.request.get(NOW))
        && request.get(NOW).is_some()
    {
        let _ = member(NOW).write(&mut request, now.clone());
    }
    request
}

/// Who may send it: those who send the requests of the trace, the last first,
/// then all others; nobody where nobody is told apart.
fn senders(model: &Model, trace: &Trace) -> Vec<Option<Value>> {
    let own = trace.steps.iter().rev();
    let own = own.filter_map(|step| step.request.get(ACTOR).cloned());
    let all = model.actors.iter();
    let all = all.map(|actor| Value::string(actor.name.as_str()));
    let mut senders = Vec::new();
    for sender in own.chain(all).map(Some) {
        if !senders.contains(&sender) {
            senders.push(sender);
        }
    }
    if senders.is_empty() {
        senders.push(None);
    }
    senders
}

fn sent_by(request: &Value, sender: Option<&Value>) -> Value {
    let mut request = request.clone();
    if let Some(sender) = sender
        && request.get(ACTOR).is_some()
    {
        let _ = member(ACTOR).write(&mut request, sender.clone());
    }
    request
}

fn member(name: &str) -> Location {
    Location(vec![Segment::Key(name.into())])
}
