//! Sequences with a step less.

use crate::model::{Step, Trace, resource_key, step_of_key};
use crate::value::Value;

/// The trace without its step `step` (from 0), all else equal: keys of later
/// steps are counted anew. `None` where a later step names what it made, or
/// there is no such step.
pub fn without_step(trace: &Trace, step: usize) -> Option<Trace> {
    let kept = |(index, own): (usize, &Step)| (index != step).then_some(own.clone());
    let mut steps: Vec<Step> = trace.steps.iter().enumerate().filter_map(kept).collect();
    if steps.len() == trace.steps.len() {
        return None;
    }
    for later in steps.iter_mut().skip(step) {
        later.request = renumbered(&later.request, step)?;
    }
    Some(Trace { steps })
}

/// A value with the keys of steps behind `gone` counted anew; `None` where it
/// holds the key of that step.
fn renumbered(value: &Value, gone: usize) -> Option<Value> {
    Some(match value {
        Value::Map(members) => {
            let own = members.iter();
            let own = own.map(|(key, value)| Some((key.clone(), renumbered(value, gone)?)));
            Value::Map(own.collect::<Option<_>>()?)
        }
        Value::List(items) => {
            let own = items.iter().map(|item| renumbered(item, gone));
            Value::List(own.collect::<Option<_>>()?)
        }
        other => match step_of_key(other) {
            Some(step) if step == gone => return None,
            Some(step) if step > gone => resource_key(step - 1),
            _ => other.clone(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OperationRef;

    /// A trace whose steps name the resources of these steps in a list.
    fn naming(steps: &[&[usize]]) -> Trace {
        let step = |(index, named): (usize, &&[usize])| Step {
            operation: OperationRef(u32::try_from(index).unwrap()),
            request: Value::List(named.iter().map(|step| resource_key(*step)).collect()),
        };
        Trace {
            steps: steps.iter().enumerate().map(step).collect(),
        }
    }

    fn requests(trace: &Trace) -> Vec<String> {
        let steps = trace.steps.iter();
        steps.map(|step| step.request.to_string()).collect()
    }

    #[test]
    fn keys_of_later_steps_are_counted_anew() {
        let trace = naming(&[&[], &[0], &[0], &[0, 2]]);
        let shorter = without_step(&trace, 1).unwrap();
        assert_eq!(requests(&shorter), requests(&naming(&[&[], &[0], &[0, 1]])));
        let operations: Vec<u32> = shorter.steps.iter().map(|step| step.operation.0).collect();
        assert_eq!(operations, [0, 2, 3]);
    }

    #[test]
    fn what_later_steps_name_stays() {
        let trace = naming(&[&[], &[0], &[0, 1]]);
        assert_eq!(without_step(&trace, 0), None);
        assert_eq!(without_step(&trace, 1), None);
        assert_eq!(without_step(&trace, 3), None);
        assert!(without_step(&trace, 2).is_some());
    }

    /// Whatever is left out, what the other steps name is what they named.
    #[test]
    fn every_key_goes_on_to_name_the_same_step() {
        let mut random = fastrand::Rng::with_seed(11);
        for _ in 0..2_000 {
            let count = random.usize(1..6);
            let named: Vec<Vec<usize>> = (0..count)
                .map(|step| (0..step).filter(|_| random.bool()).collect())
                .collect();
            let trace = naming(&named.iter().map(Vec::as_slice).collect::<Vec<_>>());
            let gone = random.usize(0..count);
            let Some(shorter) = without_step(&trace, gone) else {
                assert!(named.iter().any(|own| own.contains(&gone)));
                continue;
            };
            let back = |step: usize| if step < gone { step } else { step + 1 };
            for (index, step) in shorter.steps.iter().enumerate() {
                let Value::List(keys) = &step.request else {
                    unreachable!("requests are lists")
                };
                let keys: Vec<usize> = keys
                    .iter()
                    .map(|key| back(step_of_key(key).unwrap()))
                    .collect();
                assert_eq!(keys, named[back(index)]);
            }
        }
    }
}
