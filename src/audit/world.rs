//! One recording after the other: what its requests are about, and what servers
//! make of them.

mod foresee;

pub use foresee::{Foreseen, Foresight};

use std::collections::BTreeSet;

use super::about::{About, key_text};
use super::groups::{Groups, Holding, Name};
use super::needs::Needs;
use super::observation::{Exercise, Expected, Observation, RuleSide, Subject, count};
use super::prepare::Ready;
use super::standing::Standing;
use super::watch::Watch;
use crate::model::{Maker, NOW, Operation, Phase};
use crate::simulate::{Answered, Asked, Attention, Guests, Memory, Verdict};
use crate::traffic::When;
use crate::value::Value;

/// What is remembered while a recording is read.
pub struct World<'w, 'm> {
    pub(super) watch: &'w Watch<'m>,
    pub(super) groups: Groups,
    /// What others left that rules may look at by mistake.
    pub(super) guests: Guests,
    /// Resources of before of which nothing is known any more.
    pub(super) changed: BTreeSet<Maker>,
    /// What the server's clock was set to.
    clock: Option<Value>,
    step: usize,
}

impl<'w, 'm> World<'w, 'm> {
    /// Before the first request.
    pub fn new(watch: &'w Watch<'m>) -> Self {
        Self {
            watch,
            groups: Groups::default(),
            guests: Guests::default(),
            changed: BTreeSet::new(),
            clock: None,
            step: 0,
        }
    }

    /// Takes in a request.
    pub fn take(&mut self, mut ready: Ready, seen: &mut Observation) {
        if ready.is_first {
            *self = Self {
                step: self.step,
                ..Self::new(self.watch)
            };
        }
        self.step += 1;
        seen.matched += 1;
        self.tell_time(&mut ready);
        let about = self.about(&ready);
        if self.is_malformed(&ready, seen) {
            self.doubt(
                &ready,
                &about,
                matches!(ready.standing, Standing::Accepted(_)),
            );
            return;
        }
        if !ready.standing.is_evidence() {
            let key = (ready.operation, ready.standing.status());
            count(&mut seen.silent, key, ready.example.source, || {
                ready.example.line()
            });
            self.doubt(&ready, &about, matches!(ready.standing, Standing::Lost(_)));
            return;
        }
        if let Some(problem) = about
            .problem
            .clone()
            .or_else(|| lacks(self.watch, &ready, self.watch.needs(ready.operation)))
        {
            self.pass(ready, &about, problem, seen);
            return;
        }
        self.judge(ready, about, seen);
    }

    /// Takes in a request whose state the recording doesn't tell.
    pub fn unreadable(&mut self, ready: Ready, problem: String, seen: &mut Observation) {
        self.step += 1;
        seen.matched += 1;
        let about = About::default();
        self.pass(ready, &about, problem, seen);
    }

    /// Where tests set the clock, requests say what it shows.
    fn tell_time(&mut self, ready: &mut Ready) {
        let Some(setter) = &self.watch.built.model.clock_setter else {
            return;
        };
        if setter.operation == ready.operation && matches!(ready.standing, Standing::Accepted(_)) {
            self.clock = setter.field.read(&ready.request).cloned();
        }
        let schemas = &self.watch.built.model.schemas;
        let request = self.model_operation(ready).request;
        if schemas.property(request, NOW).is_some()
            && ready.request.get(NOW).is_none()
            && let (Value::Map(parts), Some(now)) = (&mut ready.request, &self.clock)
        {
            parts.insert(NOW.into(), now.clone());
        }
    }

    /// Counts a request that the schema refuses.
    fn is_malformed(&self, ready: &Ready, seen: &mut Observation) -> bool {
        let Some(first) = ready.violations.first() else {
            return false;
        };
        let source = ready.example.source;
        if ready.standing.is_evidence() && ready.violations.iter().all(|own| own == first) {
            let key = (ready.operation, first.clone());
            count(&mut seen.fields, key, source, || ready.example.line());
        }
        if let Standing::Accepted(status) = ready.standing {
            let subject = Subject {
                operation: ready.operation,
                expected: Expected::Malformed(first.clone()),
                status: Some(status),
            };
            seen.disagree(subject, ready.example.clone(), &Vec::new);
        } else if let Standing::Lost(status) = ready.standing {
            let key = (ready.operation, status);
            count(&mut seen.silent, key, source, || ready.example.line());
        } else {
            count(&mut seen.malformed, ready.operation, source, || {
                ready.example.line()
            });
        }
        true
    }

    pub(super) fn model_operation(&self, ready: &Ready) -> &'w Operation {
        self.watch.built.model.operation(ready.operation)
    }

    /// A request that isn't judged.
    fn pass(&mut self, ready: Ready, about: &About, problem: String, seen: &mut Observation) {
        let key = (ready.operation, problem);
        count(&mut seen.unjudged, key, ready.example.source, || {
            ready.example.line()
        });
        let may_act = !matches!(ready.standing, Standing::Refused(_));
        self.doubt(&ready, about, may_act);
    }

    /// Of what a request may have changed or made, nothing is known any more.
    fn doubt(&mut self, ready: &Ready, about: &About, may_act: bool) {
        if !may_act {
            return;
        }
        let model = &self.watch.built.model;
        let operation = self.model_operation(ready);
        if operation.changes.is_empty()
            && operation.creates.is_none()
            && !model.remembers(ready.operation)
        {
            return;
        }
        let binds = operation.binds.iter();
        let before = binds.filter_map(|bind| model.maker_of(bind.location.read(&ready.request)?));
        self.changed
            .extend(before.filter(|maker| maker.step().is_none()));
        self.forget(about);
        let made = operation.creates.zip(ready.key.as_ref());
        let made = made.map(|(resource, key)| Name::Key(resource, key_text(key)));
        if let Some(name) = made {
            self.groups.release(&name);
            self.groups
                .hold(model, &about.names, name, Holding::Unknown);
        }
        if !about.names.is_empty() {
            self.groups.gather(model, &about.names).is_blurred = true;
        }
    }

    /// Nothing is known any more of what a request is about.
    fn forget(&mut self, about: &About) {
        let model = &self.watch.built.model;
        for (name, maker) in &about.makers {
            self.groups
                .hold(model, &about.names, name.clone(), Holding::Unknown);
            self.groups
                .gather(model, &about.names)
                .memory
                .forget(*maker);
            self.guests.forget(*maker);
        }
    }

    fn judge(&mut self, ready: Ready, about: About, seen: &mut Observation) {
        let watch = self.watch;
        let model = &watch.built.model;
        let operation = self.model_operation(&ready);
        let fresh = Memory::new(model);
        let phase = self.phase(ready.at);
        let group = match about.names.as_slice() {
            [] => None,
            names => Some(&*self.groups.gather(model, names)),
        };
        let looks_around =
            !operation.ranges.is_empty() || model.across_at(ready.operation).next().is_some();
        if looks_around && group.is_some_and(|group| group.is_blurred) {
            let problem =
                "state unknown: earlier requests that it has to do with couldn't be judged";
            return self.pass(ready, &about, problem.to_owned(), seen);
        }
        let own = group.map_or(&fresh, |group| &group.memory);
        let together = looks_around.then(|| own.with(&self.guests));
        let memory = together.as_ref().unwrap_or(own);
        let before = own.clone();
        let asked = Asked {
            operation: ready.operation,
            request: &ready.request,
            step: self.step,
            key: ready.key.as_ref(),
            phase,
        };
        let answered = watch.live.ask(memory, asked, |patch| {
            if !seen.is_open(patch) {
                Attention::Closed
            } else if is_blind(watch, &ready, patch) {
                Attention::Blind
            } else {
                Attention::Open
            }
        });
        if let Some(problem) = unclear(watch, &answered.verdict) {
            return self.pass(ready, &about, problem, seen);
        }
        seen.judged += 1;
        self.note(&ready, &answered, seen);
        let agrees = self.compare(&ready, &about, &answered, seen);
        match agrees {
            true => self.remember(&ready, &about, (answered, &before), seen),
            false => {
                let acted = matches!(ready.standing, Standing::Accepted(_));
                self.doubt(&ready, &about, acted);
                self.forget(&about);
            }
        }
    }

    /// When the server's clock may have shown what.
    fn phase(&self, at: When) -> Option<Phase> {
        let clock = &self.watch.built.model.clock;
        match at {
            When::At(at) if clock.is_running => Some(Phase {
                start: at,
                first: at - clock.tolerance,
                last: at + clock.tolerance,
            }),
            _ => None,
        }
    }

    /// Notes what a request shows of rules and faults.
    fn note(&self, ready: &Ready, answered: &Answered, seen: &mut Observation) {
        for (fault, by) in &answered.seen {
            let exercise = Exercise {
                by: *by,
                example: ready.example.clone(),
            };
            seen.faults.insert(*fault, exercise);
        }
        let broken = match &answered.verdict {
            Verdict::Reject(broken) => broken.clone(),
            _ => BTreeSet::new(),
        };
        for rule in &self.model_operation(ready).rules {
            let side = match (broken.contains(rule), broken.len()) {
                (true, 1) => RuleSide::BreaksAlone,
                (true, _) => RuleSide::BreaksWithOthers,
                (false, 0) => RuleSide::Keeps,
                (false, _) => RuleSide::BreaksOthers,
            };
            let own = seen.rules.entry(*rule).or_default();
            own.take(side, &|| ready.example.clone());
        }
    }

    /// What the servers remember from now on.
    fn remember(
        &mut self,
        ready: &Ready,
        about: &About,
        (answered, before): (Answered, &Memory),
        seen: &Observation,
    ) {
        let model = &self.watch.built.model;
        let operation = self.model_operation(ready);
        let is_new = answered.verdict == Verdict::Accept && ready.standing != Standing::Planned;
        let made = operation.creates.filter(|_| is_new).zip(ready.key.as_ref());
        let leaks = answered.leaks.clone();
        let mut memory = answered.remembered();
        memory.without(before, &self.guests);
        memory.keep(|patch| seen.is_open(patch));
        self.guests.note(model, &memory);
        let mut names = about.names.clone();
        if let Some((resource, key)) = made {
            let name = Name::Key(resource, key_text(key));
            self.groups.release(&name);
            names.push(name.clone());
            self.groups.hold(
                model,
                &about.names,
                name,
                Holding::Made(Maker::Step(self.step)),
            );
        }
        if !names.is_empty() {
            self.groups.gather(model, &names).memory = memory;
            self.groups.shrink();
        }
        self.groups.leak(leaks);
        self.groups.keep(|patch| seen.is_open(patch));
    }
}

/// What isn't known of a request, though rules read it.
fn lacks(watch: &Watch<'_>, ready: &Ready, needs: &Needs) -> Option<String> {
    let schemas = &watch.built.model.schemas;
    let request = watch.built.model.operation(ready.operation).request;
    if needs.now && watch.built.model.clock.is_running && ready.at == When::Unknown {
        return Some("nobody knows when it was sent, and rules read `now`".to_owned());
    }
    if schemas.property(request, NOW).is_some() && ready.request.get(NOW).is_none() {
        return Some("nobody knows what the server's clock was set to".to_owned());
    }
    if needs.actor && ready.request.get(crate::model::ACTOR).is_none() {
        return Some("nobody knows who sent it, and rules read `actor`".to_owned());
    }
    let mut values = needs.values.iter();
    let value =
        values.find(|value| ready.at != When::Planned && !watch.known.has_value(**value))?;
    let value = watch.built.model.values.get(*value)?;
    Some(match &value.variable {
        _ if value.is_number() => format!(
            "rules read the value `{}`, and which numbers of a recording are that isn't known",
            value.name
        ),
        Some(variable) => format!(
            "rules read the value `{}`, and {variable} isn't set",
            value.name
        ),
        None => format!("rules read `{}`, which a setup step saved", value.name),
    })
}

/// Whether a patch reads of a request what isn't known.
fn is_blind(watch: &Watch<'_>, ready: &Ready, patch: usize) -> bool {
    let more = watch.more(patch, ready.operation);
    more.is_some_and(|needs| {
        !needs.all.is_empty() && !watch.from_start || lacks(watch, ready, needs).is_some()
    })
}

/// Why a right server's verdict can't be used.
fn unclear(watch: &Watch<'_>, verdict: &Verdict) -> Option<String> {
    let model = &watch.built.model;
    match verdict {
        Verdict::Accept | Verdict::Reject(_) | Verdict::Replay { .. } => None,
        Verdict::Unclear(places) => {
            let rules = places.iter().filter_map(|place| place.rule());
            let rules: BTreeSet<&str> = rules.map(|rule| model.rule(rule).rule.as_str()).collect();
            Some(match rules.is_empty() {
                true => "what it changes is undefined".to_owned(),
                false => {
                    let rules: Vec<&str> = rules.into_iter().collect();
                    format!("it leaves {} undefined", rules.join(" and "))
                }
            })
        }
        Verdict::Unsteady => {
            Some("a minute earlier or later it would be judged otherwise".to_owned())
        }
        Verdict::Shared => Some("it changes what was there before, or rests on it".to_owned()),
        Verdict::Crash(_) => Some("it can't be evaluated".to_owned()),
    }
}
