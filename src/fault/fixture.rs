//! Models for the tests of this folder: one request schema, rules from text.

use std::rc::Rc;

use super::{FaultClass, FaultList, Owner, faults};
use crate::document::{Bound, Format, JsonType, Placed, Schema, SchemaId, Schemas, TypeSet};
use crate::expr::{
    Def, DefBody, DefTable, Elaborated, ExprId, NowIs, Op, ResourceSignature, Scope, SpanTree,
    StateRead, Type, elaborate, parse,
};
use crate::model::{
    Answer, Attribute, Ensure, Model, Operation, OperationRef, Relation, Resource, ResourceRef,
    RuleInstance, RuleRef, StateChange,
};
use crate::source::{Diagnostics, FileId, Sources, Span};
use crate::text::Pattern;
use crate::tree::Text;
use crate::value::{Value, parse_number};

/// A model under construction.
pub(super) struct Fixture {
    pub model: Model,
    defs: DefTable,
    signatures: Vec<ResourceSignature>,
    request: SchemaId,
    span: Span,
}

impl Default for Fixture {
    fn default() -> Self {
        let file: FileId = Sources::new().add("test.rules.yaml", "");
        let span = Span::new(file, 0, 0);
        let mut build = Build {
            schemas: Schemas::default(),
            span,
        };
        let request = build.request();
        let mut model = Model {
            setup: Vec::new(),
            clock: crate::model::Clock::fixed(0),
            arena: Default::default(),
            schemas: build.schemas,
            operations: Vec::new(),
            rules: Vec::new(),
            existing: Vec::new(),
            resources: Vec::new(),
            ranged: Default::default(),
            compares_keys: false,
            identifiers: Default::default(),
            values: Vec::new(),
            clock_setter: None,
            actors: Vec::new(),
            nulls_distinct: true,
            whole_with_point: true,
        };
        for id in ["createPayment", "createRefund"] {
            model.operations.push(operation(id, request, span));
        }
        Self {
            model,
            defs: DefTable::default(),
            signatures: Vec::new(),
            request,
            span,
        }
    }
}

fn operation(id: &str, request: SchemaId, span: Span) -> Operation {
    Operation {
        id: id.to_owned(),
        method: "POST".to_owned(),
        path: "/payments".to_owned(),
        request,
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
        security: Vec::new(),
        unique: Vec::new(),
        correlated: Vec::new(),
        base_url: None,
        awaits: None,
        clean_up: None,
        span,
    }
}

impl Fixture {
    /// With the resource `payment`, its refunds, and the rule `within`.
    pub fn with_payment() -> Self {
        let mut fixture = Self::default();
        let attributes = [
            ("amount", Type::Decimal, "body.amount"),
            ("refunded", Type::Decimal, "0"),
            ("closed", Type::Bool, "false"),
        ];
        let init = |(name, ty, text): (&str, Type, &str)| {
            let Elaborated { expr, spans } = fixture.elaborated(text);
            let name = name.to_owned();
            Attribute {
                name,
                ty,
                schema: None,
                init: expr,
                spans,
            }
        };
        let attributes: Vec<Attribute> = attributes.into_iter().map(init).collect();
        let signed = attributes.iter().map(|a| (a.name.clone(), a.ty.clone()));
        fixture.signatures.push(ResourceSignature {
            name: "payment".to_owned(),
            plural: None,
            attributes: signed.collect(),
            is_broken: false,
        });
        fixture.model.resources.push(Resource {
            name: "payment".to_owned(),
            plural: None,
            created_by: Some(OperationRef(0)),
            deleted_by: None,
            key: vec!["id".to_owned()],
            attributes,
            invariants: Vec::new(),
            view: None,
        });
        fixture.set(1, "payment.refunded + body.amount");
        fixture.set(2, "body.tier == 'vip' || payment.closed");
        fixture.rule("within", "payment.refunded + body.amount <= payment.amount");
        fixture
    }

    fn set(&mut self, attribute: usize, text: &str) {
        let Elaborated { expr, spans } = self.elaborated(text);
        let never = self.model.arena.boolean(false);
        self.model.operations[1].changes.push(StateChange {
            never,
            resource: ResourceRef(0),
            attribute,
            expr,
            spans,
        });
    }

    /// A definition for later rules.
    pub fn def(&mut self, name: &str, params: &[&str], text: &str) {
        let syntax = parse(text).unwrap();
        let body = DefBody::Expression(syntax, Text::synthetic(text, self.span));
        let params = params.iter().map(|param| (*param).to_owned()).collect();
        self.defs.0.insert(name.to_owned(), Def { params, body });
    }

    fn elaborated(&mut self, text: &str) -> Elaborated {
        let syntax = parse(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let bound: Vec<u32> = (0..).take(self.signatures.len()).collect();
        let scope = Scope {
            now: NowIs::Clock,
            actors: &[],
            state: StateRead::Before,
            schemas: &self.model.schemas,
            request: self.request,
            resources: &self.signatures,
            bound: &bound,
            defs: &self.defs,
        };
        let span = self.span;
        let mut diagnostics = Diagnostics::new();
        let locate = Rc::new(move |_| span);
        let arena = &mut self.model.arena;
        elaborate(arena, scope, &syntax, locate, &mut diagnostics).unwrap_or_else(|| {
            let messages: Vec<&str> = diagnostics.iter().map(|d| d.message.as_str()).collect();
            panic!("{text}: {messages:?}")
        })
    }

    /// An expression that is no part of the model.
    pub fn expression(&mut self, text: &str) -> ExprId {
        self.elaborated(text).expr
    }

    /// A rule.
    pub fn rule(&mut self, id: &str, text: &str) -> RuleRef {
        let rule = self.elaborated(text);
        self.add(id, rule)
    }

    /// A rule with `when`.
    pub fn guarded(&mut self, id: &str, guard: &str, text: &str) -> RuleRef {
        let (guard, body) = (self.elaborated(guard), self.elaborated(text));
        let expr = self
            .model
            .arena
            .call_bool(Op::Guard, &[guard.expr, body.expr]);
        let spans = SpanTree {
            children: vec![guard.spans, body.spans],
            ..SpanTree::leaf(self.span)
        };
        self.add(id, Elaborated { expr, spans })
    }

    /// A rule that the member `place` of an answer's body has the value of `text`.
    pub fn ensured(&mut self, id: &str, place: &str, text: &str) -> RuleRef {
        let value = self.elaborated(text);
        let holds = self.elaborated("true");
        let rule = self.add(id, holds);
        self.model.rules[rule.0 as usize].ensures.push(Ensure {
            path: vec![place.to_owned()],
            relation: Relation::Eq,
            expr: value.expr,
            spans: value.spans,
        });
        rule
    }

    fn add(&mut self, id: &str, Elaborated { expr, spans }: Elaborated) -> RuleRef {
        let count = u32::try_from(self.model.rules.len()).unwrap();
        self.model.rules.push(RuleInstance {
            id: id.to_owned(),
            rule: id.to_owned(),
            operation: OperationRef(1),
            about: None,
            expr,
            spans,
            when: None,
            message: String::new(),
            source: None,
            field_path: None,
            severity: None,
            tags: Vec::new(),
            expect: Answer::default(),
            undefined_rejects: false,
            needs: Vec::new(),
            across: None,
            ensures: Vec::new(),
            is_derived: false,
            span: self.span,
        });
        self.model.operations[1].rules.push(RuleRef(count));
        RuleRef(count)
    }

    /// All faults.
    pub fn faults(&mut self) -> FaultList {
        faults(&mut self.model)
    }

    /// The words of a rule's faults of one class.
    pub fn words_of(&mut self, rule: RuleRef, class: FaultClass) -> Vec<String> {
        let list = self.faults();
        let wanted = list
            .faults
            .into_iter()
            .filter(|fault| fault.class == class && fault.owner == Owner::Rule(rule));
        wanted.map(|fault| fault.words).collect()
    }
}

/// Builds the request schema.
struct Build {
    schemas: Schemas,
    span: Span,
}

impl Build {
    fn placed<T>(&self, value: T) -> Option<Placed<T>> {
        Some(Placed {
            value,
            span: self.span,
            pointer: String::new(),
        })
    }

    fn add(&mut self, ty: JsonType, change: impl FnOnce(&Self, &mut Schema)) -> SchemaId {
        let mut schema = Schema {
            types: TypeSet::UNTYPED.with(ty),
            ..Schema::anything("", self.span)
        };
        change(self, &mut schema);
        self.schemas.add(schema)
    }

    /// An object; members whose name ends in `?` are optional.
    fn object(&mut self, members: &[(&str, SchemaId)]) -> SchemaId {
        self.add(JsonType::Object, |this, schema| {
            for (name, id) in members {
                let plain = name.trim_end_matches('?');
                schema.properties.insert(plain.to_owned(), *id);
                if plain == *name {
                    schema
                        .required
                        .extend(this.placed(()).map(|place| (plain.to_owned(), place)));
                }
            }
        })
    }

    fn step(&mut self, step: &str) -> SchemaId {
        self.add(JsonType::Number, |this, schema| {
            schema.multiple_of = this.placed(parse_number(step).unwrap());
        })
    }

    fn text(&mut self, format: Option<Format>) -> SchemaId {
        self.add(JsonType::String, |this, schema| {
            schema.format = format.and_then(|format| this.placed(format));
        })
    }

    fn request(&mut self) -> SchemaId {
        let money = self.step("0.01");
        let fee = self.add(JsonType::Number, |this, schema| {
            schema.types = schema.types.with(JsonType::Null);
            schema.multiple_of = this.placed(parse_number("0.01").unwrap());
        });
        let rate = self.step("0.0001");
        let count = self.add(JsonType::Integer, |this, schema| {
            schema.minimum = this.placed(Bound {
                value: parse_number("1").unwrap(),
                exclusive: false,
            });
        });
        let tier = self.add(JsonType::String, |this, schema| {
            let members = ["free", "gold", "vip"].map(Value::string);
            schema.enumeration = this.placed(members.to_vec());
        });
        let flag = self.add(JsonType::Boolean, |_, _| {});
        let note = self.text(None);
        let mills = self.add(JsonType::String, |this, schema| {
            let pattern = Pattern::compile("^[0-9]{1,4}([.][0-9]{3})?$").unwrap();
            schema.patterns.extend(this.placed(pattern));
        });
        let day = self.text(Some(Format::Date));
        let moment = self.text(Some(Format::DateTime));
        let line = self.object(&[("price", money), ("quantity", count), ("discount?", money)]);
        let lines = self.add(JsonType::Array, |_, schema| schema.items = Some(line));
        let card = self.object(&[("network?", tier), ("expires_on", day)]);
        let choice = self.object(&[("a?", flag), ("b?", flag), ("c?", flag)]);
        let body = self.object(&[
            ("choice?", choice),
            ("amount", money),
            ("fee?", fee),
            ("rate", rate),
            ("count", count),
            ("tier", tier),
            ("flag", flag),
            ("note?", note),
            ("start_on?", day),
            ("end_on", day),
            ("starts_at", moment),
            ("ends_at", moment),
            ("lines", lines),
            ("card?", card),
            ("mills", mills),
        ]);
        self.object(&[("body", body)])
    }
}
