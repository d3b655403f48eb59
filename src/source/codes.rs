//! The list of diagnostic codes: the one place to add to.

/// Declares [`Code`] from a table of `Variant, "printed-name", "what it means"`.
macro_rules! codes {
    ($($variant:ident, $name:literal, $doc:literal;)*) => {
        /// What kind of finding a diagnostic is. The printed name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $doc] $variant,)*
        }

        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The printed name, such as `unknown-key`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// One sentence on what the code means.
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

codes! {
    // Files and their syntax.
    UnreadableFile, "unreadable-file", "A file does not exist, may not be read, or is not UTF-8 text.";
    NoRuleFile, "no-rule-file", "A folder holds no rule file: their names end in `.rules.yaml`.";
    YamlSyntax, "yaml-syntax", "The file is not well-formed YAML from the marked place on.";
    YamlTag, "yaml-tag", "A value starts with `!`, which YAML reads as a type tag; an expression that starts with `!` needs quotes.";
    YamlAlias, "yaml-alias", "A YAML alias `*name` has no anchor `&name` before it, or stands inside its own anchor.";
    YamlMerge, "yaml-merge", "A YAML merge key `<<` is followed by something that is no mapping.";
    JsonSyntax, "json-syntax", "The file is not well-formed JSON from the marked place on.";
    DuplicateKey, "duplicate-key", "A mapping has the same key twice, and readers disagree on which one counts.";
    TooLarge, "too-large", "A document is nested too deeply, or has too many nodes once its aliases are expanded.";
    NumberRange, "number-range", "A number has an exponent beyond 400, or is infinite or not a number.";
    // Rule files.
    FormatVersion, "format-version", "A rule file doesn't say `crossfield: 1`, the version of the format it is written in.";
    UnknownKey, "unknown-key", "A mapping of a rule file has a key that means nothing there.";
    MissingKey, "missing-key", "A key that is required is not there.";
    ConflictingKeys, "conflicting-keys", "Two keys of one mapping exclude each other.";
    WrongKind, "wrong-kind", "A value has the wrong kind: a list where a text is expected, and the like.";
    WrongValue, "wrong-value", "A value is none of those that are allowed in its place, or has another form: cells of tables, for example, are a value, `10..20`, `'>= 10'`, a list of these, or `'-'`.";
    NeedsQuotes, "needs-quotes", "YAML read an unquoted text as something else than was meant; quotes keep it a text.";
    BadId, "bad-id", "An id or a name holds characters that are not allowed in it.";
    DuplicateId, "duplicate-id", "Two rules of a file have the same id.";
    NameClash, "name-clash", "Two declarations of a file give the same name to different things.";
    Unused, "unused", "A definition is read by no expression, or a file is included of which nothing is used.";
    Unsupported, "unsupported", "Something is valid but not supported by this version.";
    // API documents.
    ApiVersion, "api-version", "The API document is none, or is written in a version that isn't supported.";
    BadReference, "bad-reference", "A `$ref` or a name leads nowhere, or round in a circle.";
    UnknownOperation, "unknown-operation", "The API document has no operation of that name.";
    BadDefault, "bad-default", "A default is refused by its own schema; it is not applied.";
    BadExample, "bad-example", "A documented example is refused by its own schema; the parts at fault are replaced.";
    BadEnum, "bad-enum", "A value of an `enum` is refused by the schema that it stands in: no request can hold it.";
    BadPattern, "bad-pattern", "A `pattern` is no regular expression that values can be checked against.";
    IgnoredKeyword, "ignored-keyword", "A keyword means nothing in the version that the API document is written in.";
    Placeholder, "placeholder", "A documented example holds a placeholder such as `string` where a real value belongs.";
    PastDate, "past-date", "A documented example holds a date that should lie ahead, but has passed.";
    NoValue, "no-value", "No value was found that satisfies a schema.";
    // Expressions and what they refer to.
    ExpressionSyntax, "expression-syntax", "An expression can't be parsed. Conditions are joined by `&&` and `||` and negated by `!`, equality is `==`, texts stand in quotes, and patterns are written `r'...'`.";
    Misread, "misread", "A part of an expression means something else than it seems to: `//` starts a comment, `\\b` in a text that isn't raw is a backspace, nothing replaces `${…}`, and `==` between texts of moments compares how they are written.";
    UndefinedName, "undefined-name", "An expression uses a name that nothing declares.";
    UnknownField, "unknown-field", "A path leads to a field that the API document doesn't declare.";
    RecursiveDef, "recursive-def", "A definition uses itself, directly or through another.";
    TypeMismatch, "type-mismatch", "An operator or a function is given a type that it doesn't take. Numbers compare with numbers, and texts with texts; `int(x)`, `double(x)` and `string(x)` convert, and a type that the document has wrong is mended under `fields:`.";
    // Rules that exist elsewhere.
    IdlSyntax, "idl-syntax", "A dependency between parameters can't be parsed as IDL.";
    NotCarriedOver, "not-carried-over", "A rule that exists elsewhere can't be said in a rule file, or not exactly: it stands there as a comment.";
    NothingToImport, "nothing-to-import", "A file holds no rules of the kind that is asked for.";
    // What the rules of a file amount to.
    NeverHolds, "never-holds", "A rule can never hold, or its guard never is true: the schema or other rules exclude it.";
    NeverBroken, "never-broken", "A rule can never be broken: the schema alone already ensures it.";
    Contradiction, "contradiction", "Rules contradict each other: no request keeps all of them, or none where a guard is true.";
    Implied, "implied", "A rule follows from others: whatever breaks it breaks one of them as well.";
    DeadClause, "dead-clause", "A clause, a guard or a branch can never matter: the rule says the same with a constant in its place.";
    MayBeUndefined, "may-be-undefined", "A rule reads what may be absent or null, divides by what may be zero, or the like: then it is neither true nor false.";
    TruncatedDivision, "truncated-division", "A division of two integers drops what is behind the point, and that decides a rule.";
    FreeText, "free-text", "A rule compares texts of which nothing is known, so that cases have to invent some.";
    UndeclaredValue, "undeclared-value", "A rule compares a field with a constant that the field never holds: its enumeration lacks it, or its format excludes it.";
    AlwaysThere, "always-there", "A rule asks whether a field is there that has a default: defaults are filled in before rules read a request.";
    SharedData, "shared-data", "A rule ranges over all resources of a kind, also over those that other tests made: what it says then depends on them.";
    NeverSet, "never-set", "A rule reads what the server remembers, and no operation changes it: it always is its first value, a constant.";
    ExampleBreaksRule, "example-breaks-rule", "A documented example, or a baseline of the rule file, breaks a rule.";
    NotModelled, "not-modelled", "A keyword of the API document isn't modelled: values are checked against it afterwards, but not searched by it.";
    NeedsClock, "needs-clock", "What a rule says depends on when the tests run: it needs a server whose clock tests know.";
    TableRow, "table-row", "Rows of a decision table leave combinations out, overlap, repeat each other or never matter.";
    // Settings.
    SettingsSyntax, "settings-syntax", "A `crossfield.toml` can't be read: it is no TOML, or holds other keys than `[[off]]` with `reason` and `class`, `layer`, `rule` or `fault`.";
    UnusedSwitch, "unused-switch", "An entry of `crossfield.toml` switches nothing off: no fault is of that class, layer, rule and id.";
    Undecided, "undecided", "Whether a rule can be kept or broken was not decided within the limits of the search: nothing is said against the rule. A baseline that keeps or breaks it decides it; several smaller rules, shorter lists and bounds in the schema are easier to search.";
}

impl Code {
    /// The code with that printed name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case_and_docs_are_sentences() {
        for code in Code::ALL {
            assert_eq!(Code::by_name(code.name()), Some(*code), "{code} twice");
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-' || c.is_ascii_digit();
            assert!(code.name().chars().all(kebab), "{code}");
            assert!(code.doc().ends_with('.'), "{code}");
        }
    }
}
