//! Words, numbers, texts and marks of an expression, also of one that can't be
//! parsed: what advice on it goes by.

use std::ops::Range;

use super::parse::literal_length;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    Word,
    Number,
    Text,
    Mark,
}

/// A token and its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub span: Range<usize>,
}

/// Marks of more than one character, longer ones first; those of other
/// languages among them.
const MARKS: [&str; 22] = [
    "===", "!==", "**", "->", "=>", "=~", "??", "?.", "?:", "<>", "<=", ">=", "==", "!=", "&&",
    "||", ":=", "=<", "~=", "!~", "::", "{{",
];

/// The tokens of a text. Comments are none.
pub(super) struct Tokens<'a> {
    /// What they are tokens of.
    pub text: &'a str,
    list: Vec<Token>,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut list = Vec::new();
        let mut at = 0;
        while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = text.get(at..).unwrap_or("");
            let (width, kind) = first(rest, next, text.get(..at).unwrap_or(""));
            if let Some(kind) = kind {
                let span = at..at + width;
                list.push(Token { kind, span });
            }
            at += width;
        }
        Self { text, list }
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The token at `index` as written; empty beyond the ends.
    pub(super) fn str(&self, index: usize) -> &'a str {
        let token = self.list.get(index);
        token.map_or("", |token| self.slice(token.span.clone()))
    }

    /// The token before `index` as written.
    pub(super) fn before(&self, index: usize) -> &'a str {
        index.checked_sub(1).map_or("", |index| self.str(index))
    }

    pub(super) fn slice(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or("")
    }

    pub(super) fn kind(&self, index: usize) -> Option<TokenKind> {
        self.list.get(index).map(|token| token.kind)
    }

    /// The bytes of a token; the end of the text beyond the last.
    pub(super) fn span(&self, index: usize) -> Range<usize> {
        let end = self.text.len();
        let token = self.list.get(index);
        token.map_or(end..end, |token| token.span.clone())
    }

    /// The bytes of the tokens from `first` to `last`.
    pub(super) fn spans(&self, first: usize, last: usize) -> Range<usize> {
        self.span(first).start..self.span(last).end
    }

    /// The text of the tokens from `first` to `last`.
    pub(super) fn strs(&self, first: usize, last: usize) -> &'a str {
        self.slice(self.spans(first, last))
    }

    /// The token that covers the byte `at`, or the next one behind it.
    pub(super) fn at(&self, at: usize) -> Option<usize> {
        self.list.iter().position(|token| token.span.end > at)
    }

    /// Whether nothing stands between a token and the one before it.
    pub(super) fn joins(&self, index: usize) -> bool {
        (1..self.len()).contains(&index) && self.span(index - 1).end == self.span(index).start
    }

    /// Whether a token is `word`, in whatever case.
    pub(super) fn is(&self, index: usize, word: &str) -> bool {
        self.str(index).eq_ignore_ascii_case(word)
    }

    /// Whether a value ends with the token.
    pub(super) fn ends_value(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(TokenKind::Word) => !is_operator_word(self.str(index)),
            Some(TokenKind::Number | TokenKind::Text) => true,
            Some(TokenKind::Mark) => matches!(self.str(index), ")" | "]" | "}"),
            None => false,
        }
    }

    /// Whether a value may begin with the token.
    pub(super) fn begins_value(&self, index: usize) -> bool {
        match self.kind(index) {
            Some(TokenKind::Word) => !is_operator_word(self.str(index)),
            Some(TokenKind::Number | TokenKind::Text) => true,
            Some(TokenKind::Mark) => matches!(self.str(index), "(" | "[" | "{" | "!" | "-"),
            None => false,
        }
    }

    /// The bracket that the closing one at `index` belongs to.
    pub(super) fn opening(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in (0..=index).rev() {
            match self.str(at) {
                ")" | "]" | "}" => depth += 1,
                "(" | "[" | "{" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The bracket that closes the opening one at `index`.
    pub(super) fn closing(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for at in index..self.len() {
            match self.str(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
        }
        None
    }

    /// The innermost bracket that is open before `index`.
    pub(super) fn enclosing(&self, index: usize) -> Option<usize> {
        let mut open = Vec::new();
        for at in 0..index {
            match self.str(at) {
                "(" | "[" | "{" | "{{" => open.push(at),
                ")" | "]" | "}" => drop(open.pop()),
                _ => {}
            }
        }
        open.pop()
    }

    /// The first token of the path, call or literal that ends before `index`.
    pub(super) fn operand_before(&self, index: usize) -> Option<usize> {
        let mut at = index.checked_sub(1).filter(|at| self.ends_value(*at))?;
        loop {
            if matches!(self.str(at), ")" | "]" | "}") {
                at = self.opening(at)?;
                let goes_on = at > 0 && self.str(at) != "{" && self.ends_value(at - 1);
                if goes_on {
                    at -= 1;
                    continue;
                }
            }
            let is_member =
                at >= 2 && matches!(self.str(at - 1), "." | "?.") && self.ends_value(at - 2);
            if !is_member {
                return Some(at);
            }
            at -= 2;
        }
    }

    /// The last token of the path, call or literal that begins at `index`.
    pub(super) fn operand_after(&self, index: usize) -> Option<usize> {
        if matches!(self.str(index), "!" | "-") {
            return self.operand_after(index + 1);
        }
        if !self.begins_value(index) {
            return None;
        }
        let mut at = match self.str(index) {
            "(" | "[" | "{" => self.closing(index)?,
            _ => index,
        };
        loop {
            at = match self.str(at + 1) {
                "(" | "[" if self.kind(at) != Some(TokenKind::Number) => self.closing(at + 1)?,
                "." | "?." if self.kind(at + 2) == Some(TokenKind::Word) => at + 2,
                _ => return Some(at),
            };
        }
    }

    /// The last token of the comparison or other part of a condition that
    /// begins at `index`: up to `&&`, `||` and the like.
    pub(super) fn clause_after(&self, index: usize) -> Option<usize> {
        let mut at = index;
        while at < self.len() {
            match self.str(at) {
                "(" | "[" | "{" => at = self.closing(at)?,
                ")" | "]" | "}" | "&&" | "||" | "," | "?" | ":" | ";" => break,
                word if is_junction(word) => break,
                _ => {}
            }
            at += 1;
        }
        at.checked_sub(1).filter(|last| *last >= index)
    }

    /// The text with `span` replaced, if that can be parsed.
    pub(super) fn mended(&self, span: Range<usize>, with: &str) -> Option<String> {
        let mut text = self.text.to_owned();
        let is_inside = text.is_char_boundary(span.start) && text.is_char_boundary(span.end);
        if !is_inside || span.start > span.end {
            return None;
        }
        text.replace_range(span, with);
        super::parse::compiles(&text).then_some(text)
    }
}

fn is_junction(word: &str) -> bool {
    ["and", "or", "implies", "then", "else"]
        .iter()
        .any(|junction| word.eq_ignore_ascii_case(junction))
}

/// Words that stand between values, in whatever language.
fn is_operator_word(word: &str) -> bool {
    const WORDS: [&str; 14] = [
        "in", "and", "or", "not", "is", "like", "between", "for", "if", "else", "then", "implies",
        "xor", "ilike",
    ];
    WORDS
        .iter()
        .any(|operator| word.eq_ignore_ascii_case(operator))
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The width of what `rest` begins with, and what it is if it is a token.
fn first(rest: &str, next: char, before: &str) -> (usize, Option<TokenKind>) {
    let run = |test: fn(char) -> bool| rest.find(|c| !test(c)).unwrap_or(rest.len());
    if next.is_whitespace() {
        return (next.len_utf8(), None);
    }
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), None);
    }
    if matches!(next, '\'' | '"') {
        return (literal_length(rest, before), Some(TokenKind::Text));
    }
    if next.is_ascii_digit() {
        return (number_length(rest), Some(TokenKind::Number));
    }
    if is_word(next) {
        let width = run(is_word);
        // The prefix of a raw text belongs to it.
        let word = rest.get(..width).unwrap_or("");
        let behind = rest.get(width..).unwrap_or("");
        if ["r", "R"].contains(&word) && behind.starts_with(['\'', '"']) {
            let text = literal_length(behind, word);
            return (width + text, Some(TokenKind::Text));
        }
        return (width, Some(TokenKind::Word));
    }
    let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
    let width = mark.map_or(next.len_utf8(), |mark| mark.len());
    (width, Some(TokenKind::Mark))
}

/// The length of the number that `text` begins with, without what is joined
/// to it.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text.get(from..).unwrap_or("");
        rest.find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len())
    };
    if text.starts_with("0x") {
        let rest = text.get(2..).unwrap_or("");
        let width = rest.find(|c: char| !c.is_ascii_hexdigit());
        return 2 + width.unwrap_or(rest.len());
    }
    let mut end = digits(0);
    if text.get(end..).is_some_and(|rest| rest.starts_with('.')) && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    let exponent = text.get(end..).unwrap_or("");
    if exponent.starts_with(['e', 'E']) {
        let sign = usize::from(exponent.get(1..).is_some_and(|e| e.starts_with(['+', '-'])));
        let width = digits(end + 1 + sign);
        if width > 0 {
            end += 1 + sign + width;
        }
    }
    end
}
