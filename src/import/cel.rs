//! Expressions that imports write, with the parentheses that CEL needs.

use std::fmt;

use crate::value::location::is_identifier;

/// Words of the expression language, which can't be written after a dot.
const WORDS: [&str; 4] = ["true", "false", "null", "in"];

/// An expression. The constructors simplify constants and push negations
/// inwards, so that the text stays readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cel {
    /// True or false.
    Bool(bool),
    /// Something that needs no parentheses: a path, a call, a literal.
    Atom(String),
    /// A text whose operators aren't known.
    Raw(String),
    /// `!a`
    Not(Box<Cel>),
    /// `a && b`
    And(Vec<Cel>),
    /// `a || b`
    Or(Vec<Cel>),
    /// `a < b` and the like: operator and operands.
    Compare(&'static str, Box<Cel>, Box<Cel>),
    /// `a + b` and the like.
    Arithmetic(char, Box<Cel>, Box<Cel>),
    /// `a ? b : c`
    If(Box<[Cel; 3]>),
}

/// The comparison that holds where `operator` doesn't.
pub fn opposite(operator: &str) -> Option<&'static str> {
    Some(match operator {
        "==" => "!=",
        "!=" => "==",
        "<" => ">=",
        "<=" => ">",
        ">" => "<=",
        ">=" => "<",
        _ => return None,
    })
}

impl Cel {
    /// A path, a call or a literal.
    pub fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }

    /// A string literal.
    pub fn string(text: &str) -> Self {
        Self::Atom(string(text))
    }

    /// `has(path)`
    pub fn has(path: &str) -> Self {
        Self::Atom(format!("has({path})"))
    }

    /// `a < b` and the like.
    pub fn compare(operator: &'static str, left: Self, right: Self) -> Self {
        Self::Compare(operator, Box::new(left), Box::new(right))
    }

    /// `a + b` and the like.
    pub fn arithmetic(operator: char, left: Self, right: Self) -> Self {
        Self::Arithmetic(operator, Box::new(left), Box::new(right))
    }

    /// All of them.
    pub fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::And(parts) => parts,
            other => vec![other],
        });
        joined(flat, true, Self::And)
    }

    /// At least one of them.
    pub fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Or(parts) => parts,
            other => vec![other],
        });
        joined(flat, false, Self::Or)
    }

    /// `if a, then b`
    pub fn implies(premise: Self, conclusion: Self) -> Self {
        Self::or([premise.negated(), conclusion])
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Bool(value) => Self::Bool(!value),
            Self::Not(inner) => *inner,
            Self::And(parts) => Self::or(parts.into_iter().map(Self::negated)),
            Self::Or(parts) => Self::and(parts.into_iter().map(Self::negated)),
            Self::Compare(operator, left, right) => match opposite(operator) {
                Some(operator) => Self::Compare(operator, left, right),
                None => Self::Not(Box::new(Self::Compare(operator, left, right))),
            },
            other => Self::Not(Box::new(other)),
        }
    }

    /// Without the conjuncts that `premise` has as well.
    #[must_use]
    pub fn given(self, premise: &Self) -> Self {
        let known = match premise {
            Self::And(parts) => parts.as_slice(),
            other => std::slice::from_ref(other),
        };
        match self {
            Self::And(parts) => Self::and(parts.into_iter().filter(|part| !known.contains(part))),
            other if known.contains(&other) => Self::Bool(true),
            other => other,
        }
    }

    /// Exactly one of them (`==`), or at most one (`<=`).
    pub fn count_of(parts: Vec<Self>, operator: &'static str) -> Self {
        if let (Ok([a, b]), true) = (<[Self; 2]>::try_from(parts.clone()), operator == "<=") {
            return Self::or([a.negated(), b.negated()]);
        }
        if let (Ok([a, b]), "==") = (<[Self; 2]>::try_from(parts.clone()), operator) {
            return Self::compare("!=", a, b);
        }
        let one = |part| Self::If(Box::new([part, Self::atom("1"), Self::atom("0")]));
        let sum = parts
            .into_iter()
            .map(one)
            .reduce(|sum, next| Self::arithmetic('+', sum, next));
        Self::compare(operator, sum.unwrap_or(Self::atom("0")), Self::atom("1"))
    }

    /// How tightly the operator binds.
    fn level(&self) -> u8 {
        match self {
            Self::Raw(_) | Self::If(_) => 0,
            Self::Or(_) => 1,
            Self::And(_) => 2,
            Self::Compare(..) => 3,
            Self::Arithmetic('+' | '-', ..) => 4,
            Self::Arithmetic(..) => 5,
            Self::Not(_) => 6,
            Self::Bool(_) | Self::Atom(_) => 7,
        }
    }

    fn write(&self, out: &mut fmt::Formatter<'_>, level: u8) -> fmt::Result {
        if self.level() < level {
            return write!(out, "({self})");
        }
        write!(out, "{self}")
    }
}

/// Conjunction (`neutral` true) or disjunction, each part once.
fn joined(parts: impl Iterator<Item = Cel>, neutral: bool, make: fn(Vec<Cel>) -> Cel) -> Cel {
    let mut kept: Vec<Cel> = Vec::new();
    for part in parts {
        match part {
            Cel::Bool(value) if value == neutral => {}
            Cel::Bool(value) => return Cel::Bool(value),
            part if kept.contains(&part) => {}
            part => kept.push(part),
        }
    }
    drop_parents(&mut kept, neutral);
    match (kept.len(), kept.pop()) {
        (_, None) => Cel::Bool(neutral),
        (1, Some(only)) => only,
        (_, Some(last)) => {
            kept.push(last);
            make(kept)
        }
    }
}

/// `has(a.b)` says `has(a)` as well.
fn drop_parents(parts: &mut Vec<Cel>, is_conjunction: bool) {
    let path = |part: &Cel| -> Option<String> {
        let atom = match part {
            Cel::Atom(atom) if is_conjunction => atom,
            Cel::Not(inner) if !is_conjunction => match &**inner {
                Cel::Atom(atom) => atom,
                _ => return None,
            },
            _ => return None,
        };
        let path = atom.strip_prefix("has(")?.strip_suffix(')')?;
        Some(path.to_owned())
    };
    let paths: Vec<String> = parts.iter().filter_map(path).collect();
    let is_above = |own: &str, other: &str| {
        let rest = other.strip_prefix(own);
        rest.is_some_and(|rest| rest.starts_with(['.', '[']))
    };
    parts.retain(|part| {
        let own = path(part);
        own.is_none_or(|own| !paths.iter().any(|other| is_above(&own, other)))
    });
}

impl fmt::Display for Cel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut chain = |parts: &[Cel], operator: &str, level: u8| {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    write!(out, " {operator} ")?;
                }
                part.write(out, level)?;
            }
            Ok(())
        };
        match self {
            Self::Bool(value) => write!(out, "{value}"),
            Self::Atom(text) | Self::Raw(text) => out.write_str(text),
            Self::And(parts) => chain(parts, "&&", 3),
            Self::Or(parts) => chain(parts, "||", 2),
            Self::Not(inner) => {
                out.write_str("!")?;
                inner.write(out, 6)
            }
            Self::Compare(operator, left, right) => {
                left.write(out, 4)?;
                write!(out, " {operator} ")?;
                right.write(out, 4)
            }
            Self::Arithmetic(operator, left, right) => {
                let level = self.level();
                left.write(out, level)?;
                write!(out, " {operator} ")?;
                right.write(out, level + 1)
            }
            Self::If(parts) => {
                let [condition, yes, no] = &**parts;
                condition.write(out, 1)?;
                out.write_str(" ? ")?;
                yes.write(out, 1)?;
                out.write_str(" : ")?;
                no.write(out, 0)
            }
        }
    }
}

/// `base.key`, or `base['key']` where the key is no identifier.
pub fn member(base: &str, key: &str) -> String {
    if is_identifier(key) && !WORDS.contains(&key) {
        format!("{base}.{key}")
    } else {
        format!("{base}[{}]", string(key))
    }
}

/// A string literal of the expression language.
pub fn string(text: &str) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn a(name: &str) -> Cel {
        Cel::atom(name)
    }

    #[test]
    fn parentheses_stand_where_they_are_needed() {
        let either = Cel::or([a("a"), a("b")]);
        let both = Cel::and([
            either.clone(),
            Cel::compare("==", a("c"), Cel::string("it's")),
        ]);
        assert_eq!(both.to_string(), r"(a || b) && c == 'it\'s'");
        assert_eq!(both.negated().to_string(), r"!a && !b || c != 'it\'s'");
        let sum = Cel::arithmetic('-', a("a"), Cel::arithmetic('+', a("b"), a("c")));
        let product = Cel::arithmetic('*', sum, a("d"));
        assert_eq!(product.to_string(), "(a - (b + c)) * d");
        let equal = Cel::compare("==", Cel::and([a("a"), a("b")]), a("c"));
        assert_eq!(equal.to_string(), "(a && b) == c");
        let raw = Cel::and([a("a"), Cel::Raw("b ? c : d".to_owned())]);
        assert_eq!(raw.to_string(), "a && (b ? c : d)");
    }

    #[test]
    fn counts_are_as_short_as_can_be() {
        let counted = |names: &[&str], operator| {
            Cel::count_of(names.iter().map(|name| a(name)).collect(), operator).to_string()
        };
        assert_eq!(counted(&["a", "b"], "=="), "a != b");
        assert_eq!(counted(&["a", "b"], "<="), "!a || !b");
        assert_eq!(
            counted(&["a", "b", "c"], "<="),
            "(a ? 1 : 0) + (b ? 1 : 0) + (c ? 1 : 0) <= 1"
        );
    }

    #[test]
    fn constants_vanish() {
        assert_eq!(Cel::and([Cel::Bool(true), a("a"), a("a")]), a("a"));
        assert_eq!(Cel::implies(Cel::Bool(false), a("a")), Cel::Bool(true));
        assert_eq!(Cel::or([a("a"), Cel::Bool(true)]), Cel::Bool(true));
    }

    #[test]
    fn the_presence_of_parents_goes_without_saying() {
        let deep = Cel::and([Cel::has("a"), Cel::has("a.b['c']"), Cel::has("ab")]);
        assert_eq!(deep.to_string(), "has(a.b['c']) && has(ab)");
        assert_eq!(deep.negated().to_string(), "!has(a.b['c']) || !has(ab)");
        let either = Cel::or([Cel::has("a"), Cel::has("a.b")]);
        assert_eq!(either.to_string(), "has(a) || has(a.b)");
    }

    #[test]
    fn odd_names_are_indexed() {
        assert_eq!(member("query", "open_at"), "query.open_at");
        assert_eq!(member("header", "X-Day"), "header['X-Day']");
        assert_eq!(member("body", "in"), "body['in']");
        assert_eq!(member("body", "p[h]'"), r"body['p[h]\'']");
    }
}
