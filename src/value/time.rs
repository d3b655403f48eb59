//! Moments, days and durations as text.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan, Zoned};

/// Nanoseconds in a second.
pub const SECOND: i128 = 1_000_000_000;

/// Nanoseconds in a day of 24 hours.
pub const DAY: i128 = 86_400 * SECOND;

/// Reads an RFC 3339 date-time such as `2030-05-01T09:30:00+02:00` as
/// nanoseconds since 1970-01-01T00:00:00Z.
pub fn parse_time(text: &str) -> Option<i128> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_nanosecond)
}

/// Reads an RFC 3339 full-date such as `2030-05-01` as its midnight in UTC.
pub fn parse_date(text: &str) -> Option<i128> {
    let is_plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date: Date = is_plain.then(|| text.parse().ok()).flatten()?;
    let midnight = date.to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_nanosecond())
}

/// Prints a moment as RFC 3339 in UTC, with as many fractional digits as it
/// needs.
pub fn print_time(nanos: i128) -> String {
    match Timestamp::from_nanosecond(nanos) {
        Ok(moment) => moment.to_string(),
        Err(_) => format!("{nanos}ns"),
    }
}

/// Prints the day in UTC that holds a moment.
pub fn print_date(nanos: i128) -> String {
    print_time(nanos).split('T').next().unwrap_or("").to_owned()
}

/// A duration in seconds, as CEL's `string()` writes it: `5400s`, `0.5s`.
pub fn print_seconds(nanos: i128) -> String {
    let seconds = super::Number::new(nanos.into(), SECOND.into());
    format!("{}s", super::print_number(&seconds))
}

/// A moment in a time zone: an IANA name or an offset such as `+05:30`; `None`
/// where there is no such zone, or no such moment.
pub fn in_zone(nanos: i128, zone: &str) -> Option<Zoned> {
    let zone = time_zone(zone)?;
    let moment = Timestamp::from_nanosecond(nanos).ok()?;
    Some(moment.to_zoned(zone))
}

/// The start of the day that holds a moment, in a zone; with `is_week` that of
/// its week, a Monday.
pub fn day_start(nanos: i128, zone: &str, is_week: bool) -> Option<i128> {
    let local = in_zone(nanos, zone)?;
    let mut day = local.date();
    if is_week {
        let since = i64::from(day.weekday().to_monday_zero_offset());
        day = day.checked_sub(since.days()).ok()?;
    }
    let start = day.to_zoned(local.time_zone().clone()).ok()?;
    Some(start.timestamp().as_nanosecond())
}

/// So many days later by the calendar of a zone; by 24 hours each where it has
/// no such day.
pub fn days_later(nanos: i128, zone: &str, days: i64) -> i128 {
    let later = in_zone(nanos, zone).and_then(|local| local.checked_add(days.days()).ok());
    later.map_or(nanos + i128::from(days) * DAY, |later| {
        later.timestamp().as_nanosecond()
    })
}

/// What clocks of a zone show at a moment, as if it were UTC.
pub fn wall(nanos: i128, zone: &str) -> Option<i128> {
    let local = in_zone(nanos, zone)?;
    Some(nanos + i128::from(local.offset().seconds()) * SECOND)
}

/// The moment at which clocks of a zone show that; where they skip it, as long
/// after the change as they would have shown it; where they show it twice, the
/// first.
pub fn off_wall(nanos: i128, zone: &str) -> Option<i128> {
    let shown = in_zone(nanos, "UTC")?.datetime();
    let moment = shown.to_zoned(time_zone(zone)?).ok()?;
    Some(moment.timestamp().as_nanosecond())
}

/// The offsets from UTC of a zone's clocks, in seconds, each with the moment
/// from which it holds: `from` and every change before `to` (nanoseconds since
/// 1970), `most` of them at most. `None` where there is no such zone.
pub fn offsets(zone: &str, from: i128, to: i128, most: usize) -> Option<Vec<(i128, i32)>> {
    let zone = time_zone(zone)?;
    let start = Timestamp::from_nanosecond(from).ok()?;
    let first = (from, zone.to_offset(start).seconds());
    let changes = zone.following(start).map(|change| {
        let at = change.timestamp().as_nanosecond();
        (at, change.offset().seconds())
    });
    let within = changes.take_while(|(at, _)| *at < to);
    let all = std::iter::once(first).chain(within);
    Some(all.take(most).collect())
}

/// Whether there is a time zone of that name.
pub fn is_time_zone(name: &str) -> bool {
    time_zone(name).is_some()
}

fn time_zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" {
        return Some(TimeZone::UTC);
    }
    let signed = name.strip_prefix('-').map(|rest| (-1, rest));
    let signed = signed.or_else(|| name.strip_prefix('+').map(|rest| (1, rest)));
    // CEL also takes offsets without a sign.
    let bare = name
        .starts_with(|c: char| c.is_ascii_digit())
        .then_some((1, name));
    match signed.or(bare) {
        Some((sign, rest)) => {
            let (hours, minutes) = rest.split_once(':')?;
            let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
            let within = (0..=23).contains(&hours) && (0..=59).contains(&minutes);
            let seconds = sign * (hours * 3_600 + minutes * 60);
            let offset = within
                .then(|| Offset::from_seconds(seconds).ok())
                .flatten()?;
            Some(TimeZone::fixed(offset))
        }
        // The same rules on every machine.
        None => TimeZoneDatabase::bundled().get(name).ok(),
    }
}

/// The moments that [`print_time`] can print in four-digit years:
/// 0001-01-01 to 9999-12-30, in nanoseconds.
pub const PRINTABLE: std::ops::RangeInclusive<i128> =
    (-62_135_596_800 * SECOND)..=(253_402_128_000 * SECOND);

/// The last moment that [`parse_time`] reads, 9999-12-30T22:00:00.999999999Z.
pub const LAST_MOMENT: i128 = 253_402_207_200 * SECOND + (SECOND - 1);

/// Reads a duration such as `72h`, `1h30m`, `3d`, `-15s` or `1.5h`.
pub fn parse_duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_i128;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .filter(|end| *end > 0)?;
        let (number, tail) = rest.split_at(digits);
        let (unit, tail) = split_unit(tail)?;
        let amount = super::parse_number(number)? * super::Number::from_integer(unit.into());
        total = total.checked_add(i128::try_from(amount.to_integer()).ok()?)?;
        rest = tail;
    }
    Some(sign * total)
}

fn split_unit(text: &str) -> Option<(i128, &str)> {
    const UNITS: [(&str, i128); 7] = [
        ("ms", 1_000_000),
        ("us", 1_000),
        ("ns", 1),
        ("s", SECOND),
        ("m", 60 * SECOND),
        ("h", 3_600 * SECOND),
        ("d", DAY),
    ];
    UNITS
        .iter()
        .find_map(|(name, size)| Some((*size, text.strip_prefix(name)?)))
}

/// A duration in the largest unit that gives a whole number: `90m`, `3d`.
pub fn print_duration(nanos: i128) -> String {
    const UNITS: [(i128, &str); 6] = [
        (DAY, "d"),
        (3_600 * SECOND, "h"),
        (60 * SECOND, "m"),
        (SECOND, "s"),
        (1_000_000, "ms"),
        (1_000, "us"),
    ];
    if nanos == 0 {
        return "0s".to_owned();
    }
    let unit = UNITS.iter().find(|(size, _)| nanos % size == 0);
    match unit {
        Some((size, name)) => format!("{}{name}", nanos / size),
        None => format!("{nanos}ns"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_days_are_read_in_utc() {
        assert_eq!(parse_time("1970-01-02T01:00:00+01:00"), Some(DAY));
        assert_eq!(parse_date("1970-01-02"), Some(DAY));
        assert_eq!(parse_date("1970-01-02T00:00"), None);
        assert_eq!(parse_time("yesterday"), None);
        assert_eq!(print_time(DAY + SECOND / 2), "1970-01-02T00:00:00.5Z");
        assert_eq!(print_date(DAY), "1970-01-02");
        assert_eq!(print_date(*PRINTABLE.start()), "0001-01-01");
        assert_eq!(print_date(*PRINTABLE.end()), "9999-12-30");
    }

    #[test]
    fn durations_are_read_and_printed() {
        assert_eq!(parse_duration("1h30m"), Some(5_400 * SECOND));
        assert_eq!(parse_duration("-1.5s"), Some(-1_500_000_000));
        assert_eq!(parse_duration("3"), None);
        assert_eq!(parse_duration(""), None);
        assert_eq!(print_duration(5_400 * SECOND), "90m");
        assert_eq!(print_duration(3 * DAY), "3d");
    }
}
