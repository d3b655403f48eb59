//! The members of an object as a schema sees them: which may be there, and how
//! many.

use super::Lowering;
use super::sat::Sat;
use super::satisfy::is_free;
use super::slots::{Slot, SlotId};
use crate::document::{Additional, Formula, Schema, SchemaId, verdict};
use crate::search::smt::{Sort, Term};
use crate::value::Value;
use crate::value::location::Segment;

/// How deep branches are looked into for the members that they declare.
const MAX_DEPTH: usize = 6;

impl Lowering<'_> {
    /// Whether an object has members that have no slot. All declared ones get
    /// one.
    pub(super) fn unnamed(&mut self, id: SlotId) -> Term {
        let schema = self.slot(id).schema;
        let schema = self.model.schemas.get(schema);
        let names: Vec<String> = schema.properties.keys().cloned().collect();
        let is_closed = matches!(schema.additional, Additional::Forbidden(_))
            && schema.pattern_properties.is_empty();
        for name in names {
            self.child(id, &Segment::Key(name.as_str().into()));
        }
        if is_closed {
            return self.terms.bool(false);
        }
        let children = self.members_of(id);
        let known = self.unnamed.get(&id).cloned();
        if let Some((term, count)) = known
            && count == children.len()
        {
            return term;
        }
        let term = self.terms.var("unnamed", Sort::Bool);
        if let Some((before, count)) = known {
            // What had no slot then has one now, or still has none.
            let new: Vec<Term> = children.iter().skip(count).map(|(_, sent)| *sent).collect();
            let either = self.terms.or(new.into_iter().chain([term]));
            let fact = self.terms.eq(before, either);
            self.facts.push(fact);
        }
        self.unnamed.insert(id, (term, children.len()));
        term
    }

    /// The same for who writes an object; `None` where nothing asked.
    pub fn has_unnamed(&self, slot: &Slot) -> Option<Term> {
        let mut known = self.unnamed.iter();
        let own = known.find(|(id, _)| {
            let known = self.slot(**id);
            known.step == slot.step && known.location == slot.location
        });
        own.map(|(_, (term, _))| *term)
    }

    /// The members that have slots, oldest first: each with whether it is sent.
    pub(super) fn members_of(&self, id: SlotId) -> Vec<(SlotId, Term)> {
        let mut children: Vec<SlotId> = self.slot(id).children().map(|(_, child)| child).collect();
        children.sort_unstable();
        let sent = |child: SlotId| (child, self.slot(child).sent);
        children.into_iter().map(sent).collect()
    }

    pub(super) fn name_of(&self, id: SlotId) -> String {
        match self.slot(id).location.0.last() {
            Some(Segment::Key(name)) => name.to_string(),
            _ => String::new(),
        }
    }

    pub(super) fn object_satisfies(&mut self, id: SlotId, schema: SchemaId, depth: usize) -> Sat {
        let found = self.model.schemas.get(schema).clone();
        let mut parts = Vec::new();
        for name in found.required.keys() {
            parts.push(self.has_member(id, name));
        }
        for (name, part) in &found.properties {
            if !is_free(self.model.schemas.get(*part)) {
                parts.push(self.member_satisfies(id, name, *part, depth));
            }
        }
        parts.extend(self.others_satisfy(id, schema, &found, depth));
        parts.extend(self.counts_satisfy(id, &found));
        parts.extend(self.names_satisfy(id, &found));
        parts.extend(self.are_evaluated(id, &found, depth));
        Sat::all(&mut self.terms, &parts)
    }

    fn member_satisfies(&mut self, id: SlotId, name: &str, part: SchemaId, depth: usize) -> Sat {
        match self.child(id, &Segment::Key(name.into())) {
            Some(child) => {
                let value = self.satisfies(child, part, depth + 1);
                let sent = self.slot(child).sent;
                value.given(&mut self.terms, sent)
            }
            None => self.unless_unnamed(id),
        }
    }

    /// Satisfied where there are no members without slots; else open.
    fn unless_unnamed(&mut self, id: SlotId) -> Sat {
        let more = self.unnamed(id);
        Sat {
            sure: self.terms.not(more),
            may: self.terms.bool(true),
        }
    }

    /// Whether a schema demands anything of members that it doesn't declare.
    pub(super) fn limits_others(&self, schema: &Schema) -> bool {
        match schema.additional {
            Additional::Any => false,
            Additional::Forbidden(_) => true,
            Additional::Schema(part) => !is_free(self.model.schemas.get(part)),
        }
    }

    /// Members that the schema doesn't declare by name.
    fn others_satisfy(
        &mut self,
        id: SlotId,
        schema: SchemaId,
        found: &Schema,
        depth: usize,
    ) -> Vec<Sat> {
        if !self.limits_others(found) && found.pattern_properties.is_empty() {
            return Vec::new();
        }
        let more = self.unnamed(id);
        let mut parts = Vec::new();
        for (child, sent) in self.members_of(id) {
            let name = self.name_of(child);
            if found.properties.contains_key(&name) {
                continue;
            }
            let value = match self.model.schemas.property(schema, &name) {
                Some(part) => self.satisfies(child, part, depth + 1),
                None => Sat::always(
                    &mut self.terms,
                    !matches!(found.additional, Additional::Forbidden(_)),
                ),
            };
            parts.push(value.given(&mut self.terms, sent));
        }
        let none = self.terms.not(more);
        let is_closed = found.pattern_properties.is_empty()
            && matches!(found.additional, Additional::Forbidden(_));
        parts.push(Sat {
            sure: none,
            may: if is_closed {
                none
            } else {
                self.terms.bool(true)
            },
        });
        parts
    }

    pub(super) fn counts_satisfy(&mut self, id: SlotId, found: &Schema) -> Option<Sat> {
        if found.min_properties.is_none() && found.max_properties.is_none() {
            return None;
        }
        let more = self.unnamed(id);
        let sent: Vec<Term> = self
            .members_of(id)
            .into_iter()
            .map(|(_, sent)| sent)
            .collect();
        let count = self.count(&sent);
        let at_least = self.count(&[sent, vec![more]].concat());
        let mut parts = Vec::new();
        if let Some(least) = &found.min_properties {
            let least = self.terms.int(least.value);
            let known = self.terms.le(least, count);
            parts.push(Sat {
                sure: self.terms.le(least, at_least),
                may: self.terms.or([known, more]),
            });
        }
        if let Some(most) = &found.max_properties {
            let most = self.terms.int(most.value);
            let none = self.terms.not(more);
            let known = self.terms.le(count, most);
            parts.push(Sat {
                sure: self.terms.and([known, none]),
                may: self.terms.le(at_least, most),
            });
        }
        Some(Sat::all(&mut self.terms, &parts))
    }

    /// How many of the terms hold.
    pub(super) fn count(&mut self, terms: &[Term]) -> Term {
        let (zero, one) = (self.terms.int(0), self.terms.int(1));
        let each = terms.iter().map(|term| self.terms.ite(*term, one, zero));
        let each: Vec<Term> = each.collect();
        if each.is_empty() {
            return zero;
        }
        self.terms.add(each)
    }

    pub(super) fn names_satisfy(&mut self, id: SlotId, found: &Schema) -> Option<Sat> {
        if found.property_names.is_empty() {
            return None;
        }
        let mut parts = vec![self.unless_unnamed(id)];
        for (child, sent) in self.members_of(id) {
            let name = Value::string(self.name_of(child));
            for names in &found.property_names {
                let fits = match verdict(&self.model.schemas, names.value, &name) {
                    Some(fits) => Sat::always(&mut self.terms, fits),
                    None => Sat::open(&mut self.terms),
                };
                parts.push(fits.given(&mut self.terms, sent));
            }
        }
        Some(Sat::all(&mut self.terms, &parts))
    }

    /// `unevaluatedProperties: false`
    pub(super) fn are_evaluated(
        &mut self,
        id: SlotId,
        found: &Schema,
        depth: usize,
    ) -> Option<Sat> {
        found.unevaluated.as_ref()?;
        let more = self.unnamed(id);
        let none = self.terms.not(more);
        let mut parts = vec![Sat {
            sure: none,
            may: if self.evaluates_unknown(found, 0) {
                self.terms.bool(true)
            } else {
                none
            },
        }];
        for (child, sent) in self.members_of(id) {
            let name = self.name_of(child);
            let evaluated = self.evaluated(id, found, &name, depth);
            parts.push(evaluated.given(&mut self.terms, sent));
        }
        Some(Sat::all(&mut self.terms, &parts))
    }

    /// Whether the schema or a branch may speak of members without slots.
    fn evaluates_unknown(&self, schema: &Schema, depth: usize) -> bool {
        let parts = schema.conditions.iter();
        let mut parts = parts.flat_map(|own| own.formula.schemas());
        depth > MAX_DEPTH
            || schema.evaluates_all
            || !schema.pattern_properties.is_empty()
            || parts.any(|(id, _)| self.evaluates_unknown(self.model.schemas.get(*id), depth + 1))
    }

    fn evaluated(&mut self, id: SlotId, schema: &Schema, name: &str, depth: usize) -> Sat {
        if schema.evaluates(name) {
            return Sat::always(&mut self.terms, true);
        }
        let conditions = schema.conditions.iter();
        let ways = conditions.map(|own| self.evaluated_by(id, &own.formula, name, depth + 1));
        let ways: Vec<Sat> = ways.collect();
        Sat::any(&mut self.terms, &ways)
    }

    fn evaluated_by(&mut self, id: SlotId, formula: &Formula, name: &str, depth: usize) -> Sat {
        match formula {
            _ if depth > MAX_DEPTH => Sat::open(&mut self.terms),
            Formula::Is(schema) => {
                let found = self.model.schemas.get(*schema).clone();
                let speaks = self.evaluated(id, &found, name, depth);
                if self.terms.as_bool(speaks.may) == Some(false) {
                    return speaks;
                }
                let holds = self.satisfies(id, *schema, depth);
                Sat::all(&mut self.terms, &[speaks, holds])
            }
            Formula::All(parts) | Formula::Any(parts) | Formula::One(parts) => {
                let ways = parts.iter();
                let ways = ways.map(|part| self.evaluated_by(id, part, name, depth));
                let ways: Vec<Sat> = ways.collect();
                Sat::any(&mut self.terms, &ways)
            }
            Formula::If(parts) => {
                let [condition, then, otherwise] = &**parts;
                let by_if = self.evaluated_by(id, condition, name, depth);
                let condition = self.formula(id, condition, depth);
                let then = self.evaluated_by(id, then, name, depth);
                let otherwise = self.evaluated_by(id, otherwise, name, depth);
                let chosen = Sat::choose(&mut self.terms, condition, then, otherwise);
                Sat::any(&mut self.terms, &[by_if, chosen])
            }
            Formula::Not(_) | Formula::Has(_) | Formula::Holds(..) => {
                Sat::always(&mut self.terms, false)
            }
        }
    }
}
