//! What is asked about a rule: servers and conditions that differ from it.

use std::collections::BTreeMap;

use super::clauses::{Clause, clauses};
use super::definedness::may_be_undefined;
use crate::expr::{Arena, ExprId, Fold, Node, Op, TimePart, Type};
use crate::model::{Model, Patch, Place, RuleInstance, RuleRef};

/// The questions about one rule.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub rule: RuleRef,
    /// The whole rule.
    pub expr: ExprId,
    /// Its guard.
    pub guard: Option<ExprId>,
    /// That it holds, and its guard too.
    pub kept: ExprId,
    /// A server that refuses what keeps the rule and its guard.
    pub refuses: Patch,
    /// For a rule about all items of a list: that there is one.
    pub engaged: Option<Engaged>,
    /// A server that doesn't know the rule.
    pub ignores: Patch,
    /// The rule with a clause fixed to true or to false, for each of them.
    pub clauses: Vec<Clause>,
    /// The rule with exact division wherever it divides integers.
    pub exact: Option<ExprId>,
    /// Whether it isn't plain that the rule always has a value.
    pub may_be_undefined: bool,
}

impl Question {
    /// The servers that are searched for.
    pub fn patches(&self) -> impl Iterator<Item = &Patch> {
        let engaged = self.engaged.as_ref().map(|own| &own.refuses);
        engaged.into_iter().chain([&self.refuses, &self.ignores])
    }
}

/// Whether a rule about all items has one that it is about.
#[derive(Clone, Debug)]
pub(super) struct Engaged {
    /// That it has.
    pub condition: ExprId,
    /// A server that refuses such requests.
    pub refuses: Patch,
}

/// The questions about all rules; their expressions are added to the arena.
pub(super) fn questions(model: &mut Model) -> Vec<Question> {
    let open: Vec<bool> = model
        .rules
        .iter()
        .map(|rule| !rule.undefined_rejects && may_be_undefined(model, rule.expr))
        .collect();
    let Model { arena, rules, .. } = model;
    let rules = (0..).map(RuleRef).zip(&*rules).zip(open);
    let rules = rules.filter(|((_, found), _)| !found.is_ensured());
    rules
        .map(|((rule, found), open)| question(arena, rule, found, open))
        .collect()
}

fn question(
    arena: &mut Arena,
    rule: RuleRef,
    found: &RuleInstance,
    may_be_undefined: bool,
) -> Question {
    let expr = found.expr;
    let patch = |to| Patch(BTreeMap::from([(Place::Rule(rule), to)]));
    let guarded = match arena.node(expr) {
        Node::Call(Op::Guard, operands) => operands.first().copied().zip(operands.get(1).copied()),
        _ => None,
    };
    let never = arena.boolean(false);
    let always = arena.boolean(true);
    let (kept, refuses) = match guarded {
        Some((guard, body)) => (
            arena.call_bool(Op::And, &[guard, body]),
            arena.call_bool(Op::Guard, &[guard, never]),
        ),
        None => (expr, never),
    };
    let engaged = engaged(arena, expr).map(|(condition, refusing)| Engaged {
        condition,
        refuses: patch(refusing),
    });
    Question {
        rule,
        expr,
        engaged,
        guard: guarded.map(|(guard, _)| guard),
        kept,
        refuses: patch(refuses),
        ignores: patch(always),
        clauses: match found.is_derived {
            true => Vec::new(),
            false => clauses(arena, found),
        },
        exact: exact(arena, expr),
        may_be_undefined,
    }
}

/// That some item is looked at by a rule about all, and the rule that no such
/// item satisfies; none where it isn't about all items.
fn engaged(arena: &mut Arena, expr: ExprId) -> Option<(ExprId, ExprId)> {
    match arena.node(expr).clone() {
        Node::Call(Op::Guard, operands) => {
            let [guard, body] = *operands else {
                return None;
            };
            let (some, none) = engaged(arena, body)?;
            let some = arena.call_bool(Op::And, &[guard, some]);
            Some((some, arena.call_bool(Op::Guard, &[guard, none])))
        }
        Node::Fold(Fold::All, list, body) => {
            let never = arena.boolean(false);
            let always = arena.boolean(true);
            let (about, refusing) = match (engaged(arena, body), arena.node(body)) {
                (Some(inner), _) => inner,
                (None, Node::Call(Op::Guard, operands)) => {
                    let guard = *operands.first()?;
                    (guard, arena.call_bool(Op::Guard, &[guard, never]))
                }
                (None, _) => (always, never),
            };
            let some = arena.add(Node::Fold(Fold::Exists, list, about), Type::Bool);
            let none = arena.add(Node::Fold(Fold::All, list, refusing), Type::Bool);
            Some((some, none))
        }
        _ => None,
    }
}

/// Whether this is `days(a, b)`: whole days are what it is about.
fn counts_days(arena: &Arena, id: ExprId) -> bool {
    let children = arena.node(id).children();
    children.first().is_some_and(|hours| {
        let of = arena.node(*hours).children();
        matches!(
            arena.node(*hours),
            Node::Call(Op::TimePart(TimePart::Hours), _)
        ) && of
            .first()
            .is_some_and(|of| *arena.ty(*of) == Type::Duration)
    })
}

/// The expression with `/` of integers dividing exactly; none where there is
/// no such `/`.
fn exact(arena: &mut Arena, expr: ExprId) -> Option<ExprId> {
    let mut changed = expr;
    // Deepest first: what is replaced doesn't hold what is replaced later.
    for (position, id) in arena.positions(expr).into_iter().rev() {
        if matches!(arena.node(id), Node::Call(Op::DivTruncated, _)) && !counts_days(arena, id) {
            let now = arena.at(changed, &position)?;
            let operands = arena.node(now).children();
            let divided = arena.call(Op::Div, &operands, Type::Decimal);
            changed = arena.replace(changed, &position, divided);
        }
    }
    (changed != expr).then_some(changed)
}
