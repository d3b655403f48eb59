//! Which numbers the members of a set name.
//!
//! A numeral here is what JSON writes as a number without an exponent, with
//! zeros before it allowed. The automata of the set are walked together with
//! one that knows numerals; digits then count by their place, from the longest
//! path to the shortest (dynamic programming over the digits that are left).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::pattern::Pattern;
use super::product::{Product, State};
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

/// Fractions with more digits count as unlimited.
const MAX_PLACES: usize = 12;

/// Digits before the point that are told apart.
const MAX_DIGITS: usize = 40;

/// Longer texts are looked at without their length.
const MAX_LENGTH: u64 = 64;

/// States that are walked, times lengths.
const MAX_NODES: usize = 4_000;

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

/// What a character means in a numeral.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symbol {
    Minus,
    Digit(u8),
    Point,
    Exponent,
}

const SYMBOLS: [(char, Symbol); 14] = [
    ('-', Symbol::Minus),
    ('0', Symbol::Digit(0)),
    ('1', Symbol::Digit(1)),
    ('2', Symbol::Digit(2)),
    ('3', Symbol::Digit(3)),
    ('4', Symbol::Digit(4)),
    ('5', Symbol::Digit(5)),
    ('6', Symbol::Digit(6)),
    ('7', Symbol::Digit(7)),
    ('8', Symbol::Digit(8)),
    ('9', Symbol::Digit(9)),
    ('.', Symbol::Point),
    ('e', Symbol::Exponent),
    ('E', Symbol::Exponent),
];

#[derive(Clone, Debug, Default)]
struct Node {
    accepts: bool,
    edges: Vec<(Symbol, usize)>,
}

/// The automaton of a set of numerals: what can't lead to a member is left out.
#[derive(Debug)]
struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    /// Of a set all of whose members name numbers; `None` where that is too
    /// large.
    fn of(set: &TextSet) -> Option<Self> {
        let (mut product, min, max) = Product::new(set).ok()?;
        // Of long texts the length is left open, so there may be more of them.
        let max = max.filter(|max| *max <= MAX_LENGTH);
        let mut ids: BTreeMap<(State, u64), usize> = BTreeMap::from([((product.start(), 0), 0)]);
        let mut queue = vec![(product.start(), 0)];
        let mut nodes = Vec::new();
        while let Some(&(state, length)) = queue.get(nodes.len()) {
            let fits = max.is_none_or(|_| length >= min);
            let mut node = Node {
                accepts: product.accepts(state) && fits,
                edges: Vec::new(),
            };
            let edges = product.edges(state).ok()?;
            let is_end = max.is_some_and(|max| length >= max);
            for edge in edges.iter().filter(|_| !is_end) {
                let key = (edge.target, max.map_or(0, |_| length + 1));
                let target = *ids.entry(key).or_insert_with(|| {
                    queue.push(key);
                    queue.len() - 1
                });
                let symbols = SYMBOLS.iter().filter(|(c, _)| edge.chars.contains(*c));
                node.edges
                    .extend(symbols.map(|(_, symbol)| (*symbol, target)));
            }
            nodes.push(node);
            if queue.len() > MAX_NODES {
                return None;
            }
        }
        let mut graph = Self { nodes };
        graph.prune();
        Some(graph)
    }

    /// Drops the edges to nodes from which no member is reached.
    fn prune(&mut self) {
        let mut alive: BTreeSet<usize> = BTreeSet::new();
        loop {
            let before = alive.len();
            for (index, node) in self.nodes.iter().enumerate().rev() {
                if node.accepts || node.edges.iter().any(|(_, to)| alive.contains(to)) {
                    alive.insert(index);
                }
            }
            if alive.len() == before {
                break;
            }
        }
        for node in &mut self.nodes {
            node.edges.retain(|(_, to)| alive.contains(to));
        }
    }

    fn edges(&self, node: usize) -> &[(Symbol, usize)] {
        self.nodes.get(node).map_or(&[], |node| &node.edges)
    }

    fn accepts(&self, node: usize) -> bool {
        self.nodes.get(node).is_some_and(|node| node.accepts)
    }

    fn digits(&self, node: usize) -> impl Iterator<Item = (u8, usize)> + '_ {
        self.edges(node).iter().filter_map(|edge| match edge {
            (Symbol::Digit(digit), to) => Some((*digit, *to)),
            _ => None,
        })
    }

    fn after(&self, node: usize, wanted: Symbol) -> Option<usize> {
        let mut edges = self.edges(node).iter();
        edges
            .find(|(symbol, _)| *symbol == wanted)
            .map(|(_, to)| *to)
    }

    fn numerals(&self) -> Numerals {
        let all = self.nodes.iter().flat_map(|node| &node.edges);
        if all.clone().any(|(symbol, _)| *symbol == Symbol::Exponent) {
            return Numerals::unlimited();
        }
        let fractions = Fractions::of(self);
        let negative = self.after(0, Symbol::Minus);
        Numerals {
            negative: negative.and_then(|start| self.magnitudes(start, &fractions)),
            natural: self.magnitudes(0, &fractions),
            places: self.places(),
        }
    }

    /// How many digits after the point count: those up to the last that may
    /// be another than 0.
    fn places(&self) -> Option<u32> {
        let all = self.nodes.iter().flat_map(|node| &node.edges);
        let points = all.filter(|(symbol, _)| *symbol == Symbol::Point);
        let mut layer: BTreeSet<usize> = points.map(|(_, to)| *to).collect();
        let mut places = 0;
        for place in 1..=MAX_PLACES {
            let digits = layer.iter().flat_map(|node| self.digits(*node));
            let digits: Vec<(u8, usize)> = digits.collect();
            if digits.iter().any(|(digit, _)| *digit > 0) {
                places = place;
            }
            layer = digits.into_iter().map(|(_, to)| to).collect();
        }
        let counting = self.counting();
        if layer.iter().any(|node| counting.contains(node)) {
            return None;
        }
        u32::try_from(places).ok()
    }

    /// The nodes from which a digit but 0 may follow.
    fn counting(&self) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        loop {
            let before = found.len();
            for node in (0..self.nodes.len()).rev() {
                let mut digits = self.digits(node);
                if digits.any(|(digit, to)| digit > 0 || found.contains(&to)) {
                    found.insert(node);
                }
            }
            if found.len() == before {
                return found;
            }
        }
    }

    /// The least and the greatest number that is spelled from `start` on.
    fn magnitudes(&self, start: usize, fractions: &Fractions) -> Option<Magnitudes> {
        let unit = power_of_ten(FRACTION);
        let at_point = |node: usize| {
            let whole = self.accepts(node).then(|| (BigInt::zero(), BigInt::zero()));
            let point = self.after(node, Symbol::Point);
            let fraction = point.and_then(|to| fractions.of_node(to));
            wider(whole, fraction)
        };
        let mut row: Vec<Option<Bounds>> = (0..self.nodes.len()).map(at_point).collect();
        // A numeral begins with a digit.
        let mut found = None;
        let mut weight = unit.clone();
        for _ in 0..MAX_DIGITS {
            row = self.longer(&row, &weight);
            found = wider(found, row.get(start).cloned().flatten());
            weight *= 10;
        }
        let as_number = |bound: BigInt| Number::new(bound, unit.clone());
        let (zeros, is_longer) = self.beyond(start);
        let found = if is_longer {
            // What is longer has a digit but 0 behind so many zeros.
            let least = match MAX_DIGITS.checked_sub(zeros) {
                Some(left) => power_of_ten(u32::try_from(left).ok()? + FRACTION),
                None => BigInt::zero(),
            };
            wider(found, Some((least.clone(), least)))
        } else {
            found
        };
        let (least, most) = found?;
        Some(Magnitudes {
            least: as_number(least),
            most: (!is_longer).then(|| as_number(most)),
        })
    }

    /// Bounds with one digit more before those of `row`.
    fn longer(&self, row: &[Option<Bounds>], weight: &BigInt) -> Vec<Option<Bounds>> {
        let of = |node: usize| {
            self.digits(node).fold(None, |found, (digit, to)| {
                let value = weight * digit;
                let rest = row.get(to).cloned().flatten();
                wider(found, rest.map(|(low, high)| (low + &value, high + &value)))
            })
        };
        (0..self.nodes.len()).map(of).collect()
    }

    /// How many zeros may stand first, and whether there are more digits
    /// before the point than are told apart.
    fn beyond(&self, start: usize) -> (usize, bool) {
        let (mut all, mut zeros) = (BTreeSet::from([start]), BTreeSet::from([start]));
        let mut first = 0;
        for _ in 0..=MAX_DIGITS {
            let next = all.iter().flat_map(|node| self.digits(*node));
            all = next.map(|(_, to)| to).collect();
            let next = zeros.iter().flat_map(|node| self.digits(*node));
            zeros = next
                .filter(|(digit, _)| *digit == 0)
                .map(|(_, to)| to)
                .collect();
            first += usize::from(!zeros.is_empty());
        }
        (first, !all.is_empty())
    }
}

/// The least and the greatest value, in units of the last place told apart.
type Bounds = (BigInt, BigInt);

/// Places of fractions that are told apart: one more than count.
const FRACTION: u32 = MAX_PLACES as u32 + 1;

fn wider(a: Option<Bounds>, b: Option<Bounds>) -> Option<Bounds> {
    match (a, b) {
        (Some((low, high)), Some((least, most))) => Some((low.min(least), high.max(most))),
        (a, b) => a.or(b),
    }
}

/// What can be spelled after a point, by the node behind it.
struct Fractions {
    rows: Vec<Option<Bounds>>,
}

impl Fractions {
    fn of(graph: &Graph) -> Self {
        let count = graph.nodes.len();
        let counting = graph.counting();
        let rest = |node: usize| {
            let ends = graph.accepts(node) || !graph.edges(node).is_empty();
            // What follows is less than one unit.
            let most = BigInt::from(u8::from(counting.contains(&node)));
            ends.then(|| (BigInt::zero(), most))
        };
        let mut rows: Vec<Option<Bounds>> = (0..count).map(rest).collect();
        let mut weight = BigInt::one();
        for _ in 0..FRACTION {
            let longer = graph.longer(&rows, &weight);
            let ends = |node| {
                graph
                    .accepts(node)
                    .then(|| (BigInt::zero(), BigInt::zero()))
            };
            rows = longer
                .into_iter()
                .enumerate()
                .map(|(node, bounds)| wider(bounds, ends(node)))
                .collect();
            weight *= 10;
        }
        Self { rows }
    }

    fn of_node(&self, node: usize) -> Option<Bounds> {
        self.rows.get(node).cloned().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Taste;

    fn set(pattern: &str) -> TextSet {
        TextSet::all().with_pattern(Pattern::compile(pattern).unwrap(), true)
    }

    fn number(text: &str) -> Number {
        parse_number(text).unwrap()
    }

    /// `[least, most]`, or `[least, ` without a limit.
    fn shown(magnitudes: Option<Magnitudes>) -> String {
        let print = crate::value::print_number;
        magnitudes.map_or("none".to_owned(), |own| match &own.most {
            Some(most) => format!("[{}, {}]", print(&own.least), print(most)),
            None => format!("[{}, ", print(&own.least)),
        })
    }

    #[test]
    fn bounds_and_places_follow_from_patterns() {
        let cases = [
            (r"^\d{1,7}(\.\d{2})?$", "none", "[0, 9999999.99]", Some(2)),
            (r"^[1-9][0-9]*$", "none", "[1, ", Some(0)),
            (r"^-?[1-9][0-9]{0,2}$", "[1, 999]", "[1, 999]", Some(0)),
            (r"^-[0-9]\.[05]0+$", "[0, 9.5]", "none", Some(1)),
            (r"^[2-7]?5\.0{0,3}1?$", "none", "[5, 75.1]", Some(4)),
            (r"^[0-9]+([.][0-9]+)?$", "none", "[0, ", None),
            (
                r"^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$",
                "[0, ",
                "[0, ",
                None,
            ),
            (r"^[0-9]e[0-9]$", "[0, ", "[0, ", None),
            (r"^[a-z]+$", "none", "none", Some(0)),
            (r"^0*5$", "none", "[0, ", Some(0)),
        ];
        for (pattern, negative, natural, places) in cases {
            let found = set(pattern).numerals();
            let own = (shown(found.negative), shown(found.natural), found.places);
            let wanted = (negative.to_owned(), natural.to_owned(), places);
            assert_eq!(own, wanted, "{pattern}");
        }
        let short = set("^[0-9.]+$").with_lengths(0, Some(4)).numerals();
        assert_eq!(shown(short.natural), "[0, 9999]");
        assert_eq!(short.places, Some(2));
    }

    #[test]
    fn spellings_of_one_number() {
        let all = |pattern: &str, of: &str| {
            let set = set(pattern).naming(&number(of));
            let texts = (0..).map_while(|k| set.nth(k, &Taste::default()).ok());
            texts.take(9).collect::<BTreeSet<String>>()
        };
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        assert_eq!(
            all(r"^\d{1,2}(\.\d{1,2})?$", "5.5"),
            texts(&["5.5", "5.50", "05.5", "05.50"])
        );
        assert_eq!(
            all(r"^-?\d(\.\d)?$", "0"),
            texts(&["0", "-0", "0.0", "-0.0"])
        );
        assert_eq!(all(r"^-?\d{3}$", "-7"), texts(&["-007"]));
        assert_eq!(all(r"^\d$", "0.5"), texts(&[]));
        let third = Number::new(1.into(), 3.into());
        assert!(set(".*").naming(&third).is_surely_empty());
        assert!(set(r"^(0|[1-9]\d*)[.]\d{2}$").names_each_number_once(2));
        for pattern in [
            r"^\d+[.]\d{2}$",
            r"^-?(0|[1-9]\d*)[.]\d{2}$",
            r"^\d([.]\d{2})?$",
            ".*",
        ] {
            assert!(!set(pattern).names_each_number_once(2), "{pattern}");
        }
    }

    const PIECES: [&str; 17] = [
        "-?",
        "-",
        "[0-9]",
        "[1-9]",
        "0",
        "0?",
        "5",
        "[25]?",
        "[0-9]{1,3}",
        "[0-9]*",
        "[.]",
        "([.][0-9]{2})?",
        "([.][0-9]+)?",
        "(1|22)",
        "0*",
        "[-0-9.]{1,3}",
        "[0-9.e-]{0,4}",
    ];

    #[test]
    fn numbers_of_random_patterns_lie_within_the_bounds() {
        let mut rng = fastrand::Rng::with_seed(7);
        let (mut named, mut exact) = (0, 0);
        for _ in 0..80 {
            let pieces = (0..rng.usize(1..5)).map(|_| PIECES[rng.usize(..PIECES.len())]);
            let pattern = format!("^{}$", pieces.collect::<String>());
            let set = set(&pattern).with_lengths(0, Some(rng.u64(1..9)));
            let found = set.numerals();
            let texts = (0..60).map_while(|k| set.nth(k, &Taste::default()).ok());
            let mut greatest = None;
            let mut count = 0;
            for text in texts {
                count += 1;
                let Some(number) = named_number(&text) else {
                    continue;
                };
                named += 1;
                let (side, magnitude) = match text.strip_prefix('-') {
                    Some(_) => (&found.negative, -number.clone()),
                    None => (&found.natural, number.clone()),
                };
                let side = side.as_ref().unwrap();
                assert!(side.least <= magnitude, "{pattern} {text}");
                let most = side.most.as_ref();
                assert!(
                    most.is_none_or(|most| *most >= magnitude),
                    "{pattern} {text}"
                );
                let places = crate::value::decimal_places(&number).unwrap();
                let most = found.places;
                assert!(most.is_none_or(|most| most >= places), "{pattern} {text}");
                assert!(text.contains('e') || set.clone().naming(&number).contains(&text));
                if !text.starts_with('-') {
                    greatest = greatest.max(Some(number));
                }
            }
            let most = found.natural.as_ref().and_then(|side| side.most.clone());
            if count < 60 && most.is_some() {
                assert_eq!(greatest, most, "{pattern}");
                exact += 1;
            }
        }
        assert!(named > 500 && exact > 10, "{named} {exact}");
    }
}
