//! The operators of the typed expression form, and the table that describes
//! them.
//!
//! An [`Op`] is an operator together with its semantics: the truncating
//! division of integers and the exact division of decimals are two operators.
//! Typing, evaluation and lowering are exhaustive matches over `Op`, each in
//! its own module; what all of them share stands in [`Op::info`].

mod library;
mod manual;

pub use library::{Convert, Demand, KINDS, ListOp, TextOp, TimePart};
pub use manual::{Encoding, Manual};

/// How `round` treats a value halfway between two neighbours, or all values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rounding {
    /// To the nearest; halves away from zero. The default.
    HalfAway,
    /// To the nearest; halves to the even neighbour.
    HalfEven,
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

impl Rounding {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::HalfAway, Self::HalfEven, Self::Up, Self::Down];

    /// The name that rule files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::HalfAway => "half_away",
            Self::HalfEven => "half_even",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// An operator with its semantics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    /// `!a`
    Not,
    /// `a && b && ...`: false if any is false, else undefined if any is.
    And,
    /// `a || b || ...`: true if any is true, else undefined if any is.
    Or,
    /// A guarded rule: true where the guard (first) is false, undefined where
    /// the guard is undefined, else the second operand.
    Guard,
    /// `c ? a : b`
    If,
    /// `a == b`: JSON equality, numbers by value.
    Eq,
    /// `a != b`
    Ne,
    /// `a < b` of numbers, moments or durations.
    Lt,
    /// `a <= b`
    Le,
    /// `a > b`
    Gt,
    /// `a >= b`
    Ge,
    /// `a + b` of numbers, exact.
    Add,
    /// `a - b` of numbers, exact.
    Sub,
    /// `a * b` of numbers, exact.
    Mul,
    /// `a / b` where either side is a decimal: exact.
    Div,
    /// `a / b` of integers: truncates towards zero, as in CEL.
    DivTruncated,
    /// `a % b` of integers: the remainder has the sign of `a`, as in CEL.
    Rem,
    /// `-a`
    Neg,
    /// `round(x, digits, mode)`
    Round(Rounding),
    /// `floor(x)`: the greatest integer that is not above.
    Floor,
    /// `ceil(x)`: the least integer that is not below.
    Ceil,
    /// Moment plus duration.
    TimeAdd,
    /// Moment minus duration.
    TimeSub,
    /// Moment minus moment.
    TimeDiff,
    /// Duration plus duration.
    DurationAdd,
    /// Duration minus duration.
    DurationSub,
    /// `timestamp(text)`: the moment that a string of format date-time or date
    /// names (a date: its midnight in UTC).
    Timestamp,
    /// `a in list`, or `key in map`
    In,
    /// `size(x)` of a string (Unicode characters), list or map.
    Size,
    /// `list[i]` or `map[key]`: undefined where there is no such entry.
    Index,
    /// `sum(list)` of numbers; 0 for the empty list.
    Sum,
    /// `min(a, b, ...)`, or of a list: undefined for the empty one.
    Min,
    /// `max(a, b, ...)`, or of a list: undefined for the empty one.
    Max,
    /// A function of texts.
    Text(TextOp),
    /// A function of lists.
    List(ListOp),
    /// A conversion.
    Convert(Convert),
    /// A part of a moment, in the time zone of the second operand if there is
    /// one.
    TimePart(TimePart),
    /// `type(x)`: the name of the type that a value has.
    TypeOf,
    /// A value of any type where it has this one, else undefined: what reads
    /// it needs that.
    As(Demand),
    /// `has(payment)`: whether the resource that the request is about exists.
    Exists,
    /// `a` where it is defined, else `b`. Only in patched expressions: what a
    /// lax implementation reads where the field is absent.
    OrElse,
    /// The second operand where the first is true, else undefined: an answer
    /// that says nothing.
    Where,
}

/// How an operator is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Before its operand: `!a`.
    Prefix(&'static str, u8),
    /// Between its operands: `a + b`; the number is the binding strength.
    Infix(&'static str, u8),
    /// `name(a, b)`
    Function(&'static str),
    /// `a.name(b)`
    Method(&'static str),
    /// A form of its own (`? :`, indexing).
    Special,
}

/// What is known of an operator beside its semantics.
#[derive(Clone, Copy, Debug)]
pub struct OpInfo {
    /// How it is printed.
    pub notation: Notation,
    /// One line of documentation.
    pub doc: &'static str,
    /// Weight in random tests: how often the operator should occur, relatively.
    pub weight: u32,
}

impl Op {
    /// The row of the operator table.
    pub fn info(self) -> OpInfo {
        use Notation::{Function, Infix, Method, Prefix, Special};
        let row = |notation, weight, doc| OpInfo {
            notation,
            doc,
            weight,
        };
        match self {
            Self::Not => row(Prefix("!", 8), 2, "logical negation"),
            Self::And => row(Infix("&&", 3), 6, "true when all operands are"),
            Self::Or => row(Infix("||", 2), 6, "true when any operand is"),
            Self::Guard => row(Special, 4, "the rule where its guard holds"),
            Self::If => row(Special, 2, "the second or third operand, by the first"),
            Self::Eq => row(Infix("==", 4), 6, "equal as JSON, numbers by value"),
            Self::Ne => row(Infix("!=", 4), 3, "not equal"),
            Self::Lt => row(Infix("<", 4), 4, "less, or earlier"),
            Self::Le => row(Infix("<=", 4), 4, "at most, or not later"),
            Self::Gt => row(Infix(">", 4), 4, "greater, or later"),
            Self::Ge => row(Infix(">=", 4), 4, "at least, or not earlier"),
            Self::Add => row(Infix("+", 5), 4, "exact sum"),
            Self::Sub => row(Infix("-", 5), 4, "exact difference"),
            Self::Mul => row(Infix("*", 6), 3, "exact product"),
            Self::Div => row(Infix("/", 6), 1, "exact quotient; undefined by zero"),
            Self::DivTruncated => row(Infix("/", 6), 1, "integer quotient, towards zero"),
            Self::Rem => row(
                Infix("%", 6),
                1,
                "remainder, with the sign of the left side",
            ),
            Self::Neg => row(Prefix("-", 8), 1, "the opposite number"),
            Self::Round(_) => row(Function("round"), 1, "rounded to so many decimal places"),
            Self::Floor => row(Function("floor"), 1, "the greatest integer not above"),
            Self::Ceil => row(Function("ceil"), 1, "the least integer not below"),
            Self::TimeAdd => row(Infix("+", 5), 1, "the moment so much later"),
            Self::TimeSub => row(Infix("-", 5), 1, "the moment so much earlier"),
            Self::TimeDiff => row(Infix("-", 5), 1, "the time between two moments"),
            Self::DurationAdd => row(Infix("+", 5), 1, "both durations together"),
            Self::DurationSub => row(Infix("-", 5), 1, "the difference of two durations"),
            Self::Timestamp => row(Function("timestamp"), 1, "the moment that a text names"),
            Self::In => row(Infix("in", 4), 3, "whether the list or map holds it"),
            Self::Size => row(Function("size"), 2, "characters, items or members"),
            Self::Index => row(Special, 2, "the entry at a position or key"),
            Self::Sum => row(Function("sum"), 2, "all numbers of a list together"),
            Self::Min => row(Function("min"), 1, "the least of all"),
            Self::Max => row(Function("max"), 1, "the greatest of all"),
            Self::Text(TextOp::Concat) => row(Infix("+", 5), 1, TextOp::Concat.doc()),
            Self::Text(op) => row(Method(op.name()), 1, op.doc()),
            Self::List(ListOp::Concat) => row(Infix("+", 5), 1, ListOp::Concat.doc()),
            Self::List(
                op @ (ListOp::Flatten | ListOp::IsSorted | ListOp::IndexOf | ListOp::LastIndexOf),
            ) => row(Method(op.name()), 1, op.doc()),
            Self::List(op) => row(Function(op.name()), 1, op.doc()),
            Self::Convert(op) => row(Function(op.name()), 1, op.doc()),
            Self::TimePart(part) => row(Method(part.name()), 1, part.doc()),
            Self::TypeOf => row(Function("type"), 1, "the type that the value has"),
            Self::As(_) => row(Special, 1, "the value where it has a type"),
            Self::Exists => row(
                Function("has"),
                1,
                "whether the resource that the request is about exists",
            ),
            Self::OrElse => row(
                Function("or_else"),
                1,
                "the second where the first is undefined",
            ),
            Self::Where => row(Special, 1, "the second where the first is true"),
        }
    }
}
