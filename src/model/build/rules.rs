//! Rule instances.

use super::Builder;
use crate::expr::{Elaborated, Op, SpanTree, Type};
use crate::model::{Answer, Model, OperationRef, RuleInstance, RuleRef};
use crate::rulefile::{Check, Expression, Rule, Undefined};
use crate::source::{Code, Diagnostic};

impl Builder<'_> {
    /// All rule instances, by id.
    pub(super) fn read_rules(&mut self) -> Vec<RuleInstance> {
        let file = self.file;
        let mut instances = Vec::new();
        for rule in &file.rules {
            let expect = self.expect(rule);
            for name in &rule.operations {
                let Some(operation) = self.operation_named(&name.value) else {
                    continue;
                };
                if let Some(instance) = self.instance(rule, operation, expect.clone()) {
                    instances.push(instance);
                }
            }
        }
        instances.sort_by(|a, b| a.id.cmp(&b.id));
        instances
    }

    fn instance(
        &mut self,
        rule: &Rule,
        operation: OperationRef,
        expect: Answer,
    ) -> Option<RuleInstance> {
        let guard = rule
            .when
            .as_ref()
            .map(|when| self.condition(operation, when));
        let body = match &rule.check {
            Check::Rule(text) => self.condition(operation, text),
            Check::Shorthand { key, shorthand } => self.shorthand(operation, *key, shorthand),
        };
        let whole = match guard {
            None => body?,
            Some(guard) => {
                let (guard, body) = (guard?, body?);
                let expr = self.arena.call_bool(Op::Guard, &[guard.expr, body.expr]);
                let spans = SpanTree {
                    span: rule.span,
                    def: None,
                    children: vec![guard.spans, body.spans],
                };
                Elaborated { expr, spans }
            }
        };
        let operation_id = &self.operations.get(operation.0 as usize)?.id;
        let id = if rule.operations.len() == 1 {
            rule.id.value.clone()
        } else {
            format!("{}@{operation_id}", rule.id.value)
        };
        let text = |located: &Option<crate::rulefile::Located<String>>| {
            located.as_ref().map(|text| text.value.clone())
        };
        Some(RuleInstance {
            id,
            rule: rule.id.value.clone(),
            operation,
            expr: whole.expr,
            spans: whole.spans,
            message: text(&rule.message).unwrap_or_else(|| rule.id.value.clone()),
            source: text(&rule.source),
            field_path: text(&rule.field_path),
            severity: Some(rule.severity.name().to_owned()),
            tags: rule.tags.iter().map(|tag| tag.value.clone()).collect(),
            expect,
            undefined_rejects: rule.undefined == Undefined::Reject,
            span: rule.id.span,
        })
    }

    /// An expression that must be a condition.
    pub(super) fn condition(
        &mut self,
        operation: OperationRef,
        text: &Expression,
    ) -> Option<Elaborated> {
        let found = self.expression(operation, text)?;
        let ty = self.arena.ty(found.expr).clone();
        if ty == Type::Bool {
            return Some(found);
        }
        let message = format!("a rule must be true or false, this is of type {ty}");
        let finding =
            Diagnostic::error(Code::TypeMismatch, message).at(text.span(), "not a condition");
        self.diagnostics.push(finding);
        None
    }

    fn expect(&mut self, rule: &Rule) -> Answer {
        let Some(expect) = &rule.expect else {
            return Answer::default();
        };
        let body = expect.body.as_ref();
        let body = body.and_then(|text| self.answer(text, Some(&rule.id.value)));
        let mut answer = body.unwrap_or_default();
        answer
            .statuses
            .extend(expect.status.iter().map(|status| status.value));
        answer.statuses.sort_unstable();
        answer.statuses.dedup();
        answer
    }
}

impl Model {
    /// Notes at each operation which rules it has.
    pub(super) fn index_rules(&mut self) {
        let owners: Vec<(RuleRef, OperationRef)> = self
            .rule_refs()
            .map(|(rule, found)| (rule, found.operation))
            .collect();
        for (rule, operation) in owners {
            if let Some(found) = self.operations.get_mut(operation.0 as usize) {
                found.rules.push(rule);
            }
        }
    }
}
