//! What an operation asks for and answers.

use super::encoding::{Encoding, Group};
use super::schema::{SchemaId, Schemas, Unmodelled};
use crate::source::{Diagnostics, Span};
use crate::tree::Node;
use crate::value::Value;

/// One method and path of a document, with the schemas of its request.
#[derive(Clone, Debug)]
pub struct Operation {
    /// The operationId; `POST /payments` where there is none.
    pub id: String,
    /// The method in capitals.
    pub method: String,
    /// The path with its `{parameters}`.
    pub path: String,
    /// Parameters of the operation and of its path, in the document's order.
    pub parameters: Vec<Parameter>,
    /// The request body.
    pub body: Option<Body>,
    /// Declared answers: `201`, `4XX`, `default`.
    pub answers: Vec<String>,
    /// Ways to authenticate; each is a list of what is needed together. Empty
    /// where nothing is asked for.
    pub security: Vec<Vec<Credential>>,
    /// All schemas of the request.
    pub schemas: Schemas,
    /// The schema of a whole request state: an object with the members `path`,
    /// `query`, `header`, `cookie` and `body`, those that the operation has.
    pub request: SchemaId,
    /// Where the operation stands in the document.
    pub span: Span,
    /// Where the operation stands, as a JSON pointer.
    pub pointer: String,
    /// What is worth knowing about the operation's part of the document:
    /// defaults that their own schema refuses, and the like. No errors.
    pub findings: Diagnostics,
    /// `fields`: keywords that replace the document's.
    pub(super) overlays: Vec<super::overlay::Overlay>,
}

impl Operation {
    /// Method and path: `POST /payments`.
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The demands on the request that [`Schema`](super::Schema) doesn't hold.
    pub fn unmodelled(&self) -> Vec<(SchemaId, &Unmodelled)> {
        let ids = self.schemas.reachable(self.request).into_iter();
        let each = |id| {
            self.schemas
                .get(id)
                .unmodelled
                .iter()
                .map(move |own| (id, own))
        };
        ids.flat_map(each).collect()
    }

    /// The parameter of that place and name; names of headers ignore case.
    pub fn parameter(&self, place: Place, name: &str) -> Option<&Parameter> {
        let same = |own: &str| match place {
            Place::Header => own.eq_ignore_ascii_case(name),
            _ => own == name,
        };
        self.parameters
            .iter()
            .find(|parameter| parameter.place == place && same(&parameter.name))
    }
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// In the path.
    Path,
    /// Behind the question mark.
    Query,
    /// As a header.
    Header,
    /// As a cookie.
    Cookie,
}

impl Place {
    /// All places.
    pub const ALL: [Self; 4] = [Self::Path, Self::Query, Self::Header, Self::Cookie];

    /// The name in documents, and of the variable of expressions.
    pub fn name(self) -> &'static str {
        self.group().name()
    }

    /// The part of a request that this is.
    pub(super) fn group(self) -> Group {
        match self {
            Self::Path => Group::Path,
            Self::Query => Group::Query,
            Self::Header => Group::Header,
            Self::Cookie => Group::Cookie,
        }
    }
}

/// A parameter of an operation. `Accept`, `Content-Type` and `Authorization` are
/// none: the request's other parts decide them.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name as written in the document.
    pub name: String,
    /// Where it is sent.
    pub place: Place,
    /// Whether it must be sent.
    pub required: bool,
    /// What its (typed) value must be.
    pub schema: SchemaId,
    /// How the value becomes text.
    pub encoding: Encoding,
    /// Documented examples of the parameter itself.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub span: Span,
    /// Where its schema stands, as a JSON pointer.
    pub pointer: String,
}

/// A documented example.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its name among `examples`; `default` where it has none.
    pub name: String,
    /// The value.
    pub value: Value,
    /// The value with its places.
    pub node: Node,
}

/// A request body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Whether it must be sent.
    pub required: bool,
    /// The media type that is sent: JSON where there is a choice, else a form.
    pub media_type: String,
    /// What it must be.
    pub schema: SchemaId,
    /// The kind of form that it is, if it is one.
    pub form: Option<Form>,
    /// The fields of a form that aren't written in the common way.
    pub parts: Vec<Encoding>,
    /// Documented examples.
    pub examples: Vec<Example>,
    /// Where it stands.
    pub span: Span,
    /// Where its schema stands, as a JSON pointer.
    pub pointer: String,
}

/// A body that consists of named fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
}

impl Form {
    /// The form that a media type without parameters stands for.
    pub(super) fn of(essence: &str) -> Option<Self> {
        match essence {
            "application/x-www-form-urlencoded" => Some(Self::UrlEncoded),
            "multipart/form-data" => Some(Self::Multipart),
            _ => None,
        }
    }
}

/// A credential that a request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The name among the document's security schemes.
    pub name: String,
    /// How it is sent.
    pub scheme: Scheme,
}

/// How a credential is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer ...`; OAuth 2 and OpenID Connect as well.
    Bearer,
    /// `Authorization: Basic ...`.
    Basic,
    /// `Authorization: <scheme> ...`.
    Authorization(String),
    /// A parameter of one's own.
    ApiKey {
        /// Where it is sent.
        place: Place,
        /// Under what name.
        name: String,
    },
    /// A certificate of the client, which is no part of the request.
    MutualTls,
}
