//! Class `time`: a zone is left out, or one part of a moment taken for another.
//!
//! A part of a moment (hour, weekday, date) is taken in UTC, or in the zone
//! of the server, which is most often UTC: the weekend begins some hours late,
//! and a shop is open while it is closed there. And libraries name parts alike
//! that count from 0 and from 1, or from the start of another period.

use super::FaultClass::Time;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::{ExprId, Op, Position, TimePart};

/// For every part of a moment in a zone: the same in UTC. For every part: the one
/// that is most like it.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(|op| matches!(op, Op::TimePart(_))) {
        found.extend(confused(scene, &position, op, &operands));
        let [moment, zone] = *operands else {
            continue;
        };
        let ty = scene.arena.ty(scene.at(&position)).clone();
        let new = scene.arena.call(op, &[moment], ty);
        let words = format!(
            "takes UTC for the zone {}, in {}",
            scene.quote(zone),
            scene.quote(scene.at(&position))
        );
        found.extend(scene.edit(Time, &position, new, "utc", words));
    }
    found
}

fn confused(
    scene: &mut Scene<'_>,
    position: &Position,
    op: Op,
    operands: &[ExprId],
) -> Option<Edit> {
    let other = match op {
        Op::TimePart(TimePart::DayOfYear) => TimePart::DayOfMonth,
        Op::TimePart(TimePart::DayOfMonth) => TimePart::Date,
        Op::TimePart(TimePart::Date) => TimePart::DayOfMonth,
        _ => return None,
    };
    let ty = scene.arena.ty(scene.at(position)).clone();
    let new = scene.arena.call(Op::TimePart(other), operands, ty);
    let words = format!(
        "asks for {} in {}",
        other.name(),
        scene.quote(scene.at(position))
    );
    scene.edit(Time, position, new, other.name(), words)
}

#[cfg(test)]
mod tests {
    use super::Time;
    use crate::fault::fixture::Fixture;

    #[test]
    fn the_zone_is_left_out() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "timestamp(body.starts_at).getHours('Asia/Tokyo') > 6");
        assert_eq!(
            fixture.words_of(rule, Time),
            [
                "takes UTC for the zone `'Asia/Tokyo'`, in `timestamp(body.starts_at).getHours('Asia/Tokyo')`"
            ]
        );
        let rule = fixture.rule("s", "timestamp(body.starts_at).getHours() > 6");
        assert!(fixture.words_of(rule, Time).is_empty());
    }

    #[test]
    fn parts_are_confused() {
        let mut fixture = Fixture::default();
        let rule = fixture.rule("r", "timestamp(body.starts_at).getDayOfYear() == 0");
        assert_eq!(
            fixture.words_of(rule, Time),
            ["asks for getDayOfMonth in `timestamp(body.starts_at).getDayOfYear()`"]
        );
    }
}
