//! The types that schemas give to expressions.

use crate::document::{Format, JsonType, Schema, SchemaId, Schemas};
use crate::expr::{TextView, Type};
use crate::source::Span;

/// What an object schema says of one member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// It is declared; whether it is required.
    Declared(SchemaId, bool),
    /// It is one of the additional properties, which have a schema.
    Additional(SchemaId),
}

/// The member `key` of objects with the schema `object`. `None` where nothing
/// is said of it.
pub fn member(schemas: &Schemas, object: SchemaId, key: &str) -> Option<Member> {
    let schema = schemas.get(object);
    if let Some(id) = schema.properties.get(key) {
        return Some(Member::Declared(*id, schema.required.contains_key(key)));
    }
    schemas.property(object, key).map(Member::Additional)
}

/// The places that give a value different types, each with those types in
/// words: alternatives around it, or its own.
pub fn typed_apart(schemas: &Schemas, schema: SchemaId) -> Vec<(Span, String)> {
    let found = schemas.get(schema);
    let own = found.conditions.iter();
    let own = own.flat_map(|own| own.formula.schemas());
    let branches = own.filter(|(_, positive)| *positive).map(|(id, _)| *id);
    let all = found.alternatives.iter().copied().chain(branches);
    let typed = all.map(|id| schemas.get(id));
    let typed = typed.filter(|part| !part.types.is_untyped());
    let words = typed.map(|part| {
        let names: Vec<&str> = part.types.iter().map(JsonType::name).collect();
        let place = part
            .types_place
            .as_ref()
            .map_or(part.span, |place| place.span);
        (place, names.join(" or "))
    });
    words.collect()
}

/// The schema of the member `key` of objects with the schema `object`.
pub fn member_schema(schemas: &Schemas, object: SchemaId, key: &str) -> Option<SchemaId> {
    let (Member::Declared(schema, _) | Member::Additional(schema)) = member(schemas, object, key)?;
    Some(schema)
}

/// The type of the values that `schema` describes, null aside; the error says
/// what about the schema gives it none.
pub fn type_of(schemas: &Schemas, schema: SchemaId) -> Result<Type, String> {
    let found = schemas.get(schema);
    let types: Vec<JsonType> = found
        .types
        .iter()
        .filter(|one| *one != JsonType::Null)
        .collect();
    match types.as_slice() {
        [JsonType::Boolean] => Ok(Type::Bool),
        [JsonType::Integer] => Ok(Type::Int),
        [JsonType::Number] | [JsonType::Integer, JsonType::Number] => Ok(Type::Decimal),
        [JsonType::String] => Ok(Type::String(text_view(found))),
        [JsonType::Object] => Ok(Type::Object(schema)),
        [JsonType::Array] => {
            let places = found.prefix.len() as u64;
            let most = found.max_items.as_ref().map(|most| most.value);
            let is_full = places > 0 && most.is_some_and(|most| most <= places);
            let is_nothing = |id: &SchemaId| {
                let mut conditions = schemas.get(*id).conditions.iter();
                conditions.any(|own| own.keyword == "false")
            };
            let rest = found.items.filter(|rest| !is_full && !is_nothing(rest));
            let items = found.prefix.iter().copied().chain(rest);
            let mut types = items.map(|item| type_of(schemas, item));
            let first = types
                .next()
                .ok_or("its schema says nothing of its items")??;
            match types.all(|own| own.as_ref() == Ok(&first)) {
                true => Ok(Type::list(first)),
                false if rest.is_some_and(|rest| type_of(schemas, rest) == Ok(Type::Any)) => Err(
                    "its items may be of any type behind the first ones: `items` says which, or \
                     `maxItems` that there are none"
                        .to_owned(),
                ),
                false => Err("its items are of different types".to_owned()),
            }
        }
        _ => Ok(Type::Any),
    }
}

fn text_view(schema: &Schema) -> TextView {
    match schema.format.as_ref().map(|format| &format.value) {
        Some(Format::Date) => TextView::Date,
        Some(Format::DateTime) => TextView::DateTime,
        _ => TextView::Plain,
    }
}
