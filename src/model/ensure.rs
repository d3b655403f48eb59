//! What the answer to an accepted request holds.

use super::{Model, Place, ResourceRef, RuleInstance, RuleRef};
use crate::expr::{ExprId, Node, Root, SpanTree};

/// One thing that the answer to an accepted request holds. It says nothing
/// where its expression is undefined.
#[derive(Clone, Debug)]
pub struct Ensure {
    /// Where it stands: members (or item numbers) below the answer's body.
    pub path: Vec<String>,
    /// How what stands there compares with the expression's value.
    pub relation: Relation,
    /// What it is compared with, over the request and what the server
    /// remembers before and after it.
    pub expr: ExprId,
    /// Where each part of it was written.
    pub spans: SpanTree,
}

/// How a value of an answer compares with what is expected. Each but
/// [`Relation::Has`] also demands that it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// Equal as JSON, numbers by value.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// At most.
    Le,
    /// Greater.
    Gt,
    /// At least.
    Ge,
    /// It is there where the expression is true, and isn't where it is false.
    Has,
}

impl Relation {
    /// Whether the expression says all of what stands there: a server with
    /// another value for it shows it.
    pub fn determines(self) -> bool {
        matches!(self, Self::Eq | Self::Has)
    }

    /// The operator in rule files; nothing for [`Relation::Has`].
    pub fn sign(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
            Self::Has => "",
        }
    }
}

impl Ensure {
    /// The place as expressions write it: `response.body.total`.
    pub fn place(&self) -> String {
        let mut place = "response.body".to_owned();
        for step in &self.path {
            match step.parse::<usize>() {
                Ok(index) => place.push_str(&format!("[{index}]")),
                Err(_) if crate::value::location::is_identifier(step) => {
                    place.push('.');
                    place.push_str(step);
                }
                Err(_) => place.push_str(&format!("[{}]", crate::expr::quoted(step))),
            }
        }
        place
    }
}

impl RuleInstance {
    /// Whether it is about answers, and refuses nothing.
    pub fn is_ensured(&self) -> bool {
        !self.ensures.is_empty()
    }

    /// All of its expressions: the condition, or what is ensured.
    pub fn exprs(&self) -> Vec<ExprId> {
        match self.ensures.as_slice() {
            [] => vec![self.expr],
            ensures => ensures.iter().map(|own| own.expr).collect(),
        }
    }
}

impl Model {
    /// What the answers of an operation hold, with the places of the
    /// expressions.
    pub fn ensures_at(
        &self,
        operation: super::OperationRef,
    ) -> impl Iterator<Item = (RuleRef, usize, &Ensure)> {
        let rules = self.operation(operation).rules.iter();
        rules.flat_map(|rule| {
            let ensures = self.rule(*rule).ensures.iter().enumerate();
            ensures.map(|(index, own)| (*rule, index, own))
        })
    }

    /// What is ensured at a place, if something is.
    pub fn ensured(&self, place: Place) -> Option<&Ensure> {
        match place {
            Place::Ensure(rule, index) => self.rule(rule).ensures.get(index),
            _ => None,
        }
    }

    /// The resources whose later state an expression reads.
    pub fn read_after(&self, expr: ExprId) -> Vec<ResourceRef> {
        let nodes = self.arena.reachable(&[expr]).into_iter();
        let read = nodes.filter_map(|id| match self.arena.node(id) {
            Node::Root(Root::After(index)) => Some(ResourceRef(*index)),
            _ => None,
        });
        read.collect()
    }
}
