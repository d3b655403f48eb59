//! Stories for people: one line a request, and one for what comes of it.

use indexmap::IndexMap;
use itertools::Itertools;

use super::abridged::abridged;
use super::{counted, wrapped};
use crate::case::{
    FaultyStory, Judged, Showing, Story, StoryStep, There, Told, TwinChange, TwinStory, Verdict,
};

/// Fields of a request that are told, at most.
const MOST_FIELDS: usize = 6;

/// How long a condition may be.
const LONGEST_CONDITION: usize = 120;

impl Story {
    /// The requests, each line behind `indent` blanks; the first one stands
    /// behind `title` instead.
    pub(super) fn requests(&self, title: &str, indent: usize) -> String {
        let mut out = String::new();
        for (index, step) in self.steps.iter().enumerate() {
            let is_last = index + 1 == self.steps.len();
            let number = format!("{}. ", index + 1);
            let mut request = self.request(step);
            let because = if is_last { &*self.because } else { &[] };
            let answer = if is_last { &*self.answer } else { &[] };
            let outcome = outcome(step, because, answer);
            // What says no more than a word has no line of its own.
            let is_short = outcome == step.verdict.word();
            if is_short {
                request += &format!("; {outcome}");
            }
            out += &hanging(&request, indent, number.len(), &number);
            if !is_short {
                out += &hanging(&outcome, indent + number.len(), 2, "");
            }
        }
        match out.get(indent..) {
            Some(rest) => format!("{title:indent$}{rest}"),
            None => out,
        }
    }

    /// Why the last request is accepted or refused, what the faulty server does
    /// with it, and what the twin, which is called `twin`, does differently.
    pub(super) fn reasons(&self, twin: Option<&str>) -> Vec<String> {
        let last = self.steps.last();
        let alone = last.filter(|_| self.steps.len() == 1);
        let own = alone.map(|step| outcome(step, &self.because, &self.answer));
        let says = !self.answer.is_empty() || self.because.iter().any(|told| told.put_in.is_some());
        let own = own.filter(|_| says);
        let faulty = self.faulty.as_ref().zip(last);
        let faulty = faulty.and_then(|(faulty, last)| of_faulty(faulty, last.verdict));
        let twin = twin.zip(self.twin.as_ref());
        let twin = twin.map(|(name, twin)| of_twin(name, twin, self.steps.len()));
        own.into_iter().chain(faulty).chain(twin).collect()
    }

    fn request(&self, step: &StoryStep) -> String {
        let about = step.about.iter();
        let about = about.map(|(name, made_by)| format!(" on {}", self.named(name, *made_by)));
        let there = step.existing.iter().map(existing);
        let actor = step.actor.iter().map(|name| format!(" as {name}"));
        let baseline = step
            .baseline
            .iter()
            .map(|name| format!(", baseline `{name}`"));
        let whole: String = about.chain(there).chain(actor).chain(baseline).collect();
        let fields = fields(step);
        let fields = if fields.is_empty() {
            ", as it is".to_owned()
        } else {
            format!(": {}", fields.join(", "))
        };
        format!("{}{whole}{fields}", step.operation)
    }

    /// A resource by its kind, with the request that made it where there are
    /// several of the kind.
    fn named(&self, kind: &str, made_by: usize) -> String {
        let all = self.steps.iter().flat_map(|step| &step.remembers);
        let own = all
            .filter(|own| own.resource == kind)
            .map(|own| own.made_by);
        match own.unique().count() {
            0 | 1 => format!("the {kind}"),
            _ => format!("the {kind} of request {made_by}"),
        }
    }
}

/// A resource that a request is about and that was there before.
fn existing(of: &There) -> String {
    let attributes = of.attributes.iter().map(|(name, value)| told(name, value));
    let attributes = attributes.collect::<Vec<_>>().join(", ");
    let attributes = match attributes.is_empty() {
        true => String::new(),
        false => format!(" ({attributes})"),
    };
    format!(" on the {} {}{attributes}", of.resource, of.name)
}

/// A text behind `indent` blanks and `lead`; further lines stand further in.
fn hanging(text: &str, indent: usize, further: usize, lead: &str) -> String {
    let blanks = " ".repeat(indent + further);
    let lines = wrapped(text, &blanks);
    match lines.strip_prefix(&blanks) {
        Some(rest) => format!("{:indent$}{lead}{rest}", ""),
        None => lines,
    }
}

/// What the server says to a request, and then remembers.
fn outcome(step: &StoryStep, because: &[Judged], answer: &[Showing]) -> String {
    let mut text = step.verdict.word().to_owned();
    let several = because.len() > 1;
    let because = because.iter().filter_map(|told| {
        let words = judged(told)?;
        Some(match several {
            true => format!("{}: {words}", told.rule),
            false => words,
        })
    });
    let broken = step.breaks.iter().map(|rule| format!("{rule} is broken"));
    let because = because.chain(broken).collect::<Vec<_>>().join("; ");
    if !because.is_empty() {
        text += &format!(": {because}");
    }
    if !answer.is_empty() {
        text += &format!("; the answer says: {}", told_of(answer));
    }
    for own in step
        .remembers
        .iter()
        .filter(|own| !own.attributes.is_empty())
    {
        let attributes = own.attributes.iter().map(|(name, value)| told(name, value));
        let attributes = attributes.collect::<Vec<_>>().join(", ");
        text += &format!("; then the {}: {attributes}", own.resource);
    }
    if !step.shows.is_empty() {
        text += &format!(": it shows {}", shows(&step.shows));
    }
    text
}

/// What an answer shows.
fn told_of(shows: &[Showing]) -> String {
    let shows = shows.iter().map(Showing::in_words);
    shows.collect::<Vec<_>>().join(", ")
}

fn shows(all: &IndexMap<String, Told>) -> String {
    let all = all.iter().map(|(name, value)| match &value.value {
        Some(text) => format!("{} as {name}", abridged(text, &[])),
        None => format!("no {name}"),
    });
    all.collect::<Vec<_>>().join(", ")
}

/// The values that decide, and the condition where it isn't too long. That a
/// condition holds says little without values.
fn judged(of: &Judged) -> Option<String> {
    let condition = format!("`{}`", of.condition);
    let is_short = condition.chars().count() <= LONGEST_CONDITION;
    match of.in_words() {
        Some(words) if is_short => Some(format!("{words} ({condition})")),
        Some(words) => Some(words),
        None if of.holds == Some(true) || of.guard => None,
        None if is_short => Some(of.sentence(&condition)),
        None => Some(format!("{}{} is broken", of.place(), of.rule)),
    }
}

fn fields(step: &StoryStep) -> Vec<String> {
    let all = step.sends.iter().map(|(place, value)| told(place, value));
    let mut fields: Vec<String> = all.collect();
    let more = fields.len().saturating_sub(MOST_FIELDS);
    if more > 1 {
        fields.truncate(MOST_FIELDS);
        fields.push(format!("… {more} more"));
    }
    fields
}

fn told(name: &str, of: &Told) -> String {
    let short = |text: &String| abridged(text, &[]);
    match (&of.was, &of.value) {
        (Some(was), Some(value)) => format!("{name} {} -> {}", short(was), short(value)),
        (None, Some(value)) => format!("{name} {}", short(value)),
        (_, None) => format!("no {name}"),
    }
}

/// What the faulty server does, where that can be shown.
fn of_faulty(faulty: &FaultyStory, right: Verdict) -> Option<String> {
    let does = match (right, faulty.verdict) {
        (_, None) => return Some("Such a server breaks down on it".to_owned()),
        (Verdict::Reject, Some(Verdict::Accept)) => "accepts it",
        (Verdict::Accept, Some(Verdict::Reject)) => "refuses it",
        (Verdict::Reject, Some(Verdict::Reject)) => "refuses it for another reason",
        (Verdict::Accept, Some(Verdict::Accept))
            if faulty.shows.is_empty() && faulty.answer.is_empty() =>
        {
            return None;
        }
        (Verdict::Accept, Some(Verdict::Accept)) => {
            let shows = match faulty.answer.as_slice() {
                [] => format!("shows {}", shows(&faulty.shows)),
                answer => format!("answers: {}", told_of(answer)),
            };
            return Some(format!("Such a server {shows}"));
        }
    };
    let because = faulty.because.as_ref().and_then(Judged::in_words)?;
    Some(format!("Such a server {does}: {because}"))
}

fn of_twin(name: &str, twin: &TwinStory, steps: usize) -> String {
    let shown = twin.changes.iter().take(MOST_FIELDS);
    let mut differs: Vec<String> = shown.map(|change| changed(change, steps)).collect();
    let more = twin.changes.len().saturating_sub(MOST_FIELDS);
    if more > 0 {
        differs.push(format!("{} more", counted(more, "place")));
    }
    let differs = match (twin.without, differs.is_empty()) {
        (Some(step), _) => format!(", without request {step}"),
        (None, true) => String::new(),
        (None, false) => format!(", where {}", differs.join(" and ")),
    };
    let because: Vec<String> = twin.because.iter().filter_map(Judged::in_words).collect();
    let because = match because.as_slice() {
        [] => String::new(),
        words => format!(": {}", words.join("; ")),
    };
    format!("Accepted for comparison: {name}{differs}{because}")
}

fn changed(change: &TwinChange, steps: usize) -> String {
    let place = match (change.location.as_str(), steps) {
        ("", _) => return format!("request {} is another", change.step),
        (place, 1) => place.to_owned(),
        (place, _) => format!("{place} of request {}", change.step),
    };
    let short = |text: &String| abridged(text, &[]);
    match (&change.told.value, &change.told.was) {
        (Some(value), Some(was)) => format!("{place} is {}, not {}", short(value), short(was)),
        (Some(value), None) => format!("{place} is {}", short(value)),
        (None, _) => format!("there is no {place}"),
    }
}
