//! What came of the field layer.

use std::collections::BTreeMap;
use std::fmt::Write;

use indexmap::IndexMap;
use serde::Serialize;

use super::explain::{Explanation, FateOf};
use super::place::place;
use super::summary::Coverage;
use super::{counted, wrapped};
use crate::fault::FaultClass;
use crate::field::{FieldDemand, FieldFault};
use crate::generate::{FieldFate, Generated};
use crate::source::Sources;

/// The numbers of the field layer, and what it leaves open.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldSummary {
    /// How much of what can be tested is tested.
    pub coverage: Coverage,
    /// Keywords at places.
    pub demands: usize,
    /// Faults.
    pub faults: usize,
    /// Faults by the name of their fate.
    pub fates: IndexMap<&'static str, usize>,
    /// Cases.
    pub cases: usize,
    /// The faults that no case detects.
    pub open: Vec<OpenField>,
    /// The faults that nothing can show.
    pub untestable: Vec<OpenField>,
}

/// A field fault without a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenField {
    /// The fault's id.
    pub fault: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
    /// Where the document says otherwise.
    pub place: String,
    /// Why there is none.
    pub reason: String,
}

impl FieldSummary {
    /// None where the layer isn't asked for.
    pub(super) fn new(sources: &Sources, generated: &Generated) -> Option<Self> {
        let layer = &generated.fields;
        let (list, fates) = (&layer.list, &layer.fates);
        if list.demands.is_empty() {
            return None;
        }
        let faults = || list.faults.iter().zip(fates);
        let mut counts: IndexMap<&'static str, usize> = IndexMap::new();
        for name in ["detected", "untestable", "unknown"] {
            let found = fates.iter().filter(|fate| fate.name() == name).count();
            if found > 0 {
                counts.insert(name, found);
            }
        }
        let of = |fault: &FieldFault, reason: &String| {
            let demand = list.demands.get(fault.demand);
            OpenField {
                fault: fault.id.clone(),
                words: fault.words.clone(),
                place: demand.map_or_else(String::new, |own| at(sources, own)),
                reason: reason.clone(),
            }
        };
        let open = faults().filter_map(|(fault, fate)| match fate {
            FieldFate::Unknown(reason) => Some(of(fault, reason)),
            _ => None,
        });
        let untestable = faults().filter_map(|(fault, fate)| match fate {
            FieldFate::Untestable(reason) => Some(of(fault, reason)),
            _ => None,
        });
        let untestable: Vec<OpenField> = untestable.collect();
        let detected = counts.get("detected").copied().unwrap_or_default();
        let testable = list.faults.len() - untestable.len();
        Some(Self {
            coverage: Coverage::of(detected, testable),
            demands: list.demands.len(),
            faults: list.faults.len(),
            fates: counts,
            cases: layer.cases.len(),
            open: open.collect(),
            untestable,
        })
    }

    /// The line of the coverage.
    pub(super) fn line(&self) -> String {
        let untestable = self.untestable.len();
        format!(
            "field layer {:.1} %: {} of {} detected by {}; {untestable} more {} untestable\n",
            self.coverage.percent,
            self.coverage.detected,
            counted(self.coverage.testable, "testable fault"),
            counted(self.cases, "case"),
            if untestable == 1 { "is" } else { "are" },
        )
    }

    /// What is open, by the reason; `verbose` names each fault, and what is
    /// untestable.
    pub(super) fn details(&self, verbose: bool) -> String {
        let mut out = String::new();
        if !self.open.is_empty() {
            out.push_str("\nOpen in the field layer, since\n");
            by_reason(&mut out, &self.open, verbose);
            if !verbose {
                out.push_str("  (--verbose names them)\n");
            }
        }
        if verbose && !self.untestable.is_empty() {
            out.push_str("\nUntestable in the field layer, since\n");
            by_reason(&mut out, &self.untestable, verbose);
        }
        out
    }
}

/// What an id means in the field layer: a fault, or a keyword at a place with all
/// of its faults.
pub fn explain_field(sources: &Sources, generated: &Generated, id: &str) -> Vec<Explanation> {
    let layer = &generated.fields;
    let faults = layer.list.faults.iter().zip(&layer.fates);
    let own = faults.filter_map(|(fault, fate)| {
        let demand = layer.list.demands.get(fault.demand)?;
        (fault.id == id || demand.id == id)
            .then(|| of_fault(sources, generated, demand, fault, fate))
    });
    own.collect()
}

fn of_fault(
    sources: &Sources,
    generated: &Generated,
    demand: &FieldDemand,
    fault: &FieldFault,
    fate: &FieldFate,
) -> Explanation {
    let mut found = FateOf {
        fate: fate.name().to_owned(),
        ..FateOf::default()
    };
    match fate {
        FieldFate::Detected(case) => {
            let case = generated.fields.cases.get(*case);
            found.case = case.map(|case| case.id.clone());
        }
        FieldFate::Untestable(reason) | FieldFate::Unknown(reason) => {
            found.reason = Some(reason.clone());
        }
    }
    Explanation::Fault {
        id: fault.id.clone(),
        owner: demand.id.clone(),
        class: FaultClass::Field.name().to_owned(),
        class_meaning: FaultClass::Field.doc().to_owned(),
        words: fault.words.clone(),
        text: sources.excerpt(demand.span).to_owned(),
        place: at(sources, demand),
        replaced: Vec::new(),
        fate: found,
    }
}

fn by_reason(out: &mut String, all: &[OpenField], verbose: bool) {
    let mut reasons: BTreeMap<&str, Vec<&OpenField>> = BTreeMap::new();
    for open in all {
        reasons.entry(&open.reason).or_default().push(open);
    }
    for (reason, faults) in reasons {
        let words = format!("{reason}: {}", counted(faults.len(), "fault"));
        out.push_str(&wrapped(&words, "  "));
        for fault in faults.iter().filter(|_| verbose) {
            let _ = writeln!(out, "      {} [{}]", fault.place, fault.fault);
        }
    }
}

fn at(sources: &Sources, demand: &FieldDemand) -> String {
    place(sources, demand.span)
}
