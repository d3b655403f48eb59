//! Class `arithmetic`: a value is calculated in another way.
//!
//! The operator replacements of mutation testing (King and Offutt, "A Fortran
//! language system for mutation-based software testing", 1991), and what goes
//! wrong with money: rounding the other way, not at all or too early, and a
//! discount that is taken off behind the tax.

use super::FaultClass::Arithmetic;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::{ExprId, Fold, Node, Op, Position, Rounding, Type};
use crate::model::Place;

/// For every calculation: see [`replaced`], [`left_out`], [`reordered`] and
/// [`rounded`].
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(|_| true) {
        // What is added to what the server remembers is a matter of `state`.
        if matches!(scene.place, Place::Set(..)) && position.steps().is_empty() {
            continue;
        }
        match (op, &*operands) {
            (Op::Add | Op::Sub | Op::Mul | Op::Div | Op::DivTruncated, [a, b]) => {
                found.extend(replaced(scene, &position, (op, *a, *b)));
                found.extend(left_out(scene, &position, (op, *a, *b)));
                found.extend(reordered(scene, &position, (op, *a, *b)));
            }
            (Op::Min | Op::Max, operands) => {
                found.extend(opposite(scene, &position, op, operands));
            }
            (Op::Round(mode), [of, digits]) => {
                found.extend(rounded(scene, &position, (mode, *of, *digits)));
            }
            (Op::Floor | Op::Ceil, [of]) => found.extend(cut(scene, &position, op, *of)),
            _ => {}
        }
    }
    found
}

/// The other operator: `+` and `-`, `*` and `/`.
fn replaced(
    scene: &mut Scene<'_>,
    position: &Position,
    (op, a, b): (Op, ExprId, ExprId),
) -> Option<Edit> {
    let whole = *scene.arena.ty(scene.at(position)) == Type::Int;
    let (new, words) = match (op, whole) {
        (Op::Add, _) => (Op::Sub, "takes off what is added"),
        (Op::Sub, _) => (Op::Add, "adds what is taken off"),
        (Op::Mul, true) => (Op::DivTruncated, "divides where it should multiply"),
        (Op::Mul, false) => (Op::Div, "divides where it should multiply"),
        (Op::Div | Op::DivTruncated, _) => (Op::Mul, "multiplies where it should divide"),
        _ => return None,
    };
    let ty = scene.arena.ty(scene.at(position)).clone();
    let words = format!("{words}, in {}", scene.quote(scene.at(position)));
    let new = scene.arena.call(new, &[a, b], ty);
    scene.edit(Arithmetic, position, new, "operator", words)
}

/// Each operand by itself, where that has the type of the whole.
fn left_out(
    scene: &mut Scene<'_>,
    position: &Position,
    (op, a, b): (Op, ExprId, ExprId),
) -> Vec<Edit> {
    let mut found = Vec::new();
    let sides = [(a, b, "right"), (b, a, "left")];
    for (kept, lost, variant) in sides {
        // What is taken off, or divided by, says nothing alone.
        if variant == "left" && !matches!(op, Op::Add | Op::Mul) {
            continue;
        }
        let words = format!(
            "forgets {} in {}",
            scene.quote(lost),
            scene.quote(scene.at(position))
        );
        let variant = format!("without-{variant}");
        found.extend(scene.edit(Arithmetic, position, kept, variant, words));
    }
    found
}

/// `(a - b) * c` as `a * c - b`, and back: two steps in the other order.
fn reordered(
    scene: &mut Scene<'_>,
    position: &Position,
    (op, a, b): (Op, ExprId, ExprId),
) -> Option<Edit> {
    let ty = scene.arena.ty(scene.at(position)).clone();
    let Node::Call(inner, operands) = scene.arena.node(a).clone() else {
        return None;
    };
    let [first, second] = *operands else {
        return None;
    };
    let is_sum = |op| matches!(op, Op::Add | Op::Sub);
    let is_product = |op| matches!(op, Op::Mul | Op::Div);
    if !(is_sum(op) && is_product(inner) || is_product(op) && is_sum(inner)) {
        return None;
    }
    let (does, before) = (doing(scene, op, b), doing(scene, inner, second));
    let early = scene.arena.call(op, &[first, b], ty.clone());
    let new = scene.arena.call(inner, &[early, second], ty);
    let words = format!("{does} before it {before}");
    scene.edit(Arithmetic, position, new, "order", words)
}

/// `takes off body.discount`
fn doing(scene: &Scene<'_>, op: Op, by: ExprId) -> String {
    let by = scene.quote(by);
    match op {
        Op::Add => format!("adds {by}"),
        Op::Sub => format!("takes off {by}"),
        Op::Mul => format!("multiplies by {by}"),
        _ => format!("divides by {by}"),
    }
}

fn opposite(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    operands: &[ExprId],
) -> Option<Edit> {
    let (new, words) = match op {
        Op::Min => (Op::Max, "takes the greatest for the least"),
        _ => (Op::Min, "takes the least for the greatest"),
    };
    let ty = scene.arena.ty(scene.at(position)).clone();
    let words = format!("{words} of {}", scene.quote(scene.at(position)));
    let new = scene.arena.call(new, operands, ty);
    scene.edit(Arithmetic, position, new, "opposite", words)
}

/// Every other way to round, no rounding, and parts that are rounded before
/// they are added up.
fn rounded(
    scene: &mut Scene<'_>,
    position: &Position,
    (mode, of, digits): (Rounding, ExprId, ExprId),
) -> Vec<Edit> {
    let ty = scene.arena.ty(scene.at(position)).clone();
    let quoted = scene.quote(of);
    let mut found = Vec::new();
    for other in Rounding::ALL.into_iter().filter(|other| *other != mode) {
        let new = scene
            .arena
            .call(Op::Round(other), &[of, digits], ty.clone());
        let words = format!("rounds {quoted} {} instead of {}", way(other), way(mode));
        found.extend(scene.edit(Arithmetic, position, new, other.name(), words));
    }
    let words = format!("doesn't round {quoted}");
    found.extend(scene.edit(Arithmetic, position, of, "unrounded", words));
    found.extend(early(scene, position, (mode, of, digits)));
    found
}

/// `half_even` in words.
fn way(mode: Rounding) -> &'static str {
    match mode {
        Rounding::HalfAway => "halves away from zero",
        Rounding::HalfEven => "halves to the even digit",
        Rounding::Up => "up",
        Rounding::Down => "down",
    }
}

/// The terms of a sum, or the items that are added up, rounded one by one.
fn early(
    scene: &mut Scene<'_>,
    position: &Position,
    (mode, of, digits): (Rounding, ExprId, ExprId),
) -> Option<Edit> {
    let round = |scene: &mut Scene<'_>, id| {
        let operands = [id, digits];
        scene.arena.call(Op::Round(mode), &operands, Type::Decimal)
    };
    let new = match scene.arena.node(of).clone() {
        Node::Call(op @ (Op::Add | Op::Sub | Op::Mul), operands) => {
            let [a, b] = *operands else { return None };
            let (a, b) = (round(scene, a), round(scene, b));
            scene.arena.call(op, &[a, b], Type::Decimal)
        }
        Node::Call(Op::Sum, operands) => {
            let list = operands.first().copied()?;
            let Node::Fold(fold @ (Fold::Map | Fold::MapPresent), items, body) =
                scene.arena.node(list).clone()
            else {
                return None;
            };
            let body = round(scene, body);
            let node = Node::Fold(fold, items, body);
            let list = scene.arena.add(node, Type::list(Type::Decimal));
            scene.arena.call(Op::Sum, &[list], Type::Decimal)
        }
        _ => return None,
    };
    // A sum of what is rounded needs no rounding; a product does.
    let new = match scene.arena.node(new) {
        Node::Call(Op::Mul, _) => round(scene, new),
        _ => new,
    };
    let words = format!(
        "rounds the parts of {} before it puts them together",
        scene.quote(of)
    );
    scene.edit(Arithmetic, position, new, "early", words)
}

/// The other way to a whole number.
fn cut(scene: &mut Scene<'_>, position: &Position, op: Op, of: ExprId) -> Option<Edit> {
    let (new, words) = match op {
        Op::Floor => (Op::Ceil, "up to the next whole number instead of down"),
        _ => (Op::Floor, "down to the next whole number instead of up"),
    };
    let words = format!("takes {} {words}", scene.quote(of));
    let new = scene.arena.call(new, &[of], Type::Int);
    scene.edit(Arithmetic, position, new, "other-way", words)
}

#[cfg(test)]
mod tests {
    use super::Arithmetic;
    use crate::fault::fixture::Fixture;

    #[test]
    fn what_an_answer_shows_is_calculated_in_other_ways() {
        let mut fixture = Fixture::default();
        let rule = fixture.ensured("r", "total", "round((body.amount - body.fee) * 1.5, 2)");
        assert_eq!(
            fixture.words_of(rule, Arithmetic),
            [
                "rounds `(body.amount - body.fee) * 1.5` halves to the even digit instead of halves away from zero",
                "rounds `(body.amount - body.fee) * 1.5` up instead of halves away from zero",
                "rounds `(body.amount - body.fee) * 1.5` down instead of halves away from zero",
                "doesn't round `(body.amount - body.fee) * 1.5`",
                "rounds the parts of `(body.amount - body.fee) * 1.5` before it puts them together",
                "divides where it should multiply, in `(body.amount - body.fee) * 1.5`",
                "forgets `1.5` in `(body.amount - body.fee) * 1.5`",
                "forgets `body.amount - body.fee` in `(body.amount - body.fee) * 1.5`",
                "multiplies by `1.5` before it takes off `body.fee`",
                "adds what is taken off, in `body.amount - body.fee`",
                "forgets `body.fee` in `body.amount - body.fee`",
            ]
        );
    }

    #[test]
    fn a_rule_compares_with_what_is_calculated_in_other_ways() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.amount - body.fee > 0");
        assert_eq!(
            fixture.words_of(rule, Arithmetic),
            [
                "adds what is taken off, in `body.amount - body.fee`",
                "forgets `body.fee` in `body.amount - body.fee`",
            ]
        );
    }

    #[test]
    fn what_is_added_to_the_state_is_left_to_its_own_class() {
        let mut fixture = Fixture::with_payment();
        let faults = fixture.faults().faults;
        let mut sets = faults
            .iter()
            .filter(|fault| fault.id.starts_with("payment."));
        assert!(sets.all(|fault| fault.class != Arithmetic));
    }
}
