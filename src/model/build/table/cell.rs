//! The cells of a table: what each asks of its column's value.

use crate::expr::Type;
use crate::source::{Code, Diagnostic, Span};
use crate::tree::{Node, NodeKind};
use crate::value::{Value, parse_number};

/// What a cell asks (the unary tests of decision tables).
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Test {
    /// `-`: nothing.
    Any,
    /// Null: that there is no value.
    Absent,
    /// A literal, or a list of them: that the value is one of these.
    OneOf(Vec<Value>),
    /// `> 5`: a comparison.
    Compare(Comparison, Value),
    /// `1..10`, `(1..10]`: from one value to another.
    Range(End, End),
    /// A list that doesn't hold literals only: any of these.
    Either(Vec<Test>),
}

/// How a cell compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct End {
    /// The last value.
    pub(super) value: Value,
    /// Whether that is outside.
    pub(super) is_open: bool,
}

impl Comparison {
    /// How it is written; longer ones first.
    const WRITTEN: [(&'static str, Self); 5] = [
        ("!=", Self::Ne),
        ("<=", Self::Le),
        (">=", Self::Ge),
        ("<", Self::Lt),
        (">", Self::Gt),
    ];

    /// CEL's name of the operator.
    pub(super) fn operator(self) -> &'static str {
        match self {
            Self::Ne => "_!=_",
            Self::Lt => "_<_",
            Self::Le => "_<=_",
            Self::Gt => "_>_",
            Self::Ge => "_>=_",
        }
    }
}

type Fallible<T> = Result<T, Box<Diagnostic>>;

/// Reads a cell of a column whose values are of the type `ty`.
pub(super) fn read(node: &Node, ty: &Type) -> Fallible<Test> {
    let span = node.span;
    match &node.kind {
        NodeKind::Sequence(items) if items.is_empty() => {
            let message = "this list of alternatives is empty";
            Err(wrong(message, span, "`'-'` stands for anything"))
        }
        NodeKind::Sequence(items) => {
            let tests: Vec<Test> = items
                .iter()
                .map(|item| read(item, ty))
                .collect::<Result<_, _>>()?;
            Ok(either(tests))
        }
        NodeKind::Null if span.start == span.end => {
            let message = "this cell is empty";
            Err(wrong(
                message,
                span,
                "write `'-'` for anything, `null` for absent",
            ))
        }
        NodeKind::Null => Ok(Test::Absent),
        NodeKind::Bool(value) => Ok(Test::OneOf(vec![Value::Bool(*value)])),
        NodeKind::Number { value, .. } => Ok(Test::OneOf(vec![Value::Number(value.clone())])),
        NodeKind::String(text) => of_text(text.value.trim(), ty, span),
        NodeKind::Mapping(_) => {
            let message = "a cell can't be a mapping";
            let help = "write a literal, a list of alternatives, `'> 5'`, `1..10`, null or `'-'`";
            Err(wrong(message, span, help))
        }
    }
}

fn wrong(message: impl Into<String>, span: Span, help: impl Into<String>) -> Box<Diagnostic> {
    let finding = Diagnostic::error(Code::WrongValue, message).at(span, "");
    Box::new(finding.help(help))
}

fn either(tests: Vec<Test>) -> Test {
    let mut literals = Vec::new();
    for test in &tests {
        match test {
            Test::OneOf(values) => literals.extend(values.iter().cloned()),
            _ => return Test::Either(tests),
        }
    }
    Test::OneOf(literals)
}

fn of_text(text: &str, ty: &Type, span: Span) -> Fallible<Test> {
    if text == "-" {
        return Ok(Test::Any);
    }
    let literal = |text: &str| literal(text, ty, span);
    if let Some(found) = other_form(text, ty, span) {
        return Err(found);
    }
    let compares = Comparison::WRITTEN.into_iter();
    for (written, comparison) in compares {
        if let Some(rest) = text.strip_prefix(written) {
            return Ok(Test::Compare(comparison, literal(rest.trim())?));
        }
    }
    if let Some((low, high)) = text.split_once("..").filter(|_| has_ranges(ty)) {
        let low = low.trim();
        let high = high.trim();
        let (low, low_open) = match low.strip_prefix(['(', ']']) {
            Some(rest) => (rest, true),
            None => (low.strip_prefix('[').unwrap_or(low), false),
        };
        let (high, high_open) = match high.strip_suffix([')', '[']) {
            Some(rest) => (rest, true),
            None => (high.strip_suffix(']').unwrap_or(high), false),
        };
        let end = |text: &str, is_open| -> Fallible<End> {
            let value = literal(text.trim())?;
            Ok(End { value, is_open })
        };
        return Ok(Test::Range(end(low, low_open)?, end(high, high_open)?));
    }
    Ok(Test::OneOf(vec![literal(text)?]))
}

/// Whether values of a type have an order, so that `..` isn't a part of a text.
fn has_ranges(ty: &Type) -> bool {
    let dated = matches!(ty, Type::String(view) if *view != crate::expr::TextView::Plain);
    dated || ty.is_ordered()
}

/// A text as a literal of a column's type; in single quotes it is always a text.
fn literal(text: &str, ty: &Type, span: Span) -> Fallible<Value> {
    let quoted = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    if let Some(quoted) = quoted {
        return Ok(Value::string(quoted));
    }
    match ty {
        Type::Bool => match text {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(unfit(text, "true or false", "Booleans", span)),
        },
        Type::Int | Type::Decimal => match parse_number(text) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(unfit(text, "a number", "numbers", span)),
        },
        _ => Ok(Value::string(text)),
    }
}

/// What other notations say, in the forms that there are.
fn other_form(text: &str, ty: &Type, span: Span) -> Option<Box<Diagnostic>> {
    let is_number = |text: &str| parse_number(text).is_some();
    let say = |help: String| {
        let message = format!("`{text}` isn't a form that cells have");
        let finding = Diagnostic::error(Code::WrongValue, message).at(span, "");
        Some(Box::new(finding.help(help)))
    };
    if matches!(ty, Type::String(crate::expr::TextView::Plain) | Type::Any) {
        // Any text may be one of the field's.
        return None;
    }
    if text == "*" {
        return say("anything is written `'-'`".to_owned());
    }
    if let Some(value) = text.strip_prefix("==").or_else(|| text.strip_prefix('=')) {
        return say(format!(
            "equality is meant by the value alone: `{}`",
            value.trim()
        ));
    }
    if !matches!(ty, Type::Int | Type::Decimal) {
        return None;
    }
    if text.eq_ignore_ascii_case("any") {
        return say("anything is written `'-'`".to_owned());
    }
    if let Some(low) = text.strip_suffix("..").filter(|low| is_number(low.trim())) {
        return say(format!(
            "a range without an end is written `'>= {}'`",
            low.trim()
        ));
    }
    if let Some(high) = text
        .strip_prefix("..")
        .filter(|high| is_number(high.trim()))
    {
        return say(format!(
            "a range without a start is written `'<= {}'`",
            high.trim()
        ));
    }
    let ends = text.char_indices().skip(1).filter(|(_, c)| *c == '-');
    for (at, _) in ends {
        let (low, high) = text.split_at(at);
        let high = high.strip_prefix('-').unwrap_or(high);
        if is_number(low.trim()) && is_number(high.trim()) {
            return say(format!(
                "a range is written `{}..{}`",
                low.trim(),
                high.trim()
            ));
        }
    }
    if text.contains("&&") || text.contains(" and ") {
        return say(
            "a range says both: `10..20`, or `'(3..10]'` for more than 3 and at most 10".to_owned(),
        );
    }
    if text.contains("||") || text.contains(" or ") || text.contains(", ") {
        return say("alternatives are a list: `[1, '> 10']`".to_owned());
    }
    None
}

fn unfit(text: &str, wanted: &str, held: &str, span: Span) -> Box<Diagnostic> {
    let message = format!("`{text}` is not {wanted}");
    let finding =
        Diagnostic::error(Code::TypeMismatch, message).at(span, format!("the column holds {held}"));
    Box::new(if held == "numbers" {
        finding
            .help("a cell is a number, `10..20`, `'>= 10'`, `'(3..10]'`, a list of these, or `'-'`")
    } else {
        finding
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::TextView;
    use crate::source::Sources;
    use crate::tree::parse_yaml;

    fn test(text: &str, ty: &Type) -> String {
        let mut sources = Sources::new();
        let file = sources.add("cell.yaml", text);
        let node = parse_yaml(&sources, file).unwrap();
        match read(&node, ty) {
            Ok(test) => format!("{test:?}"),
            Err(finding) => finding.message.clone(),
        }
    }

    #[test]
    fn cells_are_read_by_the_type_of_their_column() {
        let (int, text) = (Type::Int, Type::TEXT);
        let date = Type::String(TextView::Date);
        let shown = [
            test("'-'", &int),
            test("card", &text),
            test("[card, debit]", &text),
            test("\"'-'\"", &text),
            test("1..5", &text),
            test("'> 5'", &int),
            test("(1..5]", &int),
            test("'5'", &int),
            test("[null, '>= 5']", &int),
            test("2030-01-01..2030-02-01", &date),
            test("many", &int),
            test("maybe", &Type::Bool),
            test("{a: 1}", &int),
            test("[]", &int),
        ];
        insta::assert_snapshot!(shown.join("\n"));
    }
}
