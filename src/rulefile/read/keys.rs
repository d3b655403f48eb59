//! The keys of each mapping: those that are read, and those that a later
//! version will read.

use crate::source::suggest;

/// The keys that a mapping may have.
pub(super) struct Keys {
    /// What the mapping is, with its article.
    pub(super) what: &'static str,
    /// The keys that are read.
    pub(super) known: &'static [&'static str],
    /// The keys that aren't supported yet.
    pub(super) later: &'static [Later],
}

/// A key that isn't supported yet, and a way out, if there is one.
pub(super) struct Later(pub(super) &'static str, pub(super) Option<&'static str>);

/// The key that is meant by one that other tools or other mappings have.
pub(super) fn synonym(keys: &Keys, key: &str) -> Option<&'static str> {
    let key = key.to_ascii_lowercase();
    let meant = match (keys.what, key.as_str()) {
        ("a rule", "if" | "where" | "guard") => "when",
        ("a rule", "condition" | "expression" | "check" | "assert") => "rule",
        ("a rule", "name") => "id",
        ("`table`", "rows") => "allow",
        ("a field", "min") => "minimum",
        ("a field", "max") => "maximum",
        ("a field", "regex") => "pattern",
        _ => return None,
    };
    keys.known.contains(&meant).then_some(meant)
}

/// Where a key belongs that another mapping has, if it isn't in that.
pub(super) fn home(keys: &Keys, key: &str) -> Option<String> {
    if !matches!(keys.what, "a rule file" | "a rule" | "an operation") {
        return None;
    }
    let has = |other: &Keys| other.what != keys.what && other.known.contains(&key);
    if has(&OPERATION) {
        return Some(format!(
            "`{key}` stands under an operation: `operations: {{OPERATION: {{{key}: ...}}}}`"
        ));
    }
    if has(&FILE) && key != "operations" {
        return Some(format!("`{key}` stands at the top level of the file"));
    }
    // `rule` at the top is probably `rules`.
    if suggest(key, keys.known.iter().copied()).is_some() && keys.what == "a rule file" {
        return None;
    }
    if has(&DEFAULTS) && keys.what == "a rule file" {
        return Some(format!("`{key}` stands in a rule, or under `defaults`"));
    }
    has(&RULE).then(|| format!("`{key}` stands in a rule, an item of `rules`"))
}

pub(super) const FILE: Keys = Keys {
    what: "a rule file",
    known: &[
        "crossfield",
        "api",
        "includes",
        "undefined",
        "nulls",
        "clock",
        "defs",
        "values",
        "actors",
        "setup",
        "defaults",
        "operations",
        "resources",
        "rules",
    ],
    later: &[],
};

pub(super) const CLOCK: Keys = Keys {
    what: "`clock`",
    known: &["tolerance", "examples", "fixed", "header", "set"],
    later: &[],
};

pub(super) const CLOCK_SETTER: Keys = Keys {
    what: "`set` of a clock",
    known: &["operation", "field"],
    later: &[],
};

pub(super) const SCHEMA_API: Keys = Keys {
    what: "`api`",
    known: &["schema", "method", "path", "sample"],
    later: &[],
};

pub(super) const DEFAULTS: Keys = Keys {
    what: "`defaults`",
    known: &["operation", "expect", "tags", "owner", "severity"],
    later: &[],
};

pub(super) const RULE: Keys = Keys {
    what: "a rule",
    known: &[
        "id",
        "operation",
        "at",
        "across",
        "same",
        "replay",
        "each",
        "when",
        "rule",
        "table",
        "ensure",
        "message",
        "source",
        "fieldPath",
        "severity",
        "tags",
        "owner",
        "expect",
        "undefined",
        "requires",
        "anyOf",
        "onlyOne",
        "allOrNone",
        "zeroOrOne",
        "exactlyWhen",
        "onlyWhen",
        "neededWhen",
    ],
    later: &[Later(
        "draft",
        Some("remove the key once the rule is right, or the rule if it isn't"),
    )],
};

pub(super) const INVARIANT: Keys = Keys {
    what: "an invariant",
    known: &[
        "id", "when", "rule", "message", "source", "severity", "tags", "owner", "expect",
    ],
    later: &[],
};

pub(super) const EXPECT: Keys = Keys {
    what: "`expect`",
    known: &["status", "body"],
    later: &[],
};

pub(super) const VALUE: Keys = Keys {
    what: "a value",
    known: &["env", "example"],
    later: &[],
};

pub(super) const CREDENTIAL: Keys = Keys {
    what: "`credential`",
    known: &["env", "from"],
    later: &[],
};

pub(super) const SETUP: Keys = Keys {
    what: "a setup step",
    known: &[
        "operation",
        "api",
        "url",
        "each",
        "example",
        "actor",
        "set",
        "unset",
        "save",
    ],
    later: &[],
};

pub(super) const URL: Keys = Keys {
    what: "`url`",
    known: &["env"],
    later: &[],
};

pub(super) const SAVED: Keys = Keys {
    what: "an entry of `save`",
    known: &["from", "link", "parameter", "example"],
    later: &[],
};

pub(super) const AWAIT: Keys = Keys {
    what: "`await`",
    known: &["operation", "until", "timeout", "every"],
    later: &[],
};

pub(super) const TABLE: Keys = Keys {
    what: "`table`",
    known: &["columns", "allow", "forbid"],
    later: &[],
};

pub(super) const CSV: Keys = Keys {
    what: "a mapping in place of rows",
    known: &["csv"],
    later: &[],
};

pub(super) const REQUIRES: Keys = Keys {
    what: "`requires`",
    known: &["field", "needs"],
    later: &[],
};

pub(super) const CONDITION: Keys = Keys {
    what: "this shorthand",
    known: &["field", "is"],
    later: &[],
};

pub(super) const OPERATION: Keys = Keys {
    what: "an operation",
    known: &[
        "baselines",
        "fields",
        "answers",
        "bind",
        "set",
        "setup",
        "await",
    ],
    later: &[],
};

pub(super) const BASELINE: Keys = Keys {
    what: "a baseline",
    known: &["example", "actor", "set", "unset"],
    later: &[],
};

pub(super) const ANSWERS: Keys = Keys {
    what: "`answers`",
    known: &["accept", "reject", "schema", "replay"],
    later: &[],
};

pub(super) const BIND: Keys = Keys {
    what: "an entry of `bind`",
    known: &["to", "missing"],
    later: &[],
};

pub(super) const ACROSS: Keys = Keys {
    what: "`across`",
    known: &["first", "second", "third"],
    later: &[],
};

pub(super) const RESOURCE: Keys = Keys {
    what: "a resource",
    known: &[
        "plural",
        "createdBy",
        "deletedBy",
        "key",
        "state",
        "invariants",
        "view",
        "existing",
    ],
    later: &[Later(
        "lifecycle",
        Some(
            "it stands at the attribute that holds the phase: `state: {status: {init: ..., lifecycle: ...}}`",
        ),
    )],
};

pub(super) const ATTRIBUTE: Keys = Keys {
    what: "an attribute without a `lifecycle`",
    known: &["init", "schema", "lifecycle"],
    later: &[],
};

pub(super) const PHASED: Keys = Keys {
    what: "an attribute with a `lifecycle`",
    known: &[
        "init",
        "schema",
        "lifecycle",
        "message",
        "source",
        "severity",
        "tags",
        "expect",
    ],
    later: &[],
};

/// JSON Schema keywords that may be replaced under `fields`.
pub(super) const KEYWORDS: Keys = Keys {
    what: "a field",
    known: &[
        "from",
        "unique",
        "type",
        "enum",
        "const",
        "format",
        "nullable",
        "default",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "items",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "properties",
        "required",
        "additionalProperties",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "example",
        "examples",
        "description",
        "title",
        "readOnly",
        "writeOnly",
        "deprecated",
    ],
    later: &[],
};
