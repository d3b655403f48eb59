//! `clock`: what tests know of the server's clock.

use super::{Reader, keys};
use crate::rulefile::{Clock, ClockKind, ClockSetter, Located};
use crate::source::{Code, Diagnostic};
use crate::tree::Entry;
use crate::value::time::{DAY, SECOND, parse_date, parse_duration, parse_time};

impl Reader<'_> {
    /// `{tolerance: 60s}`, with `examples`, `fixed`, `header` or `set` beside
    /// it; of these only `examples` and `set` stand together.
    pub(super) fn clock(&mut self, entry: &Entry) -> Option<Clock> {
        let fields = self.fields_of(entry, &keys::CLOCK)?;
        let tolerance = fields.get("tolerance").map(|entry| self.tolerance(entry));
        let mut kinds = Vec::new();
        for key in ["fixed", "header", "set", "examples"] {
            let Some(entry) = fields.get(key) else {
                continue;
            };
            match kinds.first() {
                Some(("set", _)) if key == "examples" => {}
                Some((first, _)) => {
                    let message = format!("`{key}` and `{first}` can't both be said of a clock");
                    let finding = Diagnostic::error(Code::ConflictingKeys, message);
                    self.report(finding.at(entry.key_span, "leave one out"));
                    return None;
                }
                None => kinds.push((key, entry)),
            }
        }
        let examples = fields.get("examples").map(|entry| self.moment(entry));
        let examples = match examples {
            None => None,
            Some(moment) => Some(moment?),
        };
        let kind = match kinds.first() {
            Some(("header", entry)) => ClockKind::Header(self.text(entry)?),
            Some(("fixed", entry)) => ClockKind::Fixed(self.moment(entry)?),
            Some(("set", entry)) => ClockKind::Set(self.clock_setter(entry, examples)?),
            _ => ClockKind::Running { examples },
        };
        Some(Clock {
            kind,
            tolerance: match tolerance {
                None => Clock::TOLERANCE,
                Some(given) => given?,
            },
        })
    }

    /// `setClock`, or `{operation: setClock, field: body.now}`.
    fn clock_setter(
        &mut self,
        entry: &Entry,
        examples: Option<Located<i128>>,
    ) -> Option<ClockSetter> {
        if !entry.value.is_mapping() {
            return Some(ClockSetter {
                operation: self.text(entry)?,
                field: None,
                examples,
            });
        }
        let fields = self.fields_of(entry, &keys::CLOCK_SETTER)?;
        let field = fields.get("field").map(|entry| self.condition(entry));
        let operation = self.required(&fields, "operation")?;
        Some(ClockSetter {
            operation: self.text(operation)?,
            field: match field {
                None => None,
                Some(path) => Some(path?),
            },
            examples,
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
