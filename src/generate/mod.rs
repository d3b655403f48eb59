//! The spine: from a model to proven cases, with the fate of every fault.
//!
//! Owner by owner: simulate what there is, search for what is left, minimise,
//! verify, keep. Then twins, compaction, and an attack on every claim that
//! something is untestable.

use std::collections::BTreeMap;

use crate::fault::{FaultList, OmittedPaths};
use crate::model::{OperationRef, RuleRef, Trace};
use crate::search::lower::Label;

/// All that was found for one model.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The faults. Those that masking added come last for their owner.
    pub faults: FaultList,
    /// The fate of each fault, by its position in `faults`.
    pub fates: Vec<Fate>,
    /// The cases, by id.
    pub cases: Vec<Case>,
    /// For each operation with a case, the accepted sequence that its cases
    /// are changes of, by operation.
    pub baselines: BTreeMap<OperationRef, Trace>,
    /// What went wrong inside: each has a file that reproduces it. Not empty:
    /// exit status 70.
    pub internal: Vec<String>,
}

/// What became of a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// A case detects it: its position in [`Generated::cases`].
    Detected(usize),
    /// A case detects it by the status or body of a refusal only.
    DetectedByStatus(usize),
    /// Proven: nothing detects it.
    Untestable {
        /// What the proof rests on: rules, and keywords of schemas.
        core: Vec<Label>,
        /// For "R dropped": the rules that refuse whatever R refuses.
        masked_by: Vec<RuleRef>,
    },
    /// Proven only within these restrictions.
    Bounded(Vec<String>),
    /// Only states that leave one of these rules undefined would show it.
    Unclear(Vec<RuleRef>),
    /// Not decided: which limit was reached.
    Unknown(String),
}

impl Fate {
    /// The name that summaries use.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Detected(_) => "detected",
            Self::DetectedByStatus(_) => "detected by status",
            Self::Untestable { .. } => "untestable",
            Self::Bounded(_) => "bounded",
            Self::Unclear(_) => "unclear",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// A verified, concrete, minimal witness: what is emitted.
#[derive(Clone, Debug)]
pub struct Case {
    /// Stable: from operation, rule and primary fault.
    pub id: String,
    /// The requests. The last one is what the case is about.
    pub trace: Trace,
    /// The rules that the last request breaks, by id; empty where it is
    /// accepted.
    pub breaks: Vec<RuleRef>,
    /// The fault that it was found for, a position in the fault list; `None`
    /// for an accepting twin that detects nothing by itself.
    pub primary: Option<usize>,
    /// All faults that it detects, by position.
    pub detects: Vec<usize>,
    /// The rule that the case belongs to.
    pub rule: RuleRef,
    /// The nearest accepting case, a position in [`Generated::cases`].
    pub twin: Option<usize>,
    /// Rules that count as true although they are undefined here.
    pub assumes: Vec<RuleRef>,
}

/// The rules with more accepting ways than are tested.
pub fn omitted(generated: &Generated) -> &[OmittedPaths] {
    &generated.faults.omitted_paths
}
