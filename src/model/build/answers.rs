//! Checks on answers, as a list that every target can write.

use super::Builder;
use crate::expr::{Syntax, SyntaxKind};
use crate::model::{Answer, AnswerPlace, Check, CheckOperator};
use crate::rulefile::Expression;
use crate::source::{Code, Diagnostic};
use crate::value::{Value, to_i64};

impl Builder<'_> {
    /// Compiles a check on `response` such as
    /// `response.status == 409 && response.body.error.code == 'busy'`.
    /// `rule` is what `rule.id` stands for.
    pub(super) fn answer(&mut self, text: &Expression, rule: Option<&str>) -> Option<Answer> {
        let syntax = self.syntax(text)?;
        let mut answer = Answer::default();
        match compile(&syntax, rule, &mut answer) {
            Ok(()) => {
                answer.statuses.sort_unstable();
                answer.checks.sort();
                Some(answer)
            }
            Err((span, message)) => {
                let finding = Diagnostic::error(Code::Unsupported, message)
                    .at(text.span_of(span), "can't be written as a check")
                    .help(
                        "compare a path with a constant: response.body.error.code == 'busy', \
                         response.status in [409, 422], has(response.body.id); join with &&",
                    );
                self.diagnostics.push(finding);
                None
            }
        }
    }

    /// A place in an answer that something is saved from.
    pub(super) fn answer_place(&mut self, text: &Expression) -> Option<AnswerPlace> {
        let syntax = self.syntax(text)?;
        let found = match path(&syntax) {
            Some(Target::Body(path)) => Some(AnswerPlace::Body(path)),
            Some(Target::Header(name)) => Some(AnswerPlace::Header(name)),
            Some(Target::Cookie(name)) => Some(AnswerPlace::Cookie(name)),
            Some(Target::Status) | None => None,
        };
        if found.is_none() {
            let message = "a place in the answer is needed here, such as response.body.id";
            let finding = Diagnostic::error(Code::WrongValue, message)
                .at(text.span(), "not such a place")
                .help(
                    "a path below `response.body`, `response.header['Location']`, \
                     `response.cookie.session`, or a JSON pointer into the body: `/data/id`",
                );
            self.diagnostics.push(finding);
        }
        found
    }

    /// The members of the answer's body that a path such as
    /// `response.body.id` leads through.
    pub(super) fn response_path(&mut self, text: &Expression) -> Option<Vec<String>> {
        let syntax = self.syntax(text)?;
        let found = match path(&syntax) {
            Some(Target::Body(path)) if !path.is_empty() => Some(path),
            _ => None,
        };
        if found.is_none() {
            let message = "a path in the answer is needed here, such as response.body.id";
            let finding =
                Diagnostic::error(Code::WrongValue, message).at(text.span(), "not such a path");
            self.diagnostics.push(finding);
        }
        found
    }
}

/// The members (or item numbers) below the answer's body that a path such as
/// `response.body.id` leads through.
pub(super) fn body_path(syntax: &Syntax) -> Option<Vec<String>> {
    match path(syntax)? {
        Target::Body(path) => Some(path),
        Target::Status | Target::Header(_) | Target::Cookie(_) => None,
    }
}

type Problem = (std::ops::Range<usize>, String);

/// What a path on the left of a check is.
enum Target {
    Status,
    Body(Vec<String>),
    Header(String),
    Cookie(String),
}

fn compile(syntax: &Syntax, rule: Option<&str>, out: &mut Answer) -> Result<(), Problem> {
    let bad = |message: &str| Err((syntax.span.clone(), message.to_owned()));
    match &syntax.kind {
        SyntaxKind::Has(inner) => match path(inner) {
            Some(Target::Body(path)) => {
                out.checks.push(Check {
                    path,
                    operator: CheckOperator::Has,
                    literal: String::new(),
                });
                Ok(())
            }
            _ => bad("has() needs a path in response.body"),
        },
        SyntaxKind::Call { name, args, .. } => match (name.as_str(), args.as_slice()) {
            ("_&&_", [a, b]) => {
                compile(a, rule, out)?;
                compile(b, rule, out)
            }
            ("_==_" | "_!=_" | "@in", [a, b]) => {
                let (Some(target), Some(value)) = (path(a), constant(b, rule)) else {
                    return bad("a check compares a path of the response with a constant");
                };
                compare(name, target, value, out).ok_or_else(|| {
                    (
                        syntax.span.clone(),
                        "this comparison isn't supported".into(),
                    )
                })
            }
            _ => bad("only &&, ==, !=, in and has() can be checked on answers"),
        },
        _ => bad("a check on the response is needed here"),
    }
}

fn compare(name: &str, target: Target, value: Value, out: &mut Answer) -> Option<()> {
    match (name, target, value) {
        ("_==_", Target::Status, Value::Number(number)) => {
            out.statuses.push(u16::try_from(to_i64(&number)?).ok()?);
        }
        ("@in", Target::Status, Value::List(items)) => {
            for item in &items {
                let status = item.as_number().and_then(to_i64)?;
                out.statuses.push(u16::try_from(status).ok()?);
            }
        }
        ("_==_", Target::Body(path), value) => out.checks.push(Check {
            path,
            operator: CheckOperator::Eq,
            literal: value.to_string(),
        }),
        ("_!=_", Target::Body(path), value) => out.checks.push(Check {
            path,
            operator: CheckOperator::Ne,
            literal: value.to_string(),
        }),
        _ => return None,
    }
    Some(())
}

fn path(syntax: &Syntax) -> Option<Target> {
    let mut keys = Vec::new();
    let mut at = syntax;
    loop {
        match &at.kind {
            SyntaxKind::Select(base, member) => {
                keys.push(member.clone());
                at = base;
            }
            SyntaxKind::Call { name, args, .. } if name == "_[_]" => {
                let [base, index] = args.as_slice() else {
                    return None;
                };
                match &index.kind {
                    SyntaxKind::Literal(Value::String(key), _) => keys.push(key.to_string()),
                    SyntaxKind::Literal(number @ Value::Number(_), _) => {
                        keys.push(number.to_string());
                    }
                    _ => return None,
                }
                at = base;
            }
            SyntaxKind::Name(name) if name == "response" => break,
            _ => return None,
        }
    }
    keys.reverse();
    let (first, rest) = keys.split_first()?;
    match first.as_str() {
        "status" if rest.is_empty() => Some(Target::Status),
        "body" => Some(Target::Body(rest.to_vec())),
        "header" => rest
            .first()
            .cloned()
            .filter(|_| rest.len() == 1)
            .map(Target::Header),
        "cookie" => rest
            .first()
            .cloned()
            .filter(|_| rest.len() == 1)
            .map(Target::Cookie),
        _ => None,
    }
}

fn constant(syntax: &Syntax, rule: Option<&str>) -> Option<Value> {
    match &syntax.kind {
        SyntaxKind::Literal(value, _) => Some(value.clone()),
        SyntaxKind::List(items) => {
            let items = items.iter().map(|item| constant(item, rule));
            Some(Value::List(items.collect::<Option<_>>()?))
        }
        SyntaxKind::Select(base, member) => match (&base.kind, member.as_str()) {
            (SyntaxKind::Name(name), "id") if name == "rule" => rule.map(Value::string),
            _ => None,
        },
        _ => None,
    }
}
