//! Class `presence`: absent, null, empty and zero are confused.
//!
//! Optional fields in languages without options: a check for presence that is
//! forgotten, or that asks for truth instead (`if (x)`).
//!
//! A read that is undefined in the right server leaves its verdict unclear, and
//! a patch that only makes undefined parts defined changes nothing elsewhere.
//! So unguarded reads get faults of their own only where an undefined rule
//! refuses (`undefined: reject`); guarded ones when their has() is left out.

use super::FaultClass::Presence;
use super::edit::Edit;
use super::forgotten;
use super::known::known_at;
use super::logic::{Simplifier, chain as logical, without_idle_guard};
use super::reads::{admits_zero, chain, may_be_null, schema_of, step_may_be_absent, zero};
use super::scene::Scene;
use crate::expr::{ExprId, Node, Op, Position, Type, type_of};
use crate::model::Place;
use crate::value::Value;

/// For every has(): see [`has_edits`]. For every read of a field that may be
/// absent, where `undefined: reject` holds and no has() guards it: taken as
/// zero or empty; and once for the rule: passed. For fields with a default:
/// see [`forgotten`].
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, id) in scene.nodes() {
        if let Node::Has(..) = scene.arena.node(id) {
            found.extend(has_edits(scene, &position, id));
        }
    }
    if scene.undefined_rejects {
        found.extend(unguarded(scene));
    }
    found.extend(forgotten::edits(scene));
    found
}

/// `has(x)` left out: where `x` is absent, its reads are undefined (a crash),
/// or zero or empty, or the rule passes, or it fails. And `has(x)` false also
/// for a null, where the schema allows null and the server tells it from
/// absent; and for zero, false or the empty text or list, where the schema
/// allows it.
fn has_edits(scene: &mut Scene<'_>, position: &Position, has: ExprId) -> Vec<Edit> {
    let field = field_of(scene, has);
    let mut found = Vec::new();
    found.extend(left_out(scene, position, &field));
    let reads = reads_through(scene, position, has);
    if !reads.is_empty() {
        found.extend(read_as_zero(scene, position, has, &reads));
        found.extend(decided(scene, position, has, true));
        found.extend(decided(scene, position, has, false));
    }
    found.extend(null_is_absent(scene, position, has));
    found.extend(zero_is_absent(scene, position, has));
    found
}

/// The field that has() asks for, quoted.
fn field_of(scene: &mut Scene<'_>, has: ExprId) -> String {
    let quoted = scene.quote(has);
    let inner = quoted
        .strip_prefix("`has(")
        .and_then(|rest| rest.strip_suffix(")`"));
    inner.map_or(quoted.clone(), |inner| format!("`{inner}`"))
}

fn left_out(scene: &mut Scene<'_>, position: &Position, field: &str) -> Option<Edit> {
    let there = scene.arena.boolean(true);
    let words = format!("doesn't check that {field} is there");
    scene.edit(Presence, position, there, "unchecked", words)
}

/// The values that depend on the member that `has` asks for, at positions that
/// mean the same objects: whole reads, as moments where they are used so.
fn reads_through(scene: &Scene<'_>, position: &Position, has: ExprId) -> Vec<(Position, ExprId)> {
    let context = scene.context(position);
    whole_reads(scene)
        .into_iter()
        .filter(|(at, id)| passes(scene, *id, has) && scene.context(at) == context)
        .collect()
}

/// Whether reading `read` goes through the member that `has` asks for.
fn passes(scene: &Scene<'_>, read: ExprId, has: ExprId) -> bool {
    let Node::Has(base, key) = scene.arena.node(has) else {
        return false;
    };
    let asked = Node::Get(*base, key.clone());
    chain(scene.arena, text_of(scene, read))
        .iter()
        .any(|step| *scene.arena.node(*step) == asked)
}

/// What `timestamp(text)` reads; any other expression itself.
fn text_of(scene: &Scene<'_>, id: ExprId) -> ExprId {
    match scene.arena.node(id) {
        Node::Call(Op::Timestamp, operands) => operands.first().copied().unwrap_or(id),
        _ => id,
    }
}

/// Reads that aren't part of another, has() included; of a date that is used
/// as a moment, the moment.
fn whole_reads(scene: &Scene<'_>) -> Vec<(Position, ExprId)> {
    let is_read = |id: ExprId| matches!(scene.arena.node(id), Node::Get(..));
    let is_whole = |position: &Position, id: ExprId| match scene.parent(position) {
        Some((_, above)) => match scene.arena.node(above) {
            Node::Get(..) | Node::Has(..) => false,
            Node::Call(Op::Timestamp, _) => !is_read(id),
            _ => true,
        },
        None => true,
    };
    let nodes = scene.nodes().into_iter();
    nodes
        .filter(|(position, id)| is_read(text_of(scene, *id)) && is_whole(position, *id))
        .collect()
}

fn or_else_zero(scene: &mut Scene<'_>, read: ExprId) -> Option<(ExprId, ExprId)> {
    let ty = scene.arena.ty(read).clone();
    let zero = zero(&ty)?;
    let zero = scene.arena.constant(zero, ty.clone());
    Some((scene.arena.call(Op::OrElse, &[read, zero], ty), zero))
}

fn read_as_zero(
    scene: &mut Scene<'_>,
    position: &Position,
    has: ExprId,
    reads: &[(Position, ExprId)],
) -> Option<Edit> {
    let mut changes = vec![(position.clone(), scene.arena.boolean(true))];
    let mut shown = None;
    for (at, read) in reads {
        let (lax, zero) = or_else_zero(scene, *read)?;
        shown = shown.or(Some((*read, zero)));
        changes.push((at.clone(), lax));
    }
    let (read, zero) = shown?;
    let words = format!(
        "doesn't check {} and takes an absent {} for {}",
        scene.quote(has),
        scene.quote(text_of(scene, read)),
        zero_words(scene, zero)
    );
    let variant = "unchecked-zero".to_owned();
    let edit = Edit {
        class: Presence,
        at: position.clone(),
        changes,
        variant,
        words,
        about: None,
    };
    Some(edit)
}

fn zero_words(scene: &Scene<'_>, zero: ExprId) -> String {
    match scene.arena.as_const(zero) {
        Some(Value::String(_)) => "an empty text".to_owned(),
        Some(Value::List(_)) => "an empty list".to_owned(),
        Some(Value::Time(_)) => "the start of 1970".to_owned(),
        _ => scene.quote(zero),
    }
}

/// Without its check, an absent field decides the rule (below a fold: for one
/// item) as `outcome`. Not made where absence leads to the same anyway.
fn decided(scene: &mut Scene<'_>, position: &Position, has: ExprId, outcome: bool) -> Option<Edit> {
    let whole = whole_condition(scene, position)?;
    let base = scene.at(&whole);
    let lax = absent(scene, base, has, Some(outcome));
    let right = absent(scene, base, has, None);
    if settled(scene, lax) == settled(scene, right) {
        return None;
    }
    let depth = whole.steps().len();
    let within: Position = position.steps().iter().skip(depth).copied().collect();
    let there = scene.arena.boolean(true);
    let unchecked = scene.arena.replace(base, &within, there);
    let otherwise = scene.arena.boolean(outcome);
    let new = scene.arena.call_bool(Op::OrElse, &[unchecked, otherwise]);
    let (how, tag) = if outcome {
        ("passes", "pass")
    } else {
        ("fails", "fail")
    };
    let words = format!(
        "doesn't check {}: the rule {how} where that is absent",
        scene.quote(has)
    );
    let edit = scene.edit(Presence, &whole, new, format!("unchecked-{tag}"), words)?;
    Some(edit.about(new).located(position.clone()))
}

/// Simplified; a rule that holds wherever its guard does counts as none.
fn settled(scene: &mut Scene<'_>, id: ExprId) -> ExprId {
    let simple = Simplifier::default().simplify(scene.arena, id);
    without_idle_guard(scene.arena, simple)
}

/// The rule, or the condition on one item, that `position` is part of.
fn whole_condition(scene: &Scene<'_>, position: &Position) -> Option<Position> {
    let fold = scene.context(position).pop();
    let whole = fold.map_or_else(Position::default, |fold| fold.child(1));
    (scene.is_rule() && *scene.arena.ty(scene.at(&whole)) == Type::Bool).then_some(whole)
}

/// What the condition `id` comes to where the member that `has` asks for is
/// absent. With `unchecked`: has() counts as true, and what is undefined for
/// want of the member as makes `id` come out as given; without: as in the
/// right server. `&&`, `||` and `!` hand this on to their operands.
fn absent(scene: &mut Scene<'_>, id: ExprId, has: ExprId, unchecked: Option<bool>) -> ExprId {
    if id == has {
        return scene.arena.boolean(unchecked.is_some());
    }
    let (op, operands) = match scene.arena.node(id).clone() {
        Node::Call(op @ (Op::And | Op::Or | Op::Not | Op::Guard | Op::If), operands) => {
            (op, operands)
        }
        _ => return undefined_as(scene, id, has, unchecked),
    };
    if let (Op::Guard | Op::If, Some(condition)) = (op, operands.first())
        && reads_member(scene, *condition, has)
    {
        return undefined_as(scene, id, has, unchecked);
    }
    let mut built = id;
    for (index, operand) in (0_u16..).zip(operands) {
        let wanted = match op {
            Op::Not => unchecked.map(|outcome| !outcome),
            _ => unchecked,
        };
        let new = absent(scene, operand, has, wanted);
        built = scene
            .arena
            .replace(built, &Position::default().child(index), new);
    }
    built
}

fn undefined_as(scene: &mut Scene<'_>, id: ExprId, has: ExprId, unchecked: Option<bool>) -> ExprId {
    match unchecked {
        Some(outcome) if reads_member(scene, id, has) => scene.arena.boolean(outcome),
        _ => id,
    }
}

/// Whether a value in `id` is read through the member that `has` asks for.
fn reads_member(scene: &Scene<'_>, id: ExprId, has: ExprId) -> bool {
    let below = scene.arena.positions(id);
    below.iter().any(|(_, part)| {
        matches!(scene.arena.node(*part), Node::Get(..)) && passes(scene, *part, has)
    })
}

/// The read of the field that `has` asks for.
fn asked_read(scene: &mut Scene<'_>, has: ExprId) -> Option<ExprId> {
    let Node::Has(base, key) = scene.arena.node(has).clone() else {
        return None;
    };
    let Type::Object(object) = scene.arena.ty(base) else {
        return None;
    };
    let (crate::expr::Member::Declared(schema, _) | crate::expr::Member::Additional(schema)) =
        crate::expr::member(scene.schemas, *object, &key)?;
    let ty = type_of(scene.schemas, schema).ok()?;
    Some(scene.arena.add(Node::Get(base, key), ty))
}

fn null_is_absent(scene: &mut Scene<'_>, position: &Position, has: ExprId) -> Option<Edit> {
    let schema = schema_of(scene.arena, scene.schemas, has)?;
    if !scene.nulls_distinct || !may_be_null(schema) {
        return None;
    }
    let read = asked_read(scene, has)?;
    let null = scene.arena.constant(Value::Null, Type::Null);
    let given = scene.arena.call_bool(Op::Ne, &[read, null]);
    let new = logical(scene.arena, Op::And, &[has, given]);
    let words = format!("takes {} for absent where it is null", scene.quote(read));
    scene.edit(Presence, position, new, "null-absent", words)
}

fn zero_is_absent(scene: &mut Scene<'_>, position: &Position, has: ExprId) -> Option<Edit> {
    let read = asked_read(scene, has)?;
    let ty = scene.arena.ty(read).clone();
    let empty = zero(&ty)?;
    let schema = schema_of(scene.arena, scene.schemas, has)?;
    if !admits_zero(schema, &empty) {
        return None;
    }
    let (given, what) = match ty {
        Type::Bool => (read, "false"),
        Type::List(_) => (not_empty(scene, read), "an empty list"),
        ty => {
            let what = if ty.is_number() { "0" } else { "empty" };
            let zero = scene.arena.constant(empty, ty);
            (scene.arena.call_bool(Op::Ne, &[read, zero]), what)
        }
    };
    let new = logical(scene.arena, Op::And, &[has, given]);
    let words = format!("takes {} for absent where it is {what}", scene.quote(read));
    scene.edit(Presence, position, new, "zero-absent", words)
}

fn not_empty(scene: &mut Scene<'_>, list: ExprId) -> ExprId {
    let size = scene.arena.call(Op::Size, &[list], Type::Int);
    let zero = scene.arena.constant(Value::int(0), Type::Int);
    scene.arena.call_bool(Op::Ne, &[size, zero])
}

/// Where an undefined rule refuses: reads that may be absent and that no has()
/// guards, each as zero or empty; and the whole rule passed. (Failed is what
/// the right server does.)
fn unguarded(scene: &mut Scene<'_>) -> Vec<Edit> {
    let Place::Rule(_) = scene.place else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (position, read) in whole_reads(scene) {
        if !may_be_absent(scene, &position, text_of(scene, read)) {
            continue;
        }
        if let Some((lax, zero)) = or_else_zero(scene, read) {
            let words = format!(
                "takes an absent {} for {}",
                scene.quote(text_of(scene, read)),
                zero_words(scene, zero)
            );
            found.extend(scene.edit(Presence, &position, lax, "zero", words));
        }
    }
    if !found.is_empty() {
        let passes = scene.arena.boolean(true);
        let new = scene.arena.call_bool(Op::OrElse, &[scene.root, passes]);
        let words = "lets a request pass where a field that the rule reads is absent";
        found.extend(scene.edit(Presence, &Position::default(), new, "pass", words));
    }
    found
}

/// Whether `read` at `position` may be absent where it matters.
fn may_be_absent(scene: &Scene<'_>, position: &Position, read: ExprId) -> bool {
    let known = known_at(scene.arena, scene.root, position);
    chain(scene.arena, read).iter().any(|step| {
        let Node::Get(base, key) = scene.arena.node(*step) else {
            return false;
        };
        step_may_be_absent(scene.arena, scene.schemas, scene.nulls_distinct, *step)
            && !known.contains(&(*base, key.clone()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn a_check_for_presence_goes_wrong_in_several_ways() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "has(body.fee) && body.fee <= 10");
        assert_eq!(
            fixture.words_of(rule, Presence),
            [
                "doesn't check `has(body.fee)` and takes an absent `body.fee` for `0`",
                "doesn't check `has(body.fee)`: the rule passes where that is absent",
                "takes `body.fee` for absent where it is null",
                "takes `body.fee` for absent where it is 0",
            ]
        );
        let rule = fixture.guarded("s", "has(body.start_on)", "body.start_on <= body.end_on");
        assert_eq!(
            fixture.words_of(rule, Presence),
            [
                "doesn't check `has(body.start_on)` and takes an absent `body.start_on` for the start of 1970",
                "doesn't check `has(body.start_on)`: the rule fails where that is absent",
            ]
        );
    }

    #[test]
    fn what_absence_decides_anyway_is_left_out() {
        let mut fixture = Fixture::default();
        let how = |fixture: &mut Fixture, rule| -> Vec<&str> {
            let words = fixture.words_of(rule, Presence);
            let decided = ["passes", "fails"].into_iter();
            decided
                .filter(|how| words.iter().any(|words| words.contains(how)))
                .collect()
        };
        let rule = fixture.rule("a", "body.flag && (!has(body.fee) || body.fee <= 10)");
        assert_eq!(how(&mut fixture, rule), ["fails"]);
        let rule = fixture.rule("b", "body.flag || (has(body.fee) && body.fee <= 10)");
        assert_eq!(how(&mut fixture, rule), ["passes"]);
        let rule = fixture.rule("c", "body.lines.all(l, !has(l.discount) || l.discount < 2)");
        assert_eq!(how(&mut fixture, rule), ["fails"]);
        let rule = fixture.rule("d", "!(has(body.fee) && body.fee <= 10)");
        assert_eq!(how(&mut fixture, rule), ["fails"]);
        let rule = fixture.guarded("e", "has(body.fee) && body.flag", "body.fee <= 10");
        assert_eq!(how(&mut fixture, rule), ["fails"]);
    }

    #[test]
    fn unguarded_reads_matter_where_undefined_refuses() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.fee <= 10");
        assert_eq!(fixture.words_of(rule, Presence), Vec::<String>::new());
        fixture.model.rules[0].undefined_rejects = true;
        assert_eq!(
            fixture.words_of(rule, Presence),
            [
                "lets a request pass where a field that the rule reads is absent",
                "takes an absent `body.fee` for `0`",
            ]
        );
    }

    #[test]
    fn null_is_absence_where_the_server_does_not_tell_them_apart() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "body.amount <= 10");
        fixture.model.rules[0].undefined_rejects = true;
        let schemas = &mut fixture.model.schemas;
        let request = fixture.model.operations[0].request;
        let body = schemas.property(request, "body").unwrap();
        let amount = schemas.property(body, "amount").unwrap();
        let mut nullable = schemas.get(amount).clone();
        nullable.types = nullable.types.with(crate::document::JsonType::Null);
        schemas.set(amount, nullable);
        assert_eq!(fixture.words_of(rule, Presence), Vec::<String>::new());
        fixture.model.nulls_distinct = false;
        assert_eq!(
            fixture.words_of(rule, Presence),
            [
                "lets a request pass where a field that the rule reads is absent",
                "takes an absent `body.amount` for `0`",
            ]
        );
    }
}
