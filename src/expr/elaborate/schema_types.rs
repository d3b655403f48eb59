//! The types that schemas give to expressions.

use crate::document::{Additional, Format, JsonType, Schema, SchemaId, Schemas};
use crate::expr::{TextView, Type};

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
    match &schema.additional {
        Additional::Schema(id) => Some(Member::Additional(*id)),
        Additional::Any | Additional::Forbidden(_) => None,
    }
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
        [] => Err("its schema gives no type".to_owned()),
        [JsonType::Boolean] => Ok(Type::Bool),
        [JsonType::Integer] => Ok(Type::Int),
        [JsonType::Number] | [JsonType::Integer, JsonType::Number] => Ok(Type::Decimal),
        [JsonType::String] => Ok(Type::String(text_view(found))),
        [JsonType::Object] => Ok(Type::Object(schema)),
        [JsonType::Array] => {
            let items = found.items.ok_or("its schema says nothing of its items")?;
            Ok(Type::list(type_of(schemas, items)?))
        }
        _ => Err("its schema allows several types".to_owned()),
    }
}

fn text_view(schema: &Schema) -> TextView {
    match schema.format.as_ref().map(|format| &format.value) {
        Some(Format::Date) => TextView::Date,
        Some(Format::DateTime) => TextView::DateTime,
        _ => TextView::Plain,
    }
}
