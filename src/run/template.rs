//! Requests before they are filled in.

use std::collections::{BTreeMap, BTreeSet};

use itertools::Itertools;
use thiserror::Error;

use super::answer::Answer;
use super::clock::Moment;
use super::credentials::{Saved, Sender};
use super::environment::Environment;
use super::fresh::Fresh;
use crate::case::{
    CaseFile, Operation, Request, Splice, Step, is_written, request_parts, sent_texts, sent_values,
    splice_places, text_place,
};
use crate::value::location::{Location, Segment};
use crate::value::{Value, parse_number};

/// A request of a case file: its parts as one value, and what takes the place of
/// texts in it when it is sent.
#[derive(Clone, Debug)]
pub(super) struct Template<'f> {
    pub(super) operation: &'f Operation,
    pub(super) parts: Value,
    pub(super) sender: Sender<'f>,
    fillers: Vec<(Location, Filler<'f>)>,
}

/// What takes the place of a text.
#[derive(Clone, Debug)]
enum Filler<'f> {
    Answered { step: usize, path: &'f [String] },
    Environment(&'f str),
    Saved(&'f str),
    Sent(&'f str),
    Moment(Moment<'f>),
}

/// What a request is filled in with, beside the environment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known<'k> {
    /// The answers to the steps before it; of a request that follows another,
    /// the answer to that.
    pub(super) answers: &'k [Answer],
    /// The parts of the request that it follows.
    pub(super) sent: Option<&'k Value>,
    /// What setup steps saved.
    pub(super) saved: &'k Saved,
    /// The moment of the test, in nanoseconds since 1970.
    pub(super) now: i128,
}

/// Something that a request needs and can't have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum Unfillable {
    #[error("the answer to request {step} has no {path} to go on with")]
    Saved { step: usize, path: String },
    #[error("{0} is not set")]
    Environment(String),
    #[error("no setup step saved {0}")]
    Setup(String),
    #[error("the request that it follows has no {0}")]
    Sent(String),
    #[error("there is no moment to write at {0}")]
    Moment(Location),
    #[error("'{0}' is no number, and {1} holds one")]
    Number(String, Location),
}

impl<'f> Template<'f> {
    /// The template of a step; none where its operation isn't in the file.
    pub(super) fn of(file: &'f CaseFile, step: &'f Step) -> Option<Self> {
        Self::new(file, &step.operation, &step.request, &step.splices)
    }

    pub(super) fn new(
        file: &'f CaseFile,
        operation: &str,
        request: &'f Request,
        splices: &'f [Splice],
    ) -> Option<Self> {
        let operation = file.operations.iter().find(|own| own.id == operation)?;
        let parts = request_parts(request, &operation.encodings);
        let places = splice_places(&parts, splices).into_iter();
        let fillers = places.map(|(place, splice)| (place, filler(splice)));
        let fillers = fillers.collect();
        let actor = request.actor.as_ref();
        let actor = actor.and_then(|name| file.actors.iter().find(|own| own.name == *name));
        Some(Self {
            operation,
            parts,
            sender: actor.map_or(Sender::Anybody, Sender::of),
            fillers,
        })
    }

    /// The template of a request that follows another. Who sent that one sends
    /// it as well, unless it says who does.
    pub(super) fn following(
        file: &'f CaseFile,
        step: &'f Step,
        sender: Sender<'f>,
    ) -> Option<Self> {
        let mut template = Self::of(file, step)?;
        if template.sender == Sender::Anybody {
            template.sender = sender;
        }
        Some(template)
    }

    /// The request to send, outside of a test.
    pub(super) fn filled(
        &self,
        known: Known<'_>,
        environment: &Environment,
        fresh: &Fresh,
    ) -> Result<Value, Unfillable> {
        self.filled_with(known, environment, fresh, &mut Correlated::new())
    }

    /// The request to send. `correlated` are the texts of its test by which
    /// requests belong together.
    pub(super) fn filled_with(
        &self,
        known: Known<'_>,
        environment: &Environment,
        fresh: &Fresh,
        correlated: &mut Correlated,
    ) -> Result<Value, Unfillable> {
        let mut parts = self.parts.clone();
        for (place, filler) in &self.fillers {
            let value = filler.value(place, known, environment)?;
            fill(&mut parts, place, value)?;
        }
        for (place, template) in &self.operation.unique {
            let is_there = |place: &Location| {
                let value = place.read(&parts);
                value.is_some_and(|value| !is_written(value))
            };
            let place = Location::parse(place).filter(is_there);
            if let Some(place) = place {
                let _ = place.write(&mut parts, Value::string(fresh.text(template)));
            }
        }
        for (place, template) in &self.operation.correlated {
            let Some(place) = Location::parse(place) else {
                continue;
            };
            let value = place.read(&parts).filter(|value| !is_written(value));
            if let Some(text) = value.and_then(Value::as_str) {
                let key = (template.clone(), text.to_owned());
                let own = correlated
                    .entry(key)
                    .or_insert_with(|| fresh.text(template));
                let own = Value::string(own.as_str());
                let _ = place.write(&mut parts, own);
            }
        }
        Ok(parts)
    }

    /// All texts of the request that stay as they are.
    pub(super) fn texts(&self) -> BTreeSet<&str> {
        let fillers: BTreeSet<&Location> = self.fillers.iter().map(|(place, _)| place).collect();
        let texts = sent_texts(&self.parts).into_iter();
        let kept = texts.filter(|(place, _)| !fillers.contains(place));
        kept.map(|(_, text)| text).collect()
    }

    /// The numbers, as they are written, that stay as they are where a value of the
    /// environment or of setup may stand, each with the name of what it is compared
    /// with.
    pub(super) fn identifiers(&self) -> BTreeSet<(&'f str, String)> {
        let filled = |place: &Location| self.fillers.iter().any(|(own, _)| own == place);
        let held = sent_values(&self.parts).into_iter();
        let held = held.filter_map(|(place, value)| {
            let name = self.operation.identifiers.get(&place.every_item())?;
            let written = match value {
                Value::String(text) => text.to_string(),
                other => other.to_string(),
            };
            (!filled(&place)).then_some((name.as_str(), written))
        });
        held.collect()
    }

    /// The variables, and names of setup, that are filled in as numbers, each with the
    /// name of what it is compared with.
    pub(super) fn numbers(&self) -> BTreeSet<(&'f str, &'f str)> {
        let numbers = self.fillers.iter().filter_map(|(place, filler)| {
            let name = self.operation.identifiers.get(&place.every_item())?;
            match filler {
                Filler::Environment(own) | Filler::Saved(own) => Some((*own, name.as_str())),
                _ => None,
            }
        });
        numbers.collect()
    }

    /// The zones whose days count, and whether times are counted from the
    /// moment of the test at all.
    pub(super) fn zones(&self) -> (BTreeSet<&'f str>, bool) {
        let moments = self.fillers.iter().filter_map(|(_, filler)| match filler {
            Filler::Moment(moment) => Some(moment),
            _ => None,
        });
        let (all, days) = moments.tee();
        let days = days.filter(|own| own.anchor != crate::case::Anchor::Now);
        (days.map(|own| own.zone).collect(), all.count() > 0)
    }
}

/// The texts of one test by which requests belong together, by template and by
/// what stands in the file.
pub(super) type Correlated = BTreeMap<(String, String), String>;

impl Filler<'_> {
    fn value(
        &self,
        place: &Location,
        known: Known<'_>,
        environment: &Environment,
    ) -> Result<Value, Unfillable> {
        match self {
            Self::Answered { step, path } => {
                let answer = step.checked_sub(1);
                let answer = answer.and_then(|index| known.answers.get(index));
                let found = answer.and_then(|answer| answer.at(path));
                let found = found.filter(|own| matches!(own, Value::String(_) | Value::Number(_)));
                found.cloned().ok_or_else(|| Unfillable::Saved {
                    step: *step,
                    path: shown_path(path),
                })
            }
            Self::Environment(name) => {
                let value = environment.get(name);
                let lacks = || Unfillable::Environment((*name).to_owned());
                value.map(Value::string).ok_or_else(lacks)
            }
            Self::Saved(name) => {
                let lacks = || Unfillable::Setup((*name).to_owned());
                known.saved.get(*name).cloned().ok_or_else(lacks)
            }
            Self::Sent(from) => {
                let found = known.sent.and_then(|sent| {
                    let place = text_place(sent, Location::parse(from)?)?;
                    place.read(sent).cloned()
                });
                found.ok_or_else(|| Unfillable::Sent((*from).to_owned()))
            }
            Self::Moment(moment) => {
                let text = moment.text(known.now);
                let lacks = || Unfillable::Moment(place.clone());
                text.map(Value::string).ok_or_else(lacks)
            }
        }
    }
}

/// A value with what takes the place of texts in it, by the splices' places.
pub(super) fn filled_in(
    value: &Value,
    splices: &[Splice],
    known: Known<'_>,
    environment: &Environment,
) -> Result<Value, Unfillable> {
    let mut filled = value.clone();
    for splice in splices {
        let Some(place) = Location::parse(splice.location()) else {
            continue;
        };
        let value = filler(splice).value(&place, known, environment)?;
        fill(&mut filled, &place, value)?;
    }
    Ok(filled)
}

/// Writes a value; a text as the number that it names where a number stands.
fn fill(parts: &mut Value, place: &Location, value: Value) -> Result<(), Unfillable> {
    let is_number = matches!(place.read(parts), Some(Value::Number(_)));
    let value = match &value {
        Value::String(text) if is_number => {
            let wrong = || Unfillable::Number(text.to_string(), place.clone());
            Value::Number(parse_number(text).ok_or_else(wrong)?)
        }
        _ => value,
    };
    let _ = place.write(parts, value);
    Ok(())
}

/// Members below an answer's body as one place: `data.id`.
pub(super) fn shown_path(path: &[String]) -> String {
    let keys = path.iter().map(|key| Segment::Key(key.as_str().into()));
    Location(keys.collect()).to_string()
}

fn filler(splice: &Splice) -> Filler<'_> {
    match splice {
        Splice::Saved { step, path, .. } => Filler::Answered { step: *step, path },
        Splice::Environment { variable, .. } => Filler::Environment(variable),
        Splice::Setup { name, .. } => Filler::Saved(name),
        Splice::Sent { from, .. } => Filler::Sent(from),
        Splice::Moment {
            placeholder,
            anchor,
            zone,
            seconds,
            ..
        } => Filler::Moment(Moment {
            like: placeholder,
            anchor: *anchor,
            zone: zone.as_deref().unwrap_or("UTC"),
            seconds: *seconds,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{ParameterValue, parse_json};
    use crate::value::time::parse_time;

    const FILE: &str = include_str!("../../tests/fixtures/emit/shop.cases.json");

    #[test]
    fn places_are_filled_and_nothing_else() {
        let mut file = CaseFile::read(FILE).unwrap();
        file.operations[0].unique = [("body.note".to_owned(), "n-{n}".to_owned())].into();
        let mut step = file.baselines[0].steps[0].clone();
        let moment = "2030-01-01T15:00:00Z";
        step.request.query.insert(
            "at".to_owned(),
            ParameterValue::List(vec![moment.to_owned()]),
        );
        step.request.header.insert(
            "Sales-Channel".to_owned(),
            ParameterValue::Text(moment.to_owned()),
        );
        let body = format!(r#"{{"note": "", "by": "mer_1", "id": "key", "signed": "{moment}"}}"#);
        step.request.body = Some(body);
        step.splices = vec![
            Splice::Moment {
                location: "query.at[0]".to_owned(),
                placeholder: moment.to_owned(),
                anchor: crate::case::Anchor::Now,
                zone: None,
                seconds: 60,
            },
            Splice::Environment {
                location: "body.by".to_owned(),
                placeholder: "mer_1".to_owned(),
                variable: "MERCHANT_ID".to_owned(),
                number: false,
            },
            Splice::Saved {
                location: "body.id".to_owned(),
                placeholder: "key".to_owned(),
                step: 1,
                path: vec!["data".to_owned(), "id".to_owned()],
            },
        ];
        let template = Template::of(&file, &step).unwrap();
        let kept = template.texts();
        assert!(kept.contains(moment) && !kept.contains("mer_1") && !kept.contains("key"));
        let environment = Environment::of(&[("MERCHANT_ID", "mer_9")]);
        let now = parse_time("2031-02-03T04:05:06Z").unwrap();
        let filled = |text: &str, environment| {
            let answer = Answer::new(201, text.to_owned(), None, None);
            let known = Known {
                answers: &[answer],
                sent: None,
                saved: &Saved::new(),
                now,
            };
            template.filled(known, environment, &Fresh::new())
        };
        let sent = filled(r#"{"data": {"id": 7}}"#, &environment).unwrap();
        let body = format!(r#"{{"note": "n-1", "by": "mer_9", "id": 7, "signed": "{moment}"}}"#);
        assert_eq!(sent.get("body"), Some(&parse_json(&body).unwrap()));
        let at = sent.get("query").and_then(|query| query.get("at"));
        assert_eq!(at, Some(&Value::string("2031-02-03T04:06:06Z")));
        let channel = sent.get("header").and_then(|own| own.get("Sales-Channel"));
        assert_eq!(channel, Some(&Value::string(moment)));

        let lacking = filled(r#"{"data": {"id": null}}"#, &environment).unwrap_err();
        let said = "the answer to request 1 has no data.id to go on with";
        assert_eq!(lacking.to_string(), said);
        let lacking = filled(r#"{"data": {"id": 7}}"#, &Environment::default()).unwrap_err();
        assert_eq!(lacking.to_string(), "MERCHANT_ID is not set");
    }
}
