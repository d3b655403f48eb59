//! What `generate` found for a rule file, in numbers and by fault.

use indexmap::IndexMap;
use serde::Serialize;

use super::fields::FieldSummary;
use super::place::{place, proof};
use crate::fault::Fault;
use crate::generate::{Case, Fate, Generated, Pairs};
use crate::model::{Model, RuleRef};
use crate::source::Sources;

/// The result for a rule file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The path of the rule file as shown to the user.
    pub file: String,
    /// How much of what can be tested is tested.
    pub coverage: Coverage,
    /// All of it.
    pub total: Counts,
    /// What faults belong to: rules, definitions, changes of state.
    pub owners: Vec<OwnerCounts>,
    /// The faults that are neither detected nor untestable.
    pub open: Vec<OpenFault>,
    /// The faults that nothing detects.
    pub untestable: Vec<UntestableFault>,
    /// Faults that the settings switch off, by the reason.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub switched_off: IndexMap<String, usize>,
    /// Pairs of values of fields that no rule reads, where these were filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<Pairs>,
    /// What came of the field layer, where it is asked for; counted apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<FieldSummary>,
    /// Faults that would order numbers of the environment or of setup: no test can rely
    /// on such an order.
    #[serde(skip_serializing_if = "is_none")]
    pub unordered: usize,
    /// Rules that can hold in more ways than are tested.
    pub omitted: Vec<Omitted>,
    /// Documented examples that break rules: their baselines were changed.
    pub examples: Vec<BrokenExample>,
    /// Rules whose operation accepts no request at all.
    pub unreachable: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Detected faults of those that can be detected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Faults that a case detects by verdict.
    pub detected: usize,
    /// All faults but the untestable ones.
    pub testable: usize,
    /// The first of the second in percent, rounded down to a tenth; 100 where
    /// there is nothing to detect.
    pub percent: f64,
}

/// How many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Faults.
    pub faults: usize,
    /// Faults by the name of their fate, only fates that occur.
    pub fates: IndexMap<&'static str, usize>,
    /// Cases.
    pub cases: usize,
    /// Requests of the cases, setup included.
    pub requests: usize,
}

/// The counts of an owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnerCounts {
    /// The owner's id: a rule's, `def:net`, `payment.refunded@createRefund`.
    pub owner: String,
    /// Its counts.
    #[serde(flatten)]
    pub counts: Counts,
}

/// A fault that no case detects as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenFault {
    /// The fault's id.
    pub fault: String,
    /// The name of its fate.
    pub fate: &'static str,
    /// Why, in words.
    pub reason: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
    /// Where the rule says otherwise.
    pub place: String,
}

/// A fault that nothing detects, and the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UntestableFault {
    /// The fault's id.
    pub fault: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
    /// Where the rule says otherwise.
    pub place: String,
    /// Rules, and keywords of schemas with their places, that exclude every
    /// difference; empty: the two servers are the same.
    pub proof: Vec<String>,
    /// The rules that refuse whatever this one refuses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub masked_by: Vec<String>,
}

/// A rule that can hold in more ways than are tested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Omitted {
    /// The rule's id.
    pub rule: String,
    /// How many ways were left out.
    pub ways: u64,
}

/// A documented example that breaks rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BrokenExample {
    /// The operation's id.
    pub operation: String,
    /// The example's name.
    pub example: String,
    /// The rules that it breaks; empty where it isn't accepted for another
    /// reason.
    pub breaks: Vec<String>,
}

/// The names of fates in the order of reports.
pub(super) const FATES: [&str; 8] = [
    "detected",
    "detected by status",
    "untestable",
    "bounded",
    "unclear",
    "needs test clock",
    "unknown",
    "left out",
];

/// Why a fault needs a clock that tests set.
pub(super) const NEEDS_CLOCK: &str =
    "it shows at moments only that no test can be sure to hit: see `clock` in the rule file";

impl Summary {
    /// The summary of what was generated for the rule file at `file`.
    pub fn new(file: &str, model: &Model, sources: &Sources, generated: &Generated) -> Self {
        let reader = Reader {
            model,
            sources,
            generated,
        };
        let total = reader.total();
        Self {
            file: file.to_owned(),
            coverage: Coverage::new(&total),
            owners: reader.owners(),
            open: reader
                .faults()
                .filter_map(|(f, fate)| reader.open(f, fate))
                .collect(),
            untestable: reader
                .faults()
                .filter_map(|(fault, fate)| reader.untestable(fault, fate))
                .collect(),
            switched_off: switched_off(generated),
            pairs: generated.pairs,
            fields: FieldSummary::new(sources, generated),
            unordered: generated.faults.unordered,
            omitted: reader.omitted(),
            examples: reader.examples(),
            unreachable: reader.ids(&generated.unreachable),
            total,
        }
    }

    /// Whether some fault is unknown, bounded or unclear.
    pub fn is_inconclusive(&self) -> bool {
        let undecided = ["bounded", "unclear", "unknown"];
        let of_fields = self.fields.as_ref().is_some_and(|own| !own.open.is_empty());
        of_fields || self.open.iter().any(|open| undecided.contains(&open.fate))
    }
}

impl Coverage {
    fn new(counts: &Counts) -> Self {
        let of = |name| counts.fates.get(name).copied().unwrap_or_default();
        let testable = counts.faults.saturating_sub(of("untestable"));
        Self::of(of("detected"), testable)
    }

    /// How much of what is testable is detected.
    pub fn of(detected: usize, testable: usize) -> Self {
        let tenths = (detected * 1000).checked_div(testable).unwrap_or(1000);
        let tenths = u16::try_from(tenths).unwrap_or(1000);
        Self {
            detected,
            testable,
            percent: f64::from(tenths) / 10.0,
        }
    }
}

/// The faults that the settings switch off, by the reason.
pub(super) fn switched_off(generated: &Generated) -> IndexMap<String, usize> {
    let mut found = IndexMap::new();
    let fields = generated.fields.off.iter().map(|(_, switch)| switch);
    for switch in generated.off.iter().map(|(_, switch)| switch).chain(fields) {
        *found.entry(switch.reason.clone()).or_default() += 1;
    }
    found
}

/// What summaries are made from.
struct Reader<'a> {
    model: &'a Model,
    sources: &'a Sources,
    generated: &'a Generated,
}

impl<'a> Reader<'a> {
    fn faults(&self) -> impl Iterator<Item = (&'a Fault, &'a Fate)> + use<'a> {
        let faults = &self.generated.faults.faults;
        faults.iter().zip(&self.generated.fates)
    }

    fn total(&self) -> Counts {
        let mut total = Counts::default();
        for (_, fate) in self.faults() {
            total.add_fault(fate);
        }
        self.generated
            .cases
            .iter()
            .for_each(|case| total.add_case(case));
        total.in_order();
        total
    }

    fn owners(&self) -> Vec<OwnerCounts> {
        let mut owners: IndexMap<String, Counts> = IndexMap::new();
        for (fault, fate) in self.faults() {
            let owner = owners.entry(fault.owner.id(self.model)).or_default();
            owner.add_fault(fate);
        }
        for case in &self.generated.cases {
            owners.entry(self.owner(case)).or_default().add_case(case);
        }
        let owners = owners.into_iter().map(|(owner, mut counts)| {
            counts.in_order();
            OwnerCounts { owner, counts }
        });
        owners.collect()
    }

    /// The owner that a case is there for.
    fn owner(&self, case: &Case) -> String {
        let fault = case.primary.or(case.detects.first().copied());
        let fault = fault.and_then(|fault| self.generated.faults.faults.get(fault));
        match fault {
            Some(fault) => fault.owner.id(self.model),
            None => self.model.rule(case.rule).id.clone(),
        }
    }

    fn open(&self, fault: &Fault, fate: &Fate) -> Option<OpenFault> {
        let reason = match fate {
            // Those left out are as many as the user made them.
            Fate::Detected(_) | Fate::Untestable { .. } | Fate::LeftOut => return None,
            Fate::DetectedByStatus(case) => {
                let case = self.generated.cases.get(*case).map(|case| &*case.id);
                let case = case.unwrap_or_default();
                format!("only the status or body of the refusal shows it, in case {case}")
            }
            Fate::Bounded(limits) => format!("proven only within {}", limits.join(", ")),
            Fate::Unclear(rules) => format!(
                "only requests that leave {} undefined would show it",
                self.ids(rules).join(" or ")
            ),
            Fate::NeedsClock => NEEDS_CLOCK.to_owned(),
            Fate::Unknown(reason) => reason.clone(),
        };
        Some(OpenFault {
            fault: fault.id.clone(),
            fate: fate.name(),
            reason,
            words: fault.words.clone(),
            place: place(self.sources, fault.span),
        })
    }

    fn untestable(&self, fault: &Fault, fate: &Fate) -> Option<UntestableFault> {
        let Fate::Untestable { core, masked_by } = fate else {
            return None;
        };
        Some(UntestableFault {
            fault: fault.id.clone(),
            words: fault.words.clone(),
            place: place(self.sources, fault.span),
            proof: proof(self.model, self.sources, core),
            masked_by: self.ids(masked_by),
        })
    }

    fn omitted(&self) -> Vec<Omitted> {
        let omitted = self.generated.faults.omitted_paths.iter();
        omitted
            .map(|paths| Omitted {
                rule: self.model.rule(paths.rule).id.clone(),
                ways: paths.omitted,
            })
            .collect()
    }

    fn examples(&self) -> Vec<BrokenExample> {
        let examples = self.generated.examples.iter();
        examples
            .map(|found| BrokenExample {
                operation: self.model.operation(found.operation).id.clone(),
                example: found.example.clone(),
                breaks: self.ids(&found.breaks),
            })
            .collect()
    }

    fn ids(&self, rules: &[RuleRef]) -> Vec<String> {
        let rules = rules.iter();
        rules
            .map(|rule| self.model.rule(*rule).id.clone())
            .collect()
    }
}

impl Counts {
    fn add_fault(&mut self, fate: &Fate) {
        self.faults += 1;
        *self.fates.entry(fate.name()).or_default() += 1;
    }

    fn add_case(&mut self, case: &Case) {
        self.cases += 1;
        self.requests += case.trace.steps.len();
    }

    /// Puts the fates into the order of reports.
    fn in_order(&mut self) {
        let rank = |name: &str| FATES.iter().position(|known| *known == name);
        self.fates.sort_by(|a, _, b, _| rank(a).cmp(&rank(b)));
    }
}
