//! Definitions (`defs`): constants, expressions and macros.

use std::collections::BTreeMap;

use super::{Elaborated, Elaborator, Env, Local, SpanTree};
use crate::expr::{ExprId, Node, Syntax, Type};
use crate::source::Code;
use crate::tree::{Node as Tree, NodeKind, Text};
use crate::value::Value;

/// One definition.
#[derive(Clone, Debug)]
pub struct Def {
    /// The parameters; empty for a plain name.
    pub params: Vec<String>,
    /// What it stands for.
    pub body: DefBody,
}

/// What a definition stands for.
#[derive(Clone, Debug)]
pub enum DefBody {
    /// An expression, read anew at every use with the names of that place.
    Expression(Syntax, Text),
    /// Data as written.
    Data(Tree),
    /// What can't be read; that has been said.
    Broken,
}

/// The definitions of a rule file by name.
#[derive(Clone, Debug, Default)]
pub struct DefTable(pub BTreeMap<String, Def>);

impl DefTable {
    /// The definition with that name, and the name as the table holds it.
    pub(super) fn entry(&self, name: &str) -> Option<(&str, &Def)> {
        let (known, def) = self.0.get_key_value(name)?;
        Some((known, def))
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl<'a> Elaborator<'_, 'a> {
    /// The definition `name` at a place where it is used with `args`.
    pub(super) fn expand(
        &mut self,
        syntax: &'a Syntax,
        name: &'a str,
        def: &'a Def,
        args: &[(&'a Syntax, Env<'a>)],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        if matches!(def.body, DefBody::Broken) {
            return None;
        }
        let span = env.span(syntax);
        if self.open_defs.iter().any(|open| open == name) {
            let message = format!("the definition `{name}` refers to itself");
            self.error(Code::RecursiveDef, message, span, "used inside itself");
            return None;
        }
        if def.params.len() != args.len() {
            let message = format!(
                "`{name}` takes {} values, not {}",
                def.params.len(),
                args.len()
            );
            self.error(Code::TypeMismatch, message, span, "wrong number of values");
            return None;
        }
        match &def.body {
            DefBody::Data(tree) => self.data(tree, name),
            DefBody::Broken => None,
            DefBody::Expression(body, text) => {
                // What is bound where it is used are names of another text.
                let mut inner = Env {
                    locals: None,
                    locate: std::rc::Rc::new(move |range| text.span_of(range)),
                    def: Some(name),
                    whole: body.span.clone(),
                };
                for (param, (argument, outer)) in def.params.iter().zip(args) {
                    inner = inner.with(param, Local::Argument(argument, outer.clone()));
                }
                self.open_defs.push(name.to_owned());
                let expanded = self.expr(body, &inner);
                self.open_defs.pop();
                expanded
            }
        }
    }

    /// Data as an expression of constants, each entry with its place.
    fn data(&mut self, tree: &Tree, def: &str) -> Option<Elaborated> {
        let leaf = |children| SpanTree {
            span: tree.span,
            def: Some(def.to_owned()),
            children,
        };
        let constant = |value, ty, this: &mut Self| {
            Some(Elaborated {
                expr: this.arena.constant(value, ty),
                spans: leaf(Vec::new()),
            })
        };
        match &tree.kind {
            NodeKind::Null => constant(Value::Null, Type::Null, self),
            NodeKind::Bool(value) => constant(Value::Bool(*value), Type::Bool, self),
            NodeKind::Number { value, .. } if value.is_integer() => {
                constant(Value::Number(value.clone()), Type::Int, self)
            }
            NodeKind::Number { value, .. } => {
                constant(Value::Number(value.clone()), Type::Decimal, self)
            }
            NodeKind::String(text) => {
                constant(Value::string(text.value.as_str()), Type::TEXT, self)
            }
            NodeKind::Sequence(items) => {
                let items = self.data_all(items.iter(), def)?;
                let item = self.joined(&items, tree.span)?;
                let ids: Vec<ExprId> = items.iter().map(|item| item.expr).collect();
                let expr = self.arena.add(Node::List(ids.into()), Type::list(item));
                let spans = leaf(items.into_iter().map(|item| item.spans).collect());
                Some(Elaborated { expr, spans })
            }
            NodeKind::Mapping(entries) => {
                let values = self.data_all(entries.iter().map(|entry| &entry.value), def)?;
                let value = self.joined(&values, tree.span)?;
                let keys = entries.iter().map(|entry| entry.key.as_str().into());
                let pairs = keys.zip(values.iter().map(|value| value.expr)).collect();
                let expr = self.arena.add(Node::Map(pairs), Type::Map(value.into()));
                let spans = leaf(values.into_iter().map(|value| value.spans).collect());
                Some(Elaborated { expr, spans })
            }
        }
    }

    fn data_all<'t>(
        &mut self,
        trees: impl Iterator<Item = &'t Tree>,
        def: &str,
    ) -> Option<Vec<Elaborated>> {
        trees.map(|tree| self.data(tree, def)).collect()
    }

    /// A call of a name that is no built-in function: a macro, or an error.
    pub(super) fn call_macro(
        &mut self,
        syntax: &'a Syntax,
        name: &str,
        args: &'a [Syntax],
        env: &Env<'a>,
    ) -> Option<Elaborated> {
        if let Some((known, def)) = self.scope.defs.entry(name) {
            let args: Vec<_> = args.iter().map(|arg| (arg, env.clone())).collect();
            return self.expand(syntax, known, def, &args, env);
        }
        let operands: Vec<&'a Syntax> = args.iter().collect();
        self.unknown_function(syntax, name, &operands, env);
        None
    }
}
