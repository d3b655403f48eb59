//! The shorthands for demands on the presence of fields.

use super::expression::Literals;
use super::file::list;
use super::{Reader, keys};
use crate::rulefile::{Expression, Located, Shorthand};
use crate::source::{Code, Diagnostic};
use crate::tree::Entry;

impl Reader<'_> {
    pub(super) fn shorthand(&mut self, entry: &Entry) -> Option<Shorthand> {
        match entry.key.as_str() {
            "requires" => self.requires(entry),
            "anyOf" => self.fields_list(entry).map(Shorthand::AnyOf),
            "onlyOne" => self.fields_list(entry).map(Shorthand::OnlyOne),
            "allOrNone" => self.fields_list(entry).map(Shorthand::AllOrNone),
            "zeroOrOne" => self.fields_list(entry).map(Shorthand::ZeroOrOne),
            "exactlyWhen" => self
                .conditional(entry)
                .map(|(field, is)| Shorthand::ExactlyWhen { field, is }),
            "onlyWhen" => self
                .conditional(entry)
                .map(|(field, is)| Shorthand::OnlyWhen { field, is }),
            "neededWhen" => self
                .conditional(entry)
                .map(|(field, is)| Shorthand::NeededWhen { field, is }),
            _ => None,
        }
    }

    fn requires(&mut self, entry: &Entry) -> Option<Shorthand> {
        if !entry.value.is_mapping() {
            let form = "{field: body.a, needs: [body.b]}";
            self.wrong_form(entry, form);
            return None;
        }
        let fields = self.fields_of(entry, &keys::REQUIRES)?;
        let field = self.required(&fields, "field");
        let needs = self.required(&fields, "needs");
        let field = field.and_then(|entry| self.condition(entry));
        let needs = needs.map(|entry| self.needs(entry))?;
        let field = field?;
        (!needs.is_empty()).then_some(Shorthand::Requires { field, needs })
    }

    /// One path, or a list of them.
    fn needs(&mut self, entry: &Entry) -> Vec<Expression> {
        match list(&entry.value) {
            None => self.condition(entry).into_iter().collect(),
            Some([]) => {
                let at = entry.value.span;
                self.error(Code::WrongValue, "`needs` lists nothing", at);
                Vec::new()
            }
            Some(_) => {
                let paths = self.expressions(entry);
                self.different(&paths);
                paths
            }
        }
    }

    /// At least two paths, pairwise different.
    fn fields_list(&mut self, entry: &Entry) -> Option<Vec<Expression>> {
        let (paths, clean) = self.cleanly(|reader| reader.expressions(entry));
        if clean && paths.len() < 2 {
            let message = format!("`{}` needs at least two fields", entry.key);
            self.report(
                Diagnostic::error(Code::WrongValue, message)
                    .at(entry.value_span(), "")
                    .help("for a single field, write `rule: has(body.field)`"),
            );
            return None;
        }
        self.different(&paths);
        clean.then_some(paths)
    }

    fn different(&mut self, paths: &[Expression]) {
        let names: Vec<Located<String>> = paths
            .iter()
            .map(|path| Located::new(path.source().trim().to_owned(), path.span()))
            .collect();
        self.listed_once(&names, "field");
    }

    /// `{field: PATH, is: CONDITION}`
    fn conditional(&mut self, entry: &Entry) -> Option<(Expression, Expression)> {
        if !entry.value.is_mapping() {
            let form = "{field: body.a, is: body.b == 'x'}";
            self.wrong_form(entry, form);
            return None;
        }
        let fields = self.fields_of(entry, &keys::CONDITION)?;
        let field = self.required(&fields, "field");
        let is = self.required(&fields, "is");
        let field = field.and_then(|entry| self.condition(entry));
        let is = is.and_then(|entry| self.expression(entry, Literals::Refused));
        Some((field?, is?))
    }

    fn wrong_form(&mut self, entry: &Entry, form: &str) {
        let message = format!("`{}` must be a mapping of two keys", entry.key);
        self.report(
            Diagnostic::error(Code::WrongKind, message)
                .at(
                    entry.value_span(),
                    format!("this is {}", entry.value.kind_name()),
                )
                .help(format!("its form is `{}: {form}`", entry.key)),
        );
    }
}
