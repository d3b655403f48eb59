//! Random schemas, as trees that know how to write themselves down as JSON
//! Schema, how to make values that they allow, and how to list all of those.

use crossfield::value::{Members, Value, parse_number};
use fastrand::Rng;

/// What a field holds.
#[derive(Clone, Debug)]
pub enum Kind {
    Bool,
    /// `low`, `high`, `multipleOf` (1: none).
    Int(i64, i64, i64),
    /// No bounds at all.
    AnyInt,
    /// Numerators of `low` and `high` over 100, `multipleOf` likewise (0:
    /// none).
    Decimal(i64, i64, i64),
    Enum(Vec<&'static str>),
    /// `minLength`, `maxLength`.
    Text(usize, usize),
    /// A pattern, and all of its members.
    Pattern(&'static str, &'static [&'static str]),
    /// A text that may name a number.
    Numeral(&'static Spelling),
    /// A value of any type, within some bounds.
    Any,
    Date,
    /// Dates, one of which it is.
    DateEnum,
    DateTime,
    Object(Vec<Field>),
    /// Items, `minItems`, `maxItems`.
    List(Box<Kind>, usize, usize),
    /// Values of an object that may have any keys.
    Map(Box<Kind>),
    /// An object of which nothing else is said.
    FreeForm,
}

/// How numbers are written as texts.
#[derive(Debug)]
pub struct Spelling {
    pattern: &'static str,
    texts: &'static [&'static str],
    /// Those with more decimal places than the first configuration can write.
    odd: &'static [&'static str],
    /// Whether those are all.
    is_all: bool,
}

/// A member of an object.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub required: bool,
    pub nullable: bool,
    pub default: Option<Value>,
}

pub const TEXTS: [&str; 7] = ["", "a", "b", "ab", "xyz", "a b", "é😀"];
const MEMBERS: [&str; 5] = ["a", "b", "card", "iban", "it's"];
pub const DATES: [&str; 4] = ["2030-01-31", "2030-02-01", "2030-02-28", "2030-03-01"];
pub const MOMENTS: [&str; 4] = [
    "2030-01-31T23:59:59Z",
    "2030-02-01T00:00:00Z",
    "2030-02-01T12:30:00Z",
    "2030-03-01T00:00:00Z",
];
/// Other spellings of moments, and parts of seconds.
const ODD_MOMENTS: [&str; 3] = [
    "2030-02-01T01:00:00+01:00",
    "2030-02-01T00:00:00.250Z",
    "2030-01-31T23:59:59.5-00:30",
];
const PATTERNS: [(&str, &[&str]); 2] = [
    ("^[ab]{1,2}$", &["a", "b", "aa", "ab", "ba", "bb"]),
    ("^(xyz|ab)?$", &["", "xyz", "ab"]),
];

const SPELLINGS: [Spelling; 6] = [
    Spelling {
        pattern: "^[0-9]{1,2}([.][0-9]{2})?$",
        texts: &[
            "0", "1", "01", "7", "1.00", "01.00", "0.50", "2.25", "99.99",
        ],
        odd: &[],
        is_all: false,
    },
    Spelling {
        pattern: "^(0|[1-3])[.][05]0$",
        texts: &[
            "0.00", "0.50", "1.00", "1.50", "2.00", "2.50", "3.00", "3.50",
        ],
        odd: &[],
        is_all: true,
    },
    Spelling {
        pattern: "^(-?[0-2])?$",
        texts: &["", "-0", "-1", "-2", "0", "1", "2"],
        odd: &[],
        is_all: true,
    },
    Spelling {
        pattern: "^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$",
        texts: &["1", "-1", ".5", "-0.50", "2.25", "-.25", "100"],
        odd: &["0.125", "-1.0005", "3.1415926535"],
        is_all: false,
    },
    Spelling {
        pattern: "^[0-9]+[.][0-9]+$",
        texts: &["0.0", "1.5", "1.50", "2.00", "123456789.25"],
        odd: &["0.125", "1.001"],
        is_all: false,
    },
    Spelling {
        pattern: "^.{0,4}$",
        texts: &[
            "", "a", "1", "-1", "1.5", "01", " 1", "1e1", "5.", "2.00", "+1", "e1",
        ],
        odd: &["1e-3", "-.12", ".125"],
        is_all: false,
    },
];

/// Names by kind, so that what may be compared can be told by its name.
fn name(kind: &Kind, index: usize) -> String {
    let letter = match kind {
        Kind::Bool => "b",
        Kind::Int(..) | Kind::AnyInt => "i",
        Kind::Decimal(..) => "d",
        Kind::Enum(_) | Kind::Text(..) | Kind::Pattern(..) => "s",
        Kind::Numeral(_) => "n",
        Kind::Any => "v",
        Kind::Date | Kind::DateEnum => "day",
        Kind::DateTime => "at",
        Kind::Object(_) => "o",
        Kind::List(..) => "l",
        Kind::Map(_) => "m",
        Kind::FreeForm => "f",
    };
    format!("{letter}{index}")
}

/// The members of a random object; `depth` counts objects within objects.
pub fn members(rng: &mut Rng, count: usize, depth: u32) -> Vec<Field> {
    (0..count).map(|index| field(rng, index, depth)).collect()
}

/// The same for an object within another: some have a member that no schema
/// declares.
fn object_members(rng: &mut Rng, count: usize, depth: u32) -> Vec<Field> {
    let mut found = members(rng, count, depth);
    if rng.u8(..3) == 0 {
        found.push(Field {
            name: HIDDEN.into(),
            kind: Kind::Bool,
            required: false,
            nullable: false,
            default: None,
        });
    }
    found
}

fn field(rng: &mut Rng, index: usize, depth: u32) -> Field {
    let kind = kind(rng, depth);
    let nullable = rng.u8(..6) == 0;
    let required = rng.u8(..3) > 0;
    let default = (!required && rng.u8(..3) == 0).then(|| {
        if nullable && rng.u8(..6) == 0 {
            Value::Null
        } else {
            kind.value(rng, Taste::Plain)
        }
    });
    Field {
        name: name(&kind, index),
        kind,
        required,
        nullable,
        default,
    }
}

fn kind(rng: &mut Rng, depth: u32) -> Kind {
    match rng.u8(..if depth == 0 { 26 } else { 36 }) {
        0..3 => Kind::Bool,
        3..8 => integer(rng),
        8..11 => decimal(rng),
        11..14 => {
            let from = rng.usize(..3);
            Kind::Enum(MEMBERS[from..from + rng.usize(2..=MEMBERS.len() - from)].to_vec())
        }
        14..16 => {
            let low = rng.usize(..2);
            Kind::Text(low, low + rng.usize(..3))
        }
        16..18 => {
            let (pattern, all) = PATTERNS[rng.usize(..PATTERNS.len())];
            Kind::Pattern(pattern, all)
        }
        18 => Kind::Date,
        19 => Kind::DateEnum,
        20..22 => Kind::DateTime,
        22..24 => numeral(rng),
        24..26 => Kind::Any,
        26..28 => {
            let count = rng.usize(1..3);
            Kind::Object(object_members(rng, count, depth - 1))
        }
        28 => Kind::Map(Box::new(integer(rng))),
        29 => Kind::FreeForm,
        _ => list(rng, depth),
    }
}

fn list(rng: &mut Rng, depth: u32) -> Kind {
    let item = match rng.u8(..10) {
        0..2 => integer(rng),
        9 => numeral(rng),
        2 => decimal(rng),
        3..5 => Kind::Enum(MEMBERS[..3].to_vec()),
        _ => {
            let count = rng.usize(1..4);
            Kind::Object(object_members(rng, count, depth - 1))
        }
    };
    let low = rng.usize(..2);
    // Some have more items than any configuration of the search encodes.
    let high = match rng.u8(..4) {
        0 => rng.usize(4..=8),
        _ => rng.usize(2..4),
    };
    Kind::List(Box::new(item), low, high)
}

fn numeral(rng: &mut Rng) -> Kind {
    Kind::Numeral(&SPELLINGS[rng.usize(..SPELLINGS.len())])
}

fn integer(rng: &mut Rng) -> Kind {
    match rng.u8(..10) {
        0 => Kind::AnyInt,
        1 => Kind::Int(-5, 10, 5),
        2 => Kind::Int(-4, 4, 2),
        _ => {
            let low = rng.i64(-5..3);
            Kind::Int(low, low + rng.i64(1..6), 1)
        }
    }
}

fn decimal(rng: &mut Rng) -> Kind {
    match rng.u8(..5) {
        0 => Kind::Decimal(-2, 3, 1),
        1 => Kind::Decimal(998, 1002, 1),
        2 => Kind::Decimal(-150, 150, 50),
        3 => Kind::Decimal(-500, 1000, 500),
        _ => Kind::Decimal(-100, 200, 0),
    }
}

/// A number given in hundredths.
pub fn hundredths(value: i64) -> Value {
    let text = format!("{value}e-2");
    Value::Number(parse_number(&text).unwrap())
}

/// Which values to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taste {
    /// Those that the first configuration of the search can write.
    Plain,
    /// Any: other spellings of moments, more decimal places.
    Odd,
}

impl Kind {
    /// The JSON Schema, without braces.
    fn keywords(&self) -> String {
        match self {
            Self::Bool => r#""type": "boolean""#.into(),
            Self::Int(low, high, step) => {
                let step = match step {
                    1 => String::new(),
                    step => format!(r#", "multipleOf": {step}"#),
                };
                format!(r#""type": "integer", "minimum": {low}, "maximum": {high}{step}"#)
            }
            Self::AnyInt => r#""type": "integer""#.into(),
            Self::Decimal(low, high, step) => {
                let step = match step {
                    0 => String::new(),
                    step => format!(r#", "multipleOf": {}"#, hundredths(*step)),
                };
                let (low, high) = (hundredths(*low), hundredths(*high));
                format!(r#""type": "number", "minimum": {low}, "maximum": {high}{step}"#)
            }
            Self::Enum(_) => r#""type": "string""#.into(),
            Self::Text(low, high) => {
                format!(r#""type": "string", "minLength": {low}, "maxLength": {high}"#)
            }
            Self::Pattern(pattern, _) => {
                format!(
                    r#""type": "string", "pattern": {}"#,
                    Value::string(*pattern)
                )
            }
            Self::Numeral(spelling) => {
                let pattern = Value::string(spelling.pattern);
                format!(r#""type": "string", "pattern": {pattern}"#)
            }
            Self::Any => r#""maxLength": 3, "minimum": -2, "maximum": 5"#.into(),
            Self::Date | Self::DateEnum => r#""type": "string", "format": "date""#.into(),
            Self::DateTime => r#""type": "string", "format": "date-time""#.into(),
            Self::Object(members) => object_keywords(members),
            Self::FreeForm => r#""type": "object""#.into(),
            Self::Map(value) => format!(
                r#""type": "object", "additionalProperties": {{{}}}"#,
                with_enum(value, false)
            ),
            Self::List(item, low, high) => format!(
                r#""type": "array", "items": {{{}}}, "minItems": {low}, "maxItems": {high}"#,
                with_enum(item, false)
            ),
        }
    }

    fn members(&self) -> Option<Vec<Value>> {
        match self {
            Self::Enum(members) => Some(members.iter().map(|m| Value::string(*m)).collect()),
            Self::DateEnum => Some(DATES.map(Value::string).to_vec()),
            _ => None,
        }
    }

    /// A random value.
    pub fn value(&self, rng: &mut Rng, taste: Taste) -> Value {
        let odd = taste == Taste::Odd && rng.u8(..3) > 0;
        match self {
            Self::Bool => Value::Bool(rng.bool()),
            Self::Int(low, high, step) => {
                let steps = low.div_euclid(*step)..=high.div_euclid(*step);
                Value::int(rng.i64(steps) * step)
            }
            Self::AnyInt if odd => Value::int(rng.i64(-1_000_000..1_000_000)),
            Self::AnyInt => Value::int(rng.i64(-4..5)),
            Self::Decimal(low, high, 0) if odd => {
                let eighths = rng.i64(low * 8 / 100..=high * 8 / 100);
                Value::Number(parse_number(&format!("{}e-3", eighths * 125)).unwrap())
            }
            Self::Decimal(low, high, 0) => match rng.u8(..2) {
                0 => hundredths(rng.i64(low / 50..=high / 50) * 50),
                _ => hundredths(rng.i64(*low..=*high)),
            },
            Self::Decimal(low, high, step) => {
                let steps = low.div_euclid(*step)..=high.div_euclid(*step);
                hundredths(rng.i64(steps) * step)
            }
            Self::Enum(_) | Self::DateEnum => {
                let all = self.members().unwrap();
                all[rng.usize(..all.len())].clone()
            }
            Self::Text(low, high) => {
                let fits = |text: &&&str| (*low..=*high).contains(&text.chars().count());
                let all: Vec<&&str> = TEXTS.iter().filter(fits).collect();
                Value::string(*all[rng.usize(..all.len())])
            }
            Self::Pattern(_, all) => Value::string(all[rng.usize(..all.len())]),
            Self::Numeral(spelling) if odd && !spelling.odd.is_empty() => {
                Value::string(spelling.odd[rng.usize(..spelling.odd.len())])
            }
            Self::Numeral(spelling) => {
                Value::string(spelling.texts[rng.usize(..spelling.texts.len())])
            }
            Self::Any => match rng.u8(..8) {
                0 => Value::Bool(rng.bool()),
                1..3 => Value::int(rng.i64(-2..6)),
                3 => hundredths(rng.i64(-3..10) * 50),
                4 => Value::List(vec![Value::int(1)]),
                5 => Value::Map(Members::from_iter([("a".into(), Value::int(1))])),
                _ => Value::string(["a", "ab", "1", "-2", "t", "xyz"][rng.usize(..6)]),
            },
            Self::Date => Value::string(DATES[rng.usize(..DATES.len())]),
            Self::DateTime if odd => Value::string(ODD_MOMENTS[rng.usize(..ODD_MOMENTS.len())]),
            Self::DateTime => Value::string(MOMENTS[rng.usize(..MOMENTS.len())]),
            Self::Object(members) => object(rng, members, taste),
            Self::Map(value) => {
                let keys = MEMBERS.iter().filter(|_| rng.u8(..3) == 0);
                let keys: Vec<&str> = keys.copied().collect();
                let entries = keys.into_iter();
                let entries = entries.map(|key| (key.into(), value.value(rng, taste)));
                Value::Map(Members::from_iter(entries.collect::<Vec<_>>()))
            }
            Self::FreeForm => Self::Map(Box::new(Self::Any)).value(rng, taste),
            Self::List(item, low, high) => {
                let count = rng.usize(*low..=*high);
                Value::List((0..count).map(|_| item.value(rng, taste)).collect())
            }
        }
    }

    /// All values, if they are at most `most`.
    pub fn all(&self, most: usize) -> Option<Vec<Value>> {
        let all: Vec<Value> = match self {
            Self::Bool => [false, true].map(Value::Bool).to_vec(),
            Self::Int(low, high, step) => {
                let fits = |value: &i64| value % step == 0;
                (*low..=*high).filter(fits).map(Value::int).collect()
            }
            Self::Decimal(_, _, 0)
            | Self::AnyInt
            | Self::Any
            | Self::Text(..)
            | Self::Date
            | Self::Map(_)
            | Self::FreeForm
            | Self::DateTime => return None,
            Self::Decimal(low, high, step) => {
                let fits = |value: &i64| value % step == 0;
                (*low..=*high).filter(fits).map(hundredths).collect()
            }
            Self::Enum(_) | Self::DateEnum => self.members()?,
            Self::Numeral(spelling) => {
                let all = spelling.is_all.then_some(spelling.texts)?;
                all.iter().map(|text| Value::string(*text)).collect()
            }
            Self::Pattern(_, all) => all.iter().map(|text| Value::string(*text)).collect(),
            Self::Object(members) => all_objects(members, most, &|_| true)?,
            Self::List(item, low, high) => all_lists(&item.all(most)?, *low, *high, most)?,
        };
        (all.len() <= most).then_some(all)
    }
}

fn all_lists(items: &[Value], low: usize, high: usize, most: usize) -> Option<Vec<Value>> {
    let mut all = Vec::new();
    let mut lists: Vec<Vec<Value>> = vec![Vec::new()];
    for length in 0..=high {
        if length >= low {
            all.extend(lists.iter().cloned().map(Value::List));
        }
        if all.len() > most || lists.len() * items.len() > most && length < high {
            return None;
        }
        lists = longer(&lists, items);
    }
    Some(all)
}

fn longer(lists: &[Vec<Value>], items: &[Value]) -> Vec<Vec<Value>> {
    let each = |list: &Vec<Value>| -> Vec<Vec<Value>> {
        let with = |item: &Value| list.iter().chain([item]).cloned().collect();
        items.iter().map(with).collect()
    };
    lists.iter().flat_map(each).collect()
}

/// All objects, if they are at most `most`; members that `matters` refuses are
/// there with one value.
pub fn all_objects(
    fields: &[Field],
    most: usize,
    matters: &dyn Fn(&str) -> bool,
) -> Option<Vec<Value>> {
    let mut all = vec![Members::new()];
    for field in fields {
        let mut values: Vec<Option<Value>> = if matters(&field.name) {
            field.kind.all(most)?.into_iter().map(Some).collect()
        } else {
            vec![Some(field.kind.value(&mut Rng::with_seed(1), Taste::Plain))]
        };
        if matters(&field.name) {
            values.extend(field.nullable.then_some(Some(Value::Null)));
            values.extend((!field.required).then_some(None));
        }
        if all.len() * values.len() > most {
            return None;
        }
        let with = |object: &Members| -> Vec<Members> {
            let each = values.iter().map(|value| {
                let mut object = object.clone();
                if let Some(value) = value {
                    object.insert(field.name.as_str().into(), value.clone());
                }
                object
            });
            each.collect()
        };
        all = all.iter().flat_map(with).collect();
    }
    Some(all.into_iter().map(Value::Map).collect())
}

/// A random object.
pub fn object(rng: &mut Rng, fields: &[Field], taste: Taste) -> Value {
    let mut members = Members::new();
    for field in fields {
        if !field.required && rng.u8(..3) == 0 {
            continue;
        }
        let value = match field.nullable && rng.u8(..4) == 0 {
            true => Value::Null,
            false => field.kind.value(rng, taste),
        };
        members.insert(field.name.as_str().into(), value);
    }
    Value::Map(members)
}

fn with_enum(kind: &Kind, nullable: bool) -> String {
    let mut text = kind.keywords();
    if let Some(mut members) = kind.members() {
        members.extend(nullable.then_some(Value::Null));
        text += &format!(r#", "enum": {}"#, Value::List(members));
    }
    if nullable {
        text += r#", "nullable": true"#;
    }
    text
}

/// The JSON Schema of an object, without braces.
pub fn object_keywords(fields: &[Field]) -> String {
    let declared = || fields.iter().filter(|field| !is_hidden(&field.name));
    let properties = declared().map(|field| {
        let default = field.default.as_ref();
        let default = default.map_or(String::new(), |value| format!(r#", "default": {value}"#));
        let keywords = with_enum(&field.kind, field.nullable);
        format!(r#""{}": {{{keywords}{default}}}"#, field.name)
    });
    let properties: Vec<String> = properties.collect();
    let required = declared().filter(|field| field.required);
    let required: Vec<Value> = required.map(|f| Value::string(f.name.as_str())).collect();
    let required = match required.as_slice() {
        [] => String::new(),
        some => format!(r#", "required": {}"#, Value::List(some.to_vec())),
    };
    let closed = match declared().count() == fields.len() {
        true => r#""additionalProperties": false, "#,
        false => "",
    };
    format!(
        r#""type": "object", {closed}"properties": {{{}}}{required}"#,
        properties.join(", ")
    )
}

/// Whether a member isn't declared: its object may have any.
pub fn is_hidden(name: &str) -> bool {
    name.ends_with(HIDDEN)
}

pub const HIDDEN: &str = "hidden";
