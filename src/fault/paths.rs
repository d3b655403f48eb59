//! The ways in which a condition can come out, as short-circuit evaluation
//! would go through it.

use super::logic::{chain, not, opposite};
use crate::expr::{Arena, ExprId, Node, Op, Type};
use crate::value::Value;

/// The most ways that are listed.
const LIMIT: usize = 512;

/// The ways in which a condition comes out as wanted: each a list of
/// conditions that hold together. No two hold at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Paths {
    /// The first [`LIMIT`] of them.
    pub listed: Vec<Vec<ExprId>>,
    /// How many there are in all (saturating): exact up to [`LIMIT`], beyond
    /// it perhaps with some that can't be.
    pub total: u64,
}

impl Paths {
    fn one(conditions: Vec<ExprId>) -> Self {
        Self {
            listed: vec![conditions],
            total: 1,
        }
    }

    /// These, or those.
    fn or(mut self, other: Self) -> Self {
        self.listed.extend(other.listed);
        self.listed.truncate(LIMIT);
        self.total = self.total.saturating_add(other.total);
        self
    }

    /// Each of these with each of those, but for what contradicts itself.
    fn and(self, other: &Self, arena: &Arena) -> Self {
        let exact = self.is_complete() && other.is_complete();
        let total = self.total.saturating_mul(other.total);
        let pairs = self.listed.iter().flat_map(|first| {
            let seconds = other.listed.iter();
            seconds.map(move |second| joined(first, second))
        });
        let possible = pairs.filter(|path| is_possible(arena, path));
        let mut listed: Vec<Vec<ExprId>> = possible.take(LIMIT + 1).collect();
        let fits = listed.len() <= LIMIT;
        listed.truncate(LIMIT);
        let total = if exact && fits {
            listed.len() as u64
        } else {
            total
        };
        Self { listed, total }
    }

    fn is_complete(&self) -> bool {
        self.total == self.listed.len() as u64
    }
}

/// The conditions of both, each once.
fn joined(first: &[ExprId], second: &[ExprId]) -> Vec<ExprId> {
    let mut all = first.to_vec();
    all.extend(second.iter().filter(|id| !first.contains(id)));
    all
}

/// Whether no condition is another's negation.
fn is_possible(arena: &Arena, path: &[ExprId]) -> bool {
    path.iter().all(|id| match arena.node(*id) {
        Node::Call(Op::Not, operands) => !operands.iter().any(|operand| path.contains(operand)),
        Node::Call(op, operands) => {
            let contradicts = |other: &ExprId| match arena.node(*other) {
                Node::Call(found, same) => same == operands && opposite(*op) == Some(*found),
                _ => false,
            };
            !path.iter().any(contradicts)
        }
        _ => true,
    })
}

/// The ways in which `id` comes out as `wanted`:
/// - a chain that all operands decide: each way of each operand together;
/// - a chain that one operand decides: each operand as the first that does;
/// - `?:`: by arm; an equivalence: by both outcomes;
/// - `x in [..]`: by item;
/// - anything else: as a whole.
pub(super) fn paths(arena: &mut Arena, id: ExprId, wanted: bool) -> Paths {
    match arena.node(id).clone() {
        Node::Const(constant) => match constant.0 {
            Value::Bool(value) if value == wanted => Paths::one(Vec::new()),
            _ => Paths::default(),
        },
        Node::Call(op, operands) => call(arena, id, op, &operands, wanted),
        _ => atom(arena, id, wanted),
    }
}

fn atom(arena: &mut Arena, id: ExprId, wanted: bool) -> Paths {
    let condition = if wanted { id } else { not(arena, id) };
    Paths::one(vec![condition])
}

fn call(arena: &mut Arena, id: ExprId, op: Op, operands: &[ExprId], wanted: bool) -> Paths {
    match (op, operands) {
        (Op::Not, [operand]) => paths(arena, *operand, !wanted),
        (Op::And | Op::Or, _) if (op == Op::And) == wanted => together(arena, operands, wanted),
        (Op::And | Op::Or, _) => first_decides(arena, operands, wanted),
        (Op::Guard, [guard, body]) => guarded(arena, *guard, *body, wanted),
        (Op::If, [condition, yes, no]) => by_arm(arena, (*condition, *yes, *no), wanted),
        (Op::Eq | Op::Ne, [a, b]) if is_equivalence(arena, *a, *b) => {
            by_outcome(arena, *a, *b, (op == Op::Eq) == wanted)
        }
        (Op::In, [item, list]) if wanted => by_item(arena, id, *item, *list),
        _ => atom(arena, id, wanted),
    }
}

fn together(arena: &mut Arena, operands: &[ExprId], wanted: bool) -> Paths {
    operands
        .iter()
        .fold(Paths::one(Vec::new()), |before, operand| {
            let own = paths(arena, *operand, wanted);
            before.and(&own, arena)
        })
}

fn first_decides(arena: &mut Arena, operands: &[ExprId], wanted: bool) -> Paths {
    let mut found = Paths::default();
    let mut before: Vec<ExprId> = Vec::new();
    for operand in operands {
        let own = paths(arena, *operand, wanted);
        found = found.or(Paths::one(before.clone()).and(&own, arena));
        let passed = if wanted {
            not(arena, *operand)
        } else {
            *operand
        };
        before.push(passed);
    }
    found
}

fn guarded(arena: &mut Arena, guard: ExprId, body: ExprId, wanted: bool) -> Paths {
    let applies = Paths::one(vec![guard]);
    let inner = paths(arena, body, wanted);
    let inner = applies.and(&inner, arena);
    if !wanted {
        return inner;
    }
    let idle = not(arena, guard);
    Paths::one(vec![idle]).or(inner)
}

fn by_arm(
    arena: &mut Arena,
    (condition, yes, no): (ExprId, ExprId, ExprId),
    wanted: bool,
) -> Paths {
    let otherwise = not(arena, condition);
    let (yes, no) = (paths(arena, yes, wanted), paths(arena, no, wanted));
    let first = Paths::one(vec![condition]).and(&yes, arena);
    first.or(Paths::one(vec![otherwise]).and(&no, arena))
}

/// Whether `a == b` is an equivalence of two conditions.
pub(super) fn is_equivalence(arena: &Arena, a: ExprId, b: ExprId) -> bool {
    let is_condition = |id: ExprId| *arena.ty(id) == Type::Bool && arena.as_const(id).is_none();
    is_condition(a) && is_condition(b)
}

fn by_outcome(arena: &mut Arena, a: ExprId, b: ExprId, same: bool) -> Paths {
    let (not_a, not_b) = (not(arena, a), not(arena, b));
    let pairs = if same {
        [[a, b], [not_a, not_b]]
    } else {
        [[a, not_b], [not_a, b]]
    };
    let [first, second] = pairs.map(|pair| Paths::one(pair.to_vec()));
    first.or(second)
}

fn by_item(arena: &mut Arena, id: ExprId, item: ExprId, list: ExprId) -> Paths {
    let items = match arena.node(list) {
        Node::List(items) if items.len() > 1 => items.clone(),
        _ => return Paths::one(vec![id]),
    };
    let mut found = Paths::default();
    for member in items {
        let equal = arena.call_bool(Op::Eq, &[item, member]);
        found = found.or(Paths::one(vec![equal]));
    }
    found
}

/// All conditions of a path as one.
pub(super) fn conjunction(arena: &mut Arena, path: &[ExprId]) -> ExprId {
    chain(arena, Op::And, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::print;
    use crate::fault::fixture::Fixture;

    fn listed(text: &str) -> Vec<String> {
        let mut fixture = Fixture::default();
        let id = fixture.expression(text);
        let arena = &mut fixture.model.arena;
        let found = paths(arena, id, true);
        assert_eq!(found.total, found.listed.len() as u64);
        let shown = |path: &Vec<ExprId>| {
            let all = conjunction(arena, path);
            print(arena, all, &[])
        };
        found.listed.iter().map(shown).collect()
    }

    #[test]
    fn each_way_is_listed_once() {
        assert_eq!(
            listed("body.amount > 1 || has(body.note)"),
            ["body.amount > 1", "body.amount <= 1 && has(body.note)"]
        );
        assert_eq!(
            listed("has(body.note) == has(body.fee)"),
            [
                "has(body.note) && has(body.fee)",
                "!has(body.note) && !has(body.fee)"
            ]
        );
        assert_eq!(
            listed("!(has(body.note) && has(body.fee)) && body.tier in ['a', 'b']"),
            [
                "!has(body.note) && body.tier == 'a'",
                "!has(body.note) && body.tier == 'b'",
                "has(body.note) && !has(body.fee) && body.tier == 'a'",
                "has(body.note) && !has(body.fee) && body.tier == 'b'",
            ]
        );
    }

    #[test]
    fn ways_that_contradict_themselves_are_none() {
        let (note, fee) = ("has(body.note)", "has(body.fee)");
        assert_eq!(
            listed(&format!("({note} || {fee}) && !({note} && {fee})")),
            [
                "has(body.note) && !has(body.fee)",
                "!has(body.note) && has(body.fee)"
            ]
        );
        let (low, high) = ("body.amount <= 1", "body.amount > 1");
        assert_eq!(
            listed(&format!("({low} || {fee}) && {high}")),
            ["body.amount > 1 && has(body.fee)"]
        );
    }

    #[test]
    fn many_ways_are_counted_but_not_listed() {
        let mut fixture = Fixture::default();
        let either = |n: u32| format!("(body.count == {n} || body.rate == {n})");
        let all: Vec<String> = (0..10).map(either).collect();
        let id = fixture.expression(&all.join(" && "));
        let found = paths(&mut fixture.model.arena, id, true);
        assert_eq!((found.listed.len(), found.total), (LIMIT, 1024));
    }
}
