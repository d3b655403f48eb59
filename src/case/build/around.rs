//! What is sent beside the requests of cases.

use std::collections::BTreeSet;

use super::request::alone;
use super::{NotSendable, answer};
use crate::case::format as out;
use crate::model::{self, FollowUp, KeyFrom, Model, OperationRef, resource_key};

/// The setup steps.
pub(super) fn setup(model: &Model) -> Result<Vec<out::SetupStep>, NotSendable> {
    let steps = model.setup.iter().map(|step| {
        let of = step.of.iter();
        let save = step.save.iter();
        Ok(out::SetupStep {
            name: step.name.clone(),
            request: alone(model, step.operation, &step.request, Vec::new())?,
            each_case: step.each_case,
            needed_by: of.map(|own| model.operation(*own).id.clone()).collect(),
            save: save
                .map(|(name, place)| (name.clone(), answer_place(place)))
                .collect(),
        })
    });
    steps.collect()
}

/// What is waited for after requests to an operation.
pub(super) fn awaited(
    model: &Model,
    operation: &model::Operation,
) -> Result<Option<out::Await>, NotSendable> {
    let Some(own) = &operation.awaits else {
        return Ok(None);
    };
    Ok(Some(out::Await {
        request: following(model, &own.request)?,
        until: answer(&own.until),
        timeout_ms: own.timeout_ms,
        every_ms: own.every_ms,
    }))
}

/// How what requests to an operation make is deleted.
pub(super) fn clean_up(
    model: &Model,
    operation: &model::Operation,
) -> Result<Option<out::CleanUp>, NotSendable> {
    let (Some(own), Some(made)) = (&operation.clean_up, operation.creates) else {
        return Ok(None);
    };
    Ok(Some(out::CleanUp {
        resource: model.resource(made).name.clone(),
        request: following(model, own)?,
    }))
}

/// Adds the operations that are called beside some.
pub(super) fn close(model: &Model, used: &mut BTreeSet<OperationRef>) {
    for step in &model.setup {
        used.insert(step.operation);
        used.extend(step.of);
    }
    loop {
        let follow = used.iter().flat_map(|own| {
            let operation = model.operation(*own);
            let awaited = operation.awaits.iter().map(|own| own.request.operation);
            let deleted = operation.clean_up.iter().map(|own| own.operation);
            awaited.chain(deleted).collect::<Vec<_>>()
        });
        let more: Vec<OperationRef> = follow.filter(|own| !used.contains(own)).collect();
        if more.is_empty() {
            return;
        }
        used.extend(more);
    }
}

fn following(model: &Model, own: &FollowUp) -> Result<out::Step, NotSendable> {
    let keys = own.keys.iter().enumerate().map(|(index, (place, from))| {
        let placeholder = resource_key(index).as_str().unwrap_or_default().to_owned();
        let location = place.to_string();
        match from {
            KeyFrom::Answer(path) => out::Splice::Saved {
                location,
                placeholder,
                step: 1,
                path: path.clone(),
            },
            KeyFrom::Request(from) => out::Splice::Sent {
                location,
                placeholder,
                from: from.to_string(),
            },
        }
    });
    alone(model, own.operation, &own.request, keys.collect())
}

fn answer_place(place: &model::AnswerPlace) -> out::AnswerPlace {
    match place {
        model::AnswerPlace::Body(path) => out::AnswerPlace::Body { path: path.clone() },
        model::AnswerPlace::Header(name) => out::AnswerPlace::Header { name: name.clone() },
        model::AnswerPlace::Cookie(name) => out::AnswerPlace::Cookie { name: name.clone() },
    }
}
