//! The parts of a rule file but its rules.

use std::ops::Range;

use super::{Expect, Rule, RuleSeverity};
use crate::source::{FileId, Span};
use crate::tree::{Node, Text};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Located<T> {
    /// A value that stands at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// The text of an expression or of a path, not parsed yet, which can tell where
/// each part of it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// The text. A Boolean, a number or null of YAML is the literal it is.
    pub text: Text,
}

impl Expression {
    /// The text to parse.
    pub fn source(&self) -> &str {
        &self.text.value
    }

    /// Where all of it stands.
    pub fn span(&self) -> Span {
        self.text.span
    }

    /// Where the bytes `range` of [`Expression::source`] stand.
    pub fn span_of(&self, range: Range<usize>) -> Span {
        self.text.span_of(range)
    }
}

/// A rule file.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFile {
    /// The file itself.
    pub file: FileId,
    /// `api`: what describes the requests; an empty path in a file that is only
    /// there to be included.
    pub api: Api,
    /// `includes`: paths of other rule files, relative to this one, whose
    /// declarations and rules belong to this one.
    pub includes: Vec<Located<String>>,
    /// `undefined`: what an undefined rule means where the rule doesn't say.
    pub undefined: Undefined,
    /// `nulls`: whether the server tells null from absent.
    pub nulls: Nulls,
    /// `clock`: what tests know of the server's clock.
    pub clock: Option<Clock>,
    /// `defs`, in the order of the file.
    pub defs: Vec<Def>,
    /// `values`, in the order of the file, and what setup steps save.
    pub values: Vec<ServerValue>,
    /// `actors`, in the order of the file.
    pub actors: Vec<Actor>,
    /// `setup` of the file, then those of its operations, in the order in which
    /// they are sent.
    pub setup: Vec<SetupStep>,
    /// `operations`, in the order of the file.
    pub operations: Vec<Operation>,
    /// `resources`, in the order of the file.
    pub resources: Vec<Resource>,
    /// `rules`, in the order of the file, with `defaults` applied. Rules with
    /// an error are left out.
    pub rules: Vec<Rule>,
}

/// What describes the requests. Paths are relative to the rule file.
#[derive(Clone, Debug, PartialEq)]
pub enum Api {
    /// The path of an API document.
    Document(Located<String>),
    /// A JSON Schema for the body of one request.
    Schema(SchemaApi),
}

/// `api: {schema: s.json, method: POST, path: /refunds, sample: p.json}`. Files
/// may have a place in them behind a `#`, as a JSON pointer.
#[derive(Clone, Debug, PartialEq)]
pub struct SchemaApi {
    /// The file with the schema of the body.
    pub schema: Located<String>,
    /// The method in capitals.
    pub method: Located<String>,
    /// The path, perhaps with `{parameters}`.
    pub path: Located<String>,
    /// The file with an example of the body.
    pub sample: Option<Located<String>>,
}

impl Api {
    /// Whether the rule file says nothing of it, since another includes it.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Document(path) if path.value.is_empty())
    }

    /// Where the rule file names it.
    pub fn span(&self) -> Span {
        match self {
            Self::Document(path) => path.span,
            Self::Schema(own) => own.schema.span,
        }
    }
}

/// What the right server does with a request for which a rule is undefined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undefined {
    /// Nobody knows: such a request is never a case as it stands.
    #[default]
    Unclear,
    /// It refuses the request, as Kubernetes does: `undefined: reject`.
    Reject,
}

/// Whether the server tells an explicit null from an absent field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nulls {
    /// It does: `nulls: distinct`.
    #[default]
    Distinct,
    /// It does not: `nulls: absent`.
    Absent,
}

/// `clock`: what tests know of the server's clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Clock {
    /// Where `now` comes from.
    pub kind: ClockKind,
    /// How far the server's clock may be from that of the tests, in
    /// nanoseconds.
    pub tolerance: i128,
}

impl Clock {
    /// The tolerance where the file says none: a minute.
    pub const TOLERANCE: i128 = 60 * crate::value::time::SECOND;
}

/// Where `now` comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ClockKind {
    /// The server's clock runs.
    Running {
        /// The moment at which the document's examples are meant.
        examples: Option<Located<i128>>,
    },
    /// `fixed`: the server's clock stands still at this moment.
    Fixed(Located<i128>),
    /// `header`: each request says what the clock shows, in this header.
    Header(Located<String>),
    /// `set`: a request gives the server's clock another moment.
    Set(ClockSetter),
}

/// The operation that sets the server's clock, which then stands still.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockSetter {
    /// The operation.
    pub operation: Located<String>,
    /// The field of its request that holds the moment; none: its only
    /// date-time.
    pub field: Option<Expression>,
    /// The moment at which the document's examples are meant.
    pub examples: Option<Located<i128>>,
}

/// An entry of `defs`.
#[derive(Clone, Debug, PartialEq)]
pub struct Def {
    /// The name that expressions use.
    pub name: Located<String>,
    /// What it stands for.
    pub kind: DefKind,
}

/// What a name of `defs` stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum DefKind {
    /// A text: an expression, evaluated where it is used.
    Expression(Expression),
    /// `name(a, b)`: an expression over parameters, which are given as values.
    Macro {
        /// The names of the parameters, pairwise different.
        parameters: Vec<Located<String>>,
        /// The expression.
        body: Expression,
    },
    /// Anything that is no text: a constant.
    Data(Node),
}

/// An entry of `values`: something that differs from one server under test to
/// the next.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerValue {
    /// The name that expressions use, and `$name` where values are given.
    pub name: Located<String>,
    /// Where it comes from.
    pub kind: ValueKind,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// `{env: NAME}`: a text or a number that tests read from the environment. Rules
    /// can only compare it with fields.
    Environment {
        /// The name of the variable.
        variable: Located<String>,
        /// `example`: the text, or whole number, that stands for it while cases are
        /// searched.
        example: Option<Node>,
    },
    /// What a setup step saves of its answer: a text or a number that rules can only
    /// compare with fields, too.
    Saved {
        /// `example`: the text, or whole number, that stands for it while cases are
        /// searched.
        example: Option<Node>,
    },
    /// The value itself: the same for all servers that the file is used for.
    Constant(Node),
}

/// A step of `setup`: a request that is sent before those of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct SetupStep {
    /// Its name, and its request: `example`, `actor`, `set` and `unset`.
    pub request: Baseline,
    /// `operation`: what is called.
    pub operation: Located<String>,
    /// `api`: the path of the API document that has the operation; none: that
    /// of the file.
    pub api: Option<Located<String>>,
    /// `url: {env: NAME}`: the environment variable with the address of that
    /// API; none: it is where the API under test is.
    pub url: Option<Located<String>>,
    /// `each`: how often it is sent.
    pub each: SetupEach,
    /// `save`, in the order of the file.
    pub save: Vec<Saved>,
    /// The operation that it stands under; none: it is for all cases.
    pub of: Option<Located<String>>,
}

/// How often a setup step is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SetupEach {
    /// Once for all tests: `each: session`.
    #[default]
    Session,
    /// Anew for every case, twin and baseline: `each: case`.
    Case,
}

/// An entry of `save`: what a setup step saves of its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The name that expressions use, and `$name` where values are given.
    pub name: Located<String>,
    /// Where it stands.
    pub from: SavedFrom,
    /// `example`: the text, or whole number, that stands for it while cases are
    /// searched.
    pub example: Option<Node>,
}

/// Where a saved value stands.
#[derive(Clone, Debug, PartialEq)]
pub enum SavedFrom {
    /// `response.body.id`, `response.header.Location`, `response.cookie.sid`.
    Path(Expression),
    /// `/data/id`: a JSON pointer into the body.
    Pointer(Located<String>),
    /// `link: GetCustomer`: what a link of the API document takes from the
    /// answer.
    Link {
        /// The name of the link.
        name: Located<String>,
        /// `parameter`: which of its parameters; none: its only one.
        parameter: Option<Located<String>>,
    },
}

/// `await`: what is waited for after a request that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Await {
    /// `operation`: what is asked again and again.
    pub operation: Located<String>,
    /// `until`: the check on its answer that ends the waiting.
    pub until: Expression,
    /// `timeout`: how long is waited at most, in nanoseconds.
    pub timeout: i128,
    /// `every`: how long is waited between two requests, in nanoseconds.
    pub every: i128,
}

impl Await {
    /// The timeout where the file says none.
    pub const TIMEOUT: i128 = 30 * crate::value::time::SECOND;
    /// The pause where the file says none.
    pub const EVERY: i128 = crate::value::time::SECOND;
}

/// An entry of `actors`: somebody who sends requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Actor {
    /// The name.
    pub name: Located<String>,
    /// `credential`: what proves who it is; none: nothing does.
    pub credential: Option<Credential>,
    /// What rules know of it, but for `id` where the file doesn't say it.
    pub attributes: Vec<(Located<String>, Node)>,
}

/// What proves who an actor is.
#[derive(Clone, Debug, PartialEq)]
pub enum Credential {
    /// `{env: NAME}`: an environment variable holds it.
    Environment(Located<String>),
    /// `{from: NAME}`: a setup step saves it.
    Saved(Located<String>),
}

/// An entry of `operations`: what rules need to know of an operation beyond the
/// API document.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// The operationId, or method and path (`POST /payments`).
    pub operation: Located<String>,
    /// `baselines`; none means the document's examples.
    pub baselines: Vec<Baseline>,
    /// `fields`.
    pub fields: Vec<FieldOverride>,
    /// `answers`.
    pub answers: Answers,
    /// `bind`, in the order of the file: later ones may read earlier ones.
    pub bind: Vec<Bind>,
    /// `set`: what a successful request changes.
    pub set: Vec<StateChange>,
    /// `setup`: steps that only its requests need.
    pub setup: Vec<SetupStep>,
    /// `await`: what is waited for after a successful request.
    pub awaits: Option<Await>,
}

/// A state of an operation that satisfies everything: what cases are changes of.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// Its name.
    pub name: Located<String>,
    /// `example`: the document's example to start from; else the first one.
    pub example: Option<Located<String>>,
    /// `actor`: who sends it; else the first one.
    pub actor: Option<Located<String>>,
    /// `set`: what to change of it.
    pub set: Vec<Assignment>,
    /// `unset`: the paths of what to leave out of it.
    pub unset: Vec<Expression>,
    /// What it is: `baseline` or `setup step`.
    pub what: &'static str,
}

/// A field and the constant that it is set to.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Path of the field.
    pub path: Expression,
    /// The constant; null sets the field to null.
    pub value: Node,
}

impl Assignment {
    /// The value; the path where the value has no place of its own.
    pub fn span(&self) -> Span {
        if self.value.span.start == self.value.span.end {
            self.path.span()
        } else {
            self.value.span
        }
    }
}

/// An entry of `fields`: JSON Schema keywords that replace the document's.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldOverride {
    /// Path of the field; may contain `[*]`.
    pub path: Expression,
    /// Keyword and new value; null removes the keyword. `from` is given as
    /// `enum`; `unique` is no keyword of JSON Schema: true, or a template.
    pub keywords: Vec<(Located<String>, Node)>,
}

/// How to tell the answers of an operation apart, where status codes as usual
/// (2xx; 400, 409, 422) don't. Each is a check on `response`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers {
    /// The request was accepted.
    pub accept: Option<Expression>,
    /// The request was refused by a rule.
    pub reject: Option<Expression>,
    /// The request was refused by its schema.
    pub schema: Option<Expression>,
    /// An earlier answer was given again.
    pub replay: Option<Expression>,
}

/// An entry of `bind`: which resource a request is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Bind {
    /// The name of the resource.
    pub resource: Located<String>,
    /// The path whose value is the resource's key.
    pub to: Expression,
    /// `missing`: the answer where no such resource exists, in place of 404.
    pub missing: Option<Expect>,
}

/// An entry of `set`: the new value of an attribute. All right-hand sides read
/// the state before the request.
#[derive(Clone, Debug, PartialEq)]
pub struct StateChange {
    /// The resource, which the operation binds.
    pub resource: Located<String>,
    /// The attribute of its state.
    pub attribute: Located<String>,
    /// The new value.
    pub value: Expression,
}

/// An entry of `resources`: something that the server remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// The name that expressions use.
    pub name: Located<String>,
    /// `plural`: a name for all that exist.
    pub plural: Option<Located<String>>,
    /// `createdBy`: the operation whose success makes one; none: there are only
    /// those that exist before.
    pub created_by: Option<Located<String>>,
    /// `deletedBy`: the operation whose success deletes the one that it is
    /// about.
    pub deleted_by: Option<Located<String>>,
    /// `key`: what later requests name it by, read from the answer; none where
    /// none makes one.
    pub key: Option<Expression>,
    /// `state`, in the order of the file.
    pub state: Vec<Attribute>,
    /// `invariants`: what holds of the state after every operation that makes
    /// or changes one. They name attributes as they are, and no operations.
    pub invariants: Vec<Rule>,
    /// `view`: where answers show the state.
    pub view: Option<View>,
    /// `existing`: those that are there before any request of a test.
    pub existing: Vec<Existing>,
}

/// An entry of `existing`: `{key: $old_payment, amount: 250}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Existing {
    /// Where it stands.
    pub span: Span,
    /// `key`: `$name` for a value, or the key itself.
    pub key: Located<String>,
    /// Attributes, with their values.
    pub attributes: Vec<(Located<String>, Node)>,
}

/// `view: {operation: getPayment, refunded: response.body.refunded}`: the
/// operation whose answer shows attributes of a resource, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The key itself.
    pub key: Span,
    /// `operation`: what is called.
    pub operation: Located<String>,
    /// Attributes, with their places in the answer.
    pub shown: Vec<(Located<String>, Expression)>,
}

/// An attribute of a resource's state.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name.
    pub name: Located<String>,
    /// `init`: its value when the resource is made; undefined leaves it absent.
    /// None where no operation makes one.
    pub init: Option<Expression>,
    /// `schema`: keywords of JSON Schema that give its type, and say which values
    /// it may have before.
    pub schema: Option<Node>,
    /// `lifecycle`: the moves from one value to the next that there are.
    pub lifecycle: Option<Lifecycle>,
}

/// `lifecycle: {authorized: [captured, voided], captured: [refunded]}`: the
/// phases of a resource. Each change of the attribute to a phase is refused
/// where no move leads there.
#[derive(Clone, Debug, PartialEq)]
pub struct Lifecycle {
    /// The key itself.
    pub key: Span,
    /// Each phase that something follows on, with what follows, in the order of
    /// the file.
    pub moves: Vec<(Located<String>, Vec<Located<String>>)>,
    /// What is said of its rules beside it.
    pub rules: DerivedRules,
}

/// What an author says of rules that follow from a declaration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DerivedRules {
    /// `message`: what they demand, in plain words.
    pub message: Option<Located<String>>,
    /// `source`: where that comes from.
    pub source: Option<Located<String>>,
    /// `severity`.
    pub severity: Option<RuleSeverity>,
    /// `tags`.
    pub tags: Option<Vec<Located<String>>>,
    /// `expect`: how the server refuses what breaks one.
    pub expect: Option<Expect>,
}

impl Lifecycle {
    /// All phases, in the order in which they are named.
    pub fn phases(&self) -> Vec<&str> {
        let mut phases: Vec<&str> = Vec::new();
        for (from, to) in &self.moves {
            for phase in std::iter::once(from).chain(to) {
                if !phases.contains(&phase.value.as_str()) {
                    phases.push(&phase.value);
                }
            }
        }
        phases
    }

    /// The phases from which a move leads to `phase`.
    pub fn before(&self, phase: &str) -> Vec<&str> {
        let leads = |to: &[Located<String>]| to.iter().any(|to| to.value == phase);
        let moves = self.moves.iter().filter(|(_, to)| leads(to));
        moves.map(|(from, _)| from.value.as_str()).collect()
    }
}
