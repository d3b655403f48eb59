//! Whole lists: what each rule's faults are, and what holds of all of them.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::fixture::Fixture;
use super::{Fault, FaultList, Owner};
use crate::expr::Type;
use crate::model::{Model, Place};

/// Rules of the kinds that people write.
const RULES: [(&str, &str, &str); 14] = [
    ("amount-positive", "", "body.amount > 0"),
    ("count-in-range", "", "body.count >= 1 && body.count <= 12"),
    (
        "three-clauses",
        "",
        "body.amount <= 100 && body.tier == 'gold' && body.end_on >= body.start_on",
    ),
    (
        "fee-within-cap",
        "has(body.fee)",
        "body.fee <= cap[body.tier]",
    ),
    (
        "fee-of-net",
        "",
        "!has(body.fee) || body.fee <= round(net * 0.05, 2)",
    ),
    (
        "total-of-lines",
        "",
        "body.amount == sum(body.lines.map(l, l.price * l.quantity))",
    ),
    (
        "lines-cost",
        "",
        "body.lines.all(l, l.price > 0 && (!has(l.discount) || l.discount < l.price))",
    ),
    (
        "note-exactly-for-gold",
        "",
        "has(body.note) == (body.tier == 'gold')",
    ),
    (
        "network-needs-card",
        "body.tier in ['gold', 'vip']",
        "has(body.card.network) && body.card.network != 'free'",
    ),
    (
        "mixed",
        "",
        "(body.flag || has(body.note)) && (body.count > 1 || body.amount < net)",
    ),
    (
        "limit-by-tier",
        "",
        "body.amount <= (body.tier == 'vip' ? 1000 : 100)",
    ),
    (
        "open-three-days",
        "",
        "timestamp(body.ends_at) - timestamp(body.starts_at) <= duration('72h')",
    ),
    ("net-covers-fee", "has(body.fee)", "net >= body.fee"),
    ("not-closed", "", "!payment.closed"),
];

fn sample() -> Fixture {
    let mut fixture = Fixture::with_payment();
    fixture.def("net", &[], "body.amount - body.count * 2");
    fixture.def("cap", &[], "{'free': 3, 'gold': 5.5, 'vip': 8}");
    for (id, guard, rule) in RULES {
        if guard.is_empty() {
            fixture.rule(id, rule);
        } else {
            fixture.guarded(id, guard, rule);
        }
    }
    fixture
}

fn by_owner(model: &Model, list: &FaultList) -> String {
    let mut out = String::new();
    let mut owner: Option<&Owner> = None;
    for fault in &list.faults {
        if owner != Some(&fault.owner) {
            let count = list
                .faults
                .iter()
                .filter(|other| other.owner == fault.owner)
                .count();
            writeln!(out, "\n{} ({count})", fault.owner.id(model)).unwrap();
            owner = Some(&fault.owner);
        }
        let equals = if fault.equals > 0 {
            format!(" [+{}]", fault.equals)
        } else {
            String::new()
        };
        writeln!(out, "  {}: {}{equals}", fault.class.name(), fault.words).unwrap();
    }
    out
}

#[test]
fn the_faults_of_sample_rules() {
    let mut fixture = sample();
    let list = fixture.faults();
    insta::assert_snapshot!(by_owner(&fixture.model, &list));
}

#[test]
fn ids_words_and_descriptions_are_unique() {
    let mut fixture = sample();
    let list = fixture.faults();
    let unique = |of: &dyn Fn(&Fault) -> String| {
        let all: BTreeSet<String> = list.faults.iter().map(of).collect();
        assert_eq!(all.len(), list.faults.len());
    };
    let model = &fixture.model;
    unique(&|fault| fault.id.clone());
    unique(&|fault| format!("{}: {}", fault.owner.id(model), fault.words));
    unique(&|fault| format!("{}: {}", fault.owner.id(model), fault.structural));
}

#[test]
fn every_patch_differs_and_has_the_type_of_its_place() {
    let mut fixture = sample();
    let list = fixture.faults();
    let model = &fixture.model;
    for fault in &list.faults {
        assert!(
            !fault.patch.0.is_empty() && !fault.sites.is_empty(),
            "{}",
            fault.id
        );
        for (place, root) in &fault.patch.0 {
            assert_ne!(*root, model.expression(*place).0, "{}", fault.id);
            let expected = type_at(model, *place);
            let found = model.arena.ty(*root);
            assert_eq!(
                expected.join(found).as_ref(),
                Some(&expected),
                "{}",
                fault.id
            );
        }
    }
}

fn type_at(model: &Model, place: Place) -> Type {
    let attribute = |resource, index: usize| model.resource(resource).attributes[index].ty.clone();
    match place {
        Place::Rule(_)
        | Place::Same(_)
        | Place::Replay(_)
        | Place::Everywhere(..)
        | Place::Refused(..)
        | Place::Repeated(..)
        | Place::Kept(..)
        | Place::Counted(_)
        | Place::Ensure(..) => Type::Bool,
        Place::Init(resource, index) => attribute(resource, index),
        Place::Set(operation, index) => {
            let change = &model.operation(operation).changes[index];
            attribute(change.resource, change.attribute)
        }
    }
}

/// The order of the operands in the text changes neither how many faults there
/// are nor what they are.
#[test]
fn descriptions_do_not_depend_on_the_order_of_clauses() {
    let described = |rule: &str| -> BTreeSet<String> {
        let mut fixture = Fixture::default();
        fixture.rule("r", rule);
        let list = fixture.faults();
        list.faults
            .into_iter()
            .map(|fault| fault.structural)
            .collect()
    };
    assert_eq!(
        described("body.amount <= 100 && body.tier == 'gold' && has(body.note)"),
        described("has(body.note) && body.tier == 'gold' && body.amount <= 100")
    );
}

#[test]
fn two_runs_give_the_same_list() {
    let mut fixture = sample();
    let first = format!("{:?}", fixture.faults());
    assert_eq!(first, format!("{:?}", fixture.faults()));
}
