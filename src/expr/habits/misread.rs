//! What means something else than it seems to, in a text that can be parsed.

use std::ops::Range;

use crate::expr::parse::{SyntaxError, compiles};
use crate::expr::tokens::{TokenKind, Tokens};

/// A comment of an expression: its bytes, and the token behind it.
struct Comment {
    span: Range<usize>,
    next: usize,
}

/// What a text says otherwise than its author may think.
pub(in crate::expr) fn misread(text: &str) -> Vec<SyntaxError> {
    let tokens = Tokens::of(text);
    let comments = comments(&tokens).into_iter();
    let cut = comments.filter_map(|comment| division(&tokens, &comment));
    let texts = (0..tokens.len()).filter(|at| tokens.kind(*at) == Some(TokenKind::Text));
    let texts = texts.flat_map(|at| [backspace(&tokens, at), placeholder(&tokens, at)]);
    cut.chain(texts.flatten()).collect()
}

/// What a comment cuts off that makes the text one that can be parsed.
pub(in crate::expr) fn cut_short(text: &str) -> Option<SyntaxError> {
    let tokens = Tokens::of(text);
    let comments = comments(&tokens).into_iter();
    let mut cut = comments.filter_map(|comment| division(&tokens, &comment));
    cut.next()
}

/// What to do where the end of an expression may be in a comment.
pub(super) fn hidden_end(tokens: &Tokens<'_>) -> Option<&'static str> {
    let comment = comments(tokens).pop()?;
    (comment.next == tokens.len()).then_some(
        "`//` starts a comment; where YAML joins lines, as under `>-`, all that follows belongs \
         to it: write `|-`, which keeps lines apart",
    )
}

/// The first comment of a text, and whether a condition goes on behind it:
/// where YAML joins lines, the next one is a part of the comment.
pub(in crate::expr) fn comment_before_conditions(text: &str) -> Option<Range<usize>> {
    let tokens = Tokens::of(text);
    let comment = comments(&tokens).into_iter().next()?;
    let written = text.get(comment.span.clone())?;
    let inside = Tokens::of(written.trim_start_matches('/'));
    let operators = ["&&", "||", "==", "!=", "<", "<=", ">", ">=", "?"];
    let goes_on = (0..inside.len()).any(|at| operators.contains(&inside.str(at)));
    goes_on.then_some(comment.span)
}

/// Between tokens there is nothing but blanks and comments.
fn comments(tokens: &Tokens<'_>) -> Vec<Comment> {
    let mut found = Vec::new();
    for next in 0..=tokens.len() {
        let start = next.checked_sub(1).map_or(0, |at| tokens.span(at).end);
        let mut at = start;
        let gap = tokens.slice(start..tokens.span(next).start);
        for line in gap.split_inclusive('\n') {
            if let Some(mark) = line.find("//") {
                let span = at + mark..at + line.trim_end().len();
                found.push(Comment { span, next });
            }
            at += line.len();
        }
    }
    found
}

/// `a // b`: a division in Python.
fn division(tokens: &Tokens<'_>, comment: &Comment) -> Option<SyntaxError> {
    let last = comment.next.checked_sub(1)?;
    let between = tokens.slice(tokens.span(last).end..comment.span.start);
    if !tokens.ends_value(last) || between.contains('\n') {
        return None;
    }
    let mark = comment.span.start..comment.span.start + 2;
    let mut mended = tokens.text.to_owned();
    mended.replace_range(mark.clone(), "/");
    let mended = Tokens::of(&mended);
    let (mut first, behind) = (mended.operand_before(comment.next)?, comment.next + 1);
    // What binds as tightly is divided as well.
    while matches!(mended.before(first), "*" | "/" | "%") {
        first = mended.operand_before(first - 1)?;
    }
    let after = mended.operand_after(behind)?;
    // One word behind it is a remark.
    let is_remark = mended.kind(behind) == Some(TokenKind::Word)
        && mended.span(behind).end >= comment.span.end - 1;
    if is_remark || !compiles(mended.text) {
        return None;
    }
    let divided = mended.strs(first, after);
    let found = SyntaxError::new(mark, "`//` starts a comment: what follows is left out");
    Some(found.help(format!(
        "write `{divided}`, which drops the fraction of two integers; of other numbers \
         `floor({divided})` drops it"
    )))
}

/// `'\bword\b'`: only in a raw text a backslash is one of the pattern.
fn backspace(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let written = tokens.str(at);
    let start = tokens.span(at).start;
    if let Some(place) = written.find('\u{8}') {
        let span = start + place..start + place + 1;
        let found = SyntaxError::new(span, "this is a backspace, not the `\\b` of a pattern");
        return Some(found.help(
            "within double quotes YAML reads `\\b`: write `>-` in their place and the \
             expression, indented, on the lines below, with `r` before the text that holds `\\b`",
        ));
    }
    if !written.starts_with(['\'', '"']) {
        return None;
    }
    let escapes = escapes(written);
    let (place, _) = escapes.iter().find(|(_, escaped)| *escaped == 'b')?;
    let span = start + place..start + place + 2;
    let found = SyntaxError::new(span, "`\\b` is a backspace in a text that isn't raw");
    let with = match escapes.iter().all(|(_, escaped)| *escaped == 'b') {
        true => format!("r{written}"),
        false => {
            let mut doubled = written.to_owned();
            for (place, escaped) in escapes.iter().rev() {
                if *escaped == 'b' {
                    doubled.insert(*place, '\\');
                }
            }
            doubled
        }
    };
    Some(found.help(format!(
        "for the edge of a word in a pattern write `{with}`"
    )))
}

/// The escapes of a text: where each backslash stands, and what is behind it.
fn escapes(written: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut chars = written.char_indices();
    while let Some((place, c)) = chars.next() {
        if c == '\\' {
            found.extend(chars.next().map(|(_, next)| (place, next)));
        }
    }
    found
}

/// `'${MERCHANT_ID}'`: nothing replaces it.
fn placeholder(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let written = tokens.str(at);
    let (place, name) = placeholder_in(written)?;
    let start = tokens.span(at).start;
    let span = start + place.start..start + place.end;
    let found = SyntaxError::new(span, format!("nothing replaces `${{{name}}}` in a text"));
    Some(match variable(name) {
        Some(own) => found.help(format!(
            "a value of the environment is declared beside the rules, \
             `values: {{{own}: {{env: {name}}}}}`, and read as `{own}`"
        )),
        None => found.help("a name is read outside of quotes, and texts are joined by `+`"),
    })
}

/// The first `${name}` of a text: its bytes and the name.
pub(in crate::expr) fn placeholder_in(text: &str) -> Option<(Range<usize>, &str)> {
    let open = text.find("${")?;
    let inner = text.get(open + 2..)?;
    let name = inner.get(..inner.find('}')?)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let is_name = !name.is_empty() && name.chars().all(is_name);
    is_name.then(|| (open..open + name.len() + 3, name))
}

/// The name of a value for what looks like a variable of the environment.
pub(in crate::expr) fn variable(name: &str) -> Option<String> {
    let is_variable = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let starts = name.starts_with(|c: char| c.is_ascii_uppercase());
    (starts && name.chars().all(is_variable)).then(|| name.to_ascii_lowercase())
}
