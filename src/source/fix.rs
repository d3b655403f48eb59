//! Edits that mend what a diagnostic is about.

use super::{Diagnostic, Sources, Span};

/// How far an edit can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// It says what was meant; a program may apply it.
    Certain,
    /// One of several things that may have been meant: a person chooses.
    Maybe,
}

impl Applicability {
    /// The printed name: `certain` or `maybe`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Maybe => "maybe",
        }
    }
}

/// A text in place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// One way to mend something: all of its edits together, none of which
/// overlaps another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative.
    pub title: String,
    /// How far it can be trusted.
    pub applicability: Applicability,
    /// The edits, in the order of their places.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix of one edit.
    pub fn replace(
        title: impl Into<String>,
        applicability: Applicability,
        span: Span,
        text: impl Into<String>,
    ) -> Self {
        let text = text.into();
        Self {
            title: title.into(),
            applicability,
            edits: vec![Edit { span, text }],
        }
    }
}

impl Diagnostic {
    /// All fixes: those that were given, and the one that a "did you mean"
    /// amounts to where the place holds the name that is meant to be another.
    pub fn all_fixes(&self, sources: &Sources) -> Vec<Fix> {
        let renamed = self.help.iter().filter_map(|help| {
            let meant = help.strip_prefix("did you mean `")?.strip_suffix("`?")?;
            let span = self.place()?;
            let written = sources.excerpt(span);
            let is_named = !written.is_empty() && self.message.contains(&format!("`{written}`"));
            is_named.then(|| {
                let title = format!("write `{meant}`");
                Fix::replace(title, Applicability::Maybe, span, meant)
            })
        });
        self.fixes.iter().cloned().chain(renamed).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Code;

    #[test]
    fn a_suggested_name_is_an_edit_where_the_place_is_the_name() {
        let mut sources = Sources::new();
        let file = sources.add("a.rules.yaml", "idd: x\n");
        let at = |start, end| {
            let found = Diagnostic::error(Code::UnknownKey, "a rule has no key `idd`")
                .at(Span::new(file, start, end), "")
                .help("did you mean `id`?");
            found.all_fixes(&sources)
        };
        let fixes = at(0, 3);
        assert_eq!(fixes.len(), 1);
        assert_eq!(fixes[0].edits[0].text, "id");
        assert_eq!(at(0, 6), []);
    }
}
