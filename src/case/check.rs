//! Whether the parts of a case file fit each other.

mod setup;
mod written;

use std::collections::BTreeSet;

use super::format::{
    Case, CaseFile, Check, CheckOperator, Request, Splice, Step, StepRef, Twin, TwinKind, Verdict,
};
use super::json::parse_json;
use super::shown;
use crate::value::location::Location;

impl CaseFile {
    /// Says what refers to nothing, stands twice, or is no JSON.
    ///
    /// # Errors
    /// The first contradiction, in words.
    pub fn check(&self) -> Result<(), String> {
        let names = Names {
            operations: unique("operation", self.operations.iter().map(|found| &*found.id))?,
            rules: unique("rule", self.rules.iter().map(|found| &*found.id))?,
            baselines: unique("baseline", self.baselines.iter().map(|found| &*found.id))?,
            cases: unique("case", self.cases.iter().map(|found| &*found.id))?,
            file: self,
        };
        if let Some(both) = names.cases.intersection(&names.baselines).next() {
            return Err(format!("{both} is both a case and a baseline"));
        }
        for operation in &self.operations {
            let at = |problem| format!("operation {}: {problem}", operation.id);
            operation
                .accept
                .checks
                .iter()
                .try_for_each(check_literal)
                .map_err(at)?;
            written::encodings(&operation.encodings).map_err(at)?;
        }
        if let Some(setter) = &self.clock_setter {
            let at = |problem| format!("the clock: {problem}");
            names.operation(&setter.operation).map_err(at)?;
            names
                .request(&setter.operation, &setter.request)
                .map_err(at)?;
        }
        names.setup()?;
        for operation in &self.operations {
            let at = |problem| format!("operation {}: {problem}", operation.id);
            names.follow_ups(operation).map_err(at)?;
        }
        for rule in &self.rules {
            let at = |problem| format!("rule {}: {problem}", rule.id);
            names.operation(&rule.operation).map_err(at)?;
            rule.refused_with
                .checks
                .iter()
                .try_for_each(check_literal)
                .map_err(at)?;
        }
        for baseline in &self.baselines {
            let at = |problem| format!("baseline {}: {problem}", baseline.id);
            names.steps(&baseline.steps).map_err(at)?;
        }
        for case in &self.cases {
            let at = |problem| format!("case {}: {problem}", case.id);
            names.case(case).map_err(at)?;
        }
        Ok(())
    }
}

/// All that can be referred to.
struct Names<'f> {
    operations: BTreeSet<&'f str>,
    rules: BTreeSet<&'f str>,
    baselines: BTreeSet<&'f str>,
    cases: BTreeSet<&'f str>,
    file: &'f CaseFile,
}

impl Names<'_> {
    fn operation(&self, id: &str) -> Result<(), String> {
        known(&self.operations, "operation", id)
    }

    fn steps(&self, steps: &[Step]) -> Result<(), String> {
        if steps.is_empty() {
            return Err("it has no step".to_owned());
        }
        for (before, step) in steps.iter().enumerate() {
            self.step(step)?;
            let shown = step.shows.iter().flat_map(|shown| &shown.splices);
            for splice in step.splices.iter().chain(shown) {
                if let Splice::Sent { location, .. } = splice {
                    return Err(format!("{location} follows no request"));
                }
                let Splice::Saved {
                    step: from,
                    path,
                    location,
                    ..
                } = splice
                else {
                    continue;
                };
                let saved = from.checked_sub(1).filter(|index| *index < before);
                let saved = saved.and_then(|index| steps.get(index));
                if !saved.is_some_and(|step| step.save.contains(path)) {
                    return Err(format!("{location} needs what step {from} doesn't save"));
                }
            }
        }
        Ok(())
    }

    /// A request that is sent before the last one of a case.
    fn view(&self, case: &Case, view: &Step) -> Result<(), String> {
        let (_, earlier) = case.steps.split_last().ok_or("it has no step")?;
        let steps: Vec<Step> = earlier.iter().chain([view]).cloned().collect();
        if view.shows.is_empty() || !view.save.is_empty() {
            return Err("a view of it shows nothing".to_owned());
        }
        self.steps(&steps)
    }

    /// A request by itself: all but what it takes from other requests.
    fn step(&self, step: &Step) -> Result<(), String> {
        self.operation(&step.operation)?;
        self.request(&step.operation, &step.request)?;
        shown::check(step)?;
        if step.request.now.is_some() && self.file.clock_setter.is_none() {
            return Err("nothing says how the clock is set".to_owned());
        }
        let mut actors = self.file.actors.iter();
        if let Some(actor) = &step.request.actor
            && !actors.any(|own| own.name == *actor)
        {
            return Err(format!("there is no actor {actor}"));
        }
        let saved = self.file.setup.iter().flat_map(|own| own.save.keys());
        let saved: BTreeSet<&str> = saved.map(String::as_str).collect();
        for splice in &step.splices {
            if let Splice::Setup { name, .. } = splice {
                known(&saved, "saved value", name)?;
            }
        }
        Ok(())
    }

    fn request(&self, operation: &str, request: &Request) -> Result<(), String> {
        if let Some(body) = &request.body {
            json("the body", body)?;
        }
        let parts = super::parts::request_parts(request, &[]);
        for place in request.written.keys() {
            let at = Location::parse(place).filter(|at| at.read(&parts).is_some());
            let in_body =
                place == "body" || place.starts_with("body.") || place.starts_with("body[");
            if at.is_none() || !in_body {
                return Err(format!(
                    "nothing stands at {place}, which is written in another way"
                ));
            }
        }
        let mut operations = self.file.operations.iter();
        match operations.find(|own| own.id == operation) {
            Some(operation) => written::request(operation, request),
            None => Ok(()),
        }
    }

    fn case(&self, case: &Case) -> Result<(), String> {
        self.operation(&case.operation)?;
        self.steps(&case.steps)?;
        for view in &case.views {
            self.view(case, view)?;
        }
        known(&self.baselines, "baseline", &case.baseline)?;
        let answering = case
            .expected
            .answers
            .iter()
            .filter_map(|answer| answer.rule.as_ref());
        let about = [&case.rule]
            .into_iter()
            .chain(&case.breaks)
            .chain(&case.assumes);
        for rule in about.chain(answering) {
            known(&self.rules, "rule", rule)?;
        }
        let checks = case
            .expected
            .answers
            .iter()
            .flat_map(|answer| &answer.checks);
        checks.into_iter().try_for_each(check_literal)?;
        self.refused_before(case)?;
        for change in &case.changes {
            if change.step == 0 || change.step > case.steps.len() {
                return Err(format!("it has no step {} to change", change.step));
            }
            change.of.iter().try_for_each(|of| self.step_ref(of))?;
            for (place, value) in &change.set {
                json(place, value)?;
            }
        }
        if let Some(primary) = &case.primary
            && !case.detects.iter().any(|fault| fault.fault == *primary)
        {
            return Err(format!(
                "its primary fault {primary} isn't among those it detects"
            ));
        }
        self.verdict(case)
    }

    /// Only requests before the last one of a case are refused as steps.
    fn refused_before(&self, case: &Case) -> Result<(), String> {
        let last = case.steps.last().into_iter();
        let mut elsewhere = last.chain(&case.views);
        if elsewhere.any(|step| !step.refused.is_empty()) {
            return Err("its last request, or a view, is refused as a step".to_owned());
        }
        let answers = case.steps.iter().flat_map(|step| &step.refused);
        for answer in answers {
            answer
                .rule
                .iter()
                .try_for_each(|rule| known(&self.rules, "rule", rule))?;
            answer.checks.iter().try_for_each(check_literal)?;
            if answer.statuses.is_empty() {
                return Err("a step is refused without a status that says so".to_owned());
            }
        }
        Ok(())
    }

    fn verdict(&self, case: &Case) -> Result<(), String> {
        match (case.expected.verdict, &case.twin) {
            (Verdict::Reject, None) => Err("it is rejected and has no twin".to_owned()),
            (Verdict::Reject, Some(_)) if case.breaks.is_empty() => {
                Err("it is rejected and breaks no rule".to_owned())
            }
            (Verdict::Reject, Some(_)) if no_statuses(case) => {
                Err("it is rejected without a status that says so".to_owned())
            }
            (_, Some(twin)) => self.twin(twin),
            _ => Ok(()),
        }
    }

    fn twin(&self, twin: &Twin) -> Result<(), String> {
        if twin.kind == TwinKind::Baseline {
            return known(&self.baselines, "baseline", &twin.id);
        }
        known(&self.cases, "case", &twin.id)?;
        let accepted =
            |case: &&Case| case.id == twin.id && case.expected.verdict == Verdict::Accept;
        match self.file.cases.iter().find(accepted) {
            Some(_) => Ok(()),
            None => Err(format!("its twin {} isn't accepted", twin.id)),
        }
    }

    fn step_ref(&self, of: &StepRef) -> Result<(), String> {
        let baseline = self
            .file
            .baselines
            .iter()
            .find(|baseline| baseline.id == of.baseline);
        let steps = baseline.map_or(0, |baseline| baseline.steps.len());
        if of.step == 0 || of.step > steps {
            return Err(format!("baseline {} has no step {}", of.baseline, of.step));
        }
        Ok(())
    }
}

fn no_statuses(case: &Case) -> bool {
    let answers = &case.expected.answers;
    answers.is_empty() || answers.iter().any(|answer| answer.statuses.is_empty())
}

fn unique<'f>(what: &str, ids: impl Iterator<Item = &'f str>) -> Result<BTreeSet<&'f str>, String> {
    let mut seen = BTreeSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(format!("{what} {id} stands twice"));
        }
    }
    Ok(seen)
}

fn known(names: &BTreeSet<&str>, what: &str, id: &str) -> Result<(), String> {
    if names.contains(id) {
        return Ok(());
    }
    Err(format!("there is no {what} {id}"))
}

fn check_literal(check: &Check) -> Result<(), String> {
    match (&check.literal, check.operator) {
        (None, CheckOperator::Has) => Ok(()),
        (Some(literal), CheckOperator::Eq | CheckOperator::Ne) => json("a literal", literal),
        _ => Err(format!(
            "the check of {} has a wrong literal",
            check.path.join(".")
        )),
    }
}

fn json(what: &str, text: &str) -> Result<(), String> {
    let problem = |problem| format!("{what} is no JSON: {problem}");
    parse_json(text).map(|_| ()).map_err(problem)
}
