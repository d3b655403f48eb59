//! Which operations read all resources of a kind: `bookings.all(b, …)`.

use std::collections::BTreeSet;

use crate::expr::{ExprId, KEY, Node, Root, Type};
use crate::model::{Model, Operation, ResourceRef};

impl Model {
    /// Notes for each operation of which resources it reads all that there are.
    pub(super) fn note_ranges(&mut self) {
        let each = self
            .operations
            .iter()
            .map(|operation| self.ranges_of(operation));
        let each: Vec<Vec<ResourceRef>> = each.collect();
        self.ranged = each.iter().flatten().copied().collect();
        self.compares_keys = !self.ranged.is_empty() || self.reads_keys();
        for (operation, ranges) in self.operations.iter_mut().zip(each) {
            operation.ranges = ranges;
        }
    }

    /// Whether some expression reads what names a resource.
    fn reads_keys(&self) -> bool {
        let places = self.places().into_iter();
        let read: Vec<ExprId> = places.map(|place| self.expression(place).0).collect();
        let mut found = self.arena.reachable(&read).into_iter();
        found.any(|id| match self.arena.node(id) {
            Node::Get(of, key) => &**key == KEY && matches!(self.arena.ty(*of), Type::Resource(_)),
            _ => false,
        })
    }

    fn ranges_of(&self, operation: &Operation) -> Vec<ResourceRef> {
        let rules = operation.rules.iter().map(|rule| self.rule(*rule).expr);
        let changes = operation.changes.iter().map(|change| change.expr);
        let made = operation.creates.map(|resource| self.resource(resource));
        let made = made.into_iter().flat_map(|found| &found.attributes);
        let read = rules.chain(changes).chain(made.map(|own| own.init));
        let read: Vec<ExprId> = read.collect();
        let found = self.arena.reachable(&read).into_iter();
        let found = found.filter_map(|id| match self.arena.node(id) {
            Node::Root(Root::All(index)) => Some(ResourceRef(*index)),
            _ => None,
        });
        let found: BTreeSet<ResourceRef> = found.collect();
        found.into_iter().collect()
    }
}
