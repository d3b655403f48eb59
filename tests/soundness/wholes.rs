//! Random conditions on whole lists and objects, and on keys and positions.

use crate::fields::is_hidden;
use crate::rules::{Generator, Read, Ty, quoted};

impl Generator<'_> {
    fn wholes(&self) -> Vec<Read> {
        let is_whole = |read: &&Read| matches!(read.ty, Ty::List(_) | Ty::Object(_) | Ty::Map(_));
        self.scope.iter().filter(is_whole).cloned().collect()
    }

    /// A condition on something that has parts.
    pub(crate) fn of_whole(&mut self, depth: u32) -> String {
        let wholes = self.wholes();
        if wholes.is_empty() {
            return self.of_list(depth);
        }
        let whole = wholes[self.rng.usize(..wholes.len())].clone();
        match (&whole.ty, self.rng.u8(..4)) {
            (Ty::Map(value), 0) => {
                // Of two values of any type neither says how they are ordered.
                let value = match &**value {
                    Ty::Any => Ty::Decimal,
                    value => value.clone(),
                };
                let key = self.text(0);
                format!("({}[{key}] >= {})", whole.path, self.leaf(&value))
            }
            (Ty::Map(value), 1 | 2) => self.entries(&whole, value, depth),
            (Ty::Object(_) | Ty::Map(_), 3) => {
                format!("({} in {})", self.key(&whole.ty), whole.path)
            }
            (Ty::List(item), 0 | 1) => self.positions(&whole, item, depth),
            (Ty::Object(_), 0) => {
                let name = ["all", "exists", "exists_one"][self.rng.usize(..3)];
                format!("{}.{name}(k, k != {})", whole.path, self.key(&whole.ty))
            }
            _ => self.equal(&whole, &wholes),
        }
    }

    fn key(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::Object(members) if !members.is_empty() => {
                let member = &members[self.rng.usize(..members.len())];
                quoted(member.path.trim_start_matches('.'))
            }
            _ => self.text(0),
        }
    }

    /// `map.all(k, v, ...)` and its like.
    fn entries(&mut self, map: &Read, value: &Ty, depth: u32) -> String {
        let name = ["all", "exists", "exists_one"][self.rng.usize(..3)];
        let key = self.bind(Ty::Text);
        let entry = self.bind(value.clone());
        let body = self.condition(depth.min(1));
        self.scope.truncate(self.scope.len() - 2);
        format!("{}.{name}({key}, {entry}, {body})", map.path)
    }

    /// `list.all(i, x, ...)` and its like.
    fn positions(&mut self, list: &Read, item: &Ty, depth: u32) -> String {
        let name = ["all", "exists", "exists_one"][self.rng.usize(..3)];
        let position = self.bind(Ty::Int);
        let entry = self.bind(item.clone());
        let body = self.condition(depth.min(1));
        self.scope.truncate(self.scope.len() - 2);
        format!("{}.{name}({position}, {entry}, {body})", list.path)
    }

    fn equal(&mut self, whole: &Read, wholes: &[Read]) -> String {
        let sign = ["==", "!="][self.rng.usize(..2)];
        let alike: Vec<&Read> = wholes
            .iter()
            .filter(|other| other.ty == whole.ty && other.path != whole.path)
            .collect();
        let other = match alike.as_slice() {
            [] => self.literal(&whole.ty),
            some => some[self.rng.usize(..some.len())].path.clone(),
        };
        format!("({} {sign} {other})", whole.path)
    }

    fn literal(&mut self, ty: &Ty) -> String {
        match ty {
            Ty::List(item) => {
                // The items of a list literal have one type.
                let most = if matches!(**item, Ty::Object(_)) {
                    2
                } else {
                    3
                };
                let count = self.rng.usize(..most);
                let items: Vec<String> = (0..count).map(|_| self.literal(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Ty::Object(members) => {
                let kept: Vec<Read> = members
                    .iter()
                    .filter(|member| member.path.matches('.').count() == 1)
                    .cloned()
                    .collect();
                let kept = kept.into_iter().filter(|_| self.rng.u8(..4) > 0);
                let kept: Vec<Read> = kept.collect();
                self.object_literal(&kept)
            }
            Ty::Map(value) => {
                let entry = self.leaf(value);
                format!("{{'a': {entry}}}")
            }
            ty => self.leaf(ty),
        }
    }

    fn object_literal(&mut self, members: &[Read]) -> String {
        // The values of a map literal have one type: here and there that of
        // what nothing declares.
        let hidden = members.iter().find(|member| is_hidden(&member.path));
        let hidden = hidden.filter(|_| self.rng.bool());
        let Some(first) = hidden.or(members.first()) else {
            return "{}".into();
        };
        let same = members.iter().filter(|member| member.ty == first.ty);
        let entries: Vec<String> = same
            .map(|member| {
                let key = quoted(member.path.trim_start_matches('.'));
                format!("{key}: {}", self.literal(&member.ty))
            })
            .collect();
        format!("{{{}}}", entries.join(", "))
    }
}
