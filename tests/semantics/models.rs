//! Small models by hand.

use crossfield::document::{Placed, Schema, SchemaId, Schemas};
use crossfield::expr::{ExprId, Node, Op, Root, Type};
use crossfield::model::{
    Answer, Attribute, Bind, Compared, Model, Operation, OperationRef, Patch, Place, Resource,
    ResourceRef, RuleInstance, RuleRef, StateChange, Step, Trace, View, Viewed,
};
use crossfield::value::location::Location;

use crate::support::{expr, json, span, spans};

/// A model, and how to add to it.
pub struct Build {
    pub model: Model,
    /// The schema of every request unless a test says otherwise: says nothing.
    anything: SchemaId,
}

impl Build {
    /// A model of nothing.
    pub fn new() -> Self {
        let mut schemas = Schemas::default();
        let anything = schemas.add(Schema::anything("", span()));
        let model = Model {
            setup: Vec::new(),
            clock: crossfield::model::Clock::fixed(0),
            arena: Default::default(),
            schemas,
            operations: Vec::new(),
            rules: Vec::new(),
            resources: Vec::new(),
            existing: Vec::new(),
            ranged: Default::default(),
            compares_keys: false,
            identifiers: Default::default(),
            values: Vec::new(),
            clock_setter: None,
            actors: Vec::new(),
            nulls_distinct: true,
            whole_with_point: true,
        };
        Self { model, anything }
    }

    /// Adds a schema with these properties.
    pub fn schema(&mut self, properties: &[(&str, SchemaId)], default: Option<&str>) -> SchemaId {
        let mut added = Schema::anything("", span());
        for (name, id) in properties {
            added.properties.insert((*name).into(), *id);
        }
        added.default = default.map(|text| Placed {
            value: json(text),
            span: span(),
            pointer: String::new(),
        });
        self.model.schemas.add(added)
    }

    pub fn operation(&mut self, id: &str) -> OperationRef {
        self.model.operations.push(Operation {
            id: id.into(),
            method: "POST".into(),
            path: format!("/{id}"),
            request: self.anything,
            media_type: None,
            form: None,
            encodings: Vec::new(),
            binds: Vec::new(),
            ranges: Vec::new(),
            changes: Vec::new(),
            keeps: Vec::new(),
            creates: None,
            rules: Vec::new(),
            baselines: Vec::new(),
            accept: Answer::default(),
            invalid: Answer::default(),
            unique: Vec::new(),
            correlated: Vec::new(),
            base_url: None,
            awaits: None,
            clean_up: None,
            security: Vec::new(),
            span: span(),
        });
        OperationRef(self.model.operations.len() as u32 - 1)
    }

    fn operation_mut(&mut self, operation: OperationRef) -> &mut Operation {
        &mut self.model.operations[operation.0 as usize]
    }

    pub fn expr(&mut self, text: &str) -> crossfield::expr::ExprId {
        let names: Vec<String> = self
            .model
            .resources
            .iter()
            .map(|r| r.name.clone())
            .collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        expr(&mut self.model.arena, text, &names)
    }

    /// Adds a rule with an expected answer.
    pub fn rule(&mut self, operation: OperationRef, text: &str, expect: Answer) -> RuleRef {
        let expr = self.expr(text);
        let rule = RuleRef(self.model.rules.len() as u32);
        self.model.rules.push(RuleInstance {
            id: format!("rule-{}", rule.0),
            rule: format!("rule-{}", rule.0),
            operation,
            about: None,
            expr,
            spans: spans(),
            when: None,
            message: String::new(),
            source: None,
            field_path: None,
            severity: None,
            tags: Vec::new(),
            expect,
            undefined_rejects: false,
            needs: self.needs(expr),
            across: None,
            ensures: Vec::new(),
            is_derived: false,
            span: span(),
        });
        self.operation_mut(operation).rules.push(rule);
        rule
    }

    /// Adds a resource that `operation` makes, with its attributes.
    pub fn resource(
        &mut self,
        name: &str,
        created_by: OperationRef,
        attributes: &[(&str, &str)],
    ) -> ResourceRef {
        let attributes = attributes.iter().map(|(name, init)| Attribute {
            name: (*name).into(),
            ty: Type::Int,
            schema: None,
            init: self.expr(init),
            spans: spans(),
        });
        let attributes = attributes.collect();
        let resource = ResourceRef(self.model.resources.len() as u32);
        self.model.resources.push(Resource {
            name: name.into(),
            plural: None,
            created_by: Some(created_by),
            deleted_by: None,
            key: vec!["id".into()],
            attributes,
            invariants: Vec::new(),
            view: None,
        });
        self.operation_mut(created_by).creates = Some(resource);
        resource
    }

    /// Has the operation show the attributes of a resource.
    pub fn view(
        &mut self,
        operation: OperationRef,
        resource: ResourceRef,
        shown: &[(usize, Compared)],
    ) {
        let name = self.model.resource(resource).name.clone();
        let shown = shown.iter().map(|(attribute, compared)| {
            let own = self.model.resource(resource).attributes[*attribute]
                .name
                .clone();
            Viewed {
                attribute: *attribute,
                expr: self.expr(&format!("{name}.{own}")),
                path: vec![own],
                compared: *compared,
                span: span(),
            }
        });
        let shown = shown.collect();
        let view = View {
            operation,
            shown,
            span: span(),
        };
        self.model.resources[resource.0 as usize].view = Some(view);
    }

    /// Binds `path.id` of the operation to the resource; 404 where it's gone.
    pub fn bind(&mut self, operation: OperationRef, resource: ResourceRef) {
        let location = Location::default().key("path").key("id");
        let missing = Answer {
            statuses: vec![404],
            checks: Vec::new(),
        };
        self.operation_mut(operation).binds.push(Bind {
            resource,
            location,
            missing,
            is_optional: false,
            span: span(),
        });
    }

    /// The only resource, where the expression reads one.
    fn needs(&self, expr: ExprId) -> Vec<ResourceRef> {
        let arena = &self.model.arena;
        let is_root = |id: &ExprId| matches!(arena.node(*id), Node::Root(Root::Resource(_)));
        let reads = arena.reachable(&[expr]).iter().any(is_root);
        reads.then_some(ResourceRef(0)).into_iter().collect()
    }

    /// Adds the rule that the resource exists.
    pub fn exists(&mut self, operation: OperationRef) -> RuleRef {
        let root = Node::Root(Root::Resource(0));
        let root = self.model.arena.add(root, Type::Resource(0));
        let rule = self.rule(operation, "true", status(404));
        let expr = self.model.arena.call_bool(Op::Exists, &[root]);
        self.model.rules[rule.0 as usize].expr = expr;
        rule
    }

    pub fn change(
        &mut self,
        operation: OperationRef,
        resource: ResourceRef,
        attribute: usize,
        text: &str,
    ) {
        let expr = self.expr(text);
        let never = self.model.arena.boolean(false);
        self.operation_mut(operation).changes.push(StateChange {
            never,
            resource,
            attribute,
            expr,
            spans: spans(),
        });
    }

    /// The patch that replaces the expressions at some places.
    pub fn patch(&mut self, changes: &[(Place, &str)]) -> Patch {
        let changes = changes
            .iter()
            .map(|(place, text)| (*place, self.expr(text)));
        Patch(changes.collect())
    }
}

/// A trace of requests given as JSON text.
pub fn trace(steps: &[(OperationRef, &str)]) -> Trace {
    let steps = steps.iter().map(|(operation, request)| Step {
        operation: *operation,
        request: json(request),
    });
    Trace {
        steps: steps.collect(),
    }
}

/// An answer with one status.
pub fn status(status: u16) -> Answer {
    Answer {
        statuses: vec![status],
        checks: Vec::new(),
    }
}
