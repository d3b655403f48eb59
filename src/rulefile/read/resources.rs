//! `resources`, and whether operations use them as declared.

use std::collections::BTreeSet;

use super::expression::Literals;
use super::{Reader, keys};
use crate::model::EXISTS;
use crate::rulefile::{
    Attribute, DerivedRules, Existing, Lifecycle, Located, Operation, Resource, StateChange, View,
};
use crate::source::{Code, Diagnostic, did_you_mean};
use crate::tree::{Entry, Node, NodeKind};

impl Reader<'_> {
    /// A resource without an error. One with an error is remembered, so that its
    /// uses aren't reported, too.
    pub(super) fn resource(&mut self, entry: &Entry) -> Option<Resource> {
        let (resource, clean) = self.cleanly(|reader| reader.any_resource(entry));
        if !clean {
            self.broken.insert(entry.key.clone());
        }
        // With all its attributes, it is as good as a right one to its uses.
        let written = entry
            .value
            .get("state")
            .map_or(0, |state| state.entries().len());
        resource.filter(|resource| clean || resource.state.len() == written)
    }

    fn any_resource(&mut self, entry: &Entry) -> Option<Resource> {
        let fields = self.fields_of(entry, &keys::RESOURCE)?;
        let name = self.name(entry);
        let plural = fields.get("plural").and_then(|entry| {
            let plural = self.text(entry)?;
            self.name_at(&plural.value, plural.span)
        });
        let existing = fields.get("existing").map(|entry| self.existing(entry));
        let is_made = fields.get("existing").is_none() || fields.get("createdBy").is_some();
        let created_by = is_made.then(|| self.required(&fields, "createdBy"));
        let created_by = created_by.flatten().and_then(|entry| self.text(entry));
        let deleted_by = fields.get("deletedBy");
        let deleted_by = deleted_by.and_then(|entry| self.text(entry));
        let key = match is_made {
            true => self.required(&fields, "key"),
            false => None,
        };
        let key = key.and_then(|entry| self.condition(entry));
        if let Some(key) = fields.get("key").filter(|_| !is_made) {
            self.never_made(key, "never in an answer");
        }
        let attribute = match is_made {
            true => Self::attribute,
            false => Self::attribute_of_existing,
        };
        let state = self.named(&fields, "state", attribute);
        if is_made && (created_by.is_none() || key.is_none()) {
            return None;
        }
        let invariants = fields.get("invariants").map(|entry| {
            let Some(items) = super::file::list(&entry.value) else {
                let (value, key) = (&entry.value, entry.key_span);
                self.wrong_kind(value, key, "`invariants`", "a list of rules");
                return Vec::new();
            };
            let read = items.iter().filter_map(|item| self.invariant(item));
            read.collect()
        });
        Some(Resource {
            plural,
            created_by,
            deleted_by,
            key,
            existing: existing.unwrap_or_default(),
            state,
            invariants: invariants.unwrap_or_default(),
            view: fields.get("view").and_then(|entry| self.view(entry)),
            name: name?,
        })
    }

    /// `{operation: getPayment, refunded: response.body.refunded}`
    fn view(&mut self, entry: &Entry) -> Option<View> {
        if !entry.value.is_mapping() {
            let help = "write `view: {operation: OPERATION, ATTRIBUTE: response.body.…}`";
            let (value, key) = (&entry.value, entry.key_span);
            self.wrong_kind_but(value, key, "`view`", "a mapping", Some(help.to_owned()));
            return None;
        }
        let (named, shown): (Vec<&Entry>, Vec<&Entry>) = entry
            .value
            .entries()
            .iter()
            .partition(|entry| entry.key == "operation");
        let operation = named.first().and_then(|entry| self.text(entry));
        if named.is_empty() {
            let finding = Diagnostic::error(Code::MissingKey, "`view` needs the key `operation`")
                .at(entry.key_span, "missing here")
                .help("name the operation whose answer shows the state: `operation: getPayment`");
            self.report(finding);
        }
        if shown.is_empty() {
            let finding = Diagnostic::error(Code::MissingKey, "this view shows nothing")
                .at(entry.key_span, "no attribute here")
                .help(
                    "say where the answer holds attributes of the state: \
                     `refunded: response.body.refunded`",
                );
            self.report(finding);
        }
        let shown = shown.into_iter().filter_map(|entry| {
            let attribute = Located::new(entry.key.clone(), entry.key_span);
            Some((attribute, self.condition(entry)?))
        });
        let shown = shown.collect();
        Some(View {
            key: entry.key_span,
            operation: operation?,
            shown,
        })
    }

    /// `[{key: $old_payment, amount: 250}]`
    fn existing(&mut self, entry: &Entry) -> Vec<Existing> {
        let what = "`existing`";
        let Some(items) = super::file::list(&entry.value) else {
            let wanted = "a list of resources";
            let help = "write `existing: [{key: $VALUE, ATTRIBUTE: …}]`";
            let (value, key) = (&entry.value, entry.key_span);
            self.wrong_kind_but(value, key, what, wanted, Some(help.to_owned()));
            return Vec::new();
        };
        if items.is_empty() {
            let finding = Diagnostic::error(Code::WrongValue, "`existing` lists nothing")
                .at(entry.value.span, "no resource here")
                .help("list what is there before, or leave `existing` out");
            self.report(finding);
        }
        let read = items.iter().map(|item| self.existing_one(entry, item));
        let read: Vec<Option<Existing>> = read.collect();
        read.into_iter().flatten().collect()
    }

    fn existing_one(&mut self, entry: &Entry, item: &Node) -> Option<Existing> {
        if !item.is_mapping() {
            let what = "what exists before";
            self.wrong_kind(item, entry.key_span, what, "a mapping");
            return None;
        }
        let is_key = |own: &&Entry| own.key == "key";
        let Some(key) = item.entries().iter().find(is_key) else {
            let message = "what exists before needs the key `key`";
            let finding = Diagnostic::error(Code::MissingKey, message)
                .at(item.span, "which one?")
                .help(
                    "say by which text requests name it: `key: $VALUE`, where `values:` has \
                     `VALUE: {env: VARIABLE}`",
                );
            self.report(finding);
            return None;
        };
        let key = self.text(key)?;
        let attributes = item.entries().iter().filter(|own| !is_key(own));
        let attributes = attributes.map(|own| {
            let name = Located::new(own.key.clone(), own.key_span);
            (name, own.value.clone())
        });
        Some(Existing {
            span: item.span,
            key,
            attributes: attributes.collect(),
        })
    }

    /// `{init: EXPRESSION, schema: ...}`
    fn attribute(&mut self, entry: &Entry) -> Option<Attribute> {
        self.any_attribute(entry, true)
    }

    /// `{schema: ...}`, of a resource that no operation makes.
    fn attribute_of_existing(&mut self, entry: &Entry) -> Option<Attribute> {
        self.any_attribute(entry, false)
    }

    fn any_attribute(&mut self, entry: &Entry, is_made: bool) -> Option<Attribute> {
        let name = self.name(entry)?;
        let taken = match name.value.as_str() {
            "key" => Some("every resource has `.key` anyway"),
            EXISTS => Some("`has(…)` asks whether a resource exists"),
            _ => None,
        };
        if let Some(label) = taken {
            let message = format!("an attribute can't be named `{}`", name.value);
            self.report(Diagnostic::error(Code::BadId, message).at(name.span, label));
        }
        if !entry.value.is_mapping() {
            let message = format!("the attribute `{}` must be a mapping", name.value);
            let meant = match is_made {
                true => format!("{{init: {}}}", self.sources.excerpt(entry.value.span)),
                false => "{schema: {type: …}}".to_owned(),
            };
            self.report(
                Diagnostic::error(Code::WrongKind, message)
                    .at(entry.value_span(), "")
                    .help(format!("write `{}: {meant}`", name.value)),
            );
            // What is meant is clear, so that its uses can be looked at.
            let is_scalar = entry.value.items().is_empty() && !entry.value.is_null();
            let (init, _) = is_scalar
                .then(|| self.cleanly(|reader| reader.expression(entry, Literals::Allowed)))?;
            return Some(Attribute {
                name,
                init: Some(init?),
                schema: None,
                lifecycle: None,
            });
        }
        let has_phases = entry
            .value
            .entries()
            .iter()
            .any(|own| own.key == "lifecycle");
        let known = match has_phases {
            true => &keys::PHASED,
            false => &keys::ATTRIBUTE,
        };
        let fields = self.fields_of(entry, known)?;
        let init = match is_made {
            true => Some(self.required(&fields, "init")?),
            false => fields.get("init"),
        };
        let init = match init {
            Some(init) if is_made => Some(self.expression(init, Literals::Allowed)?),
            Some(init) => {
                self.never_made(init, "never its first value");
                None
            }
            None => None,
        };
        let schema = match is_made {
            true => fields.get("schema"),
            false => self.required(&fields, "schema"),
        };
        if let Some(schema) = schema.filter(|entry| !entry.value.is_mapping()) {
            self.wrong_kind(&schema.value, schema.key_span, "`schema`", "a mapping");
        }
        Some(Attribute {
            name,
            init,
            schema: schema.map(|entry| entry.value.clone()),
            lifecycle: fields.get("lifecycle").map(|entry| Lifecycle {
                rules: self.derived_rules(&fields),
                ..self.lifecycle(entry)
            }),
        })
    }

    /// Says what is known only of what an operation makes.
    fn never_made(&mut self, entry: &Entry, label: &str) {
        let help = format!(
            "name the operation that does: `createdBy: …`; or leave `{}` out",
            entry.key
        );
        let finding = Diagnostic::error(Code::ConflictingKeys, "nothing makes such a resource")
            .at(entry.key_span, label)
            .help(help);
        self.report(finding);
    }

    /// `{authorized: [captured, voided], captured: refunded}`
    fn lifecycle(&mut self, entry: &Entry) -> Lifecycle {
        let mut moves = Vec::new();
        for from in self.named_entries(entry) {
            let to = match &from.value.kind {
                NodeKind::Sequence(items) => items.iter().collect(),
                _ => vec![&from.value],
            };
            let to = to.into_iter().filter_map(|node| match node.as_text() {
                Some(text) => Some(Located::new(text.value.clone(), node.span)),
                None => {
                    let what = format!("a phase behind `{}`", from.key);
                    self.wrong_kind(node, from.key_span, &what, "a text");
                    None
                }
            });
            let to = to.collect();
            moves.push((Located::new(from.key.clone(), from.key_span), to));
        }
        Lifecycle {
            key: entry.key_span,
            moves,
            rules: DerivedRules::default(),
        }
    }

    /// Reports what `bind` and `set` name and `resources` doesn't declare.
    pub(super) fn state_changes(&mut self, operations: &[Operation], resources: &[Resource]) {
        for operation in operations {
            let mut told = BTreeSet::new();
            for bind in &operation.bind {
                if self.declared_resource(&bind.resource, resources).is_none() {
                    told.insert(&bind.resource.value);
                }
            }
            for change in &operation.set {
                if told.contains(&change.resource.value) {
                    continue;
                }
                let Some(resource) = self.declared_resource(&change.resource, resources) else {
                    continue;
                };
                self.declared_attribute(change, resource);
                self.bound(operation, change);
            }
        }
    }

    fn declared_resource<'r>(
        &mut self,
        name: &Located<String>,
        resources: &'r [Resource],
    ) -> Option<&'r Resource> {
        let found = resources
            .iter()
            .find(|resource| resource.name.value == name.value);
        if found.is_none() && !self.broken.contains(&name.value) {
            let names = resources
                .iter()
                .map(|resource| resource.name.value.as_str());
            let message = format!("there is no resource `{}`", name.value);
            self.report(
                Diagnostic::error(Code::UndefinedName, message)
                    .at(name.span, "")
                    .help(
                        did_you_mean(&name.value, names)
                            .unwrap_or_else(|| "declare it under `resources`".to_owned()),
                    ),
            );
        }
        found
    }

    fn declared_attribute(&mut self, change: &StateChange, resource: &Resource) {
        let names = || {
            resource
                .state
                .iter()
                .map(|attribute| attribute.name.value.as_str())
        };
        let wanted = &change.attribute;
        if names().any(|name| name == wanted.value) {
            return;
        }
        let message = format!(
            "the resource `{}` has no attribute `{}`",
            resource.name.value, wanted.value
        );
        let help = did_you_mean(&wanted.value, names());
        self.report(
            Diagnostic::error(Code::UndefinedName, message)
                .at(wanted.span, "")
                .also(resource.name.span, "the resource is declared here")
                .help(help.unwrap_or_else(|| "declare it under the resource's `state`".to_owned())),
        );
    }

    /// A change needs to know which resource it is about.
    fn bound(&mut self, operation: &Operation, change: &StateChange) {
        let name = &change.resource.value;
        if operation
            .bind
            .iter()
            .any(|bind| bind.resource.value == *name)
        {
            return;
        }
        let message = format!(
            "`{}` changes the resource `{name}`, but doesn't say which one",
            operation.operation.value
        );
        self.report(
            Diagnostic::error(Code::MissingKey, message)
                .at(change.resource.span, "")
                .help(format!(
                    "add `bind: {{{name}: path.id}}` to the operation, with the path that names it"
                )),
        );
    }
}
