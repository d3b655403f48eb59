//! Presence that is asked of fields with a default.

use std::collections::BTreeSet;

use crate::document::Group;
use crate::expr::{Node, Type, member_schema, print};
use crate::model::Model;
use crate::source::{Code, Diagnostic, Diagnostics};

/// A warning for each field with a default of which a rule asks whether it is
/// there: defaults are filled in before rules read a request.
pub(super) fn findings(model: &Model) -> Diagnostics {
    let mut found = Diagnostics::new();
    let mut told = BTreeSet::new();
    for (_, rule) in model.rule_refs() {
        for (position, id) in model.arena.positions(rule.expr) {
            let Node::Has(base, key) = model.arena.node(id) else {
                continue;
            };
            let Type::Object(object) = model.arena.ty(*base) else {
                continue;
            };
            let schema = member_schema(&model.schemas, *object, key);
            let default = schema.and_then(|schema| model.schemas.get(schema).default.as_ref());
            let Some(default) = default.filter(|_| told.insert(id)) else {
                continue;
            };
            let asked = print(&model.arena, id, &[]);
            let path = asked.strip_prefix("has(");
            let path = path.and_then(|path| path.strip_suffix(')'));
            let path = path.unwrap_or(&asked);
            let message = format!("`{path}` has a default, so it is always there");
            let finding = Diagnostic::warning(Code::AlwaysThere, message)
                .at(rule.spans.at(&position).span, "true, whatever was sent")
                .also(default.span, "its default")
                .note("defaults are filled in before rules read a request")
                .help(without_default(path));
            found.push(finding);
        }
    }
    found
}

/// How a rule file says that a field has no default. What a rule calls the
/// items of a list says nothing of where they stand: the author knows.
fn without_default(path: &str) -> String {
    let (root, rest) = path.split_at(path.find(['.', '[']).unwrap_or(path.len()));
    let place = match Group::named(root) {
        Some(_) if !rest.contains('[') => path.to_owned(),
        Some(_) => "…".to_owned(),
        None => format!("'…[*]{rest}'"),
    };
    format!(
        "where the server looks at what was sent, take the default away: \
         `fields: {{{place}: {{default: null}}}}`"
    )
}
