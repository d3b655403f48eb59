//! `now`: by the server's clock, which tests may set, or from a header of the
//! request.

use super::{Elaborated, Elaborator, Env, Member, NOW, NowIs, member, type_of};
use crate::expr::{ExprId, Node, Op, Root, Syntax, TextView, Type};
use crate::source::{Code, Diagnostic};

impl<'a> Elaborator<'_, 'a> {
    pub(super) fn now(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        match self.scope.now {
            NowIs::Clock => Some(Elaborated {
                expr: self.arena.add(Node::Root(Root::Now), Type::Time),
                spans: env.tree(syntax, Vec::new()),
            }),
            NowIs::Header(header) => self.now_of_header(syntax, env, header),
            NowIs::Set => self.now_of_tests(syntax, env),
        }
    }

    /// The moment that tests set the clock to.
    fn now_of_tests(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let schemas = self.scope.schemas;
        let Some(Member::Declared(schema, _)) = member(schemas, self.scope.request, NOW) else {
            let message = "the operation that sets the clock can't read it".to_owned();
            let finding = Diagnostic::error(Code::NeedsClock, message)
                .at(env.span(syntax), "what is `now` here?")
                .help("`clock: {set: ...}` names the operation of this rule");
            self.diagnostics.push(finding);
            return None;
        };
        let ty = type_of(schemas, schema).unwrap_or(Type::TEXT);
        let request = self.request();
        let read = self.arena.add(Node::Get(request, NOW.into()), ty);
        Some(self.moment_of(read, 2, syntax, env))
    }

    /// The moment that a field holds, `depth` steps below the leaf that reads
    /// the request.
    fn moment_of(
        &mut self,
        read: ExprId,
        depth: usize,
        syntax: &'a Syntax,
        env: &Env<'a>,
    ) -> Elaborated {
        let mut spans = env.tree(syntax, Vec::new());
        for _ in 0..depth {
            spans = env.tree(syntax, vec![spans]);
        }
        Elaborated {
            expr: self.arena.call(Op::Timestamp, &[read], Type::Time),
            spans,
        }
    }

    fn now_of_header(
        &mut self,
        syntax: &'a Syntax,
        env: &Env<'a>,
        header: &str,
    ) -> Option<Elaborated> {
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
        Some(self.moment_of(read, 3, syntax, env))
    }
}
