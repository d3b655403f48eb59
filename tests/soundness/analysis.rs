//! What `check` claims of rules, against simulation: nothing that is said to
//! be at no request is at one, and the rules of its core suffice for that.

use crossfield::expr::{ExprId, Node, Op};
use crossfield::model::{Model, OperationRef, Patch, Place, RuleRef};
use crossfield::search::decide::Reach;
use crossfield::search::prove::{Proof, Prover, Situation, rules};
use crossfield::value::Value;
use fastrand::Rng;

use crate::claims::attacks;
use crate::lowering::{Held, evaluated};
use crate::world::World;

/// What came of the questions about one world.
#[derive(Default)]
pub struct Answers {
    /// What was proven and what not, by what it is called.
    pub counts: Vec<&'static str>,
    /// Claims that don't hold: the situation, and a request at which it is so.
    pub refuted: Vec<String>,
}

pub const NEVER: &str = "situations that never are";
pub const NEVER_BY_RULES: &str = "situations that never are, by other rules";
pub const POSSIBLE: &str = "situations that can be";
pub const OPEN: &str = "situations left open";

/// Asks about each rule over single requests, and about the patches of such.
pub fn answers(world: &World, rng: &mut Rng, patches: &[Patch], most: usize) -> Answers {
    let model = world.model();
    let mut answers = Answers::default();
    for (operation, found) in model.operation_refs() {
        if !world.is_single(operation) || found.rules.is_empty() {
            continue;
        }
        let patch = Patch([(Place::Rule(found.rules[0]), model.rule(found.rules[0]).expr)].into());
        let (traces, _) = attacks(world, rng, &patch, most);
        // A sequence that shows the fault may begin with another operation.
        let requests: Vec<Value> = traces
            .into_iter()
            .filter(|trace| trace.steps[0].operation == operation)
            .map(|trace| trace.steps[0].request.clone())
            .collect();
        let mut prover = Prover::new(model, operation, Reach::default());
        for (situation, about) in situations(model, &found.rules, patches) {
            let others = found.rules.iter().copied();
            let others: Vec<RuleRef> = others.filter(|rule| Some(*rule) != about).collect();
            match prover.ask(situation, &others) {
                Proof::Possible => answers.counts.push(POSSIBLE),
                Proof::Open => answers.counts.push(OPEN),
                Proof::Never(core) => {
                    let core = rules(&core);
                    answers.counts.push(NEVER);
                    if !core.is_empty() {
                        answers.counts.push(NEVER_BY_RULES);
                    }
                    let is_so = |request: &&Value| {
                        let judge = |expr| evaluated(model, operation, request, expr);
                        let held = |rule: &RuleRef| judge(model.rule(*rule).expr) != Some(false);
                        core.iter().all(held) && is(model, situation, judge)
                    };
                    if let Some(request) = requests.iter().find(is_so) {
                        answers
                            .refuted
                            .push(refuted(model, operation, situation, &core, request));
                    }
                }
            }
        }
    }
    answers
}

/// What is asked of the rules of one operation, and the rule that it is about.
fn situations(
    model: &Model,
    rules: &[RuleRef],
    patches: &[Patch],
) -> Vec<(Situation, Option<RuleRef>)> {
    let mut found = vec![(Situation::Accepted, None)];
    for rule in rules {
        let expr = model.rule(*rule).expr;
        found.push((Situation::Broken(*rule), Some(*rule)));
        found.push((Situation::Undefined(*rule), Some(*rule)));
        if let Node::Call(Op::Guard, operands) = model.arena.node(expr) {
            found.extend(
                operands
                    .first()
                    .map(|guard| (Situation::True(*guard), Some(*rule))),
            );
        } else {
            found.push((Situation::True(expr), Some(*rule)));
        }
        let roots = patches
            .iter()
            .filter_map(|patch| patch.0.get(&Place::Rule(*rule)));
        found.extend(roots.map(|root| (Situation::Differ(expr, *root), Some(*rule))));
    }
    found
}

/// Whether a situation is so at a request.
fn is(model: &Model, situation: Situation, judge: impl Fn(ExprId) -> Held) -> bool {
    match situation {
        // The rules of the core are all that it takes.
        Situation::Accepted => true,
        Situation::Broken(rule) => judge(model.rule(rule).expr) == Some(false),
        Situation::Undefined(rule) => judge(model.rule(rule).expr).is_none(),
        Situation::True(expr) => judge(expr) == Some(true),
        Situation::Differ(a, b) => judge(a) != judge(b),
    }
}

fn refuted(
    model: &Model,
    operation: OperationRef,
    situation: Situation,
    core: &[RuleRef],
    request: &Value,
) -> String {
    let ids: Vec<&str> = core.iter().map(|rule| &*model.rule(*rule).id).collect();
    format!(
        "{situation:?} at {} by {ids:?}\n{request}",
        model.operation(operation).id
    )
}
