//! Parts of moments and durations as integer arithmetic.
//!
//! The calendar follows Howard Hinnant, "chrono-Compatible Low-Level Date
//! Algorithms" (`civil_from_days`): only divisions by constants.

use super::{Env, Lowering, Num, Shape, Sym};
use crate::expr::{ExprId, TimePart};
use crate::search::smt::{Sort, Term};
use crate::value::time::{SECOND, offsets, parse_date};
use crate::value::{Number, Value};

/// Where the offsets of zones are known to the solver; elsewhere they are
/// free, within 18 hours.
const KNOWN_YEARS: (&str, &str) = ("2020-01-01", "2045-01-01");

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
            (Shape::Time(at), None) => {
                let seconds = self.whole(at);
                self.of_moment(seconds, part)
            }
            (Shape::Time(at), Some(zone)) => {
                let zone = self.model.arena.as_const(*zone).and_then(Value::as_str);
                let zone = zone.map(str::to_owned);
                zone.and_then(|zone| {
                    let seconds = self.whole(at);
                    let local = self.local(id, seconds, &zone)?;
                    self.of_moment(local, part)
                })
            }
            _ => None,
        };
        match found {
            Some(term) => self.when(live, Shape::Number(Num::int(term))),
            None => self.unencoded(id, operands, env),
        }
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
        let (from, to) = KNOWN_YEARS;
        let (from, to) = (parse_date(from)?, parse_date(to)?);
        let known = offsets(zone, from, to)?;
        let constant = |this: &mut Self, nanos: i128| this.terms.int((nanos / SECOND) as i64);
        let mut offset = match known.as_slice() {
            // One offset for ever, as far as is known.
            [(_, only)] => self.terms.int(i64::from(*only)),
            _ => self.free_offset(id),
        };
        if known.len() > 1 {
            let start = constant(self, from);
            let end = constant(self, to);
            let free = offset;
            for (since, own) in &known {
                let since = constant(self, *since);
                let is_later = self.terms.le(since, seconds);
                let own = self.terms.int(i64::from(*own));
                offset = self.terms.ite(is_later, own, offset);
            }
            let is_before = self.terms.lt(seconds, start);
            let is_after = self.terms.le(end, seconds);
            let is_unknown = self.terms.or([is_before, is_after]);
            offset = self.terms.ite(is_unknown, free, offset);
        }
        Some(self.terms.add([seconds, offset]))
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
    fn of_moment(&mut self, seconds: Term, part: TimePart) -> Option<Term> {
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
                self.of_day(days, part)
            }
        })
    }

    fn of_day(&mut self, days: Term, part: TimePart) -> Term {
        // Years begin in March, eras are of 400 years.
        let shifted = self.plus(days, 719_468);
        let era = self.div(shifted, 146_097);
        let day_of_era = self.rem(shifted, 146_097);
        let leap = [(-1, 1_460), (1, 36_524), (-1, 146_096)];
        let mut parts = vec![day_of_era];
        for (sign, by) in leap {
            let own = self.div(day_of_era, by);
            parts.push(self.times(own, sign));
        }
        let of_years = self.terms.add(parts);
        let year_of_era = self.div(of_years, 365);
        let mut parts = vec![day_of_era];
        for (sign, factor, by) in [(-1, 365, 1), (-1, 1, 4), (1, 1, 100)] {
            let own = self.div(year_of_era, by);
            parts.push(self.times(own, sign * factor));
        }
        let day_of_year = self.terms.add(parts);
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
            _ => {
                let years = self.times(era, 400);
                let years = self.terms.add([years, year_of_era]);
                let next = self.plus(years, 1);
                let year = self.terms.ite(is_early, years, next);
                if part == TimePart::FullYear {
                    return year;
                }
                let start = self.first_day_of(year);
                self.terms.sub(days, start)
            }
        }
    }

    /// The days from 1970-01-01 to the first of January of a year.
    fn first_day_of(&mut self, year: Term) -> Term {
        let before = self.plus(year, -1);
        let mut parts = Vec::new();
        for (factor, by) in [(365, 1), (1, 4), (-1, 100), (1, 400)] {
            let own = self.div(before, by);
            parts.push(self.times(own, factor));
        }
        let days = self.terms.add(parts);
        self.plus(days, -719_162)
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
