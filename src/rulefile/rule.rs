//! The rules of a rule file.

use super::{Expression, Located, Table, Undefined};
use crate::source::Span;

/// A cross-field invariant as written, with the file's defaults applied: a key
/// of the rule replaces the default's as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// `id`: stable, and unique in the file.
    pub id: Located<String>,
    /// `operation`: operationIds, or methods and paths; none only where `at`
    /// is given.
    pub operations: Vec<Located<String>>,
    /// `at`: a schema of the API document; the rule holds wherever requests
    /// use it, and `self` is that object.
    pub at: Option<Located<String>>,
    /// `across`: the rule is about several requests.
    pub across: Option<Across>,
    /// `each`: the path of a list; the rule holds for each of its items.
    pub each: Option<Expression>,
    /// `when`: where this is false, the rule says nothing.
    pub when: Option<Expression>,
    /// What must hold: `rule`, or one of the shorthands.
    pub check: Check,
    /// `message`: the rule in words.
    pub message: Option<Located<String>>,
    /// `source`: where the rule comes from.
    pub source: Option<Located<String>>,
    /// `fieldPath`: the field to blame, in Kubernetes' form (`.fee`).
    pub field_path: Option<Located<String>>,
    /// `severity`; medium where nothing is said.
    pub severity: RuleSeverity,
    /// `tags`.
    pub tags: Vec<Located<String>>,
    /// `owner`.
    pub owner: Option<Located<String>>,
    /// `expect`: how the server refuses a request that breaks the rule.
    pub expect: Option<Expect>,
    /// `undefined`, of the rule or of the file.
    pub undefined: Undefined,
    /// All of the rule.
    pub span: Span,
}

/// `across`: a rule about earlier accepted requests and the one that is judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Across {
    /// The key itself.
    pub key: Span,
    /// The operations of the earlier requests, in their order: one or two.
    pub earlier: Vec<Located<String>>,
    /// `same`: what the requests share, read from each; where it is undefined
    /// the rule says nothing.
    pub same: Vec<Expression>,
    /// `replay`: where the rule holds, the answer to the first request is given
    /// again.
    pub replay: Option<Located<ReplayOrder>>,
}

impl Across {
    /// The names of the requests in expressions.
    pub const NAMES: [&'static str; 3] = ["first", "second", "third"];
}

/// When a server looks whether a request is a repeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayOrder {
    /// `first`: before other rules, which a repeat needn't satisfy.
    First,
    /// `last`: after them.
    Last,
}

impl Rule {
    /// The expressions of the condition and its guard.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let own = match &self.check {
            Check::Rule(text) | Check::Ensure { text, .. } => vec![text],
            Check::Shorthand { shorthand, .. } => shorthand.expressions(),
            Check::Table(table) => table.columns.iter().map(|column| &column.value).collect(),
        };
        self.when.iter().chain(own)
    }
}

/// How much a rule matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleSeverity {
    /// `low`
    Low,
    /// `medium`
    #[default]
    Medium,
    /// `high`
    High,
    /// `critical`
    Critical,
}

impl RuleSeverity {
    /// All, the least first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The name in rule files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a rule demands.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// `rule`: a Boolean expression that a right server enforces.
    Rule(Expression),
    /// A shorthand.
    Shorthand {
        /// Where its key stands.
        key: Span,
        /// Which one.
        shorthand: Shorthand,
    },
    /// `table`: a decision table.
    Table(Table),
    /// `ensure`: what the answer to an accepted request holds.
    Ensure {
        /// Where the key stands.
        key: Span,
        /// The condition on `response.body`.
        text: Expression,
    },
}

/// Demands on the presence of fields that occur again and again. A field is
/// given when it is there, an explicit null included, as for `has`.
#[derive(Clone, Debug, PartialEq)]
pub enum Shorthand {
    /// `requires: {field: body.a, needs: [body.b, body.c]}`: where the field is
    /// given, all that it needs are given.
    Requires {
        /// The path of the field.
        field: Expression,
        /// The paths that it needs; at least one.
        needs: Vec<Expression>,
    },
    /// `anyOf: [body.a, body.b]`: at least one is given.
    AnyOf(Vec<Expression>),
    /// `onlyOne: [body.a, body.b]`: exactly one is given.
    OnlyOne(Vec<Expression>),
    /// `allOrNone: [body.a, body.b]`: all are given, or none is.
    AllOrNone(Vec<Expression>),
    /// `zeroOrOne: [body.a, body.b]`: at most one is given.
    ZeroOrOne(Vec<Expression>),
    /// `exactlyWhen: {field: body.a, is: CONDITION}`: the field is given where
    /// the condition holds, and nowhere else.
    ExactlyWhen {
        /// The path of the field.
        field: Expression,
        /// The condition.
        is: Expression,
    },
    /// `onlyWhen: {field: body.a, is: CONDITION}`: where the field is given, the
    /// condition holds.
    OnlyWhen {
        /// The path of the field.
        field: Expression,
        /// The condition.
        is: Expression,
    },
    /// `neededWhen: {field: body.a, is: CONDITION}`: where the condition holds,
    /// the field is given.
    NeededWhen {
        /// The path of the field.
        field: Expression,
        /// The condition.
        is: Expression,
    },
}

impl Shorthand {
    /// The keys of all shorthands.
    pub const KEYS: [&str; 8] = [
        "requires",
        "anyOf",
        "onlyOne",
        "allOrNone",
        "zeroOrOne",
        "exactlyWhen",
        "onlyWhen",
        "neededWhen",
    ];

    /// Its paths and conditions.
    pub fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Requires { field, needs } => std::iter::once(field).chain(needs).collect(),
            Self::AnyOf(fields)
            | Self::OnlyOne(fields)
            | Self::AllOrNone(fields)
            | Self::ZeroOrOne(fields) => fields.iter().collect(),
            Self::ExactlyWhen { field, is }
            | Self::OnlyWhen { field, is }
            | Self::NeededWhen { field, is } => vec![field, is],
        }
    }

    /// The key in rule files.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Requires { .. } => "requires",
            Self::AnyOf(_) => "anyOf",
            Self::OnlyOne(_) => "onlyOne",
            Self::AllOrNone(_) => "allOrNone",
            Self::ZeroOrOne(_) => "zeroOrOne",
            Self::ExactlyWhen { .. } => "exactlyWhen",
            Self::OnlyWhen { .. } => "onlyWhen",
            Self::NeededWhen { .. } => "neededWhen",
        }
    }
}

/// The answers by which a server may refuse a request that breaks a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Expect {
    /// `status`: any of these; none given means the usual ones (400, 409, 422).
    pub status: Vec<Located<u16>>,
    /// `body`: a check on `response`, in which `rule.id` is readable.
    pub body: Option<Expression>,
    /// All of it.
    pub span: Span,
}
