//! A rule, a fault, a class of faults or a code in full.

use serde::Serialize;

use super::place::place;
use crate::case::Case;
use crate::check::condition;
use crate::expr::print;
use crate::fault::{Fault, FaultClass, FaultList};
use crate::model::{Model, RuleInstance};
use crate::source::{Code, Sources};

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
    },
}

/// A fault of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleFault {
    /// The fault's id.
    pub id: String,
    /// What such a server does: completes "a server that ...".
    pub words: String,
}

/// An expression that the faulty server replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// The right server's.
    pub right: String,
    /// The faulty one's.
    pub faulty: String,
}

/// What `id` means in a model: its rules (each of their operations), or a
/// fault.
pub fn explain(model: &Model, faults: &FaultList, sources: &Sources, id: &str) -> Vec<Explanation> {
    let rules = model.rules.iter();
    let rules = rules.filter(|rule| rule.id == id || rule.rule == id);
    let rules = rules.map(|rule| of_rule(model, faults, sources, rule));
    let own = faults.faults.iter().filter(|fault| fault.id == id);
    let own = own.map(|fault| of_fault(model, sources, fault));
    rules.chain(own).collect()
}

fn of_rule(
    model: &Model,
    faults: &FaultList,
    sources: &Sources,
    rule: &RuleInstance,
) -> Explanation {
    let own = faults.faults.iter();
    let own = own.filter(|fault| fault.owner.id(model) == rule.id);
    let own = own.map(|fault| RuleFault {
        id: fault.id.clone(),
        words: fault.words.clone(),
    });
    let at = condition(rule, &model.arena);
    Explanation::Rule {
        id: rule.id.clone(),
        operation: model.operation(rule.operation).id.clone(),
        about: rule.about.clone(),
        message: rule.message.clone(),
        text: sources.excerpt(at).to_owned(),
        place: place(sources, at),
        understood: print(&model.arena, rule.expr, &resources(model)),
        source: rule.source.clone(),
        field_path: rule.field_path.clone(),
        severity: rule.severity.clone(),
        tags: rule.tags.clone(),
        refused_with: rule.expect.statuses.clone(),
        faults: own.collect(),
    }
}

fn of_fault(model: &Model, sources: &Sources, fault: &Fault) -> Explanation {
    let names = resources(model);
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
        text: sources.excerpt(fault.span).to_owned(),
        place: place(sources, fault.span),
        replaced: replaced.collect(),
    }
}

fn resources(model: &Model) -> Vec<String> {
    let resources = model.resources.iter();
    resources.map(|resource| resource.name.clone()).collect()
}

impl Explanation {
    /// The code or the class of faults of that name, which need no rule file.
    pub fn built_in(name: &str) -> Option<Self> {
        let code = Code::by_name(name).map(|code| Self::Code {
            id: name.to_owned(),
            meaning: code.doc().to_owned(),
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
