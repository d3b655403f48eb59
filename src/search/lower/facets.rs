//! Predicates on single texts: prefixes, suffixes, parts and patterns.
//!
//! Each is a Boolean that belongs to the text's identity. Which of them can
//! hold together, and with which lengths, is worked out by products of
//! automata: the texts that a schema allows fall into cells, one for each
//! combination of truth values that some text has. Texts that are known by
//! value have the values that the evaluator gives them, and equal texts agree.

use std::collections::{BTreeMap, BTreeSet};

use itertools::Itertools;
use num_traits::ToPrimitive;

use super::slots::SlotId;
use super::{Env, Lowering, Shape, Sym, Text};
use crate::document::Schema;
use crate::expr::{ExprId, TextOp};
use crate::search::smt::{Sort, Term, TermNode};
use crate::text::{Pattern, TextSet};

/// Predicates on one text whose combinations are all looked at; of more, every
/// two.
const MAX_TOGETHER: usize = 5;

/// Lengths are listed up to here.
const LENGTH_BOUND: u64 = 512;

/// A predicate on a text.
#[derive(Clone, Debug)]
pub struct Facet {
    /// The texts for which it holds.
    pub pattern: Pattern,
    /// Whether it holds.
    pub holds: Term,
}

/// The predicates on each text, by its identity.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    by_identity: BTreeMap<Term, Vec<Facet>>,
    /// Of known texts, so many were told their facets.
    known: BTreeMap<Term, (usize, usize)>,
    /// Pairs of identities that agree, with the number of their facets.
    agreeing: BTreeMap<(Term, Term), usize>,
    /// Slots whose cells were listed: the number of facets and of views as
    /// numbers, and whether with lengths.
    celled: BTreeMap<SlotId, (usize, usize, bool)>,
}

impl Facets {
    /// The predicates on the text with this identity.
    pub fn of(&self, identity: Term) -> &[Facet] {
        self.by_identity.get(&identity).map_or(&[], Vec::as_slice)
    }
}

impl Lowering<'_> {
    /// A predicate of a text and one of known texts; `None` where there is no encoding.
    pub(super) fn predicate(
        &mut self,
        id: ExprId,
        op: TextOp,
        operands: &[ExprId],
        env: &Env,
    ) -> Option<Sym> {
        let [of, constant] = operands else {
            return None;
        };
        let (text, by) = (self.lower(*of, env), self.lower(*constant, env));
        let (live, live_by) = (self.live(&text), self.live(&by));
        let live = self.terms.and([live, live_by]);
        match (&text.shape, &by.shape) {
            (Shape::Text(text), Shape::Text(by)) => {
                let mut rows = Vec::new();
                for (here, constant) in self.all_texts(by)? {
                    let pattern = pattern(op, &constant)?;
                    let holds = self.holds_for(text, &pattern)?;
                    rows.push((here, self.when(live, Shape::Bool(holds))));
                }
                let is_one = self.terms.or(rows.iter().map(|(here, _)| *here));
                let known = self.one_of(&rows);
                if self.terms.as_bool(is_one) == Some(true) {
                    return Some(known);
                }
                // Of others the schema knows, under a literal of its own.
                let free = self.free_where(id, live);
                Some(self.ite(is_one, &known, &free))
            }
            (Shape::Nothing, _) | (_, Shape::Nothing) => Some(self.undefined()),
            _ => None,
        }
    }

    pub(super) fn holds_for(&mut self, text: &Text, pattern: &Pattern) -> Option<Term> {
        if text.time.is_some() {
            return None;
        }
        self.holds_of(text.identity, pattern)
    }

    fn holds_of(&mut self, identity: Term, pattern: &Pattern) -> Option<Term> {
        match self.terms.node(identity).clone() {
            TermNode::Ite(condition, a, b) => {
                let (a, b) = (self.holds_of(a, pattern)?, self.holds_of(b, pattern)?);
                Some(self.terms.ite(condition, a, b))
            }
            TermNode::Int(number) => {
                let known = self.known_texts().get(number.to_usize()?)?;
                let holds = pattern.is_match(known);
                Some(self.terms.bool(holds))
            }
            TermNode::Var(..) => Some(self.facet(identity, pattern)),
            _ => None,
        }
    }

    /// The predicate on the text with the identity `identity`, a variable.
    pub(super) fn facet(&mut self, identity: Term, pattern: &Pattern) -> Term {
        let facets = self.facets.by_identity.entry(identity).or_default();
        if let Some(known) = facets.iter().find(|facet| facet.pattern == *pattern) {
            return known.holds;
        }
        let holds = self.terms.var("facet", Sort::Bool);
        facets.push(Facet {
            pattern: pattern.clone(),
            holds,
        });
        holds
    }

    /// Says what is known of the predicates: to be called before each
    /// question, when all texts that are compared are known.
    pub(super) fn settle_facets(&mut self) {
        if self.facets.by_identity.is_empty() {
            return;
        }
        self.share_facets();
        self.agree();
        self.tell_known();
        for (id, identity) in self.faceted_slots() {
            self.list_cells(id, identity);
        }
    }

    /// Texts that are compared with each other have the same predicates.
    fn share_facets(&mut self) {
        loop {
            let pairs = self.compared.clone();
            let count = |this: &Self| {
                this.facets
                    .by_identity
                    .values()
                    .map(Vec::len)
                    .sum::<usize>()
            };
            let before = count(self);
            for (a, b) in pairs {
                for (from, to) in [(a, b), (b, a)] {
                    if matches!(self.terms.node(to), TermNode::Var(..)) {
                        for facet in self.facets.of(from).to_vec() {
                            self.facet(to, &facet.pattern);
                        }
                    }
                }
            }
            if count(self) == before {
                return;
            }
        }
    }

    fn agree(&mut self) {
        let pairs: BTreeSet<(Term, Term)> = self.compared.iter().copied().collect();
        for (a, b) in pairs {
            let own = self.facets.of(a).to_vec();
            let told = self.facets.agreeing.insert((a, b), own.len()).unwrap_or(0);
            for facet in own.iter().skip(told) {
                let others = self.facets.of(b).iter();
                let mut others = others.filter(|other| other.pattern == facet.pattern);
                let Some(other) = others.next().map(|other| other.holds) else {
                    continue;
                };
                let same = self.terms.eq(a, b);
                let agree = self.terms.eq(facet.holds, other);
                let fact = self.terms.implies(same, agree);
                self.facts.push(fact);
            }
        }
    }

    /// Known texts have the values that evaluation gives.
    fn tell_known(&mut self) {
        let texts = self.known_texts().to_vec();
        for (identity, facets) in self.facets.by_identity.clone() {
            let told = self
                .facets
                .known
                .insert(identity, (facets.len(), texts.len()));
            let (facets_told, texts_told) = told.unwrap_or((0, 0));
            for (number, text) in texts.iter().enumerate() {
                for (index, facet) in facets.iter().enumerate() {
                    if number < texts_told && index < facets_told {
                        continue;
                    }
                    let constant = self.terms.int(number);
                    let is_it = self.terms.eq(identity, constant);
                    let value = facet.pattern.is_match(text);
                    let value = if value {
                        facet.holds
                    } else {
                        self.terms.not(facet.holds)
                    };
                    let fact = self.terms.implies(is_it, value);
                    self.facts.push(fact);
                }
            }
        }
    }

    fn faceted_slots(&self) -> Vec<(SlotId, Term)> {
        let slots = self.slots();
        let slots = slots.filter_map(|(id, slot)| Some((id, slot.leaf.text()?.identity)));
        let faceted = slots.filter(|(_, identity)| !self.facets.of(*identity).is_empty());
        faceted.collect()
    }

    /// Which predicates can hold together for the texts that a slot's schema
    /// allows, and with which lengths.
    fn list_cells(&mut self, id: SlotId, identity: Term) {
        let facets = self.facets.of(identity).to_vec();
        let views = self.views.of(identity).len();
        let state = (facets.len(), views, self.asks_length);
        if self.facets.celled.insert(id, state) == Some(state) {
            return;
        }
        let slot = self.slot(id).clone();
        let Some(text) = slot.leaf.text() else { return };
        let schema = self.model.schemas.get(slot.schema).clone();
        let together = facets.len().min(if facets.len() > MAX_TOGETHER {
            2
        } else {
            MAX_TOGETHER
        });
        let mut facts = Vec::new();
        for group in facets.iter().combinations(together) {
            facts.push(self.cells(&schema, text, &group));
        }
        let there = self.holds_text(&slot);
        let fact = self.terms.and(facts);
        let fact = self.terms.implies(there, fact);
        self.assume_text(&schema, fact);
    }

    /// One of the cells that aren't empty.
    fn cells(&mut self, schema: &Schema, text: &Text, group: &[&Facet]) -> Term {
        let choices = group
            .iter()
            .map(|_| [true, false])
            .multi_cartesian_product();
        let mut cells = Vec::new();
        for signs in choices {
            let mut set = schema.text_set();
            let mut signed = Vec::new();
            for (facet, sign) in group.iter().zip(&signs) {
                set = set.with_pattern(facet.pattern.clone(), *sign);
                signed.push(if *sign {
                    facet.holds
                } else {
                    self.terms.not(facet.holds)
                });
            }
            match self.lengths_of(&set, text) {
                None => continue,
                Some(lengths) => signed.push(lengths),
            }
            for view in self.views.of(text.identity).to_vec() {
                if signed.contains(&view.readable) {
                    signed.push(self.is_named(&set, &view.number));
                }
            }
            cells.push(self.terms.and(signed));
        }
        self.terms.or(cells)
    }

    /// Which lengths the members have, as far as lengths matter; `None` where
    /// there are no members.
    fn lengths_of(&mut self, set: &TextSet, text: &Text) -> Option<Term> {
        let always = self.terms.bool(true);
        let Ok(lengths) = set.lengths(LENGTH_BOUND) else {
            return Some(always);
        };
        if !lengths.is_exact() {
            return Some(always);
        }
        if lengths.ranges.is_empty() {
            return None;
        }
        match text.length {
            Some(length) if self.asks_length => {
                let ranges = lengths.ranges.iter();
                let ranges: Vec<Term> = ranges
                    .map(|(from, to)| self.between(length, *from, *to))
                    .collect();
                Some(self.terms.or(ranges))
            }
            _ => Some(always),
        }
    }
}

/// The texts for which a predicate with that constant holds.
pub(super) fn pattern(op: TextOp, constant: &str) -> Option<Pattern> {
    let literal = regex_syntax::escape(constant);
    let regex = match op {
        TextOp::StartsWith => format!("^{literal}"),
        TextOp::EndsWith => format!("{literal}$"),
        TextOp::Contains => literal,
        TextOp::Matches => constant.to_owned(),
        _ => return None,
    };
    Pattern::of_rule(&regex).ok()
}
