//! Numbers with signs, separators and units.

use num_bigint::BigInt;

use super::write_instead;
use crate::expr::parse::SyntaxError;
use crate::expr::tokens::{TokenKind, Tokens};
use crate::value::{Number, parse_number, print_number};

fn is_number(tokens: &Tokens<'_>, at: usize) -> bool {
    tokens.kind(at) == Some(TokenKind::Number)
}

fn is_digits(text: &str, count: usize) -> bool {
    text.len() == count && text.chars().all(|c| c.is_ascii_digit())
}

/// `2031-01-01`, with or without a time: to CEL a subtraction.
pub(super) fn date(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let is_date = is_digits(tokens.str(at), 4)
        && [1, 2, 3, 4].iter().all(|step| tokens.joins(at + step))
        && tokens.str(at + 1) == "-"
        && is_digits(tokens.str(at + 2), 2)
        && tokens.str(at + 3) == "-"
        && is_digits(tokens.str(at + 4), 2);
    if !is_date || (at > 0 && tokens.joins(at) && tokens.before(at) != "(") {
        return None;
    }
    let mut last = at + 4;
    let is_time = |word: &str| word.starts_with('T') && word.len() == 3;
    if tokens.joins(at + 5) && is_time(tokens.str(at + 5)) {
        last = at + 5;
        while tokens.joins(last + 1)
            && (tokens.str(last + 1) == ":" || tokens.kind(last + 1) != Some(TokenKind::Mark))
        {
            last += 1;
        }
    }
    let written = tokens.strs(at, last);
    let span = tokens.spans(at, last);
    let moment =
        crate::value::time::parse_time(written).or_else(|| crate::value::time::parse_date(written));
    moment?;
    let found = SyntaxError::new(span.clone(), "a moment needs quotes and `timestamp`");
    let with = format!("timestamp('{written}')");
    Some(write_instead(found, tokens, span, &with))
}

/// `10%`, `50% of x`
pub(super) fn percent(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != "%" || at == 0 {
        return None;
    }
    let is_of = tokens.is(at + 1, "of");
    if !is_of && tokens.begins_value(at + 1) {
        return None;
    }
    let found = SyntaxError::new(
        tokens.span(at),
        "`%` is the remainder of a division, not percent",
    );
    let number = parse_number(tokens.before(at)).filter(|_| is_number(tokens, at - 1));
    let Some(number) = number else {
        return Some(found.help("divide by 100 instead: `x * percent / 100.0`"));
    };
    let share = print_number(&(number / Number::from_integer(BigInt::from(100))));
    if is_of {
        let with = format!("{share} *");
        let of = tokens.operand_after(at + 2);
        let of = of.map_or("x", |last| tokens.strs(at + 2, last));
        let found = found.help(format!("write `{with} {of}`"));
        return Some(super::with_fix(
            found,
            tokens,
            tokens.spans(at - 1, at + 1),
            &with,
        ));
    }
    Some(
        write_instead(found, tokens, tokens.spans(at - 1, at), &share)
            .help(format!("of a field: `body.price * {share}`")),
    )
}

/// `1_000`
pub(super) fn underscores(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let behind = tokens.str(at + 1);
    if !is_number(tokens, at) || !tokens.joins(at + 1) || !behind.starts_with('_') {
        return None;
    }
    let digits = behind.replace('_', "");
    if !digits.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let span = tokens.spans(at, at + 1);
    let with = format!("{}{digits}", tokens.str(at));
    let found = SyntaxError::new(span.clone(), "numbers have no separators");
    Some(write_instead(found, tokens, span, &with))
}

/// `1,000` where no comma may stand
pub(super) fn commas(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    if tokens.str(at) != "," || at == 0 || !is_number(tokens, at - 1) || in_list(tokens, at) {
        return None;
    }
    let mut last = at - 1;
    let mut digits = tokens.before(at).to_owned();
    while tokens.str(last + 1) == ","
        && tokens.joins(last + 1)
        && tokens.joins(last + 2)
        && is_number(tokens, last + 2)
        && tokens
            .str(last + 2)
            .split('.')
            .next()
            .is_some_and(|whole| is_digits(whole, 3))
    {
        digits.push_str(tokens.str(last + 2));
        last += 2;
    }
    if last < at {
        return None;
    }
    let span = tokens.spans(at - 1, last);
    let found = SyntaxError::new(span.clone(), "numbers have no separators");
    Some(write_instead(found, tokens, span, &digits))
}

/// Whether commas may stand before `at`: in a list, a map or a call.
pub(super) fn in_list(tokens: &Tokens<'_>, at: usize) -> bool {
    let Some(open) = tokens.enclosing(at) else {
        return false;
    };
    let is_call = open > 0 && tokens.kind(open - 1) == Some(TokenKind::Word);
    tokens.str(open) != "(" || (is_call && tokens.ends_value(open - 1))
}

/// Units of time as other languages write them, and as texts of durations do.
const UNITS: [(&str, &str); 18] = [
    ("ms", "ms"),
    ("s", "s"),
    ("sec", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("m", "m"),
    ("min", "m"),
    ("mins", "m"),
    ("minute", "m"),
    ("minutes", "m"),
    ("h", "h"),
    ("hr", "h"),
    ("hrs", "h"),
    ("hour", "h"),
    ("hours", "h"),
    ("d", "d"),
    ("day", "d"),
    ("days", "d"),
];

/// `2h`, `10.00 EUR`
pub(super) fn unit(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let is_unit = tokens.kind(at + 1) == Some(TokenKind::Word) && tokens.ends_value(at + 1);
    let is_followed = matches!(tokens.str(at + 2), "(" | "'" | "\"");
    if !is_number(tokens, at) || !is_unit || is_followed {
        return None;
    }
    let unit = tokens.str(at + 1);
    let is_infix = super::words::INFIX
        .iter()
        .any(|(word, _)| unit.eq_ignore_ascii_case(word));
    if is_infix {
        return None;
    }
    let span = tokens.spans(at, at + 1);
    let known = UNITS.iter().find(|(known, _)| *known == unit);
    if let Some((_, short)) = known {
        let found = SyntaxError::new(span.clone(), "a length of time needs quotes and `duration`");
        let with = format!("duration('{}{short}')", tokens.str(at));
        return Some(write_instead(found, tokens, span, &with));
    }
    let number = tokens.str(at);
    let found = SyntaxError::new(tokens.span(at + 1), format!("`{unit}` isn't expected here"));
    let found = found.help(format!(
        "numbers have no units; for the number alone write `{number}`"
    ));
    Some(super::with_fix(found, tokens, span, number))
}

/// `attendees.0.role`
pub(super) fn member(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let is_member = at >= 1
        && tokens.str(at) == "."
        && tokens.joins(at)
        && tokens.joins(at + 1)
        && is_number(tokens, at + 1)
        && tokens.ends_value(at - 1)
        && !is_number(tokens, at - 1);
    if !is_member {
        return None;
    }
    let position = tokens.str(at + 1);
    let first = tokens.operand_before(at).unwrap_or(at - 1);
    let span = tokens.spans(at, at + 1);
    let found = SyntaxError::new(span.clone(), "positions are written in brackets");
    let path = tokens.strs(first, at - 1);
    let found = found.help(format!("write `{path}[{position}]`"));
    Some(super::with_fix(
        found,
        tokens,
        span,
        &format!("[{position}]"),
    ))
}
