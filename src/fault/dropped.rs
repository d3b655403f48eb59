//! Class `dropped`: the rule or its guard isn't enforced.
//!
//! The strongest faults of specification-based testing: a missing check is
//! the most frequent real one. A guard that is taken as never true is the
//! same server as one without the rule.

use super::FaultClass::Dropped;
use super::edit::Edit;
use super::logic::not;
use super::scene::Scene;
use crate::expr::{Node, Op, Position};
use crate::model::Relation;
use crate::value::Value;

/// For what an answer holds: it isn't there. For a rule: it isn't enforced. For each guard in it: it is ignored.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    if scene.ensured.is_some() {
        return lacking(scene).into_iter().collect();
    }
    if !scene.is_rule() {
        return Vec::new();
    }
    let mut found = vec![unenforced(scene)];
    found.extend(ignored_guards(scene));
    found.into_iter().flatten().collect()
}

fn unenforced(scene: &mut Scene<'_>) -> Option<Edit> {
    let accepts = scene.arena.boolean(true);
    let words = "doesn't enforce the rule";
    scene.edit(Dropped, &Position::default(), accepts, "rule", words)
}

/// The answer lacks what is ensured, or has what must not be there.
fn lacking(scene: &mut Scene<'_>) -> Option<Edit> {
    let (place, relation) = scene.ensured.clone()?;
    if relation != Relation::Has {
        let never = scene.arena.boolean(false);
        let ty = scene.ty.clone();
        let nothing = scene.arena.call(Op::Where, &[never, scene.root], ty);
        let words = format!("doesn't show `{place}`");
        return scene.edit(Dropped, &Position::default(), nothing, "answer", words);
    }
    let (position, wanted) = match scene.arena.node(scene.root).clone() {
        Node::Call(Op::Where, operands) => (Position::default().child(1), *operands.get(1)?),
        _ => (Position::default(), scene.root),
    };
    let words = match scene.arena.as_const(wanted).and_then(Value::as_bool) {
        Some(true) => format!("doesn't show `{place}`"),
        Some(false) => format!("shows `{place}` all the same"),
        None => format!("shows `{place}` where it must not, and not where it must"),
    };
    let other = not(scene.arena, wanted);
    scene.edit(Dropped, &position, other, "answer", words)
}

fn ignored_guards(scene: &mut Scene<'_>) -> Vec<Option<Edit>> {
    let mut found = Vec::new();
    for (position, _, operands) in scene.calls(|op| op == Op::Guard) {
        let guard = operands.first().copied().map(|id| scene.quote(id));
        let holds = scene.arena.boolean(true);
        let words = format!(
            "enforces the rule even where its guard {} doesn't hold",
            guard.unwrap_or_default()
        );
        found.push(scene.edit(Dropped, &position.child(0), holds, "guard", words));
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::fault::fixture::Fixture;

    #[test]
    fn a_guarded_rule_can_be_dropped_and_applied_always() {
        let mut fixture = Fixture::default();
        let rule = fixture.guarded("r", "has(body.note)", "body.amount > 0");
        assert_eq!(
            fixture.words_of(rule, super::Dropped),
            [
                "doesn't enforce the rule",
                "enforces the rule even where its guard `has(body.note)` doesn't hold",
            ]
        );
    }
}
