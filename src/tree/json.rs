//! JSON into a tree, strictly by RFC 8259.

use super::yaml::report_duplicates;
use super::{Entry, MAX_DEPTH, MAX_NODES, Node, NodeKind, Text, TextStyle};
use crate::source::{Code, Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::value::parse_number;

/// Parses a file as JSON.
///
/// # Errors
/// Everything that is wrong with it: the first syntax error, duplicate keys,
/// too many or too deeply nested nodes.
pub fn parse_json(sources: &Sources, file: FileId) -> Result<Node, Diagnostics> {
    let mut reader = Reader {
        text: sources.text(file),
        file,
        at: 0,
        depth: 0,
        nodes: 0,
        found: Diagnostics::new(),
    };
    match reader.document() {
        Ok(node) if reader.found.is_empty() => Ok(node),
        Ok(_) => Err(reader.found),
        Err(diagnostic) => {
            reader.found.push(*diagnostic);
            Err(reader.found)
        }
    }
}

type Read<T> = Result<T, Box<Diagnostic>>;

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    depth: usize,
    nodes: usize,
    found: Diagnostics,
}

impl Reader<'_> {
    fn document(&mut self) -> Read<Node> {
        let node = self.value()?;
        self.blanks();
        match self.peek() {
            None => Ok(node),
            Some(_) => Err(self.wrong("text goes on behind the end of the document", "")),
        }
    }

    fn value(&mut self) -> Read<Node> {
        self.blanks();
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("the document has more than {MAX_NODES} nodes");
            return Err(self.too_large(message));
        }
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{') => self.nested(Self::mapping)?,
            Some(b'[') => self.nested(Self::sequence)?,
            Some(b'"') => NodeKind::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(_) => self.word()?,
            None => return Err(self.wrong("the document ends too early", "a value is expected")),
        };
        let span = self.span_from(start);
        Ok(Node { span, kind })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Read<NodeKind>) -> Read<NodeKind> {
        if self.depth >= MAX_DEPTH {
            let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
            return Err(self.too_large(message));
        }
        self.depth += 1;
        self.at += 1;
        let kind = read(self)?;
        self.depth -= 1;
        Ok(kind)
    }

    fn sequence(&mut self) -> Read<NodeKind> {
        let mut items = Vec::new();
        if self.next_is(b']') {
            return Ok(NodeKind::Sequence(items));
        }
        loop {
            items.push(self.value()?);
            if !self.separator(b']')? {
                return Ok(NodeKind::Sequence(items));
            }
        }
    }

    fn mapping(&mut self) -> Read<NodeKind> {
        let mut entries = Vec::new();
        if self.next_is(b'}') {
            return Ok(NodeKind::Mapping(entries));
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key is missing", "a key in double quotes is expected"));
            }
            let key = self.string()?;
            if !self.next_is(b':') {
                return Err(self.wrong("a `:` is missing", "expected behind the key"));
            }
            let value = self.value()?;
            entries.push(Entry {
                key: key.value,
                key_span: key.span,
                value,
            });
            if !self.separator(b'}')? {
                report_duplicates(&mut entries, &mut self.found);
                return Ok(NodeKind::Mapping(entries));
            }
        }
    }

    /// Reads `,` (another item follows: true) or the closing bracket.
    fn separator(&mut self, close: u8) -> Read<bool> {
        if self.next_is(close) {
            return Ok(false);
        }
        let comma = self.at;
        if !self.next_is(b',') {
            let message = format!("a `,` or a `{}` is missing", char::from(close));
            return Err(self.wrong(&message, "not expected here"));
        }
        self.blanks();
        if self.peek() == Some(close) {
            self.at = comma;
            return Err(self.wrong("JSON has no trailing commas", "remove this one"));
        }
        Ok(true)
    }

    fn string(&mut self) -> Read<Text> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain = rest
                .find(|c: char| matches!(c, '"' | '\\') || c < ' ')
                .unwrap_or(rest.len());
            value.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => value.push(self.escape()?),
                Some(_) => {
                    let message = "a control character in a string must be escaped";
                    return Err(self.wrong(message, "such as a line break, which is `\\n`"));
                }
                None => {
                    self.at = start;
                    return Err(self.wrong("this quote is never closed", ""));
                }
            }
        }
        self.at += 1;
        let span = self.span_from(start);
        Ok(Text::new(self.text, value, span, TextStyle::DoubleQuoted))
    }

    fn escape(&mut self) -> Read<char> {
        let start = self.at;
        let c = match self.text.as_bytes().get(self.at + 1) {
            Some(b'u') => return self.unicode_escape(),
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.wrong_from(start, 1, "JSON has no such escape")),
        };
        self.at += 2;
        Ok(c)
    }

    fn unicode_escape(&mut self) -> Read<char> {
        let start = self.at;
        let first = self.unit()?;
        let code = match first {
            0xd800..=0xdbff if self.text.get(self.at..self.at + 2) == Some("\\u") => {
                let second = self.unit()?;
                let low = second.wrapping_sub(0xdc00);
                if low > 0x3ff {
                    return Err(self.wrong_from(start, 12, "these two are no surrogate pair"));
                }
                0x10000 + ((first - 0xd800) << 10) + low
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| {
            self.wrong_from(start, 6, "half a surrogate pair is no character on its own")
        })
    }

    /// The code unit of `\uXXXX`.
    fn unit(&mut self) -> Read<u32> {
        let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
        let hex = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(unit) if hex => {
                self.at += 6;
                Ok(unit)
            }
            _ => Err(self.wrong_from(self.at, 2, "`\\u` takes four hexadecimal digits")),
        }
    }

    fn number(&mut self) -> Read<NodeKind> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '-' | '.'))
            .unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        if !is_number(text) {
            return Err(self.wrong_from(start, length, "this is no JSON number"));
        }
        self.at += length;
        match parse_number(text) {
            Some(value) => Ok(NodeKind::Number {
                value,
                text: text.to_owned(),
            }),
            None => {
                let message = "this number has an exponent beyond 400";
                let found = Diagnostic::error(Code::NumberRange, message);
                Err(Box::new(found.at(self.span_from(start), "not supported")))
            }
        }
    }

    fn word(&mut self) -> Read<NodeKind> {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let kind = match rest.get(..length).unwrap_or_default() {
            "null" => NodeKind::Null,
            "true" => NodeKind::Bool(true),
            "false" => NodeKind::Bool(false),
            "" => return Err(self.wrong("a value is missing", "not expected here")),
            _ => return Err(self.wrong_from(start, length, "texts need double quotes in JSON")),
        };
        self.at += length;
        Ok(kind)
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Skips blanks, and that byte if it is next.
    fn next_is(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    fn wrong(&self, message: &str, label: &str) -> Box<Diagnostic> {
        let length = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
            .map_or(0, char::len_utf8);
        let span = Span::new(self.file, self.at, self.at + length);
        Box::new(Diagnostic::error(Code::JsonSyntax, message).at(span, label))
    }

    fn wrong_from(&self, start: usize, length: usize, message: &str) -> Box<Diagnostic> {
        let end = (start + length).min(self.text.len());
        let span = Span::new(self.file, start, end);
        Box::new(Diagnostic::error(Code::JsonSyntax, message).at(span, ""))
    }

    fn too_large(&self, message: String) -> Box<Diagnostic> {
        let span = Span::new(self.file, self.at, self.at);
        Box::new(Diagnostic::error(Code::TooLarge, message).at(span, "one too many"))
    }
}

/// `-`? digits without a leading zero, fraction?, exponent?
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    let exponent = exponent.map(|part| part.strip_prefix(['-', '+']).unwrap_or(part));
    digits(whole) && !leading_zero && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node, String> {
        let mut sources = Sources::new();
        let file = sources.add("a.json", text);
        parse_json(&sources, file).map_err(|found| found.render_human(&sources, false))
    }

    #[test]
    fn values_are_read_exactly() {
        let node = read(r#" {"a": [1.10, -0, 1e2, "x\n\"", null, true], "b": {}, "c": []} "#);
        assert_eq!(
            node.unwrap().to_value().to_string(),
            r#"{"a": [1.1, 0, 100, "x\n\"", null, true], "b": {}, "c": []}"#
        );
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for (text, words) in [
            ("", "ends too early"),
            ("{\"a\": 1,}", "trailing commas"),
            ("[1 2]", "`,` or a `]` is missing"),
            ("{a: 1}", "a key is missing"),
            ("{\"a\" 1}", "a `:` is missing"),
            ("[01]", "no JSON number"),
            ("[1.]", "no JSON number"),
            ("[+1]", "a value is missing"),
            ("[0x1F]", "no JSON number"),
            ("['a']", "a value is missing"),
            ("[nil]", "texts need double quotes"),
            ("\"a\nb\"", "control character"),
            ("\"ab", "never closed"),
            (r#""\q""#, "no such escape"),
            (r#""\u12g4""#, "four hexadecimal digits"),
            (r#""\ud800""#, "half a surrogate pair"),
            (r#""\ud800\u0041""#, "no surrogate pair"),
            ("1 2", "behind the end"),
            ("1e999", "exponent beyond 400"),
            ("{\"a\": 1, \"a\": 2}", "`a` is there twice"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
    }

    #[test]
    fn nesting_is_limited() {
        assert!(read(&format!("{}{}", "[".repeat(128), "]".repeat(128))).is_ok());
        let error = read(&"[".repeat(100_000)).unwrap_err();
        assert!(error.contains("more than 128 deep"), "{error}");
    }
}
