//! The candidates for invariants.

use std::collections::BTreeMap;

use super::Invariant;
use crate::expr::{Arena, ExprId, Node, Op, Root, Type, member_schema};
use crate::model::{Model, Place, ResourceRef};
use crate::value::Value;

/// Candidates of one resource, at most.
const MOST: usize = 120;

/// An attribute as candidates speak of it.
struct Attribute {
    read: ExprId,
    ty: Type,
    /// All values that it can have, where expressions say so: constants.
    constants: Option<Vec<ExprId>>,
}

/// What may be so of every state.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// Conditions over the state of one resource.
    pub invariants: Vec<Invariant>,
    /// All values of an attribute (by resource and position), where they are a
    /// few constants.
    pub values: BTreeMap<(ResourceRef, usize), Vec<ExprId>>,
}

/// The candidates of every resource; their expressions are added to the
/// model's arena.
pub fn candidates(model: &mut Model) -> Candidates {
    let resources: Vec<ResourceRef> = model.resource_refs().map(|(of, _)| of).collect();
    let mut found = Candidates::default();
    for resource in resources {
        let attributes = attributes(model, resource);
        for (index, attribute) in attributes.iter().enumerate() {
            let constants = attribute.constants.clone();
            let values = constants.map(|constants| ((resource, index), constants));
            found.values.extend(values);
        }
        let mut exprs = model.resource(resource).invariants.clone();
        let arena = &mut model.arena;
        for attribute in &attributes {
            exprs.push(is_there(arena, attribute));
            exprs.extend(is_natural(arena, attribute));
            exprs.extend(is_listed(arena, attribute));
        }
        exprs.extend(orders(arena, &attributes));
        exprs.extend(phases(arena, &attributes));
        exprs.truncate(MOST);
        let own = exprs.into_iter().map(|expr| Invariant { resource, expr });
        found.invariants.extend(own);
    }
    found
}

fn attributes(model: &mut Model, resource: ResourceRef) -> Vec<Attribute> {
    let root = Node::Root(Root::Resource(resource.0));
    let state = model.arena.add(root, Type::Resource(resource.0));
    let own = model.resource(resource).attributes.iter();
    let own: Vec<(String, Type)> = own.map(|a| (a.name.clone(), a.ty.clone())).collect();
    let mut found = Vec::new();
    for (index, (name, ty)) in own.into_iter().enumerate() {
        let read = Node::Get(state, name.as_str().into());
        let read = model.arena.add(read, ty.clone());
        let constants = constants(model, (resource, index), read, &ty);
        found.push(Attribute {
            read,
            ty,
            constants,
        });
    }
    found
}

/// Members of an enumeration that are tried as values, at most.
const FEW: usize = 12;

/// What an attribute may be, where it is given constants only, or fields of which
/// the document lists the values; and what it is where it was there before.
fn constants(
    model: &mut Model,
    attribute: (ResourceRef, usize),
    read: ExprId,
    ty: &Type,
) -> Option<Vec<ExprId>> {
    if !matches!(ty, Type::Bool | Type::String(_)) {
        return None;
    }
    let places = model.places().into_iter();
    let places = places.filter(|place| !place.is_whether());
    let places: Vec<Place> = places
        .filter(|place| model.written_at(*place) == Some(attribute))
        .collect();
    let mut found = Vec::new();
    for place in places {
        found.extend(model.arena.outcomes(model.expression(place).0));
    }
    found.retain(|outcome| *outcome != read);
    let existing = model.existing.iter();
    let existing = existing.filter(|there| there.resource == attribute.0);
    found.extend(existing.filter_map(|there| *there.values.get(attribute.1)?));
    let listed = |id: &ExprId| listed_values(model, *id);
    let listed: Vec<(ExprId, Vec<Value>)> = found
        .iter()
        .filter_map(|id| Some((*id, listed(id)?)))
        .collect();
    for (field, values) in listed {
        found.retain(|outcome| *outcome != field);
        let arena = &mut model.arena;
        found.extend(
            values
                .into_iter()
                .map(|own| arena.constant(own, Type::TEXT)),
        );
    }
    found.sort_unstable();
    found.dedup();
    let all = found.iter().all(|id| model.arena.as_const(*id).is_some());
    if *ty == Type::Bool && !(all && found.len() == 1) {
        return Some([false, true].map(|value| model.arena.boolean(value)).into());
    }
    all.then_some(found)
}

/// The texts that a field may be, where the document lists few.
fn listed_values(model: &Model, field: ExprId) -> Option<Vec<Value>> {
    let Node::Get(base, key) = model.arena.node(field) else {
        return None;
    };
    let Type::Object(object) = *model.arena.ty(*base) else {
        return None;
    };
    let member = member_schema(&model.schemas, object, key)?;
    let listed = model.schemas.get(member).enumeration.as_ref()?;
    let texts = listed.value.iter().filter(|own| own.as_str().is_some());
    let texts: Vec<Value> = texts.cloned().collect();
    (texts.len() <= FEW).then_some(texts)
}

/// It is there, and no null.
fn is_there(arena: &mut Arena, attribute: &Attribute) -> ExprId {
    let has = match arena.node(attribute.read).clone() {
        Node::Get(base, key) => arena.add(Node::Has(base, key), Type::Bool),
        _ => arena.boolean(true),
    };
    let null = arena.constant(Value::Null, Type::Null);
    let is_null = arena.call_bool(Op::Ne, &[attribute.read, null]);
    arena.call_bool(Op::And, &[has, is_null])
}

fn is_natural(arena: &mut Arena, attribute: &Attribute) -> Option<ExprId> {
    let zero = arena.constant(Value::int(0), Type::Int);
    let is_number = attribute.ty.is_number();
    is_number.then(|| arena.call_bool(Op::Ge, &[attribute.read, zero]))
}

fn is_listed(arena: &mut Arena, attribute: &Attribute) -> Option<ExprId> {
    let constants = attribute.constants.as_ref()?;
    if attribute.ty == Type::Bool && constants.len() > 1 {
        return None;
    }
    let list = Node::List(constants.as_slice().into());
    let list = arena.add(list, Type::list(attribute.ty.clone()));
    Some(arena.call_bool(Op::In, &[attribute.read, list]))
}

/// Each number is at most each other one, each moment not after another.
fn orders(arena: &mut Arena, attributes: &[Attribute]) -> Vec<ExprId> {
    pairs(attributes)
        .map(|(a, b)| arena.call_bool(Op::Le, &[a.read, b.read]))
        .collect()
}

/// Ordered pairs of attributes that can be compared.
fn pairs(attributes: &[Attribute]) -> impl Iterator<Item = (&Attribute, &Attribute)> {
    attributes.iter().flat_map(|a| {
        let others = attributes.iter().filter(|b| a.read != b.read);
        let alike = others.filter(|b| match (&a.ty, &b.ty) {
            (a, b) if a.is_number() => b.is_number(),
            (Type::Time, Type::Time) | (Type::Duration, Type::Duration) => true,
            _ => false,
        });
        alike.map(move |b| (a, b))
    })
}

/// In a phase: a number is zero, two numbers are equal, another attribute has
/// one of its few values.
fn phases(arena: &mut Arena, attributes: &[Attribute]) -> Vec<ExprId> {
    let zero = arena.constant(Value::int(0), Type::Int);
    let mut found = Vec::new();
    for phased in attributes {
        for phase in phased.constants.iter().flatten() {
            let elsewhere = arena.call_bool(Op::Ne, &[phased.read, *phase]);
            let mut within = Vec::new();
            for other in attributes.iter().filter(|other| other.read != phased.read) {
                if other.ty.is_number() {
                    within.push(arena.call_bool(Op::Eq, &[other.read, zero]));
                }
                for value in other.constants.iter().flatten() {
                    within.push(arena.call_bool(Op::Eq, &[other.read, *value]));
                }
            }
            for (a, b) in pairs(attributes).filter(|(a, b)| a.read < b.read) {
                within.push(arena.call_bool(Op::Eq, &[a.read, b.read]));
            }
            let each = within.into_iter();
            found.extend(each.map(|one| arena.call_bool(Op::Or, &[elsewhere, one])));
        }
    }
    found
}
