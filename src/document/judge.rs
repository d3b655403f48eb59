//! What keywords that combine schemas or span members say of a value.
//!
//! Where a schema holds something unmodelled, a verdict may be open: `None`.

use super::condition::Formula;
use super::conform::{Visit, refusal};
use super::location::Location;
use super::schema::{Schema, SchemaId, Schemas};
use crate::value::{Members, Value};

/// Whether the schema `id` allows `value`; `None` where that rests on what
/// isn't modelled.
pub fn verdict(schemas: &Schemas, id: SchemaId, value: &Value) -> Option<bool> {
    verdict_within(schemas, id, value, &[])
}

/// The same where it is asked for by `active`, of the same value: a schema that
/// leads back to itself demands nothing more.
fn verdict_within(
    schemas: &Schemas,
    id: SchemaId,
    value: &Value,
    active: &[SchemaId],
) -> Option<bool> {
    if active.contains(&id) {
        return Some(true);
    }
    let mut visit = Visit::new(schemas);
    visit.active = [active, &[id]].concat();
    visit.value(id, value, &Location::default());
    match (visit.found.is_empty(), visit.is_open) {
        (false, _) => Some(false),
        (true, true) => None,
        (true, false) => Some(true),
    }
}

/// Whether a formula holds for `value`.
pub(super) fn holds(
    schemas: &Schemas,
    formula: &Formula,
    value: &Value,
    active: &[SchemaId],
) -> Option<bool> {
    let member = |name: &str| match value {
        Value::Map(members) => members.get(name),
        _ => None,
    };
    let all = |parts: &[Formula]| -> Vec<Option<bool>> {
        parts
            .iter()
            .map(|part| holds(schemas, part, value, active))
            .collect()
    };
    match formula {
        Formula::Is(id) => verdict_within(schemas, *id, value, active),
        Formula::Has(name) => Some(member(name).is_some()),
        Formula::Holds(name, values) => {
            Some(member(name).is_some_and(|member| values.contains(member)))
        }
        Formula::All(parts) => conjunction(&all(parts)),
        Formula::Any(parts) => {
            let not: Vec<_> = all(parts).into_iter().map(negation).collect();
            negation(conjunction(&not))
        }
        Formula::One(parts) => exactly_one(&all(parts)),
        Formula::Not(part) => negation(holds(schemas, part, value, active)),
        Formula::If(parts) => {
            let [condition, then, otherwise] = &**parts;
            match holds(schemas, condition, value, active) {
                Some(true) => holds(schemas, then, value, active),
                Some(false) => holds(schemas, otherwise, value, active),
                None => {
                    let [then, otherwise] =
                        [then, otherwise].map(|part| holds(schemas, part, value, active));
                    then.filter(|_| then == otherwise)
                }
            }
        }
    }
}

fn negation(truth: Option<bool>) -> Option<bool> {
    truth.map(|truth| !truth)
}

fn conjunction(parts: &[Option<bool>]) -> Option<bool> {
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    (!parts.contains(&None)).then_some(true)
}

fn exactly_one(parts: &[Option<bool>]) -> Option<bool> {
    let count = |wanted: Option<bool>| parts.iter().filter(|own| **own == wanted).count();
    match (count(Some(true)), count(None)) {
        (2.., _) | (0, 0) => Some(false),
        (1, 0) => Some(true),
        _ => None,
    }
}

impl Visit<'_> {
    /// Conditions, and the keywords over members and items.
    pub(super) fn spanning(&mut self, schema: &Schema, value: &Value, at: &Location) {
        let active = std::mem::take(&mut self.active);
        for condition in &schema.conditions {
            match holds(self.schemas, &condition.formula, value, &active) {
                Some(true) => {}
                None => self.is_open = true,
                Some(false) => {
                    let place = super::schema::Placed {
                        value: (),
                        span: condition.span,
                        pointer: condition.pointer.clone(),
                    };
                    let message = format!("{value} is not what `{}` allows", condition.keyword);
                    let found = refusal(at.clone(), condition.keyword, message, &place);
                    self.found.push(found);
                }
            }
        }
        match value {
            Value::Map(members) => {
                self.members(schema, members, at);
                self.evaluated(schema, value, members, (at, &active));
            }
            Value::List(items) => self.items(schema, items, at),
            _ => {}
        }
    }

    fn members(&mut self, schema: &Schema, members: &Members, at: &Location) {
        let count = members.len() as u64;
        if let Some(least) = &schema.min_properties {
            self.check("minProperties", count < least.value, at, least, || {
                format!("there are {count} members, fewer than {}", least.value)
            });
        }
        if let Some(most) = &schema.max_properties {
            self.check("maxProperties", count > most.value, at, most, || {
                format!("there are {count} members, more than {}", most.value)
            });
        }
        for names in &schema.property_names {
            for name in members.keys() {
                let text = Value::String(name.clone());
                match verdict(self.schemas, names.value, &text) {
                    Some(true) => {}
                    None => self.is_open = true,
                    Some(false) => self.check("propertyNames", true, at, names, || {
                        format!("`{name}` is no name that is allowed")
                    }),
                }
            }
        }
    }

    fn evaluated(
        &mut self,
        schema: &Schema,
        value: &Value,
        members: &Members,
        (at, active): (&Location, &[SchemaId]),
    ) {
        if let Some(place) = &schema.unevaluated {
            for name in members.keys() {
                match evaluated(self.schemas, schema, value, name, active) {
                    Some(true) => {}
                    None => self.is_open = true,
                    Some(false) => {
                        let at = at.key(name);
                        self.check("unevaluatedProperties", true, &at, place, || {
                            format!("no schema that holds declares `{name}`")
                        });
                    }
                }
            }
        }
    }

    fn items(&mut self, schema: &Schema, items: &[Value], at: &Location) {
        if let Some(place) = &schema.unique_items {
            let mut pairs = items.iter().enumerate();
            let twice = pairs.any(|(index, item)| items.iter().skip(index + 1).any(|o| o == item));
            self.check("uniqueItems", twice, at, place, || {
                "two items are equal".to_owned()
            });
        }
        for own in &schema.contains {
            let verdicts = items
                .iter()
                .map(|item| verdict(self.schemas, own.value.schema, item));
            let verdicts: Vec<Option<bool>> = verdicts.collect();
            let sure = verdicts.iter().filter(|own| **own == Some(true)).count() as u64;
            let open = verdicts.iter().filter(|own| own.is_none()).count() as u64;
            let too_few = sure + open < own.value.min;
            let too_many = own.value.max.is_some_and(|max| sure > max);
            self.check("contains", too_few || too_many, at, own, || {
                format!("{sure} items are as `contains` says")
            });
            let may_be_few = sure < own.value.min;
            let may_be_many = own.value.max.is_some_and(|max| sure + open > max);
            self.is_open |= may_be_few || may_be_many;
        }
    }
}

/// Whether a schema that holds for `value` declares the member `name`: `schema`
/// itself or, where they hold, its branches.
fn evaluated(
    schemas: &Schemas,
    schema: &Schema,
    value: &Value,
    name: &str,
    active: &[SchemaId],
) -> Option<bool> {
    if schema.evaluates(name) {
        return Some(true);
    }
    let conditions = schema.conditions.iter();
    any(conditions.map(|own| evaluated_by(schemas, &own.formula, value, name, active)))
}

fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let not: Vec<_> = parts.map(negation).collect();
    negation(conjunction(&not))
}

fn evaluated_by(
    schemas: &Schemas,
    formula: &Formula,
    value: &Value,
    name: &str,
    active: &[SchemaId],
) -> Option<bool> {
    let by = |part: &Formula| evaluated_by(schemas, part, value, name, active);
    match formula {
        Formula::Is(id) if active.contains(id) => Some(false),
        Formula::Is(id) => {
            let inner = [active, &[*id]].concat();
            match evaluated(schemas, schemas.get(*id), value, name, &inner) {
                Some(false) => Some(false),
                mentions => {
                    let holds = verdict_within(schemas, *id, value, active);
                    conjunction(&[mentions, holds])
                }
            }
        }
        Formula::All(parts) | Formula::Any(parts) | Formula::One(parts) => {
            any(parts.iter().map(by))
        }
        Formula::If(parts) => {
            let [condition, then, otherwise] = &**parts;
            let chosen = match holds(schemas, condition, value, active) {
                Some(true) => by(then),
                Some(false) => by(otherwise),
                None => None,
            };
            any([by(condition), chosen].into_iter())
        }
        Formula::Not(_) | Formula::Has(_) | Formula::Holds(..) => Some(false),
    }
}
