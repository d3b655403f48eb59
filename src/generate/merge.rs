//! Cases that say the same twice: two changes of one baseline that break the
//! same rules are made in one request, where that still shows all that either
//! shows.

use crate::model::{OperationRef, Step, Trace};
use crate::value::{Members, Value};

/// Both changes in one trace; where they change the same location to different
/// values, that of `a`. `plain` are the requests of which they are changes. None
/// where they aren't of the same operations.
pub fn merged(plain: &[Value], a: &Trace, b: &Trace) -> Option<Trace> {
    let operations = |trace: &Trace| -> Vec<OperationRef> {
        trace.steps.iter().map(|step| step.operation).collect()
    };
    if operations(a) != operations(b) || plain.len() != a.steps.len() {
        return None;
    }
    let steps = plain.iter().zip(&a.steps).zip(&b.steps);
    let steps = steps.map(|((base, a), b)| {
        let request = both(Some(base), Some(&a.request), Some(&b.request));
        Some(Step {
            operation: a.operation,
            request: request?,
        })
    });
    let steps: Option<Vec<Step>> = steps.collect();
    steps.map(|steps| Trace { steps })
}

/// A three-way merge; none for what isn't there.
fn both(base: Option<&Value>, a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    if a == base {
        return b.cloned();
    }
    let (Some(Value::Map(a)), Some(Value::Map(b))) = (a, b) else {
        return a.cloned();
    };
    let empty = Members::default();
    let base = match base {
        Some(Value::Map(base)) => base,
        _ => &empty,
    };
    let mut merged = Members::default();
    let new = b.iter().filter(|(key, _)| !a.contains_key(*key));
    for (key, _) in a.iter().chain(new) {
        if let Some(value) = both(base.get(key), a.get(key), b.get(key)) {
            merged.insert(key.clone(), value);
        }
    }
    Some(Value::Map(merged))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
        let members = members.into_iter();
        Value::Map(members.map(|(key, value)| (key.into(), value)).collect())
    }

    #[test]
    fn changes_of_different_places_go_together() {
        let int = |n: i64| Value::int(n);
        let base = object([("a", int(1)), ("b", object([("c", int(2)), ("d", int(3))]))]);
        let a = object([("a", int(5)), ("b", object([("c", int(2))]))]);
        let b = object([
            ("a", int(6)),
            ("b", object([("c", int(7)), ("d", int(3))])),
            ("e", int(9)),
        ]);
        let merged = both(Some(&base), Some(&a), Some(&b));
        let wanted = object([("a", int(5)), ("b", object([("c", int(7))])), ("e", int(9))]);
        assert_eq!(merged, Some(wanted));
    }
}
