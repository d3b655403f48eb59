//! Random rules about answers: is what the search claims of their faults true?

use crossfield::expr::ExprId;
use crossfield::fault::{Fault, faults};
use crossfield::model::{Patch, Place};
use crossfield::search::decide::{Decision, Proofs, Reach};
use crossfield::search::invariant;
use crossfield::search::smt::with_context;
use crossfield::simulate::{Look, detect, settle_clock};
use fastrand::Rng;

use crate::claims;
use crate::fields::Taste;
use crate::rules::{self, Generator, Read, Ty, quoted};
use crate::world::{RESOURCE, World, build_texts};

/// What was tried, and what doesn't hold.
#[derive(Debug, Default)]
pub struct Tried {
    pub worlds: usize,
    pub stateful: usize,
    pub found: usize,
    pub untestable: usize,
    /// Of those, faults of what a server remembers.
    pub of_state: usize,
    pub other: usize,
    pub failures: Vec<String>,
}

/// A world with rules about answers; none where their times need a clock.
fn with_answers(seed: u64) -> Option<World> {
    let mut world = World::new(seed).ok()?;
    let mut rng = Rng::with_seed(seed ^ 0xa45e);
    let mut more = Vec::new();
    for endpoint in &world.endpoints {
        if endpoint.is_across() {
            return None;
        }
        for index in 0..rng.usize(1..3) {
            let rule = rule(&mut rng, &world, endpoint.id);
            more.push(format!(
                r#"    {{"id": "{}-answer-{index}", "operation": "{0}", {rule}, "message": "random"}}"#,
                endpoint.id
            ));
        }
    }
    let rules = world.rule_file.strip_suffix("\n]}")?;
    let rules = format!("{rules},\n{}\n]}}", more.join(",\n"));
    world.built = build_texts(&world.api, &rules).ok()?;
    settle_clock(&mut world.built.model);
    world.rule_file = rules;
    Some(world)
}

/// `"when": ..., "ensure": ...`
fn rule(rng: &mut Rng, world: &World, operation: &str) -> String {
    let endpoint = world.endpoints.iter().find(|own| own.id == operation);
    let mut scope = rules::reads("body", &endpoint.unwrap().body, false);
    if !world.model().resources.is_empty() {
        let made = operation == "create";
        for (name, ty) in [("total", Ty::Int), ("flag", Ty::Bool)] {
            let path = format!("{RESOURCE}.{name}");
            let old = (!made).then(|| format!("old({path})"));
            let reads = old.into_iter().chain([path.clone(), path]);
            scope.extend(reads.map(|path| Read {
                path,
                ty: ty.clone(),
                open: false,
            }));
        }
    }
    let mut generator = Generator::new(rng, scope);
    let guard = generator.condition(1);
    let value = match generator.rng.u8(..4) {
        0 => format!("round({}, 2)", generator.number(&Ty::Decimal, 2)),
        1 => format!("({})", generator.condition(2)),
        _ => generator.number(&Ty::Int, 2),
    };
    let relation = ["==", "==", "==", "==", "<=", "!="][generator.rng.usize(..6)];
    let relation = if value.starts_with('(') {
        "=="
    } else {
        relation
    };
    let ensure = match generator.rng.u8(..8) {
        0 => format!("has(response.body.x) == ({guard})"),
        1 => format!("!({guard}) || response.body.x {relation} {value}"),
        2 => format!("{guard} ? response.body.x {relation} {value} : !has(response.body.y)"),
        _ => format!("response.body.x {relation} {value}"),
    };
    let when = match generator.rng.u8(..4) {
        0 => format!(r#""when": {}, "#, quoted(&guard)),
        _ => String::new(),
    };
    format!(r#"{when}"ensure": {}"#, quoted(&ensure))
}

/// Tries the claims about some faults of the world of `seed`.
pub fn attempt(seed: u64, most: usize, tried: &mut Tried) {
    let Some(mut world) = with_answers(seed) else {
        return;
    };
    let list = faults(&mut world.built.model);
    let candidates = invariant::candidates(&mut world.built.model);
    let mut rng = Rng::with_seed(seed ^ 0xfa17);
    let is_shown = |fault: &&Fault| {
        let mut places = fault.patch.0.keys();
        places.any(|place| place.rule().is_none() || matches!(place, Place::Ensure(..)))
    };
    let shown: Vec<Fault> = list.faults.iter().filter(is_shown).cloned().collect();
    let chosen = claims::some_faults(&mut rng, &shown, most);
    tried.worlds += 1;
    tried.stateful += usize::from(!world.model().resources.is_empty());
    with_context(|| {
        let model = world.model();
        let limits = Reach::default().limits;
        let known = candidates.invariants.clone();
        let invariants = invariant::proven(model, limits, &Patch::default(), known);
        let proofs = Proofs {
            invariants: &invariants,
            candidates: Some(&candidates),
        };
        for fault in &chosen {
            claim(&world, proofs, fault, &mut rng, tried);
        }
        let patches: Vec<Patch> = chosen.iter().map(|fault| fault.patch.clone()).collect();
        let operations = model.operation_refs().map(|(operation, _)| operation);
        let traces = operations
            .flat_map(|operation| {
                (0..6)
                    .map(|_| world.trace(&mut rng, operation, Taste::Odd))
                    .collect::<Vec<_>>()
            })
            .collect::<Vec<_>>();
        for look in [Look::First, Look::Second] {
            if let Err(details) = claims::same_simulation(&world, &traces, &patches, look) {
                tried.fail(&world, "the shared simulation differs", &details);
            }
        }
    });
}

fn claim(world: &World, proofs: Proofs<'_>, fault: &Fault, rng: &mut Rng, tried: &mut Tried) {
    let (model, patch) = (world.model(), &fault.patch);
    let details = |more: &str| {
        let printed =
            |id: ExprId| crossfield::expr::print(&model.arena, id, &model.resource_names());
        let each = patch.0.iter().map(|(place, faulty)| {
            let right = printed(model.expression(*place).0);
            format!("{place:?}: {right}\n  faulty: {}", printed(*faulty))
        });
        let each: Vec<String> = each.collect();
        format!("{}\n{}\n{more}", fault.id, each.join("\n"))
    };
    match claims::decide(world, proofs, patch) {
        Decision::Found(trace, look) => {
            tried.found += 1;
            let found = detect(model, &trace, patch, look);
            let is_last = found.is_some_and(|found| found.step + 1 == trace.steps.len());
            if !is_last || !world.violations(&trace).is_empty() {
                let more = details(&format!("{found:?}\n{trace}"));
                tried.fail(world, "a found trace proves nothing", &more);
            }
        }
        Decision::Untestable(_) => {
            tried.untestable += 1;
            tried.of_state += usize::from(patch.0.keys().any(|place| place.rule().is_none()));
            for look in [Look::First, Look::Second] {
                let (traces, _) = claims::attacks(world, rng, patch, 5_000);
                if let (Some(trace), _) = claims::hits(world, &traces, patch, look) {
                    let more = details(&trace.to_string());
                    tried.fail(world, "an untestable fault is detected", &more);
                }
            }
        }
        Decision::Unknown(reason) if reason.contains("evaluator doesn't confirm") => {
            tried.fail(
                world,
                "the evaluator doesn't confirm the solver",
                &details(&reason),
            );
        }
        _ => tried.other += 1,
    }
}

impl Tried {
    fn fail(&mut self, world: &World, what: &str, details: &str) {
        self.failures.push(format!(
            "{what}: seed {}\n{details}\nAPI document:\n{}\nrule file:\n{}\n",
            world.seed, world.api, world.rule_file
        ));
    }
}
