//! Requests at which a rule has no value, and what to write instead.

use super::nothing::Compared;
use super::trial::Scene;
use super::{condition, guard};
use crate::eval::{Reason, Undefined};
use crate::expr::{Demand, ExprId, Node, Op, Position, Type};
use crate::model::{Model, RuleInstance, RuleRef, Trace};
use crate::rulefile::Shorthand;
use crate::source::{Applicability, Code, Diagnostic, Edit, Fix, Sources, Span};
use crate::tree::plain_or_quoted;
use crate::value::Value;

/// A warning for a rule that is undefined at the last request of `trace`.
pub(super) fn finding(
    model: &Model,
    sources: &Sources,
    rule: RuleRef,
    trace: &Trace,
) -> Option<Diagnostic> {
    let found = model.rule(rule);
    let scene = Scene::of(model, found.operation, trace)?;
    let undefined = scene.undefined(model, found.expr)?;
    let cause = Cause::of(model, found, &scene, undefined)?;
    let text = sources.excerpt(cause.span);
    let text = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    let message = format!(
        "`{text}` {}: then the rule `{}` is undefined",
        cause.why(),
        found.id
    );
    let warning = Diagnostic::warning(Code::MayBeUndefined, message)
        .at(cause.span, cause.label())
        .note(format!(
            "it is so for {}; such requests are neither right nor wrong, and no case holds one",
            example(model, &scene, found, trace)
        ));
    Some(with_help(warning, model, sources, found, &cause, &text))
}

/// Whether the last request of `trace` has no body.
pub(super) fn lacks_body(trace: &Trace) -> bool {
    let last = trace.steps.last();
    last.is_some_and(|last| match &last.request {
        Value::Map(parts) => !parts.contains_key("body"),
        _ => false,
    })
}

/// One warning for all rules of an operation that have no value where there is
/// no body; `each` holds those about the rules.
pub(super) fn without_body(model: &Model, mut each: Vec<(RuleRef, Diagnostic)>) -> Vec<Diagnostic> {
    each.sort_by_key(|(_, finding)| finding.place());
    let own = match each.as_slice() {
        [(rule, _), _, ..] => model.operation(model.rule(*rule).operation),
        _ => return each.into_iter().map(|(_, finding)| finding).collect(),
    };
    let ids = each.iter().map(|(rule, _)| &model.rule(*rule).id);
    let mut ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    // One more is named as well.
    let more = match ids.len().saturating_sub(NAMED) {
        1 => 0,
        more => more,
    };
    ids.truncate(ids.len() - more);
    let (named, last) = match (more, ids.pop()) {
        (0, Some(last)) => (ids, last),
        (more, last) => {
            ids.extend(last);
            (ids, format!("{more} more rules"))
        }
    };
    let message = format!(
        "the body of `{}` may be left out: then {} and {last} are undefined",
        own.id,
        named.join(", ")
    );
    let mut finding = Diagnostic::warning(Code::MayBeUndefined, message);
    for (index, (_, own)) in each.iter().enumerate().take(NAMED) {
        let place = own.place().into_iter();
        finding = place.fold(finding, |finding, place| match index {
            0 => finding.at(place, "read without asking whether there is a body"),
            _ => finding.also(place, "the same"),
        });
    }
    vec![
        finding
            .help(
                "if every request has a body, say so in the API document: `required: true` under \
                 `requestBody:`",
            )
            .help("if the rules have nothing to say of requests without one: `when: has(body)`")
            .help("or say `undefined: reject` at the top of the file, which refuses them")
            .note("such requests are neither right nor wrong, and no case holds one"),
    ]
}

/// How many rules are named where many have the same trouble.
const NAMED: usize = 4;

/// What has no value, and where it was written.
struct Cause {
    reason: Reason,
    span: Span,
    position: Position,
    /// Whether it is the text of a definition.
    is_in_def: bool,
    /// Whether it is within a fold.
    is_in_fold: bool,
    /// For a member: whether it is one of a constant map.
    is_map: bool,
    /// The types that a value of any type doesn't have: in words, and as
    /// `type()` names them.
    demand: Option<(&'static str, &'static [&'static str])>,
}

impl Cause {
    fn of(model: &Model, rule: &RuleInstance, scene: &Scene, undefined: Undefined) -> Option<Self> {
        let arena = &model.arena;
        let positions = arena.positions(rule.expr);
        let (mut position, mut id) = positions.into_iter().find(|(_, id)| *id == undefined.at)?;
        let demand = match arena.node(id) {
            Node::Call(Op::As(demand), _) => Some(demanded(*demand)),
            Node::Call(Op::Size, of) if of.iter().all(|of| *arena.ty(*of) == Type::Any) => {
                Some(("may have no size", &["string", "list", "map"][..]))
            }
            _ => None,
        };
        match undefined.reason {
            _ if demand.is_some() => position = position.child(0),
            // The whole path: `has()` asks for each of its steps.
            Reason::Absent => {
                while let Some((above, parent)) = above(model, rule, &position)
                    && matches!(arena.node(parent), Node::Get(base, _) if *base == id)
                {
                    (position, id) = (above, parent);
                }
            }
            Reason::DivisionByZero => position = position.child(1),
            Reason::WrongKind
            | Reason::NotAMoment
            | Reason::NotANumber
            | Reason::NotABoolean
            | Reason::BadPattern => {
                let children = arena.node(id).children();
                let culprit = children.iter().position(|child| {
                    let value = scene.value(model, *child);
                    match undefined.reason {
                        Reason::WrongKind => value == Some(Value::Null),
                        _ => matches!(value, Some(Value::String(_))),
                    }
                });
                if let Some(index) = culprit.and_then(|index| u16::try_from(index).ok()) {
                    position = position.child(index);
                }
            }
            Reason::NoEntry | Reason::OutOfRange => {}
        }
        let is_in_fold = (0..position.steps().len()).any(|depth| {
            let above: Position = position.steps().iter().take(depth).copied().collect();
            let node = arena.at(rule.expr, &above).map(|id| arena.node(id));
            matches!(node, Some(Node::Fold(..)))
        });
        let is_map = matches!(arena.node(undefined.at), Node::Call(Op::Index, operands)
            if operands.first().is_some_and(|base| matches!(arena.node(*base), Node::Map(_))));
        let is_in_def = (0..=position.steps().len()).any(|depth| {
            let above: Position = position.steps().iter().take(depth).copied().collect();
            rule.spans.at(&above).def.is_some()
        });
        Some(Self {
            reason: undefined.reason,
            span: rule.spans.at(&position).span,
            position,
            is_in_def,
            is_in_fold,
            is_map,
            demand,
        })
    }

    fn why(&self) -> &'static str {
        if let Some((words, _)) = self.demand {
            return words;
        }
        match self.reason {
            Reason::Absent => "may be absent",
            Reason::DivisionByZero => "may be zero",
            Reason::NoEntry => "may have no such entry",
            Reason::WrongKind => "may be null",
            Reason::NotAMoment => "may be no date or date-time",
            Reason::NotANumber => "may be no number",
            Reason::NotABoolean => "may be neither true nor false",
            Reason::BadPattern => "may be no regular expression",
            Reason::OutOfRange => "may be out of range",
        }
    }

    fn label(&self) -> &'static str {
        if self.demand.is_some() {
            return "of another type at some request";
        }
        match self.reason {
            Reason::Absent => "read without asking whether it is there",
            Reason::DivisionByZero => "0 at some request",
            Reason::NoEntry => "there may be no such entry",
            Reason::WrongKind => "null at some request",
            Reason::NotAMoment => "not always a date or date-time",
            Reason::NotANumber => "not always a number",
            Reason::NotABoolean => "not always true or false",
            Reason::BadPattern => "not always a regular expression",
            Reason::OutOfRange => "beyond what can be held",
        }
    }

    /// The condition under which there is a value.
    fn condition(&self, text: &str) -> Option<String> {
        if let Some((_, names)) = self.demand {
            return Some(match names {
                [name] => format!("type({text}) == {name}"),
                names => format!("type({text}) in [{}]", names.join(", ")),
            });
        }
        match self.reason {
            Reason::Absent => Some(format!("has({text})")),
            Reason::DivisionByZero => Some(format!("{text} != 0")),
            Reason::WrongKind => Some(format!("{text} != null")),
            Reason::NoEntry
            | Reason::NotAMoment
            | Reason::NotANumber
            | Reason::NotABoolean
            | Reason::BadPattern
            | Reason::OutOfRange => None,
        }
    }
}

fn demanded(demand: Demand) -> (&'static str, &'static [&'static str]) {
    let words = match demand {
        Demand::Bool => "may be neither true nor false",
        Demand::Number => "may be no number",
        Demand::Int => "may be no whole number",
        Demand::Text => "may be no text",
    };
    (words, demand.names())
}

fn above(model: &Model, rule: &RuleInstance, position: &Position) -> Option<(Position, ExprId)> {
    let (_, steps) = position.steps().split_last()?;
    let above: Position = steps.iter().copied().collect();
    let id = model.arena.at(rule.expr, &above)?;
    Some((above, id))
}

/// The values of what the rule reads, as far as it tells this request from
/// others.
fn example(model: &Model, scene: &Scene, rule: &RuleInstance, trace: &Trace) -> String {
    let operation = model.operation(rule.operation);
    let known = trace.steps.last().and_then(|last| {
        let own = operation.baselines.iter();
        let mut own = own.filter(|baseline| baseline.request == last.request);
        own.next()
    });
    if let Some(baseline) = known {
        return format!("the baseline `{}`", baseline.name);
    }
    let requests = crate::case::Changes::between;
    let last = trace.steps.last().map(|last| &last.request);
    let nearest = operation
        .baselines
        .iter()
        .filter_map(|baseline| {
            let last = last?;
            let places = requests(&baseline.request, last).places();
            let words: Vec<String> = places
                .into_iter()
                .map(|place| match place.read(last) {
                    Some(value) => format!("{place} = {value}"),
                    None => format!("{place} left out"),
                })
                .collect();
            Some((words, &baseline.name))
        })
        .min_by_key(|(words, _)| words.len());
    match nearest {
        Some((words, name)) => format!("the baseline `{name}` with {}", words.join(", ")),
        None => scene.request.to_string(),
    }
}

fn with_help(
    warning: Diagnostic,
    model: &Model,
    sources: &Sources,
    rule: &RuleInstance,
    cause: &Cause,
    text: &str,
) -> Diagnostic {
    let Some(asked) = cause.condition(text) else {
        return warning.help(match cause.reason {
            Reason::NoEntry if cause.is_map => "add the entry, or ask `x in [...]` before",
            Reason::NoEntry => "ask for the length before: `size(list) > i && ...`",
            Reason::NotAMoment | Reason::NotANumber => {
                "give the field a `format` or a `pattern`, in the API document or under `fields:`"
            }
            _ => "bound the field, in the API document or under `fields:`",
        });
    };
    let compared = Compared::of(model, rule, &cause.position);
    let compared = compared.filter(|_| cause.reason == Reason::Absent);
    let warning = match &compared {
        Some(compared) => compared.advise(warning, sources, text),
        None => warning,
    };
    if compared.is_some_and(|compared| compared.means_absence()) {
        return warning;
    }
    if cause.is_in_def || cause.is_in_fold {
        let inside = if cause.is_in_fold {
            "for the item"
        } else {
            "in the definition"
        };
        return warning
            .help(format!(
                "ask {inside}: `{asked} && ...` fails without it, `!({asked}) || ...` passes"
            ))
            .help("or say `undefined: reject`, which refuses such requests");
    }
    let is_in_guard = matches!(model.arena.node(rule.expr), Node::Call(Op::Guard, _))
        && cause.position.steps().first() == Some(&0);
    let passing = applies(model, sources, rule, &asked, is_in_guard);
    let warning = match &passing {
        Some((words, _)) => warning.help(words.clone()),
        None => warning,
    };
    let warning = warning.maybe_fix(passing.and_then(|(_, fix)| fix));
    let warning = if is_in_guard {
        warning
    } else if let Some((words, fix)) = in_shorthand(model, sources, rule, cause, &asked) {
        warning
            .help(format!("if the condition is false there: `{words}`"))
            .fix(fix)
    } else {
        let place = condition(rule, &model.arena);
        let (words, fix) = required(model, rule, place, sources.excerpt(place), &asked);
        warning
            .help(format!("if such requests are to be refused: `{words}`"))
            .fix(fix)
    };
    warning.help("or say `undefined: reject`, which refuses them for whatever reason")
}

/// `is: has(x) && (...)` of a shorthand.
fn in_shorthand(
    model: &Model,
    sources: &Sources,
    rule: &RuleInstance,
    cause: &Cause,
    asked: &str,
) -> Option<(String, Fix)> {
    let key = condition(rule, &model.arena);
    if !Shorthand::KEYS.contains(&sources.excerpt(key)) {
        return None;
    }
    // What the shorthand adds stands under its key.
    let steps = cause.position.steps();
    let mut prefixes = (0..=steps.len()).map(|depth| steps.iter().take(depth).copied().collect());
    let at: Position = prefixes.find(|at: &Position| {
        let span = rule.spans.at(at).span;
        span != key && span.start >= key.end
    })?;
    let id = model.arena.at(rule.expr, &at)?;
    let place = rule.spans.at(&at).span;
    let is_loose = matches!(model.arena.node(id), Node::Call(Op::Or | Op::If, _));
    let (words, fix) = guarded(place, sources.excerpt(place), asked, is_loose);
    Some((format!("is: {}", plain_or_quoted(&words)), fix))
}

/// `has(x) && (...)`
fn required(
    model: &Model,
    rule: &RuleInstance,
    place: Span,
    written: &str,
    asked: &str,
) -> (String, Fix) {
    let (whole, _) = rule.condition(&model.arena);
    let is_loose = matches!(model.arena.node(whole), Node::Call(Op::Or | Op::If, _));
    guarded(place, written, asked, is_loose)
}

/// `asked` before what is written at a place.
fn guarded(place: Span, written: &str, asked: &str, is_loose: bool) -> (String, Fix) {
    let (open, close) = if is_loose { ("(", ")") } else { ("", "") };
    let shown = written.split_whitespace().collect::<Vec<&str>>().join(" ");
    let fix = Fix {
        title: format!("demand `{asked}`"),
        applicability: Applicability::Maybe,
        edits: [
            (place.at_start(), format!("{asked} && {open}")),
            (place.at_end(), close.to_owned()),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(span, text)| Edit { span, text })
        .collect(),
    };
    (format!("{asked} && {open}{shown}{close}"), fix)
}

/// `when: has(x)`: the rule is about such requests only. What the guard
/// itself reads is asked for first, else last.
fn applies(
    model: &Model,
    sources: &Sources,
    rule: &RuleInstance,
    asked: &str,
    is_first: bool,
) -> Option<(String, Option<Fix>)> {
    let lead = "if the rule has nothing to say of such requests";
    let Some(when) = rule.when else {
        return Some((
            format!("{lead}: `when: {}`", plain_or_quoted(asked)),
            new_guard(sources, rule, asked),
        ));
    };
    let place = guard(rule, &model.arena);
    if !when.contains(place) {
        // What stands around the rule (`at`, `each`) comes first.
        return Some((format!("{lead}: add `{asked}` to `when`"), None));
    }
    let written = sources.excerpt(place);
    let operands = model.arena.node(rule.expr).children();
    let is_loose = operands
        .first()
        .is_some_and(|id| matches!(model.arena.node(*id), Node::Call(Op::Or | Op::If, _)));
    let (open, close) = if is_loose { ("(", ")") } else { ("", "") };
    let (before, behind) = if is_first {
        (format!("{asked} && {open}"), close.to_owned())
    } else {
        (open.to_owned(), format!("{close} && {asked}"))
    };
    let shown = written.split_whitespace().collect::<Vec<&str>>().join(" ");
    let guard = plain_or_quoted(&format!("{before}{shown}{behind}"));
    let words = format!("{lead}: `when: {guard}`");
    let edits = [(place.at_start(), before), (place.at_end(), behind)];
    let edits = edits.into_iter().filter(|(_, text)| !text.is_empty());
    let fix = Fix {
        title: format!("apply the rule where `{asked}`"),
        applicability: Applicability::Maybe,
        edits: edits.map(|(span, text)| Edit { span, text }).collect(),
    };
    Some((words, Some(fix)))
}

/// A line `when: ...` above the line of the rule's condition.
fn new_guard(sources: &Sources, rule: &RuleInstance, asked: &str) -> Option<Fix> {
    let text = sources.text(rule.spans.span.file);
    let before = text.get(..rule.spans.span.start)?;
    let key = before.rfind("rule:")?;
    let line = before.get(..key)?.rfind('\n').map_or(0, |at| at + 1);
    let lead = before.get(line..key)?;
    let is_block = lead.chars().all(|c| matches!(c, ' ' | '-'));
    let between = before.get(key + "rule:".len()..)?;
    let is_own = between
        .chars()
        .all(|c| c.is_whitespace() || matches!(c, '>' | '|' | '-' | '"' | '\''));
    (is_block && is_own).then(|| {
        let place = Span::new(rule.spans.span.file, key, key);
        let indent = " ".repeat(lead.chars().count());
        Fix::replace(
            format!("apply the rule where `{asked}`"),
            Applicability::Maybe,
            place,
            format!("when: {}\n{indent}", plain_or_quoted(asked)),
        )
    })
}
