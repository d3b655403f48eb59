//! Hints for what other languages write differently.

use std::ops::Range;

/// Tokens of other languages, and what to write instead.
const FOREIGN: [(&str, &str); 17] = [
    ("and", "write `&&` for \"and\""),
    ("or", "write `||` for \"or\""),
    ("not", "write `!` for \"not\""),
    ("xor", "write `(a) != (b)` for \"either a or b\""),
    (
        "is",
        "write `==`; whether a field is there is asked by has(body.x)",
    ),
    ("like", "compare texts with `==`"),
    ("between", "write `low <= x && x <= high`"),
    (
        "if",
        "write `condition ? then : else`; for a whole rule use the key `when`",
    ),
    (
        "then",
        "write `condition ? then : else`; for a whole rule use the key `when`",
    ),
    (
        "implies",
        "write `!a || b`; for a whole rule use the key `when`",
    ),
    ("=", "write `==` to compare"),
    ("===", "write `==` to compare"),
    ("!==", "write `!=`"),
    ("<>", "write `!=`"),
    (
        "=>",
        "write `>=` to compare; for \"implies\" write `!a || b` or use the key `when`",
    ),
    ("&", "write `&&`"),
    ("|", "write `||`"),
];

/// Operators of other languages that have one of the same meaning.
const OPERATORS: [(&str, &str); 9] = [
    ("and", "&&"),
    ("or", "||"),
    ("not", "!"),
    ("=", "=="),
    ("===", "=="),
    ("!==", "!="),
    ("<>", "!="),
    ("&", "&&"),
    ("|", "||"),
];

/// The operator that means what `token` means in other languages.
pub fn operator_for(token: &str) -> Option<&'static str> {
    let lower = token.to_ascii_lowercase();
    let mut known = OPERATORS.iter();
    known
        .find(|(foreign, _)| *foreign == lower)
        .map(|(_, own)| *own)
}

/// Names of functions in other languages, and what to write instead.
const FOREIGN_FUNCTIONS: [(&str, &str); 12] = [
    ("len", "write size(x)"),
    ("length", "write size(x)"),
    (
        "count",
        "write size(x), or size(x.filter(i, ...)) for some of the items",
    ),
    ("any", "write list.exists(x, ...)"),
    ("every", "write list.all(x, ...)"),
    ("some", "write list.exists(x, ...)"),
    (
        "exist",
        "write list.exists(x, ...); whether a field is there is asked by has(body.x)",
    ),
    ("defined", "write has(body.x)"),
    ("isset", "write has(body.x)"),
    ("date", "write timestamp(text)"),
    ("datetime", "write timestamp(text)"),
    ("total", "write sum(list)"),
];

/// The first token of a text that CEL doesn't know but other languages do, and
/// what to write instead. Of use only where the text can't be parsed.
pub(super) fn foreign_token(text: &str) -> Option<(Range<usize>, &'static str)> {
    let mut before: Option<&str> = None;
    for range in tokens(text) {
        let token = text.get(range.clone())?;
        let lower = token.to_ascii_lowercase();
        let is_member = before == Some(".");
        let known = FOREIGN.iter().find(|(foreign, _)| *foreign == lower);
        if let Some((_, hint)) = known.filter(|_| !is_member) {
            return Some((range, hint));
        }
        if before == Some("in") && token == "(" {
            return Some((
                range,
                "lists are written in square brackets: x in ['a', 'b']",
            ));
        }
        before = Some(token);
    }
    None
}

/// What to write instead of a function of other languages.
pub(super) fn foreign_function(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let known = FOREIGN_FUNCTIONS
        .iter()
        .find(|(foreign, _)| *foreign == lower);
    known.map(|(_, hint)| *hint)
}

/// Words, runs of operators and single marks outside of string literals.
fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or("");
        let run = |test: fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
        let width = match next {
            '\'' | '"' => rest
                .get(1..)
                .and_then(|rest| rest.find(next))
                .map_or(rest.len(), |end| end + 2),
            c if is_word(c) => run(is_word),
            c if is_operator(c) => run(is_operator),
            c => c.len_utf8(),
        };
        if !next.is_whitespace() && !matches!(next, '\'' | '"') {
            found.push(at..at + width);
        }
        at += width;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_operator(c: char) -> bool {
    matches!(c, '=' | '<' | '>' | '!' | '&' | '|')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_other_languages_are_found() {
        for (text, token) in [
            ("body.a > 1 and body.b > 2", "and"),
            ("body.a > 1 OR body.b > 2", "OR"),
            ("not has(body.a)", "not"),
            ("body.a = 1", "="),
            ("body.a <> 1", "<>"),
            ("body.a in ('x', 'y')", "("),
            ("body.note == 'this and that' & true", "&"),
        ] {
            let (range, _) = foreign_token(text).unwrap();
            assert_eq!(&text[range], token, "{text}");
        }
        // Members may have such names, and texts may hold them.
        for text in [
            "body.and.or == 1 )",
            "'and' == \"=\" )",
            "(a ==",
            "ä€ 'open",
        ] {
            assert_eq!(foreign_token(text), None, "{text}");
        }
    }
}
