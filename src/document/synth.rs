//! The schema of a whole request state.

use super::encoding::Style;
use super::operation::{Body, Parameter, Place};
use super::read::Listed;
use super::schema::{JsonType, Placed, Schema, SchemaId, Schemas, TypeSet};
use crate::source::Span;

/// An object with the members `path`, `query`, `header`, `cookie` and `body`,
/// those that the operation has.
pub(super) fn request_schema(
    schemas: &mut Schemas,
    listed: &Listed,
    parameters: &[Parameter],
    body: Option<&Body>,
) -> SchemaId {
    let mut request = object(&listed.pointer, listed.span);
    for place in Place::ALL {
        let own = parameters
            .iter()
            .filter(|parameter| parameter.place == place);
        let mut holder = object(&format!("{}/parameters", listed.pointer), listed.span);
        for parameter in own {
            let id = sent(schemas, parameter);
            holder.properties.insert(parameter.name.clone(), id);
            if parameter.required {
                holder
                    .required
                    .insert(parameter.name.clone(), place_of(parameter));
            }
        }
        if holder.properties.is_empty() {
            continue;
        }
        if let Some((_, needed)) = holder.required.first() {
            request
                .required
                .insert(place.name().to_owned(), needed.clone());
        }
        let id = schemas.add(holder);
        request.properties.insert(place.name().to_owned(), id);
    }
    if let Some(body) = body {
        request.properties.insert("body".to_owned(), body.schema);
        if body.required {
            let place = Placed {
                value: (),
                span: body.span,
                pointer: body.pointer.clone(),
            };
            request.required.insert("body".to_owned(), place);
        }
    }
    schemas.add(request)
}

/// What can be sent at all: an empty text in a path is another path, and an
/// empty list without brackets is nothing.
fn sent(schemas: &mut Schemas, parameter: &Parameter) -> SchemaId {
    if parameter.encoding.style == Style::Json {
        return parameter.schema;
    }
    let own = schemas.get(parameter.schema);
    let needs_one = |least: &Option<Placed<u64>>| least.as_ref().is_none_or(|own| own.value == 0);
    let text = parameter.place == Place::Path
        && own.types.allows(JsonType::String)
        && needs_one(&own.min_length);
    // An optional one can be left out instead.
    let list = parameter.required && own.types.names(JsonType::Array) && needs_one(&own.min_items);
    if !text && !list {
        return parameter.schema;
    }
    let mut schema = own.clone();
    let place = place_of(parameter);
    let one = Placed {
        value: 1,
        span: place.span,
        pointer: place.pointer,
    };
    if text {
        schema.min_length = Some(one.clone());
    }
    if list {
        schema.min_items = Some(one);
    }
    schemas.add(schema)
}

fn place_of(parameter: &Parameter) -> Placed<()> {
    Placed {
        value: (),
        span: parameter.span,
        pointer: parameter.pointer.clone(),
    }
}

fn object(pointer: &str, span: Span) -> Schema {
    let mut schema = Schema::anything(pointer, span);
    schema.types = TypeSet::UNTYPED.with(JsonType::Object);
    schema
}
