//! Keywords that combine schemas: their lowering against the independent
//! validator, on random schemas and bodies.
//!
//! A body is pinned, location by location: one that the validator allows must
//! be possible, or proofs may be wrong. What the solver makes up must be
//! allowed by the validator, or the search finds nothing that can be used.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossfield::model::{Built, OperationRef};
use crossfield::search::lower::{Env, Label, Lowering};
use crossfield::search::plan::Plan;
use crossfield::search::smt::{Answer, Limits, Session, Term, with_context};
use crossfield::search::stage::{Reply, Stage};
use crossfield::value::{Members, Value};
use fastrand::Rng;

use crate::lowering::{NARROW, evaluated};
use crate::world::build_texts;

/// What all members are, wherever they are declared.
const MEMBERS: [(&str, &str); 7] = [
    ("a", r#"{"type": "string", "maxLength": 3}"#),
    ("b", r#"{"type": "integer", "minimum": -3, "maximum": 9}"#),
    ("c", r#"{"type": "boolean"}"#),
    (
        "d",
        r#"{"type": "array", "maxItems": 3, "items": {"type": "integer", "minimum": 0, "maximum": 4}}"#,
    ),
    (
        "e",
        r#"{"type": "object", "properties": {"f": {"type": "string", "enum": ["x", "y"]}, "g": {"type": "integer", "nullable": true}}}"#,
    ),
    (
        "k",
        r#"{"type": "string", "enum": ["one", "two", "three"]}"#,
    ),
    (
        "n",
        r#"{"type": "number", "multipleOf": 0.5, "minimum": 0, "maximum": 4}"#,
    ),
];

/// A member that is what the whole is, in some schemas.
const WITHIN: (&str, &str) = ("r", r##"{"$ref": "#/components/schemas/Whole"}"##);

/// Rules whose two values are asked for.
const RULES: [&str; 17] = [
    "has(body.a)",
    "has(body.b)",
    "has(body.c)",
    "has(body.e)",
    "has(body.k)",
    "has(body.h)",
    "has(body.a) && has(body.b)",
    "has(body.b) && body.b > 4",
    "has(body.a) && body.a == 'xy'",
    "has(body.k) && body.k != 'one'",
    "has(body.d) && size(body.d) >= 2",
    "has(body.e) && has(body.e.f) && body.e.f == 'y'",
    "has(body.n) && body.n >= 1.5",
    "has(body.h) && body.h.startsWith('z')",
    "has(body.r)",
    "has(body.r) && has(body.r.b) && body.r.b > 4",
    "has(body.r) && has(body.r.r) && has(body.r.r.a)",
];

/// A demand on one member.
fn keyword(rng: &mut Rng) -> (&'static str, String) {
    let count = rng.u8(..4);
    match rng.u8(..23) {
        0 => ("a", format!(r#"{{"minLength": {count}}}"#)),
        1 => ("a", r#"{"pattern": "^x"}"#.into()),
        2 => ("a", r#"{"enum": ["xy", "z"]}"#.into()),
        3 => ("b", format!(r#"{{"minimum": {count}}}"#)),
        4 => ("b", r#"{"multipleOf": 2}"#.into()),
        5 => ("b", format!(r#"{{"const": {count}}}"#)),
        6 => ("b", r#"{"type": "integer", "maximum": 3}"#.into()),
        7 => ("c", r#"{"enum": [true]}"#.into()),
        8 => ("d", r#"{"uniqueItems": true}"#.into()),
        9 => ("d", format!(r#"{{"contains": {{"minimum": {count}}}}}"#)),
        10 => ("d", format!(r#"{{"minItems": {}, "items": {{"maximum": {count}}}}}"#, count / 2)),
        11 => ("e", r#"{"required": ["f"]}"#.into()),
        12 => ("e", r#"{"properties": {"f": {"enum": ["y"]}, "g": {"type": "integer"}}, "required": ["g"]}"#.into()),
        13 => ("e", format!(r#"{{"maxProperties": {}}}"#, count / 2)),
        14 => ("k", r#"{"const": "one"}"#.into()),
        15 => ("k", r#"{"enum": ["two", "three"]}"#.into()),
        16 => ("n", r#"{"type": "integer"}"#.into()),
        17 => ("n", r#"{"multipleOf": 1.5}"#.into()),
        18 => ("r", r#"{"required": ["a"]}"#.into()),
        19 => ("r", r#"{"properties": {"b": {"maximum": 3}}}"#.into()),
        20 => ("r", r#"{"properties": {"r": {"properties": {"r": {"required": ["a"]}}}}}"#.into()),
        21 => ("h", r#"{"type": "string", "minLength": 2}"#.into()),
        _ => ("h", r#"{"type": "string", "pattern": "^z", "maxLength": 4}"#.into()),
    }
}

fn different(rng: &mut Rng) -> (&'static str, &'static str) {
    let mut names = ["a", "b", "c", "d", "e", "k", "n", "h"];
    rng.shuffle(&mut names);
    (names[0], names[1])
}

/// A schema over members.
fn part(rng: &mut Rng, depth: u32) -> String {
    if depth > 0 && rng.u8(..4) == 0 {
        return format!("{{{}}}", demand(rng, depth - 1));
    }
    let (member, own) = keyword(rng);
    let (one, two) = different(rng);
    match rng.u8(..6) {
        0 => format!(r#"{{"required": ["{one}"]}}"#),
        1 => format!(r#"{{"required": ["{one}", "{two}"]}}"#),
        2 => format!(r#"{{"properties": {{"{member}": {own}}}}}"#),
        3 if member != "k" => format!(
            r#"{{"type": "object", "required": ["k"], "properties": {{"k": {{"const": "one"}}, "{member}": {own}}}, "additionalProperties": false}}"#
        ),
        _ => format!(r#"{{"required": ["{member}"], "properties": {{"{member}": {own}}}}}"#),
    }
}

/// A keyword that combines schemas.
fn demand(rng: &mut Rng, depth: u32) -> String {
    let parts = [part(rng, depth), part(rng, depth), part(rng, depth)];
    let [one, two, three] = &parts;
    let (a, b) = different(rng);
    let count = rng.u8(..4);
    match rng.u8(..13) {
        0 | 1 => format!(r#""oneOf": [{one}, {two}, {three}]"#),
        2 | 3 => format!(r#""anyOf": [{one}, {two}]"#),
        4 => format!(r#""not": {one}"#),
        5 | 6 => format!(r#""if": {one}, "then": {two}, "else": {three}"#),
        7 => format!(r#""dependentRequired": {{"{a}": ["{b}"]}}"#),
        8 => format!(r#""dependentSchemas": {{"{a}": {one}}}"#),
        9 => format!(r#""minProperties": {count}"#),
        10 => format!(r#""maxProperties": {}"#, count + 2),
        11 => r#""propertyNames": {"pattern": "^[a-eh]"}"#.into(),
        _ => format!(r#""unevaluatedProperties": false, "anyOf": [{one}, {two}]"#),
    }
}

fn schema(rng: &mut Rng) -> String {
    // Others have a member of that name that is no such thing.
    let plain = r#"{"type": "object", "properties": {"b": {"type": "integer"}, "r": {"type": "object", "properties": {"a": {"type": "string"}}}}}"#;
    let within = if rng.u8(..3) == 0 { WITHIN.1 } else { plain };
    let members = MEMBERS.into_iter().chain([(WITHIN.0, within)]);
    let members = members.map(|(name, own)| format!(r#""{name}": {own}"#));
    let members: Vec<String> = members.collect();
    // So that rules can always read it.
    let hidden = r#"{"anyOf": [{}, {"properties": {"h": {"type": "string"}}}]}"#;
    let demands = match rng.u8(..2) {
        0 => format!(r#"{}, "allOf": [{hidden}]"#, demand(rng, 1)),
        _ => {
            let (first, second) = (demand(rng, 1), demand(rng, 1));
            format!(r#""allOf": [{{{first}}}, {{{second}}}, {hidden}]"#)
        }
    };
    format!(
        r#"{{"type": "object", "properties": {{{}}}, {demands}}}"#,
        members.join(", ")
    )
}

fn body(rng: &mut Rng, depth: u32) -> Value {
    let mut members = Members::new();
    let text = |texts: &[&str], rng: &mut Rng| Value::string(texts[rng.usize(..texts.len())]);
    let often = rng.u8(1..4);
    for name in ["a", "b", "c", "d", "e", "k", "n", "h", "r", "zz"] {
        let is_rare = name == "zz" || name == "r" && depth > 1;
        if name != "r" && rng.u8(..4) >= often
            || is_rare && rng.u8(..3) > 0
            || name == "r" && depth > 2
        {
            continue;
        }
        let value = match name {
            "a" => text(&["", "x", "xy", "z", "abc"], rng),
            "b" => Value::int(rng.i64(-3..10)),
            "c" => Value::Bool(rng.bool()),
            "d" => {
                let count = rng.usize(..4);
                Value::List((0..count).map(|_| Value::int(rng.i64(0..5))).collect())
            }
            "e" => {
                let mut own = Members::new();
                if rng.bool() {
                    own.insert("f".into(), text(&["x", "y"], rng));
                }
                match rng.u8(..4) {
                    0 => drop(own.insert("g".into(), Value::int(7))),
                    1 => drop(own.insert("g".into(), Value::Null)),
                    _ => {}
                }
                Value::Map(own)
            }
            "k" => text(&["one", "two", "three"], rng),
            "n" => crate::fields::hundredths(rng.i64(0..9) * 50),
            "h" => text(&["", "h", "za", "zabcd"], rng),
            // Such as both kinds of member allow.
            "r" => body(rng, depth + 1),
            _ => Value::int(1),
        };
        members.insert(name.into(), value);
    }
    Value::Map(members)
}

fn built(schema: &str) -> Result<Built, String> {
    let api = format!(
        r##"{{"openapi": "3.0.3", "info": {{"title": "random", "version": "1"}}, "paths": {{"/t": {{"post": {{"operationId": "create", "requestBody": {{"required": true, "content": {{"application/json": {{"schema": {{"$ref": "#/components/schemas/Whole"}}}}}}}}, "responses": {{"201": {{"description": "made"}}}}}}}}}}, "components": {{"schemas": {{"Whole": {schema}}}}}}}"##
    );
    let rules = RULES.iter().enumerate().map(|(index, rule)| {
        let rule = Value::string(*rule);
        format!(r#"{{"id": "r{index:02}", "operation": "create", "rule": {rule}, "message": "m"}}"#)
    });
    let rules: Vec<String> = rules.collect();
    let rules = format!(
        r#"{{"crossfield": 1, "api": "api.json", "rules": [{}]}}"#,
        rules.join(", ")
    );
    build_texts(&api, &rules)
}

/// What was seen.
#[derive(Debug, Default)]
struct Seen {
    valid: usize,
    invalid: usize,
    invalid_but_possible: usize,
    made: usize,
    made_but_refused: usize,
    impossible: usize,
    open: usize,
    not_completed: usize,
}

struct Trial<'b> {
    schema: &'b str,
    built: &'b Built,
    operation: OperationRef,
}

impl Trial<'_> {
    fn request(body: Value) -> Value {
        Value::Map(Members::from_iter([("body".into(), body)]))
    }

    fn is_valid(&self, request: &Value) -> bool {
        let documented = &self.built.documented[self.operation.0 as usize];
        documented.validator.validate(request).is_empty()
    }

    fn is_modelled(&self) -> bool {
        let documented = &self.built.documented[self.operation.0 as usize];
        documented.operation.unmodelled().is_empty()
    }

    /// Whether values hold others of their own kind: deep ones are left open.
    fn is_within_itself(&self) -> bool {
        self.schema.contains(WITHIN.1)
    }

    /// Whether the encoding allows exactly this request.
    fn is_possible(&self, request: &Value) -> Option<bool> {
        let model = &self.built.model;
        let mut lowering = Lowering::new(model, NARROW);
        let schema = model.operation(self.operation).request;
        let env = Env {
            step: 0,
            request: lowering.add_request(0, schema, request),
            state_version: 0,
            earlier: std::sync::Arc::default(),
            moment: 0,
            resources: Arc::new(BTreeMap::new()),
            after: Arc::default(),
            all: Arc::new(BTreeMap::new()),
            width: 1,
            items: Vec::new(),
        };
        for rule in &model.rules {
            lowering.truth(rule.expr, &env);
        }
        lowering.settle_texts();
        let slots: Vec<_> = lowering.slots().map(|(id, _)| id).skip(1).collect();
        let pins = slots
            .into_iter()
            .filter_map(|slot| lowering.as_baseline(slot));
        let pins: Vec<Term> = pins.collect();
        lowering.settle_texts();
        let mut session = Session::new(Limits::default());
        for fact in lowering.facts.iter().chain(&pins) {
            session.assert(&lowering.terms, *fact);
        }
        let of_schemas = lowering.literals.iter();
        let of_schemas = of_schemas.filter(|(_, label)| matches!(label, Label::Schema { .. }));
        let of_schemas: Vec<Term> = of_schemas.map(|(own, _)| *own).collect();
        match session.ask(&lowering.terms, &of_schemas) {
            Answer::Sat(_) => Some(true),
            Answer::Unsat(core) => {
                if std::env::var_os("CROSSFIELD_DEBUG").is_some() {
                    for (literal, label) in &lowering.literals {
                        if core.contains(literal) {
                            println!("core: {label:?}");
                        }
                    }
                }
                Some(false)
            }
            Answer::Unknown(_) => None,
        }
    }

    fn pin(&self, request: &Value, seen: &mut Seen) {
        let possible = self.is_possible(request);
        match (self.is_valid(request), possible) {
            (_, None) => seen.open += 1,
            (true, Some(possible)) => {
                seen.valid += 1;
                assert!(
                    possible,
                    "the encoding excludes a valid body\n{}\n{request}",
                    self.schema
                );
            }
            (false, Some(possible)) => {
                if !self.is_modelled() {
                    return;
                }
                if self.is_within_itself() {
                    return;
                }
                seen.invalid += 1;
                seen.invalid_but_possible += usize::from(possible);
                if possible && std::env::var_os("CROSSFIELD_SOUNDNESS_NOTES").is_some() {
                    println!("possible though refused: {request}\n{}", self.schema);
                }
            }
        }
    }

    /// Asks for a request in which a rule is true, and one in which it is false.
    fn ask(&self, index: usize, valid: &[Value], seen: &mut Seen) {
        let model = &self.built.model;
        let (rule, found) = model.rule_refs().nth(index).unwrap();
        for wanted in [true, false] {
            let plan = Plan::single(self.operation);
            let mut stage = Stage::new(
                model,
                &plan,
                plan.baselines(model),
                vec![[rule].into()],
                NARROW,
                false,
                Limits::default(),
            );
            let env = Env {
                step: 0,
                request: stage.encoding.lowering.slots().next().unwrap().0,
                state_version: 0,
                earlier: std::sync::Arc::default(),
                moment: 0,
                resources: Arc::new(BTreeMap::new()),
                after: Arc::default(),
                all: Arc::new(BTreeMap::new()),
                width: 1,
                items: Vec::new(),
            };
            let truth = stage.encoding.lowering.truth(found.expr, &env);
            let mut goal = stage.encoding.accepts();
            goal.others.clear();
            let target = if wanted { truth.yes } else { truth.no };
            match stage.solve(target, &goal, false, &[found.expr]) {
                Reply::Trace(trace) => {
                    let request = &trace.steps[0].request;
                    seen.made += 1;
                    let held = evaluated(model, self.operation, request, found.expr);
                    assert_eq!(
                        held,
                        Some(wanted),
                        "`{}`\n{request}\n{}",
                        RULES[index],
                        self.schema
                    );
                    let is_exact = self.is_modelled() && !self.is_within_itself();
                    if !self.is_valid(request) && is_exact {
                        seen.made_but_refused += 1;
                        if std::env::var_os("CROSSFIELD_SOUNDNESS_NOTES").is_some() {
                            println!(
                                "made though refused: `{}` {wanted} {request}\n{}",
                                RULES[index], self.schema
                            );
                        }
                    }
                }
                Reply::Unsat(labels) => {
                    let restricted = labels.iter().any(|l| matches!(l, Label::Restriction(_)));
                    if restricted || !stage.narrowed().is_empty() {
                        continue;
                    }
                    seen.impossible += 1;
                    for request in valid {
                        let held = evaluated(model, self.operation, request, found.expr);
                        assert_ne!(
                            held,
                            Some(wanted),
                            "`{}` was proven never {wanted}\n{}\n{request}",
                            RULES[index],
                            self.schema
                        );
                    }
                }
                Reply::Unknown(_) => seen.open += 1,
            }
        }
    }
}

fn try_seed(seed: u64, seen: &mut Seen) {
    let mut rng = Rng::with_seed(seed);
    let schema = schema(&mut rng);
    let built = match built(&schema) {
        Ok(built) => built,
        Err(why) => {
            seen.not_completed += 1;
            if std::env::var_os("CROSSFIELD_SOUNDNESS_NOTES").is_some() {
                println!("not completed: {schema}\n{why}");
            }
            return;
        }
    };
    let operation = built.model.operation_named("create").unwrap();
    let trial = Trial {
        schema: &schema,
        built: &built,
        operation,
    };
    let bodies = (0..60).map(|_| Trial::request(body(&mut rng, 0)));
    let bodies: Vec<Value> = bodies.collect();
    with_context(|| {
        for request in bodies.iter().take(8) {
            trial.pin(request, seen);
        }
        let valid: Vec<Value> = bodies
            .into_iter()
            .filter(|own| trial.is_valid(own))
            .collect();
        for request in valid.iter().take(4) {
            trial.pin(request, seen);
        }
        for _ in 0..3 {
            trial.ask(rng.usize(..RULES.len()), &valid, seen);
        }
    });
}

#[test]
fn keywords_that_combine_schemas_are_lowered_as_the_validator_reads_them() {
    let setting = |name: &str, default: u64| {
        let given = std::env::var(name).ok();
        given.map_or(default, |text| text.parse().unwrap())
    };
    let count = setting("CROSSFIELD_SOUNDNESS_SCHEMAS", 100);
    let first = setting("CROSSFIELD_SOUNDNESS_SEED", 1);
    let mut seen = Seen::default();
    for seed in first..first + count {
        try_seed(seed, &mut seen);
    }
    println!("{seen:#?}");
    if count >= 100 {
        let share = |part: usize, of: usize| part * 100 <= of * 5;
        assert!(
            seen.valid > 200 && seen.invalid > 200 && seen.made > 300,
            "{seen:#?}"
        );
        assert!(share(seen.invalid_but_possible, seen.invalid), "{seen:#?}");
        assert!(share(seen.made_but_refused, seen.made), "{seen:#?}");
        assert!(share(seen.open, seen.made), "{seen:#?}");
        assert!(share(seen.not_completed, count as usize), "{seen:#?}");
    }
}

/// Demands on what lies too deep to be looked into, under `not`.
#[test]
fn what_is_left_open_excludes_nothing() {
    let depths = (1..=5).rev();
    let deep = depths.fold(r#"{"required": ["a"]}"#.to_owned(), |within, _| {
        format!(r#"{{"required": ["r"], "properties": {{"r": {within}}}}}"#)
    });
    let members = MEMBERS
        .into_iter()
        .chain([WITHIN, ("h", r#"{"type": "string"}"#)]);
    let members: Vec<String> = members
        .map(|(name, own)| format!(r#""{name}": {own}"#))
        .collect();
    let schema = format!(
        r#"{{"type": "object", "properties": {{{}}}, "not": {deep}}}"#,
        members.join(", ")
    );
    let built = built(&schema).unwrap();
    let trial = Trial {
        schema: &schema,
        built: &built,
        operation: built.model.operation_named("create").unwrap(),
    };
    let body = (1..=5).fold(Members::new(), |within, _| {
        Members::from_iter([("r".into(), Value::Map(within))])
    });
    let request = Trial::request(Value::Map(body));
    assert!(trial.is_valid(&request));
    assert_eq!(with_context(|| trial.is_possible(&request)), Some(true));
}
