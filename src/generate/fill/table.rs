//! The pairs of an operation's free fields, and the values that make new ones.

use std::collections::{BTreeMap, BTreeSet};

use super::free::{Field, fields};
use super::{Filled, Member, Pairs};
use crate::generate::spine::Context;
use crate::model::{OperationRef, Trace};
use crate::value::Value;
use crate::value::location::Location;

/// A value of a field, both by position.
pub(super) type Choice = (usize, usize);

/// The free fields of an operation, and the pairs that some request holds.
pub(super) struct Table {
    pub(super) fields: Vec<Field>,
    covered: BTreeSet<(Choice, Choice)>,
}

impl Table {
    pub(super) fn new(context: &Context<'_>, operation: OperationRef) -> Self {
        let baselines = context.baselines_of(operation).into_iter();
        let last = baselines.filter_map(|baseline| Some(&baseline.trace.steps.last()?.request));
        let last: Vec<&Value> = last.collect();
        let mut table = Self {
            fields: fields(context.model, operation, &last),
            covered: BTreeSet::new(),
        };
        last.into_iter().for_each(|request| table.note(request));
        table
    }

    /// The choices that a request makes.
    fn choices(&self, request: &Value) -> Vec<Choice> {
        let fields = self.fields.iter().enumerate();
        fields
            .filter_map(|(field, own)| Some((field, own.value_in(request)?)))
            .collect()
    }

    fn note(&mut self, request: &Value) {
        let choices = self.choices(request);
        self.covered.extend(pairs(&choices));
    }

    /// How many pairs there are, and are held.
    pub(super) fn pairs(&self) -> Pairs {
        let sizes: Vec<usize> = self.fields.iter().map(|field| field.values.len()).collect();
        let all = sizes.iter().enumerate().map(|(index, size)| {
            let behind: usize = sizes.iter().skip(index + 1).sum();
            size * behind
        });
        Pairs {
            covered: self.covered.len(),
            all: all.sum(),
        }
    }

    /// The fields that are as in the baseline in all members, with their values.
    fn open(&self, members: &[Member<'_>]) -> Vec<Choice> {
        let fields = self.fields.iter().enumerate();
        let open = fields.filter_map(|(index, field)| {
            let values = members.iter().flat_map(|member| {
                let last = |trace: &Trace| {
                    let last = trace.steps.last()?;
                    field.value_in(&last.request)
                };
                let base = &member.draft.baseline.trace;
                [last(base), last(member.draft.witness.trace())]
            });
            let values: BTreeSet<Option<usize>> = values.collect();
            let value = values.first().copied().flatten()?;
            (values.len() == 1).then_some((index, value))
        });
        open.collect()
    }

    /// Values for a group, one field after the other, those first that make most
    /// new pairs.
    pub(super) fn fill(
        &mut self,
        context: &Context<'_>,
        members: &[Member<'_>],
    ) -> Vec<(usize, Filled)> {
        let chosen = match members.iter().all(Member::is_free) {
            true => self.choose(context, members),
            false => Vec::new(),
        };
        let traces = self.proven(context, members, &chosen);
        let is_filled = traces.is_some();
        let traces = traces.unwrap_or_else(|| {
            let traces = members.iter().map(|own| own.draft.witness.trace().clone());
            traces.collect()
        });
        for last in traces.iter().filter_map(|trace| trace.steps.last()) {
            self.note(&last.request);
        }
        let places = chosen
            .iter()
            .filter_map(|(field, _)| self.fields.get(*field));
        let mut places: Vec<Location> = places.map(|field| field.location.clone()).collect();
        places.sort();
        let filled = members.iter().zip(traces).filter(|_| is_filled);
        let filled = filled.map(|(member, trace)| {
            let places = places.clone();
            (member.index, Filled { trace, places })
        });
        filled.collect()
    }

    fn proven(
        &self,
        context: &Context<'_>,
        members: &[Member<'_>],
        chosen: &[Choice],
    ) -> Option<Vec<Trace>> {
        let traces = members.iter().map(|member| {
            let trace = member.with(self, chosen)?;
            member.is_proven(context, &trace).then_some(trace)
        });
        (!chosen.is_empty()).then(|| traces.collect()).flatten()
    }

    fn choose(&self, context: &Context<'_>, members: &[Member<'_>]) -> Vec<Choice> {
        let mut now: BTreeMap<usize, usize> = self.open(members).into_iter().collect();
        let mut row = Row {
            fixed: self.fixed(members, &now),
            chosen: Vec::new(),
            refused: BTreeSet::new(),
        };
        while let Some(best) = self.best(&now, &row) {
            let next = [row.chosen.as_slice(), &best].concat();
            let holds = members.iter().all(|member| {
                let trace = member.with(self, &next);
                trace.is_some_and(|trace| member.holds(context, &trace))
            });
            if holds {
                now.extend(best);
                row.chosen = next;
            } else {
                row.refused.insert(best);
            }
        }
        row.chosen
    }

    /// What the fields hold that can't be changed, where all members agree.
    fn fixed(&self, members: &[Member<'_>], open: &BTreeMap<usize, usize>) -> Vec<Choice> {
        let requests = members
            .iter()
            .filter_map(|own| own.draft.witness.trace().steps.last());
        let choices = requests.map(|last| self.choices(&last.request));
        let common = choices.map(|own| own.into_iter().collect::<BTreeSet<Choice>>());
        let common = common.reduce(|all, own| all.intersection(&own).copied().collect());
        let fixed = common.into_iter().flatten();
        fixed
            .filter(|(field, _)| !open.contains_key(field))
            .collect()
    }

    /// The value of a field that wasn't chosen yet that makes most new pairs with
    /// what the others hold `now`, the first of several; where no single one makes
    /// any, two that make one together.
    fn best(&self, now: &BTreeMap<usize, usize>, row: &Row) -> Option<Vec<Choice>> {
        let is_chosen = |field: usize| row.chosen.iter().any(|(own, _)| *own == field);
        let open = now.iter().filter(|(field, _)| !is_chosen(**field));
        let offers = open.flat_map(|(field, value)| {
            let values = self.fields.get(*field).map_or(0, |own| own.values.len());
            let others = (0..values).filter(move |other| other != value);
            others.map(move |other| (*field, other))
        });
        let offers: Vec<Choice> = offers.collect();
        let gain = |choice: Choice| {
            let others = now.iter().map(|(field, value)| (*field, *value));
            let others = others.chain(row.fixed.iter().copied());
            let others = others.filter(|own| own.0 != choice.0);
            others.filter(|own| self.is_new(choice, *own)).count()
        };
        // What it takes away counts: no other request may hold that.
        let lost = |field: usize| now.get(&field).map_or(0, |value| gain((field, *value)));
        let single = offers
            .iter()
            .filter(|choice| !row.refused.contains(&vec![**choice]));
        let single = single.map(|choice| (gain(*choice), *choice));
        let single = single.filter(|(gain, choice)| *gain > lost(choice.0));
        let single = single.reduce(|best, own| if own.0 > best.0 { own } else { best });
        if let Some((_, choice)) = single {
            return Some(vec![choice]);
        }
        let mut two = pairs(&offers).filter(|(a, b)| a.0 != b.0 && self.is_new(*a, *b));
        let two = two.find(|(a, b)| !row.refused.contains(&vec![*a, *b]));
        two.map(|(a, b)| vec![a, b])
    }

    /// Whether no request holds both.
    fn is_new(&self, a: Choice, b: Choice) -> bool {
        !self
            .covered
            .contains(&if a.0 < b.0 { (a, b) } else { (b, a) })
    }
}

/// The values of one group on the way.
struct Row {
    /// What the fields hold that can't be changed.
    fixed: Vec<Choice>,
    chosen: Vec<Choice>,
    /// What was tried and doesn't hold.
    refused: BTreeSet<Vec<Choice>>,
}

/// All pairs of choices.
fn pairs(choices: &[Choice]) -> impl Iterator<Item = (Choice, Choice)> {
    let firsts = choices.iter().enumerate();
    firsts.flat_map(|(index, first)| {
        let seconds = choices.iter().skip(index + 1);
        seconds.map(|second| (*first, *second))
    })
}
