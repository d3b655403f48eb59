//! Random typed expressions over a small fixed environment, and random states
//! of it. What is generated means the same in CEL.

use std::sync::Arc;

use crossfield::expr::{Arena, ExprId, Fold, Node, Op, Root, Type};
use crossfield::value::{Members, Value};
use fastrand::Rng;

/// The resource that expressions may read.
pub const RESOURCE: &str = "account";

/// What can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int,
    Text,
    Ints,
    Texts,
    Objects,
}

/// The members of the body, of the resource (those that are no list) and of
/// an item of `Objects` (likewise).
const FIELDS: [(&str, Kind); 11] = [
    ("i", Kind::Int),
    ("j", Kind::Int),
    ("k", Kind::Int),
    ("s", Kind::Text),
    ("t", Kind::Text),
    ("b", Kind::Bool),
    ("c", Kind::Bool),
    ("ints", Kind::Ints),
    ("more", Kind::Ints),
    ("texts", Kind::Texts),
    ("rows", Kind::Objects),
];

const TEXTS: [&str; 6] = ["", "a", "b", "ab", "é😀", "it's\n\\"];

impl Kind {
    fn ty(self) -> Type {
        match self {
            Self::Bool => Type::Bool,
            Self::Int => Type::Int,
            Self::Text => Type::TEXT,
            Self::Ints => Type::list(Type::Int),
            Self::Texts => Type::list(Type::TEXT),
            Self::Objects => Type::list(object()),
        }
    }

    fn is_list(self) -> bool {
        matches!(self, Self::Ints | Self::Texts | Self::Objects)
    }

    /// The kind of an item; `None` is an object.
    fn item(self) -> Option<Kind> {
        match self {
            Self::Ints => Some(Self::Int),
            Self::Texts => Some(Self::Text),
            _ => None,
        }
    }
}

/// The type of objects: it matters to nothing that is tested with it.
fn object() -> Type {
    Type::Map(Arc::new(Type::Null))
}

/// A random state, of a request and of the resource: one in 15 members is
/// absent, and some are null.
pub fn state(rng: &mut Rng) -> (Value, Value) {
    let request = Members::from_iter([("body".into(), members(rng, true, 15))]);
    (Value::Map(request), members(rng, false, 15))
}

/// A random request in which hardly anything is absent.
pub fn full_request(rng: &mut Rng) -> Value {
    let request = Members::from_iter([("body".into(), members(rng, true, 200))]);
    Value::Map(request)
}

fn members(rng: &mut Rng, whole: bool, rarely: u32) -> Value {
    let mut members = Members::new();
    for (name, kind) in FIELDS {
        if (kind.is_list() && !whole) || rng.u32(..rarely) == 0 {
            continue;
        }
        let null = rng.u32(..2 * rarely) == 0;
        let value = if null { Value::Null } else { value(rng, kind) };
        members.insert(name.into(), value);
    }
    if whole && rng.u32(..rarely) > 1 {
        members.insert("inner".into(), self::members(rng, false, rarely));
    }
    Value::Map(members)
}

fn value(rng: &mut Rng, kind: Kind) -> Value {
    match kind {
        Kind::Bool => Value::Bool(rng.bool()),
        Kind::Int => Value::int(rng.i64(-3..=4)),
        Kind::Text => Value::string(TEXTS[rng.usize(..TEXTS.len())]),
        Kind::Ints => listed(rng, |rng| value(rng, Kind::Int)),
        Kind::Texts => listed(rng, |rng| value(rng, Kind::Text)),
        Kind::Objects => listed(rng, |rng| members(rng, false, 15)),
    }
}

fn listed(rng: &mut Rng, mut item: impl FnMut(&mut Rng) -> Value) -> Value {
    Value::List((0..rng.u8(..4)).map(|_| item(rng)).collect())
}

/// Generates expressions into an arena.
pub struct Generator<'a> {
    pub arena: &'a mut Arena,
    pub rng: &'a mut Rng,
    /// The items of the enclosing folds, outermost first; `None` is an object.
    items: Vec<Option<Kind>>,
    /// Whether the resource may be read.
    resource: bool,
}

impl<'a> Generator<'a> {
    pub fn new(arena: &'a mut Arena, rng: &'a mut Rng) -> Self {
        Self {
            arena,
            rng,
            items: Vec::new(),
            resource: true,
        }
    }

    /// Without reads of the resource.
    pub fn body_only(self) -> Self {
        Self {
            resource: false,
            ..self
        }
    }

    /// A random expression of that kind, at most `depth` operators deep.
    pub fn any(&mut self, kind: Kind, depth: u32) -> ExprId {
        if depth == 0 || self.rng.u8(..8) == 0 {
            return self.leaf(kind);
        }
        match kind {
            Kind::Bool => self.condition(depth - 1),
            Kind::Int => self.number(depth - 1),
            Kind::Text => self.text(depth - 1),
            Kind::Ints => self.ints(depth - 1),
            Kind::Texts | Kind::Objects => self.leaf(kind),
        }
    }

    fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.rng.usize(..all.len())]
    }

    fn call(&mut self, op: Op, operands: &[ExprId], kind: Kind) -> ExprId {
        self.arena.call(op, operands, kind.ty())
    }

    fn leaf(&mut self, kind: Kind) -> ExprId {
        let constant = matches!(kind, Kind::Int | Kind::Text) && self.rng.u8(..4) == 0;
        if constant || (kind == Kind::Bool && self.rng.u8(..10) == 0) {
            let value = value(self.rng, kind);
            return self.arena.constant(value, kind.ty());
        }
        if kind.item() == Some(Kind::Int) && self.rng.u8(..4) == 0 {
            let items = (0..3).map(|_| self.leaf(Kind::Int)).collect();
            return self.arena.add(Node::List(items), kind.ty());
        }
        self.field(kind)
    }

    /// A member somewhere, or an item.
    fn field(&mut self, kind: Kind) -> ExprId {
        let depth = self.rng.usize(..self.items.len().max(1));
        let item = self.items.iter().rev().nth(depth).copied();
        if let Some(item) = item
            && self.rng.u8(..3) > 0
            && (item == Some(kind) || (item.is_none() && !kind.is_list()))
        {
            let ty = item.map_or(object(), Kind::ty);
            let depth = depth as u32;
            let node = Node::Item {
                depth,
                ty: ty.clone(),
            };
            let read = self.arena.add(node, ty);
            return match item {
                Some(_) => read,
                None => self.member(read, kind),
            };
        }
        let base = self.base(kind.is_list());
        self.member(base, kind)
    }

    fn base(&mut self, lists: bool) -> ExprId {
        let request = self.arena.add(Node::Root(Root::Request), object());
        let body = self.arena.add(Node::Get(request, "body".into()), object());
        match self.rng.u8(..8) {
            0 if !lists && self.resource => self
                .arena
                .add(Node::Root(Root::Resource(0)), Type::Resource(0)),
            1 if !lists => self.arena.add(Node::Get(body, "inner".into()), object()),
            _ => body,
        }
    }

    fn member(&mut self, base: ExprId, kind: Kind) -> ExprId {
        let fitting: Vec<&str> = FIELDS.iter().filter(|f| f.1 == kind).map(|f| f.0).collect();
        let name = self.pick(&fitting);
        self.arena.add(Node::Get(base, name.into()), kind.ty())
    }

    fn condition(&mut self, depth: u32) -> ExprId {
        match self.rng.u8(..20) {
            0 => {
                let a = self.any(Kind::Bool, depth);
                self.call(Op::Not, &[a], Kind::Bool)
            }
            1..6 => {
                let count = self.rng.usize(2..4);
                let parts: Vec<ExprId> = (0..count).map(|_| self.any(Kind::Bool, depth)).collect();
                let op = self.pick(&[Op::And, Op::Or]);
                self.call(op, &parts, Kind::Bool)
            }
            6..9 => {
                let kind = self.pick(&[Kind::Int, Kind::Text, Kind::Bool]);
                let op = self.pick(&[Op::Eq, Op::Ne]);
                let a = self.any(kind, depth);
                let b = match self.rng.u8(..6) {
                    0 => self.arena.constant(Value::Null, Type::Null),
                    _ => self.any(kind, depth),
                };
                self.call(op, &[a, b], Kind::Bool)
            }
            9..13 => {
                let op = self.pick(&[Op::Lt, Op::Le, Op::Gt, Op::Ge]);
                let (a, b) = (self.any(Kind::Int, depth), self.any(Kind::Int, depth));
                self.call(op, &[a, b], Kind::Bool)
            }
            13 => {
                let (item, list) = self.pick(&[(Kind::Int, Kind::Ints), (Kind::Text, Kind::Texts)]);
                let (a, b) = (self.any(item, depth), self.any(list, depth));
                self.call(Op::In, &[a, b], Kind::Bool)
            }
            14 => {
                let (a, map) = (self.any(Kind::Text, depth), self.table());
                self.call(Op::In, &[a, map], Kind::Bool)
            }
            15 => {
                let (base, name) = (self.base(false), self.pick(&FIELDS).0);
                self.arena.add(Node::Has(base, name.into()), Type::Bool)
            }
            16..19 => {
                let fold = self.pick(&[Fold::All, Fold::Exists, Fold::ExistsOne]);
                self.fold(fold, Kind::Bool, depth, Type::Bool)
            }
            _ => self.conditional(Kind::Bool, depth),
        }
    }

    fn conditional(&mut self, kind: Kind, depth: u32) -> ExprId {
        let condition = self.any(Kind::Bool, depth);
        let (yes, no) = (self.any(kind, depth), self.any(kind, depth));
        self.call(Op::If, &[condition, yes, no], kind)
    }

    fn fold(&mut self, fold: Fold, body: Kind, depth: u32, ty: Type) -> ExprId {
        let lists = [Kind::Ints, Kind::Texts, Kind::Objects];
        let list_kind = match fold {
            Fold::Filter => Kind::Ints,
            _ => self.pick(&lists),
        };
        let list = self.any(list_kind, depth.min(1));
        self.items.push(list_kind.item());
        let body = self.any(body, depth);
        self.items.pop();
        self.arena.add(Node::Fold(fold, list, body), ty)
    }

    fn number(&mut self, depth: u32) -> ExprId {
        match self.rng.u8(..10) {
            0..6 => {
                let op = self.pick(&[Op::Add, Op::Sub, Op::Mul, Op::DivTruncated, Op::Rem]);
                let (a, b) = (self.any(Kind::Int, depth), self.any(Kind::Int, depth));
                self.call(op, &[a, b], Kind::Int)
            }
            6 => {
                let a = self.any(Kind::Int, depth);
                self.call(Op::Neg, &[a], Kind::Int)
            }
            7 => {
                let kind = self.pick(&[Kind::Text, Kind::Ints, Kind::Objects]);
                let a = self.any(kind, depth);
                self.call(Op::Size, &[a], Kind::Int)
            }
            8 => {
                let (list, at) = (self.any(Kind::Ints, depth), self.any(Kind::Int, depth));
                self.call(Op::Index, &[list, at], Kind::Int)
            }
            _ if self.rng.bool() => self.conditional(Kind::Int, depth),
            _ => {
                let (map, key) = (self.table(), self.any(Kind::Text, depth));
                self.call(Op::Index, &[map, key], Kind::Int)
            }
        }
    }

    /// A map literal of numbers.
    fn table(&mut self) -> ExprId {
        let keys = ["a", "b", "it's\n\\"];
        let entries = keys.map(|key| (key.into(), self.leaf(Kind::Int)));
        let ty = Type::Map(Arc::new(Type::Int));
        self.arena.add(Node::Map(entries.into()), ty)
    }

    fn text(&mut self, depth: u32) -> ExprId {
        if self.rng.bool() {
            return self.conditional(Kind::Text, depth);
        }
        let (list, at) = (self.any(Kind::Texts, depth), self.any(Kind::Int, depth));
        self.call(Op::Index, &[list, at], Kind::Text)
    }

    fn ints(&mut self, depth: u32) -> ExprId {
        match self.rng.u8(..3) {
            0 => self.fold(Fold::Filter, Kind::Bool, depth, Kind::Ints.ty()),
            1 => self.fold(Fold::Map, Kind::Int, depth, Kind::Ints.ty()),
            _ => {
                let items = (0..3).map(|_| self.any(Kind::Int, depth)).collect();
                self.arena.add(Node::List(items), Kind::Ints.ty())
            }
        }
    }
}
