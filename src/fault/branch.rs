//! Class `branch`: what `?:` decides goes the wrong way.
//!
//! The decision faults of branch coverage: a decision that is taken one way
//! always, or the wrong way round.

use super::FaultClass::Branch;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::{ExprId, Op, Position, Type};

/// For every `c ? a : b`: always `a`, always `b`, and the arms swapped. An arm
/// that can't stand alone (a null) is left.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, _, operands) in scene.calls(|op| op == Op::If) {
        if let [condition, yes, no] = *operands {
            found.extend(always(scene, &position, (condition, yes), "first"));
            found.extend(always(scene, &position, (condition, no), "second"));
            found.extend(swapped(scene, &position, [condition, yes, no]));
            found.extend(unchecked(scene, &position, [condition, yes, no]));
        }
    }
    found
}

fn always(
    scene: &Scene<'_>,
    position: &Position,
    (condition, arm): (ExprId, ExprId),
    variant: &str,
) -> Option<Edit> {
    let words = format!(
        "takes {} whether or not {} holds",
        scene.quote(arm),
        scene.quote(condition)
    );
    scene.edit(Branch, position, arm, variant, words)
}

fn swapped(
    scene: &mut Scene<'_>,
    position: &Position,
    [condition, yes, no]: [ExprId; 3],
) -> Option<Edit> {
    let ty = scene.arena.ty(scene.at(position)).clone();
    let new = scene.arena.call(Op::If, &[condition, no, yes], ty);
    let words = format!(
        "takes {} where {} holds and {} where it doesn't, the wrong way round",
        scene.quote(no),
        scene.quote(condition),
        scene.quote(yes)
    );
    scene.edit(Branch, position, new, "swapped", words)
}

/// Of a condition: what one of the arms demands isn't checked.
fn unchecked(
    scene: &mut Scene<'_>,
    position: &Position,
    [condition, yes, no]: [ExprId; 3],
) -> Vec<Edit> {
    if *scene.arena.ty(scene.at(position)) != Type::Bool {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (arm, holds, variant) in [(yes, "holds", "first"), (no, "doesn't hold", "second")] {
        if scene.arena.as_const(arm).is_some() {
            continue;
        }
        let always = scene.arena.boolean(true);
        let arms = if variant == "first" {
            [condition, always, no]
        } else {
            [condition, yes, always]
        };
        let new = scene.arena.call_bool(Op::If, &arms);
        let words = format!(
            "doesn't check {} where {} {holds}",
            scene.quote(arm),
            scene.quote(condition)
        );
        found.extend(scene.edit(Branch, position, new, format!("{variant}-unchecked"), words));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn arms_are_taken_always_or_swapped() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.amount <= (has(body.note) ? 100 : 50.5)");
        assert_eq!(
            fixture.words_of(rule, Branch),
            [
                "takes `100` whether or not `has(body.note)` holds",
                "takes `50.5` whether or not `has(body.note)` holds",
                "takes `50.5` where `has(body.note)` holds and `100` where it doesn't, the wrong way round",
            ]
        );
    }

    #[test]
    fn what_an_arm_demands_is_forgotten() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule(
            "r",
            "body.amount > 5 ? body.note.startsWith('a') : body.note.endsWith('z')",
        );
        let words = fixture.words_of(rule, Branch);
        let forgotten = words.iter().filter(|words| words.contains("doesn't check"));
        assert_eq!(
            forgotten.collect::<Vec<_>>(),
            [
                "doesn't check `body.note.startsWith('a')` where `body.amount > 5` holds",
                "doesn't check `body.note.endsWith('z')` where `body.amount > 5` doesn't hold",
            ]
        );
    }
}
