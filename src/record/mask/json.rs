//! Secrets in JSON, whole or cut, right or wrong: all but their values stays as
//! it is written.

use super::Secrets;

/// A part of a JSON text.
enum Token<'t> {
    /// A string in quotes; the closing one may be missing.
    Text(&'t str),
    /// A number, true, false, null, or what should be one.
    Word(&'t str),
    /// A bracket, a comma, white space.
    Other(&'t str),
}

/// The text with the values of members with secret names masked: texts and
/// numbers, those within lists and objects included.
pub(super) fn members(secrets: &Secrets, text: &str) -> String {
    let mut writer = Writer {
        secrets,
        out: String::with_capacity(text.len()),
        depth: 0,
        is_next: false,
        hidden: None,
    };
    let mut rest = text;
    while let Some((token, behind)) = next(rest) {
        writer.token(&token, is_key(behind));
        rest = behind;
    }
    writer.out
}

/// How many keys of objects there are.
pub(in super::super) fn keys(text: &str) -> usize {
    let mut count = 0;
    let mut rest = text;
    while let Some((token, behind)) = next(rest) {
        count += usize::from(matches!(token, Token::Text(_)) && is_key(behind));
        rest = behind;
    }
    count
}

/// Whether the text in front of this is a key.
fn is_key(behind: &str) -> bool {
    behind.trim_start().starts_with(':')
}

struct Writer<'s> {
    secrets: &'s Secrets,
    out: String,
    /// How many brackets are open.
    depth: usize,
    /// Whether the next value is secret.
    is_next: bool,
    /// All is, until so many brackets are open again.
    hidden: Option<usize>,
}

impl Writer<'_> {
    fn token(&mut self, token: &Token<'_>, is_key: bool) {
        match token {
            Token::Text(raw) if is_key => {
                self.is_next = self.secrets.is_secret(&content(raw));
                self.out.push_str(raw);
            }
            Token::Text(raw) => self.value(raw, &content(raw)),
            Token::Word(word @ ("true" | "false" | "null")) => self.plain(word),
            Token::Word(word) => self.value(word, word),
            Token::Other(text) => self.other(text),
        }
    }

    fn value(&mut self, raw: &str, content: &str) {
        if !self.is_next && self.hidden.is_none() || content.is_empty() {
            return self.plain(raw);
        }
        self.is_next = false;
        let mask = self.secrets.masked(content);
        self.out.push_str(&format!("\"{mask}\""));
    }

    fn plain(&mut self, raw: &str) {
        self.is_next = false;
        self.out.push_str(raw);
    }

    fn other(&mut self, text: &str) {
        match text {
            "{" | "[" => {
                if self.is_next && self.hidden.is_none() {
                    self.hidden = Some(self.depth);
                }
                self.is_next = false;
                self.depth += 1;
            }
            "}" | "]" => {
                self.depth = self.depth.saturating_sub(1);
                self.hidden = self.hidden.filter(|depth| *depth < self.depth);
            }
            "," => self.is_next = false,
            _ => {}
        }
        self.out.push_str(text);
    }
}

/// What a string says, or all that is there of it.
fn content(raw: &str) -> String {
    let inner = raw.strip_prefix('"').unwrap_or(raw);
    serde_json::from_str(raw).unwrap_or_else(|_| inner.trim_end_matches('"').to_owned())
}

/// The first token, and what is behind it.
fn next(text: &str) -> Option<(Token<'_>, &str)> {
    let first = text.chars().next()?;
    let (length, make): (usize, fn(&str) -> Token<'_>) = match first {
        '"' => (string_length(text), |raw| Token::Text(raw)),
        '{' | '}' | '[' | ']' | ',' | ':' => (1, |raw| Token::Other(raw)),
        _ if first.is_whitespace() => (run(text, char::is_whitespace), |raw| Token::Other(raw)),
        _ => (run(text, |letter| !is_border(letter)), |raw| {
            Token::Word(raw)
        }),
    };
    let (token, behind) = text.split_at_checked(length)?;
    Some((make(token), behind))
}

fn is_border(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '{' | '}' | '[' | ']' | ',' | ':' | '"')
}

fn run(text: &str, goes_on: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !goes_on(letter)).unwrap_or(text.len())
}

/// How long the string at the start is, quotes included.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::Masking;
    use super::*;

    #[test]
    fn values_of_secret_members_are_masked() {
        let masking = Masking::new([], []);
        let mask = |secret: &str| format!("\"{}\"", masking.header("x-api-key", secret));
        let (a, one) = (mask("a"), mask("1"));
        let (inner, cut) = (mask("a\"b"), mask("ab"));
        for (text, masked) in [
            (
                r#"{ "token" : "a", "b": "a" }"#,
                format!(r#"{{ "token" : {a}, "b": "a" }}"#),
            ),
            (
                r#"{"token":1,"b":1}"#,
                format!(r#"{{"token":{one},"b":1}}"#),
            ),
            (
                r#"{"token":null,"b":"a"}"#,
                r#"{"token":null,"b":"a"}"#.to_owned(),
            ),
            (
                r#"{"pass\u0077ord":"a\"b"}"#,
                format!(r#"{{"pass\u0077ord":{inner}}}"#),
            ),
            (
                r#"[{"secrets":{"k":["a",{"b":1}],"t":true},"c":"a"}]"#,
                format!(r#"[{{"secrets":{{"k":[{a},{{"b":{one}}}],"t":true}},"c":"a"}}]"#),
            ),
            (
                r#"{"a":["token","a"],"x":"token: a"}"#,
                r#"{"a":["token","a"],"x":"token: a"}"#.to_owned(),
            ),
            (r#"{"token":"ab"#, format!(r#"{{"token":{cut}"#)),
            (
                r#"{"token":"a","token":"a"} junk ü"#,
                format!(r#"{{"token":{a},"token":{a}}} junk ü"#),
            ),
        ] {
            assert_eq!(masking.body(text, "application/json"), masked);
        }
    }

    #[test]
    fn keys_are_counted() {
        assert_eq!(keys(r#"{"a":{"b":"c\":"},"d":["e"]}"#), 3);
    }
}
