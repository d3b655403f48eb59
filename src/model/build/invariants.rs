//! `invariants` of resources: rules of every operation that makes or changes
//! one, about the state behind it.
//!
//! Each attribute that the condition reads stands for what the operation gives
//! it: its first value where the operation makes the resource, the change
//! where it has one, else what it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::rules::instance_of;
use super::{Builder, RuleText};
use crate::expr::{Elaborated, Enclosing, ExprId, Given, Node, Op, Root, SpanTree, Type};
use crate::model::{EXISTS, OperationRef, Resource, ResourceRef, RuleInstance};
use crate::rulefile::{Check, Rule};

/// What attributes stand for, by the read of each.
type Values = BTreeMap<ExprId, Elaborated>;

impl Builder<'_> {
    /// The instances of all invariants; each resource is given the conditions
    /// over its state.
    pub(super) fn invariant_rules(
        &mut self,
        resources: &mut [Resource],
    ) -> Vec<(RuleInstance, RuleText)> {
        let file = self.file;
        let mut found = Vec::new();
        for (number, resource) in (0..).map(ResourceRef).zip(resources) {
            let declared = file.resources.iter();
            let declared = declared.filter(|declared| declared.name.value == resource.name);
            for rule in declared.flat_map(|declared| &declared.invariants) {
                let Some(condition) = self.over_state(number, resource, rule) else {
                    continue;
                };
                resource.invariants.push(condition.expr);
                let touching = self.touching(number, resource).into_iter();
                let touching = touching
                    .map(|(operation, values)| (operation, substituted(self, &condition, &values)));
                // What an operation doesn't change stays as it was.
                let touching: Vec<_> = touching
                    .filter(|(_, about)| about.expr != condition.expr)
                    .collect();
                let several = touching.len() > 1;
                for (operation, about) in touching {
                    found.extend(self.invariant_at(rule, operation, about, several));
                }
            }
        }
        found
    }

    /// The condition, its guard included, over the attributes.
    fn over_state(
        &mut self,
        number: ResourceRef,
        resource: &Resource,
        rule: &Rule,
    ) -> Option<Elaborated> {
        let own = resource.attributes.iter();
        let own = own.filter(|attribute| attribute.name != EXISTS);
        let given = own.map(|attribute| Given {
            name: attribute.name.as_str().into(),
            expr: self.read_of(number, &attribute.name, &attribute.ty),
            level: 0,
        });
        let given = given.collect();
        self.enclosing = Enclosing { level: 0, given };
        let maker = self.about(number, resource)?;
        let guard = rule.when.as_ref();
        let guard = guard.map(|when| self.condition(maker, "a guard", when));
        let body = match &rule.check {
            Check::Rule(text) => self.condition(maker, "an invariant", text),
            Check::Shorthand { .. } | Check::Table(_) | Check::Ensure { .. } => None,
        };
        self.enclosing = Enclosing::default();
        let Some(guard) = guard else {
            return body;
        };
        let (guard, body) = (guard?, body?);
        Some(Elaborated {
            expr: self.arena.call_bool(Op::Guard, &[guard.expr, body.expr]),
            spans: SpanTree {
                span: rule.span,
                def: None,
                children: vec![guard.spans, body.spans],
            },
        })
    }

    /// An operation that has to do with a resource: the one that makes it, if there
    /// is one.
    fn about(&self, number: ResourceRef, resource: &Resource) -> Option<OperationRef> {
        let mut operations = (0..).map(OperationRef).zip(&self.operations);
        let is_bound = |own: &crate::model::Operation| {
            let mut binds = own.binds.iter();
            binds.any(|bind| bind.resource == number)
        };
        let bound = operations.find(|(_, own)| is_bound(own));
        resource
            .created_by
            .or(bound.map(|(operation, _)| operation))
    }

    fn read_of(&mut self, resource: ResourceRef, name: &str, ty: &Type) -> ExprId {
        let root = Node::Root(Root::Resource(resource.0));
        let state = self.arena.add(root, Type::Resource(resource.0));
        self.arena.add(Node::Get(state, name.into()), ty.clone())
    }

    /// The operations that make or change a resource, with what attributes are
    /// behind each.
    fn touching(
        &mut self,
        number: ResourceRef,
        resource: &Resource,
    ) -> Vec<(OperationRef, Values)> {
        let reads = resource.attributes.iter();
        let reads: Vec<ExprId> = reads
            .map(|attribute| self.read_of(number, &attribute.name, &attribute.ty))
            .collect();
        let mut found = Vec::new();
        for (operation, own) in (0..).map(OperationRef).zip(&self.operations) {
            let mut values = Values::new();
            if own.creates == Some(number) {
                let made = resource.attributes.iter().zip(&reads);
                values.extend(made.map(|(attribute, read)| {
                    let (expr, spans) = (attribute.init, attribute.spans.clone());
                    (*read, Elaborated { expr, spans })
                }));
            }
            let changes = own
                .changes
                .iter()
                .filter(|change| change.resource == number)
                .filter(|change| {
                    let changed = resource.attributes.get(change.attribute);
                    changed.is_some_and(|changed| changed.name != EXISTS)
                });
            values.extend(changes.filter_map(|change| {
                let (expr, spans) = (change.expr, change.spans.clone());
                Some((*reads.get(change.attribute)?, Elaborated { expr, spans }))
            }));
            if !values.is_empty() {
                found.push((operation, values));
            }
        }
        found
    }

    fn invariant_at(
        &mut self,
        rule: &Rule,
        operation: OperationRef,
        condition: Elaborated,
        several: bool,
    ) -> Option<(RuleInstance, RuleText)> {
        let name = &self.operations.get(operation.0 as usize)?.id;
        let id = match several {
            true => format!("{}@{name}", rule.id.value),
            false => rule.id.value.clone(),
        };
        let expect = self.expect(rule);
        let instance = RuleInstance {
            is_derived: true,
            ..instance_of(rule, id, operation, condition, expect)
        };
        Some((instance, RuleText::default()))
    }
}

/// The expression with other values in place of attributes.
fn substituted(builder: &mut Builder<'_>, of: &Elaborated, values: &Values) -> Elaborated {
    if let Some(value) = values.get(&of.expr) {
        return value.clone();
    }
    let node = builder.arena.node(of.expr).clone();
    if let Node::Has(base, key) = &node
        && let Some(presence) = presence(builder, (*base, key.clone()), of, values)
    {
        return presence;
    }
    let children = node.children();
    if children.is_empty() {
        return of.clone();
    }
    let parts = children.iter().enumerate().map(|(index, child)| {
        let spans = of.spans.children.get(index);
        let spans = spans
            .cloned()
            .unwrap_or_else(|| SpanTree::leaf(of.spans.span));
        let part = Elaborated {
            expr: *child,
            spans,
        };
        substituted(builder, &part, values)
    });
    let parts: Vec<Elaborated> = parts.collect();
    let exprs: Vec<ExprId> = parts.iter().map(|part| part.expr).collect();
    let ty = builder.arena.ty(of.expr).clone();
    Elaborated {
        expr: builder.arena.add(node.with_children(&exprs), ty),
        spans: SpanTree {
            span: of.spans.span,
            def: of.spans.def.clone(),
            children: parts.into_iter().map(|part| part.spans).collect(),
        },
    }
}

/// Whether an attribute is there that has another value: where that is a field,
/// whether the field is.
fn presence(
    builder: &mut Builder<'_>,
    (base, key): (ExprId, Arc<str>),
    of: &Elaborated,
    values: &Values,
) -> Option<Elaborated> {
    let read = values
        .keys()
        .copied()
        .find(|read| *builder.arena.node(*read) == Node::Get(base, key.clone()))?;
    let value = values.get(&read)?;
    let expr = match builder.arena.node(value.expr).clone() {
        Node::Get(base, key) => builder.arena.add(Node::Has(base, key), Type::Bool),
        _ => builder.arena.boolean(true),
    };
    Some(Elaborated {
        expr,
        spans: SpanTree {
            span: of.spans.span,
            def: of.spans.def.clone(),
            children: value.spans.children.clone(),
        },
    })
}
