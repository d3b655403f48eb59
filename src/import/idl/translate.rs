//! From dependencies to rules.
//!
//! The meaning is that of IDL's own mapping to constraints: a parameter
//! compared with a value must be given for the comparison to hold; a dependency
//! that is nothing but a comparison of parameters says something only where all
//! of them are given.

use super::fields::{Field, FieldKind, Fields, NoField};
use super::parse::{Dependency, Group, Literal, Param, Predicate, Sum};
use crate::import::{Cel, Demand, string};
use crate::value::{Value, parse_number};

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

type Result<T> = std::result::Result<T, Obstacle>;

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

struct Translator<'a> {
    fields: &'a Fields<'a>,
    comments: Vec<String>,
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

    /// Two fields as values of one type.
    fn alike(&mut self, a: &Field, b: &Field) -> Result<(Cel, Cel)> {
        let plain = (Cel::atom(&a.path), Cel::atom(&b.path));
        match (&a.kind, &b.kind) {
            (FieldKind::Number, FieldKind::Number) | (FieldKind::Bool, FieldKind::Bool) => {
                Ok(plain)
            }
            (FieldKind::Time, FieldKind::Time) => Ok((
                Cel::atom(format!("timestamp({})", a.path)),
                Cel::atom(format!("timestamp({})", b.path)),
            )),
            (FieldKind::Text | FieldKind::Time, FieldKind::Text | FieldKind::Time) => {
                self.comments.push(
                    "The document declares texts: they are compared letter by letter.".into(),
                );
                Ok(plain)
            }
            _ => Ok((self.number(a)?, self.number(b)?)),
        }
    }

    /// A field as a number.
    fn number(&mut self, field: &Field) -> Result<Cel> {
        match &field.kind {
            FieldKind::Number => Ok(Cel::atom(&field.path)),
            FieldKind::Text => {
                let path = &field.path;
                self.comments.push(format!(
                    "The document declares `{path}` as text: it is read as a number."
                ));
                Ok(Cel::atom(format!("decimal({path})")))
            }
            other => Err(Obstacle::Other(format!(
                "`{}` is {}, not a number",
                field.path,
                other.words()
            ))),
        }
    }

    fn sum(&mut self, sum: &Sum, present: &mut Vec<Cel>) -> Result<Cel> {
        match sum {
            Sum::Param(param) => {
                let field = self.field(param)?;
                present.extend(given(&field));
                self.number(&field)
            }
            Sum::Binary(sign, a, b) => {
                let a = self.sum(a, present)?;
                let b = self.sum(b, present)?;
                // IDL divides exactly, and CEL truncates integers.
                let a = match sign {
                    '/' => Cel::arithmetic('*', a, Cel::atom("1.0")),
                    _ => a,
                };
                Ok(Cel::arithmetic(*sign, a, b))
            }
        }
    }

    fn compared(
        &mut self,
        field: &Field,
        relation: &'static str,
        literal: &Literal,
    ) -> Result<Cel> {
        match literal {
            Literal::Texts(texts) => {
                let values: Vec<Cel> = texts
                    .iter()
                    .map(|text| self.text_of(field, text))
                    .collect::<Result<_>>()?;
                let equal = self.one_of(field, values);
                Ok(if relation == "!=" {
                    equal.negated()
                } else {
                    equal
                })
            }
            Literal::Bool(value) => {
                let holds = match &field.kind {
                    FieldKind::Bool => Cel::atom(&field.path),
                    FieldKind::Text => {
                        Cel::compare("==", Cel::atom(&field.path), Cel::string("true"))
                    }
                    other => return Err(mismatch(field, "a Boolean", other)),
                };
                let is_negated = (relation == "!=") == *value;
                Ok(match (&field.kind, is_negated) {
                    (FieldKind::Text, true) => {
                        Cel::compare("==", Cel::atom(&field.path), Cel::string("false"))
                    }
                    (_, true) => holds.negated(),
                    (_, false) => holds,
                })
            }
            Literal::Number(number) => {
                let number = number_literal(number)?;
                if let FieldKind::List(items) = &field.kind
                    && **items == FieldKind::Number
                    && relation == "=="
                {
                    return Ok(self.one_of(field, vec![number]));
                }
                Ok(Cel::compare(relation, self.number(field)?, number))
            }
        }
    }

    /// A text that a field is compared with, as a literal of the field's type.
    fn text_of(&mut self, field: &Field, text: &str) -> Result<Cel> {
        let kind = match &field.kind {
            FieldKind::List(items) => items,
            kind => kind,
        };
        let literal = match kind {
            FieldKind::Text | FieldKind::Time => Cel::string(text),
            FieldKind::Number => {
                number_literal(text).map_err(|_| mismatch(field, "a text", kind))?
            }
            FieldKind::Bool if matches!(text, "true" | "false") => Cel::Bool(text == "true"),
            other => return Err(mismatch(field, "a text", other)),
        };
        let is_known = |values: &Vec<Value>| {
            let same = |value: &Value| match value {
                Value::String(own) => **own == *text,
                other => other.to_string() == text,
            };
            values.iter().any(same)
        };
        if field
            .values
            .as_ref()
            .is_some_and(|values| !is_known(values))
        {
            self.comments.push(format!(
                "The document doesn't list {} among the values of `{}`.",
                string(text),
                field.path
            ));
        }
        Ok(literal)
    }

    /// That a field, or an item of it, is one of several values.
    fn one_of(&self, field: &Field, values: Vec<Cel>) -> Cel {
        let path = Cel::atom(&field.path);
        if let FieldKind::List(_) = field.kind {
            let each = values.into_iter();
            return Cel::or(each.map(|value| Cel::compare("in", value, path.clone())));
        }
        if let [only] = values.as_slice() {
            return match only {
                Cel::Bool(true) => path,
                Cel::Bool(false) => path.negated(),
                only => Cel::compare("==", path, only.clone()),
            };
        }
        let listed: Vec<String> = values.iter().map(Cel::to_string).collect();
        Cel::compare("in", path, Cel::atom(format!("[{}]", listed.join(", "))))
    }

    /// `*` of a pattern is any text.
    fn like(&mut self, path: &str, pattern: &str) -> Cel {
        let parts: Vec<&str> = pattern.split('*').collect();
        let call =
            |function: &str, part: &str| Cel::atom(format!("{path}.{function}({})", string(part)));
        match parts.as_slice() {
            [whole] => Cel::compare("==", Cel::atom(path), Cel::string(whole)),
            ["", part, ""] => call("contains", part),
            [part, ""] => call("startsWith", part),
            ["", part] => call("endsWith", part),
            parts => {
                let parts: Vec<String> = parts.iter().map(|part| escaped(part)).collect();
                call("matches", &format!("^{}$", parts.join(".*")))
            }
        }
    }

    fn field(&mut self, param: &Param) -> Result<Field> {
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

impl FieldKind {
    fn words(&self) -> &'static str {
        match self {
            Self::Bool => "a Boolean",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Time => "a date",
            Self::List(_) => "a list",
            Self::Other(words) => words,
        }
    }
}

/// That a field is there, unless it always is.
fn given(field: &Field) -> Option<Cel> {
    (!field.required).then(|| Cel::has(&field.path))
}

fn mismatch(field: &Field, compared: &str, kind: &FieldKind) -> Obstacle {
    let (path, words) = (&field.path, kind.words());
    Obstacle::Other(format!(
        "`{path}` is {words} and is compared with {compared}"
    ))
}

fn number_literal(text: &str) -> Result<Cel> {
    match parse_number(text) {
        Some(_) => Ok(Cel::atom(text)),
        None => Err(Obstacle::Other(format!("`{text}` is no number"))),
    }
}

/// A text that a regular expression matches as it is.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
