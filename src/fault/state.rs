//! Class `state`: what the server remembers is wrong, or a rule ignores it.
//!
//! The faults of stateful objects (Binder, "Testing object-oriented systems",
//! 1999, chapter 7: missing, corrupt and repeated transitions), as patches of
//! first values, changes and the rules that read them.

use super::FaultClass::State;
use super::edit::Edit;
use super::logic::not;
use super::reads::zero;
use super::scene::{Scene, fits};
use crate::expr::{ExprId, Node, Op, Position, Root, Type};
use crate::model::{Place, ResourceRef};
use crate::value::Value;

/// By the kind of place: a rule, a first value, a change.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    match scene.place {
        Place::Rule(_) => ignored(scene),
        Place::Ensure(..) => stale(scene),
        Place::Same(_) | Place::Replay(_) | Place::Counted(_) => Vec::new(),
        Place::Init(..) if scene.is_existence() => Vec::new(),
        Place::Init(..) => wrong_start(scene),
        Place::Set(..) => wrong_change(scene),
        Place::Everywhere(..) => leaked(scene),
        Place::Refused(..) => though_refused(scene),
        Place::Repeated(..) => though_repeated(scene),
        Place::Kept(..) => reset(scene),
    }
}

/// For every attribute that a rule reads: all its reads count as the constant
/// first value, where there is one, else as zero or false.
fn ignored(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found: Vec<Edit> = Vec::new();
    let mut done: Vec<ExprId> = Vec::new();
    for (_, read) in scene.nodes() {
        if done.contains(&read) {
            continue;
        }
        done.push(read);
        found.extend(ignored_read(scene, read));
    }
    found
}

fn ignored_read(scene: &mut Scene<'_>, read: ExprId) -> Option<Edit> {
    let (resource, name) = attribute_read(scene, read)?;
    let ty = scene.arena.ty(read).clone();
    let value = first_value(scene, resource, &name).or_else(|| match ty {
        Type::Bool | Type::Int | Type::Decimal => zero(&ty),
        _ => None,
    })?;
    let constant = scene.arena.constant(value, ty);
    let positions = scene.nodes().into_iter().filter(|(_, id)| *id == read);
    let changes: Vec<(Position, ExprId)> = positions
        .map(|(position, _)| (position, constant))
        .collect();
    Some(Edit {
        class: State,
        at: changes.first()?.0.clone(),
        changes,
        variant: format!("ignored-{name}"),
        words: format!(
            "ignores {} and takes it for {}",
            scene.quote(read),
            scene.quote(constant)
        ),
        about: None,
    })
}

/// For every attribute that an answer shows behind the request: it is shown as
/// it was before.
fn stale(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found: Vec<Edit> = Vec::new();
    let mut done: Vec<ExprId> = Vec::new();
    for (_, read) in scene.nodes() {
        if !done.contains(&read) {
            done.push(read);
            found.extend(stale_read(scene, read));
        }
    }
    found
}

fn stale_read(scene: &mut Scene<'_>, read: ExprId) -> Option<Edit> {
    let Node::Get(base, name) = scene.arena.node(read).clone() else {
        return None;
    };
    let Node::Root(Root::After(index)) = *scene.arena.node(base) else {
        return None;
    };
    // What the request makes wasn't there before.
    if scene.makes(ResourceRef(index)) {
        return None;
    }
    let old = Node::Root(Root::Old(index));
    let old = scene.arena.add(old, Type::Resource(index));
    let ty = scene.arena.ty(read).clone();
    let old = scene.arena.add(Node::Get(old, name.clone()), ty);
    let positions = scene.nodes().into_iter().filter(|(_, id)| *id == read);
    let changes: Vec<(Position, ExprId)> = positions.map(|(position, _)| (position, old)).collect();
    Some(Edit {
        class: State,
        at: changes.first()?.0.clone(),
        changes,
        variant: format!("before-{name}"),
        words: format!("shows {} as it was before the request", scene.quote(read)),
        about: None,
    })
}

/// The resource and attribute that `id` reads.
fn attribute_read(scene: &Scene<'_>, id: ExprId) -> Option<(ResourceRef, String)> {
    let Node::Get(base, name) = scene.arena.node(id) else {
        return None;
    };
    match scene.arena.node(*base) {
        Node::Root(Root::Resource(index)) => Some((ResourceRef(*index), name.to_string())),
        _ => None,
    }
}

/// The first value of an attribute, if it's a constant of its type.
fn first_value(scene: &Scene<'_>, resource: ResourceRef, name: &str) -> Option<Value> {
    let resource = scene.resources.get(resource.0 as usize)?;
    let mut attributes = resource.attributes.iter();
    let attribute = attributes.find(|attribute| attribute.name == name)?;
    let init = attribute.init;
    let constant = scene.arena.as_const(init)?;
    fits(&attribute.ty, scene.arena.ty(init)).then(|| constant.clone())
}

/// For a deletion: it is forgotten.
fn undone(scene: &mut Scene<'_>, resource: ResourceRef) -> Vec<Edit> {
    let name = scene.resources.get(resource.0 as usize);
    let name = name.map_or("", |resource| &resource.name);
    let words = format!("accepts the deletion, but keeps the {name}");
    let still = scene.arena.boolean(true);
    let edit = scene.edit(State, &Position::default(), still, "kept", words);
    edit.into_iter().collect()
}

/// For a change: all resources of the kind get it.
fn leaked(scene: &mut Scene<'_>) -> Vec<Edit> {
    made_also(scene, "everywhere", |name, attribute| match attribute {
        None => format!("deletes every {name}, not only the one that is named"),
        Some(attribute) => format!(
            "changes `{name}.{attribute}` of every {name}, not only of the one that is named"
        ),
    })
}

/// For a change: a refused request makes it as well.
fn though_refused(scene: &mut Scene<'_>) -> Vec<Edit> {
    made_also(scene, "refused", |name, attribute| match attribute {
        None => format!("deletes the {name} although it refuses the request"),
        Some(attribute) => {
            format!("changes `{name}.{attribute}` although it refuses the request")
        }
    })
}

/// A number that an operation leaves as it is begins anew, where it begins with a
/// constant: what is written back is a new one.
fn reset(scene: &mut Scene<'_>) -> Vec<Edit> {
    let Some((resource, attribute)) = scene.attribute() else {
        return Vec::new();
    };
    let name = attribute.name.clone();
    let counts = matches!(attribute.ty, Type::Int | Type::Decimal);
    let Some(first) = first_value(scene, resource, &name).filter(|_| counts) else {
        return Vec::new();
    };
    let first = scene.arena.constant(first, scene.ty.clone());
    let words = format!(
        "sets `{}` back to {}",
        scene.attribute_name(),
        scene.quote(first)
    );
    let variant = format!("reset-{name}");
    let edit = scene.edit(State, &Position::default(), first, variant, words);
    edit.into_iter().collect()
}

fn though_repeated(scene: &mut Scene<'_>) -> Vec<Edit> {
    made_also(scene, "repeated", |name, attribute| match attribute {
        None => format!("deletes the {name} again where the request is a repeat"),
        Some(attribute) => {
            format!("changes `{name}.{attribute}` again where the request is a repeat")
        }
    })
}

/// A change is made where it never is; `words` are given the resource and its
/// attribute, none where it is deleted.
fn made_also(
    scene: &mut Scene<'_>,
    variant: &str,
    words: fn(&str, Option<&str>) -> String,
) -> Vec<Edit> {
    let Some((resource, attribute)) = scene.attribute() else {
        return Vec::new();
    };
    let found = scene.resources.get(resource.0 as usize);
    let name = found.map_or("", |resource| &resource.name);
    let attribute = Some(attribute.name.as_str()).filter(|_| !scene.is_existence());
    let words = words(name, attribute);
    let always = scene.arena.boolean(true);
    let edit = scene.edit(State, &Position::default(), always, variant, words);
    edit.into_iter().collect()
}

/// For a first value: a Boolean the other way round, a number zero; of another
/// type, where a view shows it: nothing is remembered.
fn wrong_start(scene: &mut Scene<'_>) -> Vec<Edit> {
    let (root, name) = (scene.root, scene.attribute_name());
    let (new, variant) = match scene.ty {
        Type::String(_) | Type::List(_) | Type::Any if scene.is_shown() => {
            let ty = scene.arena.ty(root).clone();
            let nothing = scene.arena.constant(Value::Null, ty);
            let words = format!("doesn't remember `{name}`");
            let edit = scene.edit(State, &Position::default(), nothing, "lost", words);
            return edit.into_iter().collect();
        }
        Type::Bool => (not(scene.arena, root), "flipped"),
        Type::Int | Type::Decimal => (scene.arena.constant(Value::int(0), Type::Int), "zero"),
        _ => return Vec::new(),
    };
    let words = format!(
        "starts `{name}` as {} instead of {}",
        scene.quote(new),
        scene.quote(root)
    );
    let edit = scene.edit(State, &Position::default(), new, variant, words);
    edit.into_iter().collect()
}

/// For a change: it is forgotten. And for every term that is added to or taken
/// off the old value: see [`term_edits`].
fn wrong_change(scene: &mut Scene<'_>) -> Vec<Edit> {
    let Some((resource, attribute)) = scene.attribute() else {
        return Vec::new();
    };
    if scene.is_existence() {
        return undone(scene, resource);
    }
    let (key, ty) = (attribute.name.as_str().into(), attribute.ty.clone());
    let state = scene.arena.add(
        Node::Root(Root::Resource(resource.0)),
        Type::Resource(resource.0),
    );
    let old = scene.arena.add(Node::Get(state, key), ty);
    let name = scene.attribute_name();
    let words = format!("forgets to change `{name}`");
    let forgotten = scene.edit(State, &Position::default(), old, "forgotten", words);
    let mut found: Vec<Edit> = forgotten.into_iter().collect();
    for (position, op, operands) in scene.calls(|op| inverse(op).is_some()) {
        match *operands {
            [a, b] if a == old => found.extend(term_edits(scene, &position, op, (old, b))),
            [a, b] if b == old && op == Op::Add => {
                found.extend(term_edits(scene, &position, op, (old, a)));
            }
            _ => {}
        }
    }
    found
}

fn inverse(op: Op) -> Option<Op> {
    Some(match op {
        Op::Add => Op::Sub,
        Op::Sub => Op::Add,
        Op::TimeAdd => Op::TimeSub,
        Op::TimeSub => Op::TimeAdd,
        Op::DurationAdd => Op::DurationSub,
        Op::DurationSub => Op::DurationAdd,
        _ => return None,
    })
}

/// For `old + x` and `old - x`: `x` counts twice, and with the wrong sign; of
/// a sum also: only the latest `x` is remembered.
fn term_edits(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    (old, term): (ExprId, ExprId),
) -> Vec<Edit> {
    let ty = scene.arena.ty(scene.at(position)).clone();
    let (name, quoted) = (scene.attribute_name(), scene.quote(term));
    let mut found = Vec::new();
    if matches!(op, Op::Add | Op::DurationAdd) {
        let words = format!("remembers only the latest {quoted} as `{name}`, not the total");
        found.extend(scene.edit(State, position, term, "latest", words));
    }
    let once = scene.arena.call(op, &[old, term], ty.clone());
    let twice = scene.arena.call(op, &[once, term], ty.clone());
    let words = format!("counts {quoted} twice in `{name}`");
    found.extend(scene.edit(State, position, twice, "twice", words));
    if let Some(inverse) = inverse(op) {
        let reversed = scene.arena.call(inverse, &[old, term], ty);
        let adds = matches!(inverse, Op::Add | Op::TimeAdd | Op::DurationAdd);
        let words = match adds {
            true => format!("adds {quoted} to `{name}` instead of taking it off"),
            false => format!("takes {quoted} off `{name}` instead of adding it"),
        };
        found.extend(scene.edit(State, position, reversed, "sign", words));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::fixture::Fixture;

    #[test]
    fn changes_and_first_values_go_wrong() {
        let mut fixture = Fixture::with_payment();
        let words = |list: &crate::fault::FaultList, owner: &str| -> Vec<String> {
            let of_owner = list
                .faults
                .iter()
                .filter(|fault| fault.class == State && fault.id.starts_with(&format!("{owner}/")));
            of_owner.map(|fault| fault.words.clone()).collect()
        };
        let list = fixture.faults();
        assert_eq!(
            words(&list, "payment.refunded@createRefund"),
            [
                "forgets to change `payment.refunded`",
                "remembers only the latest `body.amount` as `payment.refunded`, not the total",
                "counts `body.amount` twice in `payment.refunded`",
                "takes `body.amount` off `payment.refunded` instead of adding it",
                "changes `payment.refunded` of every payment, not only of the one that is named",
                "changes `payment.refunded` although it refuses the request",
            ]
        );
        assert_eq!(words(&list, "payment.refunded"), Vec::<String>::new());
        assert_eq!(
            words(&list, "payment.closed"),
            ["starts `payment.closed` as `true` instead of `false`"]
        );
        assert_eq!(
            words(&list, "within"),
            [
                "ignores `payment.refunded` and takes it for `0`",
                "ignores `payment.amount` and takes it for `0`",
            ]
        );
    }
}
