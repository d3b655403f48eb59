//! Random numbers, texts, moments and durations, as an author would write them.

use crossfield::expr::{Op, Rounding, TimePart};

use crate::rules::{Generator, Make, Read, Ty, declared, quoted};

impl Generator<'_> {
    pub(crate) fn number(&mut self, ty: &Ty, depth: u32) -> String {
        if depth == 0 {
            return self.leaf(ty);
        }
        let op = |op: Op| (Make::Op(op), op.info().weight);
        let mut all = vec![
            op(Op::Add),
            op(Op::Sub),
            op(Op::Mul),
            (Make::Op(Op::Neg), 2),
            op(Op::If),
            (Make::Op(Op::Index), 3),
            op(Op::Sum),
            op(Op::Min),
            op(Op::Max),
            (Make::Read, 3),
        ];
        if *ty == Ty::Int {
            all.extend([(Make::Op(Op::DivTruncated), 5), (Make::Op(Op::Rem), 5)]);
            all.extend([Op::Floor, Op::Ceil, Op::Size].map(|op| (Make::Op(op), 2)));
            if self.has_dates() {
                let at = self.rng.usize(..TimePart::ALL.len());
                all.push((Make::Op(Op::TimePart(TimePart::ALL[at])), 4));
            }
        } else {
            all.push((Make::Op(Op::Div), 4));
            all.extend(Rounding::ALL.map(|mode| (Make::Op(Op::Round(mode)), 3)));
        }
        match self.choose(&all) {
            Make::Op(op) => self.numeric(op, ty, depth - 1),
            _ => self.leaf(ty),
        }
    }

    pub(crate) fn numeric(&mut self, op: Op, ty: &Ty, depth: u32) -> String {
        let sign = match op {
            Op::Add => "+",
            Op::Sub => "-",
            Op::Mul => "*",
            Op::Div | Op::DivTruncated => "/",
            Op::Rem => "%",
            Op::Neg => return format!("-({})", self.number(ty, depth)),
            Op::If => {
                let condition = self.condition(depth);
                let (a, b) = (self.number(ty, depth), self.leaf(ty));
                return format!("({condition} ? {a} : {b})");
            }
            Op::Floor => return format!("floor({})", self.number(&Ty::Decimal, depth)),
            Op::Ceil => return format!("ceil({})", self.number(&Ty::Decimal, depth)),
            Op::Round(mode) => {
                let digits = self.rng.u8(..3);
                let of = match self.rng.bool() {
                    // What lies halfway, often.
                    true => format!("({} * 0.5)", self.leaf(&Ty::Decimal)),
                    false => self.number(&Ty::Decimal, depth),
                };
                return format!("round({of}, {digits}, {})", mode.name());
            }
            Op::Size => return self.size(depth),
            Op::Sum => return self.sum(ty, depth),
            Op::Min | Op::Max => return self.extreme(op, ty, depth),
            Op::TimePart(part) => return self.part(part, depth),
            _ => return self.entry(ty, depth),
        };
        let a = self.number(ty, depth);
        let b = match (op, self.rng.u8(..2)) {
            // Often a divisor that isn't zero.
            (Op::Div | Op::DivTruncated | Op::Rem, 0) => {
                ["2", "3", "-2", "7"][self.rng.usize(..4)].into()
            }
            _ => self.number(ty, depth.min(1)),
        };
        let b = match ty {
            Ty::Decimal if op == Op::Div => format!("({b} * 1.0)"),
            _ => b,
        };
        format!("({a} {sign} {b})")
    }

    pub(crate) fn lists(&self) -> Vec<Read> {
        let fits = |read: &&Read| matches!(read.ty, Ty::List(_));
        self.scope.iter().filter(fits).cloned().collect()
    }

    pub(crate) fn size(&mut self, depth: u32) -> String {
        let objects = self.scope.iter();
        let objects: Vec<String> = objects
            .filter(|read| matches!(read.ty, Ty::Object(_) | Ty::Map(_)))
            .map(|read| read.path.clone())
            .collect();
        if !objects.is_empty() && self.rng.u8(..4) == 0 {
            return format!("size({})", objects[self.rng.usize(..objects.len())]);
        }
        let lists = self.lists();
        if lists.is_empty() || self.rng.bool() {
            return format!("size({})", self.text(depth));
        }
        let list = &lists[self.rng.usize(..lists.len())];
        match self.rng.u8(..3) {
            0 => self
                .filtered(&list.clone(), "filter", depth)
                .map_or("0".into(), |l| format!("size({l})")),
            _ => format!("size({})", list.path),
        }
    }

    /// A member of all items of a list, if there is one of that type.
    fn projected(&self, ty: &Ty) -> Option<String> {
        let lists = self.lists();
        lists.iter().find_map(|list| match &list.ty {
            Ty::List(item) => match &**item {
                Ty::Object(members) => {
                    let member = declared(members).find(|member| member.ty == *ty)?;
                    Some(format!("{}[*]{}", list.path, member.path))
                }
                _ => None,
            },
            _ => None,
        })
    }

    /// A list of such numbers or texts.
    pub(crate) fn list_of(&mut self, ty: &Ty, depth: u32) -> String {
        if let Some(projected) = self.projected(ty)
            && self.rng.u8(..3) > 0
        {
            return projected;
        }
        match self.rng.u8(..16) {
            0 if depth > 0 => {
                let (a, b) = (self.list_of(ty, depth - 1), self.list_of(ty, 0));
                return format!("({a} + {b})");
            }
            1 if depth > 0 => return format!("unique({})", self.list_of(ty, depth - 1)),
            2 if depth > 0 => {
                let (a, b) = (self.list_of(ty, 0), self.list_of(ty, 0));
                return format!("[{a}, {b}].flatten()");
            }
            _ => {}
        }
        let lists = self.lists();
        if !lists.is_empty() && self.rng.u8(..4) > 0 {
            let list = lists[self.rng.usize(..lists.len())].clone();
            let Ty::List(item) = &list.ty else {
                unreachable!("only lists were asked for")
            };
            if **item == *ty && self.rng.bool() {
                return list.path;
            }
            if let Some(mapped) = self.mapped(&list, ty, depth) {
                return mapped;
            }
        }
        let items: Vec<String> = (0..self.rng.usize(1..4)).map(|_| self.leaf(ty)).collect();
        format!("[{}]", items.join(", "))
    }

    fn extreme(&mut self, op: Op, ty: &Ty, depth: u32) -> String {
        let name = if op == Op::Min { "min" } else { "max" };
        if self.rng.bool() {
            return format!("{name}({})", self.list_of(ty, depth));
        }
        let count = self.rng.usize(1..4);
        let operands: Vec<String> = (0..count).map(|_| self.number(ty, depth.min(1))).collect();
        format!("{name}({})", operands.join(", "))
    }

    /// A part of a moment or of a duration.
    fn part(&mut self, part: TimePart, depth: u32) -> String {
        let of_durations = [TimePart::Hours, TimePart::Minutes, TimePart::Seconds];
        if of_durations.contains(&part) && self.rng.bool() {
            return format!("{}.{}()", self.duration(depth.min(1)), part.name());
        }
        let zones = [
            "",
            "'UTC'",
            "'Europe/Berlin'",
            "'America/New_York'",
            "'-03:30'",
        ];
        let zone = zones[self.rng.usize(..zones.len())];
        format!("{}.{}({zone})", self.time(depth.min(1)), part.name())
    }

    /// A function of a list that is a condition.
    pub(crate) fn of_list(&mut self, depth: u32) -> String {
        let ty = if self.rng.bool() {
            Ty::Int
        } else {
            Ty::Decimal
        };
        match self.rng.u8(..4) {
            3 => {
                let function = ["indexOf", "lastIndexOf"][self.rng.usize(..2)];
                let (list, item) = (self.list_of(&ty, depth), self.value(&ty, depth));
                let operator = ["==", "<=", ">", "!="][self.rng.usize(..4)];
                let position = self.rng.i8(-1..3);
                format!("{list}.{function}({item}) {operator} {position}")
            }
            0 => format!("{}.isSorted()", self.list_of(&ty, depth)),
            1 => format!("distinct({})", self.list_of(&ty, depth)),
            _ => format!("distinct({})", self.list_of(&Ty::Text, depth)),
        }
    }

    pub(crate) fn sum(&mut self, ty: &Ty, depth: u32) -> String {
        format!("sum({})", self.list_of(ty, depth))
    }

    pub(crate) fn entry(&mut self, ty: &Ty, depth: u32) -> String {
        let lists = self.lists();
        let of_objects = lists.iter().find_map(|list| match &list.ty {
            Ty::List(item) => match &**item {
                Ty::Object(members) => {
                    let member = declared(members).find(|member| member.ty == *ty)?;
                    Some((list.path.clone(), member.path.clone()))
                }
                _ => None,
            },
            _ => None,
        });
        match (self.rng.u8(..3), of_objects) {
            (0, Some((list, member))) => format!("{list}[{}]{member}", self.rng.u8(..2)),
            (1, _) => {
                let at = match self.rng.u8(..3) {
                    // A constant below zero is refused.
                    0 => match self.number(&Ty::Int, depth.min(1)) {
                        at if at.parse::<i64>().is_ok() => at.replace('-', ""),
                        at => at,
                    },
                    _ => self.rng.u8(..3).to_string(),
                };
                format!("{}[{at}]", self.list_of(ty, depth.min(1)))
            }
            _ => {
                let entries = ["a", "card", "ab", "b"].map(|key| {
                    let value = self.leaf(ty);
                    format!("{}: {value}", quoted(key))
                });
                let count = self.rng.usize(1..=4);
                format!("{{{}}}[{}]", entries[..count].join(", "), self.text(depth))
            }
        }
    }

    pub(crate) fn text(&mut self, depth: u32) -> String {
        match self.rng.u8(..8) {
            0 if depth > 0 => {
                let condition = self.condition(depth - 1);
                format!(
                    "({condition} ? {} : {})",
                    self.leaf(&Ty::Text),
                    self.leaf(&Ty::Text)
                )
            }
            1 if depth > 0 => format!("{}[{}]", self.list_of(&Ty::Text, 0), self.rng.u8(..2)),
            2 => self.dated(0),
            3 if self.rng.bool() => self.made_text(depth),
            _ => self.leaf(&Ty::Text),
        }
    }

    /// A date or date-time as a text.
    pub(crate) fn dated(&mut self, depth: u32) -> String {
        let ty = if self.rng.u8(..3) > 0 {
            Ty::Day
        } else {
            Ty::Moment
        };
        if depth > 0 && self.rng.u8(..4) == 0 {
            let condition = self.condition(depth - 1);
            return format!("({condition} ? {} : {})", self.leaf(&ty), self.leaf(&ty));
        }
        self.leaf(&ty)
    }

    pub(crate) fn time(&mut self, depth: u32) -> String {
        let roll = self.rng.u8(..6);
        if self.rng.u8(..8) == 0 {
            return "now".to_owned();
        }
        if depth == 0 || roll < 3 {
            let ty = if self.rng.bool() { Ty::Day } else { Ty::Moment };
            let read = match self.of(&ty) {
                Some(read) => read.path,
                None => self.constant(&ty),
            };
            return format!("timestamp({read})");
        }
        if roll == 3 {
            let condition = self.condition(depth - 1);
            return format!("({condition} ? {} : {})", self.time(0), self.time(0));
        }
        let sign = if roll == 4 { "+" } else { "-" };
        format!(
            "({} {sign} {})",
            self.time(depth - 1),
            self.duration(depth - 1)
        )
    }

    pub(crate) fn duration(&mut self, depth: u32) -> String {
        match self.rng.u8(..6) {
            0..3 => format!("({} - {})", self.time(depth.min(1)), self.time(0)),
            roll @ 3..6 if depth > 0 => {
                let sign = if roll < 5 { "+" } else { "-" };
                format!("({} {sign} {})", self.duration(depth - 1), self.duration(0))
            }
            _ => {
                let all = ["1d", "36h", "1s", "-1h", "28d", "0s"];
                format!("duration('{}')", all[self.rng.usize(..all.len())])
            }
        }
    }
}
