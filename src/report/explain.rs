//! A rule, a fault, a class of faults or a code in full.

use serde::Serialize;

use super::Requests;
use super::check::story;
use super::ensured::ensured;
use super::place::{place, proof};
use super::summary::NEEDS_CLOCK;
use crate::case::{Case, Story};
use crate::check::{Analysis, Sample, condition};
use crate::expr::{Node, Op, print};
use crate::fault::{Fault, FaultClass};
use crate::generate::{Fate, Generated};
use crate::model::{Model, Relation, RuleInstance, RuleRef};
use crate::source::{Code, Sources};
use crate::value::Value;

/// What an id means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Explanation {
    /// The code of a finding.
    Code {
        /// Its name.
        id: String,
        /// What it means.
        meaning: String,
        /// Something that leads to it, and what to write instead.
        #[serde(skip_serializing_if = "Option::is_none")]
        example: Option<Mend>,
    },
    /// A class of faults.
    Class {
        /// Its name.
        id: String,
        /// What the wrong implementations have in common.
        meaning: String,
    },
    /// A rule at one operation.
    Rule {
        /// The id of the rule at this operation.
        id: String,
        /// The operation's id.
        operation: String,
        /// What it is about where that isn't the request as a whole.
        #[serde(skip_serializing_if = "Option::is_none")]
        about: Option<String>,
        /// The rule in its author's words.
        message: String,
        /// What was written.
        text: String,
        /// Where.
        place: String,
        /// How the rule was understood.
        understood: String,
        /// Where the rule comes from.
        source: Option<String>,
        /// The field that it is about.
        field_path: Option<String>,
        /// How much it matters.
        severity: Option<String>,
        /// Free words.
        tags: Vec<String>,
        /// The statuses that say that it was broken; empty: 400, 409 or 422.
        refused_with: Vec<u16>,
        /// Requests the last of which keeps the rule.
        accepted: Option<Requests>,
        /// Requests the last of which breaks the rule alone.
        rejected: Option<Requests>,
        /// What the answer to the last request of `accepted` must say, where the
        /// rule is about that.
        #[serde(skip_serializing_if = "Option::is_none")]
        answer: Option<Vec<String>>,
        /// What happens in `accepted`, where that is several requests.
        #[serde(skip_serializing_if = "Option::is_none")]
        accepted_story: Option<Box<Story>>,
        /// What happens in `rejected`, where that is several requests.
        #[serde(skip_serializing_if = "Option::is_none")]
        rejected_story: Option<Box<Story>>,
        /// The wrong implementations that are tested for.
        faults: Vec<RuleFault>,
    },
    /// A case of a case file.
    Case(Box<Case>),
    /// A fault.
    Fault {
        /// Its id.
        id: String,
        /// What it belongs to.
        owner: String,
        /// The kind of change.
        class: String,
        /// What the kind of change is.
        class_meaning: String,
        /// What such a server does: completes "a server that ...".
        words: String,
        /// What was written where the faulty server differs.
        text: String,
        /// Where.
        place: String,
        /// The expressions of the right server and of the faulty one.
        replaced: Vec<Replaced>,
        /// What became of it.
        fate: FateOf,
    },
}

/// A bad example and its mend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mend {
    /// What they are a part of.
    pub part: String,
    /// Leads to the finding.
    pub bad: String,
    /// What to write instead.
    pub good: String,
}

/// What became of a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FateOf {
    /// The name of its fate.
    pub fate: String,
    /// The case that detects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Of an untestable one, what the proof rests on: rules, and keywords of
    /// schemas with their places.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proof: Vec<String>,
    /// Of an undecided one, why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A fault of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleFault {
    /// The fault's id.
    pub id: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
    /// What became of it.
    #[serde(flatten)]
    pub fate: FateOf,
}

/// An expression that the faulty server replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// The right server's.
    pub right: String,
    /// The faulty one's.
    pub faulty: String,
}

/// What explanations of a rule file's things rest on.
pub struct Explainer<'a> {
    /// The model.
    pub model: &'a Model,
    /// Where things stand.
    pub sources: &'a Sources,
    /// What came of the faults that are explained.
    pub generated: &'a Generated,
    /// Requests that keep and break the rules.
    pub analysis: &'a Analysis,
}

impl Explainer<'_> {
    /// What `id` means: a rule at each of its operations, or a fault. Faults
    /// whose fate isn't known are left out.
    pub fn explain(&self, id: &str) -> Vec<Explanation> {
        let rules = self.model.rule_refs();
        let rules = rules.filter(|(_, rule)| rule.id == id || rule.rule == id);
        let rules = rules.map(|(rule, found)| self.of_rule(rule, found));
        let own = self.faults().filter(|(fault, _)| fault.id == id);
        let own = own.map(|(fault, fate)| self.of_fault(fault, fate));
        rules.chain(own).collect()
    }

    fn faults(&self) -> impl Iterator<Item = (&Fault, &Fate)> {
        let faults = &self.generated.faults.faults;
        faults.iter().zip(&self.generated.fates)
    }

    fn of_rule(&self, rule: RuleRef, found: &RuleInstance) -> Explanation {
        let model = self.model;
        let own = self.faults();
        let own = own.filter(|(fault, _)| fault.owner.id(model) == found.id);
        let own = own.map(|(fault, fate)| RuleFault {
            id: fault.id.clone(),
            words: fault.words.clone(),
            fate: self.fate(fate),
        });
        let at = condition(found, &model.arena);
        let mut samples = self.analysis.rules.iter();
        let samples = samples.find(|samples| samples.rule == rule);
        let requests = |sample: &Sample| match sample {
            Sample::Found(trace) => Some(Requests::new(model, trace, rule)),
            Sample::Never(_) | Sample::Undecided(_) => None,
        };
        Explanation::Rule {
            id: found.id.clone(),
            operation: model.operation(found.operation).id.clone(),
            about: found.about.clone(),
            message: found.message.clone(),
            text: self.sources.excerpt(at).to_owned(),
            place: place(self.sources, at),
            understood: understood(model, found),
            source: found.source.clone(),
            field_path: found.field_path.clone(),
            severity: found.severity.clone(),
            tags: found.tags.clone(),
            refused_with: found.expect.statuses.clone(),
            accepted: samples.and_then(|samples| requests(&samples.accepted)),
            rejected: samples.and_then(|samples| requests(&samples.rejected)),
            answer: found
                .is_ensured()
                .then(|| match samples.map(|own| &own.accepted) {
                    Some(Sample::Found(trace)) => ensured(model, trace, rule),
                    _ => Vec::new(),
                }),
            accepted_story: samples.and_then(|own| story(model, rule, &own.accepted)),
            rejected_story: samples.and_then(|own| story(model, rule, &own.rejected)),
            faults: own.collect(),
        }
    }

    fn of_fault(&self, fault: &Fault, fate: &Fate) -> Explanation {
        let model = self.model;
        let names = model.resource_names();
        let replaced = fault.sites.iter().filter_map(|(site, new)| {
            let (root, _) = model.expression(site.place);
            let old = model.arena.at(root, &site.position)?;
            Some(Replaced {
                right: print(&model.arena, old, &names),
                faulty: print(&model.arena, *new, &names),
            })
        });
        Explanation::Fault {
            id: fault.id.clone(),
            owner: fault.owner.id(model),
            class: fault.class.name().to_owned(),
            class_meaning: fault.class.doc().to_owned(),
            words: fault.words.clone(),
            text: self.sources.excerpt(fault.span).to_owned(),
            place: place(self.sources, fault.span),
            replaced: replaced.collect(),
            fate: self.fate(fate),
        }
    }

    fn fate(&self, fate: &Fate) -> FateOf {
        let mut found = FateOf {
            fate: fate.name().to_owned(),
            ..FateOf::default()
        };
        let ids = |rules: &[RuleRef]| {
            let ids = rules.iter().map(|rule| &*self.model.rule(*rule).id);
            ids.collect::<Vec<&str>>().join(", ")
        };
        match fate {
            Fate::Detected(case) | Fate::DetectedByStatus(case) => {
                let case = self.generated.cases.get(*case);
                found.case = case.map(|case| case.id.clone());
            }
            Fate::Untestable { core, masked_by } => {
                found.proof = proof(self.model, self.sources, core);
                if !masked_by.is_empty() {
                    found.reason = Some(format!(
                        "whatever breaks it is refused by {}",
                        ids(masked_by)
                    ));
                }
            }
            Fate::Bounded(limits) => found.reason = Some(limits.join(", ")),
            Fate::Unclear(rules) => {
                found.reason = Some(format!("{} is undefined wherever it shows", ids(rules)));
            }
            Fate::NeedsClock => found.reason = Some(NEEDS_CLOCK.to_owned()),
            Fate::Unknown(reason) => found.reason = Some(reason.clone()),
            Fate::LeftOut => found.reason = Some("more cases than are wanted".to_owned()),
        }
        found
    }
}

/// How a rule was understood.
fn understood(model: &Model, rule: &RuleInstance) -> String {
    let names = model.resource_names();
    let printed = |id| print(&model.arena, id, &names);
    if !rule.is_ensured() {
        return printed(rule.expr);
    }
    let parts = rule.ensures.iter().map(|own| {
        let (guard, value) = match model.arena.node(own.expr) {
            Node::Call(Op::Where, operands) => match **operands {
                [guard, value] => (Some(guard), value),
                _ => (None, own.expr),
            },
            _ => (None, own.expr),
        };
        let place = own.place();
        let said = match (own.relation, model.arena.as_const(value)) {
            (Relation::Has, Some(Value::Bool(true))) => format!("has({place})"),
            (Relation::Has, Some(Value::Bool(false))) => format!("!has({place})"),
            (Relation::Has, _) => format!("has({place}) == {}", printed(value)),
            (relation, _) => format!("{place} {} {}", relation.sign(), printed(value)),
        };
        match guard {
            Some(guard) => format!("when {}: {said}", printed(guard)),
            None => said,
        }
    });
    parts.collect::<Vec<_>>().join("; ")
}

impl Explanation {
    /// The code or the class of faults of that name, which need no rule file.
    pub fn built_in(name: &str) -> Option<Self> {
        let code = Code::by_name(name).map(|code| Self::Code {
            id: name.to_owned(),
            meaning: code.doc().to_owned(),
            example: code.example().map(|example| Mend {
                part: example.part.words().to_owned(),
                bad: example.bad.to_owned(),
                good: example.good.to_owned(),
            }),
        });
        let class = || {
            let class = FaultClass::ALL
                .into_iter()
                .find(|class| class.name() == name)?;
            Some(Self::Class {
                id: name.to_owned(),
                meaning: class.doc().to_owned(),
            })
        };
        code.or_else(class)
    }
}
