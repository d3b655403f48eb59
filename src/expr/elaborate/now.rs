//! `now`: by the server's clock, or from a header of the request.

use super::{Elaborated, Elaborator, Env, Member, member, type_of};
use crate::expr::{Node, Op, Root, Syntax, TextView, Type};
use crate::source::{Code, Diagnostic};

impl<'a> Elaborator<'_, 'a> {
    pub(super) fn now(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let Some(header) = self.scope.clock_header else {
            return Some(Elaborated {
                expr: self.arena.add(Node::Root(Root::Now), Type::Time),
                spans: env.tree(syntax, Vec::new()),
            });
        };
        let schemas = self.scope.schemas;
        let group = member(schemas, self.scope.request, "header");
        let headers = match group {
            Some(Member::Declared(headers, _)) => Some(headers),
            _ => None,
        };
        let declared = headers.and_then(|headers| {
            let names = schemas.get(headers).properties.iter();
            let mut names = names.filter(|(name, _)| name.eq_ignore_ascii_case(header));
            names.next().map(|(name, schema)| (headers, name, *schema))
        });
        let Some((headers, name, schema)) = declared else {
            let message = format!("the operation has no header `{header}`, which `clock:` names");
            let finding = Diagnostic::error(Code::UnknownField, message)
                .at(env.span(syntax), "what is `now` here?")
                .help("declare the header in the API document, with `format: date-time`");
            self.diagnostics.push(finding);
            return None;
        };
        let ty = type_of(schemas, schema).unwrap_or(Type::TEXT);
        if !matches!(ty, Type::String(TextView::DateTime)) {
            let message = format!("the header `{header}`, which `clock:` names, is no date-time");
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(env.span(syntax), "what is `now` here?")
                .help(format!(
                    "give it `format: date-time`, in the document or under `fields:`: \
                     `header['{name}']: {{format: date-time}}`"
                ));
            self.diagnostics.push(finding);
            return None;
        }
        let request = self.request();
        let group = Node::Get(request, "header".into());
        let group = self.arena.add(group, Type::Object(headers));
        let read = self.arena.add(Node::Get(group, name.as_str().into()), ty);
        let mut spans = env.tree(syntax, Vec::new());
        for _ in 0..3 {
            spans = env.tree(syntax, vec![spans]);
        }
        Some(Elaborated {
            expr: self.arena.call(Op::Timestamp, &[read], Type::Time),
            spans,
        })
    }
}
