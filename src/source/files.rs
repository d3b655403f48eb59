//! The files that were read, and byte spans in them.

use std::path::Path;
use std::sync::Arc;

use super::{Code, Diagnostic};

/// One file of a [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// A stretch of a file's text in bytes: `start` inclusive, `end` exclusive.
/// Orders by file, then by position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte; never before `start`.
    pub end: usize,
}

impl Span {
    /// The bytes `start..end` of `file`; a reversed range becomes empty.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self {
            file,
            start,
            end: end.max(start),
        }
    }

    /// Whether `other` lies in it.
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The smallest span over both; `self` where they are in different files.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self::new(
            self.file,
            self.start.min(other.start),
            self.end.max(other.end),
        )
    }

    /// The empty span at the start of this one.
    #[must_use]
    pub fn at_start(self) -> Self {
        Self::new(self.file, self.start, self.start)
    }

    /// The empty span at the end of this one.
    #[must_use]
    pub fn at_end(self) -> Self {
        Self::new(self.file, self.end, self.end)
    }
}

/// A span as people count: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumns {
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the position behind the last character.
    pub end_line: usize,
    /// Column of the position behind the last character.
    pub end_column: usize,
}

/// The text of every file that was read, under the path shown to the user.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

#[derive(Clone, Debug)]
struct SourceFile {
    path: String,
    text: Arc<str>,
    /// Offset of the first byte of each line.
    lines: Vec<usize>,
}

impl Sources {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a text. A byte order mark at its start is dropped: offsets count
    /// without it.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let text = text.into();
        let text: Arc<str> = match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.into(),
            None => text.into(),
        };
        let breaks = text.match_indices('\n').map(|(offset, _)| offset + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            path: path.into(),
            text,
            lines,
        });
        id
    }

    /// Reads a file of UTF-8 text; the path is shown as given.
    ///
    /// # Errors
    /// The file can't be read, or is not UTF-8.
    pub fn read(&mut self, path: &Path) -> Result<FileId, Box<Diagnostic>> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            Diagnostic::error(
                Code::UnreadableFile,
                format!("`{shown}` can't be read: {error}"),
            )
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let offset = error.utf8_error().valid_up_to();
            Diagnostic::error(
                Code::UnreadableFile,
                format!("`{shown}` is not UTF-8 text (first at byte {offset})"),
            )
            .help("save the file as UTF-8")
        })?;
        Ok(self.add(shown, text))
    }

    /// The text of a file; empty for an id of other [`Sources`].
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }

    /// The text of a file, shared.
    pub fn shared_text(&self, file: FileId) -> Arc<str> {
        self.file(file)
            .map_or_else(|| "".into(), |file| Arc::clone(&file.text))
    }

    /// The path of a file as shown to the user.
    pub fn path(&self, file: FileId) -> &str {
        self.file(file).map_or("?", |file| &file.path)
    }

    /// The paths of all files as shown to the user, in the order of reading.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.path.as_str())
    }

    /// The text under a span; empty where it isn't one of the file's.
    pub fn excerpt(&self, span: Span) -> &str {
        self.text(span.file)
            .get(span.start..span.end)
            .unwrap_or_default()
    }

    /// A span in lines and columns, both from 1.
    pub fn line_col(&self, span: Span) -> LineColumns {
        let (line, column) = self.position(span.file, span.start);
        let (end_line, end_column) = self.position(span.file, span.end);
        LineColumns {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// The whole lines that a span touches, without the last line break, and
    /// the offset of their first byte.
    pub(super) fn whole_lines(&self, span: Span) -> (&str, usize) {
        let text = self.text(span.file);
        let start = text
            .get(..span.start)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1);
        let last = span.end.saturating_sub(1).max(span.start);
        let end = text
            .as_bytes()
            .iter()
            .enumerate()
            .skip(last)
            .find_map(|(at, byte)| (*byte == b'\n').then_some(at))
            .unwrap_or(text.len());
        (text.get(start..end).unwrap_or_default(), start)
    }

    fn position(&self, file: FileId, offset: usize) -> (usize, usize) {
        let Some(file) = self.file(file) else {
            return (1, 1);
        };
        let line = file.lines.partition_point(|&start| start <= offset).max(1);
        let start = file.lines.get(line - 1).copied().unwrap_or(0);
        let before = file.text.get(start..offset).unwrap_or_default();
        (line, before.chars().count() + 1)
    }

    fn file(&self, file: FileId) -> Option<&SourceFile> {
        self.files.get(file.0 as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "\u{feff}a: é€b\nc: d");
        let span = Span::new(file, 8, 12);
        assert_eq!(sources.excerpt(span), "b\nc:");
        let found = sources.line_col(span);
        assert_eq!((found.line, found.column), (1, 6));
        assert_eq!((found.end_line, found.end_column), (2, 3));
    }

    #[test]
    fn whole_lines_hold_the_span() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "one\ntwo\nthree\n");
        assert_eq!(sources.whole_lines(Span::new(file, 5, 6)), ("two", 4));
        assert_eq!(
            sources.whole_lines(Span::new(file, 5, 9)),
            ("two\nthree", 4)
        );
        assert_eq!(sources.whole_lines(Span::new(file, 14, 14)), ("", 14));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Sources::new().read(Path::new("no/such.yaml")).unwrap_err();
        assert!(error.message.contains("no/such.yaml"));
    }
}
