//! `actor.role`: what is known of who sends a request; `first.actor.role`, of who
//! sent an earlier one.
//!
//! The request names the actor; an attribute is looked up in a table of all of
//! them.

use super::{ACTOR, Elaborated, Elaborator, Env};
use crate::expr::{Arena, ExprId, Node, Op, Root, Syntax, SyntaxKind, Type, member_schema};
use crate::source::{Code, Diagnostic, suggest};
use crate::value::Value;

impl<'a> Elaborator<'_, 'a> {
    /// The request whose actor a syntax is: `actor`, `first.actor`.
    pub(super) fn actor_of(&mut self, base: &Syntax, env: &Env<'a>) -> Option<ExprId> {
        if self.scope.actors.is_empty() {
            return None;
        }
        match &base.kind {
            SyntaxKind::Name(name) if name == ACTOR && env.find(ACTOR).is_none() => {
                Some(self.request())
            }
            SyntaxKind::Select(request, name) if name == ACTOR => {
                let SyntaxKind::Name(request) = &request.kind else {
                    return None;
                };
                let is_other = env.find(request).is_some();
                let request = self.enclosing.find(self.arena, request, self.level)?;
                let is_request = is_request(self.arena, request) && !is_other;
                is_request.then_some(request)
            }
            _ => None,
        }
    }

    /// Whether a request says who sends it; if not, that is reported.
    fn says_who(&mut self, request: ExprId, base: &Syntax, env: &Env<'a>) -> bool {
        let Type::Object(object) = *self.arena.ty(request) else {
            return false;
        };
        if member_schema(self.scope.schemas, object, ACTOR).is_some() {
            return true;
        }
        let message = "nobody knows who sends this request";
        let finding = Diagnostic::error(Code::UndefinedName, message)
            .at(env.span(base), "no actor here")
            .help("the API document must say that the operation asks for credentials: `security`");
        self.diagnostics.push(finding);
        false
    }

    /// `actor.NAME`
    pub(super) fn attribute_of_actor(
        &mut self,
        syntax: &'a Syntax,
        (request, base): (ExprId, &'a Syntax),
        name: &str,
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        if !self.says_who(request, base, env) {
            return None;
        }
        let of_actors = self.scope.actors.iter().map(|actor| {
            let mut own = actor.attributes.iter();
            let value = own.find(|(known, _)| known == name).map(|(_, value)| value);
            (actor.name.as_str(), value)
        });
        let of_actors: Vec<(&str, Option<&Value>)> = of_actors.collect();
        let types = of_actors.iter().filter_map(|(_, value)| value.map(type_of));
        let ty = types.map(Some).reduce(|a, b| a?.join(&b?));
        let Some(ty) = ty else {
            self.no_attribute(syntax, name, env);
            return None;
        };
        let Some(ty) = ty else {
            let message = format!("the actors differ in the type of `{name}`");
            let span = env.span(syntax);
            self.error(Code::TypeMismatch, message, span, "no common type");
            return None;
        };
        let mut entries = Vec::new();
        for (actor, value) in of_actors {
            let known = value.map(|value| {
                let constant = self.arena.constant(value.clone(), type_of(value));
                (name.into(), constant)
            });
            let map = Node::Map(known.into_iter().collect());
            let map = self.arena.add(map, Type::Map(ty.clone().into()));
            entries.push((actor.into(), map));
        }
        let of_one = Type::Map(ty.clone().into());
        let table = Type::Map(of_one.clone().into());
        let table = self.arena.add(Node::Map(entries.into()), table);
        let who = self.arena.add(Node::Get(request, ACTOR.into()), Type::TEXT);
        let actor = self.arena.call(Op::Index, &[table, who], of_one);
        let expr = self.arena.add(Node::Get(actor, name.into()), ty);
        let leaf = env.tree(base, Vec::new());
        let spans = env.tree(syntax, vec![leaf]);
        Some(Elaborated { expr, spans })
    }

    fn no_attribute(&mut self, syntax: &'a Syntax, name: &str, env: &Env<'a>) {
        let actors = self.scope.actors.iter();
        let known = actors.flat_map(|actor| &actor.attributes);
        let near = suggest(name, known.map(|(known, _)| known.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `actor.{near}`?"),
            None => format!("say it at the actors: `actors: {{staff: {{{name}: ...}}}}`"),
        };
        let message = format!("no actor has an attribute `{name}`");
        let finding = Diagnostic::error(Code::UnknownField, message)
            .at(env.span(syntax), "not under `actors:`")
            .help(help);
        self.diagnostics.push(finding);
    }

    /// `actor` without an attribute.
    pub(super) fn whole_actor(&mut self, syntax: &'a Syntax, env: &Env<'a>) {
        let message = "an actor is no value by itself";
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(env.span(syntax), "which attribute?")
            .help("`actor.id` is who it is");
        self.diagnostics.push(finding);
    }
}

/// The request of which this is what is known of who sends it: the entry of a
/// table of all actors.
pub fn actor_of(arena: &Arena, id: ExprId) -> Option<ExprId> {
    let Node::Call(Op::Index, operands) = arena.node(id) else {
        return None;
    };
    let [table, who] = **operands else {
        return None;
    };
    let Node::Get(base, key) = arena.node(who) else {
        return None;
    };
    let is_looked_up =
        &**key == ACTOR && is_request(arena, *base) && matches!(arena.node(table), Node::Map(_));
    is_looked_up.then_some(*base)
}

/// Whether this is what is known of who sends a request.
pub fn is_actor(arena: &Arena, id: ExprId) -> bool {
    actor_of(arena, id).is_some()
}

fn is_request(arena: &Arena, id: ExprId) -> bool {
    matches!(arena.node(id), Node::Root(Root::Request | Root::Earlier(_)))
}

fn type_of(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Number(number) if number.is_integer() => Type::Int,
        Value::Number(_) => Type::Decimal,
        _ => Type::TEXT,
    }
}
