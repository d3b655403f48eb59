//! How the parts of a request become text.

use serde::{Deserialize, Serialize};

/// How a parameter, or a field of a form, is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Encoding {
    /// Where it is sent.
    pub group: Group,
    /// Its name.
    pub name: String,
    /// How its value becomes text.
    pub style: Style,
    /// Whether lists and objects are spread out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explode: bool,
    /// The media type of a field of a multipart form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

impl Encoding {
    /// The common way of a group: that of OpenAPI where nothing is said.
    pub fn common(group: Group, name: &str) -> Self {
        let (style, explode) = match group {
            Group::Path | Group::Header => (Style::Simple, false),
            Group::Query | Group::Cookie => (Style::Form, true),
            Group::Body => (Style::Field, false),
        };
        Self {
            group,
            name: name.to_owned(),
            style,
            explode,
            media_type: None,
        }
    }

    /// How a parameter, or a field of a form, is written: as `encodings` say, else
    /// in the common way of its group. Names of headers ignore case.
    pub fn of(encodings: &[Self], group: Group, name: &str) -> Self {
        let is_same = |own: &&Self| match group {
            Group::Header => own.name.eq_ignore_ascii_case(name),
            _ => own.name == name,
        };
        let mut known = encodings.iter().filter(|own| own.group == group);
        let known = known.find(is_same).cloned();
        known.unwrap_or_else(|| Self::common(group, name))
    }

    /// What may not stand in an item or a member, since it stands between them.
    pub fn separators(&self) -> &'static [char] {
        match (self.style, self.explode, self.group) {
            (Style::Simple, ..) => &[','],
            (Style::Label, true, _) => &['.', '='],
            (Style::Label, false, _) => &[','],
            (Style::Matrix, true, _) => &[';', '='],
            (Style::Matrix, false, _) => &[';', '=', ','],
            (Style::Form, false, Group::Cookie) => &[',', ';'],
            (Style::Form, false, _) => &[','],
            (Style::SpaceDelimited, false, _) => &[' '],
            (Style::PipeDelimited, false, _) => &['|'],
            (Style::Form | Style::SpaceDelimited | Style::PipeDelimited, true, _)
            | (Style::DeepObject | Style::Json | Style::Field | Style::File, ..) => &[],
        }
    }
}

/// A part of a request that has named values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Path parameters.
    Path,
    /// Query parameters.
    Query,
    /// Headers.
    Header,
    /// Cookies.
    Cookie,
    /// Fields of a form.
    Body,
}

impl Group {
    /// All parts, those that rules read most first.
    pub const ALL: [Self; 5] = [
        Self::Body,
        Self::Query,
        Self::Path,
        Self::Header,
        Self::Cookie,
    ];

    /// The part of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }

    /// The name in files, and of the variable of expressions.
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }

    /// The styles that a group may have, the common one first.
    pub fn styles(self) -> &'static [Style] {
        match self {
            Self::Path => &[Style::Simple, Style::Label, Style::Matrix],
            Self::Query => &[
                Style::Form,
                Style::SpaceDelimited,
                Style::PipeDelimited,
                Style::DeepObject,
            ],
            Self::Header => &[Style::Simple],
            Self::Cookie => &[Style::Form],
            Self::Body => &[
                Style::Form,
                Style::SpaceDelimited,
                Style::PipeDelimited,
                Style::DeepObject,
            ],
        }
    }
}

/// How a value becomes the text of a parameter, or of a field of a form: the
/// styles of OpenAPI, and three more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Style {
    /// Items after commas: `1,2`; `a,1,b,2` or `a=1,b=2` (explode).
    Simple,
    /// `name=1&name=2` (explode) or `name=1,2`.
    Form,
    /// `;name=1`.
    Matrix,
    /// `.1`.
    Label,
    /// `name=1 2`.
    SpaceDelimited,
    /// `name=1|2`.
    PipeDelimited,
    /// `name[key]=1`.
    DeepObject,
    /// JSON text.
    Json,
    /// A field of a form that nothing is said about: texts as they are, a list
    /// as several fields, an object as JSON text.
    Field,
    /// A text as a file of a form.
    File,
}

impl Style {
    /// The name in files; `json`, `field` and `file` are no styles of OpenAPI.
    pub fn name(self) -> &'static str {
        match self {
            Self::Simple => "simple",
            Self::Form => "form",
            Self::Matrix => "matrix",
            Self::Label => "label",
            Self::SpaceDelimited => "spaceDelimited",
            Self::PipeDelimited => "pipeDelimited",
            Self::DeepObject => "deepObject",
            Self::Json => "json",
            Self::Field => "field",
            Self::File => "file",
        }
    }

    /// Whether `explode` makes a difference.
    pub fn is_spread(self) -> bool {
        !matches!(
            self,
            Self::DeepObject | Self::Json | Self::Field | Self::File
        )
    }
}
