//! `defs`: named expressions, macros and data.

use super::Reader;
use super::expression::Literals;
use crate::rulefile::{Def, DefKind, Located};
use crate::source::{Code, Diagnostic, Span};
use crate::tree::{Entry, NodeKind, Text};

impl Reader<'_> {
    pub(super) fn defs(&mut self, entry: &Entry) -> Vec<Def> {
        self.named_entries(entry)
            .iter()
            .filter_map(|entry| {
                let (def, clean) = self.cleanly(|reader| reader.def(entry));
                def.filter(|_| clean)
            })
            .collect()
    }

    fn def(&mut self, entry: &Entry) -> Option<Def> {
        if entry.key.contains('(') {
            return self.macro_def(entry);
        }
        let name = self.name(entry)?;
        let kind = match &entry.value.kind {
            NodeKind::String(_) => DefKind::Expression(self.expression(entry, Literals::Allowed)?),
            NodeKind::Null if entry.value.span.start == entry.value.span.end => {
                let what = format!("`{}`", entry.key);
                self.wrong_kind(
                    &entry.value,
                    entry.key_span,
                    &what,
                    "an expression or a constant",
                );
                return None;
            }
            _ => DefKind::Data(entry.value.clone()),
        };
        Some(Def { name, kind })
    }

    /// `name(a, b): expression`
    fn macro_def(&mut self, entry: &Entry) -> Option<Def> {
        let key = entry.key_text(self.sources);
        let Some((name, parameters)) = split_signature(&key) else {
            let message = format!("`{}` is no macro", entry.key);
            self.report(
                Diagnostic::error(Code::BadId, message)
                    .at(entry.key_span, "")
                    .help("a macro is written `name(first, second): expression`"),
            );
            return None;
        };
        if parameters
            .iter()
            .all(|parameter| parameter.value.is_empty())
        {
            let message = format!("the macro `{}` has no parameters", name.value);
            self.report(
                Diagnostic::error(Code::BadId, message)
                    .at(entry.key_span, "")
                    .help(format!("leave out the parentheses: `{}`", name.value)),
            );
            return None;
        }
        let name = self.name_at(&name.value, name.span);
        let parameters: Vec<Option<Located<String>>> = parameters
            .iter()
            .map(|parameter| self.name_at(&parameter.value, parameter.span))
            .collect();
        let body = self.expression(entry, Literals::Allowed);
        let parameters: Vec<Located<String>> = parameters.into_iter().collect::<Option<_>>()?;
        self.unique_names(parameters.iter());
        let body = body?;
        let kind = DefKind::Macro { parameters, body };
        Some(Def { name: name?, kind })
    }
}

/// Name and parameters of `name(a, b)`, with their places.
fn split_signature(key: &Text) -> Option<(Located<String>, Vec<Located<String>>)> {
    let (name, rest) = key.value.split_once('(')?;
    let inner = rest.trim_end().strip_suffix(')')?;
    let mut parameters = Vec::new();
    let mut at = name.len() + 1;
    for part in inner.split(',') {
        parameters.push(trimmed(key, part, at));
        at += part.len() + 1;
    }
    Some((trimmed(key, name, 0), parameters))
}

/// `part`, which stands at `at` of the key, without blanks around it.
fn trimmed(key: &Text, part: &str, at: usize) -> Located<String> {
    let start = at + (part.len() - part.trim_start().len());
    let part = part.trim();
    let span: Span = key.span_of(start..start + part.len());
    Located::new(part.to_owned(), span)
}
