//! Whether setup steps, and requests that follow others, fit the rest.

use std::collections::BTreeSet;

use super::{Names, check_literal, known, unique};
use crate::case::format::{Operation, SetupStep, Splice, Step};

impl Names<'_> {
    /// Each setup step holds only what is there when it is sent.
    pub(super) fn setup(&self) -> Result<(), String> {
        let setup = &self.file.setup;
        unique("setup step", setup.iter().map(|own| &*own.name))?;
        let names = setup.iter().flat_map(|own| own.save.keys());
        let saved = unique("saved value", names.map(String::as_str))?;
        for actor in &self.file.actors {
            let at = |problem| format!("actor {}: {problem}", actor.name);
            if let Some(name) = &actor.saved_credential {
                known(&saved, "saved value", name).map_err(at)?;
            }
        }
        let mut once = BTreeSet::new();
        let mut all = BTreeSet::new();
        for step in setup {
            let there = if step.each_case { &all } else { &once };
            let at = |problem| format!("setup step {}: {problem}", step.name);
            self.setup_step(step, there).map_err(at)?;
            let saved = step.save.keys().map(String::as_str);
            all.extend(saved.clone());
            once.extend(saved.filter(|_| !step.each_case));
        }
        Ok(())
    }

    fn setup_step(&self, step: &SetupStep, there: &BTreeSet<&str>) -> Result<(), String> {
        self.step(&step.request)?;
        for operation in &step.needed_by {
            self.operation(operation)?;
        }
        for splice in &step.request.splices {
            match splice {
                Splice::Setup { name, location, .. } if !there.contains(name.as_str()) => {
                    return Err(format!(
                        "{location} needs {name}, which isn't saved by then"
                    ));
                }
                Splice::Saved { location, .. } | Splice::Sent { location, .. } => {
                    return Err(format!("{location} follows no request"));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// What is sent after accepted requests to an operation.
    pub(super) fn follow_ups(&self, operation: &Operation) -> Result<(), String> {
        if let Some(awaited) = &operation.r#await {
            self.follow_up(&awaited.request)?;
            awaited.until.checks.iter().try_for_each(check_literal)?;
        }
        match &operation.clean_up {
            Some(own) => self.follow_up(&own.request),
            None => Ok(()),
        }
    }

    fn follow_up(&self, step: &Step) -> Result<(), String> {
        self.step(step)?;
        let mut splices = step.splices.iter();
        let other = splices.find_map(|splice| match splice {
            Splice::Saved { step, location, .. } if *step != 1 => Some(location),
            _ => None,
        });
        other.map_or(Ok(()), |location| {
            Err(format!("{location} needs more than the request before it"))
        })
    }
}
