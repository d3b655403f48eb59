//! Demands of schemas over several slots, each under the literal of its keyword.
//!
//! A condition is asserted once something that it speaks of has a slot; until
//! then all of it stays as the baseline has it.

use std::collections::BTreeSet;

use super::sat::Sat;
use super::slots::{Leaf, SlotId};
use super::{Label, Lowering, Shape};
use crate::document::{Condition, Formula, Placed, SchemaId};
use crate::search::smt::{Sort, Term};
use crate::value::location::Segment;

/// The members that a demand speaks of.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    names: BTreeSet<String>,
    /// All of them, or the value as a whole.
    all: bool,
}

impl Lowering<'_> {
    /// Asserts the conditions that matter now: to be called before each
    /// question.
    pub(super) fn settle_conditions(&mut self) {
        self.is_settling = true;
        self.settle_slots();
        self.is_settling = false;
    }

    fn settle_slots(&mut self) {
        self.settle_all();
        for (id, others) in self.other_keys.clone() {
            let beside = self.members_beside_keys(id);
            for member in beside {
                let fact = self.terms.implies(member, others);
                if self.linked.insert(fact) {
                    self.facts.push(fact);
                }
            }
        }
    }

    /// Where an object has a member whose key isn't among those looked at:
    /// one that nothing names, or one that got its slot for another reason.
    fn members_beside_keys(&mut self, id: SlotId) -> Vec<Term> {
        let keys = self.keys(&Shape::Object(id)).map(|keys| keys.all);
        let keys = keys.unwrap_or_default();
        let unnamed = self.unnamed.get(&id).map(|(term, _)| *term);
        let children = self.members_of(id).into_iter();
        let beside = children.filter(|(child, _)| !keys.contains(&self.name_of(*child).into()));
        beside.map(|(_, sent)| sent).chain(unnamed).collect()
    }

    fn settle_all(&mut self) {
        let counted: Vec<SlotId> = self.unnamed.keys().copied().collect();
        for id in counted {
            self.unnamed(id);
        }
        let mut next = 0;
        loop {
            let found = self.slots().nth(next).map(|(id, _)| id);
            let Some(id) = found else { break };
            next += 1;
            let known = self.slot(id).children().count();
            if self.settled.get(&id) == Some(&known) || self.is_left_open(id) {
                continue;
            }
            if self.settle_slot(id) {
                // What was looked at before may have new members.
                next = 0;
            }
            let known = self.slot(id).children().count();
            self.settled.insert(id, known);
        }
    }

    /// Whether something was asserted of a slot.
    fn settle_slot(&mut self, id: SlotId) -> bool {
        let schema = self.model.schemas.get(self.slot(id).schema).clone();
        let mut asserted = false;
        for condition in &schema.conditions {
            let mut mentions = Mentions::default();
            self.mentioned(&condition.formula, &mut mentions, 0);
            if self.matters(id, &mentions) {
                let sat = self.formula(id, &condition.formula, 0);
                self.demand(id, condition, sat);
                self.hope(id, &condition.formula, sat);
                asserted = true;
            }
        }
        let leaf = self.slot(id).leaf.clone();
        let has_members = self.slot(id).children().next().is_some();
        match leaf {
            Leaf::Object if has_members => {
                if let Some(sat) = self.counts_satisfy(id, &schema) {
                    let least = schema.min_properties.as_ref().map(|own| own.with(()));
                    let most = schema.max_properties.as_ref().map(|own| own.with(()));
                    self.demand_of(id, "minProperties", least.or(most), sat);
                    asserted = true;
                }
                if let Some(sat) = self.names_satisfy(id, &schema) {
                    let place = schema.property_names.first().map(|own| own.with(()));
                    self.demand_of(id, "propertyNames", place, sat);
                    asserted = true;
                }
                if let Some(sat) = self.are_evaluated(id, &schema, 0) {
                    let place = schema.unevaluated.clone();
                    self.demand_of(id, "unevaluatedProperties", place, sat);
                    asserted = true;
                }
            }
            Leaf::List { .. } => {
                if let Some(sat) = self.are_distinct(id, &schema) {
                    self.demand_of(id, "uniqueItems", schema.unique_items.clone(), sat);
                    asserted = true;
                }
                if let Some(sat) = self.are_contained(id, &schema, 0) {
                    let place = schema.contains.first().map(|own| own.with(()));
                    self.demand_of(id, "contains", place, sat);
                    asserted = true;
                }
            }
            _ => {}
        }
        asserted
    }

    fn demand(&mut self, id: SlotId, condition: &Condition, sat: Sat) {
        let place = Placed {
            value: (),
            span: condition.span,
            pointer: condition.pointer.clone(),
        };
        let sent = self.slot(id).sent;
        let fact = self.terms.implies(sent, sat.may);
        self.assume(label(condition.keyword, &place), fact);
    }

    /// A wish for a demand that is open only in what will be completed.
    fn hope(&mut self, id: SlotId, formula: &Formula, sat: Sat) {
        if sat.sure == sat.may {
            return;
        }
        self.trusts_completion = true;
        let hoped = self.formula(id, formula, 0);
        self.trusts_completion = false;
        if hoped.sure != sat.sure {
            let literal = self.terms.var("hope", Sort::Bool);
            let sent = self.slot(id).sent;
            let fact = self.terms.implies(sent, hoped.sure);
            let fact = self.terms.implies(literal, fact);
            self.facts.push(fact);
            self.hopes.push((id, literal));
        }
    }

    fn demand_of(
        &mut self,
        id: SlotId,
        keyword: &'static str,
        place: Option<Placed<()>>,
        sat: Sat,
    ) {
        let Some(place) = place else { return };
        let slot = self.slot(id).clone();
        let not_null = self.terms.not(slot.null);
        let there = self.terms.and([slot.sent, not_null]);
        let fact = self.terms.implies(there, sat.may);
        self.assume(label(keyword, &place), fact);
    }

    /// Whether something that is mentioned has a slot.
    fn matters(&self, id: SlotId, mentions: &Mentions) -> bool {
        let slot = self.slot(id);
        match slot.leaf {
            Leaf::Object => slot.children().any(|(segment, _)| match segment {
                Segment::Key(name) => mentions.all || mentions.names.contains(&**name),
                Segment::Index(_) => false,
            }),
            _ => true,
        }
    }

    fn mentioned(&self, formula: &Formula, mentions: &mut Mentions, depth: usize) {
        let names = formula.members().into_iter().map(str::to_owned);
        mentions.names.extend(names);
        if matches!(formula, Formula::Any(parts) if parts.is_empty()) {
            mentions.all = true;
        }
        for (schema, _) in formula.schemas() {
            self.mentioned_by(*schema, mentions, depth);
        }
    }

    fn mentioned_by(&self, id: SchemaId, mentions: &mut Mentions, depth: usize) {
        let schema = self.model.schemas.get(id);
        mentions.names.extend(schema.properties.keys().cloned());
        mentions.names.extend(schema.required.keys().cloned());
        mentions.all |= depth > 8
            || self.limits_others(schema)
            || !schema.pattern_properties.is_empty()
            || !schema.property_names.is_empty()
            || schema.min_properties.is_some()
            || schema.max_properties.is_some()
            || schema.unevaluated.is_some();
        if !mentions.all {
            for condition in &schema.conditions {
                self.mentioned(&condition.formula, mentions, depth + 1);
            }
        }
    }
}

fn label(keyword: &'static str, place: &Placed<()>) -> Label {
    Label::Schema {
        keyword,
        pointer: place.pointer.clone(),
        span: place.span,
    }
}
