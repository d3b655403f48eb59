//! Places and proofs in an author's terms.

use std::collections::BTreeSet;

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
            Label::NeverNegative(resource, attribute) => {
                let resource = model.resource(*resource);
                let name = resource.attributes.get(*attribute).map_or("", |a| &a.name);
                others.insert(format!(
                    "{}.{name} is never negative (by induction)",
                    resource.name
                ));
            }
            Label::Restriction(words) => {
                others.insert(words.clone());
            }
        }
    }
    rules.into_iter().chain(others).collect()
}
