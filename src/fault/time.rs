//! Class `time`: a zone is left out.
//!
//! A part of a moment (hour, weekday, date) is taken in UTC, or in the zone
//! of the server, which is most often UTC: the weekend begins some hours late,
//! and a shop is open while it is closed there.

use super::FaultClass::Time;
use super::edit::Edit;
use super::scene::Scene;
use crate::expr::Op;

/// For every part of a moment in a zone: the same in UTC.
pub(super) fn edits(scene: &mut Scene<'_>) -> Vec<Edit> {
    let mut found = Vec::new();
    for (position, op, operands) in scene.calls(|op| matches!(op, Op::TimePart(_))) {
        let [moment, zone] = *operands else {
            continue;
        };
        let ty = scene.arena.ty(scene.at(&position)).clone();
        let new = scene.arena.call(op, &[moment], ty);
        let words = format!(
            "takes {} for the zone {}, in {}",
            "UTC",
            scene.quote(zone),
            scene.quote(scene.at(&position))
        );
        found.extend(scene.edit(Time, &position, new, "utc", words));
    }
    found
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
}
