//! Whether a request shows a mistake: judged by the independent validator, the
//! internal form of schemas, and the rules.

use super::super::spine::Context;
use super::super::valid;
use crate::case::not_sendable;
use crate::document::{Location, Segment, Violation, refusals};
use crate::field::{FieldDemand, Place, Step};
use crate::model::{Patch, RuleRef, Trace};
use crate::simulate::{Options, Verdict, is_steady, may_lead, run};
use crate::value::Value;
use crate::value::location as concrete;
use crate::witness::{Verified, last_violations};

/// Why a request shows nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    /// These rules refuse what such a server goes on with.
    Refused(Vec<RuleRef>),
    /// HTTP can't carry it, or the tests don't send it as it is.
    Unsent(String),
    /// Another keyword refuses it as well, or none does.
    Elsewhere(String),
    /// Something else, in words.
    Other(String),
}

/// What is changed, and where.
pub(super) struct Asked<'a> {
    pub demand: &'a FieldDemand,
    pub places: &'a [Place],
    pub at: &'a concrete::Location,
    /// What is sent.
    pub sent: &'a Trace,
    /// What a server that makes the mistake goes on with.
    pub taken: &'a Trace,
}

/// Whether the schema refuses the last request for the demand alone, and a
/// server without it accepts it: then the rules that count as true although
/// they are undefined. With `strictly`, none may be.
pub(super) fn refused(
    context: &Context<'_>,
    asked: &Asked<'_>,
    strictly: bool,
) -> Result<Vec<RuleRef>, Why> {
    let (request, violations) = last_violations(context.built, asked.sent);
    alone(context, asked, &request, &violations)?;
    if let Some(problem) = not_sendable(context.model, asked.sent) {
        return Err(Why::Unsent(problem.problem));
    }
    accepted_by_rules(context, asked.taken, strictly)
}

/// Whether a right server surely accepts the last request.
pub(super) fn accepted(context: &Context<'_>, trace: &Trace) -> Result<(), Why> {
    if let Some(problem) = not_sendable(context.model, trace) {
        return Err(Why::Unsent(problem.problem));
    }
    if let Some(reason) = valid::refusal(context.built, trace) {
        return Err(Why::Elsewhere(reason));
    }
    accepted_by_rules(context, trace, true)?;
    let witness = Verified::prove(context.built, trace, Options::default());
    let witness = witness.map_err(|error| Why::Other(error.to_string()))?;
    match witness.is_accepted() && witness.repeats().is_none() && witness.assumes().is_empty() {
        true => Ok(()),
        false => Err(Why::Other("its verdict isn't certain".to_owned())),
    }
}

/// What the rules say, whatever the schema says.
fn accepted_by_rules(
    context: &Context<'_>,
    trace: &Trace,
    strictly: bool,
) -> Result<Vec<RuleRef>, Why> {
    let model = context.model;
    let nothing = Patch::default();
    let verdicts = |tolerant: bool| {
        let options = Options {
            undefined_holds_beside: tolerant.then_some(&nothing),
            at_every_moment: true,
            phase: None,
        };
        run(model, &nothing, trace, options).verdicts
    };
    let all = verdicts(false);
    let (last, earlier) = all
        .split_last()
        .ok_or_else(|| Why::Other("it has no request".to_owned()))?;
    if all.len() != trace.steps.len() || !may_lead(earlier, 0) {
        return Err(Why::Other("an earlier request isn't accepted".to_owned()));
    }
    let undefined = match last {
        Verdict::Accept => Vec::new(),
        Verdict::Unclear(places) if !strictly => {
            match verdicts(true).last() {
                Some(Verdict::Accept) => {}
                Some(Verdict::Reject(rules)) => {
                    return Err(Why::Refused(rules.iter().copied().collect()));
                }
                _ => return Err(Why::Other("its verdict isn't certain".to_owned())),
            }
            places.iter().filter_map(|place| place.rule()).collect()
        }
        Verdict::Reject(rules) => return Err(Why::Refused(rules.iter().copied().collect())),
        _ => return Err(Why::Other("its verdict isn't certain".to_owned())),
    };
    match is_steady(model, trace) {
        true => Ok(undefined),
        false => Err(Why::Other(
            "its verdict is another in weeks in which clocks change".to_owned(),
        )),
    }
}

/// Whether the demand refuses a request, and nothing else does.
fn alone(
    context: &Context<'_>,
    asked: &Asked<'_>,
    request: &Value,
    violations: &[Violation],
) -> Result<(), Why> {
    if violations.is_empty() {
        return Err(Why::Elsewhere("the schema allows it".to_owned()));
    }
    let demand = asked.demand;
    let at = location(asked.at);
    let other = violations
        .iter()
        .find(|own| !says(demand.keyword, own, &at));
    if let Some(other) = other {
        let words = format!("{} at {} refuses it as well", other.keyword, other.location);
        return Err(Why::Elsewhere(words));
    }
    let (id, value, around) = within(context, asked, request);
    let found = refusals(&context.model.schemas, id, value, &around);
    let is_own = |own: &crate::document::Refusal| {
        own.keyword == keyword(demand.keyword) && own.pointer == demand.pointer
    };
    match found.as_slice() {
        [one] if is_own(one) => Ok(()),
        [] => Err(Why::Elsewhere("the schema allows it".to_owned())),
        all => {
            let other = all.iter().find(|own| !is_own(own)).or(all.first());
            let words =
                other.map(|own| format!("{} at {} refuses it as well", own.keyword, own.location));
            Err(Why::Elsewhere(words.unwrap_or_default()))
        }
    }
}

/// The schema that holds the demand and all around it for the same alternative:
/// that alternative, else the request's own; with the value it is about.
fn within<'v>(
    context: &Context<'_>,
    asked: &Asked<'_>,
    request: &'v Value,
) -> (crate::document::SchemaId, &'v Value, Location) {
    let mut at = Some(asked.demand.place);
    let mut concrete = asked.at.clone();
    // The demand that a member be there is one of the object around it.
    while let Some(place) = at.and_then(|index| asked.places.get(index)) {
        match place.step {
            Step::Branch(_) => {
                if let Some(value) = concrete.read(request) {
                    return (place.schema, value, location(&concrete));
                }
            }
            _ => concrete = concrete.parent(),
        }
        at = place.parent;
    }
    let whole = context.model.operation(asked.demand.operation).request;
    (whole, request, Location::default())
}

/// The keyword of the internal form: `const` is an `enum` of one.
fn keyword(demand: &str) -> &str {
    match demand {
        "const" => "enum",
        other => other,
    }
}

/// Whether a violation says no more than that a demand isn't kept: the keyword
/// itself, or alternatives around it of which one says that and nothing else.
pub(super) fn says(demand: &str, violation: &Violation, at: &Location) -> bool {
    let own = violation.keyword.as_str();
    let is_here = violation.location == *at;
    let is_around = at.0.starts_with(&violation.location.0);
    let is_within = violation.location.0.starts_with(&at.0);
    let is_named = match demand {
        "minimum" => matches!(own, "minimum" | "exclusiveMinimum") && is_here,
        "maximum" => matches!(own, "maximum" | "exclusiveMaximum") && is_here,
        "enum" | "const" => matches!(own, "enum" | "const") && is_here,
        // Other alternatives, and conditions, say what they say anywhere within.
        "if" | "dependentSchemas" | "dependencies" | "dependentRequired" | "discriminator" => {
            is_within
        }
        "oneOf" | "anyOf" | "not" | "contains" | "propertyNames" => own == demand && is_here,
        _ => own == demand && is_here,
    };
    let by_branch = || {
        let mut branches = violation.branches.iter();
        branches.any(|all| !all.is_empty() && all.iter().all(|inner| says(demand, inner, at)))
    };
    is_named || is_around && matches!(own, "oneOf" | "anyOf") && by_branch()
}

/// A place in the terms of documents.
pub(super) fn location(at: &concrete::Location) -> Location {
    let segments = at.0.iter().map(|segment| match segment {
        concrete::Segment::Key(key) => Segment::Key(key.to_string()),
        concrete::Segment::Index(index) => Segment::Index(*index),
    });
    Location(segments.collect())
}
