//! The published JSON Schema and the reader know the same keys.

use std::collections::BTreeSet;

use serde_json::Value;

use super::keys::{self, Keys};
use crate::rulefile::{Shorthand, schema};

/// Each mapping with known keys, and where the schema has it.
const MAPPINGS: [(&Keys, &str); 26] = [
    (&keys::FILE, ""),
    (&keys::SCHEMA_API, "/properties/api/oneOf/1"),
    (&keys::DEFAULTS, "/$defs/defaults"),
    (&keys::RULE, "/$defs/rule"),
    (&keys::ACROSS, "/$defs/rule/properties/across"),
    (&keys::CLOCK, "/properties/clock"),
    (
        &keys::CLOCK_SETTER,
        "/properties/clock/properties/set/oneOf/1",
    ),
    (&keys::VALUE, "/$defs/value/oneOf/1"),
    (&keys::TABLE, "/$defs/table"),
    (&keys::CSV, "/$defs/rows/oneOf/1"),
    (&keys::EXPECT, "/$defs/expect"),
    (&keys::REQUIRES, "/$defs/requires"),
    (&keys::CONDITION, "/$defs/fieldAndCondition"),
    (&keys::OPERATION, "/$defs/operation"),
    (&keys::BASELINE, "/$defs/baseline"),
    (&keys::ANSWERS, "/$defs/answers"),
    (&keys::BIND, "/$defs/bind/oneOf/1"),
    (&keys::RESOURCE, "/$defs/resource"),
    (&keys::PHASED, "/$defs/attribute"),
    (&keys::INVARIANT, "/$defs/invariant"),
    (&keys::CREDENTIAL, "/$defs/actor/properties/credential"),
    (&keys::SETUP, "/$defs/setupStep"),
    (&keys::URL, "/$defs/setupStep/properties/url"),
    (&keys::SAVED, "/$defs/saved"),
    (&keys::AWAIT, "/$defs/await"),
    (&keys::KEYWORDS, "/$defs/keywords"),
];

#[test]
fn the_schema_names_the_keys_that_are_read_and_no_others() {
    let schema = schema();
    for (keys, place) in MAPPINGS {
        let mapping = schema.pointer(place).unwrap();
        let properties = mapping["properties"].as_object().unwrap();
        let named: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
        let known: BTreeSet<&str> = keys.known.iter().copied().collect();
        assert_eq!(named, known, "{place}");
        assert_eq!(mapping["additionalProperties"], false, "{place}");
    }
}

/// A mapping that is new in the reader must be listed above.
#[test]
fn no_mapping_of_the_schema_is_left_out() {
    fn closed(node: &Value) -> usize {
        let below = match node {
            Value::Object(members) => members.values().map(closed).sum(),
            Value::Array(items) => items.iter().map(closed).sum(),
            _ => 0,
        };
        below + usize::from(node["additionalProperties"] == false)
    }
    assert_eq!(closed(&schema()), MAPPINGS.len());
}

#[test]
fn rules_and_shorthands_exclude_each_other() {
    let schema = schema();
    let alternatives = schema["$defs"]["rule"]["oneOf"].as_array().unwrap();
    let named: BTreeSet<&str> = alternatives
        .iter()
        .filter_map(|one| one["required"][0].as_str())
        .collect();
    let known = ["rule", "table", "ensure"]
        .into_iter()
        .chain(Shorthand::KEYS)
        .collect();
    assert_eq!(named, known);
}
