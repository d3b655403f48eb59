//! The ways to write one moment.

use itertools::Itertools;
use jiff::Timestamp;
use jiff::fmt::temporal::DateTimePrinter;
use jiff::tz::Offset;

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

#[cfg(test)]
mod tests {
    use super::writings;
    use crate::value::time::{parse_time, print_time};

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
