//! The evaluator against others: the crate `cel` on the printed text, and
//! itself without memory.

use std::collections::BTreeMap;

use crossfield::eval::{Env, Evaluator, evaluate};
use crossfield::expr::{Arena, ExprId, Node, Op, Position, ResourceName, print};
use crossfield::model::{OperationRef, Patch, Step, Trace, resource_key};
use crossfield::simulate::{Look, detect, detects};
use crossfield::value::Value;
use crossfield::value::location::Location;
use crossfield::witness::{Opinion, Question, second_opinion};
use fastrand::Rng;

use crate::models::{Build, status};
use crate::random::{Generator, Kind, RESOURCE, full_request, state};

/// How many were true, false and undefined.
#[derive(Debug, Default)]
struct Shares([usize; 3]);

impl Shares {
    fn count(&mut self, value: Option<bool>) {
        let slot = match value {
            Some(true) => 0,
            Some(false) => 1,
            None => 2,
        };
        self.0[slot] += 1;
    }

    /// Fails where one value is so rare that agreement says little.
    fn assert_lively(&self) {
        let all: usize = self.0.iter().sum();
        assert!(self.0.iter().all(|n| n * 10 >= all), "dull: {self:?}");
    }
}

#[test]
fn cel_agrees_on_random_expressions() {
    let mut rng = Rng::with_seed(7);
    let mut shares = Shares::default();
    let data = BTreeMap::new();
    for case in 0..1_500 {
        let mut arena = Arena::default();
        let expr = Generator::new(&mut arena, &mut rng).any(Kind::Bool, 4);
        let text = print(&arena, expr, &[ResourceName::single(RESOURCE)]);
        for _ in 0..2 {
            let (request, resource) = state(&mut rng);
            let states = [Some(resource.clone())];
            let env = Env::of_right(&request, &states, 0);
            let ours = Evaluator::new(&arena, env).holds(expr).ok();
            shares.count(ours);
            let question = Question {
                now: 0,
                arena: &arena,
                expr,
                guard: None,
                rule: &text,
                request: &request,
                resources: &BTreeMap::from([(RESOURCE.to_owned(), resource)]),
                data: &data,
            };
            let opinion = second_opinion(&question, ours);
            assert_eq!(
                opinion,
                Opinion::Agree,
                "case {case}, ours {ours:?}: {text}\nover {request}\nand {}",
                states[0].as_ref().unwrap()
            );
        }
    }
    println!("{shares:?}");
    shares.assert_lively();
}

/// `expr` with a random part replaced by another of the same type, under as
/// many folds.
fn mutant(arena: &mut Arena, rng: &mut Rng, expr: ExprId) -> ExprId {
    let positions = arena.positions(expr);
    let folds = |position: &Position| {
        let above = (0..position.steps().len()).filter(|length| {
            let above: Position = position.steps()[..*length].iter().copied().collect();
            let node = arena.node(arena.at(expr, &above).unwrap());
            matches!(node, Node::Fold(..)) && position.steps()[*length] == 1
        });
        above.count()
    };
    let (position, part) = &positions[rng.usize(..positions.len())];
    let fits = |(place, other): &&(Position, ExprId)| {
        arena.ty(*other) == arena.ty(*part) && folds(place) == folds(position)
    };
    let others: Vec<ExprId> = positions.iter().filter(fits).map(|(_, id)| *id).collect();
    let other = others[rng.usize(..others.len())];
    arena.replace(expr, position, other)
}

#[test]
fn remembering_changes_no_value() {
    let mut rng = Rng::with_seed(11);
    let mut shares = Shares::default();
    for _ in 0..300 {
        let mut arena = Arena::default();
        let right = Generator::new(&mut arena, &mut rng).any(Kind::Bool, 5);
        let mutants = (0..8).map(|_| mutant(&mut arena, &mut rng, right));
        let all: Vec<ExprId> = mutants.chain([right]).collect();
        let (request, resource) = state(&mut rng);
        let states = [Some(resource)];
        let env = Env::of_right(&request, &states, 0);
        let mut remembering = Evaluator::new(&arena, env);
        for expr in all {
            let plain = evaluate(&arena, env, expr);
            let remembered = remembering.eval(expr).map(|value| value.get().clone());
            assert_eq!(remembered, plain, "{}", print(&arena, expr, &[]));
            shares.count(plain.ok().and_then(|value: Value| value.as_bool()));
        }
    }
    shares.assert_lively();
}

/// A random server with a resource, random traces and random faults of it.
#[test]
fn shared_simulation_changes_no_detection() {
    let mut rng = Rng::with_seed(13);
    let (mut detected, mut all) = (0, 0);
    for _ in 0..25 {
        let (mut build, operations) = random_server(&mut rng);
        let places = build.model.places();
        let patches = (0..70).map(|_| {
            let count = rng.usize(1..3);
            let changed = (0..count).map(|_| {
                let place = places[rng.usize(..places.len())];
                let own = build.model.expression(place).0;
                (place, mutant(&mut build.model.arena, &mut rng, own))
            });
            Patch(changed.collect())
        });
        let patches: Vec<Patch> = patches.collect();
        let traces: Vec<Trace> = (0..4).map(|_| random_trace(&mut rng, operations)).collect();
        for look in [Look::First, Look::Second] {
            let matrix = detects(&build.model, &traces, &patches, look);
            for (row, trace) in traces.iter().enumerate() {
                for (column, patch) in patches.iter().enumerate() {
                    let found = detect(&build.model, trace, patch, look);
                    let by_verdict = found.is_some_and(|found| !found.by_status);
                    let by_status = found.is_some_and(|found| found.by_status);
                    assert_eq!(
                        matrix.detects(row, column),
                        by_verdict,
                        "{patch:?}\n{trace}"
                    );
                    assert_eq!(matrix.detects_by_status(row, column), by_status);
                    detected += usize::from(found.is_some_and(|found| found.step > 0));
                    all += 1;
                }
            }
        }
    }
    println!("{detected} of {all} detected in a later step");
    assert!(detected * 60 > all);
}

/// `create` makes an account with random first values; `change` reads and
/// changes it. Both have random rules, which mostly hold.
fn random_server(rng: &mut Rng) -> (Build, [OperationRef; 2]) {
    let mut build = Build::new();
    let (create, change) = (build.operation("create"), build.operation("change"));
    let names = ["i", "j", "s", "b"].map(|name| (name, "0"));
    let account = build.resource(RESOURCE, create, &names);
    build.bind(change, account);
    let kinds = [Kind::Int, Kind::Int, Kind::Text, Kind::Bool];
    for (index, kind) in kinds.into_iter().enumerate() {
        let init = Generator::new(&mut build.model.arena, rng)
            .body_only()
            .any(kind, 1);
        build.model.resources[0].attributes[index].init = init;
        build.change(change, account, index, "0");
        let set = Generator::new(&mut build.model.arena, rng).any(kind, 2);
        let set = mostly(&mut build.model.arena, set, init);
        build.model.operations[1].changes[index].expr = set;
    }
    for (operation, answer) in [(create, 400), (change, 409), (change, 422)] {
        let rule = build.rule(operation, "true", status(answer));
        let generator = Generator::new(&mut build.model.arena, rng);
        let mut generator = match operation == create {
            true => generator.body_only(),
            false => generator,
        };
        let either = [(); 3].map(|()| generator.any(Kind::Bool, 2));
        let expr = build.model.arena.call_bool(Op::Or, &either[..2]);
        let expr = mostly(&mut build.model.arena, expr, either[2]);
        build.model.rules[rule.0 as usize].expr = expr;
    }
    (build, [create, change])
}

/// `expr`, or `other` where it is undefined.
fn mostly(arena: &mut Arena, expr: ExprId, other: ExprId) -> ExprId {
    let ty = arena.ty(expr).clone();
    arena.call(Op::OrElse, &[expr, other], ty)
}

fn random_trace(rng: &mut Rng, [create, change]: [OperationRef; 2]) -> Trace {
    let step = |operation, request| Step { operation, request };
    let mut steps = vec![step(create, full_request(rng))];
    for _ in 0..4 {
        let mut request = full_request(rng);
        let id = Location::default().key("path").key("id");
        assert!(id.write(&mut request, resource_key(rng.usize(..2))));
        let operation = if rng.u8(..5) == 0 { create } else { change };
        steps.push(step(operation, request));
    }
    Trace { steps }
}
