//! What keeps rules that range over all resources from meeting those of other
//! tests: a text that every test makes up, or the key of what it makes.

use std::collections::BTreeSet;

use super::Builder;
use super::unique::path_of;
use crate::expr::{ExprId, Fold, KEY, Node, Op, Root, Type};
use crate::model::{OperationRef, Resource, ResourceRef, RuleInstance};
use crate::source::{Code, Diagnostic};
use crate::value::location::Location;

/// A comparison of an attribute with something of the request.
struct Compared {
    expr: ExprId,
    attribute: String,
    with: ExprId,
}

/// What a comparison rests on.
enum Fresh {
    /// The key of a resource that each test makes.
    Key,
    /// Texts that tests make up, and where requests to operations hold them.
    Text([(OperationRef, ExprId); 2]),
}

impl Builder<'_> {
    /// Sees to it that tests don't meet what others left, as far as rules range
    /// over all there is; warns where they may.
    pub(super) fn keep_apart<'r>(
        &mut self,
        rules: impl Iterator<Item = &'r RuleInstance>,
        resources: &[Resource],
    ) {
        let mut told = BTreeSet::new();
        for rule in rules {
            for resource in self.met(rule, resources) {
                let made = resources.get(resource.0 as usize);
                let made = made.is_none_or(|found| found.created_by.is_some());
                if made && told.insert((rule.span, resource)) {
                    self.meets_others(rule, resource, resources);
                }
            }
        }
    }

    /// The resources of which a rule may look at those of other tests.
    fn met(&mut self, rule: &RuleInstance, resources: &[Resource]) -> BTreeSet<ResourceRef> {
        let mut met = BTreeSet::new();
        let mut open = vec![rule.expr];
        let mut seen = BTreeSet::new();
        while let Some(id) = open.pop() {
            if !seen.insert(id) {
                continue;
            }
            let node = self.arena.node(id).clone();
            let Node::Fold(fold, list, body) = node else {
                met.extend(self.all_of(id));
                open.extend(node.children());
                continue;
            };
            open.push(body);
            match self.all_of(list) {
                None => open.push(list),
                Some(of) if self.is_apart(rule.operation, of, (fold, body), resources) => {}
                Some(of) => drop(met.insert(of)),
            }
        }
        met
    }

    fn all_of(&self, id: ExprId) -> Option<ResourceRef> {
        match self.arena.node(id) {
            Node::Root(Root::All(index)) => Some(ResourceRef(*index)),
            _ => None,
        }
    }

    /// Whether a fold passes over what other tests made.
    fn is_apart(
        &mut self,
        operation: OperationRef,
        of: ResourceRef,
        (fold, body): (Fold, ExprId),
        resources: &[Resource],
    ) -> bool {
        let passed = match fold {
            Fold::All => true,
            Fold::Exists | Fold::ExistsOne | Fold::Filter => false,
            Fold::Map | Fold::MapPresent => return false,
        };
        let Some(resource) = resources.get(of.0 as usize) else {
            return false;
        };
        let mut found = Vec::new();
        self.comparisons(body, &mut found);
        let passes = |one: &Compared| self.without(body, one.expr) == Some(passed);
        let passing: Vec<Compared> = found.into_iter().filter(passes).collect();
        let mut passing = passing.iter();
        let fresh = passing.find_map(|one| self.fresh(operation, (of, resource), one, resources));
        match fresh {
            None => false,
            Some(Fresh::Key) => true,
            Some(Fresh::Text(places)) => {
                let mut places = places.into_iter();
                places.all(|(operation, place)| self.correlate(operation, place))
            }
        }
    }

    /// The comparisons of attributes of the innermost item in a condition.
    fn comparisons(&self, id: ExprId, found: &mut Vec<Compared>) {
        match self.arena.node(id) {
            Node::Call(Op::Eq | Op::Ne, operands) => {
                if let [a, b] = **operands {
                    for (item, with) in [(a, b), (b, a)] {
                        if let Some(attribute) = self.attribute_of_item(item) {
                            found.push(Compared {
                                expr: id,
                                attribute,
                                with,
                            });
                        }
                    }
                }
            }
            Node::Call(Op::And | Op::Or | Op::Not | Op::Guard, operands) => {
                for operand in operands.iter() {
                    self.comparisons(*operand, found);
                }
            }
            _ => {}
        }
    }

    fn attribute_of_item(&self, id: ExprId) -> Option<String> {
        match self.arena.node(id) {
            Node::Get(base, name) => match self.arena.node(*base) {
                Node::Item { depth: 0, .. } => Some(name.to_string()),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a condition says where the two sides of a comparison differ, whatever
    /// the rest of it says.
    fn without(&self, id: ExprId, comparison: ExprId) -> Option<bool> {
        let Node::Call(op, operands) = self.arena.node(id) else {
            return None;
        };
        let mut parts = operands.iter().map(|own| self.without(*own, comparison));
        match op {
            Op::Eq if id == comparison => Some(false),
            Op::Ne if id == comparison => Some(true),
            Op::Not => parts.next().flatten().map(|own| !own),
            Op::And => parts.any(|own| own == Some(false)).then_some(false),
            Op::Or => parts.any(|own| own == Some(true)).then_some(true),
            Op::Guard => (parts.next() == Some(Some(false))).then_some(true),
            _ => None,
        }
    }

    /// What makes the two sides of a comparison differ where the item is one of
    /// another test.
    fn fresh(
        &self,
        operation: OperationRef,
        (of, resource): (ResourceRef, &Resource),
        compared: &Compared,
        resources: &[Resource],
    ) -> Option<Fresh> {
        let with = self.origin((operation, compared.with), resources);
        let named = self.names(with);
        if compared.attribute == KEY {
            return (named == Some(of)).then_some(Fresh::Key);
        }
        let mut attributes = resource.attributes.iter();
        let attribute = attributes.find(|own| own.name == compared.attribute)?;
        let made = (resource.created_by?, attribute.init);
        let made_of = self.names(made);
        if made_of.is_some() {
            return (made_of == named).then_some(Fresh::Key);
        }
        let places = [made, with];
        let are_texts = places.iter().all(|(_, id)| {
            let is_text = matches!(self.arena.ty(*id), Type::String(_));
            is_text && path_of(&self.arena, *id).is_some()
        });
        are_texts.then_some(Fresh::Text(places))
    }

    /// Where an expression comes from: what a bound resource remembers, from the
    /// request that made it.
    fn origin(
        &self,
        (operation, id): (OperationRef, ExprId),
        resources: &[Resource],
    ) -> (OperationRef, ExprId) {
        let attribute = || {
            let Node::Get(base, name) = self.arena.node(id) else {
                return None;
            };
            let Node::Root(Root::Resource(index)) = self.arena.node(*base) else {
                return None;
            };
            let resource = resources.get(*index as usize)?;
            let mut attributes = resource.attributes.iter();
            let attribute = attributes.find(|own| own.name == **name)?;
            Some((resource.created_by?, attribute.init))
        };
        attribute().unwrap_or((operation, id))
    }

    /// The resource whose key an expression is at an operation.
    fn names(&self, (operation, id): (OperationRef, ExprId)) -> Option<ResourceRef> {
        if let Node::Get(base, name) = self.arena.node(id)
            && let Node::Root(Root::Resource(index)) = self.arena.node(*base)
        {
            return (**name == *KEY).then_some(ResourceRef(*index));
        }
        let place: Location = path_of(&self.arena, id)?;
        let found = self.operations.get(operation.0 as usize)?;
        let mut binds = found.binds.iter();
        let bind = binds.find(|bind| bind.location == place)?;
        Some(bind.resource)
    }

    fn meets_others(&mut self, rule: &RuleInstance, of: ResourceRef, resources: &[Resource]) {
        let Some(resource) = resources.get(of.0 as usize) else {
            return;
        };
        let plural = resource.plural.as_deref().unwrap_or(&resource.name);
        let message = format!(
            "the rule `{}` also looks at `{plural}` that other tests made",
            rule.id
        );
        let finding = Diagnostic::warning(Code::SharedData, message)
            .at(
                rule.condition(&self.arena).1,
                "whatever there is on the server counts",
            )
            .help(format!(
                "compare an attribute with what each test makes anew, and pass over the others: \
                 with the key of a resource, as in `{plural}.all(x, x.owner != body.owner || …)` \
                 where `bind` names the owner by `body.owner`; or with a text that tests can make \
                 up"
            ));
        self.remarks.push(finding);
    }
}
