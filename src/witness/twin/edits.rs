//! The edits that a twin may be made by.

use num_traits::Zero;

use super::Hunt;
use crate::document::{Schema, complete};
use crate::expr::Node;
use crate::model::{Model, Trace};
use crate::value::location::{Location, Segment};
use crate::value::{Number, Value};
use crate::witness::reads::{places, schema_at};
use crate::witness::scalar::{Scalar, step};
use crate::witness::ties::{Place, with, without};

impl Hunt<'_> {
    /// All single edits of what the broken rules read, by place; at each place
    /// what is likeliest first.
    pub(super) fn edits(&self, trace: &Trace) -> Vec<(Place, Trace)> {
        let mut found: Vec<(Place, Trace)> = Vec::new();
        for place in self.places(trace) {
            let now = read(trace, &place);
            if now.is_some_and(|now| self.twins.model.maker_of(now).is_some())
                || self.is_bound(&place)
            {
                continue;
            }
            let mut edited: Vec<Trace> = Vec::new();
            for value in self.values(trace, &place, now) {
                edited.extend(with(trace, &place, value));
            }
            edited.extend(now.and_then(|_| without(trace, &place)));
            edited.retain(|next| next != trace);
            found.extend(edited.into_iter().map(|next| (place.clone(), next)));
        }
        found
    }

    /// The places that the broken rules read, and what those stand in, in
    /// order. The request's own parts (its body) are no places.
    fn places(&self, trace: &Trace) -> Vec<Place> {
        let mut found = Vec::new();
        for (index, (step, paths)) in trace.steps.iter().zip(&self.reads).enumerate() {
            for path in paths {
                for depth in 2..=path.len() {
                    let part = path.get(..depth).unwrap_or(path);
                    let own = places(&step.request, part);
                    let own = own.into_iter().filter(|at| has_parent(&step.request, at));
                    found.extend(own.map(|at| (index, at)));
                }
            }
        }
        found.sort();
        found.dedup();
        found
    }

    fn is_bound(&self, place: &Place) -> bool {
        let model = self.twins.model;
        let step = self.case.steps.get(place.0);
        step.is_some_and(|step| {
            let binds = &model.operation(step.operation).binds;
            binds.iter().any(|bind| bind.location.is_within(&place.1))
        })
    }

    /// Whether the broken rules read the place itself, not only a part of it.
    fn is_read(&self, trace: &Trace, place: &Place) -> bool {
        let paths = self.reads.get(place.0).into_iter().flatten();
        let request = trace.steps.get(place.0).map(|step| &step.request);
        request.is_some_and(|request| {
            let mut own = paths.flat_map(|path| places(request, path));
            own.any(|at| at == place.1)
        })
    }

    fn values(&self, trace: &Trace, place: &Place, now: Option<&Value>) -> Vec<Value> {
        let model = self.twins.model;
        let operation = trace.steps.get(place.0).map(|step| step.operation);
        let schema = operation.and_then(|operation| schema_at(model, operation, &place.1));
        let base = self.twins.baselines.get(place.0);
        let base = base.and_then(|base| place.1.read(base)).cloned();
        let mut found = Vec::new();
        if self.is_read(trace, place) || now.is_none() {
            found.extend(base);
        }
        match (now, schema) {
            (None, Some(schema)) => found.extend(complete(&model.schemas, schema, None)),
            (Some(Value::List(items)), _) if self.is_read(trace, place) => {
                found.extend(self.lists(items, schema));
            }
            (Some(now), _) => {
                let schema = schema.map(|id| model.schemas.get(id));
                found.extend(self.numbers(trace, place, now, schema));
                found.extend(self.others(trace, now, schema));
            }
            (None, None) => {}
        }
        found
    }

    /// One item more or less.
    fn lists(&self, items: &[Value], schema: Option<crate::document::SchemaId>) -> Vec<Value> {
        let model = self.twins.model;
        let mut found = Vec::new();
        for index in (0..items.len()).rev() {
            let mut fewer = items.to_vec();
            fewer.remove(index);
            found.push(Value::List(fewer));
        }
        let item = schema.and_then(|id| model.schemas.get(id).items);
        let item = item.and_then(|id| complete(&model.schemas, id, items.last()).ok());
        if let Some(item) = item {
            found.push(Value::List([items, &[item]].concat()));
        }
        found
    }

    /// What satisfies a comparison of the broken rules, constants in them, and
    /// the value itself, each with its neighbours.
    fn numbers(
        &self,
        trace: &Trace,
        place: &Place,
        now: &Value,
        schema: Option<&Schema>,
    ) -> Vec<Value> {
        let Some(now) = Scalar::of(now, schema) else {
            return Vec::new();
        };
        let unit = step(now.kind, schema);
        let mut points: Vec<Number> = Vec::new();
        let last = trace.steps.len().saturating_sub(1);
        for rule in &self.rules {
            for comparison in self.ties.of(*rule) {
                let here = self.ties.residuals(trace, last, &[comparison]);
                let solved = here.into_iter().next().flatten().and_then(|here| {
                    let sides = (&here, &Number::zero());
                    self.ties.solve(trace, place, comparison, last, sides)
                });
                points.extend(solved.map(|point| point.at));
            }
        }
        points.push(now.at.clone());
        for constant in self.constants() {
            points.extend(Scalar::of(&constant, schema).map(|constant| constant.at));
        }
        let near = points
            .iter()
            .flat_map(|at| [at.clone(), at - &unit, at + &unit]);
        near.filter_map(|at| now.with(at).value()).collect()
    }

    /// Other values of a place that holds no number: enum members, the other
    /// Boolean, and texts that the broken rules name or read elsewhere.
    fn others(&self, trace: &Trace, now: &Value, schema: Option<&Schema>) -> Vec<Value> {
        let model = self.twins.model;
        let mut found = Vec::new();
        let listed = schema.and_then(|schema| schema.enumeration.as_ref());
        found.extend(listed.into_iter().flat_map(|listed| listed.value.clone()));
        match now {
            Value::Bool(now) => found.push(Value::Bool(!now)),
            Value::String(_) => {
                let texts = self.constants().into_iter();
                found.extend(texts.filter(|text| matches!(text, Value::String(_))));
                for (step, at) in self.places(trace) {
                    let other = trace.steps.get(step).and_then(|s| at.read(&s.request));
                    let is_text = |value: &&Value| {
                        matches!(value, Value::String(_)) && model.maker_of(value).is_none()
                    };
                    found.extend(other.filter(is_text).cloned());
                }
            }
            _ => {}
        }
        found
    }

    /// The constants in the broken rules.
    fn constants(&self) -> Vec<Value> {
        let arena = &self.twins.model.arena;
        let mut found: Vec<Value> = Vec::new();
        for rule in &self.rules {
            for (_, id) in arena.positions(self.twins.model.rule(*rule).expr) {
                if let Node::Const(constant) = arena.node(id)
                    && !found.contains(&constant.0)
                {
                    found.push(constant.0.clone());
                }
            }
        }
        found
    }
}

/// The point at a place of a trace, if a number or time is there.
pub(super) fn scalar(model: &Model, trace: &Trace, place: &Place) -> Option<Scalar> {
    let step = trace.steps.get(place.0)?;
    let schema = schema_at(model, step.operation, &place.1);
    let schema = schema.map(|id| model.schemas.get(id));
    Scalar::of(place.1.read(&step.request)?, schema)
}

fn read<'t>(trace: &'t Trace, place: &Place) -> Option<&'t Value> {
    place.1.read(&trace.steps.get(place.0)?.request)
}

/// Whether what the location stands in is there, as an object that can hold
/// it.
fn has_parent(request: &Value, at: &Location) -> bool {
    at.0.split_last().is_some_and(|(last, above)| {
        let parent = Location(above.to_vec()).read(request).cloned();
        match last {
            Segment::Key(_) => matches!(parent, Some(Value::Map(_))),
            Segment::Index(_) => matches!(parent, Some(Value::List(_))),
        }
    })
}
