//! One request and its answer.

/// A request that was sent, or that a suite would send, and its answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Its number within the file, from 1: of a line, where a line is one.
    pub entry: usize,
    /// What its file calls it.
    pub name: Option<String>,
    /// The method in capitals.
    pub method: String,
    /// The address, with path and query as they were sent.
    pub url: String,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body, if there is one.
    pub body: Option<Body>,
    /// When it was sent.
    pub at: When,
    /// Who sends it, where the file says so: an actor's name.
    pub actor: Option<String>,
    /// Whether servers know nothing of what came before it: a test of its own
    /// begins here.
    pub is_first: bool,
    /// Why the recording doesn't tell what was sent, or answered, where it says so
    /// itself.
    pub obscured: Option<&'static str>,
    /// The answer; none: there was none, or nobody has sent the request yet.
    pub answer: Option<Answer>,
}

/// When a request was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Nobody knows.
    #[default]
    Unknown,
    /// At this moment, in nanoseconds since 1970.
    At(i128),
    /// It wasn't: it is part of a suite, whose answers are those that it wants.
    Planned,
}

/// The answer to a request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, if there is one.
    pub body: Option<Body>,
}

/// What a request or an answer carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// JSON that is taken apart.
    Json(serde_json::Value),
    /// Text.
    Text(String),
    /// Bytes that may be text.
    Bytes(Vec<u8>),
    /// The fields of a form that is taken apart.
    Fields(Vec<Field>),
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its text; none: a file whose content isn't there.
    pub text: Option<String>,
}

impl Exchange {
    /// The value of a header; names ignore case. Several are joined by commas,
    /// as HTTP says.
    pub fn header(&self, name: &str) -> Option<String> {
        let own = self.headers.iter();
        let own = own.filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let texts: Vec<&str> = own.map(|(_, text)| text.as_str()).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    }
}

impl Body {
    /// As text, if it is one.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Json(value) => Some(value.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Bytes(bytes) => String::from_utf8(bytes.clone()).ok(),
            Self::Fields(_) => None,
        }
    }

    /// As JSON, if it is that.
    pub fn json(&self) -> Option<serde_json::Value> {
        match self {
            Self::Json(value) => Some(value.clone()),
            Self::Text(text) => serde_json::from_str(text).ok(),
            Self::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
            Self::Fields(_) => None,
        }
    }
}
