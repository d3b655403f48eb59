//! IDL against its own mapping to constraints (`IDLGenerator` of the ISA
//! group's IDL): what is compared must be given, a comparison alone says
//! something only where all of it is given.

use std::collections::BTreeMap;

use crossfield::import::idl::{
    Dependency, Group, Literal, Param, Predicate, Sum, from_document, parse,
};
use crossfield::source::{Diagnostics, Sources};
use fastrand::Rng;

/// Names as IDL writes them, their schemas, and their paths.
const PARAMETERS: [(&str, &str, &str); 7] = [
    ("a", "{type: integer, minimum: 0, maximum: 4}", "query"),
    ("b", "{type: integer, minimum: 0, maximum: 4}", "query"),
    (
        "p[c]",
        "{type: number, multipleOf: 0.5, minimum: 0, maximum: 4}",
        "query",
    ),
    ("f", "{type: boolean}", "query"),
    ("s", "{type: string, enum: [xx, xy, yy]}", "query"),
    ("X-T", "{type: string}", "header"),
    (
        "l",
        "{type: array, items: {type: string, enum: [xx, xy, yy]}}",
        "query",
    ),
];
const NUMBERS: [usize; 3] = [0, 1, 2];
const TEXTS: [&str; 3] = ["xx", "xy", "yy"];

/// What is sent: numbers in halves, Booleans as 0 and 2, texts as their index,
/// lists as sets of bits.
type State = BTreeMap<usize, i64>;

fn name(index: usize) -> String {
    match PARAMETERS[index].0 {
        "p[c]" => "[p[c]]".to_owned(),
        "X-T" => "[X-T]".to_owned(),
        name => name.to_owned(),
    }
}

fn param(index: usize) -> Param {
    Param {
        name: PARAMETERS[index].0.to_owned(),
        range: 0..0,
    }
}

fn index_of(param: &Param) -> usize {
    let found = PARAMETERS.iter().position(|own| own.0 == param.name);
    found.unwrap()
}

fn relation(rng: &mut Rng) -> &'static str {
    rng.choice(["==", "!=", "<", "<=", ">", ">="]).unwrap()
}

fn number(rng: &mut Rng) -> usize {
    rng.choice(NUMBERS).unwrap()
}

fn atom(rng: &mut Rng) -> Predicate {
    match rng.u8(0..9) {
        0..=2 => Predicate::Given(param(rng.usize(0..PARAMETERS.len()))),
        3 => {
            let value = Literal::Number(rng.i8(0..5).to_string());
            Predicate::Value(param(number(rng)), relation(rng), value)
        }
        4 => Predicate::Value(param(3), "==", Literal::Bool(rng.bool())),
        5 => {
            let count = rng.usize(1..3);
            let texts = rng.choose_multiple(TEXTS, count);
            let texts = texts.into_iter().map(str::to_owned).collect();
            let which = rng.choice([4, 5, 6]).unwrap();
            Predicate::Value(param(which), "==", Literal::Texts(texts))
        }
        6 => {
            let pattern = rng.choice(["x*", "*y", "*x*", "xy", "x*y"]).unwrap();
            Predicate::Like(param(rng.choice([4, 5]).unwrap()), pattern.to_owned())
        }
        7 => {
            let (a, b) = (number(rng), number(rng));
            Predicate::Relation(param(a), relation(rng), param(b))
        }
        _ => {
            let sum = sum(rng, 2);
            Predicate::Arithmetic(sum, relation(rng), rng.i8(-2..9).to_string())
        }
    }
}

fn sum(rng: &mut Rng, depth: usize) -> Sum {
    let sign = rng.choice(['+', '-', '*']).unwrap();
    let operand = |depth: usize, rng: &mut Rng| match depth {
        0 | 1 => Sum::Param(param(number(rng))),
        _ if rng.bool() => sum(rng, depth - 1),
        _ => Sum::Param(param(number(rng))),
    };
    let (a, b) = (operand(depth, rng), operand(depth, rng));
    Sum::Binary(sign, Box::new(a), Box::new(b))
}

fn predicate(rng: &mut Rng, depth: usize) -> Predicate {
    if depth == 0 {
        return atom(rng);
    }
    let several = |rng: &mut Rng| {
        let count = rng.usize(2..4);
        (0..count).map(|_| predicate(rng, depth - 1)).collect()
    };
    match rng.u8(0..8) {
        0 | 1 => Predicate::And(several(rng)),
        2 | 3 => Predicate::Or(several(rng)),
        4 => Predicate::Not(Box::new(predicate(rng, depth - 1))),
        5 | 6 => {
            let groups = [
                Group::Or,
                Group::OnlyOne,
                Group::AllOrNone,
                Group::ZeroOrOne,
            ];
            Predicate::Group(rng.choice(groups).unwrap(), several(rng))
        }
        _ => atom(rng),
    }
}

fn dependency(rng: &mut Rng) -> Dependency {
    let premise = rng.bool().then(|| {
        let depth = rng.usize(0..2);
        predicate(rng, depth)
    });
    let depth = rng.usize(0..3);
    Dependency {
        premise,
        predicate: predicate(rng, depth),
        range: 0..0,
    }
}

fn print(dependency: &Dependency) -> String {
    let predicate = show(&dependency.predicate);
    match &dependency.premise {
        Some(premise) => format!("IF {} THEN {predicate};", show(premise)),
        None => format!("{predicate};"),
    }
}

fn show(predicate: &Predicate) -> String {
    let list = |parts: &[Predicate], between: &str| {
        let parts: Vec<String> = parts.iter().map(show).collect();
        parts.join(between)
    };
    match predicate {
        Predicate::Given(param) => name(index_of(param)),
        Predicate::Value(param, relation, literal) => {
            let literal = match literal {
                Literal::Texts(texts) => {
                    let texts: Vec<String> = texts.iter().map(|text| format!("'{text}'")).collect();
                    texts.join("|")
                }
                Literal::Bool(value) => value.to_string(),
                Literal::Number(number) => number.clone(),
            };
            format!("{}{relation}{literal}", name(index_of(param)))
        }
        Predicate::Like(param, pattern) => format!("{} LIKE '{pattern}'", name(index_of(param))),
        Predicate::Relation(a, relation, b) => {
            format!("{} {relation} {}", name(index_of(a)), name(index_of(b)))
        }
        Predicate::Arithmetic(sum, relation, number) => {
            let sum = show_sum(sum);
            let sum = sum.strip_prefix('(').unwrap().strip_suffix(')').unwrap();
            format!("{sum} {relation} {number}")
        }
        Predicate::Group(group, parts) => format!("{group:?}({})", list(parts, ", ")),
        Predicate::Not(inner) => format!("NOT ({})", show(inner)),
        Predicate::And(parts) => format!("({})", list(parts, " AND ")),
        Predicate::Or(parts) => format!("({})", list(parts, " OR ")),
    }
}

fn show_sum(sum: &Sum) -> String {
    match sum {
        Sum::Param(param) => name(index_of(param)),
        Sum::Binary(sign, a, b) => format!("({} {sign} {})", show_sum(a), show_sum(b)),
    }
}

/// Numbers count in quarters, so that products of halves stay whole.
fn holds(dependency: &Dependency, state: &State) -> bool {
    if let Some(premise) = &dependency.premise {
        return !judge(premise, state) || judge(&dependency.predicate, state);
    }
    match &dependency.predicate {
        Predicate::Relation(a, _, b)
            if !state.contains_key(&index_of(a)) || !state.contains_key(&index_of(b)) =>
        {
            true
        }
        Predicate::Arithmetic(sum, ..) if value(sum, state).is_none() => true,
        other => judge(other, state),
    }
}

fn judge(predicate: &Predicate, state: &State) -> bool {
    let get = |param: &Param| state.get(&index_of(param)).copied();
    let count = |parts: &[Predicate]| parts.iter().filter(|part| judge(part, state)).count();
    match predicate {
        Predicate::Given(param) => get(param).is_some(),
        Predicate::Value(param, relation, literal) => get(param).is_some_and(|own| match literal {
            Literal::Number(number) => compare(own, relation, number.parse::<i64>().unwrap() * 2),
            Literal::Bool(value) => own == i64::from(*value) * 2,
            Literal::Texts(texts) => texts.iter().any(|text| {
                let index = TEXTS.iter().position(|own| own == text).unwrap();
                match param.name.as_str() {
                    "l" => own >> index & 1 == 1,
                    _ => own == index as i64,
                }
            }),
        }),
        Predicate::Like(param, pattern) => {
            get(param).is_some_and(|own| like(TEXTS[own as usize], pattern))
        }
        Predicate::Relation(a, relation, b) => match (get(a), get(b)) {
            (Some(a), Some(b)) => compare(a, relation, b),
            _ => false,
        },
        Predicate::Arithmetic(sum, relation, number) => {
            let (sum, scale) = match value(sum, state) {
                Some(found) => found,
                None => return false,
            };
            compare(sum, relation, number.parse::<i64>().unwrap() * scale)
        }
        Predicate::Not(inner) => !judge(inner, state),
        Predicate::And(parts) => count(parts) == parts.len(),
        Predicate::Or(parts) | Predicate::Group(Group::Or, parts) => count(parts) > 0,
        Predicate::Group(Group::OnlyOne, parts) => count(parts) == 1,
        Predicate::Group(Group::ZeroOrOne, parts) => count(parts) <= 1,
        Predicate::Group(Group::AllOrNone, parts) => {
            count(parts) == 0 || count(parts) == parts.len()
        }
    }
}

/// The value, and by what it is scaled.
fn value(sum: &Sum, state: &State) -> Option<(i64, i64)> {
    match sum {
        Sum::Param(param) => Some((*state.get(&index_of(param))?, 2)),
        Sum::Binary(sign, a, b) => {
            let ((a, a_scale), (b, b_scale)) = (value(a, state)?, value(b, state)?);
            Some(match sign {
                '*' => (a * b, a_scale * b_scale),
                '+' => (a * b_scale + b * a_scale, a_scale * b_scale),
                _ => (a * b_scale - b * a_scale, a_scale * b_scale),
            })
        }
    }
}

fn compare(a: i64, relation: &str, b: i64) -> bool {
    match relation {
        "==" => a == b,
        "!=" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    }
}

fn like(text: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        None => text == pattern,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            let mut ends = (0..=text.len()).map(|at| &text[at..]);
            ends.any(|text| like(text, rest))
        }),
    }
}

fn state(rng: &mut Rng) -> State {
    let mut state = State::new();
    for index in 0..PARAMETERS.len() {
        if rng.u8(0..3) == 0 {
            continue;
        }
        let value = match index {
            0 | 1 => rng.i64(0..5) * 2,
            2 => rng.i64(0..9),
            3 => rng.i64(0..2) * 2,
            4 | 5 => rng.i64(0..3),
            _ => rng.i64(0..8),
        };
        state.insert(index, value);
    }
    state
}

fn request(state: &State) -> String {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (&index, &value) in state {
        let (name, _, place) = PARAMETERS[index];
        let written = match index {
            0 | 1 => (value / 2).to_string(),
            2 => format!("{}.{}", value / 2, value % 2 * 5),
            3 => (value == 2).to_string(),
            4 | 5 => format!("\"{}\"", TEXTS[value as usize]),
            _ => {
                let kept = (0..3).filter(|bit| value >> bit & 1 == 1);
                let kept: Vec<String> = kept.map(|bit| format!("\"{}\"", TEXTS[bit])).collect();
                format!("[{}]", kept.join(", "))
            }
        };
        places
            .entry(place)
            .or_default()
            .push(format!("\"{name}\": {written}"));
    }
    let mut places: Vec<String> = places
        .into_iter()
        .map(|(place, members)| format!("\"{place}\": {{{}}}", members.join(", ")))
        .collect();
    for place in ["query", "header"] {
        if !places
            .iter()
            .any(|own| own.starts_with(&format!("\"{place}")))
        {
            places.push(format!("\"{place}\": {{}}"));
        }
    }
    format!("{{{}}}", places.join(", "))
}

fn openapi(dependencies: &[Dependency]) -> String {
    let mut text =
        "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a:\n    get:\n      \
                    operationId: a\n      parameters:\n"
            .to_owned();
    for (name, schema, place) in PARAMETERS {
        text += &format!("        - {{name: '{name}', in: {place}, schema: {schema}}}\n");
    }
    text += "      x-dependencies:\n";
    for dependency in dependencies {
        text += &format!("        - \"{}\"\n", print(dependency));
    }
    text + "      responses: {'200': {description: d}}\n"
}

/// The dependencies as they are parsed again, without places.
fn reparsed(dependency: &Dependency) -> String {
    let text = print(dependency);
    let mut parsed = parse(&text);
    assert_eq!(parsed.len(), 1, "{text}");
    print(
        &parsed
            .pop()
            .unwrap()
            .unwrap_or_else(|error| panic!("{text}: {error:?}")),
    )
}

#[test]
fn imported_dependencies_judge_as_idl_does() {
    let mut rng = Rng::with_seed(7);
    let (mut judged, mut refused) = (0, 0);
    for _ in 0..40 {
        let dependencies: Vec<Dependency> = (0..15).map(|_| dependency(&mut rng)).collect();
        for dependency in &dependencies {
            assert_eq!(reparsed(dependency), print(dependency));
        }
        let mut sources = Sources::new();
        let document = crate::document(&openapi(&dependencies), &mut sources);
        let operations: Vec<_> = document.operations.iter().collect();
        let mut found = Diagnostics::new();
        let imported = from_document(&document, &operations, "openapi.yaml", &mut found);
        let (model, imported) = crate::model(imported, &document, &mut sources);
        for lost in &imported.lost {
            assert!(
                lost.why.starts_with("it holds for") || lost.why == "it never applies",
                "{lost:?}"
            );
        }
        for _ in 0..60 {
            let state = state(&mut rng);
            let broken = crate::broken(&model, &request(&state));
            for rule in &imported.rules {
                let source = rule.source.as_ref().unwrap();
                let index: usize = source.rsplit('/').next().unwrap().parse().unwrap();
                let dependency = &dependencies[index];
                let right = holds(dependency, &state);
                let text = print(dependency);
                assert_eq!(
                    !broken.contains(&rule.id),
                    right,
                    "{text}\n{rule:?}\n{}",
                    request(&state)
                );
                judged += 1;
                refused += usize::from(!right);
            }
        }
    }
    assert!(judged > 25_000, "{judged}");
    assert!(refused > judged / 10, "{refused} of {judged}");
}
