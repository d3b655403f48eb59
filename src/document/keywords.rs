//! Reading the keywords of a schema object.

use super::combine;
use super::condition::{Condition, Formula};
use super::conform::type_of;
use super::draft::{Draft, DraftAdditional, Key, allow_null, tighter_maximum, tighter_minimum};
use super::location::pointer_step;
use super::schema::{Bound, JsonType, Placed, Schema, TypeSet, Unmodelled};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::text::{Format, Pattern};
use crate::tree::{Entry, Node, NodeKind};
use crate::value::{Number, Value, to_i64};

/// Keywords that demand something the internal form doesn't hold.
const UNMODELLED: [&str; 1] = ["unevaluatedItems"];

/// Reads the keywords of the schema at `pointer`, but for `$ref` and `allOf`.
pub(super) fn read(node: &Node, pointer: &str, findings: &mut Diagnostics) -> Draft {
    let mut reader = Reader {
        draft: Draft::anything(pointer, node.span),
        findings,
        nullable: None,
        constant: None,
    };
    if node.as_bool() == Some(false) {
        reader.draft.conditions.push(never(pointer, node.span));
    }
    if node.as_bool().is_some() {
        return reader.draft;
    }
    if !node.is_mapping() {
        reader.wrong(
            node.span,
            &format!("a schema is {}", node.kind_name()),
            "a mapping of keywords",
        );
        return reader.draft;
    }
    for entry in node.entries() {
        reader.keyword(entry);
    }
    reader.exclusive(node);
    reader.finish();
    let mut draft = reader.draft;
    combine::read(node, &mut draft, findings);
    draft
}

/// `false` in place of a schema.
fn never(pointer: &str, span: Span) -> Condition<Key> {
    Condition {
        keyword: "false",
        pointer: pointer.to_owned(),
        span,
        formula: Formula::never(),
    }
}

struct Reader<'a> {
    draft: Draft,
    findings: &'a mut Diagnostics,
    nullable: Option<Placed<()>>,
    constant: Option<Placed<Vec<Value>>>,
}

impl Reader<'_> {
    fn keyword(&mut self, entry: &Entry) {
        match entry.key.as_str() {
            "type" => self.types(entry),
            "nullable" if entry.value.as_bool() == Some(true) => {
                self.nullable = Some(self.place(entry, ()))
            }
            "enum" => self.enumeration(entry),
            "const" => self.constant = Some(self.place(entry, vec![entry.value.to_value()])),
            "minimum" => self.draft.schema.minimum = self.bound(entry, false),
            "maximum" => self.draft.schema.maximum = self.bound(entry, false),
            "multipleOf" => self.multiple_of(entry),
            "minLength" => self.draft.schema.min_length = self.count(entry),
            "maxLength" => self.draft.schema.max_length = self.count(entry),
            "minItems" => self.draft.schema.min_items = self.count(entry),
            "maxItems" => self.draft.schema.max_items = self.count(entry),
            "pattern" => self.pattern(entry),
            "format" => self.format(entry),
            "required" => self.required(entry),
            "properties" => self.properties(entry),
            // Old drafts: a list of schemas, one for each position.
            "items" if matches!(entry.value.kind, NodeKind::Sequence(_)) => {}
            "items" => self.draft.items = Some(vec![self.part("items")]),
            "additionalProperties" => self.additional(entry),
            "default" => {
                self.draft.schema.default = Some(self.place(entry, entry.value.to_value()))
            }
            "example" => {
                let example = self.place(entry, entry.value.to_value());
                self.draft.schema.examples.push(example);
            }
            "examples" => {
                let given = entry.value.items().iter();
                let examples: Vec<_> = given
                    .map(|item| Placed {
                        value: item.to_value(),
                        span: item.span,
                        pointer: self.part("examples"),
                    })
                    .collect();
                self.draft.schema.examples.extend(examples);
            }
            "readOnly" => self.draft.schema.read_only = entry.value.as_bool() == Some(true),
            "title" => self.draft.schema.title = entry.value.as_str().map(str::to_owned),
            "description" => {
                self.draft.schema.description = entry.value.as_str().map(str::to_owned)
            }
            "uniqueItems" if entry.value.as_bool() == Some(true) => {
                self.draft.schema.unique_items = Some(self.place(entry, ()))
            }
            "minProperties" => self.draft.schema.min_properties = self.count(entry),
            "maxProperties" => self.draft.schema.max_properties = self.count(entry),
            key if UNMODELLED.contains(&key) => self.unmodelled(entry, None),
            _ => {}
        }
    }

    fn part(&self, keyword: &str) -> String {
        format!("{}/{keyword}", self.draft.schema.pointer)
    }

    fn place<T>(&self, entry: &Entry, value: T) -> Placed<T> {
        self.draft.place(entry, value)
    }

    fn wrong(&mut self, span: Span, what: &str, expected: &str) {
        let finding =
            Diagnostic::error(Code::WrongKind, format!("{what}, but should be {expected}"));
        self.findings
            .push(finding.at(span, format!("should be {expected}")));
    }

    fn wrong_kind(&mut self, entry: &Entry, expected: &str) {
        let what = format!("`{}` is {}", entry.key, entry.value.kind_name());
        self.wrong(entry.value_span(), &what, expected);
    }

    fn unmodelled(&mut self, entry: &Entry, reason: Option<String>) {
        self.draft.unmodelled(entry, reason);
    }

    fn types(&mut self, entry: &Entry) {
        let names: Vec<&Node> = match &entry.value.kind {
            NodeKind::Sequence(items) => items.iter().collect(),
            _ => vec![&entry.value],
        };
        for node in names {
            match node.as_str().map(|name| (name, JsonType::from_name(name))) {
                Some((_, Some(found))) => {
                    self.draft.schema.types = self.draft.schema.types.with(found);
                }
                // Swagger 2.0's way of saying that anything may come.
                Some(("any" | "file", None)) => {
                    self.unmodelled(entry, Some("it is no type of OpenAPI".into()))
                }
                Some((name, None)) => {
                    let message = format!("`{name}` is no type of JSON");
                    let names = JsonType::ALL.map(JsonType::name);
                    let finding = Diagnostic::error(Code::WrongValue, message)
                        .at(node.span, "unknown type")
                        .maybe_help(crate::source::did_you_mean(name, names));
                    self.findings.push(finding);
                }
                None => self.wrong_kind(entry, "the name of a type"),
            }
        }
        self.draft.schema.types_place = Some(self.place(entry, ()));
    }

    fn enumeration(&mut self, entry: &Entry) {
        if !matches!(entry.value.kind, NodeKind::Sequence(_)) {
            return self.wrong_kind(entry, "a list of values");
        }
        let values = entry.value.items().iter().map(Node::to_value).collect();
        self.draft.schema.enumeration = Some(self.place(entry, values));
    }

    fn number(&mut self, entry: &Entry) -> Option<Number> {
        let number = entry.value.as_number().cloned();
        if number.is_none() {
            self.wrong_kind(entry, "a number");
        }
        number
    }

    fn bound(&mut self, entry: &Entry, exclusive: bool) -> Option<Placed<Bound>> {
        let value = self.number(entry)?;
        Some(self.place(entry, Bound { value, exclusive }))
    }

    /// `exclusiveMinimum` and `exclusiveMaximum`: Booleans in OpenAPI 3.0,
    /// numbers in JSON Schema.
    fn exclusive(&mut self, node: &Node) {
        if let Some(entry) = node.entry("exclusiveMinimum") {
            match entry.value.as_bool() {
                Some(exclusive) => set_exclusive(&mut self.draft.schema.minimum, exclusive),
                None => {
                    let bound = self.bound(entry, true);
                    let known = self.draft.schema.minimum.take();
                    self.draft.schema.minimum = tighter_minimum(known, bound);
                }
            }
        }
        if let Some(entry) = node.entry("exclusiveMaximum") {
            match entry.value.as_bool() {
                Some(exclusive) => set_exclusive(&mut self.draft.schema.maximum, exclusive),
                None => {
                    let bound = self.bound(entry, true);
                    let known = self.draft.schema.maximum.take();
                    self.draft.schema.maximum = tighter_maximum(known, bound);
                }
            }
        }
    }

    fn multiple_of(&mut self, entry: &Entry) {
        match self.number(entry) {
            Some(value) if value > Number::from_integer(0.into()) => {
                self.draft.schema.multiple_of = Some(self.place(entry, value));
            }
            Some(_) => self.wrong(
                entry.value_span(),
                "`multipleOf` is not positive",
                "a number above 0",
            ),
            None => {}
        }
    }

    fn count(&mut self, entry: &Entry) -> Option<Placed<u64>> {
        let count = entry.value.as_number().and_then(to_i64);
        match count.and_then(|count| u64::try_from(count).ok()) {
            Some(count) => Some(self.place(entry, count)),
            None => {
                self.wrong_kind(entry, "a whole number, 0 or more");
                None
            }
        }
    }

    fn pattern(&mut self, entry: &Entry) {
        let Some(source) = entry.value.as_str() else {
            return self.wrong_kind(entry, "a regular expression");
        };
        match Pattern::compile(source) {
            Ok(pattern) => {
                let placed = self.place(entry, pattern);
                self.draft.schema.patterns.push(placed);
            }
            Err(error) => self.unmodelled(entry, Some(error.to_string())),
        }
    }

    fn format(&mut self, entry: &Entry) {
        let Some(name) = entry.value.as_str() else {
            return self.wrong_kind(entry, "the name of a format");
        };
        let format = Format::from_name(name);
        if format.is_unmodelled() {
            self.unmodelled(entry, Some(format!("the format `{name}`")));
        }
        self.draft.schema.format = Some(self.place(entry, format));
    }

    fn required(&mut self, entry: &Entry) {
        for item in entry.value.items() {
            let Some(name) = item.as_str() else {
                let what = format!("`required` holds {}", item.kind_name());
                self.wrong(item.span, &what, "a list of names");
                continue;
            };
            let place = Placed {
                value: (),
                span: item.span,
                pointer: self.part("required"),
            };
            self.draft.schema.required.insert(name.to_owned(), place);
        }
        if !matches!(entry.value.kind, NodeKind::Sequence(_)) {
            // A Boolean here belongs to parameters, and is often meant as such.
            self.wrong_kind(entry, "a list of names, in the schema of the object");
        }
    }

    fn properties(&mut self, entry: &Entry) {
        if !entry.value.is_mapping() {
            return self.wrong_kind(entry, "a mapping of names to schemas");
        }
        for property in entry.value.entries() {
            let pointer = format!(
                "{}/{}",
                self.part("properties"),
                pointer_step(&property.key)
            );
            self.draft
                .properties
                .insert(property.key.clone(), vec![pointer]);
        }
    }

    fn additional(&mut self, entry: &Entry) {
        self.draft.evaluates_all = entry.value.as_bool() != Some(false);
        self.draft.additional = match entry.value.as_bool() {
            Some(true) => DraftAdditional::Any,
            Some(false) => DraftAdditional::Forbidden(self.place(entry, ())),
            None => DraftAdditional::Schema(vec![self.part("additionalProperties")]),
        };
    }

    /// What keywords mean to each other.
    fn finish(&mut self) {
        let schema = &mut self.draft.schema;
        if let Some(place) = self.nullable.take() {
            if schema.types.is_untyped() {
                // OpenAPI 3.0.3: `nullable` says nothing without a `type` beside it.
                schema.unmodelled.push(Unmodelled {
                    keyword: "nullable".to_owned(),
                    reason: Some("there is no `type` beside it".to_owned()),
                    pointer: place.pointer,
                    span: place.span,
                });
            } else {
                allow_null(schema);
            }
        }
        width(schema);
        self.constants();
        of_values(&mut self.draft.schema);
    }

    /// `const` is an `enum` of one, which `nullable` doesn't widen.
    fn constants(&mut self) {
        let Some(constant) = self.constant.take() else {
            return;
        };
        let schema = &mut self.draft.schema;
        schema.enumeration = Some(match schema.enumeration.take() {
            Some(listed) => constant.with(
                constant
                    .value
                    .iter()
                    .filter(|value| listed.value.contains(value))
                    .cloned()
                    .collect(),
            ),
            None => constant,
        });
    }
}

/// Listed values say the types that are not given.
fn of_values(schema: &mut Schema) {
    if let Some(values) = &schema.enumeration
        && schema.types.is_untyped()
    {
        let types = values.value.iter().map(type_of);
        schema.types = types.fold(TypeSet::UNTYPED, TypeSet::with);
    }
}

fn set_exclusive(bound: &mut Option<Placed<Bound>>, exclusive: bool) {
    if let Some(bound) = bound {
        bound.value.exclusive = exclusive;
    }
}

/// The bounds that `int32` and `int64` stand for.
fn width(schema: &mut Schema) {
    let Some(format) = &schema.format else {
        return;
    };
    let (low, high) = match format.value {
        Format::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Format::Int64 => (i64::MIN, i64::MAX),
        _ => return,
    };
    let numeric = schema.types.names(JsonType::Integer) || schema.types.names(JsonType::Number);
    if !numeric {
        return;
    }
    let bound = |value: i64| {
        Some(Placed {
            value: Bound {
                value: Number::from_integer(value.into()),
                exclusive: false,
            },
            span: format.span,
            pointer: format.pointer.clone(),
        })
    };
    let (low, high) = (bound(low), bound(high));
    schema.minimum = tighter_minimum(schema.minimum.take(), low);
    schema.maximum = tighter_maximum(schema.maximum.take(), high);
}
