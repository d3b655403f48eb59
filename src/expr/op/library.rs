//! The functions of the library: each a row with its name and what it means.

/// Declares a kind of functions from rows of `Variant, "name", "what it means"`.
macro_rules! functions {
    ($(#[$doc:meta])* $kind:ident { $($variant:ident, $name:literal, $means:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $kind {
            $(#[doc = $means] $variant,)*
        }

        impl $kind {
            /// Every function, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name that rule files use.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One line on what it gives.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $means,)* }
            }

            /// The function of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|function| function.name() == name)
            }
        }
    };
}

functions! {
    /// Functions of texts, as in Kubernetes' CEL libraries. Positions count
    /// Unicode characters from 0; one outside of the text is undefined.
    TextOp {
        StartsWith, "startsWith", "whether the text begins with the other";
        EndsWith, "endsWith", "whether the text ends with the other";
        Contains, "contains", "whether the other stands somewhere in the text";
        Matches, "matches", "whether the regular expression (RE2) matches somewhere";
        LowerAscii, "lowerAscii", "A to Z as a to z";
        UpperAscii, "upperAscii", "a to z as A to Z";
        Trim, "trim", "without white space at both ends";
        Substring, "substring", "from a position, up to another if it is given";
        CharAt, "charAt", "the character at a position; empty at the end";
        IndexOf, "indexOf", "the first position of the other, -1 where there is none";
        LastIndexOf, "lastIndexOf", "the last position of the other, -1 where there is none";
        Replace, "replace", "with the second in place of each of the first";
        Split, "split", "the parts between the separators";
        Join, "join", "all texts of a list, with the separator between them";
        Concat, "+", "one text after the other";
    }
}

functions! {
    /// Functions of lists.
    ListOp {
        Distinct, "distinct", "whether no two items are equal";
        Unique, "unique", "without items that are equal to an earlier one";
        Flatten, "flatten", "the items of all lists in the list";
        IsSorted, "isSorted", "whether no item is less than the one before it";
        IndexOf, "indexOf", "the position of the first item that equals it, -1 where there is none";
        LastIndexOf, "lastIndexOf", "the position of the last item that equals it, -1 where there is none";
        Concat, "+", "one list's items after the other's";
        Keys, "keys", "the keys of an object: what a comprehension over it goes through";
        Indexes, "indexes", "the positions of a list: what a comprehension with a position goes through";
    }
}

functions! {
    /// Conversions.
    Convert {
        Int, "int", "a number without its fraction, or the integer that a text names";
        Decimal, "decimal", "the exact number that a text names; a number as it is";
        Text, "string", "as text";
        Bool, "bool", "the Boolean that a text names: true or false, t or f, 1 or 0";
    }
}

functions! {
    /// Parts of a moment, in UTC or in the time zone that is given.
    TimePart {
        FullYear, "getFullYear", "the year";
        Month, "getMonth", "the month, 0 for January";
        Date, "getDate", "the day of the month, from 1";
        DayOfMonth, "getDayOfMonth", "the day of the month, from 0";
        DayOfYear, "getDayOfYear", "the day of the year, from 0";
        DayOfWeek, "getDayOfWeek", "the day of the week, 0 for Sunday";
        Hours, "getHours", "the hour, from 0; of a duration all its hours";
        Minutes, "getMinutes", "the minute, from 0; of a duration all its minutes";
        Seconds, "getSeconds", "the second, from 0; of a duration all its seconds";
        Milliseconds, "getMilliseconds", "the millisecond, from 0";
    }
}

impl TimePart {
    /// Whether it stays the same when the moment moves by days.
    pub fn is_of_day(self) -> bool {
        matches!(
            self,
            Self::Hours | Self::Minutes | Self::Seconds | Self::Milliseconds
        )
    }

    /// What it can be of a moment in the years 1 to 9999.
    pub fn range(self) -> std::ops::RangeInclusive<i64> {
        match self {
            Self::FullYear => 1..=9_999,
            Self::Month => 0..=11,
            Self::Date => 1..=31,
            Self::DayOfMonth => 0..=30,
            Self::DayOfYear => 0..=365,
            Self::DayOfWeek => 0..=6,
            Self::Hours => 0..=23,
            Self::Minutes | Self::Seconds => 0..=59,
            Self::Milliseconds => 0..=999,
        }
    }
}

/// The types that an operand of any type may need to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Demand {
    /// A Boolean.
    Bool,
    /// A number.
    Number,
    /// A number without a fraction.
    Int,
    /// A text.
    Text,
}

impl Demand {
    /// Whether a value of that type, as `type()` names it, is meant.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::Bool => &["bool"],
            Self::Number => &["int", "double"],
            Self::Int => &["int"],
            Self::Text => &["string"],
        }
    }
}

/// The names of types that rules may use, as in CEL.
pub const KINDS: [&str; 7] = [
    "bool",
    "int",
    "double",
    "string",
    "list",
    "map",
    "null_type",
];
