//! The model of a right server: operations, rule instances, resources.
//!
//! A [`Model`] is built from an API document and a rule file. All lists are in
//! the order of their ids or names, never of their position in a file.

mod around;
mod build;
mod clock;
mod ensure;
mod existing;
mod identifiers;
mod place;
mod sent;
mod trace;
mod unknown_key;
mod view;

use std::collections::BTreeSet;

pub use around::{AnswerPlace, Await, FollowUp, KeyFrom, SetupStep};
pub use build::{Built, Documented, OtherDocuments, RuleText, build, build_with};
pub use build::{look_into_numbers, schema_at};
pub use clock::{Anchor, Clock, Phase};
pub use ensure::{Ensure, Relation};
pub use existing::{Existing, Maker};
pub use identifiers::Identifiers;
pub use place::{Patch, Place};
pub use trace::{Step, Trace, resource_key, step_of_key};
pub use unknown_key::unknown_key;
pub use view::{AttributeRef, Compared, View, Viewed};

use crate::document::{Encoding, Form, SchemaId, Schemas};
pub use crate::expr::{ACTOR, KEY, NOW};
use crate::expr::{Arena, ExprId, Node, Op, ResourceName, SpanTree, Type, member_schema};
use crate::source::Span;
use crate::value::location::Location;
use crate::value::{Members, Value};

/// Counts [`Model::operations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OperationRef(pub u32);

/// Counts [`Model::rules`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleRef(pub u32);

/// Counts [`Model::resources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceRef(pub u32);

/// The attribute that says of a resource which can be deleted whether it is
/// still there. Rules ask `has(resource)`; they can't read it by its name.
pub const EXISTS: &str = "exists";

/// A right server, as far as schemas and rules describe it.
#[derive(Clone, Debug)]
pub struct Model {
    /// All expressions.
    pub arena: Arena,
    /// All schemas.
    pub schemas: Schemas,
    /// The operations that rules name or that make their resources, by id.
    pub operations: Vec<Operation>,
    /// Rule instances by id.
    pub rules: Vec<RuleInstance>,
    /// Resources by name; [`crate::expr::Root::Resource`] counts them.
    pub resources: Vec<Resource>,
    /// Those that are there before any request, by their kind and as the rule
    /// file lists them.
    pub existing: Vec<Existing>,
    /// Those of which some operation reads all that there are.
    pub ranged: BTreeSet<ResourceRef>,
    /// Whether some expression compares what names resources.
    pub compares_keys: bool,
    /// Values that differ from one server under test to the next, by name.
    pub values: Vec<ServerValue>,
    /// Members of objects that may be one of these where it is a number: no other
    /// number of a request is.
    pub identifiers: Identifiers,
    /// Who sends requests, by name; none where the rule file tells nobody apart.
    pub actors: Vec<Actor>,
    /// What is sent before the requests of cases, in this order.
    pub setup: Vec<SetupStep>,
    /// The server's clock.
    pub clock: Clock,
    /// How tests set the clock, where the rule file says so.
    pub clock_setter: Option<ClockSetter>,
    /// Whether the server tells an explicit null from an absent member.
    pub nulls_distinct: bool,
    /// Whether the document's dialect takes `5.0` for a whole number: JSON Schema from
    /// draft 6 on does, and leaves no doubt.
    pub whole_with_point: bool,
}

/// The request that sets the server's clock, which then stands still.
#[derive(Clone, Debug, PartialEq)]
pub struct ClockSetter {
    /// What is called.
    pub operation: OperationRef,
    /// The place of the moment.
    pub field: Location,
    /// The request, with the moment of an example.
    pub request: Value,
}

impl ClockSetter {
    /// The request that sets the clock for another one, a text being its
    /// member [`NOW`].
    pub fn request_at(&self, now: &Value) -> Value {
        let mut request = self.request.clone();
        let _ = self.field.write(&mut request, now.clone());
        request
    }
}

/// Somebody who sends requests; the member [`ACTOR`] of a request names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name.
    pub name: String,
    /// The environment variable that holds their credential, if one does.
    pub variable: Option<String>,
    /// The name under which a setup step saves their credential, if one does.
    pub saved: Option<String>,
    /// What rules know of them.
    pub attributes: Members,
}

/// A text that tests read from the environment, or that a setup step saves.
/// Rules do no more than compare it with fields, so that what holds with the text that stands for it holds with
/// any other that the request has nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerValue {
    /// Its name in the rule file.
    pub name: String,
    /// The name of the environment variable; none: a setup step saves it.
    pub variable: Option<String>,
    /// What stands for it in states: a text, or a whole number.
    pub stand_in: Value,
}

impl ServerValue {
    /// What stands for it, as a parameter of a request is written.
    pub fn placeholder(&self) -> String {
        match &self.stand_in {
            Value::String(text) => text.to_string(),
            other => other.to_string(),
        }
    }

    /// Whether it is a number.
    pub fn is_number(&self) -> bool {
        matches!(self.stand_in, Value::Number(_))
    }

    /// What makes it another one: completes `which differs from`.
    pub fn differs_from(&self) -> &'static str {
        match self.variable {
            Some(_) => "server to server",
            None => "one run to the next",
        }
    }
}

/// One method and path.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its operationId, or `POST /payments`.
    pub id: String,
    /// The method in capitals.
    pub method: String,
    /// The path template.
    pub path: String,
    /// The object with the members `path`, `query`, `header`, `cookie`, `body`;
    /// and [`NOW`] where tests set the clock.
    pub request: SchemaId,
    /// The media type of the body.
    pub media_type: Option<String>,
    /// The kind of form that the body is, if it is one.
    pub form: Option<Form>,
    /// How parameters and fields of forms are written: every parameter, and
    /// those fields that aren't written in the common way.
    pub encodings: Vec<Encoding>,
    /// Which resources a request is about, by resource.
    pub binds: Vec<Bind>,
    /// What a successful request changes; all read the state before it.
    pub changes: Vec<StateChange>,
    /// What it leaves as it is of the resources that it changes.
    pub keeps: Vec<Kept>,
    /// The resource that a successful request makes.
    pub creates: Option<ResourceRef>,
    /// Resources of which its rules, or what it remembers, read all that there
    /// are, by resource.
    pub ranges: Vec<ResourceRef>,
    /// Its rules, by id.
    pub rules: Vec<RuleRef>,
    /// Completed examples by name; the first is the one that cases change.
    pub baselines: Vec<Baseline>,
    /// The statuses that say that a request was accepted; empty: any 2xx.
    pub accept: Answer,
    /// The answer to a request that its schema refuses.
    pub invalid: Answer,
    /// Fields that hold another text in every request, by place.
    pub unique: Vec<Unique>,
    /// Fields by which requests belong together, by place: their texts are
    /// others in every test, and the same where they are within one.
    pub correlated: Vec<Unique>,
    /// The environment variable with the address of its API, where that is
    /// another one.
    pub base_url: Option<String>,
    /// What is waited for after each request that was accepted.
    pub awaits: Option<Await>,
    /// How what an accepted request makes is deleted.
    pub clean_up: Option<FollowUp>,
    /// Names of the environment variables and headers that credentials need.
    pub security: Vec<Security>,
    /// Where the document or the rule file declares it.
    pub span: Span,
}

impl Operation {
    /// Whether its rules may read what earlier requests left.
    pub fn reads_state(&self) -> bool {
        !self.binds.is_empty() || !self.ranges.is_empty()
    }
}

/// A field that holds another text in every request that has it. Rules don't
/// read it.
#[derive(Clone, Debug)]
pub struct Unique {
    /// Where it stands.
    pub location: Location,
    /// The text, with `{run}`, `{n}` or `{uuid}` where it differs.
    pub template: String,
    /// Where the rule file says so.
    pub span: Span,
}

/// A way to authenticate that an operation asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Security {
    /// `Authorization: Bearer ...`
    Bearer,
    /// `Authorization: Basic ...`
    Basic,
    /// A header of this name.
    ApiKeyHeader(String),
    /// A query parameter of this name.
    ApiKeyQuery(String),
    /// A cookie.
    ApiKeyCookie(String),
}

/// A request that satisfies the schema, close to a documented example.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The example's name, or `default`.
    pub name: String,
    /// The request state.
    pub request: Value,
    /// Where the example stands.
    pub span: Span,
}

/// Which resource a request is about.
#[derive(Clone, Debug)]
pub struct Bind {
    /// The resource.
    pub resource: ResourceRef,
    /// Where the request names it.
    pub location: Location,
    /// The answer where it doesn't exist.
    pub missing: Answer,
    /// Whether a request may name none: the field is left out, or null.
    pub is_optional: bool,
    /// Where the rule file says so.
    pub span: Span,
}

/// `set`: one attribute's new value.
#[derive(Clone, Debug)]
pub struct StateChange {
    /// The resource that changes.
    pub resource: ResourceRef,
    /// The attribute, an index of [`Resource::attributes`].
    pub attribute: usize,
    /// The new value, over the request and the state before it.
    pub expr: ExprId,
    /// Whether all resources of the kind get it, and whether it is made although
    /// the request is refused: false, on a right server.
    pub never: ExprId,
    /// Where each part of it was written.
    pub spans: SpanTree,
}

/// An attribute that a request leaves as it is although it changes others of the
/// resource.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The resource.
    pub resource: ResourceRef,
    /// The attribute, an index of [`Resource::attributes`].
    pub attribute: usize,
    /// Its value before the request.
    pub expr: ExprId,
    /// Where the operation's changes were written.
    pub spans: SpanTree,
}

/// What the server remembers of one kind of thing.
#[derive(Clone, Debug)]
pub struct Resource {
    /// The name that expressions use.
    pub name: String,
    /// What they call all that there are.
    pub plural: Option<String>,
    /// The operation whose success makes one; none: there are only those of
    /// [`Model::existing`].
    pub created_by: Option<OperationRef>,
    /// The operation whose success deletes the one that it is about. The last
    /// attribute is then [`EXISTS`].
    pub deleted_by: Option<OperationRef>,
    /// Where the answer of that operation names it: members below the body.
    pub key: Vec<String>,
    /// What is remembered.
    pub attributes: Vec<Attribute>,
    /// What authors say of every state, over the attributes.
    pub invariants: Vec<ExprId>,
    /// Where answers show the state.
    pub view: Option<View>,
}

/// One remembered value.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// The schema that the rule file gives it, if it does.
    pub schema: Option<SchemaId>,
    /// Its first value, over the request that makes the resource; null where
    /// none does.
    pub init: ExprId,
    /// Where each part of `init` was written.
    pub spans: SpanTree,
}

/// A rule at one operation.
#[derive(Clone, Debug)]
pub struct RuleInstance {
    /// The rule's id; with `@operation` behind it where it has several.
    pub id: String,
    /// The rule's id as the author gave it.
    pub rule: String,
    /// The operation.
    pub operation: OperationRef,
    /// What it is about where that isn't the request as a whole: `every item of
    /// body.lines`, or the place of a schema's use.
    pub about: Option<String>,
    /// The whole condition, its guard included ([`crate::expr::Op::Guard`]).
    pub expr: ExprId,
    /// Where each part of it was written.
    pub spans: SpanTree,
    /// Where the author's own guard was written, if there is one: `at` and
    /// `each` guard rules, too.
    pub when: Option<Span>,
    /// In an author's words.
    pub message: String,
    /// Where the rule comes from.
    pub source: Option<String>,
    /// The field that it is about.
    pub field_path: Option<String>,
    /// low, medium, high or critical.
    pub severity: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// What a right server answers where it is broken.
    pub expect: Answer,
    /// `undefined: reject`: an undefined rule counts as false.
    pub undefined_rejects: bool,
    /// The resources without which it says nothing: those that it reads, unless
    /// it asks itself whether they exist.
    pub needs: Vec<ResourceRef>,
    /// The earlier requests that it is about, too.
    pub across: Option<Across>,
    /// What it says of the answers to accepted requests, one by one; its
    /// condition is then always true.
    pub ensures: Vec<Ensure>,
    /// Whether it follows from what authors say of a resource: then it may say
    /// nothing new at some operation.
    pub is_derived: bool,
    /// Where the rule is declared.
    pub span: Span,
}

/// What a rule about several requests says of the earlier ones. It holds for
/// every choice of accepted requests, in their order, that belong together
/// with the one that is judged.
#[derive(Clone, Debug)]
pub struct Across {
    /// Their operations; [`crate::expr::Root::Earlier`] counts them.
    pub earlier: Vec<OperationRef>,
    /// Where this is true, the requests belong together.
    pub same: ExprId,
    /// Where each part of it was written.
    pub spans: SpanTree,
    /// Whether requests that were refused count as earlier ones: false, on a
    /// right server.
    pub never: ExprId,
    /// The resources whose keys are among what they share.
    pub keys: BTreeSet<ResourceRef>,
    /// Whether a request that satisfies the rule is a repeat, which gets the
    /// answer to the first one again and changes nothing.
    pub replay: Option<Replay>,
}

/// How repeats are answered.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Where a request that belongs to an earlier one and satisfies the rule is
    /// a repeat: always, on a right server.
    pub expr: ExprId,
    /// Where the rule file says so.
    pub spans: SpanTree,
    /// Whether that is looked at before other rules.
    pub is_first: bool,
}

/// An expected answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The statuses that fit; empty: the default of the situation.
    pub statuses: Vec<u16>,
    /// What the answer's body must hold.
    pub checks: Vec<Check>,
}

impl Answer {
    /// The statuses that say that a rule was broken, where a rule names none.
    pub const REFUSED: [u16; 3] = [400, 409, 422];
}

/// One check of an answer's body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Check {
    /// Members (or item numbers) below the body.
    pub path: Vec<String>,
    /// How to compare.
    pub operator: CheckOperator,
    /// The JSON text to compare with.
    pub literal: String,
}

/// How a check compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckOperator {
    /// Equal as JSON.
    Eq,
    /// Not equal.
    Ne,
    /// There at all.
    Has,
}

impl RuleInstance {
    /// Its condition without its guards, and where that was written.
    pub fn condition(&self, arena: &Arena) -> (ExprId, Span) {
        let (mut id, mut spans) = (self.expr, &self.spans);
        while let (Node::Call(Op::Guard, operands), [_, body]) = (arena.node(id), &*spans.children)
            && let Some(inner) = operands.get(1)
        {
            (id, spans) = (*inner, body);
        }
        (id, spans.span)
    }
}

impl Model {
    /// The operation.
    #[expect(
        clippy::indexing_slicing,
        reason = "refs are only made for what is there"
    )]
    pub fn operation(&self, operation: OperationRef) -> &Operation {
        &self.operations[operation.0 as usize]
    }

    /// The rule instance.
    #[expect(
        clippy::indexing_slicing,
        reason = "refs are only made for what is there"
    )]
    pub fn rule(&self, rule: RuleRef) -> &RuleInstance {
        &self.rules[rule.0 as usize]
    }

    /// The resource.
    #[expect(
        clippy::indexing_slicing,
        reason = "refs are only made for what is there"
    )]
    pub fn resource(&self, resource: ResourceRef) -> &Resource {
        &self.resources[resource.0 as usize]
    }

    /// What expressions call resources, as they are counted.
    pub fn resource_names(&self) -> Vec<ResourceName> {
        let names = self.resources.iter().map(|found| match &found.plural {
            Some(all) => ResourceName {
                one: found.name.clone(),
                all: all.clone(),
            },
            None => ResourceName::single(&found.name),
        });
        names.collect()
    }

    /// All operations with their refs.
    pub fn operation_refs(&self) -> impl Iterator<Item = (OperationRef, &Operation)> {
        (0..).map(OperationRef).zip(&self.operations)
    }

    /// All rule instances with their refs.
    pub fn rule_refs(&self) -> impl Iterator<Item = (RuleRef, &RuleInstance)> {
        (0..).map(RuleRef).zip(&self.rules)
    }

    /// All resources with their refs.
    pub fn resource_refs(&self) -> impl Iterator<Item = (ResourceRef, &Resource)> {
        (0..).map(ResourceRef).zip(&self.resources)
    }

    /// The operation with that id.
    pub fn operation_named(&self, id: &str) -> Option<OperationRef> {
        self.operation_refs()
            .find_map(|(operation, found)| (found.id == id).then_some(operation))
    }

    /// The rules about several requests that judge a request to `operation`.
    pub fn across_at(&self, operation: OperationRef) -> impl Iterator<Item = &Across> {
        let rules = self.operation(operation).rules.iter();
        rules.filter_map(|rule| self.rule(*rule).across.as_ref())
    }

    /// Whether rules about later requests read those to `operation`.
    pub fn remembers(&self, operation: OperationRef) -> bool {
        let mut across = self.rules.iter().filter_map(|rule| rule.across.as_ref());
        across.any(|across| across.earlier.contains(&operation))
    }

    /// Whether a rule asks if a resource exists: `has(payment)`.
    pub fn asks_for(&self, rule: RuleRef, resource: ResourceRef) -> bool {
        build::asks(&self.arena, self.rule(rule).expr, resource)
    }

    /// Whether a request to `operation` is refused wherever the resource that it
    /// names doesn't exist, since no author asks for it.
    pub fn is_implied(&self, operation: OperationRef, resource: ResourceRef) -> bool {
        let mut rules = self.operation(operation).rules.iter();
        rules.all(|rule| !self.asks_for(*rule, resource) || self.rule(*rule).is_derived)
    }

    /// The schema of the member that `id` reads, if it reads one of an object.
    pub fn schema_read(&self, id: ExprId) -> Option<SchemaId> {
        let Node::Get(base, key) = self.arena.node(id) else {
            return None;
        };
        match self.arena.ty(*base) {
            Type::Object(object) => member_schema(&self.schemas, *object, key),
            _ => None,
        }
    }
}
