//! Diagnostics as programs read them.

use serde::Serialize;

use super::{Diagnostic, Diagnostics, Fix, Sources, Span};

/// The JSON form of a [`Diagnostic`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiagnosticJson {
    /// The code's printed name.
    pub code: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: &'static str,
    /// What is wrong.
    pub message: String,
    /// The place it is about; its members stand beside the others.
    #[serde(flatten)]
    pub place: Option<PlaceJson>,
    /// What to do.
    pub help: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
    /// Edits that mend it, each a choice of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<FixJson>,
}

/// The JSON form of a [`Fix`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FixJson {
    /// What it does.
    pub title: String,
    /// `certain`: a program may apply it; `maybe`: a person chooses.
    pub applicability: &'static str,
    /// The edits, all to be made together.
    pub edits: Vec<EditJson>,
}

/// A text in place of what stands at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EditJson {
    /// What is replaced; an empty excerpt inserts.
    #[serde(flatten)]
    pub place: PlaceJson,
    /// What stands there afterwards.
    pub replacement: String,
}

impl FixJson {
    fn new(sources: &Sources, fix: &Fix) -> Self {
        let edits = fix.edits.iter().map(|edit| EditJson {
            place: PlaceJson::new(sources, edit.span),
            replacement: edit.text.clone(),
        });
        Self {
            title: fix.title.clone(),
            applicability: fix.applicability.name(),
            edits: edits.collect(),
        }
    }
}

/// The JSON form of a place: lines and columns from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceJson {
    /// The path as shown to the user.
    pub file: String,
    /// Line of the first character.
    pub line: usize,
    /// Column of the first character.
    pub column: usize,
    /// Line of the position behind the last character.
    pub end_line: usize,
    /// Column of the position behind the last character.
    pub end_column: usize,
    /// The marked text.
    pub excerpt: String,
}

impl PlaceJson {
    /// The place of a span.
    pub fn new(sources: &Sources, span: Span) -> Self {
        let at = sources.line_col(span);
        Self {
            file: sources.path(span.file).to_owned(),
            line: at.line,
            column: at.column,
            end_line: at.end_line,
            end_column: at.end_column,
            excerpt: sources.excerpt(span).to_owned(),
        }
    }
}

impl Diagnostic {
    /// The JSON form.
    pub fn to_json(&self, sources: &Sources) -> DiagnosticJson {
        DiagnosticJson {
            code: self.code.name(),
            severity: self.severity.name(),
            message: self.message.clone(),
            place: self.place().map(|span| PlaceJson::new(sources, span)),
            help: self.help.clone(),
            notes: self.notes.clone(),
            fixes: self
                .all_fixes(sources)
                .iter()
                .map(|fix| FixJson::new(sources, fix))
                .collect(),
        }
    }
}

impl Diagnostics {
    /// The JSON forms, in the order of [`Diagnostics::iter`].
    pub fn to_json(&self, sources: &Sources) -> Vec<DiagnosticJson> {
        self.iter()
            .map(|diagnostic| diagnostic.to_json(sources))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Code;

    #[test]
    fn the_place_stands_beside_the_message() {
        let mut sources = Sources::new();
        let file = sources.add("a.yaml", "a: b\n");
        let bag = Diagnostics::from(
            Diagnostic::error(Code::WrongKind, "m")
                .at(Span::new(file, 3, 4), "")
                .help("h"),
        );
        let text = serde_json::to_string(&bag.to_json(&sources)).unwrap();
        assert_eq!(
            text,
            r#"[{"code":"wrong-kind","severity":"error","message":"m","file":"a.yaml","line":1,"column":4,"end_line":1,"end_column":5,"excerpt":"b","help":["h"],"notes":[]}]"#
        );
    }
}
