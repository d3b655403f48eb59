//! Diagnostics as people read them: an excerpt with the place underlined.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, FileId, Label, Severity, Sources, Span};

impl Diagnostic {
    /// The finding with its excerpts; ends with a line break.
    pub fn render_human(&self, sources: &Sources, color: bool) -> String {
        let title = level(self.severity)
            .primary_title(self.message.as_str())
            .id(self.code.name());
        let mut group = Group::with_title(title);
        for file in self.files() {
            group = group.element(self.snippet(sources, file));
        }
        for text in &self.help {
            group = group.element(Level::HELP.message(text.as_str()));
        }
        for text in &self.notes {
            group = group.element(Level::NOTE.message(text.as_str()));
        }
        let renderer = if color {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let mut text = renderer.render(&[group]);
        text.push('\n');
        text
    }

    /// The files that labels are in; first the one of the finding's place.
    fn files(&self) -> Vec<FileId> {
        let mut files: Vec<FileId> = self.place().map(|span| span.file).into_iter().collect();
        for label in &self.labels {
            if !files.contains(&label.span.file) {
                files.push(label.span.file);
            }
        }
        files
    }

    fn snippet<'a>(&'a self, sources: &'a Sources, file: FileId) -> Snippet<'a, Annotation<'a>> {
        let labels = || self.labels.iter().filter(|label| label.span.file == file);
        let hull = labels()
            .map(|label| label.span)
            .reduce(Span::join)
            .unwrap_or(Span::new(file, 0, 0));
        let (lines, offset) = sources.whole_lines(hull);
        Snippet::source(lines)
            .path(sources.path(file))
            .line_start(sources.line_col(hull).line)
            .annotations(labels().map(|label| annotation(label, offset, lines)))
    }
}

impl Diagnostics {
    /// All findings with their excerpts, a blank line between them.
    pub fn render_human(&self, sources: &Sources, color: bool) -> String {
        let texts: Vec<String> = self
            .iter()
            .map(|diagnostic| diagnostic.render_human(sources, color))
            .collect();
        texts.join("\n")
    }
}

fn annotation<'a>(label: &'a Label, offset: usize, lines: &str) -> Annotation<'a> {
    let kind = if label.primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let inside = |at: usize| floor_boundary(lines, at.saturating_sub(offset));
    let span = inside(label.span.start)..inside(label.span.end);
    let text = (!label.text.is_empty()).then_some(label.text.as_str());
    kind.span(span).label(text)
}

/// The nearest character boundary at or before `at` within `text`.
fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Code;

    #[test]
    fn an_excerpt_underlines_the_place() {
        let mut sources = Sources::new();
        let file = sources.add("a.rules.yaml", "crossfield: 1\nrules:\n  - idd: x\n");
        let text = Diagnostic::error(Code::UnknownKey, "a rule has no key `idd`")
            .at(Span::new(file, 25, 28), "not known here")
            .also(Span::new(file, 14, 19), "in this list")
            .help("did you mean `id`?")
            .note("ids are stable")
            .render_human(&sources, false);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn places_in_two_files_at_an_end_and_nowhere() {
        let mut sources = Sources::new();
        let a = sources.add("a.yaml", "a: é\n");
        let b = sources.add("b.yaml", "");
        let mut bag = Diagnostics::new();
        bag.push(
            Diagnostic::warning(Code::WrongKind, "two files")
                .at(Span::new(b, 0, 0), "empty")
                .also(Span::new(a, 3, 4), "cut character"),
        );
        bag.push(Diagnostic::info(Code::UnreadableFile, "nowhere"));
        bag.push(Diagnostic::error(Code::YamlSyntax, "the end").at(Span::new(a, 6, 6), "here"));
        insta::assert_snapshot!(bag.render_human(&sources, false));
        assert!(bag.render_human(&sources, true).contains('\u{1b}'));
    }
}
