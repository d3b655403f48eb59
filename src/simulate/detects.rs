//! Many traces on many faulty servers, with shared work.
//!
//! The right server runs a trace once, and every request keeps its evaluator:
//! while a faulty server's state agrees with the right one's, its unchanged
//! rules are known and of a changed one only the spine is evaluated. Once the
//! states differ, requests about what differs are evaluated anew.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use super::compare::{Detection, Found, Sight, compare, sight};
use super::run::{Look, Prepared, prepared, run};
use super::server::{Effect, Server};
use super::shown::{Known, Seen, differ};
use super::state::{Bound, State};
use super::{Ensured, Matrix, Verdict};
use crate::eval::Evaluator;
use crate::model::{Model, OperationRef, Patch, Trace};

/// Whether and how `trace` detects the fault `patch`: both servers run it from
/// the start, each expression evaluated plainly.
pub fn detect(model: &Model, trace: &Trace, patch: &Patch, look: Look) -> Option<Detection> {
    let options = look.at(patch);
    let right = run(model, &Patch::default(), trace, options);
    let patched = run(model, patch, trace, options);
    compare(model, trace, &right, &patched)
}

/// Which of the traces detect which of the patches: what [`detect`] says of
/// each pair.
pub fn detects(model: &Model, traces: &[Trace], patches: &[Patch], look: Look) -> Matrix {
    let mut matrix = Matrix::new(traces.len(), patches.len());
    let touching = by_operation(model, patches);
    let right = Patch::default();
    for (row, trace) in traces.iter().enumerate() {
        let requests = prepared(model, trace);
        let cells: Vec<Cell> = requests.iter().map(|_| Cell::default()).collect();
        let reference = Reference::new(model, trace, &requests, &cells, &right, look.at(&right));
        let touched = trace.steps.iter();
        let touched = touched.filter_map(|step| touching.get(&step.operation));
        let columns: BTreeSet<usize> = touched.flatten().copied().collect();
        for column in columns {
            let patch = patches.get(column);
            let found = patch.and_then(|patch| reference.detected(patch, look));
            if let Some(found) = found {
                matrix.set(row, column, found);
            }
        }
    }
    matrix
}

/// The positions of the patches that change something at an operation.
fn by_operation(model: &Model, patches: &[Patch]) -> BTreeMap<OperationRef, Vec<usize>> {
    let mut touching: BTreeMap<OperationRef, Vec<usize>> = BTreeMap::new();
    for (column, patch) in patches.iter().enumerate() {
        let readers = patch.0.keys().filter_map(|place| model.reader(*place));
        for operation in readers.collect::<BTreeSet<_>>() {
            touching.entry(operation).or_default().push(column);
        }
    }
    touching
}

/// Where the resources of one request are kept while evaluators read them.
pub(super) type Cell = OnceCell<Bound>;

/// One for each moment at which a verdict must be the same.
type Evaluators<'t> = Vec<Evaluator<'t>>;

/// What the right server made of one request.
pub(super) struct Right<'t> {
    operation: OperationRef,
    request: &'t Prepared,
    before: State,
    /// The resources that the request is about, and what was evaluated.
    bound: &'t Bound,
    evaluators: RefCell<Evaluators<'t>>,
    pub verdict: Verdict,
    pub effect: Effect,
    ensured: Ensured,
}

impl<'t> Right<'t> {
    /// Asks `server`, a right one, which remembers `before`. The resources are
    /// kept in `cell`.
    pub fn ask(
        server: Server<'t>,
        operation: OperationRef,
        request: &'t Prepared,
        before: State,
        cell: &'t Cell,
    ) -> Self {
        let model = server.model;
        let bind = || before.bind(model, model.operation(operation), &request.request);
        let bound = cell.get_or_init(bind);
        let mut own = evaluators(server, request, bound);
        let (verdict, effect) = server.judge_steadily(operation, bound, &mut own);
        let ensured = match verdict {
            Verdict::Accept => {
                server.ensured(operation, (bound, request), &effect, &server.moments())
            }
            _ => Ensured::default(),
        };
        Self {
            operation,
            request,
            before,
            bound,
            evaluators: RefCell::new(own),
            verdict,
            effect,
            ensured,
        }
    }

    /// What `server`, the right one, shows of the resources where it accepts.
    pub fn shown(&self, server: Server<'_>) -> Vec<Seen> {
        server.seen(self.operation, self.bound, &self.verdict)
    }

    /// What the answer has to hold.
    pub fn ensured(&self) -> &Ensured {
        &self.ensured
    }

    /// The state behind the request.
    fn state(&self, step: usize) -> State {
        let mut state = self.before.clone();
        state.apply(step, self.effect.clone());
        state
    }
}

/// The right server's way through a trace.
struct Reference<'t> {
    beside: Beside<'t>,
    steps: Vec<Right<'t>>,
}

/// What compares the servers' answers to one request.
pub(super) struct Beside<'t> {
    pub model: &'t Model,
    pub known: Known<'t>,
}

impl<'t> Reference<'t> {
    fn new(
        model: &'t Model,
        trace: &'t Trace,
        requests: &'t [Prepared],
        cells: &'t [Cell],
        right: &'t Patch,
        options: super::Options<'t>,
    ) -> Self {
        let server = Server {
            model,
            patch: right,
            options,
        };
        let mut steps: Vec<Right<'t>> = Vec::new();
        let mut state = State::at_first(model);
        let asked = trace.steps.iter().zip(requests).zip(cells);
        for (index, ((step, request), cell)) in asked.enumerate() {
            let right = Right::ask(server, step.operation, request, state, cell);
            let clear = right.verdict.is_clear();
            state = right.state(index);
            steps.push(right);
            if !clear {
                break;
            }
        }
        Self {
            beside: Beside {
                model,
                known: Known::new(model, trace),
            },
            steps,
        }
    }

    /// Runs the patched server beside the right one.
    fn detected(&self, patch: &Patch, look: Look) -> Option<Detection> {
        let server = Server {
            model: self.beside.model,
            patch,
            options: look.at(patch),
        };
        // The patched server's state, where it isn't the right one's.
        let mut own: Option<State> = None;
        let mut found = Found::default();
        for (step, right) in self.steps.iter().enumerate() {
            if own.is_none() && !touches(self.beside.model, patch, right.operation) {
                if !right.verdict.is_clear() {
                    break;
                }
                continue;
            }
            let (sight, effect) = self.beside.sight(server, right, own.as_ref());
            if found.is_decided(step, sight) {
                break;
            }
            own = after(right, own, step, effect);
        }
        found.0
    }
}

/// Whether a request to `operation` may be another one to a server of this patch
/// that remembers the same.
pub(super) fn touches(model: &Model, patch: &Patch, operation: OperationRef) -> bool {
    let mut places = patch.0.keys();
    places.any(|place| model.reader(*place) == Some(operation))
        || patch.lets_refused(model, operation)
}

impl<'t> Beside<'t> {
    /// What a request shows of the patched server, in its own state where it has
    /// one, and what it does there.
    pub fn sight(
        &self,
        server: Server<'_>,
        right: &Right<'t>,
        own: Option<&State>,
    ) -> (Sight, Effect) {
        let expected = right_verdict(server, right);
        let (verdict, effect, seen) = self.step(server, right, own);
        let sees = server.seen(right.operation, right.bound, &expected);
        let sight = sight(self.model, &expected, &verdict);
        let is_other = || {
            differ(self.model, &self.known, &sees, &seen)
                || expected == Verdict::Accept
                    && verdict == Verdict::Accept
                    && self.ensures_other(server, right, own, &effect)
        };
        match sight {
            Sight::Same if is_other() => (Sight::Shown, effect),
            sight => (sight, effect),
        }
    }

    /// Whether the patched server's answer to an accepted request is another.
    fn ensures_other(
        &self,
        server: Server<'_>,
        right: &Right<'t>,
        own: Option<&State>,
        effect: &Effect,
    ) -> bool {
        if right.ensured.0.is_empty() {
            return false;
        }
        let operation = self.model.operation(right.operation);
        let own = own.map(|state| state.bind(self.model, operation, &right.request.request));
        let bound = own.as_ref().unwrap_or(right.bound);
        let moments = server.moments();
        let ensured = server.ensured(right.operation, (bound, right.request), effect, &moments);
        right.ensured.differs(self.model, &self.known, &ensured)
    }

    /// The patched server's verdict on one request, in its own state where it
    /// has one.
    fn step(
        &self,
        server: Server<'_>,
        right: &Right<'t>,
        own: Option<&State>,
    ) -> (Verdict, Effect, Vec<Seen>) {
        let operation = self.model.operation(right.operation);
        let own = own.map(|state| state.bind(self.model, operation, &right.request.request));
        if let Some(bound) = own.filter(|bound| bound != right.bound) {
            let mut own = evaluators(server, right.request, &bound);
            let (verdict, effect) = server.judge_steadily(right.operation, &bound, &mut own);
            let seen = server.seen(right.operation, &bound, &verdict);
            return (verdict, effect, seen);
        }
        let mut own = right.evaluators.borrow_mut();
        let (verdict, effect) = server.judge_steadily(right.operation, right.bound, own.iter_mut());
        let seen = server.seen(right.operation, right.bound, &verdict);
        (verdict, effect, seen)
    }
}

/// The right server's verdict where only rules beside the patch are taken to
/// hold when undefined.
fn right_verdict(server: Server<'_>, right: &Right<'_>) -> Verdict {
    if server.options.undefined_holds_beside.is_none() {
        return right.verdict.clone();
    }
    let patch = &Patch::default();
    let judge = Server { patch, ..server };
    let mut own = right.evaluators.borrow_mut();
    let own = own.iter_mut();
    judge.judge_steadily(right.operation, right.bound, own).0
}

fn evaluators<'t>(server: Server<'t>, request: &'t Prepared, bound: &'t Bound) -> Evaluators<'t> {
    let moments = server.moments().into_iter();
    let each = moments.map(|now| Evaluator::new(&server.model.arena, request.env(bound, now)));
    each.collect()
}

/// The patched server's state after a step, where it isn't the right one's.
pub(super) fn after(
    right: &Right<'_>,
    own: Option<State>,
    step: usize,
    effect: Effect,
) -> Option<State> {
    if own.is_none() && effect == right.effect {
        return None;
    }
    let mut state = own.unwrap_or_else(|| right.before.clone());
    state.apply(step, effect);
    (state != right.state(step)).then_some(state)
}
