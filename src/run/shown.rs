//! Whether answers show what the server should remember.

use std::cmp::Ordering;

use super::answer::Answer;
use super::attempt::{Attempt, Stop};
use super::outcome::{Kind, Outcome};
use super::play::{Player, Prepared};
use super::template::{Known, Unfillable, filled_in, shown_path};
use crate::case::{Comparison, Shown, parse_json};
use crate::value::time::parse_time;
use crate::value::{Value, parse_number};

/// A place at which an answer shows another value.
struct Other {
    place: String,
    wanted: Option<Value>,
    comparison: Comparison,
    found: Option<Value>,
}

impl Player<'_> {
    /// Sends a view before the last request: the state that was reached has to
    /// be the one predicted.
    pub(super) fn look<'f>(
        &self,
        attempt: &mut Attempt<'_, 'f>,
        view: &Prepared<'f>,
        waits: &mut u32,
    ) -> Result<(), Stop> {
        let sent = self.step(attempt, view, false, waits);
        if let Some(exchange) = attempt.exchanges.last_mut() {
            exchange.is_view = true;
        }
        sent?;
        let shown = self.show(attempt, view);
        // Steps are counted without it.
        attempt.answers.pop();
        shown
    }

    /// Whether the last answer, which isn't judged, shows what it should.
    pub(super) fn show(&self, attempt: &Attempt<'_, '_>, step: &Prepared<'_>) -> Result<(), Stop> {
        let Some(other) = self.other(attempt, step)? else {
            return Ok(());
        };
        let operation = &step.template.operation.id;
        let told = format!(
            "the state reached isn't the one predicted: {operation} shows {}",
            self.told_of(&other)
        );
        let mut outcome = Outcome::new(Kind::Blocked, told);
        outcome.cause = Some(format!("{operation} shows another state"));
        Err(Stop::Known(Box::new(outcome)))
    }

    /// The outcome once the last request was sent.
    pub(super) fn outcome(&self, attempt: &Attempt<'_, '_>, last: &Prepared<'_>) -> Outcome {
        let outcome = attempt.outcome();
        let is_shown = attempt.sequence.judge.is_some_and(|judge| !judge.rejects());
        if outcome.kind != Kind::Passed || !is_shown {
            return outcome;
        }
        match self.other(attempt, last) {
            Ok(None) => outcome,
            Ok(Some(other)) => {
                let told = format!("the server shows {}", self.told_of(&other));
                Outcome {
                    accepted: true,
                    ..Outcome::new(Kind::Failed, told)
                }
            }
            Err(Stop::Known(outcome)) => *outcome,
            Err(Stop::Again) => outcome,
        }
    }

    /// The first place at which the last answer shows something else.
    fn other(&self, attempt: &Attempt<'_, '_>, step: &Prepared<'_>) -> Result<Option<Other>, Stop> {
        let Some(answer) = attempt.answers.last() else {
            return Ok(None);
        };
        let known = attempt.known();
        for shown in step.shows {
            let other = self.compared(shown, answer, known);
            match other.map_err(|lacking| attempt.stop(Kind::Blocked, lacking.to_string()))? {
                None => {}
                other => return Ok(other),
            }
        }
        Ok(None)
    }

    fn compared(
        &self,
        shown: &Shown,
        answer: &Answer,
        known: Known<'_>,
    ) -> Result<Option<Other>, Unfillable> {
        let wanted = shown.value.as_deref();
        let wanted = wanted.and_then(|text| parse_json(text).ok());
        let wanted = match wanted {
            Some(value) => Some(filled_in(&value, &shown.splices, known, self.environment)?),
            None => None,
        };
        let found = answer.at(&shown.path).cloned();
        let is_same = is_shown(shown.comparison, wanted.as_ref(), found.as_ref());
        Ok((!is_same).then(|| Other {
            place: shown_path(&shown.path),
            wanted,
            comparison: shown.comparison,
            found,
        }))
    }

    fn told_of(&self, other: &Other) -> String {
        let words = |value: &Option<Value>| match value {
            Some(value) => self.mask.hide(&value.to_string()),
            None => "nothing".to_owned(),
        };
        let (place, value) = (&other.place, words(&other.wanted));
        let wanted = match other.comparison {
            Comparison::Equal | Comparison::Number | Comparison::Time => value,
            Comparison::NotEqual => format!("anything but {value}"),
            Comparison::Less => format!("less than {value}"),
            Comparison::AtMost => format!("at most {value}"),
            Comparison::Greater => format!("more than {value}"),
            Comparison::AtLeast => format!("at least {value}"),
            Comparison::There => "something".to_owned(),
        };
        match &other.found {
            None => format!("no {place}, and {wanted} was expected"),
            found => format!("{} as {place}, and {wanted} was expected", words(found)),
        }
    }
}

/// Whether what is found shows what is wanted; null shows nothing.
pub fn is_shown(comparison: Comparison, wanted: Option<&Value>, found: Option<&Value>) -> bool {
    if comparison == Comparison::There {
        return found.is_some();
    }
    let something = |value: Option<&Value>| value.filter(|value| **value != Value::Null).cloned();
    let (Some(wanted), Some(found)) = (something(wanted), something(found)) else {
        return comparison == Comparison::Equal
            && something(wanted).is_none()
            && something(found).is_none();
    };
    let order = || order(&found, &wanted);
    match comparison {
        Comparison::NotEqual => return wanted != found,
        Comparison::Less => return order() == Some(Ordering::Less),
        Comparison::AtMost => return order().is_some_and(Ordering::is_le),
        Comparison::Greater => return order() == Some(Ordering::Greater),
        Comparison::AtLeast => return order().is_some_and(Ordering::is_ge),
        _ => {}
    }
    let as_number = |value: &Value| match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => parse_number(text),
        _ => None,
    };
    let as_moment = |value: &Value| value.as_str().and_then(parse_time);
    wanted == found
        || match comparison {
            Comparison::Number => as_number(&wanted)
                .is_some_and(|wanted| as_number(&found).is_some_and(|found| found == wanted)),
            Comparison::Time => as_moment(&wanted)
                .is_some_and(|wanted| as_moment(&found).is_some_and(|found| found == wanted)),
            _ => false,
        }
}

/// How two numbers, or two texts, stand to each other.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.chars().cmp(b.chars())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_compared_by_what_it_means() {
        let value = |text: &str| parse_json(text).unwrap();
        for (comparison, wanted, found, is_same) in [
            (Comparison::Equal, Some("1"), Some("1.0"), true),
            (Comparison::Equal, Some("1"), Some("\"1\""), false),
            (
                Comparison::Equal,
                Some("[1, \"a\"]"),
                Some("[1.00, \"a\"]"),
                true,
            ),
            (Comparison::Number, Some("1.5"), Some("\"1.50\""), true),
            (Comparison::Number, Some("1.5"), Some("\"1.51\""), false),
            (Comparison::Number, Some("1.5"), Some("true"), false),
            (Comparison::Number, Some("0"), None, false),
            (Comparison::Number, None, Some("0"), false),
            (Comparison::Equal, None, Some("null"), true),
            (Comparison::Equal, Some("null"), None, true),
            (Comparison::Equal, None, None, true),
            (Comparison::NotEqual, Some("1"), Some("2"), true),
            (Comparison::NotEqual, Some("1"), Some("1.0"), false),
            (Comparison::NotEqual, Some("1"), None, false),
            (Comparison::Less, Some("1.5"), Some("1.49"), true),
            (Comparison::Less, Some("1.5"), Some("1.50"), false),
            (Comparison::AtMost, Some("1.5"), Some("1.50"), true),
            (Comparison::AtMost, Some("1.5"), Some("\"1\""), false),
            (Comparison::Greater, Some("\"a\""), Some("\"b\""), true),
            (Comparison::AtLeast, Some("10"), Some("9"), false),
            (Comparison::AtLeast, Some("10"), None, false),
            (Comparison::There, None, Some("null"), true),
            (Comparison::There, None, None, false),
            (
                Comparison::Time,
                Some("\"2030-01-01T10:00:00Z\""),
                Some("\"2030-01-01T11:00:00.000+01:00\""),
                true,
            ),
            (
                Comparison::Time,
                Some("\"2030-01-01T10:00:00Z\""),
                Some("\"2030-01-01T11:00:00Z\""),
                false,
            ),
        ] {
            let (wanted, found) = (wanted.map(value), found.map(value));
            let same = is_shown(comparison, wanted.as_ref(), found.as_ref());
            assert_eq!(same, is_same, "{comparison:?} {wanted:?} {found:?}");
        }
    }
}
