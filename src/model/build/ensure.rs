//! What rules ensure of answers: `response.body.total == body.amount * body.rate`.
//!
//! A test compares what stands at one place of an answer with a value that is
//! known before: so an `ensure` is taken apart into such comparisons, each
//! with the conditions under which it says something.

mod apart;

use std::ops::Range;

use self::apart::{Expected, Part, apart};
use super::rules::instance_of;
use super::{Builder, RuleText};
use crate::document::Schemas;
use crate::expr::{Elaborated, Op, SpanTree, Syntax, TextView, Type, member_schema, type_of};
use crate::model::{Answer, Ensure, OperationRef, Relation, RuleInstance};
use crate::rulefile::{Expression, Rule};
use crate::source::{Code, Diagnostic};

/// Statuses of answers to accepted requests, where nothing else is said.
const ACCEPTED: [u16; 8] = [200, 201, 202, 203, 205, 206, 207, 208];

impl Builder<'_> {
    /// The instance of a rule about answers.
    pub(super) fn ensured(
        &mut self,
        rule: &Rule,
        operation: OperationRef,
        id: String,
        text: &Expression,
    ) -> Option<(RuleInstance, RuleText)> {
        self.reads_after = true;
        let ensures = self.ensures(rule, operation, text);
        self.reads_after = false;
        let condition = Elaborated {
            expr: self.arena.boolean(true),
            spans: SpanTree::leaf(text.span()),
        };
        let instance = RuleInstance {
            ensures: ensures?,
            ..instance_of(rule, id, operation, condition, Answer::default())
        };
        Some((instance, RuleText::default()))
    }

    fn ensures(
        &mut self,
        rule: &Rule,
        operation: OperationRef,
        text: &Expression,
    ) -> Option<Vec<Ensure>> {
        let syntax = self.syntax(text)?;
        let parts = match apart(&syntax) {
            Ok(parts) => parts,
            Err(problem) => {
                let finding = Diagnostic::error(Code::Unsupported, problem.message)
                    .at(text.span_of(problem.span), problem.label)
                    .help(problem.help);
                self.diagnostics.push(finding);
                return None;
            }
        };
        let when = match &rule.when {
            Some(when) => Some(self.condition(operation, "a guard", when)?),
            None => None,
        };
        let parts = parts.into_iter();
        let read: Vec<Option<Ensure>> = parts
            .map(|part| self.ensure(operation, text, &part, when.as_ref()))
            .collect();
        read.into_iter().collect()
    }

    fn ensure(
        &mut self,
        operation: OperationRef,
        text: &Expression,
        part: &Part<'_>,
        when: Option<&Elaborated>,
    ) -> Option<Ensure> {
        let place = text.span_of(part.place.clone());
        let statuses = self.accepted_with(operation);
        self.answer_member(operation, &statuses, &part.path, place);
        let value = match &part.expected {
            Expected::Value(syntax) => self.typed(operation, text, syntax),
            Expected::Constant(value) => Some(Elaborated {
                expr: self.arena.boolean(*value),
                spans: SpanTree::leaf(text.span_of(part.span.clone())),
            }),
        };
        let guards = self.guards(operation, text, part, when);
        let (value, guards) = (value?, guards?);
        if !self.fits_answer(operation, text, part, &value) {
            return None;
        }
        let whole = self.where_all(guards, value, text);
        Some(Ensure {
            path: part.path.clone(),
            relation: part.relation,
            expr: whole.expr,
            spans: whole.spans,
        })
    }

    /// The conditions under which a part says something.
    fn guards(
        &mut self,
        operation: OperationRef,
        text: &Expression,
        part: &Part<'_>,
        when: Option<&Elaborated>,
    ) -> Option<Vec<Elaborated>> {
        let mut guards: Vec<Elaborated> = when.cloned().into_iter().collect();
        for (syntax, wanted) in &part.guards {
            let guard = self.guard(operation, text, syntax)?;
            guards.push(match wanted {
                true => guard,
                false => Elaborated {
                    expr: self.arena.call_bool(Op::Not, &[guard.expr]),
                    spans: SpanTree {
                        span: guard.spans.span,
                        def: None,
                        children: vec![guard.spans],
                    },
                },
            });
        }
        Some(guards)
    }

    fn guard(
        &mut self,
        operation: OperationRef,
        text: &Expression,
        syntax: &Syntax,
    ) -> Option<Elaborated> {
        let guard = self.typed(operation, text, syntax)?;
        let ty = self.arena.ty(guard.expr).clone();
        if ty == Type::Bool {
            return Some(guard);
        }
        let message = format!("a condition is needed here, this is of type {ty}");
        let finding = Diagnostic::error(Code::TypeMismatch, message)
            .at(text.span_of(syntax.span.clone()), "not a condition");
        self.diagnostics.push(finding);
        None
    }

    /// The value where all guards hold; nothing is said elsewhere.
    fn where_all(
        &mut self,
        guards: Vec<Elaborated>,
        value: Elaborated,
        text: &Expression,
    ) -> Elaborated {
        let around = |children| SpanTree {
            span: text.span(),
            def: None,
            children,
        };
        let guard = match guards.len() {
            0 => return value,
            1 => guards.into_iter().next(),
            _ => {
                let exprs: Vec<_> = guards.iter().map(|guard| guard.expr).collect();
                Some(Elaborated {
                    expr: self.arena.call_bool(Op::And, &exprs),
                    spans: around(guards.into_iter().map(|guard| guard.spans).collect()),
                })
            }
        };
        let Some(guard) = guard else { return value };
        let ty = self.arena.ty(value.expr).clone();
        Elaborated {
            expr: self.arena.call(Op::Where, &[guard.expr, value.expr], ty),
            spans: around(vec![guard.spans, value.spans]),
        }
    }

    fn accepted_with(&self, operation: OperationRef) -> Vec<u16> {
        let found = self.operations.get(operation.0 as usize);
        let own = found.map_or(&[][..], |found| found.accept.statuses.as_slice());
        match own {
            [] => ACCEPTED.to_vec(),
            given => given.to_vec(),
        }
    }

    /// Whether a test can compare the value with what the document declares at
    /// the place.
    fn fits_answer(
        &mut self,
        operation: OperationRef,
        text: &Expression,
        part: &Part<'_>,
        value: &Elaborated,
    ) -> bool {
        let ty = self.arena.ty(value.expr).clone();
        let written = |range: &Range<usize>| text.span_of(range.clone());
        if !ty.is_json() {
            let message = format!("an answer holds no {ty}");
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(value.spans.span, "no value of JSON")
                .help(match ty {
                    Type::Time | Type::Duration => {
                        "times in answers are texts, which are written in several ways: compare \
                         with a text of the request, such as `body.start`"
                    }
                    _ => "compare with a text, a number, a Boolean, a list or an object",
                });
            self.diagnostics.push(finding);
            return false;
        }
        if part.relation == Relation::Has {
            let is_condition = ty == Type::Bool;
            if !is_condition {
                let message =
                    format!("whether something is there is true or false, this is of type {ty}");
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(value.spans.span, "not a condition");
                self.diagnostics.push(finding);
            }
            return is_condition;
        }
        let sign = part.relation.sign();
        let ordered = !matches!(part.relation, Relation::Eq | Relation::Ne);
        let has_order =
            ty.is_number() || matches!(ty, Type::String(TextView::Plain | TextView::Date));
        if ordered && !has_order {
            let message = format!("`{sign}` compares numbers or texts, this is of type {ty}");
            let finding =
                Diagnostic::error(Code::TypeMismatch, message).at(value.spans.span, "no order");
            self.diagnostics.push(finding);
            return false;
        }
        let declared = self.types_in_answers(operation, &part.path);
        let fits = |declared: &Type| ty == Type::Null || declared.comparable(&ty);
        if let Some(other) = declared.first()
            && !declared.iter().any(fits)
        {
            let message = format!("can't compare: the answer has {other} there, this is {ty}");
            let finding = Diagnostic::error(Code::TypeMismatch, message)
                .at(value.spans.span, "never equal")
                .also(written(&part.place), "as the API document declares it");
            self.diagnostics.push(finding);
            return false;
        }
        true
    }

    /// The types that accepting answers declare at a place.
    fn types_in_answers(&self, operation: OperationRef, path: &[String]) -> Vec<Type> {
        let found = self.operations.get(operation.0 as usize);
        let listed = found.and_then(|found| self.listed(&found.id));
        let Some((document, listed)) = listed else {
            return Vec::new();
        };
        let statuses = self.accepted_with(operation);
        let is_meant = |declared: &str| {
            let declared = declared.to_ascii_lowercase();
            let is = |status: &u16| declared == status.to_string();
            declared == "2xx" || statuses.iter().any(is)
        };
        let bodies = document.answer_bodies(listed, is_meant).into_iter();
        let types = bodies.filter_map(|(schemas, body)| type_at(&schemas, body, path));
        types.collect()
    }
}

fn type_at(schemas: &Schemas, body: crate::document::SchemaId, path: &[String]) -> Option<Type> {
    let mut at = body;
    for step in path {
        at = match (member_schema(schemas, at, step), step.parse::<usize>()) {
            (Some(member), _) => member,
            (None, Ok(index)) => schemas.item(at, index)?,
            (None, Err(_)) => return None,
        };
    }
    type_of(schemas, at).ok()
}
