//! What generation gives.

use crate::case::{Shard, Worth};
use crate::fault::{Fault, FaultList};
use crate::model::{RuleRef, Step, Trace};
use crate::search::lower::Label;
use crate::settings::Switch;

use super::{BaselineTrace, ExampleFinding, FieldLayer, Pairs};
use crate::value::location::Location;

/// All that was found for one model.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The faults; those that masking added stand behind their owner's.
    pub faults: FaultList,
    /// The fate of each fault, by its position in `faults`.
    pub fates: Vec<Fate>,
    /// The cases, by rule and id.
    pub cases: Vec<Case>,
    /// The accepted sequences that cases are changes of.
    pub baselines: Vec<BaselineTrace>,
    /// Documented examples that break a rule.
    pub examples: Vec<ExampleFinding>,
    /// Rules that no state breaks, and rules that no accepted state satisfies,
    /// are found by their faults' fates; rules whose operation accepts nothing
    /// are listed here.
    pub unreachable: Vec<RuleRef>,
    /// The faults that the settings switch off, each with the entry that does.
    pub off: Vec<(Fault, Switch)>,
    /// Pairs of values of free fields, where these were filled.
    pub pairs: Option<Pairs>,
    /// Which part of the work this is.
    pub shard: Option<Shard>,
    /// What came of the field layer, where it is asked for.
    pub fields: FieldLayer,
    /// What went wrong inside, with all that reproduces it. Not empty: exit
    /// status 70.
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
    /// Only a clock that tests set would show it.
    NeedsClock,
    /// Not decided: which limit was reached.
    Unknown(String),
    /// A case detected it that was left out, as there were more than wanted.
    LeftOut,
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
            Self::NeedsClock => "needs test clock",
            Self::Unknown(_) => "unknown",
            Self::LeftOut => "left out",
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
    /// Places of the last request that were filled for pairwise coverage.
    pub filled: Vec<Location>,
    /// The rules that the last request breaks, by id; empty where it is
    /// accepted.
    pub breaks: Vec<RuleRef>,
    /// The fault that it is there for, a position in the fault list; `None`
    /// for an accepting twin that detects nothing that others don't.
    pub primary: Option<usize>,
    /// All faults that it is known to detect, by position: of its owner, or of all
    /// where cases are compared over the whole file.
    pub detects: Vec<usize>,
    /// What it is worth beside the others.
    pub value: Worth,
    /// The rule that the case belongs to.
    pub rule: RuleRef,
    /// What it is a change of, a position in [`Generated::baselines`].
    pub baseline: usize,
    /// For a rejecting case: the nearest accepted state.
    pub twin: Option<Twin>,
    /// Rules that count as true although they are undefined here.
    pub assumes: Vec<RuleRef>,
    /// Whether what the last answer shows of the state is what it is about.
    pub is_view: bool,
    /// Requests before the last one that show whether the server remembers
    /// what it should by then.
    pub looks: Vec<Step>,
}

/// An accepted state beside a refused one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// A position in [`Generated::cases`].
    Case(usize),
    /// A position in [`Generated::baselines`].
    Baseline(usize),
}
