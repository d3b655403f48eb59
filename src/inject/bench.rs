//! The right server and faulty ones, side by side.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Task;
use super::body::write;
use super::forge::Forge;
use super::report::{Forged, Report, Sign};
use crate::audit::{Foreseen, Observation, Prepared, Ready, Standing, Watch, World, prepare};
use crate::document::Document;
use crate::model::{OperationRef, RuleRef};
use crate::record::{Answered, Asked, Decision, MadeUp};
use crate::simulate::{Shows, Sight, Verdict};
use crate::traffic::{Answer, Body, Exchange, When};
use crate::value::Value;

/// Both kinds of servers, and what they were asked.
pub(super) struct Bench<'b> {
    watch: &'b Watch<'b>,
    world: World<'b, 'b>,
    forge: Forge<'b>,
    /// The faults by the positions of their patches.
    faults: &'b [usize],
    /// Whose answers are made up.
    task: &'b Task,
    /// Answers that may be given again, by the number of their request.
    given: BTreeMap<usize, MadeUp>,
    asked: usize,
    report: Report,
}

impl<'b> Bench<'b> {
    pub(super) fn new(
        watch: &'b Watch<'b>,
        document: &'b Document,
        (faults, task): (&'b [usize], &'b Task),
    ) -> Self {
        Self {
            watch,
            world: World::new(watch),
            forge: Forge::new(&watch.built.model, document),
            faults,
            task,
            given: BTreeMap::new(),
            asked: 0,
            report: Report::default(),
        }
    }

    pub(super) fn report(&self) -> Report {
        self.report.clone()
    }

    /// Who answers a request.
    pub(super) fn before(&mut self, asked: &Asked, now: Timestamp) -> Decision {
        self.asked += 1;
        let exchange = exchange(asked, None, now);
        let ready = match prepare(self.watch, &exchange, 0) {
            Prepared::Ready(ready) => *ready,
            Prepared::Unreadable(problem, _) => return self.pass(problem),
            Prepared::Other(..) | Prepared::Unmatched(..) => return Decision::Forward,
        };
        *self.report.asked.entry(ready.operation).or_default() += 1;
        let foresight = match self.world.foresee(&ready) {
            Ok(foresight) => foresight,
            Err(problem) => return self.pass(problem),
        };
        let number = |patch: &usize| self.faults.get(*patch).copied();
        let apart = foresight.apart.iter();
        let apart = apart.filter_map(|(patch, own)| Some((number(patch)?, own)));
        let apart: BTreeMap<usize, &Foreseen> = apart.collect();
        let blind: BTreeSet<usize> = foresight.blind.iter().filter_map(number).collect();
        self.note(&apart);
        match self.chosen(&apart, &blind) {
            Chosen::Nobody => {
                self.report.judged += 1;
                Decision::Forward
            }
            Chosen::Blind => self.pass("the faulty server reads what isn't known of it".to_owned()),
            Chosen::Fault(fault, foreseen) => {
                self.report.judged += 1;
                match foreseen.sight {
                    Sight::Verdict | Sight::Status => self.verdict(&ready, asked, fault, foreseen),
                    Sight::Shown => self.show(asked, fault, foreseen.shown.clone()),
                    Sight::Same | Sight::Lost => Decision::Forward,
                }
            }
        }
    }

    /// Notes which faults a request shows.
    fn note(&mut self, apart: &BTreeMap<usize, &Foreseen>) {
        for (fault, own) in apart {
            let sign = Sign {
                request: self.asked,
                sight: own.sight,
                faulty: own.faulty.clone(),
                shown: own.shown.clone(),
            };
            self.report.signs.entry(*fault).or_default().push(sign);
        }
    }

    /// Which faulty server answers.
    fn chosen<'f>(
        &mut self,
        apart: &BTreeMap<usize, &'f Foreseen>,
        blind: &BTreeSet<usize>,
    ) -> Chosen<'f> {
        let Task::Answer(sets) = self.task else {
            return Chosen::Nobody;
        };
        let mut chosen = Chosen::Nobody;
        for set in sets {
            let Some((first, others)) = set.split_first() else {
                continue;
            };
            let own = apart.get(first).copied();
            let is_blind = blind.contains(first);
            let is_other = |other: &&usize| {
                apart.get(*other).copied() != own || blind.contains(*other) != is_blind
            };
            self.report.apart.extend(others.iter().filter(is_other));
            match (own, &chosen) {
                (Some(own), Chosen::Nobody | Chosen::Blind) => {
                    chosen = Chosen::Fault(*first, own);
                }
                (Some(_), Chosen::Fault(..)) => drop(self.report.hidden.insert(*first)),
                (None, Chosen::Nobody) if is_blind => chosen = Chosen::Blind,
                (None, _) => {}
            }
        }
        chosen
    }

    /// Says what the faulty server says.
    fn verdict(
        &mut self,
        ready: &Ready,
        asked: &Asked,
        fault: usize,
        foreseen: &Foreseen,
    ) -> Decision {
        let Some(answer) = self.answer(ready, asked, foreseen) else {
            return Decision::Forward;
        };
        self.report.forged.push(Forged {
            fault,
            request: line(asked),
            words: self.words(foreseen, answer.status),
        });
        Decision::Answer(answer)
    }

    /// Shows what the faulty server shows.
    fn show(&mut self, asked: &Asked, fault: usize, shows: Vec<Shows>) -> Decision {
        let places = shows.iter().map(|Shows { path, value, .. }| {
            let value = value
                .as_ref()
                .map_or("nothing".to_owned(), Value::to_string);
            format!("{} {value}", path.join("."))
        });
        let places: Vec<String> = places.collect();
        if places.is_empty() {
            return Decision::Forward;
        }
        self.report.forged.push(Forged {
            fault,
            request: line(asked),
            words: format!("both accept it; its answer shows {}", places.join(", ")),
        });
        Decision::Change(Box::new(move |answered| shown(answered, &shows)))
    }

    /// Takes in what the API answered. It knows nothing of made-up answers, so
    /// nothing has changed by them.
    pub(super) fn after(&mut self, asked: &Asked, answered: &Answered) {
        if answered.is_made_up {
            return;
        }
        let exchange = exchange(asked, Some(answered), Timestamp::now());
        // Each request is looked at by itself: a fault that was seen may be seen again.
        let mut seen = Observation::default();
        match prepare(self.watch, &exchange, 0) {
            Prepared::Ready(ready) => {
                let (operation, standing) = (ready.operation, ready.standing);
                self.world.take(*ready, &mut seen);
                self.learn(operation, standing, answered);
            }
            Prepared::Unreadable(problem, ready) => {
                self.world.unreadable(*ready, problem, &mut seen);
            }
            Prepared::Other(..) | Prepared::Unmatched(..) => {}
        }
    }

    fn learn(&mut self, operation: OperationRef, standing: Standing, answered: &Answered) {
        if !answered.is_whole {
            return;
        }
        self.forge.learn(operation, standing, answered);
        let mut across = self.watch.built.model.across_at(operation);
        if matches!(standing, Standing::Accepted(_)) && across.any(|own| own.replay.is_some()) {
            self.given.insert(self.world.step(), again(answered));
        }
    }

    fn pass(&mut self, problem: String) -> Decision {
        *self.report.unjudged.entry(problem).or_default() += 1;
        Decision::Forward
    }

    /// What the faulty server answers.
    fn answer(&self, ready: &Ready, asked: &Asked, foreseen: &Foreseen) -> Option<MadeUp> {
        let operation = ready.operation;
        match &foreseen.faulty {
            Verdict::Accept => Some(self.forge.accepted(operation, asked, &foreseen.shown)),
            Verdict::Replay { of, .. } => self.given.get(of).cloned(),
            Verdict::Reject(rules) => Some(self.forge.refused(operation, rules)),
            Verdict::Crash(_) => Some(Forge::crashed()),
            Verdict::Unclear(_) | Verdict::Shared | Verdict::Unsteady => None,
        }
    }

    fn words(&self, foreseen: &Foreseen, status: u16) -> String {
        let right = match &foreseen.right {
            Verdict::Reject(rules) => {
                format!("a right server refuses it ({})", self.names(rules))
            }
            Verdict::Replay { .. } => "a right server gives an earlier answer again".to_owned(),
            _ => "a right server accepts it".to_owned(),
        };
        let faulty = match &foreseen.faulty {
            Verdict::Accept => "it was accepted as new".to_owned(),
            Verdict::Reject(rules) => format!("it was refused ({})", self.names(rules)),
            Verdict::Replay { .. } => "an earlier answer was given again".to_owned(),
            _ => "it broke down".to_owned(),
        };
        format!("{right}; {faulty}: {status}")
    }

    fn names(&self, rules: &BTreeSet<RuleRef>) -> String {
        let model = &self.watch.built.model;
        let names = rules.iter().map(|rule| model.rule(*rule).rule.as_str());
        let names: BTreeSet<&str> = names.collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }
}

/// Who answers a request, but for the API.
enum Chosen<'f> {
    Nobody,
    /// Nobody, since it isn't known what the faulty server says.
    Blind,
    Fault(usize, &'f Foreseen),
}

/// An answer with other values; none where it isn't JSON, or no acceptance.
fn shown(answered: &Answered, shows: &[Shows]) -> Option<MadeUp> {
    if !(200..=299).contains(&answered.status) {
        return None;
    }
    let mut body = serde_json::from_slice(&answered.body).ok()?;
    write(&mut body, shows);
    Some(MadeUp {
        body: body.to_string().into_bytes(),
        ..again(answered)
    })
}

fn line(asked: &Asked) -> String {
    let path = asked.target.split('?').next().unwrap_or_default();
    format!("{} {path}", asked.method)
}

fn again(answered: &Answered) -> MadeUp {
    let header = |name: &str| {
        let value = answered.headers.get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let location = header("location").map(|own| ("Location".to_owned(), own));
    MadeUp {
        status: answered.status,
        content_type: header("content-type"),
        headers: location.into_iter().collect(),
        body: answered.body.to_vec(),
    }
}

/// The exchange as recordings have it.
fn exchange(asked: &Asked, answered: Option<&Answered>, at: Timestamp) -> Exchange {
    let headers = asked.headers.iter().map(|(name, value)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), text)
    });
    let body = |bytes: &[u8]| (!bytes.is_empty()).then(|| Body::Bytes(bytes.to_vec()));
    Exchange {
        entry: 1,
        method: asked.method.clone(),
        url: asked.target.clone(),
        headers: headers.collect(),
        body: body(&asked.body),
        at: When::At(at.as_nanosecond()),
        answer: answered.map(|answered| Answer {
            status: answered.status,
            body: body(&answered.body),
        }),
        ..Exchange::default()
    }
}
