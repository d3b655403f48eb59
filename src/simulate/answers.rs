//! What a right server may answer to a request that it refuses.

use std::collections::BTreeSet;

use crate::model::{Answer, Check, CheckOperator, Model, RuleRef};
use crate::value::parse_number;

/// The statuses of a refusal where nothing else is said.
const REFUSALS: [u16; 3] = [400, 409, 422];

/// The expected answer to what breaks one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The statuses that fit.
    pub statuses: BTreeSet<u16>,
    /// What the answer's body must hold.
    pub checks: Vec<Check>,
}

/// What the server answers where a rule is broken that expects `answer`.
pub fn expected(answer: &Answer) -> Expected {
    let statuses: &[u16] = match answer.statuses.as_slice() {
        [] => &REFUSALS,
        given => given,
    };
    Expected {
        statuses: statuses.iter().copied().collect(),
        checks: answer.checks.clone(),
    }
}

/// Whether no answer can be expected both where `right` and where `patched` is
/// broken: in every pair the statuses differ, or one place of the body must
/// equal two different literals.
pub fn disjoint(model: &Model, right: &BTreeSet<RuleRef>, patched: &BTreeSet<RuleRef>) -> bool {
    let answers = |of: &BTreeSet<RuleRef>| -> Vec<Expected> {
        let of = of.iter();
        of.map(|rule| expected(&model.rule(*rule).expect)).collect()
    };
    let (right, patched) = (answers(right), answers(patched));
    let mut pairs = right
        .iter()
        .flat_map(|a| patched.iter().map(move |b| (a, b)));
    pairs.all(|(a, b)| a.statuses.is_disjoint(&b.statuses) || contradict(&a.checks, &b.checks))
}

fn contradict(a: &[Check], b: &[Check]) -> bool {
    let equal = |check: &&Check| check.operator == CheckOperator::Eq;
    a.iter().filter(equal).any(|a| {
        let mut others = b.iter().filter(equal);
        others.any(|b| a.path == b.path && !same_literal(&a.literal, &b.literal))
    })
}

/// Whether two JSON texts are the same literal: `1` and `1.0` are.
fn same_literal(a: &str, b: &str) -> bool {
    a == b || parse_number(a).is_some_and(|a| parse_number(b).is_some_and(|b| a == b))
}
