//! Which keywords of a text a proof needs: all of them are asserted together,
//! under the place of one.

use crate::document::{Placed, Schema, SchemaId};
use crate::model::{Model, OperationRef, RuleRef};
use crate::search::decide::Reach;
use crate::search::lower::{Label, text_place};
use crate::search::prove::{Proof, Prover, Situation};

/// A keyword that can be left out of a schema.
#[derive(Clone, Copy)]
enum Keyword {
    MinLength,
    MaxLength,
    Pattern,
}

impl Keyword {
    const ALL: [Self; 3] = [Self::MaxLength, Self::MinLength, Self::Pattern];

    fn remove(self, schema: &mut Schema) {
        match self {
            Self::MinLength => schema.min_length = None,
            Self::MaxLength => schema.max_length = None,
            Self::Pattern => schema.patterns.clear(),
        }
    }
}

/// The proof that `situation` can't be, with those keywords of texts that it
/// needs: found by trial with the others left out.
pub(super) fn refined(
    model: &Model,
    operation: OperationRef,
    reach: Reach,
    (situation, others): (Situation, &[RuleRef]),
    core: Vec<Label>,
) -> Vec<Label> {
    let mut model = model.clone();
    let mut shown = Vec::new();
    for label in core {
        let all = model.schemas.iter();
        let ids: Vec<SchemaId> = all
            .filter(|(_, own)| is_at(own, &label))
            .map(|(id, _)| id)
            .collect();
        let keywords = |model: &Model| ids.first().map(|id| labels(model.schemas.get(*id)));
        if keywords(&model).is_none_or(|keywords| keywords.len() < 2) {
            shown.push(label);
            continue;
        }
        for keyword in Keyword::ALL {
            let mut tried = model.clone();
            for id in &ids {
                let mut schema = tried.schemas.get(*id).clone();
                keyword.remove(&mut schema);
                tried.schemas.set(*id, schema);
            }
            let proof = Prover::new(&tried, operation, reach).ask(situation, others);
            if matches!(proof, Proof::Never(_)) {
                model = tried;
            }
        }
        shown.extend(keywords(&model).unwrap_or_default());
    }
    shown
}

/// Whether what a schema says of its texts is asserted under a label.
fn is_at(schema: &Schema, label: &Label) -> bool {
    let (own, place, at) = text_place(schema);
    matches!(label, Label::Schema { keyword, pointer, span }
        if *keyword == own && *pointer == place && *span == at)
        && schema.enumeration.is_none()
}

/// The labels that the keywords of a schema's texts would have by themselves.
fn labels(schema: &Schema) -> Vec<Label> {
    fn label<T>(keyword: &'static str, place: &Placed<T>) -> Label {
        Label::Schema {
            keyword,
            pointer: place.pointer.clone(),
            span: place.span,
        }
    }
    let min = schema.min_length.iter().map(|own| label("minLength", own));
    let max = schema.max_length.iter().map(|own| label("maxLength", own));
    let patterns = schema.patterns.iter().map(|own| label("pattern", own));
    let format = schema.format.iter().map(|own| label("format", own));
    min.chain(max).chain(patterns).chain(format).collect()
}
