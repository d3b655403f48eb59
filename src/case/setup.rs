//! Which setup steps requests need.

use std::collections::BTreeSet;

use super::format::{CaseFile, SetupStep, Splice, Step};

impl CaseFile {
    /// The setup steps that a sequence of requests needs, in the order in which
    /// they are sent: those of all requests, those of the operations that it
    /// calls, and those that save what it or another of them holds.
    pub fn setup_of<'f>(&'f self, steps: &[Step]) -> Vec<&'f SetupStep> {
        let called: BTreeSet<&str> = steps.iter().map(|step| step.operation.as_str()).collect();
        let follow_ups: Vec<&Step> = self.follow_ups(&called);
        let mut names = BTreeSet::new();
        for step in steps.iter().chain(follow_ups) {
            names.extend(self.saved_names(step));
        }
        let mut needed = Vec::new();
        // What a step holds, an earlier one saves.
        for step in self.setup.iter().rev() {
            let mut callers = step.needed_by.iter();
            let is_called = step.needed_by.is_empty() || callers.any(|own| called.contains(&**own));
            if is_called || step.save.keys().any(|name| names.contains(name.as_str())) {
                names.extend(self.saved_names(&step.request));
                for own in self.follow_ups(&BTreeSet::from([&*step.request.operation])) {
                    names.extend(self.saved_names(own));
                }
                needed.push(step);
            }
        }
        needed.reverse();
        needed
    }

    /// The requests that follow accepted ones to some operations.
    fn follow_ups<'f>(&'f self, called: &BTreeSet<&str>) -> Vec<&'f Step> {
        let operations = self.operations.iter();
        let operations = operations.filter(|own| called.contains(&*own.id));
        let requests = operations.flat_map(|own| {
            let awaited = own.r#await.iter().map(|own| &own.request);
            awaited.chain(own.clean_up.iter().map(|own| &own.request))
        });
        requests.collect()
    }

    /// What a request holds that setup steps save, the credential of who sends
    /// it included.
    fn saved_names<'f>(&'f self, step: &'f Step) -> impl Iterator<Item = &'f str> {
        let held = step.splices.iter().filter_map(|splice| match splice {
            Splice::Setup { name, .. } => Some(name.as_str()),
            _ => None,
        });
        let mut actors = self.actors.iter();
        let actor = actors.find(|own| step.request.actor.as_ref() == Some(&own.name));
        held.chain(actor.and_then(|own| own.saved_credential.as_deref()))
    }

    /// All requests of a file: of setup, baselines and cases, and those that
    /// follow them.
    pub fn requests(&self) -> impl Iterator<Item = &Step> {
        let setup = self.setup.iter().map(|own| &own.request);
        let baselines = self.baselines.iter().flat_map(|own| &own.steps);
        let cases = self.cases.iter();
        let cases = cases.flat_map(|own| own.steps.iter().chain(&own.views));
        let all = self.operations.iter().map(|own| own.id.as_str()).collect();
        let follow_ups = self.follow_ups(&all);
        setup.chain(baselines).chain(cases).chain(follow_ups)
    }

    /// All requests that a sequence needs beside its own: those of setup, and
    /// those that follow any of them.
    pub fn beside<'f>(&'f self, steps: &[Step]) -> Vec<&'f Step> {
        let setup = self.setup_of(steps);
        let mut called: BTreeSet<&str> = steps.iter().map(|own| own.operation.as_str()).collect();
        called.extend(setup.iter().map(|own| own.request.operation.as_str()));
        let setup = setup.into_iter().map(|own| &own.request);
        setup.chain(self.follow_ups(&called)).collect()
    }
}
