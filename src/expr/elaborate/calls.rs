//! Functions, methods and folds.

use cel::common::ast::operators;

use super::folds::fold_named;
use super::{Elaborated, Elaborator, Env};
use crate::expr::{
    Convert, Demand, ExprId, ListOp, Node, Op, Rounding, Syntax, SyntaxKind, TextOp, TimePart, Type,
};
use crate::source::{Code, Diagnostic, Span};
use crate::value::Value;
use crate::value::time::{parse_date, parse_duration, parse_time};

/// The functions that are read apart from the library.
const FUNCTIONS: [&str; 27] = [
    "days",
    "old",
    "type",
    "dyn",
    "has",
    "size",
    "sum",
    "min",
    "max",
    "double",
    "round",
    "floor",
    "ceil",
    "timestamp",
    "duration",
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "map",
    "filter",
    "transformList",
    "orValue",
    "hasValue",
    "value",
    "optMap",
    "or",
];

/// Functions of CEL and of Kubernetes that rules don't have, each with what to
/// write instead.
pub(super) const OTHER_FUNCTIONS: [(&str, &str); 20] = [
    ("uint", "integers have no bounds here: write `int(x)`"),
    ("bytes", "there are no bytes in JSON: compare texts"),
    (
        "find",
        "write `x.matches('…')`, or cut parts out with `substring` and `indexOf`",
    ),
    (
        "findAll",
        "write `x.matches('…')`, or `x.split(',')` for the parts of a text",
    ),
    (
        "format",
        "join texts with `+`, and numbers with `string(x)`",
    ),
    ("quote", "compare texts as they are"),
    (
        "reverse",
        "write `x.endsWith('…')` for what a text ends with",
    ),
    ("sort", "`list.isSorted()` says whether a list is sorted"),
    (
        "sortBy",
        "`list.map(x, x.…).isSorted()` says whether a list is sorted",
    ),
    ("isURL", FORMATS),
    ("url", FORMATS),
    ("isIP", FORMATS),
    ("ip", FORMATS),
    ("isCIDR", FORMATS),
    ("cidr", FORMATS),
    ("isQuantity", QUANTITIES),
    ("quantity", QUANTITIES),
    ("isSemver", QUANTITIES),
    ("semver", QUANTITIES),
    ("bind", "give the expression a name under `defs:`"),
];

const FORMATS: &str = "say it with `format` or `pattern` in the schema, or write `x.matches('…')`";
const QUANTITIES: &str = "write `x.matches('…')`, and `decimal(x.split('…')[0])` for its number";

/// All functions that there are, for suggestions.
pub(super) fn functions() -> Vec<&'static str> {
    let library = TextOp::ALL.iter().map(|op| op.name());
    let library = library.chain(ListOp::ALL.iter().map(|op| op.name()));
    let library = library.chain(Convert::ALL.iter().map(|op| op.name()));
    let library = library.chain(TimePart::ALL.iter().map(|op| op.name()));
    // Those are written otherwise.
    let library = library.filter(|name| !["+", "keys", "indexes"].contains(name));
    FUNCTIONS.into_iter().chain(library).collect()
}

/// Whether a function of CEL has that name, so that nothing else may.
pub fn is_function(name: &str) -> bool {
    functions().contains(&name) || ["uint", "bytes"].contains(&name)
}

impl<'a> Elaborator<'_, 'a> {
    pub(super) fn call(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        target: Option<&'a Syntax>,
        args: &'a [Syntax],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        if let (operators::INDEX, [base, index]) = (name, args) {
            return self.index(syntax, base, index, env);
        }
        if let Some(done) = self.operator(syntax, name, args, env) {
            return done;
        }
        if let (Some(fold), Some(list)) = (fold_named(name), target) {
            return self.comprehension(syntax, fold, list, args, env);
        }
        if let Some(SyntaxKind::Name(library)) = target.map(|target| &target.kind)
            && self.misused_library(syntax, (library, name), env)
        {
            return None;
        }
        // `list.sum()` and `sum(list)` are the same.
        let all: Vec<&'a Syntax> = target.into_iter().chain(args).collect();
        if let Some(done) = self.library(syntax, name, &all, env) {
            return done;
        }
        match (name, all.as_slice()) {
            // Types come from the schema: there is nothing to forget.
            ("dyn", [of]) => self.expr(of, env),
            ("type", [of]) => self.kind(syntax, of, env),
            ("size", [of]) => self.size(syntax, of, env),
            ("sum", [list]) => self.sum(syntax, list, env),
            ("round", [number]) => self.round(syntax, number, None, None, env),
            ("round", [number, digits]) => self.round(syntax, number, Some(digits), None, env),
            ("round", [number, digits, mode]) => {
                self.round(syntax, number, Some(digits), Some(mode), env)
            }
            ("floor", [number]) => self.whole(syntax, Op::Floor, number, env),
            ("ceil", [number]) => self.whole(syntax, Op::Ceil, number, env),
            ("timestamp", [text]) => self.timestamp(syntax, text, env),
            ("duration", [text]) => self.duration(syntax, text, env),
            ("old", [of]) => self.old(syntax, of, env),
            ("days", [from, to]) => self.days(syntax, from, to, env),
            _ if FUNCTIONS.contains(&name) => {
                self.misused(syntax, name, &all, env);
                None
            }
            _ if target.is_some() => {
                self.unknown_function(syntax, name, &all, env);
                None
            }
            _ => self.call_macro(syntax, name, args, env),
        }
    }

    /// An operator with one operand and a result of the type `ty`.
    fn unary(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        operand: Elaborated,
        ty: Type,
        env: &Env<'a>,
    ) -> Elaborated {
        Elaborated {
            expr: self.arena.call(op, &[operand.expr], ty),
            spans: env.tree(syntax, vec![operand.spans]),
        }
    }

    /// Whether an expression is a field as it stands in the request or state.
    pub(super) fn is_read(&self, id: ExprId) -> bool {
        matches!(self.arena.node(id), Node::Get(..) | Node::Item { .. })
    }

    pub(super) fn wrong_type(&mut self, what: &str, found: &Type, span: Span) {
        let message = format!("{what} is needed, this is of type {found}");
        self.error(Code::TypeMismatch, message, span, "wrong type");
    }

    /// `type(x)`
    fn kind(&mut self, syntax: &'a Syntax, of: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let of_what = self.expr(of, env)?;
        let ty = self.arena.ty(of_what.expr).clone();
        if !ty.is_json() {
            self.wrong_type("a value of JSON", &ty, env.span(of));
            return None;
        }
        Some(self.unary(syntax, Op::TypeOf, of_what, Type::Kind, env))
    }

    fn size(&mut self, syntax: &'a Syntax, of: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let of_what = self.expr(of, env)?;
        let ty = self.arena.ty(of_what.expr).clone();
        let has_size = matches!(
            ty,
            Type::String(_) | Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Any
        );
        if !has_size {
            self.wrong_type("a string, a list or an object", &ty, env.span(of));
            return None;
        }
        Some(self.unary(syntax, Op::Size, of_what, Type::Int, env))
    }

    fn sum(&mut self, syntax: &'a Syntax, list: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let numbers = self.expr(list, env)?;
        let ty = self.arena.ty(numbers.expr).clone();
        match &ty {
            Type::List(item) if item.is_number() => {
                let item = (**item).clone();
                Some(self.unary(syntax, Op::Sum, numbers, item, env))
            }
            other => {
                let message = format!("a list of numbers is needed, this is of type {other}");
                let objects =
                    matches!(other, Type::List(item) if matches!(**item, Type::Object(_)));
                let path = list.operand().filter(|_| objects);
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(env.span(list), "wrong type")
                    .maybe_help(path.map(|path| {
                        format!("say of what: `sum({path}.map(x, x.…))` or `sum({path}[*].…)`")
                    }));
                self.diagnostics.push(finding);
                None
            }
        }
    }

    pub(super) fn number(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let number = self.expr(syntax, env)?;
        let ty = self.arena.ty(number.expr).clone();
        if ty.is_number() {
            return Some(number);
        }
        if ty == Type::Any {
            return Some(self.demanded(number, Demand::Number));
        }
        self.wrong_type("a number", &ty, env.span(syntax));
        None
    }

    fn whole(
        &mut self,
        syntax: &'a Syntax,
        op: Op,
        number: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let number = self.number(number, env)?;
        Some(self.unary(syntax, op, number, Type::Int, env))
    }

    fn round(
        &mut self,
        syntax: &'a Syntax,
        number: &'a Syntax,
        digits: Option<&'a Syntax>,
        mode: Option<&'a Syntax>,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let number = self.number(number, env)?;
        let digits = match digits {
            Some(digits) => self.expr(digits, env)?,
            None => Elaborated {
                expr: self.arena.constant(Value::int(0), Type::Int),
                spans: env.tree(syntax, Vec::new()),
            },
        };
        let places = self.arena.as_const(digits.expr).and_then(Value::as_number);
        let in_range = places
            .and_then(crate::value::to_i64)
            .is_some_and(|n| (0..=18).contains(&n));
        if !in_range {
            let message = "the digits of round() must be a constant from 0 to 18".to_owned();
            self.error(
                Code::Unsupported,
                message,
                digits.spans.span,
                "not such a constant",
            );
            return None;
        }
        let rounding = match mode.map(|mode| (&mode.kind, mode)) {
            None => Some(Rounding::HalfAway),
            Some((SyntaxKind::Name(name), _)) => rounding_named(name),
            Some((SyntaxKind::Literal(Value::String(name), _), _)) => rounding_named(name),
            Some(_) => None,
        };
        let Some(rounding) = rounding else {
            let message = "the mode of round() is half_away, half_even, up or down".to_owned();
            self.error(
                Code::TypeMismatch,
                message,
                env.span(syntax),
                "unknown mode",
            );
            return None;
        };
        let op = Op::Round(rounding);
        let ty = Type::Decimal;
        Some(Elaborated {
            expr: self.arena.call(op, &[number.expr, digits.expr], ty),
            spans: env.tree(syntax, vec![number.spans, digits.spans]),
        })
    }

    fn timestamp(
        &mut self,
        syntax: &'a Syntax,
        text: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let text_read = self.expr(text, env)?;
        let ty = self.arena.ty(text_read.expr).clone();
        if let Some(Value::String(written)) = self.arena.as_const(text_read.expr).cloned() {
            let Some(moment) = parse_time(&written).or_else(|| parse_date(&written)) else {
                let message = format!("`{written}` is no date-time such as 2030-05-01T09:30:00Z");
                self.error(Code::WrongValue, message, env.span(text), "not a moment");
                return None;
            };
            return Some(Elaborated {
                expr: self.arena.constant(Value::Time(moment), Type::Time),
                spans: env.tree(syntax, Vec::new()),
            });
        }
        match ty {
            Type::Time => Some(text_read),
            Type::String(view) if view != crate::expr::TextView::Plain => {
                Some(self.unary(syntax, Op::Timestamp, text_read, Type::Time, env))
            }
            Type::String(_) if !self.is_read(text_read.expr) => {
                Some(self.unary(syntax, Op::Timestamp, text_read, Type::Time, env))
            }
            Type::String(_) => {
                let message = "the schema doesn't say that this text is a date".to_owned();
                let diagnostic = Diagnostic::error(Code::TypeMismatch, message)
                    .at(env.span(text), "plain text")
                    .help("`fields:` can say so: `fields: {body.…: {format: date-time}}`");
                self.diagnostics.push(diagnostic);
                None
            }
            other => {
                self.wrong_type("a date or date-time string", &other, env.span(text));
                None
            }
        }
    }

    /// `days(a, b)`: the whole days from `a` to `b`, negative where `b` is
    /// earlier.
    fn days(
        &mut self,
        syntax: &'a Syntax,
        from: &'a Syntax,
        to: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let (from, to) = (self.expr(from, env), self.expr(to, env));
        let (from, to) = (self.as_time(from?)?, self.as_time(to?)?);
        let between = self
            .arena
            .call(Op::TimeDiff, &[to.expr, from.expr], Type::Duration);
        let hours = Op::TimePart(TimePart::Hours);
        let hours = self.arena.call(hours, &[between], Type::Int);
        let day = self.arena.constant(Value::int(24), Type::Int);
        let between = env.tree(syntax, vec![to.spans, from.spans]);
        let hours_spans = env.tree(syntax, vec![between]);
        let day_spans = env.tree(syntax, Vec::new());
        Some(Elaborated {
            expr: self.arena.call(Op::DivTruncated, &[hours, day], Type::Int),
            spans: env.tree(syntax, vec![hours_spans, day_spans]),
        })
    }

    fn duration(
        &mut self,
        syntax: &'a Syntax,
        text: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let read = self.expr(text, env)?;
        if *self.arena.ty(read.expr) == Type::Duration {
            return Some(read);
        }
        let written = self.arena.as_const(read.expr).and_then(Value::as_str);
        let Some(written) = written.map(str::to_owned) else {
            let message = "duration() needs a constant text for now".to_owned();
            self.error(Code::Unsupported, message, env.span(text), "not a constant");
            return None;
        };
        let Some(nanos) = parse_duration(&written) else {
            let message = format!("`{written}` is no duration such as 72h, 1h30m or 3d");
            self.error(Code::WrongValue, message, env.span(text), "not a duration");
            return None;
        };
        Some(Elaborated {
            expr: self.arena.constant(Value::Duration(nanos), Type::Duration),
            spans: env.tree(syntax, Vec::new()),
        })
    }
}

fn rounding_named(name: &str) -> Option<Rounding> {
    Rounding::ALL.into_iter().find(|mode| mode.name() == name)
}
