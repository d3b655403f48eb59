//! The product of the automata of several patterns, explored on demand,
//! character by character.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::alphabet::{Alphabet, Letter};
use super::charset::CharSet;
use super::machine::{Machine, Point};
use super::set::{TextSet, TooLarge};

/// How many states of a product are explored before giving up.
const STATE_LIMIT: usize = 20_000;

/// A state of a product.
pub(super) type State = u32;

/// The characters that lead to `target`.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub target: State,
    pub chars: CharSet,
}

/// Several automata in step. States from which nothing is accepted because one
/// automaton died are left out.
pub(super) struct Product {
    machines: Vec<Arc<Machine>>,
    demands: Vec<Demand>,
    letters: Vec<Letter>,
    points: Vec<Vec<Point>>,
    ids: HashMap<Vec<Point>, State>,
    edges: Vec<Option<Arc<Vec<Edge>>>>,
}

/// What one pattern asks of the machines: `machines` match as told, all of
/// them, or (`wanted` is false) not all of them.
struct Demand {
    parts: Vec<(usize, bool)>,
    wanted: bool,
}

impl Product {
    /// The product for all patterns of `set`, and the lengths that follow from
    /// patterns like `^[a-z]{2,5}$`.
    pub(super) fn new(set: &TextSet) -> Result<(Self, u64, Option<u64>), TooLarge> {
        let mut machines = Vec::new();
        let mut demands = Vec::new();
        let (mut min, mut max) = (set.min_length(), set.max_length());
        for (pattern, wanted) in set.all_patterns() {
            let mut parts = Vec::new();
            for part in pattern.parts() {
                let machine = match &part.counted {
                    // Counts become lengths only where they are demanded outright.
                    Some(counted) if wanted && part.wanted => {
                        min = min.max(counted.min);
                        max = lesser(max, counted.max);
                        Arc::clone(&counted.looped)
                    }
                    _ => part.whole().map_err(|_| TooLarge)?,
                };
                parts.push((machines.len(), part.wanted));
                machines.push(machine);
            }
            demands.push(Demand { parts, wanted });
        }
        let ranges = machines
            .iter()
            .flat_map(|machine| machine.classes.iter().map(Vec::as_slice));
        let letters = Alphabet::new(ranges).letters;
        let start: Vec<Point> = machines.iter().map(|machine| machine.start).collect();
        let mut product = Self {
            machines,
            demands,
            letters,
            points: Vec::new(),
            ids: HashMap::new(),
            edges: Vec::new(),
        };
        product.intern(start);
        Ok((product, min, max))
    }

    /// The state before the first character.
    pub(super) fn start(&self) -> State {
        0
    }

    /// How many states were met so far.
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    /// Whether a string that ends in `state` belongs to the set.
    pub(super) fn accepts(&self, state: State) -> bool {
        let Some(points) = self.points.get(state as usize) else {
            return false;
        };
        self.demands.iter().all(|demand| {
            let all = demand.parts.iter().all(|&(index, wanted)| {
                let machine = self.machines.get(index).zip(points.get(index));
                machine.is_some_and(|(machine, &point)| machine.accepts(point) == wanted)
            });
            all == demand.wanted
        })
    }

    /// Where each character leads; targets in the order of their discovery.
    pub(super) fn edges(&mut self, state: State) -> Result<Arc<Vec<Edge>>, TooLarge> {
        if let Some(Some(known)) = self.edges.get(state as usize) {
            return Ok(Arc::clone(known));
        }
        let found = Arc::new(self.find_edges(state)?);
        if let Some(slot) = self.edges.get_mut(state as usize) {
            *slot = Some(Arc::clone(&found));
        }
        Ok(found)
    }

    fn find_edges(&mut self, state: State) -> Result<Vec<Edge>, TooLarge> {
        let points = self.points.get(state as usize).cloned().unwrap_or_default();
        let mut sets: BTreeMap<Vec<Point>, CharSet> = BTreeMap::new();
        for letter in &self.letters {
            let next = self.step(&points, letter.sample);
            if !self.is_hopeless(&next) {
                sets.entry(next).or_default().add_all(&letter.chars);
            }
        }
        let mut edges = Vec::new();
        for (next, chars) in sets {
            let target = self.intern(next);
            edges.push(Edge { target, chars });
        }
        if self.points.len() > STATE_LIMIT {
            return Err(TooLarge);
        }
        Ok(edges)
    }

    fn step(&self, points: &[Point], c: char) -> Vec<Point> {
        let steps = self.machines.iter().zip(points);
        steps
            .map(|(machine, &point)| machine.step(point, c))
            .collect()
    }

    /// Whether some demand can no longer be met.
    fn is_hopeless(&self, points: &[Point]) -> bool {
        self.demands.iter().any(|demand| {
            let decided = |index: usize, wanted: bool| match points.get(index) {
                Some(Point::Matched) => Some(wanted),
                Some(Point::Dead) => Some(!wanted),
                _ => None,
            };
            let mut parts = demand
                .parts
                .iter()
                .map(|&(index, wanted)| decided(index, wanted));
            if demand.wanted {
                parts.any(|part| part == Some(false))
            } else {
                parts.all(|part| part == Some(true))
            }
        })
    }

    fn intern(&mut self, points: Vec<Point>) -> State {
        if let Some(&state) = self.ids.get(&points) {
            return state;
        }
        // Exploration stops long before 32 bits are used up.
        let state = u32::try_from(self.points.len()).unwrap_or(u32::MAX);
        self.points.push(points.clone());
        self.edges.push(None);
        self.ids.insert(points, state);
        state
    }
}

/// The lesser of two upper limits.
fn lesser(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
