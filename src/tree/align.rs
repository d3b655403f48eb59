//! Which bytes of a scalar's source each byte of its decoded value comes from.
//!
//! The scalar's source is walked a second time beside the value that the parser
//! decoded. Where the two don't meet, the mapping is given up, not guessed.

use std::ops::Range;

use super::TextStyle;

/// From offsets in a decoded value to offsets in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Map {
    /// Not known: everything maps to the whole scalar.
    Whole,
    /// The value stands in the file as it is, from this offset on.
    Verbatim { start: usize, len: usize },
    /// Piece by piece; gaps between them are folded blanks.
    Pieces(Vec<Piece>),
}

/// A stretch of the value and the stretch of the file that it comes from. Both
/// are equally long where they are the same text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    value: Range<usize>,
    file: Range<usize>,
}

impl Map {
    /// The stretch of the file for a range of the value.
    pub(super) fn find(&self, range: Range<usize>) -> Option<Range<usize>> {
        match self {
            Self::Whole => None,
            Self::Verbatim { start, len } => {
                let from = range.start.min(*len);
                let to = range.end.clamp(from, *len);
                Some(start + from..start + to)
            }
            Self::Pieces(pieces) => find_in(pieces, range),
        }
    }
}

fn find_in(pieces: &[Piece], range: Range<usize>) -> Option<Range<usize>> {
    let first = pieces.partition_point(|piece| piece.value.end <= range.start);
    let start = match pieces.get(first) {
        Some(piece) => piece.file_start(range.start),
        None => pieces.last()?.file.end,
    };
    if range.is_empty() {
        return Some(start..start);
    }
    let behind = pieces.partition_point(|piece| piece.value.start < range.end);
    let end = match behind.checked_sub(1).and_then(|last| pieces.get(last)) {
        Some(piece) => piece.file_end(range.end),
        None => start,
    };
    Some(start..end.max(start))
}

impl Piece {
    fn is_verbatim(&self) -> bool {
        self.value.len() == self.file.len()
    }

    fn file_start(&self, at: usize) -> usize {
        if self.is_verbatim() {
            self.file.start + at.saturating_sub(self.value.start)
        } else {
            self.file.start
        }
    }

    fn file_end(&self, at: usize) -> usize {
        if self.is_verbatim() {
            self.file.start + at.min(self.value.end) - self.value.start
        } else {
            self.file.end
        }
    }
}

/// Maps `value`, decoded from `raw`, which starts at `offset` of the file.
pub(super) fn align(raw: &str, value: &str, style: TextStyle, offset: usize) -> Map {
    let quotes = usize::from(matches!(
        style,
        TextStyle::SingleQuoted | TextStyle::DoubleQuoted
    ));
    let inner_end = raw.len().saturating_sub(quotes);
    let Some(inner) = raw.get(quotes..inner_end) else {
        return Map::Whole;
    };
    let start = offset + quotes;
    if inner == value {
        let len = value.len();
        return Map::Verbatim { start, len };
    }
    let mut walk = Walk {
        raw: inner,
        value,
        at: 0,
        decoded: 0,
        start,
        pieces: Vec::new(),
    };
    let met = match style {
        TextStyle::Block => walk.block(),
        _ => walk.flow(style),
    };
    match met {
        Some(()) => Map::Pieces(walk.pieces),
        None => Map::Whole,
    }
}

/// Two cursors: `at` in the source, `decoded` in the value.
struct Walk<'a> {
    raw: &'a str,
    value: &'a str,
    at: usize,
    decoded: usize,
    start: usize,
    pieces: Vec<Piece>,
}

impl Walk<'_> {
    /// A plain or quoted scalar. `None` where value and source don't meet.
    fn flow(&mut self, style: TextStyle) -> Option<()> {
        while let Some(c) = self.raw.get(self.at..)?.chars().next() {
            let blanks = self.blanks(self.at);
            let breaks = line_breaks(blanks);
            match c {
                _ if breaks > 0 => self.fold(blanks.len(), breaks)?,
                '\'' if style == TextStyle::SingleQuoted => self.take(2, 1)?,
                '\\' if style == TextStyle::DoubleQuoted => self.escape()?,
                _ => self.verbatim(c)?,
            }
        }
        (self.decoded == self.value.len()).then_some(())
    }

    /// A line break between two lines becomes a blank, further ones stay.
    fn fold(&mut self, source: usize, breaks: usize) -> Option<()> {
        let folded = if breaks == 1 {
            " ".to_owned()
        } else {
            "\n".repeat(breaks - 1)
        };
        if !self.value.get(self.decoded..)?.starts_with(&folded) {
            return None;
        }
        self.take(source, folded.len())
    }

    fn escape(&mut self) -> Option<()> {
        let rest = self.raw.get(self.at + 1..)?;
        let blanks = self.blanks(self.at + 1);
        if rest.starts_with(['\n', '\r']) {
            return self.take(1 + blanks.len(), line_breaks(blanks) - 1);
        }
        let source = match rest.chars().next()? {
            'x' => 4,
            'u' if is_high_surrogate(rest) => 12,
            'u' => 6,
            'U' => 10,
            c => 1 + c.len_utf8(),
        };
        let decoded = self.value.get(self.decoded..)?.chars().next()?;
        self.take(source, decoded.len_utf8())
    }

    fn verbatim(&mut self, c: char) -> Option<()> {
        if !self.value.get(self.decoded..)?.starts_with(c) {
            return None;
        }
        self.take(c.len_utf8(), c.len_utf8())
    }

    /// Blocks differ from their source by indentation and line folding alone,
    /// so that their lines follow one another in the value, too.
    fn block(&mut self) -> Option<()> {
        let mut line_start = 0;
        for line in self.raw.split_inclusive('\n') {
            self.at = line_start + (line.len() - line.trim_start_matches(is_blank).len());
            line_start += line.len();
            let content = line.trim_matches(is_blank);
            self.skip_decoded_blanks();
            let rest = self.value.get(self.decoded..)?;
            if rest.is_empty() {
                break;
            }
            if !rest.starts_with(content) {
                return None;
            }
            if !content.is_empty() {
                self.take(content.len(), content.len())?;
            }
        }
        self.skip_decoded_blanks();
        (self.decoded == self.value.len()).then_some(())
    }

    fn skip_decoded_blanks(&mut self) {
        let rest = self.value.get(self.decoded..).unwrap_or_default();
        self.decoded += rest.len() - rest.trim_start_matches(is_blank).len();
    }

    /// The blanks and line breaks of the source from `from` on.
    fn blanks(&self, from: usize) -> &str {
        let rest = self.raw.get(from..).unwrap_or_default();
        let length = rest.len() - rest.trim_start_matches(is_blank).len();
        rest.get(..length).unwrap_or_default()
    }

    /// Advances both cursors over a piece.
    fn take(&mut self, source: usize, decoded: usize) -> Option<()> {
        let file = self.start + self.at..self.start + self.at + source;
        let value = self.decoded..self.decoded + decoded;
        self.at += source;
        self.decoded += decoded;
        if self.at > self.raw.len() || self.decoded > self.value.len() {
            return None;
        }
        let verbatim = source == decoded;
        match self.pieces.last_mut() {
            Some(last)
                if verbatim
                    && last.is_verbatim()
                    && last.file.end == file.start
                    && last.value.end == value.start =>
            {
                last.file.end = file.end;
                last.value.end = value.end;
            }
            _ => self.pieces.push(Piece { value, file }),
        }
        Some(())
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn line_breaks(blanks: &str) -> usize {
    let returns = blanks.matches('\r').count() - blanks.matches("\r\n").count();
    blanks.matches('\n').count() + returns
}

fn is_high_surrogate(escape: &str) -> bool {
    let digits = escape.get(1..3).unwrap_or_default().to_ascii_lowercase();
    matches!(digits.as_str(), "d8" | "d9" | "da" | "db")
}
