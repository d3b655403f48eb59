//! Class `relational`: a comparison by another operator.
//!
//! The sufficient replacements of Kaminski, Ammann and Offutt, "Improving
//! logic-based testing", Journal of Systems and Software 86 (2013), table 1.
//! Seen over the three cases "less, equal, greater", each of the three
//! replacements changes the outcome of one case; whatever detects them
//! detects every other replacement as well.

use super::FaultClass::Relational;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::{ExprId, Op, Position};

/// What a comparison is replaced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Op(Op),
    Always(bool),
}

/// For every comparison of ordered values (numbers, moments, durations): its
/// three sufficient replacements. For `==` and `!=` of other values, where
/// there are two cases only: the opposite, always true and always false.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let comparisons = scene.calls(is_comparison);
    let mut found = Vec::new();
    for (position, op, operands) in comparisons {
        let ordered = operands.iter().all(|id| scene.arena.ty(*id).is_ordered());
        for by in replacements(op, ordered) {
            found.extend(replaced(scene, &position, (op, &operands), by));
        }
    }
    found
}

/// Whether this is one of the six relational operators.
pub(super) fn is_comparison(op: Op) -> bool {
    matches!(op, Op::Lt | Op::Le | Op::Eq | Op::Ne | Op::Ge | Op::Gt)
}

fn replacements(op: Op, ordered: bool) -> Vec<By> {
    use By::{Always, Op as To};
    match (op, ordered) {
        (Op::Lt, _) => vec![To(Op::Le), To(Op::Ne), Always(false)],
        (Op::Le, _) => vec![To(Op::Lt), To(Op::Eq), Always(true)],
        (Op::Gt, _) => vec![To(Op::Ge), To(Op::Ne), Always(false)],
        (Op::Ge, _) => vec![To(Op::Gt), To(Op::Eq), Always(true)],
        (Op::Eq, true) => vec![To(Op::Le), To(Op::Ge), Always(false)],
        (Op::Ne, true) => vec![To(Op::Lt), To(Op::Gt), Always(true)],
        (Op::Eq, false) => vec![To(Op::Ne), Always(true), Always(false)],
        (Op::Ne, false) => vec![To(Op::Eq), Always(true), Always(false)],
        _ => Vec::new(),
    }
}

fn replaced(
    scene: &mut Scene<'_>,
    position: &Position,
    (op, operands): (Op, &[ExprId]),
    by: By,
) -> Option<Edit> {
    let right = scene.at(position);
    let (new, variant, words) = match by {
        By::Op(new) => {
            let (wrong, said) = (symbol(new), symbol(op));
            let words = format!("checks `{wrong}` where {} `{said}`", scene.says());
            (scene.arena.call_bool(new, operands), tag(new), words)
        }
        By::Always(value) => {
            let how = if value { "always" } else { "never" };
            let words = format!("takes {} as {how} true", scene.quote(right));
            (scene.arena.boolean(value), how, words)
        }
    };
    let variant = format!("{}-{variant}", tag(op));
    scene.edit(Relational, position, new, variant, words)
}

/// The operator as rule files write it.
fn symbol(op: Op) -> &'static str {
    match op.info().notation {
        crate::expr::Notation::Infix(symbol, _) => symbol,
        _ => "",
    }
}

fn tag(op: Op) -> &'static str {
    match op {
        Op::Lt => "lt",
        Op::Le => "le",
        Op::Eq => "eq",
        Op::Ne => "ne",
        Op::Ge => "ge",
        Op::Gt => "gt",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::fault::fixture::Fixture;

    fn outcome(by: By, case: Ordering) -> bool {
        match by {
            By::Always(value) => value,
            By::Op(Op::Lt) => case.is_lt(),
            By::Op(Op::Le) => case.is_le(),
            By::Op(Op::Eq) => case.is_eq(),
            By::Op(Op::Ne) => case.is_ne(),
            By::Op(Op::Ge) => case.is_ge(),
            By::Op(Op::Gt) => case.is_gt(),
            By::Op(other) => panic!("{other:?} compares nothing"),
        }
    }

    #[test]
    fn each_replacement_changes_one_case_and_together_they_change_all() {
        let cases = [Ordering::Less, Ordering::Equal, Ordering::Greater];
        for op in [Op::Lt, Op::Le, Op::Eq, Op::Ne, Op::Ge, Op::Gt] {
            let mut changed: Vec<Ordering> = Vec::new();
            for by in replacements(op, true) {
                let differs = |case: &&Ordering| outcome(by, **case) != outcome(By::Op(op), **case);
                let differing: Vec<&Ordering> = cases.iter().filter(differs).collect();
                assert_eq!(differing.len(), 1, "{op:?} by {by:?}");
                changed.push(*differing[0]);
            }
            changed.sort();
            assert_eq!(changed, cases, "{op:?}");
        }
    }

    #[test]
    fn texts_have_no_order() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.note == 'x'");
        // Never true: the same as a server that refuses everything.
        assert_eq!(
            fixture.words_of(rule, Relational),
            ["checks `!=` where the rule says `==`"]
        );
    }
}
