//! Texts of moments, which are compared as they are written.

use super::{Elaborated, Elaborator, member_schema};
use crate::expr::{ExprId, Node, Op, Syntax, TextView, Type};
use crate::source::{Code, Diagnostic, Span};
use crate::value::Value;
use crate::value::time::parse_time;

impl<'a> Elaborator<'_, 'a> {
    /// Warns of a date-time beside a constant text: what is written otherwise
    /// differs from it, also where it is the same moment.
    pub(super) fn compares_texts_of_moments(
        &mut self,
        op: Op,
        written: [&'a Syntax; 2],
        read: [&Elaborated; 2],
        span: Span,
    ) {
        let is_moment = |id: ExprId| {
            let text = self.arena.as_const(id).and_then(Value::as_str);
            text.is_some_and(|text| parse_time(text).is_some())
        };
        let [a, b] = read.map(|one| one.expr);
        let pairs = [(a, b), (b, a)];
        if !pairs
            .iter()
            .any(|(field, text)| self.is_open_moment(*field) && is_moment(*text))
        {
            return;
        }
        let sign = if op == Op::Eq { "==" } else { "!=" };
        let [a, b] = written.map(|one| one.operand_or("…"));
        let message = format!("`{sign}` compares how the moments are written");
        let finding = Diagnostic::warning(Code::Misread, message)
            .at(span, "10:00:00Z and 12:00:00+02:00 differ here")
            .help(format!(
                "to compare the moments: `timestamp({a}) {sign} timestamp({b})`"
            ));
        self.warn(finding);
    }

    /// Whether this is a date-time that can be written in several ways.
    fn is_open_moment(&self, id: ExprId) -> bool {
        if *self.arena.ty(id) != Type::String(TextView::DateTime) {
            return false;
        }
        let Node::Get(object, key) = self.arena.node(id) else {
            return true;
        };
        let Type::Object(object) = *self.arena.ty(*object) else {
            return true;
        };
        let schemas = self.scope.schemas;
        let schema = member_schema(schemas, object, key);
        schema.is_none_or(|schema| schemas.get(schema).enumeration.is_none())
    }

    /// A warning, once for each place: what several operations read is read
    /// several times.
    pub(super) fn warn(&mut self, finding: Diagnostic) {
        let is_same =
            |known: &&Diagnostic| known.code == finding.code && known.place() == finding.place();
        if self.diagnostics.iter().find(is_same).is_none() {
            self.diagnostics.push(finding);
        }
    }
}
