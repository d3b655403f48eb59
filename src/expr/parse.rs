//! CEL text to a small syntax tree with spans.
//!
//! The crate `cel` parses; its identifiers of operators are mapped here, and
//! its token positions become the hull of what each expression covers. The
//! path form `[*]`, which CEL lacks, is rewritten to a member of the same
//! length before parsing, so that positions stay true.

use std::ops::Range;

use cel::common::ast::{EntryExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use num_bigint::BigInt;
use num_traits::Signed;

use super::extensions::expanded;
use super::extent::extent;
use super::habits::{cut_short, habit, pitfall, stumble};
use crate::value::{Number, Value, parse_number};

/// An expression as written.
#[derive(Clone, Debug)]
pub struct Syntax {
    /// What it is.
    pub kind: SyntaxKind,
    /// The bytes of the text that it covers.
    pub span: Range<usize>,
}

/// The kinds of syntax.
#[derive(Clone, Debug)]
pub enum SyntaxKind {
    /// A literal; the flag tells whether a number was written with a point.
    Literal(Value, bool),
    /// A name.
    Name(String),
    /// `base.member`
    Select(Box<Syntax>, String),
    /// `base[*]`: all items.
    Every(Box<Syntax>),
    /// `has(base.member)`
    Has(Box<Syntax>),
    /// A function, method (`target` first) or operator by CEL's name.
    Call {
        /// CEL's name of the function or operator.
        name: String,
        /// What a method is called on.
        target: Option<Box<Syntax>>,
        /// The arguments.
        args: Vec<Syntax>,
    },
    /// `[a, b]`
    List(Vec<Syntax>),
    /// `{'a': 1}`
    Map(Vec<(Syntax, Syntax)>),
}

/// What is wrong with a text, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// The bytes concerned.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, as far as that is known.
    pub help: Vec<String>,
    /// An edit that mends it.
    pub fix: Option<Correction>,
}

/// A text in place of a part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The bytes that it replaces.
    pub span: Range<usize>,
    /// What stands there afterwards.
    pub text: String,
    /// Whether that is sure to be what was meant.
    pub is_certain: bool,
}

impl SyntaxError {
    pub(super) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            help: Vec::new(),
            fix: None,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    pub(super) fn fix(mut self, fix: Correction) -> Self {
        self.fix = Some(fix);
        self
    }
}

/// The member name that stands for `[*]` while parsing: as long as `[*]`.
const EVERY: &str = "zZ";

/// Parses CEL text. The error is the first that the parser finds: what it says
/// behind it follows from that.
pub fn parse(text: &str) -> Result<Syntax, SyntaxError> {
    if let Some(found) = pitfall(text) {
        return Err(found);
    }
    let rewritten = rewrite_every(text)?;
    let program = cel::Env::default()
        .compile(&rewritten)
        .map_err(|errors| syntax_error(text, &errors))?;
    let info = program.source_info();
    Reader { text, info }.read(program.expression())
}

/// What a text that can be parsed says otherwise than it seems to.
pub fn misread(text: &str) -> Vec<SyntaxError> {
    super::habits::misread(text)
}

/// The first `${name}` of a text: its bytes, the name, and what a value of that
/// name may be called where it is one of the environment.
pub fn placeholder_in(text: &str) -> Option<(Range<usize>, &str, Option<String>)> {
    let (place, name) = super::habits::placeholder_in(text)?;
    Some((place, name, super::habits::variable(name)))
}

/// The first comment of a text, where conditions stand in it.
pub fn comment_before_conditions(text: &str) -> Option<Range<usize>> {
    super::habits::comment_before_conditions(text)
}

/// Whether a text can be parsed.
pub(super) fn compiles(text: &str) -> bool {
    rewrite_every(text).is_ok_and(|text| cel::Env::default().compile(&text).is_ok())
}

/// Replaces `[*]` outside of string literals by `.zZ`.
fn rewrite_every(text: &str) -> Result<String, SyntaxError> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let at = text.len() - rest.len();
        if let Some(after) = rest.strip_prefix("[*]") {
            out.push('.');
            out.push_str(EVERY);
            rest = after;
            continue;
        }
        if rest.starts_with(".zZ") {
            let message = "the member name `zZ` is reserved";
            return Err(SyntaxError::new(at..at + 3, message));
        }
        let width = match next {
            '\'' | '"' => literal_length(rest, &out),
            _ => next.len_utf8(),
        };
        let (taken, left) = rest.split_at(width);
        out.push_str(taken);
        rest = left;
    }
    Ok(out)
}

/// Whether a string literal that begins behind `before` is raw: `r'..'`.
fn is_raw(before: &str) -> bool {
    let word = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
    let prefix: String = before.chars().rev().take_while(word).collect();
    matches!(&*prefix.to_ascii_lowercase(), "r" | "rb" | "br")
}

/// The length in bytes of the string literal that `text` begins with, in one or
/// three quotes; all of the text where it isn't closed. `before` is the text
/// before it, where an `r` makes it a raw one.
pub fn literal_length(text: &str, before: &str) -> usize {
    let is_raw = is_raw(before);
    let one = text.get(..1).unwrap_or(text);
    let three = text.get(..3).filter(|open| **open == one.repeat(3));
    let quote = three.unwrap_or(one);
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(quote.len()) {
        if escaped {
            escaped = false;
        } else if c == '\\' && !is_raw {
            escaped = true;
        } else if text.get(at..).is_some_and(|rest| rest.starts_with(quote)) {
            return at + quote.len();
        }
    }
    text.len()
}

fn syntax_error(text: &str, errors: &cel::ParseErrors) -> SyntaxError {
    if let Some(found) = cut_short(text).or_else(|| habit(text)) {
        return found;
    }
    let mut places = errors
        .errors
        .iter()
        .map(|error| (offset_of(text, error.pos), error));
    let first = places.next();
    let first = places.fold(first, |first, next| match first {
        Some(first) if first.0 <= next.0 => Some(first),
        _ => Some(next),
    });
    let (at, message) = first.map_or((text.len(), ""), |(at, error)| (at, error.msg.as_str()));
    let jargon = ["Syntax error: ", "Incomplete ", "No `"];
    match jargon.iter().any(|word| message.starts_with(word)) {
        true => stumble(text, at),
        false => refused(text, at, message),
    }
}

/// What the parser understands and refuses.
fn refused(text: &str, at: usize, message: &str) -> SyntaxError {
    let end = text.get(at..).map_or(at, |rest| {
        at + rest.chars().next().map_or(0, char::len_utf8)
    });
    let found = |message: String| SyntaxError::new(at..end, message);
    if let Some(word) = message.strip_prefix("reserved identifier: ") {
        return found(format!("CEL reserves the word `{word}`"));
    }
    if message.contains("must be a simple name") {
        return found("a name for the item comes first here".to_owned())
            .help("write `list.all(x, …)`, `list.exists(x, …)` and the like");
    }
    if message.contains("has() macro") {
        return found("has() takes the path of a field".to_owned()).help("write `has(body.note)`");
    }
    found(message.trim().to_owned())
}

/// The byte offset of a (line, column) that counts from 1.
fn offset_of(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line - 1).unwrap_or(0);
    let column = usize::try_from(column - 1).unwrap_or(0);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let in_line = text.get(start..).unwrap_or("");
    let within = in_line.char_indices().nth(column).map(|(at, _)| at);
    start + within.unwrap_or(in_line.len())
}

struct Reader<'a> {
    text: &'a str,
    info: &'a SourceInfo,
}

impl Reader<'_> {
    /// The token that the parser noted for `id`, in bytes.
    fn token(&self, id: u64) -> Option<Range<usize>> {
        let (start, stop) = self.info.offset_for(id)?;
        // The parser counts bytes; its stop is the token's last one.
        let token = start as usize..(stop as usize).saturating_add(1);
        self.text.get(token.clone()).map(|_| token)
    }

    fn read(&self, expr: &IdedExpr) -> Result<Syntax, SyntaxError> {
        let token = self.token(expr.id);
        let at = token.clone().unwrap_or(0..self.text.len());
        let kind = match &expr.expr {
            Expr::Ident(name) => SyntaxKind::Name(name.clone()),
            Expr::Literal(literal) => self.literal(literal, &at)?,
            Expr::Select(select) => {
                let base = Box::new(self.read(&select.operand)?);
                match select.field.as_str() {
                    EVERY => SyntaxKind::Every(base),
                    field if select.test => {
                        let span = base.span.clone();
                        let kind = SyntaxKind::Select(base, field.to_owned());
                        SyntaxKind::Has(Box::new(Syntax { kind, span }))
                    }
                    field => SyntaxKind::Select(base, field.to_owned()),
                }
            }
            Expr::List(list) => SyntaxKind::List(self.all(&list.elements)?),
            Expr::Map(map) => {
                let mut entries = Vec::new();
                for entry in &map.entries {
                    let EntryExpr::MapEntry(entry) = &entry.expr else {
                        return Err(unsupported(at, "a message literal"));
                    };
                    entries.push((self.read(&entry.key)?, self.read(&entry.value)?));
                }
                SyntaxKind::Map(entries)
            }
            Expr::Call(call) if call.func_name == operators::HAS && call.args.len() == 1 => {
                let inner = self.all(&call.args)?.into_iter().next();
                SyntaxKind::Has(Box::new(
                    inner.ok_or_else(|| unsupported(at.clone(), "has()"))?,
                ))
            }
            Expr::Call(call) => SyntaxKind::Call {
                name: call.func_name.clone(),
                target: match &call.target {
                    Some(target) => Some(Box::new(self.read(target)?)),
                    None => None,
                },
                args: self.all(&call.args)?,
            },
            Expr::Struct(_) => return Err(unsupported(at, "a message literal")),
            Expr::Comprehension(_) | Expr::Unspecified => {
                return Err(unsupported(at, "this expression"));
            }
        };
        let span = extent(self.text, token, &kind);
        let kind = expanded(kind, &span);
        Ok(Syntax { kind, span })
    }

    fn all(&self, exprs: &[IdedExpr]) -> Result<Vec<Syntax>, SyntaxError> {
        exprs.iter().map(|expr| self.read(expr)).collect()
    }

    fn literal(
        &self,
        literal: &LiteralValue,
        at: &Range<usize>,
    ) -> Result<SyntaxKind, SyntaxError> {
        let number =
            |value: Number, decimal| Ok(SyntaxKind::Literal(Value::Number(value), decimal));
        match literal {
            LiteralValue::Boolean(value) => {
                Ok(SyntaxKind::Literal(Value::Bool(*value.inner()), false))
            }
            LiteralValue::Int(value) => {
                number(Number::from_integer(BigInt::from(*value.inner())), false)
            }
            LiteralValue::UInt(value) => {
                number(Number::from_integer(BigInt::from(*value.inner())), false)
            }
            LiteralValue::Double(value) => {
                // The text is exact; the parser's double is not. A sign is no
                // part of the token.
                let value = *value.inner();
                let written = self.text.get(at.clone()).and_then(parse_number);
                let read = match written {
                    Some(written) if value.is_sign_negative() => Some(-written.abs()),
                    Some(written) => Some(written),
                    None => parse_number(&value.to_string()),
                };
                match read {
                    Some(value) => number(value, true),
                    None => Err(unsupported(at.clone(), "this number")),
                }
            }
            LiteralValue::String(value) => {
                Ok(SyntaxKind::Literal(Value::string(value.inner()), false))
            }
            LiteralValue::Null => Ok(SyntaxKind::Literal(Value::Null, false)),
            LiteralValue::Bytes(_) => Err(unsupported(at.clone(), "a bytes literal")),
        }
    }
}

fn unsupported(span: Range<usize>, what: &str) -> SyntaxError {
    SyntaxError::new(span, format!("{what} isn't supported"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<String> {
        fn walk(text: &str, syntax: &Syntax, out: &mut Vec<String>) {
            out.push(text[syntax.span.clone()].to_owned());
            match &syntax.kind {
                SyntaxKind::Select(base, _) | SyntaxKind::Every(base) | SyntaxKind::Has(base) => {
                    walk(text, base, out);
                }
                SyntaxKind::Call { target, args, .. } => {
                    for part in target.iter().map(AsRef::as_ref).chain(args) {
                        walk(text, part, out);
                    }
                }
                SyntaxKind::List(items) => items.iter().for_each(|item| walk(text, item, out)),
                _ => {}
            }
        }
        let mut out = Vec::new();
        walk(text, &parse(text).unwrap(), &mut out);
        out
    }

    #[test]
    fn every_is_rewritten_outside_of_literals() {
        for (text, rewritten) in [
            ("a[*].b", "a.zZ.b"),
            ("'[*]' == a[*]", "'[*]' == a.zZ"),
            (r#""\"[*]" + b[*]"#, r#""\"[*]" + b.zZ"#),
            (r"r'\' + b[*]", r"r'\' + b.zZ"),
            (r#"'''it's [*]''' + b[*]"#, r#"'''it's [*]''' + b.zZ"#),
            ("'' + b[*]", "'' + b.zZ"),
            ("'open [*]", "'open [*]"),
        ] {
            assert_eq!(rewrite_every(text).unwrap(), rewritten, "{text}");
        }
    }

    #[test]
    fn spans_cover_what_was_written() {
        assert_eq!(
            spans("body.a + 10 <= cap[body.tier]"),
            [
                "body.a + 10 <= cap[body.tier]",
                "body.a + 10",
                "body.a",
                "body",
                "10",
                "cap[body.tier]",
                "cap",
                "body.tier",
                "body"
            ]
        );
        assert_eq!(spans("has(body.x.y)")[0], "has(body.x.y)");
        // CEL's names are ASCII; its texts are not.
        assert_eq!(spans("a == 'ä€' && sum(body.a[*].b) > 0")[6], "body.a[*].b");
        assert_eq!(spans("a in ['é', 'b']")[2], "['é', 'b']");
    }

    #[test]
    fn spans_have_the_brackets_that_belong_to_them() {
        for (text, parts) in [
            ("!(a) && b", &["!(a) && b", "!(a)", "a", "b"][..]),
            ("!( (a || b) )", &["!( (a || b) )", "a || b", "a", "b"]),
            (
                "(a + 1) * (b - -2)",
                &["(a + 1) * (b - -2)", "a + 1", "a", "1", "b - -2", "b", "-2"],
            ),
            ("size((a)) > 0", &["size((a)) > 0", "size((a))", "a", "0"]),
            ("(a).size()", &["(a).size()", "a"]),
            ("a[?0] == b", &["a[?0] == b", "a[?0]", "a", "0", "b"]),
            (
                "(a ? b : c).d",
                &["(a ? b : c).d", "a ? b : c", "a", "b", "c"],
            ),
            (
                "[(a), b][(0)]",
                &["[(a), b][(0)]", "[(a), b]", "a", "b", "0"],
            ),
            (
                "a.all(x, (x) > (')' == b)) && has(a.b)",
                &[
                    "a.all(x, (x) > (')' == b)) && has(a.b)",
                    "a.all(x, (x) > (')' == b))",
                    "a",
                    "x",
                    "(x) > (')' == b)",
                    "x",
                    "')' == b",
                    "')'",
                    "b",
                    "has(a.b)",
                    "a.b",
                    "a",
                ],
            ),
        ] {
            assert_eq!(spans(text), parts, "{text}");
        }
    }

    #[test]
    fn decimals_are_read_from_the_text() {
        for (text, expected) in [("0.10", "0.1"), ("-0.10", "-0.1"), ("--1e3", "1000")] {
            let SyntaxKind::Literal(value, decimal) = parse(text).unwrap().kind else {
                panic!("no literal");
            };
            assert!(decimal);
            assert_eq!(value.to_string(), expected);
        }
    }

    #[test]
    fn errors_have_a_place() {
        let error = parse("a && ").unwrap_err();
        assert_eq!(error.message, "the expression ends too early");
        assert_eq!(parse("a = b").unwrap_err().span, 2..3);
        let error = parse("'ä€' ==\n 'ä€' = b").unwrap_err();
        assert_eq!(error.span, 20..21);
    }
}
