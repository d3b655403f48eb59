//! `minimum`, `maximum` and `multipleOf`: both sides of each border.

use num_traits::One;

use super::{Demand, Mistake, Probe, Spot};
use crate::document::{Bound, JsonType, Placed, Schema};
use crate::value::{Number, Value, power_of_ten, print_number};

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let schema = spot.schema();
    let least = schema.minimum.as_ref().map(|at| border(spot, at, -1));
    let most = schema.maximum.as_ref().map(|at| border(spot, at, 1));
    let multiple = schema.multiple_of.as_ref().map(|at| multiple(spot, at));
    [least, most, multiple].into_iter().flatten().collect()
}

/// Whether only whole numbers are allowed.
pub(super) fn is_whole(schema: &Schema) -> bool {
    schema.types.allows(JsonType::Integer) && !schema.types.allows(JsonType::Number)
}

/// What numbers are multiples of, where they are of something.
fn grid(schema: &Schema) -> Option<Number> {
    let step = schema.multiple_of.as_ref().map(|own| own.value.clone());
    match is_whole(schema) {
        true => Some(step.filter(Number::is_integer).unwrap_or_else(Number::one)),
        false => step,
    }
}

/// A border that values may not go beyond in the direction of `sign`.
fn border(spot: &Spot<'_>, at: &Placed<Bound>, sign: i64) -> Demand {
    let schema = spot.schema();
    let Bound { value, exclusive } = &at.value;
    let grid = grid(schema);
    let step = grid
        .clone()
        .unwrap_or_else(|| Number::new(1.into(), power_of_ten(2)));
    let away = &step * Number::from_integer(sign.into());
    // The last one within, and the first one beyond.
    let within = match &grid {
        None if *exclusive => value - &away,
        None => value.clone(),
        Some(grid) => {
            let count = value / grid;
            let near = if sign < 0 {
                count.ceil()
            } else {
                count.floor()
            } * grid;
            if *exclusive && near == *value {
                near - &away
            } else {
                near
            }
        }
    };
    let beyond = &within + &away;
    let keyword = match sign < 0 {
        true => "minimum",
        false => "maximum",
    };
    let (name, limit) = (spot.name, print_number(value));
    let side = if sign < 0 { "below" } else { "above" };
    let than = match exclusive {
        true => format!(
            "is to be {} {limit}",
            if sign < 0 { "above" } else { "below" }
        ),
        false => format!("has the {keyword} {limit}"),
    };
    let far = [1, 10, 1_000].map(|times| &beyond + &away * Number::from_integer(times.into()));
    let numbers = |all: Vec<Number>| all.into_iter().map(|own| Probe::set(Value::Number(own)));
    let all: Vec<Number> = std::iter::once(beyond.clone()).chain(far).collect();
    let unchecked = format!("doesn't look whether {name} is {side} its bound: it {than}");
    let lax = format!(
        "takes {} for {name}, one step beyond its bound: it {than}",
        print_number(&beyond)
    );
    let strict = format!(
        "refuses {} for {name}, which is within its bound: it {than}",
        print_number(&within)
    );
    let mut mistakes = vec![
        Mistake::lax("unchecked", unchecked, numbers(all).collect()),
        Mistake::lax("one-beyond", lax, numbers(vec![beyond]).collect()),
        Mistake::strict("border", strict, numbers(vec![within]).collect()),
    ];
    if is_whole(schema) && sign > 0 {
        let words = format!("reads {name} into 32 bits, so that numbers beyond begin anew");
        mistakes.push(Mistake::lax("wraps", words, wrapped(spot.value)));
    }
    let says = match exclusive {
        true => format!("{} than {limit}", if sign < 0 { "more" } else { "less" }),
        false => format!("{keyword} {limit}"),
    };
    Demand::new(keyword, says, at, mistakes)
}

/// The number that 32 bits take for the one that stands there.
fn wrapped(value: &Value) -> Vec<Probe> {
    let number = value
        .as_number()
        .map(|own| own + Number::from_integer((1_i64 << 32).into()));
    let probe = number.map(|number| Probe::set(Value::Number(number)).taken_as(value.clone()));
    probe.into_iter().collect()
}

fn multiple(spot: &Spot<'_>, at: &Placed<Number>) -> Demand {
    let (name, step) = (spot.name, &at.value);
    let whole = is_whole(spot.schema());
    let now = spot
        .value
        .as_number()
        .cloned()
        .unwrap_or_else(|| step.clone());
    let count = (&now / step).floor();
    let parts = [2, 10, 4].map(|parts| step / Number::from_integer(parts.into()));
    let parts = parts.into_iter().chain(whole.then(Number::one));
    let between = parts.flat_map(|part| [&now + &part, &now - &part]);
    let between = between.filter(|own| !whole || own.is_integer());
    let between = between.filter(|own| !(own / step).is_integer());
    // A server may round it.
    let rounded = Value::Number(&count * step);
    let lax: Vec<Probe> = between.map(|own| Probe::set(Value::Number(own))).collect();
    let taken = lax
        .iter()
        .cloned()
        .map(|probe| probe.taken_as(rounded.clone()));
    let taken: Vec<Probe> = taken.collect();
    let (two, ten) = (
        Number::from_integer(2.into()),
        Number::from_integer(10.into()),
    );
    let near = [1, -1, 2, -2, 3, 4, 6, 8].map(|by| &count + Number::from_integer(by.into()));
    let finest = std::iter::once(count.clone()).chain(near);
    let finest = finest.filter(|own| !(own / &two).is_integer() && !(own / &ten).is_integer());
    let finest = finest.map(|own| Probe::set(Value::Number(own * step)));
    let shown = print_number(step);
    let mistakes = vec![
        Mistake::lax(
            "unchecked",
            format!("takes numbers for {name} that are no multiples of {shown}"),
            lax.into_iter().chain(taken).collect(),
        ),
        Mistake::strict(
            "coarser",
            format!("takes multiples of more than {shown} alone for {name}"),
            finest.collect(),
        ),
    ];
    Demand::new("multipleOf", format!("multipleOf {shown}"), at, mistakes)
}
