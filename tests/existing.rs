//! Data that is there before: suites and `run` against a server of halls.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test"
)]

#[path = "support/fixture.rs"]
mod fixture;
mod support;

use std::path::Path;

use fixture::{Fixture, WAYS, told};
use serde_json::Value;

const RULES: &str = "halls.rules.yaml";

const HALLS: Fixture = Fixture {
    folder: "existing",
    server: "tests/support/halls.py",
    environment: &[
        ("HALL_ID", "room-h"),
        ("ATTIC_ID", "room-a"),
        ("OLD_BOOKING_ID", "4711"),
    ],
};

/// What no request can make shows each of them.
const FAULTS: [&str; 14] = [
    "archived-changes",
    "archived-confirms",
    "refused-changes",
    "never-closed",
    "closed-touching",
    "closed-everywhere",
    "first-closure",
    "any-guests",
    "seats-below",
    "any-discount",
    "first-voucher",
    "last-voucher",
    "vouchers-of-all",
    "any-room",
];

fn generated(rules: &str) -> tempfile::TempDir {
    let (folder, status, said) = HALLS.generated(rules, &[]);
    assert_eq!(status, 0, "{said}");
    folder
}

fn cases(suite: &Path, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(suite.join(name)).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

#[test]
fn what_is_there_before_counts() {
    let (suite, status, said) = HALLS.generated(RULES, &[]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("86 of 86 testable faults"), "{said}");
    HALLS.tells_apart(suite.path(), &FAULTS, "failed");
}

/// Where answers show it, a difference blocks the cases that rest on it.
#[test]
fn other_data_blocks() {
    let suite = generated(RULES);
    for ask in WAYS {
        let (status, said) = ask(&HALLS, &HALLS.serving("other-data"), suite.path());
        assert_eq!(status, 1, "{said}");
        let blocked = "the state reached isn't the one predicted: getBooking shows \"";
        assert!(said.contains(blocked), "{said}");
    }
}

/// Keys are variables like others: those that lack are told up front.
#[test]
fn keys_are_asked_for_up_front() {
    let poor = Fixture {
        environment: &[("HALL_ID", "room-h")],
        ..HALLS
    };
    let suite = generated(RULES);
    for ask in WAYS {
        let (status, said) = ask(&poor, &HALLS.serving("none"), suite.path());
        assert_ne!(status, 0, "{said}");
        for variable in ["ATTIC_ID", "OLD_BOOKING_ID"] {
            assert!(said.contains(variable), "{said}");
        }
        assert!(!said.contains("HALL_ID"), "{said}");
    }
}

#[test]
fn stories_tell_what_is_there() {
    let suite = generated(RULES);
    for fault in [
        "archived-stay/dropped/all/rule",
        "not-while-closed/dropped/all/rule",
    ] {
        let cases = cases(suite.path(), "halls.cases.json").into_iter();
        let mut found = cases.filter(|case| case["primary"] == fault);
        let id = found.next().unwrap()["id"].as_str().unwrap().to_owned();
        let explained = HALLS
            .crossfield()
            .args(["explain", &id])
            .arg(suite.path())
            .output()
            .unwrap();
        insta::assert_snapshot!(told(&explained).1);
    }
}

/// Of requests about what is there before, only those are accepted that leave
/// nothing behind.
#[test]
fn nothing_changes_what_tests_share() {
    let suite = generated("shared.rules.yaml");
    let mut about = 0;
    for case in cases(suite.path(), "shared.cases.json") {
        for step in case["story"]["steps"].as_array().unwrap() {
            let is_shared = step["existing"].is_array();
            about += usize::from(is_shared);
            let is_look = step["operation"] == "getBooking";
            assert!(
                !is_shared || is_look || step["verdict"] == "reject",
                "{case:#}"
            );
        }
    }
    assert!(about > 0);
}

/// Where nothing could be accepted, that is why.
#[test]
fn what_would_change_it_is_told() {
    let (_, status, said) = HALLS.generated("never.rules.yaml", &[]);
    assert_eq!(status, 1, "{said}");
    assert!(
        said.contains("what is there before stays as it is"),
        "{said}"
    );
}

mod shared {
    //! What the right server says to requests that other tests would notice.

    use crossfield::document::Document;
    use crossfield::model::{Built, Patch, Step, Trace, build, resource_key};
    use crossfield::rulefile::RuleFile;
    use crossfield::simulate::{Options, Verdict, run};
    use crossfield::source::{Diagnostics, Sources};
    use crossfield::value::Value;

    const API: &str = r#"
openapi: 3.0.3
info: {title: Houses, version: '1'}
paths:
  /floors: {post: &post {operationId: createFloor, requestBody: &body {required: true, content: {application/json: {schema: {
    type: object, required: [of, email, size], properties: {of: {type: string}, email: {type: string}, size: {type: integer}}},
    example: {of: x, email: a@b.example, size: 3}}}}, responses: {'201': {description: made}, '409': {description: no}}}}
  /rooms: {post: {operationId: createRoom, requestBody: *body, responses: {'201': {description: made}}}}
  /doors: {post: {operationId: createDoor, requestBody: *body, responses: {'201': {description: made}}}}
  /users: {post: {operationId: createUser, requestBody: *body, responses: {'201': {description: made}}}}
  /houses/{id}: {put: {operationId: paint, parameters: [{name: id, in: path, required: true, schema: {type: string}, example: x}],
    requestBody: *body, responses: {'200': {description: painted}, '409': {description: no}}}}
"#;

    const RULES: &str = r#"
crossfield: 1
api: api.yaml
resources:
  house:
    state: {size: {schema: {type: integer}}}
    existing: [{key: old, size: 5}]
  floor:
    createdBy: createFloor
    key: response.body.id
    state: {house: {init: body.of}}
  room:
    plural: rooms
    createdBy: createRoom
    key: response.body.id
    state: {house: {init: floor.house}}
  door:
    createdBy: createDoor
    key: response.body.id
    state: {house: {init: body.of}}
  user:
    plural: users
    createdBy: createUser
    key: response.body.id
    state: {email: {init: body.email}}
    existing: [{key: ann, email: ann@b.example}]
operations:
  createFloor: {bind: {house: body.of}}
  createRoom: {bind: {floor: body.of}}
  createDoor: {bind: {house: body.of}}
  paint: {bind: {house: path.id}, set: {house.size: body.size}}
rules:
  - {id: growing, operation: paint, rule: body.size > house.size}
  - {id: few-rooms, operation: createRoom, rule: "rooms.filter(r, r.house == floor.house).size() < 3"}
  - {id: one-an-email, operation: createUser, rule: "users.all(u, u.email != body.email)"}
"#;

    fn built() -> Built {
        let mut sources = Sources::new();
        let (api, rules) = (
            sources.add("api.yaml", API),
            sources.add("x.rules.yaml", RULES),
        );
        let document = Document::read(&sources, api).unwrap();
        let (file, mut found): (_, Diagnostics) = RuleFile::parse(&sources, rules);
        let built = build(&document, &file.unwrap(), 0, &mut found);
        built.unwrap_or_else(|| panic!("{}", found.render_human(&sources, false)))
    }

    /// The verdict on the last of these requests: operation, the key that it
    /// names, and more of its body.
    fn verdict(requests: &[(&str, Value, &str, i64)]) -> Verdict {
        let model = built().model;
        let steps = requests.iter().map(|(id, key, email, size)| {
            let operation = model.operation_named(id).unwrap();
            let text = |text: &str| Value::string(text);
            let object = |members: Vec<(&str, Value)>| {
                let members = members.into_iter().map(|(name, own)| (name.into(), own));
                Value::Map(members.collect())
            };
            let size = Value::int(*size);
            let body = [("of", key.clone()), ("email", text(email)), ("size", size)];
            let path = object(vec![("id", key.clone())]);
            let request = object(vec![("path", path), ("body", object(body.into()))]);
            Step { operation, request }
        });
        let trace = Trace {
            steps: steps.collect(),
        };
        let run = run(&model, &Patch::default(), &trace, Options::default());
        assert_eq!(run.verdicts.len(), trace.steps.len(), "{:?}", run.verdicts);
        run.verdicts.last().unwrap().clone()
    }

    fn old() -> Value {
        Value::string("old")
    }

    #[test]
    fn changes_are_sent_where_they_are_refused() {
        assert_eq!(verdict(&[("paint", old(), "x", 6)]), Verdict::Shared);
        let refused = verdict(&[("paint", old(), "x", 5)]);
        assert!(matches!(refused, Verdict::Reject(_)), "{refused:?}");
    }

    /// Nobody looks at all doors; rooms count, also where only their floor tells
    /// of the house.
    #[test]
    fn what_counts_beside_it_is_not_made() {
        assert_eq!(verdict(&[("createDoor", old(), "x", 1)]), Verdict::Accept);
        let floor = ("createFloor", old(), "x", 1);
        assert_eq!(verdict(std::slice::from_ref(&floor)), Verdict::Accept);
        let room = ("createRoom", resource_key(0), "x", 1);
        assert_eq!(verdict(&[floor, room]), Verdict::Shared);
    }

    /// Tests make up another text in its place.
    #[test]
    fn texts_that_tests_make_up_are_none_of_it() {
        let other = || Value::string("x");
        let new = verdict(&[("createUser", other(), "bob@b.example", 1)]);
        assert_eq!(new, Verdict::Accept);
        let known = verdict(&[("createUser", other(), "ann@b.example", 1)]);
        assert_eq!(known, Verdict::Shared);
    }
}
