//! Resources: what the server remembers, its types, and what changes it.

use super::Builder;
use crate::document::{SchemaId, described};
use crate::expr::{Elaborated, Node as ExprNode, ResourceSignature, Root, SpanTree, Type, type_of};
use crate::model::{Attribute, EXISTS, Kept, OperationRef, Resource, ResourceRef, StateChange};
use crate::rulefile::{self, Located};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::tree::Node;
use crate::value::Value;

impl Builder<'_> {
    /// All resources by name, with their attributes' types inferred over
    /// `init` and every `set`; and every operation's binds and changes.
    pub(super) fn read_resources(&mut self) -> Option<Vec<Resource>> {
        let mut declared: Vec<&rulefile::Resource> = self.file.resources.iter().collect();
        declared.sort_by(|a, b| a.name.value.cmp(&b.name.value));
        self.signatures = declared
            .iter()
            .map(|resource| ResourceSignature {
                name: resource.name.value.clone(),
                plural: resource.plural.as_ref().map(|name| name.value.clone()),
                attributes: Vec::new(),
                is_broken: false,
            })
            .collect();
        self.read_binds();
        let mut resources = Vec::new();
        for (number, resource) in (0..).map(ResourceRef).zip(&declared) {
            let read = self.resource(number, resource);
            if let (None, Some(signature)) = (&read, self.signatures.get_mut(resources.len())) {
                signature.is_broken = true;
            }
            resources.push(read);
        }
        let mut resources: Vec<Resource> = resources.into_iter().collect::<Option<_>>()?;
        self.read_changes(&mut resources);
        Some(resources)
    }

    fn resource(&mut self, number: ResourceRef, resource: &rulefile::Resource) -> Option<Resource> {
        let created_by = match &resource.created_by {
            Some(name) => Some(self.made_by(number, name)?),
            None => None,
        };
        let key = match &resource.key {
            Some(key) => Some(self.response_path(key)?),
            None => None,
        };
        if let (Some(made_by), Some(key), Some(path)) = (created_by, &resource.key, &key) {
            self.answer_member(made_by, &[200, 201, 202, 203], path, key.span());
        }
        let mut attributes = Vec::new();
        for attribute in &resource.state {
            let read = self.attribute(created_by, attribute);
            if let Some(read) = &read {
                self.sign(number, &read.name, read.ty.clone());
            }
            attributes.push(read);
        }
        let attributes: Option<Vec<Attribute>> = attributes.into_iter().collect();
        let mut attributes = attributes?;
        let deleted_by = match &resource.deleted_by {
            Some(name) => Some(self.about_one((number, resource), name, "deletes")?),
            None => None,
        };
        if let (Some(_), Some(name)) = (deleted_by, &resource.deleted_by) {
            attributes.push(Attribute {
                name: EXISTS.to_owned(),
                ty: Type::Bool,
                schema: None,
                init: self.arena.boolean(true),
                spans: SpanTree::leaf(name.span),
            });
        }
        Some(Resource {
            name: resource.name.value.clone(),
            plural: resource.plural.as_ref().map(|name| name.value.clone()),
            created_by,
            deleted_by,
            key: key.unwrap_or_default(),
            attributes,
            invariants: Vec::new(),
            view: None,
        })
    }

    /// The operation of that name, which from now on makes such resources.
    fn made_by(&mut self, number: ResourceRef, name: &Located<String>) -> Option<OperationRef> {
        let created_by = self.operation_named(&name.value)?;
        let operation = self.operations.get_mut(created_by.0 as usize)?;
        if operation.creates.is_some() {
            let message = "an operation can make one kind of resource only, for now";
            let finding = Diagnostic::error(Code::Unsupported, message)
                .at(name.span, "makes another resource already");
            self.diagnostics.push(finding);
            return None;
        }
        operation.creates = Some(number);
        Some(created_by)
    }

    /// An attribute, with the type that `schema` gives it, else that of its first
    /// value.
    fn attribute(
        &mut self,
        made_by: Option<OperationRef>,
        attribute: &rulefile::Attribute,
    ) -> Option<Attribute> {
        let schema = match &attribute.schema {
            Some(node) => Some(self.given_type(&attribute.name, node)?),
            None => None,
        };
        let init = match (made_by, &attribute.init) {
            (Some(made_by), Some(init)) => self.expression(made_by, init)?,
            _ => Elaborated {
                expr: self.arena.constant(Value::Null, Type::Null),
                spans: SpanTree::leaf(attribute.name.span),
            },
        };
        let ty = match &schema {
            Some((_, ty)) => ty.clone(),
            None => self.arena.ty(init.expr).clone(),
        };
        let found = Attribute {
            name: attribute.name.value.clone(),
            ty,
            schema: schema.map(|(schema, _)| schema),
            init: init.expr,
            spans: init.spans,
        };
        let given = self.arena.ty(found.init).clone();
        self.fits(&found, &given, found.spans.span, attribute.schema.as_ref());
        Some(found)
    }

    /// The schema that `schema` gives an attribute, and the type of its values.
    fn given_type(&mut self, name: &Located<String>, node: &Node) -> Option<(SchemaId, Type)> {
        let schema = described(&mut self.schemas, node, self.diagnostics)?;
        let ty = type_of(&self.schemas, schema);
        let problem = match ty {
            Ok(Type::Any) => "it gives no type".to_owned(),
            Ok(Type::Object(_)) => "attributes hold no objects".to_owned(),
            Ok(ty) => return Some((schema, ty)),
            Err(problem) => problem,
        };
        let message = format!("the schema of `{}` says too little: {problem}", name.value);
        let finding = Diagnostic::error(Code::WrongValue, message)
            .at(node.span, "no type of one kind")
            .help("say `type: number`, or `integer`, `string`, `boolean`, `array`");
        self.diagnostics.push(finding);
        None
    }

    /// Reports what an attribute whose type is given can't hold.
    fn fits(&mut self, attribute: &Attribute, given: &Type, at: Span, schema: Option<&Node>) {
        let fits = attribute.ty.join(given).as_ref() == Some(&attribute.ty);
        if fits || attribute.schema.is_none() {
            return;
        }
        let (name, ty) = (&attribute.name, &attribute.ty);
        let message = format!("`{name}` is of type {ty} by its schema, not {given}");
        let mut finding = Diagnostic::error(Code::TypeMismatch, message).at(at, "of another type");
        if let Some(schema) = schema {
            finding = finding.also(schema.span, "its schema");
        }
        self.diagnostics.push(finding);
    }

    /// The operation of that name, which `does` something with a resource: it has
    /// to say with which one.
    pub(super) fn about_one(
        &mut self,
        (number, resource): (ResourceRef, &rulefile::Resource),
        name: &Located<String>,
        does: &str,
    ) -> Option<OperationRef> {
        let operation = self.operation_named(&name.value)?;
        let found = self.operations.get(operation.0 as usize)?;
        if found.binds.iter().any(|bind| bind.resource == number) {
            return Some(operation);
        }
        let resource = &resource.name;
        let message = format!(
            "`{}` {does} the resource `{}`, but doesn't say which one",
            name.value, resource.value
        );
        let finding = Diagnostic::error(Code::MissingKey, message)
            .at(name.span, "not bound")
            .also(resource.span, "the resource is declared here")
            .help(format!(
                "say it under `operations`: `{}: {{bind: {{{}: path.…}}}}`",
                name.value, resource.value
            ));
        self.diagnostics.push(finding);
        None
    }

    /// Notes the type of an attribute.
    fn sign(&mut self, resource: ResourceRef, name: &str, ty: Type) {
        let Some(signature) = self.signatures.get_mut(resource.0 as usize) else {
            return;
        };
        match signature
            .attributes
            .iter_mut()
            .find(|(known, _)| known == name)
        {
            Some((_, known)) => *known = ty,
            None => signature.attributes.push((name.to_owned(), ty)),
        }
    }

    /// `set` of every operation. A `set` may widen the type of an attribute,
    /// which others read: types are settled first.
    fn read_changes(&mut self, resources: &mut [Resource]) {
        // An attribute's type widens at most once, from integer to number.
        let rounds = 1 + resources.iter().map(|r| r.attributes.len()).sum::<usize>();
        for round in 0..=rounds {
            let before = self.diagnostics.clone();
            let changes = self.changes(resources);
            let widened = self.widen(resources, &changes);
            if !widened || round == rounds {
                self.check_types(resources, &changes);
                self.attach(changes);
                self.keep(resources);
                return;
            }
            *self.diagnostics = before;
        }
    }

    fn changes(&mut self, resources: &[Resource]) -> Vec<Change> {
        let file = self.file;
        let mut changes = Vec::new();
        for entry in &file.operations {
            let Some(operation) = self.operation_named(&entry.operation.value) else {
                continue;
            };
            for change in &entry.set {
                let Some(resource) = self.resource_named(&change.resource) else {
                    continue;
                };
                let found = resources.get(resource.0 as usize);
                let attributes = found.map_or(&[][..], |found| &found.attributes);
                let named = |a: &Attribute| a.name == change.attribute.value;
                let Some(attribute) = attributes.iter().position(named) else {
                    self.unknown_attribute(&change.attribute, attributes);
                    continue;
                };
                if !self.is_bound(operation, resource, &change.resource) {
                    continue;
                }
                if let Some(value) = self.expression(operation, &change.value) {
                    changes.push(Change {
                        operation,
                        resource,
                        attribute,
                        value,
                    });
                }
            }
        }
        changes.extend(self.deletions(resources));
        changes.sort_by_key(|change| (change.operation, change.resource, change.attribute));
        changes
    }

    /// What `deletedBy` changes.
    fn deletions(&mut self, resources: &[Resource]) -> Vec<Change> {
        let mut found = Vec::new();
        for (number, resource) in (0..).map(ResourceRef).zip(resources) {
            let exists = resource.attributes.last();
            if let (Some(operation), Some(exists)) = (resource.deleted_by, exists) {
                let value = Elaborated {
                    expr: self.arena.boolean(false),
                    spans: exists.spans.clone(),
                };
                found.push(Change {
                    operation,
                    resource: number,
                    attribute: resource.attributes.len() - 1,
                    value,
                });
            }
        }
        found
    }

    fn is_bound(
        &mut self,
        operation: OperationRef,
        resource: ResourceRef,
        name: &Located<String>,
    ) -> bool {
        let found = self.operations.get(operation.0 as usize);
        let bound = found.is_some_and(|o| o.binds.iter().any(|bind| bind.resource == resource));
        if !bound {
            let message = format!("this operation isn't bound to a `{}`", name.value);
            let finding = Diagnostic::error(Code::UndefinedName, message)
                .at(name.span, "not bound")
                .help(format!(
                    "add `bind: {{{}: path.…}}` to the operation",
                    name.value
                ));
            self.diagnostics.push(finding);
        }
        bound
    }

    pub(super) fn unknown_attribute(&mut self, name: &Located<String>, attributes: &[Attribute]) {
        let known = attributes.iter().map(|attribute| attribute.name.as_str());
        let hint = crate::source::suggest(&name.value, known);
        let message = format!("the state has no attribute `{}`", name.value);
        let finding = Diagnostic::error(Code::UnknownField, message)
            .at(name.span, "not under `state:`")
            .maybe_help(hint.map(|hint| format!("did you mean `{hint}`?")));
        self.diagnostics.push(finding);
    }

    /// Widens attributes to hold what is set; whether any changed.
    fn widen(&mut self, resources: &mut [Resource], changes: &[Change]) -> bool {
        let mut widened = false;
        for change in changes {
            let set = self.arena.ty(change.value.expr).clone();
            let resource = resources.get_mut(change.resource.0 as usize);
            let attribute = resource.and_then(|r| r.attributes.get_mut(change.attribute));
            // A type that is given stays as it is.
            let inferred = attribute.filter(|own| own.schema.is_none());
            let Some(attribute) = inferred else { continue };
            let Some(joined) = attribute.ty.join(&set) else {
                continue;
            };
            if joined != attribute.ty {
                attribute.ty = joined.clone();
                let name = attribute.name.clone();
                self.sign(change.resource, &name, joined);
                widened = true;
            }
        }
        widened
    }

    fn check_types(&mut self, resources: &[Resource], changes: &[Change]) {
        let mut findings = Diagnostics::new();
        for change in changes {
            let set = self.arena.ty(change.value.expr);
            let resource = resources.get(change.resource.0 as usize);
            let attribute = resource.and_then(|r| r.attributes.get(change.attribute));
            let Some(attribute) = attribute else { continue };
            if attribute.schema.is_some() {
                let (attribute, set) = (attribute.clone(), set.clone());
                self.fits(&attribute, &set, change.value.spans.span, None);
                continue;
            }
            if attribute.ty.join(set).is_none() {
                let message = format!("`{}` is a {}, not a {set}", attribute.name, attribute.ty);
                let finding = Diagnostic::error(Code::TypeMismatch, message)
                    .at(change.value.spans.span, "of another type")
                    .also(attribute.spans.span, "its first value");
                findings.push(finding);
            }
        }
        self.diagnostics.append(findings);
    }

    fn attach(&mut self, changes: Vec<Change>) {
        let never = self.arena.boolean(false);
        for change in changes {
            if let Some(operation) = self.operations.get_mut(change.operation.0 as usize) {
                operation.changes.push(StateChange {
                    resource: change.resource,
                    attribute: change.attribute,
                    expr: change.value.expr,
                    never,
                    spans: change.value.spans,
                });
            }
        }
    }
}

impl Builder<'_> {
    /// What operations leave as it is of the resources that they change. Nobody looks
    /// at what is deleted.
    fn keep(&mut self, resources: &[Resource]) {
        for (number, resource) in (0..).map(ResourceRef).zip(resources) {
            let ty = Type::Resource(number.0);
            let own = self.arena.add(ExprNode::Root(Root::Resource(number.0)), ty);
            for (by, operation) in (0..).map(OperationRef).zip(&mut self.operations) {
                let mut changed = operation.changes.iter();
                let Some(first) = changed.find(|change| change.resource == number) else {
                    continue;
                };
                if resource.deleted_by == Some(by) {
                    continue;
                }
                let spans = SpanTree::leaf(first.spans.span);
                for (index, attribute) in resource.attributes.iter().enumerate() {
                    let mut changed = operation.changes.iter();
                    let is_changed =
                        changed.any(|own| (own.resource, own.attribute) == (number, index));
                    if is_changed || attribute.name == EXISTS {
                        continue;
                    }
                    let read = ExprNode::Get(own, attribute.name.as_str().into());
                    operation.keeps.push(Kept {
                        resource: number,
                        attribute: index,
                        expr: self.arena.add(read, attribute.ty.clone()),
                        spans: spans.clone(),
                    });
                }
            }
        }
    }
}

struct Change {
    operation: OperationRef,
    resource: ResourceRef,
    attribute: usize,
    value: Elaborated,
}
