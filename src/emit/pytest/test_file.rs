//! One test file: operations, baselines, and a test a case.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::docstring::docstring;
use super::python::{self, call, literal, string};
use super::request::{changed, from_setup, place, whole};
use super::{setup, shown};
use crate::case::{
    Actor, Anchor, Baseline, Case, CaseFile, Check, CheckOperator, ClockSetter, Encoding,
    ExpectedAnswer, Named, Operation, Rule, Security, Splice, Step, StepChanges, StepRef, TwinKind,
    Verdict, parse_json,
};
use crate::emit::EmitError;
use crate::value::Value;

/// The text of the test file.
pub(super) fn print(file: &CaseFile) -> Result<String, EmitError> {
    let printer = Printer {
        file,
        names: test_names(&file.cases),
    };
    let mut body = String::new();
    for actor in &file.actors {
        body += &format!("{}\n", self::actor(actor));
    }
    for operation in &file.operations {
        body += &format!("{}\n", self::operation(operation));
    }
    body += &setup::setup(file);
    if let Some(setter) = &file.clock_setter {
        body += &clock(setter, printer.encodings(&setter.operation));
    }
    body += &banner("baselines: accepted as they stand");
    for baseline in &file.baselines {
        body += &format!("\n{}\n", printer.baseline(baseline));
    }
    let mut rule = "";
    for case in &file.cases {
        if case.rule != rule {
            body += &format!("\n{}", banner(&case.rule));
            rule = &case.rule;
        }
        body += &format!("\n\n{}", printer.test(case)?);
    }
    Ok(head(file, &body) + &body)
}

struct Printer<'f> {
    file: &'f CaseFile,
    /// The names of tests by case id.
    names: BTreeMap<&'f str, String>,
}

/// Names of tests by case id: ids that give one name are told apart.
fn test_names(cases: &[Case]) -> BTreeMap<&str, String> {
    let mut names = BTreeMap::new();
    let mut taken = std::collections::BTreeSet::new();
    let mut ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    ids.sort_unstable();
    for id in ids {
        let mut name = format!("test_{}", python::identifier(id));
        while !taken.insert(name.clone()) {
            name.push('_');
        }
        names.insert(id, name);
    }
    names
}

fn head(file: &CaseFile, body: &str) -> String {
    let mut head = format!(
        "# Written by Crossfield {} from {}: edits are lost when it runs again.\n",
        python::comment(&file.crossfield),
        python::comment(&file.rule_file)
    );
    let about = format!("Business rules of {}.", file.api.trim_end_matches('.'));
    let about = python::escaped(&about).replace('"', "\\\"");
    let _ = write!(head, "\"\"\"{about}\n\n{ABOUT}\"\"\"\n\n");
    if body.contains("Decimal(\"") {
        head += "from decimal import Decimal\n\n";
    }
    let uses =
        |name: &&str| body.contains(&format!("{name}(")) || body.contains(&format!(": {name},"));
    let mut names: Vec<_> = [
        "ABSENT",
        "PRESENT",
        "answer",
        "at_least",
        "at_most",
        "every",
        "from_environment",
        "from_monday",
        "from_now",
        "from_request",
        "from_setup",
        "from_today",
        "less_than",
        "moment",
        "more_than",
        "number",
        "other_than",
        "saved",
        "written",
    ]
    .into_iter()
    .filter(uses)
    .collect();
    let constants = names
        .iter()
        .filter(|name| name.starts_with(char::is_uppercase));
    names.insert(constants.count(), "Suite");
    let _ = write!(
        head,
        "from crossfield_runtime import {}\n\nsuite = {}\n\n",
        names.join(", "),
        suite(file)
    );
    head
}

/// `Suite("shop.rules.yaml")`, with the variables of the environment that the
/// requests need.
fn suite(file: &CaseFile) -> String {
    let variables: BTreeSet<&str> = file
        .requests()
        .flat_map(|step| &step.splices)
        .filter_map(|splice| match splice {
            Splice::Environment { variable, .. } => Some(variable.as_str()),
            _ => None,
        })
        .collect();
    let mut arguments = vec![string(&file.rule_file)];
    if !variables.is_empty() {
        let variables: Vec<String> = variables.into_iter().map(string).collect();
        arguments.push(format!("environment=[{}]", variables.join(", ")));
    }
    if let Some(tolerance) = file.clock_tolerance.filter(|_| counts_from_days(file)) {
        arguments.push(format!("tolerance={tolerance}"));
    }
    call("Suite", &arguments, 0)
}

/// How an operation's parameters and fields are written.
pub(super) fn encodings<'f>(file: &'f CaseFile, operation: &str) -> &'f [Encoding] {
    let mut operations = file.operations.iter();
    let operation = operations.find(|own| own.id == operation);
    operation.map_or(&[], |operation| &operation.encodings)
}

/// `suite.set_clock_by(...)`: a request, and where it holds the moment.
fn clock(setter: &ClockSetter, encodings: &[Encoding]) -> String {
    let step = Step {
        operation: setter.operation.clone(),
        request: setter.request.clone(),
        splices: Vec::new(),
        save: Vec::new(),
        shows: Vec::new(),
        refused: Vec::new(),
    };
    let request = whole(&step, encodings, 4);
    let arguments = [string(&setter.location), request];
    format!("{}\n", call("suite.set_clock_by", &arguments, 0))
}

fn counts_from_days(file: &CaseFile) -> bool {
    let baselines = file.baselines.iter().flat_map(|baseline| &baseline.steps);
    let cases = file.cases.iter();
    let steps = baselines.chain(cases.flat_map(|case| case.steps.iter().chain(&case.views)));
    let mut splices = steps.flat_map(|step| &step.splices);
    splices.any(|splice| {
        matches!(
            splice,
            Splice::Moment {
                anchor: Anchor::Today | Anchor::Monday,
                ..
            }
        )
    })
}

const ABOUT: &str = "\
Run them against a server with
    API_BASE_URL=https://... API_TOKEN=... python -m pytest
Each test sends a baseline, a request that is accepted, with a few changes.
";

fn banner(title: &str) -> String {
    let title = python::comment(title);
    let line = "-".repeat(80_usize.saturating_sub(title.chars().count() + 8).max(4));
    format!("\n# ---- {title} {line}\n")
}

/// `suite.actor("staff", credential="STAFF_TOKEN")`
fn actor(actor: &Actor) -> String {
    let saved = actor.saved_credential.as_deref().map(from_setup);
    let credential = saved.or_else(|| actor.credential.as_deref().map(string));
    let credential = credential.map(|own| format!("credential={own}"));
    let arguments: Vec<String> = [string(&actor.name)]
        .into_iter()
        .chain(credential)
        .collect();
    call("suite.actor", &arguments, 0)
}

fn operation(operation: &Operation) -> String {
    let mut arguments = vec![
        string(&operation.id),
        string(&operation.method),
        string(&operation.path),
    ];
    if let Some(media_type) = &operation.media_type {
        arguments.push(format!("media_type={}", string(media_type)));
    }
    if !operation.encodings.is_empty() {
        let encodings = operation.encodings.iter().map(encoding);
        let encodings = Value::Map(encodings.collect());
        arguments.push(format!("encodings={}", literal(&encodings, 14, 4)));
    }
    if !operation.security.is_empty() {
        let kinds: Vec<_> = operation.security.iter().map(security).collect();
        arguments.push(format!("security=[{}]", kinds.join(", ")));
    }
    if !operation.unique.is_empty() {
        let unique = operation.unique.iter();
        let unique = unique.map(|(place, text)| format!("{}: {}", string(place), string(text)));
        let unique: Vec<String> = unique.collect();
        arguments.push(format!("unique={{{}}}", unique.join(", ")));
    }
    if !operation.correlated.is_empty() {
        let own = operation.correlated.iter();
        let own = own.map(|(place, text)| format!("{}: {}", string(place), string(text)));
        let own: Vec<String> = own.collect();
        arguments.push(format!("correlated={{{}}}", own.join(", ")));
    }
    if !operation.identifiers.is_empty() {
        let own = operation.identifiers.iter();
        let own = own.map(|(place, name)| format!("{}: {}", string(place), string(name)));
        let own: Vec<String> = own.collect();
        arguments.push(format!("identifiers={{{}}}", own.join(", ")));
    }
    let accept = &operation.accept;
    if !accept.statuses.is_empty() || !accept.checks.is_empty() {
        arguments.push(format!(
            "accepted={}",
            answer(&accept.statuses, &accept.checks, 4)
        ));
    }
    if let Some(variable) = &operation.base_url {
        arguments.push(format!("base_url={}", string(variable)));
    }
    call("suite.operation", &arguments, 0)
}

/// A place and how it is written: `"query.tags": "form"`, `"path.id": "label
/// explode"`, `"body.logo": "file image/png"`.
fn encoding(encoding: &Encoding) -> (std::sync::Arc<str>, Value) {
    let place = place(&[encoding.group.name().to_owned(), encoding.name.clone()]);
    let mut words = vec![encoding.style.name()];
    if encoding.explode {
        words.push("explode");
    }
    words.extend(encoding.media_type.as_deref());
    (place.into(), Value::string(words.join(" ")))
}

fn security(security: &Security) -> String {
    match security {
        Security::Bearer => string("bearer"),
        Security::Basic => string("basic"),
        Security::ApiKeyHeader { name } => string(&format!("header {name}")),
        Security::ApiKeyQuery { name } => string(&format!("query {name}")),
        Security::ApiKeyCookie { name } => string(&format!("cookie {name}")),
    }
}

/// `answer(422, body=[...])`.
pub(super) fn answer(statuses: &[u16], checks: &[Check], indent: usize) -> String {
    let mut arguments: Vec<_> = statuses.iter().map(ToString::to_string).collect();
    if !checks.is_empty() {
        let checks: Vec<_> = checks.iter().map(check).collect();
        arguments.push(format!("body=[{}]", checks.join(", ")));
    }
    call("answer", &arguments, indent)
}

fn check(check: &Check) -> String {
    let path = string(&place(&check.path));
    let operator = match check.operator {
        CheckOperator::Eq => "==",
        CheckOperator::Ne => "!=",
        CheckOperator::Has => "has",
    };
    let literal = check
        .literal
        .as_deref()
        .and_then(|text| parse_json(text).ok());
    match literal {
        Some(value) => format!("({path}, \"{operator}\", {})", literal_text(&value)),
        None => format!("({path}, \"{operator}\")"),
    }
}

fn literal_text(value: &crate::value::Value) -> String {
    literal(value, 0, 8)
}

impl Printer<'_> {
    fn baseline(&self, baseline: &Baseline) -> String {
        let steps = baseline
            .steps
            .iter()
            .map(|step| whole(step, self.encodings(&step.operation), 4));
        let arguments: Vec<_> = [string(&baseline.id)].into_iter().chain(steps).collect();
        call("suite.define_baseline", &arguments, 0)
    }

    fn encodings(&self, operation: &str) -> &[Encoding] {
        encodings(self.file, operation)
    }

    fn test(&self, case: &Case) -> Result<String, EmitError> {
        if case.concurrent.is_some() {
            return Err(EmitError::Unsupported {
                case: case.id.clone(),
                problem: "it sends requests at the same time".to_owned(),
            });
        }
        let name = self.name(&case.id);
        let twin = case
            .twin
            .as_ref()
            .filter(|twin| twin.kind == TwinKind::Case);
        let twin = twin.map(|twin| self.name(&twin.id));
        let doc = docstring(case, self.rule(&case.rule), twin);
        let decorator = self.decorator(case);
        let steps = self.steps(case);
        Ok(format!(
            "@{decorator}\ndef {name}():\n{doc}    return {steps}\n"
        ))
    }

    fn decorator(&self, case: &Case) -> String {
        let mut arguments = vec![string(&case.id), format!("rule={}", string(&case.rule))];
        let twin = case.twin.as_ref();
        match (case.expected.verdict, twin) {
            (Verdict::Reject, Some(twin)) => {
                arguments.push(format!("answer={}", refusals(case)));
                arguments.push(format!("twin={}", string(&twin.id)));
                call("suite.refused", &arguments, 0)
            }
            _ => {
                arguments.push(format!("baseline={}", string(&case.baseline)));
                arguments.extend(self.named_refusal(case));
                arguments.extend(repetition(case));
                call("suite.accepted", &arguments, 0)
            }
        }
    }

    /// How the rule's own refusal is known: where its status is one only
    /// because the rule names it, or its body says whose it is.
    fn named_refusal(&self, case: &Case) -> Option<String> {
        let refusal = &self.rule(&case.rule)?.refused_with;
        let unusual = |status: &u16| !matches!(status, 400 | 409 | 422);
        let unusual = refusal.statuses.iter().any(unusual);
        let named = unusual || !refusal.checks.is_empty();
        named.then(|| format!("refused={}", answer(&refusal.statuses, &refusal.checks, 4)))
    }

    fn steps(&self, case: &Case) -> String {
        let single = case.steps.len() == 1 && case.views.is_empty();
        let indent = if single { 4 } else { 8 };
        let steps = case.steps.iter().enumerate().map(|(index, step)| {
            let base = case.changes.iter().find(|change| change.step == index + 1);
            let request = self.step(base, step, indent);
            let request = refused(request, step, indent);
            shown::showing(&request, step, indent)
        });
        let steps: Vec<_> = steps.collect();
        if single {
            return steps.concat();
        }
        let lines = steps.iter().zip(&case.steps).map(|(text, step)| {
            format!(
                "        # {}\n        {text},\n",
                python::comment(&step.operation)
            )
        });
        let mut lines: Vec<String> = lines.collect();
        let last = lines.pop();
        lines.extend(case.views.iter().map(|view| self.view(view, indent)));
        lines.extend(last);
        format!("[\n{}    ]", lines.concat())
    }

    /// A request before the last one, to see what the server remembers.
    fn view(&self, view: &Step, indent: usize) -> String {
        let mut baselines = self.file.baselines.iter();
        let base = baselines.find_map(|baseline| {
            let last = baseline.steps.last()?;
            (last.operation == view.operation).then_some(StepChanges {
                step: 1,
                of: Some(StepRef {
                    baseline: baseline.id.clone(),
                    step: baseline.steps.len(),
                }),
                set: IndexMap::new(),
                unset: Vec::new(),
            })
        });
        let request = self.step(base.as_ref(), view, indent);
        let request = shown::viewing(&request, view, indent);
        let operation = python::comment(&view.operation);
        format!("        # {operation}: what is remembered by now\n        {request},\n")
    }

    fn step(&self, change: Option<&StepChanges>, step: &Step, indent: usize) -> String {
        let found = change.and_then(|change| {
            let of = change.of.as_ref()?;
            let baseline = self
                .file
                .baselines
                .iter()
                .find(|found| found.id == of.baseline)?;
            let base = baseline.steps.get(of.step.checked_sub(1)?)?;
            let same = base.operation == step.operation;
            same.then_some((baseline, of.step, base))
        });
        match found {
            Some((baseline, number, base)) => {
                let last = number == baseline.steps.len();
                let encodings = self.encodings(&step.operation);
                changed(&baseline.id, number, last, base, step, encodings, indent)
            }
            None => whole(step, self.encodings(&step.operation), indent),
        }
    }

    fn name(&self, id: &str) -> &str {
        self.names.get(id).map_or("", String::as_str)
    }

    fn rule(&self, id: &str) -> Option<&Rule> {
        self.file.rules.iter().find(|rule| rule.id == id)
    }
}

/// Whether the last request repeats an earlier one, as arguments.
fn repetition(case: &Case) -> Option<String> {
    let own = |named: &Named| format!("saved({}, {})", named.step, string(&place(&named.path)));
    if let Some(first) = &case.expected.repeats {
        return Some(format!("repeats={}", own(first)));
    }
    let others: Vec<String> = case.expected.differs_from.iter().map(own).collect();
    (!others.is_empty()).then(|| format!("differs_from=[{}]", others.join(", ")))
}

/// A request before the last one that must be refused: `REQUEST.refused(...)`.
fn refused(request: String, step: &Step, indent: usize) -> String {
    if step.refused.is_empty() {
        return request;
    }
    format!("{request}.refused({})", fitting(&step.refused, indent))
}

fn refusals(case: &Case) -> String {
    fitting(&case.expected.answers, 4)
}

/// The answer that fits, or a list of those that do.
fn fitting(answers: &[ExpectedAnswer], indent: usize) -> String {
    let answers = answers.iter();
    let mut answers: Vec<_> = answers
        .map(|found| answer(&found.statuses, &found.checks, indent))
        .collect();
    answers.dedup();
    match answers.as_slice() {
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}
