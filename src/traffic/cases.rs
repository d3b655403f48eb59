//! Our own case files: each case, and each baseline, as it would be sent to a
//! right server.

use std::io::Read;

use serde_json::{Map, Value as Json};

use super::exchange::{Answer, Body, Exchange, When};
use super::read::{Broken, Sink, whole};
use crate::case::{CaseFile, ExpectedAnswer, Splice, Step, Verdict};
use crate::run::written;

/// A status that says that a rule was broken, where nothing else is said.
const REFUSED: u16 = 422;

/// Reads a case file.
pub(super) fn read(reader: impl Read, sink: &mut Sink<'_>) -> Result<(), Broken> {
    let file = CaseFile::read(&whole(reader)?).map_err(|error| Broken::Syntax {
        entry: 1,
        problem: error.to_string(),
    })?;
    let baselines = file.baselines.iter().map(|own| Sequence {
        file: &file,
        id: &own.id,
        steps: own.steps.iter().collect(),
        last: None,
        repeated: None,
    });
    let cases = file.cases.iter().map(|case| {
        let (last, earlier) = case
            .steps
            .split_last()
            .map_or((None, &[][..]), |(a, b)| (Some(a), b));
        let steps = earlier.iter().chain(&case.views).chain(last);
        Sequence {
            file: &file,
            id: &case.id,
            steps: steps.collect(),
            last: (case.expected.verdict == Verdict::Reject)
                .then(|| refusal(&case.expected.answers)),
            repeated: case.expected.repeats.as_ref().map(|own| own.step),
        }
    });
    for (index, sequence) in baselines.chain(cases).enumerate() {
        for own in sequence.exchanges(index + 1) {
            if !sink(Ok(own)) {
                return Ok(());
            }
        }
    }
    Ok(())
}

struct Sequence<'f> {
    file: &'f CaseFile,
    id: &'f str,
    steps: Vec<&'f Step>,
    /// The status of the last answer; none: it is accepted.
    last: Option<u16>,
    /// The step whose answer the last one repeats.
    repeated: Option<usize>,
}

impl Sequence<'_> {
    fn exchanges(&self, entry: usize) -> Vec<Exchange> {
        let mut found = Vec::new();
        let mut number = 0;
        for (index, step) in self.steps.iter().enumerate() {
            number += 1;
            let is_last = index + 1 == self.steps.len();
            let status = match (is_last, step.refused.is_empty()) {
                (true, _) => self.last,
                (false, true) => None,
                (false, false) => Some(refusal(&step.refused)),
            };
            let of = self.repeated.filter(|_| is_last).unwrap_or(number);
            found.extend(self.clock(step));
            found.extend(sent(self.file, step).map(|own| Exchange {
                answer: Some(Answer {
                    status: status.unwrap_or_else(|| self.accepted(step)),
                    body: Some(Body::Json(self.answer(of))),
                }),
                actor: step.request.actor.clone(),
                ..own
            }));
        }
        for (index, own) in found.iter_mut().enumerate() {
            own.entry = entry;
            own.name = Some(self.id.to_owned());
            own.at = When::Planned;
            own.is_first = index == 0;
        }
        found
    }

    /// The request that sets the server's clock before a step.
    fn clock(&self, step: &Step) -> Option<Exchange> {
        let (setter, now) = (self.file.clock_setter.as_ref()?, step.request.now.as_ref()?);
        let mut request = setter.request.clone();
        let place = crate::value::location::Location::parse(&setter.location)?;
        let mut body = crate::case::parse_json(request.body.as_deref().unwrap_or("{}")).ok()?;
        let (_, below) = place.0.split_first()?;
        let below = crate::value::location::Location(below.to_vec());
        below
            .write(&mut body, crate::value::Value::string(now.as_str()))
            .then_some(())?;
        request.body = Some(body.to_string());
        let step = Step {
            operation: setter.operation.clone(),
            request,
            splices: Vec::new(),
            save: Vec::new(),
            shows: Vec::new(),
            refused: Vec::new(),
        };
        let status = self.accepted(&step);
        sent(self.file, &step).map(|own| Exchange {
            answer: Some(Answer { status, body: None }),
            ..own
        })
    }

    fn accepted(&self, step: &Step) -> u16 {
        let mut operations = self.file.operations.iter();
        let found = operations.find(|own| own.id == step.operation);
        found
            .and_then(|own| own.accept.statuses.first().copied())
            .unwrap_or(200)
    }

    /// The answer to a step, as far as later ones need it.
    fn answer(&self, of: usize) -> Json {
        let mut answer = Json::Object(Map::new());
        let splices = self.steps.iter().flat_map(|step| &step.splices);
        for splice in splices {
            if let Splice::Saved {
                placeholder,
                step,
                path,
                ..
            } = splice
                && *step == of
            {
                put(&mut answer, path, placeholder);
            }
        }
        answer
    }
}

/// What a step sends.
fn sent(file: &CaseFile, step: &Step) -> Option<Exchange> {
    let own = written(file, step)?;
    Some(Exchange {
        method: own.method,
        url: own.target,
        headers: own.headers,
        body: own.body.map(Body::Text),
        ..Exchange::default()
    })
}

fn refusal(answers: &[ExpectedAnswer]) -> u16 {
    let statuses = answers.iter().flat_map(|answer| &answer.statuses);
    statuses.copied().next().unwrap_or(REFUSED)
}

/// Puts a text below members of an object.
fn put(json: &mut Json, path: &[String], text: &str) {
    let Some((key, rest)) = path.split_first() else {
        *json = Json::String(text.to_owned());
        return;
    };
    if !json.is_object() {
        *json = Json::Object(Map::new());
    }
    if let Some(members) = json.as_object_mut() {
        put(members.entry(key.clone()).or_insert(Json::Null), rest, text);
    }
}
