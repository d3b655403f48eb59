//! Class `actor`: who asks is taken for somebody else.
//!
//! Broken access control (OWASP Top 10, A01:2021): the role that a token
//! carries isn't looked at, or the owner of what is asked for; whoever asks is
//! treated like one of those who may.

use super::FaultClass::Actor;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::{Arena, ExprId, Node, Root, actor_of, is_actor};

/// For every attribute of the actor that is read: all its reads count as one of
/// the values that actors have.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
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
