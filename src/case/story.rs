//! What a case tells for people: each request, what the server then remembers,
//! and why the last one is accepted or refused.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::format::Verdict;

/// A sequence of requests, told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// The requests, in order.
    pub steps: Vec<StoryStep>,
    /// Why the last one is accepted or refused: the rules that decide, with the
    /// values put in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Judged>,
    /// What the answer to the last one has to show, where the rule is about that.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<Showing>,
    /// What the faulty server does that the case was found for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faulty: Option<FaultyStory>,
    /// What the twin does differently.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<TwinStory>,
}

/// A request, and what comes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoryStep {
    /// The step.
    pub step: usize,
    /// The operation that is called.
    pub operation: String,
    /// The name of the operation's baseline that the request is a change of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Who sends it, where rules tell people apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The resources that it is about, with the steps that made them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub about: IndexMap<String, usize>,
    /// The resources that it is about and that were there before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub existing: Vec<There>,
    /// The fields that matter: those that the rule reads, now or later, and
    /// those that differ from the baseline.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub sends: IndexMap<String, Told>,
    /// The right server's verdict.
    pub verdict: Verdict,
    /// The rules that it breaks, though it isn't the last one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub breaks: Vec<String>,
    /// The resources that it made or changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remembers: Vec<Remembered>,
    /// What its answer shows of the state, by attribute, where that is what the
    /// case is about.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub shows: IndexMap<String, Told>,
}

/// A value, and what stood there before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Its JSON text, or words for a time that is counted from the moment of
    /// the test and for the key of a resource; without it, there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What the baseline has, or the server remembered before, where that is
    /// something else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
}

/// What the server remembers of a resource after a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// The name of its kind.
    pub resource: String,
    /// The step that made it.
    pub made_by: usize,
    /// Its attributes that matter or changed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Told>,
}

/// A resource that is there before any request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct There {
    /// The name of its kind.
    pub resource: String,
    /// What the rule file calls its key.
    pub name: String,
    /// Its attributes that matter.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub attributes: IndexMap<String, Told>,
}

/// The part of a rule that decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// The rule.
    pub rule: String,
    /// The item of a list that it is about: `body.lines[1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Whether the condition is a guard: where it doesn't hold, there is nothing
    /// to check.
    #[serde(default, skip_serializing_if = "is_no_guard")]
    pub guard: bool,
    /// The condition.
    pub condition: String,
    /// The condition with the values put in, where that says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_in: Option<String>,
    /// Whether it holds; without it, it is undefined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
}

/// A place of an answer, and what it shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Showing {
    /// The place: `response.body.total`.
    pub place: String,
    /// How it is compared, where that isn't `==`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation: Option<String>,
    /// The JSON text there, or words as for fields; without it, nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Showing {
    /// `response.body.total <= 41.25`
    pub fn in_words(&self) -> String {
        let place = &self.place;
        match (&self.relation, &self.value) {
            (Some(relation), Some(value)) => format!("{place} {relation} {value}"),
            (Some(words), None) => format!("{place} {words}"),
            (None, Some(value)) => format!("{place} is {value}"),
            (None, None) => format!("there is no {place}"),
        }
    }
}

/// What a faulty server does with the last request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultyStory {
    /// How it is wrong: completes "a server that ...".
    pub words: String,
    /// Its verdict; none where it breaks down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// What its answer shows that isn't what it has to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answer: Vec<Showing>,
    /// Its own condition that decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Judged>,
    /// What it shows instead, by attribute.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub shows: IndexMap<String, Told>,
}

/// What tells the twin from the case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwinStory {
    /// The step of the case that the twin leaves out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub without: Option<usize>,
    /// The other values: of each, the twin's, and what it was in the case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<TwinChange>,
    /// Why the twin's last request is accepted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Judged>,
}

/// A place with another value in the twin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TwinChange {
    /// The step of the case.
    pub step: usize,
    /// The place in its request; empty: the whole step.
    pub location: String,
    /// The twin's value, and what it was in the case.
    pub told: Told,
}

impl Story {
    /// What the last answer has to show, and what the faulty server shows
    /// instead, in sentences; `None` where the case isn't about that.
    pub fn shown_in_words(&self) -> Option<String> {
        let last = self.steps.last().filter(|last| !last.shows.is_empty())?;
        let own = Told::shown(&last.shows);
        let other = self
            .faulty
            .as_ref()
            .map(|faulty| Told::shown(&faulty.shows));
        let other = other.filter(|other| !other.is_empty());
        let other = other.map(|other| format!(" Such a server shows {other}."));
        Some(format!("It shows {own}.{}", other.unwrap_or_default()))
    }
}

impl Told {
    /// What an answer shows: `25 as refunded, no note`.
    fn shown(all: &IndexMap<String, Self>) -> String {
        let all = all.iter().map(|(name, told)| match &told.value {
            Some(value) => format!("{value} as {name}"),
            None => format!("no {name}"),
        });
        all.collect::<Vec<_>>().join(", ")
    }
}

impl Judged {
    /// What decides, in a sentence without its stop: `60 + 50 <= 100 is false`;
    /// `None` where no values say more than the condition.
    pub fn in_words(&self) -> Option<String> {
        Some(self.sentence(self.put_in.as_ref()?))
    }

    /// The item that it is about, as the beginning of a sentence.
    pub fn place(&self) -> String {
        let at = self.at.as_ref().map(|at| format!("for {at}, "));
        at.unwrap_or_default()
    }

    /// That a condition, however it is written, has its value.
    pub fn sentence(&self, condition: &str) -> String {
        let idle = match self.guard {
            true => "there is nothing to check, since ",
            false => "",
        };
        let value = match self.holds {
            Some(true) => "true",
            Some(false) => "false",
            None => "undefined",
        };
        format!("{}{idle}{condition} is {value}", self.place())
    }

    /// What decides for each of them, in a sentence; `None` where no values say
    /// more than the conditions.
    pub fn all_in_words(all: &[Self]) -> Option<String> {
        let told: Vec<String> = all.iter().filter_map(Self::in_words).collect();
        (!told.is_empty()).then(|| format!("Here {}.", told.join("; ")))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde asks for"
)]
fn is_no_guard(guard: &bool) -> bool {
    !guard
}
