//! Texts inside `[...]` and `{...}`, as their author means them.

use std::ops::Range;

/// A text inside brackets.
pub(super) struct Scalar<'a> {
    /// Its key, in a mapping.
    pub(super) key: Option<&'a str>,
    /// Where it stands, with all brackets and strings that it holds itself.
    pub(super) range: Range<usize>,
}

/// The text in brackets that `offset` is in.
pub(super) fn scalar_at(text: &str, offset: usize) -> Option<Scalar<'_>> {
    const LINES: usize = 20;
    let mut end = offset;
    for _ in 0..LINES {
        let start = text.get(..end)?.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(start..)?.lines().next()?;
        if let Some(at) = opening(line).filter(|at| start + at <= offset) {
            return Scanner::new(text, start + at).find(offset);
        }
        end = start.checked_sub(1)?;
    }
    None
}

/// Where a line opens a list or a mapping that is a value.
fn opening(line: &str) -> Option<usize> {
    let is_value = |at: &usize| {
        let before = line.get(..*at).unwrap_or_default();
        let text = before.trim_start();
        text.is_empty() || text.ends_with("- ") || before.trim_end().ends_with(':')
    };
    let found = line.match_indices(['[', '{']).map(|(at, _)| at);
    found.into_iter().find(is_value)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    open: Vec<char>,
    key: Option<&'a str>,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, at: usize) -> Self {
        Self {
            text,
            at,
            open: Vec::new(),
            key: None,
        }
    }

    fn find(mut self, offset: usize) -> Option<Scalar<'a>> {
        loop {
            let c = self.text.get(self.at..)?.chars().next()?;
            match c {
                '[' | '{' => self.open.push(c),
                ']' | '}' => {
                    self.open.pop();
                    self.key = None;
                }
                ',' => self.key = None,
                _ if c.is_whitespace() => {}
                _ => {
                    let range = self.scalar()?;
                    let is_here = range.start <= offset && offset <= range.end;
                    if is_here && !range.is_empty() {
                        let key = self.key;
                        return Some(Scalar { key, range });
                    }
                    continue;
                }
            }
            self.at += c.len_utf8();
            if self.open.is_empty() || self.at > offset + 1 {
                return None;
            }
        }
    }

    /// Reads up to the end of a value or behind the colon of a key, which has
    /// an empty range.
    fn scalar(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let may_be_key = self.key.is_none() && self.open.last() == Some(&'{');
        let mut depth = 0_usize;
        let mut rest = self.text.get(start..)?.char_indices();
        while let Some((index, c)) = rest.next() {
            let at = start + index;
            match c {
                '\n' => return self.end(start, at),
                ':' if may_be_key && depth == 0 && self.is_colon(at) => {
                    self.key = self.text.get(start..at);
                    self.at = at + 1;
                    return Some(at..at);
                }
                '"' | '\'' if !self.is_apostrophe(at) => {
                    let line = rest.as_str().lines().next().unwrap_or_default();
                    if let Some(closing) = line.find(c) {
                        let behind = index + 1 + closing + 1;
                        rest.by_ref()
                            .take_while(|(at, _)| at + 1 < behind)
                            .for_each(drop);
                    }
                }
                '(' | '[' | '{' => depth += 1,
                ',' | ']' | '}' if depth == 0 => return self.end(start, at),
                ')' | ']' | '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        None
    }

    /// `it's`
    fn is_apostrophe(&self, at: usize) -> bool {
        let before = self.text.get(..at).unwrap_or_default();
        before.ends_with(|c: char| c.is_alphanumeric() && c != 'r')
    }

    fn is_colon(&self, at: usize) -> bool {
        let behind = self.text.get(at + 1..).unwrap_or_default();
        behind.starts_with([' ', '\n'])
    }

    fn end(&mut self, start: usize, end: usize) -> Option<Range<usize>> {
        let text = self.text.get(start..end)?.trim_end();
        self.at = end;
        Some(start..start + text.len())
    }
}
