//! A random API document with a random rule file, built into a model by the
//! code that builds users' models.

use std::collections::BTreeSet;

use crossfield::document::Document;
use crossfield::model::{Built, Model, OperationRef, Step, Trace, build, resource_key};
use crossfield::rulefile::RuleFile;
use crossfield::simulate::settle_clock;
use crossfield::source::{Diagnostics, Sources};
use crossfield::value::location::Location;
use crossfield::value::{Members, Value};
use fastrand::Rng;

use crate::conditions::conditions;
use crate::declared;
use crate::existing;
use crate::fields::{self, Field, Taste};
use crate::lowering::evaluated;
use crate::plural;
use crate::rules::{self, Generator, Read, Ty};

/// A rule as an author would write it.
#[derive(Clone, Debug)]
pub struct RuleText {
    pub when: Option<String>,
    /// The keys of the rule that say what it demands.
    pub demand: String,
    /// Whether it is about a request and an earlier one; with the keys that say
    /// which belong together.
    pub across: Option<String>,
}

impl RuleText {
    pub fn of(when: Option<String>, rule: &str) -> Self {
        let demand = format!(r#""rule": {}"#, rules::quoted(rule));
        let across = None;
        Self {
            when,
            demand,
            across,
        }
    }
}

/// An operation: its id, and the members of its body.
#[derive(Clone, Debug)]
pub struct Endpoint {
    pub id: &'static str,
    pub body: Vec<Field>,
    /// Keywords over the members, each behind a comma.
    pub conditions: String,
    pub rules: Vec<RuleText>,
}

/// A document with its rules, and the model of it.
pub struct World {
    pub seed: u64,
    pub api: String,
    pub rule_file: String,
    pub endpoints: Vec<Endpoint>,
    pub built: Built,
}

/// The name of the resource of worlds with one.
pub const RESOURCE: &str = "thing";

impl World {
    /// The world of a seed.
    ///
    /// # Errors
    /// What was found wrong with what was generated, and the files.
    pub fn new(seed: u64) -> Result<Self, String> {
        let mut rng = Rng::with_seed(seed);
        let stateful = rng.u8(..100) < 15;
        let count = rng.usize(2..7);
        let mut create = endpoint(&mut rng, "create", count, &[]);
        let mut endpoints = Vec::new();
        let mut extra = String::new();
        if stateful {
            create.rules.truncate(1);
            let (change, text) = stateful_part(&mut rng, &create);
            extra = text;
            endpoints.push(change);
            // A stream of its own, so that all other worlds stay as they are.
            let mut own = Rng::with_seed(rng.clone().u64(..));
            if own.bool() {
                let (remove, text) = removal(&mut own, &extra);
                extra = text;
                endpoints.push(remove);
            }
            let mut own = Rng::with_seed(rng.clone().u64(..) ^ VIEW);
            if own.bool() {
                let (look, text) = view(&mut own, &extra);
                extra = text;
                endpoints.push(look);
            }
        }
        endpoints.push(create);
        if stateful {
            plural::add(&rng, &mut endpoints);
            extra = existing::add(&rng, &extra);
        }
        // A stream of its own, so that all other worlds stay as they are.
        let mut own = Rng::with_seed(rng.clone().u64(..) ^ ACROSS);
        if !stateful && own.u8(..8) == 0 {
            let create = endpoints.last_mut().unwrap();
            create.rules.truncate(2);
            create.rules.push(across(&mut own, create));
            extra += MADE;
        }
        if !stateful && rng.u8(..10) == 0 {
            extra += r#", "nulls": "absent""#;
        }
        let mut api = api_text(&mut rng, &endpoints);
        let mut read = Self::read(seed, api.clone(), endpoints.clone(), &extra);
        let narrow = |world: &Self| !world.has_many_states(&mut Rng::with_seed(seed));
        if endpoints.iter().any(|own| !own.conditions.is_empty())
            && read.as_ref().map_or(true, narrow)
        {
            // Nothing may satisfy them, or hardly anything.
            let plain = |own: &mut Endpoint| own.conditions.clear();
            endpoints.iter_mut().for_each(plain);
            api = api_text(&mut rng, &endpoints);
            read = Self::read(seed, api.clone(), endpoints.clone(), &extra);
        }
        let world = read?;
        let dull = world.dull(&mut rng);
        if dull.is_empty() || dull.len() == world.model().rules.len() {
            return Ok(world);
        }
        for endpoint in &mut endpoints {
            let mut index = 0;
            endpoint.rules.retain(|_| {
                index += 1;
                !dull.contains(&rule_id(endpoint.id, index - 1))
            });
        }
        Self::read(seed, api, endpoints, &extra)
    }

    /// A world in which rounding and division often matter.
    pub fn of_numbers() -> Self {
        let field = |name: &str, kind: fields::Kind| Field {
            name: name.into(),
            kind,
            required: true,
            nullable: false,
            default: None,
        };
        let rule = |rule: &str| RuleText::of(None, rule);
        let body = vec![
            field("i", fields::Kind::Int(-5, 5, 1)),
            field("j", fields::Kind::Int(-3, 3, 1)),
            field("d", fields::Kind::Decimal(-250, 250, 50)),
            field("e", fields::Kind::Decimal(-5, 5, 1)),
        ];
        let rules = [
            "body.i / body.j == body.j",
            "body.i % body.j == 1 || body.i % body.j == -1",
            "round(body.d, 0) < body.j * 1.0",
            "round(body.e * 0.5, 2) == body.e - body.e * 0.5",
            "ceil(body.d) >= body.i",
        ];
        let mut rng = Rng::with_seed(1);
        let endpoints = vec![Endpoint {
            id: "create",
            body,
            conditions: String::new(),
            rules: rules.map(rule).to_vec(),
        }];
        let api = api_text(&mut rng, &endpoints);
        Self::read(0, api, endpoints, "").unwrap()
    }

    fn read(seed: u64, api: String, endpoints: Vec<Endpoint>, extra: &str) -> Result<Self, String> {
        let mut rule_file = rules_text(&endpoints, extra);
        let mut built = build_texts(&api, &rule_file);
        if built
            .as_ref()
            .is_err_and(|found| found.contains("[needs-clock]"))
        {
            let fixed = format!(r#"{extra}, "clock": {{"fixed": "{FIXED}"}}"#);
            rule_file = rules_text(&endpoints, &fixed);
            built = build_texts(&api, &rule_file);
        }
        let mut built =
            built.map_err(|findings| format!("seed {seed}: {findings}\n{api}\n{rule_file}"))?;
        settle_clock(&mut built.model);
        Ok(Self {
            seed,
            api,
            rule_file,
            endpoints,
            built,
        })
    }

    /// Whether conditions leave many random bodies.
    fn has_many_states(&self, rng: &mut Rng) -> bool {
        self.model().operation_refs().all(|(operation, _)| {
            let body = &self.endpoint(operation).body;
            let bodies = (0..40).map(|_| fields::object(rng, body, Taste::Plain));
            let allowed = bodies.filter(|body| {
                let request = self.around(operation, body.clone());
                self.refusals(operation, &request).is_empty()
            });
            allowed.count() >= 10
        })
    }

    /// Most rules that have one value in many random states.
    fn dull(&self, rng: &mut Rng) -> BTreeSet<String> {
        let mut dull = BTreeSet::new();
        for rule in &self.model().rules {
            let operation = rule.operation;
            if !self.is_single(operation) {
                continue;
            }
            let states = (0..40).map(|_| self.request(rng, operation, Taste::Plain));
            let states: Vec<Value> = states.collect();
            let held = states
                .iter()
                .map(|request| evaluated(self.model(), operation, request, rule.expr));
            let held: BTreeSet<_> = held.collect();
            if held.len() == 1 && rng.u8(..8) > 0 {
                dull.insert(rule.id.clone());
            }
        }
        dull
    }

    pub fn model(&self) -> &Model {
        &self.built.model
    }

    pub fn endpoint(&self, operation: OperationRef) -> &Endpoint {
        let id = &self.model().operation(operation).id;
        let found = self.endpoints.iter().find(|endpoint| endpoint.id == *id);
        found.unwrap()
    }

    /// A random request that the schema allows.
    pub fn request(&self, rng: &mut Rng, operation: OperationRef, taste: Taste) -> Value {
        let endpoint = self.endpoint(operation);
        for _ in 0..60 {
            let body = fields::object(rng, &endpoint.body, taste);
            let request = self.around(operation, body);
            if endpoint.conditions.is_empty() || self.refusals(operation, &request).is_empty() {
                return request;
            }
        }
        let baseline = self.model().operation(operation).baselines.first();
        let baseline = baseline.and_then(|own| own.request.get("body")).cloned();
        self.around(operation, baseline.unwrap())
    }

    /// A request with this body.
    pub fn around(&self, operation: OperationRef, body: Value) -> Value {
        let mut request = Members::from_iter([("body".into(), body)]);
        if self.endpoint(operation).id == LOOK {
            request.clear();
        }
        if self.endpoint(operation).id != "create" {
            let path = Members::from_iter([("id".into(), Value::string("x"))]);
            request.insert("path".into(), Value::Map(path));
        }
        if self.endpoint(operation).is_across() {
            let header = Members::from_iter([("Key".into(), Value::string(KEYS[0]))]);
            request.insert("header".into(), Value::Map(header));
        }
        Value::Map(request)
    }

    /// A random sequence that ends with a request to `operation`.
    pub fn trace(&self, rng: &mut Rng, operation: OperationRef, taste: Taste) -> Trace {
        let model = self.model();
        if !model.ranged.is_empty() {
            return self.trace_of_several(rng, operation, taste);
        }
        let mut steps = Vec::new();
        if !model.operation(operation).binds.is_empty() {
            let create = model.operation_named("create").unwrap();
            let request = self.request(rng, create, taste);
            steps.push(Step {
                operation: create,
                request,
            });
            let remove = model.operation_named("remove");
            // A look changes nothing: what is looked at does.
            let is_look = self.endpoint(operation).id == LOOK;
            let change = model.operation_named("change").filter(|_| is_look);
            for left in (0..rng.usize(1..5)).rev() {
                let operation = match remove {
                    Some(remove) if left > 0 && rng.u8(..3) == 0 => remove,
                    _ if left > 0 => change.unwrap_or(operation),
                    _ => operation,
                };
                let mut request = self.request(rng, operation, taste);
                let id = Location::default().key("path").key("id");
                if let Some(key) = self.existing_key(rng) {
                    assert!(id.write(&mut request, key));
                } else if rng.u8(..8) > 0 {
                    assert!(id.write(&mut request, resource_key(0)));
                }
                steps.push(Step { operation, request });
            }
        } else {
            let more = match self.endpoint(operation).is_across() {
                true => rng.usize(1..4),
                false => 1,
            };
            for _ in 0..more {
                let mut request = self.request(rng, operation, taste);
                if more > 1 {
                    let again = steps.last().filter(|_| rng.bool());
                    request = again.map_or(request, |step: &Step| step.request.clone());
                    let key = Location::default().key("header").key("Key");
                    assert!(key.write(&mut request, Value::string(KEYS[rng.usize(..2)])));
                }
                steps.push(Step { operation, request });
            }
        }
        Trace { steps }
    }

    /// Whether one request says all of what comes of it.
    pub fn is_single(&self, operation: OperationRef) -> bool {
        let is_alone = !self.model().operation(operation).reads_state();
        is_alone && !self.endpoint(operation).is_across()
    }

    /// Every request to `operation`, if there are at most `most`; what no
    /// rule names has one value.
    pub fn all_requests(&self, operation: OperationRef, most: usize) -> Option<Vec<Value>> {
        let endpoint = self.endpoint(operation);
        let matters = |name: &str| {
            let path = format!("body.{name}");
            let quoted = format!("\"{name}\"");
            self.rule_file.match_indices(&path).next().is_some()
                || endpoint.conditions.contains(&quoted)
                || endpoint.conditions.contains("Properties")
        };
        let bodies = fields::all_objects(&endpoint.body, most, &matters)?;
        let bodies = bodies.into_iter();
        let requests = bodies.map(|body| self.around(operation, body));
        let allowed = |request: &Value| {
            endpoint.conditions.is_empty() || self.refusals(operation, request).is_empty()
        };
        Some(requests.filter(allowed).collect())
    }

    /// What is wrong with a request, by the independent validator.
    pub fn refusals(&self, operation: OperationRef, request: &Value) -> Vec<String> {
        let documented = &self.built.documented[operation.0 as usize];
        let found = documented.validator.validate(request);
        found
            .into_iter()
            .map(|violation| violation.message)
            .collect()
    }

    /// What is wrong with a trace.
    pub fn violations(&self, trace: &Trace) -> Vec<String> {
        let steps = trace.steps.iter();
        let each = steps.flat_map(|step| self.refusals(step.operation, &step.request));
        each.collect()
    }
}

fn rule_id(endpoint: &str, index: usize) -> String {
    format!("{endpoint}-{index}")
}

fn endpoint(rng: &mut Rng, id: &'static str, count: usize, more: &[Read]) -> Endpoint {
    let body = fields::members(rng, count, 2);
    let mut scope = rules::reads("body", &body, false);
    scope.extend(more.iter().cloned());
    let rules = (0..rng.usize(1..4)).map(|_| {
        let mut generator = Generator::new(rng, scope.clone());
        let rule = generator.condition(3);
        let when = generator.condition(1);
        let when = (rng.u8(..3) == 0).then_some(when);
        // A stream of its own, so that all other rules stay as they are.
        let mut own = Rng::with_seed(rng.clone().u64(..));
        let declared = (own.u8(..4) == 0).then(|| declared::rule(&mut own, &scope));
        declared.flatten().unwrap_or(RuleText::of(when, &rule))
    });
    let rules = rules.collect();
    Endpoint {
        id,
        conditions: conditions(rng, &body),
        body,
        rules,
    }
}

/// The operation `change` of what `create` makes, and the rule file's keys
/// about it.
fn stateful_part(rng: &mut Rng, create: &Endpoint) -> (Endpoint, String) {
    let total = Read {
        path: format!("{RESOURCE}.total"),
        ty: Ty::Int,
        open: false,
    };
    let flag = Read {
        path: format!("{RESOURCE}.flag"),
        ty: Ty::Bool,
        open: false,
    };
    let count = rng.usize(1..4);
    let mut change = endpoint(rng, "change", count, &[total.clone(), flag.clone()]);
    change.body.push(Field {
        name: "amount".into(),
        kind: fields::Kind::Int(-1, rng.i64(2..5), 1),
        required: true,
        nullable: false,
        default: None,
    });
    let limit = rng.i64(1..8);
    change.rules.push(RuleText::of(
        rng.bool().then(|| format!("!{RESOURCE}.flag")),
        &format!("{RESOURCE}.total + body.amount <= {limit}"),
    ));
    let integers = rules::reads("body", &create.body, false);
    let first = integers
        .iter()
        .find(|read| read.ty == Ty::Int && !read.open);
    let first = first.map_or("0".to_owned(), |read| read.path.clone());
    let phase = ["'new'", "body.amount > 0 ? 'done' : thing.phase"];
    let more = format!("{RESOURCE}.total + body.amount == {limit} ? 'done' : {RESOURCE}.phase");
    let phase = [phase[0], "'open'", phase[1], &more][rng.usize(..4)];
    if rng.bool() {
        let rule = ["== 'new'", "!= 'done'", "in ['new', 'open']"][rng.usize(..3)];
        let rule = RuleText::of(None, &format!("{RESOURCE}.phase {rule}"));
        change.rules.push(rule);
    }
    let flag = ["false", "true"][rng.usize(..2)];
    let set = ["body.amount > 2", "true", "body.amount < 0"][rng.usize(..3)];
    let extra = format!(
        r#", "resources": {{"{RESOURCE}": {{"plural": "things", "createdBy": "create", "key": "response.body.id", "state": {{"total": {{"init": "{first}"}}, "flag": {{"init": "{flag}"}}, "phase": {{"init": "'new'"}}}}}}}}, "operations": {{"change": {{"bind": {{"{RESOURCE}": "path.id"}}, "set": {{"{RESOURCE}.total": "{RESOURCE}.total + body.amount", "{RESOURCE}.flag": "{set}", "{RESOURCE}.phase": "{phase}"}}}}}}"#
    );
    (change, extra)
}

/// The operation `remove` of what `create` makes, and the rule file's keys
/// about both.
fn removal(rng: &mut Rng, keys: &str) -> (Endpoint, String) {
    let mut rules = Vec::new();
    if rng.bool() {
        rules.push(RuleText::of(None, &format!("{RESOURCE}.total != 2")));
    }
    if rng.bool() {
        let rule = format!("has({RESOURCE}) && body.sure");
        rules.push(RuleText::of(None, &rule));
    }
    let body = vec![Field {
        name: "sure".into(),
        kind: fields::Kind::Bool,
        required: true,
        nullable: false,
        default: None,
    }];
    let remove = Endpoint {
        id: "remove",
        body,
        conditions: String::new(),
        rules,
    };
    let made = r#""createdBy": "create""#;
    let keys = keys.replace(made, &format!(r#"{made}, "deletedBy": "remove""#));
    let bound = format!(r#""remove": {{"bind": {{"{RESOURCE}": "path.id"}}}}"#);
    let change = r#""operations": {"#;
    let keys = keys.replace(change, &format!("{change}{bound}, "));
    (remove, keys)
}

/// The operation that shows what `create` makes, and the rule file's keys about
/// all.
fn view(rng: &mut Rng, keys: &str) -> (Endpoint, String) {
    let rules = [
        format!("{RESOURCE}.total != 3"),
        format!("!{RESOURCE}.flag"),
    ];
    let rules = rules.iter().filter(|_| rng.u8(..4) == 0);
    let look = Endpoint {
        id: LOOK,
        body: Vec::new(),
        conditions: String::new(),
        rules: rules.map(|rule| RuleText::of(None, rule)).collect(),
    };
    let first = rng.usize(..3);
    let shown = ["total", "flag", "phase"].iter().enumerate();
    let shown = shown.filter(|(index, _)| *index == first || rng.u8(..3) == 0);
    let shown = shown.map(|(_, name)| format!(r#", "{name}": "response.body.{name}""#));
    let shown: String = shown.collect();
    let state = r#""state": {"#;
    let keys = keys.replace(
        state,
        &format!(r#""view": {{"operation": "{LOOK}"{shown}}}, {state}"#),
    );
    let bound = format!(r#""{LOOK}": {{"bind": {{"{RESOURCE}": "path.id"}}}}"#);
    let change = r#""operations": {"#;
    let keys = keys.replace(change, &format!("{change}{bound}, "));
    (look, keys)
}

const WITH_KEY: &str = r#""parameters": [{"name": "Key", "in": "header", "required": true, "schema": {"type": "string", "maxLength": 40}, "example": "key-one-1"}], "#;

const OF_THING: &str = r#""parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}], "#;

/// The operation that shows what is remembered.
const LOOK: &str = "look";

/// Tells the random numbers of views from others.
const VIEW: u64 = 0x100c;

/// What requests to `create` make, so that repeats are told from new ones.
const MADE: &str = r#", "resources": {"thing": {"createdBy": "create", "key": "response.body.id", "state": {"number": {"init": "0"}}}}"#;

/// Tells the random numbers of rules about several requests from others.
const ACROSS: u64 = 0x5eed;

/// The keys by which requests belong together.
const KEYS: [&str; 2] = ["key-one-1", "key-two-2"];

/// A rule about a request to `create` and an earlier one with the same key.
fn across(rng: &mut Rng, create: &Endpoint) -> RuleText {
    let mut scope = rules::reads("first.body", &create.body, false);
    scope.extend(rules::reads("second.body", &create.body, false));
    let rule = match rng.u8(..3) {
        0 => "first.body == second.body".to_owned(),
        _ => Generator::new(rng, scope).condition(2),
    };
    let replay = ["", r#", "replay": "first""#, r#", "replay": "last""#][rng.usize(..3)];
    let together = r#""across": {"first": "create", "second": "create"}, "same": "header.Key""#;
    RuleText {
        across: Some(format!("{together}{replay}")),
        ..RuleText::of(None, &rule)
    }
}

impl Endpoint {
    /// Whether a rule is about several requests.
    pub fn is_across(&self) -> bool {
        self.rules.iter().any(|rule| rule.across.is_some())
    }
}

fn api_text(rng: &mut Rng, endpoints: &[Endpoint]) -> String {
    let paths = endpoints.iter().map(|endpoint| {
        let example = fields::object(rng, &endpoint.body, Taste::Plain);
        let (path, parameters) = match endpoint.id {
            "create" if endpoint.is_across() => ("/things", WITH_KEY),
            "create" => ("/things", ""),
            "remove" => ("/things/{id}/removal", OF_THING),
            LOOK => {
                return format!(
                    r#"    "/things/{{id}}": {{"get": {{"operationId": "{LOOK}", {OF_THING}"responses": {{"200": {{"description": "shown"}}}}}}}}"#
                );
            }
            _ => ("/things/{id}/changes", OF_THING),
        };
        let body = fields::object_keywords(&endpoint.body) + &endpoint.conditions;
        format!(
            r#"    "{path}": {{"post": {{"operationId": "{}", {parameters}"requestBody": {{"required": true, "content": {{"application/json": {{"schema": {{{body}}}, "example": {example}}}}}}}, "responses": {{"201": {{"description": "made"}}}}}}}}"#,
            endpoint.id
        )
    });
    let paths: Vec<String> = paths.collect();
    format!(
        "{{\"openapi\": \"3.0.3\", \"info\": {{\"title\": \"random\", \"version\": \"1\"}},\n  \
         \"paths\": {{\n{}\n}}}}",
        paths.join(",\n")
    )
}

fn rules_text(endpoints: &[Endpoint], extra: &str) -> String {
    let rules = endpoints.iter().flat_map(|endpoint| {
        let rules = endpoint.rules.iter().enumerate();
        rules.map(move |(index, text)| {
            let quoted = |text: &str| Value::string(text).to_string();
            let when = text.when.as_ref();
            let when = when.map_or(String::new(), |when| {
                format!(r#""when": {}, "#, quoted(when))
            });
            let about = format!(r#""operation": "{}""#, endpoint.id);
            let about = text.across.as_ref().unwrap_or(&about);
            format!(
                r#"    {{"id": "{}", {about}, {when}{}, "message": "random"}}"#,
                rule_id(endpoint.id, index),
                text.demand
            )
        })
    });
    let rules: Vec<String> = rules.collect();
    format!(
        "{{\"crossfield\": 1, \"api\": \"api.json\"{extra},\n  \"rules\": [\n{}\n]}}",
        rules.join(",\n")
    )
}

/// What the clock shows where rules ask more of it than tests can know.
const FIXED: &str = "2030-06-15T12:30:00Z";

pub fn build_texts(api: &str, rules: &str) -> Result<Built, String> {
    let mut sources = Sources::new();
    let api = sources.add("api.json", api);
    let rules = sources.add("random.rules.yaml", rules);
    let rendered = |found: &Diagnostics, sources: &Sources| -> String {
        let each = found
            .iter()
            .map(|finding| finding.render_human(sources, false));
        each.collect()
    };
    let document = Document::read(&sources, api).map_err(|e| rendered(&e, &sources))?;
    let (parsed, mut found) = RuleFile::parse(&sources, rules);
    let parsed = parsed.ok_or_else(|| rendered(&found, &sources))?;
    let built = build(&document, &parsed, 1_790_000_000_000_000_000, &mut found);
    built.ok_or_else(|| rendered(&found, &sources))
}
