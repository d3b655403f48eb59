//! Optionals: `body.?note.orValue('')` and its like.
//!
//! They are no values of their own: each is a read together with the condition
//! under which it is there, and has to be resolved where it is used.

use cel::common::ast::operators;

use super::paths::Piece;
use super::{Elaborated, Elaborator, Env, Local};
use crate::expr::{Node, Op, Syntax, SyntaxKind, Type};
use crate::source::{Code, Diagnostic, Span};
use crate::value::Value;

impl<'a> Elaborator<'_, 'a> {
    /// A call that makes or resolves an optional; `None` if it is another one.
    pub(super) fn optional_call(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        target: Option<&'a Syntax>,
        args: &'a [Syntax],
        env: &Env<'a>,
    ) -> Option<Option<Piece>> {
        if let (operators::INDEX, [base, index]) = (name, args) {
            let is_optional = self.makes_optional(base);
            return is_optional.then(|| self.optional_entry(syntax, base, index, env));
        }
        let found = match (name, target, args) {
            (operators::OPT_SELECT, None, [base, member]) => {
                self.optional_member(syntax, base, member, env)
            }
            (operators::OPT_INDEX, None, [base, index]) => {
                self.optional_entry(syntax, base, index, env)
            }
            ("of", Some(optional), [value]) if is_optional_type(optional) => {
                self.optional_of(value, env)
            }
            ("orValue", Some(optional), [default]) => {
                let default = self.expr(default, env);
                let resolved = self.optional(optional, env);
                self.or_value(syntax, resolved?, default?, env)
                    .map(Piece::Value)
            }
            ("or", Some(optional), [other]) => self.either(syntax, optional, other, env),
            ("hasValue", Some(optional), []) => {
                let (_, there) = self.optional(optional, env)?;
                Some(Piece::Value(there))
            }
            ("value", Some(optional), []) => {
                let (read, _) = self.optional(optional, env)?;
                Some(Piece::Value(read))
            }
            ("optMap", Some(optional), [variable, body]) => {
                self.mapped(optional, variable, body, env)
            }
            _ => return None,
        };
        Some(found)
    }

    /// Whether what is read is an optional: then entries of it are, too.
    fn makes_optional(&self, syntax: &Syntax) -> bool {
        match &syntax.kind {
            SyntaxKind::Select(base, _) => self.makes_optional(base),
            SyntaxKind::Call { name, target, args } => match (name.as_str(), args.as_slice()) {
                (operators::OPT_SELECT | operators::OPT_INDEX, _) | ("optMap", _) => true,
                (operators::INDEX, [base, _]) => self.makes_optional(base),
                ("of", [_]) => target.as_deref().is_some_and(is_optional_type),
                ("or", [_]) => target.is_some(),
                _ => false,
            },
            _ => false,
        }
    }

    /// An optional's read, and where it is there.
    pub(super) fn optional(
        &mut self,
        syntax: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<(Elaborated, Elaborated)> {
        match self.piece(syntax, env)? {
            Piece::Optional { read, there } => Some((read, there)),
            Piece::Value(_) | Piece::Projection { .. } => {
                let message = "this is no optional".to_owned();
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(env.span(syntax), "always read as it is")
                    .help("an optional read is written `body.?note`, `list[?0]` or `map[?key]`");
                self.diagnostics.push(finding);
                None
            }
        }
    }

    /// Says that an optional must be resolved.
    pub(super) fn unresolved(&mut self, span: Span) {
        let message = "an optional is used as a value".to_owned();
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(span, "may be nothing")
            .help("say what to take where it is absent: `.orValue(0)`; or ask `.hasValue()`");
        self.diagnostics.push(finding);
    }

    /// `base.?member`
    fn optional_member(
        &mut self,
        syntax: &'a Syntax,
        base: &'a Syntax,
        member: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let SyntaxKind::Literal(Value::String(name), _) = &member.kind else {
            return None;
        };
        let (base, _) = self.base(base, env)?;
        self.member_if_there(syntax, base, name, env)
    }

    /// The member `name` of what is read optionally.
    pub(super) fn member_if_there(
        &mut self,
        syntax: &'a Syntax,
        base: Elaborated,
        name: &str,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let (expr, key) = self.get(base.expr, name, env.span(syntax))?;
        let there = match self.arena.node(expr) {
            Node::Get(base, _) => {
                let node = Node::Has(*base, key.into());
                self.arena.add(node, Type::Bool)
            }
            // An entry of a map literal.
            _ => {
                let key = self.arena.constant(Value::string(key), Type::TEXT);
                self.arena.call_bool(Op::In, &[key, base.expr])
            }
        };
        let there = Elaborated {
            expr: there,
            spans: env.tree(syntax, vec![base.spans.clone()]),
        };
        let read = Elaborated {
            expr,
            spans: env.tree(syntax, vec![base.spans]),
        };
        Some(Piece::Optional { read, there })
    }

    /// `list[?i]`, `map[?key]`
    fn optional_entry(
        &mut self,
        syntax: &'a Syntax,
        base: &'a Syntax,
        index: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let (whole, around) = self.base(base, env)?;
        if let SyntaxKind::Literal(Value::String(name), _) = &index.kind
            && matches!(self.arena.ty(whole.expr), Type::Object(_))
        {
            return self.member_if_there(syntax, whole, name, env);
        }
        let at = self.expr(index, env)?;
        let read = self.entry_at(syntax, whole.clone(), at.clone(), env)?;
        let inside = match self.arena.ty(whole.expr) {
            Type::List(_) => {
                let zero = self.arena.constant(Value::int(0), Type::Int);
                let size = self.arena.call(Op::Size, &[whole.expr], Type::Int);
                let from = self.arena.call_bool(Op::Le, &[zero, at.expr]);
                let to = self.arena.call_bool(Op::Lt, &[at.expr, size]);
                self.arena.call_bool(Op::And, &[from, to])
            }
            _ => self.arena.call_bool(Op::In, &[at.expr, whole.expr]),
        };
        let there = match around {
            Some(around) => self.arena.call_bool(Op::And, &[around.expr, inside]),
            None => inside,
        };
        let there = Elaborated {
            expr: there,
            spans: env.tree(syntax, Vec::new()),
        };
        Some(Piece::Optional { read, there })
    }

    /// What an optional read starts from, and where that is there if it is
    /// optional itself.
    fn base(
        &mut self,
        base: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<(Elaborated, Option<Elaborated>)> {
        Some(match self.piece(base, env)? {
            Piece::Optional { read, there } => (read, Some(there)),
            other => (self.finish(other)?, None),
        })
    }

    /// `optional.of(value)`
    fn optional_of(&mut self, value: &'a Syntax, env: &Env<'a>) -> Option<Piece> {
        let read = self.expr(value, env)?;
        let there = Elaborated {
            expr: self.arena.boolean(true),
            spans: env.tree(value, Vec::new()),
        };
        Some(Piece::Optional { read, there })
    }

    /// `optional.orValue(default)`
    fn or_value(
        &mut self,
        syntax: &'a Syntax,
        (read, there): (Elaborated, Elaborated),
        default: Elaborated,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let arms = [read, default];
        let ty = self.joined(&arms, env.span(syntax))?;
        let [read, default] = arms;
        let operands = [there.expr, read.expr, default.expr];
        Some(Elaborated {
            expr: self.arena.call(Op::If, &operands, ty),
            spans: env.tree(syntax, vec![there.spans, read.spans, default.spans]),
        })
    }

    /// `optional.or(other)`
    fn either(
        &mut self,
        syntax: &'a Syntax,
        first: &'a Syntax,
        second: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let first = self.optional(first, env);
        let (second, otherwise) = self.optional(second, env)?;
        let (read, there) = first?;
        let either = self.arena.call_bool(Op::Or, &[there.expr, otherwise.expr]);
        let spans = env.tree(syntax, vec![there.spans.clone(), otherwise.spans]);
        let read = self.or_value(syntax, (read, there), second, env)?;
        let there = Elaborated {
            expr: either,
            spans,
        };
        Some(Piece::Optional { read, there })
    }

    /// `optional.optMap(x, body)`
    fn mapped(
        &mut self,
        optional: &'a Syntax,
        variable: &'a Syntax,
        body: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let (_, there) = self.optional(optional, env)?;
        let SyntaxKind::Name(name) = &variable.kind else {
            let message = "`optMap` needs a name for the value first".to_owned();
            self.error(
                Code::TypeMismatch,
                message,
                env.span(variable),
                "not a name",
            );
            return None;
        };
        if self.is_library_name(name, variable, env) {
            return None;
        }
        let local = Local::Unwrapped(optional, env.clone());
        let read = self.expr(body, &env.with(name, local))?;
        Some(Piece::Optional { read, there })
    }
}

/// Whether this is the name `optional`, as in `optional.of(x)`.
fn is_optional_type(syntax: &Syntax) -> bool {
    matches!(&syntax.kind, SyntaxKind::Name(name) if name == "optional")
}
