//! Requests as Python: whole, or as changes of a baseline.

use super::python::{
    call, environment, environment_number, expression, is_hidden, literal, saved, string,
};
use crate::case::{
    Anchor, Changes, Encoding, Splice, Step, parse_json, pretty_json, request_parts, splice_places,
};
use crate::value::Value;
use crate::value::location::{Location, Segment};
use crate::value::time::{parse_time, print_time};

/// A whole request: `suite.request("createPayment", body=...)`.
pub(super) fn whole(step: &Step, encodings: &[Encoding], indent: usize) -> String {
    let parts = parts(step, encodings);
    let mut arguments = vec![string(&step.operation)];
    if let Some(now) = &step.request.now {
        arguments.push(format!("now={}", string(now)));
    }
    if let Some(actor) = &step.request.actor {
        arguments.push(format!("actor={}", string(actor)));
    }
    for group in ["path", "query", "header", "cookie"] {
        match parts.get(group) {
            Some(Value::Map(members)) if !members.is_empty() => {
                let value = Value::Map(members.clone());
                let column = indent + 5 + group.len();
                arguments.push(format!("{group}={}", literal(&value, column, indent + 4)));
            }
            _ => {}
        }
    }
    arguments.extend(
        step.request
            .body
            .as_deref()
            .map(|body| body_text(body, indent + 4)),
    );
    let request = call("suite.request", &arguments, indent);
    match spliced_body(step) {
        changes if changes.is_empty() => request,
        changes => format!("{request}.with_({})", table(&changes, indent)),
    }
}

/// A request of a baseline and what a test changes: `suite.baseline(...)`,
/// `.with_({...})`. `last` says whether it is the baseline's last step.
pub(super) fn changed(
    name: &str,
    number: usize,
    last: bool,
    base: &Step,
    step: &Step,
    encodings: &[Encoding],
    indent: usize,
) -> String {
    let mut arguments = vec![string(name)];
    if !last {
        arguments.push(format!("step={number}"));
    }
    let request = call("suite.baseline", &arguments, indent);
    let old = parts(base, encodings);
    let changes = Changes::between(&old, &parts(step, encodings));
    if changes.is_empty() {
        return request;
    }
    let was = |place: &Location| place.read(&old).and_then(short);
    let set = changes.set.iter().map(|(place, value)| Row {
        place: place.to_string(),
        value: Some(value.clone()),
        was: was(place),
    });
    let unset = changes.unset.iter().map(|place| Row {
        place: place.to_string(),
        value: None,
        was: was(place),
    });
    let rows: Vec<_> = set.chain(unset).collect();
    format!("{request}.with_({})", table(&rows, indent))
}

/// A line of a table of changes; without a value the place is unset.
struct Row {
    place: String,
    value: Option<Value>,
    was: Option<String>,
}

fn table(rows: &[Row], indent: usize) -> String {
    let inside = " ".repeat(indent + 4);
    let lines = rows.iter().map(|row| {
        let place = string(&row.place);
        let column = indent + 6 + place.chars().count();
        let value = row.value.as_ref();
        let value = value.map_or("ABSENT".to_owned(), |value| {
            literal(value, column, indent + 4)
        });
        let was = row.was.as_ref().map(|was| format!("  # was {was}"));
        format!("{inside}{place}: {value},{}\n", was.unwrap_or_default())
    });
    format!("{{\n{}{}}}", lines.collect::<String>(), " ".repeat(indent))
}

/// A scalar that a comment can show.
fn short(value: &Value) -> Option<String> {
    if matches!(value, Value::List(_) | Value::Map(_)) {
        return None;
    }
    let text = super::python::comment(&literal(value, 0, 0));
    let number = matches!(value, Value::Number(_)).then(|| value.to_string());
    let text = number.unwrap_or(text);
    (text.chars().count() <= 40).then_some(text)
}

fn body_text(body: &str, indent: usize) -> String {
    let pretty = parse_json(body).map_or_else(|_| body.to_owned(), |value| pretty_json(&value));
    let margin = " ".repeat(indent);
    let lines = pretty
        .lines()
        .map(|line| format!("{margin}{}\n", visible(line)));
    let lines: String = lines.collect();
    let raw = if lines.contains('\\') { "r" } else { "" };
    format!("body={raw}\"\"\"\n{lines}{margin}\"\"\"")
}

/// JSON text in which what can't be seen is escaped: it stands within strings.
fn visible(line: &str) -> String {
    let chars = line.chars().map(|char| match char {
        _ if is_hidden(char) => format!("\\u{:04x}", u32::from(char)),
        _ => char.to_string(),
    });
    chars.collect()
}

/// The places of a body that are filled in when it is sent.
fn spliced_body(step: &Step) -> Vec<Row> {
    let rows = step.splices.iter().filter_map(|splice| {
        let location = splice.location();
        let within =
            location == "body" || location.starts_with("body.") || location.starts_with("body[");
        within.then(|| Row {
            place: location.to_owned(),
            value: Some(filler(splice)),
            was: None,
        })
    });
    let texts = step.request.written.iter().map(|(place, text)| Row {
        place: place.clone(),
        value: Some(written(text)),
        was: None,
    });
    rows.chain(texts).collect()
}

/// What takes the place of a splice's text.
pub(super) fn filler(splice: &Splice) -> Value {
    match splice {
        Splice::Saved { step, path, .. } => saved(*step, &place(path)),
        Splice::Environment {
            variable,
            number: true,
            ..
        } => environment_number(variable),
        Splice::Environment { variable, .. } => environment(variable),
        Splice::Setup {
            name, number: true, ..
        } => expression(&format!("from_setup({}, number=True)", string(name))),
        Splice::Setup { name, .. } => expression(&from_setup(name)),
        Splice::Sent { from, .. } => expression(&format!("from_request({})", string(from))),
        Splice::Moment {
            placeholder,
            anchor,
            zone,
            seconds,
            ..
        } => {
            let mut arguments = Vec::from_iter(zone.as_deref().map(string));
            arguments.extend(parts_of_time(*seconds));
            expression(&moment(placeholder, *anchor, arguments))
        }
    }
}

/// What a setup step saves.
pub(super) fn from_setup(name: &str) -> String {
    format!("from_setup({})", string(name))
}

/// `from_now(days=1, hours=2)`; `like` where it is written in another way than
/// in UTC, to the second.
fn moment(placeholder: &str, anchor: Anchor, mut arguments: Vec<String>) -> String {
    let name = match anchor {
        Anchor::Now => "from_now",
        Anchor::Today => "from_today",
        Anchor::Monday => "from_monday",
    };
    let is_usual = parse_time(placeholder).is_some_and(|at| print_time(at) == placeholder)
        && !placeholder.contains('.');
    if !is_usual {
        arguments.push(format!("like={}", string(placeholder)));
    }
    format!("{name}({})", arguments.join(", "))
}

/// `days=1, hours=2`
fn parts_of_time(seconds: i64) -> Vec<String> {
    let units = [
        ("days", 86_400),
        ("hours", 3_600),
        ("minutes", 60),
        ("seconds", 1),
    ];
    let mut rest = seconds;
    let mut arguments = Vec::new();
    for (unit, long) in units {
        let count = rest / long;
        rest %= long;
        if count != 0 {
            arguments.push(format!("{unit}={count}"));
        }
    }
    arguments
}

/// The parts of a request as the runtime holds them, what it fills in in place
/// of placeholders.
fn parts(step: &Step, encodings: &[Encoding]) -> Value {
    let mut parts = request_parts(&step.request, encodings);
    for (place, splice) in splice_places(&parts, &step.splices) {
        let _ = place.write(&mut parts, filler(splice));
    }
    for (place, text) in &step.request.written {
        let place = Location::parse(place);
        let _ = place.map(|place| place.write(&mut parts, written(text)));
    }
    parts
}

/// JSON text that no value says.
fn written(text: &str) -> Value {
    expression(&format!("written({})", string(text)))
}

/// Members below an answer's body as one place: `data.id`.
pub(super) fn place(path: &[String]) -> String {
    let keys = path.iter().map(|key| Segment::Key(key.as_str().into()));
    Location(keys.collect()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{ParameterValue, Request};

    fn step(body: &str, splices: Vec<Splice>) -> Step {
        Step {
            operation: "book".to_owned(),
            request: Request {
                body: Some(body.to_owned()),
                ..Request::default()
            },
            splices,
            save: Vec::new(),
            shows: Vec::new(),
            refused: Vec::new(),
        }
    }

    #[test]
    fn only_the_place_of_a_moment_moves_with_the_test() {
        let moment = Splice::Moment {
            location: "body.from".to_owned(),
            placeholder: "2030-01-01T15:00:00Z".to_owned(),
            anchor: Anchor::Now,
            zone: None,
            seconds: 10_800,
        };
        let base = step(r#"{"from": "", "signed": ""}"#, Vec::new());
        let both = r#"{"from": "2030-01-01T15:00:00Z", "signed": "2030-01-01T15:00:00Z"}"#;
        let text = changed(
            "book/default",
            1,
            true,
            &base,
            &step(both, vec![moment]),
            &[],
            4,
        );
        assert!(text.contains(r#""body.from": from_now(hours=3)"#), "{text}");
        assert!(
            text.contains(r#""body.signed": "2030-01-01T15:00:00Z""#),
            "{text}"
        );
    }

    #[test]
    fn the_one_item_of_a_query_moves_with_the_test() {
        let day = "2030-01-01T15:00:00Z";
        let moment = Splice::Moment {
            location: "query.days[0]".to_owned(),
            placeholder: day.to_owned(),
            anchor: Anchor::Now,
            zone: None,
            seconds: 10_800,
        };
        let mut step = step("{}", vec![moment]);
        let days = ParameterValue::List(vec![day.to_owned()]);
        step.request.query.insert("days".to_owned(), days);
        let text = whole(&step, &[], 4);
        assert!(text.contains(r#""days": from_now(hours=3)"#), "{text}");
    }
}
