//! Class `rejects-valid`: a request that the rule accepts is refused.
//!
//! One fault for each way in which the rule can hold (as in path coverage of
//! predicates, with short-circuit evaluation): a server that gets this way
//! wrong while all others work. Without them a suite would be content with a
//! server that refuses too much.

use super::FaultClass::RejectsValid;
use super::edit::Edit;
use super::logic::{chain, not};
use super::paths::{Paths, conjunction, paths};
use super::scene::Scene;
use crate::expr::{ExprId, Fold, Node, Op, Position};

/// The most faults of this class that a rule has.
const LIMIT: usize = 16;

/// For a rule: refused where its guard doesn't hold; and for each way in which
/// the rest can hold, refused in that way (where there is only one: always).
/// Of a rule over all items of a list, the ways of one item count. At most
/// 16 a rule; [`omitted`] counts the others.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    if !scene.is_rule() {
        return Vec::new();
    }
    let core = core(scene);
    let mut found: Vec<Edit> = core
        .guards
        .iter()
        .filter_map(|at| idle(scene, at))
        .collect();
    let ways = paths(scene.arena, core.body, true);
    let room = LIMIT.saturating_sub(found.len());
    if ways.total == 1 {
        found.extend(never(scene, &core));
        return found;
    }
    for (number, way) in (1..).zip(ways.listed.iter().take(room)) {
        found.extend(refused(scene, &core, number, way));
    }
    found
}

/// How many ways of the rule have no fault.
pub(super) fn omitted(scene: &mut Scene<'_>) -> u64 {
    if !scene.is_rule() {
        return 0;
    }
    let core = core(scene);
    let Paths { total, .. } = paths(scene.arena, core.body, true);
    let room = LIMIT.saturating_sub(core.guards.len());
    total.saturating_sub(room as u64)
}

/// What decides, below guards and folds over all items.
struct Core {
    /// The positions of the guards above.
    guards: Vec<Position>,
    position: Position,
    body: ExprId,
}

fn core(scene: &Scene<'_>) -> Core {
    let mut guards = Vec::new();
    let mut position = Position::default();
    let mut body = scene.root;
    loop {
        let next = match scene.arena.node(body) {
            Node::Call(Op::Guard, operands) => {
                guards.push(position.clone());
                operands.get(1).copied()
            }
            Node::Fold(Fold::All, _, each) => Some(*each),
            _ => None,
        };
        let Some(next) = next else {
            break;
        };
        position = position.child(1);
        body = next;
    }
    Core {
        guards,
        position,
        body,
    }
}

/// Refused where the guard doesn't hold: guard and rule are both demanded.
fn idle(scene: &mut Scene<'_>, position: &Position) -> Option<Edit> {
    let operands = scene.arena.node(scene.at(position)).children();
    let guard = operands.first().copied()?;
    let demanded = chain(scene.arena, Op::And, &operands);
    let opposite = not(scene.arena, guard);
    let words = format!(
        "refuses requests that the rule says nothing about, where {}",
        scene.quote(opposite)
    );
    let edit = scene.edit(RejectsValid, position, demanded, "guard", words)?;
    Some(edit.located(position.child(0)))
}

fn never(scene: &mut Scene<'_>, core: &Core) -> Option<Edit> {
    let refuses = scene.arena.boolean(false);
    let words = if core.position.steps().is_empty() {
        "refuses every request, even where the rule holds".to_owned()
    } else if core.guards.is_empty() {
        "refuses every request that has such items, even where the rule holds".to_owned()
    } else {
        "refuses every request that the guard selects, even where the rule holds".to_owned()
    };
    scene.edit(RejectsValid, &core.position, refuses, "always", words)
}

fn refused(scene: &mut Scene<'_>, core: &Core, number: usize, way: &[ExprId]) -> Option<Edit> {
    let condition = conjunction(scene.arena, way);
    let opposite = scene.arena.call_bool(Op::Not, &[condition]);
    let new = chain(scene.arena, Op::And, &[core.body, opposite]);
    let words = format!("refuses valid requests where {}", scene.quote(condition));
    let variant = format!("way-{number}");
    let edit = scene.edit(RejectsValid, &core.position, new, variant, words)?;
    Some(edit.about(condition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn ways_count_from_the_guard_on() {
        let mut fixture = Fixture::default();
        let rule = fixture.guarded(
            "r",
            "has(body.note)",
            "body.count > 1 || body.tier == 'gold'",
        );
        assert_eq!(
            fixture.words_of(rule, RejectsValid),
            [
                "refuses requests that the rule says nothing about, where `!has(body.note)`",
                "refuses valid requests where `body.count > 1`",
                "refuses valid requests where `body.count <= 1 && body.tier == 'gold'`",
            ]
        );
    }

    #[test]
    fn at_most_sixteen_are_taken() {
        let mut fixture = Fixture::default();
        let either = "(has(body.note) || has(body.fee))";
        let rule = fixture.rule("r", &[either; 1].join(""));
        let many = fixture.rule(
            "s",
            "body.count in [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]",
        );
        assert_eq!(fixture.words_of(rule, RejectsValid).len(), 2);
        let list = fixture.faults();
        let of_many = list.faults.iter().filter(|fault| {
            fault.class == RejectsValid && fault.owner == crate::fault::Owner::Rule(many)
        });
        assert_eq!(of_many.count(), LIMIT);
        assert_eq!(list.omitted_paths.len(), 1);
        assert_eq!(list.omitted_paths[0].omitted, 2);
    }
}
