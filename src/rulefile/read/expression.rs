//! Expressions, and what YAML makes of them without quotes.

use super::Reader;
use super::mapping::first_line;
use crate::rulefile::Expression;
use crate::source::{Applicability, Code, Diagnostic, Fix, Span};
use crate::tree::{Entry, Node, NodeKind, Text, TextStyle, plain_or_quoted, quoted};
use crate::value::print_number;

/// Whether a number, a Boolean or null may stand for an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Literals {
    /// They are the literals that they look like.
    Allowed,
    /// They are a mistake: a condition that is a constant.
    Refused,
}

const BLOCK_HELP: &str =
    "write `>-` behind the colon and the expression, indented, on the lines below";

impl Reader<'_> {
    /// The value of an entry as an expression.
    pub(super) fn expression(&mut self, entry: &Entry, literals: Literals) -> Option<Expression> {
        self.expression_node(&entry.value, entry, literals)
    }

    /// The value of an entry as a condition, which is no constant.
    pub(super) fn condition(&mut self, entry: &Entry) -> Option<Expression> {
        self.expression(entry, Literals::Refused)
    }

    /// The key of an entry as a path.
    pub(super) fn path_key(&mut self, entry: &Entry) -> Expression {
        Expression {
            text: entry.key_text(self.sources),
        }
    }

    /// A list of expressions.
    pub(super) fn expressions(&mut self, entry: &Entry) -> Vec<Expression> {
        let list = &entry.value;
        let NodeKind::Sequence(items) = &list.kind else {
            let what = format!("`{}`", entry.key);
            // Shorthands ask for two fields.
            let is_enough =
                entry.key == "columns" || list.as_str().is_some_and(|own| own.contains(','));
            let help = super::scalars::in_a_list(entry).filter(|_| is_enough);
            self.wrong_kind_but(list, entry.key_span, &what, "a list", help);
            return Vec::new();
        };
        if self.in_brackets(list) && self.split_by_comma(items) {
            return Vec::new();
        }
        items
            .iter()
            .filter_map(|item| self.expression_node(item, entry, Literals::Refused))
            .collect()
    }

    fn expression_node(
        &mut self,
        node: &Node,
        entry: &Entry,
        literals: Literals,
    ) -> Option<Expression> {
        let literal = match &node.kind {
            NodeKind::String(text) => return self.expression_text(text, entry),
            NodeKind::Bool(value) => value.to_string(),
            NodeKind::Number { value, .. } => print_number(value),
            NodeKind::Null => "null".to_owned(),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => {
                self.collection(node, entry);
                return None;
            }
        };
        let absent = node.span.start == node.span.end;
        if absent || literals == Literals::Refused {
            let what = format!("`{}`", entry.key);
            self.wrong_kind(node, entry.key_span, &what, "an expression");
            return None;
        }
        let text = Text::synthetic(literal, node.span);
        Some(Expression { text })
    }

    fn expression_text(&mut self, text: &Text, entry: &Entry) -> Option<Expression> {
        if text.value.trim().is_empty() {
            let key = &entry.key;
            let message = format!("`{key}` is an empty expression");
            let found = Diagnostic::error(Code::WrongValue, message);
            self.report(if text.style == TextStyle::Block {
                found
                    .at(entry.key_span, "no text stands under it")
                    .help(format!("indent the text under `{key}` deeper than `{key}`"))
            } else {
                found.at(text.span, "")
            });
            return None;
        }
        // YAML's own meaning of these was reported when the file was parsed.
        let is_reported = text.is_plain() && text.starts_with(['*', '&', '>', '|', '%', '@', '`']);
        if is_reported || text.is_plain() && self.cut_by_comment(text, entry) {
            return None;
        }
        let text = text.clone();
        Some(Expression { text })
    }

    /// `rule: x == 'a #1'`: everything from ` #` on is a comment to YAML.
    fn cut_by_comment(&mut self, text: &Text, entry: &Entry) -> bool {
        let file = self.sources.text(text.file());
        let behind = file.get(text.span.end..).unwrap_or_default();
        let line = behind.lines().next().unwrap_or_default();
        if !line.trim_start().starts_with('#') || !open_quote(&text.value) {
            return false;
        }
        let blanks = line.len() - line.trim_start().len();
        let start = text.span.end + blanks;
        let comment = Span::new(text.file(), start, text.span.end + line.trim_end().len());
        let whole = self.sources.excerpt(text.span.join(comment));
        self.report(
            Diagnostic::error(
                Code::NeedsQuotes,
                "` #` starts a comment in an unquoted text",
            )
            .at(comment, "YAML takes this for a comment")
            .also(text.span, "this expression ends inside a string")
            .help(quote_help(entry, whole))
            .maybe_fix(quote_fix(text.span.join(comment), whole)),
        );
        true
    }

    /// A list or a mapping where an expression is expected.
    fn collection(&mut self, node: &Node, entry: &Entry) {
        let whole = self.sources.excerpt(node.span);
        // `{x > 10}`: braces around an expression, not a map.
        let is_absent = |entry: &Entry| entry.value.span.start == entry.value.span.end;
        let inner = whole
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .filter(|_| matches!(node.entries(), [only] if is_absent(only)));
        if let Some(inner) = inner {
            let found = plain_or_quoted(inner.trim());
            let message = format!(
                "`{}` must be an expression, and this is a mapping",
                entry.key
            );
            self.report(
                Diagnostic::error(Code::WrongKind, message)
                    .at(
                        first_line(whole, node.span),
                        "YAML takes braces for a mapping",
                    )
                    .help(format!("leave out the braces: `{}: {found}`", entry.key)),
            );
            return;
        }
        let (label, meant) = match whole.chars().next() {
            Some('[') => ("YAML takes brackets for a list", true),
            Some('{') => ("YAML takes braces for a mapping", true),
            Some('-') => ("an expression is expected", false),
            _ => ("YAML takes the text before `: ` for a key", true),
        };
        let (code, help) = if meant {
            (Code::NeedsQuotes, quote_help(entry, whole))
        } else {
            let help = "join the items by `&&`, or write a rule for each";
            (Code::WrongKind, help.to_owned())
        };
        let message = format!(
            "`{}` must be an expression, and this is {}",
            entry.key,
            node.kind_name()
        );
        let fix = meant.then(|| quote_fix(node.span, whole)).flatten();
        self.report(
            Diagnostic::error(code, message)
                .at(first_line(whole, node.span), label)
                .help(help)
                .maybe_fix(fix),
        );
    }

    /// `[min(a, b), c]`: commas split items also inside parentheses. Reports
    /// the first item that is cut off.
    fn split_by_comma(&mut self, items: &[Node]) -> bool {
        let plain = |node: &Node| node.as_text().filter(|text| text.is_plain()).cloned();
        for pair in items.windows(2) {
            let [first, second] = pair else { continue };
            let (Some(text), Some(next)) = (plain(first), plain(second)) else {
                continue;
            };
            if !open_quote(&text.value) && !open_bracket(&text.value) {
                continue;
            }
            let whole = self.sources.excerpt(text.span.join(next.span));
            let fix = quoted(whole).unwrap_or_else(|| "\"...\"".to_owned());
            self.report(
                Diagnostic::error(
                    Code::NeedsQuotes,
                    "a comma ends an unquoted text inside `[...]`",
                )
                .at(next.span, "YAML takes this for another item")
                .also(text.span, "this text ends at the comma")
                .help(format!("put the whole text in quotes: `{fix}`"))
                .help("or write one item a line, each after `- `")
                .maybe_fix(quote_fix(text.span.join(next.span), whole)),
            );
            return true;
        }
        false
    }
}

fn quote_help(entry: &Entry, whole: &str) -> String {
    match quoted(whole) {
        Some(fix) => format!("put the expression in quotes: `{}: {fix}`", entry.key),
        None => BLOCK_HELP.to_owned(),
    }
}

/// The quotes that make `whole` one text.
fn quote_fix(span: Span, whole: &str) -> Option<Fix> {
    let quoted = quoted(whole)?;
    Some(Fix::replace(
        "put it in quotes",
        Applicability::Certain,
        span,
        quoted,
    ))
}

/// Whether a text ends inside a string of the expression language.
fn open_quote(text: &str) -> bool {
    let mut open = None;
    let mut escaped = false;
    for c in text.chars() {
        match open {
            _ if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(quote) if c == quote => open = None,
            None if matches!(c, '\'' | '"') => open = Some(c),
            _ => {}
        }
    }
    open.is_some()
}

/// Whether more brackets are opened than closed.
fn open_bracket(text: &str) -> bool {
    let opened = text.matches(['(', '[', '{']).count();
    let closed = text.matches([')', ']', '}']).count();
    opened > closed
}
