//! Members of objects and attributes of what is remembered.

use super::{Env, Lowering, Shape, Sym};
use crate::expr::{ExprId, KEY};
use crate::model::EXISTS;
use crate::search::smt::{Sort, Term};
use crate::value::location::Segment;

impl Lowering<'_> {
    /// The member of an object that `id` reads: of its type also where the
    /// object is one of which nothing is known.
    pub(super) fn get(&mut self, id: ExprId, base: &Sym, key: &str) -> Sym {
        let Shape::Either(c, a, b) = &base.shape else {
            return self.member(base, key).0;
        };
        let [a, b] = [a, b].map(|shape| {
            let side = Sym {
                shape: (**shape).clone(),
                ..base.clone()
            };
            match side.shape {
                Shape::Opaque => {
                    let live = self.live(&side);
                    self.free_where(id, live)
                }
                _ => self.get(id, &side, key),
            }
        });
        self.ite(*c, &a, &b)
    }

    /// A member of an object: its value, and whether it is there.
    pub(super) fn member(&mut self, base: &Sym, key: &str) -> (Sym, Term) {
        let live = self.live(base);
        let nothing = self.terms.bool(false);
        match &base.shape {
            Shape::Object(slot) => {
                let Some(child) = self.child(*slot, &Segment::Key(key.into())) else {
                    return (self.undefined(), nothing);
                };
                let mut value = self.slot_sym(child);
                value.defined = self.terms.and([live, value.defined]);
                let there = value.defined;
                (value, there)
            }
            Shape::Sent(slot) => {
                let Some(child) = self.child(*slot, &Segment::Key(key.into())) else {
                    return (self.undefined(), nothing);
                };
                let mut value = self.slot_sym(child);
                as_sent(&mut value.shape);
                let there = self.slot(child).there;
                value.defined = self.terms.and([live, there]);
                (value.clone(), value.defined)
            }
            Shape::Resource(state) => {
                let mut found = self.attribute(*state, key);
                found.defined = self.terms.and([live, found.defined]);
                let there = found.defined;
                (found, there)
            }
            Shape::Map(entries) => {
                let found = entries.iter().find(|(name, _)| &**name == key);
                match found {
                    Some((_, value)) => (value.clone(), live),
                    None => (self.undefined(), nothing),
                }
            }
            Shape::Either(c, a, b) => {
                let side = |shape: &Shape| Sym {
                    shape: shape.clone(),
                    ..base.clone()
                };
                let (a, in_a) = self.member(&side(a), key);
                let (b, in_b) = self.member(&side(b), key);
                (self.ite(*c, &a, &b), self.terms.ite(*c, in_a, in_b))
            }
            Shape::Opaque | Shape::Any(_) => {
                let there = self.terms.var("opaque", Sort::Bool);
                let there = self.terms.and([live, there]);
                let mut value = self.when(there, Shape::Opaque);
                value.null = self.terms.var("opaque", Sort::Bool);
                (value, there)
            }
            _ => (self.undefined(), nothing),
        }
    }

    /// The attribute of a remembered state: states hold them in the order of
    /// the resource's declaration, named by their position there.
    pub(super) fn attribute(&mut self, state: usize, key: &str) -> Sym {
        let resource = self.state_resource(state);
        if key == KEY {
            let own = self.state_key(state).cloned();
            return own.unwrap_or_else(|| self.undefined());
        }
        let attributes = &self.model.resource(resource).attributes;
        let position = attributes
            .iter()
            .position(|attribute| attribute.name == key);
        let found = position.and_then(|position| self.state(state).get(position).cloned());
        found.unwrap_or_else(|| self.undefined())
    }

    /// Whether the request is about a resource that is there.
    pub(super) fn existence(&mut self, operands: &[ExprId], env: &Env) -> Sym {
        let of = operands.first().map(|of| self.lower(*of, env));
        let exists = match of.map(|of| of.shape) {
            Some(Shape::Resource(state)) => self.exists(state),
            _ => self.terms.bool(false),
        };
        self.always(Shape::Bool(exists))
    }

    /// Where the resource in a state is there, and hasn't been deleted.
    pub fn exists(&mut self, state: usize) -> Term {
        let there = self.there.get(&state).copied();
        let there = there.unwrap_or_else(|| self.terms.bool(true));
        match self.attribute(state, EXISTS).shape {
            Shape::Bool(exists) => self.terms.and([there, exists]),
            _ => there,
        }
    }
}

/// Objects as they were sent, also in lists.
fn as_sent(shape: &mut Shape) {
    match shape {
        Shape::Object(object) => *shape = Shape::Sent(*object),
        Shape::List(list) => {
            for item in &mut list.items {
                as_sent(&mut item.value.shape);
            }
        }
        _ => {}
    }
}
