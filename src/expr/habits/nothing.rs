//! What is asked of values that may be absent or null.

use super::{with_fix, write_instead};
use crate::expr::parse::SyntaxError;
use crate::expr::tokens::{TokenKind, Tokens};

/// Words for null in other languages.
const NOTHING: [&str; 6] = ["null", "none", "nil", "undefined", "empty", "blank"];

fn is_nothing(tokens: &Tokens<'_>, at: usize) -> bool {
    NOTHING.iter().any(|word| tokens.is(at, word))
}

/// `x is not None`, `x IS NULL`
pub(super) fn presence(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let is_asked = tokens.is(at, "is") && !matches!(tokens.before(at), "." | "?.");
    if !is_asked || tokens.kind(at) != Some(TokenKind::Word) {
        return None;
    }
    let is_not = tokens.is(at + 1, "not");
    let word = at + 1 + usize::from(is_not);
    if !is_nothing(tokens, word) {
        if is_not {
            let found = SyntaxError::new(tokens.spans(at, at + 1), "`is not` means nothing here");
            return Some(write_instead(found, tokens, tokens.spans(at, at + 1), "!="));
        }
        return None;
    }
    let found = SyntaxError::new(
        tokens.spans(at, word),
        format!("`{}` means nothing here", tokens.strs(at, word)),
    );
    let not = if is_not { "" } else { "!" };
    let path = tokens
        .operand_before(at)
        .map(|first| (first, tokens.strs(first, at - 1)));
    let Some((first, path)) = path.filter(|(_, path)| path.contains('.')) else {
        return Some(found.help(format!("write `{not}has(body.x)`")));
    };
    let with = format!("{not}has({path})");
    Some(
        write_instead(found, tokens, tokens.spans(first, word), &with).help(format!(
            "for an explicit null, where the schema allows it: `{path} {}= null`",
            if is_not { "!" } else { "=" }
        )),
    )
}

/// `a?.b`
pub(super) fn chained(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != "?." || !tokens.ends_value(at.checked_sub(1)?) {
        return None;
    }
    let first = tokens.operand_before(at)?;
    let last = tokens.operand_after(at + 1).unwrap_or(at);
    let found = SyntaxError::new(tokens.span(at), "`?.` isn't CEL");
    let written = tokens.strs(first, last);
    let plain = written.replace("?.", ".");
    let is_asked = first >= 2 && tokens.str(first - 1) == "(" && tokens.str(first - 2) == "has";
    if is_asked {
        let found = found.help(format!(
            "`has({plain})` is enough: it is false where any step is absent"
        ));
        return Some(with_fix(found, tokens, tokens.spans(first, last), &plain));
    }
    let optional = optional(written);
    if tokens.str(last + 1) == "??" {
        return Some(with_default(found, tokens, first, last, &optional));
    }
    Some(
        found
            .help(format!(
                "ask before whether it is there: `has({plain}) && …`"
            ))
            .help(format!(
                "or say what to take where it is absent: `{optional}.orValue(…)`"
            )),
    )
}

/// `a.b?.c` as an optional read: all behind the first `.?` is one.
fn optional(written: &str) -> String {
    match written.split_once("?.") {
        Some((before, behind)) => format!("{before}.?{}", behind.replace("?.", ".")),
        None => match written.rsplit_once('.') {
            Some((before, last)) => format!("{before}.?{last}"),
            None => written.to_owned(),
        },
    }
}

/// `a.b ?? 0`, `a.b ?: 0`
pub(super) fn otherwise(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if !matches!(tokens.str(at), "??" | "?:") {
        return None;
    }
    let found = SyntaxError::new(tokens.span(at), format!("`{}` isn't CEL", tokens.str(at)));
    let first = tokens.operand_before(at);
    let Some(first) = first.filter(|first| tokens.strs(*first, at - 1).contains('.')) else {
        return Some(found.help("write `body.?x.orValue(0)`"));
    };
    let optional = optional(tokens.strs(first, at - 1));
    Some(with_default(found, tokens, first, at - 1, &optional))
}

fn with_default(
    found: SyntaxError,
    tokens: &Tokens<'_>,
    first: usize,
    last: usize,
    optional: &str,
) -> SyntaxError {
    let default = last + 2;
    let Some(end) = tokens.operand_after(default) else {
        return found.help(format!("write `{optional}.orValue(0)`"));
    };
    let with = format!("{optional}.orValue({})", tokens.strs(default, end));
    write_instead(found, tokens, tokens.spans(first, end), &with)
}
