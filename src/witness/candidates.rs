//! Candidates: traces one or two changes away from a known one, to be tried
//! before a solver is asked.
//!
//! What a location is changed to comes from the expressions that matter: the
//! values that make the sides of a comparison equal and one step beside them
//! (equivalence and boundary values of domain testing), their constants, the
//! values of other locations; and from its schema: members of enumerations,
//! presence, null, fewer and more items.

use std::collections::BTreeSet;
use std::rc::Rc;

use itertools::Itertools;
use num_traits::{ToPrimitive, Zero};

use super::reads::{Paths, paths_read, places, schema_at};
use super::scalar::{Kind, Scalar, step};
use super::ties::{Comparison, Place, Ties, overlap, with, without};
use crate::document::{JsonType, Schema, complete};
use crate::eval::{Env, evaluate};
use crate::expr::{ExprId, Node, Op, TextOp, TimePart};
use crate::model::{Model, RuleRef, Trace};
use crate::text::{Pattern, Taste, TextSet};
use crate::value::location::{Location, Segment};
use crate::value::{Members, Number, Value};

/// Changes that others are built on, at most: of kind and presence, which
/// decide what else a rule reads.
const MAX_BASES: usize = 16;

/// Items that a list is given because a constant is that large, at most.
const MAX_ITEMS: usize = 12;

/// What makes a moment one with a fraction, in nanoseconds.
const PARTS_OF_A_SECOND: [i64; 2] = [250_000_000, 1_000_000];

/// Where candidates come from.
pub struct Candidates<'m> {
    model: &'m Model,
    ties: Ties<'m>,
    rules: Vec<RuleRef>,
    roots: Vec<ExprId>,
    constants: Vec<Value>,
    /// Whether what matters calls functions of texts.
    takes_texts_apart: bool,
    /// Whether what matters reads fractions of seconds.
    reads_fractions: bool,
}

/// One change of a trace.
struct Change {
    place: Place,
    trace: Trace,
    /// Whether more than the value of a number or a time changed.
    is_structural: bool,
}

impl<'m> Candidates<'m> {
    /// Candidates for what `rules`, read at a trace's last step, have to do
    /// with `roots`: expressions over that step.
    pub fn new(ties: &Ties<'m>, rules: Vec<RuleRef>, roots: Vec<ExprId>) -> Self {
        let model = ties.model();
        let constants = constants(model, &roots);
        Self {
            model,
            ties: ties.clone(),
            rules,
            constants,
            takes_texts_apart: takes_texts_apart(model, &roots),
            reads_fractions: reads_fractions(model, &roots),
            roots,
        }
    }

    /// `base` and the traces near it, nearest first. Whether they satisfy
    /// their schemas is not looked at.
    pub fn near(self: Rc<Self>, base: Trace) -> impl Iterator<Item = Trace> {
        let changes = self.changes(&base);
        let structural = changes.iter().filter(|change| change.is_structural);
        let bases: Vec<(Place, Trace)> = structural
            .take(MAX_BASES)
            .map(|change| (change.place.clone(), change.trace.clone()))
            .collect();
        let twice = bases.into_iter().flat_map(move |(place, trace)| {
            let changes = self.changes(&trace).into_iter();
            let others = changes.filter(move |change| !overlap(&change.place, &place));
            others.map(|change| change.trace)
        });
        let once = changes.into_iter().map(|change| change.trace);
        std::iter::once(base).chain(once).chain(twice)
    }

    /// All traces that differ from `base` by one change.
    fn changes(&self, base: &Trace) -> Vec<Change> {
        let read = paths_read(self.model, base, &self.roots);
        let places = all_places(self.model, base, &read);
        let mut changes = Vec::new();
        for place in places.iter().rev() {
            self.note_solutions(base, place, &mut changes);
        }
        for place in places.iter().rev() {
            self.note_kinds(base, place, &places, &mut changes);
        }
        changes
    }

    /// Changes that make the sides of a comparison equal, or differ by a step.
    fn note_solutions(&self, base: &Trace, place: &Place, changes: &mut Vec<Change>) {
        let Some(now) = self.scalar(base, place) else {
            return;
        };
        let unit = step(now.kind, self.schema(base, place));
        let mut points: Vec<Number> = Vec::new();
        for point in self.solutions(base, place) {
            points.extend([point.clone(), &point + &unit, point - &unit]);
        }
        if self.reads_fractions && now.kind == Kind::Moment {
            for part in PARTS_OF_A_SECOND {
                points.push(&now.at + Number::from_integer(part.into()));
            }
        }
        let constants = self.constants.iter().filter_map(Value::as_number);
        for constant in constants.filter(|_| now.kind == Kind::Number) {
            points.extend([constant.clone(), constant + &unit, constant - &unit]);
        }
        let mut known = BTreeSet::from([now.at.clone()]);
        for point in points {
            if known.insert(point.clone())
                && let Some(value) = now.with(point).value()
            {
                self.note(base, place, Some(value), changes);
            }
        }
    }

    /// The points at which the sides of a comparison of the rules are equal.
    fn solutions(&self, base: &Trace, place: &Place) -> Vec<Number> {
        let Some(last) = base.steps.len().checked_sub(1) else {
            return Vec::new();
        };
        let own: Vec<&Comparison> = self
            .rules
            .iter()
            .flat_map(|rule| self.ties.of(*rule))
            .collect();
        let residuals = self.ties.residuals(base, last, &own);
        let solved = own.iter().zip(residuals).filter_map(|(comparison, here)| {
            let wanted = Number::zero();
            let sides = (&here?, &wanted);
            let point = self.ties.solve(base, place, comparison, last, sides)?;
            Some(point.at)
        });
        solved.collect()
    }

    /// Changes of kind: presence, null, members of enumerations, texts that
    /// occur elsewhere, lengths of lists.
    fn note_kinds(&self, base: &Trace, place: &Place, places: &[Place], changes: &mut Vec<Change>) {
        let Some(schema) = self.schema(base, place) else {
            return;
        };
        let now = read(base, place);
        let mut values: Vec<Value> = Vec::new();
        match now {
            None => values.extend(self.made(base, place)),
            Some(now) => self.other_values(base, place, (now, schema), places, &mut values),
        }
        if let Some(members) = &schema.enumeration {
            values.extend(members.value.iter().cloned());
        } else if has_several_types(schema) {
            values.extend(self.of_any_type());
        }
        for value in values {
            if now != Some(&value) {
                self.note(base, place, Some(value), changes);
            }
        }
        if now.is_some() && self.is_optional(base, place) {
            self.note(base, place, None, changes);
        }
        if schema.types.names(JsonType::Null) && now != Some(&Value::Null) {
            self.note(base, place, Some(Value::Null), changes);
        }
    }

    fn other_values(
        &self,
        base: &Trace,
        place: &Place,
        (now, schema): (&Value, &Schema),
        places: &[Place],
        values: &mut Vec<Value>,
    ) {
        match now {
            Value::Bool(value) => values.push(Value::Bool(!value)),
            Value::List(items) => values.extend(self.lists(items)),
            Value::Null => values.extend(self.made(base, place)),
            Value::String(now) if schema.enumeration.is_none() => {
                values.extend(self.texts(base, now, schema));
            }
            _ => {}
        }
        let is_named = schema.enumeration.is_some();
        let elsewhere = places.iter().filter(|other| *other != place && !is_named);
        let elsewhere = elsewhere.filter_map(|other| read(base, other));
        for other in elsewhere.filter(|value| same_kind(value, now)) {
            values.push(other.clone());
            // One text within another: at its start, and at its end.
            if let (Value::String(now), Value::String(other)) = (now, other)
                && self.takes_texts_apart
            {
                let both = [format!("{other}{now}"), format!("{now}{other}")];
                values.extend(both.map(Value::string));
                let upper = other.to_ascii_uppercase();
                let both = [format!("{upper}{now}"), format!("{other} "), upper];
                values.extend(both.map(Value::string));
            }
        }
    }

    /// Values of each type: the constants of the rules, numbers a step beside
    /// them, and simple ones.
    fn of_any_type(&self) -> Vec<Value> {
        let mut values = self.constants.clone();
        let numbers = self.constants.iter().filter_map(Value::as_number);
        for number in numbers {
            let one = Number::from_integer(1.into());
            values.extend([number + &one, number - &one].map(Value::Number));
        }
        let half = Number::new(3.into(), 2.into());
        values.extend([false, true].map(Value::Bool));
        values.extend([Value::int(1), Value::Number(half), Value::string("a")]);
        values.extend([Value::List(Vec::new()), Value::Map(Members::new())]);
        values
    }

    /// Texts that constants occur in, and that match or don't match the
    /// patterns among them.
    fn texts(&self, base: &Trace, now: &str, schema: &Schema) -> Vec<Value> {
        let mut texts: Vec<String> = Vec::new();
        let computed = self.computed(base);
        texts.extend(beginning_so(now, schema, &computed));
        let constants = self.constants.iter().filter_map(Value::as_str);
        for constant in constants.chain(computed.iter().map(String::as_str)) {
            texts.push(constant.to_owned());
            if self.takes_texts_apart {
                texts.push(format!("{constant}{now}"));
                texts.push(format!("{now}{constant}"));
                texts.push(constant.to_ascii_uppercase());
                texts.push(constant.to_ascii_lowercase());
                texts.push(format!("{constant} "));
                for set in [schema.text_set(), TextSet::all()] {
                    let Ok(pattern) = Pattern::compile(constant) else {
                        continue;
                    };
                    for wanted in [true, false] {
                        let set = set.clone().with_pattern(pattern.clone(), wanted);
                        let taste = Taste {
                            example: Some(now.to_owned()),
                            ..Taste::default()
                        };
                        texts.extend(set.nth(0, &taste));
                    }
                }
            }
        }
        if self.takes_texts_apart {
            texts.extend([now.to_ascii_uppercase(), now.to_ascii_lowercase()]);
            texts.push(format!(" {now} "));
            let length = now.chars().count();
            texts.push(now.chars().skip(1).collect());
            texts.push(now.chars().take(length.saturating_sub(1)).collect());
        }
        texts.into_iter().map(Value::string).collect()
    }

    /// The texts that are put together of what the last request holds.
    fn computed(&self, base: &Trace) -> Vec<String> {
        let Some(last) = base.steps.last() else {
            return Vec::new();
        };
        let arena = &self.model.arena;
        let is_made = |id: &ExprId| matches!(arena.node(*id), Node::Call(Op::Text(op), _) if *op == TextOp::Concat);
        let made = arena.reachable(&self.roots).into_iter().filter(is_made);
        let env = Env::of_right(&last.request, &[], 0);
        let values = made.filter_map(|id| evaluate(arena, env, id).ok());
        let mut texts: Vec<String> = Vec::new();
        for value in values {
            if let Some(text) = value.as_str().map(str::to_owned)
                && !texts.contains(&text)
            {
                texts.push(text);
            }
        }
        texts
    }

    /// Lists with fewer and with more items.
    fn lists(&self, items: &[Value]) -> Vec<Value> {
        let mut lengths = vec![0, items.len().saturating_sub(1), items.len() + 1];
        let counts = self.constants.iter().filter_map(Value::as_number);
        let counts = counts.filter_map(ToPrimitive::to_usize);
        for count in counts.filter(|count| *count <= MAX_ITEMS) {
            lengths.extend([count, count + 1, count.saturating_sub(1)]);
        }
        lengths.sort_unstable();
        lengths.dedup();
        let Some(last) = items.last() else {
            return Vec::new();
        };
        let list = |length: usize| {
            let longer = std::iter::repeat_n(last, length.saturating_sub(items.len()));
            Value::List(items.iter().chain(longer).take(length).cloned().collect())
        };
        lengths.into_iter().map(list).collect()
    }

    /// A value for what is absent or null.
    fn made(&self, base: &Trace, place: &Place) -> Option<Value> {
        let operation = base.steps.get(place.0)?.operation;
        let schema = schema_at(self.model, operation, &place.1)?;
        complete(&self.model.schemas, schema, None).ok()
    }

    fn is_optional(&self, base: &Trace, place: &Place) -> bool {
        let Some(Segment::Key(key)) = place.1.0.last() else {
            return false;
        };
        let above = place.1.0.len() - 1;
        let above = Location(place.1.0.iter().take(above).cloned().collect());
        let parent = self.schema(base, &(place.0, above));
        parent.is_some_and(|parent| !parent.required.contains_key(&**key))
    }

    fn schema(&self, base: &Trace, place: &Place) -> Option<&Schema> {
        let operation = base.steps.get(place.0)?.operation;
        let id = schema_at(self.model, operation, &place.1)?;
        Some(self.model.schemas.get(id))
    }

    fn scalar(&self, base: &Trace, place: &Place) -> Option<Scalar> {
        Scalar::of(read(base, place)?, self.schema(base, place))
    }

    fn note(&self, base: &Trace, place: &Place, value: Option<Value>, changes: &mut Vec<Change>) {
        let scalar = |value: &Value| Scalar::of(value, self.schema(base, place)).is_some();
        let is_moved = value.as_ref().is_some_and(scalar) && read(base, place).is_some_and(scalar);
        let trace = match value {
            Some(value) => with(base, place, value),
            None => without(base, place),
        };
        changes.extend(trace.map(|trace| Change {
            place: place.clone(),
            trace,
            is_structural: !is_moved,
        }));
    }
}

/// The locations that are read, but for those that name resources.
fn all_places(model: &Model, base: &Trace, read_paths: &[Paths]) -> Vec<Place> {
    let mut found: Vec<Place> = Vec::new();
    for (index, (step, paths)) in base.steps.iter().zip(read_paths).enumerate() {
        let locations = paths.iter().flat_map(|path| places(&step.request, path));
        for location in locations {
            let place = (index, location);
            let names_resource = read(base, &place).is_some_and(|v| model.maker_of(v).is_some());
            if !names_resource && !found.contains(&place) {
                found.push(place);
            }
        }
    }
    found
}

fn read<'t>(trace: &'t Trace, place: &Place) -> Option<&'t Value> {
    place.1.read(&trace.steps.get(place.0)?.request)
}

/// Whether values may be of different types, null aside.
fn has_several_types(schema: &Schema) -> bool {
    let types = schema.types.iter();
    let types: Vec<JsonType> = types.filter(|one| *one != JsonType::Null).collect();
    match types.as_slice() {
        [] => true,
        [_] | [JsonType::Integer, JsonType::Number] => false,
        _ => true,
    }
}

/// Texts that begin with one of these, but not with another that begins so, too.
fn beginning_so(now: &str, schema: &Schema, texts: &[String]) -> Vec<String> {
    let pattern = |text: &str| Pattern::of_rule(&format!("^{}", regex_syntax::escape(text)));
    let taste = Taste {
        example: Some(now.to_owned()),
        ..Taste::default()
    };
    let mut found = Vec::new();
    for (short, long) in texts.iter().cartesian_product(texts) {
        if long.len() > short.len()
            && long.starts_with(short.as_str())
            && let (Ok(short), Ok(long)) = (pattern(short), pattern(long))
        {
            let set = schema.text_set().with_pattern(short, true);
            found.extend(set.with_pattern(long, false).nth(0, &taste));
        }
    }
    found
}

fn same_kind(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b) && *a != Value::Null
}

fn takes_texts_apart(model: &Model, roots: &[ExprId]) -> bool {
    calls(model, roots, |op| {
        matches!(op, Op::Text(_) | Op::Convert(_))
    })
}

fn reads_fractions(model: &Model, roots: &[ExprId]) -> bool {
    calls(model, roots, |op| {
        op == Op::TimePart(TimePart::Milliseconds)
    })
}

/// Whether any of the expressions holds an operator of a kind.
fn calls(model: &Model, roots: &[ExprId], is_one: impl Fn(Op) -> bool) -> bool {
    let parts = model.arena.reachable(roots).into_iter();
    let mut nodes = parts.map(|id| model.arena.node(id));
    nodes.any(|node| matches!(node, Node::Call(op, _) if is_one(*op)))
}

fn constants(model: &Model, roots: &[ExprId]) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for root in roots {
        for (_, id) in model.arena.positions(*root) {
            if let Node::Const(constant) = model.arena.node(id)
                && matches!(constant.0, Value::Number(_) | Value::String(_))
                && !found.contains(&constant.0)
            {
                found.push(constant.0.clone());
            }
        }
    }
    found
}
