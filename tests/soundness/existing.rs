//! Random things that are there before any request, and requests about them.

use crossfield::model::Maker;
use crossfield::value::Value;
use fastrand::Rng;

use crate::world::World;

/// Tells the random numbers of these things from others.
const EXISTING: u64 = 0xe15;

/// Gives half of the worlds with a resource some things that are there before:
/// the rule file's keys about the resource, with those.
pub fn add(rng: &Rng, keys: &str) -> String {
    let mut own = Rng::with_seed(rng.clone().u64(..) ^ EXISTING);
    if own.bool() {
        return keys.to_owned();
    }
    let all = (0..own.usize(1..3)).map(|number| thing(&mut own, number));
    let all: Vec<String> = all.collect();
    let key = r#""key": "response.body.id""#;
    keys.replace(key, &format!(r#"{key}, "existing": [{}]"#, all.join(", ")))
}

/// Some are what requests make of things, too, others aren't.
fn thing(rng: &mut Rng, number: usize) -> String {
    let total = rng.i64(-2..9);
    let flag = rng.bool();
    let phase = ["new", "open", "done", "archived"][rng.usize(..4)];
    format!(r#"{{"key": "old-{number}", "total": {total}, "flag": {flag}, "phase": "{phase}"}}"#)
}

impl World {
    /// The key of one of them, in a third of the requests of worlds with some.
    pub fn existing_key(&self, rng: &mut Rng) -> Option<Value> {
        let model = self.model();
        if model.existing.is_empty() || rng.u8(..3) > 0 {
            return None;
        }
        let one = Maker::Before(rng.usize(..model.existing.len()));
        Some(model.key_of(one))
    }
}
