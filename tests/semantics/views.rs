//! What the answers of views show of two servers.

use crossfield::expr::Type;
use crossfield::model::{Compared, OperationRef, Patch, Place, ResourceRef, Unique};
use crossfield::simulate::{Detection, Look, detect, detects};
use crossfield::value::location::Location;
use crossfield::value::{Number, Value};

use crate::models::{Build, status, trace};
use crate::support::span;

const PAYMENT: ResourceRef = ResourceRef(0);
const CREATE: &str = r#"{"body": {"amount": 100, "at": "2030-01-01T10:00:00Z"}}"#;
const REFUND: &str = r#"{"path": {"id": "key-of-step-1"}, "body": {"amount": 40}}"#;
const LOOK: &str = r#"{"path": {"id": "key-of-step-1"}}"#;

/// Payments that are refunded, without a rule that asks what was.
struct Bank {
    build: Build,
    create: OperationRef,
    refund: OperationRef,
    look: OperationRef,
}

impl Bank {
    fn new(attributes: &[(&str, &str)], compared: Compared) -> Self {
        let mut build = Build::new();
        let create = build.operation("createPayment");
        let refund = build.operation("createRefund");
        let look = build.operation("getPayment");
        let payment = build.resource("payment", create, attributes);
        build.bind(refund, payment);
        build.bind(look, payment);
        build.exists(refund);
        build.exists(look);
        let all = (0..attributes.len()).map(|index| (index, compared));
        build.view(look, payment, &all.collect::<Vec<_>>());
        Self {
            build,
            create,
            refund,
            look,
        }
    }

    fn of_refunds() -> Self {
        let mut bank = Self::new(&[("refunded", "0")], Compared::AsNumbers);
        let total = "payment.refunded + body.amount";
        bank.build.change(bank.refund, PAYMENT, 0, total);
        bank
    }

    /// What both ways to simulate say of a sequence.
    fn shown(&self, steps: &[(OperationRef, &str)], patch: &Patch) -> Option<Detection> {
        let trace = trace(steps);
        let model = &self.build.model;
        let found = detect(model, &trace, patch, Look::First);
        for look in [Look::First, Look::Second] {
            let traces = std::slice::from_ref(&trace);
            let matrix = detects(model, traces, std::slice::from_ref(patch), look);
            assert_eq!(matrix.detects(0, 0), found.is_some());
        }
        found
    }

    /// Whether the view shows that an attribute starts as something else.
    fn shows_start(&mut self, attribute: usize, other: &str, create: &str) -> bool {
        let patch = self
            .build
            .patch(&[(Place::Init(PAYMENT, attribute), other)]);
        let steps = [(self.create, create), (self.look, LOOK)];
        let found = self.shown(&steps, &patch);
        assert!(found.is_none_or(|found| found.by_view && found.step == 1));
        found.is_some()
    }
}

const BY_VIEW: Option<Detection> = Some(Detection {
    step: 2,
    by_status: false,
    by_view: true,
});

#[test]
fn a_view_shows_what_no_rule_reads() {
    let mut bank = Bank::of_refunds();
    let forgotten = Place::Set(bank.refund, 0);
    let forgotten = bank.build.patch(&[(forgotten, "payment.refunded")]);
    let refunded = [(bank.create, CREATE), (bank.refund, REFUND)];
    assert_eq!(bank.shown(&refunded, &forgotten), None);
    let seen = [&refunded[..], &[(bank.look, LOOK)]].concat();
    assert_eq!(bank.shown(&seen, &forgotten), BY_VIEW);
    assert_eq!(bank.shown(&seen, &Patch::default()), None);
    // Nothing was refunded: the servers remember the same.
    let unchanged = [(bank.create, CREATE), (bank.look, LOOK)];
    assert_eq!(bank.shown(&unchanged, &forgotten), None);
    bank.build.model.resources[0].view = None;
    assert_eq!(bank.shown(&seen, &forgotten), None);
}

#[test]
fn a_refused_view_shows_nothing() {
    let mut bank = Bank::of_refunds();
    let forgotten = Place::Set(bank.refund, 0);
    let forgotten = bank.build.patch(&[(forgotten, "payment.refunded")]);
    let steps = [
        (bank.create, CREATE),
        (bank.refund, REFUND),
        (bank.look, LOOK),
    ];
    let secret = bank.build.rule(bank.look, "1 == 2", status(403));
    assert_eq!(bank.shown(&steps, &forgotten), None);
    let of_refunded = bank.build.expr("payment.refunded == 40");
    bank.build.model.rules[secret.0 as usize].expr = of_refunded;
    let found = bank.shown(&steps, &forgotten).unwrap();
    assert!(!found.by_view, "the verdicts differ");
}

#[test]
fn nothing_shows_like_null_and_numbers_by_value() {
    let attributes = [("refunded", "0"), ("note", "body.note")];
    let mut bank = Bank::new(&attributes, Compared::AsJson);
    for (attribute, other, is_shown) in [
        (0, "1", true),
        (0, "0.0", false),
        (0, "null", true),
        (1, "null", false),
        (1, "0", true),
    ] {
        assert_eq!(
            bank.shows_start(attribute, other, CREATE),
            is_shown,
            "{other}"
        );
    }
}

#[test]
fn one_moment_shows_however_it_is_written() {
    let mut bank = Bank::new(&[("at", "body.at")], Compared::AsMoments);
    for (other, is_shown) in [
        (r#""2030-01-01T11:00:00.0+01:00""#, false),
        (r#""2030-01-01T10:00:01Z""#, true),
        (r#""at ten""#, true),
    ] {
        assert_eq!(bank.shows_start(0, other, CREATE), is_shown, "{other}");
    }
}

/// A test that can't write what a right server shows compares nothing.
#[test]
fn what_tests_cannot_know_is_not_compared() {
    let attributes = [
        ("share", "0"),
        ("code", "body.code"),
        ("label", r#""cf-1-x""#),
        ("text", r#""x""#),
    ];
    let mut bank = Bank::new(&attributes, Compared::AsJson);
    let create = r#"{"body": {"amount": 100, "code": "cf-1"}}"#;
    for (share, is_known) in [((1, 3), false), ((1, 4), true)] {
        let share = Number::new(share.0.into(), share.1.into());
        let share = Value::Number(share);
        let model = &mut bank.build.model;
        model.resources[0].attributes[0].init = model.arena.constant(share, Type::Decimal);
        assert_eq!(bank.shows_start(0, "7", create), is_known, "as a decimal");
    }
    assert!(bank.shows_start(1, r#""b""#, create));
    let operation = &mut bank.build.model.operations[bank.create.0 as usize];
    operation.unique.push(Unique {
        location: Location::default().key("body").key("code"),
        template: "cf-{run}-{n}".to_owned(),
        span: span(),
    });
    assert!(
        !bank.shows_start(1, r#""b""#, create),
        "another in every test"
    );
    assert!(!bank.shows_start(2, r#""b""#, create), "made of such a one");
    assert!(bank.shows_start(3, r#""b""#, create));
}

/// What is shown of one resource may come from another.
#[test]
fn changes_that_get_into_what_is_shown_are_found() {
    let attributes = [("amount", "body.amount"), ("double", "body.amount")];
    let mut bank = Bank::new(&attributes[..1], Compared::AsNumbers);
    let refund = bank.refund;
    bank.build.resource("refund", refund, &attributes[1..]);
    let expr = bank.build.expr("payment.amount");
    bank.build.model.resources[1].attributes[0].init = expr;
    let patch = bank.build.patch(&[(Place::Init(PAYMENT, 0), "0")]);
    let views = bank.build.model.views_of(&patch);
    assert_eq!(
        views.keys().copied().collect::<Vec<_>>(),
        [bank.look],
        "it is shown itself"
    );
    bank.build.model.resources[0].view = None;
    assert!(bank.build.model.views_of(&patch).is_empty());
    let look = bank.look;
    bank.build
        .view(look, ResourceRef(1), &[(0, Compared::AsNumbers)]);
    let views = bank.build.model.views_of(&patch);
    assert_eq!(views.keys().copied().collect::<Vec<_>>(), [look]);
}
