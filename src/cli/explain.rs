//! `crossfield explain`

use super::Exit;
use super::arguments::{ExplainArguments, Format};
use super::console::Console;
use super::input::{Input, load};
use crate::fault::faults;
use crate::report::{Explanation, explain};
use crate::source::{Code, did_you_mean};

/// Runs the command.
pub(super) fn run(arguments: &ExplainArguments, console: &Console) -> Exit {
    let id = arguments.id.as_str();
    if let Some(found) = Explanation::built_in(id) {
        return show(&[found], console);
    }
    let mut input = load(&arguments.paths);
    let (found, names) = look(&mut input, id);
    if !found.is_empty() {
        return show(&found, console);
    }
    // Where nothing was found, what can't be read may be the reason.
    console.diagnostics(&input.diagnostics, &input.sources);
    let codes = Code::ALL.iter().map(|code| code.name());
    let hint = did_you_mean(id, codes.chain(names.iter().map(String::as_str)));
    let hint = hint.unwrap_or_else(|| {
        if arguments.paths.is_empty() {
            "it is no code; to explain a rule or a fault, name its rule file as well".to_owned()
        } else {
            "it is no code, and no rule or fault of these rule files".to_owned()
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

fn show(found: &[Explanation], console: &Console) -> Exit {
    if console.format == Format::Json {
        return console.json(&found);
    }
    let texts: Vec<String> = found.iter().map(Explanation::render).collect();
    console.data(&texts.join("\n"))
}
