//! `fields`: keywords of a rule file that replace the document's.

use serde_json::{Map, Value as Json};

use super::location::{Location, Segment};
use super::operation::{Operation, Place};
use super::schema::{Additional, JsonType, Schema, SchemaId, Schemas, Unmodelled};
use super::{convert, draft, keywords};
use crate::source::{Code, Diagnostic, Diagnostics, Span, suggest};
use crate::tree::{Entry, Node, NodeKind};

/// Keywords that replace those of one field.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The field, from the root of the request state: `body.lines[*].sku`.
    pub location: Location,
    /// Where the path is written.
    pub span: Span,
    /// Keywords and their new values; null removes a keyword.
    pub keywords: Vec<Entry>,
}

/// Keywords that can be replaced.
const KEYWORDS: [&str; 25] = [
    "additionalProperties",
    "anyOf",
    "const",
    "default",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "nullable",
    "oneOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
];

/// Applies overlays to the operation's internal schemas, and keeps them for the
/// validator.
pub(super) fn apply_all(
    operation: &mut Operation,
    overlays: Vec<Overlay>,
) -> Result<(), Diagnostics> {
    let mut findings = Diagnostics::new();
    let mut warnings = Vec::new();
    for mut overlay in overlays {
        spell_headers(operation, &mut overlay.location);
        if let Some(finding) = single_position(operation, &overlay) {
            findings.push(finding);
            continue;
        }
        let mut schemas = std::mem::take(&mut operation.schemas);
        let request = operation.request;
        let applied = apply(
            &mut schemas,
            request,
            &overlay,
            &mut findings,
            &mut warnings,
        );
        operation.schemas = schemas;
        match applied {
            Some(request) => operation.request = request,
            None => findings.push(unknown(operation, &overlay)),
        }
        operation.overlays.push(overlay);
    }
    operation.findings.extend(warnings);
    refresh(operation);
    if findings.has_errors() {
        Err(findings)
    } else {
        Ok(())
    }
}

/// Keywords are those of all items of a list, but where the document itself
/// describes positions.
fn single_position(operation: &Operation, overlay: &Overlay) -> Option<Diagnostic> {
    let mut schema = Some(operation.request);
    let mut is_described = true;
    for segment in &overlay.location.0 {
        let own = schema.map(|schema| operation.schemas.get(schema));
        schema = match segment {
            Segment::Key(key) => own.and_then(|own| own.properties.get(key).copied()),
            Segment::Each => own.and_then(|own| own.items),
            Segment::Index(index) => {
                let part = own.and_then(|own| own.prefix.get(*index).copied());
                is_described &= part.is_some();
                part
            }
        };
    }
    if is_described {
        return None;
    }
    let every = overlay.location.every_item();
    let message = format!(
        "`{}` is a single position of a list, which `fields` can't describe",
        overlay.location
    );
    Some(
        Diagnostic::error(Code::Unsupported, message)
            .at(overlay.span, "one of several items")
            .help(format!("write `{every}`: it describes all items")),
    )
}

/// Names of headers ignore case; the document's spelling is the one of states.
fn spell_headers(operation: &Operation, location: &mut Location) {
    if let [Segment::Key(place), Segment::Key(name), ..] = location.0.as_mut_slice()
        && place == "header"
        && let Some(parameter) = operation.parameter(Place::Header, name)
    {
        name.clone_from(&parameter.name);
    }
}

/// Lets parameters and body have the schemas that the request state now has.
fn refresh(operation: &mut Operation) {
    let schemas = &operation.schemas;
    for parameter in &mut operation.parameters {
        let place = schemas.property(operation.request, parameter.place.name());
        let own = place.and_then(|place| schemas.property(place, &parameter.name));
        parameter.schema = own.unwrap_or(parameter.schema);
    }
    if let Some(body) = &mut operation.body {
        body.schema = schemas
            .property(operation.request, "body")
            .unwrap_or(body.schema);
    }
}

fn unknown(operation: &Operation, overlay: &Overlay) -> Diagnostic {
    let message = format!("the request has no field `{}`", overlay.location);
    Diagnostic::error(Code::UnknownField, message)
        .at(overlay.span, "not declared in the API document")
        .maybe_help(nearest(operation, &overlay.location.0))
}

/// Fields that may be meant by one that isn't declared.
fn nearest(operation: &Operation, path: &[Segment]) -> Option<String> {
    let mut schema = operation.schemas.get(operation.request);
    let mut known = Vec::new();
    for (depth, segment) in path.iter().enumerate() {
        let part = match segment {
            Segment::Key(key) => schema.properties.get(key).copied(),
            Segment::Each | Segment::Index(_) => schema.items,
        };
        let Some(part) = part else {
            let Segment::Key(key) = segment else {
                return None;
            };
            let names = schema.properties.keys().map(String::as_str);
            let Some(meant) = suggest(key, names.clone()) else {
                let names: Vec<&str> = names.collect();
                let declared = format!("declared there are: {}", names.join(", "));
                return (!names.is_empty()).then_some(declared);
            };
            known.push(Segment::Key(meant.to_owned()));
            known.extend(path.get(depth + 1..).unwrap_or_default().iter().cloned());
            return Some(format!("did you mean `{}`?", Location(known)));
        };
        known.push(segment.clone());
        schema = operation.schemas.get(part);
    }
    None
}

/// A copy of the schemas on the way to the field, with the field's changed.
fn apply(
    schemas: &mut Schemas,
    root: SchemaId,
    overlay: &Overlay,
    findings: &mut Diagnostics,
    warnings: &mut Vec<Diagnostic>,
) -> Option<SchemaId> {
    descend(schemas, root, &overlay.location.0, &mut |schema| {
        replace(schema, overlay, findings, warnings)
    })
}

fn descend(
    schemas: &mut Schemas,
    id: SchemaId,
    path: &[Segment],
    change: &mut dyn FnMut(&mut Schema),
) -> Option<SchemaId> {
    let mut copy = schemas.get(id).clone();
    match path.split_first() {
        None => {
            change(&mut copy);
            open_up(schemas, &mut copy);
        }
        Some((Segment::Key(key), rest)) => {
            let part = match (copy.properties.get(key), &copy.additional) {
                (Some(&declared), _) => declared,
                (None, Additional::Schema(other)) => *other,
                (None, Additional::Any)
                    if !copy.unmodelled.is_empty() || copy.properties.is_empty() =>
                {
                    // A member that an alternative (`oneOf`) declares, or of
                    // which nothing is said so far.
                    schemas.add(Schema::anything(
                        format!("{}/properties/{key}", copy.pointer),
                        copy.span,
                    ))
                }
                _ => return None,
            };
            let part = descend(schemas, part, rest, change)?;
            copy.properties.insert(key.clone(), part);
        }
        Some((Segment::Each, rest)) if copy.items.is_none() => {
            // The members of an object with any keys.
            let Additional::Schema(part) = copy.additional else {
                return None;
            };
            copy.additional = Additional::Schema(descend(schemas, part, rest, change)?);
        }
        Some((Segment::Index(index), rest)) => {
            let part = copy.prefix.get(*index).copied()?;
            let part = descend(schemas, part, rest, change)?;
            if let Some(place) = copy.prefix.get_mut(*index) {
                *place = part;
            }
        }
        Some((Segment::Each, rest)) => {
            copy.items = Some(descend(schemas, copy.items?, rest, change)?);
        }
    }
    Some(schemas.add(copy))
}

/// Lets rules read the members of what `fields` makes an object, as those of an
/// object of which the document says no more.
fn open_up(schemas: &mut Schemas, schema: &mut Schema) {
    if schema.is_free_form() {
        let members = Schema::anything(schema.pointer.clone(), schema.span);
        schema.additional = Additional::Schema(schemas.add(members));
    }
}

/// A list of values that holds none of those that the document declares.
fn nothing_left(schema: &Schema, entry: &Entry, given: &Schema) -> Option<Diagnostic> {
    let declared = schema.enumeration.as_ref()?;
    let kept = given.enumeration.as_ref()?;
    if kept.value.is_empty() || kept.value.iter().any(|own| declared.value.contains(own)) {
        return None;
    }
    let texts = || declared.value.iter().filter_map(|value| value.as_str());
    let meant = kept.value.iter().find_map(|own| {
        let meant = suggest(own.as_str()?, texts())?;
        Some(format!("did you mean `{meant}`?"))
    });
    let message = "none of these values is one that the document declares";
    Some(
        Diagnostic::warning(Code::WrongValue, message)
            .at(entry.value.span, "other values than the document's")
            .also(declared.span, "the document's values")
            .maybe_help(meant),
    )
}

/// Replaces keywords of one schema.
fn replace(
    schema: &mut Schema,
    overlay: &Overlay,
    findings: &mut Diagnostics,
    warnings: &mut Vec<Diagnostic>,
) {
    let given = keywords::read(&mapping(overlay), "", findings);
    for entry in &overlay.keywords {
        let key = entry.key.as_str();
        if !KEYWORDS.contains(&key) {
            let message = format!("`{key}` can't be replaced by `fields`");
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(
                    entry.key_span,
                    "not among the keywords that can be replaced",
                )
                .maybe_help(crate::source::did_you_mean(key, KEYWORDS));
            findings.push(finding);
            continue;
        }
        if key == "additionalProperties" && entry.value.is_mapping() {
            findings.push(members_of_any_name(overlay, entry));
            continue;
        }
        if key == "enum" {
            let finding = nothing_left(schema, entry, &given.schema);
            warnings.extend(finding);
        }
        schema
            .unmodelled
            .retain(|unmodelled| unmodelled.keyword != key);
        schema.conditions.retain(|own| own.keyword != key);
        schema.is_hint = false;
        if key == "format" {
            // The bounds that `int32` and `int64` stand for go with them.
            schema
                .minimum
                .take_if(|bound| bound.pointer.ends_with("/format"));
            schema
                .maximum
                .take_if(|bound| bound.pointer.ends_with("/format"));
        }
        assign(schema, entry, &given);
    }
    let added = given
        .schema
        .unmodelled
        .into_iter()
        .filter(|added| added.keyword != "nullable");
    schema.unmodelled.extend(added);
    // The parts of these stand in the rule file, out of the document's reach.
    let conditions = given.conditions.into_iter();
    schema.unmodelled.extend(conditions.map(|own| Unmodelled {
        keyword: own.keyword.to_owned(),
        reason: Some("it is given by `fields`".to_owned()),
        pointer: own.pointer,
        span: own.span,
    }));
}

/// `additionalProperties` with a schema.
fn members_of_any_name(overlay: &Overlay, entry: &Entry) -> Diagnostic {
    let message = "`fields` sets `additionalProperties` to true or false";
    Diagnostic::error(Code::Unsupported, message)
        .at(entry.value.span, "a schema")
        .help(format!("write it for `{}[*]`", overlay.location))
}

fn assign(schema: &mut Schema, entry: &Entry, given: &draft::Draft) {
    let from = &given.schema;
    match entry.key.as_str() {
        "type" => {
            schema.types = from.types;
            schema.types_place.clone_from(&from.types_place);
        }
        "nullable" if entry.value.as_bool() == Some(true) => draft::allow_null(schema),
        "nullable" => {
            let kept = schema.types.iter().filter(|own| *own != JsonType::Null);
            schema.types = kept.fold(
                super::schema::TypeSet::UNTYPED,
                super::schema::TypeSet::with,
            );
        }
        "enum" | "const" => schema.enumeration.clone_from(&from.enumeration),
        "minimum" | "exclusiveMinimum" => schema.minimum.clone_from(&from.minimum),
        "maximum" | "exclusiveMaximum" => schema.maximum.clone_from(&from.maximum),
        "multipleOf" => schema.multiple_of.clone_from(&from.multiple_of),
        "minLength" => schema.min_length.clone_from(&from.min_length),
        "maxLength" => schema.max_length.clone_from(&from.max_length),
        "minItems" => schema.min_items.clone_from(&from.min_items),
        "maxItems" => schema.max_items.clone_from(&from.max_items),
        "pattern" => schema.patterns.clone_from(&from.patterns),
        "format" => schema.format.clone_from(&from.format),
        "required" => schema.required.clone_from(&from.required),
        "uniqueItems" => schema.unique_items.clone_from(&from.unique_items),
        "minProperties" => schema.min_properties.clone_from(&from.min_properties),
        "maxProperties" => schema.max_properties.clone_from(&from.max_properties),
        "default" => schema.default.clone_from(&from.default),
        "example" => schema.examples.clone_from(&from.examples),
        "additionalProperties" => {
            schema.additional = match &given.additional {
                draft::DraftAdditional::Forbidden(place) => Additional::Forbidden(place.clone()),
                _ => Additional::Any,
            };
        }
        _ => {}
    }
}

/// The keywords that are set, as a schema.
fn mapping(overlay: &Overlay) -> Node {
    let kept = overlay
        .keywords
        .iter()
        .filter(|entry| !entry.value.is_null());
    Node {
        span: overlay.span,
        kind: NodeKind::Mapping(kept.cloned().collect()),
    }
}

/// Applies an overlay to the validator's schema of the request; `definitions` is
/// what its references lead to.
pub(super) fn apply_json(schema: &mut Json, definitions: &Json, overlay: &Overlay) {
    let set = convert::schema(&mapping(overlay));
    let set = set.as_object().cloned().unwrap_or_default();
    let removed: Vec<&str> = overlay
        .keywords
        .iter()
        .map(|entry| entry.key.as_str())
        .collect();
    let nullable = overlay
        .keywords
        .iter()
        .any(|entry| entry.key == "nullable" && entry.value.as_bool() == Some(true));
    let change = Change {
        set,
        removed,
        nullable,
    };
    change.descend(schema, definitions, &overlay.location.0);
}

struct Change<'a> {
    set: Map<String, Json>,
    removed: Vec<&'a str>,
    nullable: bool,
}

impl Change<'_> {
    fn descend(&self, schema: &mut Json, definitions: &Json, path: &[Segment]) {
        let Some((step, rest)) = path.split_first() else {
            self.remove(schema, definitions);
            if let Some(members) = schema.as_object_mut() {
                members.extend(self.set.clone());
            }
            return;
        };
        if !self.enter(schema, definitions, step, rest) {
            // Declared by no branch: demanded from here on.
            let mut part = Json::Object(Map::new());
            self.descend(&mut part, definitions, rest);
            let Some(members) = schema.as_object_mut() else {
                return;
            };
            match step {
                Segment::Key(key) => {
                    let properties = members
                        .entry("properties")
                        .or_insert_with(|| Json::Object(Map::new()));
                    if let Some(properties) = properties.as_object_mut() {
                        properties.insert(key.clone(), part);
                    }
                }
                Segment::Each if is_object(members) => {
                    members.insert("additionalProperties".to_owned(), part);
                }
                Segment::Each | Segment::Index(_) => {
                    members.insert("items".to_owned(), part);
                }
            }
        }
    }

    /// Changes the part in every branch that declares it; whether one did.
    fn enter(
        &self,
        schema: &mut Json,
        definitions: &Json,
        step: &Segment,
        rest: &[Segment],
    ) -> bool {
        inline(schema, definitions);
        let part = match step {
            Segment::Key(key) => schema
                .get_mut("properties")
                .and_then(|properties| properties.get_mut(key)),
            Segment::Each if schema.get("items").is_none() => schema
                .get_mut("additionalProperties")
                .filter(|part| part.is_object()),
            Segment::Each => schema.get_mut("items"),
            Segment::Index(index) => schema
                .get_mut("prefixItems")
                .and_then(|parts| parts.get_mut(*index)),
        };
        let mut found = part.is_some();
        if let Some(part) = part {
            self.descend(part, definitions, rest);
        }
        for branch in branches(schema) {
            found |= self.enter(branch, definitions, step, rest);
        }
        found
    }

    /// Takes the replaced keywords out of all branches.
    fn remove(&self, schema: &mut Json, definitions: &Json) {
        inline(schema, definitions);
        if let Some(members) = schema.as_object_mut() {
            for key in &self.removed {
                members.shift_remove(*key);
                match *key {
                    "minimum" => members.shift_remove("exclusiveMinimum"),
                    "maximum" => members.shift_remove("exclusiveMaximum"),
                    "exclusiveMinimum" => members.shift_remove("minimum"),
                    "exclusiveMaximum" => members.shift_remove("maximum"),
                    "format" => {
                        convert::forget_width(members);
                        None
                    }
                    _ => None,
                };
            }
            if self.nullable {
                convert::allow_null(members);
            }
        }
        for branch in branches(schema) {
            self.remove(branch, definitions);
        }
    }
}

/// Whether a schema demands an object.
fn is_object(schema: &Map<String, Json>) -> bool {
    let types = schema.get("type");
    let names = match types {
        Some(Json::Array(names)) => names.as_slice(),
        other => other.map(std::slice::from_ref).unwrap_or_default(),
    };
    names.iter().any(|name| name == "object")
}

fn branches(schema: &mut Json) -> impl Iterator<Item = &mut Json> {
    let parts = schema.get_mut("allOf").and_then(Json::as_array_mut);
    parts.into_iter().flatten()
}

/// Replaces a reference by a copy of what it leads to.
fn inline(schema: &mut Json, definitions: &Json) {
    const CHAIN_LIMIT: usize = 64;
    for _ in 0..CHAIN_LIMIT {
        let place = schema.get("$ref").and_then(Json::as_str);
        let target = place
            .and_then(convert::place_of)
            .and_then(|place| definitions.get(&place));
        let (Some(target), Some(members)) = (target.cloned(), schema.as_object_mut()) else {
            return;
        };
        members.shift_remove("$ref");
        if members.is_empty() {
            *schema = target;
            continue;
        }
        // What stands beside the reference stays, and the target is one more
        // branch, whose own references are looked at as such.
        let parts = members
            .entry("allOf")
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Some(parts) = parts.as_array_mut() {
            parts.push(target);
        }
        return;
    }
}
