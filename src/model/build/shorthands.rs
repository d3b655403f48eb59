//! Shorthands: demands on presence, as expressions.

use super::Builder;
use crate::expr::{Elaborated, ExprId, Op, SpanTree, Syntax, SyntaxKind};
use crate::model::OperationRef;
use crate::rulefile::{Expression, Shorthand};
use crate::source::Span;

impl Builder<'_> {
    /// A shorthand at an operation. Disjunctions absorb what is undefined, as
    /// `||` does: a condition that can't be read excuses nothing and accuses
    /// nobody.
    pub(super) fn shorthand(
        &mut self,
        operation: OperationRef,
        key: Span,
        shorthand: &Shorthand,
    ) -> Option<Elaborated> {
        let make = Maker { key };
        match shorthand {
            Shorthand::Requires { field, needs } => {
                let field = self.presence(operation, field);
                let needs = self.presences(operation, needs);
                let absent = make.not(self, field?);
                let all = make.call(self, Op::And, needs?);
                Some(make.call(self, Op::Or, vec![absent, all]))
            }
            Shorthand::AnyOf(fields) => {
                let fields = self.presences(operation, fields)?;
                Some(make.call(self, Op::Or, fields))
            }
            Shorthand::OnlyOne(fields) => {
                let fields = self.presences(operation, fields)?;
                Some(make.only_one(self, &fields))
            }
            Shorthand::AllOrNone(fields) => {
                let fields = self.presences(operation, fields)?;
                if fields.len() == 2 {
                    return Some(make.call(self, Op::Eq, fields));
                }
                let none = fields.iter().map(|field| make.not(self, field.clone()));
                let none = none.collect();
                let none = make.call(self, Op::And, none);
                let all = make.call(self, Op::And, fields);
                Some(make.call(self, Op::Or, vec![all, none]))
            }
            Shorthand::ZeroOrOne(fields) => {
                let fields = self.presences(operation, fields)?;
                Some(make.at_most_one(self, &fields))
            }
            Shorthand::ExactlyWhen { field, is } => {
                let (field, is) = self.pair(operation, field, is)?;
                Some(make.call(self, Op::Eq, vec![field, is]))
            }
            Shorthand::OnlyWhen { field, is } => {
                let (field, is) = self.pair(operation, field, is)?;
                let absent = make.not(self, field);
                Some(make.call(self, Op::Or, vec![absent, is]))
            }
            Shorthand::NeededWhen { field, is } => {
                let (field, is) = self.pair(operation, field, is)?;
                let elsewhere = make.not(self, is);
                Some(make.call(self, Op::Or, vec![elsewhere, field]))
            }
        }
    }

    fn pair(
        &mut self,
        operation: OperationRef,
        field: &Expression,
        is: &Expression,
    ) -> Option<(Elaborated, Elaborated)> {
        let field = self.presence(operation, field);
        let is = self.condition(operation, "`is`", is);
        Some((field?, is?))
    }

    /// `has(path)`
    fn presence(&mut self, operation: OperationRef, path: &Expression) -> Option<Elaborated> {
        let inner = self.syntax(path)?;
        let span = inner.span.clone();
        let kind = SyntaxKind::Has(Box::new(inner));
        self.typed(operation, path, &Syntax { kind, span })
    }

    fn presences(
        &mut self,
        operation: OperationRef,
        paths: &[Expression],
    ) -> Option<Vec<Elaborated>> {
        let read: Vec<_> = paths
            .iter()
            .map(|path| self.presence(operation, path))
            .collect();
        read.into_iter().collect()
    }
}

/// Combines typed conditions; what it adds has the shorthand's key as place.
#[derive(Clone, Copy)]
struct Maker {
    key: Span,
}

impl Maker {
    fn call(self, builder: &mut Builder<'_>, op: Op, parts: Vec<Elaborated>) -> Elaborated {
        if let (Op::And | Op::Or, [one]) = (op, parts.as_slice()) {
            return one.clone();
        }
        let ids: Vec<ExprId> = parts.iter().map(|part| part.expr).collect();
        Elaborated {
            expr: builder.arena.call_bool(op, &ids),
            spans: SpanTree {
                span: self.key,
                def: None,
                children: parts.into_iter().map(|part| part.spans).collect(),
            },
        }
    }

    fn not(self, builder: &mut Builder<'_>, part: Elaborated) -> Elaborated {
        self.call(builder, Op::Not, vec![part])
    }

    fn at_most_one(self, builder: &mut Builder<'_>, fields: &[Elaborated]) -> Elaborated {
        let mut clauses = Vec::new();
        for (index, one) in fields.iter().enumerate() {
            for other in fields.iter().skip(index + 1) {
                let both = self.call(builder, Op::And, vec![one.clone(), other.clone()]);
                clauses.push(self.not(builder, both));
            }
        }
        self.call(builder, Op::And, clauses)
    }

    fn only_one(self, builder: &mut Builder<'_>, fields: &[Elaborated]) -> Elaborated {
        if fields.len() == 2 {
            return self.call(builder, Op::Ne, fields.to_vec());
        }
        let any = self.call(builder, Op::Or, fields.to_vec());
        let most = self.at_most_one(builder, fields);
        self.call(builder, Op::And, vec![any, most])
    }
}
