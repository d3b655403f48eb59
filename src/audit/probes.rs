//! Servers that tell where a rule had something to say.

use std::collections::BTreeMap;

use crate::expr::{ExprId, Node, Op};
use crate::model::{Model, Patch, Place, RuleRef};

/// For each rule that can be broken, a server that refuses all that the rule is
/// about. Where it differs from the right one, the rule was kept, and not because
/// its guard is false.
pub fn probes(model: &mut Model) -> BTreeMap<RuleRef, Patch> {
    let never = model.arena.boolean(false);
    let rules: Vec<(RuleRef, ExprId)> = model
        .rule_refs()
        .filter(|(_, rule)| !rule.is_ensured())
        .map(|(rule, found)| (rule, found.expr))
        .collect();
    let probes = rules.into_iter().map(|(rule, expr)| {
        let refusing = refusing(model, expr, never);
        (rule, Patch(BTreeMap::from([(Place::Rule(rule), refusing)])))
    });
    probes.collect()
}

/// The rule's guards, around `never`.
fn refusing(model: &mut Model, expr: ExprId, never: ExprId) -> ExprId {
    let Node::Call(Op::Guard, operands) = model.arena.node(expr).clone() else {
        return never;
    };
    let [guard, body] = *operands else {
        return never;
    };
    let inner = refusing(model, body, never);
    model.arena.call_bool(Op::Guard, &[guard, inner])
}
