//! From dependencies to rules.
//!
//! The meaning is that of IDL's own mapping to constraints: a parameter
//! compared with a value must be given for the comparison to hold; a dependency
//! that is nothing but a comparison of parameters says something only where all
//! of them are given.

use super::ast::{Dependency, Group, Param, Predicate};
use super::compare::number_literal;
use super::fields::{Field, FieldKind, Fields, NoField};
use crate::import::{Cel, Demand};

/// A dependency in the words of rule files.
#[derive(Debug)]
pub(super) struct Translated {
    pub when: Cel,
    pub demand: Demand,
    /// What to know about it.
    pub comments: Vec<String>,
    /// Fields with a default, which counts as given for rules.
    pub defaults: Vec<String>,
}

/// Why a dependency can't be translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    NoField(NoField),
    /// In words.
    Other(String),
}

pub(super) type Result<T> = std::result::Result<T, Obstacle>;

pub(super) fn translate(dependency: &Dependency, fields: &Fields<'_>) -> Result<Translated> {
    let mut translator = Translator {
        fields,
        comments: Vec::new(),
        defaults: Vec::new(),
    };
    let (when, demand) = translator.dependency(dependency)?;
    Ok(Translated {
        when,
        demand,
        comments: translator.comments,
        defaults: translator.defaults,
    })
}

pub(super) struct Translator<'a> {
    fields: &'a Fields<'a>,
    pub comments: Vec<String>,
    defaults: Vec<String>,
}

impl Translator<'_> {
    fn dependency(&mut self, dependency: &Dependency) -> Result<(Cel, Demand)> {
        let predicate = &dependency.predicate;
        let Some(premise) = &dependency.premise else {
            return self.alone(predicate);
        };
        if let Some(demand) = self.shorthand_of_if(premise, predicate)? {
            return Ok((Cel::Bool(true), demand));
        }
        let when = self.condition(premise)?;
        Ok((when, Demand::Rule(self.condition(predicate)?)))
    }

    /// A dependency without `IF`.
    fn alone(&mut self, predicate: &Predicate) -> Result<(Cel, Demand)> {
        match predicate {
            Predicate::Group(group, parts) => {
                if let Some(paths) = self.all_given(parts)? {
                    let key = match group {
                        Group::Or => "anyOf",
                        Group::OnlyOne => "onlyOne",
                        Group::AllOrNone => "allOrNone",
                        Group::ZeroOrOne => "zeroOrOne",
                    };
                    return Ok((Cel::Bool(true), Demand::Fields(key, paths)));
                }
            }
            Predicate::Relation(..) | Predicate::Arithmetic(..) => {
                let (given, comparison) = self.comparison(predicate)?;
                return Ok((Cel::and(given), Demand::Rule(comparison)));
            }
            _ => {}
        }
        Ok((Cel::Bool(true), Demand::Rule(self.condition(predicate)?)))
    }

    /// The shorthand that says `IF premise THEN predicate`, if one does.
    fn shorthand_of_if(
        &mut self,
        premise: &Predicate,
        predicate: &Predicate,
    ) -> Result<Option<Demand>> {
        let needs: &[Predicate] = match predicate {
            Predicate::And(parts) => parts,
            other => std::slice::from_ref(other),
        };
        if let Predicate::Given(field) = premise {
            let field = self.field(field)?.path;
            if let Some(needs) = self.all_given(needs)? {
                let is_real = !needs.contains(&field);
                return Ok(is_real.then_some(Demand::Requires(field, needs)));
            }
            if let Predicate::Not(inner) = predicate
                && let Predicate::Given(other) = &**inner
            {
                let other = self.field(other)?.path;
                let is_real = other != field;
                return Ok(is_real.then(|| Demand::Fields("zeroOrOne", vec![field, other])));
            }
            let is = self.condition(predicate)?;
            return Ok(Some(Demand::Conditional("onlyWhen", field, is)));
        }
        if let Predicate::Given(field) = predicate {
            let field = self.field(field)?.path;
            let is = self.condition(premise)?;
            return Ok(Some(Demand::Conditional("neededWhen", field, is)));
        }
        Ok(None)
    }

    /// The paths of predicates that say nothing but that fields are given.
    fn all_given(&mut self, parts: &[Predicate]) -> Result<Option<Vec<String>>> {
        let mut paths = Vec::new();
        for part in parts {
            let Predicate::Given(param) = part else {
                return Ok(None);
            };
            let path = self.field(param)?.path;
            if paths.contains(&path) {
                return Ok(None);
            }
            paths.push(path);
        }
        Ok(Some(paths))
    }

    fn condition(&mut self, predicate: &Predicate) -> Result<Cel> {
        Ok(match predicate {
            Predicate::Given(param) => Cel::has(&self.field(param)?.path),
            Predicate::Value(param, relation, literal) => {
                let field = self.field(param)?;
                let holds = self.compared(&field, relation, literal)?;
                Cel::and(given(&field).into_iter().chain([holds]))
            }
            Predicate::Like(param, pattern) => {
                let field = self.field(param)?;
                let (FieldKind::Text | FieldKind::Time) = field.kind else {
                    return Err(Obstacle::Other(format!("`{}` is no text", param.name)));
                };
                let holds = self.like(&field.path, pattern);
                Cel::and(given(&field).into_iter().chain([holds]))
            }
            Predicate::Relation(..) | Predicate::Arithmetic(..) => {
                let (given, comparison) = self.comparison(predicate)?;
                Cel::and(given.into_iter().chain([comparison]))
            }
            Predicate::Group(group, parts) => {
                let parts = self.conditions(parts)?;
                match group {
                    Group::Or => Cel::or(parts),
                    Group::OnlyOne => Cel::count_of(parts, "=="),
                    Group::ZeroOrOne => Cel::count_of(parts, "<="),
                    Group::AllOrNone => {
                        let pairs = parts.iter().zip(parts.iter().skip(1));
                        Cel::and(pairs.map(|(a, b)| Cel::compare("==", a.clone(), b.clone())))
                    }
                }
            }
            Predicate::Not(inner) => self.condition(inner)?.negated(),
            Predicate::And(parts) => Cel::and(self.conditions(parts)?),
            Predicate::Or(parts) => Cel::or(self.conditions(parts)?),
        })
    }

    fn conditions(&mut self, parts: &[Predicate]) -> Result<Vec<Cel>> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    /// A comparison of parameters: that they are given, and how they compare.
    fn comparison(&mut self, predicate: &Predicate) -> Result<(Vec<Cel>, Cel)> {
        match predicate {
            Predicate::Relation(a, relation, b) => {
                let (a, b) = (self.field(a)?, self.field(b)?);
                let (left, right) = self.alike(&a, &b)?;
                let given = [&a, &b].into_iter().filter_map(given).collect();
                Ok((given, Cel::compare(relation, left, right)))
            }
            Predicate::Arithmetic(sum, relation, number) => {
                let mut present = Vec::new();
                let sum = self.sum(sum, &mut present)?;
                let holds = Cel::compare(relation, sum, number_literal(number)?);
                Ok((present, holds))
            }
            other => Ok((Vec::new(), self.condition(other)?)),
        }
    }

    pub fn field(&mut self, param: &Param) -> Result<Field> {
        let Some(field) = self.fields.find(&param.name) else {
            return Err(Obstacle::NoField(NoField {
                name: param.name.clone(),
                range: param.range.clone(),
                near: self.fields.near(&param.name),
            }));
        };
        if field.has_default && !self.defaults.contains(&field.path) {
            self.defaults.push(field.path.clone());
        }
        Ok(field)
    }
}

/// That a field is there, unless it always is.
pub(super) fn given(field: &Field) -> Option<Cel> {
    (!field.required).then(|| Cel::has(&field.path))
}
