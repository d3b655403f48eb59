//! Class `collection`: not every item is looked at.
//!
//! Loops go wrong at their ends: a loop that returns too early checks the first
//! item, one that overwrites its result the last; and one item that fits is
//! taken for all.

use super::FaultClass::Collection;
use super::edit::Edit;
use super::reads::schema_of;
use super::scene::Scene;
use crate::expr::{Arena, ExprId, Fold, ListOp, Node, Op, Position, Root, Type};
use crate::value::Value;

/// For every `all` and `exists` of a rule: one taken for the other, and only
/// the first or the last item looked at, and an empty list judged the other way;
/// for every `exists_one`: several, and none, taken for one. For `max`, `min` and
/// `sum`: one item only.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = of_one(scene);
    if !scene.is_rule() {
        return found;
    }
    for (position, id) in scene.nodes() {
        match *scene.arena.node(id) {
            Node::Fold(fold @ (Fold::All | Fold::Exists), list, body) => {
                found.extend(swapped(scene, &position, fold, list, body));
                found.extend(single(scene, &position, fold, list, body));
                found.extend(empty(scene, &position, fold, list));
            }
            Node::Fold(fold @ Fold::ExistsOne, list, body) => {
                found.extend(swapped(scene, &position, fold, list, body));
                found.extend(none(scene, &position, list, body));
            }
            _ => {}
        }
    }
    found
}

/// `max`, `min` and `sum` of a list: its first item only, and its last.
fn of_one(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(|op| matches!(op, Op::Max | Op::Min | Op::Sum)) {
        let [list] = *operands else { continue };
        let Type::List(item) = scene.arena.ty(list).clone() else {
            continue;
        };
        let [zero, last, some] = ends(scene.arena, list);
        for (variant, at) in [("first", zero), ("last", last)] {
            let one = scene.arena.call(Op::Index, &[list, at], (*item).clone());
            // Of nothing the sum is none.
            let new = if op == Op::Sum {
                let none = scene.arena.constant(Value::int(0), Type::Int);
                let arms = [some, one, none];
                scene.arena.call(Op::If, &arms, (*item).clone())
            } else {
                one
            };
            let words = format!(
                "looks only at the {variant} item in {}",
                scene.quote(scene.at(&position))
            );
            found.extend(scene.edit(Collection, &position, new, variant, words));
        }
    }
    found
}

/// The first position of a list, its last, and whether it has any.
fn ends(arena: &mut Arena, list: ExprId) -> [ExprId; 3] {
    let zero = arena.constant(Value::int(0), Type::Int);
    let one = arena.constant(Value::int(1), Type::Int);
    let size = arena.call(Op::Size, &[list], Type::Int);
    let last = arena.call(Op::Sub, &[size, one], Type::Int);
    let some = arena.call_bool(Op::Gt, &[size, zero]);
    [zero, last, some]
}

/// An empty list is judged the other way.
fn empty(scene: &mut Scene<'_>, position: &Position, fold: Fold, list: ExprId) -> Option<Edit> {
    let counted = whole(scene.arena, list);
    // What the request is about is one of all that there are.
    if let Node::Root(Root::All(resource)) = *scene.arena.node(counted) {
        let parts = scene.arena.reachable(&[scene.root]);
        let bound = Node::Root(Root::Resource(resource));
        let of = scene.resources.get(resource as usize);
        // What nothing makes is there before.
        let is_made = of.is_some_and(|resource| resource.created_by.is_some());
        if !is_made || parts.iter().any(|part| *scene.arena.node(*part) == bound) {
            return None;
        }
    }
    let schema = schema_of(scene.arena, scene.schemas, counted);
    let least = schema.and_then(|schema| schema.min_items.as_ref());
    if least.is_some_and(|least| least.value > 0) {
        return None;
    }
    let [_, _, some] = ends(scene.arena, counted);
    let right = scene.at(position);
    let (op, decides, what) = match fold {
        Fold::All => (Op::And, some, "fails"),
        _ => (Op::Or, super::logic::not(scene.arena, some), "passes"),
    };
    let new = scene.arena.call_bool(op, &[decides, right]);
    let words = format!("{what} where {} is empty", scene.quote(counted));
    scene.edit(Collection, position, new, "empty", words)
}

/// None is taken for exactly one.
fn none(scene: &mut Scene<'_>, position: &Position, list: ExprId, body: ExprId) -> Option<Edit> {
    let right = scene.at(position);
    let any = scene
        .arena
        .add(Node::Fold(Fold::Exists, list, body), Type::Bool);
    let none = scene.arena.call_bool(Op::Not, &[any]);
    let new = scene.arena.call_bool(Op::Or, &[none, right]);
    let quoted = scene.quote(whole(scene.arena, list));
    let words = format!("is content with no item of {quoted} where the rule asks for exactly one");
    scene.edit(Collection, position, new, "none", words)
}

fn swapped(
    scene: &mut Scene<'_>,
    position: &Position,
    fold: Fold,
    list: ExprId,
    body: ExprId,
) -> Option<Edit> {
    let quoted = scene.quote(whole(scene.arena, list));
    let (other, variant, words) = match fold {
        Fold::All => (
            Fold::Exists,
            "any",
            format!("is content with any item of {quoted} where the rule looks at all"),
        ),
        Fold::ExistsOne => (
            Fold::Exists,
            "several",
            format!(
                "is content with several items of {quoted} where the rule asks for exactly one"
            ),
        ),
        _ => (
            Fold::All,
            "all",
            format!("demands of all items of {quoted} what the rule asks of any"),
        ),
    };
    let new = scene.arena.add(Node::Fold(other, list, body), Type::Bool);
    scene.edit(Collection, position, new, variant, words)
}

/// The list that a fold goes through, also where it does by its positions or
/// keys.
fn whole(arena: &Arena, list: ExprId) -> ExprId {
    match arena.node(list) {
        Node::Call(Op::List(ListOp::Indexes | ListOp::Keys), operands) => {
            operands.first().copied().unwrap_or(list)
        }
        _ => list,
    }
}

/// Only the first, and only the last item.
fn single(
    scene: &mut Scene<'_>,
    position: &Position,
    fold: Fold,
    list: ExprId,
    body: ExprId,
) -> Vec<Edit> {
    // The keys of an object have no order.
    if matches!(
        scene.arena.node(list),
        Node::Call(Op::List(ListOp::Keys), _)
    ) {
        return Vec::new();
    }
    let counted = whole(scene.arena, list);
    let [zero, last, some] = ends(scene.arena, counted);
    let none = scene.arena.boolean(fold == Fold::All);
    let mut found = Vec::new();
    for (variant, at) in [("first", zero), ("last", last)] {
        let arena = &mut *scene.arena;
        let item = if counted == list {
            let Type::List(ty) = arena.ty(list).clone() else {
                continue;
            };
            arena.call(Op::Index, &[list, at], (*ty).clone())
        } else {
            at
        };
        let checked = with_item(arena, body, item);
        let new = arena.call(Op::If, &[some, checked, none], Type::Bool);
        let quoted = scene.quote(counted);
        let words = format!("looks only at the {variant} item of {quoted}");
        found.extend(scene.edit(Collection, position, new, variant, words));
    }
    found
}

/// The body of a fold, taken out of it: `item` stands for what the fold was at.
fn with_item(arena: &mut Arena, body: ExprId, item: ExprId) -> ExprId {
    replaced(arena, body, 0, &|arena, outer, inner, ty| match outer {
        0 => deeper(arena, item, inner),
        _ => item_at(arena, outer - 1 + inner, ty),
    })
}

/// An expression within `by` more folds.
fn deeper(arena: &mut Arena, id: ExprId, by: u32) -> ExprId {
    replaced(arena, id, 0, &|arena, outer, inner, ty| {
        item_at(arena, outer + inner + by, ty)
    })
}

fn item_at(arena: &mut Arena, depth: u32, ty: Type) -> ExprId {
    let node = Node::Item {
        depth,
        ty: ty.clone(),
    };
    arena.add(node, ty)
}

/// An expression with others in place of the items of folds around it. `item`
/// is told which fold (0: the innermost around), how many folds of the
/// expression itself lie between, and the type.
fn replaced(
    arena: &mut Arena,
    id: ExprId,
    inner: u32,
    item: &dyn Fn(&mut Arena, u32, u32, Type) -> ExprId,
) -> ExprId {
    let ty = arena.ty(id).clone();
    match arena.node(id).clone() {
        Node::Item { depth, ty } if depth >= inner => item(arena, depth - inner, inner, ty),
        Node::Fold(fold, list, body) => {
            let list = replaced(arena, list, inner, item);
            let body = replaced(arena, body, inner + 1, item);
            arena.add(Node::Fold(fold, list, body), ty)
        }
        node => {
            let children = node.children().into_iter();
            let children: Vec<ExprId> = children
                .map(|child| replaced(arena, child, inner, item))
                .collect();
            arena.add(node.with_children(&children), ty)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn loops_end_too_early_or_forget_what_they_found() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.lines.all(x, x.quantity > 0)");
        assert_eq!(
            fixture.words_of(rule, Collection),
            [
                "is content with any item of `body.lines` where the rule looks at all",
                "looks only at the first item of `body.lines`",
                "looks only at the last item of `body.lines`",
                "fails where `body.lines` is empty",
            ]
        );
        let rule = fixture.rule("s", "body.lines.exists_one(x, x.quantity > 0)");
        assert_eq!(
            fixture.words_of(rule, Collection),
            [
                "is content with several items of `body.lines` where the rule asks for exactly one",
                "is content with no item of `body.lines` where the rule asks for exactly one",
            ]
        );
    }

    #[test]
    fn the_first_item_stands_for_all() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "max(body.lines.map(x, x.quantity)) < 9");
        assert_eq!(
            fixture.words_of(rule, Collection),
            [
                "looks only at the first item in `max(body.lines.map(item, item.quantity))`",
                "looks only at the last item in `max(body.lines.map(item, item.quantity))`",
            ]
        );
    }
}
