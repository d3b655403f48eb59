//! The attack on every claim that nothing detects a fault: all cases, and
//! random states, must bear it out. A hit is an internal error.

use std::sync::Arc;

use super::result::{Fate, Generated};
use super::spine::Context;
use crate::document::{JsonType, SchemaId, complete};
use crate::expr::Node;
use crate::model::{Patch, Trace};
use crate::simulate::{Look, detects};
use crate::value::{Number, Value};

/// The faults, by position, whose claim is contradicted, each with the reason
/// in words.
pub fn attack(context: &Context<'_>, generated: &Generated) -> Vec<(usize, String)> {
    let claimed: Vec<usize> = generated
        .fates
        .iter()
        .enumerate()
        .filter(|(_, fate)| matches!(fate, Fate::Untestable { .. }))
        .map(|(fault, _)| fault)
        .collect();
    if claimed.is_empty() {
        return Vec::new();
    }
    let patches: Vec<Patch> = claimed
        .iter()
        .filter_map(|fault| generated.faults.faults.get(*fault))
        .map(|fault| fault.patch.clone())
        .collect();
    let mut traces: Vec<Trace> = generated
        .cases
        .iter()
        .map(|case| case.trace.clone())
        .collect();
    traces.extend(random_traces(context, generated));
    let mut hits = Vec::new();
    for look in [Look::First, Look::Second] {
        let matrix = detects(context.model, &traces, &patches, look);
        for (column, position) in claimed.iter().enumerate() {
            let hit = (0..traces.len()).find(|row| matrix.detects(*row, column));
            let fault = generated.faults.faults.get(*position);
            if let (Some(row), Some(fault)) = (hit, fault) {
                let trace = traces.get(row).map(|trace| context.reproduce(trace));
                let text = format!(
                    "`{}` was called untestable, but these requests detect it:\n{}",
                    fault.id,
                    trace.unwrap_or_default()
                );
                hits.push((*position, text));
            }
        }
    }
    hits
}

/// Valid variations of the baselines and cases: a few locations changed to
/// constants of the rules, members of enumerations, bounds, or small numbers.
fn random_traces(context: &Context<'_>, generated: &Generated) -> Vec<Trace> {
    let mut random = fastrand::Rng::with_seed(0x0c05_5f1e_1d00);
    let mut seeds: Vec<Trace> = generated
        .baselines
        .iter()
        .map(|b| b.trace.clone())
        .collect();
    seeds.extend(generated.cases.iter().map(|case| case.trace.clone()));
    let constants = constants(context);
    let mut traces = Vec::new();
    let wanted = context.options.attack_states;
    for _ in 0..wanted * 3 {
        if traces.len() >= wanted || seeds.is_empty() {
            break;
        }
        let Some(mut trace) = seeds.get(random.usize(..seeds.len())).cloned() else {
            break;
        };
        for _ in 0..random.usize(1..4) {
            mutate(context, &mut trace, &constants, &mut random);
        }
        if context.is_valid(&trace) {
            traces.push(trace);
        }
    }
    traces
}

fn constants(context: &Context<'_>) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for rule in &context.model.rules {
        let exprs = rule.exprs().into_iter();
        for (_, id) in exprs.flat_map(|expr| context.model.arena.positions(expr)) {
            if let Node::Const(constant) = context.model.arena.node(id)
                && !found.contains(&constant.0)
            {
                found.push(constant.0.clone());
            }
        }
    }
    found
}

fn mutate(
    context: &Context<'_>,
    trace: &mut Trace,
    constants: &[Value],
    random: &mut fastrand::Rng,
) {
    let last = trace.steps.len();
    if last == 0 {
        return;
    }
    let Some(step) = trace.steps.get_mut(random.usize(..last)) else {
        return;
    };
    let schema = context.model.operation(step.operation).request;
    change(context, schema, &mut step.request, constants, random);
}

/// Changes one random place at or below `value`.
fn change(
    context: &Context<'_>,
    schema: SchemaId,
    value: &mut Value,
    constants: &[Value],
    random: &mut fastrand::Rng,
) {
    let schemas = &context.model.schemas;
    let found = schemas.get(schema);
    match value {
        Value::Map(members) => {
            let declared: Vec<(&String, &SchemaId)> = found.properties.iter().collect();
            if declared.is_empty() {
                return;
            }
            let Some((key, child)) = declared.get(random.usize(..declared.len())) else {
                return;
            };
            let key: Arc<str> = key.as_str().into();
            let optional = !found.required.contains_key(&*key);
            if optional && random.u8(..4) == 0 {
                if members.shift_remove(&key).is_none()
                    && let Ok(made) = complete(schemas, **child, None)
                {
                    members.insert(key, made);
                }
            } else if let Some(member) = members.get_mut(&key) {
                change(context, **child, member, constants, random);
            }
        }
        Value::List(items) => {
            let Some(child) = found.items else { return };
            match (random.u8(..4), items.len()) {
                (0, 1..) => {
                    items.pop();
                }
                (1, 1..) => {
                    let again = items.last().cloned();
                    items.extend(again);
                }
                (_, 0) => items.extend(complete(schemas, child, None)),
                (_, length) => {
                    if let Some(item) = items.get_mut(random.usize(..length)) {
                        change(context, child, item, constants, random);
                    }
                }
            }
        }
        leaf => *leaf = other_leaf(context, schema, leaf, constants, random),
    }
}

fn other_leaf(
    context: &Context<'_>,
    schema: SchemaId,
    now: &Value,
    constants: &[Value],
    random: &mut fastrand::Rng,
) -> Value {
    let found = context.model.schemas.get(schema);
    if found.types.names(JsonType::Null) && random.u8(..8) == 0 {
        return Value::Null;
    }
    if let Some(members) = &found.enumeration {
        let members = &members.value;
        return random.choice(members).cloned().unwrap_or(Value::Null);
    }
    match now {
        Value::Bool(value) => Value::Bool(!value),
        Value::Number(number) => {
            let step = found.multiple_of.as_ref().map(|step| step.value.clone());
            let step = step.unwrap_or_else(|| Number::from_integer(1.into()));
            let count = Number::from_integer(random.i64(-3..4).into());
            let near = constants.iter().filter_map(Value::as_number);
            let near: Vec<&Number> = near.collect();
            let base = random
                .choice(near)
                .filter(|_| random.bool())
                .unwrap_or(number);
            Value::Number(base + step * count)
        }
        Value::String(_) => {
            let texts: Vec<&Value> = constants
                .iter()
                .filter(|value| value.as_str().is_some())
                .collect();
            random.choice(texts).cloned().unwrap_or_else(|| now.clone())
        }
        other => other.clone(),
    }
}
