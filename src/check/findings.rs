//! Rules that can't be kept, or can't be broken.

use std::collections::BTreeSet;

use super::question::Answer;
use super::{Ask, Sample, condition};
use crate::model::{Model, RuleRef};
use crate::search::lower::Label;
use crate::source::{Code, Diagnostic};

/// How many places of a proof are marked; the rest is counted.
const MARKED: usize = 6;

/// What is wrong with a rule, by the answers about it.
pub(super) fn of_rule(model: &Model, answer: &Answer) -> Vec<Diagnostic> {
    let rule = answer.samples.rule;
    let mut found = Vec::new();
    match &answer.samples.accepted {
        Sample::Found(_) => {}
        Sample::Never(core) => found.push(never_holds(model, rule, answer.never, core)),
        Sample::Undecided(why) => found.push(undecided(model, rule, "keeps", why)),
    }
    match &answer.samples.rejected {
        Sample::Found(_) => {}
        // What never holds has been reported; that it is masked as well is no news.
        Sample::Never(_) if !found.is_empty() => {}
        Sample::Never(core) => found.push(never_broken(model, rule, core)),
        Sample::Undecided(why) => found.push(undecided(model, rule, "breaks", why)),
    }
    found
}

fn never_holds(model: &Model, rule: RuleRef, never: Ask, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let message = match never {
        Ask::Holds => format!(
            "the rule `{}` can never hold: it refuses every request",
            own.id
        ),
        Ask::Guard => format!(
            "the guard of the rule `{}` is never true: it says nothing",
            own.id
        ),
        Ask::HoldsGuarded => format!(
            "the rule `{}` can never hold where its guard is true",
            own.id
        ),
    };
    let finding =
        Diagnostic::error(Code::NeverHolds, message).at(condition(own, &model.arena), "never true");
    let finding = with_core(model, rule, finding, core);
    if others(rule, core).is_empty() {
        finding.help("is a comparison the wrong way round, or a constant out of range?")
    } else {
        finding.help("correct the rule, or the rules that contradict it")
    }
}

fn never_broken(model: &Model, rule: RuleRef, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let others = others(rule, core);
    if others.is_empty() {
        let message = format!("the rule `{}` can never be broken", own.id);
        let finding = Diagnostic::error(Code::NeverBroken, message)
            .at(condition(own, &model.arena), "always true");
        return with_core(model, rule, finding, core).help(
            "leave the rule out if the schema says it all; otherwise it says less than was meant",
        );
    }
    let ids: Vec<&str> = others.iter().map(|other| &*model.rule(*other).id).collect();
    let message = format!(
        "the rule `{}` can't be broken alone: what breaks it is refused by `{}` as well",
        own.id,
        ids.join("` or `")
    );
    let finding =
        Diagnostic::warning(Code::Masked, message).at(condition(own, &model.arena), "masked");
    with_core(model, rule, finding, core)
        .help("no request shows whether a server enforces it, unless the other rule is missing too")
}

fn undecided(model: &Model, rule: RuleRef, what: &str, why: &str) -> Diagnostic {
    let own = model.rule(rule);
    let message = format!("no request is known that {what} the rule `{}`", own.id);
    Diagnostic::info(Code::Undecided, message)
        .at(condition(own, &model.arena), "not decided")
        .note(why)
}

/// The rules of a core but this one.
fn others(rule: RuleRef, core: &[Label]) -> BTreeSet<RuleRef> {
    let rules = core.iter().filter_map(|label| match label {
        Label::Rule(_, other) | Label::Unbroken(_, other) => Some(*other),
        Label::Schema { .. } | Label::Restriction(_) => None,
    });
    rules.filter(|other| *other != rule).collect()
}

/// Marks what a proof rests on.
fn with_core(model: &Model, rule: RuleRef, finding: Diagnostic, core: &[Label]) -> Diagnostic {
    let rules = others(rule, core).into_iter().map(|other| {
        let other = model.rule(other);
        (
            condition(other, &model.arena),
            format!("the rule `{}`", other.id),
        )
    });
    let keywords = core.iter().filter_map(|label| match label {
        Label::Schema { keyword, span, .. } => Some((*span, format!("`{keyword}` of the schema"))),
        Label::Rule(..) | Label::Unbroken(..) | Label::Restriction(_) => None,
    });
    let places: BTreeSet<_> = rules.chain(keywords).collect();
    let more = places.len().saturating_sub(MARKED);
    let marked = places.into_iter().take(MARKED);
    let finding = marked.fold(finding, |finding, (span, words)| finding.also(span, words));
    match more {
        0 => finding,
        more => finding.note(format!("the proof rests on {more} more places")),
    }
}
