//! Rules about several requests: what belongs together is mistaken, a repeat
//! isn't known, or not all of two requests is compared.
//!
//! What goes wrong with keys that make requests idempotent (IETF draft "The
//! Idempotency-Key HTTP Header Field", section 2.6: a key is reused with
//! another payload, and the fingerprint of a payload may leave out members).

use itertools::Itertools;

use super::FaultClass::{Clause, State};
use super::edit::Edit;
use super::scene::Scene;
use crate::document::{JsonType, SchemaId};
use crate::expr::{ExprId, Node, Op, Position, Root, Type, member_schema, type_of};
use crate::model::Place;
use crate::value::Value;

/// Members that are left out of comparisons, at most.
const MOST_MEMBERS: usize = 24;

/// By the kind of place: a rule, what belongs together, repeats.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    match scene.place {
        Place::Rule(_) => left_out(scene),
        Place::Same(_) => mistaken(scene),
        Place::Replay(_) => unknown(scene),
        Place::Counted(_) => counted(scene),
        Place::Init(..)
        | Place::Set(..)
        | Place::Everywhere(..)
        | Place::Refused(..)
        | Place::Repeated(..)
        | Place::Kept(..)
        | Place::Ensure(..) => Vec::new(),
    }
}

/// Requests that have nothing in common are taken for ones that belong
/// together; where they share several things, one of these isn't looked at.
fn mistaken(scene: &mut Scene<'_>) -> Vec<Edit> {
    let always = scene.arena.boolean(true);
    let parts = match scene.arena.node(scene.root) {
        Node::Call(Op::And, parts) => parts.len(),
        _ => 0,
    };
    let mut at = vec![Position::default()];
    let parts = u16::try_from(parts).unwrap_or_default();
    at.extend((0..parts).map(|index| Position::default().child(index)));
    let edits = at.into_iter().map(|position| {
        let what = shared(scene, scene.at(&position));
        let words = format!("takes requests with other {what} for ones that belong together");
        scene.edit(State, &position, always, "any", words)
    });
    edits.flatten().collect()
}

/// What two requests share, in words.
fn shared(scene: &Scene<'_>, id: ExprId) -> String {
    match scene.arena.node(id) {
        Node::Call(Op::Eq, operands) => match operands.last() {
            Some(own) => scene.quote(*own),
            None => scene.quote(id),
        },
        Node::Call(Op::And, parts) => {
            // One field is shared with each of the earlier requests.
            let parts = parts.iter().map(|part| shared(scene, *part));
            parts.unique().join(" and ")
        }
        _ => scene.quote(id),
    }
}

fn unknown(scene: &mut Scene<'_>) -> Vec<Edit> {
    let never = scene.arena.boolean(false);
    let words = "treats a repeat as a new request";
    let edit = scene.edit(State, &Position::default(), never, "new", words);
    edit.into_iter().chain(late(scene)).collect()
}

/// A repeat has to satisfy the other rules again, though what the first request
/// changed may break them.
fn late(scene: &mut Scene<'_>) -> Option<Edit> {
    let others = scene.beside.clone()?;
    let passes = scene.arena.boolean(true);
    // What says nothing refuses nothing.
    let others: Vec<ExprId> = others
        .into_iter()
        .map(|rule| scene.arena.call_bool(Op::OrElse, &[rule, passes]))
        .collect();
    let allowed = super::logic::chain(scene.arena, Op::And, &others);
    let words = "applies the other rules to a repeat, too";
    scene.edit(State, &Position::default(), allowed, "late", words)
}

/// An earlier request counts although it was refused.
fn counted(scene: &mut Scene<'_>) -> Vec<Edit> {
    let always = scene.arena.boolean(true);
    let words = "counts earlier requests that it has refused as if it had accepted them";
    let edit = scene.edit(State, &Position::default(), always, "refused", words);
    edit.into_iter().collect()
}

/// For objects of two requests that are compared as a whole: each member is
/// left out once.
fn left_out(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(|op| matches!(op, Op::Eq | Op::Ne)) {
        let [a, b] = *operands else { continue };
        let Type::Object(schema) = *scene.arena.ty(a) else {
            continue;
        };
        if !reads_earlier(scene, a) && !reads_earlier(scene, b) {
            continue;
        }
        let names = scene.schemas.get(schema).properties.keys();
        let names: Vec<String> = names.cloned().collect();
        for left in names.iter().take(MOST_MEMBERS) {
            let others = names.iter().filter(|name| *name != left);
            let same = others.filter_map(|name| compared(scene, schema, (a, b), name));
            let same: Vec<ExprId> = same.collect();
            let same = super::logic::chain(scene.arena, Op::And, &same);
            let new = match op {
                Op::Eq => same,
                _ => scene.arena.call_bool(Op::Not, &[same]),
            };
            let own = if reads_earlier(scene, b) { a } else { b };
            let own = member(scene, schema, own, left);
            let quoted = own.map_or_else(|| format!("`{left}`"), |own| scene.quote(own));
            let words = format!("doesn't compare {quoted} with that of the other request");
            found.extend(scene.edit(Clause, &position, new, format!("without-{left}"), words));
        }
    }
    found
}

fn reads_earlier(scene: &Scene<'_>, id: ExprId) -> bool {
    let mut parts = scene.arena.reachable(&[id]).into_iter();
    parts.any(|part| matches!(scene.arena.node(part), Node::Root(Root::Earlier(_))))
}

/// Whether a member is the same in both, or absent from both.
fn compared(
    scene: &mut Scene<'_>,
    schema: SchemaId,
    (a, b): (ExprId, ExprId),
    name: &str,
) -> Option<ExprId> {
    let nothing = scene.arena.constant(Value::Null, Type::Null);
    let mut read = |of: ExprId| {
        let own = member(scene, schema, of, name)?;
        let ty = scene.arena.ty(own).clone();
        Some(scene.arena.call(Op::OrElse, &[own, nothing], ty))
    };
    let both = [read(a)?, read(b)?];
    let same = scene.arena.call_bool(Op::Eq, &both);
    let found = member_schema(scene.schemas, schema, name)?;
    let may_be_null = scene.schemas.get(found).types.allows(JsonType::Null);
    if !may_be_null {
        return Some(same);
    }
    // Null isn't absent.
    let both = [a, b].map(|of| scene.arena.add(Node::Has(of, name.into()), Type::Bool));
    let alike = scene.arena.call_bool(Op::Eq, &both);
    Some(scene.arena.call_bool(Op::And, &[alike, same]))
}

/// The read of a member.
fn member(scene: &mut Scene<'_>, schema: SchemaId, of: ExprId, name: &str) -> Option<ExprId> {
    let member = member_schema(scene.schemas, schema, name)?;
    let ty = type_of(scene.schemas, member).ok()?;
    Some(scene.arena.add(Node::Get(of, name.into()), ty))
}
