//! Class `branch`, early returns: the rule is skipped for one kind of request.
//!
//! Validators return early: for a kind of customer, a currency without a limit, a
//! field that wasn't sent, when another rule has been looked at. Such a
//! condition is made of what the server branches by anyway: the fields with few
//! values that the rule reads, those beside them, and what the other rules of
//! the operation ask for. (Du and Mathur's environment faults, and the
//! "missing path" and "path selection" errors of Goodenough and Gerhart,
//! "Toward a theory of test data selection", IEEE TSE 1(2), 1975.)

use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::FaultClass::Branch;
use super::edit::{Edit, slug};
use super::forgotten::as_sent;
use super::reads::{chain, free_items, schema_of, step_may_be_absent};
use super::scene::Scene;
use crate::document::{JsonType, Schema};
use crate::expr::{ExprId, Node, Op, Position, Root, Type, type_of};
use crate::text::Cardinality;
use crate::value::Value;

/// A field with more values is no kind of request.
const MOST_MEMBERS: usize = 12;

/// Texts with more characters are no codes.
const LONGEST_CODE: u64 = 3;

/// What other rules ask for, at most so much of it.
const MOST_OTHERS: usize = 8;

/// For every kind of request (a value of a field): the rule is skipped for it;
/// see [`kinds`]. For every field with a default: where it isn't sent. For what
/// other rules ask for: where it holds; see [`asked`].
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let Some(beside) = scene.beside.clone() else {
        return Vec::new();
    };
    let parts = scene.arena.reachable(&[scene.root]);
    let mut parts = parts.iter().map(|id| scene.arena.node(*id));
    // What isn't there is of no kind.
    if parts.any(|part| matches!(part, Node::Call(Op::Exists, _))) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (field, values) in kinds(scene, &beside) {
        for value in values {
            found.extend(skipped_for(scene, field, value));
        }
    }
    for field in reads(scene, scene.root) {
        found.extend(skipped_where_unsent(scene, field));
    }
    for condition in asked(scene, &beside) {
        found.extend(skipped_where(scene, condition));
    }
    for condition in below(scene) {
        found.extend(skipped_where(scene, condition));
    }
    found
}

/// The fields of the request that an expression reads or asks for, lists' items
/// aside.
fn reads(scene: &mut Scene<'_>, root: ExprId) -> Vec<ExprId> {
    let mut found: IndexSet<ExprId> = IndexSet::new();
    for (_, id) in scene.arena.positions(root) {
        let read = match scene.arena.node(id).clone() {
            Node::Get(..) => Some(id),
            Node::Has(base, key) => member(scene, base, &key),
            _ => None,
        };
        found.extend(read.filter(|read| is_of_request(scene, *read)));
    }
    found.into_iter().collect()
}

/// A member of an object that the schema declares.
fn member(scene: &mut Scene<'_>, object: ExprId, key: &Arc<str>) -> Option<ExprId> {
    let Type::Object(schema) = *scene.arena.ty(object) else {
        return None;
    };
    let member = *scene.schemas.get(schema).properties.get(&**key)?;
    let ty = type_of(scene.schemas, member).ok()?;
    Some(scene.arena.add(Node::Get(object, key.clone()), ty))
}

fn is_of_request(scene: &Scene<'_>, read: ExprId) -> bool {
    let steps = chain(scene.arena, read);
    let first = steps.last().map(|first| scene.arena.node(*first));
    let Some(Node::Get(base, _)) = first else {
        return false;
    };
    *scene.arena.node(*base) == Node::Root(Root::Request)
}

/// Fields with few values, and the values: of those that the rule reads, and of
/// those beside them in an object within the body, all; of others by which the
/// operation branches, the values that it names.
fn kinds(scene: &mut Scene<'_>, beside: &[ExprId]) -> IndexMap<ExprId, Vec<Value>> {
    let mut found = IndexMap::new();
    for field in reads(scene, scene.root) {
        found.insert(field, members(scene, field));
        for near in siblings(scene, field) {
            found.entry(near).or_insert_with(|| members(scene, near));
        }
    }
    for root in beside {
        for (field, values) in named(scene, *root) {
            let members = members(scene, field);
            let own: &mut Vec<Value> = found.entry(field).or_default();
            let is_new = |value: &Value| members.contains(value) && !own.contains(value);
            let new: Vec<Value> = values.into_iter().filter(is_new).collect();
            own.extend(new);
        }
    }
    found
}

/// The other fields of an object within the body (or of another part of the
/// request), not of the body itself.
fn siblings(scene: &mut Scene<'_>, field: ExprId) -> Vec<ExprId> {
    let Node::Get(object, _) = scene.arena.node(field).clone() else {
        return Vec::new();
    };
    let Type::Object(schema) = *scene.arena.ty(object) else {
        return Vec::new();
    };
    if chain(scene.arena, object).len() < 2 {
        return Vec::new();
    }
    let names = scene.schemas.get(schema).properties.keys();
    let names: Vec<Arc<str>> = names.map(|name| name.as_str().into()).collect();
    let fields = names.iter().filter_map(|name| member(scene, object, name));
    fields.collect()
}

/// The values of a field, where they are few; of a short code (a country, a
/// currency) that the document lists nowhere, those of the examples.
fn members(scene: &Scene<'_>, field: ExprId) -> Vec<Value> {
    let Some(schema) = schema_of(scene.arena, scene.schemas, field) else {
        return Vec::new();
    };
    match &schema.enumeration {
        Some(members) if members.value.len() <= MOST_MEMBERS => {
            let members = members.value.iter();
            let members = members.filter(|own| **own != Value::Null);
            members.cloned().collect()
        }
        None if schema.types.names(JsonType::Boolean) => {
            vec![Value::Bool(true), Value::Bool(false)]
        }
        None if is_code(schema) => shown(scene, field),
        _ => Vec::new(),
    }
}

/// Whether texts are as short as codes are.
fn is_code(schema: &Schema) -> bool {
    let longer = schema.text_set().with_lengths(LONGEST_CODE + 1, None);
    schema.types.names(JsonType::String) && longer.cardinality(1) == Ok(Cardinality::Exactly(0))
}

/// The values that examples have in a field.
fn shown(scene: &Scene<'_>, field: ExprId) -> Vec<Value> {
    let mut way = chain(scene.arena, field);
    way.reverse();
    let at = |request| {
        let mut steps = way.iter();
        steps.try_fold(request, |value: &Value, step| {
            match scene.arena.node(*step) {
                Node::Get(_, key) => value.get(key),
                _ => None,
            }
        })
    };
    let requests = scene.baselines.iter().map(|own| &own.request);
    let values = requests.filter_map(at);
    let mut found = Vec::new();
    for value in values.filter(|value| **value != Value::Null) {
        if !found.contains(value) {
            found.push(value.clone());
        }
    }
    found.truncate(MOST_MEMBERS);
    found
}

/// The fields by which an expression branches, with the values that it names:
/// by comparisons, in lists and as keys of tables; of a Boolean both.
fn named(scene: &mut Scene<'_>, root: ExprId) -> Vec<(ExprId, Vec<Value>)> {
    let mut found = Vec::new();
    for field in reads(scene, root) {
        if *scene.arena.ty(field) == Type::Bool {
            found.push((field, members(scene, field)));
        }
    }
    for (_, id) in scene.arena.positions(root) {
        let Node::Call(op, operands) = scene.arena.node(id).clone() else {
            continue;
        };
        let (field, values) = match (op, &*operands) {
            (Op::Eq | Op::Ne, [a, b]) => match scene.arena.as_const(*a) {
                Some(value) => (*b, vec![value.clone()]),
                None => (*a, scene.arena.as_const(*b).cloned().into_iter().collect()),
            },
            (Op::In, [field, list]) => (*field, constants(scene, *list)),
            (Op::Index, [table, field]) => (*field, constants(scene, *table)),
            _ => continue,
        };
        if is_of_request(scene, field) {
            found.push((field, values));
        }
    }
    found
}

/// The constants in a list, the keys of a table.
fn constants(scene: &Scene<'_>, id: ExprId) -> Vec<Value> {
    match scene.arena.node(id) {
        Node::List(items) => {
            let items = items.iter().filter_map(|item| scene.arena.as_const(*item));
            items.cloned().collect()
        }
        Node::Map(entries) => entries
            .iter()
            .map(|(key, _)| Value::string(&**key))
            .collect(),
        _ => Vec::new(),
    }
}

/// What other rules ask for before they say something, and where they are at
/// their border.
fn asked(scene: &mut Scene<'_>, beside: &[ExprId]) -> Vec<ExprId> {
    let mut found: IndexSet<ExprId> = IndexSet::new();
    for root in beside {
        for (position, id) in scene.arena.positions(*root) {
            let Node::Call(op, operands) = scene.arena.node(id).clone() else {
                continue;
            };
            match (op, &*operands) {
                (Op::Guard, [guard, _]) if position.steps().is_empty() => {
                    if let Node::Has(..) = scene.arena.node(*guard) {
                        found.insert(*guard);
                    }
                }
                (op, [a, b]) if is_border(scene, (op, *a, *b)) => {
                    found.insert(scene.arena.call_bool(Op::Eq, &[*a, *b]));
                }
                _ => {}
            }
        }
    }
    let own: IndexSet<ExprId> = scene.arena.reachable(&[scene.root]).into_iter().collect();
    found.retain(|id| !own.contains(id));
    found.into_iter().take(MOST_OTHERS).collect()
}

/// What the rule reads hasn't reached a limit that only other rules speak of.
fn below(scene: &mut Scene<'_>) -> Vec<ExprId> {
    if scene.limits.is_empty() {
        return Vec::new();
    }
    let read = scene.arena.reachable(&[scene.root]);
    let limits = scene.limits.iter();
    let limits = limits.filter(|(own, limit)| read.contains(own) && !read.contains(limit));
    let all = limits.map(|(own, limit)| scene.arena.call_bool(Op::Lt, &[*own, *limit]));
    all.collect()
}

/// A comparison of two numbers or moments neither of which is a constant or may
/// be undefined.
fn is_border(scene: &Scene<'_>, (op, a, b): (Op, ExprId, ExprId)) -> bool {
    let fits = |id: ExprId| {
        let is_ordered = scene.arena.ty(id).is_ordered();
        let parts = scene.arena.reachable(&[id]);
        let mut parts = parts.iter().map(|id| scene.arena.node(*id));
        // Where an entry is missing there is no border; one that moves with the
        // clock is met by chance only.
        let is_partial = parts
            .any(|part| matches!(part, Node::Call(Op::Index, _)) || *part == Node::Root(Root::Now));
        let is_constant = scene.arena.as_const(id).is_some();
        is_ordered && !is_partial && !is_constant && free_items(scene.arena, id).is_empty()
    };
    // Beyond a strict border that rule refuses the request itself.
    matches!(op, Op::Le | Op::Ge | Op::Eq) && fits(a) && fits(b)
}

fn skipped_for(scene: &mut Scene<'_>, field: ExprId, value: Value) -> Option<Edit> {
    let ty = scene.arena.ty(field).clone();
    let shown = value.to_string();
    let value = scene.arena.constant(value, ty);
    let is_it = scene.arena.call_bool(Op::Eq, &[field, value]);
    let condition = there(scene, field, is_it);
    let (quoted, value) = (scene.quote(field), scene.quote(value));
    let words = format!("skips the check where {quoted} is {value}");
    let variant = format!("skipped-{}-{}", slug(&quoted), slug(&shown));
    skipped(scene, condition, variant, words)
}

fn skipped_where_unsent(scene: &mut Scene<'_>, field: ExprId) -> Option<Edit> {
    let schema = schema_of(scene.arena, scene.schemas, field)?;
    schema.default.as_ref()?;
    let sent = as_sent(scene, field)?;
    let Node::Get(base, key) = scene.arena.node(sent).clone() else {
        return None;
    };
    let has = scene.arena.add(Node::Has(base, key), Type::Bool);
    let has = there(scene, base, has);
    let unsent = scene.arena.call_bool(Op::Not, &[has]);
    let quoted = scene.quote(field);
    let words = format!("skips the check where {quoted} isn't sent");
    let variant = format!("skipped-without-{}", slug(&quoted));
    skipped(scene, unsent, variant, words)
}

fn skipped_where(scene: &mut Scene<'_>, condition: ExprId) -> Option<Edit> {
    let never = scene.arena.boolean(false);
    let holds = scene.arena.call_bool(Op::OrElse, &[condition, never]);
    let quoted = scene.quote(condition);
    let words = format!("skips the check where {quoted} holds");
    let variant = format!("skipped-where-{}", slug(&quoted));
    skipped(scene, holds, variant, words)
}

fn skipped(
    scene: &mut Scene<'_>,
    condition: ExprId,
    variant: String,
    words: String,
) -> Option<Edit> {
    let new = scene.arena.call_bool(Op::Or, &[condition, scene.root]);
    let edit = scene.edit(Branch, &Position::default(), new, variant, words)?;
    Some(edit.about(condition))
}

/// `condition` where all of the way to `field` is there, else false.
fn there(scene: &mut Scene<'_>, field: ExprId, condition: ExprId) -> ExprId {
    let mut parts = vec![condition];
    let nulls_distinct = scene.nulls_distinct;
    for step in chain(scene.arena, field) {
        let Node::Get(base, key) = scene.arena.node(step).clone() else {
            continue;
        };
        if step_may_be_absent(scene.arena, scene.schemas, nulls_distinct, step) {
            parts.push(scene.arena.add(Node::Has(base, key), Type::Bool));
        }
    }
    if parts.len() == 1 {
        return condition;
    }
    parts.reverse();
    scene.arena.call_bool(Op::And, &parts)
}

#[cfg(test)]
mod tests {
    use super::Branch;
    use crate::fault::fixture::Fixture;

    #[test]
    fn a_kind_of_request_is_let_through() {
        let mut fixture = Fixture::default();
        fixture.rule("s", "body.tier != 'gold' || body.amount >= body.fee");
        fixture.guarded("t", "has(body.note)", "body.amount > 1");
        let rule = fixture.rule("r", "body.count <= 100");
        let words = fixture.words_of(rule, Branch);
        assert_eq!(
            words,
            [
                "skips the check where `body.tier` is `'gold'`",
                "skips the check where `body.amount == body.fee` holds",
                "skips the check where `has(body.note)` holds",
            ]
        );
        let rule = fixture.rule("u", "body.tier == 'gold' || body.count > 2");
        let words = fixture.words_of(rule, Branch);
        let kinds = words.iter().filter(|words| words.contains("body.tier"));
        // Where it is gold the rule holds anyway.
        assert_eq!(kinds.count(), 2, "{words:?}");
    }

    #[test]
    fn what_grows_to_a_limit_has_not_reached_it() {
        let mut fixture = Fixture::with_payment();
        let rule = fixture.rule("r", "payment.refunded == 0");
        let below = "skips the check where `payment.refunded < payment.amount` holds".to_owned();
        assert!(fixture.words_of(rule, Branch).contains(&below));
        // That is what the rule itself is about.
        let rule = fixture.rule("s", "payment.refunded < payment.amount");
        assert!(!fixture.words_of(rule, Branch).contains(&below));
    }
}
