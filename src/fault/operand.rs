//! Class `operand`: another field, or a wrong number, stands in a calculation.
//!
//! The variable and constant replacements of mutation testing (King and
//! Offutt, 1991). A text that is compared with a constant is left to other
//! classes: its neighbours hold nothing of the kind.

use super::FaultClass::Operand;
use super::edit::Edit;
use super::relational::is_comparison;
use super::scene::Scene;
use super::step::{Step, shifted};
use crate::expr::{Arena, ExprId, Node, Op, Position, Type, type_of};
use crate::model::EXISTS;
use crate::value::{decimal_places, power_of_ten};

/// For every field that a value is made of or that is compared: its neighbours of
/// the same type, in declared order. For every number in a calculation: one more
/// in its last place.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    let mut open = vec![(Position::default(), scene.root, false)];
    while let Some((position, id, is_calculated)) = open.pop() {
        match scene.arena.node(id).clone() {
            Node::Get(base, key) => found.extend(neighbours(scene, &position, base, &key)),
            Node::Const(_) if is_calculated => found.extend(constant(scene, &position, id)),
            Node::Call(op, operands) => {
                let parts = (0_u16..).zip(operands.iter());
                let is_label = is_label(scene.arena, op, &operands);
                let parts = parts.filter(|(index, _)| is_value(op, *index) && !is_label);
                let calculates = calculates(op);
                open.extend(parts.map(|(index, part)| (position.child(index), *part, calculates)));
            }
            Node::Fold(_, _, body) => open.push((position.child(1), body, false)),
            Node::List(items) => {
                let items = (0_u16..).zip(items.iter());
                open.extend(items.map(|(index, item)| (position.child(index), *item, false)));
            }
            _ => {}
        }
    }
    found.sort_by(|a, b| a.at.cmp(&b.at));
    found
}

/// Whether this compares a text with a constant.
fn is_label(arena: &Arena, op: Op, operands: &[ExprId]) -> bool {
    let is_text = |id: &ExprId| matches!(arena.ty(*id), Type::String(_));
    let is_constant = |id: &ExprId| arena.as_const(*id).is_some();
    is_comparison(op) && operands.iter().any(is_text) && operands.iter().any(is_constant)
}

/// Whether an operand becomes (a part of) the value, or is compared.
fn is_value(op: Op, index: u16) -> bool {
    match op {
        Op::Round(_) => index == 0,
        Op::Eq
        | Op::Ne
        | Op::Lt
        | Op::Le
        | Op::Gt
        | Op::Ge
        | Op::And
        | Op::Or
        | Op::Not
        | Op::Guard
        | Op::If
        | Op::Where
        | Op::TimeAdd
        | Op::TimeSub
        | Op::TimeDiff
        | Op::DurationAdd
        | Op::DurationSub
        | Op::Timestamp => true,
        Op::Add
        | Op::Sub
        | Op::Mul
        | Op::Div
        | Op::DivTruncated
        | Op::Neg
        | Op::Floor
        | Op::Ceil
        | Op::Min
        | Op::Max
        | Op::Sum
        | Op::OrElse
        | Op::As(_) => true,
        _ => false,
    }
}

fn calculates(op: Op) -> bool {
    matches!(
        op,
        Op::Add | Op::Sub | Op::Mul | Op::Div | Op::DivTruncated | Op::Min | Op::Max
    )
}

/// The fields before and behind this one that have its type.
fn neighbours(scene: &mut Scene<'_>, position: &Position, base: ExprId, key: &str) -> Vec<Edit> {
    let read = scene.at(position);
    let ty = scene.arena.ty(read).clone();
    let siblings = siblings(scene, base, &ty);
    let Some(own) = siblings.iter().position(|name| name == key) else {
        return Vec::new();
    };
    let before = own.checked_sub(1).and_then(|index| siblings.get(index));
    let near = [before, siblings.get(own + 1)].into_iter().flatten();
    let right = scene.quote(read);
    let mut found = Vec::new();
    for name in near {
        let node = Node::Get(base, name.as_str().into());
        let other = scene.arena.add(node, ty.clone());
        let words = format!("takes {} for {right}", scene.quote(other));
        found.extend(scene.edit(Operand, position, other, name.as_str(), words));
    }
    found
}

/// The members of an object, or the attributes of a resource, with that type.
fn siblings(scene: &Scene<'_>, base: ExprId, ty: &Type) -> Vec<String> {
    match scene.arena.ty(base) {
        Type::Object(schema) => {
            let members = scene.schemas.get(*schema).properties.iter();
            let alike =
                members.filter(|(_, member)| type_of(scene.schemas, **member).as_ref() == Ok(ty));
            alike.map(|(name, _)| name.clone()).collect()
        }
        Type::Resource(index) => {
            let resource = scene.resources.get(*index as usize);
            let attributes = resource.iter().flat_map(|own| &own.attributes);
            let alike = attributes.filter(|own| own.ty == *ty && own.name != EXISTS);
            alike.map(|own| own.name.clone()).collect()
        }
        _ => Vec::new(),
    }
}

/// One more in the last place.
fn constant(scene: &mut Scene<'_>, position: &Position, id: ExprId) -> Option<Edit> {
    let number = scene.arena.as_const(id)?.as_number()?;
    let places = decimal_places(number)?;
    let step = crate::value::Number::new(1.into(), power_of_ten(places));
    let new = shifted(scene, id, &Step::Number(step), true);
    let words = format!("has {} in place of {}", scene.quote(new), scene.quote(id));
    scene.edit(Operand, position, new, "more", words)
}

#[cfg(test)]
mod tests {
    use super::Operand;
    use crate::fault::fixture::Fixture;

    #[test]
    fn neighbours_stand_in_for_fields_of_a_value() {
        let mut fixture = Fixture::default();
        let value = "body.amount > 5 ? body.amount * 0.25 : 2.0";
        let rule = fixture.ensured("r", "total", value);
        assert_eq!(
            fixture.words_of(rule, Operand),
            [
                "takes `body.fee` for `body.amount`, in `body.amount > 5`",
                "takes `body.fee` for `body.amount`, in `body.amount * 0.25`",
                "has `0.26` in place of `0.25`",
            ]
        );
    }

    #[test]
    fn neighbours_are_compared_unless_with_a_word() {
        let mut fixture = Fixture::with_payment();
        let rule = fixture.rule("r", "body.amount <= payment.amount || body.tier == 'gold'");
        assert_eq!(
            fixture.words_of(rule, Operand),
            [
                "takes `body.fee` for `body.amount`",
                "takes `payment.refunded` for `payment.amount`",
            ]
        );
    }
}
