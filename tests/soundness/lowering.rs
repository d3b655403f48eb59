//! The lowering of an expression against its evaluation.
//!
//! In one direction: a state is pinned, location by location, and the solver
//! says which of true, false and undefined the lowered expression can be
//! there. The evaluator's answer must be among them, or a claim that nothing
//! detects a fault may be wrong; and nothing else should be, or the search
//! finds states that prove nothing. In the other direction: the solver makes
//! up states in which the expression is true, false or undefined.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossfield::eval::{Env as Concrete, Evaluator};
use crossfield::expr::{ExprId, Position, Type};
use crossfield::model::{Model, OperationRef, RuleRef};
use crossfield::search::lower::{Config, Env, Label, Leaf, Lowering, Truth};
use crossfield::search::plan::Plan;
use crossfield::search::smt::{Limits, Satisfiable, Session, Sort, Term};
use crossfield::search::stage::{Reply, Stage};
use crossfield::simulate::{as_sent, prepare};
use crossfield::value::Value;

/// The configurations of the search, but for the shortest lists.
pub const NARROW: Config = Config::items(6);
pub const WIDE: Config = Config {
    dense: true,
    ..NARROW
};
pub const LONG: Config = Config {
    long: true,
    ..NARROW
};
pub const TABULATED: Config = Config {
    tabulated: true,
    ..NARROW
};

/// True, false or undefined.
pub type Held = Option<bool>;

pub const VALUES: [Held; 3] = [Some(true), Some(false), None];

/// What the evaluator says of a condition.
pub fn evaluated(model: &Model, operation: OperationRef, request: &Value, expr: ExprId) -> Held {
    let env = Concrete {
        request: &prepare(model, operation, request),
        sent: &as_sent(model, request),
        resources: &[],
        after: &[],
        all: &[],
        earlier: &[],
        now: model.clock.now,
    };
    Evaluator::plain(&model.arena, env).holds(expr).ok()
}

/// What the lowered condition can be in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Possible {
    /// For each of [`VALUES`], whether it can be that; `None`: not decided.
    pub values: [Option<bool>; 3],
    /// The same without the restrictions, on which proofs need not rest; all
    /// can be where the state can't be written down.
    pub unrestricted: [Option<bool>; 3],
    /// Whether a named restriction excludes the state.
    pub is_outside: bool,
}

impl Possible {
    pub fn allows(&self, held: Held) -> Option<bool> {
        let at = VALUES.iter().position(|value| *value == held).unwrap();
        self.values[at]
    }

    /// Whether the lowering leaves out what is.
    pub fn excludes(&self, held: Held, config: Config) -> bool {
        let at = VALUES.iter().position(|value| *value == held).unwrap();
        // What lies behind the items of long lists is no part of the state
        // that was asked for.
        let within = !self.is_outside && !config.long && self.values[at] == Some(false);
        within || self.unrestricted[at] == Some(false)
    }

    /// Whether it can be `held`, and nothing else.
    pub fn is_exactly(&self, held: Held) -> bool {
        VALUES
            .iter()
            .all(|value| self.allows(*value) == Some(*value == held))
    }
}

fn place(
    operation: OperationRef,
    model: &Model,
    lowering: &mut Lowering<'_>,
    request: &Value,
) -> Env {
    let schema = model.operation(operation).request;
    Env {
        step: 0,
        request: lowering.add_request(0, schema, request),
        state_version: 0,
        earlier: std::sync::Arc::default(),
        moment: 0,
        resources: Arc::new(BTreeMap::new()),
        after: Arc::default(),
        all: Arc::new(BTreeMap::new()),
        width: 1,
        items: Vec::new(),
    }
}

/// A term for each of [`VALUES`].
fn targets(lowering: &mut Lowering<'_>, truth: Truth) -> [Term; 3] {
    let known = lowering.terms.or([truth.yes, truth.no]);
    [truth.yes, truth.no, lowering.terms.not(known)]
}

/// Conditions lowered together in one state, and the terms that say that it is
/// this state.
struct Pinned<'m> {
    lowering: Lowering<'m>,
    /// For each condition, a term for each of [`VALUES`].
    targets: Vec<[Term; 3]>,
    pins: Vec<Term>,
}

impl<'m> Pinned<'m> {
    fn new(
        model: &'m Model,
        operation: OperationRef,
        request: &Value,
        exprs: &[ExprId],
        config: Config,
    ) -> Self {
        let mut lowering = Lowering::new(model, config);
        lowering.roots = exprs.to_vec();
        let env = place(operation, model, &mut lowering, request);
        let targets = exprs.iter().map(|expr| {
            let truth = lowering.truth(*expr, &env);
            targets(&mut lowering, truth)
        });
        let targets = targets.collect();
        let slots: Vec<_> = lowering.slots().map(|(id, _)| id).skip(1).collect();
        let pins = slots
            .into_iter()
            .filter_map(|slot| lowering.as_baseline(slot))
            .collect();
        lowering.settle_texts();
        Self {
            lowering,
            targets,
            pins,
        }
    }

    /// A literal that can be assumed for `target`.
    fn goal(&mut self, target: Term) -> Term {
        let goal = self.lowering.terms.var("goal", Sort::Bool);
        let fact = self.lowering.terms.implies(goal, target);
        self.lowering.facts.push(fact);
        goal
    }

    /// A solver to which all that holds is told.
    fn session(&self) -> Session {
        let mut session = Session::new(Limits::default());
        for fact in self.lowering.facts.iter().chain(&self.pins) {
            session.assert(&self.lowering.terms, *fact);
        }
        session
    }
}

/// Whether conditions that are lowered together can all be what the evaluator
/// says they are, and in the narrow configuration nothing else.
pub fn agree(
    model: &Model,
    operation: OperationRef,
    request: &Value,
    exprs: &[ExprId],
    config: Config,
) -> bool {
    let mut pinned = Pinned::new(model, operation, request, exprs, config);
    let ours = exprs.iter().zip(&pinned.targets).map(|(expr, targets)| {
        let held = evaluated(model, operation, request, *expr);
        targets[VALUES.iter().position(|value| *value == held).unwrap()]
    });
    let ours: Vec<Term> = ours.collect();
    let all = pinned.lowering.terms.and(ours);
    let other = pinned.lowering.terms.not(all);
    let (all, other) = (pinned.goal(all), pinned.goal(other));
    let mut session = pinned.session();
    let literals: Vec<Term> = pinned
        .lowering
        .literals
        .iter()
        .map(|(own, _)| *own)
        .collect();
    let mut check = |goal: Term| {
        let assumptions = [literals.as_slice(), &[goal]].concat();
        session.check(&pinned.lowering.terms, &assumptions)
    };
    let is_one_way = || config != NARROW;
    check(all) == Satisfiable::Yes && (is_one_way() || matches!(check(other), Satisfiable::No(_)))
}

/// What the condition `expr` can be where the request is `request`.
pub fn possible(
    model: &Model,
    operation: OperationRef,
    request: &Value,
    expr: ExprId,
    config: Config,
) -> Possible {
    let mut pinned = Pinned::new(model, operation, request, &[expr], config);
    let goals = pinned.targets[0].map(|target| pinned.goal(target));
    let mut session = pinned.session();
    let lowering = &pinned.lowering;
    let schema = |(_, label): &&(Term, Label)| matches!(label, Label::Schema { .. });
    let literals: Vec<Term> = lowering.literals.iter().map(|(own, _)| *own).collect();
    let of_schemas = lowering.literals.iter().filter(schema);
    let of_schemas: Vec<Term> = of_schemas.map(|(own, _)| *own).collect();
    let mut can_be = |assumptions: &[Term]| match session.check(&lowering.terms, assumptions) {
        Satisfiable::Yes => Some(true),
        Satisfiable::No(_) => Some(false),
        Satisfiable::Unknown(_) => None,
    };
    // Nothing is claimed of states outside of restrictions.
    let is_outside = can_be(&literals) == Some(false) && can_be(&of_schemas) == Some(true);
    let values = goals.map(|goal| can_be(&[literals.as_slice(), &[goal]].concat()));
    // A default without an encoding is a restriction that all proofs name,
    // and of lists that are too long only some items are encoded.
    let is_partial = lowering
        .slots()
        .any(|(_, slot)| match (&slot.leaf, &slot.baseline) {
            (Leaf::List { bound, .. }, Some(Value::List(items))) => items.len() > *bound,
            _ => false,
        });
    let mut narrowed = lowering.narrowed.iter();
    let is_partial = is_partial || narrowed.any(|words| words.ends_with("is always sent"));
    let unrestricted = match can_be(&of_schemas) {
        _ if is_partial => [Some(true); 3],
        Some(false) => [Some(true); 3],
        _ => goals.map(|goal| can_be(&[of_schemas.as_slice(), &[goal]].concat())),
    };
    Possible {
        values,
        unrestricted,
        is_outside,
    }
}

/// The smallest condition in `expr` about which evaluation and lowering
/// disagree as `wrong` says; `expr` itself at the least.
pub fn smallest(model: &Model, expr: ExprId, wrong: &dyn Fn(ExprId) -> bool) -> ExprId {
    let closed = |position: &Position| {
        // A part under a fold reads its items.
        let steps = position.steps();
        (0..steps.len()).all(|length| {
            let above: Position = steps[..length].iter().copied().collect();
            let node = model.arena.at(expr, &above).map(|id| model.arena.node(id));
            !matches!(node, Some(crossfield::expr::Node::Fold(..))) || steps[length] == 0
        })
    };
    let mut parts = model.arena.positions(expr);
    parts.retain(|(position, id)| *model.arena.ty(*id) == Type::Bool && closed(position));
    parts.sort_by_key(|(_, id)| model.arena.positions(*id).len());
    let found = parts.into_iter().find(|(_, id)| wrong(*id));
    found.map_or(expr, |(_, id)| id)
}

/// What came of asking for a state in which a rule has a value.
#[derive(Clone, Debug)]
pub enum Made {
    /// The evaluator agrees about it.
    Agreed,
    /// It doesn't.
    Refuted(Value, Held),
    Impossible,
    Unknown,
}

fn is_restriction(label: &Label) -> bool {
    matches!(label, Label::Restriction(_))
}

/// Asks the solver for states in which `rule` has each of [`VALUES`].
pub fn made(model: &Model, rule: RuleRef) -> [Made; 3] {
    let found = model.rule(rule);
    let plan = Plan::single(found.operation);
    let slice = vec![[rule].into()];
    let mut stage = Stage::new(
        model,
        &plan,
        plan.baselines(model),
        slice,
        NARROW,
        false,
        Limits::default(),
    );
    let request = stage.encoding.lowering.slots().next().unwrap().0;
    let env = Env {
        step: 0,
        request,
        state_version: 0,
        earlier: std::sync::Arc::default(),
        moment: 0,
        resources: Arc::new(BTreeMap::new()),
        after: Arc::default(),
        all: Arc::new(BTreeMap::new()),
        width: 1,
        items: Vec::new(),
    };
    let truth = stage.encoding.lowering.truth(found.expr, &env);
    let targets = targets(&mut stage.encoding.lowering, truth);
    let mut goal = stage.encoding.accepts();
    goal.others.clear();
    let mut index = 0;
    targets.map(|target| {
        let wanted = VALUES[index];
        index += 1;
        match stage.solve(target, &goal, false, &[found.expr]) {
            Reply::Trace(trace) => {
                let request = trace.steps[0].request.clone();
                match evaluated(model, found.operation, &request, found.expr) {
                    held if held == wanted => Made::Agreed,
                    held => Made::Refuted(request, held),
                }
            }
            // Within a restriction only.
            Reply::Unsat(labels) if labels.iter().any(is_restriction) => Made::Unknown,
            // A default that has no encoding, which conditions of the schema may
            // be at odds with.
            Reply::Unsat(_)
                if stage
                    .narrowed()
                    .iter()
                    .any(|w| w.ends_with("is always sent")) =>
            {
                Made::Unknown
            }
            Reply::Unsat(_) => Made::Impossible,
            Reply::Unknown(_) => Made::Unknown,
        }
    })
}
