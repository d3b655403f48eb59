//! All checks of one random world.

use std::collections::{BTreeMap, BTreeSet};

use crossfield::eval::{Env, evaluate};
use crossfield::expr::{Arena, ExprId, Node, ResourceName, print};
use crossfield::fault::faults;
use crossfield::model::{Clock, Model, OperationRef, Patch, RuleRef};
use crossfield::search::decide::{Decision, Proofs, Reach};
use crossfield::search::invariant::{self, Candidates, Invariant};
use crossfield::search::lower::{Config, Label};
use crossfield::search::smt::with_context;
use crossfield::simulate::{Look, detect, prepare};
use crossfield::value::Value;
use crossfield::witness::{Opinion, Question, second_opinion};
use fastrand::Rng;

use crate::analysis;
use crate::claims;
use crate::fields::Taste;
use crate::lowering::{self, Held, LONG, Made, NARROW, TABULATED, VALUES, WIDE};
use crate::report::{self, Report};
use crate::world::{RESOURCE, World};

/// How much is tried in one world.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Random states to evaluate a rule in.
    pub states: usize,
    /// Those of them that are pinned.
    pub pinned: usize,
    /// Faults to decide.
    pub faults: usize,
    /// Domains of at most so many states are searched exhaustively.
    pub exhaustive: usize,
}

/// Checks the world of `seed`.
pub fn world(seed: u64, effort: Effort) -> Report {
    let mut report = Report {
        worlds: 1,
        ..Report::default()
    };
    let mut world = match World::new(seed) {
        Ok(world) => world,
        // By chance.
        Err(findings) if is_refused(&findings) => {
            report.count("models that are refused with a reason");
            return report;
        }
        Err(findings) => {
            report
                .failures
                .push(format!("the front end refuses: {findings}"));
            return report;
        }
    };
    let list = faults(&mut world.built.model);
    let candidates = invariant::candidates(&mut world.built.model);
    let mut rng = Rng::with_seed(seed ^ 0x5eed);
    let mut chosen = claims::some_faults(&mut rng, &list.faults, effort.faults);
    chosen.extend(claims::shown_faults(
        &world,
        &mut rng,
        &list.faults,
        &chosen,
    ));
    let patches: Vec<Patch> = chosen.iter().map(|fault| fault.patch.clone()).collect();
    let ids: Vec<&str> = chosen.iter().map(|fault| fault.id.as_str()).collect();
    let checked = with_context(|| {
        let mut check = Check {
            world: &world,
            rng: Rng::with_seed(seed ^ 0xc4ec),
            effort,
            report: Report::default(),
            candidates: &candidates,
            invariants: Vec::new(),
        };
        if world.endpoints.iter().any(|own| !own.conditions.is_empty()) {
            check.report.count(report::CONDITIONED);
        }
        if !world.model().resources.is_empty() {
            check.report.count(report::STATEFUL);
        }
        if !world.model().existing.is_empty() {
            check.report.count(report::EXISTING);
        }
        check.rules();
        check.lowerings(&patches);
        check.invariants();
        check.decisions(&ids, &patches);
        check.simulations(&patches);
        check.analysis(&patches);
        check.report
    });
    report.absorb(checked);
    report
}

/// Whether all that is wrong is a part of a moment beside a constant that it
/// never is, or the clock in a rule about several requests.
fn is_refused(findings: &str) -> bool {
    let is_never =
        |line: &str| line.starts_with("error[wrong-value]: `get") && line.contains("` is never ");
    let is_now = |line: &str| line.contains("rules about several requests can't read `now`");
    let mut errors = findings.lines().filter(|line| line.starts_with("error["));
    errors.all(|line| is_never(line) || is_now(line))
}

struct Check<'w> {
    world: &'w World,
    rng: Rng,
    effort: Effort,
    report: Report,
    candidates: &'w Candidates,
    invariants: Vec<Invariant>,
}

impl<'w> Check<'w> {
    fn model(&self) -> &'w Model {
        self.world.model()
    }

    fn printed(&self, expr: ExprId) -> String {
        print(&self.model().arena, expr, &[ResourceName::single(RESOURCE)])
    }

    /// Notes a failure with what reproduces it.
    fn fail(&mut self, what: &str, details: &str) {
        let World {
            seed,
            api,
            rule_file,
            ..
        } = self.world;
        // One of a kind tells of the world.
        let is_known = |known: &String| known.starts_with(what);
        if self.report.failures.iter().any(is_known) {
            return self.report.count("failures of a known kind");
        }
        self.report.failures.push(format!(
            "{what}: CROSSFIELD_SOUNDNESS_SEED={seed} CROSSFIELD_SOUNDNESS_RULES=1\n\
             {details}\nAPI document:\n{api}\nrule file:\n{rule_file}\n"
        ));
    }

    fn states(&mut self, operation: OperationRef, count: usize, taste: Taste) -> Vec<Value> {
        let world = self.world;
        (0..count)
            .map(|_| world.request(&mut self.rng, operation, taste))
            .collect()
    }

    fn note_operators(&mut self, expr: ExprId) {
        self.report.expressions += 1;
        for name in operators(&self.model().arena, expr) {
            *self.report.operators.entry(name).or_default() += 1;
        }
    }

    /// Every rule over random states: the evaluator, cel, and the lowering.
    fn rules(&mut self) {
        let model = self.model();
        for (rule, found) in model.rule_refs() {
            self.report.rules += 1;
            self.note_operators(found.expr);
            if !self.world.is_single(found.operation) {
                // Only whole sequences tell of those.
                self.report.count(report::STATEFUL_RULES);
                continue;
            }
            let states = self.states(found.operation, self.effort.states, Taste::Plain);
            let mut held = BTreeSet::new();
            for request in &states {
                let violations = self.world.refusals(found.operation, request);
                if !violations.is_empty() {
                    self.fail(
                        "a random state isn't valid",
                        &format!("{request}: {violations:?}"),
                    );
                }
                let ours = lowering::evaluated(model, found.operation, request, found.expr);
                held.insert(ours);
                self.second_opinion(rule, request, ours);
            }
            self.report.varied += usize::from(held.len() > 1);
            let made = lowering::made(model, rule);
            for (wanted, made) in VALUES.into_iter().zip(made) {
                self.made(rule, wanted, made, &held);
            }
        }
    }

    fn second_opinion(&mut self, rule: RuleRef, request: &Value, ours: Held) {
        let model = self.model();
        let found = model.rule(rule);
        let text = &self.world.built.texts[rule.0 as usize];
        let Some(rule) = &text.rule else { return };
        let question = Question {
            arena: &model.arena,
            expr: found.expr,
            guard: text.guard.as_deref(),
            rule,
            request: &prepare(model, found.operation, request),
            resources: &BTreeMap::new(),
            data: &BTreeMap::new(),
            now: model.clock.now,
        };
        self.report.count(report::EVALUATED);
        match second_opinion(&question, ours) {
            Opinion::Agree => self.report.count(report::AGREED),
            Opinion::NotApplicable(_) => {}
            Opinion::Disagree(theirs) => {
                let details = format!(
                    "ours {ours:?}, cel's {theirs:?}\nrule: {}\nstate: {request}",
                    self.printed(found.expr)
                );
                self.fail("cel disagrees with the evaluator", &details);
            }
        }
    }

    fn made(&mut self, rule: RuleRef, wanted: Held, made: Made, seen: &BTreeSet<Held>) {
        let expr = self.model().rule(rule).expr;
        match made {
            Made::Agreed => self.report.count("states made, confirmed"),
            Made::Unknown => self.report.count("states made, unknown"),
            Made::Refuted(request, held) => {
                self.report.count("states made, refuted");
                let note = format!(
                    "seed {}: wanted {wanted:?}, is {held:?}: {}\n  {request}",
                    self.world.seed,
                    self.printed(expr)
                );
                self.report.notes.push(note);
            }
            Made::Impossible if seen.contains(&wanted) => {
                let details = format!("{wanted:?} of {}", self.printed(expr));
                self.fail("a value that was seen is said to be impossible", &details);
            }
            Made::Impossible => self.report.count("states made, impossible"),
        }
    }

    /// Rules and patched rules, lowered and pinned.
    fn lowerings(&mut self, patches: &[Patch]) {
        let model = self.model();
        let mut exprs: Vec<(OperationRef, ExprId)> = model
            .rules
            .iter()
            .map(|rule| (rule.operation, rule.expr))
            .collect();
        for patch in patches {
            for (place, expr) in &patch.0 {
                if let crossfield::model::Place::Rule(rule) = place {
                    self.note_operators(*expr);
                    exprs.push((model.rule(*rule).operation, *expr));
                }
            }
        }
        let mut own: BTreeMap<OperationRef, Vec<ExprId>> = BTreeMap::new();
        for (operation, expr) in exprs {
            if self.world.is_single(operation) {
                own.entry(operation).or_default().push(expr);
            }
        }
        // As the search lowers them, all at once; or, which costs much more, one
        // at a time.
        let is_alone = self.rng.u8(..8) == 0;
        for (operation, exprs) in own {
            let plain = self.states(operation, self.effort.pinned, Taste::Plain);
            let odd = self.states(operation, 1, Taste::Odd).remove(0);
            let tabulated = self.states(operation, 1, Taste::Plain).remove(0);
            let narrow = plain.into_iter().map(|state| (state, NARROW));
            let wider = [(odd.clone(), WIDE), (odd, LONG), (tabulated, TABULATED)];
            let all: Vec<_> = narrow.chain(wider).collect();
            for (request, config) in all {
                if !is_alone && lowering::agree(model, operation, &request, &exprs, config) {
                    for expr in &exprs {
                        let ours = lowering::evaluated(model, operation, &request, *expr);
                        self.agreed(ours, config);
                    }
                } else {
                    for expr in &exprs {
                        self.pinned(operation, &request, *expr, config);
                    }
                }
            }
        }
    }

    /// The lowering allows what is, and in the narrow configuration nothing
    /// else.
    fn agreed(&mut self, ours: Held, config: Config) {
        if config != NARROW {
            return self.report.count("states pinned, wide");
        }
        self.may_be(ours);
        self.report.count(report::EXACT);
    }

    /// The lowering in the narrow configuration allows what is.
    fn may_be(&mut self, ours: Held) {
        self.report.count(report::PINNED);
        self.report.count(match ours {
            Some(true) => report::PINNED_TRUE,
            Some(false) => report::PINNED_FALSE,
            None => report::PINNED_UNDEFINED,
        });
    }

    fn pinned(&mut self, operation: OperationRef, request: &Value, expr: ExprId, config: Config) {
        let model = self.model();
        let ours = lowering::evaluated(model, operation, request, expr);
        let possible = lowering::possible(model, operation, request, expr, config);
        let excluded = possible.excludes(ours, config);
        let words = match possible.allows(ours) {
            _ if excluded => "the lowering excludes what is",
            _ if possible.is_outside => return self.report.count("states outside restrictions"),
            Some(false) => return self.report.count("states pinned, long"),
            None => return self.report.count("states pinned, unknown"),
            Some(true) if config != NARROW => return self.report.count("states pinned, wide"),
            Some(true) => {
                self.may_be(ours);
                if possible.is_exactly(ours) {
                    return self.report.count(report::EXACT);
                }
                "the lowering allows more than what is"
            }
        };
        let wrong = |part: ExprId| {
            let ours = lowering::evaluated(model, operation, request, part);
            let possible = lowering::possible(model, operation, request, part, config);
            match excluded {
                true => possible.excludes(ours, config),
                false => !possible.is_exactly(ours),
            }
        };
        let smallest = lowering::smallest(model, expr, &wrong);
        let ours = lowering::evaluated(model, operation, request, smallest);
        let possible = lowering::possible(model, operation, request, smallest, config);
        let details = format!(
            "{}\nis {ours:?}; [true, false, undefined] can be {:?}, unrestricted {:?}, {config:?}\nin {}\nstate: {request}",
            self.printed(smallest),
            possible.values,
            possible.unrestricted,
            self.printed(expr)
        );
        if excluded {
            self.fail(words, &details);
        } else {
            self.report
                .notes
                .push(format!("seed {}: {words}: {details}", self.world.seed));
        }
    }

    /// What is proven of every state.
    fn invariants(&mut self) {
        let world = self.world;
        let right = Patch::default();
        let candidates = self.candidates.invariants.clone();
        let limits = Reach::default().limits;
        self.invariants = invariant::proven(self.model(), limits, &right, candidates);
        self.report.add(report::INVARIANTS, self.invariants.len());
        let states = claims::states(world, &mut self.rng);
        for invariant in self.invariants.clone() {
            let broken = states.iter().find(|resources| {
                let request = Value::Null;
                let env = Env::of_right(&request, resources, self.model().clock.now);
                let held = evaluate(&self.model().arena, env, invariant.expr);
                held.ok().and_then(|held| held.as_bool()) != Some(true)
            });
            if let Some(resources) = broken {
                let details = format!("{} of {resources:?}", self.printed(invariant.expr));
                self.fail("what is proven of every state isn't so of one", &details);
            }
        }
    }

    /// What the search says of faults.
    fn decisions(&mut self, ids: &[&str], patches: &[Patch]) {
        for (id, patch) in ids.iter().zip(patches) {
            let proofs = Proofs {
                invariants: &self.invariants,
                candidates: Some(self.candidates),
            };
            let decision = claims::decide(self.world, proofs, patch);
            match &decision {
                Decision::Found(trace, look) => {
                    self.report.count(report::FOUND);
                    let confirmed = detect(self.model(), trace, patch, *look);
                    if confirmed.is_some_and(|found| found.by_view) {
                        self.report.count(report::VIEWED);
                    }
                    let violations = self.world.violations(trace);
                    if confirmed.is_none() || !violations.is_empty() {
                        let details = format!("{id}: {confirmed:?}, {violations:?}\n{trace}");
                        self.fail("a found trace proves nothing", &details);
                    }
                }
                Decision::Untestable(core) => {
                    self.report.count(report::UNTESTABLE);
                    if core.iter().any(|label| matches!(label, Label::Alike(_))) {
                        self.report.count(report::ALIKE);
                    }
                    self.attack(id, patch, Look::Second, "an untestable fault is detected");
                    self.attack_at_any_moment(id, patch);
                }
                Decision::Unclear(_) => {
                    self.report.count("faults unclear");
                    self.attack(id, patch, Look::First, "an unclear fault is detected");
                }
                Decision::NeedsClock => {
                    self.report.count(report::NEEDS_CLOCK);
                    let words = "a fault that needs a clock is detected";
                    self.attack(id, patch, Look::First, words);
                }
                Decision::Bounded(_) => self.report.count("faults bounded"),
                Decision::Unknown(reason) => self.unknown(id, patch, reason),
            }
        }
    }

    /// What `check` would claim of the rules.
    fn analysis(&mut self, patches: &[Patch]) {
        let most = self.effort.exhaustive;
        let answers = analysis::answers(self.world, &mut self.rng, patches, most);
        for count in answers.counts {
            self.report.count(count);
        }
        for details in answers.refuted {
            self.fail("what can never be is at a request", &details);
        }
    }

    fn unknown(&mut self, id: &str, patch: &Patch, reason: &str) {
        self.report.count("faults unknown");
        if reason.contains("evaluator doesn't confirm") {
            let details = format!("{id}: {}", self.patch_words(patch));
            self.fail("the evaluator doesn't confirm the solver", &details);
        } else if reason.contains("schema refuses") {
            self.report.count("faults unknown, the schema refuses");
            let note = format!("seed {}: {id}: {reason}", self.world.seed);
            self.report.notes.push(note);
        } else {
            let note = format!("seed {}: {id}: {reason}", self.world.seed);
            self.report.notes.push(note);
        }
    }

    fn patch_words(&self, patch: &Patch) -> String {
        let each = patch.0.iter().map(|(place, expr)| {
            let right = self.printed(self.model().expression(*place).0);
            format!(
                "{place:?}\n  right: {right}\n  faulty: {}",
                self.printed(*expr)
            )
        });
        each.collect::<Vec<_>>().join("\n")
    }

    fn attack(&mut self, id: &str, patch: &Patch, look: Look, words: &str) {
        let world = self.world;
        let most = self.effort.exhaustive;
        let (traces, complete) = claims::attacks(world, &mut self.rng, patch, most);
        self.report.add("states of attacks", traces.len());
        if complete {
            self.report.count("attacks, exhaustive");
        }
        let (by_verdict, by_status) = claims::hits(world, &traces, patch, look);
        if by_status.is_some() {
            self.report.count("attacks, detected by status");
        }
        if let Some(trace) = by_verdict {
            let details = format!("{id}: {}\n{trace}", self.patch_words(patch));
            self.fail(words, &details);
        }
    }

    /// The same with clocks that stand still, at moments near the times of
    /// states.
    fn attack_at_any_moment(&mut self, id: &str, patch: &Patch) {
        if !self.model().clock.is_running {
            return;
        }
        let (traces, _) = claims::attacks(self.world, &mut self.rng, patch, 0);
        for now in claims::moments(&mut self.rng, &traces) {
            self.report.count("moments of attacks");
            let mut model = self.model().clone();
            model.clock = Clock::fixed(now);
            let shown = traces.iter().find(|trace| {
                let found = detect(&model, trace, patch, Look::Second);
                found.is_some_and(|found| !found.by_status)
            });
            if let Some(trace) = shown {
                let details = format!("{id} at {now}: {}\n{trace}", self.patch_words(patch));
                self.fail("an untestable fault is detected at some moment", &details);
            }
        }
    }

    /// The shared simulation against the plain one.
    fn simulations(&mut self, patches: &[Patch]) {
        let world = self.world;
        let mut traces = Vec::new();
        for (operation, _) in self.model().operation_refs() {
            traces.extend((0..6).map(|_| world.trace(&mut self.rng, operation, Taste::Odd)));
        }
        for look in [Look::First, Look::Second] {
            match claims::same_simulation(world, &traces, patches, look) {
                Ok(detected) => {
                    self.report
                        .add("pairs simulated", traces.len() * patches.len());
                    self.report.add("pairs simulated, detected", detected);
                }
                Err(details) => self.fail("the shared simulation differs", &details),
            }
        }
    }
}

/// The operators and folds of an expression by name, each once.
pub fn operators(arena: &Arena, expr: ExprId) -> BTreeSet<String> {
    let parts = arena.positions(expr).into_iter();
    let names = parts.filter_map(|(_, id)| match arena.node(id) {
        Node::Call(op, _) => Some(format!("{op:?}")),
        Node::Fold(fold, ..) => Some(format!("{fold:?}")),
        Node::Has(..) => Some("Has".to_owned()),
        _ => None,
    });
    names.collect()
}
