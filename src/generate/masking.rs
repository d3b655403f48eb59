//! Masking: a dropped rule that other rules stand in for.

use crate::expr::ExprId;
use crate::fault::{Fault, FaultClass, Site};
use crate::model::{Model, Patch, Place, RuleRef};
use crate::value::Value;

/// Whether a fault is "the rule isn't enforced".
pub fn is_whole_rule(model: &Model, fault: &Fault, rule: RuleRef) -> bool {
    let root = fault.patch.0.get(&Place::Rule(rule));
    fault.patch.0.len() == 1
        && root.is_some_and(|root| model.arena.as_const(*root) == Some(&Value::Bool(true)))
}

/// The fault that a rule and those that mask it are all dropped.
pub fn together(model: &Model, fault: &Fault, masks: &[RuleRef], truth: ExprId) -> Fault {
    let names: Vec<&str> = masks
        .iter()
        .map(|rule| model.rule(*rule).id.as_str())
        .collect();
    let mut patch = fault.patch.clone();
    let mut sites = fault.sites.clone();
    for rule in masks {
        patch.0.insert(Place::Rule(*rule), truth);
        let site = Site {
            place: Place::Rule(*rule),
            position: crate::expr::Position::default(),
        };
        sites.push((site, truth));
    }
    Fault {
        id: format!("{}/with/{}", fault.id, names.join("+")),
        class: FaultClass::Dropped,
        owner: fault.owner.clone(),
        sites,
        patch: Patch(patch.0),
        words: format!("enforces neither this rule nor {}", names.join(" nor ")),
        span: fault.span,
        equals: 0,
        structural: format!("{} with {}", fault.structural, names.join("+")),
    }
}
