//! Class `table`: what a table, list or enum holds is wrong.
//!
//! Tables in code are copied and extended by hand: an entry is forgotten,
//! slips to its neighbour, or a value is taken in that doesn't belong.

use std::sync::Arc;

use super::FaultClass::Table;
use super::actor::is_table;
use super::edit::Edit;
use super::reads::schema_of;
use super::scene::Scene;
use crate::expr::{ExprId, Node, Op, Position};
use crate::value::Value;

/// Of a longer enum, only so many members next to the named ones are tried.
const MAX_MEMBERS: usize = 16;

/// For every map literal: each entry missing, each with the value of the next
/// and of the one before in written order. For every list literal: each item
/// missing; where it isn't looked up by `in`, each replaced by the next. For `in` and `==` with a field
/// of an enum: one more member of the enum accepted.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, id) in scene.nodes() {
        if is_of_actors(scene, &position) {
            continue;
        }
        found.extend(match scene.arena.node(id).clone() {
            Node::Map(entries) => map_edits(scene, &position, &entries),
            Node::List(items) => list_edits(scene, &position, &items),
            Node::Call(Op::In, operands) => one_more(scene, &position, Op::In, &operands),
            Node::Call(op @ (Op::Eq | Op::Ne), operands) => {
                one_more(scene, &position, op, &operands)
            }
            _ => Vec::new(),
        });
    }
    found
}

/// Whether the position lies in the table that tells actors apart: it isn't the
/// server's, which looks tokens up.
fn is_of_actors(scene: &Scene<'_>, position: &Position) -> bool {
    let mut at = position.clone();
    while let Some((above, parent)) = scene.parent(&at) {
        if is_table(scene.arena, parent, scene.at(&at)) {
            return true;
        }
        at = above;
    }
    false
}

type Entry = (Arc<str>, ExprId);

fn map_edits(scene: &mut Scene<'_>, position: &Position, entries: &[Entry]) -> Vec<Edit> {
    let ty = scene.arena.ty(scene.at(position)).clone();
    let mut found = Vec::new();
    for (index, (key, _)) in entries.iter().enumerate() {
        let rest = without(entries, index);
        let new = scene.arena.add(Node::Map(rest.into()), ty.clone());
        let words = format!("forgets the entry `{key}` of the table");
        found.extend(scene.edit(Table, position, new, format!("missing-{key}"), words));
    }
    let count = entries.len();
    for (index, (key, _)) in entries.iter().enumerate() {
        let near = [(index + 1, "neighbour"), (index + count - 1, "before")];
        for (other, variant) in near {
            let Some((other, value)) = entries.get(other % count) else {
                continue;
            };
            let mut changed = entries.to_vec();
            if let Some(entry) = changed.get_mut(index) {
                entry.1 = *value;
            }
            let new = scene.arena.add(Node::Map(changed.into()), ty.clone());
            let words = format!(
                "uses the value of `{other}`, {}, for `{key}`",
                scene.quote(*value)
            );
            found.extend(scene.edit(Table, position, new, format!("{variant}-{key}"), words));
        }
    }
    found
}

fn without<T: Clone>(all: &[T], index: usize) -> Vec<T> {
    let kept = all.iter().enumerate().filter(|(other, _)| *other != index);
    kept.map(|(_, one)| one.clone()).collect()
}

fn list_edits(scene: &mut Scene<'_>, position: &Position, items: &[ExprId]) -> Vec<Edit> {
    let ty = scene.arena.ty(scene.at(position)).clone();
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let rest = without(items, index);
        let new = scene.arena.add(Node::List(rest.into()), ty.clone());
        let words = format!("forgets {} in the list", scene.quote(*item));
        let variant = format!("missing-{}", name_of(scene, *item, index));
        found.extend(scene.edit(Table, position, new, variant, words));
    }
    if is_looked_up(scene, position) {
        return found;
    }
    for (index, item) in items.iter().enumerate() {
        let Some(next) = items.get((index + 1) % items.len()) else {
            continue;
        };
        let mut changed = items.to_vec();
        if let Some(place) = changed.get_mut(index) {
            *place = *next;
        }
        let new = scene.arena.add(Node::List(changed.into()), ty.clone());
        let words = format!(
            "has {} in the list in place of {}",
            scene.quote(*next),
            scene.quote(*item)
        );
        let variant = format!("neighbour-{}", name_of(scene, *item, index));
        found.extend(scene.edit(Table, position, new, variant, words));
    }
    found
}

/// A constant itself, else its number.
fn name_of(scene: &Scene<'_>, item: ExprId, index: usize) -> String {
    match scene.arena.as_const(item) {
        Some(value) => value.to_string(),
        None => format!("item-{}", index + 1),
    }
}

/// Whether the list at `position` only matters by what it holds.
fn is_looked_up(scene: &Scene<'_>, position: &Position) -> bool {
    let above = scene.parent(position);
    above.is_some_and(|(_, id)| matches!(scene.arena.node(id), Node::Call(Op::In, _)))
}

/// `field in [..]`, `field == member` or `!=`, where the schema of the field
/// is an enum: each member that isn't named is accepted as well, in declared
/// order from the last one named on.
fn one_more(scene: &mut Scene<'_>, position: &Position, op: Op, operands: &[ExprId]) -> Vec<Edit> {
    let [a, b] = *operands else {
        return Vec::new();
    };
    let (field, named) = match (op, scene.arena.as_const(a).is_some()) {
        (Op::In, _) => (a, listed(scene, b)),
        (_, true) => (b, vec![a]),
        (_, false) => (a, vec![b]),
    };
    let members = other_members(scene, field, &named);
    let edits = members
        .into_iter()
        .filter_map(|member| included(scene, position, op, (field, &named), member));
    edits.collect()
}

fn included(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    (field, named): (ExprId, &[ExprId]),
    member: Value,
) -> Option<Edit> {
    let first = named.first()?;
    let (item_type, text) = (scene.arena.ty(*first).clone(), member.to_string());
    let added = scene.arena.constant(member, item_type.clone());
    let items: Vec<ExprId> = named.iter().copied().chain([added]).collect();
    let list_type = crate::expr::Type::list(item_type);
    let list = scene.arena.add(Node::List(items.into()), list_type);
    let within = scene.arena.call_bool(Op::In, &[field, list]);
    let new = match op {
        Op::Ne => scene.arena.call_bool(Op::Not, &[within]),
        _ => within,
    };
    let words = format!(
        "treats {} of {} like {}",
        scene.quote(added),
        scene.quote(field),
        scene.quote(named.last().copied().unwrap_or(*first))
    );
    scene.edit(Table, position, new, format!("included-{text}"), words)
}

fn listed(scene: &Scene<'_>, list: ExprId) -> Vec<ExprId> {
    match scene.arena.node(list) {
        Node::List(items) => items.to_vec(),
        _ => Vec::new(),
    }
}

/// The members of the field's enum that aren't among the constants `named`.
fn other_members(scene: &Scene<'_>, field: ExprId, named: &[ExprId]) -> Vec<Value> {
    let schema = schema_of(scene.arena, scene.schemas, field);
    let members = schema.and_then(|schema| schema.enumeration.as_ref());
    let constants: Option<Vec<&Value>> = named.iter().map(|id| scene.arena.as_const(*id)).collect();
    let (Some(members), Some(constants)) = (members, constants) else {
        return Vec::new();
    };
    let members = &members.value;
    let from = members
        .iter()
        .position(|member| constants.last() == Some(&member));
    let Some(from) = from else { return Vec::new() };
    let after = members.iter().cycle().skip(from + 1).take(members.len());
    after
        .filter(|member| **member != Value::Null && !constants.contains(member))
        .take(MAX_MEMBERS)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn entries_are_missing_or_have_their_neighbours_value() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule(
            "r",
            "body.amount <= {'free': 10, 'gold': 20, 'vip': 20}[body.tier]",
        );
        assert_eq!(
            fixture.words_of(rule, Table),
            [
                "forgets the entry `free` of the table",
                "forgets the entry `gold` of the table",
                "forgets the entry `vip` of the table",
                "uses the value of `gold`, `20`, for `free`",
                "uses the value of `free`, `10`, for `gold`",
                "uses the value of `free`, `10`, for `vip`",
            ]
        );
    }

    #[test]
    fn an_enum_member_is_forgotten_or_wrongly_included() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.tier in ['gold', 'vip']");
        assert_eq!(
            fixture.words_of(rule, Table),
            [
                "treats `'free'` of `body.tier` like `'vip'`",
                "forgets `'gold'` in the list",
                "forgets `'vip'` in the list",
            ]
        );
        let rule = fixture.rule("s", "body.tier != 'free'");
        assert_eq!(
            fixture.words_of(rule, Table),
            [
                "treats `'gold'` of `body.tier` like `'free'`",
                "treats `'vip'` of `body.tier` like `'free'`"
            ]
        );
    }
}
