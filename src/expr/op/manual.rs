//! What the manual says of each operator: `docs/language.md` is printed from
//! this table and from that of [`super::OpInfo`].

use super::{Convert, ListOp, Op, Rounding, TextOp, TimePart};
use crate::expr::Fold;

/// What the solver knows of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// All of it: cases are found and faults are proven untestable.
    Exact,
    /// All of it where the operands are constants or members of enumerations;
    /// else values are tried, and proofs are bounded by those.
    Tried,
    /// A predicate of the text where the other operand is a constant or a
    /// member of an enumeration; else as [`Encoding::Tried`].
    Predicate,
}

/// What the manual says of an operator.
#[derive(Clone, Copy, Debug)]
pub struct Manual {
    /// The types of operands and result.
    pub types: &'static str,
    /// Where it has no value although its operands have; empty: nowhere.
    pub undefined: &'static str,
    /// What the solver knows of it.
    pub encoding: Encoding,
    /// How it differs from plain CEL; empty where it doesn't.
    pub differs: &'static str,
    /// An example, and its value as it is printed.
    pub example: (&'static str, &'static str),
}

impl Op {
    /// Every operator that authors can write, in the order of the manual.
    pub fn all() -> Vec<Self> {
        use Op::*;
        let logic = [Not, And, Or, If];
        let compare = [Eq, Ne, Lt, Le, Gt, Ge, In];
        let numbers = [Add, Sub, Mul, Div, DivTruncated, Rem, Neg, Floor, Ceil];
        let rest = [Round(Rounding::HalfAway), Sum, Min, Max];
        let times = [
            Timestamp,
            TimeAdd,
            TimeSub,
            TimeDiff,
            DurationAdd,
            DurationSub,
        ];
        let parts = super::TimePart::ALL
            .iter()
            .map(|part| Self::TimePart(*part));
        let wholes = [Size, Index];
        let lists = ListOp::ALL.iter().map(|op| List(*op));
        let lists = lists.filter(|op| !matches!(op, List(ListOp::Keys | ListOp::Indexes)));
        let texts = TextOp::ALL.iter().map(|op| Text(*op));
        let conversions = super::Convert::ALL.iter().map(|op| Self::Convert(*op));
        logic
            .into_iter()
            .chain(compare)
            .chain(numbers)
            .chain(rest)
            .chain(times)
            .chain(parts)
            .chain(wholes)
            .chain(lists)
            .chain(texts)
            .chain(conversions)
            .chain([Self::TypeOf])
            .collect()
    }

    /// What the manual says of it.
    pub fn manual(self) -> Manual {
        match self {
            Self::Not => exact("boolean -> boolean", ("!false", "true")),
            Self::And => exact("booleans -> boolean", ("true && false", "false"))
                .differs("false where one is false, although another is undefined, as in CEL"),
            Self::Or => exact("booleans -> boolean", ("true || false", "true"))
                .differs("true where one is true, although another is undefined, as in CEL"),
            Self::Guard => exact("boolean, boolean -> boolean", ("!false || true", "true")),
            Self::If => exact("boolean, T, T -> T", ("1 < 2 ? 'a' : 'b'", "\"a\"")),
            Self::Eq => exact("T, T -> boolean", ("[1, 2] == [1, 2.0]", "true"))
                .differs("numbers are equal by value, objects and lists as JSON; types that can never be equal are an error"),
            Self::Ne => exact("T, T -> boolean", ("'a' != 'b'", "true")),
            Self::Lt | Self::Le | Self::Gt | Self::Ge => {
                let example = match self {
                    Self::Lt => ("1 < 1.5", "true"),
                    Self::Le => ("'EUR' <= 'USD'", "true"),
                    Self::Gt => ("2 > 10", "false"),
                    _ => ("timestamp('2030-05-02') >= timestamp('2030-05-01')", "true"),
                };
                exact("numbers, strings, timestamps, durations -> boolean", example)
                    .differs("a field of format date or date-time is compared as a moment; strings by code points, which the solver knows as a table only")
            }
            Self::In => exact("T, list of T -> boolean; string, object -> boolean", ("'EUR' in ['EUR', 'USD']", "true")),
            Self::Add => exact("numbers -> number", ("0.1 + 0.2", "0.3")).differs(NUMBERS),
            Self::Sub => exact("numbers -> number", ("1 - 0.9", "0.1")).differs(NUMBERS),
            Self::Mul => exact("numbers -> number", ("3 * 0.1", "0.3")).differs(NUMBERS),
            Self::Div => exact("numbers, one of them no integer -> number", ("1.0 / 8", "0.125"))
                .undefined("by zero")
                .differs("exact until `round`"),
            Self::DivTruncated => exact("integers -> integer", ("-7 / 2", "-3")).undefined("by zero"),
            Self::Rem => exact("integers -> integer", ("-7 % 2", "-1")).undefined("by zero"),
            Self::Neg => exact("number -> number", ("-(2)", "-2")),
            Self::Floor => exact("number -> integer", ("floor(-1.5)", "-2")).differs(BEYOND),
            Self::Ceil => exact("number -> integer", ("ceil(-1.5)", "-1")).differs(BEYOND),
            Self::Round(_) => exact("number, digits, mode -> number", ("round(2.345, 2)", "2.35"))
                .differs("beyond CEL: `round(x, digits, mode)`; the mode is half_away (the default), half_even, up or down"),
            Self::Sum => exact("list of numbers -> number", ("sum([1, 2.5])", "3.5")).differs(BEYOND),
            Self::Min => exact("numbers, strings, timestamps, durations, or one list of them", ("min(3, 2)", "2"))
                .undefined("of an empty list")
                .differs(BEYOND),
            Self::Max => exact("as min", ("max([3, 7])", "7")).undefined("of an empty list").differs(BEYOND),
            Self::Timestamp => exact("string -> timestamp", ("timestamp('2030-05-01T02:00:00+02:00') == timestamp('2030-05-01')", "true"))
                .undefined("where the text names no moment")
                .differs("also takes dates (midnight in UTC); of a field its schema must say that it is one; built texts are known to the solver as a date before a constant time"),
            Self::TimeAdd => exact("timestamp, duration -> timestamp", ("timestamp('2030-05-01') + duration('1d') == timestamp('2030-05-02')", "true"))
                .differs("durations also count days: '3d'"),
            Self::TimeSub => exact("timestamp, duration -> timestamp", ("timestamp('2030-05-02') - duration('24h') == timestamp('2030-05-01')", "true")),
            Self::TimeDiff => exact("timestamps -> duration", ("timestamp('2030-05-02') - timestamp('2030-05-01') == duration('24h')", "true")),
            Self::DurationAdd => exact("durations -> duration", ("duration('1h') + duration('30m') == duration('90m')", "true")),
            Self::DurationSub => exact("durations -> duration", ("duration('1h') - duration('30m') == duration('30m')", "true")),
            Self::TimePart(part) => of_part(part),
            Self::Size => exact("string, list or object -> integer", ("size('naïve')", "5")),
            Self::Index => exact("list, integer -> T; object, string -> T", ("{'EUR': 2, 'JPY': 0}['JPY']", "0"))
                .undefined("where there is no such entry"),
            Self::List(op) => of_list(op),
            Self::Text(op) => of_text(op),
            Self::Convert(op) => of_conversion(op),
            Self::TypeOf => exact("T -> type", ("type(1) == int", "true")).differs(
                "`bool`, `int`, `double`, `string`, `list`, `map` or `null_type`; of a field without a type, a number without a fraction is an `int`",
            ),
            Self::As(_) => exact("any -> T", ("1", "1")),
            Self::Exists => exact("resource -> bool", ("1", "1")),
            Self::OrElse => exact("T, T -> T", ("1", "1")),
            Self::Where => exact("boolean, T -> T", ("1", "1")),
        }
    }
}

const BEYOND: &str = "beyond CEL";
const NUMBERS: &str = "exact and without bounds; integers and decimals mix";

fn exact(types: &'static str, example: (&'static str, &'static str)) -> Manual {
    Manual {
        types,
        undefined: "",
        encoding: Encoding::Exact,
        differs: "",
        example,
    }
}

impl Manual {
    fn undefined(self, undefined: &'static str) -> Self {
        Self { undefined, ..self }
    }

    fn differs(self, differs: &'static str) -> Self {
        Self { differs, ..self }
    }

    fn with(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }
}

fn of_part(part: TimePart) -> Manual {
    let example = match part {
        TimePart::FullYear => ("timestamp('2030-05-01').getFullYear()", "2030"),
        TimePart::Month => ("timestamp('2030-05-01').getMonth()", "4"),
        TimePart::Date => ("timestamp('2030-05-01').getDate()", "1"),
        TimePart::DayOfMonth => ("timestamp('2030-05-01').getDayOfMonth()", "0"),
        TimePart::DayOfYear => ("timestamp('2030-05-01').getDayOfYear()", "120"),
        TimePart::DayOfWeek => ("timestamp('2030-05-01').getDayOfWeek()", "3"),
        TimePart::Hours => (
            "timestamp('2030-05-01T10:00:00Z').getHours('Europe/Berlin')",
            "12",
        ),
        TimePart::Minutes => ("duration('90m').getMinutes()", "90"),
        TimePart::Seconds => ("timestamp('2030-05-01T10:00:07Z').getSeconds()", "7"),
        TimePart::Milliseconds => (
            "timestamp('2030-05-01T10:00:07.250Z').getMilliseconds()",
            "250",
        ),
    };
    exact("timestamp, zone -> integer", example)
        .undefined("of a moment computed beyond the years 1 to 9999")
}

fn of_list(op: ListOp) -> Manual {
    match op {
        ListOp::Distinct => {
            exact("list -> boolean", ("distinct([1, 2, 1])", "false")).differs(BEYOND)
        }
        ListOp::Unique => exact("list -> list", ("unique([2, 1, 2])", "[2, 1]")).differs(BEYOND),
        ListOp::Flatten => exact(
            "list of lists -> list",
            ("[[1], [2, 3]].flatten()", "[1, 2, 3]"),
        ),
        ListOp::IsSorted => exact("list -> boolean", ("[1, 3, 2].isSorted()", "false"))
            .differs("strings by code points, which the solver knows as a table only"),
        ListOp::IndexOf => exact("list of T, T -> integer", ("[2, 5, 2].indexOf(5)", "1")),
        ListOp::LastIndexOf => exact("list of T, T -> integer", ("[2, 5, 2].lastIndexOf(2)", "2")),
        ListOp::Concat => exact("lists -> list", ("[1] + [2]", "[1, 2]")),
        ListOp::Keys | ListOp::Indexes => exact("", ("1", "1")),
    }
}

fn of_text(op: TextOp) -> Manual {
    use Encoding::{Predicate, Tried};
    match op {
        TextOp::StartsWith => {
            exact("strings -> boolean", ("'card'.startsWith('ca')", "true")).with(Predicate)
        }
        TextOp::EndsWith => {
            exact("strings -> boolean", ("'card'.endsWith('rd')", "true")).with(Predicate)
        }
        TextOp::Contains => {
            exact("strings -> boolean", ("'card'.contains('ar')", "true")).with(Predicate)
        }
        TextOp::Matches => exact(
            "string, pattern -> boolean",
            ("'A-1'.matches('^[A-Z]-[0-9]+$')", "true"),
        )
        .with(Predicate)
        .differs("the pattern is a constant"),
        TextOp::LowerAscii => {
            exact("string -> string", ("'EUR'.lowerAscii()", "\"eur\"")).with(Tried)
        }
        TextOp::UpperAscii => {
            exact("string -> string", ("'eur'.upperAscii()", "\"EUR\"")).with(Tried)
        }
        TextOp::Trim => exact("string -> string", ("' a '.trim()", "\"a\"")).with(Tried),
        TextOp::Substring => exact(
            "string, integer, integer -> string",
            ("'DE-17'.substring(0, 2)", "\"DE\""),
        )
        .with(Tried)
        .undefined("outside of the text"),
        TextOp::CharAt => exact("string, integer -> string", ("'abc'.charAt(1)", "\"b\""))
            .with(Tried)
            .undefined("outside of the text; at its end it is the empty text"),
        TextOp::IndexOf => exact(
            "strings, integer -> integer",
            ("'a-b-c'.indexOf('-', 2)", "3"),
        )
        .with(Tried),
        TextOp::LastIndexOf => exact(
            "strings, integer -> integer",
            ("'a-b-c'.lastIndexOf('-')", "3"),
        )
        .with(Tried),
        TextOp::Replace => exact(
            "strings, integer -> string",
            ("'1 234'.replace(' ', '')", "\"1234\""),
        )
        .with(Tried),
        TextOp::Split => exact(
            "strings, integer -> list of strings",
            ("'a,b'.split(',')", "[\"a\", \"b\"]"),
        )
        .with(Tried),
        TextOp::Join => exact(
            "list of strings, string -> string",
            ("['a', 'b'].join('-')", "\"a-b\""),
        )
        .with(Tried),
        TextOp::Concat => exact("strings -> string", ("'a' + 'b'", "\"ab\"")).with(Tried),
    }
}

fn of_conversion(op: Convert) -> Manual {
    let manual = match op {
        Convert::Int => exact(
            "number, string or timestamp -> integer",
            ("int('12') + int(2.9)", "14"),
        )
        .undefined("where the text is no integer"),
        Convert::Decimal => exact("number or string -> number", ("decimal('12.50') * 2", "25"))
            .undefined("where the text is no number")
            .differs("beyond CEL, and exact; `double` is the same"),
        Convert::Text => exact(
            "number, boolean, timestamp, duration -> string",
            ("string(12) + '%'", "\"12%\""),
        ),
        Convert::Bool => exact("string -> boolean", ("bool('true')", "true"))
            .undefined("where the text is neither"),
    };
    match op {
        Convert::Text => manual.with(Encoding::Tried),
        Convert::Int | Convert::Decimal | Convert::Bool => manual,
    }
}

impl Fold {
    /// All forms that authors can write.
    pub const WRITTEN: [Self; 5] = [
        Self::All,
        Self::Exists,
        Self::ExistsOne,
        Self::Filter,
        Self::Map,
    ];

    /// What the manual says of it: what it gives, an example and its value.
    pub fn manual(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::All => (
                "whether the condition holds for all items",
                "[1, 2].all(x, x > 0)",
                "true",
            ),
            Self::Exists => (
                "whether it holds for an item",
                "[1, 2].exists(i, x, x == i)",
                "false",
            ),
            Self::ExistsOne => (
                "whether it holds for exactly one",
                "[1, 2].exists_one(x, x > 1)",
                "true",
            ),
            Self::Filter => (
                "the items for which it holds",
                "[1, 2, 3].filter(x, x != 2)",
                "[1, 3]",
            ),
            Self::Map | Self::MapPresent => (
                "the values of an expression over the items; `map(x, condition, y)` skips items",
                "{'a': 1, 'b': 2}.map(k, k)",
                "[\"a\", \"b\"]",
            ),
        }
    }
}
