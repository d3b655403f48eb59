//! Bugs planted into the lowering: is the comparison sharp enough to see them?
//!
//! Code can't be broken while it runs, but what is lowered can be another
//! expression than what is evaluated: what a lowering with the bug would make
//! of the right one.

use std::collections::BTreeMap;

use crossfield::expr::{Arena, ExprId, Fold, Node, Op, Rounding, Type};
use crossfield::model::OperationRef;
use crossfield::search::smt::with_context;
use crossfield::value::Value;
use fastrand::Rng;

use crate::fields::Taste;
use crate::lowering::{NARROW, evaluated, possible};
use crate::world::World;

/// A bug: what it makes of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Plant {
    /// `/` of integers rounds down, as SMT-LIB's does for positive divisors.
    FlooredDivision,
    /// `%` of integers never is negative.
    EuclideanRemainder,
    /// What is absent is false.
    AbsentIsFalse,
    /// `<` for `<=`, and `>` for `>=`.
    Strict,
    /// The last item of a list is forgotten.
    LastItemForgotten,
    /// Halves are rounded to even.
    HalfEven,
    /// An undefined guard lets everything pass.
    UndefinedGuardPasses,
    /// `exists_one` as `exists`.
    ExistsOneAsExists,
    /// `has` is true of everything that is read.
    HasAlways,
    /// `ceil` as `floor`.
    CeilAsFloor,
    /// A null counts as absent, in orders and elsewhere.
    NullAsAbsent,
}

impl Plant {
    pub const ALL: [Self; 11] = [
        Self::FlooredDivision,
        Self::EuclideanRemainder,
        Self::AbsentIsFalse,
        Self::Strict,
        Self::LastItemForgotten,
        Self::HalfEven,
        Self::UndefinedGuardPasses,
        Self::ExistsOneAsExists,
        Self::HasAlways,
        Self::CeilAsFloor,
        Self::NullAsAbsent,
    ];

    /// `expr` with the bug in every place where it has one.
    fn rebuilt(self, arena: &mut Arena, expr: ExprId) -> ExprId {
        let mut expr = expr;
        for (index, child) in (0_u16..).zip(arena.node(expr).children()) {
            let new = self.rebuilt(arena, child);
            let position = [index].into_iter().collect();
            expr = arena.replace(expr, &position, new);
        }
        self.at(arena, expr)
    }

    fn at(self, arena: &mut Arena, expr: ExprId) -> ExprId {
        let (node, ty) = (arena.node(expr).clone(), arena.ty(expr).clone());
        match (self, node) {
            (Self::FlooredDivision, Node::Call(Op::DivTruncated, pair)) => {
                let exact = arena.call(Op::Div, &pair, Type::Decimal);
                arena.call(Op::Floor, &[exact], ty)
            }
            (Self::EuclideanRemainder, Node::Call(Op::Rem, pair)) => {
                // a % b + (a % b < 0 ? |b| : 0), for the positive b of most.
                let zero = arena.constant(Value::int(0), Type::Int);
                let negative = arena.call_bool(Op::Lt, &[expr, zero]);
                let raised = arena.call(Op::Add, &[expr, pair[1]], Type::Int);
                arena.call(Op::If, &[negative, raised, expr], ty)
            }
            (Self::AbsentIsFalse, Node::Call(Op::Eq | Op::Lt | Op::Le | Op::Gt | Op::Ge, _)) => {
                let no = arena.boolean(false);
                arena.call_bool(Op::OrElse, &[expr, no])
            }
            (Self::Strict, Node::Call(Op::Le, pair)) => arena.call_bool(Op::Lt, &pair),
            (Self::Strict, Node::Call(Op::Ge, pair)) => arena.call_bool(Op::Gt, &pair),
            (Self::HalfEven, Node::Call(Op::Round(Rounding::HalfAway), parts)) => {
                arena.call(Op::Round(Rounding::HalfEven), &parts, ty)
            }
            (Self::UndefinedGuardPasses, Node::Call(Op::Guard, pair)) => {
                let no = arena.boolean(false);
                let guard = arena.call_bool(Op::OrElse, &[pair[0], no]);
                arena.call_bool(Op::Guard, &[guard, pair[1]])
            }
            (Self::ExistsOneAsExists, Node::Fold(Fold::ExistsOne, list, body)) => {
                arena.add(Node::Fold(Fold::Exists, list, body), ty)
            }
            (Self::HasAlways, Node::Has(..)) => arena.boolean(true),
            (Self::CeilAsFloor, Node::Call(Op::Ceil, parts)) => arena.call(Op::Floor, &parts, ty),
            _ => expr,
        }
    }
}

/// `request` as a lowering would see it that has the bug.
fn seen(plant: Plant, value: &Value) -> Value {
    match value {
        Value::Map(members) => {
            let hidden = |member: &Value| plant == Plant::NullAsAbsent && *member == Value::Null;
            let kept = members.iter().filter(|(_, member)| !hidden(member));
            Value::Map(
                kept.map(|(key, own)| (key.clone(), seen(plant, own)))
                    .collect(),
            )
        }
        Value::List(items) => {
            let mut items: Vec<Value> = items.iter().map(|item| seen(plant, item)).collect();
            if plant == Plant::LastItemForgotten {
                items.pop();
            }
            Value::List(items)
        }
        other => other.clone(),
    }
}

/// How often a bug made a difference, and how often it was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Caught {
    pub different: usize,
    pub seen: usize,
}

/// Plants every bug into the rules of a world; of each rule, `most` states are
/// looked at in which the bug makes a difference.
pub fn plant(mut world: World, states: usize, most: usize, found: &mut BTreeMap<Plant, Caught>) {
    let rules: Vec<(OperationRef, ExprId)> = world
        .model()
        .rules
        .iter()
        .map(|rule| (rule.operation, rule.expr))
        .collect();
    let mut planted = Vec::new();
    for (operation, expr) in rules {
        if !world.is_single(operation) {
            continue;
        }
        for plant in Plant::ALL {
            let changed = plant.rebuilt(&mut world.built.model.arena, expr);
            planted.push((plant, operation, expr, changed));
        }
    }
    let mut rng = Rng::with_seed(world.seed);
    let caught = with_context(|| {
        let mut found: BTreeMap<Plant, Caught> = BTreeMap::new();
        for (plant, operation, right, wrong) in planted {
            let model = world.model();
            let mut different = 0;
            for _ in 0..states {
                let request = world.request(&mut rng, operation, Taste::Plain);
                let other = seen(plant, &request);
                let ours = evaluated(model, operation, &request, right);
                if (other == request && right == wrong)
                    || !world.refusals(operation, &other).is_empty()
                    || evaluated(model, operation, &other, wrong) == ours
                {
                    continue;
                }
                let possible = possible(model, operation, &other, wrong, NARROW);
                if possible.is_outside {
                    continue;
                }
                let entry = found.entry(plant).or_default();
                entry.different += 1;
                entry.seen += usize::from(!possible.is_exactly(ours));
                different += 1;
                if different == most {
                    break;
                }
            }
        }
        found
    });
    for (plant, more) in caught {
        let entry = found.entry(plant).or_default();
        entry.different += more.different;
        entry.seen += more.seen;
    }
}
