//! Patterns as JSON Schema has them (ECMA 262) in the syntax of regex-syntax.
//!
//! Both look alike and differ in detail: classes such as `\d` are ASCII in
//! ECMA, `.` leaves out four line ends, `[^]` is any character, `&&` in a class
//! is two ampersands. What an automaton can't do is refused by name. Lookaheads
//! directly after a leading `^` are taken apart into patterns of their own.

use std::fmt::Write as _;

/// Why a `pattern` can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A feature that no finite automaton has, or that is not ECMA 262.
    #[error("{feature} is not supported (character {at} of the pattern)")]
    Unsupported {
        /// What it is, with the text that asks for it.
        feature: String,
        /// Which character of the pattern, counted from 1.
        at: usize,
    },
    /// Not a regular expression.
    #[error("it is not a valid regular expression: {message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// Its automaton is beyond the limit of a few megabytes.
    #[error("it needs too large an automaton")]
    TooLarge,
}

/// One conjunct of a pattern: what must match, or must not, somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Conjunct {
    /// In the syntax of regex-syntax.
    pub regex: String,
    /// False for a negative lookahead.
    pub wanted: bool,
}

const SPACES: &str =
    r"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}";
const NOT_SPACES: &str = r"\x00-\x08\x0e-\x1f!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}";
const ANY: &str = r"[\x00-\x{10ffff}]";
const NONE: &str = r"[^\x00-\x{10ffff}]";
const DOT: &str = r"[^\n\r\x{2028}\x{2029}]";

/// The conjuncts that a string must satisfy to match `pattern` somewhere.
pub(super) fn translate(pattern: &str) -> Result<Vec<Conjunct>, PatternError> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut conjuncts = Vec::new();
    let mut start = 0;
    if chars.first() == Some(&'^') && !has_top_level_alternation(&chars) {
        while let Some(ahead) = lookahead(&chars, start + 1) {
            let body = chars.get(ahead.body.clone()).unwrap_or_default();
            let regex = Translator::new(body, ahead.body.start).run()?;
            conjuncts.push(Conjunct {
                regex: format!("^(?:{regex})"),
                wanted: ahead.wanted,
            });
            start = ahead.end;
        }
    }
    // `start` is on the `^`, or on the `)` of the last lookahead taken off.
    let anchored = !conjuncts.is_empty();
    let rest = if anchored { start + 1 } else { 0 };
    let body = chars.get(rest..).unwrap_or_default();
    let regex = Translator::new(body, rest).run()?;
    conjuncts.push(Conjunct {
        regex: if anchored { format!("^{regex}") } else { regex },
        wanted: true,
    });
    Ok(conjuncts)
}

struct Lookahead {
    body: std::ops::Range<usize>,
    wanted: bool,
    /// Index of its closing parenthesis.
    end: usize,
}

/// The lookahead that opens at `at`, unless a quantifier follows it.
fn lookahead(chars: &[char], at: usize) -> Option<Lookahead> {
    let wanted = match chars.get(at..at + 3)? {
        ['(', '?', '='] => true,
        ['(', '?', '!'] => false,
        _ => return None,
    };
    let mut depth = 0_usize;
    for (index, token) in Tokens::new(chars, at) {
        match token {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let quantified = matches!(chars.get(index + 1), Some('*' | '+' | '?' | '{'));
            return (!quantified).then_some(Lookahead {
                body: at + 3..index,
                wanted,
                end: index,
            });
        }
    }
    None
}

fn has_top_level_alternation(chars: &[char]) -> bool {
    let mut depth = 0_i64;
    for (_, token) in Tokens::new(chars, 0) {
        match token {
            '(' => depth += 1,
            ')' => depth -= 1,
            '|' if depth == 0 => return true,
            _ => {}
        }
    }
    false
}

/// The characters of a pattern outside classes and escapes, with their index.
struct Tokens<'a> {
    chars: &'a [char],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn new(chars: &'a [char], at: usize) -> Self {
        Self { chars, at }
    }
}

impl Iterator for Tokens<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        let mut in_class = false;
        loop {
            let at = self.at;
            let token = *self.chars.get(at)?;
            self.at += 1;
            match token {
                '\\' => self.at += 1,
                '[' => in_class = true,
                ']' if in_class => in_class = false,
                _ if in_class => {}
                _ => return Some((at, token)),
            }
        }
    }
}

struct Translator<'a> {
    chars: &'a [char],
    at: usize,
    /// Where `chars` starts in the whole pattern, for messages.
    offset: usize,
    out: String,
}

impl<'a> Translator<'a> {
    fn new(chars: &'a [char], offset: usize) -> Self {
        Self {
            chars,
            at: 0,
            offset,
            out: String::new(),
        }
    }

    fn run(mut self) -> Result<String, PatternError> {
        while let Some(token) = self.take() {
            match token {
                '\\' => self.escape(false)?,
                '[' => self.class()?,
                '(' => self.group()?,
                '.' => self.out.push_str(DOT),
                '{' if !self.at_quantifier() => self.out.push_str(r"\{"),
                '}' if !self.out_ends_quantifier() => self.out.push_str(r"\}"),
                ']' => self.out.push_str(r"\]"),
                other => self.out.push(other),
            }
        }
        Ok(self.out)
    }

    fn take(&mut self) -> Option<char> {
        let token = self.peek(0);
        self.at += usize::from(token.is_some());
        token
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn unsupported(&self, feature: impl Into<String>) -> PatternError {
        PatternError::Unsupported {
            feature: feature.into(),
            at: self.offset + self.at,
        }
    }

    /// Whether what follows a `{` makes it a quantifier: `3}`, `3,}`, `3,5}`.
    fn at_quantifier(&self) -> bool {
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let Some(close) = rest.iter().position(|&c| c == '}') else {
            return false;
        };
        let inner: String = rest.iter().take(close).collect();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match inner.split_once(',') {
            Some((low, high)) => is_number(low) && (high.is_empty() || is_number(high)),
            None => is_number(&inner),
        }
    }

    fn out_ends_quantifier(&self) -> bool {
        let open = self.out.rfind('{');
        open.is_some_and(|open| {
            let escaped = open > 0 && self.out.as_bytes().get(open - 1) == Some(&b'\\');
            let inner = self.out.get(open + 1..).unwrap_or_default();
            !escaped && !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_digit() || b == b',')
        })
    }

    fn group(&mut self) -> Result<(), PatternError> {
        if self.peek(0) != Some('?') {
            self.out.push('(');
            return Ok(());
        }
        match (self.peek(1), self.peek(2)) {
            (Some(':'), _) => {
                self.at += 2;
                self.out.push_str("(?:");
                Ok(())
            }
            (Some('='), _) => Err(self.unsupported("a lookahead `(?=` after the start")),
            (Some('!'), _) => Err(self.unsupported("a negative lookahead `(?!` after the start")),
            (Some('<'), Some('=' | '!')) => Err(self.unsupported("a lookbehind `(?<`")),
            (Some('<'), _) => {
                let rest = self.chars.get(self.at..).unwrap_or_default();
                let close = rest.iter().position(|&c| c == '>').unwrap_or(rest.len());
                self.at += close + 1;
                self.out.push_str("(?:");
                Ok(())
            }
            (Some('i'), Some(':' | ')')) => {
                self.at += 3;
                let close = self.chars.get(self.at - 1).copied().unwrap_or(':');
                self.out.push_str("(?i");
                self.out.push(close);
                Ok(())
            }
            _ => Err(self.unsupported("a group with flags `(?`")),
        }
    }

    fn class(&mut self) -> Result<(), PatternError> {
        let negated = self.peek(0) == Some('^');
        self.at += usize::from(negated);
        if self.peek(0) == Some(']') {
            self.at += 1;
            self.out.push_str(if negated { ANY } else { NONE });
            return Ok(());
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        while let Some(token) = self.take() {
            match token {
                ']' => {
                    self.out.push(']');
                    return Ok(());
                }
                '\\' => self.escape(true)?,
                '-' => self.hyphen(),
                '[' | '&' | '~' | '^' => {
                    self.out.push('\\');
                    self.out.push(token);
                }
                other => self.out.push(other),
            }
        }
        Err(PatternError::Syntax {
            message: "a class `[` is not closed".into(),
        })
    }

    /// A hyphen in a class is a range only between two single characters.
    fn hyphen(&mut self) {
        let opens = matches!(self.chars.get(self.at.wrapping_sub(2)), None | Some('['));
        let closed = self.out.ends_with(']') && !self.out.ends_with(r"\]");
        let after_class = closed || self.out.ends_with(SPACES) || self.out.ends_with(NOT_SPACES);
        let before_class = self.peek(0) == Some('\\')
            && matches!(
                self.peek(1),
                Some('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'p' | 'P')
            );
        let closes = matches!(self.peek(0), None | Some(']'));
        let after_range = self.ends_range();
        if opens || closes || after_class || before_class || after_range {
            self.out.push('\\');
        }
        self.out.push('-');
    }

    /// Whether the class so far ends with a range such as `a-z`, after which
    /// a hyphen stands for itself.
    fn ends_range(&self) -> bool {
        let mut back = self
            .chars
            .get(..self.at.saturating_sub(1))
            .unwrap_or_default()
            .iter()
            .rev();
        let last = back.next();
        let before = back.next();
        let first = back.next();
        last.is_some_and(|c| *c != '\\')
            && before == Some(&'-')
            && !matches!(first, None | Some('[' | '\\' | '^'))
    }

    fn escape(&mut self, in_class: bool) -> Result<(), PatternError> {
        let Some(token) = self.take() else {
            return Err(PatternError::Syntax {
                message: "it ends with a backslash".into(),
            });
        };
        match token {
            'd' => self.out.push_str("[0-9]"),
            'D' => self.out.push_str("[^0-9]"),
            'w' => self.out.push_str("[0-9A-Za-z_]"),
            'W' => self.out.push_str("[^0-9A-Za-z_]"),
            's' => self.bracketed(SPACES),
            'S' => self.bracketed(NOT_SPACES),
            'b' if in_class => self.out.push_str(r"\x08"),
            'b' => self.out.push_str(r"(?-u:\b)"),
            'B' if !in_class => self.out.push_str(r"(?-u:\B)"),
            't' | 'n' | 'r' | 'f' | 'v' => {
                self.out.push('\\');
                self.out.push(token);
            }
            '0' if !self.peek(0).is_some_and(|c| c.is_ascii_digit()) => self.out.push_str(r"\x00"),
            '0'..='9' => return Err(self.unsupported(format!("the back reference `\\{token}`"))),
            'k' => return Err(self.unsupported("the back reference `\\k`")),
            'x' => self.code(2, "\\x")?,
            'u' => self.unicode()?,
            'c' => self.control()?,
            'p' | 'P' => self.property(token)?,
            other if other.is_ascii_alphabetic() => {
                return Err(
                    self.unsupported(format!("the escape `\\{other}`, which ECMA 262 lacks,"))
                );
            }
            '<' | '>' => self.out.push(token),
            other if other.is_ascii() => {
                self.out.push('\\');
                self.out.push(other);
            }
            other => self.out.push(other),
        }
        Ok(())
    }

    fn bracketed(&mut self, class: &str) {
        self.out.push('[');
        self.out.push_str(class);
        self.out.push(']');
    }

    fn character(&mut self, code: u32, what: &str) -> Result<(), PatternError> {
        if char::from_u32(code).is_none() {
            return Err(self.unsupported(format!("half of a surrogate pair, {what}{code:x},")));
        }
        // Writing to a string can't fail.
        let _ = write!(self.out, "\\x{{{code:x}}}");
        Ok(())
    }

    fn hex(&mut self, digits: usize) -> Option<u32> {
        let text: String = self.chars.get(self.at..self.at + digits)?.iter().collect();
        let code = u32::from_str_radix(&text, 16).ok()?;
        self.at += digits;
        Some(code)
    }

    fn code(&mut self, digits: usize, what: &str) -> Result<(), PatternError> {
        match self.hex(digits) {
            Some(code) => self.character(code, what),
            None => Err(self.unsupported(format!("`{what}` without {digits} hexadecimal digits"))),
        }
    }

    /// `\u0041`, `\u{1F600}`, or a surrogate pair `\uD83D\uDE00`.
    fn unicode(&mut self) -> Result<(), PatternError> {
        if self.peek(0) == Some('{') {
            let rest = self.chars.get(self.at + 1..).unwrap_or_default();
            let digits: String = rest.iter().take_while(|&&c| c != '}').collect();
            self.at += digits.chars().count() + 2;
            return match u32::from_str_radix(&digits, 16) {
                Ok(code) => self.character(code, "\\u"),
                Err(_) => Err(self.unsupported("`\\u{` without hexadecimal digits")),
            };
        }
        let Some(high) = self.hex(4) else {
            return Err(self.unsupported("`\\u` without 4 hexadecimal digits"));
        };
        let paired = (0xd800..0xdc00).contains(&high)
            && self.peek(0) == Some('\\')
            && self.peek(1) == Some('u');
        if !paired {
            return self.character(high, "\\u");
        }
        self.at += 2;
        let low = self.hex(4).unwrap_or(0).wrapping_sub(0xdc00) & 0x3ff;
        self.character(0x1_0000 + ((high - 0xd800) << 10) + low, "\\u")
    }

    fn control(&mut self) -> Result<(), PatternError> {
        match self.take() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                self.character(u32::from(letter) % 32, "\\c")
            }
            _ => Err(self.unsupported("`\\c` without a letter")),
        }
    }

    /// `\p{L}`, `\p{Script=Greek}`: the names are the same in both syntaxes.
    fn property(&mut self, token: char) -> Result<(), PatternError> {
        if self.peek(0) != Some('{') {
            return Err(self.unsupported(format!("`\\{token}` without a name in braces")));
        }
        let rest = self.chars.get(self.at..).unwrap_or_default();
        let name: String = rest.iter().take_while(|&&c| c != '}').collect();
        self.at += name.chars().count() + 1;
        self.out.push('\\');
        self.out.push(token);
        self.out.push_str(&name);
        self.out.push('}');
        Ok(())
    }
}
