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

#[cfg(test)]
mod tests {
    use crate::case::{Actor, AnswerPlace, CaseFile, SetupStep, Splice};

    const FILE: &str = include_str!("../../../tests/fixtures/emit/shop.cases.json");

    /// A file with two setup steps, of which the second holds what the first
    /// saves.
    fn file() -> CaseFile {
        let mut file = CaseFile::read(FILE).unwrap();
        let mut request = file.baselines[0].steps[0].clone();
        request.save.clear();
        let step = |name: &str, saved: &str| SetupStep {
            name: name.to_owned(),
            request: request.clone(),
            each_case: false,
            needed_by: Vec::new(),
            save: [(saved.to_owned(), AnswerPlace::Body { path: Vec::new() })].into(),
        };
        file.setup = vec![step("first", "a"), step("second", "b")];
        let held = |name: &str| Splice::Setup {
            location: "body.note".to_owned(),
            placeholder: "x".to_owned(),
            name: name.to_owned(),
            number: false,
        };
        file.setup[1].request.splices = vec![held("a")];
        file
    }

    #[test]
    fn setup_fits_together() {
        assert_eq!(file().check(), Ok(()));
        let broken = |change: fn(&mut CaseFile)| {
            let mut file = file();
            change(&mut file);
            file.check().unwrap_err()
        };
        let late = "setup step first: body.note needs a, which isn't saved by then";
        assert_eq!(
            broken(|file| file.setup.swap(0, 1)),
            late.replace("first", "second")
        );
        assert_eq!(
            broken(|file| file.setup[0].each_case = true),
            late.replace("first", "second")
        );
        assert_eq!(
            broken(|file| file.setup[1].name = "first".to_owned()),
            "setup step first stands twice"
        );
        assert_eq!(
            broken(|file| file.setup[1].needed_by = vec!["nobody".to_owned()]),
            "setup step second: there is no operation nobody"
        );
        let unsaved = broken(|file| {
            file.actors.push(Actor {
                name: "ann".to_owned(),
                credential: None,
                saved_credential: Some("token".to_owned()),
            });
        });
        assert_eq!(unsaved, "actor ann: there is no saved value token");
    }

    #[test]
    fn steps_are_sent_for_those_who_need_them() {
        let mut file = file();
        let called = file.baselines[0].steps.clone();
        let names = |file: &CaseFile| -> Vec<String> {
            let needed = file.setup_of(&called).into_iter();
            needed.map(|step| step.name.clone()).collect()
        };
        assert_eq!(names(&file), ["first", "second"]);
        for step in &mut file.setup {
            step.needed_by = vec!["refund".to_owned()];
        }
        assert_eq!(names(&file), Vec::<String>::new());
        // The second needs what the first saves.
        file.setup[1].needed_by = vec![called[0].operation.clone()];
        assert_eq!(names(&file), ["first", "second"]);
    }
}
