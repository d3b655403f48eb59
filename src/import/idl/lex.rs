//! The tokens of IDL.

use std::ops::Range;

use super::SyntaxError;

/// A token and the bytes it covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A parameter, without the brackets around special names; also words such
    /// as `IF`, which the parser looks at.
    Name { name: String, bracketed: bool },
    /// `'text'`
    Text(String),
    /// Digits, perhaps with a fraction.
    Number(String),
    /// `==`, `<` and the like.
    Relation(&'static str),
    /// `+ - * / ( ) , ; |`
    Sign(char),
}

impl Kind {
    /// Whether this is that word of the language.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Name { name, bracketed: false } if name == word)
    }
}

const RELATIONS: [&str; 6] = ["==", "!=", "<=", ">=", "<", ">"];

/// The tokens of a text, and what is none of it.
pub(super) fn lex(text: &str) -> (Vec<Token>, Vec<SyntaxError>) {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::new(),
        errors: Vec::new(),
    };
    while lexer.at < text.len() {
        lexer.next();
    }
    (lexer.tokens, lexer.errors)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Token>,
    errors: Vec<SyntaxError>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else {
            self.at = self.text.len();
            return;
        };
        if let Some(length) = skipped(rest) {
            self.at += length;
        } else if let Some(relation) = RELATIONS.into_iter().find(|own| rest.starts_with(own)) {
            self.push(Kind::Relation(relation), relation.len());
        } else if c == '[' {
            self.bracketed();
        } else if c.is_ascii_alphabetic() || matches!(c, '_' | '.' | '^') {
            let length = run(rest, |c| {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '^')
            });
            let name = rest.get(..length).unwrap_or_default();
            let name = name.strip_prefix('^').unwrap_or(name).to_owned();
            self.push(
                Kind::Name {
                    name,
                    bracketed: false,
                },
                length,
            );
        } else if c.is_ascii_digit() {
            let length = run(rest, |c| c.is_ascii_digit() || c == '.');
            let number = rest.get(..length).unwrap_or_default().to_owned();
            self.push(Kind::Number(number), length);
        } else if matches!(c, '\'' | '"') {
            self.text(c);
        } else if "+-*/(),;|".contains(c) {
            self.push(Kind::Sign(c), 1);
        } else {
            self.unknown(c);
        }
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let range = self.at..self.at + length;
        self.at = range.end;
        self.tokens.push(Token { kind, range });
    }

    /// `[X-Name]`: a name with other characters, brackets among them.
    fn bracketed(&mut self) {
        let rest = self.rest();
        let length = run(rest, |c| {
            c.is_ascii_alphanumeric() || "_.-/:[]^".contains(c)
        });
        let run = rest.get(..length).unwrap_or_default();
        let inner = run.rfind(']').and_then(|end| run.get(1..end));
        match inner.filter(|inner| !inner.is_empty()) {
            Some(inner) => {
                let name = inner.to_owned();
                self.push(
                    Kind::Name {
                        name,
                        bracketed: true,
                    },
                    inner.len() + 2,
                );
            }
            None => self.fail(1, "`[` begins a name that isn't closed", "write `[X-Name]`"),
        }
    }

    fn text(&mut self, quote: char) {
        let rest = self.rest();
        let mut value = String::new();
        let mut escaped = false;
        for (at, c) in rest.char_indices().skip(1) {
            match c {
                _ if escaped => {
                    value.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                c if c == quote => {
                    self.push(Kind::Text(value), at + 1);
                    return;
                }
                c => value.push(c),
            }
        }
        let help = "close the text by the quote that it starts with";
        self.fail(rest.len(), "a text isn't closed", help);
    }

    fn unknown(&mut self, c: char) {
        let (message, help) = match c {
            '=' => (
                "`=` means nothing in IDL".to_owned(),
                "equality is written `==`",
            ),
            '&' => (
                "`&` means nothing in IDL".to_owned(),
                "a conjunction is written `AND`",
            ),
            '!' => (
                "`!` means nothing in IDL".to_owned(),
                "a negation is written `NOT`",
            ),
            c => (
                format!("`{c}` means nothing in IDL"),
                "a name with other characters than letters, digits, `_` and `.` is written in \
                 brackets: `[X-Name]`",
            ),
        };
        self.fail(c.len_utf8(), &message, help);
    }

    fn fail(&mut self, length: usize, message: &str, help: &'static str) {
        let range = self.at..self.at + length;
        self.at = range.end;
        self.errors.push(SyntaxError {
            range,
            message: message.to_owned(),
            help: Some(help),
        });
    }
}

/// The length of blanks or of a comment at the start of a text.
fn skipped(text: &str) -> Option<usize> {
    let blanks = run(text, char::is_whitespace);
    if blanks > 0 {
        return Some(blanks);
    }
    if text.starts_with('#') || text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    let comment = text.strip_prefix("/*")?;
    Some(comment.find("*/").map_or(text.len(), |end| end + 4))
}

/// How many bytes of the start of a text are of a kind.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
