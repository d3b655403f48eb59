//! Reads: members, entries, presence, and all items of a list.

use super::{Elaborated, Elaborator, Env, Member, SpanTree, member, type_of};
use crate::document::{Additional, SchemaId};
use crate::expr::{ExprId, Fold, Node, Op, Syntax, SyntaxKind, Type};
use crate::source::{Code, Diagnostic, Span, suggest};
use crate::value::Value;

/// What a path has led to so far.
pub(super) enum Piece {
    /// One value.
    Value(Elaborated),
    /// `list[*]...`: of every item, what `item` reads of it.
    Projection {
        list: Elaborated,
        item: Elaborated,
        span: Span,
    },
}

impl<'a> Elaborator<'_, 'a> {
    /// Closes a projection into a list.
    pub(super) fn finish(&mut self, piece: Piece) -> Elaborated {
        match piece {
            Piece::Value(done) => done,
            Piece::Projection { list, item, span } => {
                if matches!(self.arena.node(item.expr), Node::Item { .. }) {
                    return list;
                }
                let ty = Type::list(self.arena.ty(item.expr).clone());
                let node = Node::Fold(Fold::MapPresent, list.expr, item.expr);
                let spans = SpanTree {
                    span,
                    def: list.spans.def.clone(),
                    children: vec![list.spans, item.spans],
                };
                Elaborated {
                    expr: self.arena.add(node, ty),
                    spans,
                }
            }
        }
    }

    /// `base[*]`
    pub(super) fn every(
        &mut self,
        syntax: &'a Syntax,
        base: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let list = match self.piece(base, env)? {
            Piece::Value(list) => list,
            Piece::Projection { span, .. } => {
                let message = "`[*]` below another `[*]` isn't supported yet".to_owned();
                self.error(Code::Unsupported, message, span, "not supported yet");
                return None;
            }
        };
        let Type::List(item) = self.arena.ty(list.expr).clone() else {
            let found = self.arena.ty(list.expr);
            let message = format!("`[*]` needs a list, this is of type {found}");
            self.error(Code::TypeMismatch, message, env.span(base), "not a list");
            return None;
        };
        let node = Node::Item {
            depth: 0,
            ty: (*item).clone(),
        };
        let item = Elaborated {
            expr: self.arena.add(node, (*item).clone()),
            spans: env.tree(syntax, Vec::new()),
        };
        let span = env.span(syntax);
        Some(Piece::Projection { list, item, span })
    }

    /// `base.member`
    pub(super) fn select(
        &mut self,
        syntax: &'a Syntax,
        base: &'a Syntax,
        name: &str,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let piece = self.piece(base, env)?;
        let span = env.span(syntax);
        Some(match piece {
            Piece::Value(base) => {
                let (expr, _) = self.get(base.expr, name, span)?;
                Piece::Value(Elaborated {
                    expr,
                    spans: env.tree(syntax, vec![base.spans]),
                })
            }
            Piece::Projection { list, item, .. } => {
                let (expr, _) = self.get(item.expr, name, span)?;
                let item = Elaborated {
                    expr,
                    spans: env.tree(syntax, vec![item.spans]),
                };
                Piece::Projection { list, item, span }
            }
        })
    }

    /// The member `name` of `base`, and its key as the schema spells it.
    fn get(&mut self, base: ExprId, name: &str, span: Span) -> Option<(ExprId, String)> {
        match self.arena.ty(base).clone() {
            Type::Object(object) => self.object_member(base, object, name, span),
            Type::Resource(index) => self.attribute(base, index, name, span),
            Type::Map(value) => {
                let key = self.arena.constant(Value::string(name), Type::TEXT);
                let expr = self.arena.call(Op::Index, &[base, key], (*value).clone());
                Some((expr, name.to_owned()))
            }
            Type::List(_) => {
                let diagnostic =
                    Diagnostic::error(Code::TypeMismatch, format!("a list has no member `{name}`"))
                        .at(span, "this is a list")
                        .help(format!(
                            "`[*].{name}` reads it of every item; `.all(x, …)` and `.exists(x, …)` \
                     ask about the items"
                        ));
                self.diagnostics.push(diagnostic);
                None
            }
            other => {
                let message = format!("a value of type {other} has no member `{name}`");
                self.error(Code::TypeMismatch, message, span, "not an object");
                None
            }
        }
    }

    fn object_member(
        &mut self,
        base: ExprId,
        object: SchemaId,
        name: &str,
        span: Span,
    ) -> Option<(ExprId, String)> {
        let schemas = self.scope.schemas;
        let spelled = self.header_spelling(base, object, name);
        let name = spelled.as_deref().unwrap_or(name);
        let Some(found) = member(schemas, object, name) else {
            self.unknown_member(object, name, span);
            return None;
        };
        let (Member::Declared(schema, _) | Member::Additional(schema)) = found;
        match type_of(schemas, schema) {
            Ok(ty) => {
                let node = Node::Get(base, name.into());
                Some((self.arena.add(node, ty), name.to_owned()))
            }
            Err(why) => {
                let message = format!("`{name}` can't be used in a rule yet: {why}");
                let diagnostic = Diagnostic::error(Code::Unsupported, message)
                    .at(span, "has no single type")
                    .help("`fields:` can give it one: `fields: {body.…: {type: string}}`");
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// Header names ignore case: the name as the document spells it.
    fn header_spelling(&self, base: ExprId, object: SchemaId, name: &str) -> Option<String> {
        let Node::Get(_, key) = self.arena.node(base) else {
            return None;
        };
        let is_header = &**key == "header" && self.arena.positions(base).len() == 2;
        let schema = self.scope.schemas.get(object);
        let mut declared = schema.properties.keys();
        is_header
            .then(|| declared.find(|known| known.eq_ignore_ascii_case(name)))
            .flatten()
            .map(|known| known.to_string())
    }

    fn unknown_member(&mut self, object: SchemaId, name: &str, span: Span) {
        let schema = self.scope.schemas.get(object);
        let known: Vec<&str> = schema.properties.keys().map(String::as_str).collect();
        let hint = match suggest(name, known.iter().copied()) {
            Some(hint) => Some(format!("did you mean `{hint}`?")),
            None if known.is_empty() => None,
            None => Some(format!("declared are: {}", known.join(", "))),
        };
        let open = matches!(schema.additional, Additional::Any);
        let message = format!("the API document declares no field `{name}` here");
        let mut diagnostic = Diagnostic::error(Code::UnknownField, message)
            .at(span, "unknown field")
            .maybe_help(hint);
        if open {
            diagnostic = diagnostic.note(
                "other members are allowed there, but without a schema nothing is known of them",
            );
        }
        self.diagnostics.push(diagnostic);
    }

    fn attribute(
        &mut self,
        base: ExprId,
        index: u32,
        name: &str,
        span: Span,
    ) -> Option<(ExprId, String)> {
        let resource = self.scope.resources.get(index as usize)?;
        let found = resource.attributes.iter().find(|(known, _)| known == name);
        if let Some((_, ty)) = found {
            let node = Node::Get(base, name.into());
            return Some((self.arena.add(node, ty.clone()), name.to_owned()));
        }
        if resource.is_broken {
            return None;
        }
        let known = resource.attributes.iter().map(|(known, _)| known.as_str());
        let hint = suggest(name, known);
        let message = format!("the state of `{}` has no attribute `{name}`", resource.name);
        let diagnostic = Diagnostic::error(Code::UnknownField, message)
            .at(span, "not declared under `state:`")
            .maybe_help(hint.map(|hint| format!("did you mean `{hint}`?")));
        self.diagnostics.push(diagnostic);
        None
    }

    /// `has(path)`
    pub(super) fn has(
        &mut self,
        syntax: &'a Syntax,
        inner: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let read = match self.piece(inner, env)? {
            Piece::Value(read) => read,
            Piece::Projection { span, .. } => {
                let message = "has() of `[*]` isn't supported yet".to_owned();
                let diagnostic = Diagnostic::error(Code::Unsupported, message)
                    .at(span, "many values")
                    .help("say which: `list.all(x, has(x.…))` or `list.exists(x, has(x.…))`");
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        let Node::Get(base, key) = self.arena.node(read.expr).clone() else {
            let message = "has() needs a path to a field, such as has(body.note)".to_owned();
            self.error(Code::TypeMismatch, message, env.span(inner), "not a field");
            return None;
        };
        let base_spans = read.spans.children.into_iter().next();
        let base_spans = base_spans.unwrap_or_else(|| env.tree(inner, Vec::new()));
        Some(Elaborated {
            expr: self.arena.add(Node::Has(base, key), Type::Bool),
            spans: env.tree(syntax, vec![base_spans]),
        })
    }

    /// `base[index]`
    pub(super) fn index(
        &mut self,
        syntax: &'a Syntax,
        base: &'a Syntax,
        index: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let list = self.expr(base, env)?;
        if let SyntaxKind::Literal(Value::String(name), _) = &index.kind {
            let is_object = matches!(
                self.arena.ty(list.expr),
                Type::Object(_) | Type::Resource(_)
            );
            if is_object {
                let (expr, _) = self.get(list.expr, name, env.span(index))?;
                return Some(Elaborated {
                    expr,
                    spans: env.tree(syntax, vec![list.spans]),
                });
            }
        }
        let at = self.expr(index, env)?;
        let (list_type, at_type) = (self.arena.ty(list.expr), self.arena.ty(at.expr));
        let ty = match (list_type, at_type) {
            (Type::List(item), Type::Int) => (**item).clone(),
            (Type::Map(value), Type::String(_)) => (**value).clone(),
            (Type::Object(_), _) => {
                let message = "a computed key of an object isn't supported yet".to_owned();
                self.error(Code::Unsupported, message, env.span(index), "computed key");
                return None;
            }
            (list, at) => {
                let message = format!("can't take the entry at a {at} of a {list}");
                self.error(Code::TypeMismatch, message, env.span(syntax), "wrong types");
                return None;
            }
        };
        Some(Elaborated {
            expr: self.arena.call(Op::Index, &[list.expr, at.expr], ty),
            spans: env.tree(syntax, vec![list.spans, at.spans]),
        })
    }
}
