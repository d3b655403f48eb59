//! Cases of the field layer: one place of an accepted request changed.
//!
//! [`stages`] finds accepted requests that have each place; [`mistakes`] tries
//! the probes of its demands there; [`proof`] says whether a probe shows its
//! mistake. No solver is needed: what a baseline can't show by one change has
//! the fate unknown, with what stood in its way.

mod mistakes;
mod proof;
mod stages;

use std::collections::BTreeSet;

use self::mistakes::Found;
use self::stages::{Stages, stages};
use super::identity::digest;
use super::spine::Context;
use crate::field::{FieldDemand, FieldFault, FieldFaults, field_faults, places};
use crate::model::{OperationRef, RuleRef, Trace};
use crate::parallel;
use crate::settings::Switch;
use crate::value::location::Location;

/// What came of the field faults of a model.
#[derive(Clone, Debug, Default)]
pub struct FieldLayer {
    /// The faults.
    pub list: FieldFaults,
    /// The fate of each, by its position.
    pub fates: Vec<FieldFate>,
    /// The cases, by id.
    pub cases: Vec<FieldCase>,
    /// The faults that the settings switch off.
    pub off: Vec<(FieldFault, Switch)>,
}

/// What became of a field fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldFate {
    /// A case detects it: its position in [`FieldLayer::cases`].
    Detected(usize),
    /// Nothing can show it, for a reason that is certain.
    Untestable(String),
    /// No case was found: what stood in the way.
    Unknown(String),
}

impl FieldFate {
    /// The name that summaries use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Detected(_) => "detected",
            Self::Untestable(_) => "untestable",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A case of the field layer, verified.
#[derive(Clone, Debug)]
pub struct FieldCase {
    /// Stable: from the demand and the first fault that it was found for.
    pub id: String,
    /// What it is about, a position in the list of demands.
    pub demand: usize,
    /// The requests. The last one is what the case is about.
    pub trace: Trace,
    /// A place of the last request's body, and the JSON text that stands there.
    pub written: Option<(Location, String)>,
    /// Whether the schema refuses the last request, for this demand alone.
    pub is_refused: bool,
    /// The faults that it detects; none where it is only a neighbour of others.
    pub detects: Vec<usize>,
    /// What it is a change of.
    pub base: Base,
    /// Rules that count as true although they are undefined here.
    pub assumes: Vec<RuleRef>,
}

/// An accepted request that cases are changes of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Base {
    /// A position in [`super::Generated::baselines`].
    Baseline(usize),
    /// A position in [`FieldLayer::cases`].
    Case(usize),
}

/// Decides the field faults.
pub(super) fn layer(context: &Context<'_>) -> FieldLayer {
    let mut list = field_faults(context.model);
    let off = switched_off(context, &mut list);
    let mut operations: Vec<OperationRef> = list.demands.iter().map(|own| own.operation).collect();
    operations.dedup();
    let threads = context.options.threads;
    let found = parallel::map(&operations, threads, &|_| {}, |operation| {
        let places = places(context.model, *operation);
        let stages = stages(context, *operation, &places);
        (*operation, places, stages)
    });
    let mut layer = FieldLayer {
        fates: vec![FieldFate::Unknown(String::new()); list.faults.len()],
        list,
        cases: Vec::new(),
        off,
    };
    for (operation, places, stages) in &found {
        let first_base = layer.given(context, *operation, stages);
        let demands = layer.demands_of(*operation);
        let work: Vec<usize> = (0..places.len()).collect();
        let outcomes = parallel::map(&work, threads, &|_| {}, |place| {
            let of_place = demands.iter().filter(|(_, own)| own.place == *place);
            let of_place: Vec<(usize, FieldDemand)> = of_place.cloned().collect();
            mistakes::decide(context, &layer.list, (places, *place), stages, &of_place)
        });
        for outcome in outcomes {
            layer.take(outcome, first_base);
        }
    }
    layer.finish(context)
}

fn switched_off(context: &Context<'_>, list: &mut FieldFaults) -> Vec<(FieldFault, Switch)> {
    let mut off = Vec::new();
    let demands = &list.demands;
    list.faults.retain(|fault| {
        let owner = demands.get(fault.demand).map_or("", |own| &*own.id);
        let switch = context.options.settings.field_switch(owner, &fault.id);
        off.extend(switch.map(|switch| (fault.clone(), switch.clone())));
        switch.is_none()
    });
    off
}

impl FieldLayer {
    fn demands_of(&self, operation: OperationRef) -> Vec<(usize, FieldDemand)> {
        let demands = self.list.demands.iter().enumerate();
        let own = demands.filter(|(_, own)| own.operation == operation);
        own.map(|(index, own)| (index, own.clone())).collect()
    }

    /// Takes the requests in that have what no baseline has; the position of
    /// the first.
    fn given(&mut self, _: &Context<'_>, operation: OperationRef, stages: &Stages) -> usize {
        let first = self.cases.len();
        for given in &stages.given {
            // What it is filed under: the first demand of the place, else of the
            // operation.
            let of_place =
                |own: &FieldDemand| own.operation == operation && own.place == given.place;
            let demands = &self.list.demands;
            let demand = demands.iter().position(of_place);
            let demand =
                demand.or_else(|| demands.iter().position(|own| own.operation == operation));
            self.cases.push(FieldCase {
                id: String::new(),
                demand: demand.unwrap_or_default(),
                trace: given.trace.clone(),
                written: None,
                is_refused: false,
                detects: Vec::new(),
                base: shifted(given.base, first),
                assumes: Vec::new(),
            });
        }
        first
    }

    fn take(&mut self, found: Found, first_base: usize) {
        let first = self.cases.len();
        let mut at = Vec::new();
        for case in found.cases {
            let case = FieldCase {
                base: shifted(case.base, first_base),
                ..case
            };
            // A given request may be what shows that it may be given.
            let same = |own: &FieldCase| {
                !own.is_refused && own.written == case.written && own.trace == case.trace
            };
            let known = self.cases.iter().take(first).skip(first_base);
            let known = known
                .enumerate()
                .find(|(_, own)| !case.is_refused && same(own));
            match known.map(|(index, _)| first_base + index) {
                Some(index) => {
                    at.push(index);
                    if let Some(own) = self.cases.get_mut(index) {
                        if own.detects.is_empty() {
                            own.demand = case.demand;
                        }
                        own.detects.extend(case.detects);
                    }
                }
                None => {
                    at.push(self.cases.len());
                    self.cases.push(case);
                }
            }
        }
        for (fault, fate) in found.fates {
            if let Some(slot) = self.fates.get_mut(fault) {
                *slot = match fate {
                    FieldFate::Detected(case) => {
                        FieldFate::Detected(at.get(case).copied().unwrap_or(first))
                    }
                    other => other,
                };
            }
        }
    }

    /// Leaves out what nothing needs, and gives ids.
    fn finish(mut self, context: &Context<'_>) -> Self {
        self.drop_unused();
        let mut taken = BTreeSet::new();
        for index in 0..self.cases.len() {
            let Some(case) = self.cases.get(index) else {
                continue;
            };
            let Some(demand) = self.list.demands.get(case.demand) else {
                continue;
            };
            let fault = case
                .detects
                .first()
                .and_then(|fault| self.list.faults.get(*fault));
            let about = match fault {
                Some(fault) => fault.variant.clone(),
                None => format!("neighbour {}", case.trace),
            };
            let operation = &context.model.operation(demand.operation).id;
            let digest = digest(&[operation, &demand.id, &about]);
            let mut ids = (6..=digest.len())
                .filter_map(|length| Some(format!("{}-{}", demand.id, digest.get(..length)?)));
            let id = ids.find(|id| !taken.contains(id)).unwrap_or(digest.clone());
            taken.insert(id.clone());
            if let Some(case) = self.cases.get_mut(index) {
                case.id = id;
            }
        }
        self
    }

    /// Accepted neighbours that detect nothing and that no case rests on.
    fn drop_unused(&mut self) {
        let mut needed: BTreeSet<usize> = BTreeSet::new();
        for (index, case) in self.cases.iter().enumerate().rev() {
            if !case.detects.is_empty() || needed.contains(&index) {
                needed.insert(index);
                if let Base::Case(base) = case.base {
                    needed.insert(base);
                }
            }
        }
        let moved = |old: usize| {
            needed
                .iter()
                .position(|own| *own == old)
                .unwrap_or_default()
        };
        let cases = std::mem::take(&mut self.cases).into_iter().enumerate();
        let kept = cases.filter(|(index, _)| needed.contains(index));
        let kept = kept.map(|(_, case)| FieldCase {
            base: match case.base {
                Base::Case(base) => Base::Case(moved(base)),
                base => base,
            },
            ..case
        });
        self.cases = kept.collect();
        for fate in &mut self.fates {
            if let FieldFate::Detected(case) = fate {
                *case = moved(*case);
            }
        }
    }
}

/// A base of one operation among those of all.
fn shifted(base: Base, first: usize) -> Base {
    match base {
        Base::Case(index) => Base::Case(first + index),
        base => base,
    }
}
