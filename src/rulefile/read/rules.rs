//! `rules` and `defaults`.

use super::file::list;
use super::mapping::{Fields, first_line, one_of};
use super::{Reader, keys, undefined};
use crate::rulefile::{
    Check, DerivedRules, Expect, Expression, Located, Rule, RuleSeverity, Shorthand, Undefined,
};
use crate::source::{Code, Diagnostic};
use crate::tree::{Entry, Node, NodeKind};

/// `defaults`: what holds for rules that don't say it themselves.
#[derive(Clone, Default)]
pub(super) struct Defaults {
    operation: Vec<Located<String>>,
    expect: Option<Expect>,
    tags: Vec<Located<String>>,
    owner: Option<Located<String>>,
    severity: Option<RuleSeverity>,
    /// `undefined` of the file.
    undefined: Undefined,
}

/// How to write rules that stand in a mapping.
fn rules_in_a_list(value: &Node) -> Option<String> {
    let first = value.entries().first()?;
    let key = first.key.as_str();
    if let Some(name) = key
        .strip_prefix('-')
        .filter(|name| keys::RULE.known.contains(name))
    {
        return Some(format!(
            "a blank is missing after `-`: write `- {name}: ...`"
        ));
    }
    Some(if keys::RULE.known.contains(&key) {
        format!("write `- {key}: ...`, with the other keys of the rule indented below `{key}`")
    } else {
        format!("write `- id: {key}`, with the other keys of the rule indented below `id`")
    })
}

/// `{error: {code: too_cheap}}` as comparisons of what is below `path`; whether
/// it can be said so.
fn comparisons(node: &Node, path: &str, found: &mut Vec<String>) -> bool {
    let is_name = |name: &str| {
        !name.starts_with(|c: char| c.is_ascii_digit())
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let literal = match &node.kind {
        NodeKind::Mapping(entries) => {
            return entries.iter().all(|entry| {
                is_name(&entry.key)
                    && comparisons(&entry.value, &format!("{path}.{}", entry.key), found)
            });
        }
        NodeKind::String(text) if path != "response.body" => {
            if text.contains(['\'', '"', '\\', '\n']) {
                return false;
            }
            format!("'{}'", text.value)
        }
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Number { value, .. } => crate::value::print_number(value),
        _ => return false,
    };
    found.push(format!("{path} == {literal}"));
    true
}

impl Reader<'_> {
    pub(super) fn defaults(&mut self, file: &Fields<'_>, undefined: Undefined) -> Defaults {
        let entry = file.get("defaults");
        let Some(fields) = entry.and_then(|entry| self.fields_of(entry, &keys::DEFAULTS)) else {
            return Defaults {
                undefined,
                ..Defaults::default()
            };
        };
        Defaults {
            undefined,
            operation: self.operation_names(&fields).unwrap_or_default(),
            expect: fields.get("expect").and_then(|entry| self.expect(entry)),
            tags: self.tags(&fields).unwrap_or_default(),
            owner: self.optional_text(&fields, "owner"),
            severity: self.severity(&fields),
        }
    }

    /// The rules without an error.
    pub(super) fn rules(&mut self, entry: &Entry) -> Vec<Rule> {
        let Some(items) = list(&entry.value) else {
            let help = rules_in_a_list(&entry.value);
            let (value, key) = (&entry.value, entry.key_span);
            self.wrong_kind_but(value, key, "`rules`", "a list", help);
            return Vec::new();
        };
        let mut rules = Vec::new();
        for item in items {
            let (rule, clean) = self.cleanly(|reader| reader.rule(item));
            rules.extend(rule.filter(|_| clean));
        }
        let late = std::mem::take(&mut self.late);
        self.found.append(late);
        rules
    }

    fn rule(&mut self, node: &Node) -> Option<Rule> {
        let fields = self.fields(node, node.span, &keys::RULE)?;
        let id = self.rule_id(&fields);
        let operations = match (fields.get("across"), fields.get("at")) {
            (Some(across), _) => self.judged_operation(across, &fields),
            (None, Some(_)) => Some(self.operation_names(&fields).unwrap_or_default()),
            (None, None) => self.rule_operations(&fields, &self.rule_defaults.clone()),
        };
        self.rest_of_rule(node, &fields, id, operations)
    }

    /// An entry of a resource's `invariants`: a rule of every operation that
    /// changes the resource.
    pub(super) fn invariant(&mut self, node: &Node) -> Option<Rule> {
        let fields = self.fields(node, node.span, &keys::INVARIANT)?;
        let id = self.rule_id(&fields);
        self.rest_of_rule(node, &fields, id, Some(Vec::new()))
    }

    fn rest_of_rule(
        &mut self,
        node: &Node,
        fields: &Fields<'_>,
        id: Option<Located<String>>,
        operations: Option<Vec<Located<String>>>,
    ) -> Option<Rule> {
        let defaults = self.rule_defaults.clone();
        let at = self.schema_named(fields);
        let across = self.requests(fields);
        let each = fields.get("each").map(|entry| self.condition(entry));
        let when = fields.get("when").and_then(|entry| self.condition(entry));
        let check = self.check(fields);
        let expect = fields.get("expect").and_then(|entry| self.expect(entry));
        let tags = self.tags(fields);
        let owner = self.optional_text(fields, "owner");
        let severity = self.severity(fields).or(defaults.severity);
        Some(Rule {
            message: self.optional_text(fields, "message"),
            source: self.optional_text(fields, "source"),
            field_path: self.field_path(fields),
            undefined: undefined(self, fields).unwrap_or(defaults.undefined),
            severity: severity.unwrap_or_default(),
            tags: tags.unwrap_or_else(|| defaults.tags.clone()),
            owner: owner.or_else(|| defaults.owner.clone()),
            expect: match check {
                // It refuses nothing.
                Some(Check::Ensure { .. }) => None,
                _ => expect.or_else(|| defaults.expect.clone()),
            },
            when,
            span: node.span,
            id: id?,
            operations: operations?,
            at,
            across,
            each: each.flatten(),
            check: check?,
        })
    }

    fn rule_id(&mut self, fields: &Fields<'_>) -> Option<Located<String>> {
        let entry = self.required(fields, "id")?;
        let id = self.id(entry)?;
        let Some(first) = self.rule_ids.get(&id.value).copied() else {
            self.rule_ids.insert(id.value.clone(), id.span);
            return Some(id);
        };
        self.report(
            Diagnostic::error(
                Code::DuplicateId,
                format!("two rules have the id `{}`", id.value),
            )
            .at(id.span, "again here")
            .also(first, "first here")
            .help("give each rule an id of its own: cases are named after it"),
        );
        None
    }

    /// `at: '#/components/schemas/Amount'`
    fn schema_named(&mut self, fields: &Fields<'_>) -> Option<Located<String>> {
        let entry = fields.get("at")?;
        if entry.value.is_null() {
            // `at: #/components/...` is a comment to YAML.
            self.report(
                Diagnostic::error(Code::NeedsQuotes, "`at` is empty")
                    .at(
                        entry.key_span,
                        "YAML takes what starts with `#` for a comment",
                    )
                    .help("put the schema in quotes: `at: '#/components/schemas/Amount'`"),
            );
            return None;
        }
        let named = self.text(entry)?;
        if named.value.starts_with("#/") {
            return Some(named);
        }
        let message = format!("`{}` names no schema of the API document", named.value);
        self.report(
            Diagnostic::error(Code::WrongValue, message)
                .at(named.span, "a schema starts with `#/`")
                .help("write it as `$ref` does: `at: '#/components/schemas/Amount'`"),
        );
        None
    }

    fn rule_operations(
        &mut self,
        fields: &Fields<'_>,
        defaults: &Defaults,
    ) -> Option<Vec<Located<String>>> {
        if let Some(own) = self.operation_names(fields) {
            return (!own.is_empty()).then_some(own);
        }
        if !defaults.operation.is_empty() {
            return Some(defaults.operation.clone());
        }
        // `at` will name the place in the operation's stead.
        if !fields.has_later_key() {
            self.required(fields, "operation");
        }
        None
    }

    /// The value of `operation`, if there is one.
    fn operation_names(&mut self, fields: &Fields<'_>) -> Option<Vec<Located<String>>> {
        let entry = fields.get("operation")?;
        let names = self.texts(entry);
        if list(&entry.value).is_some_and(<[Node]>::is_empty) {
            self.error(
                Code::WrongValue,
                "`operation` lists nothing",
                entry.value.span,
            );
        }
        self.listed_once(&names, "operation");
        Some(names)
    }

    /// Reports names that a list has twice.
    pub(super) fn listed_once(&mut self, names: &[Located<String>], what: &str) {
        for (index, name) in names.iter().enumerate() {
            let earlier = names
                .iter()
                .take(index)
                .find(|other| other.value == name.value);
            if let Some(earlier) = earlier {
                let message = format!("the {what} `{}` is listed twice", name.value);
                self.report(
                    Diagnostic::error(Code::WrongValue, message)
                        .at(name.span, "again here")
                        .also(earlier.span, "first here"),
                );
            }
        }
    }

    /// `rule`, `table`, `ensure`, or one of the shorthands; exactly one of them.
    fn check(&mut self, fields: &Fields<'_>) -> Option<Check> {
        let keys = ["rule", "table", "ensure"]
            .into_iter()
            .chain(Shorthand::KEYS);
        let mut entries: Vec<&Entry> = keys.filter_map(|key| fields.get(key)).collect();
        entries.sort_by_key(|entry| entry.key_span);
        let Some((first, others)) = entries.split_first() else {
            if !fields.has_later_key() {
                self.nothing_demanded(fields);
            }
            return None;
        };
        for other in others {
            let message = format!("`{}` and `{}` exclude each other", first.key, other.key);
            self.report(
                Diagnostic::error(Code::ConflictingKeys, message)
                    .at(other.key_span, "a second demand")
                    .also(first.key_span, "the first one")
                    .help("write a rule for each"),
            );
        }
        if first.key == "rule" {
            return self.condition(first).map(Check::Rule);
        }
        if first.key == "table" {
            return self.table(first).map(Check::Table);
        }
        if first.key == "ensure" {
            return self.ensured(first, fields);
        }
        let shorthand = self.shorthand(first)?;
        let key = first.key_span;
        Some(Check::Shorthand { key, shorthand })
    }

    fn nothing_demanded(&mut self, fields: &Fields<'_>) {
        let at = first_line(self.sources.excerpt(fields.span()), fields.span());
        self.report(
            Diagnostic::error(Code::MissingKey, "this rule demands nothing")
                .at(at, "`rule` is missing here")
                .help(format!(
                    "add `rule` with an expression, `ensure`, `table`, or a shorthand: {}",
                    one_of(&Shorthand::KEYS)
                )),
        );
    }

    /// What stands beside a declaration of the rules that follow from it.
    pub(super) fn derived_rules(&mut self, fields: &Fields<'_>) -> DerivedRules {
        DerivedRules {
            message: self.optional_text(fields, "message"),
            source: self.optional_text(fields, "source"),
            severity: self.severity(fields),
            tags: self.tags(fields),
            expect: fields.get("expect").and_then(|entry| self.expect(entry)),
        }
    }

    pub(super) fn expect(&mut self, entry: &Entry) -> Option<Expect> {
        if let Some(status) = self.only_a_status(&entry.value) {
            let help = Some(format!("write `expect: {{status: {status}}}`"));
            let (value, key) = (&entry.value, entry.key_span);
            self.wrong_kind_but(value, key, "`expect`", "a mapping", help);
            return None;
        }
        let fields = self.fields_of(entry, &keys::EXPECT)?;
        let status = fields.get("status");
        let body = fields.get("body");
        let status = status.map_or_else(Vec::new, |entry| self.statuses(entry));
        if body.is_none() {
            status.iter().for_each(|status| self.no_refusal(status));
        }
        Some(Expect {
            status,
            body: body.and_then(|entry| self.answer_body(entry)),
            span: entry.value.span,
        })
    }

    /// A status, or a list of them, as it is written.
    fn only_a_status(&self, value: &Node) -> Option<String> {
        let is_status = value.as_number().is_some();
        let are_statuses = !value.items().is_empty()
            && self.in_brackets(value)
            && value.items().iter().all(|item| item.as_number().is_some());
        let written = self.sources.excerpt(value.span);
        (is_status || are_statuses).then(|| written.to_owned())
    }

    /// What the body of the answer must satisfy; a mapping isn't compared with it.
    fn answer_body(&mut self, entry: &Entry) -> Option<Expression> {
        let mut parts = Vec::new();
        if !comparisons(&entry.value, "response.body", &mut parts) || parts.is_empty() {
            return self.condition(entry);
        }
        let help = format!("write `body: \"{}\"`", parts.join(" && "));
        let (value, key) = (&entry.value, entry.key_span);
        self.wrong_kind_but(value, key, "`body`", "an expression", Some(help));
        None
    }

    /// A status that says that all is well is no refusal by itself.
    fn no_refusal(&mut self, status: &Located<u16>) {
        if (200..300).contains(&status.value) {
            let message = format!("a refusal isn't answered with {}", status.value);
            self.report(
                Diagnostic::error(Code::WrongValue, message)
                    .at(status.span, "says that the request went through")
                    .help(
                        "`expect` is the answer where the rule is broken, such as 409 or 422; \
                         add `body` if only the body of a 2xx answer tells",
                    ),
            );
        }
    }

    fn tags(&mut self, fields: &Fields<'_>) -> Option<Vec<Located<String>>> {
        let entry = fields.get("tags")?;
        let tags = self.text_list(entry);
        self.listed_once(&tags, "tag");
        Some(tags)
    }

    fn severity(&mut self, fields: &Fields<'_>) -> Option<RuleSeverity> {
        let entry = fields.get("severity")?;
        self.choice(entry, &RuleSeverity::ALL.map(|value| (value.name(), value)))
    }

    fn field_path(&mut self, fields: &Fields<'_>) -> Option<Located<String>> {
        let path = self.optional_text(fields, "fieldPath")?;
        if path.value.starts_with(['.', '[']) {
            return Some(path);
        }
        let message = format!("`{}` is no field path", path.value);
        let better = path.value.strip_prefix("body.").unwrap_or(&path.value);
        self.report(
            Diagnostic::error(Code::WrongValue, message)
                .at(path.span, "a field path starts with `.`")
                .help(format!("write `.{better}`")),
        );
        None
    }

    fn optional_text(&mut self, fields: &Fields<'_>, key: &str) -> Option<Located<String>> {
        let entry = fields.get(key)?;
        self.text(entry)
    }
}
