//! From an API document and a rule file to a [`Model`].

mod across;
mod actors;
mod answers;
mod clock;
mod declared;
mod ensure;
mod existence;
mod existing;
mod follow;
mod fresh;
mod invariants;
mod lifecycle;
mod misread;
mod opaque;
mod operations;
mod ranges;
mod resources;
mod rules;
mod setter;
mod setup;
mod shorthands;
mod syntax;
mod table;
mod targets;
mod unique;
mod values;
mod views;
mod way;
mod within;

pub(super) use existence::asks;
pub use opaque::look_into_numbers;
pub use unique::schema_at;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use self::syntax::{in_yaml, syntax_error};
use super::{Model, OperationRef, RuleInstance};
use crate::document::{self, Document, Validator};
use crate::expr::{
    ActorSignature, Arena, Def, DefBody, DefTable, Elaborated, Enclosing, Locate, NowIs,
    ResourceSignature, Scope, StateRead, Syntax, elaborate_within, is_function, is_library, parse,
};
use crate::rulefile::{ClockKind, DefKind, Expression, Located, Nulls, RuleFile};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::value::Value;

/// A model, and what judges its request states independently.
#[derive(Debug)]
pub struct Built {
    /// The model.
    pub model: Model,
    /// For each operation of the model, the document's side of it.
    pub documented: Vec<Documented>,
    /// The title of the API document.
    pub title: String,
    /// What the author wrote for each rule instance, by its position.
    pub texts: Vec<RuleText>,
    /// The definitions that are data, by name.
    pub data: BTreeMap<String, Value>,
    /// What is worth knowing about the rules as they are written.
    pub remarks: Diagnostics,
}

/// What an author wrote: for opinions that don't rest on our own reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleText {
    /// The text of `when`.
    pub guard: Option<String>,
    /// The text of `rule`, with what `each` puts around it; `None` for a
    /// shorthand or under `at`.
    pub rule: Option<String>,
}

/// An operation as the document has it, with its independent validator.
#[derive(Debug)]
pub struct Documented {
    /// The operation.
    pub operation: document::Operation,
    /// Judges its request states.
    pub validator: Validator,
}

/// API documents of setup steps, by where the rule file names them.
pub type OtherDocuments = BTreeMap<Span, Document>;

/// Builds the model of a rule file whose setup steps call no other API.
pub fn build(
    document: &Document,
    file: &RuleFile,
    now: i128,
    diagnostics: &mut Diagnostics,
) -> Option<Built> {
    build_with(document, &OtherDocuments::new(), file, now, diagnostics)
}

/// Builds the model. `now` (nanoseconds since 1970) only decides which dates
/// of examples count as past. Everything that is wrong goes to `diagnostics`;
/// `None` after an error.
pub fn build_with(
    document: &Document,
    others: &OtherDocuments,
    file: &RuleFile,
    now: i128,
    diagnostics: &mut Diagnostics,
) -> Option<Built> {
    let defs = definitions(file, diagnostics);
    diagnostics.append(misread::findings(file));
    let named = named_operations(document, others, file, diagnostics);
    let mut builder = Builder {
        arena: Arena::default(),
        document,
        defs: &defs,
        file,
        diagnostics,
        signatures: Vec::new(),
        operations: Vec::new(),
        by_name: BTreeMap::new(),
        schemas: document::Schemas::default(),
        enclosing: Enclosing::default(),
        remarks: Diagnostics::new(),
        reached: BTreeMap::new(),
        tests_set_clock: false,
        reads_after: false,
        actors: Vec::new(),
        others: setup::others(&named),
    };
    let documented = builder.read_operations(&named, now);
    let setter = builder.read_clock_setter();
    builder.tests_set_clock = setter.is_some();
    let actors = builder.read_actors();
    let mut resources = builder.read_resources();
    builder.read_views(resources.as_deref_mut().unwrap_or(&mut []));
    let setup = builder.read_setup(others, &documented, now);
    builder.read_follow_ups(resources.as_deref().unwrap_or(&[]));
    let mut read = builder.read_rules(document, &documented);
    read.extend(builder.lifecycle_rules(resources.as_deref().unwrap_or(&[])));
    read.extend(builder.invariant_rules(resources.as_deref_mut().unwrap_or(&mut [])));
    let existing = builder.read_existing(resources.as_deref().unwrap_or(&[]));
    read.extend(builder.existence_rules(&read));
    read.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
    for (rule, _) in &mut read {
        rule.needs = builder.needed(rule);
    }
    let all = resources.as_deref().unwrap_or(&[]);
    builder.keep_apart(read.iter().map(|(rule, _)| rule), all);
    let (rules, texts): (Vec<RuleInstance>, _) = read.into_iter().unzip();
    builder.tell_of_reached(&rules);
    let failed = builder.diagnostics.has_errors();
    let Builder {
        arena,
        operations,
        mut schemas,
        remarks,
        ..
    } = builder;
    if failed {
        return None;
    }
    schemas.add_anything();
    if file.nulls == Nulls::Absent {
        document::drop_null_defaults(&mut schemas);
    }
    let mut model = Model {
        arena,
        schemas,
        operations,
        rules,
        resources: resources?,
        existing,
        ranged: BTreeSet::new(),
        compares_keys: false,
        values: values::server_values(file),
        identifiers: super::Identifiers::new(),
        actors,
        setup,
        clock: super::Clock::fixed(0),
        clock_setter: setter,
        nulls_distinct: file.nulls == Nulls::Distinct,
        whole_with_point: document.whole_with_point,
    };
    model.index_rules();
    model.note_ranges();
    let (mut looks_into, identifiers) = opaque::findings(&model);
    model.identifiers = identifiers;
    looks_into.append(unique::findings(&model));
    let (clock, asked) = clock::clock(&model, file.clock.as_ref());
    model.clock = clock;
    looks_into.append(asked);
    looks_into.append(views::findings(&model));
    past_dates(&model, file, diagnostics);
    if looks_into.has_errors() {
        diagnostics.append(looks_into);
        return None;
    }
    Some(Built {
        texts,
        data: data_of(file),
        model,
        documented,
        remarks,
        title: document.title.clone(),
    })
}

/// Takes back what was said of dates that move along with `now`, and all of it
/// where the server's clock isn't ours.
fn past_dates(model: &Model, file: &RuleFile, diagnostics: &mut Diagnostics) {
    let kind = file.clock.as_ref().map(|clock| &clock.kind);
    let is_other = matches!(
        kind,
        Some(ClockKind::Fixed(_) | ClockKind::Header(_) | ClockKind::Set(_))
    );
    let mut moving = Vec::new();
    for operation in &model.operations {
        for baseline in &operation.baselines {
            moving.extend(model.anchored_places(operation.request, &baseline.request));
        }
    }
    if moving.is_empty() && !is_other {
        return;
    }
    let is_wrong = |finding: &Diagnostic| {
        let mut places = moving.iter();
        (is_other && finding.code == Code::PastDate)
            || places.any(|place| document::has_passed(finding, place))
    };
    let all = std::mem::take(diagnostics).into_iter();
    diagnostics.extend(all.filter(|finding| !is_wrong(finding)));
}

fn data_of(file: &RuleFile) -> BTreeMap<String, Value> {
    let data = file.defs.iter().filter_map(|def| match &def.kind {
        DefKind::Data(tree) => Some((def.name.value.clone(), tree.to_value())),
        _ => None,
    });
    let values = file.values.iter();
    let values = values.map(|value| (value.name.value.clone(), values::node(value).to_value()));
    data.chain(values).collect()
}

/// What is built so far.
struct Builder<'a> {
    arena: Arena,
    document: &'a Document,
    defs: &'a DefTable,
    file: &'a RuleFile,
    diagnostics: &'a mut Diagnostics,
    /// Resources by name, with the types of their attributes.
    signatures: Vec<ResourceSignature>,
    operations: Vec<super::Operation>,
    /// Every name of an operation, its id among them.
    by_name: BTreeMap<String, OperationRef>,
    schemas: document::Schemas,
    /// What stands around the expressions that are being read.
    enclosing: Enclosing,
    remarks: Diagnostics,
    /// What is wrong with operations that only `at` leads to, by id.
    reached: BTreeMap<String, Diagnostics>,
    /// Whether requests say what the clock shows.
    tests_set_clock: bool,
    /// Whether expressions read the state behind a request: those of `ensure`.
    reads_after: bool,
    /// Who may send requests, by name.
    actors: Vec<ActorSignature>,
    /// The operations of other API documents, by id.
    others: BTreeMap<String, (&'a Document, document::Listed)>,
}

/// An operation that the model needs.
struct Named<'d> {
    listed: document::Listed,
    /// What the rule file calls it; nothing where only `at` leads to it.
    names: BTreeSet<String>,
    /// Its API document, where that is another one.
    other: Option<&'d Document>,
}

impl Builder<'_> {
    /// Parses an expression, reporting what is wrong with it.
    fn syntax(&mut self, expression: &Expression) -> Option<Syntax> {
        match parse(expression.source()) {
            Ok(syntax) => Some(syntax),
            Err(error) => {
                self.diagnostics.push(syntax_error(expression, &error));
                None
            }
        }
    }

    /// Parses and types an expression at an operation.
    fn expression(&mut self, operation: OperationRef, of: &Expression) -> Option<Elaborated> {
        let syntax = self.syntax(of)?;
        self.typed(operation, of, &syntax)
    }

    /// Types parsed syntax at an operation.
    fn typed(
        &mut self,
        operation: OperationRef,
        of: &Expression,
        syntax: &Syntax,
    ) -> Option<Elaborated> {
        let locate = Rc::new(|range| of.span_of(range));
        let before = self.diagnostics.len();
        let found = self.typed_at(operation, syntax, locate);
        let mut added = Vec::new();
        while self.diagnostics.len() > before {
            added.extend(self.diagnostics.pop());
        }
        let added = added.into_iter().rev().map(|finding| in_yaml(finding, of));
        self.diagnostics.extend(added);
        found
    }

    /// Types syntax at an operation; `locate` tells where each part stands.
    fn typed_at<'s>(
        &mut self,
        operation: OperationRef,
        syntax: &'s Syntax,
        locate: Locate<'s>,
    ) -> Option<Elaborated> {
        let found = self.operations.get(operation.0 as usize)?;
        let bound: Vec<u32> = found.binds.iter().map(|bind| bind.resource.0).collect();
        let scope = Scope {
            schemas: &self.schemas,
            request: found.request,
            resources: &self.signatures,
            bound: &bound,
            defs: self.defs,
            now: match self.file.clock.as_ref().map(|clock| &clock.kind) {
                Some(ClockKind::Header(name)) => NowIs::Header(&name.value),
                Some(ClockKind::Set(_)) if self.tests_set_clock => NowIs::Set,
                _ => NowIs::Clock,
            },
            actors: match found.security.is_empty() {
                true => &[],
                false => &self.actors,
            },
            state: match self.reads_after {
                true => StateRead::After {
                    made: found.creates.map(|made| made.0),
                },
                false => StateRead::Before,
            },
        };
        let enclosing = &self.enclosing;
        elaborate_within(
            &mut self.arena,
            scope,
            enclosing,
            syntax,
            locate,
            self.diagnostics,
        )
    }

    /// Reports what is wrong with the operations that `at` leads to, as far as
    /// rules are about them.
    fn tell_of_reached(&mut self, rules: &[RuleInstance]) {
        for rule in rules {
            let operation = self.operations.get(rule.operation.0 as usize);
            let found = operation.and_then(|operation| self.reached.remove(&operation.id));
            self.diagnostics.append(found.unwrap_or_default());
        }
    }

    fn operation_named(&self, name: &str) -> Option<OperationRef> {
        self.by_name.get(name).copied()
    }
}

fn taken(name: &Located<String>) -> Diagnostic {
    let message = format!("the name `{}` is taken", name.value);
    let label = match is_library(&name.value) {
        true => "CEL has a library of this name",
        false => "expressions have a function of this name",
    };
    Diagnostic::error(Code::BadId, message).at(name.span, label)
}

fn definitions(file: &RuleFile, diagnostics: &mut Diagnostics) -> DefTable {
    let mut table = BTreeMap::new();
    for value in &file.values {
        if is_library(&value.name.value) {
            diagnostics.extend([taken(&value.name)]);
            continue;
        }
        table.insert(value.name.value.clone(), values::definition(value));
    }
    for def in &file.defs {
        let params = match &def.kind {
            DefKind::Macro { parameters, .. } => parameters.as_slice(),
            DefKind::Data(_) | DefKind::Expression(_) => &[],
        };
        let mut names = std::iter::once(&def.name).chain(params);
        if let Some(library) = names.find(|name| is_library(&name.value)) {
            diagnostics.extend([taken(library)]);
            continue;
        }
        let (params, text) = match &def.kind {
            DefKind::Data(tree) => {
                let body = DefBody::Data(tree.clone());
                let params = Vec::new();
                table.insert(def.name.value.clone(), Def { params, body });
                continue;
            }
            DefKind::Expression(text) => (Vec::new(), text),
            DefKind::Macro { parameters, body } => {
                if is_function(&def.name.value) {
                    diagnostics.extend([taken(&def.name)]);
                    continue;
                }
                let names = parameters.iter().map(|name| name.value.clone());
                (names.collect(), body)
            }
        };
        match parse(text.source()) {
            Ok(syntax) => {
                let body = DefBody::Expression(syntax, text.text.clone());
                table.insert(def.name.value.clone(), Def { params, body });
            }
            Err(error) => {
                diagnostics.push(syntax_error(text, &error));
                let body = DefBody::Broken;
                table.insert(def.name.value.clone(), Def { params, body });
            }
        }
    }
    DefTable(table)
}

/// The operations that the model needs, by id: those of rules and resources,
/// and those that change what a server remembers.
fn named_operations<'d>(
    document: &Document,
    others: &'d OtherDocuments,
    file: &RuleFile,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<String, Named<'d>> {
    let rules = file.rules.iter().flat_map(|rule| {
        let earlier = rule.across.iter().flat_map(|across| &across.earlier);
        rule.operations.iter().chain(earlier)
    });
    let reached = reached(document, file);
    let makers = file.resources.iter();
    let makers = makers.flat_map(|resource| &resource.created_by);
    let entries = file.operations.iter().map(|entry| &entry.operation);
    let setter = match file.clock.as_ref().map(|clock| &clock.kind) {
        Some(ClockKind::Set(own)) => Some(&own.operation),
        _ => None,
    };
    let own = |listed: &document::Listed| Named {
        listed: listed.clone(),
        names: BTreeSet::new(),
        other: None,
    };
    let mut found: BTreeMap<String, Named<'d>> = BTreeMap::new();
    for listed in reached {
        found.insert(listed.id(), own(listed));
    }
    let deleters = file.resources.iter().flat_map(|own| &own.deleted_by);
    let views = file.resources.iter().flat_map(|own| &own.view);
    let views = views.map(|own| &own.operation);
    let awaited = file.operations.iter().flat_map(|own| &own.awaits);
    let awaited = awaited.map(|own| &own.operation);
    let steps = file.setup.iter().filter(|step| step.api.is_none());
    let steps = steps.map(|step| &step.operation);
    let around = deleters.chain(views).chain(awaited).chain(steps);
    let mut reported = BTreeSet::new();
    for name in rules
        .chain(makers)
        .chain(entries)
        .chain(setter)
        .chain(around)
    {
        match document.find_operation(&name.value) {
            Ok(listed) => {
                let entry = found.entry(listed.id());
                let named = entry.or_insert_with(|| own(listed));
                named.names.insert(name.value.clone());
            }
            Err(error) => {
                if reported.insert(name.span) {
                    diagnostics.push(error.at(name.span, "no such operation"));
                }
            }
        }
    }
    found.extend(setup::elsewhere(others, file, diagnostics));
    found
}

/// The operations whose bodies use a schema that `at` names without naming
/// operations.
fn reached<'d>(document: &'d Document, file: &RuleFile) -> Vec<&'d document::Listed> {
    let rules = file.rules.iter().filter(|rule| rule.operations.is_empty());
    let schemas: BTreeSet<String> = rules
        .filter_map(|rule| document.schema_named(&rule.at.as_ref()?.value).ok())
        .collect();
    let uses = |listed: &&document::Listed| {
        let mut schemas = schemas.iter();
        schemas.any(|schema| document.body_refers_to(listed, schema))
    };
    document.operations.iter().filter(uses).collect()
}
