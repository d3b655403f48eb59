//! The automaton of a set of numerals, and what its paths amount to.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::{MAX_LENGTH, Magnitudes, Numerals};
use crate::text::product::{Product, State};
use crate::text::set::TextSet;
use crate::value::{Number, power_of_ten};

/// Fractions with more digits count as unlimited.
const MAX_PLACES: usize = 12;

/// Digits before the point that are told apart.
const MAX_DIGITS: usize = 40;

/// States that are walked, times lengths.
const MAX_NODES: usize = 4_000;

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
pub(super) struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    /// Of a set all of whose members name numbers; `None` where that is too
    /// large.
    pub(super) fn of(set: &TextSet) -> Option<Self> {
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

    /// What the members name.
    pub(super) fn numerals(&self) -> Numerals {
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
