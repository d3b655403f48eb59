//! Class `clause`: conditions left out, negated, replaced or mixed up.
//!
//! The clause faults of the hierarchy of Lau and Yu, "An extended fault class
//! hierarchy for specification-based testing", ACM TOSEM 14(3), 2005: omission
//! (LOF, TOF), negation (LNF, TNF), reference to another clause (LRF),
//! insertion (LIF), operator reference (ORF).

use super::FaultClass::Clause;
use super::edit::Edit;
use super::logic::{dual, not};
use super::paths::is_equivalence;
use super::scene::Scene;
use crate::expr::{ExprId, Node, Op, Position};

/// For every `&&`, `||`, `!`, guard (also taken both ways) and equivalence, as the functions of this
/// module say, and for every clause and one sibling of it.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(is_logical) {
        found.extend(match (op, &*operands) {
            (Op::And | Op::Or, _) => {
                let mut found = chain_edits(scene, &position, op, &operands);
                if let (Op::Or, [a, b]) = (op, &*operands) {
                    found.push(either_or(scene, &position, *a, *b));
                }
                found
            }
            (Op::Not, [operand]) => vec![unnegated(scene, &position, *operand)],
            (Op::Guard, [guard, body]) => {
                let mut found = operand_edits(scene, &position, &operands, negated);
                found.push(converse(scene, &position, *guard, *body));
                found
            }
            (_, [a, b]) if is_equivalence(scene.arena, *a, *b) => {
                equivalence_edits(scene, &position, op, *a, *b)
            }
            _ => Vec::new(),
        });
    }
    found.extend(sibling_edits(scene));
    found.into_iter().flatten().collect()
}

fn is_logical(op: Op) -> bool {
    matches!(op, Op::And | Op::Or | Op::Not | Op::Guard | Op::Eq | Op::Ne)
}

type Made = Vec<Option<Edit>>;

fn operand_edits(
    scene: &mut Scene<'_>,
    position: &Position,
    operands: &[ExprId],
    make: fn(&mut Scene<'_>, &Position, ExprId) -> Option<Edit>,
) -> Made {
    let each = (0_u16..).zip(operands);
    each.map(|(index, operand)| make(scene, &position.child(index), *operand))
        .collect()
}

/// For `&&` and `||`: each operand left out, each negated, the operator
/// swapped for the other.
fn chain_edits(scene: &mut Scene<'_>, position: &Position, op: Op, operands: &[ExprId]) -> Made {
    let left_out = match op {
        Op::And => without_conjunct,
        _ => without_disjunct,
    };
    let mut found = operand_edits(scene, position, operands, left_out);
    found.extend(operand_edits(scene, position, operands, negated));
    found.push(swapped(scene, position, op, operands));
    found
}

fn without_conjunct(scene: &mut Scene<'_>, position: &Position, clause: ExprId) -> Option<Edit> {
    without(scene, position, clause, true)
}

fn without_disjunct(scene: &mut Scene<'_>, position: &Position, clause: ExprId) -> Option<Edit> {
    without(scene, position, clause, false)
}

/// A clause left out: it counts as what changes nothing.
fn without(
    scene: &mut Scene<'_>,
    position: &Position,
    clause: ExprId,
    neutral: bool,
) -> Option<Edit> {
    let new = scene.arena.boolean(neutral);
    let words = format!("leaves out {}", scene.quote(clause));
    scene.edit(Clause, position, new, "left-out", words)
}

/// A clause negated.
fn negated(scene: &mut Scene<'_>, position: &Position, clause: ExprId) -> Option<Edit> {
    let new = not(scene.arena, clause);
    let (wrong, right) = (scene.quote(new), scene.quote(clause));
    let words = format!("checks {wrong} where {} {right}", scene.says());
    scene.edit(Clause, position, new, "negated", words)
}

/// A `!` forgotten.
fn unnegated(scene: &mut Scene<'_>, position: &Position, operand: ExprId) -> Option<Edit> {
    let right = scene.quote(scene.at(position));
    let words = format!(
        "checks {} where {} {right}",
        scene.quote(operand),
        scene.says()
    );
    scene.edit(Clause, position, operand, "negated", words)
}

fn swapped(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    operands: &[ExprId],
) -> Option<Edit> {
    let (wrong, variant) = match op {
        Op::And => ("is content with any one condition where", "any"),
        _ => ("demands all conditions where", "all"),
    };
    let enough = if op == Op::And {
        "demands all"
    } else {
        "is content with any"
    };
    let new = scene.arena.call_bool(dual(op), operands);
    let who = scene.says().trim_end_matches(" says");
    let words = format!(
        "{wrong} {who} {enough}: {}",
        scene.quote(scene.at(position))
    );
    scene.edit(Clause, position, new, variant, words)
}

/// For an equivalence of two conditions: one direction only, either; of an
/// inequivalence: only one of both excluded cases.
fn equivalence_edits(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    a: ExprId,
    b: ExprId,
) -> Made {
    let (not_a, not_b) = (not(scene.arena, a), not(scene.arena, b));
    let halves = match op {
        Op::Eq => [(not_a, b, "forward"), (a, not_b, "backward")],
        _ => [(a, b, "not-neither"), (not_a, not_b, "not-both")],
    };
    let right = scene.quote(scene.at(position));
    halves
        .into_iter()
        .map(|(first, second, variant)| {
            let new = scene.arena.call_bool(Op::Or, &[first, second]);
            let half = scene.quote(new);
            let words = format!("checks only one direction of {right}: {half}");
            scene.edit(Clause, position, new, variant, words)
        })
        .collect()
}

/// Whether the second condition reads what the first asks for.
fn relies_on(scene: &Scene<'_>, asks: ExprId, reads: ExprId) -> bool {
    let parts = scene.arena.reachable(&[asks]).into_iter();
    let asked = parts.filter_map(|part| match scene.arena.node(part) {
        Node::Has(base, key) => Some(Node::Get(*base, key.clone())),
        _ => None,
    });
    let asked: Vec<Node> = asked.collect();
    let mut read = scene.arena.reachable(&[reads]).into_iter();
    read.any(|part| asked.contains(scene.arena.node(part)))
}

/// Both of what one is enough of are refused: "or" is taken for "either or", "if"
/// for "exactly if". None where one asks for what the other reads.
fn either_or(scene: &mut Scene<'_>, position: &Position, a: ExprId, b: ExprId) -> Option<Edit> {
    if relies_on(scene, a, b) || relies_on(scene, b, a) {
        return None;
    }
    let new = scene.arena.call_bool(Op::Ne, &[a, b]);
    let words = match (scene.arena.node(a), scene.arena.node(b)) {
        (Node::Call(Op::Not, guard), _) if scene.is_rule() => refused_without(scene, b, guard),
        (_, Node::Call(Op::Not, guard)) if scene.is_rule() => refused_without(scene, a, guard),
        _ => {
            let whole = scene.quote(scene.at(position));
            format!("takes both at once for neither, in {whole}")
        }
    };
    scene.edit(Clause, position, new, "either-or", words)
}

fn refused_without(scene: &Scene<'_>, body: ExprId, guard: &[ExprId]) -> String {
    let guard = guard.first().map(|guard| scene.quote(*guard));
    let guard = guard.unwrap_or_default();
    format!("refuses {} where {guard} doesn't hold", scene.quote(body))
}

/// What is demanded where a guard holds is forbidden where it doesn't: "if" is
/// taken for "exactly if". None where the guard asks whether that is there.
fn converse(
    scene: &mut Scene<'_>,
    position: &Position,
    guard: ExprId,
    body: ExprId,
) -> Option<Edit> {
    if relies_on(scene, guard, body) {
        return None;
    }
    let forbidden = not(scene.arena, body);
    let new = scene.arena.call_bool(Op::If, &[guard, body, forbidden]);
    let words = refused_without(scene, body, &[guard]);
    scene.edit(Clause, position, new, "converse", words)
}

/// An elementary condition.
struct Atom {
    position: Position,
    id: ExprId,
    context: Vec<Position>,
    /// The chain that it is an operand of, negations aside.
    chain: Position,
    /// The guards that it stands in, rather than behind.
    guards: Vec<Position>,
}

/// The most clauses of a rule that are mixed with a sibling; of larger rules
/// they are only replaced by it.
const MOST_MIXED: usize = 6;

/// For every clause (neither chain nor negation) and its next sibling: replaced
/// by it, and both demanded, and either enough. The sibling is the next clause,
/// in written order and around, that reads the same items, belongs to the same
/// side of guards, and is an operand of another chain: operands of one chain
/// make nothing new of each other.
fn sibling_edits(scene: &mut Scene<'_>) -> Made {
    let atoms = atoms(scene);
    let mut found = Vec::new();
    for (index, atom) in atoms.iter().enumerate() {
        let around = atoms.iter().cycle().skip(index + 1).take(atoms.len());
        let sibling = around.into_iter().find(|other| {
            other.id != atom.id
                && other.context == atom.context
                && other.guards == atom.guards
                && other.chain != atom.chain
        });
        if let Some(sibling) = sibling {
            let mut made = with_sibling(scene, atom, sibling.id);
            made.truncate(if atoms.len() > MOST_MIXED {
                1
            } else {
                made.len()
            });
            found.extend(made);
        }
    }
    found
}

fn with_sibling(scene: &mut Scene<'_>, atom: &Atom, sibling: ExprId) -> Made {
    let both = scene.arena.call_bool(Op::And, &[atom.id, sibling]);
    let either = scene.arena.call_bool(Op::Or, &[atom.id, sibling]);
    let right = scene.quote(atom.id);
    [(sibling, "replaced"), (both, "and"), (either, "or")]
        .into_iter()
        .map(|(new, variant)| {
            let wrong = scene.quote(new);
            let words = format!("checks {wrong} where {} {right}", scene.says());
            scene.edit(Clause, &atom.position, new, variant, words)
        })
        .collect()
}

fn atoms(scene: &Scene<'_>) -> Vec<Atom> {
    let is_clause = |position: &Position| {
        scene
            .parent(position)
            .is_some_and(|(_, above)| match scene.arena.node(above) {
                Node::Call(Op::And | Op::Or | Op::Not | Op::Guard, _) => true,
                Node::Call(Op::Eq | Op::Ne, operands) => match **operands {
                    [a, b] => is_equivalence(scene.arena, a, b),
                    _ => false,
                },
                _ => false,
            })
    };
    let is_elementary = |id: ExprId| match scene.arena.node(id) {
        Node::Call(Op::And | Op::Or | Op::Not | Op::Guard, _) | Node::Const(_) => false,
        Node::Call(Op::Eq | Op::Ne, operands) => match **operands {
            [a, b] => !is_equivalence(scene.arena, a, b),
            _ => true,
        },
        _ => true,
    };
    let nodes = scene.nodes().into_iter();
    nodes
        .filter(|(position, id)| is_clause(position) && is_elementary(*id))
        .map(|(position, id)| Atom {
            context: scene.context(&position),
            chain: chain_above(scene, &position),
            guards: guards_around(scene, &position),
            position,
            id,
        })
        .collect()
}

fn chain_above(scene: &Scene<'_>, position: &Position) -> Position {
    let mut at = position.clone();
    while let Some((above, id)) = scene.parent(&at) {
        at = above;
        if !matches!(scene.arena.node(id), Node::Call(Op::Not, _)) {
            break;
        }
    }
    at
}

/// The guards whose condition `position` is part of.
fn guards_around(scene: &Scene<'_>, position: &Position) -> Vec<Position> {
    let guards = scene.calls(|op| op == Op::Guard);
    let conditions = guards.into_iter().map(|(guard, ..)| guard.child(0));
    conditions
        .filter(|guard| position.is_within(guard))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn operands_are_left_out_negated_and_mixed() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule(
            "r",
            "has(body.note) && (body.count > 1 || body.tier == 'gold')",
        );
        assert_eq!(
            fixture.words_of(rule, Clause),
            [
                "is content with any one condition where the rule demands all: `has(body.note) && (body.count > 1 || body.tier == 'gold')`",
                "leaves out `has(body.note)`",
                "checks `!has(body.note)` where the rule says `has(body.note)`",
                "checks `body.count > 1` where the rule says `has(body.note)`",
                "checks `has(body.note) || body.count > 1` where the rule says `has(body.note)`",
                "checks `!(body.count > 1 || body.tier == 'gold')` where the rule says `body.count > 1 || body.tier == 'gold'`",
                "demands all conditions where the rule is content with any: `body.count > 1 || body.tier == 'gold'`",
                "takes both at once for neither, in `body.count > 1 || body.tier == 'gold'`",
                "checks `body.count <= 1` where the rule says `body.count > 1`",
                "checks `body.count > 1 && has(body.note)` where the rule says `body.count > 1`",
                "checks `body.tier == 'gold' && has(body.note)` where the rule says `body.tier == 'gold'`",
            ]
        );
    }

    #[test]
    fn an_equivalence_has_two_directions() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "has(body.note) == (body.tier == 'gold')");
        assert_eq!(
            fixture.words_of(rule, Clause)[..2],
            [
                "checks only one direction of `has(body.note) == (body.tier == 'gold')`: `!has(body.note) || body.tier == 'gold'`",
                "checks only one direction of `has(body.note) == (body.tier == 'gold')`: `has(body.note) || body.tier != 'gold'`",
            ]
        );
    }

    #[test]
    fn or_is_taken_for_either_or() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "!(body.tier == 'vip') || has(body.note)");
        let words = "refuses `has(body.note)` where `body.tier == 'vip'` doesn't hold";
        assert!(fixture.words_of(rule, Clause).contains(&words.to_owned()));
        // Where it isn't there, nothing can be read.
        let rule = fixture.rule("s", "!has(body.fee) || body.fee > 1");
        let all = fixture.words_of(rule, Clause);
        assert!(
            all.iter().all(|words| !words.starts_with("refuses")),
            "{all:?}"
        );
    }

    #[test]
    fn a_guard_is_taken_both_ways() {
        let mut fixture = Fixture::default();
        let rule = fixture.guarded("r", "body.tier == 'vip'", "body.amount > 1");
        let words = "refuses `body.amount > 1` where `body.tier == 'vip'` doesn't hold";
        assert!(fixture.words_of(rule, Clause).contains(&words.to_owned()));
        // Nothing can be said of what isn't there.
        let rule = fixture.guarded("s", "has(body.fee)", "body.fee > 1");
        let all = fixture.words_of(rule, Clause);
        assert!(
            all.iter().all(|words| !words.starts_with("refuses")),
            "{all:?}"
        );
    }
}
