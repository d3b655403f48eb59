//! Rules that can't be kept, or can't be broken.

use std::collections::BTreeSet;

use super::question::{Answer, others};
use super::{Ask, Sample, condition, guard};
use crate::model::{Model, RuleRef};
use crate::search::lower::Label;
use crate::source::{Code, Diagnostic};

/// How many places of a proof are marked; the rest is counted.
const MARKED: usize = 6;

/// What is wrong with the rules, by the answers about them.
pub(super) fn of_rules(model: &Model, answers: &[Answer]) -> Vec<Diagnostic> {
    let dead = answers.iter().filter(|answer| is_dead(answer));
    let dead: BTreeSet<RuleRef> = dead.map(|answer| answer.samples.rule).collect();
    let each = answers.iter();
    each.flat_map(|answer| of_rule(model, answer, &dead))
        .collect()
}

/// Whether a rule lets nothing through, whatever the others say.
fn is_dead(answer: &Answer) -> bool {
    let alone = answer.alone.as_deref().unwrap_or(answer);
    alone.never == Ask::Holds && matches!(alone.samples.accepted, Sample::Never(_))
}

/// What is wrong with a rule. Rules that are never kept anyway are not held
/// against it.
fn of_rule(model: &Model, answer: &Answer, dead: &BTreeSet<RuleRef>) -> Option<Diagnostic> {
    let rule = answer.samples.rule;
    let alone = answer.alone.as_deref().unwrap_or(answer);
    if let Sample::Never(core) = &alone.samples.accepted {
        return Some(never_holds(model, rule, alone.never, core));
    }
    if let Sample::Never(core) = &alone.samples.rejected {
        return Some(never_broken(model, rule, core));
    }
    let is_live = |core: &[Label]| others(rule, core).is_disjoint(dead);
    match (&answer.samples.accepted, &answer.samples.rejected) {
        (Sample::Never(core), _) if is_live(core) => {
            Some(never_holds(model, rule, answer.never, core))
        }
        (_, Sample::Never(core)) if is_live(core) => Some(masked(model, rule, core)),
        (Sample::Undecided(why), _) => Some(undecided(model, rule, "keeps", why)),
        (_, Sample::Undecided(why)) => Some(undecided(model, rule, "breaks", why)),
        _ => None,
    }
}

fn never_holds(model: &Model, rule: RuleRef, never: Ask, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let others = others(rule, core);
    let ids: Vec<&str> = others.iter().map(|other| &*model.rule(*other).id).collect();
    let with = match ids.as_slice() {
        [] => String::new(),
        ids => format!(" together with `{}`", ids.join("` and `")),
    };
    let message = match never {
        Ask::Holds => format!("the rule `{}` can never hold{with}", own.id),
        Ask::Guard => format!("the guard of the rule `{}` is never true{with}", own.id),
        Ask::HoldsGuarded => format!(
            "the rule `{}` can never hold where its guard is true{with}",
            own.id
        ),
    };
    let place = match never {
        Ask::Guard => guard(own, &model.arena),
        Ask::Holds | Ask::HoldsGuarded => condition(own, &model.arena),
    };
    let finding = Diagnostic::error(Code::NeverHolds, message).at(place, "never true");
    let finding = with_core(model, rule, finding, core);
    if others.is_empty() {
        finding.help("is a comparison the wrong way round, or a constant out of range?")
    } else {
        finding.help("correct the rule, or the rules that contradict it")
    }
}

fn never_broken(model: &Model, rule: RuleRef, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let message = format!("the rule `{}` can never be broken", own.id);
    let place = condition(own, &model.arena);
    let finding = Diagnostic::error(Code::NeverBroken, message).at(place, "always true");
    with_core(model, rule, finding, core)
        .help("leave it out if the schema says it all; otherwise it says less than was meant")
}

fn masked(model: &Model, rule: RuleRef, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let others = others(rule, core);
    let ids: Vec<&str> = others.iter().map(|other| &*model.rule(*other).id).collect();
    let message = format!(
        "the rule `{}` can't be broken alone: what breaks it is refused by `{}` as well",
        own.id,
        ids.join("` or `")
    );
    let place = condition(own, &model.arena);
    let finding = Diagnostic::warning(Code::Masked, message).at(place, "masked");
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
        Label::Rule(..)
        | Label::Unbroken(..)
        | Label::NeverNegative(..)
        | Label::Restriction(_) => None,
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
