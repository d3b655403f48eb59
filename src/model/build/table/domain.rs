//! The values of a column, as few as the cells of a table tell apart.

use num_traits::One;

use super::Column;
use super::cell::{Comparison, End, Test};
use crate::document::Schema;
use crate::expr::Type;
use crate::value::time::{parse_date, parse_time};
use crate::value::{Number, Value, print_number};

/// Values that all cells of a column treat alike.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// One of them; none for an absent one. Moments stand as numbers.
    sample: Option<Value>,
    /// What they are, for people.
    pub(super) label: String,
}

impl Part {
    fn new(sample: Value, label: impl Into<String>) -> Self {
        Self {
            sample: Some(sample),
            label: label.into(),
        }
    }

    /// Whether a cell matches these values.
    pub(super) fn matches(&self, test: &Test) -> bool {
        let Some(sample) = &self.sample else {
            return match test {
                Test::Any | Test::Absent => true,
                Test::Either(tests) => tests.iter().any(|test| self.matches(test)),
                _ => false,
            };
        };
        match test {
            Test::Any => true,
            Test::Absent => false,
            Test::OneOf(values) => values.iter().any(|value| key(value, sample) == *sample),
            Test::Either(tests) => tests.iter().any(|test| self.matches(test)),
            Test::Compare(Comparison::Ne, value) => key(value, sample) != *sample,
            Test::Compare(comparison, value) => {
                order(sample, value).is_some_and(|order| match comparison {
                    Comparison::Lt => order.is_lt(),
                    Comparison::Le => order.is_le(),
                    Comparison::Gt => order.is_gt(),
                    Comparison::Ge | Comparison::Ne => order.is_ge(),
                })
            }
            Test::Range(low, high) => {
                let above = |end: &End| order(sample, &end.value);
                let low_fits = above(low).is_some_and(|o| o.is_gt() || o.is_eq() && !low.is_open);
                let high_fits =
                    above(high).is_some_and(|o| o.is_lt() || o.is_eq() && !high.is_open);
                low_fits && high_fits
            }
        }
    }
}

/// A value of a cell in the form that samples have.
fn key(value: &Value, sample: &Value) -> Value {
    match (value, sample) {
        (Value::String(_), Value::Number(_)) => number(value).map_or(Value::Null, Value::Number),
        _ => value.clone(),
    }
}

fn order(sample: &Value, value: &Value) -> Option<std::cmp::Ordering> {
    Some(sample.as_number()?.cmp(&number(value)?))
}

/// A number, or the moment that a text names as one.
fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => {
            let moment = parse_date(text).or_else(|| parse_time(text))?;
            Some(Number::from_integer(moment.into()))
        }
        _ => None,
    }
}

/// The parts of a column's values; `None` where its type has none that are
/// known.
pub(super) fn parts(
    column: &Column,
    schema: Option<&Schema>,
    tests: &[&Test],
) -> Option<Vec<Part>> {
    let mut mentioned = Vec::new();
    tests.iter().for_each(|test| mentions(test, &mut mentioned));
    let mut parts = match &column.ty {
        Type::Bool => [true, false]
            .map(|value| Part::new(Value::Bool(value), value.to_string()))
            .to_vec(),
        Type::Int | Type::Decimal => numbers(column, schema, &mentioned),
        Type::String(crate::expr::TextView::Plain) => texts(schema, &mentioned),
        Type::String(_) | Type::Time => numbers(column, None, &mentioned),
        _ => return None,
    };
    if column.optional.is_some() {
        parts.push(Part {
            sample: None,
            label: "absent".to_owned(),
        });
    }
    Some(parts)
}

fn mentions(test: &Test, out: &mut Vec<Value>) {
    match test {
        Test::Any | Test::Absent => {}
        Test::OneOf(values) => out.extend(values.iter().cloned()),
        Test::Compare(_, value) => out.push(value.clone()),
        Test::Range(low, high) => out.extend([low.value.clone(), high.value.clone()]),
        Test::Either(tests) => tests.iter().for_each(|test| mentions(test, out)),
    }
}

/// The declared members, or the texts that cells name and all others.
fn texts(schema: Option<&Schema>, mentioned: &[Value]) -> Vec<Part> {
    let quoted = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let declared = schema.and_then(|schema| schema.enumeration.as_ref());
    if let Some(declared) = declared {
        let texts = declared
            .value
            .iter()
            .filter(|value| value.as_str().is_some());
        return texts
            .map(|value| Part::new(value.clone(), quoted(value)))
            .collect();
    }
    let mut parts: Vec<Part> = Vec::new();
    for value in mentioned.iter().filter(|value| value.as_str().is_some()) {
        if !parts.iter().any(|part| part.sample.as_ref() == Some(value)) {
            parts.push(Part::new(value.clone(), quoted(value)));
        }
    }
    // No list of texts is all texts: this one stands for the others.
    parts.push(Part::new(Value::Null, "another text"));
    parts
}

/// The numbers that cells name, and what lies between them within the schema's
/// bounds.
fn numbers(column: &Column, schema: Option<&Schema>, mentioned: &[Value]) -> Vec<Part> {
    let mut points: Vec<(Number, String)> = mentioned
        .iter()
        .filter_map(|value| Some((number(value)?, label(value))))
        .collect();
    points.sort_by(|a, b| a.0.cmp(&b.0));
    points.dedup_by(|a, b| a.0 == b.0);
    let bound = |bound: Option<&crate::document::Placed<crate::document::Bound>>| {
        bound.map(|bound| bound.value.value.clone())
    };
    let low = schema.and_then(|schema| bound(schema.minimum.as_ref()));
    let high = schema.and_then(|schema| bound(schema.maximum.as_ref()));
    let whole = column.ty == Type::Int;
    let mut parts = Vec::new();
    let mut before: Option<(Number, String)> = None;
    for point in points {
        let label = match &before {
            None => format!("below {}", point.1),
            Some((_, last)) => format!("between {last} and {}", point.1),
        };
        let from = before.as_ref().map(|(number, _)| number);
        let gap = between(from, Some(&point.0), low.as_ref(), high.as_ref(), whole);
        parts.extend(gap.map(|sample| Part::new(Value::Number(sample), label)));
        let inside = low.as_ref().is_none_or(|low| *low <= point.0)
            && high.as_ref().is_none_or(|high| point.0 <= *high);
        if inside && (point.0.is_integer() || !whole) {
            parts.push(Part::new(Value::Number(point.0.clone()), point.1.clone()));
        }
        before = Some(point);
    }
    let label = match &before {
        Some((_, last)) => format!("above {last}"),
        None => "any number".to_owned(),
    };
    let from = before.as_ref().map(|(number, _)| number);
    let gap = between(from, None, low.as_ref(), high.as_ref(), whole);
    parts.extend(gap.map(|sample| Part::new(Value::Number(sample), label)));
    parts
}

fn label(value: &Value) -> String {
    match value {
        Value::Number(number) => print_number(number),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// A number strictly between two, and from `low` to `high`, if there is one.
fn between(
    from: Option<&Number>,
    to: Option<&Number>,
    low: Option<&Number>,
    high: Option<&Number>,
    whole: bool,
) -> Option<Number> {
    let one = Number::one();
    let least = match (from, low) {
        (Some(from), Some(low)) if low > from => Some((low.clone(), false)),
        (Some(from), _) => Some((from.clone(), true)),
        (None, Some(low)) => Some((low.clone(), false)),
        (None, None) => None,
    };
    let fits = |number: &Number| {
        from.is_none_or(|from| from < number)
            && to.is_none_or(|to| number < to)
            && low.is_none_or(|low| low <= number)
            && high.is_none_or(|high| number <= high)
    };
    let candidate = match (least, to) {
        (None, None) => high
            .cloned()
            .unwrap_or_else(|| Number::from_integer(0.into())),
        (None, Some(to)) => {
            let below = to - &one;
            let below = high.filter(|high| **high < below).cloned().unwrap_or(below);
            if whole { below.ceil() } else { below }
        }
        (Some((least, is_open)), _) if whole && is_open => least.floor() + one,
        (Some((least, _)), _) if whole => least.ceil(),
        (Some((least, is_open)), to) => {
            let top = match (to, high) {
                (Some(to), Some(high)) if high < to => Some(high),
                (Some(to), _) => Some(to),
                (None, high) => high,
            };
            match top {
                Some(top) if is_open => (&least + top) / (&one + &one),
                None if is_open => least + one,
                _ => least,
            }
        }
    };
    fits(&candidate).then_some(candidate)
}
