//! The formats of strings (and of integers) that are understood.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use super::pattern::Pattern;

/// The `format` of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `2035-06-15`.
    Date,
    /// RFC 3339, with offset.
    DateTime,
    /// RFC 4122 text form.
    Uuid,
    /// An e-mail address.
    Email,
    /// An absolute URI.
    Uri,
    /// A signed integer of 32 bits.
    Int32,
    /// A signed integer of 64 bits.
    Int64,
    /// Any other name.
    Other(String),
}

impl Format {
    /// The format of this name.
    pub fn from_name(name: &str) -> Self {
        match name {
            "date" => Self::Date,
            "date-time" => Self::DateTime,
            "uuid" => Self::Uuid,
            "email" => Self::Email,
            "uri" => Self::Uri,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Its name in a schema.
    pub fn name(&self) -> &str {
        match self {
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Uuid => "uuid",
            Self::Email => "email",
            Self::Uri => "uri",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Other(name) => name,
        }
    }

    /// Whether a string may be `text`, as far as the format is understood.
    pub fn admits(&self, text: &str) -> bool {
        KNOWN
            .get(self.name())
            .is_none_or(|known| match &known.reading {
                Some(reading) => reading.is_match(text),
                None => known.writing.is_match(text),
            })
    }

    /// Whether this format says something about strings that nothing here
    /// knows, though common validators check it.
    pub fn is_unmodelled(&self) -> bool {
        UNMODELLED.contains(&self.name())
    }

    /// A regular part of the format: all of it unless [`Self::is_narrowed`].
    pub(super) fn language(&self) -> Option<&'static Pattern> {
        KNOWN.get(self.name()).map(|known| &known.writing)
    }

    /// The texts of the format, where a pattern says exactly which.
    pub fn exactly(&self) -> Option<&'static Pattern> {
        self.language().filter(|_| !self.is_narrowed())
    }

    /// Whether strings of any kind have this format.
    pub fn is_silent(&self) -> bool {
        !self.is_unmodelled() && !KNOWN.contains_key(self.name())
    }

    /// Whether only the readable part of the format is written.
    pub fn is_narrowed(&self) -> bool {
        KNOWN
            .get(self.name())
            .is_some_and(|known| known.reading.is_some())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

const UNMODELLED: [&str; 12] = [
    "duration",
    "idn-email",
    "idn-hostname",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri-reference",
    "uri-template",
];

struct Known {
    /// What is written.
    writing: Pattern,
    /// What is read, where that is more.
    reading: Option<Pattern>,
}

const DATE: &str = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
/// A leap second is understood in UTC alone.
const TIME: &str = "(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])|23:59:60(?:\\.[0-9]+)?[Zz])";
const HEX: &str = "[0-9A-Fa-f]";
const ATOM: &str = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
const WORD: &str = "[A-Za-z0-9._+-]";
const HOST: &str = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const BYTE: &str = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

static KNOWN: LazyLock<BTreeMap<&'static str, Known>> = LazyLock::new(|| {
    let host = "[a-z0-9]+(?:-[a-z0-9]+)*(?:\\.[a-z0-9]+(?:-[a-z0-9]+)*)*\\.[a-z]{2,6}";
    let path = "[A-Za-z0-9_-]+";
    [
        ("date", format!("^{DATE}$"), None),
        ("date-time", format!("^{DATE}[Tt]{TIME}$"), None),
        ("uuid", format!("^{HEX}{{8}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{4}}-{HEX}{{12}}$"), None),
        (
            "email",
            format!("^[A-Za-z0-9](?:{WORD}{{0,30}}[A-Za-z0-9])?@{host}$").replace(WORD, "[A-Za-z0-9_+-]"),
            Some(format!(
                "^(?:{ATOM}+(?:\\.{ATOM}+)*|\"(?:[^\"\\\\\\x00-\\x1f]|\\\\[ -~])*\")@(?:{HOST}(?:\\.{HOST})*|\\[[0-9A-Fa-fIPv:.]+\\])$"
            )),
        ),
        (
            "uri",
            format!("^https?://{host}(?:/{path})*/?(?:\\?{path}={path}(?:&{path}={path})*)?$"),
            Some(format!(
                "^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|%{HEX}{{2}})*$"
            )),
        ),
        ("ipv4", format!("^{BYTE}(?:\\.{BYTE}){{3}}$"), None),
        ("hostname", format!("^{host}$"), Some(format!("^{HOST}(?:\\.{HOST})*$"))),
        ("byte", "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$".to_owned(), None),
    ]
    .into_iter()
    .filter_map(|(name, writing, reading)| {
        let writing = Pattern::compile(&writing).ok()?;
        let reading = reading.and_then(|reading| Pattern::compile(&reading).ok());
        Some((name, Known { writing, reading }))
    })
    .collect()
});

/// Readable members of a format, the `k`-th one.
pub(super) fn sample(format: &Format, k: u64) -> Option<String> {
    const NAMES: [&str; 8] = ["ada", "ben", "cleo", "dora", "emil", "fay", "gus", "hana"];
    let days = jiff::Span::new().try_days(i64::try_from(k).ok()?).ok()?;
    let date = jiff::civil::date(2035, 6, 15).checked_add(days).ok()?;
    let name = match usize::try_from(k).ok().and_then(|k| NAMES.get(k)) {
        Some(name) => (*name).to_owned(),
        None => format!("user{k}"),
    };
    Some(match format {
        Format::Date => date.to_string(),
        Format::DateTime => format!("{date}T10:30:00Z"),
        Format::Uuid => format!(
            "3f2a7c1e-8b4d-4e6a-9c05-{:012x}",
            0x7d1e_5b20_9a41_u64.wrapping_add(k)
        ),
        Format::Email => format!("{name}@example.com"),
        Format::Uri => format!("https://example.com/{name}"),
        Format::Int32 | Format::Int64 => return None,
        Format::Other(other) => match other.as_str() {
            "ipv4" => format!("192.0.2.{}", k + 10),
            "hostname" => format!("{name}.example.com"),
            "byte" => return None,
            _ => return None,
        },
    })
}
