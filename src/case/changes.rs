//! What tells one value from another, place by place.

use crate::value::location::Location;
use crate::value::{Members, Value};

/// Places that are set, then places that are unset: what turns one value into
/// another. As few topmost places as a member-by-member comparison gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// In the order in which to set them.
    pub set: Vec<(Location, Value)>,
    /// In the order in which to unset them: later items of a list first.
    pub unset: Vec<Location>,
}

impl Changes {
    /// What turns `from` into `to`.
    pub fn between(from: &Value, to: &Value) -> Self {
        let mut found = Self::default();
        found.compare(&Location::default(), from, to);
        found
    }

    /// How many places change.
    pub fn len(&self) -> usize {
        self.set.len() + self.unset.len()
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All places that change, in order.
    pub fn places(&self) -> Vec<Location> {
        let set = self.set.iter().map(|(place, _)| place);
        let mut places: Vec<Location> = set.chain(&self.unset).cloned().collect();
        places.sort();
        places
    }

    /// `base` with these changes; `None` where a place isn't there to change.
    pub fn apply(&self, base: &Value) -> Option<Value> {
        let mut changed = base.clone();
        for (place, value) in &self.set {
            place.write(&mut changed, value.clone()).then_some(())?;
        }
        for place in &self.unset {
            place.remove(&mut changed)?;
        }
        Some(changed)
    }

    fn compare(&mut self, place: &Location, from: &Value, to: &Value) {
        match (from, to) {
            _ if from == to => {}
            (Value::Map(from), Value::Map(to)) => self.compare_members(place, from, to),
            (Value::List(from), Value::List(to)) => self.compare_items(place, from, to),
            _ => self.set.push((place.clone(), to.clone())),
        }
    }

    fn compare_members(&mut self, place: &Location, from: &Members, to: &Members) {
        for (key, value) in to {
            let place = place.key(key.clone());
            match from.get(key) {
                Some(old) => self.compare(&place, old, value),
                None => self.set.push((place, value.clone())),
            }
        }
        let gone = from.keys().filter(|key| !to.contains_key(*key));
        self.unset.extend(gone.map(|key| place.key(key.clone())));
    }

    fn compare_items(&mut self, place: &Location, from: &[Value], to: &[Value]) {
        if let Some(index) = left_out(from, to) {
            self.unset.push(place.index(index));
            return;
        }
        for (index, (old, new)) in from.iter().zip(to).enumerate() {
            self.compare(&place.index(index), old, new);
        }
        for (index, value) in to.iter().enumerate().skip(from.len()) {
            self.set.push((place.index(index), value.clone()));
        }
        let gone = (to.len()..from.len()).rev();
        self.unset.extend(gone.map(|index| place.index(index)));
    }
}

/// The one item without which `from` is `to`.
fn left_out(from: &[Value], to: &[Value]) -> Option<usize> {
    if from.len() != to.len() + 1 {
        return None;
    }
    let index = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    (from.get(index + 1..) == to.get(index..)).then_some(index)
}

/// `value` with the members of its objects in the order of `like`; those that
/// `like` lacks follow in their own order.
pub fn in_order_of(value: &Value, like: &Value) -> Value {
    match (value, like) {
        (Value::Map(members), Value::Map(like)) => {
            let known = like.keys().filter(|key| members.contains_key(*key));
            let new = members.keys().filter(|key| !like.contains_key(*key));
            let ordered = known.chain(new).filter_map(|key| {
                let value = members.get(key)?;
                let value = like.get(key).map(|like| in_order_of(value, like));
                Some((key.clone(), value.or_else(|| members.get(key).cloned())?))
            });
            Value::Map(ordered.collect())
        }
        (Value::List(items), Value::List(like)) => {
            let ordered = items.iter().enumerate().map(|(index, item)| {
                let like = like.get(index);
                like.map_or_else(|| item.clone(), |like| in_order_of(item, like))
            });
            Value::List(ordered.collect())
        }
        _ => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::parse_json;

    fn shown(from: &str, to: &str) -> String {
        let (from, to) = (parse_json(from).unwrap(), parse_json(to).unwrap());
        let changes = Changes::between(&from, &to);
        assert_eq!(changes.apply(&from), Some(to));
        let set = changes
            .set
            .iter()
            .map(|(place, value)| format!("{place} = {value}"));
        let unset = changes.unset.iter().map(|place| format!("-{place}"));
        set.chain(unset).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn only_the_topmost_differing_places_change() {
        for (from, to, changes) in [
            (r#"{"a": 1, "b": 2}"#, r#"{"b": 2.0, "a": 1}"#, ""),
            (
                r#"{"a": {"b": 1, "c": 2}}"#,
                r#"{"a": {"b": 3}}"#,
                "a.b = 3; -a.c",
            ),
            (
                r#"{"a": 1}"#,
                r#"{"a": 1, "x-y": {"z": null}}"#,
                "['x-y'] = {\"z\": null}",
            ),
            (r#"{"a": [1, 2, 3]}"#, r#"{"a": [1, 3]}"#, "-a[1]"),
            (
                r#"{"a": [1, 2, 3]}"#,
                r#"{"a": [4]}"#,
                "a[0] = 4; -a[2]; -a[1]",
            ),
            (
                r#"{"a": [{"b": 1}]}"#,
                r#"{"a": [{"b": 2}, 5]}"#,
                "a[0].b = 2; a[1] = 5",
            ),
            (r#"{"a": {}}"#, r#"{"a": []}"#, "a = []"),
        ] {
            assert_eq!(shown(from, to), changes);
        }
    }

    #[test]
    fn changes_lead_from_any_value_to_any_other() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..2_000 {
            let (from, to) = (some_map(&mut random, 3), some_map(&mut random, 3));
            let changes = Changes::between(&from, &to);
            assert_eq!(changes.apply(&from), Some(to.clone()), "{from} -> {to}");
            assert_eq!(changes.is_empty(), from == to);
        }
    }

    #[test]
    fn members_take_the_order_of_the_baseline() {
        let like = parse_json(r#"{"b": {"x": 1, "y": 2}, "a": 1}"#).unwrap();
        let value = parse_json(r#"{"c": 1, "a": 1, "b": {"y": 3, "x": 4}}"#).unwrap();
        let ordered = in_order_of(&value, &like);
        assert_eq!(ordered, value);
        assert_eq!(
            ordered.to_string(),
            r#"{"b": {"x": 4, "y": 3}, "a": 1, "c": 1}"#
        );
    }

    fn some_map(random: &mut fastrand::Rng, depth: usize) -> Value {
        let count = random.usize(0..4);
        let members = (0..count).map(|_| {
            let key = ["a", "b", "c-d"][random.usize(0..3)];
            (key.into(), some_value(random, depth - 1))
        });
        Value::Map(members.collect())
    }

    fn some_value(random: &mut fastrand::Rng, depth: usize) -> Value {
        match random.usize(0..if depth > 0 { 4 } else { 2 }) {
            0 => Value::int(random.i32(0..3)),
            1 => Value::Null,
            2 => some_map(random, depth),
            _ => Value::List(
                (0..random.usize(0..4))
                    .map(|_| some_value(random, depth - 1))
                    .collect(),
            ),
        }
    }
}
