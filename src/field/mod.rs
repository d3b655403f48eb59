//! The field layer: what schemas demand of single places of a request, and how
//! servers get it wrong.
//!
//! [`places`] lists the places of an operation's requests, with the schema of
//! each. At a place where some value stands (a [`Spot`]), [`demands`] lists the
//! keywords of its schema; each is a [`Demand`] with its [`Mistake`]s: it isn't
//! checked, or is one off. A mistake has [`Probe`]s: what to send instead of
//! the value, and what a server that makes the mistake then goes on with. One
//! module here is for one group of keywords. Whether a probe shows its mistake
//! is decided elsewhere, by the independent validator and the rules.
//!
//! What has no certain verdict is left out: half of a character in a text that
//! may be anything, and a name that stands twice with two right values.

mod combined;
mod formats;
mod listed;
mod lists;
mod members;
mod numbers;
mod objects;
mod places;
mod texts;
mod types;
mod values;

pub use listed::{FieldDemand, FieldFault, FieldFaults, Lister, field_faults};
pub use places::{Place, Step, places};

use crate::document::{Placed, Schema, SchemaId, Schemas};
use crate::model::{Model, OperationRef};
use crate::source::Span;
use crate::value::Value;

/// A keyword of the schema at a place.
#[derive(Clone, Debug)]
pub struct Demand {
    /// The keyword; `properties` of a member that may be left out.
    pub keyword: &'static str,
    /// What it says, in a few words: `minimum 1`.
    pub says: String,
    /// Where it stands.
    pub span: Span,
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
    /// How servers get it wrong, in a fixed order whatever value stands there.
    pub mistakes: Vec<Mistake>,
}

/// A way to get a demand wrong.
#[derive(Clone, Debug)]
pub struct Mistake {
    /// Its name among those of the demand.
    pub variant: String,
    /// Completes "a server that ...".
    pub words: String,
    /// Whether a right server accepts what shows it.
    pub accepts: bool,
    /// What may show it here, the best first.
    pub probes: Vec<Probe>,
    /// Why nothing can show it, where that is certain.
    pub never: Option<String>,
}

/// Something to send instead of what stands at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The value; none: the place is left out.
    pub sent: Option<Value>,
    /// What a server that makes the mistake goes on with.
    pub taken: Taken,
    /// The JSON text of the value, where another one says the same or what no
    /// value says.
    pub written: Option<String>,
}

/// What a server goes on with that doesn't refuse what it should.
#[derive(Clone, Debug, PartialEq)]
pub enum Taken {
    /// What was sent.
    AsSent,
    /// Another value.
    As(Value),
    /// The place counts as absent.
    Absent,
}

/// A place where a value stands.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'s> {
    /// All schemas.
    pub schemas: &'s Schemas,
    /// That of the place.
    pub id: SchemaId,
    /// The place, for people.
    pub name: &'s str,
    /// What stands there.
    pub value: &'s Value,
    /// How it is sent.
    pub wire: Wire,
    /// What the object around it says of it, where it is a member.
    pub member: Option<Member<'s>>,
    /// Whether names that stand twice are tried here.
    pub tries_twice: bool,
    /// Whether `5.0` is a whole number to the document's dialect.
    pub whole_with_point: bool,
}

/// How a value is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// As JSON.
    Json,
    /// As a text that may hold anything: in a query or form.
    Text,
    /// As a text without blanks around it: in a path, header or cookie.
    Line,
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub struct Member<'s> {
    /// Its name.
    pub name: &'s str,
    /// Where it is demanded, if it is.
    pub required: Option<&'s Placed<()>>,
    /// Whether its object can do without it at all: a path can't.
    pub can_lack: bool,
    /// Whether a baseline has it.
    pub is_given: bool,
}

impl<'s> Spot<'s> {
    fn schema(&self) -> &'s Schema {
        self.schemas.get(self.id)
    }

    fn is_json(&self) -> bool {
        self.wire == Wire::Json
    }
}

/// What the schema demands at a spot, in a fixed order.
pub fn demands(spot: &Spot<'_>) -> Vec<Demand> {
    let member = members::demands(spot);
    if spot.schema().is_hint {
        return Vec::new();
    }
    let own = types::demands(spot)
        .into_iter()
        .chain(values::demands(spot));
    let own = own
        .chain(numbers::demands(spot))
        .chain(texts::demands(spot));
    let own = own
        .chain(formats::demands(spot))
        .chain(lists::demands(spot));
    let own = own
        .chain(objects::demands(spot))
        .chain(combined::demands(spot));
    member.into_iter().chain(own).collect()
}

/// The id of a demand: `createPayment:body.amount:minimum`. `twin` counts those
/// of the same keyword and place, from 0.
pub fn demand_id(
    model: &Model,
    operation: OperationRef,
    place: &str,
    keyword: &str,
    twin: usize,
) -> String {
    let id = format!("{}:{place}:{keyword}", model.operation(operation).id);
    match twin {
        0 => id,
        _ => format!("{id}-{}", twin + 1),
    }
}

impl Demand {
    fn new<T>(
        keyword: &'static str,
        says: impl Into<String>,
        at: &Placed<T>,
        mistakes: Vec<Mistake>,
    ) -> Self {
        Self {
            keyword,
            says: says.into(),
            span: at.span,
            pointer: at.pointer.clone(),
            mistakes,
        }
    }
}

impl Mistake {
    /// A request that must be refused shows it.
    fn lax(variant: impl Into<String>, words: impl Into<String>, probes: Vec<Probe>) -> Self {
        Self {
            variant: variant.into(),
            words: words.into(),
            accepts: false,
            probes,
            never: None,
        }
    }

    /// A request that must be accepted shows it.
    fn strict(variant: impl Into<String>, words: impl Into<String>, probes: Vec<Probe>) -> Self {
        Self {
            accepts: true,
            ..Self::lax(variant, words, probes)
        }
    }

    /// Nothing shows it where `reason` is one.
    fn unless(mut self, reason: Option<String>) -> Self {
        self.never = reason;
        self
    }
}

impl Probe {
    fn set(value: Value) -> Self {
        Self {
            sent: Some(value),
            taken: Taken::AsSent,
            written: None,
        }
    }

    fn text(text: impl Into<std::sync::Arc<str>>) -> Self {
        Self::set(Value::string(text))
    }

    fn left_out() -> Self {
        Self {
            sent: None,
            taken: Taken::Absent,
            written: None,
        }
    }

    fn taken_as(self, value: Value) -> Self {
        Self {
            taken: Taken::As(value),
            ..self
        }
    }

    fn written_as(self, text: impl Into<String>) -> Self {
        Self {
            written: Some(text.into()),
            ..self
        }
    }
}

/// A value in words for people: long ones are cut.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{} ...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
