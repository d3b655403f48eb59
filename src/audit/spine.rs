//! The way of the data: look at traffic, generate what it misses, and look again
//! for faults that only this brought up.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::observation::{Exercise, Observation};
use super::observe::{Unread, observe};
use super::probes::probes;
use super::watch::{Setting, Watch};
use crate::document::Document;
use crate::fault::{Fault, faults};
use crate::generate::{self, Generated, generate};
use crate::model::{Built, Patch, RuleRef};
use crate::run::Environment;
use crate::simulate::Sight;

/// What is looked at, and how.
pub struct Request<'a> {
    /// The API document of the model.
    pub document: &'a Document,
    /// The files of the traffic.
    pub files: &'a [PathBuf],
    /// How they are looked at.
    pub setting: &'a Setting,
    /// The values of the server under test.
    pub environment: &'a Environment,
    /// How what is missing is looked for.
    pub options: generate::Options,
}

/// All that was found.
pub struct Audited {
    /// The faults that were looked for in the traffic.
    pub faults: Vec<Fault>,
    /// What was seen.
    pub seen: Observation,
    /// By fault, what exercised it; those that masking brought up among them.
    pub exercised: BTreeMap<String, Exercise>,
    /// Rules that were kept by accepted requests that they say something of.
    pub kept: BTreeSet<RuleRef>,
    /// What was generated for the other faults.
    pub generated: Generated,
    /// Files that couldn't be read to their end.
    pub unread: Vec<Unread>,
    /// Variables of the environment that aren't set.
    pub unset: Vec<String>,
}

/// Tells how far things are: what is done, and how many of it.
pub type Progress<'p> = &'p (dyn Fn(&str, usize) + Sync);

/// Audits the traffic.
pub fn audit(built: &mut Built, request: Request<'_>, progress: Progress<'_>) -> Audited {
    let mut list = faults(&mut built.model).faults;
    let settings = &request.options.settings;
    list.retain(|fault| settings.switch(&built.model, fault).is_none());
    let probes = probes(&mut built.model);
    let patches: Vec<Patch> = list
        .iter()
        .map(|fault| fault.patch.clone())
        .chain(probes.values().cloned())
        .collect();
    let (seen, unread, unset) = look(built, &request, &patches, progress);
    let by_id = |faults: &[Fault], seen: &Observation| -> BTreeMap<String, Exercise> {
        let found = seen.faults.iter();
        let own = found.filter_map(|(fault, exercise)| {
            Some((faults.get(*fault)?.id.clone(), exercise.clone()))
        });
        own.collect()
    };
    let mut exercised = by_id(&list, &seen);
    let by_rule = probes.keys().enumerate();
    let kept = by_rule.filter(|(index, _)| {
        let probe = seen.faults.get(&(list.len() + index));
        probe.is_some_and(|probe| probe.by == Sight::Verdict)
    });
    let kept = kept.map(|(_, rule)| *rule).collect();
    let settled = exercised.iter().filter(|(_, own)| own.by != Sight::Status);
    let options = generate::Options {
        settled: settled.map(|(id, _)| id.clone()).collect(),
        ..request.options.clone()
    };
    let generated = generate(built, &options, &|done, of| {
        progress(&format!("faults of {of} rules decided"), done);
    });
    let known: BTreeSet<&str> = list.iter().map(|fault| fault.id.as_str()).collect();
    let added = generated.faults.faults.iter();
    let added: Vec<Fault> = added
        .filter(|fault| !known.contains(fault.id.as_str()))
        .cloned()
        .collect();
    if !added.is_empty() {
        let patches: Vec<Patch> = added.iter().map(|fault| fault.patch.clone()).collect();
        let (seen, ..) = look(built, &request, &patches, progress);
        exercised.extend(by_id(&added, &seen));
    }
    Audited {
        faults: list,
        seen,
        exercised,
        kept,
        generated,
        unread,
        unset,
    }
}

fn look(
    built: &Built,
    request: &Request<'_>,
    patches: &[Patch],
    progress: Progress<'_>,
) -> (Observation, Vec<Unread>, Vec<String>) {
    let watch = Watch::new(
        built,
        request.document,
        patches,
        request.setting,
        request.environment,
    );
    let unset = watch.known.unset().into_iter().map(str::to_owned).collect();
    let jobs = request.options.threads;
    let (seen, unread) = observe(&watch, request.files, jobs, &|count| {
        if count % 1000 == 0 {
            progress("requests read", count);
        }
    });
    (seen, unread, unset)
}
