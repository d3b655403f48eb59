//! Rules that can't be kept, or can't be broken, or say what others say.

use std::collections::BTreeSet;

use super::operation::{Answer, Conflict, NEEDS_CLOCK};
use super::{Ask, Sample, condition, guard};
use crate::expr::{Constant, ExprId, Node, Op, print};
use crate::model::{Model, RuleRef};
use crate::search::lower::Label;
use crate::search::prove::rules;
use crate::search::slice::{Read, reads};
use crate::source::{Code, Diagnostic, Span};
use crate::value::Value;

/// How many places of a proof are marked; the rest is counted.
const MARKED: usize = 6;

/// An error for each set of rules that contradict each other.
/// `undefined` are the rules that have no value at some request.
pub(super) fn of_conflicts(
    model: &Model,
    conflicts: &[Conflict],
    undefined: &BTreeSet<RuleRef>,
) -> Vec<Diagnostic> {
    let mut told: BTreeSet<&BTreeSet<RuleRef>> = BTreeSet::new();
    let new = conflicts.iter().filter(|found| told.insert(&found.rules));
    new.map(|found| conflict(model, found, undefined)).collect()
}

fn conflict(model: &Model, found: &Conflict, undefined: &BTreeSet<RuleRef>) -> Diagnostic {
    let ids: Vec<String> = found
        .rules
        .iter()
        .map(|rule| format!("`{}`", model.rule(*rule).id))
        .collect();
    let first = found.rules.first().copied().unwrap_or_default();
    let (first, message) = match (found.where_applies, ids.as_slice()) {
        (None, [only]) => (first, format!("the rule {only} can never hold")),
        (None, _) => (
            first,
            format!("the rules {} contradict each other", listed(&ids)),
        ),
        (Some(rule), _) => (
            rule,
            format!(
                "the rules {} contradict each other wherever the guard of `{}` is true",
                listed(&ids),
                model.rule(rule).id
            ),
        ),
    };
    let code = if ids.len() == 1 {
        Code::NeverHolds
    } else {
        Code::Contradiction
    };
    let place = condition(model.rule(first), &model.arena);
    let label = if ids.len() == 1 {
        "never true"
    } else {
        "never true together with the others"
    };
    let mut finding = Diagnostic::error(code, message).at(place, label);
    let in_core = rules(&found.core);
    for rule in found
        .rules
        .iter()
        .filter(|rule| **rule != first && !in_core.contains(rule))
    {
        let own = model.rule(*rule);
        let words = format!("the rule `{}`", own.id);
        finding = finding.also(condition(own, &model.arena), words);
    }
    let finding = with_core(model, first, finding, &found.core);
    if ids.len() == 1 {
        return finding.help("is a comparison the wrong way round, or a constant out of range?");
    }
    let finding = finding
        .note("each of them is needed for that: without any one, the others can be kept")
        .help("correct one of them");
    let open = found.rules.iter().find(|rule| undefined.contains(rule));
    let Some(open) = open.map(|rule| &model.rule(*rule).id) else {
        return finding;
    };
    finding.help(format!(
        "`{open}` has no value where a field that it reads is absent, and such requests don't \
         keep it: a guard lets it say nothing of them"
    ))
}

/// `a`, `b` and `c`.
fn listed(ids: &[String]) -> String {
    match ids.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        None => String::new(),
    }
}

/// What is wrong with a rule by itself.
pub(super) fn of_rule(
    model: &Model,
    answer: &Answer,
    conflicts: &[Conflict],
) -> Option<Diagnostic> {
    let rule = answer.samples.rule;
    if conflicts
        .iter()
        .any(|conflict| conflict.rules.contains(&rule) && conflict.where_applies.is_none())
    {
        return None;
    }
    let is_derived = model.rule(rule).is_derived;
    match (&answer.samples.accepted, &answer.samples.rejected) {
        (Sample::Never(_), _) if is_derived && answer.never == Ask::Guard => None,
        (Sample::Never(core), _) if others(rule, core).is_empty() || answer.never == Ask::Guard => {
            Some(never_holds(model, rule, answer.never, core))
        }
        (Sample::Never(_), _) => None,
        (_, Sample::Never(_)) if is_derived => None,
        (_, Sample::Never(core)) if others(rule, core).is_empty() => {
            Some(never_broken(model, rule, core))
        }
        (_, Sample::Never(core)) => Some(implied(model, rule, core)),
        (Sample::Undecided(why), _) => Some(undecided(model, rule, "keeps", why)),
        (_, Sample::Undecided(_)) if is_derived => None,
        (_, Sample::Undecided(why)) => Some(undecided(model, rule, "breaks", why)),
        _ => None,
    }
}

/// The rules of a core but this one.
fn others(rule: RuleRef, core: &[Label]) -> BTreeSet<RuleRef> {
    let all = rules(core).into_iter();
    all.filter(|other| *other != rule).collect()
}

fn never_holds(model: &Model, rule: RuleRef, never: Ask, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let others = others(rule, core);
    let ids: Vec<String> = others
        .iter()
        .map(|other| format!("`{}`", model.rule(*other).id))
        .collect();
    let with = match ids.as_slice() {
        [] => String::new(),
        ids => format!(" at a request that keeps {}", listed(ids)),
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
    with_core(model, rule, finding, core)
        .help("is a comparison the wrong way round, or a constant out of range?")
}

fn never_broken(model: &Model, rule: RuleRef, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let place = condition(own, &model.arena);
    if core
        .iter()
        .any(|label| matches!(label, Label::Invariant(_)))
    {
        let message = format!(
            "no sequence of requests leads to a state that breaks the rule `{}`",
            own.id
        );
        let finding = Diagnostic::warning(Code::NeverBroken, message).at(place, "always true");
        return with_core(model, rule, finding, core)
            .help("if there are such states, an operation that changes them is missing here, or its `set`");
    }
    let message = format!("the rule `{}` can never be broken", own.id);
    let finding = Diagnostic::error(Code::NeverBroken, message).at(place, "always true");
    let built_in = built_in(model, rule).filter(|_| core.is_empty());
    let finding = match built_in {
        Some((span, keyword)) => finding.also(span, format!("`{keyword}` of the schema")),
        None => finding,
    };
    with_core(model, rule, finding, core)
        .help("leave it out if the schema says it all; otherwise it says less than was meant")
}

/// The keyword that a rule about one field follows from, where proofs don't
/// name it: the encoding has no other values.
fn built_in(model: &Model, rule: RuleRef) -> Option<(Span, &'static str)> {
    let own = model.rule(rule);
    let (arena, schemas) = (&model.arena, &model.schemas);
    let body = match arena.node(own.expr) {
        Node::Call(Op::Guard, operands) => *operands.get(1)?,
        _ => own.expr,
    };
    let fields: BTreeSet<Vec<String>> = reads(model, body)
        .into_iter()
        .filter_map(|read| match read {
            Read::Field(path) => Some(path),
            _ => None,
        })
        .collect();
    let path = fields.first().filter(|_| fields.len() == 1)?;
    let (name, above) = path.split_last()?;
    let request = model.operation(own.operation).request;
    let step = |schema, key: &String| match key.as_str() {
        "*" => schemas.get(schema).items,
        key => schemas.property(schema, key),
    };
    let object = above.iter().try_fold(request, step)?;
    let field = schemas.get(step(object, name)?);
    let is_null = |id: &ExprId| matches!(arena.node(*id), Node::Const(Constant(Value::Null)));
    match arena.node(body) {
        Node::Has(..) => {
            let place = schemas.get(object).required.get(name)?;
            Some((place.span, "required"))
        }
        Node::Call(Op::Ne, operands) if operands.iter().any(is_null) => {
            Some((field.types_place.as_ref()?.span, "type"))
        }
        Node::Call(Op::Eq, operands)
            if operands
                .iter()
                .any(|id| matches!(arena.node(*id), Node::Call(Op::Round(_), _))) =>
        {
            Some((field.multiple_of.as_ref()?.span, "multipleOf"))
        }
        _ => None,
    }
}

fn implied(model: &Model, rule: RuleRef, core: &[Label]) -> Diagnostic {
    let own = model.rule(rule);
    let ids: Vec<String> = others(rule, core)
        .iter()
        .map(|other| format!("`{}`", model.rule(*other).id))
        .collect();
    let message = format!(
        "the rule `{}` says nothing new: it follows from {}",
        own.id,
        listed(&ids)
    );
    let place = condition(own, &model.arena);
    let finding =
        Diagnostic::warning(Code::Implied, message).at(place, "always true where the others hold");
    with_core(model, rule, finding, core)
        .note("no request breaks this rule alone, so no test shows whether a server enforces it")
        .help("leave it out, or correct the one that says more than was meant")
}

fn undecided(model: &Model, rule: RuleRef, what: &str, why: &str) -> Diagnostic {
    let own = model.rule(rule);
    let message = format!("no request is known that {what} the rule `{}`", own.id);
    let help = if why.ends_with(NEEDS_CLOCK) {
        "if the server has a clock for tests, say so under `clock:`".to_owned()
    } else {
        format!("write a baseline that {what} it: requests near the baselines are looked at first")
    };
    Diagnostic::info(Code::Undecided, message)
        .at(condition(own, &model.arena), "not decided")
        .note(why)
        .help(help)
}

/// Marks what a proof rests on.
pub(super) fn with_core(
    model: &Model,
    rule: RuleRef,
    finding: Diagnostic,
    core: &[Label],
) -> Diagnostic {
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
        | Label::Invariant(_)
        | Label::Alike(_)
        | Label::Restriction(_) => None,
    });
    let places: BTreeSet<_> = rules.chain(keywords).collect();
    let always = core.iter().filter_map(|label| match label {
        Label::Invariant(expr) => Some(print(&model.arena, *expr, &model.resource_names())),
        _ => None,
    });
    let finding = always.fold(finding, |finding, always| {
        finding.note(format!(
            "`{always}` after every sequence of requests, by induction"
        ))
    });
    let more = places.len().saturating_sub(MARKED);
    let marked = places.into_iter().take(MARKED);
    let finding = marked.fold(finding, |finding, (span, words)| finding.also(span, words));
    match more {
        0 => finding,
        more => finding.note(format!("the proof rests on {more} more places")),
    }
}
