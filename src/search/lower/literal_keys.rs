//! The keys that literals hold where objects are compared with them: an object
//! is told apart from `{'a': 1}` by its member `a`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Lowering;
use crate::document::SchemaId;
use crate::expr::{ExprId, Node, Op, Type, member_schema, type_of};
use crate::value::Value;

/// Collects the keys of literals that stand where objects of one schema do.
struct Collector<'a, 'm> {
    lowering: &'a Lowering<'m>,
    object: SchemaId,
    found: BTreeSet<Arc<str>>,
}

impl Lowering<'_> {
    /// The keys of the literals that the rules in question compare objects of
    /// a schema with, as a whole or as a part of what is compared.
    pub(super) fn keys_of_literals(&self, object: SchemaId) -> BTreeSet<Arc<str>> {
        let mut collector = Collector {
            lowering: self,
            object,
            found: BTreeSet::new(),
        };
        let arena = &self.model.arena;
        for id in arena.reachable(&self.roots) {
            let Node::Call(op @ (Op::Eq | Op::Ne | Op::In), operands) = arena.node(id) else {
                continue;
            };
            let [a, b] = **operands else { continue };
            let (ty_a, ty_b) = (arena.ty(a), arena.ty(b));
            if *op == Op::In {
                collector.expression(&Type::list(ty_a.clone()), b);
                if let Type::List(item) = ty_b {
                    collector.expression(item, a);
                }
            } else {
                collector.expression(ty_a, b);
                collector.expression(ty_b, a);
            }
        }
        collector.found
    }
}

impl Collector<'_, '_> {
    /// What is compared with a value of the type `ty`.
    fn expression(&mut self, ty: &Type, id: ExprId) {
        match (ty, self.lowering.model.arena.node(id)) {
            (_, Node::Const(constant)) => self.value(ty, &constant.0),
            (_, Node::Call(Op::If, operands)) => {
                for operand in operands.iter().skip(1) {
                    self.expression(ty, *operand);
                }
            }
            (Type::List(item), Node::List(items)) => {
                for own in items {
                    self.expression(item, *own);
                }
            }
            (Type::Object(object), Node::Map(entries)) => {
                for (key, value) in entries {
                    if let Some(ty) = self.member(*object, key) {
                        self.expression(&ty, *value);
                    }
                }
            }
            _ => {}
        }
    }

    fn value(&mut self, ty: &Type, value: &Value) {
        match (ty, value) {
            (Type::List(item), Value::List(items)) => {
                for own in items {
                    self.value(item, own);
                }
            }
            (Type::Object(object), Value::Map(members)) => {
                for (key, value) in members.iter() {
                    if let Some(ty) = self.member(*object, key) {
                        self.value(&ty, value);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes a key, and gives the type of what stands at it.
    fn member(&mut self, object: SchemaId, key: &Arc<str>) -> Option<Type> {
        if object == self.object {
            self.found.insert(key.clone());
        }
        let schemas = &self.lowering.model.schemas;
        type_of(schemas, member_schema(schemas, object, key)?).ok()
    }
}
