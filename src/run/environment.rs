//! What the environment says: values of the server under test, and who asks.

use std::collections::{BTreeMap, BTreeSet};

use super::credentials::{self, ways};
use super::plan::Suite;
use crate::case::{CaseFile, Splice, Step};
use crate::value::parse_number;

/// The variables of the environment.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Something that the requests need and the environment lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The variable; `API_USER and API_PASSWORD, or API_KEY` where there are
    /// several ways.
    pub variable: String,
    /// What for: completes a line that starts with the variable.
    pub purpose: String,
}

impl Environment {
    /// That of this process; what isn't Unicode is as if it were not set.
    pub fn of_process() -> Self {
        let all = std::env::vars_os();
        let texts = all.filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self(texts.collect())
    }

    /// The value of a variable; an empty one is as if it were not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    /// All that the selected cases of suites, and what they rest on, need and
    /// isn't set, in order. `filters` are those of [`Suite::selected`].
    pub fn missing(&self, suites: &[Suite], filters: &[String]) -> Vec<Missing> {
        let mut purposes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for suite in suites {
            let steps = suite.needed(filters);
            let calls: BTreeSet<&str> = steps.iter().map(|step| step.operation.as_str()).collect();
            for variable in named(steps.iter().copied()) {
                if self.get(variable).is_none() {
                    let purpose = "a value of the server under test".to_owned();
                    let known = purposes.entry(variable.to_owned()).or_default();
                    known.insert(purpose);
                }
            }
            for step in &steps {
                let mut actors = suite.file.actors.iter();
                let own = actors.find(|actor| step.request.actor.as_ref() == Some(&actor.name));
                if let Some(actor) = own
                    && let Some(variable) = &actor.credential
                    && self.get(variable).is_none()
                {
                    let known = purposes.entry(variable.clone()).or_default();
                    known.insert(format!("the credential of {}", actor.name));
                }
            }
            let operations = suite.file.operations.iter();
            for operation in operations.filter(|own| calls.contains(own.id.as_str())) {
                if let Some(variable) = &operation.base_url
                    && self.get(variable).is_none()
                {
                    let known = purposes.entry(variable.clone()).or_default();
                    known.insert(format!("where {} is", operation.id));
                }
            }
            let setter = suite.file.clock_setter.iter();
            // A request that follows another is sent by who sent that.
            let has_actors = !suite.file.actors.is_empty();
            let called: BTreeSet<&str> = steps
                .iter()
                .filter(|step| step.request.actor.is_none() && !has_actors)
                .map(|step| step.operation.as_str())
                .chain(setter.map(|own| own.operation.as_str()))
                .collect();
            for operation in &suite.file.operations {
                if called.contains(&*operation.id) && credentials::lack(operation, self) {
                    let known = purposes.entry(ways(operation)).or_default();
                    known.insert(operation.id.clone());
                }
            }
        }
        let lines = purposes.into_iter().map(|(variable, purposes)| {
            let all: Vec<String> = purposes.into_iter().collect();
            Missing {
                purpose: purpose(&variable, &all),
                variable,
            }
        });
        lines.collect()
    }

    /// Why a variable that the cases of a file take for a number isn't one.
    pub fn no_number(&self, file: &CaseFile) -> Option<String> {
        let mut all = numbers(file).into_iter();
        all.find_map(|variable| {
            let value = self.get(variable)?;
            let is_number = parse_number(value).is_some();
            (!is_number).then(|| {
                format!(
                    "{variable} is no number, and requests of {} hold it as one",
                    file.rule_file
                )
            })
        })
    }

    /// Why the values of the environment are none that the cases of a file can
    /// use, if they aren't: two of them are the same.
    pub fn same_values(&self, file: &CaseFile) -> Option<String> {
        let credentials = file
            .actors
            .iter()
            .filter_map(|own| own.credential.as_deref());
        for variables in [variables(file), credentials.collect()] {
            let mut held: BTreeMap<&str, &str> = BTreeMap::new();
            for variable in variables {
                let value = self.get(variable).filter(|value| !value.is_empty());
                let first = value.and_then(|value| held.insert(value, variable));
                if let Some(first) = first {
                    return Some(format!(
                        "{first} and {variable} are the same, and the cases of {} take them for \
                         different",
                        file.rule_file
                    ));
                }
            }
        }
        None
    }
}

fn purpose(variable: &str, all: &[String]) -> String {
    if !variable.starts_with("API_") {
        return all.join(", ");
    }
    match all {
        [one] => format!("to authenticate {one}"),
        [first, rest @ ..] => format!("to authenticate {first} and {} more", rest.len()),
        [] => String::new(),
    }
}

/// The variables of the environment that a file's requests hold, in order.
pub(super) fn variables(file: &CaseFile) -> BTreeSet<&str> {
    named(file.requests())
}

/// The variables that are numbers.
fn numbers(file: &CaseFile) -> BTreeSet<&str> {
    let splices = file.requests().flat_map(|step| &step.splices);
    let variables = splices.filter_map(|splice| match splice {
        Splice::Environment {
            variable,
            number: true,
            ..
        } => Some(variable.as_str()),
        _ => None,
    });
    variables.collect()
}

fn named<'f>(steps: impl Iterator<Item = &'f Step>) -> BTreeSet<&'f str> {
    let splices = steps.flat_map(|step| &step.splices);
    let variables = splices.filter_map(|splice| match splice {
        Splice::Environment { variable, .. } => Some(variable.as_str()),
        _ => None,
    });
    variables.collect()
}

/// The names under which setup steps save credentials of actors.
pub(super) fn secret_names(file: &CaseFile) -> BTreeSet<&str> {
    let names = file.actors.iter();
    let names = names.filter_map(|own| own.saved_credential.as_deref());
    names.collect()
}

/// The variables that setup steps send for a credential.
pub(super) fn logins(file: &CaseFile) -> BTreeSet<&str> {
    let secrets = secret_names(file);
    let logins = file.setup.iter().filter(|step| {
        let mut names = step.save.keys();
        names.any(|name| secrets.contains(name.as_str()))
    });
    named(logins.map(|step| &step.request))
}

#[cfg(test)]
impl Environment {
    /// One of a test.
    pub(super) fn of(pairs: &[(&str, &str)]) -> Self {
        let owned = pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        Self(owned.collect())
    }
}
