//! Comparisons of fields with values and with each other.

use super::ast::{Literal, Sum};
use super::fields::{Field, FieldKind};
use super::translate::{Obstacle, Result, Translator, given};
use crate::import::{Cel, string};
use crate::value::{Value, parse_number};

impl Translator<'_> {
    /// Two fields as values of one type.
    pub fn alike(&mut self, a: &Field, b: &Field) -> Result<(Cel, Cel)> {
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
    pub fn number(&mut self, field: &Field) -> Result<Cel> {
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

    pub fn sum(&mut self, sum: &Sum, present: &mut Vec<Cel>) -> Result<Cel> {
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

    pub fn compared(
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
    pub fn like(&mut self, path: &str, pattern: &str) -> Cel {
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

fn mismatch(field: &Field, compared: &str, kind: &FieldKind) -> Obstacle {
    let (path, words) = (&field.path, kind.words());
    Obstacle::Other(format!(
        "`{path}` is {words} and is compared with {compared}"
    ))
}

pub(super) fn number_literal(text: &str) -> Result<Cel> {
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
