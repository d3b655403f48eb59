//! What a rule is about within a request: every item of a list (`each`), and
//! wherever a schema is used (`at`).

use super::Builder;
use super::way::{ITEM, Stretch, entry_at, place_syntax, place_text, stretches};
use crate::document::{Hop, JsonType, Schema, SchemaId};
use crate::expr::{
    Elaborated, ExprId, Fold, Given, ListOp, Member, Node, Op, SpanTree, SyntaxKind, Type, member,
};
use crate::model::OperationRef;
use crate::rulefile::{Expression, Located, Nulls};
use crate::source::{Code, Diagnostic, Span};
use crate::tree::Text;
use crate::value::Value;

/// The name of its position in a list.
pub(super) const POSITION: &str = "i";
/// The name of its key in an object.
pub(super) const KEY: &str = "key";

/// What stands around a rule's condition, outermost first.
#[derive(Default)]
pub(super) struct Around {
    layers: Vec<Layer>,
    /// What the rule is about, in words.
    pub(super) about: Option<String>,
    /// Whether positions in lists have the name `i`.
    pub(super) counts: bool,
}

enum Layer {
    /// Where this is false, there is nothing to check.
    Where(Elaborated),
    /// All items of a list, with the text of its path where that is CEL for an
    /// item named `item`.
    All(Elaborated, Option<String>),
}

impl Builder<'_> {
    /// Takes in `at`: `self` is the value at the end of `way`.
    pub(super) fn enter_place(
        &mut self,
        operation: OperationRef,
        at: &Located<String>,
        way: &[Hop],
        around: &mut Around,
    ) -> Option<()> {
        let text = place_text(way);
        around.about = Some(text.clone());
        let of = Expression {
            text: Text::synthetic(text, at.span),
        };
        let (lists, last) = stretches(&place_syntax(way), of.source());
        for list in &lists {
            self.enter_list(operation, &of, list, around)?;
        }
        let found = self.typed(operation, &of, &last.syntax)?;
        if let Some(there) = self.there(&found) {
            around.layers.push(Layer::Where(there));
        }
        self.give("self", found.expr);
        Some(())
    }

    /// Takes in `each`: `item` is an item of the list at `path`.
    pub(super) fn enter_each(
        &mut self,
        operation: OperationRef,
        path: &Expression,
        around: &mut Around,
    ) -> Option<()> {
        let syntax = self.syntax(path)?;
        let (mut lists, last) = stretches(&syntax, path.source());
        // `body.lines[*]` says the same as `body.lines`.
        if !matches!(syntax.kind, SyntaxKind::Every(_)) {
            lists.push(last);
        }
        for list in &lists {
            self.enter_list(operation, path, list, around)?;
        }
        let list = path.source().trim();
        around.about = Some(match &around.about {
            Some(place) => format!("every item of {list} at {place}"),
            None => format!("every item of {list}"),
        });
        Some(())
    }

    fn enter_list(
        &mut self,
        operation: OperationRef,
        of: &Expression,
        list: &Stretch,
        around: &mut Around,
    ) -> Option<()> {
        let found = self.typed(operation, of, &list.syntax)?;
        let ty = self.arena.ty(found.expr).clone();
        let (key, op, key_type) = match &ty {
            Type::List(item) if !around.counts => {
                let there = self.there(&found);
                around.layers.extend(there.map(Layer::Where));
                around
                    .layers
                    .push(Layer::All(found, Some(list.text.clone())));
                self.enclosing.level += 1;
                self.give_item(ITEM, (**item).clone());
                return Some(());
            }
            Type::List(_) => (POSITION, ListOp::Indexes, Type::Int),
            Type::Object(_) | Type::Map(_) => (KEY, ListOp::Keys, Type::TEXT),
            other => {
                let finding = not_a_list(other, found.spans.span);
                self.diagnostics.push(finding);
                return None;
            }
        };
        let there = self.there(&found);
        around.layers.extend(there.map(Layer::Where));
        let mut spans = SpanTree::leaf(found.spans.span);
        spans.children = vec![found.spans];
        let of_keys = Type::list(key_type.clone());
        let expr = self.arena.call(Op::List(op), &[found.expr], of_keys);
        around
            .layers
            .push(Layer::All(Elaborated { expr, spans }, None));
        self.enclosing.level += 1;
        self.give_item(key, key_type);
        let entry = self.typed(operation, of, &entry_at(&list.syntax, key))?;
        self.give(ITEM, entry.expr);
        Some(())
    }

    /// A name for the item of the innermost fold.
    fn give_item(&mut self, name: &str, ty: Type) {
        let node = Node::Item {
            depth: 0,
            ty: ty.clone(),
        };
        let item = self.arena.add(node, ty);
        self.give(name, item);
    }

    fn give(&mut self, name: &str, expr: ExprId) {
        let level = self.enclosing.level;
        self.enclosing.given.push(Given {
            name: name.into(),
            expr,
            level,
        });
    }

    /// Whether the value is there, where it may be absent or null.
    fn there(&mut self, of: &Elaborated) -> Option<Elaborated> {
        let Node::Get(base, key) = self.arena.node(of.expr).clone() else {
            return None;
        };
        let span = of.spans.span;
        let (schema, is_given) = self.declared(of.expr)?;
        let mut conditions = Vec::new();
        if !is_given {
            let has = self.arena.add(Node::Has(base, key), Type::Bool);
            let base = of.spans.children.first().cloned();
            let mut spans = SpanTree::leaf(span);
            spans.children.extend(base);
            conditions.push(Elaborated { expr: has, spans });
        }
        if self.is_nullable(schema) {
            let null = self.arena.constant(Value::Null, Type::Null);
            let expr = self.arena.call_bool(Op::Ne, &[of.expr, null]);
            let mut spans = SpanTree::leaf(span);
            spans.children = vec![of.spans.clone(), SpanTree::leaf(span)];
            conditions.push(Elaborated { expr, spans });
        }
        if conditions.len() < 2 {
            return conditions.pop();
        }
        let ids: Vec<ExprId> = conditions.iter().map(|one| one.expr).collect();
        let mut spans = SpanTree::leaf(span);
        spans.children = conditions.into_iter().map(|one| one.spans).collect();
        let expr = self.arena.call_bool(Op::And, &ids);
        Some(Elaborated { expr, spans })
    }

    /// Whether a read may be absent, and whether it may be null; none for what
    /// isn't a field.
    pub(super) fn may_lack(&self, id: ExprId) -> Option<(bool, bool)> {
        let (schema, is_given) = self.declared(id)?;
        Some((!is_given, self.is_nullable(schema)))
    }

    /// The schema of a field that is read.
    pub(super) fn schema_of(&self, id: ExprId) -> Option<&Schema> {
        let (schema, _) = self.declared(id)?;
        Some(self.schemas.get(schema))
    }

    /// Whether rules can read a null there.
    fn is_nullable(&self, schema: SchemaId) -> bool {
        self.file.nulls == Nulls::Distinct && self.allows_null(schema)
    }

    pub(super) fn allows_null(&self, schema: SchemaId) -> bool {
        self.schemas.get(schema).types.names(JsonType::Null)
    }

    /// The schema of a read, and whether what is read is always there.
    pub(super) fn declared(&self, id: ExprId) -> Option<(SchemaId, bool)> {
        let Node::Get(base, key) = self.arena.node(id) else {
            return None;
        };
        let Type::Object(object) = self.arena.ty(*base) else {
            return None;
        };
        let (schema, required) = match member(&self.schemas, *object, key)? {
            Member::Declared(schema, required) => (schema, required),
            Member::Additional(schema) => (schema, false),
        };
        let base_given = match self.arena.node(*base) {
            Node::Root(_) | Node::Item { .. } => true,
            // The entry that a fold is at.
            Node::Call(Op::Index, operands) => operands
                .get(1)
                .is_some_and(|at| matches!(self.arena.node(*at), Node::Item { .. })),
            _ => self
                .declared(*base)
                .is_some_and(|(schema, given)| given && !self.is_nullable(schema)),
        };
        // Where the server takes null for absent, so do its rules.
        let may_vanish = self.file.nulls == Nulls::Absent && self.allows_null(schema);
        Some((schema, required && !may_vanish && base_given))
    }

    /// The rule with everything that stands around it; its condition was written
    /// at `condition`.
    pub(super) fn surrounded(
        &mut self,
        around: Around,
        inner: Elaborated,
        condition: Span,
    ) -> Elaborated {
        around.layers.into_iter().rev().fold(inner, |inner, layer| {
            let (node, outer) = match layer {
                Layer::Where(guard) => {
                    let operands = [guard.expr, inner.expr];
                    (Node::Call(Op::Guard, operands.into()), guard)
                }
                Layer::All(list, _) => (Node::Fold(Fold::All, list.expr, inner.expr), list),
            };
            let mut spans = SpanTree::leaf(condition);
            spans.children = vec![outer.spans, inner.spans];
            Elaborated {
                expr: self.arena.add(node, Type::Bool),
                spans,
            }
        })
    }
}

impl Around {
    /// Whether nothing stands around.
    pub(super) fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// The whole in CEL's own words, around the text of a condition; for
    /// opinions that don't rest on our own reading.
    pub(super) fn text(&self, inner: String) -> Option<String> {
        let mut out = inner;
        let mut layers = self.layers.iter().rev().peekable();
        while let Some(layer) = layers.next() {
            let Layer::All(_, list) = layer else { continue };
            let list = list.as_ref()?;
            out = format!("{list}.all({ITEM}, {out})");
            if matches!(layers.peek(), Some(Layer::Where(_))) {
                out = format!("(has({list}) && {list} != null) ? {out} : true");
            }
        }
        Some(out)
    }
}

fn not_a_list(found: &Type, span: Span) -> Diagnostic {
    let message = format!("`each` needs a list or an object, this is of type {found}");
    let help = "name a list, such as body.lines; without `each` the rule is about the request";
    Diagnostic::error(Code::TypeMismatch, message)
        .at(span, "not a list")
        .help(help)
}
