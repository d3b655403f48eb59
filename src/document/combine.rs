//! Reading the keywords that combine schemas or span members and items.

use super::condition::{Condition, Contains, Formula};
use super::draft::{Draft, Key};
use super::location::pointer_step;
use super::schema::{Placed, Unmodelled};
use crate::source::{Code, Diagnostic, Diagnostics};
use crate::text::Pattern;
use crate::tree::{Entry, Node, NodeKind};
use crate::value::{Value, to_i64};

type Demand = Formula<Key>;

/// Adds to `draft`, the schema `node`, what its combining keywords demand.
pub(super) fn read(node: &Node, draft: &mut Draft, findings: &mut Diagnostics) {
    let mut reader = Combining {
        node,
        draft,
        findings,
    };
    for entry in node.entries() {
        reader.keyword(entry);
    }
}

/// `unevaluatedProperties: false` beside what `draft` (with all of its `allOf`)
/// declares.
pub(super) fn read_unevaluated(node: &Node, draft: &mut Draft) {
    let Some(entry) = node.entry("unevaluatedProperties") else {
        return;
    };
    match entry.value.as_bool() {
        Some(true) => draft.evaluates_all = true,
        Some(false) => {
            draft.schema.unevaluated = Some(draft.place(entry, ()));
        }
        None => {
            let reason = "a schema for them, other than `false`, is not searched by";
            draft.unmodelled(entry, Some(reason.to_owned()));
        }
    }
}

struct Combining<'a> {
    node: &'a Node,
    draft: &'a mut Draft,
    findings: &'a mut Diagnostics,
}

impl Combining<'_> {
    fn keyword(&mut self, entry: &Entry) {
        match entry.key.as_str() {
            "oneOf" => self.listed(entry, "oneOf", Formula::One),
            "anyOf" => self.listed(entry, "anyOf", Formula::Any),
            "not" => {
                let part = Formula::Is(self.key("not"));
                self.demand(entry, "not", Formula::Not(Box::new(part)));
            }
            "if" => self.conditional(entry),
            "dependentRequired" => self.each(entry, "dependentRequired", Self::required),
            "dependentSchemas" => self.each(entry, "dependentSchemas", Self::schema),
            "dependencies" => self.each(entry, "dependencies", |this, base, own| {
                match own.value.items() {
                    [] if own.value.is_mapping() => this.schema(base, own),
                    _ => this.required(base, own),
                }
            }),
            "discriminator" => self.discriminator(entry),
            "propertyNames" => {
                let key = self.key("propertyNames");
                let placed = self.draft.place(entry, key);
                self.draft.property_names.push(placed);
            }
            "contains" => self.contains(entry),
            "patternProperties" => self.patterns(entry),
            "prefixItems" => self.positions(entry, "prefixItems"),
            // Old drafts say it so.
            "items" if matches!(entry.value.kind, NodeKind::Sequence(_)) => {
                self.positions(entry, "items");
                let rest = self.node.get("additionalItems");
                self.draft.items = rest.map(|_| self.key("additionalItems"));
            }
            _ => {}
        }
    }

    /// A schema for each of the first items.
    fn positions(&mut self, entry: &Entry, keyword: &str) {
        let parts = 0..entry.value.items().len();
        let keys = parts.map(|index| self.key(&format!("{keyword}/{index}")));
        self.draft.prefix = keys.collect();
    }

    fn key(&self, part: &str) -> Key {
        vec![format!("{}/{part}", self.draft.schema.pointer)]
    }

    fn demand(&mut self, entry: &Entry, keyword: &'static str, formula: Demand) {
        let place = self.draft.place(entry, ());
        self.draft.conditions.push(Condition {
            keyword,
            pointer: place.pointer,
            span: entry.key_span,
            formula,
        });
    }

    fn wrong(&mut self, node: &Node, what: &str, expected: &str) {
        let message = format!("{what} is {}, but should be {expected}", node.kind_name());
        let finding = Diagnostic::error(Code::WrongKind, message);
        self.findings
            .push(finding.at(node.span, format!("should be {expected}")));
    }

    fn listed(&mut self, entry: &Entry, keyword: &'static str, formula: fn(Vec<Demand>) -> Demand) {
        let count = entry.value.items().len();
        if count == 0 {
            let what = format!("`{keyword}`");
            return self.wrong(&entry.value, &what, "a list of schemas");
        }
        let parts = (0..count).map(|index| Formula::Is(self.key(&format!("{keyword}/{index}"))));
        let formula = formula(parts.collect());
        self.demand(entry, keyword, formula);
    }

    fn conditional(&mut self, entry: &Entry) {
        let part = |this: &Self, keyword: &str| match this.node.get(keyword) {
            Some(_) => Formula::Is(this.key(keyword)),
            None => Formula::All(Vec::new()),
        };
        let parts = [
            Formula::Is(self.key("if")),
            part(self, "then"),
            part(self, "else"),
        ];
        self.demand(entry, "if", Formula::If(Box::new(parts)));
    }

    /// One condition for each entry of a mapping of names.
    fn each(
        &mut self,
        entry: &Entry,
        keyword: &'static str,
        read: fn(&mut Self, &str, &Entry) -> Option<Demand>,
    ) {
        if !entry.value.is_mapping() {
            let what = format!("`{keyword}`");
            return self.wrong(&entry.value, &what, "a mapping of names");
        }
        for own in entry.value.entries() {
            if let Some(then) = read(self, keyword, own) {
                let formula = Formula::implies(Formula::Has(own.key.clone()), then);
                self.demand(entry, keyword, formula);
                if let Some(condition) = self.draft.conditions.last_mut() {
                    condition.pointer += &format!("/{}", pointer_step(&own.key));
                    condition.span = own.key_span;
                }
            }
        }
    }

    fn required(&mut self, keyword: &str, own: &Entry) -> Option<Demand> {
        let mut names = Vec::new();
        for item in own.value.items() {
            match item.as_str() {
                Some(name) => names.push(Formula::Has(name.to_owned())),
                None => self.wrong(item, &format!("an entry of `{keyword}`"), "a name"),
            }
        }
        Some(Formula::All(names))
    }

    fn schema(&mut self, keyword: &str, own: &Entry) -> Option<Demand> {
        let step = pointer_step(&own.key);
        Some(Formula::Is(self.key(&format!("{keyword}/{step}"))))
    }

    fn contains(&mut self, entry: &Entry) {
        let count = |key: &str| {
            let number = self.node.get(key).and_then(Node::as_number);
            number
                .and_then(to_i64)
                .and_then(|count| u64::try_from(count).ok())
        };
        let contains = Contains {
            schema: self.key("contains"),
            min: count("minContains").unwrap_or(1),
            max: count("maxContains"),
        };
        let placed = self.draft.place(entry, contains);
        self.draft.contains.push(placed);
    }

    fn patterns(&mut self, entry: &Entry) {
        for own in entry.value.entries() {
            let key = self.key(&format!("patternProperties/{}", pointer_step(&own.key)));
            match Pattern::compile(&own.key) {
                Ok(pattern) => {
                    let placed = self.draft.place(entry, pattern);
                    self.draft.pattern_properties.push((placed, key));
                }
                Err(error) => self.draft.unmodelled(entry, Some(error.to_string())),
            }
        }
    }

    /// The member that names the alternative: its value is one of the names, and
    /// the alternative of that name holds.
    fn discriminator(&mut self, entry: &Entry) {
        let name = entry.value.get("propertyName").and_then(Node::as_str);
        let branches = self.branches();
        let Some(name) = name.filter(|_| !branches.is_empty()) else {
            let reason = "it needs `oneOf` or `anyOf` of references beside it, or named schemas \
                          whose `allOf` refers to this one";
            return self.draft.unmodelled(entry, Some(reason.to_owned()));
        };
        let names = named(entry.value.get("mapping"), &branches);
        let holds =
            |text: &str| Formula::Holds(name.to_owned(), vec![Value::string(text.to_owned())]);
        let known = names.iter().map(|(text, _)| Value::string(text.as_str()));
        let mut all = vec![Formula::Holds(name.to_owned(), known.collect())];
        for (text, key) in &names {
            all.push(Formula::implies(holds(text), Formula::Is(key.clone())));
        }
        let formula = Formula::implies(Formula::Has(name.to_owned()), Formula::All(all));
        self.demand(entry, "discriminator", formula);
    }

    /// The alternatives that are references: each with its place and target.
    fn branches(&self) -> Vec<(Key, String)> {
        let mut found = Vec::new();
        for keyword in ["oneOf", "anyOf"] {
            let parts = self.node.get(keyword).map_or(&[][..], Node::items);
            for (index, part) in parts.iter().enumerate() {
                if let Some(target) = part.get("$ref").and_then(Node::as_str) {
                    let key = self.key(&format!("{keyword}/{index}"));
                    found.push((key, target.to_owned()));
                }
            }
        }
        found
    }
}

/// The values that name alternatives: those of the mapping, and the names of
/// schemas that it leaves out.
fn named(mapping: Option<&Node>, branches: &[(Key, String)]) -> Vec<(String, Key)> {
    let mut found: Vec<(String, Key)> = Vec::new();
    let mut mapped: Vec<&str> = Vec::new();
    for entry in mapping.map_or(&[][..], Node::entries) {
        let target = entry.value.as_str().unwrap_or_default();
        let own = branches
            .iter()
            .find(|(_, known)| known == target || last_step(known) == target);
        if let Some((key, known)) = own {
            mapped.push(known);
            found.push((entry.key.clone(), key.clone()));
        }
    }
    for (key, target) in branches {
        let name = last_step(target);
        if !mapped.contains(&target.as_str()) && !found.iter().any(|(known, _)| known == name) {
            found.push((name.to_owned(), key.clone()));
        }
    }
    found
}

fn last_step(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// What parts of `allOf` can't say together in this form, by name.
pub(super) fn clash(keyword: &str, reason: &str, place: &Placed<()>) -> Unmodelled {
    Unmodelled {
        keyword: keyword.to_owned(),
        reason: Some(reason.to_owned()),
        pointer: place.pointer.clone(),
        span: place.span,
    }
}
