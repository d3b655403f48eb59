//! Syntax errors that the layout of the lines explains: indentation, and blanks
//! and colons that are missing.

use granit_parser::ErrorKind;

use super::lines::{Line, upwards, with_tab};
use crate::source::{Code, Diagnostic, FileId, Span};
use crate::tree::plain_or_quoted;

/// What the layout says about an error at `at`, if anything.
pub(super) fn explain(kind: &ErrorKind, text: &str, at: Span) -> Option<Diagnostic> {
    let (line, above) = upwards(text, at.start);
    let place = Place {
        line,
        above: &above,
        file: at.file,
    };
    let first = line.start + line.indentation().len();
    match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabInPlainScalar
        | ErrorKind::TabAtBlockScalarStart => tab(text, at),
        ErrorKind::SimpleKeyExpected => Some(
            place
                .block_text()
                .or_else(|| place.blank_behind_colon(&line))
                .or_else(|| place.colon(&line))
                .unwrap_or_else(|| place.no_key()),
        ),
        ErrorKind::MappingValueNotAllowed if place.ends_key(at) => place.too_deep(),
        ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::ExpectedBlockMappingKey
            if at.start == first =>
        {
            place
                .blank_behind_dash(&line)
                .or_else(|| place.block_text())
                .or_else(|| place.misfit())
        }
        _ => None,
    }
}

fn tab(text: &str, at: Span) -> Option<Diagnostic> {
    let (number, line) = with_tab(text, at.start)?;
    let blanks = line.indentation();
    let tab = blanks.find('\t')?;
    let run = blanks.len() - blanks.get(tab..)?.trim_start_matches('\t').len();
    let span = Span::new(at.file, line.start + tab, line.start + run);
    Some(
        syntax(format!("line {number} is indented by a tab"))
            .at(span, "a tab")
            .help("use blanks: YAML takes no tabs as indentation"),
    )
}

fn syntax(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::YamlSyntax, message)
}

/// The line of the error and those above it, nearest first.
struct Place<'a> {
    line: Line<'a>,
    above: &'a [Line<'a>],
    file: FileId,
}

impl Place<'_> {
    /// A stretch of a line's text behind its indentation and `- `.
    fn span(&self, line: &Line<'_>, from: usize, to: usize) -> Span {
        let start = line.start + line.column();
        Span::new(self.file, start + from, start + to)
    }

    /// Whether the colon of the line's key is at `at`.
    fn ends_key(&self, at: Span) -> bool {
        let end = |key: &str| self.line.start + self.line.column() + key.len();
        self.line.key().is_some_and(|key| end(key) == at.start)
    }

    /// `rule: >` with its text below, as little indented as `rule`.
    fn block_text(&self) -> Option<Diagnostic> {
        let head = self.above.first()?;
        let key = head.key()?;
        let value = head.value();
        let is_head =
            value.starts_with(['>', '|']) && value.trim_end_matches(['-', '+']).len() == 1;
        if !is_head || self.line.column() > head.column() {
            return None;
        }
        let span = self.span(&self.line, 0, self.line.text().len());
        let message = format!("the text of `{key}` must be indented deeper than `{key}`");
        Some(
            syntax(message)
                .at(span, "ends the block of text before it has begun")
                .help(format!("indent it by {}", blanks(head.column() + 2))),
        )
    }

    /// `rule:body.price > 10`
    fn blank_behind_colon(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let (key, value) = line.text().split_once(':')?;
        let is_blank = value.is_empty() || value.starts_with([' ', '/', ':']);
        if is_blank || !is_word(key) {
            return None;
        }
        Some(
            syntax("a blank is missing after `:`")
                .at(self.span(line, key.len(), key.len() + 1), "")
                .help(format!("write `{key}: {}`", plain_or_quoted(value))),
        )
    }

    /// `-id: x`
    fn blank_behind_dash(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let item = line.text().strip_prefix('-')?;
        let name = item.split(':').next().filter(|name| is_word(name))?;
        let is_key = name.len() < item.len();
        is_key.then(|| {
            syntax("a blank is missing after `-`")
                .at(self.span(line, 0, 1), "")
                .help(format!("write `- {item}`"))
        })
    }

    /// `rule body.price > 10`
    fn colon(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let text = line.text();
        let key = text.split(' ').next().filter(|key| is_word(key))?;
        let goes_on = |above: &Line<'_>| {
            above.text().ends_with(['&', '|', ',', '(', '+', '=']) && above.start != line.start
        };
        if self.above.first().is_some_and(goes_on) {
            return None;
        }
        let value = text.get(key.len()..).unwrap_or_default().trim();
        let written = match value {
            "" => format!("{key}:"),
            value => format!("{key}: {}", plain_or_quoted(value)),
        };
        Some(
            syntax(format!("a `:` is missing after `{key}`"))
                .at(self.span(line, 0, key.len()), "a key is expected here")
                .help(format!("write `{written}`"))
                .help("a text that goes on from the line above is indented deeper than its key"),
        )
    }

    fn no_key(&self) -> Diagnostic {
        let span = self.span(&self.line, 0, self.line.text().len());
        syntax("this line is no key with a value")
            .at(span, "a key and `:` are expected here")
            .help("a text that goes on from the line above is indented deeper than its key")
    }

    /// A key below a text that isn't finished for YAML, as the key is deeper.
    fn too_deep(&self) -> Option<Diagnostic> {
        let key = self.line.key()?;
        let above = self.above.first()?;
        let slip = self.blank_behind_dash(above);
        let is_alike = above.column() == self.line.column();
        let slip = slip.or_else(|| {
            let near = is_alike.then_some(above)?;
            self.blank_behind_colon(near).or_else(|| self.colon(near))
        });
        if slip.is_some() {
            return slip;
        }
        let sibling = above.key()?;
        let is_deeper = self.line.indentation().len() > above.column();
        if !is_deeper || above.value().is_empty() {
            return None;
        }
        let found = syntax(format!(
            "`{key}` is indented deeper than `{sibling}` above it"
        ))
        .at(
            self.span(&self.line, 0, key.len()),
            format!("YAML takes this line for a part of the text of `{sibling}`"),
        );
        let found = if self.line.is_item() {
            found.help("indent this `-` as the other ones of its list are")
        } else {
            found.help(as_the_sibling(key, sibling, above.column()))
        };
        Some(found.help("a text with `: ` in it needs quotes, or `>-` above it"))
    }

    /// A line whose indentation is none of those above.
    fn misfit(&self) -> Option<Diagnostic> {
        if self.line.is_item() {
            return self.misfit_dash();
        }
        let key = self.line.key()?;
        let column = self.line.column();
        let mut siblings = self.siblings();
        siblings.sort_by_key(|(_, own)| own.abs_diff(column));
        let (sibling, wanted) = siblings.first().copied()?;
        if wanted == column {
            return None;
        }
        let label = format!("{} in front", blanks(column));
        let found = syntax(format!("the indentation of `{key}` fits no key above it"))
            .at(self.span(&self.line, 0, key.len()), label)
            .help(as_the_sibling(key, sibling, wanted));
        let is_near =
            |(_, own): &&(&str, usize)| own.abs_diff(column) == 1 && wanted.abs_diff(column) == 1;
        let other = siblings.get(1).filter(is_near);
        Some(found.maybe_help(other.map(|(other, own)| {
            format!(
                "or as `{other}` is, if it belongs there: by {}",
                blanks(*own)
            )
        })))
    }

    /// A key of each mapping that the line above is in, innermost first, and its
    /// column.
    fn siblings(&self) -> Vec<(&str, usize)> {
        let mut lowest = usize::MAX;
        let mut found = Vec::new();
        for line in self.above {
            let own = line.column();
            if own >= lowest {
                continue;
            }
            lowest = match line.is_item() {
                true => line.indentation().len(),
                false => own,
            };
            found.extend(line.key().map(|name| (name, own)));
        }
        found
    }

    fn misfit_dash(&self) -> Option<Diagnostic> {
        let column = self.line.indentation().len();
        let items = self.above.iter().filter(|line| line.is_item());
        let columns = items.map(|line| line.indentation().len());
        let wanted = columns.min_by_key(|other| other.abs_diff(column))?;
        if wanted == column {
            return None;
        }
        let start = self.line.start + column;
        Some(
            syntax("the indentation of this `-` fits no list above it")
                .at(
                    Span::new(self.file, start, start + 1),
                    format!("{} in front", blanks(column)),
                )
                .help(format!(
                    "indent it as the `-` above it: by {}",
                    blanks(wanted)
                )),
        )
    }
}

fn as_the_sibling(key: &str, sibling: &str, column: usize) -> String {
    format!("indent `{key}` as `{sibling}` is: by {}", blanks(column))
}

fn blanks(count: usize) -> String {
    match count {
        0 => "no blanks".to_owned(),
        1 => "1 blank".to_owned(),
        _ => format!("{count} blanks"),
    }
}

/// Whether it could be a key: letters alone.
fn is_word(text: &str) -> bool {
    let is_first_small = text.starts_with(|c: char| c.is_ascii_lowercase());
    is_first_small && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
