//! An `ensure` as single comparisons of a place in the answer with what is
//! known without it.

use std::ops::Range;

use crate::expr::{Syntax, SyntaxKind};
use crate::model::Relation;
use crate::value::Value;

use super::super::answers::body_path;

/// One comparison.
pub(super) struct Part<'s> {
    /// Members (or item numbers) below the answer's body.
    pub path: Vec<String>,
    /// The bytes of the text that name the place.
    pub place: Range<usize>,
    /// The bytes of the comparison.
    pub span: Range<usize>,
    /// How it compares.
    pub relation: Relation,
    /// With what.
    pub expected: Expected<'s>,
    /// The conditions under which it says something, and whether each must be
    /// true or false.
    pub guards: Vec<(&'s Syntax, bool)>,
}

/// What a place is compared with.
#[derive(Clone, Copy)]
pub(super) enum Expected<'s> {
    /// An expression without the answer.
    Value(&'s Syntax),
    /// True or false.
    Constant(bool),
}

/// Why something is no such comparison.
pub(super) struct Problem {
    /// The bytes concerned.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What stands there.
    pub label: &'static str,
    /// What to write.
    pub help: &'static str,
}

const FORMS: &str = "compare one place of the answer with an expression of request and state: \
                     `response.body.total == round(body.amount * body.rate, 2)`, \
                     `response.body.fee <= body.amount`, `has(response.body.id)`; join with `&&`, \
                     and say when by `when`, `!condition || …` or `condition ? … : …`";

/// Takes an `ensure` apart.
pub(super) fn apart(syntax: &Syntax) -> Result<Vec<Part<'_>>, Problem> {
    let mut found = Vec::new();
    clauses(syntax, &[], &mut found)?;
    match found.is_empty() {
        true => Err(problem(
            syntax,
            "this says nothing of the answer",
            "without `response`",
        )),
        false => Ok(found),
    }
}

type Guards<'s> = [(&'s Syntax, bool)];

fn clauses<'s>(
    syntax: &'s Syntax,
    guards: &Guards<'s>,
    out: &mut Vec<Part<'s>>,
) -> Result<(), Problem> {
    let with = |more: &[(&'s Syntax, bool)]| [guards, more].concat();
    match &syntax.kind {
        SyntaxKind::Has(of) => out.push(Part {
            relation: Relation::Has,
            ..part(syntax, place(of)?, Expected::Constant(true), guards)
        }),
        SyntaxKind::Call { name, args, .. } => match (name.as_str(), args.as_slice()) {
            ("_&&_", [a, b]) => {
                clauses(a, guards, out)?;
                clauses(b, guards, out)?;
            }
            ("_||_", _) => return implied(syntax, guards, out),
            ("_?_:_", [condition, yes, no]) if !mentions(condition) => {
                clauses(yes, &with(&[(condition, true)]), out)?;
                clauses(no, &with(&[(condition, false)]), out)?;
            }
            ("!_", [of]) => out.push(negated(syntax, of, guards)?),
            (name, [a, b]) if relation(name).is_some() => {
                out.push(compared(syntax, name, (a, b), guards)?);
            }
            _ => out.push(bare(syntax, guards)?),
        },
        // `condition ? … : true`
        SyntaxKind::Literal(Value::Bool(true), _) if !guards.is_empty() => {}
        _ => out.push(bare(syntax, guards)?),
    }
    Ok(())
}

/// `a || b || response.body.x == y`: the last says something where the others
/// are false.
fn implied<'s>(
    syntax: &'s Syntax,
    guards: &Guards<'s>,
    out: &mut Vec<Part<'s>>,
) -> Result<(), Problem> {
    let mut sides = Vec::new();
    flatten(syntax, &mut sides);
    let (about, conditions): (Vec<&Syntax>, Vec<&Syntax>) =
        sides.into_iter().partition(|side| mentions(side));
    let [about] = about.as_slice() else {
        return Err(problem(
            syntax,
            "a test can't tell which side of `||` the answer was meant to keep",
            "several alternatives for the answer",
        ));
    };
    let conditions = conditions.into_iter().map(|side| match &side.kind {
        SyntaxKind::Call { name, args, .. } if name == "!_" => match args.as_slice() {
            [of] => (of, true),
            _ => (side, false),
        },
        _ => (side, false),
    });
    let all: Vec<(&Syntax, bool)> = guards.iter().copied().chain(conditions).collect();
    clauses(about, &all, out)
}

fn flatten<'s>(syntax: &'s Syntax, out: &mut Vec<&'s Syntax>) {
    match &syntax.kind {
        SyntaxKind::Call { name, args, .. } if name == "_||_" => {
            args.iter().for_each(|side| flatten(side, out));
        }
        _ => out.push(syntax),
    }
}

/// `!has(response.body.x)`, `!response.body.flag`
fn negated<'s>(
    syntax: &'s Syntax,
    of: &'s Syntax,
    guards: &Guards<'s>,
) -> Result<Part<'s>, Problem> {
    match &of.kind {
        SyntaxKind::Has(of) => Ok(Part {
            relation: Relation::Has,
            ..part(syntax, place(of)?, Expected::Constant(false), guards)
        }),
        _ => Ok(part(syntax, place(of)?, Expected::Constant(false), guards)),
    }
}

/// `response.body.flag`
fn bare<'s>(syntax: &'s Syntax, guards: &Guards<'s>) -> Result<Part<'s>, Problem> {
    if !mentions(syntax) {
        return Err(problem(
            syntax,
            "this says nothing of the answer",
            "without `response`",
        ));
    }
    Ok(part(
        syntax,
        place(syntax)?,
        Expected::Constant(true),
        guards,
    ))
}

/// A place on one side, an expression without the answer on the other.
fn compared<'s>(
    syntax: &'s Syntax,
    name: &str,
    (a, b): (&'s Syntax, &'s Syntax),
    guards: &Guards<'s>,
) -> Result<Part<'s>, Problem> {
    let relation = relation(name).unwrap_or(Relation::Eq);
    let (own, value, relation) = match (mentions(a), mentions(b)) {
        (true, true) => {
            return Err(problem(
                syntax,
                "a test knows what to expect before it sees the answer",
                "the answer on both sides",
            ));
        }
        (false, false) => {
            return Err(problem(
                syntax,
                "this says nothing of the answer",
                "without `response`",
            ));
        }
        (true, false) => (a, b, relation),
        (false, true) => (b, a, mirrored(relation)),
    };
    let expected = Expected::Value(value);
    match (&own.kind, relation) {
        (SyntaxKind::Has(of), Relation::Eq) => Ok(Part {
            relation: Relation::Has,
            ..part(syntax, place(of)?, expected, guards)
        }),
        _ => Ok(Part {
            relation,
            ..part(syntax, place(own)?, expected, guards)
        }),
    }
}

fn part<'s>(
    syntax: &Syntax,
    (path, place): (Vec<String>, Range<usize>),
    expected: Expected<'s>,
    guards: &Guards<'s>,
) -> Part<'s> {
    Part {
        path,
        place,
        span: syntax.span.clone(),
        relation: Relation::Eq,
        expected,
        guards: guards.to_vec(),
    }
}

/// The place in the answer's body that a path leads to.
fn place(syntax: &Syntax) -> Result<(Vec<String>, Range<usize>), Problem> {
    match body_path(syntax) {
        Some(path) => Ok((path, syntax.span.clone())),
        None => Err(problem(
            syntax,
            "a test compares one place of the answer's body as it stands",
            "no place below `response.body`",
        )),
    }
}

fn relation(name: &str) -> Option<Relation> {
    Some(match name {
        "_==_" => Relation::Eq,
        "_!=_" => Relation::Ne,
        "_<_" => Relation::Lt,
        "_<=_" => Relation::Le,
        "_>_" => Relation::Gt,
        "_>=_" => Relation::Ge,
        _ => return None,
    })
}

fn mirrored(relation: Relation) -> Relation {
    match relation {
        Relation::Lt => Relation::Gt,
        Relation::Le => Relation::Ge,
        Relation::Gt => Relation::Lt,
        Relation::Ge => Relation::Le,
        Relation::Eq | Relation::Ne | Relation::Has => relation,
    }
}

/// Whether the answer is read anywhere in it.
fn mentions(syntax: &Syntax) -> bool {
    match &syntax.kind {
        SyntaxKind::Name(name) => name == "response",
        SyntaxKind::Literal(..) => false,
        SyntaxKind::Select(base, _) | SyntaxKind::Every(base) | SyntaxKind::Has(base) => {
            mentions(base)
        }
        SyntaxKind::Call { target, args, .. } => {
            target.iter().any(|target| mentions(target)) || args.iter().any(mentions)
        }
        SyntaxKind::List(items) => items.iter().any(mentions),
        SyntaxKind::Map(entries) => {
            let mut entries = entries.iter();
            entries.any(|(key, value)| mentions(key) || mentions(value))
        }
    }
}

fn problem(syntax: &Syntax, message: &str, label: &'static str) -> Problem {
    Problem {
        span: syntax.span.clone(),
        message: message.to_owned(),
        label,
        help: FORMS,
    }
}
