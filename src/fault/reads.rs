//! What schemas say of the fields that an expression reads.

use std::collections::BTreeSet;

use crate::document::{JsonType, Schema, SchemaId, Schemas};
use crate::expr::{Arena, ExprId, Member, Node, TextView, Type, member};
use crate::value::Value;

/// The schema of the field that `id` reads, if it reads one.
pub(super) fn schema_of<'s>(arena: &Arena, schemas: &'s Schemas, id: ExprId) -> Option<&'s Schema> {
    match arena.node(id) {
        Node::Get(base, key) | Node::Has(base, key) => {
            let (schema, _) = declared(arena, schemas, *base, key)?;
            Some(schemas.get(schema))
        }
        _ => None,
    }
}

/// The schema of a member of `base`, and whether it is required.
fn declared(arena: &Arena, schemas: &Schemas, base: ExprId, key: &str) -> Option<(SchemaId, bool)> {
    let Type::Object(object) = arena.ty(base) else {
        return None;
    };
    Some(match member(schemas, *object, key)? {
        Member::Declared(schema, required) => (schema, required),
        Member::Additional(schema) => (schema, false),
    })
}

/// Whether the member that the outermost step of `read` names may be absent
/// from an object that is there: not required, or null where that is the same
/// (`nulls: absent`), and without a default.
pub(super) fn step_may_be_absent(
    arena: &Arena,
    schemas: &Schemas,
    nulls_distinct: bool,
    read: ExprId,
) -> bool {
    let Node::Get(base, key) = arena.node(read) else {
        return false;
    };
    declared(arena, schemas, *base, key).is_some_and(|(schema, required)| {
        let schema = schemas.get(schema);
        let is_sent = required && (nulls_distinct || !may_be_null(schema));
        !is_sent && schema.default.is_none()
    })
}

/// `read` and what it is read from, outermost first: `a.b.c`, `a.b`, `a`.
pub(super) fn chain(arena: &Arena, read: ExprId) -> Vec<ExprId> {
    let mut found = Vec::new();
    let mut at = read;
    while let Node::Get(base, _) = arena.node(at) {
        found.push(at);
        at = *base;
    }
    found
}

/// Whether a field may be null.
pub(super) fn may_be_null(schema: &Schema) -> bool {
    schema.types.names(JsonType::Null)
}

/// What a lax implementation takes for an absent value of the type: zero,
/// the empty text or list, false, or the start of 1970.
pub(super) fn zero(ty: &Type) -> Option<Value> {
    Some(match ty {
        Type::Bool => Value::Bool(false),
        Type::Int | Type::Decimal => Value::int(0),
        Type::String(TextView::Plain) => Value::string(""),
        Type::Time => Value::Time(0),
        Type::Duration => Value::Duration(0),
        Type::List(_) => Value::List(Vec::new()),
        _ => return None,
    })
}

/// Whether the schema lets a value be zero or empty.
pub(super) fn admits_zero(schema: &Schema, zero: &Value) -> bool {
    if let Some(members) = &schema.enumeration {
        return members.value.contains(zero);
    }
    match zero {
        Value::Number(zero) => {
            let above = schema.minimum.as_ref().is_some_and(|bound| {
                let bound = &bound.value;
                bound.value > *zero || (bound.exclusive && bound.value == *zero)
            });
            let below = schema.maximum.as_ref().is_some_and(|bound| {
                let bound = &bound.value;
                bound.value < *zero || (bound.exclusive && bound.value == *zero)
            });
            !above && !below
        }
        Value::String(text) => schema.text_set().contains(text),
        Value::List(_) => schema
            .min_items
            .as_ref()
            .is_none_or(|least| least.value == 0),
        _ => true,
    }
}

/// The items that `id` reads of folds outside of it: their depths, counted
/// from where `id` stands. Empty for an expression that means the same
/// everywhere.
pub(super) fn free_items(arena: &Arena, id: ExprId) -> BTreeSet<u32> {
    match arena.node(id) {
        Node::Item { depth, .. } => BTreeSet::from([*depth]),
        Node::Fold(_, list, body) => {
            let within = free_items(arena, *body);
            let outside = within.iter().filter_map(|depth| depth.checked_sub(1));
            outside.chain(free_items(arena, *list)).collect()
        }
        node => {
            let children = node.children();
            children
                .iter()
                .flat_map(|child| free_items(arena, *child))
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn items_are_free_outside_of_their_fold() {
        let mut fixture = Fixture::default();
        let root = fixture.expression("body.lines.all(l, body.lines.exists(k, k.price > l.price))");
        let arena = &fixture.model.arena;
        let depths: Vec<Vec<u32>> = arena
            .positions(root)
            .iter()
            .filter(|(_, id)| *arena.ty(*id) == Type::Bool)
            .map(|(_, id)| free_items(arena, *id).into_iter().collect())
            .collect();
        assert_eq!(depths, [vec![], vec![0], vec![0, 1]]);
    }

    #[test]
    fn absence_and_zero_follow_the_schema() {
        let mut fixture = Fixture::default();
        let mut read = |text: &str| {
            let id = fixture.expression(text);
            let (arena, schemas) = (&fixture.model.arena, &fixture.model.schemas);
            let schema = schema_of(arena, schemas, id).unwrap();
            let zero = zero(arena.ty(id)).unwrap();
            (
                step_may_be_absent(arena, schemas, true, id),
                admits_zero(schema, &zero),
            )
        };
        assert_eq!(read("body.amount"), (false, true));
        assert_eq!(read("body.count"), (false, false));
        assert_eq!(read("body.note"), (true, true));
        assert_eq!(read("body.tier"), (false, false));
    }
}
