//! Why an expression has no value.

use std::fmt;

use crate::expr::ExprId;

/// An expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undefined {
    /// The innermost expression that has none.
    pub at: ExprId,
    /// Why.
    pub reason: Reason,
}

/// Why the innermost undefined expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// An object lacks the member that is read, or the resource isn't there.
    Absent,
    /// `/` or `%` by zero.
    DivisionByZero,
    /// A list or map lacks the entry that is read.
    NoEntry,
    /// A null, or a value of another kind than the operator takes.
    WrongKind,
    /// A text that should name a moment doesn't.
    NotAMoment,
    /// A text that should name a number doesn't.
    NotANumber,
    /// A text that should name a Boolean doesn't.
    NotABoolean,
    /// A regular expression that is none.
    BadPattern,
    /// A moment or duration further away than can be held.
    OutOfRange,
}

/// As messages say it after "because".
impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Absent => "the field is absent",
            Self::DivisionByZero => "it divides by zero",
            Self::NoEntry => "there is no such entry",
            Self::WrongKind => "a value is null or of the wrong type",
            Self::NotAMoment => "the text is no date or date-time",
            Self::NotANumber => "the text is no number",
            Self::NotABoolean => "the text is neither true nor false",
            Self::BadPattern => "the pattern is no regular expression",
            Self::OutOfRange => "the moment is out of range",
        })
    }
}
