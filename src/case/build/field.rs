//! Cases about what schemas demand of single places.

use super::{Builder, NotSendable, TwinTrace, answer, fitting, refusal, twin};
use crate::case::format as out;
use crate::case::story::{FaultyStory, Story, StoryStep, Told};
use crate::model::{Model, OperationRef, RuleRef, Trace};
use crate::value::location::Location;

/// A keyword at a place, as cases are filed under it.
#[derive(Clone, Copy, Debug)]
pub struct FieldRule<'a> {
    /// `createPayment:body.amount:minimum`
    pub id: &'a str,
    /// The operation.
    pub operation: OperationRef,
    /// The place: `body.lines[*].amount`.
    pub location: &'a str,
    /// What the keyword says of it: `minimum 1`.
    pub says: &'a str,
    /// Where it stands in the document, as a JSON pointer.
    pub pointer: &'a str,
}

/// A verified case about such a keyword.
#[derive(Clone, Debug)]
pub struct FieldDraft<'a> {
    /// The case's id.
    pub id: String,
    /// What it is about.
    pub rule: FieldRule<'a>,
    /// The requests.
    pub trace: &'a Trace,
    /// A place of the last request's body, and the JSON text that stands there.
    pub written: Option<(&'a Location, &'a str)>,
    /// Whether the last request is refused, for this keyword alone.
    pub is_refused: bool,
    /// The faults that it detects.
    pub detects: Vec<out::Detected>,
    /// The id of the baseline that it is a change of.
    pub baseline: &'a str,
    /// The accepted requests that it is the smallest change of.
    pub base: TwinTrace<'a>,
    /// Rules counted as true though undefined.
    pub assumes: &'a [RuleRef],
}

impl Builder<'_> {
    /// Adds a case of the field layer.
    ///
    /// # Errors
    /// Where a request can't be sent.
    pub fn field(&mut self, draft: FieldDraft<'_>) -> Result<(), NotSendable> {
        let (trace, changes) = self.changes(draft.trace, draft.baseline);
        let mut steps = self.steps(&trace)?;
        if let (Some(last), Some((place, text))) = (steps.last_mut(), draft.written) {
            last.request
                .written
                .insert(place.to_string(), text.to_owned());
        }
        let rule = rule(self.model, draft.rule);
        let expected = expected(self.model, &rule, draft.rule.operation, draft.is_refused);
        let primary = draft.detects.first().map(|fault| fault.fault.clone());
        let mut case = out::Case {
            id: draft.id.clone(),
            digest: String::new(),
            value: None,
            filled: Vec::new(),
            rule: rule.id.clone(),
            operation: rule.operation.clone(),
            expected,
            breaks: Vec::from_iter(draft.is_refused.then(|| rule.id.clone())),
            primary,
            reason: reason(&draft),
            story: Some(story(self.model, &draft)),
            detects: draft.detects,
            baseline: draft.baseline.to_owned(),
            changes,
            steps,
            views: Vec::new(),
            twin: draft.is_refused.then(|| twin(draft.base, draft.trace)),
            assumes: self.rule_ids(draft.assumes),
            concurrent: None,
        };
        case.digest = case.content_digest();
        self.cases.push(case);
        self.rules.extend(draft.assumes);
        if !self.fields.contains(&rule) {
            self.fields.push(rule);
        }
        Ok(())
    }
}

fn rule(model: &Model, own: FieldRule<'_>) -> out::Rule {
    let operation = model.operation(own.operation);
    out::Rule {
        id: own.id.to_owned(),
        rule: own.id.to_owned(),
        operation: operation.id.clone(),
        message: format!("The schema says of {}: {}.", own.location, own.says),
        source: Some(format!("#{}", own.pointer)),
        field_path: Some(own.location.to_owned()),
        severity: None,
        tags: vec!["field".to_owned()],
        refused_with: refusal(&operation.invalid),
    }
}

fn expected(
    model: &Model,
    rule: &out::Rule,
    operation: OperationRef,
    is_refused: bool,
) -> out::Expected {
    let (verdict, fits) = match is_refused {
        true => {
            let fits = fitting(Some(rule.id.clone()), rule.refused_with.clone());
            (out::Verdict::Reject, fits)
        }
        false => {
            let accept = answer(&model.operation(operation).accept);
            (out::Verdict::Accept, fitting(None, accept))
        }
    };
    out::Expected {
        verdict,
        statuses: fits.statuses.clone(),
        answers: vec![fits],
        repeats: None,
        differs_from: Vec::new(),
    }
}

fn reason(draft: &FieldDraft<'_>) -> String {
    let FieldRule { location, says, .. } = draft.rule;
    let about = match draft.detects.first() {
        Some(fault) => format!("catches a server that {}", fault.words),
        None => "is the accepted neighbour of a refused request".to_owned(),
    };
    match draft.is_refused {
        true => format!(
            "The schema refuses {location} ({says}), and nothing else is wrong, so the request must \
             be refused; {about}."
        ),
        false => {
            format!("The schema and all rules allow it, so the request must be accepted; {about}.")
        }
    }
}

/// What is sent, and what it was.
fn story(model: &Model, draft: &FieldDraft<'_>) -> Story {
    let last = draft.trace.steps.len();
    let compared = crate::case::Compared::new(draft.base.trace, draft.trace);
    let steps = draft.trace.steps.iter().enumerate().map(|(index, step)| {
        let places = compared.differs.iter().filter(|(at, _)| *at == index);
        let before = crate::case::beside(draft.base.trace, draft.trace, index);
        let sends = places.map(|(_, place)| {
            let own = place.read(&step.request).map(ToString::to_string);
            let written = draft
                .written
                .filter(|(at, _)| *at == place && index + 1 == last);
            let told = Told {
                value: written.map(|(_, text)| text.to_owned()).or(own),
                was: before
                    .and_then(|own| place.read(&own.request))
                    .map(ToString::to_string),
            };
            (place.to_string(), told)
        });
        let is_last = index + 1 == last;
        StoryStep {
            step: index + 1,
            operation: model.operation(step.operation).id.clone(),
            baseline: None,
            actor: step
                .request
                .get(crate::model::ACTOR)
                .and_then(|own| own.as_str())
                .map(str::to_owned),
            about: Default::default(),
            existing: Vec::new(),
            sends: sends.collect(),
            verdict: match is_last && draft.is_refused {
                true => out::Verdict::Reject,
                false => out::Verdict::Accept,
            },
            breaks: Vec::new(),
            remembers: Vec::new(),
            shows: Default::default(),
        }
    });
    let faulty = draft.detects.first().map(|fault| FaultyStory {
        words: fault.words.clone(),
        verdict: Some(match draft.is_refused {
            true => out::Verdict::Accept,
            false => out::Verdict::Reject,
        }),
        ..FaultyStory::default()
    });
    Story {
        steps: steps.collect(),
        faulty,
        ..Story::default()
    }
}
