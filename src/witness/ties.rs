//! Comparisons in rules, and the values that satisfy them.

use std::sync::Arc;

use num_traits::Zero;

use super::reads::{Paths, schema_at};
use super::scalar::{Scalar, step};
use crate::eval::{Env, Remembered, evaluate};
use crate::expr::{ExprId, Node, Op};
use crate::model::{Model, Operation, OperationRef, Patch, RuleRef, Trace};
use crate::search::slice::{Read, reads};
use crate::simulate::{Options, prepare, run};
use crate::value::location::Location;
use crate::value::{Number, Value};

/// A location of a step.
pub(super) type Place = (usize, Location);

/// A comparison of two numbers or times in a rule.
#[derive(Debug)]
pub(super) struct Comparison {
    pub rule: RuleRef,
    operation: OperationRef,
    is_equation: bool,
    left: ExprId,
    right: ExprId,
    /// Of either side that is nothing but a field, its path; then all paths.
    pub paths: Vec<Vec<String>>,
}

/// All comparisons in a model's rules, by rule. To be made once a model.
#[derive(Clone, Debug)]
pub struct Ties<'m> {
    model: &'m Model,
    comparisons: Arc<[Comparison]>,
}

impl<'m> Ties<'m> {
    /// The comparisons of a model.
    pub fn new(model: &'m Model) -> Self {
        let mut comparisons = Vec::new();
        for (rule, found) in model.rule_refs() {
            for (_, id) in model.arena.positions(found.expr) {
                let Node::Call(op, operands) = model.arena.node(id) else {
                    continue;
                };
                let relational = matches!(op, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge);
                if let (true, [left, right]) = (relational, &**operands) {
                    comparisons.push(Comparison {
                        rule,
                        operation: found.operation,
                        is_equation: *op == Op::Eq,
                        left: *left,
                        right: *right,
                        paths: paths(model, *left, *right),
                    });
                }
            }
        }
        Self {
            model,
            comparisons: comparisons.into(),
        }
    }

    /// The model.
    pub(super) fn model(&self) -> &'m Model {
        self.model
    }

    /// The comparisons in one rule.
    pub(super) fn of(&self, rule: RuleRef) -> impl Iterator<Item = &Comparison> {
        let own = self.comparisons.iter();
        own.filter(move |comparison| comparison.rule == rule)
    }

    /// The equations in the rules of one operation.
    pub(super) fn equations(&self, operation: OperationRef) -> impl Iterator<Item = &Comparison> {
        let own = self.comparisons.iter();
        own.filter(move |comparison| comparison.is_equation && comparison.operation == operation)
    }

    /// Whether `rule` is without a guard, or its guard holds, at a step.
    pub(super) fn applies(&self, trace: &Trace, at: usize, rule: RuleRef) -> bool {
        let expr = self.model.rule(rule).expr;
        let guard = match self.model.arena.node(expr) {
            Node::Call(Op::Guard, operands) => operands.first().copied(),
            _ => None,
        };
        guard.is_none_or(|guard| {
            let held = self.evaluated(trace, at, &[guard]);
            held.first() == Some(&Some(Value::Bool(true)))
        })
    }

    /// Left side less right side of comparisons at a step; `None` where that
    /// is no number.
    pub(super) fn residuals(
        &self,
        trace: &Trace,
        at: usize,
        of: &[&Comparison],
    ) -> Vec<Option<Number>> {
        let sides: Vec<ExprId> = of.iter().flat_map(|own| [own.left, own.right]).collect();
        let values = self.evaluated(trace, at, &sides).into_iter();
        let numbers: Vec<Option<Number>> = values.map(|value| number(value?)).collect();
        let residual = |sides: &[Option<Number>]| match sides {
            [Some(left), Some(right)] => Some(left - right),
            _ => None,
        };
        numbers.chunks(2).map(residual).collect()
    }

    /// The point for the value at `place` at which the comparison's sides
    /// differ by `wanted` instead of `here`, if the difference is linear in
    /// it; rounded to the step of its schema.
    pub(super) fn solve(
        &self,
        trace: &Trace,
        place: &Place,
        of: &Comparison,
        at: usize,
        (here, wanted): (&Number, &Number),
    ) -> Option<Scalar> {
        let (own, location) = place;
        let found = trace.steps.get(*own)?;
        let schema = schema_at(self.model, found.operation, location);
        let schema = schema.map(|id| self.model.schemas.get(id));
        let now = Scalar::of(location.read(&found.request)?, schema)?;
        let unit = step(now.kind, schema);
        let probe = with(trace, place, now.with(&now.at + &unit).value()?)?;
        let there = self.residuals(&probe, at, &[of]).into_iter().next()??;
        let slope = (there - here) / &unit;
        if slope.is_zero() {
            return None;
        }
        let exact = &now.at + (wanted - here) / slope;
        let rounded = (exact / &unit).round() * unit;
        Some(now.with(rounded))
    }

    /// The values of expressions at a step, on the right server.
    fn evaluated(&self, trace: &Trace, at: usize, exprs: &[ExprId]) -> Vec<Option<Value>> {
        let Some(found) = trace.steps.get(at) else {
            return Vec::new();
        };
        let request = prepare(self.model, found.operation, &found.request);
        let remembered = self.remembered(trace, at);
        let env = Env::of_right(&request, &[], self.model.clock.now).remembering(&remembered);
        let value = |id: &ExprId| evaluate(&self.model.arena, env, *id).ok();
        exprs.iter().map(value).collect()
    }

    /// What the rules of step `at` read of what the right server remembers.
    fn remembered(&self, trace: &Trace, at: usize) -> Remembered {
        let operation = trace.steps.get(at).map(|step| step.operation);
        let operation = operation.map(|found| self.model.operation(found));
        if !operation.is_some_and(Operation::reads_state) {
            return Remembered::default();
        }
        let before = Trace {
            steps: trace.steps.iter().take(at).cloned().collect(),
        };
        let before = run(self.model, &Patch::default(), &before, Options::default());
        before.read_at(self.model, trace, at)
    }
}

/// Whether one of the places lies within the other.
pub(super) fn overlap(a: &Place, b: &Place) -> bool {
    a.0 == b.0 && (a.1.is_within(&b.1) || b.1.is_within(&a.1))
}

/// `trace` with another value at a place, where it can be put there.
pub(super) fn with(trace: &Trace, place: &Place, value: Value) -> Option<Trace> {
    let mut next = trace.clone();
    let step = next.steps.get_mut(place.0)?;
    place.1.write(&mut step.request, value).then_some(next)
}

/// `trace` without what is at a place.
pub(super) fn without(trace: &Trace, place: &Place) -> Option<Trace> {
    let mut next = trace.clone();
    let step = next.steps.get_mut(place.0)?;
    place.1.remove(&mut step.request)?;
    Some(next)
}

fn paths(model: &Model, left: ExprId, right: ExprId) -> Vec<Vec<String>> {
    let (left, right) = (fields(model, left), fields(model, right));
    let mut found = Vec::new();
    // A side that reads one field is most often that field alone.
    found.extend([&left, &right].into_iter().filter_map(single));
    found.extend(left.iter().chain(&right).cloned());
    found
}

fn single(side: &Paths) -> Option<Vec<String>> {
    (side.len() == 1).then(|| side.first().cloned()).flatten()
}

fn fields(model: &Model, id: ExprId) -> Paths {
    let found = reads(model, id).into_iter();
    let fields = found.filter_map(|read| match read {
        Read::Field(path) => Some(path),
        Read::Earlier(_) | Read::Attribute(..) => None,
    });
    fields.collect()
}

/// A value on a line, as a number.
fn number(value: Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number),
        Value::Time(nanos) | Value::Duration(nanos) => Some(Number::from_integer(nanos.into())),
        _ => None,
    }
}
