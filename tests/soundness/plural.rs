//! Random rules that range over all things there are, and sequences that make
//! several.

use crossfield::model::{OperationRef, Step, Trace, resource_key};
use crossfield::value::location::Location;
use fastrand::Rng;

use crate::fields::Taste;
use crate::rules::{self, Generator, Read, Ty};
use crate::world::{Endpoint, RESOURCE, RuleText, World};

/// Tells the random numbers of these rules from others.
const PLURAL: u64 = 0xa11;

/// Gives some operations of a third of the worlds such a rule.
pub fn add(rng: &Rng, endpoints: &mut [Endpoint]) {
    let mut own = Rng::with_seed(rng.clone().u64(..) ^ PLURAL);
    if own.u8(..3) > 0 {
        return;
    }
    for endpoint in endpoints {
        if endpoint.id != "remove" && own.bool() {
            let rule = rule(&mut own, endpoint);
            endpoint.rules.push(rule);
        }
    }
}

fn rule(rng: &mut Rng, endpoint: &Endpoint) -> RuleText {
    let is_bound = endpoint.id == "change";
    let mut scope = rules::reads("body", &endpoint.body, false);
    let read = |path: &str, ty| Read {
        path: path.into(),
        ty,
        open: false,
    };
    if is_bound {
        scope.push(read(&format!("{RESOURCE}.total"), Ty::Int));
    }
    scope.extend([read("t.total", Ty::Int), read("t.flag", Ty::Bool)]);
    let inner = Generator::new(rng, scope).condition(2);
    let inner = match rng.u8(..3) {
        0 if is_bound => format!("t != {RESOURCE} && ({inner})"),
        1 if is_bound => format!("t == {RESOURCE} || {inner}"),
        _ => inner,
    };
    let (op, limit) = (["<", "<=", "==", "!=", ">"][rng.usize(..5)], rng.i64(0..4));
    let rule = match rng.u8(..7) {
        0 | 1 => format!("things.all(t, {inner})"),
        2 => format!("things.exists(t, {inner})"),
        3 => format!("things.exists_one(t, {inner})"),
        4 => format!("things.filter(t, {inner}).size() {op} {limit}"),
        5 => format!("things.filter(t, {inner}).map(t, t.total).sum() {op} {limit}"),
        _ => format!("things.size() {op} {limit} || things.all(t, {inner})"),
    };
    RuleText::of(None, &rule)
}

impl World {
    /// A random sequence that makes some things and ends with a request to
    /// `operation`.
    pub fn trace_of_several(&self, rng: &mut Rng, operation: OperationRef, taste: Taste) -> Trace {
        let model = self.model();
        let create = model.operation_named("create").unwrap();
        let others: Vec<OperationRef> = model.operation_refs().map(|(of, _)| of).collect();
        let mut steps: Vec<Step> = Vec::new();
        let mut makers = Vec::new();
        for left in (0..rng.usize(2..6)).rev() {
            let is_bound = !model.operation(operation).binds.is_empty();
            let asked = match left {
                0 => operation,
                _ if makers.is_empty() && is_bound || rng.bool() => create,
                _ => others[rng.usize(..others.len())],
            };
            let mut request = self.request(rng, asked, taste);
            let there = match asked == create {
                true => None,
                false => self.existing_key(rng),
            };
            if asked == create {
                makers.push(steps.len());
            } else if let Some(key) = there {
                let id = Location::default().key("path").key("id");
                assert!(id.write(&mut request, key));
            } else if !makers.is_empty() && rng.u8(..10) > 0 {
                let id = Location::default().key("path").key("id");
                let maker = makers[rng.usize(..makers.len())];
                assert!(id.write(&mut request, resource_key(maker)));
            }
            steps.push(Step {
                operation: asked,
                request,
            });
        }
        Trace { steps }
    }
}
