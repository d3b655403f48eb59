//! Concrete values: what a request holds and what an expression evaluates to.
//!
//! Numbers are exact rationals. JSON text is read and written without going
//! through binary floating point, so `10.10` stays exactly 101/10.

pub mod json;
pub mod location;
mod members;
pub mod time;
pub mod writings;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use members::Members;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// An exact number.
pub type Number = BigRational;

/// A concrete value. The first six are JSON; times and durations arise only
/// inside expressions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// JSON `null`.
    Null,
    /// A Boolean.
    Bool(bool),
    /// An exact number, integral or not: JSON does not tell `1` from `1.0`.
    Number(Number),
    /// A string of Unicode scalar values.
    String(Arc<str>),
    /// A JSON array or a CEL list.
    List(Vec<Value>),
    /// A JSON object or a CEL map with string keys.
    Map(Members),
    /// A moment: nanoseconds since 1970-01-01T00:00:00Z.
    Time(i128),
    /// A length of time in nanoseconds.
    Duration(i128),
}

impl Value {
    /// A string value.
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// An integral number.
    pub fn int(value: impl Into<BigInt>) -> Self {
        Self::Number(Number::from_integer(value.into()))
    }

    /// The member `key` of an object, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Self::Map(members) => members.get(key),
            _ => None,
        }
    }

    /// Without object members that are null, at any depth; `None` if there are
    /// none. Null items of lists stay: their places count.
    pub fn without_null_members(&self) -> Option<Value> {
        match self {
            Value::Map(members) => {
                let mut kept = members.clone();
                for (key, member) in members {
                    if *member == Value::Null {
                        kept.shift_remove(key);
                    } else if let Some(member) = member.without_null_members() {
                        kept.insert(key.clone(), member);
                    }
                }
                (!kept.is_same(members)).then_some(Value::Map(kept))
            }
            Value::List(items) => changed_items(items, Value::without_null_members),
            _ => None,
        }
    }

    /// The Boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(value) => Some(value),
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(value) => Some(value),
            _ => None,
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

/// The list with some items changed; `None` if none is.
pub fn changed_items(items: &[Value], change: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let changed: Vec<Option<Value>> = items.iter().map(change).collect();
    changed.iter().any(Option::is_some).then(|| {
        let items = changed.into_iter().zip(items);
        let items = items.map(|(new, old)| new.unwrap_or_else(|| old.clone()));
        Value::List(items.collect())
    })
}

/// A number that can be hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hashed(pub Number);

impl Hash for Hashed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_number(&self.0, state);
    }
}

/// Hashes a number by its parts, which are in lowest terms. `Ratio` itself
/// takes a step of recursion for each quotient of its continued fraction: long
/// decimals overflow the stack.
pub fn hash_number<H: Hasher>(value: &Number, state: &mut H) {
    value.numer().hash(state);
    value.denom().hash(state);
}

/// Reads a JSON or YAML number such as `-12.50` or `1e3` exactly.
/// `None` where the text is no number, or its exponent is beyond ±400.
pub fn parse_number(text: &str) -> Option<Number> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    if exponent.abs() > 400 {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let numerator: BigInt = digits.parse().ok()?;
    let scale = exponent - i32::try_from(fraction.len()).ok()?;
    let power = Number::from_integer(power_of_ten(scale.unsigned_abs()));
    let value = Number::from_integer(numerator);
    Some(if scale < 0 {
        value / power
    } else {
        value * power
    })
}

/// 10 to the power of `exponent`.
pub fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10).pow(exponent)
}

/// How many decimal places `value` needs; `None` where it has no finite
/// decimal expansion (as 1/3).
pub fn decimal_places(value: &Number) -> Option<u32> {
    let mut rest = value.denom().clone();
    let mut twos = 0;
    let mut fives = 0;
    let (two, five) = (BigInt::from(2), BigInt::from(5));
    while (&rest % &two).is_zero() {
        rest /= &two;
        twos += 1;
    }
    while (&rest % &five).is_zero() {
        rest /= &five;
        fives += 1;
    }
    rest.is_one().then_some(twos.max(fives))
}

/// Prints a number as JSON would: an integer, a finite decimal, else (only in
/// messages) a fraction.
pub fn print_number(value: &Number) -> String {
    if value.is_integer() {
        return value.numer().to_string();
    }
    let Some(places) = decimal_places(value) else {
        return format!("{}/{}", value.numer(), value.denom());
    };
    let scaled = (value * Number::from_integer(power_of_ten(places))).to_integer();
    let digits = scaled.abs().to_string();
    let places = places as usize;
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let sign = if value.is_negative() { "-" } else { "" };
    format!("{sign}{whole}.{fraction}")
}

/// As a machine integer, if it is one that fits.
pub fn to_i64(value: &Number) -> Option<i64> {
    value.is_integer().then(|| value.numer().to_i64()).flatten()
}

/// Compact JSON text; times and durations, which JSON lacks, print as their
/// number of nanoseconds.
impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Number(value) => out.write_str(&print_number(value)),
            Self::String(value) => write_json_string(out, value),
            Self::List(items) => {
                out.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    let comma = if index > 0 { ", " } else { "" };
                    write!(out, "{comma}{item}")?;
                }
                out.write_str("]")
            }
            Self::Map(members) => {
                out.write_str("{")?;
                for (index, (key, value)) in members.iter().enumerate() {
                    out.write_str(if index > 0 { ", " } else { "" })?;
                    write_json_string(out, key)?;
                    write!(out, ": {value}")?;
                }
                out.write_str("}")
            }
            Self::Time(nanos) | Self::Duration(nanos) => write!(out, "{nanos}"),
        }
    }
}

fn write_json_string(out: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quoted = serde_json::to_string(text).map_err(|_| fmt::Error)?;
    out.write_str(&quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_printed_exactly() {
        for (text, printed) in [
            ("10.10", "10.1"),
            ("-0.05", "-0.05"),
            ("1e3", "1000"),
            ("12.5e-2", "0.125"),
            ("9007199254740993", "9007199254740993"),
        ] {
            let value = parse_number(text).expect(text);
            assert_eq!(print_number(&value), printed);
        }
        assert_eq!(parse_number("1e999"), None);
        assert_eq!(parse_number("abc"), None);
    }

    #[test]
    fn a_third_has_no_decimal_expansion() {
        assert_eq!(decimal_places(&Number::new(1.into(), 3.into())), None);
        assert_eq!(decimal_places(&Number::new(1.into(), 8.into())), Some(3));
    }
}
