//! `minItems`, `maxItems` and `uniqueItems`.

use super::{Demand, Mistake, Probe, Spot, Taken};
use crate::document::{Placed, complete, variations};
use crate::value::{Members, Value};

/// Lists beyond this length aren't sent.
const MAX_ITEMS: u64 = 2_000;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let schema = spot.schema();
    let fewest = schema.min_items.as_ref().map(|at| fewest(spot, at));
    let most = schema.max_items.as_ref().map(|at| most(spot, at));
    let unique = schema.unique_items.as_ref().map(|at| unique(spot, at));
    [fewest, most, unique].into_iter().flatten().collect()
}

fn items<'s>(spot: &Spot<'s>) -> &'s [Value] {
    match spot.value {
        Value::List(items) => items,
        _ => &[],
    }
}

/// Lists with that many items like those that stand there: with other ones
/// behind them, then with the last one again and again.
fn of_size(spot: &Spot<'_>, size: u64) -> Vec<Probe> {
    let Ok(count) = usize::try_from(size.min(MAX_ITEMS + 1)) else {
        return Vec::new();
    };
    if size > MAX_ITEMS {
        return Vec::new();
    }
    let now = items(spot);
    if count <= now.len() {
        let items = now.iter().take(count).cloned().collect();
        return vec![Probe::set(Value::List(items))];
    }
    let lacking = count - now.len();
    let part = spot.schemas.item(spot.id, now.len());
    let made = part.and_then(|id| complete(spot.schemas, id, None).ok());
    let Some(last) = now.last().cloned().or(made) else {
        return Vec::new();
    };
    let ids: Vec<_> = part.into_iter().collect();
    let others = variations(spot.schemas, &ids, &last, lacking);
    let others = others.into_iter().filter(|own| !now.contains(own));
    let mut different: Vec<Value> = Vec::new();
    let first = now.is_empty().then(|| last.clone());
    for other in first.into_iter().chain(others) {
        if !different.contains(&other) {
            different.push(other);
        }
    }
    let with = |more: Vec<Value>| Value::List(now.iter().cloned().chain(more).collect());
    let mut found = Vec::new();
    if different.len() >= lacking {
        different.truncate(lacking);
        found.push(Probe::set(with(different)));
    }
    found.push(Probe::set(with(vec![last; lacking])));
    found
}

fn fewest(spot: &Spot<'_>, at: &Placed<u64>) -> Demand {
    let (name, least) = (spot.name, at.value);
    let mut mistakes = Vec::new();
    if let Some(fewer) = least.checked_sub(1) {
        let probes = of_size(spot, fewer);
        let all = probes.iter().cloned().chain(of_size(spot, 0)).collect();
        let words = format!("doesn't look whether {name} has {least} items");
        mistakes.push(Mistake::lax("unchecked", words, all));
        let words = format!("takes {fewer} items for {name}, which has at least {least}");
        mistakes.push(Mistake::lax("one-less", words, probes));
    }
    let words = format!("refuses {least} items for {name}, which has at least as many");
    mistakes.push(Mistake::strict("border", words, of_size(spot, least)));
    Demand::new("minItems", format!("minItems {least}"), at, mistakes)
}

fn most(spot: &Spot<'_>, at: &Placed<u64>) -> Demand {
    let (name, most) = (spot.name, at.value);
    let more = of_size(spot, most.saturating_add(1));
    // A server may leave out what is too many.
    let cut = Taken::As(spot.value.clone());
    let cut = more.iter().cloned().map(|probe| Probe {
        taken: cut.clone(),
        ..probe
    });
    let all = more.iter().cloned().chain(cut).collect();
    let mistakes = vec![
        Mistake::lax(
            "unchecked",
            format!("doesn't look whether {name} has more than {most} items"),
            all,
        ),
        Mistake::lax(
            "one-more",
            format!(
                "takes {} items for {name}, which has at most {most}",
                most.saturating_add(1)
            ),
            more,
        ),
        Mistake::strict(
            "border",
            format!("refuses {most} items for {name}, which has at most as many"),
            of_size(spot, most),
        ),
    ];
    Demand::new("maxItems", format!("maxItems {most}"), at, mistakes)
}

fn unique(spot: &Spot<'_>, at: &Placed<()>) -> Demand {
    let (now, name) = (items(spot), spot.name);
    let first = now.first().into_iter();
    let again = first
        .clone()
        .map(|first| [now, std::slice::from_ref(first)].concat());
    let replaced = now.split_last().filter(|(_, rest)| !rest.is_empty());
    let replaced =
        replaced.map(|(_, rest)| [rest, &[now.first().cloned().unwrap_or(Value::Null)]].concat());
    let lists = again.chain(replaced).map(Value::List);
    let probes = lists.flat_map(|list| {
        let probe = Probe::set(list);
        [probe.clone(), probe.taken_as(spot.value.clone())]
    });
    let mut mistakes = vec![Mistake::lax(
        "unchecked",
        format!("takes the same item twice in {name}"),
        probes.collect(),
    )];
    let item = spot.schemas.item(spot.id, 0);
    if item.is_some_and(|item| spot.schemas.get(item).properties.len() > 1) {
        let list = now.first().and_then(turned);
        let list = list.map(|turned| Value::List([now, &[turned]].concat()));
        let probes = list.into_iter().flat_map(|list| {
            let probe = Probe::set(list);
            [probe.clone(), probe.taken_as(spot.value.clone())]
        });
        let words = format!("tells items of {name} apart by the order of their members");
        mistakes.push(Mistake::lax("order", words, probes.collect()));
    }
    Demand::new("uniqueItems", "uniqueItems", at, mistakes)
}

/// The same object with its members the other way round.
fn turned(item: &Value) -> Option<Value> {
    let Value::Map(members) = item else {
        return None;
    };
    let turned = members.iter().rev();
    let turned = turned.map(|(name, value)| (name.clone(), value.clone()));
    (members.len() > 1).then(|| Value::Map(Members::from_iter(turned)))
}
