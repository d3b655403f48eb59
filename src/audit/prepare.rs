//! From an exchange to a request that can be judged.

use super::decode::{Unread, decode};
use super::observation::{Example, target};
use super::routes::Matched;
use super::standing::{Standing, at};
use super::watch::Watch;
use crate::case::parse_json;
use crate::model::{ACTOR, CheckOperator, NOW, Operation, OperationRef, RuleRef, step_of_key};
use crate::traffic::{Body, Exchange, When};
use crate::value::json::exact;
use crate::value::{Members, Value, changed_items};

/// A request that is ready to be judged.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What is called.
    pub operation: OperationRef,
    /// The request state.
    pub request: Value,
    /// What the schema has against it: keyword and place, each.
    pub violations: Vec<String>,
    /// What its status says.
    pub standing: Standing,
    /// What the answer names what was made by.
    pub key: Option<Value>,
    /// The body of the answer, with what stands for values of the server.
    pub answer: Option<Value>,
    /// The rule that the answer names as broken.
    pub named: Option<RuleRef>,
    /// When it was sent.
    pub at: When,
    /// Whether servers know nothing of what came before.
    pub is_first: bool,
    /// The request as reports show it.
    pub example: Example,
}

/// What became of an exchange.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// It can be judged.
    Ready(Box<Ready>),
    /// It is to an operation that no rule is about.
    Other(String, Example),
    /// It is to no operation, for this reason.
    Unmatched(String, Example),
    /// It is to this operation, and can't be read.
    Unreadable(String, Box<Ready>),
}

/// Finds the operation of an exchange, and its request state.
pub fn prepare(watch: &Watch<'_>, exchange: &Exchange, file: usize) -> Prepared {
    let example = Example::of(exchange, file);
    let target = target(&exchange.url);
    let path = target.split('?').next().unwrap_or_default();
    let (operation, values) = match watch.routes.find(&exchange.method, path) {
        Matched::Known(operation, values) => (operation, values),
        Matched::Other(name) => return Prepared::Other(name, example),
        Matched::Nothing(reason) => return Prepared::Unmatched(reason, example),
    };
    let model = &watch.built.model;
    let answer = exchange
        .answer
        .as_ref()
        .and_then(|answer| answer.body.as_ref());
    let answer = answer.and_then(Body::json).and_then(exact);
    let standing = Standing::of(model, operation, exchange);
    let mut ready = Ready {
        operation,
        request: Value::Map(Members::new()),
        violations: Vec::new(),
        standing,
        key: key(watch, operation, answer.as_ref()),
        named: named(watch, operation, standing, answer.as_ref()),
        answer: None,
        at: exchange.at,
        is_first: exchange.is_first,
        example,
    };
    if let Some(problem) = exchange.obscured {
        return Prepared::Unreadable(problem.to_owned(), Box::new(ready));
    }
    ready.answer = answer.map(|answer| watch.known.in_states(&answer).unwrap_or(answer));
    match decode(watch.built, operation, &values, exchange) {
        Ok(request) => {
            let request = stated(watch, operation, request, exchange);
            ready.violations = violations(watch, operation, &request);
            ready.request = renamed(&request).unwrap_or(request);
            ready.key = ready.key.map(|key| renamed(&key).unwrap_or(key));
            Prepared::Ready(Box::new(ready))
        }
        Err(Unread::Wrong(problem)) => {
            ready.violations = vec![problem];
            Prepared::Ready(Box::new(ready))
        }
        Err(Unread::Lacking(problem)) => Prepared::Unreadable(problem, Box::new(ready)),
    }
}

/// A request with what stands for values of the server, and who sent it.
fn stated(
    watch: &Watch<'_>,
    operation: OperationRef,
    request: Value,
    exchange: &Exchange,
) -> Value {
    let model = &watch.built.model;
    let found = model.operation(operation);
    let mut request = watch.known.in_states(&request).unwrap_or(request);
    for bind in &found.binds {
        let key = bind
            .location
            .read(&request)
            .and_then(|key| watch.known.key(key));
        if let Some(key) = key {
            let _ = bind.location.write(&mut request, key);
        }
    }
    let asks = model.schemas.property(found.request, ACTOR).is_some();
    let actor = asks.then(|| watch.known.actor(found, exchange)).flatten();
    if let (Value::Map(parts), Some(actor)) = (&mut request, actor) {
        parts.insert(ACTOR.into(), Value::string(actor));
    }
    request
}

/// A value with other keys where those of case files stand: these count the steps
/// of a test, and there are many tests.
fn renamed(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => {
            let step = step_of_key(value)?;
            Some(Value::string(format!("planned-{step}")))
        }
        Value::List(items) => changed_items(items, renamed),
        Value::Map(members) => {
            let mut made = members.clone();
            for (key, member) in members {
                if let Some(member) = renamed(member) {
                    made.insert(key.clone(), member);
                }
            }
            (!made.is_same(members)).then_some(Value::Map(made))
        }
        _ => None,
    }
}

/// What the schema has against a request, by the independent validator. What
/// stands for keys is judged as the baseline's own key.
fn violations(watch: &Watch<'_>, operation: OperationRef, request: &Value) -> Vec<String> {
    let model = &watch.built.model;
    let Some(documented) = watch.built.documented.get(operation.0 as usize) else {
        return Vec::new();
    };
    let mut request = request.clone();
    if let Value::Map(parts) = &mut request {
        parts.shift_remove(NOW);
        parts.shift_remove(ACTOR);
    }
    put_keys(watch, model.operation(operation), &mut request);
    let found = documented.validator.validate(&request);
    let words = found
        .iter()
        .map(|own| format!("{} at {}", own.keyword, own.location.every_item()));
    words.collect()
}

fn put_keys(watch: &Watch<'_>, operation: &Operation, request: &mut Value) {
    let model = &watch.built.model;
    for bind in &operation.binds {
        let stands = bind.location.read(request);
        let is_own =
            stands.is_some_and(|key| step_of_key(key).is_some() || model.maker_of(key).is_some());
        let baseline = operation.baselines.first().filter(|_| is_own);
        let own = baseline.and_then(|own| bind.location.read(&own.request).cloned());
        if let Some(own) = own {
            let _ = bind.location.write(request, own);
        }
    }
}

/// What the answer names what was made by.
fn key(watch: &Watch<'_>, operation: OperationRef, answer: Option<&Value>) -> Option<Value> {
    let model = &watch.built.model;
    let made = model.operation(operation).creates?;
    let key = at(answer?, &model.resource(made).key)?;
    matches!(key, Value::String(_) | Value::Number(_)).then(|| key.clone())
}

/// The rule that an answer names as broken: the one whose checks it passes.
fn named(
    watch: &Watch<'_>,
    operation: OperationRef,
    standing: Standing,
    answer: Option<&Value>,
) -> Option<RuleRef> {
    let (Standing::Refused(_), Some(answer)) = (standing, answer) else {
        return None;
    };
    let model = &watch.built.model;
    let mut rules = model.operation(operation).rules.iter();
    let passes = |rule: &&RuleRef| {
        let checks = &model.rule(**rule).expect.checks;
        !checks.is_empty()
            && checks.iter().all(|check| {
                let literal = parse_json(&check.literal).ok();
                let found = at(answer, &check.path);
                check.operator == CheckOperator::Eq && found.is_some() && found == literal.as_ref()
            })
    };
    rules.find(passes).copied()
}
