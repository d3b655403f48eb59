//! Places and proofs in an author's terms.

use std::collections::BTreeSet;

use crate::expr::print;
use crate::model::Model;
use crate::search::lower::Label;
use crate::source::{Sources, Span};

/// `file:line:column`.
pub(super) fn place(sources: &Sources, span: Span) -> String {
    let at = sources.line_col(span);
    format!("{}:{}:{}", sources.path(span.file), at.line, at.column)
}

/// What a proof rests on: ids of rules first, then keywords of schemas with
/// their places, then restrictions; each once.
pub fn proof(model: &Model, sources: &Sources, core: &[Label]) -> Vec<String> {
    let mut rules = BTreeSet::new();
    let mut others = BTreeSet::new();
    for label in core {
        match label {
            Label::Rule(_, rule) | Label::Unbroken(_, rule) => {
                rules.insert(format!("rule {}", model.rule(*rule).id));
            }
            Label::Schema { keyword, span, .. } => {
                others.insert(format!("{keyword} ({})", place(sources, *span)));
            }
            Label::Invariant(expr) => {
                let printed = print(&model.arena, *expr, &model.resource_names());
                others.insert(format!("always {printed} (by induction)"));
            }
            Label::Alike(attributes) => {
                let names = attributes.iter().filter_map(|(resource, attribute)| {
                    let resource = model.resource(*resource);
                    let attribute = resource.attributes.get(*attribute)?;
                    Some(format!("{}.{}", resource.name, attribute.name))
                });
                let names: Vec<String> = names.collect();
                others.insert(match names.join(", ") {
                    names if names.is_empty() => "whatever is remembered".to_owned(),
                    names => format!("both servers remember the same {names} (by induction)"),
                });
            }
            Label::Restriction(words) => {
                others.insert(words.clone());
            }
        }
    }
    rules.into_iter().chain(others).collect()
}
