//! The ways to write one moment.

use itertools::Itertools;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;

use super::time::{parse_date, print_date};

/// The offsets from UTC that moments are written with, in hours.
const OFFSETS: [i8; 3] = [0, 1, -5];

/// The digits that a fraction of a second has at most.
const MOST_DIGITS: u8 = 9;

/// RFC 3339 date-times that name the moment `nanos` (since 1970), no two
/// alike: in UTC with as many digits of a second as it needs, then with more
/// of them, then with offsets. None where the moment can't be printed.
pub fn writings(nanos: i128) -> impl Iterator<Item = String> {
    let moment = Timestamp::from_nanosecond(nanos).ok();
    let fraction = nanos.rem_euclid(super::time::SECOND);
    let zones = std::iter::once(None).chain(OFFSETS.map(Some));
    let ways = zones.cartesian_product(0..=MOST_DIGITS);
    ways.filter_map(move |(hours, digits)| {
        let cut = 10_i128.pow(u32::from(MOST_DIGITS - digits));
        if fraction % cut != 0 {
            return None;
        }
        let printer = DateTimePrinter::new().precision(Some(digits));
        Some(match hours {
            None => printer.timestamp_to_string(&moment?),
            Some(hours) => {
                printer.timestamp_with_offset_to_string(&moment?, Offset::constant(hours))
            }
        })
    })
}

/// The moment `nanos` written as `like` is: as a date, or with as many digits
/// of a second and the same offset. None where it can't be printed.
pub fn written_like(nanos: i128, like: &str) -> Option<String> {
    if parse_date(like).is_some() {
        return Some(print_date(nanos));
    }
    let moment = Timestamp::from_nanosecond(nanos).ok()?;
    let (_, time) = like.split_once(['T', 't'])?;
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = time.split_at_checked(zone)?;
    let digits = clock.split_once('.').map_or(0, |(_, digits)| digits.len());
    let digits = u8::try_from(digits).ok()?.min(MOST_DIGITS);
    let printer = DateTimePrinter::new().precision(Some(digits));
    if zone.eq_ignore_ascii_case("z") {
        let printed = printer.timestamp_to_string(&moment);
        return Some(format!("{}{zone}", printed.strip_suffix('Z')?));
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let offset = Offset::from_seconds(sign * seconds).ok()?;
    Some(printer.timestamp_with_offset_to_string(&moment, offset))
}

#[cfg(test)]
mod tests {
    use super::{writings, written_like};
    use crate::value::time::{parse_time, print_time};

    #[test]
    fn moments_are_written_alike() {
        let at = parse_time("2030-05-01T09:30:00Z").unwrap();
        let alike = |like: &str| written_like(at, like).unwrap();
        assert_eq!(alike("2021-01-01"), "2030-05-01");
        assert_eq!(alike("2021-01-01T00:00:00Z"), "2030-05-01T09:30:00Z");
        assert_eq!(
            alike("2021-01-01T00:00:00.000Z"),
            "2030-05-01T09:30:00.000Z"
        );
        assert_eq!(alike("2021-01-01T00:00:00.0z"), "2030-05-01T09:30:00.0z");
        assert_eq!(
            alike("2021-01-01T00:00:00-05:30"),
            "2030-05-01T04:00:00-05:30"
        );
        assert_eq!(written_like(at, "soon"), None);
    }

    #[test]
    fn all_name_the_moment_and_differ() {
        for written in ["2030-05-01T09:30:00Z", "2030-05-01T09:30:00.25Z"] {
            let nanos = parse_time(written).unwrap();
            let all: Vec<String> = writings(nanos).collect();
            assert_eq!(all[0], print_time(nanos));
            assert!(all.len() > 20, "{all:?}");
            assert!(
                all.iter().all(|text| parse_time(text) == Some(nanos)),
                "{all:?}"
            );
            let unlike: std::collections::BTreeSet<&String> = all.iter().collect();
            assert_eq!(unlike.len(), all.len(), "{all:?}");
        }
    }
}
