//! Definitions that are wrong wherever they are used.
//!
//! A server computes what a definition stands for in one function; a mistake
//! in it is made at all uses at once. Such a fault can escape where each rule
//! alone would show it, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::Owner;
use super::collect::{Collector, Draft, dotted};
use super::edit::Edit;
use crate::expr::{Position, SpanTree};
use crate::model::{Model, Place};

/// A definition's text at one place: the topmost position that comes from it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    place: Place,
    position: Position,
}

/// What makes edits of two uses the same: class, the positions within the
/// definition, and the variant.
type Key = (super::FaultClass, Vec<Position>, String);

/// For every definition that two or more rule instances use: each edit inside
/// its own text is made at all uses that have it, if those are of two or more
/// rule instances. Texts of arguments, and of definitions within it, aren't
/// its own.
pub(super) fn repeat(model: &Model, collector: &mut Collector) {
    for (def, uses) in uses(model) {
        let rules: BTreeSet<Place> = uses.iter().map(|used| used.place).collect();
        if count_rules(&rules) < 2 {
            continue;
        }
        let mut same: IndexMap<Key, Vec<(Place, Edit)>> = IndexMap::new();
        for used in &uses {
            let edits = collector.edits.get(&used.place).into_iter().flatten();
            for edit in edits {
                if let Some(key) = key(model, &def, used, edit) {
                    same.entry(key)
                        .or_default()
                        .push((used.place, edit.clone()));
                }
            }
        }
        for ((_, positions, _), edits) in same {
            let places = edits.iter().map(|(place, _)| *place).collect();
            if let (Some((_, first)), true) = (edits.first(), count_rules(&places) >= 2) {
                let at = positions.first().map(Position::steps).unwrap_or_default();
                let words = format!("{}, wherever `{def}` is used", first.words);
                let position = dotted(at);
                collector.draft(
                    Owner::Def(def.clone()),
                    Draft {
                        edits,
                        position,
                        words,
                    },
                );
            }
        }
    }
}

fn count_rules(places: &BTreeSet<Place>) -> usize {
    let is_rule = |place: &&Place| matches!(place, Place::Rule(_));
    places.iter().filter(is_rule).count()
}

/// All uses of each definition.
fn uses(model: &Model) -> BTreeMap<String, Vec<Use>> {
    let mut found: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    for place in model.places() {
        let (root, spans) = model.expression(place);
        for (position, _) in model.arena.positions(root) {
            let Some(def) = def_at(spans, &position) else {
                continue;
            };
            let above = position.steps().split_last().map(|(_, above)| above);
            let above: Option<Position> = above.map(|steps| steps.iter().copied().collect());
            let outer = above.and_then(|above| def_at(spans, &above));
            if outer != Some(def) {
                let used = Use { place, position };
                found.entry(def.to_owned()).or_default().push(used);
            }
        }
    }
    found
}

fn def_at<'t>(spans: &'t SpanTree, position: &Position) -> Option<&'t str> {
    spans.at(position).def.as_deref()
}

/// The key of an edit all of whose changes lie inside the text of `def` at
/// this use.
fn key(model: &Model, def: &str, used: &Use, edit: &Edit) -> Option<Key> {
    let spans = model.expression(used.place).1;
    let mut positions = Vec::new();
    for (position, _) in &edit.changes {
        let inside = position.is_within(&used.position) && def_at(spans, position) == Some(def);
        if !inside {
            return None;
        }
        let depth = used.position.steps().len();
        positions.push(position.steps().iter().skip(depth).copied().collect());
    }
    (!positions.is_empty()).then(|| (edit.class, positions, edit.variant.clone()))
}

#[cfg(test)]
mod tests {
    use crate::fault::fixture::Fixture;
    use crate::fault::{Fault, Owner};

    #[test]
    fn a_definition_is_wrong_at_all_uses() {
        let mut fixture = Fixture::default();
        fixture.def("cap", &[], "{'free': 10, 'gold': 20}");
        fixture.def("net", &["x"], "x - body.count * 2");
        fixture.rule("a", "body.amount <= cap[body.tier]");
        fixture.rule("b", "has(body.note) || net(body.rate) <= cap[body.tier]");
        fixture.rule("c", "net(body.amount) > 1");
        let list = fixture.faults();
        let of = |name: &str| -> Vec<&Fault> {
            let owner = Owner::Def(name.to_owned());
            list.faults
                .iter()
                .filter(|fault| fault.owner == owner)
                .collect()
        };
        let cap = of("cap");
        assert_eq!(cap.len(), 4);
        assert_eq!(cap[0].id, "def:cap/table/all/missing-free");
        assert_eq!(
            cap[0].words,
            "forgets the entry `free` of the table, wherever `cap` is used"
        );
        assert_eq!((cap[0].sites.len(), cap[0].patch.0.len()), (2, 2));
        // The argument is not the definition's own text.
        let net: Vec<&str> = of("net").iter().map(|fault| fault.id.as_str()).collect();
        assert_eq!(
            net,
            [
                "def:net/boundary/1.0/plus",
                "def:net/boundary/1.0/minus",
                "def:net/operand/1.1/more",
                "def:net/arithmetic/all/operator",
                "def:net/arithmetic/all/without-right",
                "def:net/arithmetic/1/operator",
                "def:net/arithmetic/1/without-right",
                "def:net/arithmetic/1/without-left",
            ]
        );
    }
}
