//! Choices among alternatives: which schemas a value is to satisfy together.

use std::borrow::Cow;
use std::sync::Arc;

use indexmap::IndexSet;

use super::condition::Formula;
use super::conform::refusals;
use super::draft::merged_values;
use super::judge::holds;
use super::location::Location;
use super::schema::{Additional, Schema, SchemaId, Schemas};
use crate::value::Value;

/// Choices that are tried for one value, at most.
const MAX_CHOICES: usize = 64;

/// How deep branches lie in branches.
const MAX_DEPTH: usize = 6;

/// One way to satisfy some schemas, as far as making a value goes: the result
/// has to be judged.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    /// What must hold together.
    pub schemas: Vec<SchemaId>,
    /// Members that must be there.
    pub has: Vec<String>,
    /// Members that are better left out.
    pub lacks: Vec<String>,
    /// Members that are one of some values.
    pub holds: Vec<(String, Vec<Value>)>,
}

impl Choice {
    fn with(&self, other: &Self) -> Self {
        let mut both = self.clone();
        for id in &other.schemas {
            if !both.schemas.contains(id) {
                both.schemas.push(*id);
            }
        }
        both.has.extend(other.has.iter().cloned());
        both.lacks.extend(other.lacks.iter().cloned());
        both.holds.extend(other.holds.iter().cloned());
        both
    }
}

/// The ways to satisfy `demands`, those that are nearer to `preferred` first.
pub(super) fn choices(
    schemas: &Schemas,
    demands: &[SchemaId],
    preferred: Option<&Value>,
) -> Vec<Choice> {
    let chooser = Chooser { schemas, preferred };
    let start = Choice {
        schemas: demands.to_vec(),
        ..Choice::default()
    };
    let mut found = chooser.expand(start.clone(), demands, 0);
    if let [only] = demands {
        let alternatives = &schemas.get(*only).alternatives;
        let options: Vec<Formula> = alternatives.iter().map(|id| Formula::Is(*id)).collect();
        let mut wider = Vec::new();
        for option in chooser.any(&options, 0) {
            wider.extend(found.iter().map(|choice| choice.with(&option)));
        }
        wider.append(&mut found);
        found = wider;
        found.truncate(MAX_CHOICES);
    }
    found
}

struct Chooser<'a> {
    schemas: &'a Schemas,
    preferred: Option<&'a Value>,
}

impl Chooser<'_> {
    /// `choice` with a branch for every condition of `added`.
    fn expand(&self, choice: Choice, added: &[SchemaId], depth: usize) -> Vec<Choice> {
        let mut found = vec![choice];
        if depth > MAX_DEPTH {
            return found;
        }
        for id in added {
            let conditions = &self.schemas.get(*id).conditions;
            let named = conditions
                .iter()
                .find(|own| own.keyword == "discriminator")
                .map(|own| crossed(&found, &self.named(&own.formula, depth)));
            for condition in conditions {
                let options = self.options(&condition.formula, depth);
                found = crossed(&found, &options);
            }
            // The name alone tells the alternative.
            found = named.into_iter().flatten().chain(found).collect();
            found.truncate(MAX_CHOICES);
        }
        found
    }

    /// The alternatives that a discriminator names, each with its name.
    fn named(&self, formula: &Formula, depth: usize) -> Vec<Choice> {
        let Formula::If(parts) = formula else {
            return Vec::new();
        };
        let [_, Formula::All(parts), _] = &**parts else {
            return Vec::new();
        };
        let each = parts.iter().filter_map(|part| match part {
            Formula::If(parts) => {
                let [name, then, _] = &**parts;
                Some((name, then))
            }
            _ => None,
        });
        let holds = |condition: &Formula| {
            let value = self.preferred?;
            holds(self.schemas, condition, value, &[])
        };
        let mut ranked: Vec<(usize, &Formula, &Formula)> = each
            .map(|(name, part)| match holds(name) {
                Some(true) => (0, name, part),
                _ => (1 + self.distance(part), name, part),
            })
            .collect();
        ranked.sort_by_key(|(distance, ..)| *distance);
        let options = ranked.into_iter().flat_map(|(_, name, part)| {
            crossed(&self.options(name, depth), &self.options(part, depth))
        });
        options.take(MAX_CHOICES).collect()
    }

    fn options(&self, formula: &Formula, depth: usize) -> Vec<Choice> {
        match formula {
            Formula::Is(id) => {
                let own = Choice {
                    schemas: vec![*id],
                    ..Choice::default()
                };
                self.expand(own, &[*id], depth + 1)
            }
            Formula::Has(name) => vec![Choice {
                has: vec![name.clone()],
                ..Choice::default()
            }],
            Formula::Holds(name, values) => vec![Choice {
                has: vec![name.clone()],
                holds: vec![(name.clone(), values.clone())],
                ..Choice::default()
            }],
            Formula::All(parts) => parts.iter().fold(vec![Choice::default()], |found, part| {
                crossed(&found, &self.options(part, depth))
            }),
            Formula::Any(parts) | Formula::One(parts) => self.any(parts, depth),
            Formula::Not(part) => vec![Choice {
                lacks: lacking(part),
                ..Choice::default()
            }],
            Formula::If(parts) => self.branched(parts, depth),
        }
    }

    fn branched(&self, parts: &[Formula; 3], depth: usize) -> Vec<Choice> {
        let [condition, then, otherwise] = parts;
        let without = Choice {
            lacks: lacking(condition),
            ..Choice::default()
        };
        let otherwise = crossed(&[without], &self.options(otherwise, depth));
        let then = crossed(&self.options(condition, depth), &self.options(then, depth));
        let now = self
            .preferred
            .and_then(|value| holds(self.schemas, condition, value, &[]));
        match now {
            Some(true) => [then, otherwise].concat(),
            _ => [otherwise, then].concat(),
        }
    }

    /// The branches, those first that refuse less of what is preferred.
    fn any(&self, parts: &[Formula], depth: usize) -> Vec<Choice> {
        let mut ranked: Vec<(usize, &Formula)> = parts
            .iter()
            .map(|part| (self.distance(part), part))
            .collect();
        ranked.sort_by_key(|(distance, _)| *distance);
        let each = ranked.into_iter();
        let options = each.flat_map(|(_, part)| self.options(part, depth));
        options.take(MAX_CHOICES).collect()
    }

    /// How much of what is preferred a branch refuses.
    fn distance(&self, part: &Formula) -> usize {
        let Some(value) = self.preferred else {
            return 0;
        };
        match part {
            Formula::Is(id) => {
                let schema = self.schemas.get(*id);
                let refused = refusals(self.schemas, *id, value, &Location::default()).len();
                let unknown = match value {
                    Value::Map(members) => {
                        let names = members.keys();
                        names
                            .filter(|name| !schema.properties.contains_key(&***name))
                            .count()
                    }
                    _ => 0,
                };
                refused * 2 + unknown
            }
            part => usize::from(holds(self.schemas, part, value, &[]) != Some(true)),
        }
    }
}

/// The members by whose absence a formula fails.
fn lacking(formula: &Formula) -> Vec<String> {
    match formula {
        Formula::Has(name) | Formula::Holds(name, _) => vec![name.clone()],
        _ => Vec::new(),
    }
}

fn crossed(left: &[Choice], right: &[Choice]) -> Vec<Choice> {
    let mut found = Vec::new();
    for a in left {
        for b in right {
            if found.len() < MAX_CHOICES {
                found.push(a.with(b));
            }
        }
    }
    found
}

/// Schemas that must hold together.
pub(super) struct Whole<'a> {
    ids: Vec<SchemaId>,
    /// What they say of single values, and how many members and items.
    pub values: Cow<'a, Schema>,
}

/// What schemas say of a member.
pub(super) enum Member {
    Demands(Vec<SchemaId>),
    Free,
    Forbidden,
}

impl<'a> Whole<'a> {
    /// `None` where no value satisfies them all.
    pub(super) fn of(schemas: &'a Schemas, ids: &[SchemaId]) -> Option<Self> {
        let (first, rest) = ids.split_first()?;
        let mut values = Cow::Borrowed(schemas.get(*first));
        for id in rest {
            values = Cow::Owned(merged_values(&values, schemas.get(*id))?);
        }
        Some(Self {
            ids: ids.to_vec(),
            values,
        })
    }

    /// Each of the schemas.
    pub(super) fn each<'s>(&self, schemas: &'s Schemas) -> impl Iterator<Item = &'s Schema> {
        self.ids.iter().map(|id| schemas.get(*id))
    }

    pub(super) fn is_read_only(&self, schemas: &Schemas, name: &str) -> bool {
        self.each(schemas)
            .any(|own| own.read_only_properties.contains(name))
    }

    /// Whether one of them speaks of members.
    pub(super) fn has_members(&self, schemas: &Schemas) -> bool {
        self.each(schemas).any(|own| {
            !own.properties.is_empty() || !own.required.is_empty() || own.min_properties.is_some()
        })
    }

    pub(super) fn required(&self, schemas: &Schemas, choice: &Choice) -> IndexSet<Arc<str>> {
        let required = self.each(schemas).flat_map(|own| own.required.keys());
        let names = required.chain(&choice.has).map(|name| name.as_str().into());
        names.collect()
    }

    pub(super) fn member(&self, schemas: &Schemas, name: &str) -> Member {
        let mut parts = Vec::new();
        for id in &self.ids {
            match (schemas.property(*id, name), &schemas.get(*id).additional) {
                (Some(part), _) => parts.push(part),
                (None, Additional::Forbidden(_)) => return Member::Forbidden,
                (None, _) => {}
            }
        }
        if parts.is_empty() {
            Member::Free
        } else {
            parts.dedup();
            Member::Demands(parts)
        }
    }

    pub(super) fn items(&self, schemas: &Schemas, index: usize) -> Vec<SchemaId> {
        let parts = self.ids.iter().filter_map(|id| schemas.item(*id, index));
        parts.collect()
    }
}
