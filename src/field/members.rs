//! Whether members are there: `required`, and that what is declared may be
//! given and left out.

use super::{Demand, Mistake, Probe, Spot};
use crate::document::Placed;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let Some(member) = spot.member else {
        return Vec::new();
    };
    let name = spot.name;
    match member.required {
        Some(_) if !member.can_lack => Vec::new(),
        Some(place) => {
            let words = format!("does without {name}, which is required");
            let lax = Mistake::lax("unchecked", words, vec![Probe::left_out()]);
            vec![Demand::new("required", "required", place, vec![lax])]
        }
        None => {
            let schema = spot.schema();
            let place = Placed {
                value: (),
                span: schema.span,
                pointer: schema.pointer.clone(),
            };
            let given = format!("refuses {name}, which may be given");
            let lacking = format!("demands {name}, which may be left out");
            let left_out = Mistake::strict("left-out", lacking, vec![Probe::left_out()]);
            let given = (!member.is_given)
                .then(|| Mistake::strict("given", given, vec![Probe::set(spot.value.clone())]));
            let mistakes = given.into_iter().chain([left_out]).collect();
            vec![Demand::new(
                "properties",
                "may be left out",
                &place,
                mistakes,
            )]
        }
    }
}
