//! `clock`: what tests know of the server's clock.

use super::{Reader, keys};
use crate::rulefile::{Clock, ClockKind, Located};
use crate::source::{Code, Diagnostic};
use crate::tree::Entry;
use crate::value::time::{DAY, SECOND, parse_date, parse_duration, parse_time};

impl Reader<'_> {
    /// `{tolerance: 60s}`, with `examples`, `fixed` or `header` beside it.
    pub(super) fn clock(&mut self, entry: &Entry) -> Option<Clock> {
        let fields = self.fields_of(entry, &keys::CLOCK)?;
        let tolerance = fields.get("tolerance").map(|entry| self.tolerance(entry));
        let mut kinds = Vec::new();
        for key in ["examples", "fixed", "header"] {
            let Some(entry) = fields.get(key) else {
                continue;
            };
            if let Some((first, _)) = kinds.first() {
                let message = format!("`{key}` and `{first}` can't both be said of a clock");
                let finding = Diagnostic::error(Code::ConflictingKeys, message);
                self.report(finding.at(entry.key_span, "leave one out"));
                return None;
            }
            kinds.push((key, entry));
        }
        let kind = match kinds.first() {
            None => ClockKind::Running { examples: None },
            Some(("header", entry)) => ClockKind::Header(self.text(entry)?),
            Some(("fixed", entry)) => ClockKind::Fixed(self.moment(entry)?),
            Some((_, entry)) => ClockKind::Running {
                examples: Some(self.moment(entry)?),
            },
        };
        Some(Clock {
            kind,
            tolerance: match tolerance {
                None => Clock::TOLERANCE,
                Some(given) => given?,
            },
        })
    }

    fn moment(&mut self, entry: &Entry) -> Option<Located<i128>> {
        let text = self.text(entry)?;
        if let Some(moment) = parse_time(&text.value).or_else(|| parse_date(&text.value)) {
            return Some(Located::new(moment, text.span));
        }
        let message = format!("`{}` is no date-time", text.value);
        let finding = Diagnostic::error(Code::WrongValue, message).at(text.span, "no moment");
        self.report(finding.help("for example `2030-05-01T09:30:00Z`"));
        None
    }

    /// Whole seconds, at most an hour.
    fn tolerance(&mut self, entry: &Entry) -> Option<i128> {
        let text = self.text(entry)?;
        let long = parse_duration(&text.value);
        if let Some(long) = long.filter(|long| (0..=DAY / 24).contains(long) && long % SECOND == 0)
        {
            return Some(long);
        }
        let message = format!("`{}` is no tolerance of a clock", text.value);
        let finding = Diagnostic::error(Code::WrongValue, message)
            .at(text.span, "should be whole seconds, an hour at most");
        self.report(finding.help("for example `60s` or `5m`"));
        None
    }
}
