//! Defaults forgotten: the server reads a field that wasn't sent as if it had
//! no default.

use super::FaultClass::Presence;
use super::edit::Edit;
use super::reads::{admits_zero, chain, schema_of, zero};
use super::scene::Scene;
use crate::expr::{ExprId, Node, Op, Position, Root};
use crate::value::Value;

/// For every field with a default that the expression reads (outside of
/// lists): where it isn't sent, it is taken for null, or for zero or empty.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut fields: Vec<(ExprId, Vec<Position>)> = Vec::new();
    for (position, id) in scene.nodes() {
        if default_of(scene, id).is_none() {
            continue;
        }
        match fields.iter_mut().find(|(known, _)| *known == id) {
            Some((_, positions)) => positions.push(position),
            None => fields.push((id, vec![position])),
        }
    }
    let mut found = Vec::new();
    for (field, positions) in fields {
        found.extend(forgotten(scene, field, &positions));
    }
    found
}

/// The default of the field that `id` reads.
fn default_of(scene: &Scene<'_>, id: ExprId) -> Option<Value> {
    if !matches!(scene.arena.node(id), Node::Get(..)) {
        return None;
    }
    let schema = schema_of(scene.arena, scene.schemas, id)?;
    Some(schema.default.as_ref()?.value.clone())
}

fn admits(scene: &Scene<'_>, field: ExprId, zero: &Value) -> bool {
    schema_of(scene.arena, scene.schemas, field).is_some_and(|schema| admits_zero(schema, zero))
}

fn forgotten(scene: &mut Scene<'_>, field: ExprId, positions: &[Position]) -> Vec<Edit> {
    let Some(default) = default_of(scene, field) else {
        return Vec::new();
    };
    let Some(sent) = as_sent(scene, field) else {
        return Vec::new();
    };
    let ty = scene.arena.ty(field).clone();
    let mut taken = vec![("null", Value::Null)];
    // A text that no request may hold compares like null.
    let zero =
        zero(&ty).filter(|zero| !matches!(zero, Value::String(_)) || admits(scene, field, zero));
    taken.extend(zero.map(|zero| ("zero", zero)));
    let mut found = Vec::new();
    for (variant, value) in taken.into_iter().filter(|(_, value)| *value != default) {
        let other = scene.arena.constant(value, ty.clone());
        let lax = scene.arena.call(Op::OrElse, &[sent, other], ty.clone());
        let words = format!(
            "forgets the default of {}: takes it for {} where it isn't sent",
            scene.quote(field),
            scene.quote(other)
        );
        found.extend(positions.first().map(|first| Edit {
            class: Presence,
            at: first.clone(),
            changes: positions.iter().map(|at| (at.clone(), lax)).collect(),
            variant: format!("default-{variant}"),
            words,
            about: None,
        }));
    }
    found
}

/// The same read of the request as it was sent; none for a read through a
/// list's items or what the server remembers.
pub(super) fn as_sent(scene: &mut Scene<'_>, field: ExprId) -> Option<ExprId> {
    let steps = chain(scene.arena, field);
    let Node::Get(first, _) = scene.arena.node(*steps.last()?).clone() else {
        return None;
    };
    if *scene.arena.node(first) != Node::Root(Root::Request) {
        return None;
    }
    let ty = scene.arena.ty(first).clone();
    let mut read = scene.arena.add(Node::Root(Root::Sent), ty);
    for step in steps.iter().rev() {
        let Node::Get(_, key) = scene.arena.node(*step).clone() else {
            return None;
        };
        let ty = scene.arena.ty(*step).clone();
        read = scene.arena.add(Node::Get(read, key), ty);
    }
    Some(read)
}
