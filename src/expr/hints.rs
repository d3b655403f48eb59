//! Hints for what other languages write differently.

use super::parse::{Correction, SyntaxError};
use super::tokens::{TokenKind, Tokens};

/// Tokens of other languages, and what to write instead.
const FOREIGN: [(&str, &str); 15] = [
    ("and", "write `&&` for \"and\""),
    ("or", "write `||` for \"or\""),
    ("xor", "write `(a) != (b)` for \"either a or b\""),
    (
        "is",
        "write `==`; whether a field is there is asked by has(body.x)",
    ),
    ("equals", "write `==`"),
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
const OPERATORS: [(&str, &str); 8] = [
    ("and", "&&"),
    ("or", "||"),
    ("=", "=="),
    ("===", "=="),
    ("!==", "!="),
    ("<>", "!="),
    ("&", "&&"),
    ("|", "||"),
];

/// The operator that means what `token` means in other languages.
fn operator_for(token: &str) -> Option<&'static str> {
    let lower = token.to_ascii_lowercase();
    let mut known = OPERATORS.iter();
    known
        .find(|(foreign, _)| *foreign == lower)
        .map(|(_, own)| *own)
}

/// A token that CEL doesn't know but other languages do, and what to write
/// instead. Of use only where the text can't be parsed.
pub(super) fn foreign_token(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxError> {
    let token = tokens.str(at);
    if matches!(tokens.before(at), "." | "?.") || tokens.kind(at) == Some(TokenKind::Text) {
        return None;
    }
    let lower = token.to_ascii_lowercase();
    let (_, hint) = FOREIGN.iter().find(|(foreign, _)| *foreign == lower)?;
    let span = tokens.span(at);
    let found = SyntaxError::new(span.clone(), format!("`{token}` means nothing here"));
    let found = found.help(*hint);
    Some(match operator_for(token) {
        Some(operator) => found.fix(Correction {
            span,
            text: operator.to_owned(),
            is_certain: true,
        }),
        None => found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> Option<SyntaxError> {
        let tokens = Tokens::of(text);
        (0..tokens.len()).find_map(|at| foreign_token(&tokens, at))
    }

    #[test]
    fn tokens_of_other_languages_are_found() {
        for (text, token) in [
            ("body.a > 1 and body.b > 2", "and"),
            ("body.a > 1 OR body.b > 2", "OR"),
            ("body.a = 1", "="),
            ("body.a <> 1", "<>"),
            ("body.note == 'this and that' & true", "&"),
        ] {
            assert_eq!(&text[first(text).unwrap().span], token, "{text}");
        }
        // Members may have such names, and texts may hold them.
        for text in [
            "body.and.or == 1 )",
            "'and' == \"=\" )",
            "(a ==",
            "ä€ 'open",
        ] {
            assert_eq!(first(text), None, "{text}");
        }
    }
}
