//! `crossfield explain`

use std::fs;
use std::path::{Path, PathBuf};

use super::Exit;
use super::arguments::{ExplainArguments, Format};
use super::console::Console;
use super::input::{Input, load};
use crate::case::CaseFile;
use crate::fault::faults;
use crate::report::{Explanation, explain};
use crate::source::{Code, did_you_mean};

/// Runs the command.
pub(super) fn run(arguments: &ExplainArguments, console: &Console) -> Exit {
    let id = arguments.id.as_str();
    if let Some(found) = Explanation::built_in(id) {
        return show(&[found], console);
    }
    let (cases, case_ids) = cases(&arguments.paths, id);
    let is_rules = |path: &&PathBuf| !is_case_file(path);
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
    for loaded in &mut input.files {
        let model = &mut loaded.built.model;
        let list = faults(model);
        found.extend(explain(model, &list, &input.sources, id));
        names.extend(model.rules.iter().map(|rule| rule.id.clone()));
        names.extend(list.faults.iter().map(|fault| fault.id.clone()));
    }
    (found, names)
}

/// The case of that id among the case files at `paths`, and the ids of all.
/// What can't be read holds none.
fn cases(paths: &[PathBuf], id: &str) -> (Vec<Explanation>, Vec<String>) {
    let mut found = Vec::new();
    let mut ids = Vec::new();
    for path in paths.iter().flat_map(|path| case_files(path)) {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let cases = CaseFile::read(&text).map(|file| file.cases);
        for case in cases.unwrap_or_default() {
            ids.push(case.id.clone());
            if case.id == id {
                found.push(Explanation::Case(Box::new(case)));
            }
        }
    }
    (found, ids)
}

fn case_files(path: &Path) -> Vec<PathBuf> {
    if is_case_file(path) {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten();
    let paths = entries.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut files: Vec<PathBuf> = paths.filter(|path| is_case_file(path)).collect();
    files.sort();
    files
}

fn is_case_file(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".cases.json")
}

fn show(found: &[Explanation], console: &Console) -> Exit {
    if console.format == Format::Json {
        return console.json(&found);
    }
    let texts: Vec<String> = found.iter().map(Explanation::render).collect();
    console.data(&texts.join("\n"))
}
