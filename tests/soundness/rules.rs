//! Random typed rules, as the text that an author would write.

use crossfield::expr::Op;
use crossfield::value::Value;
use fastrand::Rng;

use crate::fields::{DATES, Field, Kind, MOMENTS, TEXTS, hundredths, is_hidden};

/// The type of a text.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    Bool,
    Int,
    Decimal,
    Text,
    /// A text that may name a number.
    Numeral,
    Any,
    Day,
    Moment,
    Time,
    Duration,
    List(Box<Ty>),
    /// An object with these members, all read below it.
    Object(Vec<Read>),
    /// An object with any keys.
    Map(Box<Ty>),
}

const NUMERALS: [&str; 9] = ["t", "0", "1", "1.00", "01.00", "0.50", "-1", "2.5", "x"];

/// Something that can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub path: String,
    pub ty: Ty,
    /// Whether it can be absent or null.
    pub open: bool,
}

/// All that can be read below `prefix`.
pub fn reads(prefix: &str, fields: &[Field], open: bool) -> Vec<Read> {
    let mut found = Vec::new();
    for field in fields {
        let path = format!("{prefix}.{}", field.name);
        let open = open || field.nullable || !field.required;
        if let Kind::Object(members) = &field.kind {
            found.extend(reads(&path, members, open));
        }
        if let Kind::FreeForm = &field.kind {
            let keys = ["a", "iban"].map(|key| Read {
                path: format!("{path}.{key}"),
                ty: Ty::Any,
                open: true,
            });
            found.extend(keys);
        }
        let ty = type_of(&field.kind);
        found.push(Read { path, ty, open });
    }
    found.retain(|read| !is_hidden(&read.path));
    found
}

/// The members of an object, declared or not.
fn members(fields: &[Field]) -> Vec<Read> {
    let hidden = fields.iter().filter(|field| is_hidden(&field.name));
    let hidden = hidden.map(|field| Read {
        path: format!(".{}", field.name),
        ty: type_of(&field.kind),
        open: true,
    });
    reads("", fields, false).into_iter().chain(hidden).collect()
}

/// Those that can be read.
pub fn declared(members: &[Read]) -> impl Iterator<Item = &Read> {
    members.iter().filter(|member| !is_hidden(&member.path))
}

fn type_of(kind: &Kind) -> Ty {
    match kind {
        Kind::Bool => Ty::Bool,
        Kind::Int(..) | Kind::AnyInt => Ty::Int,
        Kind::Decimal(..) => Ty::Decimal,
        Kind::Enum(_) | Kind::Text(..) | Kind::Pattern(..) => Ty::Text,
        Kind::Numeral(_) => Ty::Numeral,
        Kind::Any => Ty::Any,
        Kind::Date | Kind::DateEnum => Ty::Day,
        Kind::DateTime => Ty::Moment,
        Kind::Object(fields) => Ty::Object(members(fields)),
        Kind::List(item, ..) => Ty::List(Box::new(type_of(item))),
        Kind::Map(value) => Ty::Map(Box::new(type_of(value))),
        Kind::FreeForm => Ty::Map(Box::new(Ty::Any)),
    }
}

/// What a condition, a number or a moment is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Make {
    Op(Op),
    Read,
    Has,
    Fold,
    /// A function of a list.
    OfList,
    OfText,
    OfWhole,
    OfAny,
    Null,
}

/// Generates texts over what can be read.
pub struct Generator<'r> {
    pub(crate) rng: &'r mut Rng,
    pub(crate) scope: Vec<Read>,
    items: usize,
}

impl<'r> Generator<'r> {
    pub fn new(rng: &'r mut Rng, scope: Vec<Read>) -> Self {
        Self {
            rng,
            scope,
            items: 0,
        }
    }

    /// One of those by weight: what operators weigh, says their table.
    pub(crate) fn choose(&mut self, all: &[(Make, u32)]) -> Make {
        let mut at = self
            .rng
            .u32(..all.iter().map(|(_, weight)| *weight).sum::<u32>());
        for (make, weight) in all {
            if at < *weight {
                return *make;
            }
            at -= weight;
        }
        unreachable!("the weights add up")
    }

    pub(crate) fn of(&mut self, ty: &Ty) -> Option<Read> {
        let fits = |read: &&Read| match ty {
            Ty::Text => matches!(read.ty, Ty::Text | Ty::Numeral),
            ty => read.ty == *ty,
        };
        let fitting: Vec<&Read> = self.scope.iter().filter(fits).collect();
        let last = fitting.len().checked_sub(1)?;
        // Later reads are those of the innermost items.
        let at = self.rng.usize(..=last).max(self.rng.usize(..=last));
        Some(fitting[at].clone())
    }

    pub(crate) fn has_dates(&self) -> bool {
        let mut reads = self.scope.iter();
        reads.any(|read| matches!(read.ty, Ty::Day | Ty::Moment))
    }

    /// A condition.
    pub fn condition(&mut self, depth: u32) -> String {
        if depth == 0 {
            return self.comparison(0);
        }
        let op = |op: Op| (Make::Op(op), op.info().weight);
        let all = [
            op(Op::Not),
            op(Op::And),
            op(Op::Or),
            op(Op::If),
            op(Op::In),
            (Make::Op(Op::Eq), 26),
            (Make::Has, 2),
            (Make::Fold, 6),
            (Make::OfList, 2),
            (Make::OfText, 5),
            (Make::OfWhole, 4),
            (Make::OfAny, if self.of(&Ty::Any).is_some() { 6 } else { 0 }),
            (Make::Null, 1),
            (Make::Read, 2),
        ];
        match self.choose(&all) {
            Make::Op(Op::Not) => format!("!({})", self.condition(depth - 1)),
            Make::Op(op @ (Op::And | Op::Or)) => {
                let count = self.rng.usize(2..4);
                let parts: Vec<String> = (0..count).map(|_| self.condition(depth - 1)).collect();
                let sign = if op == Op::And { " && " } else { " || " };
                format!("({})", parts.join(sign))
            }
            Make::Op(Op::If) => {
                let parts = [(); 3].map(|()| self.condition(depth - 1));
                format!("({} ? {} : {})", parts[0], parts[1], parts[2])
            }
            Make::Op(Op::In) => self.membership(depth - 1),
            Make::Has => self.presence(),
            Make::Null => self.null(),
            Make::Fold => self.fold(depth - 1),
            Make::OfList => self.of_list(depth - 1),
            Make::OfText => self.of_text(depth - 1),
            Make::OfWhole => self.of_whole(depth - 1),
            Make::OfAny => self.of_any(),
            Make::Read => self.of(&Ty::Bool).map_or("true".into(), |read| read.path),
            Make::Op(_) => self.comparison(depth - 1),
        }
    }

    fn presence(&mut self) -> String {
        let fits = |read: &&Read| read.path.contains('.');
        let open: Vec<&Read> = self.scope.iter().filter(fits).collect();
        match open.as_slice() {
            [] => "true".into(),
            some => format!("has({})", some[self.rng.usize(..some.len())].path),
        }
    }

    fn null(&mut self) -> String {
        let open: Vec<&Read> = self.scope.iter().filter(|read| read.open).collect();
        match open.as_slice() {
            [] => self.presence(),
            some => format!("({} != null)", some[self.rng.usize(..some.len())].path),
        }
    }

    fn comparison(&mut self, depth: u32) -> String {
        let signs = [
            ("==", Op::Eq),
            ("!=", Op::Ne),
            ("<", Op::Lt),
            ("<=", Op::Le),
            (">", Op::Gt),
            (">=", Op::Ge),
        ];
        let weights = signs.map(|(_, op)| (Make::Op(op), op.info().weight));
        let Make::Op(chosen) = self.choose(&weights) else {
            unreachable!("only operators were offered")
        };
        let sign = signs.iter().find(|(_, op)| *op == chosen).unwrap().0;
        let equality = matches!(chosen, Op::Eq | Op::Ne);
        for _ in 0..8 {
            let (a, b) = self.sides(equality, depth);
            if a != b && (self.reads_any(&a) || self.reads_any(&b)) {
                return format!("({a} {sign} {b})");
            }
        }
        self.presence()
    }

    /// Whether the text depends on the state.
    pub(crate) fn reads_any(&self, text: &str) -> bool {
        self.scope.iter().any(|read| text.contains(&read.path))
    }

    fn sides(&mut self, equality: bool, depth: u32) -> (String, String) {
        let ty = match self.rng.u8(..12) {
            0..4 if equality => Ty::Text,
            4 if equality => Ty::Bool,
            5..8 if self.has_dates() && equality && self.rng.bool() => Ty::Day,
            5..8 if self.has_dates() => match self.rng.u8(..2) {
                0 => Ty::Duration,
                _ => Ty::Time,
            },
            5..10 => Ty::Decimal,
            _ => Ty::Int,
        };
        (self.value(&ty, depth), self.value(&ty, depth.min(1)))
    }

    /// A value of a type.
    pub(crate) fn value(&mut self, ty: &Ty, depth: u32) -> String {
        match ty {
            Ty::Int | Ty::Decimal => self.number(ty, depth),
            Ty::Text => self.text(depth),
            Ty::Numeral | Ty::Any => self.leaf(ty),
            Ty::Day | Ty::Moment => self.dated(depth),
            Ty::Time => self.time(depth),
            Ty::Duration => self.duration(depth),
            Ty::Bool => self.condition(depth),
            Ty::List(_) | Ty::Object(_) | Ty::Map(_) => {
                self.of(ty).map_or("[]".into(), |read| read.path)
            }
        }
    }

    /// A read; where it is open, now and then with what holds else.
    pub(crate) fn leaf(&mut self, ty: &Ty) -> String {
        if matches!(ty, Ty::Int | Ty::Decimal)
            && self.rng.u8(..5) == 0
            && let Some(named) = self.named_number(ty)
        {
            return named;
        }
        let found = match self.rng.u8(..4) {
            0 => None,
            _ => self.of(ty),
        };
        match found {
            Some(read) if read.open && read.path.contains('.') && self.rng.u8(..4) == 0 => {
                let constant = self.constant(ty);
                match read.path.rsplit_once('.') {
                    Some((base, member)) if self.rng.bool() => {
                        format!("{base}.?{member}.orValue({constant})")
                    }
                    _ => format!("(has({}) ? {} : {constant})", read.path, read.path),
                }
            }
            Some(read) => read.path,
            None => self.constant(ty),
        }
    }

    pub(crate) fn constant(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Int => self.rng.i64(-4..6).to_string(),
            Ty::Decimal => match self.rng.u8(..2) {
                0 => hundredths(self.rng.i64(-3..4) * 50).to_string(),
                _ => hundredths(self.rng.i64(-3..12) * 5).to_string(),
            },
            Ty::Bool => self.rng.bool().to_string(),
            Ty::Numeral => quoted(NUMERALS[self.rng.usize(..NUMERALS.len())]),
            Ty::Text if self.of(&Ty::Numeral).is_some() && self.rng.bool() => {
                self.constant(&Ty::Numeral)
            }
            Ty::Day => quoted(DATES[self.rng.usize(..DATES.len())]),
            Ty::Moment => quoted(MOMENTS[self.rng.usize(..MOMENTS.len())]),
            _ => {
                let texts = [
                    "a",
                    "card",
                    "ab",
                    "xyz",
                    TEXTS[self.rng.usize(..TEXTS.len())],
                ];
                quoted(texts[self.rng.usize(..texts.len())])
            }
        }
    }

    fn membership(&mut self, depth: u32) -> String {
        match self.rng.u8(..4) {
            0 => {
                let key = self.text(depth);
                format!("({key} in {{\"a\": 1, \"card\": 2, \"xyz\": 3}})")
            }
            1 => {
                let a = self.number(&Ty::Int, depth.min(1));
                format!("({a} in {})", self.list_of(&Ty::Int, depth))
            }
            2 if self.has_dates() => {
                let a = self.dated(0);
                format!(
                    "({a} in [{}, {}])",
                    self.leaf(&Ty::Day),
                    self.constant(&Ty::Day)
                )
            }
            _ => {
                let a = self.text(depth);
                format!("({a} in {})", self.list_of(&Ty::Text, depth))
            }
        }
    }

    fn fold(&mut self, depth: u32) -> String {
        let lists = self.lists();
        let name = ["all", "exists", "exists_one"][self.rng.usize(..3)];
        if lists.is_empty() {
            let list = self.list_of(&Ty::Int, 0);
            let item = self.bind(Ty::Int);
            let body = self.condition(depth);
            self.scope.pop();
            return format!("{list}.{name}({item}, {body})");
        }
        let list = lists[self.rng.usize(..lists.len())].clone();
        let folded = self.filtered(&list, name, depth);
        folded.unwrap_or_else(|| "true".into())
    }

    pub(crate) fn bind(&mut self, ty: Ty) -> String {
        self.items += 1;
        let path = format!("x{}", self.items);
        self.scope.push(Read {
            path: path.clone(),
            ty,
            open: false,
        });
        path
    }

    /// Opens the scope of an item; returns its name and how many reads it
    /// brought.
    fn open(&mut self, list: &Read) -> (String, usize) {
        let Ty::List(item) = &list.ty else {
            unreachable!("only lists were asked for")
        };
        let before = self.scope.len();
        let name = self.bind((**item).clone());
        if let Ty::Object(members) = &**item {
            let members = declared(members).map(|member| Read {
                path: format!("{name}{}", member.path),
                ..member.clone()
            });
            let members: Vec<Read> = members.collect();
            // Twice, so that items are read more often than what is around.
            self.scope
                .extend(members.iter().cloned().chain(members.clone()));
        }
        (name, self.scope.len() - before)
    }

    pub(crate) fn filtered(&mut self, list: &Read, fold: &str, depth: u32) -> Option<String> {
        let (name, count) = self.open(list);
        let body = self.condition(depth.min(2));
        self.scope.truncate(self.scope.len() - count);
        Some(format!("{}.{fold}({name}, {body})", list.path))
    }

    pub(crate) fn mapped(&mut self, list: &Read, ty: &Ty, depth: u32) -> Option<String> {
        let filter = match self.rng.u8(..3) {
            0 => self.filtered(list, "filter", depth.min(1))?,
            _ => list.path.clone(),
        };
        let (name, count) = self.open(list);
        let body = self.value(ty, depth.min(2));
        self.scope.truncate(self.scope.len() - count);
        Some(format!("{filter}.map({name}, {body})"))
    }
}

pub(crate) fn quoted(text: &str) -> String {
    Value::string(text).to_string()
}
