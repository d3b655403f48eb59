//! Completing objects and lists.

use super::choice::{Choice, Member, Whole};
use super::complete::{Completion, NoValue, no_value};
use super::location::Location;
use super::schema::SchemaId;
use super::vary::{other_names, variations};
use crate::value::{Members, Value};

impl Completion<'_> {
    pub(super) fn object(
        &self,
        whole: &Whole<'_>,
        choice: &Choice,
        members: &Members,
        at: &Location,
    ) -> Result<Value, NoValue> {
        let required = whole.required(self.schemas, choice);
        let mut made = Members::new();
        for (name, member) in members {
            let is_needed = required.contains(name);
            let is_lacking = choice.lacks.iter().any(|own| **own == **name);
            if is_lacking && !is_needed || whole.is_read_only(self.schemas, name) {
                continue;
            }
            match whole.member(self.schemas, name) {
                Member::Demands(parts) => {
                    let value = self.member(choice, name, &parts, Some(member), at);
                    // What can't be mended is left out, unless it is required.
                    if value.is_ok() || is_needed {
                        made.insert(name.clone(), value?);
                    }
                }
                Member::Free => {
                    made.insert(name.clone(), member.clone());
                }
                Member::Forbidden => {}
            }
        }
        for name in required {
            if made.contains_key(&name) {
                continue;
            }
            let value = match whole.member(self.schemas, &name) {
                Member::Demands(parts) => self.member(choice, &name, &parts, None, at)?,
                Member::Forbidden => {
                    let reason =
                        format!("`{name}` is required, but `additionalProperties` forbids it");
                    return Err(no_value(&whole.values, at, &reason));
                }
                Member::Free => self.member(choice, &name, &[], None, at)?,
            };
            made.insert(name, value);
        }
        self.fill_up(whole, choice, &mut made, at);
        Ok(Value::Map(made))
    }

    fn member(
        &self,
        choice: &Choice,
        name: &str,
        parts: &[SchemaId],
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Value, NoValue> {
        let named = choice.holds.iter().filter(|(own, _)| own == name);
        let named: Vec<&Vec<Value>> = named.map(|(_, values)| values).collect();
        if let Some(values) = named.first() {
            let mut values = preferred.into_iter().chain(*values);
            let fitting = values.find(|value| {
                named.iter().all(|own| own.contains(value)) && self.accept(parts, value)
            });
            let none = || self.no_value(parts, &at.key(name), "none of the named values fits");
            return fitting.cloned().ok_or_else(none);
        }
        if parts.is_empty() {
            return Ok(preferred.cloned().unwrap_or_else(|| Value::string("any")));
        }
        self.value(parts, preferred, &at.key(name))
    }

    /// Members beyond those that are needed: as many as `minProperties` wants,
    /// no more than `maxProperties`.
    fn fill_up(&self, whole: &Whole<'_>, choice: &Choice, made: &mut Members, at: &Location) {
        let least = whole
            .values
            .min_properties
            .as_ref()
            .map_or(0, |own| own.value);
        let names = whole
            .each(self.schemas)
            .flat_map(|own| own.properties.keys());
        let names: Vec<&String> = names.collect();
        let count = usize::try_from(least.min(8)).unwrap_or(8);
        let fresh = choice.schemas.iter();
        let fresh = fresh.flat_map(|id| other_names(self.schemas, *id, count));
        let fresh: Vec<String> = fresh.collect();
        for name in names.into_iter().chain(&fresh) {
            if made.len() as u64 >= least {
                break;
            }
            if made.contains_key(name.as_str()) || choice.lacks.contains(name) {
                continue;
            }
            let value = match whole.member(self.schemas, name) {
                Member::Demands(parts) => self.member(choice, name, &parts, None, at),
                Member::Free => self.member(choice, name, &[], None, at),
                Member::Forbidden => continue,
            };
            if let Ok(value) = value {
                made.insert(name.as_str().into(), value);
            }
        }
        let required = whole.required(self.schemas, choice);
        let most = whole.values.max_properties.as_ref().map(|own| own.value);
        while most.is_some_and(|most| made.len() as u64 > most) {
            let Some(last) = made.keys().rev().find(|name| !required.contains(*name)) else {
                return;
            };
            let last = last.clone();
            made.shift_remove(&last);
        }
    }

    pub(super) fn array(
        &self,
        whole: &Whole<'_>,
        items: &[Value],
        at: &Location,
    ) -> Result<Value, NoValue> {
        let schema = &*whole.values;
        let least = schema.min_items.as_ref().map_or(0, |least| least.value);
        let most = schema
            .max_items
            .as_ref()
            .map_or(u64::MAX, |most| most.value);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let mut made = Vec::new();
        for item in items.iter().take(most) {
            let item = self.item(whole, &made, &[], Some(item), at);
            made.extend(item?);
        }
        for own in whole.each(self.schemas).flat_map(|own| &own.contains) {
            let wanted = own.value.schema;
            let fits = |item: &&Value| self.accept(&[wanted], item);
            let have = made.iter().filter(fits).count() as u64;
            for _ in have..own.value.min {
                let item = self.item(whole, &made, &[wanted], None, at)?;
                made.extend(item);
            }
        }
        while (made.len() as u64) < least {
            let before = made.len();
            let item = self.item(whole, &made, &[], None, at)?;
            made.extend(item);
            if made.len() == before {
                return Err(no_value(schema, at, "no more different items were found"));
            }
        }
        Ok(Value::List(made))
    }

    /// The next item; none where only one that is there already was found, and
    /// items must differ.
    fn item(
        &self,
        whole: &Whole<'_>,
        made: &[Value],
        more: &[SchemaId],
        preferred: Option<&Value>,
        at: &Location,
    ) -> Result<Option<Value>, NoValue> {
        let at = at.index(made.len());
        let mut parts: Vec<SchemaId> = whole.items(self.schemas, made.len());
        parts.extend(more);
        let item = match (parts.is_empty(), preferred) {
            (false, _) => self.value(&parts, preferred, &at)?,
            (true, Some(item)) => item.clone(),
            (true, None) => Value::string("any"),
        };
        if whole.values.unique_items.is_none() || !made.contains(&item) {
            return Ok(Some(item));
        }
        let others = variations(self.schemas, &parts, &item, made.len() + 1);
        let mut others = others.into_iter();
        Ok(others.find(|other| !made.contains(other) && self.accept(&parts, other)))
    }
}
