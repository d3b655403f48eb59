//! One finding, and a bag of them.

use super::{Code, Fix, Span};

/// How bad a finding is, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The input can't be used as it stands.
    Error,
    /// Probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The printed name: `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A marked place of a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What is underlined.
    pub span: Span,
    /// What is written beside it; may be empty.
    pub text: String,
    /// Whether this is the place that the finding is about.
    pub primary: bool,
}

/// A finding: what is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub message: String,
    /// The places it is about; the first primary one is where it is listed.
    pub labels: Vec<Label>,
    /// What to do, one suggestion each.
    pub help: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Edits that mend it, each a choice of its own.
    pub fixes: Box<[Fix]>,
}

impl Diagnostic {
    /// A finding without a place yet.
    pub fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            fixes: Box::default(),
        }
    }

    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A note.
    pub fn info(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    /// Marks the place that the finding is about.
    #[must_use]
    pub fn at(self, span: Span, label: impl Into<String>) -> Self {
        self.label(span, label, true)
    }

    /// Marks a place that has to do with it.
    #[must_use]
    pub fn also(self, span: Span, label: impl Into<String>) -> Self {
        self.label(span, label, false)
    }

    /// Adds a suggestion.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }

    /// Adds a suggestion, if there is one.
    #[must_use]
    pub fn maybe_help(self, text: Option<String>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// Adds a remark.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Adds an edit that mends it.
    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        let mut fixes = std::mem::take(&mut self.fixes).into_vec();
        fixes.push(fix);
        self.fixes = fixes.into_boxed_slice();
        self
    }

    /// Adds an edit, if there is one.
    #[must_use]
    pub fn maybe_fix(self, fix: Option<Fix>) -> Self {
        match fix {
            Some(fix) => self.fix(fix),
            None => self,
        }
    }

    /// The place that the finding is about: its first primary label, else its
    /// first label.
    pub fn place(&self) -> Option<Span> {
        let primary = self.labels.iter().find(|label| label.primary);
        primary.or(self.labels.first()).map(|label| label.span)
    }

    fn label(mut self, span: Span, text: impl Into<String>, primary: bool) -> Self {
        self.labels.push(Label {
            span,
            text: text.into(),
            primary,
        });
        self
    }

    /// By file, position, code and text; those without a place come first.
    fn sort_key(&self) -> (Option<Span>, Code, &str) {
        (self.place(), self.code, &self.message)
    }
}

/// Findings collected on the way, so that all of a file are shown in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
}

impl Diagnostics {
    /// No findings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes in a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.list.push(diagnostic);
    }

    /// Takes out the finding that was taken in last.
    pub fn pop(&mut self) -> Option<Diagnostic> {
        self.list.pop()
    }

    /// Takes in all of another bag.
    pub fn append(&mut self, other: Diagnostics) {
        self.list.extend(other.list);
    }

    /// Whether one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.list
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// All, in a stable order: by file, position, code and text.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        let mut sorted: Vec<&Diagnostic> = self.list.iter().collect();
        sorted.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        sorted.into_iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self {
            list: vec![diagnostic],
        }
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iter: T) {
        self.list.extend(iter);
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(iter: T) -> Self {
        Self {
            list: iter.into_iter().collect(),
        }
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    /// All, in the order of [`Diagnostics::iter`].
    fn into_iter(mut self) -> Self::IntoIter {
        self.list.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.list.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    #[test]
    fn findings_come_by_file_then_position_then_code() {
        let mut sources = Sources::new();
        let (a, b) = (sources.add("a", "abc"), sources.add("b", "abc"));
        let at = |code, file, start| {
            Diagnostic::error(code, "m").at(Span::new(file, start, start + 1), "")
        };
        let mut bag = Diagnostics::new();
        bag.push(at(Code::UnknownKey, b, 0));
        bag.push(at(Code::WrongKind, a, 1));
        bag.push(at(Code::MissingKey, a, 1));
        bag.push(at(Code::WrongKind, a, 0));
        let order: Vec<_> = bag.iter().map(|d| (d.place().unwrap(), d.code)).collect();
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(order, sorted);
        assert_eq!(order[0].0.start, 0);
        assert_eq!(order[3].0.file, b);
    }

    #[test]
    fn only_errors_count_as_errors() {
        let mut bag = Diagnostics::from(Diagnostic::warning(Code::UnknownKey, "w"));
        bag.push(Diagnostic::info(Code::UnknownKey, "n"));
        assert!(!bag.has_errors());
        bag.push(Diagnostic::error(Code::UnknownKey, "e"));
        assert!(bag.has_errors());
    }
}
