//! Divisions of integers whose truncation decides.

use super::trial::Scene;
use crate::expr::{Node, Op};
use crate::model::{Model, RuleRef, Trace};
use crate::source::{Applicability, Code, Diagnostic, Edit, Fix, Sources};

/// A note for a rule that comes out otherwise if `/` of integers divides
/// exactly, at the last request of `trace`.
pub(super) fn finding(
    model: &Model,
    sources: &Sources,
    rule: RuleRef,
    trace: &Trace,
) -> Option<Diagnostic> {
    let found = model.rule(rule);
    let scene = Scene::of(model, found.operation, trace)?;
    let holds = scene.value(model, found.expr)?.as_bool()?;
    let (position, operands) =
        model
            .arena
            .positions(found.expr)
            .into_iter()
            .find_map(|(position, id)| match model.arena.node(id) {
                Node::Call(Op::DivTruncated, operands) => Some((position, operands.to_vec())),
                _ => None,
            })?;
    let span = found.spans.at(&position).span;
    let first = found.spans.at(&position.child(0)).span;
    let values: Vec<String> = operands
        .iter()
        .filter_map(|operand| Some(scene.value(model, *operand)?.to_string()))
        .collect();
    let example = match values.as_slice() {
        [a, b] => format!("{a} / {b}"),
        _ => "some request".to_owned(),
    };
    let (now, exactly) = if holds {
        ("holds", "is broken")
    } else {
        ("is broken", "holds")
    };
    let message = format!(
        "`/` of two integers truncates, and that decides the rule `{}`",
        found.id
    );
    let written = sources.excerpt(first);
    let fix = Fix {
        title: "divide exactly".to_owned(),
        applicability: Applicability::Maybe,
        edits: vec![
            Edit {
                span: first.at_start(),
                text: "decimal(".to_owned(),
            },
            Edit {
                span: first.at_end(),
                text: ")".to_owned(),
            },
        ],
    };
    Some(
        Diagnostic::info(Code::TruncatedDivision, message)
            .at(span, "drops what is behind the point")
            .note(format!(
                "for {example} the rule {now}; divided exactly, it {exactly}"
            ))
            .help(format!(
                "to divide exactly, write `decimal({written}) / ...`"
            ))
            .fix(fix),
    )
}
