//! How many members objects have, and with which names.

use super::{Demand, Mistake, Probe, Spot, Taken};
use crate::document::{Additional, Placed, SchemaId, complete, other_names};
use crate::value::{Members, Value};

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let schema = spot.schema();
    let others = match &schema.additional {
        Additional::Forbidden(at) => Some(undeclared(spot, "additionalProperties", at)),
        _ => None,
    };
    let unevaluated = schema.unevaluated.as_ref();
    let unevaluated = unevaluated.map(|at| undeclared(spot, "unevaluatedProperties", at));
    let fewest = schema.min_properties.as_ref().map(|at| fewest(spot, at));
    let most = schema.max_properties.as_ref().map(|at| most(spot, at));
    let names = schema.property_names.iter().map(|at| names(spot, at));
    let all = [others, unevaluated, fewest, most].into_iter().flatten();
    all.chain(names).collect()
}

fn now(spot: &Spot<'_>) -> Members {
    match spot.value {
        Value::Map(members) => members.clone(),
        _ => Members::new(),
    }
}

fn undeclared(spot: &Spot<'_>, keyword: &'static str, at: &Placed<()>) -> Demand {
    let now = now(spot);
    let with = |name: &str, value: Value| {
        let mut members = now.clone();
        members.insert(name.into(), value);
        let ignored = Taken::As(spot.value.clone());
        Probe {
            taken: ignored,
            ..Probe::set(Value::Map(members))
        }
    };
    let names = other_names(spot.schemas, spot.id, 3).into_iter();
    let names = names.filter(|name| !now.contains_key(name.as_str()));
    let probes = names.map(|name| with(&name, Value::string("any")));
    let words = format!("takes members of {} that nothing declares", spot.name);
    let mut mistakes = vec![Mistake::lax("unchecked", words, probes.collect())];
    let declared = now.iter().next();
    let capital = declared.map(|(name, value)| (name.to_uppercase(), value.clone()));
    let capital = capital.filter(|(name, _)| !now.contains_key(name.as_str()));
    let probes = capital.map(|(name, value)| with(&name, value));
    let words = format!("reads names of members of {} in any case", spot.name);
    mistakes.push(Mistake::lax("case", words, probes.into_iter().collect()));
    Demand::new(keyword, format!("{keyword} false"), at, mistakes)
}

/// The object with that many members: declared ones that may be there are added
/// or left out, then any are added.
fn of_size(spot: &Spot<'_>, size: u64) -> Vec<Probe> {
    let schema = spot.schema();
    let mut members = now(spot);
    let optional = |name: &&str| !schema.required.contains_key(*name);
    let names: Vec<String> = members.keys().map(|name| name.to_string()).collect();
    for name in names.iter().rev().filter(|name| optional(&name.as_str())) {
        if members.len() as u64 > size {
            members.shift_remove(name.as_str());
        }
    }
    let made = |id: SchemaId| complete(spot.schemas, id, None).ok();
    for (name, id) in &schema.properties {
        if (members.len() as u64) < size
            && !members.contains_key(name.as_str())
            && let Some(value) = made(*id)
        {
            members.insert(name.as_str().into(), value);
        }
    }
    if (members.len() as u64) < size && !matches!(schema.additional, Additional::Forbidden(_)) {
        for name in other_names(
            spot.schemas,
            spot.id,
            usize::try_from(size).unwrap_or_default().min(1_000),
        ) {
            let value = match spot.schemas.property(spot.id, &name) {
                Some(id) => made(id),
                None => Some(Value::string("any")),
            };
            if let Some(value) = value.filter(|_| (members.len() as u64) < size) {
                members.entry(name.as_str().into()).or_insert(value);
            }
        }
    }
    match members.len() as u64 == size {
        true => vec![Probe::set(Value::Map(members))],
        false => Vec::new(),
    }
}

fn fewest(spot: &Spot<'_>, at: &Placed<u64>) -> Demand {
    let (name, least) = (spot.name, at.value);
    let mut mistakes = Vec::new();
    if let Some(fewer) = least.checked_sub(1) {
        let words = format!("takes {fewer} members of {name}, which has at least {least}");
        mistakes.push(Mistake::lax("unchecked", words, of_size(spot, fewer)));
    }
    let words = format!("refuses {least} members of {name}, which has at least as many");
    mistakes.push(Mistake::strict("border", words, of_size(spot, least)));
    Demand::new(
        "minProperties",
        format!("minProperties {least}"),
        at,
        mistakes,
    )
}

fn most(spot: &Spot<'_>, at: &Placed<u64>) -> Demand {
    let (name, most) = (spot.name, at.value);
    let more = most.saturating_add(1);
    let mistakes = vec![
        Mistake::lax(
            "unchecked",
            format!("takes {more} members of {name}, which has at most {most}"),
            of_size(spot, more),
        ),
        Mistake::strict(
            "border",
            format!("refuses {most} members of {name}, which has at most as many"),
            of_size(spot, most),
        ),
    ];
    Demand::new(
        "maxProperties",
        format!("maxProperties {most}"),
        at,
        mistakes,
    )
}

fn names(spot: &Spot<'_>, at: &Placed<SchemaId>) -> Demand {
    let long = "n".repeat(300);
    let tried = [
        "Other Name",
        "other-name",
        "ÄÖ",
        "1",
        "x",
        "",
        long.as_str(),
    ];
    let probes = tried.into_iter().map(|name| {
        let mut members = now(spot);
        let id = spot.schemas.property(spot.id, name);
        let made = id.and_then(|id| complete(spot.schemas, id, None).ok());
        members.insert(name.into(), made.unwrap_or_else(|| Value::string("any")));
        Probe::set(Value::Map(members))
    });
    let words = format!("takes any name for members of {}", spot.name);
    let lax = Mistake::lax("unchecked", words, probes.collect());
    Demand::new("propertyNames", "propertyNames", at, vec![lax])
}
