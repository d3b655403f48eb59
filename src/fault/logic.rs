//! Boolean expressions rebuilt more simply, with exactly the same meaning.
//!
//! All rules hold in three-valued logic: false absorbs in `&&` and true in
//! `||`, undefined operands or not. What holds in two values only (`x || !x`)
//! is left alone.

use std::collections::HashMap;

use crate::expr::{Arena, ExprId, Node, Op, Position, Type};
use crate::value::Value;

/// The opposite of `id`, undefined where `id` is.
pub(super) fn not(arena: &mut Arena, id: ExprId) -> ExprId {
    match arena.node(id).clone() {
        Node::Const(constant) => match constant.0 {
            Value::Bool(value) => arena.boolean(!value),
            _ => arena.call_bool(Op::Not, &[id]),
        },
        Node::Call(Op::Not, operands) => operands.first().copied().unwrap_or(id),
        Node::Call(op, operands) => match opposite(op) {
            Some(opposite) => arena.call_bool(opposite, &operands),
            None => arena.call_bool(Op::Not, &[id]),
        },
        _ => arena.call_bool(Op::Not, &[id]),
    }
}

/// The operator that holds where `op` doesn't.
pub(super) fn opposite(op: Op) -> Option<Op> {
    Some(match op {
        Op::Eq => Op::Ne,
        Op::Ne => Op::Eq,
        Op::Lt => Op::Ge,
        Op::Ge => Op::Lt,
        Op::Gt => Op::Le,
        Op::Le => Op::Gt,
        _ => return None,
    })
}

/// `&&` or `||` of the operands: nested chains are flattened, neutral and
/// repeated operands left out, absorbing ones decide, and an operand that
/// another implies by its form (`a && (a || b)`) goes.
pub(super) fn chain(arena: &mut Arena, op: Op, operands: &[ExprId]) -> ExprId {
    let neutral = op == Op::And;
    let mut flat: Vec<ExprId> = Vec::new();
    for id in operands.iter().flat_map(|id| parts(arena, op, *id)) {
        match arena.as_const(id).and_then(Value::as_bool) {
            Some(value) if value == neutral => {}
            Some(value) => return arena.boolean(value),
            None if flat.contains(&id) => {}
            None => flat.push(id),
        }
    }
    let dual = dual(op);
    let absorbed = |id: &ExprId| {
        let inner = parts(arena, dual, *id);
        inner.len() > 1 && inner.iter().any(|part| flat.contains(part))
    };
    let kept: Vec<ExprId> = flat.iter().copied().filter(|id| !absorbed(id)).collect();
    match kept.as_slice() {
        [] => arena.boolean(neutral),
        [one] => *one,
        many => arena.call_bool(op, many),
    }
}

/// `||` for `&&` and the other way round.
pub(super) fn dual(op: Op) -> Op {
    if op == Op::And { Op::Or } else { Op::And }
}

/// The operands of a chain of `op`; an expression of another kind is its own
/// only part.
pub(super) fn parts(arena: &Arena, op: Op, id: ExprId) -> Vec<ExprId> {
    match arena.node(id) {
        Node::Call(found, operands) if *found == op => operands
            .iter()
            .flat_map(|operand| parts(arena, op, *operand))
            .collect(),
        _ => vec![id],
    }
}

/// `true` for a rule that holds wherever its guard does. The two differ where
/// the guard is undefined.
pub(super) fn without_idle_guard(arena: &mut Arena, id: ExprId) -> ExprId {
    let body = match arena.node(id) {
        Node::Call(Op::Guard, operands) => operands.get(1).copied(),
        _ => None,
    };
    match body.and_then(|body| arena.as_const(body)) {
        Some(Value::Bool(true)) => arena.boolean(true),
        _ => id,
    }
}

/// Simplifies whole expressions, each once.
#[derive(Debug, Default)]
pub(super) struct Simplifier {
    done: HashMap<ExprId, ExprId>,
}

impl Simplifier {
    /// The same meaning, simpler.
    pub fn simplify(&mut self, arena: &mut Arena, id: ExprId) -> ExprId {
        if let Some(done) = self.done.get(&id) {
            return *done;
        }
        let mut built = id;
        for (index, child) in (0_u16..).zip(arena.node(id).children()) {
            let simpler = self.simplify(arena, child);
            if simpler != child {
                built = arena.replace(built, &Position::default().child(index), simpler);
            }
        }
        let simplest = top(arena, built);
        self.done.insert(id, simplest);
        simplest
    }
}

/// Simplifies the outermost node over operands that are simple.
fn top(arena: &mut Arena, id: ExprId) -> ExprId {
    let Node::Call(op, operands) = arena.node(id).clone() else {
        return id;
    };
    match (op, &*operands) {
        (Op::Not, [operand]) => not(arena, *operand),
        (Op::And | Op::Or, operands) => chain(arena, op, operands),
        (Op::Guard, [guard, body]) => guarded(arena, id, *guard, *body),
        (Op::Where, [condition, value]) if is_true(arena, *condition) => *value,
        (Op::If, [condition, yes, no]) => conditional(arena, id, *condition, *yes, *no),
        (Op::Eq | Op::Ne, [a, b]) if *arena.ty(*a) == Type::Bool => equivalence(arena, op, *a, *b),
        _ => id,
    }
}

fn is_true(arena: &Arena, id: ExprId) -> bool {
    arena.as_const(id) == Some(&Value::Bool(true))
}

fn guarded(arena: &mut Arena, id: ExprId, guard: ExprId, body: ExprId) -> ExprId {
    match arena.as_const(guard).and_then(Value::as_bool) {
        Some(true) => return body,
        Some(false) => return arena.boolean(true),
        None => {}
    }
    // Under the guard, asking for it again changes nothing.
    let asked = parts(arena, Op::And, guard);
    let rest: Vec<ExprId> = parts(arena, Op::And, body)
        .into_iter()
        .filter(|part| !asked.contains(part))
        .collect();
    let inner = chain(arena, Op::And, &rest);
    if inner == body {
        return id;
    }
    arena.call_bool(Op::Guard, &[guard, inner])
}

fn conditional(
    arena: &mut Arena,
    id: ExprId,
    condition: ExprId,
    yes: ExprId,
    no: ExprId,
) -> ExprId {
    match arena.as_const(condition).and_then(Value::as_bool) {
        Some(true) => return yes,
        Some(false) => return no,
        None => {}
    }
    match arena.node(condition).clone() {
        Node::Call(Op::Not, operands) if operands.len() == 1 => {
            let ty = arena.ty(id).clone();
            let positive = operands.first().copied().unwrap_or(condition);
            arena.call(Op::If, &[positive, no, yes], ty)
        }
        _ => id,
    }
}

/// `!a == b` is `a != b`.
fn equivalence(arena: &mut Arena, op: Op, a: ExprId, b: ExprId) -> ExprId {
    let (a, a_negated) = positive(arena, a);
    let (b, b_negated) = positive(arena, b);
    let flips = a_negated != b_negated;
    let op = match op {
        Op::Eq if flips => Op::Ne,
        Op::Ne if flips => Op::Eq,
        same => same,
    };
    arena.call_bool(op, &[a, b])
}

fn positive(arena: &Arena, id: ExprId) -> (ExprId, bool) {
    match arena.node(id) {
        Node::Call(Op::Not, operands) => (operands.first().copied().unwrap_or(id), true),
        _ => (id, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Env, evaluate};
    use crate::expr::print;
    use crate::fault::fixture::Fixture;

    /// All requests with each of three conditions true, false or undefined:
    /// the members `a`, `b`, `c` of `card`, which may be absent.
    fn requests() -> Vec<Value> {
        let outcomes = [Some(true), Some(false), None];
        let mut found = Vec::new();
        for a in outcomes {
            for b in outcomes {
                for c in outcomes {
                    let named = ["a", "b", "c"].into_iter().zip([a, b, c]);
                    let given = named.filter_map(|(name, value)| Some((name, value?)));
                    let card = given.map(|(name, value)| (name.into(), Value::Bool(value)));
                    let body = [("choice".into(), Value::Map(card.collect()))];
                    let request = [("body".into(), Value::Map(body.into_iter().collect()))];
                    found.push(Value::Map(request.into_iter().collect()));
                }
            }
        }
        found
    }

    /// A random condition over `a`, `b`, `c` and constants.
    fn condition(
        random: &mut fastrand::Rng,
        arena: &mut Arena,
        atoms: &[ExprId],
        depth: u32,
    ) -> ExprId {
        if depth == 0 || random.u8(..5) == 0 {
            return match random.usize(..atoms.len() + 1) {
                at if at < atoms.len() => atoms[at],
                _ => arena.boolean(random.bool()),
            };
        }
        let ops = [Op::Not, Op::And, Op::Or, Op::Guard, Op::If, Op::Eq, Op::Ne];
        let op = ops[random.usize(..ops.len())];
        let count = match op {
            Op::Not => 1,
            Op::And | Op::Or | Op::If => 3,
            _ => 2,
        };
        let operands: Vec<ExprId> = (0..count)
            .map(|_| condition(random, arena, atoms, depth - 1))
            .collect();
        arena.call_bool(op, &operands)
    }

    #[test]
    fn simplifying_changes_no_value_defined_or_not() {
        let mut fixture = Fixture::default();
        let atoms = ["a", "b", "c"].map(|name| fixture.expression(&format!("body.choice.{name}")));
        let arena = &mut fixture.model.arena;
        let (mut random, requests) = (fastrand::Rng::with_seed(7), requests());
        let mut simplifier = Simplifier::default();
        let mut smaller = 0;
        for _ in 0..3000 {
            let id = condition(&mut random, arena, &atoms, 4);
            let simple = simplifier.simplify(arena, id);
            smaller += usize::from(arena.positions(simple).len() < arena.positions(id).len());
            for request in &requests {
                let env = Env::of_right(request, &[], 0);
                let (right, found) = (evaluate(arena, env, id), evaluate(arena, env, simple));
                assert_eq!(
                    right.ok(),
                    found.ok(),
                    "{} became {} at {request}",
                    print(arena, id, &[]),
                    print(arena, simple, &[])
                );
            }
        }
        assert!(smaller > 1000, "{smaller}");
    }
}
