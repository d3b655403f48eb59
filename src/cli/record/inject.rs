//! A fault that the proxy answers with.

use std::sync::Arc;

use super::{Stop, bad};
use crate::audit::Setting;
use crate::cli::Exit;
use crate::cli::arguments::RecordArguments;
use crate::cli::console::Console;
use crate::cli::input::{Loaded, load};
use crate::fault::{Fault, faults};
use crate::inject::{Injector, Plan, Report, Task};
use crate::record::Tamper;
use crate::report::counted;
use crate::run::Environment;
use crate::source::did_you_mean;

/// How many made-up answers are listed.
const LISTED: usize = 10;

/// A fault at work.
pub(super) struct Injection {
    injector: Arc<Injector>,
    id: String,
    words: String,
    has_command: bool,
}

/// Gets ready to be the faulty server, where that is asked for.
pub(super) fn start(
    arguments: &RecordArguments,
    console: &Console,
) -> Result<Option<Injection>, Stop> {
    let Some(id) = &arguments.inject else {
        return Ok(None);
    };
    let input = load(&arguments.rules);
    console.diagnostics(&input.diagnostics, &input.sources);
    if input.diagnostics.has_errors() {
        return Err(bad("the rule files have errors".to_owned()));
    }
    let (loaded, fault) = find(input.files, id)?;
    let words = fault.words.clone();
    let plan = Plan {
        built: loaded.built,
        document: loaded.document,
        faults: vec![fault],
        setting: Setting::default(),
        environment: Environment::of_process(),
    };
    let injection = Injection {
        id: id.clone(),
        words,
        has_command: !arguments.command.is_empty(),
        injector: Arc::new(Injector::start(Arc::new(plan), Task::Answer(vec![vec![0]]))),
    };
    Ok(Some(injection))
}

/// The rule file with a fault, and the fault.
fn find(files: Vec<Loaded>, id: &str) -> Result<(Loaded, Fault), Stop> {
    let mut names = Vec::new();
    for mut loaded in files {
        let list = faults(&mut loaded.built.model).faults;
        match list.iter().find(|fault| fault.id == id) {
            Some(fault) => return Ok((loaded, fault.clone())),
            None => names.extend(list.into_iter().map(|fault| fault.id)),
        }
    }
    let hint = did_you_mean(id, names.iter().map(String::as_str));
    let hint = hint
        .unwrap_or_else(|| "`crossfield explain RULE PATH` lists the faults of a rule".to_owned());
    Err(bad(format!(
        "no fault `{id}` is in these rule files: {hint}"
    )))
}

impl Injection {
    pub(super) fn tamper(&self) -> Arc<dyn Tamper> {
        Arc::clone(&self.injector) as Arc<dyn Tamper>
    }

    /// Tells what came of it. `exit` is how the command ended.
    pub(super) fn tell(&self, exit: Exit, console: &Console) -> Exit {
        let Some(report) = self.injector.report() else {
            console.error("a mistake of Crossfield: nobody could be the faulty server");
            return Exit::Internal;
        };
        console.say(&self.text(&report, exit));
        Exit::Clean
    }

    fn text(&self, report: &Report, exit: Exit) -> String {
        let count = counted(report.forged.len(), "answer");
        let mut out = format!("{}: {count} of a server that {}\n", self.id, self.words);
        for forged in report.forged.iter().take(LISTED) {
            out += &format!("  {}: {}\n", forged.request, forged.words);
        }
        let rest = report.forged.len().saturating_sub(LISTED);
        if rest > 0 {
            out += &format!("  and {rest} more\n");
        }
        for (reason, count) in &report.unjudged {
            let requests = counted(*count, "request");
            out += &format!("note: nothing can be said of {requests}: {reason}\n");
        }
        out + self.verdict(report, exit)
    }

    /// Whether the suite noticed.
    fn verdict(&self, report: &Report, exit: Exit) -> &'static str {
        match (report.forged.is_empty(), exit) {
            (true, _) if report.judged == 0 => {
                "no request could be judged: whether one shows the fault isn't known\n"
            }
            (true, _) if !report.unjudged.is_empty() => {
                "none of the requests that could be judged shows the fault; whether the others do \
                 isn't known\n"
            }
            (true, _) => "no request shows the fault: the suite can't notice it\n",
            (false, _) if !self.has_command => "",
            (false, Exit::Command(0)) => {
                "the suite doesn't notice: it passed although the answers were wrong\n"
            }
            (false, _) => {
                "the suite fails: it notices, if it passes without --inject; `crossfield audit \
                 --inject-all` compares the two\n"
            }
        }
    }
}
