//! Reads: members, entries, presence, and all items of a list.

use super::entries::{from_the_end, no_entry};
use super::{
    Elaborated, Elaborator, Env, Member, SpanTree, member, member_schema, type_of, typed_apart,
};
use crate::document::{Additional, SchemaId};
use crate::expr::{
    ExprId, Fold, KEY, ListOp, Node, Op, ResourceName, ResourceSignature, Root, Syntax, SyntaxKind,
    Type,
};
use crate::source::{Code, Diagnostic, Span, suggest};
use crate::value::Value;

/// What a path has led to so far.
pub(super) enum Piece {
    /// One value.
    Value(Elaborated),
    /// A value that may not be there, and the condition that it is.
    Optional { read: Elaborated, there: Elaborated },
    /// `list[*]...`: of every item, what `item` reads of it.
    Projection {
        list: Elaborated,
        item: Elaborated,
        span: Span,
    },
}

impl<'a> Elaborator<'_, 'a> {
    /// A piece as a value: a projection is a list.
    pub(super) fn finish(&mut self, piece: Piece) -> Option<Elaborated> {
        Some(match piece {
            Piece::Value(done) => done,
            Piece::Optional { read, .. } => {
                self.unresolved(read.spans.span);
                return None;
            }
            Piece::Projection { list, item, span } => {
                if matches!(self.arena.node(item.expr), Node::Item { .. }) {
                    return Some(list);
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
        })
    }

    /// `base[*]`
    pub(super) fn every(
        &mut self,
        syntax: &'a Syntax,
        base: &'a Syntax,
        env: &Env<'a>,
    ) -> Option<Piece> {
        let piece = self.piece(base, env)?;
        let is_nested = matches!(piece, Piece::Projection { .. });
        let mut list = self.finish(piece)?;
        if is_nested {
            list = self.flat(list, env.span(base))?;
        }
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
        if let Some(request) = self.actor_of(base, env) {
            let read = self.attribute_of_actor(syntax, (request, base), name, env)?;
            return Some(Piece::Value(read));
        }
        let piece = self.piece(base, env)?;
        let span = env.span(syntax);
        Some(match piece {
            Piece::Value(read) => {
                if self.lacks_entry(base, read.expr, name, span, env) {
                    return None;
                }
                let base = read;
                let (expr, _) = self.get(base.expr, name, span)?;
                Piece::Value(Elaborated {
                    expr,
                    spans: env.tree(syntax, vec![base.spans]),
                })
            }
            Piece::Optional { read, .. } => return self.member_if_there(syntax, read, name, env),
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

    /// A list of lists as one list: `body.items[*].tags[*]`.
    fn flat(&mut self, lists: Elaborated, span: Span) -> Option<Elaborated> {
        let ty = match self.arena.ty(lists.expr) {
            Type::List(inner) if matches!(**inner, Type::List(_)) => (**inner).clone(),
            other => {
                let message = format!("`[*]` needs lists, this is a {other}");
                self.error(Code::TypeMismatch, message, span, "no lists");
                return None;
            }
        };
        let spans = SpanTree {
            span,
            def: lists.spans.def.clone(),
            children: vec![lists.spans],
        };
        let op = Op::List(ListOp::Flatten);
        let expr = self.arena.call(op, &[lists.expr], ty);
        Some(Elaborated { expr, spans })
    }

    /// The member `name` of `base`, and its key as the schema spells it.
    pub(super) fn get(&mut self, base: ExprId, name: &str, span: Span) -> Option<(ExprId, String)> {
        match self.arena.ty(base).clone() {
            Type::Object(object) => self.object_member(base, object, name, span),
            Type::Resource(index) => self.attribute(base, index, name, span),
            Type::Map(value) => {
                let key = self.arena.constant(Value::string(name), Type::TEXT);
                let expr = self.arena.call(Op::Index, &[base, key], (*value).clone());
                Some((expr, name.to_owned()))
            }
            Type::List(_) => {
                let help = self.length_instead(base, name).unwrap_or_else(|| {
                    format!(
                        "`[*].{name}` reads it of every item; `.all(x, …)` and `.exists(x, …)` \
                         ask about the items"
                    )
                });
                let message = format!("a list has no member `{name}`");
                let diagnostic = Diagnostic::error(Code::TypeMismatch, message)
                    .at(span, "this is a list")
                    .help(help);
                self.diagnostics.push(diagnostic);
                None
            }
            Type::Any => {
                self.member_of_any(base, name, span);
                None
            }
            other => {
                let message = format!("a value of type {other} has no member `{name}`");
                let help = match other {
                    Type::String(_) => self.length_instead(base, name),
                    _ => None,
                };
                let diagnostic = Diagnostic::error(Code::TypeMismatch, message)
                    .at(span, "not an object")
                    .maybe_help(help);
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// Says that a definition has no entry of that name, where it is data.
    fn lacks_entry(
        &mut self,
        base: &'a Syntax,
        map: ExprId,
        name: &str,
        span: Span,
        env: &Env<'a>,
    ) -> bool {
        let SyntaxKind::Name(def) = &base.kind else {
            return false;
        };
        let Node::Map(entries) = self.arena.node(map) else {
            return false;
        };
        let is_def = env.find(def).is_none() && self.scope.defs.entry(def).is_some();
        let known: Vec<&str> = entries.iter().map(|(key, _)| &**key).collect();
        if !is_def || known.contains(&name) {
            return false;
        }
        let help = match suggest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has: {}", known.join(", ")),
        };
        let finding =
            Diagnostic::error(Code::UnknownField, format!("`{def}` has no entry `{name}`"))
                .at(span, "not in the definition")
                .help(help);
        self.diagnostics.push(finding);
        true
    }

    /// `x.length`
    fn length_instead(&self, base: ExprId, name: &str) -> Option<String> {
        let is_length = ["length", "len", "size", "count"].contains(&name);
        is_length.then(|| format!("write `size({})`", self.printed(base)))
    }

    fn printed(&self, id: ExprId) -> String {
        let resources = self.scope.resources.iter();
        let resources: Vec<ResourceName> = resources.map(ResourceSignature::names).collect();
        crate::expr::print(self.arena, id, &resources)
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
                let mut diagnostic = Diagnostic::error(Code::Unsupported, message)
                    .at(span, "has no single type")
                    .help("`fields:` can give it one: `fields: {body.…: {type: string}}`");
                for (place, types) in typed_apart(schemas, schema) {
                    diagnostic = diagnostic.also(place, format!("{types} here"));
                }
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    /// Nothing is known of the members of a value of any type.
    fn member_of_any(&mut self, base: ExprId, name: &str, span: Span) {
        let message = format!("`{name}` can't be read of a value that may be of any type");
        let of = self.printed(base);
        let both = format!("{{{of}: {{type: object}}, {of}.{name}: {{type: ...}}}}");
        let mut diagnostic = Diagnostic::error(Code::Unsupported, message)
            .at(span, "its schema gives no single type")
            .help(format!("`fields:` can give it one: `fields: {both}`"));
        if let Node::Get(object, key) = self.arena.node(base).clone()
            && let Type::Object(object) = *self.arena.ty(object)
            && let Some(found) = member_schema(self.scope.schemas, object, &key)
        {
            for (place, types) in typed_apart(self.scope.schemas, found) {
                diagnostic = diagnostic.also(place, format!("{types} here"));
            }
        }
        self.diagnostics.push(diagnostic);
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
        if name == KEY {
            let base = self.known_by(base, span)?;
            let node = Node::Get(base, name.into());
            return Some((self.arena.add(node, Type::TEXT), name.to_owned()));
        }
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
            Piece::Optional { there, .. } => return Some(there),
            Piece::Projection { span, .. } => {
                let message =
                    "has() takes the path of one field, and `[*]` leads to many".to_owned();
                let diagnostic = Diagnostic::error(Code::Unsupported, message)
                    .at(span, "many values")
                    .help("say which: `list.all(x, has(x.…))` or `list.exists(x, has(x.…))`");
                self.diagnostics.push(diagnostic);
                return None;
            }
        };
        let node = self.arena.node(read.expr).clone();
        if let Node::Call(Op::Index, operands) = &node
            && let [base, key] = **operands
            && matches!(self.arena.ty(base), Type::Map(_) | Type::Object(_))
        {
            return Some(Elaborated {
                expr: self.arena.call_bool(Op::In, &[key, base]),
                spans: env.tree(syntax, vec![read.spans]),
            });
        }
        if matches!(
            node,
            Node::Root(Root::Resource(_) | Root::After(_) | Root::Old(_))
        ) {
            return Some(Elaborated {
                expr: self.arena.call_bool(Op::Exists, &[read.expr]),
                spans: env.tree(syntax, vec![read.spans]),
            });
        }
        let Node::Get(base, key) = node else {
            self.has_of_no_path(inner, env);
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
        if let Some(name) = index.as_text()
            && self.lacks_entry(base, list.expr, name, env.span(index), env)
        {
            return None;
        }
        let at = self.expr(index, env)?;
        if matches!(self.arena.ty(list.expr), Type::List(_)) && self.is_negative(at.expr) {
            let finding = from_the_end(base, index, env);
            self.diagnostics.push(finding);
            return None;
        }
        self.entry_at(syntax, list, at, env)
    }

    fn is_negative(&self, id: ExprId) -> bool {
        let number = self.arena.as_const(id).and_then(Value::as_number);
        number.is_some_and(num_traits::Signed::is_negative)
    }

    /// The entry of a list or an object at a position or key.
    pub(super) fn entry_at(
        &mut self,
        syntax: &'a Syntax,
        list: Elaborated,
        at: Elaborated,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let list_type = self.arena.ty(list.expr).clone();
        let at_type = self.arena.ty(at.expr).clone();
        let ty = match (&list_type, &at_type) {
            (Type::List(item), Type::Int) => (**item).clone(),
            (Type::Map(_) | Type::Object(_), Type::String(_)) => {
                self.values_of(&list_type, env.span(syntax))?
            }
            (list, at) => {
                let finding = no_entry(syntax, list, at, env);
                self.diagnostics.push(finding);
                return None;
            }
        };
        Some(Elaborated {
            expr: self.arena.call(Op::Index, &[list.expr, at.expr], ty),
            spans: env.tree(syntax, vec![list.spans, at.spans]),
        })
    }

    /// The one type that the values of an object have.
    pub(super) fn values_of(&mut self, object: &Type, span: Span) -> Option<Type> {
        let schema = match object {
            Type::Map(value) => return Some((**value).clone()),
            Type::Object(schema) => self.scope.schemas.get(*schema),
            _ => return None,
        };
        let others = match &schema.additional {
            Additional::Schema(others) => Some(others),
            Additional::Any | Additional::Forbidden(_) => None,
        };
        let mut joined = Some(Type::Null);
        for member in schema.properties.values().chain(others) {
            let ty = type_of(self.scope.schemas, *member).ok();
            joined = joined.zip(ty).and_then(|(a, b)| a.join(&b));
        }
        if matches!(joined, None | Some(Type::Null)) {
            let message = "the members of this object have no common type".to_owned();
            self.error(
                Code::TypeMismatch,
                message,
                span,
                "so its entries can't be read by a computed key",
            );
            return None;
        }
        joined
    }
}
