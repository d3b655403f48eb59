//! From syntax to typed expressions: names are resolved, macros expanded,
//! types checked and coercions made explicit.

mod actors;
mod advice;
mod calls;
mod defs;
mod enclosing;
mod entries;
mod folds;
mod library;
mod moments;
mod names;
mod now;
mod operators;
mod optionals;
mod paths;
mod schema_types;
mod spans;
mod states;
mod usage;

use std::ops::Range;
use std::rc::Rc;

pub use actors::{actor_of, is_actor};
pub use calls::is_function;
pub use defs::{Def, DefBody, DefTable};
pub use enclosing::{Enclosing, Given};
pub use schema_types::{Member, member, member_schema, type_of, typed_apart};
pub use spans::SpanTree;
pub use states::StateRead;

use self::paths::Piece;
use super::{Arena, ExprId, KINDS, Node, ResourceName, Root, Syntax, SyntaxKind, Type};
use crate::document::{SchemaId, Schemas};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::value::Value;

/// What the server remembers of a resource: the names and types of its
/// attributes, in declared order.
#[derive(Clone, Debug, Default)]
pub struct ResourceSignature {
    /// The name that expressions use.
    pub name: String,
    /// What they call all that there are.
    pub plural: Option<String>,
    /// The attributes.
    pub attributes: Vec<(String, Type)>,
    /// Whether something is wrong with its declaration: attributes that are
    /// not known are then no error of their own.
    pub is_broken: bool,
}

impl ResourceSignature {
    fn names(&self) -> ResourceName {
        match &self.plural {
            Some(all) => ResourceName {
                one: self.name.clone(),
                all: all.clone(),
            },
            None => ResourceName::single(&self.name),
        }
    }
}

/// Somebody who sends requests, as expressions know them.
#[derive(Clone, Debug, PartialEq)]
pub struct ActorSignature {
    /// The name, which the member [`ACTOR`] of a request holds.
    pub name: String,
    /// What is known of them.
    pub attributes: Vec<(String, Value)>,
}

/// The names that an expression may use.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// The schemas that types come from.
    pub schemas: &'a Schemas,
    /// The object with the members `path`, `query`, `header`, `cookie`, `body`.
    pub request: SchemaId,
    /// All resources; [`Root::Resource`] counts them.
    pub resources: &'a [ResourceSignature],
    /// Which of the resources the operation is bound to.
    pub bound: &'a [u32],
    /// The definitions of the rule file.
    pub defs: &'a DefTable,
    /// What `now` is.
    pub now: NowIs<'a>,
    /// Who may send requests.
    pub actors: &'a [ActorSignature],
    /// Which state of the resources is read.
    pub state: StateRead,
}

/// What `now` is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NowIs<'a> {
    /// What the server's clock shows.
    #[default]
    Clock,
    /// What a header of the request says.
    Header(&'a str),
    /// What tests set the clock to: the member [`NOW`] of the request.
    Set,
}

/// The member of a request state that the server's clock is set to before the
/// request is sent, where tests can set it.
pub const NOW: &str = "now";

/// The member of a request state that names who sends it, where a rule file
/// declares actors.
pub const ACTOR: &str = "actor";

/// The member of a resource that names it: what answers call it, and what two
/// of a kind are told apart by.
pub const KEY: &str = "key";

/// A typed expression, and where each part of it was written.
#[derive(Clone, Debug)]
pub struct Elaborated {
    /// The expression.
    pub expr: ExprId,
    /// Its spans, position by position.
    pub spans: SpanTree,
}

/// Maps a range of an expression's text to its file.
pub type Locate<'a> = Rc<dyn Fn(Range<usize>) -> Span + 'a>;

/// Elaborates `syntax`. `None` after an error, which is in `diagnostics`.
pub fn elaborate<'a>(
    arena: &mut Arena,
    scope: Scope<'a>,
    syntax: &'a Syntax,
    locate: Locate<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Elaborated> {
    let enclosing = Enclosing::default();
    elaborate_within(arena, scope, &enclosing, syntax, locate, diagnostics)
}

/// Elaborates `syntax` as a part of what `enclosing` describes. `None` after an
/// error, which is in `diagnostics`.
pub fn elaborate_within<'a>(
    arena: &mut Arena,
    scope: Scope<'a>,
    enclosing: &Enclosing,
    syntax: &'a Syntax,
    locate: Locate<'a>,
    diagnostics: &mut Diagnostics,
) -> Option<Elaborated> {
    let mut elaborator = Elaborator {
        arena,
        scope,
        enclosing,
        diagnostics,
        level: enclosing.level,
        in_old: false,
        open_defs: Vec::new(),
    };
    let env = Env {
        locals: None,
        locate,
        def: None,
        whole: syntax.span.clone(),
    };
    elaborator.expr(syntax, &env)
}

/// What a local name stands for.
#[derive(Clone)]
enum Local<'a> {
    /// The item of the fold that opened this level.
    Item { level: u32, ty: Type },
    /// The entry of a list or an object at the item of the fold that opened
    /// this level; `of` is read in the environment of the fold.
    Entry {
        level: u32,
        of: &'a Syntax,
        env: Env<'a>,
    },
    /// An argument of a macro, read in the environment of the call.
    Argument(&'a Syntax, Env<'a>),
    /// What an optional holds.
    Unwrapped(&'a Syntax, Env<'a>),
}

/// Local names, innermost first, and how to locate what is being read.
#[derive(Clone)]
struct Env<'a> {
    locals: Option<Rc<LocalName<'a>>>,
    locate: Locate<'a>,
    /// The definition that the text stands in.
    def: Option<&'a str>,
    /// What of the text is an expression of its own: all of it.
    whole: Range<usize>,
}

struct LocalName<'a> {
    name: String,
    local: Local<'a>,
    outer: Option<Rc<LocalName<'a>>>,
}

impl<'a> Env<'a> {
    fn with(&self, name: &str, local: Local<'a>) -> Self {
        Self {
            locals: Some(Rc::new(LocalName {
                name: name.to_owned(),
                local,
                outer: self.locals.clone(),
            })),
            ..self.clone()
        }
    }

    fn find(&self, name: &str) -> Option<Local<'a>> {
        let mut at = self.locals.as_ref();
        while let Some(entry) = at {
            if entry.name == name {
                return Some(entry.local.clone());
            }
            at = entry.outer.as_ref();
        }
        None
    }

    fn span(&self, syntax: &Syntax) -> Span {
        (self.locate)(syntax.span.clone())
    }

    /// A span tree for `syntax` over the parts of its operands.
    fn tree(&self, syntax: &'a Syntax, children: Vec<SpanTree>) -> SpanTree {
        SpanTree {
            span: self.span(syntax),
            def: self.def.map(str::to_owned),
            children,
        }
    }
}

struct Elaborator<'e, 'a> {
    arena: &'e mut Arena,
    scope: Scope<'a>,
    enclosing: &'e Enclosing,
    diagnostics: &'e mut Diagnostics,
    /// How many folds enclose what is being read.
    level: u32,
    /// Whether what is being read stands in `old(...)`.
    in_old: bool,
    /// The definitions being expanded, to find recursion.
    open_defs: Vec<String>,
}

impl<'a> Elaborator<'_, 'a> {
    fn error(&mut self, code: Code, message: String, span: Span, label: &str) {
        self.diagnostics
            .push(Diagnostic::error(code, message).at(span, label));
    }

    /// An expression; a projection (`list[*].x`) becomes a list.
    fn expr(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Elaborated> {
        let piece = self.piece(syntax, env)?;
        self.finish(piece)
    }

    /// An expression, or a projection that a path may still go on from.
    fn piece(&mut self, syntax: &'a Syntax, env: &Env<'a>) -> Option<Piece> {
        let done = match &syntax.kind {
            SyntaxKind::Select(base, member) => return self.select(syntax, base, member, env),
            SyntaxKind::Every(base) => return self.every(syntax, base, env),
            SyntaxKind::Literal(value, decimal) => self.literal(syntax, value, *decimal, env),
            SyntaxKind::Name(name) => self.name(syntax, name, env)?,
            SyntaxKind::Has(inner) => self.has(syntax, inner, env)?,
            SyntaxKind::Call { name, target, args } => {
                let target = target.as_deref();
                if let Some(piece) = self.optional_call(syntax, name, target, args, env) {
                    return piece;
                }
                self.call(syntax, name, target, args, env)?
            }
            SyntaxKind::List(items) => self.list(syntax, items, env)?,
            SyntaxKind::Map(entries) => self.map(syntax, entries, env)?,
        };
        Some(Piece::Value(done))
    }

    fn literal(
        &mut self,
        syntax: &'a Syntax,
        value: &Value,
        decimal: bool,
        env: &Env<'a>,
    ) -> Elaborated {
        let ty = match value {
            Value::Bool(_) => Type::Bool,
            Value::Number(number) if !decimal && number.is_integer() => Type::Int,
            Value::Number(_) => Type::Decimal,
            Value::String(_) => Type::TEXT,
            _ => Type::Null,
        };
        Elaborated {
            expr: self.arena.constant(value.clone(), ty),
            spans: env.tree(syntax, Vec::new()),
        }
    }

    fn list(
        &mut self,
        syntax: &'a Syntax,
        items: &'a [Syntax],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let items = self.all(items, env)?;
        let item_type = self.joined(&items, env.span(syntax))?;
        let ids: Vec<ExprId> = items.iter().map(|item| item.expr).collect();
        let node = Node::List(ids.into());
        let expr = self.arena.add(node, Type::list(item_type));
        let children = items.into_iter().map(|item| item.spans).collect();
        Some(Elaborated {
            expr,
            spans: env.tree(syntax, children),
        })
    }

    fn map(
        &mut self,
        syntax: &'a Syntax,
        entries: &'a [(Syntax, Syntax)],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        let mut keys = Vec::new();
        let mut values = Vec::new();
        for (key, value) in entries {
            let SyntaxKind::Literal(Value::String(name), _) = &key.kind else {
                let message = "a key of a map literal must be a text such as 'EUR'".to_owned();
                self.error(Code::Unsupported, message, env.span(key), "not a text");
                return None;
            };
            keys.push(name.clone());
            values.push(self.expr(value, env)?);
        }
        let value_type = self.joined(&values, env.span(syntax))?;
        let pairs = keys.into_iter().zip(values.iter().map(|value| value.expr));
        let node = Node::Map(pairs.collect());
        let expr = self.arena.add(node, Type::Map(value_type.into()));
        let children = values.into_iter().map(|value| value.spans).collect();
        Some(Elaborated {
            expr,
            spans: env.tree(syntax, children),
        })
    }

    /// The one type that all of `parts` have.
    fn joined(&mut self, parts: &[Elaborated], span: Span) -> Option<Type> {
        let mut types: Vec<Type> = parts
            .iter()
            .map(|part| self.arena.ty(part.expr).clone())
            .collect();
        // `{}` is an object of any schema: one without members.
        let object = types.iter().find(|ty| matches!(ty, Type::Object(_)));
        if let Some(object) = object.cloned() {
            for (part, ty) in parts.iter().zip(&mut types) {
                if matches!(self.arena.node(part.expr), Node::Map(entries) if entries.is_empty()) {
                    *ty = object.clone();
                }
            }
        }
        let mut joined: Option<Type> = None;
        for ty in types {
            let next = match &joined {
                None => Some(ty.clone()),
                Some(before) => before.join(&ty),
            };
            let Some(next) = next else {
                let before = joined.map(|t| t.to_string()).unwrap_or_default();
                let message = format!("the values differ in type: {before} and {ty}");
                self.error(Code::TypeMismatch, message, span, "these belong together");
                return None;
            };
            joined = Some(next);
        }
        Some(joined.unwrap_or(Type::Null))
    }

    /// All of them, reporting the errors of each before giving up.
    fn all(&mut self, parts: &'a [Syntax], env: &Env<'a>) -> Option<Vec<Elaborated>> {
        let read: Vec<Option<Elaborated>> = parts.iter().map(|part| self.expr(part, env)).collect();
        read.into_iter().collect()
    }

    fn name(&mut self, syntax: &'a Syntax, name: &str, env: &Env<'a>) -> Option<Elaborated> {
        match env.find(name) {
            Some(Local::Item { level, ty }) => {
                let depth = self.level - level - 1;
                let node = Node::Item {
                    depth,
                    ty: ty.clone(),
                };
                let expr = self.arena.add(node, ty);
                return Some(Elaborated {
                    expr,
                    spans: env.tree(syntax, Vec::new()),
                });
            }
            Some(Local::Entry {
                level,
                of,
                env: outer,
            }) => return self.entry(syntax, level, of, &outer, env),
            Some(Local::Argument(argument, outer)) => return self.expr(argument, &outer),
            Some(Local::Unwrapped(optional, outer)) => {
                return self.optional(optional, &outer).map(|(read, _)| read);
            }
            None => {}
        }
        if let Some(found) = self.given(syntax, name, env) {
            return Some(found);
        }
        if name == "now" {
            return self.now(syntax, env);
        }
        if name == ACTOR && !self.scope.actors.is_empty() {
            self.whole_actor(syntax, env);
            return None;
        }
        if let Some(resource) = self.resource(syntax, name, env) {
            return resource;
        }
        if let Some(all) = self.plural(syntax, name, env) {
            return all;
        }
        if let Some(found) = self.input(syntax, name, env) {
            return Some(found);
        }
        if let Some((known, def)) = self.scope.defs.entry(name) {
            return self.expand(syntax, known, def, &[], env);
        }
        if KINDS.contains(&name) {
            return Some(Elaborated {
                expr: self.arena.constant(Value::string(name), Type::Kind),
                spans: env.tree(syntax, Vec::new()),
            });
        }
        self.unknown_name(syntax, name, env);
        None
    }

    /// `body`, `path`, ...
    fn input(&mut self, syntax: &'a Syntax, name: &str, env: &Env<'a>) -> Option<Elaborated> {
        let name = if name == "self" { "body" } else { name };
        let found = member(self.scope.schemas, self.scope.request, name)?;
        let Member::Declared(schema, _) = found else {
            return None;
        };
        let ty = type_of(self.scope.schemas, schema).ok()?;
        let request = self.request();
        let expr = self.arena.add(Node::Get(request, name.into()), ty);
        let root = env.tree(syntax, Vec::new());
        Some(Elaborated {
            expr,
            spans: env.tree(syntax, vec![root]),
        })
    }

    /// All resources of a kind, whatever the operation is about.
    fn plural(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        env: &Env<'a>,
    ) -> Option<Option<Elaborated>> {
        let named = |one: &ResourceSignature| one.plural.as_deref() == Some(name);
        let mut resources = (0..).zip(self.scope.resources);
        let (index, _) = resources.find(|(_, one)| named(one))?;
        if self.is_behind(name, env.span(syntax)) {
            return Some(None);
        }
        let ty = Type::list(Type::Resource(index));
        Some(Some(Elaborated {
            expr: self.arena.add(Node::Root(Root::All(index)), ty),
            spans: env.tree(syntax, Vec::new()),
        }))
    }

    fn request(&mut self) -> ExprId {
        let ty = Type::Object(self.scope.request);
        self.arena.add(Node::Root(Root::Request), ty)
    }
}
