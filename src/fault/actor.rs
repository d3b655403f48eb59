//! Class `actor`: who asks is taken for somebody else.
//!
//! Broken access control (OWASP Top 10, A01:2021): the role that a token
//! carries isn't looked at, or the owner of what is asked for; whoever asks is
//! treated like one of those who may.

use super::FaultClass::Actor;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::{Arena, ExprId, Fold, Node, Op, Position, Root, Type, actor_of, is_actor};

/// For every attribute of the actor that is read: all its reads count as one of
/// the values that actors have. For every look at all resources of a kind that
/// remember who made them: only the caller's own are looked at.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = own_only(scene);
    let mut done: Vec<ExprId> = Vec::new();
    for (_, read) in scene.nodes() {
        let Some(name) = attribute(scene.arena, read).filter(|_| !done.contains(&read)) else {
            continue;
        };
        done.push(read);
        for value in values(scene.arena, read, &name) {
            let positions = scene.nodes().into_iter().filter(|(_, id)| *id == read);
            let changes: Vec<_> = positions.map(|(position, _)| (position, value)).collect();
            let quoted = scene.quote(value);
            let Some((at, _)) = changes.first().cloned() else {
                continue;
            };
            found.push(Edit {
                class: Actor,
                at,
                changes,
                variant: format!(
                    "{}{name}-{}",
                    which(scene, read),
                    super::edit::slug(&quoted)
                ),
                words: format!("takes {} for {quoted}, whoever asks", scene.quote(read)),
                about: None,
            });
        }
    }
    found
}

/// For every fold over all resources of a kind: only the caller's own count.
fn own_only(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, id) in scene.nodes() {
        let Node::Fold(fold, list, body) = *scene.arena.node(id) else {
            continue;
        };
        let Node::Root(Root::All(resource)) = *scene.arena.node(list) else {
            continue;
        };
        for (attribute, maker) in remembered(scene, resource) {
            found.extend(own(scene, &position, (fold, list, body), &attribute, maker));
        }
    }
    found
}

/// The attributes in which a resource remembers who made it, with how the
/// operation reads that of who asks.
fn remembered(scene: &Scene<'_>, resource: u32) -> Vec<(String, ExprId)> {
    let Some(resource) = scene.resources.get(resource as usize) else {
        return Vec::new();
    };
    let beside = scene.beside.iter().flatten().copied();
    let all: Vec<ExprId> = beside.chain([scene.root]).collect();
    let read = scene.arena.reachable(&all);
    let attributes = resource.attributes.iter();
    let found = attributes.filter_map(|own| {
        let name = attribute(scene.arena, own.init)?;
        let mut read = read.iter().copied();
        let asks = read.find(|id| attribute(scene.arena, *id).as_ref() == Some(&name))?;
        Some((own.name.clone(), asks))
    });
    found.collect()
}

fn own(
    scene: &mut Scene<'_>,
    position: &Position,
    (fold, list, body): (Fold, ExprId, ExprId),
    attribute: &str,
    maker: ExprId,
) -> Option<Edit> {
    let Type::List(item) = scene.arena.ty(list).clone() else {
        return None;
    };
    let node = Node::Item {
        depth: 0,
        ty: (*item).clone(),
    };
    let item = scene.arena.add(node, (*item).clone());
    let node = Node::Get(item, attribute.into());
    // What looks at it anyway is another matter.
    let mut parts = scene.arena.reachable(&[body]).into_iter();
    if parts.any(|part| *scene.arena.node(part) == node) {
        return None;
    }
    let ty = scene.arena.ty(maker).clone();
    let own = scene.arena.add(node, ty);
    let (op, condition) = match fold {
        Fold::All => (Op::Or, Op::Ne),
        Fold::Exists | Fold::ExistsOne | Fold::Filter => (Op::And, Op::Eq),
        _ => return None,
    };
    let condition = scene.arena.call_bool(condition, &[own, maker]);
    let body = scene.arena.call_bool(op, &[condition, body]);
    let ty = scene.arena.ty(scene.at(position)).clone();
    let new = scene.arena.add(Node::Fold(fold, list, body), ty);
    let words = format!(
        "looks only at those of {} whose `{attribute}` is that of who asks",
        scene.quote(list)
    );
    scene.edit(Actor, position, new, format!("own-{attribute}"), words)
}

/// What tells reads of earlier requests' actors apart: `first-`.
fn which(scene: &Scene<'_>, read: ExprId) -> &'static str {
    let base = scene.arena.node(read).children().first().copied();
    let request = base.and_then(|base| actor_of(scene.arena, base));
    match request.map(|request| scene.arena.node(request)) {
        Some(Node::Root(Root::Earlier(0))) => "first-",
        Some(Node::Root(Root::Earlier(_))) => "second-",
        _ => "",
    }
}

/// Whether what stands at `id` is part of how actors are looked up.
pub(super) fn is_table(arena: &Arena, parent: ExprId, id: ExprId) -> bool {
    let first = arena.node(parent).children().first().copied();
    is_actor(arena, parent) && first == Some(id)
}

/// The attribute of the actor that `id` reads.
fn attribute(arena: &Arena, id: ExprId) -> Option<String> {
    match arena.node(id) {
        Node::Get(base, name) if is_actor(arena, *base) => Some(name.to_string()),
        _ => None,
    }
}

/// The values that actors have, each once.
fn values(arena: &Arena, read: ExprId, name: &str) -> Vec<ExprId> {
    let Node::Get(actor, _) = arena.node(read) else {
        return Vec::new();
    };
    let table = arena.node(*actor).children().into_iter().next();
    let Some(Node::Map(actors)) = table.map(|table| arena.node(table)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (_, own) in actors {
        if let Node::Map(attributes) = arena.node(*own) {
            let value = attributes.iter().find(|(key, _)| **key == *name);
            found.extend(value.map(|(_, value)| *value));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}
