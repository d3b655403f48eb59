//! Keywords that combine schemas, or speak of several members or items at once.

use super::{Demand, Mistake, Probe, Spot};
use crate::document::{Condition, Formula, Placed, changes, verdict};
use crate::value::Value;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let schema = spot.schema();
    let near: Vec<Value> = match schema.conditions.is_empty() && schema.contains.is_empty() {
        true => return Vec::new(),
        false => changes(spot.schemas, &[spot.id], spot.value),
    };
    let conditions = schema.conditions.iter();
    let conditions = conditions.map(|condition| demand(spot, condition, &near));
    let contains = schema.contains.iter().map(|own| {
        let words = format!(
            "doesn't count the items of {} that `contains` is about",
            spot.name
        );
        let probes = near.iter().cloned().map(Probe::set).collect();
        Demand::new(
            "contains",
            "contains",
            own,
            vec![Mistake::lax("unchecked", words, probes)],
        )
    });
    conditions.chain(contains).collect()
}

fn demand(spot: &Spot<'_>, condition: &Condition, near: &[Value]) -> Demand {
    let (name, keyword) = (spot.name, condition.keyword);
    let place = Placed {
        value: (),
        span: condition.span,
        pointer: condition.pointer.clone(),
    };
    let probes = |several: Option<bool>| -> Vec<Probe> {
        let near = near
            .iter()
            .filter(|value| match (several, &condition.formula) {
                (Some(several), Formula::One(parts)) => {
                    (holding(spot, parts, value) > 1) == several
                }
                _ => true,
            });
        near.cloned().map(Probe::set).collect()
    };
    let mistakes = match &condition.formula {
        Formula::One(_) => vec![
            Mistake::lax(
                "none",
                format!("takes what fits none of the alternatives of {name}"),
                probes(Some(false)),
            ),
            Mistake::lax(
                "several",
                format!("takes what fits several alternatives of {name}"),
                probes(Some(true)),
            ),
        ],
        _ => {
            let words = format!("doesn't look at what `{keyword}` says of {name}");
            vec![Mistake::lax("unchecked", words, probes(None))]
        }
    };
    Demand::new(keyword, keyword, &place, mistakes)
}

/// How many alternatives a value fits.
fn holding(spot: &Spot<'_>, parts: &[Formula], value: &Value) -> usize {
    let fits = |part: &&Formula| match part {
        Formula::Is(id) => verdict(spot.schemas, *id, value) == Some(true),
        _ => false,
    };
    parts.iter().filter(fits).count()
}
