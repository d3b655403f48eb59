//! What the server is said to remember, and no operation changes.

use std::sync::Arc;

use crate::expr::{Node, Type};
use crate::model::{Attribute, Model, ResourceRef};
use crate::source::{Code, Diagnostic, Diagnostics, Span};

/// A warning for each attribute that rules read, that begins with a constant,
/// and that no operation sets.
pub(super) fn findings(model: &Model) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (resource, own) in model.resource_refs() {
        for (index, attribute) in own.attributes.iter().enumerate() {
            let made = own.created_by.is_some();
            let constant = model.arena.as_const(attribute.init).filter(|_| made);
            let constant = constant.filter(|value| {
                let mut existing = model.existing.iter();
                !existing.any(|there| {
                    let has = there.attributes.get(attribute.name.as_str());
                    there.resource == resource && has != Some(value)
                })
            });
            if let (Some(value), false) = (constant, is_set(model, resource, index))
                && let Some(read) = read(model, resource, &attribute.name)
            {
                found.push(finding(&own.name, attribute, &value.to_string(), read));
            }
        }
    }
    found
}

fn is_set(model: &Model, resource: ResourceRef, index: usize) -> bool {
    let changes = model.operations.iter().flat_map(|own| &own.changes);
    let mut own = changes.filter(|change| change.resource == resource);
    own.any(|change| change.attribute == index)
}

/// Where a rule reads the attribute.
fn read(model: &Model, resource: ResourceRef, name: &str) -> Option<Span> {
    let of = Type::Resource(resource.0);
    let name: Arc<str> = name.into();
    model.rule_refs().find_map(|(_, rule)| {
        let mut positions = model.arena.positions(rule.expr).into_iter();
        let read = positions.find(|(_, id)| match model.arena.node(*id) {
            Node::Get(base, key) => *key == name && *model.arena.ty(*base) == of,
            _ => false,
        });
        read.map(|(position, _)| rule.spans.at(&position).span)
    })
}

fn finding(resource: &str, attribute: &Attribute, value: &str, read: Span) -> Diagnostic {
    let name = format!("{resource}.{}", attribute.name);
    let message = format!("nothing ever sets `{name}`: it always is {value}");
    Diagnostic::warning(Code::NeverSet, message)
        .at(attribute.spans.span, "its first value, and its last")
        .also(read, "read here")
        .help(format!(
            "say which operation changes it: `set: {{{name}: ...}}` under `operations:`"
        ))
}
