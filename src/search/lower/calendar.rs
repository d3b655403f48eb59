//! Parts of moments and durations as integer arithmetic.
//!
//! The calendar follows Howard Hinnant, "chrono-Compatible Low-Level Date
//! Algorithms" (`civil_from_days`), within two centuries: few divisions, all
//! by constants.

use super::texts::{first_second, last_second};
use super::{Env, Label, Lowering, Num, Shape, Sym};
use crate::expr::{ExprId, TimePart};
use crate::search::smt::{Sort, Term};
use crate::value::time::{PRINTABLE, SECOND, offsets, parse_date};
use crate::value::{Number, Value};

/// Where the offsets of zones with many changes are known to the solver;
/// elsewhere they are free, within 18 hours.
const KNOWN_YEARS: (&str, &str) = ("2020-01-01", "2045-01-01");

/// The first of March 1900, in days since 1970.
const FIRST_MARCH: i64 = -25_508;

/// So many days from then on every fourth year is a leap year.
const SIMPLE_DAYS: i64 = 73_049;

/// A zone with at most so many changes is known at all times.
const FEW_CHANGES: usize = 40;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

impl Lowering<'_> {
    pub(super) fn time_part(
        &mut self,
        id: ExprId,
        part: TimePart,
        operands: &[ExprId],
        env: &Env,
    ) -> Sym {
        let Some(of) = operands.first().map(|of| self.lower(*of, env)) else {
            return self.undefined();
        };
        let live = self.live(&of);
        let found = match (&of.shape, operands.get(1)) {
            (Shape::Nothing, _) => return self.undefined(),
            (Shape::Duration(long), None) => self.of_duration(long, part),
            (Shape::Time(at), None) if part == TimePart::Milliseconds => {
                Some(self.milliseconds(at))
            }
            (Shape::Time(at), None) => {
                let seconds = self.whole(at);
                self.of_moment(id, seconds, part)
            }
            (Shape::Time(at), Some(zone)) => {
                let Some(mut known) = self.in_zones(id, part, at, *zone, env) else {
                    return self.unencoded(id, operands, env);
                };
                known.defined = self.terms.and([live, known.defined]);
                return self.where_held(at, known);
            }
            // Typing gives durations no zone.
            _ => None,
        };
        let known = match found {
            Some(term) => self.when(live, Shape::Number(Num::int(term))),
            None => return self.unencoded(id, operands, env),
        };
        match &of.shape {
            Shape::Time(at) => self.where_held(at, known),
            _ => known,
        }
    }

    /// A part of a moment in the zone that a text names; `None` where that may
    /// be any text.
    fn in_zones(
        &mut self,
        id: ExprId,
        part: TimePart,
        at: &Num,
        zone: ExprId,
        env: &Env,
    ) -> Option<Sym> {
        let zone = self.lower(zone, env);
        let seconds = self.whole(at);
        let mut rows = Vec::new();
        for (here, zone) in self.alternatives(&zone)? {
            let zone = zone.as_ref().and_then(Value::as_str);
            let part = zone.and_then(|zone| {
                let local = self.local(id, seconds, zone)?;
                match part {
                    // No zone is off by a fraction of a second.
                    TimePart::Milliseconds => Some(self.milliseconds(at)),
                    part => self.of_moment(id, local, part),
                }
            });
            let part = match part {
                Some(term) => self.always(Shape::Number(Num::int(term))),
                None => self.undefined(),
            };
            rows.push((here, part));
        }
        Some(self.one_or_free(id, &rows))
    }

    /// The thousandths of a second, without a fraction.
    fn milliseconds(&mut self, at: &Num) -> Term {
        let thousand = Number::from_integer(1_000.into());
        let thousand = Num::constant(&mut self.terms, &thousand);
        let count = at.times(&mut self.terms, &thousand);
        let count = self.whole(&count);
        self.rem(count, 1_000)
    }

    /// `known`, but of moments beyond those that can be printed.
    fn where_held(&mut self, at: &Num, mut known: Sym) -> Sym {
        let ends = [first_second(), last_second()];
        let [first, last] = ends.map(|end| Num::int(self.terms.int(end)));
        let after = first.le(&mut self.terms, at);
        let before = at.le(&mut self.terms, &last);
        known.defined = self.terms.and([known.defined, after, before]);
        known
    }

    /// The seconds of a moment, without a fraction.
    fn whole(&mut self, at: &Num) -> Term {
        if at.is_real(&self.terms) {
            return self.terms.floor(at.term);
        }
        let denominator = self.terms.int(at.denominator.clone());
        self.terms.div(at.term, denominator)
    }

    /// Seconds since 1970 as clocks in the zone show them; `None` where there
    /// is no such zone.
    fn local(&mut self, id: ExprId, seconds: Term, zone: &str) -> Option<Term> {
        let (start, end) = (*PRINTABLE.start(), *PRINTABLE.end());
        let always = offsets(zone, start, end, FEW_CHANGES + 1)?;
        if always.len() <= FEW_CHANGES {
            let offset = self.offset_since(seconds, &always)?;
            return Some(self.terms.add([seconds, offset]));
        }
        let (from, to) = KNOWN_YEARS;
        let (from, to) = (parse_date(from)?, parse_date(to)?);
        let known = offsets(zone, from, to, usize::MAX)?;
        let known = self.offset_since(seconds, &known)?;
        let (start, end) = (self.second_of(from), self.second_of(to));
        let is_before = self.terms.lt(seconds, start);
        let is_after = self.terms.le(end, seconds);
        let is_unknown = self.terms.or([is_before, is_after]);
        let is_known = self.terms.not(is_unknown);
        let words = format!("moments in {zone} lie in 2020 to 2044");
        self.assume(Label::Restriction(words), is_known);
        let free = self.free_offset(id);
        let offset = self.terms.ite(is_unknown, free, known);
        Some(self.terms.add([seconds, offset]))
    }

    fn second_of(&mut self, nanos: i128) -> Term {
        self.terms.int((nanos / SECOND) as i64)
    }

    /// The last of the offsets that began before; the first one before all.
    fn offset_since(&mut self, seconds: Term, known: &[(i128, i32)]) -> Option<Term> {
        let (first, later) = known.split_first()?;
        let mut offset = self.terms.int(i64::from(first.1));
        for (since, own) in later {
            let since = self.second_of(*since);
            let is_later = self.terms.le(since, seconds);
            let own = self.terms.int(i64::from(*own));
            offset = self.terms.ite(is_later, own, offset);
        }
        Some(offset)
    }

    fn free_offset(&mut self, id: ExprId) -> Term {
        let offset = self.terms.var(format!("offset{}", id.index()), Sort::Int);
        let (least, most) = (self.terms.int(-18 * HOUR), self.terms.int(18 * HOUR));
        let above = self.terms.le(least, offset);
        let below = self.terms.le(offset, most);
        self.facts.extend([above, below]);
        offset
    }

    fn div(&mut self, a: Term, by: i64) -> Term {
        let by = self.terms.int(by);
        self.terms.div(a, by)
    }

    fn rem(&mut self, a: Term, by: i64) -> Term {
        let by = self.terms.int(by);
        self.terms.modulo(a, by)
    }

    fn times(&mut self, a: Term, by: i64) -> Term {
        let by = self.terms.int(by);
        self.terms.mul(by, a)
    }

    fn plus(&mut self, a: Term, more: i64) -> Term {
        let more = self.terms.int(more);
        self.terms.add([a, more])
    }

    /// Division and remainder are Euclidean: moments before 1970 come out
    /// right.
    fn of_moment(&mut self, id: ExprId, seconds: Term, part: TimePart) -> Option<Term> {
        let of_day = |this: &mut Self| this.rem(seconds, DAY);
        Some(match part {
            TimePart::Hours => {
                let second = of_day(self);
                self.div(second, HOUR)
            }
            TimePart::Minutes => {
                let second = self.rem(seconds, HOUR);
                self.div(second, 60)
            }
            TimePart::Seconds => self.rem(seconds, 60),
            // Of the moment itself, not of its seconds.
            TimePart::Milliseconds => return None,
            TimePart::DayOfWeek => {
                let days = self.div(seconds, DAY);
                // 1970-01-01 was a Thursday.
                let days = self.plus(days, 4);
                self.rem(days, 7)
            }
            TimePart::FullYear
            | TimePart::Month
            | TimePart::Date
            | TimePart::DayOfMonth
            | TimePart::DayOfYear => {
                let days = self.div(seconds, DAY);
                self.of_day(id, days, part)
            }
        })
    }

    /// Parts of a date. From March 1900 to February 2100 every fourth year is
    /// a leap year, which makes short work of it; of other dates only the range
    /// of the part is known.
    fn of_day(&mut self, id: ExprId, days: Term, part: TimePart) -> Term {
        let zero = self.terms.int(0);
        let since = self.plus(days, -FIRST_MARCH);
        let last = self.terms.int(SIMPLE_DAYS);
        let after = self.terms.le(zero, since);
        let before = self.terms.lt(since, last);
        let is_simple = self.terms.and([after, before]);
        let words = "dates lie in 1901 to 2099".to_owned();
        self.assume(Label::Restriction(words), is_simple);
        let simple = self.of_simple_day(since, part);
        let free = self.free_part(id, part);
        self.terms.ite(is_simple, simple, free)
    }

    /// A part of the day that is so many days after the first of March 1900.
    /// Years begin in March, so that a leap day is their last.
    fn of_simple_day(&mut self, since: Term, part: TimePart) -> Term {
        let four = self.times(since, 4);
        let four = self.plus(four, 3);
        let years = self.div(four, 1_461);
        let before = self.times(years, 1_461);
        let before = self.div(before, 4);
        let day_of_year = self.terms.sub(since, before);
        let five = self.times(day_of_year, 5);
        let five = self.plus(five, 2);
        // 0 is March.
        let month = self.div(five, 153);
        let ten = self.terms.int(10);
        let is_early = self.terms.lt(month, ten);
        match part {
            TimePart::Date | TimePart::DayOfMonth => {
                let start = self.times(month, 153);
                let start = self.plus(start, 2);
                let start = self.div(start, 5);
                let day = self.terms.sub(day_of_year, start);
                self.plus(day, i64::from(part == TimePart::Date))
            }
            TimePart::Month => {
                let (later, next) = (self.plus(month, 2), self.plus(month, -10));
                self.terms.ite(is_early, later, next)
            }
            TimePart::FullYear => {
                let (same, next) = (self.plus(years, 1_900), self.plus(years, 1_901));
                self.terms.ite(is_early, same, next)
            }
            _ => {
                // From January: March begins with day 59, or 60 in a leap year.
                let (zero, one) = (self.terms.int(0), self.terms.int(1));
                let rest = self.rem(years, 4);
                let is_fourth = self.terms.eq(rest, zero);
                let is_later = self.terms.lt(zero, years);
                let is_leap = self.terms.and([is_fourth, is_later]);
                let leap = self.terms.ite(is_leap, one, zero);
                let early = self.plus(day_of_year, 59);
                let early = self.terms.add([early, leap]);
                let late = self.plus(day_of_year, -306);
                self.terms.ite(is_early, early, late)
            }
        }
    }

    fn free_part(&mut self, id: ExprId, part: TimePart) -> Term {
        let range = part.range();
        let free = self.terms.var(format!("part{}", id.index()), Sort::Int);
        let least = self.terms.int(*range.start());
        let most = self.terms.int(*range.end());
        let above = self.terms.le(least, free);
        let below = self.terms.le(free, most);
        self.facts.extend([above, below]);
        free
    }

    /// Whole hours, minutes or seconds of a duration, towards zero.
    fn of_duration(&mut self, long: &Num, part: TimePart) -> Option<Term> {
        let unit = match part {
            TimePart::Hours => HOUR,
            TimePart::Minutes => 60,
            TimePart::Seconds => 1,
            _ => return None,
        };
        let unit = Num::constant(&mut self.terms, &Number::new(1.into(), unit.into()));
        let count = long.times(&mut self.terms, &unit);
        let floor = self.whole(&count);
        let negated = count.negated(&mut self.terms);
        let towards = self.whole(&negated);
        let ceil = self.terms.neg(towards);
        let zero = Num::constant(&mut self.terms, &Number::default());
        let is_natural = zero.le(&mut self.terms, &count);
        Some(self.terms.ite(is_natural, floor, ceil))
    }
}
