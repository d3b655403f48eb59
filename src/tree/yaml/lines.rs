//! The lines of a document that can't be parsed, taken apart by their looks.

/// A line and what it seems to hold.
#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// Where it starts in the document.
    pub(super) start: usize,
    /// What is written there.
    pub(super) raw: &'a str,
}

impl<'a> Line<'a> {
    /// The blanks and tabs in front.
    pub(super) fn indentation(&self) -> &'a str {
        let text = self.raw.trim_start_matches([' ', '\t']);
        self.raw
            .get(..self.raw.len() - text.len())
            .unwrap_or_default()
    }

    /// How far in the text behind `- ` starts.
    pub(super) fn column(&self) -> usize {
        let mut text = self.raw.trim_start();
        while let Some(item) = text.strip_prefix("- ") {
            text = item.trim_start();
        }
        self.raw.len() - text.len()
    }

    /// The text without indentation and `- `.
    pub(super) fn text(&self) -> &'a str {
        let text = self.raw.get(self.column()..).unwrap_or_default();
        text.trim_end()
    }

    /// Whether it starts with `- `.
    pub(super) fn is_item(&self) -> bool {
        self.column() > self.indentation().len()
    }

    /// The key, if it has the form `key: value` or `key:`.
    pub(super) fn key(&self) -> Option<&'a str> {
        let text = self.text();
        let key = match text.split_once(": ") {
            Some((key, _)) => key,
            None => text.strip_suffix(':')?,
        };
        let odd = |c: char| c.is_whitespace() || "\"'{}[],&|<>=!".contains(c);
        (!key.is_empty() && !key.contains(odd)).then_some(key)
    }

    /// What stands behind the key, if there is one.
    pub(super) fn value(&self) -> &'a str {
        let value = self.text().split_once(": ").map(|(_, value)| value.trim());
        value.filter(|_| self.key().is_some()).unwrap_or_default()
    }

    fn is_blank(&self) -> bool {
        let text = self.raw.trim_start();
        text.is_empty() || text.starts_with('#')
    }
}

/// The line that `offset` is in, and those above that hold something, nearest
/// first.
pub(super) fn upwards(text: &str, offset: usize) -> (Line<'_>, Vec<Line<'_>>) {
    let mut above = Vec::new();
    let mut start = 0;
    for raw in text.split_inclusive('\n') {
        let line = Line {
            start,
            raw: raw.trim_end_matches(['\n', '\r']),
        };
        start += raw.len();
        if offset < start {
            above.reverse();
            return (line, above);
        }
        if !line.is_blank() {
            above.push(line);
        }
    }
    above.reverse();
    (Line { start, raw: "" }, above)
}

/// The first line from `offset` on that a tab indents, with nothing but empty
/// lines before it.
pub(super) fn with_tab(text: &str, offset: usize) -> Option<(usize, Line<'_>)> {
    let number = text.get(..offset)?.matches('\n').count() + 1;
    let (current, _) = upwards(text, offset);
    let mut start = current.start;
    let rest = text.get(start..)?;
    for (count, raw) in rest.split_inclusive('\n').enumerate() {
        let line = Line {
            start,
            raw: raw.trim_end_matches(['\n', '\r']),
        };
        start += raw.len();
        if line.indentation().contains('\t') && !line.is_blank() {
            return Some((number + count, line));
        }
        if count > 0 && !line.is_blank() {
            break;
        }
    }
    None
}
