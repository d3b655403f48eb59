//! The mistakes at one place, tried on the requests that have it.

use std::collections::BTreeMap;

use super::super::spine::Context;
use super::proof::{Asked, Why, accepted, refused};
use super::stages::{Stage, Stages};
use super::{Base, FieldCase, FieldFate};
use crate::document::refusals;
use crate::field::{Demand, FieldDemand, FieldFaults, Lister, Mistake, Place, Probe, Taken};
use crate::model::{Operation, Trace};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// Probes that are tried for one mistake, at most.
const MAX_PROBES: usize = 60;

/// Why a baseline shows nothing by itself.
const BASELINE: &str =
    "the baseline itself is such a request, and a server that refuses it blocks its cases";

/// What came of a place: the faults by their positions, `Detected` counting
/// these cases.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub cases: Vec<FieldCase>,
    pub fates: Vec<(usize, FieldFate)>,
}

/// Decides the faults of the demands at one place.
pub(super) fn decide(
    context: &Context<'_>,
    list: &FieldFaults,
    (places, index): (&[Place], usize),
    stages: &Stages,
    demands: &[(usize, FieldDemand)],
) -> Found {
    let (Some(place), Some(first)) = (places.get(index), demands.first()) else {
        return Found::default();
    };
    let lister = Lister::new(context.model, first.1.operation, places);
    let of = stages.of.get(index).map_or(&[][..], Vec::as_slice);
    let spots = of.iter().filter_map(|stage| {
        let trace = stages.trace(context, stage.base)?;
        let value = stage.at.read(&trace.steps.last()?.request);
        let demands = lister.demands_at(place, value.unwrap_or(&Value::Null));
        Some(Ready {
            stage,
            trace,
            demands,
        })
    });
    let mut bench = Bench {
        context,
        places,
        stages,
        spots: spots.collect(),
        found: Found::default(),
    };
    for (position, (demand, own)) in demands.iter().enumerate() {
        for (fault, about) in list.of_demand(*demand) {
            let fate = bench.fate((*demand, own, position), (fault, &about.variant));
            bench.found.fates.push((fault, fate));
        }
    }
    bench.found
}

/// An accepted request with what is demanded at the place.
struct Ready<'a> {
    stage: &'a Stage,
    trace: &'a Trace,
    demands: Vec<Demand>,
}

struct Bench<'a, 'm> {
    context: &'a Context<'m>,
    places: &'a [Place],
    stages: &'a Stages,
    spots: Vec<Ready<'a>>,
    found: Found,
}

impl Bench<'_, '_> {
    fn fate(
        &mut self,
        (demand, own, position): (usize, &FieldDemand, usize),
        (fault, variant): (usize, &str),
    ) -> FieldFate {
        let of = |ready: &'_ Ready<'_>| -> Option<Mistake> {
            let demand = ready.demands.get(position)?;
            let mut all = demand.mistakes.iter();
            all.find(|mistake| mistake.variant == variant).cloned()
        };
        let tried: Vec<(usize, Mistake)> = self
            .spots
            .iter()
            .enumerate()
            .filter_map(|(spot, ready)| Some((spot, of(ready)?)))
            .collect();
        if let Some(reason) = tried.iter().find_map(|(_, mistake)| mistake.never.clone()) {
            return FieldFate::Untestable(reason);
        }
        let is_lax = tried.iter().any(|(_, mistake)| !mistake.accepts);
        if is_lax && let Some(reason) = self.implied(own) {
            return FieldFate::Untestable(reason);
        }
        let mut reasons: BTreeMap<Why, usize> = BTreeMap::new();
        for known in [true, false] {
            for strictly in [true, false] {
                for (spot, mistake) in &tried {
                    for probe in mistake.probes.iter().take(MAX_PROBES) {
                        let asked = (demand, own, *spot);
                        match self.show(asked, mistake.accepts, probe, (known, strictly)) {
                            Ok(Some(case)) => {
                                let case = self.keep(case, fault);
                                return FieldFate::Detected(case);
                            }
                            Ok(None) => {}
                            Err(why) => *reasons.entry(why).or_default() += 1,
                        }
                    }
                }
            }
        }
        self.unknown(own, reasons)
    }

    /// Why no request can break the demand alone, if that is certain: an
    /// enumeration beside it, each member of which keeps it.
    fn implied(&self, own: &FieldDemand) -> Option<String> {
        let schemas = &self.context.model.schemas;
        let id = self.places.get(own.place)?.schema;
        let listed = schemas.get(id).enumeration.as_ref()?;
        if matches!(own.keyword, "enum" | "const" | "required" | "properties") {
            return None;
        }
        let keeps = |member: &Value| {
            let found = refusals(schemas, id, member, &crate::document::Location::default());
            found
                .iter()
                .all(|own_refusal| own_refusal.pointer != own.pointer)
        };
        let reason =
            "the values that are listed beside it keep it, so that they refuse whatever it refuses";
        listed.value.iter().all(keeps).then(|| reason.to_owned())
    }

    /// Whether the baseline at the root of a request has what a probe sends at such a
    /// place, or lacks it where the probe leaves it out.
    fn stands_in_baseline(&self, mut base: Base, at: &Location, probe: &Probe) -> bool {
        while let Base::Case(index) = base {
            let Some(given) = self.stages.given.get(index) else {
                return false;
            };
            base = given.base;
        }
        let root = self.stages.trace(self.context, base);
        let Some(request) = root.and_then(|root| Some(&root.steps.last()?.request)) else {
            return false;
        };
        if probe.written.is_some() {
            return false;
        }
        match &probe.sent {
            Some(value) => standing(request, &at.0).contains(&value),
            None => {
                let Some((Segment::Key(member), around)) = at.0.split_last() else {
                    return false;
                };
                let lacks = |own: &&Value| match own {
                    Value::Map(members) => !members.contains_key(member),
                    _ => false,
                };
                let all = standing(request, around);
                all.is_empty() || all.iter().any(lacks)
            }
        }
    }

    /// Sends a probe; `known` asks only whether a case that is there does so.
    fn show(
        &self,
        (demand, own, spot): (usize, &FieldDemand, usize),
        accepts: bool,
        probe: &Probe,
        (known, strictly): (bool, bool),
    ) -> Result<Option<FieldCase>, Why> {
        let Some(ready) = self.spots.get(spot) else {
            return Ok(None);
        };
        let at = &ready.stage.at;
        let sent = changed(ready.trace, at, probe.sent.as_ref());
        let Some(sent) = sent else {
            return Ok(None);
        };
        let written = self.written(own, at, probe)?;
        let mut case = FieldCase {
            id: String::new(),
            demand,
            trace: sent,
            written,
            is_refused: !accepts,
            detects: Vec::new(),
            base: ready.stage.base,
            assumes: Vec::new(),
        };
        if known {
            let mut cases = self.found.cases.iter();
            return Ok(cases.find(|other| is_same(other, &case)).cloned());
        }
        if accepts {
            // A server that refuses what the baseline holds as well refuses it.
            if self.stands_in_baseline(ready.stage.base, at, probe) {
                return Err(Why::Other(BASELINE.to_owned()));
            }
            // A request that is the baseline itself shows nothing; one that was
            // made to have the place shows that it may be there.
            if case.written.is_none() && case.trace == *ready.trace {
                let Base::Case(index) = ready.stage.base else {
                    return Err(Why::Other(BASELINE.to_owned()));
                };
                let given = self.stages.given.get(index);
                return Ok(given.map(|given| FieldCase {
                    base: given.base,
                    ..case
                }));
            }
            return match strictly {
                true => accepted(self.context, &case.trace).map(|()| Some(case)),
                false => Ok(None),
            };
        }
        let taken = match &probe.taken {
            Taken::AsSent => Some(case.trace.clone()),
            Taken::As(value) => changed(ready.trace, at, Some(value)),
            Taken::Absent => changed(ready.trace, at, None),
        };
        let Some(taken) = taken else {
            return Ok(None);
        };
        let asked = Asked {
            demand: own,
            places: self.places,
            at,
            sent: &case.trace,
            taken: &taken,
        };
        case.assumes = refused(self.context, &asked, strictly)?;
        Ok(Some(case))
    }

    /// The JSON text to write at a place; fresh texts of tests don't replace it.
    fn written(
        &self,
        own: &FieldDemand,
        at: &Location,
        probe: &Probe,
    ) -> Result<Option<(Location, String)>, Why> {
        let operation = self.context.model.operation(own.operation);
        let text = match (&probe.written, &probe.sent) {
            (Some(written), _) => Some(written.clone()),
            (None, Some(value)) if is_fresh(operation, at) => Some(value.to_string()),
            _ => None,
        };
        let is_json = operation.sent_as_text(at).is_none() && operation.form.is_none();
        match text {
            Some(_) if !is_json => {
                let words = "tests write a text there that no other request has";
                Err(Why::Unsent(words.to_owned()))
            }
            text => Ok(text.map(|text| (at.clone(), text))),
        }
    }

    /// Notes that a case shows a fault; its position.
    fn keep(&mut self, case: FieldCase, fault: usize) -> usize {
        let known = self
            .found
            .cases
            .iter()
            .position(|other| is_same(other, &case));
        let index = known.unwrap_or(self.found.cases.len());
        if known.is_none() {
            self.found.cases.push(case);
        }
        if let Some(own) = self.found.cases.get_mut(index) {
            own.detects.push(fault);
        }
        index
    }

    /// What stood in the way, the most telling first.
    fn unknown(&self, own: &FieldDemand, reasons: BTreeMap<Why, usize>) -> FieldFate {
        let model = self.context.model;
        if self.spots.is_empty() {
            let words = format!("no accepted request with {} was found", own.location);
            return FieldFate::Unknown(words);
        }
        let Some((why, _)) = reasons.into_iter().next() else {
            let words = "no value was found that shows it at this place";
            return FieldFate::Unknown(words.to_owned());
        };
        FieldFate::Unknown(match why {
            Why::Refused(rules) => {
                let ids = rules.iter().map(|rule| model.rule(*rule).id.as_str());
                let ids = ids.collect::<Vec<&str>>().join(", ");
                format!("what shows it at a baseline is refused by {ids}, too")
            }
            Why::Unsent(words) => format!("it can't be sent: the place {words}"),
            Why::Other(words) => words,
            Why::Elsewhere(words) => {
                format!("no request was found that shows it alone: {words}")
            }
        })
    }
}

/// All that stands at a place, and at the same place of other items.
fn standing<'v>(value: &'v Value, path: &[Segment]) -> Vec<&'v Value> {
    let Some((first, rest)) = path.split_first() else {
        return vec![value];
    };
    match (first, value) {
        (Segment::Key(key), Value::Map(members)) => {
            let member = members.get(key);
            member.map_or(Vec::new(), |member| standing(member, rest))
        }
        (Segment::Index(_), Value::List(items)) => {
            items.iter().flat_map(|item| standing(item, rest)).collect()
        }
        _ => Vec::new(),
    }
}

fn is_same(one: &FieldCase, other: &FieldCase) -> bool {
    one.is_refused == other.is_refused
        && (!one.is_refused || one.demand == other.demand)
        && one.written == other.written
        && one.base == other.base
        && one.trace == other.trace
}

/// Whether tests write another text at the place in every request.
fn is_fresh(operation: &Operation, at: &Location) -> bool {
    let mut fresh = operation.unique.iter().chain(&operation.correlated);
    fresh.any(|own| own.location == *at)
}

/// The trace with another value at a place of its last request, or without it.
fn changed(trace: &Trace, at: &Location, value: Option<&Value>) -> Option<Trace> {
    let mut changed = trace.clone();
    let request = &mut changed.steps.last_mut()?.request;
    match value {
        Some(value) => at.write(request, value.clone()).then_some(())?,
        None => {
            at.remove(request)?;
        }
    }
    Some(changed)
}
