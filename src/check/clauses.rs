//! Clauses that can never matter.

use std::collections::BTreeMap;

use super::findings::with_core;
use crate::expr::{Arena, ExprId, Node, Op, Position};
use crate::model::{Model, RuleInstance, RuleRef};
use crate::search::lower::Label;
use crate::source::{Applicability, Code, Diagnostic, Fix, Sources, Span};

/// A clause with a value that it might always have.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub position: Position,
    /// What was written.
    pub span: Span,
    /// The value.
    pub value: bool,
    /// The rule with the value in place of the clause.
    pub root: ExprId,
}

/// What came of a clause.
#[derive(Clone, Debug)]
pub(super) enum Matters {
    /// Some request shows it, or none is known to exclude it.
    Perhaps,
    /// Proven: at no request that keeps the other rules.
    Never(Vec<Label>),
}

/// The operands of Boolean operators, guards and conditions of `?:`, each with
/// either value. Those without a text of their own are left out.
pub(super) fn clauses(arena: &mut Arena, rule: &RuleInstance) -> Vec<Clause> {
    let mut found = Vec::new();
    for (position, id) in arena.positions(rule.expr) {
        let whole = rule.spans.at(&position).span;
        for index in operands(arena, id) {
            let position = position.child(index);
            let span = rule.spans.at(&position).span;
            let is_constant = arena
                .at(rule.expr, &position)
                .is_none_or(|clause| arena.as_const(clause).is_some());
            if span == whole || is_constant {
                continue;
            }
            for value in [true, false] {
                let constant = arena.boolean(value);
                found.push(Clause {
                    root: arena.replace(rule.expr, &position, constant),
                    position: position.clone(),
                    span,
                    value,
                });
            }
        }
    }
    found
}

/// Which operands of a node are clauses.
fn operands(arena: &Arena, id: ExprId) -> std::ops::Range<u16> {
    match arena.node(id) {
        Node::Call(Op::And | Op::Or, operands) => {
            0..u16::try_from(operands.len()).unwrap_or(u16::MAX)
        }
        // The body of a guard is what the rule is about.
        Node::Call(Op::Guard | Op::If, _) => 0..1,
        _ => 0..0,
    }
}

/// One use of a clause: a definition, or a rule for several operations, has
/// several.
pub(super) struct Use<'a> {
    pub rule: RuleRef,
    pub clause: &'a Clause,
    pub matters: &'a Matters,
}

/// A warning for each clause that matters at none of its uses; only the
/// outermost of those within each other.
pub(super) fn findings(model: &Model, sources: &Sources, uses: &[Use<'_>]) -> Vec<Diagnostic> {
    let mut by_place: BTreeMap<(Span, bool), Vec<&Use<'_>>> = BTreeMap::new();
    for one in uses {
        let key = (one.clause.span, one.clause.value);
        by_place.entry(key).or_default().push(one);
    }
    let dead = by_place.into_iter().filter_map(|((span, _), uses)| {
        let is_dead = uses
            .iter()
            .all(|one| matches!(one.matters, Matters::Never(_)));
        let first = uses.first().filter(|_| is_dead)?;
        (!is_implied(model, sources, first)).then_some((span, *first))
    });
    let dead: Vec<(Span, &Use<'_>)> = dead.collect();
    let is_outermost = |span: Span| {
        let mut others = dead.iter().filter(|(other, _)| *other != span);
        !others.any(|(other, _)| other.contains(span))
    };
    let mut found: Vec<Diagnostic> = Vec::new();
    let mut told: Option<Span> = None;
    for (span, one) in &dead {
        if is_outermost(*span) && told != Some(*span) {
            let own = dead.iter().filter(|(other, other_use)| {
                other_use.rule == one.rule && is_outermost(*other) && other != span
            });
            let finding = finding(model, sources, one);
            found.push(match own.count() {
                0 => finding,
                _ => {
                    finding.note("each is told by itself: once one is left out, another may matter")
                }
            });
            told = Some(*span);
        }
    }
    found
}

/// Whether a clause is what `each` or `at` asks of itself: that the list, or the
/// place, is there. Nobody wrote it, so nobody can leave it out.
fn is_implied(model: &Model, sources: &Sources, one: &Use<'_>) -> bool {
    let rule = model.rule(one.rule);
    let clause = model.arena.at(rule.expr, &one.clause.position);
    let asks = clause.is_some_and(|id| matches!(model.arena.node(id), Node::Has(..)));
    asks && rule.about.is_some()
        && parent(model, rule, &one.clause.position) == Some(Op::Guard)
        && !sources.excerpt(one.clause.span).contains("has(")
}

fn finding(model: &Model, sources: &Sources, one: &Use<'_>) -> Diagnostic {
    let rule = model.rule(one.rule);
    let Clause { span, value, .. } = one.clause;
    let text = short(sources.excerpt(*span));
    let parent = parent(model, rule, &one.clause.position);
    let message = match parent {
        Some(Op::Guard) => format!("the guard of the rule `{}` can never matter", rule.id),
        Some(Op::If) => format!("one branch of the rule `{}` can never matter", rule.id),
        _ => format!("`{text}` can never matter to the rule `{}`", rule.id),
    };
    let mut finding = Diagnostic::warning(Code::DeadClause, message)
        .at(*span, format!("might as well be `{value}`"));
    if parent == Some(Op::If)
        && let Some(arm) = arm(rule, &one.clause.position, !*value)
    {
        finding = finding.also(arm, "never decides");
    }
    let core: &[Label] = match one.matters {
        Matters::Never(core) => core,
        Matters::Perhaps => &[],
    };
    let finding = with_core(model, one.rule, finding, core);
    let neutral = match parent {
        Some(Op::And) => *value,
        Some(Op::Or) => !*value,
        Some(Op::Guard) => *value,
        _ => false,
    };
    let finding = finding
        .note("with that instead, the rule says the same of every request that the schema and the other rules let through")
        .help(if neutral {
            "leave it out; or say what was meant"
        } else {
            "is a comparison the wrong way round, or a constant out of range?"
        });
    match parent {
        Some(op @ (Op::And | Op::Or)) if neutral => {
            finding.maybe_fix(removal(rule, sources, &one.clause.position, op))
        }
        _ => finding,
    }
}

fn parent(model: &Model, rule: &RuleInstance, position: &Position) -> Option<Op> {
    let (_, above) = position.steps().split_last()?;
    let above: Position = above.iter().copied().collect();
    match model.arena.node(model.arena.at(rule.expr, &above)?) {
        Node::Call(op, _) => Some(*op),
        _ => None,
    }
}

/// The arm of `?:` whose condition stands at `condition`.
fn arm(rule: &RuleInstance, condition: &Position, value: bool) -> Option<Span> {
    let (_, above) = condition.steps().split_last()?;
    let above: Position = above.iter().copied().collect();
    let arm = above.child(if value { 1 } else { 2 });
    Some(rule.spans.at(&arm).span)
}

/// The edit that leaves an operand out, with the operator beside it. None
/// where parentheses or definitions are in between.
fn removal(rule: &RuleInstance, sources: &Sources, position: &Position, op: Op) -> Option<Fix> {
    let (index, above) = position.steps().split_last()?;
    let above: Position = above.iter().copied().collect();
    let siblings = &rule.spans.at(&above).children;
    let own = siblings.get(usize::from(*index))?.span;
    let before = usize::from(*index)
        .checked_sub(1)
        .and_then(|at| siblings.get(at));
    let cut = match before {
        Some(before) => Span::new(own.file, before.span.end, own.end),
        None => {
            let next = siblings.get(usize::from(*index) + 1)?;
            Span::new(own.file, own.start, next.span.start)
        }
    };
    let between = match before {
        Some(before) => Span::new(own.file, before.span.end, own.start),
        None => Span::new(own.file, own.end, cut.end),
    };
    let operator = if op == Op::And { "&&" } else { "||" };
    let is_plain = sources.excerpt(between).trim() == operator;
    is_plain.then(|| Fix::replace("leave it out", Applicability::Maybe, cut, ""))
}

fn short(text: &str) -> String {
    const LONGEST: usize = 50;
    let text = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
