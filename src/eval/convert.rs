//! Conversions, and the parts of moments.

use super::evaluator::{Evaluator, Outcome, undefined};
use super::numbers::number;
use super::{Reason, Shared};
use crate::expr::{Convert, Demand, ExprId, TimePart, Type};
use crate::value::time::{PRINTABLE, SECOND, in_zone, print_seconds, print_time};
use crate::value::{Number, Value, parse_number};

impl<'e> Evaluator<'e> {
    pub(super) fn convert(&mut self, id: ExprId, to: Convert, of: ExprId) -> Outcome<'e> {
        let of = self.eval(of)?;
        let value = match to {
            Convert::Int => integer(of.get()).map(Value::Number),
            Convert::Decimal => decimal(of.get()).map(Value::Number),
            Convert::Text => text(of.get()),
            Convert::Bool => boolean(of.get()).map(Value::Bool),
        };
        value
            .map(Shared::made)
            .map_err(|reason| undefined(id, reason))
    }

    /// `type(x)`
    pub(super) fn type_of(&mut self, of: ExprId) -> Outcome<'e> {
        // A field of type number holds doubles, whatever is written there.
        let is_double = *self.arena.ty(of) == Type::Decimal;
        let of = self.eval(of)?;
        let kind = match of.get() {
            Value::Number(_) if is_double => "double",
            value => kind_of(value),
        };
        Ok(Shared::made(Value::string(kind)))
    }

    /// A value of any type where it has the one that is needed.
    pub(super) fn demanded(&mut self, id: ExprId, demand: Demand, of: ExprId) -> Outcome<'e> {
        let of = self.eval(of)?;
        if demand.names().contains(&kind_of(of.get())) {
            return Ok(of);
        }
        Err(undefined(id, Reason::WrongKind))
    }

    pub(super) fn time_part(
        &mut self,
        id: ExprId,
        part: TimePart,
        of: ExprId,
        zone: Option<ExprId>,
    ) -> Outcome<'e> {
        let of = self.eval(of)?;
        let zone = zone.map(|zone| self.eval(zone)).transpose()?;
        let found = match (of.get(), &zone) {
            (Value::Duration(nanos), None) => of_duration(*nanos, part),
            (Value::Time(nanos), None) => of_moment(*nanos, "UTC", part),
            (Value::Time(nanos), Some(zone)) => {
                let zone = zone.get().as_str();
                let zone = zone.ok_or(undefined(id, Reason::WrongKind))?;
                of_moment(*nanos, zone, part)
            }
            _ => return Err(undefined(id, Reason::WrongKind)),
        };
        let found = found.ok_or(undefined(id, Reason::OutOfRange))?;
        Ok(number(Number::from_integer(found.into())))
    }
}

/// The name of a value's type; that of a number goes by its value.
fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null_type",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_integer() => "int",
        Value::Number(_) => "double",
        Value::String(_) => "string",
        Value::List(_) => "list",
        Value::Map(_) => "map",
        Value::Time(_) => "timestamp",
        Value::Duration(_) => "duration",
    }
}

fn boolean(value: &Value) -> Result<bool, Reason> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::String(text) => match &**text {
            "true" | "TRUE" | "True" | "t" | "1" => Ok(true),
            "false" | "FALSE" | "False" | "f" | "0" => Ok(false),
            _ => Err(Reason::NotABoolean),
        },
        _ => Err(Reason::WrongKind),
    }
}

fn integer(value: &Value) -> Result<Number, Reason> {
    match value {
        Value::Number(number) => Ok(number.trunc()),
        Value::Time(nanos) => {
            let seconds = nanos.div_euclid(SECOND);
            Ok(Number::from_integer(seconds.into()))
        }
        Value::String(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            let read = plain.then(|| parse_number_text(text)).flatten();
            read.ok_or(Reason::NotANumber)
        }
        _ => Err(Reason::WrongKind),
    }
}

fn decimal(value: &Value) -> Result<Number, Reason> {
    match value {
        Value::Number(number) => Ok(number.clone()),
        Value::String(text) => parse_number_text(text).ok_or(Reason::NotANumber),
        _ => Err(Reason::WrongKind),
    }
}

/// A number as JSON writes it; zeros may stand before it.
fn parse_number_text(text: &str) -> Option<Number> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let exponent = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let parts = [Some(whole), fraction, exponent];
    if !parts.into_iter().flatten().all(is_digits) {
        return None;
    }
    parse_number(text)
}

fn text(value: &Value) -> Result<Value, Reason> {
    match value {
        Value::String(_) => Ok(value.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(Value::string(value.to_string())),
        Value::Time(nanos) => Ok(Value::string(print_time(*nanos))),
        Value::Duration(nanos) => Ok(Value::string(print_seconds(*nanos))),
        Value::Null | Value::List(_) | Value::Map(_) => Err(Reason::WrongKind),
    }
}

/// A part of a moment, counted as CEL counts it. As there, no moment lies outside
/// of the years that can be printed.
fn of_moment(nanos: i128, zone: &str, part: TimePart) -> Option<i64> {
    if !PRINTABLE.contains(&nanos) {
        return None;
    }
    let at = in_zone(nanos, zone)?;
    Some(match part {
        TimePart::FullYear => at.year().into(),
        TimePart::Month => i64::from(at.month()) - 1,
        TimePart::Date => at.day().into(),
        TimePart::DayOfMonth => i64::from(at.day()) - 1,
        TimePart::DayOfYear => i64::from(at.day_of_year()) - 1,
        TimePart::DayOfWeek => at.weekday().to_sunday_zero_offset().into(),
        TimePart::Hours => at.hour().into(),
        TimePart::Minutes => at.minute().into(),
        TimePart::Seconds => at.second().into(),
        TimePart::Milliseconds => at.millisecond().into(),
    })
}

/// The whole hours, minutes, seconds or milliseconds of a duration.
fn of_duration(nanos: i128, part: TimePart) -> Option<i64> {
    let whole = match part {
        TimePart::Hours => nanos / (3_600 * SECOND),
        TimePart::Minutes => nanos / (60 * SECOND),
        TimePart::Seconds => nanos / SECOND,
        TimePart::Milliseconds => (nanos % SECOND) / 1_000_000,
        _ => return None,
    };
    i64::try_from(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::time::{parse_duration, parse_time};

    #[test]
    fn texts_are_read_exactly() {
        let read = |text: &str| decimal(&Value::string(text)).map(|n| Value::Number(n).to_string());
        for (text, expected) in [
            ("12.50", "12.5"),
            ("-0.1", "-0.1"),
            ("007", "7"),
            ("1e3", "1000"),
            ("-00.50E+001", "-5"),
            ("-0", "0"),
        ] {
            assert_eq!(read(text), Ok(expected.to_owned()), "{text}");
        }
        for text in [
            "", "-", "1,5", " 1", "+1", "0x10", ".5", "5.", "1_000", "1.-5", "1e", "1e+-2", "1.e3",
            "1e401",
        ] {
            assert_eq!(read(text), Err(Reason::NotANumber), "{text}");
        }
        let int = |value: Value| integer(&value).map(|n| n.to_string());
        assert_eq!(int(Value::string("-12")), Ok("-12".to_owned()));
        assert_eq!(int(Value::string("1.5")), Err(Reason::NotANumber));
        let minus = parse_number("-1.9").unwrap();
        assert_eq!(int(Value::Number(minus)), Ok("-1".to_owned()));
    }

    /// What the solver takes for a text that names a number is one.
    #[test]
    fn patterns_know_what_names_a_number() {
        use crate::text::{INTEGERS, NUMBERS, search};
        let mut rng = fastrand::Rng::with_seed(3);
        let pieces = [
            "-", "+", ".", "e", "E", "0", "00", "1", "42", "400", "_", " ",
        ];
        let mut named = 0;
        for _ in 0..20_000 {
            let text = (0..rng.usize(..7)).map(|_| pieces[rng.usize(..pieces.len())]);
            let text: String = text.collect();
            let value = Value::string(text.as_str());
            let number = decimal(&value).is_ok();
            named += usize::from(number);
            assert_eq!(search(NUMBERS, &text), Some(number), "{text}");
            assert_eq!(
                search(INTEGERS, &text),
                Some(integer(&value).is_ok()),
                "{text}"
            );
        }
        assert!(named > 500, "{named}");
    }

    #[test]
    fn parts_of_moments_follow_the_zone() {
        // A Sunday in UTC, a Monday in Tokyo.
        let nanos = parse_time("2030-03-31T20:05:09.5Z").unwrap();
        let part = |zone, part| of_moment(nanos, zone, part).unwrap();
        assert_eq!(part("UTC", TimePart::DayOfWeek), 0);
        assert_eq!(part("Asia/Tokyo", TimePart::DayOfWeek), 1);
        assert_eq!(part("Asia/Tokyo", TimePart::Month), 3);
        assert_eq!(part("Asia/Tokyo", TimePart::Date), 1);
        assert_eq!(part("Asia/Tokyo", TimePart::DayOfMonth), 0);
        // Summer time began that day.
        assert_eq!(part("Europe/Berlin", TimePart::Hours), 22);
        assert_eq!(part("+05:30", TimePart::Minutes), 35);
        assert_eq!(part("UTC", TimePart::DayOfYear), 89);
        assert_eq!(part("UTC", TimePart::Milliseconds), 500);
        assert_eq!(of_moment(nanos, "Atlantis", TimePart::Hours), None);
        let long = parse_duration("90m").unwrap();
        assert_eq!(of_duration(long, TimePart::Hours), Some(1));
        assert_eq!(of_duration(long, TimePart::Minutes), Some(90));
        assert_eq!(of_duration(long, TimePart::Month), None);
    }
}
