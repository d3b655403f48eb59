//! Class `boundary`: a border one step too high or too low.
//!
//! Domain testing (White and Cohen, "A domain strategy for computer program
//! testing", IEEE TSE 6(3), 1980): besides a wrong operator, a domain error
//! shifts the border; points on the border and one step off it reveal both.

use num_traits::One;

use super::FaultClass::Boundary;
use super::edit::Edit;
use super::relational::is_comparison;
use super::scene::Scene;
use super::step::{Step, field_step, reads_text, shifted, step_between};
use crate::expr::{ExprId, Node, Op, Position, Type};
use crate::value::Number;

/// The longest comparison that words show both right and wrong.
const SHORT: usize = 48;

/// For every comparison of ordered values: the right side one step of the
/// comparison's resolution higher or lower (see [`loose`] for equalities); and each
/// number field inside either side one step of its own off, unless it is a whole
/// side or only added up to one by steps of the same size, which is the same shift.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(is_comparison) {
        let [left, right] = *operands else {
            continue;
        };
        let Some(step) = step_between(scene, left, right) else {
            continue;
        };
        for up in [true, false] {
            found.extend(border(scene, &position, (op, left, right), &step, up));
        }
        for (side, operand) in [(0, left), (1, right)] {
            let mut fields = Vec::new();
            let start = position.child(side);
            inner_fields(scene, operand, &start, Reached::Whole, &mut fields);
            for field in fields {
                found.extend(field_edits(scene, &position, &step, &field));
            }
        }
    }
    found
}

fn border(
    scene: &mut Scene<'_>,
    position: &Position,
    (op, left, right): (Op, ExprId, ExprId),
    step: &Step,
    up: bool,
) -> Option<Edit> {
    let sign = if up { "plus" } else { "minus" };
    if matches!(op, Op::Eq | Op::Ne) {
        return loose(scene, position, (op, left, right), step, up);
    }
    let integers = [left, right]
        .iter()
        .all(|id| *scene.arena.ty(*id) == Type::Int);
    let same = integers.then(|| other_operator(op, up)).flatten();
    let moved = shifted(scene, right, step, up);
    let shown = scene.arena.call_bool(op, &[left, moved]);
    let whole = scene.at(position);
    let words = if scene.length(shown) <= SHORT {
        let (wrong, right) = (scene.quote(shown), scene.quote(whole));
        format!("checks {wrong} where {} {right}", scene.says())
    } else {
        let (verb, way) = if up { ("adds", "to") } else { ("takes", "off") };
        let (step, right) = (step.words(), scene.quote(whole));
        format!("{verb} {step} {way} the right side of {right}")
    };
    // Of integers `a < b + 1` is `a <= b`: written so, equal faults collapse.
    let new = match same {
        Some(op) => scene.arena.call_bool(op, &[left, right]),
        None => shown,
    };
    scene.edit(Boundary, position, new, sign, words)
}

/// An equality that is taken loosely, one step beyond on one side: whatever shows
/// that shows a border that is moved as well.
fn loose(
    scene: &mut Scene<'_>,
    position: &Position,
    (op, left, right): (Op, ExprId, ExprId),
    step: &Step,
    up: bool,
) -> Option<Edit> {
    let (sign, way) = if up {
        ("plus", "more")
    } else {
        ("minus", "less")
    };
    let moved = shifted(scene, right, step, up);
    let near = scene.arena.call_bool(op, &[left, moved]);
    let both = if op == Op::Eq { Op::Or } else { Op::And };
    let whole = scene.at(position);
    let new = scene.arena.call_bool(both, &[whole, near]);
    let equal = scene.arena.call_bool(Op::Eq, &[left, moved]);
    let shown = match scene.length(equal) <= SHORT {
        true => scene.quote(equal),
        false => format!("{} {way} on the right", step.words()),
    };
    let place = match op {
        Op::Eq => format!("where {} {}", scene.says(), scene.quote(whole)),
        _ => format!("in {}", scene.quote(whole)),
    };
    let words = format!("takes {shown} for equal, too, {place}");
    scene.edit(Boundary, position, new, sign, words)
}

/// The operator with which a comparison of integers means the same as with
/// its right side moved by one.
fn other_operator(op: Op, up: bool) -> Option<Op> {
    match (op, up) {
        (Op::Lt, true) => Some(Op::Le),
        (Op::Le, false) => Some(Op::Lt),
        (Op::Gt, false) => Some(Op::Ge),
        (Op::Ge, true) => Some(Op::Gt),
        _ => None,
    }
}

/// How a part of a side contributes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// It is the side.
    Whole,
    /// It is added or taken off.
    Added,
    /// In another way.
    Otherwise,
}

struct Field {
    position: Position,
    id: ExprId,
    reached: Reached,
}

/// The number fields (sizes and numbers in texts too) below `id`, conditions
/// and keys aside.
fn inner_fields(
    scene: &Scene<'_>,
    id: ExprId,
    position: &Position,
    reached: Reached,
    found: &mut Vec<Field>,
) {
    let node = scene.arena.node(id);
    let is_size = matches!(node, Node::Call(Op::Size, _));
    let is_field = matches!(node, Node::Get(..) | Node::Item { .. }) || reads_text(scene, id);
    if is_size || is_field {
        if scene.arena.ty(id).is_number() && reached != Reached::Whole {
            found.push(Field {
                position: position.clone(),
                id,
                reached,
            });
        }
        return;
    }
    for (index, child) in (0_u16..).zip(node.children()) {
        if let Some(below) = below(node, index, reached) {
            inner_fields(scene, child, &position.child(index), below, found);
        }
    }
}

/// How operand `index` of `node` is reached; `None`: it's no part of a number.
fn below(node: &Node, index: u16, reached: Reached) -> Option<Reached> {
    match (node, index) {
        (Node::Call(Op::If, _), 0)
        | (Node::Call(Op::Round(_) | Op::Index, _), 1)
        | (Node::Call(Op::In | Op::Timestamp, _), _) => None,
        (Node::Call(Op::Add | Op::Sub | Op::Neg, _), _) if reached != Reached::Otherwise => {
            Some(Reached::Added)
        }
        _ => Some(Reached::Otherwise),
    }
}

fn field_edits(
    scene: &mut Scene<'_>,
    comparison: &Position,
    border: &Step,
    field: &Field,
) -> Vec<Edit> {
    let step = match scene.arena.node(field.id) {
        Node::Call(Op::Size, _) => Some(Step::Number(Number::one())),
        _ => field_step(scene, field.id),
    };
    let Some(step) = step else {
        return Vec::new();
    };
    if field.reached == Reached::Added && step == *border {
        return Vec::new();
    }
    if is_condition_between(scene, comparison, &field.position) {
        return Vec::new();
    }
    let shift = |scene: &mut Scene<'_>, up: bool| {
        let new = shifted(scene, field.id, &step, up);
        let (sign, wrong) = (if up { "plus" } else { "minus" }, scene.quote(new));
        let words = format!(
            "uses {wrong} where {} {}",
            scene.says(),
            scene.quote(field.id)
        );
        scene.edit(Boundary, &field.position, new, sign, words)
    };
    [true, false]
        .into_iter()
        .filter_map(|up| shift(scene, up))
        .collect()
}

/// Whether a condition (which has comparisons of its own) lies between.
fn is_condition_between(scene: &Scene<'_>, comparison: &Position, field: &Position) -> bool {
    let depth = comparison.steps().len();
    let between = (depth + 1..field.steps().len()).map(|length| {
        let steps = field.steps().iter().take(length).copied();
        scene.at(&steps.collect())
    });
    between
        .into_iter()
        .any(|id| *scene.arena.ty(id) == Type::Bool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    fn words(rule: &str) -> Vec<String> {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", rule);
        fixture.words_of(rule, Boundary)
    }

    #[test]
    fn decimals_step_by_their_schema() {
        assert_eq!(
            words("body.amount <= 30"),
            [
                "checks `body.amount <= 30.01` where the rule says `body.amount <= 30`",
                "checks `body.amount <= 29.99` where the rule says `body.amount <= 30`",
            ]
        );
        assert_eq!(
            words("body.rate < 2")[0],
            "checks `body.rate < 2.0001` where the rule says `body.rate < 2`"
        );
    }

    #[test]
    fn equality_is_taken_loosely() {
        assert_eq!(
            words("body.amount == 30"),
            [
                "takes `body.amount == 30.01` for equal, too, where the rule says `body.amount == 30`",
                "takes `body.amount == 29.99` for equal, too, where the rule says `body.amount == 30`",
            ]
        );
        assert_eq!(
            words("body.amount != 30")[0],
            "takes `body.amount == 30.01` for equal, too, in `body.amount != 30`"
        );
    }

    #[test]
    fn integers_collapse_with_the_neighbouring_operator() {
        assert_eq!(
            words("body.count < 5"),
            ["checks `body.count < 4` where the rule says `body.count < 5`"]
        );
    }

    #[test]
    fn fields_inside_products_are_shifted_too() {
        assert_eq!(
            words("body.amount >= 25 * body.count"),
            [
                "checks `body.amount >= 25 * body.count + 0.01` where the rule says `body.amount >= 25 * body.count`",
                "checks `body.amount >= 25 * body.count - 0.01` where the rule says `body.amount >= 25 * body.count`",
                "uses `body.count + 1` where the rule says `body.count`",
                "uses `body.count - 1` where the rule says `body.count`",
            ]
        );
        // A term of the same step is shifted by shifting the border.
        assert_eq!(words("body.amount == body.fee + 1").len(), 2);
    }

    #[test]
    fn numbers_in_texts_step_by_the_last_place_of_their_pattern() {
        assert_eq!(
            words("decimal(body.mills) < 2")[0],
            "checks `decimal(body.mills) < 2.001` where the rule says `decimal(body.mills) < 2`"
        );
        assert_eq!(
            words("decimal(body.mills) * body.count < body.amount")[2..4],
            [
                "uses `decimal(body.mills) + 0.001` where the rule says `decimal(body.mills)`",
                "uses `decimal(body.mills) - 0.001` where the rule says `decimal(body.mills)`",
            ]
        );
        // No field but the number that is read.
        assert_eq!(
            words("int(body.note) < 2"),
            ["checks `int(body.note) < 1` where the rule says `int(body.note) < 2`"]
        );
        assert_eq!(
            words("decimal(body.note) < 2")[0],
            "checks `decimal(body.note) < 2.01` where the rule says `decimal(body.note) < 2`"
        );
    }

    #[test]
    fn dates_step_by_days_and_moments_by_seconds() {
        assert_eq!(
            words("body.start_on <= body.end_on")[0],
            "adds a day to the right side of `timestamp(body.start_on) <= timestamp(body.end_on)`"
        );
        assert!(words("body.starts_at <= body.end_on")[0].starts_with("adds a second "));
        let lasts = "timestamp(body.ends_at) - timestamp(body.starts_at) <= duration('72h')";
        assert_eq!(
            words(lasts)[0],
            "adds a second to the right side of `timestamp(body.ends_at) - timestamp(body.starts_at) <= duration('3d')`"
        );
    }
}
