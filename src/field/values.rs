//! `enum` and `const`: the only values that are allowed.

use num_traits::One;

use super::{Demand, Mistake, Probe, Spot, shown};
use crate::value::{Number, Value};

/// Members of an enumeration that are sent one by one, at most.
const MAX_MEMBERS: usize = 60;

pub(super) fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let Some(listed) = &spot.schema().enumeration else {
        return Vec::new();
    };
    let (members, name) = (&listed.value, spot.name);
    let keyword = match listed.pointer.ends_with("/const") {
        true => "const",
        false => "enum",
    };
    let words = format!("takes any value for {name}, whatever `{keyword}` says");
    let mut mistakes = vec![Mistake::lax(
        "unchecked",
        words,
        others(members, spot.value),
    )];
    if members.iter().any(|own| own.as_str().is_some()) {
        let words = format!("takes the values of {name} in any case");
        mistakes.push(Mistake::lax("case", words, in_other_case(members, spot)));
        let words = format!("takes the values of {name} with blanks around them");
        mistakes.push(Mistake::lax("blanks", words, with_blanks(members, spot)));
    }
    let mut known: Vec<String> = Vec::new();
    for member in members.iter().take(MAX_MEMBERS) {
        let words = format!("doesn't know {} of {name}", shown(member));
        let probes = vec![Probe::set(member.clone())];
        let mut variant = format!("lacks/{}", shown(member).trim_matches('"'));
        // Members may look alike: one is cut, or is a number in quotes.
        let before = known.iter().filter(|own| **own == variant).count();
        known.push(variant.clone());
        if before > 0 {
            variant = format!("{variant}~{}", before + 1);
        }
        mistakes.push(Mistake::strict(variant, words, probes));
    }
    let shown: Vec<String> = members.iter().map(shown).collect();
    let says = format!("{keyword} {}", shown.join(", "));
    vec![Demand::new(keyword, says, listed, mistakes)]
}

/// Values of the same types that aren't listed; what stands there is what such a
/// server may go on with.
fn others(members: &[Value], now: &Value) -> Vec<Probe> {
    let beside = members.iter().flat_map(|member| match member {
        Value::Number(number) => {
            let one = Number::one();
            vec![Value::Number(number + &one), Value::Number(number - &one)]
        }
        Value::Bool(value) => vec![Value::Bool(!value)],
        Value::String(text) => {
            let doubled: String = text.chars().chain(text.chars().last()).collect();
            let mut cut: Vec<char> = text.chars().collect();
            cut.pop();
            let cut: String = cut.into_iter().collect();
            let texts = ["other".to_owned(), format!("{text}x"), doubled, cut];
            texts.into_iter().map(Value::string).collect()
        }
        _ => Vec::new(),
    });
    let beside = beside.filter(|value| !members.contains(value));
    let as_sent: Vec<Probe> = beside.take(200).map(Probe::set).collect();
    let known = as_sent.iter().cloned();
    let known: Vec<Probe> = known.map(|probe| probe.taken_as(now.clone())).collect();
    as_sent.into_iter().chain(known).collect()
}

fn in_other_case(members: &[Value], spot: &Spot<'_>) -> Vec<Probe> {
    changed(members, spot, |text| {
        let upper = text.to_uppercase();
        let lower = text.to_lowercase();
        let mut chars = text.chars();
        let first = chars
            .next()
            .map(|first| first.to_uppercase().chain(chars).collect());
        [Some(upper), Some(lower), first]
            .into_iter()
            .flatten()
            .collect()
    })
}

fn with_blanks(members: &[Value], spot: &Spot<'_>) -> Vec<Probe> {
    changed(members, spot, |text| {
        vec![format!("{text} "), format!(" {text}")]
    })
}

/// Other texts for members, that of the spot first, which such a server takes
/// for these.
fn changed(members: &[Value], spot: &Spot<'_>, change: impl Fn(&str) -> Vec<String>) -> Vec<Probe> {
    let own = members.iter().filter(|member| *member == spot.value);
    let all = own.chain(members);
    let found = all.filter_map(|member| Some((member, member.as_str()?)));
    let found = found.flat_map(|(member, text)| {
        let texts = change(text).into_iter().map(Value::string);
        let texts = texts.filter(|text| !members.contains(text));
        texts
            .map(|text| Probe::set(text).taken_as(member.clone()))
            .collect::<Vec<_>>()
    });
    found.collect()
}
