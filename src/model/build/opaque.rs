//! Whether rules take values from the environment for what they are: texts and
//! numbers that nobody knows.
//!
//! A case is proven with the text that stands for a value. For its verdict to
//! hold with any other, rules may do no more than compare the value, and every
//! field that it can be in, with other fields by `==` and `!=`. Fields that are
//! compared with such a field can hold the value as well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::document::{Additional, SchemaId, Schemas};
use crate::expr::{ExprId, KEY, Node, Op, Position, Type, member_schema};
use crate::model::{Identifiers, Model, Patch, Place, ServerValue};
use crate::source::{Code, Diagnostic, Diagnostics, Span};
use crate::value::Value;
use crate::value::location::Segment;

/// A member of an object's schema, or an attribute of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Member(SchemaId, Arc<str>),
    Attribute(u32, Arc<str>),
}

/// What a rule does with a text or a number.
struct Use {
    place: Place,
    position: Position,
    field: Option<Field>,
    value: Option<usize>,
    /// Whether it is only compared with fields and values.
    is_opaque: bool,
}

/// Findings about rules that look into values; none where there are no values. And
/// the members that may be one that is a number.
pub(super) fn findings(model: &Model) -> (Diagnostics, Identifiers) {
    let mut findings = Diagnostics::new();
    if model.values.is_empty() {
        return (findings, Identifiers::new());
    }
    let survey = Survey::of(model);
    for own in &survey.uses {
        findings.extend(survey.finding(own));
    }
    for (span, value) in &survey.listed {
        let name = model.values.get(*value).map_or("", |value| &value.name);
        let message = format!("`{name}` is an item of a list of texts in this baseline");
        let finding = Diagnostic::error(Code::Unsupported, message)
            .at(*span, "holds a value that nobody knows in a list")
            .help("put it into a field of its own: items of lists of texts can't be told apart");
        findings.push(finding);
    }
    for (place, position, entry_of) in &survey.wholes {
        if entry_of.is_some_and(|schema| !survey.holds(schema)) {
            continue;
        }
        let message = "where values come from the environment, rules can't compare or look up \
                       whole objects yet: texts in them may be such values";
        let span = model.expression(*place).1.at(position).span;
        let finding = Diagnostic::error(Code::Unsupported, message).at(span, "a whole object");
        findings.push(finding.help("compare the members that matter one by one"));
    }
    (findings, survey.identifiers())
}

/// Which patches ask more of a value that is a number than whether it equals another
/// one: what they make of it depends on the number, which nobody knows.
pub fn look_into_numbers<'p>(model: &Model, patches: impl Iterator<Item = &'p Patch>) -> Vec<bool> {
    let survey = Survey::of(model);
    let looks = patches.map(|patch| {
        let mut places = patch.0.iter();
        places.any(|(place, root)| survey.looks_into_number(*place, *root))
    });
    looks.collect()
}

struct Survey<'m> {
    model: &'m Model,
    uses: Vec<Use>,
    /// Fields that are compared with each other.
    ties: Vec<(Field, Field)>,
    /// Comparisons of whole objects, and entries of an object with that schema
    /// at computed keys.
    wholes: Vec<(Place, Position, Option<SchemaId>)>,
    /// Fields that can hold a value, with the one that is known of.
    holders: BTreeMap<Field, usize>,
    /// All that is known to hold a value.
    held: Vec<(Field, usize)>,
    /// Baselines that hold a value as an item of a list.
    listed: Vec<(Span, usize)>,
}

impl<'m> Survey<'m> {
    fn of(model: &'m Model) -> Self {
        let mut survey = Self {
            model,
            uses: Vec::new(),
            ties: Vec::new(),
            wholes: Vec::new(),
            holders: BTreeMap::new(),
            held: Vec::new(),
            listed: Vec::new(),
        };
        for place in model.places() {
            survey.place(place);
        }
        survey.baselines();
        survey.existing();
        survey.members();
        survey.spread();
        survey
    }
}

impl Survey<'_> {
    fn hold(&mut self, field: Field, value: usize) {
        self.held.push((field.clone(), value));
        self.holders.insert(field, value);
    }

    /// The members that can hold a value that is a number, each with the name of the
    /// first of the values that it is compared with, by whatever way.
    fn identifiers(&self) -> Identifiers {
        let mut first: BTreeMap<&Field, usize> = BTreeMap::new();
        let mut of: Vec<usize> = (0..self.model.values.len()).collect();
        loop {
            let before = (first.clone(), of.clone());
            for (field, value) in &self.held {
                let own = of.get(*value).copied().unwrap_or(*value);
                let least = first.get(field).map_or(own, |known| own.min(*known));
                first.insert(field, least);
                if let Some(own) = of.get_mut(*value) {
                    *own = least;
                }
            }
            for (a, b) in &self.ties {
                let known = [a, b].map(|field| first.get(field).copied());
                if let Some(least) = known.into_iter().flatten().min() {
                    first.extend([(a, least), (b, least)]);
                }
            }
            if before == (first.clone(), of.clone()) {
                break;
            }
        }
        let name = |value: usize| {
            let value = self.model.values.get(value)?;
            value.is_number().then(|| value.name.clone())
        };
        let members = first.into_iter().filter_map(|(field, value)| match field {
            Field::Member(schema, member) => Some(((*schema, member.clone()), name(value)?)),
            Field::Attribute(..) => None,
        });
        members.collect()
    }

    fn looks_into_number(&self, place: Place, root: ExprId) -> bool {
        let is_number = |value: &usize| {
            let value = self.model.values.get(*value);
            value.is_some_and(ServerValue::is_number)
        };
        let mut parts = self.model.arena.positions(root).into_iter();
        parts.any(|(position, id)| {
            let held = self
                .field(id)
                .and_then(|field| self.holders.get(&field).copied());
            let held = held.or_else(|| self.value(id));
            held.is_some_and(|held| is_number(&held)) && !self.is_opaque(place, root, &position)
        })
    }

    fn place(&mut self, place: Place) {
        let arena = &self.model.arena;
        let (root, _) = self.model.expression(place);
        if let Some(target) = self.target(place) {
            if let Some(field) = self.field(root) {
                self.ties.push((target.clone(), field));
            }
            if let Some(value) = self.value(root) {
                self.hold(target, value);
            }
        }
        for (position, id) in arena.positions(root) {
            if self.is_whole(id) {
                self.wholes
                    .push((place, position.clone(), self.entry_of(id)));
            }
            let (field, value) = (self.field(id), self.value(id));
            if field.is_some() || value.is_some() {
                self.uses.push(Use {
                    is_opaque: self.is_opaque(place, root, &position),
                    place,
                    position,
                    field,
                    value,
                });
            }
            if let Node::Call(Op::Eq | Op::Ne | Op::In, operands) = arena.node(id) {
                self.compared(operands);
            }
        }
    }

    /// The attribute that an expression becomes the value of.
    fn target(&self, place: Place) -> Option<Field> {
        let (resource, index) = self.model.written_at(place)?;
        let attribute = self.model.resource(resource).attributes.get(index)?;
        Some(Field::Attribute(resource.0, attribute.name.as_str().into()))
    }

    /// The field that is read; only texts matter, and numbers where a value is one.
    fn field(&self, id: ExprId) -> Option<Field> {
        let Node::Get(base, key) = self.model.arena.node(id) else {
            return None;
        };
        let matters = match self.model.arena.ty(id) {
            Type::String(_) | Type::Any => true,
            Type::Int | Type::Decimal => self.model.values.iter().any(ServerValue::is_number),
            _ => false,
        };
        if !matters {
            return None;
        }
        match self.model.arena.ty(*base) {
            Type::Object(schema) => Some(Field::Member(*schema, key.clone())),
            Type::Resource(index) => Some(Field::Attribute(*index, key.clone())),
            _ => None,
        }
    }

    /// The value that a constant stands for.
    fn value(&self, id: ExprId) -> Option<usize> {
        index_of(&self.model.values, self.model.arena.as_const(id)?)
    }

    /// The operands of a comparison, those of a list one by one.
    fn operands(&self, operands: &[ExprId]) -> Vec<ExprId> {
        let each = operands
            .iter()
            .flat_map(|id| match self.model.arena.node(*id) {
                Node::List(items) => items.to_vec(),
                _ => vec![*id],
            });
        each.collect()
    }

    fn compared(&mut self, operands: &[ExprId]) {
        let parts = self.operands(operands);
        let fields: Vec<Field> = parts.iter().filter_map(|id| self.field(*id)).collect();
        let value = parts.iter().find_map(|id| self.value(*id));
        for field in &fields {
            if let Some(value) = value {
                self.hold(field.clone(), value);
            }
            if let Some(first) = fields.first() {
                self.ties.push((first.clone(), field.clone()));
            }
        }
    }

    /// Whether a member of objects with that schema can hold a value.
    fn holds(&self, schema: SchemaId) -> bool {
        let mut holders = self.holders.keys();
        holders.any(|field| matches!(field, Field::Member(own, _) if *own == schema))
    }

    /// The schema of the object whose entry is read at a computed key.
    fn entry_of(&self, id: ExprId) -> Option<SchemaId> {
        let Node::Call(Op::Index, operands) = self.model.arena.node(id) else {
            return None;
        };
        match self.model.arena.ty(*operands.first()?) {
            Type::Object(schema) => Some(*schema),
            _ => None,
        }
    }

    /// Whether texts of an object are compared or read without their fields
    /// being named.
    fn is_whole(&self, id: ExprId) -> bool {
        let arena = &self.model.arena;
        let Node::Call(op, operands) = arena.node(id) else {
            return false;
        };
        let holds_objects = |id: &ExprId| match arena.ty(*id) {
            Type::Object(_) => true,
            Type::List(item) => matches!(**item, Type::Object(_)),
            _ => false,
        };
        let null = |id: &ExprId| arena.as_const(*id) == Some(&Value::Null);
        match op {
            Op::Eq | Op::Ne => operands.iter().any(holds_objects) && !operands.iter().any(null),
            Op::In => operands
                .get(1)
                .is_some_and(|of| holds_objects(of) && matches!(arena.ty(*of), Type::List(_))),
            Op::Index => {
                let of = operands.first();
                matches!(arena.ty(id), Type::String(_) | Type::Any)
                    && of.is_some_and(|of| matches!(arena.ty(*of), Type::Object(_)))
            }
            _ => false,
        }
    }

    /// Whether what stands at `position` is only compared with fields, values
    /// and null.
    fn is_opaque(&self, place: Place, root: ExprId, position: &Position) -> bool {
        let arena = &self.model.arena;
        let Some((last, above)) = position.steps().split_last() else {
            return !matches!(place, Place::Rule(_));
        };
        // What an answer holds is compared with the answer.
        let is_where = matches!(arena.node(root), Node::Call(Op::Where, _));
        if matches!(place, Place::Ensure(..)) && is_where && above.is_empty() && *last == 1 {
            return true;
        }
        let at = |steps: &[u16]| arena.at(root, &steps.iter().copied().collect());
        let mut parent = at(above);
        let mut above = above;
        if matches!(parent.map(|id| arena.node(id)), Some(Node::List(_)))
            && let Some((_, further)) = above.split_last()
        {
            above = further;
            parent = at(above);
            if !matches!(parent.map(|id| arena.node(id)), Some(Node::Call(Op::In, _))) {
                return false;
            }
        }
        let Some(Node::Call(Op::Eq | Op::Ne | Op::In, operands)) = parent.map(|id| arena.node(id))
        else {
            return false;
        };
        let plain = |id: &ExprId| {
            self.field(*id).is_some()
                || self.value(*id).is_some()
                || arena.as_const(*id) == Some(&Value::Null)
        };
        self.operands(operands).iter().all(plain)
    }

    /// Fields of baselines that hold a value.
    fn baselines(&mut self) {
        let model = self.model;
        for operation in &model.operations {
            for baseline in &operation.baselines {
                self.request(operation.request, &baseline.request);
                if let Some(value) = in_a_list(&self.model.values, &baseline.request) {
                    self.listed.push((baseline.span, value));
                }
            }
        }
    }

    /// Attributes and keys of what is there before that hold a value, and fields
    /// that name such.
    fn existing(&mut self) {
        let model = self.model;
        for there in &model.existing {
            let index = there.resource.0;
            let key = Value::string(there.text.as_str());
            let key = (KEY, &key);
            let attributes = there.attributes.iter();
            for (name, value) in attributes.map(|(name, own)| (&**name, own)).chain([key]) {
                if let Some(value) = index_of(&model.values, value) {
                    self.hold(Field::Attribute(index, name.into()), value);
                }
            }
            let key = Value::string(there.text.as_str());
            let Some(value) = index_of(&model.values, &key) else {
                continue;
            };
            for operation in &model.operations {
                let binds = operation.binds.iter();
                for bind in binds.filter(|bind| bind.resource == there.resource) {
                    let above = bind.location.parent();
                    let above = super::schema_at(&model.schemas, operation.request, &above);
                    if let (Some(above), Some(Segment::Key(name))) = (above, bind.location.0.last())
                    {
                        self.hold(Field::Member(above, name.clone()), value);
                    }
                }
            }
        }
    }

    fn request(&mut self, schema: SchemaId, value: &Value) {
        let schemas = &self.model.schemas;
        match value {
            Value::Map(members) => {
                for (key, member) in members {
                    if let Some(value) = index_of(&self.model.values, member) {
                        let field = Field::Member(schema, key.as_ref().into());
                        self.hold(field, value);
                    }
                    if let Some(next) = member_schema(schemas, schema, key) {
                        self.request(next, member);
                    }
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Some(next) = schemas.item(schema, index) {
                        self.request(next, item);
                    }
                }
            }
            _ => {}
        }
    }

    /// Fields whose schema names a value among those that are allowed.
    fn members(&mut self) {
        let model = self.model;
        let schemas: &Schemas = &model.schemas;
        for operation in &model.operations {
            for id in schemas.reachable(operation.request) {
                let schema = schemas.get(id);
                let others = match &schema.additional {
                    Additional::Schema(others) => Some(("", *others)),
                    Additional::Any | Additional::Forbidden(_) => None,
                };
                let named = schema.properties.iter();
                let named = named.map(|(name, member)| (name.as_str(), *member));
                for (name, member) in named.chain(others) {
                    let allowed = schemas.get(member).enumeration.iter();
                    let mut allowed = allowed.flat_map(|list| &list.value);
                    if let Some(value) = allowed.find_map(|own| index_of(&model.values, own)) {
                        self.hold(Field::Member(id, name.into()), value);
                    }
                }
            }
        }
    }

    /// What is compared with a holder is one.
    fn spread(&mut self) {
        loop {
            let mut added = BTreeSet::new();
            for (a, b) in &self.ties {
                for (from, to) in [(a, b), (b, a)] {
                    if let Some(value) = self.holders.get(from)
                        && !self.holders.contains_key(to)
                    {
                        added.insert((to.clone(), *value));
                    }
                }
            }
            if added.is_empty() {
                return;
            }
            self.holders.extend(added);
        }
    }

    fn finding(&self, own: &Use) -> Option<Diagnostic> {
        let (_, spans) = self.model.expression(own.place);
        let spans = spans.at(&own.position);
        let known = |value: usize| self.model.values.get(value);
        let help = |value: &ServerValue| match value.variable {
            Some(_) => {
                "rules can only compare it with fields, by `==`, `!=` or `in [...]`; what they \
                 need to know of it belongs into a value without `env`"
            }
            None => "rules can only compare it with fields, by `==`, `!=` or `in [...]`",
        };
        if let Some(value) = own.value {
            let (name, differs) = (&known(value)?.name, known(value)?.differs_from());
            let kind = if known(value)?.is_number() {
                "number"
            } else {
                "text"
            };
            if spans.def.as_deref() != Some(name.as_str()) {
                let message =
                    format!("this {kind} stands for `{name}`, which differs from {differs}");
                return Some(
                    Diagnostic::error(Code::WrongValue, message)
                        .at(spans.span, "the example of a value")
                        .help(format!("write `{name}`, or give the value another example")),
                );
            }
            if own.is_opaque {
                return None;
            }
            let message = format!("`{name}` differs from {differs}: nobody knows its {kind}");
            return Some(
                Diagnostic::error(Code::TypeMismatch, message)
                    .at(self.around(own), "more than a comparison with fields")
                    .also(spans.span, "the value")
                    .help(help(known(value)?)),
            );
        }
        let value = known(*self.holders.get(own.field.as_ref()?)?)?;
        if own.is_opaque {
            return None;
        }
        let message = format!(
            "this field can hold `{}`, which differs from {}",
            value.name,
            value.differs_from()
        );
        Some(
            Diagnostic::error(Code::TypeMismatch, message)
                .at(spans.span, "used for more than a comparison with fields")
                .help(help(value)),
        )
    }
}

impl Survey<'_> {
    /// What was written around a use.
    fn around(&self, own: &Use) -> Span {
        let steps = own.position.steps().split_last();
        let above: Position = steps
            .map_or(&[][..], |(_, above)| above)
            .iter()
            .copied()
            .collect();
        self.model.expression(own.place).1.at(&above).span
    }
}

/// A value that is an item of a list of texts.
fn in_a_list(values: &[ServerValue], value: &Value) -> Option<usize> {
    match value {
        Value::Map(members) => members.values().find_map(|own| in_a_list(values, own)),
        Value::List(items) => items.iter().find_map(|item| match item {
            Value::List(_) | Value::Map(_) => in_a_list(values, item),
            item => index_of(values, item),
        }),
        _ => None,
    }
}

fn index_of(values: &[ServerValue], held: &Value) -> Option<usize> {
    values.iter().position(|value| value.stand_in == *held)
}
