//! From what was seen and what was generated to a report.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::headline::{headline, missing};
use super::{Audit, AuditedFault, AuditedRule, ClassCounts, Mask, Request, RuleExample, Tried};
use crate::audit::{Example, Exercise, Observation, RuleSide, Source, Unread};
use crate::case::CaseFile;
use crate::fault::{Fault, FaultClass, Owner};
use crate::generate::{Fate, Generated};
use crate::model::{Model, Place, RuleRef};
use crate::report::place::place;
use crate::report::summary::{Coverage, NEEDS_CLOCK, switched_off};
use crate::simulate::Sight;
use crate::source::Sources;

/// What a report is made from.
pub struct Auditor<'a> {
    /// The path of the rule file as shown to the user.
    pub file: &'a str,
    /// The model.
    pub model: &'a Model,
    /// Where places stand.
    pub sources: &'a Sources,
    /// All faults, and their fates as far as they were looked for.
    pub faults: &'a [Fault],
    /// What was generated for faults that traffic doesn't exercise.
    pub generated: &'a Generated,
    /// The cases of that.
    pub cases: &'a CaseFile,
    /// What was seen.
    pub seen: &'a Observation,
    /// Which rules were kept by accepted requests that they say something of.
    pub kept: &'a BTreeSet<RuleRef>,
    /// By fault, what exercised it.
    pub exercised: &'a BTreeMap<String, Exercise>,
    /// The files of the traffic.
    pub files: &'a [String],
    /// Those that couldn't be read to their end.
    pub unread: &'a [Unread],
    /// What isn't shown.
    pub mask: &'a Mask,
}

impl Auditor<'_> {
    /// The report.
    pub fn audit(&self) -> Audit {
        let faults = self.all_faults();
        let rules = self.rules(&faults);
        let missing = missing(rules.iter());
        let to_add = self.to_add();
        let testable = faults
            .iter()
            .filter(|fault| fault.fate != "untestable")
            .count();
        let exercised = faults.iter().filter(|fault| fault.is_exercised()).count();
        let coverage = Coverage::of(exercised, testable);
        Audit {
            file: self.file.to_owned(),
            headline: headline(&missing, &coverage, to_add.len()),
            coverage,
            switched_off: switched_off(self.generated),
            missing,
            traffic: self.traffic(),
            rules,
            faults,
            fields: self.fields(),
            to_add,
            cases: self.missing_cases(),
            disagreements: self.disagreements(),
            worse: Vec::new(),
            injected: None,
        }
    }

    /// The faults in their order, those behind that masking added.
    fn all_faults(&self) -> Vec<AuditedFault> {
        let known: BTreeSet<&str> = self.faults.iter().map(|fault| fault.id.as_str()).collect();
        let found = self
            .generated
            .faults
            .faults
            .iter()
            .zip(&self.generated.fates);
        let fates: BTreeMap<&str, &Fate> = found
            .map(|(fault, fate)| (fault.id.as_str(), fate))
            .collect();
        let added = self.generated.faults.faults.iter();
        let added = added.filter(|fault| !known.contains(fault.id.as_str()));
        let all = self.faults.iter().chain(added);
        all.map(|fault| self.fault(fault, fates.get(fault.id.as_str()).copied()))
            .collect()
    }

    fn fault(&self, fault: &Fault, fate: Option<&Fate>) -> AuditedFault {
        let mut audited = AuditedFault {
            fault: fault.id.clone(),
            rule: fault.owner.id(self.model),
            class: fault.class.name(),
            words: fault.words.clone(),
            place: place(self.sources, fault.span),
            fate: "unknown",
            by: None,
            request: None,
            case: None,
            reason: None,
            notice: None,
        };
        if let Some(exercise) = self.exercised.get(&fault.id) {
            (audited.fate, audited.by) = match exercise.by {
                Sight::Status => ("exercised by status", Some("status")),
                Sight::Shown => ("exercised", Some("answer")),
                _ => ("exercised", Some("verdict")),
            };
            audited.request = Some(self.request(&exercise.example));
        }
        if audited.is_exercised() {
            return audited;
        }
        match fate {
            Some(Fate::Detected(case) | Fate::DetectedByStatus(case)) => {
                let case = self.generated.cases.get(*case);
                audited.case = case.map(|case| case.id.clone());
                if audited.by.is_none() {
                    audited.fate = "not exercised";
                }
            }
            Some(fate) if audited.by.is_none() => {
                audited.fate = fate.name();
                audited.reason = self.reason(fate);
            }
            _ => {}
        }
        audited
    }

    /// Why there is no request that would exercise a fault.
    fn reason(&self, fate: &Fate) -> Option<String> {
        match fate {
            Fate::Untestable { masked_by, .. } if !masked_by.is_empty() => {
                Some(format!("masked by {}", self.ids(masked_by).join(", ")))
            }
            Fate::Bounded(limits) => Some(format!("proven only within {}", limits.join(", "))),
            Fate::Unclear(rules) => Some(format!(
                "only requests that leave {} undefined would show it",
                self.ids(rules).join(" or ")
            )),
            Fate::NeedsClock => Some(NEEDS_CLOCK.to_owned()),
            Fate::Unknown(reason) => Some(reason.clone()),
            _ => None,
        }
    }

    pub(super) fn ids(&self, rules: &[RuleRef]) -> Vec<String> {
        rules
            .iter()
            .map(|rule| self.model.rule(*rule).id.clone())
            .collect()
    }

    /// The rules, then definitions and what the server remembers.
    fn rules(&self, faults: &[AuditedFault]) -> Vec<AuditedRule> {
        let mut rules: IndexMap<String, AuditedRule> = IndexMap::new();
        for (rule, found) in self.model.rule_refs() {
            rules.insert(found.id.clone(), self.rule(rule));
        }
        for fault in faults {
            let own = rules.entry(fault.rule.clone());
            let own = own.or_insert_with(|| other(&fault.rule));
            let class = own.classes.entry(fault.class).or_default();
            class.add(fault.fate);
            own.faults.add(fault.fate);
        }
        let mut rules: Vec<AuditedRule> = rules.into_values().collect();
        let rank = |name: &str| {
            FaultClass::ALL
                .iter()
                .position(|class| class.name() == name)
        };
        for rule in &mut rules {
            rule.classes.sort_by(|a, _, b, _| rank(a).cmp(&rank(b)));
            rule.is_at_border = border(rule);
        }
        self.refine(&mut rules, faults);
        rules
    }

    fn rule(&self, rule: RuleRef) -> AuditedRule {
        let found = self.model.rule(rule);
        let seen = self.seen.rules.get(&rule).cloned().unwrap_or_default();
        let can_be_broken = !found.is_ensured();
        let layer = |is_there: bool| match (can_be_broken, is_there) {
            (false, _) => Tried::None,
            (true, true) => Tried::Yes,
            (true, false) => Tried::No,
        };
        let examples = seen.examples.iter().map(|(side, example)| RuleExample {
            side: match side {
                RuleSide::BreaksAlone => "breaks it alone",
                RuleSide::BreaksWithOthers => "breaks it and others",
                RuleSide::BreaksOthers => "breaks others",
                RuleSide::Keeps => "keeps all rules",
            },
            request: self.request(example),
        });
        AuditedRule {
            layer: "rule",
            operation: Some(self.model.operation(found.operation).id.clone()),
            message: found.message.clone(),
            severity: found.severity.clone(),
            touched: seen.touched,
            broken: seen.broken,
            broken_alone: seen.alone,
            is_broken_alone: layer(seen.alone > 0),
            is_accepted: layer(self.kept.contains(&rule)),
            examples: examples.collect(),
            ..other(&found.id)
        }
    }

    /// What is proven can't be lacking.
    fn refine(&self, rules: &mut [AuditedRule], faults: &[AuditedFault]) {
        let fates: BTreeMap<&str, &str> = faults
            .iter()
            .map(|own| (own.fault.as_str(), own.fate))
            .collect();
        for fault in self.faults {
            let Owner::Rule(rule) = fault.owner else {
                continue;
            };
            let is_dropped = fault.class == FaultClass::Dropped
                && fault
                    .patch
                    .0
                    .get(&Place::Rule(rule))
                    .is_some_and(|own| self.model.arena.is_true(*own));
            if is_dropped && fates.get(fault.id.as_str()) == Some(&"untestable") {
                let id = &self.model.rule(rule).id;
                let own = rules.iter_mut().find(|own| own.rule == *id);
                if let Some(own) = own.filter(|own| own.is_broken_alone == Tried::No) {
                    own.is_broken_alone = Tried::Impossible;
                }
            }
        }
        for rule in &self.generated.unreachable {
            let id = &self.model.rule(*rule).id;
            if let Some(own) = rules.iter_mut().find(|own| own.rule == *id) {
                own.is_accepted = Tried::Impossible;
            }
        }
    }

    pub(super) fn request(&self, example: &Example) -> Request {
        let target = self.mask.target(&example.target);
        Request {
            at: self.at(example.source),
            name: example.name.clone(),
            request: format!("{} {target}", example.method),
            body: example.body.as_deref().map(|body| self.mask.body(body)),
            status: example.status,
        }
    }

    pub(super) fn at(&self, source: Source) -> String {
        let file = self.files.get(source.file).map_or("?", String::as_str);
        format!("{file}:{}", source.entry)
    }
}

/// What else faults belong to than rules.
fn other(id: &str) -> AuditedRule {
    AuditedRule {
        rule: id.to_owned(),
        layer: if id.starts_with("def:") {
            "definition"
        } else {
            "state"
        },
        operation: None,
        message: String::new(),
        severity: None,
        touched: 0,
        broken: 0,
        broken_alone: 0,
        is_broken_alone: Tried::None,
        is_at_border: Tried::None,
        is_accepted: Tried::None,
        classes: IndexMap::new(),
        faults: ClassCounts::default(),
        noticed: None,
        examples: Vec::new(),
    }
}

/// Whether a rule was tried at a border, by its faults there.
fn border(rule: &AuditedRule) -> Tried {
    let Some(counts) = rule.classes.get(FaultClass::Boundary.name()) else {
        return Tried::None;
    };
    match counts {
        _ if rule.is_broken_alone == Tried::None => Tried::None,
        ClassCounts { exercised: 1.., .. } => Tried::Yes,
        ClassCounts { missing: 0, .. } => Tried::Impossible,
        _ => Tried::No,
    }
}

impl ClassCounts {
    fn add(&mut self, fate: &str) {
        match fate {
            "exercised" => self.exercised += 1,
            "untestable" => self.untestable += 1,
            _ => self.missing += 1,
        }
    }

    /// Those that can be exercised.
    pub fn testable(&self) -> usize {
        self.exercised + self.missing
    }
}
