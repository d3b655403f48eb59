//! Numbers, days and moments as points on one line.

use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::document::{Format, JsonType, Schema};
use crate::value::time::{DAY, PRINTABLE, SECOND, parse_date, parse_time, print_date, print_time};
use crate::value::{Number, Value, decimal_places, print_number};

/// What the points of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Numbers.
    Number,
    /// Days, as nanoseconds since 1970.
    Date,
    /// Moments, as nanoseconds since 1970.
    Moment,
}

/// A value on a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scalar {
    pub kind: Kind,
    pub at: Number,
}

/// More decimal places are no readable value.
const MAX_PLACES: u32 = 12;

impl Scalar {
    /// `value` as its schema reads it, if it lies on a line.
    pub fn of(value: &Value, schema: Option<&Schema>) -> Option<Self> {
        let nanos = |kind, nanos: Option<i128>| {
            let at = Number::from_integer(nanos?.into());
            Some(Self { kind, at })
        };
        match value {
            Value::Number(number) => Some(Self {
                kind: Kind::Number,
                at: number.clone(),
            }),
            Value::String(text) => match &schema?.format.as_ref()?.value {
                Format::Date => nanos(Kind::Date, parse_date(text)),
                Format::DateTime => nanos(Kind::Moment, parse_time(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Another point of the same line.
    pub fn with(&self, at: Number) -> Self {
        Self {
            kind: self.kind,
            at,
        }
    }

    /// As JSON; `None` where it can't be written.
    pub fn value(&self) -> Option<Value> {
        let nanos = || {
            let nanos = self.at.is_integer().then(|| self.at.to_integer())?;
            nanos.to_i128().filter(|nanos| PRINTABLE.contains(nanos))
        };
        match self.kind {
            Kind::Number => {
                decimal_places(&self.at).filter(|places| *places <= MAX_PLACES)?;
                Some(Value::Number(self.at.clone()))
            }
            Kind::Date => Some(Value::string(print_date(nanos()?))),
            Kind::Moment => Some(Value::string(print_time(nanos()?))),
        }
    }

    /// How hard it is to read: the number of digits, or how much finer than a
    /// day a moment is.
    pub fn digits(&self) -> usize {
        match self.kind {
            Kind::Number => {
                let printed = print_number(&self.at);
                printed.bytes().filter(u8::is_ascii_digit).count()
            }
            Kind::Date | Kind::Moment => {
                let grids = time_grids();
                let fits = |grid: &Number| (&self.at / grid).is_integer();
                grids.iter().position(fits).unwrap_or(grids.len())
            }
        }
    }

    /// How far two points are apart: as numbers, or in days.
    pub fn gap(&self, other: &Number) -> Number {
        let gap = (&self.at - other).abs();
        match self.kind {
            Kind::Number => gap,
            Kind::Date | Kind::Moment => gap / whole(DAY),
        }
    }

    /// Grids of readable points, coarsest first, that hold only multiples of
    /// the schema's step.
    pub fn grids(&self, schema: Option<&Schema>) -> Vec<Number> {
        let mut grids = match self.kind {
            Kind::Date => return vec![whole(DAY)],
            Kind::Moment => return time_grids(),
            Kind::Number => vec![Number::one()],
        };
        let step = step(Kind::Number, schema);
        let ten = whole(10);
        let own = decimal_places(&self.at).unwrap_or(0);
        let places = decimal_places(&step).unwrap_or(0).max(own);
        for _ in 0..places.min(MAX_PLACES) {
            let finer = grids.last().map(|grid| grid / &ten);
            grids.extend(finer);
        }
        let on_step = |grid: &Number| (grid / &step).is_integer();
        let mut fitting: Vec<Number> = grids.into_iter().filter(on_step).collect();
        // The step itself is the last resort.
        if fitting.last().is_none_or(|finest| *finest > step) {
            fitting.push(step);
        }
        fitting
    }
}

/// `value` as a number.
pub(super) fn whole(value: i128) -> Number {
    Number::from_integer(value.into())
}

fn time_grids() -> Vec<Number> {
    [DAY, 3_600 * SECOND, 60 * SECOND, SECOND].map(whole).into()
}

/// The resolution of a line: multipleOf, else 1 for integers and 0.01 for
/// other numbers; a day, a second.
pub(super) fn step(kind: Kind, schema: Option<&Schema>) -> Number {
    match kind {
        Kind::Date => whole(DAY),
        Kind::Moment => whole(SECOND),
        Kind::Number => {
            let given = schema.and_then(|schema| schema.multiple_of.as_ref());
            let given = given.map(|given| given.value.abs());
            let is_integer = schema.is_some_and(|schema| {
                schema.types.names(JsonType::Integer) && !schema.types.names(JsonType::Number)
            });
            match given.filter(|given| !given.is_zero()) {
                Some(given) if is_integer => Number::from_integer(given.numer().clone()),
                Some(given) => given,
                None if is_integer => Number::one(),
                None => Number::new(1.into(), 100.into()),
            }
        }
    }
}
