//! A text for an expression that doesn't depend on the order of operands
//! whose order means nothing.

use itertools::Itertools;

use crate::expr::{Arena, ExprId, Fold, Node, Notation, Op, ResourceName, Root};

/// The canonical text of `id`; `names` are those of the resources.
pub(super) fn canon(arena: &Arena, id: ExprId, names: &[ResourceName]) -> String {
    let of = |id: &ExprId| canon(arena, *id, names);
    match arena.node(id) {
        Node::Const(constant) => constant.0.to_string(),
        Node::Root(Root::Request) => "request".to_owned(),
        Node::Root(Root::Sent) => "sent".to_owned(),
        Node::Root(Root::Now) => "now".to_owned(),
        Node::Root(Root::Earlier(index)) => format!("earlier{index}"),
        Node::Root(Root::Resource(index) | Root::After(index)) => {
            match names.get(*index as usize) {
                Some(name) => name.one.clone(),
                None => format!("resource{index}"),
            }
        }
        Node::Root(Root::Old(index)) => match names.get(*index as usize) {
            Some(name) => format!("old({})", name.one),
            None => format!("old{index}"),
        },
        Node::Root(Root::All(index)) => match names.get(*index as usize) {
            Some(name) => name.all.clone(),
            None => format!("resources{index}"),
        },
        Node::Item { depth, .. } => format!("item{depth}"),
        Node::Get(base, key) => format!("{}.{key}", of(base)),
        Node::Has(base, key) => format!("has({}.{key})", of(base)),
        Node::Call(op, operands) => call(*op, operands.iter().map(of).collect()),
        Node::Fold(fold, list, body) => {
            format!("{}({}, {})", fold_name(*fold), of(list), of(body))
        }
        Node::List(items) => format!("[{}]", items.iter().map(of).join(", ")),
        Node::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| (key, of(value)));
            let shown = entries.map(|(key, value)| format!("{key}: {value}"));
            format!("{{{}}}", shown.sorted().join(", "))
        }
    }
}

fn fold_name(fold: Fold) -> &'static str {
    match fold {
        Fold::MapPresent => "map_present",
        other => other.name(),
    }
}

fn call(op: Op, mut operands: Vec<String>) -> String {
    let (op, mirrored) = match op {
        Op::Gt => (Op::Lt, true),
        Op::Ge => (Op::Le, true),
        same => (same, false),
    };
    if mirrored {
        operands.reverse();
    }
    if matches!(
        op,
        Op::And | Op::Or | Op::Eq | Op::Ne | Op::Add | Op::Mul | Op::DurationAdd
    ) {
        operands.sort();
    }
    format!("{}({})", name(op), operands.join(", "))
}

fn name(op: Op) -> String {
    match (op, op.info().notation) {
        (Op::Round(mode), _) => format!("round_{}", mode.name()),
        (Op::DivTruncated, _) => "div".to_owned(),
        (Op::Guard, _) => "when".to_owned(),
        (Op::Where, _) => "where".to_owned(),
        (Op::Index, _) => "at".to_owned(),
        (_, Notation::Prefix(symbol, _) | Notation::Infix(symbol, _)) => symbol.to_owned(),
        (_, Notation::Function(name) | Notation::Method(name)) => name.to_owned(),
        (_, Notation::Special) => "if".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn the_order_of_operands_does_not_matter_where_it_means_nothing() {
        let mut fixture = Fixture::default();
        let mut text = |text: &str| {
            let id = fixture.expression(text);
            canon(&fixture.model.arena, id, &[])
        };
        assert_eq!(
            text("body.amount < body.fee && has(body.note)"),
            text("has(body.note) && body.fee > body.amount")
        );
        assert_ne!(
            text("body.amount - body.fee > 0"),
            text("body.fee - body.amount > 0")
        );
        assert_ne!(
            text("body.amount < body.fee"),
            text("body.fee < body.amount")
        );
    }
}
