//! `crossfield explain`

use std::fs;
use std::path::{Path, PathBuf};

use super::Exit;
use super::arguments::{ExplainArguments, Format};
use super::console::Console;
use super::input::{Input, Loaded, case_files, is_case_file, load};
use crate::case::CaseFile;
use crate::check::analyse;
use crate::fault::{FaultList, faults};
use crate::field::{FieldDemand, FieldFaults, field_faults};
use crate::generate::{Generated, Options, case_file, generate};
use crate::model::{Model, RuleInstance};
use crate::report::{Explainer, Explanation, explain_field};
use crate::source::{Code, did_you_mean};

/// Runs the command.
pub(super) fn run(arguments: &ExplainArguments, console: &Console) -> Exit {
    let id = arguments.id.as_str();
    if let Some(found) = Explanation::built_in(id) {
        return show(&[found], console);
    }
    let (cases, case_ids) = cases(&arguments.paths, id);
    // A folder with case files is a suite; rule files may be there as well.
    let is_suite = |path: &Path| path.is_dir() && !case_files(path).is_empty();
    let is_rules = |path: &&PathBuf| !is_case_file(path) && !is_suite(path);
    let paths: Vec<PathBuf> = arguments.paths.iter().filter(is_rules).cloned().collect();
    let mut input = load(&paths);
    let (mut found, mut names) = look(&mut input, id);
    found.extend(cases);
    names.extend(case_ids);
    if !found.is_empty() {
        return show(&found, console);
    }
    // Where nothing was found, what can't be read may be the reason.
    console.diagnostics(&input.diagnostics, &input.sources);
    let codes = Code::ALL.iter().map(|code| code.name());
    let hint = did_you_mean(id, codes.chain(names.iter().map(String::as_str)));
    let hint = hint.unwrap_or_else(|| {
        if arguments.paths.is_empty() {
            "it is no code; to explain a rule, a fault or a case, name its file as well".to_owned()
        } else {
            "it is no code, and nothing in these files".to_owned()
        }
    });
    console.error(&format!("`{id}` is not known: {hint}"));
    Exit::BadInput
}

/// What `id` means in the rule files, and all ids.
fn look(input: &mut Input, id: &str) -> (Vec<Explanation>, Vec<String>) {
    let mut found = Vec::new();
    let mut names = Vec::new();
    let (sources, now) = (&input.sources, input.now);
    for loaded in &mut input.files {
        let model = &mut loaded.built.model;
        let list = faults(model);
        let model = &loaded.built.model;
        let owners = owners(model, &list, id);
        names.extend(model.rules.iter().map(|rule| rule.id.clone()));
        names.extend(list.faults.iter().map(|fault| fault.id.clone()));
        let fields = field_faults(model);
        names.extend(fields.demands.iter().map(|demand| demand.id.clone()));
        names.extend(fields.faults.iter().map(|fault| fault.id.clone()));
        let jobs = super::processors();
        if is_of_fields(&fields, id) {
            let options = Options {
                // No owner has this name: only the field layer is looked at.
                only: Some(String::new()),
                fields: true,
                threads: jobs.get(),
                ..Options::default()
            };
            let generated = generate(&mut loaded.built, &options, &|_, _| {});
            found.extend(explain_field(sources, &generated, id));
            found.extend(case(loaded, &generated, id));
        }
        if owners.is_empty() {
            continue;
        }
        let analysis = analyse(&mut loaded.built, sources, now, jobs, &|_, _| {});
        let mut own: Vec<Explanation> = Vec::new();
        for only in owners {
            let options = Options {
                only: Some(only),
                threads: jobs.get(),
                ..Options::default()
            };
            let generated = generate(&mut loaded.built, &options, &|_, _| {});
            let explainer = Explainer {
                model: &loaded.built.model,
                sources,
                generated: &generated,
                analysis: &analysis,
            };
            let more = explainer.explain(id).into_iter();
            own.extend(more.filter(|one| own_of(one, options.only.as_deref())));
            own.extend(case(loaded, &generated, id));
        }
        found.extend(own);
    }
    (found, names)
}

/// Whether an id is that of a keyword at a place, of one of its faults, or of a
/// case about it.
fn is_of_fields(list: &FieldFaults, id: &str) -> bool {
    let is_begun = |demand: &FieldDemand| {
        let rest = id.strip_prefix(demand.id.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    list.faults.iter().any(|fault| fault.id == id) || list.demands.iter().any(is_begun)
}

/// Whether an explanation is of this owner: a rule at several operations is
/// found once for each.
fn own_of(explanation: &Explanation, owner: Option<&str>) -> bool {
    match explanation {
        Explanation::Rule { id, .. } => Some(&**id) == owner,
        _ => true,
    }
}

/// The owners that have to do with `id`: of a rule or of a fault, else all
/// whose cases may have that id.
fn owners(model: &Model, list: &FaultList, id: &str) -> Vec<String> {
    let rules = model.rules.iter();
    let rules = rules.filter(|rule| rule.id == id || rule.rule == id);
    let mut owners: Vec<String> = rules.map(|rule| rule.id.clone()).collect();
    let known = list.faults.iter();
    // Faults that masking adds have the fault that they add to before them.
    let known = known.filter(|fault| {
        let added = id.strip_prefix(fault.id.as_str());
        added.is_some_and(|rest| rest.is_empty() || rest.starts_with("/with/"))
    });
    owners.extend(known.map(|fault| fault.owner.id(model)));
    if owners.is_empty() {
        // The id of a case begins with its rule's.
        let is_begun = |rule: &&RuleInstance| {
            let rest = id.strip_prefix(rule.id.as_str());
            let rest = rest.or_else(|| id.strip_prefix(rule.rule.as_str()));
            rest.is_some_and(|rest| rest.starts_with('-'))
        };
        if model.rules.iter().any(|rule| is_begun(&rule)) {
            let mut all: Vec<String> = list
                .faults
                .iter()
                .map(|fault| fault.owner.id(model))
                .collect();
            all.dedup();
            let rules = model.rules.iter().filter(is_begun);
            let own: Vec<&str> = rules.map(|rule| rule.id.as_str()).collect();
            all.retain(|owner| own.contains(&owner.as_str()) || owner.contains([':', '.']));
            owners = all;
        }
    }
    owners.sort();
    owners.dedup();
    owners
}

/// The case of that id among those that were generated.
fn case(loaded: &Loaded, generated: &Generated, id: &str) -> Option<Explanation> {
    let mut ids = generated.cases.iter().map(|case| &case.id);
    let mut of_fields = generated.fields.cases.iter().map(|case| &case.id);
    if !ids.any(|own| own == id) && !of_fields.any(|own| own == id) {
        return None;
    }
    let z3 = crate::z3_version::linked();
    let file = case_file(&loaded.built, generated, &loaded.path, &z3).ok()?;
    let case = file.cases.into_iter().find(|case| case.id == id)?;
    Some(Explanation::Case(Box::new(case)))
}

/// The case of that id among the case files at `paths`, or the cases that
/// detect the fault of that id; and the ids of all. What can't be read holds
/// none.
fn cases(paths: &[PathBuf], id: &str) -> (Vec<Explanation>, Vec<String>) {
    let mut found = Vec::new();
    let mut ids = Vec::new();
    for path in paths.iter().flat_map(|path| case_files(path)) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let cases = CaseFile::read(&text).map(|file| file.cases);
        for case in cases.unwrap_or_default() {
            ids.push(case.id.clone());
            if case.id == id || case.detects.iter().any(|fault| fault.fault == id) {
                found.push(Explanation::Case(Box::new(case)));
            }
        }
    }
    (found, ids)
}

fn show(found: &[Explanation], console: &Console) -> Exit {
    if console.format == Format::Json {
        return console.json(&found);
    }
    let texts: Vec<String> = found.iter().map(Explanation::render).collect();
    console.data(&texts.join("\n"))
}
