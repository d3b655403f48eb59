//! The rules that a resource which a request is about exists, where authors
//! don't ask themselves by `has(resource)`.

use std::collections::BTreeSet;

use super::{Builder, RuleText};
use crate::document::SchemaId;
use crate::expr::{
    Arena, Elaborated, ExprId, Node, Op, Root, SpanTree, Type, member_schema, type_of,
};
use crate::model::{Bind, OperationRef, ResourceRef, RuleInstance};
use crate::value::Value;
use crate::value::location::{Location, Segment};

/// Whether an expression asks if a resource exists.
pub fn asks(arena: &Arena, expr: ExprId, resource: ResourceRef) -> bool {
    let mut nodes = arena.reachable(&[expr]).into_iter();
    nodes.any(|id| match arena.node(id) {
        Node::Call(Op::Exists, of) => of.iter().any(|of| state_of(arena, *of) == Some(resource)),
        _ => false,
    })
}

/// The resource whose state an expression is.
fn state_of(arena: &Arena, id: ExprId) -> Option<ResourceRef> {
    match arena.node(id) {
        Node::Root(Root::Resource(index) | Root::After(index) | Root::Old(index)) => {
            Some(ResourceRef(*index))
        }
        _ => None,
    }
}

/// The resources that a rule reads without asking whether they exist.
fn needs(arena: &Arena, expr: ExprId) -> Vec<ResourceRef> {
    let nodes = arena.reachable(&[expr]).into_iter();
    let read = nodes.filter_map(|id| state_of(arena, id));
    let read: BTreeSet<ResourceRef> = read.collect();
    let read = read.into_iter();
    read.filter(|resource| !asks(arena, expr, *resource))
        .collect()
}

impl Builder<'_> {
    /// The resources that a request must be about for a rule to say something.
    pub(super) fn needed(&self, rule: &RuleInstance) -> Vec<ResourceRef> {
        let exprs = rule.exprs();
        let needed = exprs.iter().flat_map(|expr| needs(&self.arena, *expr));
        let found = self.operations.get(rule.operation.0 as usize);
        let binds = found.map_or(&[][..], |found| found.binds.as_slice());
        // What the request makes is there once it is accepted.
        let is_bound = |resource: &ResourceRef| binds.iter().any(|bind| bind.resource == *resource);
        let is_asked = |resource: &ResourceRef| {
            let mut exprs = exprs.iter();
            exprs.any(|expr| asks(&self.arena, *expr, *resource))
        };
        let needed: BTreeSet<ResourceRef> = needed.filter(|own| !is_asked(own)).collect();
        match rule.is_ensured() {
            true => needed.into_iter().filter(is_bound).collect(),
            false => needed.into_iter().collect(),
        }
    }

    /// One rule for each resource that an operation is about, where no other
    /// rule there asks whether it exists.
    pub(super) fn existence_rules(
        &mut self,
        rules: &[(RuleInstance, RuleText)],
    ) -> Vec<(RuleInstance, RuleText)> {
        let mut found = Vec::new();
        for number in 0..self.operations.len() {
            let operation = OperationRef(u32::try_from(number).unwrap_or(u32::MAX));
            let binds = self.operations.get(number).map(|own| own.binds.clone());
            let binds = binds.unwrap_or_default();
            for bind in &binds {
                let is_asked = rules.iter().any(|(rule, _)| {
                    rule.operation == operation && asks(&self.arena, rule.expr, bind.resource)
                });
                if !is_asked {
                    let is_only = binds.len() == 1;
                    found.extend(self.existence_rule(operation, bind, is_only, rules));
                }
            }
        }
        found
    }

    fn existence_rule(
        &mut self,
        operation: OperationRef,
        bind: &Bind,
        is_only: bool,
        others: &[(RuleInstance, RuleText)],
    ) -> Option<(RuleInstance, RuleText)> {
        let found = self.operations.get(operation.0 as usize)?;
        let name = &self.signatures.get(bind.resource.0 as usize)?.name;
        let short = format!("{}-exists", found.id);
        let is_taken = others.iter().any(|(rule, _)| rule.rule == short);
        let id = match is_only && !is_taken {
            true => short,
            false => format!("{}-{name}-exists", found.id),
        };
        let message = format!("The {name} that the request names exists.");
        let condition = self.existence(found.request, bind);
        let instance = RuleInstance {
            rule: id.clone(),
            id,
            operation,
            about: None,
            expr: condition.expr,
            spans: condition.spans,
            when: None,
            message,
            source: None,
            field_path: Some(bind.location.to_string()),
            severity: Some("medium".to_owned()),
            tags: vec!["state".to_owned()],
            expect: bind.missing.clone(),
            undefined_rejects: false,
            needs: Vec::new(),
            across: None,
            ensures: Vec::new(),
            is_derived: true,
            span: bind.span,
        };
        Some((instance, RuleText::default()))
    }

    /// `has(payment)`; where the request needn't name one: `!has(body.payment_id)
    /// || has(payment)`, as a guard.
    fn existence(&mut self, request: SchemaId, bind: &Bind) -> Elaborated {
        let index = bind.resource.0;
        let root = Node::Root(Root::Resource(index));
        let root = self.arena.add(root, Type::Resource(index));
        let exists = self.arena.call_bool(Op::Exists, &[root]);
        let leaf = SpanTree::leaf(bind.span);
        let around = |children| SpanTree {
            span: bind.span,
            def: None,
            children,
        };
        let spans = around(vec![leaf.clone()]);
        let read = self.key_read(request, &bind.location);
        match read.and_then(|read| self.names_one(read)) {
            Some(named) => Elaborated {
                expr: self.arena.call_bool(Op::Guard, &[named, exists]),
                spans: around(vec![leaf, spans]),
            },
            None => Elaborated {
                expr: exists,
                spans,
            },
        }
    }

    /// The read of the field that names a resource; none of an item of a list.
    pub(super) fn key_read(&mut self, request: SchemaId, location: &Location) -> Option<ExprId> {
        let root = Node::Root(Root::Request);
        let mut read = self.arena.add(root, Type::Object(request));
        for segment in &location.0 {
            let (Segment::Key(key), Type::Object(object)) = (segment, self.arena.ty(read)) else {
                return None;
            };
            let member = member_schema(&self.schemas, *object, key)?;
            let ty = type_of(&self.schemas, member).ok()?;
            read = self.arena.add(Node::Get(read, key.clone()), ty);
        }
        Some(read)
    }

    /// Whether a request may name none: the field is left out, or null.
    pub(super) fn may_name_none(&self, read: ExprId) -> bool {
        let declared = self.declared(read);
        declared.is_some_and(|(schema, is_given)| !is_given || self.allows_null(schema))
    }

    /// Whether the request names a resource; none where it always does.
    fn names_one(&mut self, read: ExprId) -> Option<ExprId> {
        if !self.may_name_none(read) {
            return None;
        }
        let Node::Get(base, key) = self.arena.node(read).clone() else {
            return None;
        };
        let has = self.arena.add(Node::Has(base, key), Type::Bool);
        Some(match self.given(read) {
            Some(given) => self.arena.call_bool(Op::And, &[has, given]),
            None => has,
        })
    }

    /// Whether a field isn't null; none where it can't be.
    pub(super) fn given(&mut self, read: ExprId) -> Option<ExprId> {
        let (schema, _) = self.declared(read)?;
        if !self.allows_null(schema) {
            return None;
        }
        let null = self.arena.constant(Value::Null, Type::Null);
        Some(self.arena.call_bool(Op::Ne, &[read, null]))
    }
}
