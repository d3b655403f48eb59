//! Whether requests can be sent, and satisfy their schemas.

use crate::case::not_sendable;
use crate::model::{Built, Model, Patch, Trace};
use crate::simulate::{Options, is_steady, on_other_days, run};
use crate::witness;

/// What is wrong with the requests of a trace: by the independent validator,
/// or since HTTP can't carry them.
pub fn refusal(built: &Built, trace: &Trace) -> Option<String> {
    witness::refusal(built, trace)
        .or_else(|| not_sendable(&built.model, trace).map(|problem| problem.to_string()))
        .or_else(|| changing(&built.model, trace))
        .or_else(|| expiring(built, trace))
        .or_else(|| unsteady(&built.model, trace))
}

/// Times that move along with `now` must satisfy their schema whenever tests
/// run.
fn expiring(built: &Built, trace: &Trace) -> Option<String> {
    let mut others = on_other_days(&built.model, trace).into_iter();
    let problem = others.find_map(|other| witness::refusal(built, &other))?;
    Some(format!(
        "on other days, its times having moved along with `now`: {problem}"
    ))
}

/// What an answer has to show must be the same whenever tests run.
fn unsteady(model: &Model, trace: &Trace) -> Option<String> {
    if !model.clock.is_running || model.rules.iter().all(|rule| !rule.is_ensured()) {
        return None;
    }
    let shown = |options| {
        let mut run = run(model, &Patch::default(), trace, options);
        run.ensured.pop().unwrap_or_default()
    };
    let always = shown(Options {
        at_every_moment: true,
        ..Options::default()
    });
    let now = shown(Options::default());
    let mut parts = now.0.keys();
    let changes =
        parts.any(|(rule, part)| now.expected(*rule, *part) != always.expected(*rule, *part));
    changes.then(|| "what its answer shows changes while tests run".to_owned())
}

fn changing(model: &Model, trace: &Trace) -> Option<String> {
    let words = "its verdict is another in weeks in which clocks change";
    (!is_steady(model, trace)).then(|| words.to_owned())
}

/// Whether nothing is wrong with them.
pub fn is_valid(built: &Built, trace: &Trace) -> bool {
    refusal(built, trace).is_none()
}
