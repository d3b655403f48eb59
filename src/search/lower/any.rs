//! Values of any type: a number says which kind a value is of, beside one
//! value for each kind. What lists and objects hold isn't encoded.

use super::sat::Sat;
use super::slots::{Leaf, Slot};
use super::texts::may_be_dated;
use super::{Lowering, Num, Shape, Sym, Text};
use crate::document::{JsonType, Schema, TypeSet};
use crate::expr::{Convert, Demand, ExprId, Type};
use crate::search::smt::{Sort, Term};
use crate::value::Value;

/// The kinds of JSON's values, null aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// An object.
    Object,
}

impl Kind {
    const ALL: [Self; 5] = [
        Self::Bool,
        Self::Number,
        Self::Text,
        Self::List,
        Self::Object,
    ];

    /// The kind of a value; `None` for null.
    pub fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) | Value::Time(_) | Value::Duration(_) => Self::Text,
            Value::List(_) => Self::List,
            Value::Map(_) => Self::Object,
        })
    }

    fn is_among(self, types: TypeSet) -> bool {
        match self {
            Self::Bool => types.allows(JsonType::Boolean),
            Self::Number => types.allows(JsonType::Integer),
            Self::Text => types.allows(JsonType::String),
            Self::List => types.allows(JsonType::Array),
            Self::Object => types.allows(JsonType::Object),
        }
    }

    fn number(self) -> i64 {
        self as i64
    }
}

/// A value of any kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyValue {
    /// The number of its [`Kind`].
    pub kind: Term,
    /// What it is as a Boolean.
    pub truth: Term,
    /// As a number.
    pub number: Num,
    /// As a text.
    pub text: Text,
}

impl Lowering<'_> {
    /// A slot whose schema gives no type, or several.
    pub(super) fn any_leaf(&mut self, name: &str, schema: &Schema) -> Leaf {
        let types = schema.types;
        let is_integer = types.names(JsonType::Integer) && !types.names(JsonType::Number);
        Leaf::Any(Box::new(AnyValue {
            kind: self.terms.var(format!("kind:{name}"), Sort::Int),
            truth: self.terms.var(format!("truth:{name}"), Sort::Bool),
            number: self.number_leaf(&format!("number:{name}"), schema, is_integer),
            text: Text {
                identity: self.terms.var(name, Sort::Int),
                length: Some(self.terms.var(format!("length:{name}"), Sort::Int)),
                time: None,
                literals: Vec::new(),
                may_be_dated: may_be_dated(schema),
            },
        }))
    }

    /// A value of which nothing is known, not even its kind.
    pub(super) fn free_any(&mut self, name: &str) -> Shape {
        let free = self.free_of(&Type::TEXT, &format!("text:{name}"));
        let Shape::Text(text) = free.shape else {
            return Shape::Opaque;
        };
        let value = AnyValue {
            kind: self.terms.var(format!("kind:{name}"), Sort::Int),
            truth: self.terms.var(format!("truth:{name}"), Sort::Bool),
            number: Num::int(self.terms.var(format!("number:{name}"), Sort::Real)),
            text,
        };
        let kinds = Kind::ALL.map(|kind| self.is_kind(&value, kind));
        let fact = self.terms.or(kinds);
        self.facts.push(fact);
        Shape::Any(Box::new(value))
    }

    /// The kinds that a schema allows.
    pub(super) fn constrain_kind(&mut self, value: &AnyValue, there: Term, schema: &Schema) {
        let types = schema.types;
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_among(types));
        let ways: Vec<Term> = kinds.map(|kind| self.is_kind(value, kind)).collect();
        let one = self.terms.or(ways);
        let all = Kind::ALL.map(|kind| self.is_kind(value, kind));
        let any = self.terms.or(all);
        self.facts.push(any);
        let fact = self.terms.implies(there, one);
        let place = schema.types_place.as_ref();
        let (pointer, span) = match place {
            Some(place) => (place.pointer.clone(), place.span),
            None => (schema.pointer.clone(), schema.span),
        };
        self.assume_schema("type", pointer, span, fact);
    }

    /// Where a value is of a kind.
    pub(super) fn is_kind(&mut self, value: &AnyValue, kind: Kind) -> Term {
        let number = self.terms.int(kind.number());
        self.terms.eq(value.kind, number)
    }

    /// Where a slot holds a text.
    pub(super) fn holds_text(&mut self, slot: &Slot) -> Term {
        let not_null = self.terms.not(slot.null);
        let there = self.terms.and([slot.sent, not_null]);
        match &slot.leaf {
            Leaf::Any(value) => {
                let is_text = self.is_kind(value, Kind::Text);
                self.terms.and([there, is_text])
            }
            _ => there,
        }
    }

    /// Where a value is of one of some types.
    pub(super) fn is_of_types(&mut self, value: &AnyValue, types: TypeSet) -> Term {
        let is_integer = types.names(JsonType::Integer) && !types.names(JsonType::Number);
        let kinds = Kind::ALL.into_iter().filter(|kind| kind.is_among(types));
        let ways: Vec<Term> = kinds
            .map(|kind| {
                let is_kind = self.is_kind(value, kind);
                if kind == Kind::Number && is_integer {
                    let is_whole = self.has_places(&value.number, 0);
                    return self.terms.and([is_kind, is_whole]);
                }
                is_kind
            })
            .collect();
        self.terms.or(ways)
    }

    /// Whether a value satisfies what a schema demands of its kind.
    pub(super) fn any_satisfies(&mut self, slot: &Slot, value: &AnyValue, schema: &Schema) -> Sat {
        let of_number = self.number_satisfies(&value.number, schema);
        let of_text = self.text_satisfies(slot, &value.text, schema);
        let open = Sat::open(&mut self.terms);
        let demands = [
            (Kind::Number, of_number),
            (Kind::Text, of_text),
            (Kind::List, open),
            (Kind::Object, open),
        ];
        let parts = demands.map(|(kind, demand)| {
            let is_kind = self.is_kind(value, kind);
            demand.given(&mut self.terms, is_kind)
        });
        Sat::all(&mut self.terms, &parts)
    }

    /// A value of one kind as one that may be of any; `None` where it has no
    /// such encoding.
    fn as_any(&mut self, shape: &Shape) -> Option<AnyValue> {
        let kind = match shape {
            Shape::Any(value) => return Some((**value).clone()),
            Shape::Bool(_) => Kind::Bool,
            Shape::Number(_) => Kind::Number,
            Shape::Text(text) if text.time.is_none() => Kind::Text,
            _ => return None,
        };
        let zero = self.terms.int(0);
        let text = match shape {
            Shape::Text(text) => text.clone(),
            _ => Text {
                identity: zero,
                length: None,
                time: None,
                literals: Vec::new(),
                may_be_dated: true,
            },
        };
        Some(AnyValue {
            kind: self.terms.int(kind.number()),
            truth: match shape {
                Shape::Bool(term) => *term,
                _ => self.terms.bool(false),
            },
            number: match shape {
                Shape::Number(number) => number.clone(),
                _ => Num::int(zero),
            },
            text,
        })
    }

    /// `c ? a : b`, one of which may be of any kind.
    pub(super) fn ite_any(&mut self, c: Term, a: &Shape, b: &Shape) -> Shape {
        let (Some(a), Some(b)) = (self.as_any(a), self.as_any(b)) else {
            return Shape::Opaque;
        };
        let Some(text) = self.ite_text(c, &a.text, &b.text) else {
            return Shape::Opaque;
        };
        Shape::Any(Box::new(AnyValue {
            kind: self.terms.ite(c, a.kind, b.kind),
            truth: self.terms.ite(c, a.truth, b.truth),
            number: Num::ite(&mut self.terms, c, &a.number, &b.number),
            text,
        }))
    }

    /// Whether two values that aren't null are equal, one of any kind.
    pub(super) fn same_any(&mut self, any: &AnyValue, other: &Shape) -> Term {
        let rows: Vec<(Kind, Term)> = match other {
            Shape::Bool(truth) => vec![(Kind::Bool, self.terms.eq(any.truth, *truth))],
            Shape::Number(number) => {
                vec![(Kind::Number, any.number.eq(&mut self.terms, number))]
            }
            Shape::Text(text) => vec![(Kind::Text, self.same_text(&any.text, text))],
            // Also where it is a list or an object, of which no more is known.
            Shape::Any(own) if **own == *any => return self.terms.bool(true),
            Shape::Any(own) => {
                let same_kind = self.terms.eq(any.kind, own.kind);
                let whole = self.open_part();
                let rows = [
                    (Kind::Bool, self.terms.eq(any.truth, own.truth)),
                    (Kind::Number, any.number.eq(&mut self.terms, &own.number)),
                    (Kind::Text, self.same_text(&any.text, &own.text)),
                    (Kind::List, whole),
                    (Kind::Object, whole),
                ];
                rows.map(|(kind, same)| (kind, self.terms.and([same_kind, same])))
                    .to_vec()
            }
            Shape::List(_) => vec![(Kind::List, self.open_part())],
            shape if shape.has_keys() => vec![(Kind::Object, self.open_part())],
            _ => return self.terms.var("opaque", Sort::Bool),
        };
        let ways: Vec<Term> = rows
            .into_iter()
            .map(|(kind, same)| {
                let is_kind = self.is_kind(any, kind);
                self.terms.and([is_kind, same])
            })
            .collect();
        self.terms.or(ways)
    }

    /// What is open of a list or an object of which no more is known.
    pub(super) fn open_part(&mut self) -> Term {
        self.open_parts += 1;
        self.terms.var("opaque", Sort::Bool)
    }

    /// A value where it has the type that is needed.
    pub(super) fn demanded(&mut self, id: ExprId, demand: Demand, of: Sym) -> Sym {
        let live = self.live(&of);
        let (fits, shape) = match (demand, &of.shape) {
            (Demand::Bool, Shape::Any(value)) => {
                let shape = Shape::Bool(value.truth);
                (self.is_kind(value, Kind::Bool), shape)
            }
            (Demand::Number | Demand::Int, Shape::Any(value)) => {
                let shape = Shape::Number(value.number.clone());
                (self.is_kind(value, Kind::Number), shape)
            }
            (Demand::Text, Shape::Any(value)) => {
                let shape = Shape::Text(value.text.clone());
                (self.is_kind(value, Kind::Text), shape)
            }
            (Demand::Bool, Shape::Bool(_))
            | (Demand::Number | Demand::Int, Shape::Number(_))
            | (Demand::Text, Shape::Text(_)) => (live, of.shape.clone()),
            (_, Shape::Opaque | Shape::Either(..)) => return self.free_where(id, live),
            _ => return self.undefined(),
        };
        let (fits, shape) = match (demand, shape) {
            (Demand::Int, Shape::Number(number)) => {
                let is_whole = self.has_places(&number, 0);
                let whole = self.floor(&number);
                let fits = self.terms.and([fits, is_whole]);
                (fits, Shape::Number(Num::int(whole)))
            }
            (_, shape) => (fits, shape),
        };
        let defined = self.terms.and([live, fits]);
        self.when(defined, shape)
    }

    /// `type(x)`; `is_double` where all numbers count as doubles.
    pub(super) fn type_of(&mut self, id: ExprId, of: &Sym, is_double: bool) -> Sym {
        let rows: Vec<(Term, &str)> = match &of.shape {
            Shape::Any(value) => {
                let kinds = Kind::ALL.map(|kind| self.is_kind(value, kind));
                let [is_bool, is_number, is_text, is_list, is_object] = kinds;
                let is_whole = self.has_places(&value.number, 0);
                let is_int = self.terms.and([is_number, is_whole]);
                vec![
                    (is_bool, "bool"),
                    (is_int, "int"),
                    (is_number, "double"),
                    (is_text, "string"),
                    (is_list, "list"),
                    (is_object, "map"),
                ]
            }
            shape => {
                let name = match shape {
                    Shape::Bool(_) => "bool",
                    Shape::Number(_) if is_double => "double",
                    Shape::Number(_) => "int",
                    Shape::Text(_) => "string",
                    Shape::List(_) => "list",
                    shape if shape.has_keys() => "map",
                    Shape::Nothing => "null_type",
                    _ => return self.free_where(id, of.defined),
                };
                vec![(self.terms.bool(true), name)]
            }
        };
        let mut named = self.constant(&Value::string("null_type"));
        let mut rest: Vec<Sym> = rows
            .iter()
            .map(|(_, name)| self.constant(&Value::string(*name)))
            .collect();
        // The last is what is left.
        let mut kind = rest.pop().unwrap_or_else(|| named.clone());
        for ((here, _), name) in rows.iter().zip(&rest).rev() {
            kind = self.ite(*here, name, &kind);
        }
        named = self.ite(of.null, &named, &kind);
        named.defined = of.defined;
        named
    }

    /// `int(x)` and the like of a value of any kind, by its kind.
    pub(super) fn converted_any(
        &mut self,
        id: ExprId,
        to: Convert,
        operands: &[ExprId],
        (of, value): (&Sym, &AnyValue),
        env: &super::Env,
    ) -> Sym {
        let shapes = [
            (Kind::Bool, Shape::Bool(value.truth)),
            (Kind::Number, Shape::Number(value.number.clone())),
            (Kind::Text, Shape::Text(value.text.clone())),
        ];
        let is_sensible = |kind: Kind| match to {
            Convert::Int | Convert::Decimal => kind != Kind::Bool,
            Convert::Bool => kind != Kind::Number,
            Convert::Text => true,
        };
        let mut found = self.undefined();
        for (kind, shape) in shapes.into_iter().filter(|(kind, _)| is_sensible(*kind)) {
            let here = self.is_kind(value, kind);
            let alone = Sym {
                shape,
                ..of.clone()
            };
            let converted = self.converted(id, to, operands, alone, env);
            found = self.ite(here, &converted, &found);
        }
        found
    }
}

/// Whether the type of numbers doesn't depend on their value.
pub(super) fn is_double(ty: &Type) -> bool {
    *ty == Type::Decimal
}
