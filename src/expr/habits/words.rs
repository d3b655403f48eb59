//! Operators and forms that are words elsewhere.

use super::{with_fix, write_instead};
use crate::expr::parse::{Correction, SyntaxError};
use crate::expr::tokens::{TokenKind, Tokens};

/// Whether the token is the word, and no member of that name.
fn is_word(tokens: &Tokens<'_>, at: usize, word: &str) -> bool {
    tokens.kind(at) == Some(TokenKind::Word)
        && tokens.is(at, word)
        && !matches!(tokens.before(at), "." | "?.")
}

fn foreign(tokens: &Tokens<'_>, first: usize, last: usize) -> SyntaxError {
    SyntaxError::new(
        tokens.spans(first, last),
        format!("`{}` means nothing here", tokens.strs(first, last)),
    )
}

/// `any(x > 1 for x in list)`
pub(super) fn comprehension(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !is_word(tokens, at, "for") || tokens.kind(at + 1) != Some(TokenKind::Word) {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), "`for` means nothing here");
    let general = "lists are gone through by `list.all(x, …)`, `.exists(x, …)`, `.filter(x, …)` \
                   and `.map(x, …)`";
    match Comprehension::of(tokens, at) {
        Some(written) => {
            let (first, last, with) = written.as_cel(tokens);
            Some(write_instead(
                found,
                tokens,
                tokens.spans(first, last),
                &with,
            ))
        }
        None => Some(found.help(general)),
    }
}

/// A comprehension of Python.
struct Comprehension<'a> {
    open: usize,
    close: usize,
    item: &'a str,
    body: &'a str,
    list: &'a str,
    condition: Option<&'a str>,
}

impl<'a> Comprehension<'a> {
    fn of(tokens: &Tokens<'a>, at: usize) -> Option<Self> {
        let open = tokens.enclosing(at)?;
        let close = tokens.closing(open)?;
        if tokens.str(at + 2) != "in" || open + 1 > at.checked_sub(1)? {
            return None;
        }
        let end = tokens.operand_after(at + 3)?;
        let condition = match tokens.str(end + 1) {
            "if" if end + 2 < close => Some(tokens.strs(end + 2, close - 1)),
            _ if end + 1 == close => None,
            _ => return None,
        };
        Some(Self {
            open,
            close,
            item: tokens.str(at + 1),
            body: tokens.strs(open + 1, at - 1),
            list: tokens.strs(at + 3, end),
            condition,
        })
    }

    /// The first and the last token of all of it, and what to write instead.
    fn as_cel(&self, tokens: &Tokens<'_>) -> (usize, usize, String) {
        let Self {
            item, body, list, ..
        } = self;
        let kept = match self.condition {
            Some(condition) => format!("{list}.filter({item}, {condition})"),
            None => (*list).to_owned(),
        };
        let all = match item == body {
            true => kept.clone(),
            false => format!("{kept}.map({item}, {body})"),
        };
        let (mut open, mut close) = (self.open, self.close);
        if tokens.str(open) == "[" && tokens.before(open) == "(" && tokens.str(close + 1) == ")" {
            (open, close) = (open - 1, close + 1);
        }
        let is_call = tokens.str(open) == "("
            && open > 0
            && tokens.kind(open - 1) == Some(TokenKind::Word)
            && tokens.ends_value(open - 1);
        if !is_call {
            return (self.open, self.close, all);
        }
        let with = match tokens.str(open - 1) {
            "any" => format!("{kept}.exists({item}, {body})"),
            "all" => format!("{kept}.all({item}, {body})"),
            "len" => format!("size({kept})"),
            "sum" if *body == "1" => format!("size({kept})"),
            "set" | "list" | "tuple" => all,
            other => format!("{other}({all})"),
        };
        (open - 1, close, with)
    }
}

/// `x not in [...]`
pub(super) fn negated(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !is_word(tokens, at, "not") || at == 0 || !tokens.ends_value(at - 1) {
        return None;
    }
    let found = foreign(tokens, at, at + 1);
    let first = tokens.operand_before(at);
    if tokens.is(at + 1, "in") {
        let last = tokens.operand_after(at + 2);
        let (Some(first), Some(last)) = (first, last) else {
            return Some(found.help("write `!(x in ['a', 'b'])`"));
        };
        let list = in_brackets(tokens, at + 2, last);
        let with = format!("!({} in {list})", tokens.strs(first, at - 1));
        return Some(write_instead(
            found,
            tokens,
            tokens.spans(first, last),
            &with,
        ));
    }
    if tokens.is(at + 1, "like") || tokens.is(at + 1, "between") {
        return Some(found.help("write `!(…)` around the condition without \"not\""));
    }
    None
}

/// A list whose brackets may be round ones.
fn in_brackets(tokens: &Tokens<'_>, first: usize, last: usize) -> String {
    match tokens.str(first) {
        "(" if last > first + 1 && tokens.closing(first) == Some(last) => {
            format!("[{}]", tokens.strs(first + 1, last - 1))
        }
        _ => tokens.strs(first, last).to_owned(),
    }
}

/// `not x`, `not a == b`
pub(super) fn not(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !is_word(tokens, at, "not") || (at > 0 && tokens.ends_value(at - 1)) {
        return None;
    }
    let found = SyntaxError::new(
        tokens.span(at),
        format!("`{}` means nothing here", tokens.str(at)),
    );
    let last = tokens.clause_after(at + 1);
    if last.is_some() && last == tokens.operand_after(at + 1) {
        let span = tokens.span(at).start..tokens.span(at + 1).start;
        let is_joined = tokens.joins(at + 1);
        return Some(found.help("write `!` for \"not\"").fix(Correction {
            span: if is_joined { tokens.span(at) } else { span },
            text: "!".to_owned(),
            is_certain: true,
        }));
    }
    let Some(last) = last else {
        return Some(found.help("write `!(…)` for \"not\""));
    };
    let with = format!("!({})", tokens.strs(at + 1, last));
    Some(write_instead(found, tokens, tokens.spans(at, last), &with))
}

/// `x LIKE 'A%'`
pub(super) fn like(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !is_word(tokens, at, "like") && !is_word(tokens, at, "ilike") {
        return None;
    }
    let found = foreign(tokens, at, at);
    let general = "write `x.startsWith('A')`, `x.endsWith('A')`, `x.contains('A')` or \
                   `x.matches('^A.*$')`";
    let first = tokens.operand_before(at);
    let pattern = tokens.str(at + 1);
    let inner = pattern
        .strip_prefix(['\'', '"'])
        .and_then(|rest| rest.strip_suffix(['\'', '"']));
    let (Some(first), Some(inner)) = (first, inner) else {
        return Some(found.help(general));
    };
    let path = tokens.strs(first, at - 1);
    let begins = inner.starts_with('%');
    let ends = inner.ends_with('%');
    let word = inner.trim_matches('%');
    if word.is_empty() || word.contains(['%', '_', '\\']) {
        return Some(found.help(general));
    }
    let with = match (begins, ends) {
        (true, true) => format!("{path}.contains('{word}')"),
        (false, true) => format!("{path}.startsWith('{word}')"),
        (true, false) => format!("{path}.endsWith('{word}')"),
        (false, false) => format!("{path} == '{word}'"),
    };
    Some(write_instead(
        found,
        tokens,
        tokens.spans(first, at + 1),
        &with,
    ))
}

/// `x between 1 and 5`
pub(super) fn between(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !is_word(tokens, at, "between") {
        return None;
    }
    let found = foreign(tokens, at, at);
    let general = "write `low <= x && x <= high`";
    let first = tokens.operand_before(at);
    let low = tokens.operand_after(at + 1);
    let high = low
        .filter(|low| tokens.is(low + 1, "and") || tokens.str(low + 1) == "&&")
        .and_then(|low| tokens.operand_after(low + 2));
    let (Some(first), Some(low), Some(high)) = (first, low, high) else {
        return Some(found.help(general));
    };
    let path = tokens.strs(first, at - 1);
    let with = format!(
        "{} <= {path} && {path} <= {}",
        tokens.strs(at + 1, low),
        tokens.strs(low + 2, high)
    );
    Some(write_instead(
        found,
        tokens,
        tokens.spans(first, high),
        &with,
    ))
}

/// `let x = ...`
pub(super) fn binding(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let is_binding = ["let", "var", "const"]
        .iter()
        .any(|word| is_word(tokens, at, word));
    let is_assigned = matches!(tokens.str(at + 2), "=" | ":=");
    let is_walrus = tokens.str(at) == ":=";
    if !(is_walrus || is_binding && is_assigned) {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), "an expression can't define names");
    Some(found.help("name it under `defs:` of the file: `defs: {total: body.a + body.b}`"))
}

/// Methods that other languages write between their operands.
pub(super) const INFIX: [(&str, &str); 7] = [
    ("contains", "contains"),
    ("startsWith", "startsWith"),
    ("endsWith", "endsWith"),
    ("matches", "matches"),
    ("starts_with", "startsWith"),
    ("ends_with", "endsWith"),
    ("regex", "matches"),
];

/// `x contains 'a'`
pub(super) fn infix(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let (_, method) = INFIX.iter().find(|(word, _)| is_word(tokens, at, word))?;
    let first = tokens.operand_before(at)?;
    let last = tokens.operand_after(at + 1)?;
    if tokens.str(at + 1) == "(" {
        return None;
    }
    let with = format!(
        "{}.{method}({})",
        tokens.strs(first, at - 1),
        tokens.strs(at + 1, last)
    );
    let found = foreign(tokens, at, at);
    Some(write_instead(
        found,
        tokens,
        tokens.spans(first, last),
        &with,
    ))
}

/// `x IN [...]`, `x in ('a', 'b')`, `x in 'a', 'b'`
pub(super) fn membership(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !is_word(tokens, at, "in") || at == 0 || !tokens.ends_value(at - 1) {
        return None;
    }
    let list = "lists are written in square brackets";
    if tokens.str(at + 1) == "(" {
        let last = tokens.closing(at + 1)?;
        let has_several = (at + 2..last)
            .any(|comma| tokens.str(comma) == "," && tokens.enclosing(comma) == Some(at + 1));
        if has_several || tokens.kind(at + 2) == Some(TokenKind::Text) {
            let with = in_brackets(tokens, at + 1, last);
            let found = SyntaxError::new(tokens.spans(at + 1, last), list)
                .help(format!("write `in {with}`"));
            let span = tokens.spans(at, last);
            return Some(with_fix(found, tokens, span, &format!("in {with}")));
        }
    }
    let first = tokens.operand_after(at + 1)?;
    if tokens.str(first + 1) == "," && !super::numbers::in_list(tokens, at) {
        let mut last = first;
        while tokens.str(last + 1) == "," {
            last = tokens.operand_after(last + 2)?;
        }
        let with = format!("[{}]", tokens.strs(at + 1, last));
        let span = tokens.spans(at + 1, last);
        let found = SyntaxError::new(span.clone(), list).help(format!("write `in {with}`"));
        return Some(with_fix(found, tokens, span, &with));
    }
    if tokens.str(at) == "in" {
        return None;
    }
    let found = foreign(tokens, at, at);
    Some(write_instead(found, tokens, tokens.span(at), "in"))
}
