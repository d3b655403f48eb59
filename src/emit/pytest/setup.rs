//! What is sent beside the requests of tests: setup steps, what is waited for,
//! and what is deleted.

use super::python::{call, string};
use super::request::{place, whole};
use super::test_file::{answer, encodings};
use crate::case::{AnswerPlace, Await, CaseFile, CleanUp, Operation, SetupStep, Step};

/// All of it, once the operations are declared.
pub(super) fn setup(file: &CaseFile) -> String {
    let mut text = String::new();
    for operation in &file.operations {
        let (awaited, deleted) = (operation.r#await.as_ref(), operation.clean_up.as_ref());
        text.extend(awaited.map(|own| waits(file, operation, own)));
        text.extend(deleted.map(|own| deletes(file, operation, own)));
    }
    text.extend(file.setup.iter().map(|step| set_up(file, step)));
    text
}

fn request(file: &CaseFile, step: &Step) -> String {
    whole(step, encodings(file, &step.operation), 4)
}

/// `suite.waits("createPayment", suite.request("getPayment", ...), until=...)`
fn waits(file: &CaseFile, operation: &Operation, own: &Await) -> String {
    let until = answer(&own.until.statuses, &own.until.checks, 4);
    let arguments = [
        string(&operation.id),
        request(file, &own.request),
        format!("until={until}"),
        format!("timeout={}", seconds(own.timeout_ms)),
        format!("every={}", seconds(own.every_ms)),
    ];
    format!("{}\n", call("suite.waits", &arguments, 0))
}

/// `suite.deletes("createPayment", "payment", suite.request("deletePayment", ...))`
fn deletes(file: &CaseFile, operation: &Operation, own: &CleanUp) -> String {
    let arguments = [
        string(&operation.id),
        string(&own.resource),
        request(file, &own.request),
    ];
    format!("{}\n", call("suite.deletes", &arguments, 0))
}

/// `suite.set_up("login", suite.request("logIn", ...), save={"token": "body.token"})`
fn set_up(file: &CaseFile, step: &SetupStep) -> String {
    let mut arguments = vec![string(&step.name), request(file, &step.request)];
    if !step.save.is_empty() {
        let save = step.save.iter();
        let save = save.map(|(name, from)| format!("{}: {}", string(name), answer_place(from)));
        let save: Vec<String> = save.collect();
        arguments.push(format!("save={{{}}}", save.join(", ")));
    }
    if step.each_case {
        arguments.push("each_case=True".to_owned());
    }
    if !step.needed_by.is_empty() {
        let names: Vec<String> = step.needed_by.iter().map(|name| string(name)).collect();
        arguments.push(format!("needed_by=[{}]", names.join(", ")));
    }
    format!("{}\n", call("suite.set_up", &arguments, 0))
}

/// `"body.data.id"`, `"header.Location"`
fn answer_place(from: &AnswerPlace) -> String {
    let (group, path) = match from {
        AnswerPlace::Body { path } => ("body", path.as_slice()),
        AnswerPlace::Header { name } => ("header", std::slice::from_ref(name)),
        AnswerPlace::Cookie { name } => ("cookie", std::slice::from_ref(name)),
    };
    let whole = [&[group.to_owned()], path].concat();
    string(&place(&whole))
}

/// Milliseconds as a number of seconds.
fn seconds(milliseconds: u64) -> String {
    let (whole, part) = (milliseconds / 1_000, milliseconds % 1_000);
    match part {
        0 => whole.to_string(),
        _ => format!("{whole}.{part:03}")
            .trim_end_matches('0')
            .to_owned(),
    }
}
