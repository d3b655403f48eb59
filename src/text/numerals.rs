//! Which numbers the members of a set name.
//!
//! A numeral here is what JSON writes as a number without an exponent, with
//! zeros before it allowed. The automata of the set are walked together with
//! one that knows numerals; digits then count by their place, from the longest
//! path to the shortest (dynamic programming over the digits that are left).

mod graph;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::LazyLock;

use num_traits::Zero;

use self::graph::Graph;
use super::pattern::Pattern;
use super::set::TextSet;
use crate::value::{Number, parse_number, power_of_ten};

/// All texts that name a number, with exponents as far as they are read.
pub const NUMBERS: &str = "^-?[0-9]+([.][0-9]+)?([eE][+-]?0*(400|[1-3]?[0-9]?[0-9]))?$";

/// All texts that name an integer without fraction and exponent.
pub const INTEGERS: &str = "^-?[0-9]+$";

thread_local! {
    /// Many slots have the same schema.
    static KNOWN: RefCell<HashMap<String, Numerals>> = RefCell::default();
}

/// [`NUMBERS`], compiled.
pub fn numbers() -> Option<Pattern> {
    static COMPILED: LazyLock<Option<Pattern>> = LazyLock::new(|| Pattern::of_rule(NUMBERS).ok());
    COMPILED.clone()
}

/// [`INTEGERS`], compiled.
pub fn integers() -> Option<Pattern> {
    static COMPILED: LazyLock<Option<Pattern>> = LazyLock::new(|| Pattern::of_rule(INTEGERS).ok());
    COMPILED.clone()
}

/// Longer texts are looked at without their length.
const MAX_LENGTH: u64 = 64;

/// The magnitudes of some numbers: none is less, none is greater.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Magnitudes {
    /// The least.
    pub least: Number,
    /// The greatest, unless there is no limit.
    pub most: Option<Number>,
}

/// What is known of the numbers that the members of a set name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numerals {
    /// Of those with a minus sign, if there are any.
    pub negative: Option<Magnitudes>,
    /// Of those without, if there are any.
    pub natural: Option<Magnitudes>,
    /// So many digits after the point count at most; `None`: no limit.
    pub places: Option<u32>,
}

impl Numerals {
    /// Any numbers.
    fn unlimited() -> Self {
        let any = Magnitudes {
            least: Number::zero(),
            most: None,
        };
        Self {
            negative: Some(any.clone()),
            natural: Some(any),
            places: None,
        }
    }
}

impl TextSet {
    /// What is known of the numbers that the members name; the members that
    /// name none don't matter. Never less than they name.
    pub fn numerals(&self) -> Numerals {
        // Two sets that are shown alike are equal.
        let key = format!("{self:?}");
        KNOWN.with_borrow_mut(|known| {
            let found = known.entry(key);
            found.or_insert_with(|| self.find_numerals()).clone()
        })
    }

    fn find_numerals(&self) -> Numerals {
        let known = || {
            let set = self.clone().with_pattern(numbers()?, true);
            let graph = Graph::of(&set)?;
            (!set.is_narrowed()).then(|| graph.numerals())
        };
        known().unwrap_or_else(Numerals::unlimited)
    }

    /// Whether no two members name the same number, as far as can be proven:
    /// all have `places` digits after the point, and no needless zero before it.
    pub fn names_each_number_once(&self, places: u32) -> bool {
        let canonical = match places {
            0 => "^-?(0|[1-9][0-9]*)$".to_owned(),
            places => format!("^-?(0|[1-9][0-9]*)[.][0-9]{{{places}}}$"),
        };
        let patterns = [&canonical, "^-0([.]0*)?$"].map(Pattern::of_rule);
        let (Some(numbers), [Ok(canonical), Ok(minus_zero)]) = (numbers(), patterns) else {
            return false;
        };
        let others = self.clone().with_pattern(numbers, true);
        let others = others.with_pattern(canonical, false);
        let zeros = self.clone().with_pattern(minus_zero, true);
        others.is_surely_empty() && zeros.is_surely_empty()
    }

    /// Whether the set is proven to have no members.
    pub fn is_surely_empty(&self) -> bool {
        let lengths = self.lengths(MAX_LENGTH);
        lengths.is_ok_and(|lengths| lengths.is_exact() && lengths.ranges.is_empty())
    }

    /// Those members that name `number` without an exponent.
    #[must_use]
    pub fn naming(self, number: &Number) -> Self {
        match numeral(number).and_then(|regex| Pattern::of_rule(&regex).ok()) {
            Some(pattern) => self.with_pattern(pattern, true),
            // No text names it.
            None => self.with_lengths(1, Some(0)),
        }
    }
}

/// The number that a text names, if it names one.
pub fn named_number(text: &str) -> Option<Number> {
    parse_number(text).filter(|_| numbers().is_some_and(|numbers| numbers.is_match(text)))
}

/// The expression for all texts that name a number without an exponent; `None`
/// where it has no finite decimal expansion.
fn numeral(number: &Number) -> Option<String> {
    let places = crate::value::decimal_places(number)?;
    let power = power_of_ten(places);
    let is_negative = *number < Number::zero();
    let digits = (number * Number::from_integer(power.clone())).to_integer();
    let (whole, rest) = (
        digits.magnitude() / power.magnitude(),
        digits.magnitude() % power.magnitude(),
    );
    let sign = match (is_negative, number.is_zero()) {
        (true, _) => "-",
        (false, true) => "-?",
        (false, false) => "",
    };
    Some(match places {
        0 => format!("^{sign}0*{whole}([.]0+)?$"),
        places => {
            let fraction = format!("{rest:0>width$}", width = places as usize);
            format!("^{sign}0*{whole}[.]{fraction}0*$")
        }
    })
}
