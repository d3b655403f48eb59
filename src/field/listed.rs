//! Every demand and every mistake of a model, whatever its baselines are.

use std::collections::BTreeMap;

use super::places::{Place, Step, places};
use super::{Demand, Member, Spot, Wire, demand_id, demands};
use crate::document::{JsonType, Location, Segment, complete};
use crate::model::{Model, OperationRef};
use crate::source::Span;
use crate::value::Value;
use crate::value::location as concrete;

/// A keyword at a place of an operation's requests: what field faults belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDemand {
    /// `createPayment:body.amount:minimum`
    pub id: String,
    /// The operation.
    pub operation: OperationRef,
    /// The place, by its position among those of the operation.
    pub place: usize,
    /// The place in words: `body.lines[*].amount`.
    pub location: String,
    /// The keyword.
    pub keyword: &'static str,
    /// What it says.
    pub says: String,
    /// Where it stands.
    pub span: Span,
    /// Where it stands, as a JSON pointer.
    pub pointer: String,
}

/// A server that gets a demand wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldFault {
    /// `createPayment:body.amount:minimum/field/border`
    pub id: String,
    /// What it belongs to, by its position.
    pub demand: usize,
    /// Its name among those of the demand.
    pub variant: String,
    /// Completes "a server that ...".
    pub words: String,
}

/// The field faults of a model.
#[derive(Clone, Debug, Default)]
pub struct FieldFaults {
    /// By operation and place.
    pub demands: Vec<FieldDemand>,
    /// By demand.
    pub faults: Vec<FieldFault>,
}

impl FieldFaults {
    /// The faults of a demand, with their positions.
    pub fn of_demand(&self, demand: usize) -> impl Iterator<Item = (usize, &FieldFault)> {
        let first = self.faults.partition_point(|fault| fault.demand < demand);
        let rest = self.faults.iter().enumerate().skip(first);
        rest.take_while(move |(_, fault)| fault.demand == demand)
    }
}

/// The field faults of all operations that rules are about.
pub fn field_faults(model: &Model) -> FieldFaults {
    let mut found = FieldFaults::default();
    let operations = model.operation_refs();
    for (operation, _) in operations.filter(|(_, own)| !own.rules.is_empty()) {
        let places = places(model, operation);
        let lister = Lister::new(model, operation, &places);
        let mut seen: BTreeMap<(String, &str), usize> = BTreeMap::new();
        for (index, place) in places.iter().enumerate() {
            let location = place.location.to_string();
            for demand in lister.demands(place) {
                let key = (location.clone(), demand.keyword);
                let twin = seen.entry(key).or_default();
                let id = demand_id(model, operation, &location, demand.keyword, *twin);
                *twin += 1;
                found.add(id, operation, index, &location, demand);
            }
        }
    }
    found
}

impl FieldFaults {
    fn add(
        &mut self,
        id: String,
        operation: OperationRef,
        place: usize,
        location: &str,
        demand: Demand,
    ) {
        for mistake in &demand.mistakes {
            self.faults.push(FieldFault {
                id: format!("{id}/field/{}", mistake.variant),
                demand: self.demands.len(),
                variant: mistake.variant.clone(),
                words: mistake.words.clone(),
            });
        }
        self.demands.push(FieldDemand {
            id,
            operation,
            place,
            location: location.to_owned(),
            keyword: demand.keyword,
            says: demand.says,
            span: demand.span,
            pointer: demand.pointer,
        });
    }
}

/// Makes spots of the places of an operation.
pub struct Lister<'m> {
    model: &'m Model,
    operation: OperationRef,
    places: &'m [Place],
    twice: Option<Location>,
}

impl<'m> Lister<'m> {
    /// For the places of an operation.
    pub fn new(model: &'m Model, operation: OperationRef, places: &'m [Place]) -> Self {
        let mut lister = Self {
            model,
            operation,
            places,
            twice: None,
        };
        let first = places.iter().find(|place| lister.may_stand_twice(place));
        lister.twice = first.map(|place| place.location.clone());
        lister
    }

    /// The demands at a place, with some value there.
    fn demands(&self, place: &Place) -> Vec<Demand> {
        let made = complete(&self.model.schemas, place.schema, None);
        self.demands_at(place, &made.unwrap_or(Value::Null))
    }

    /// The demands at a place where that value stands; none of the request
    /// itself and its groups of parameters.
    pub fn demands_at(&self, place: &Place, value: &Value) -> Vec<Demand> {
        let is_body = |location: &Location| matches!(location.0.first(), Some(Segment::Key(key)) if key == "body");
        if place.location.0.is_empty() || place.location.0.len() == 1 && !is_body(&place.location) {
            return Vec::new();
        }
        let name = place.location.to_string();
        demands(&Spot {
            schemas: &self.model.schemas,
            id: place.schema,
            name: &name,
            value,
            wire: self.wire(place),
            member: self.member(place),
            tries_twice: self.twice.as_ref() == Some(&place.location),
            whole_with_point: self.model.whole_with_point,
        })
    }

    fn member<'p>(&self, place: &'p Place) -> Option<Member<'p>> {
        let Step::Member(name, required) = &place.step else {
            return None;
        };
        let in_path = matches!(place.location.0.first(), Some(Segment::Key(key)) if key == "path");
        let baselines = &self.model.operation(self.operation).baselines;
        let mut requests = baselines.iter().map(|own| &own.request);
        Some(Member {
            name,
            required: required.as_ref(),
            can_lack: !in_path,
            is_given: requests.any(|request| stands(&place.location.0, request)),
        })
    }

    fn wire(&self, place: &Place) -> Wire {
        let at = some_place(&place.location);
        match self.model.operation(self.operation).sent_as_text(&at) {
            None => Wire::Json,
            Some(_) => match place.location.0.first() {
                Some(Segment::Key(key)) if key == "query" || key == "body" => Wire::Text,
                _ => Wire::Line,
            },
        }
    }

    /// Whether the place is a plain member of a JSON body, which alone its type
    /// can refuse.
    fn may_stand_twice(&self, place: &Place) -> bool {
        let schema = self.model.schemas.get(place.schema);
        let types: Vec<JsonType> = schema.types.iter().collect();
        let plain = [
            JsonType::Integer,
            JsonType::Number,
            JsonType::Boolean,
            JsonType::String,
        ];
        let is_plain = matches!(types.as_slice(), [one] if plain.contains(one));
        let is_member =
            matches!(&place.step, Step::Member(_, Some(_))) && place.location.0.len() == 2;
        let in_body = matches!(place.location.0.first(), Some(Segment::Key(key)) if key == "body");
        let is_whole = place.parent.and_then(|index| self.places.get(index));
        let is_declared = is_whole.is_some_and(|parent| !matches!(parent.step, Step::Branch(_)));
        let operation = self.model.operation(self.operation);
        let at = some_place(&place.location);
        let fresh = operation.unique.iter().chain(&operation.correlated);
        let fresh = fresh.map(|own| &own.location);
        let keys = operation.binds.iter().map(|own| &own.location);
        // What is filled in when it is sent can't be written in another way.
        let is_filled_in = fresh.chain(keys).any(|own| *own == at)
            || operation.baselines.iter().any(|own| {
                let held = at.read(&own.request);
                let mut values = self.model.values.iter();
                held.is_some_and(|held| values.any(|value| value.stand_in == *held))
            });
        is_plain
            && is_member
            && in_body
            && is_declared
            && !is_filled_in
            && schema.types_place.is_some()
            && schema.enumeration.is_none()
            && !schema.is_hint
            && self.wire(place) == Wire::Json
    }
}

/// One place of those that a location stands for.
fn some_place(location: &Location) -> concrete::Location {
    let segments = location.0.iter().map(|segment| match segment {
        Segment::Key(key) => concrete::Segment::Key(key.as_str().into()),
        Segment::Index(index) => concrete::Segment::Index(*index),
        Segment::Each => concrete::Segment::Index(0),
    });
    concrete::Location(segments.collect())
}

/// Whether something stands at one of the places of a location.
fn stands(segments: &[Segment], value: &Value) -> bool {
    let Some((first, rest)) = segments.split_first() else {
        return true;
    };
    match (first, value) {
        (Segment::Key(key), Value::Map(members)) => members
            .get(key.as_str())
            .is_some_and(|own| stands(rest, own)),
        (Segment::Index(index), Value::List(items)) => {
            items.get(*index).is_some_and(|own| stands(rest, own))
        }
        (Segment::Each, Value::List(items)) => items.iter().any(|own| stands(rest, own)),
        _ => false,
    }
}
