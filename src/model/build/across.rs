//! Rules about several requests: what they read of the earlier ones, and which
//! belong together.

use std::collections::BTreeSet;

use super::Builder;
use super::unique::path_of;
use crate::expr::{Elaborated, Enclosing, ExprId, Given, Node, Op, Root, SpanTree, Type};
use crate::model::{Across, OperationRef, Replay, ResourceRef, Unique};
use crate::rulefile::{self, Expression, ReplayOrder};
use crate::source::{Code, Diagnostic, Span};

impl Builder<'_> {
    /// Gives the requests of a rule their names; the operations of the earlier
    /// ones.
    pub(super) fn enter_across(
        &mut self,
        operation: OperationRef,
        across: &rulefile::Across,
    ) -> Option<Vec<OperationRef>> {
        let earlier = across.earlier.iter();
        let earlier = earlier.map(|name| self.operation_named(&name.value));
        let earlier: Vec<OperationRef> = earlier.collect::<Option<_>>()?;
        let names = rulefile::Across::NAMES;
        let mut given = Vec::new();
        for (index, (name, of)) in (0..).zip(names.into_iter().zip(&earlier)) {
            given.push(self.request(name, Root::Earlier(index), *of)?);
        }
        let last = names.get(earlier.len())?;
        given.push(self.request(last, Root::Request, operation)?);
        self.enclosing = Enclosing { level: 0, given };
        Some(earlier)
    }

    fn request(&mut self, name: &str, root: Root, operation: OperationRef) -> Option<Given> {
        let request = self.operations.get(operation.0 as usize)?.request;
        Some(Given {
            name: name.into(),
            expr: self.arena.add(Node::Root(root), Type::Object(request)),
            level: 0,
        })
    }

    /// What a rule says of the earlier requests.
    pub(super) fn across(
        &mut self,
        operation: OperationRef,
        across: &rulefile::Across,
        earlier: Vec<OperationRef>,
    ) -> Option<Across> {
        self.enclosing = Enclosing::default();
        let mut parts = Vec::new();
        let mut is_fresh = false;
        let mut keys = BTreeSet::new();
        for same in &across.same {
            let own = self.expression(operation, same)?;
            let bound = self.bound_by(operation, own.expr);
            is_fresh |= bound.is_some() || self.correlate(operation, own.expr);
            keys.extend(bound);
            for (index, of) in (0..).zip(&earlier) {
                let other = self.expression(*of, same)?;
                // Tests fill in the key of what they made, no text of their own.
                if self.bound_by(*of, other.expr).is_none() {
                    self.correlate(*of, other.expr);
                }
                parts.push(self.shared(same, &own, &other, index)?);
            }
        }
        if !is_fresh {
            self.never_fresh(across);
            return None;
        }
        let span = across.same.first().map_or(across.key, Expression::span);
        let all = match parts.as_slice() {
            [only] => only.clone(),
            _ => Elaborated {
                expr: {
                    let exprs: Vec<ExprId> = parts.iter().map(|part| part.expr).collect();
                    self.arena.call_bool(Op::And, &exprs)
                },
                spans: SpanTree {
                    span,
                    def: None,
                    children: parts.into_iter().map(|part| part.spans).collect(),
                },
            },
        };
        if let Some(order) = &across.replay
            && self.makes_nothing(operation)
        {
            self.unseen_repeats(operation, order.span);
            return None;
        }
        let replay = across.replay.as_ref().map(|order| Replay {
            expr: self.arena.boolean(true),
            spans: SpanTree::leaf(order.span),
            is_first: order.value == ReplayOrder::First,
        });
        Some(Across {
            earlier,
            same: all.expr,
            spans: all.spans,
            never: self.arena.boolean(false),
            keys,
            replay,
        })
    }

    /// The resource whose key an expression is: every test makes it anew.
    fn bound_by(&self, operation: OperationRef, expr: ExprId) -> Option<ResourceRef> {
        let found = self.operations.get(operation.0 as usize)?;
        let place = path_of(&self.arena, expr)?;
        let mut binds = found.binds.iter();
        let bind = binds.find(|bind| bind.location == place)?;
        Some(bind.resource)
    }

    /// Notes the field by which requests to an operation belong together, if it
    /// is one that tests can fill with fresh texts.
    pub(super) fn correlate(&mut self, operation: OperationRef, expr: ExprId) -> bool {
        let is_text = matches!(self.arena.ty(expr), Type::String(_));
        let place = path_of(&self.arena, expr).filter(|_| is_text);
        let Some((place, found)) = place.zip(self.operations.get(operation.0 as usize)) else {
            return false;
        };
        let Some(template) = self.template_at(found, &place) else {
            return false;
        };
        let Some(found) = self.operations.get_mut(operation.0 as usize) else {
            return false;
        };
        let own = found.unique.iter().position(|own| own.location == place);
        let span = own.map(|own| found.unique.remove(own).span);
        if found.correlated.iter().all(|own| own.location != place) {
            found.correlated.push(Unique {
                location: place,
                template,
                span: span.unwrap_or(found.span),
            });
            found.correlated.sort_by(|a, b| a.location.cmp(&b.location));
        }
        true
    }

    fn makes_nothing(&self, operation: OperationRef) -> bool {
        let found = self.operations.get(operation.0 as usize);
        found.is_none_or(|found| found.creates.is_none())
    }

    /// A repeat is known by the key of what the first request made.
    fn unseen_repeats(&mut self, operation: OperationRef, span: Span) {
        let found = self.operations.get(operation.0 as usize);
        let id = found.map_or("", |found| &found.id);
        let message = "nothing tells a repeat from a new request";
        let finding = Diagnostic::error(Code::MissingKey, message)
            .at(span, format!("`{id}` makes no resource"))
            .help(format!(
                "declare what it makes, whose key the answer names: \
                 `resources: {{NAME: {{createdBy: {id}, key: response.body.id}}}}`"
            ));
        self.diagnostics.push(finding);
    }

    /// Reports a rule about several requests that reads the clock: times of
    /// earlier requests would have to move along with it.
    pub(super) fn reads_no_clock(&mut self, across: &rulefile::Across, rule: ExprId) -> bool {
        let is_now = |id: &ExprId| *self.arena.node(*id) == Node::Root(Root::Now);
        if !self.arena.reachable(&[rule]).iter().any(is_now) {
            return true;
        }
        let message = "rules about several requests can't read `now` yet";
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(across.key, "about several requests")
            .help(
                "compare the times of the requests with each other, or write a rule of one request",
            );
        self.diagnostics.push(finding);
        false
    }

    /// Tests would meet what earlier ones left.
    fn never_fresh(&mut self, across: &rulefile::Across) {
        let message = "nothing of what the requests share is fresh in each test";
        let at = across.same.first().map_or(across.key, Expression::span);
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(at, "the same in every test")
            .help(
                "share a text that tests can make up, such as a header, or the key of a bound \
                 resource; where its schema wants a certain form, say how: \
                 `fields: {header['Idempotency-Key']: {unique: \"{run}-{n}\"}}`",
            );
        self.diagnostics.push(finding);
    }

    /// Whether both requests have the same there.
    fn shared(
        &mut self,
        same: &Expression,
        own: &Elaborated,
        other: &Elaborated,
        index: u32,
    ) -> Option<Elaborated> {
        let (a, b) = (self.arena.ty(own.expr), self.arena.ty(other.expr));
        if a.join(b).is_none() {
            let message =
                format!("requests can't share this: it is a {b} in one and a {a} in another");
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(same.span(), "of different types");
            self.diagnostics.push(finding);
            return None;
        }
        let earlier = self.of_earlier(other.expr, index);
        let equal = self.arena.call_bool(Op::Eq, &[earlier, own.expr]);
        // Null is nothing to share.
        let expr = match self.given(own.expr) {
            Some(given) => self.arena.call_bool(Op::And, &[equal, given]),
            None => equal,
        };
        Some(Elaborated {
            expr,
            spans: SpanTree {
                span: same.span(),
                def: None,
                children: vec![other.spans.clone(), own.spans.clone()],
            },
        })
    }

    /// The same expression, read from an earlier request.
    fn of_earlier(&mut self, id: ExprId, index: u32) -> ExprId {
        let ty = self.arena.ty(id).clone();
        let node = self.arena.node(id).clone();
        if node == Node::Root(Root::Request) {
            return self.arena.add(Node::Root(Root::Earlier(index)), ty);
        }
        let children = node.children();
        if children.is_empty() {
            return id;
        }
        let children = children.into_iter();
        let children: Vec<ExprId> = children
            .map(|child| self.of_earlier(child, index))
            .collect();
        self.arena.add(node.with_children(&children), ty)
    }
}
