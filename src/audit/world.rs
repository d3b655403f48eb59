//! One recording after the other: what its requests are about, and what servers
//! make of them.

mod foresee;

pub use foresee::Foreseen;

use std::collections::BTreeSet;

use super::answers::other;
use super::groups::{Groups, Holding, Name};
use super::observation::{Example, Exercise, Expected, Observation, RuleSide, Subject, count};
use super::standing::Standing;
use super::watch::Watch;
use crate::model::{Bind, KEY, Maker, NOW, Operation, OperationRef, Phase, RuleRef, unknown_key};
use crate::simulate::{Answered, Asked, Attention, Guests, Memory, Verdict, expected};
use crate::traffic::When;
use crate::value::{Value, print_number};

/// A request that is ready to be judged.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What is called.
    pub operation: OperationRef,
    /// The request state.
    pub request: Value,
    /// What the schema has against it: keyword and place, each.
    pub violations: Vec<String>,
    /// What its status says.
    pub standing: Standing,
    /// What the answer names what was made by.
    pub key: Option<Value>,
    /// The body of the answer, with what stands for values of the server.
    pub answer: Option<Value>,
    /// The rule that the answer names as broken.
    pub named: Option<RuleRef>,
    /// When it was sent.
    pub at: When,
    /// Whether servers know nothing of what came before.
    pub is_first: bool,
    /// The request as reports show it.
    pub example: Example,
}

/// What is remembered while a recording is read.
pub struct World<'w, 'm> {
    watch: &'w Watch<'m>,
    groups: Groups,
    /// What others left that rules may look at by mistake.
    guests: Guests,
    /// Resources of before of which nothing is known any more.
    changed: BTreeSet<Maker>,
    /// What the server's clock was set to.
    clock: Option<Value>,
    step: usize,
}

/// What a request is about.
#[derive(Default)]
struct About {
    /// What ties it to a group.
    names: Vec<Name>,
    /// The resources that it names, where they are known.
    makers: Vec<(Name, Maker)>,
    /// Why it can't be judged.
    problem: Option<String>,
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
        if let Some(problem) = about.problem.clone().or_else(|| self.lacks(&ready)) {
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
        } else {
            count(&mut seen.malformed, ready.operation, source, || {
                ready.example.line()
            });
        }
        true
    }

    /// What isn't known of a request, though rules read it.
    fn lacks(&self, ready: &Ready) -> Option<String> {
        let watch = self.watch;
        let needs = watch.needs(ready.operation);
        let schemas = &watch.built.model.schemas;
        let request = self.model_operation(ready).request;
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
            Some(variable) => format!(
                "rules read the value `{}`, and {variable} isn't set",
                value.name
            ),
            None => format!("rules read `{}`, which a setup step saved", value.name),
        })
    }

    fn model_operation(&self, ready: &Ready) -> &'w Operation {
        self.watch.built.model.operation(ready.operation)
    }

    /// What ties a request to others.
    fn about(&self, ready: &Ready) -> About {
        let model = &self.watch.built.model;
        let operation = self.model_operation(ready);
        let mut about = About::default();
        for bind in &operation.binds {
            self.bound(ready, bind, &mut about);
        }
        for own in &operation.correlated {
            if let Some(text) = own.location.read(&ready.request).and_then(Value::as_str) {
                about
                    .names
                    .push(Name::Text(own.template.clone(), text.to_owned()));
            }
        }
        let all = &self.watch.needs(ready.operation).all;
        if !self.watch.from_start
            && let Some(first) = all.iter().find(|own| operation.ranges.contains(own))
        {
            let resource = model.resource(*first);
            let plural = resource.plural.as_ref().unwrap_or(&resource.name);
            let words = format!(
                "rules look at all {plural}, also at those from before the recording: see --from-start"
            );
            about.problem.get_or_insert(words);
        }
        about
            .names
            .extend(all.iter().map(|resource| Name::All(*resource)));
        about
    }

    /// The resource that a request names at one place.
    fn bound(&self, ready: &Ready, bind: &Bind, about: &mut About) {
        let model = &self.watch.built.model;
        let name = &model.resource(bind.resource).name;
        let key = match bind.location.read(&ready.request) {
            None | Some(Value::Null) => return,
            Some(key) => key,
        };
        if let Some(maker @ Maker::Before(_)) = model.maker_of(key) {
            if self.changed.contains(&maker) {
                let words =
                    format!("what it is about ({name}) was changed in a way that isn't known");
                about.problem.get_or_insert(words);
            }
            if self.watch.changes(bind.resource) {
                about.names.push(Name::Before(maker));
            }
            return;
        }
        let named = Name::Key(bind.resource, key_text(key));
        match self.groups.holding(&named) {
            Some(Holding::Made(maker)) => {
                about.names.push(named.clone());
                about.makers.push((named, maker));
            }
            Some(Holding::Unknown) => {
                let words = format!(
                    "state unknown: what became of the {name} that it is about can't be told"
                );
                about.problem.get_or_insert(words);
            }
            None if self.is_missing(ready, bind, key) => {}
            None => {
                let words = format!(
                    "state unknown: nothing in the recording makes the {name} that it is about"
                );
                about.problem.get_or_insert(words);
            }
        }
    }

    /// Whether a key that nothing in the recording made names nothing at all: the
    /// answer says so and nothing else, or our own tests send it for that.
    fn is_missing(&self, ready: &Ready, bind: &Bind, key: &Value) -> bool {
        let model = &self.watch.built.model;
        if key_text(&unknown_key(model, ready.operation, bind)) == key_text(key) {
            return true;
        }
        // Nothing is there but what the recording makes: cases make all they need.
        let is_case = ready.at == When::Planned && ready.standing != Standing::Planned;
        if is_case || self.watch.from_start {
            return true;
        }
        if ready
            .named
            .is_some_and(|rule| model.asks_for(rule, bind.resource))
        {
            return true;
        }
        let Standing::Refused(status) = ready.standing else {
            return false;
        };
        let operation = self.model_operation(ready);
        let exists = |rule: &RuleRef| model.asks_for(*rule, bind.resource);
        let mut others = operation.rules.iter().filter(|rule| !exists(rule));
        let others_too = others.any(|rule| {
            expected(&model.rule(*rule).expect)
                .statuses
                .contains(&status)
        });
        let binds = operation
            .binds
            .iter()
            .filter(|own| own.resource != bind.resource);
        let mut binds = binds.filter(|own| own.location.read(&ready.request).is_some());
        let binds_too = binds.any(|own| own.missing.statuses.contains(&status));
        bind.missing.statuses.contains(&status) && !others_too && !binds_too
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
            } else if watch.reads_more(patch, ready.operation) {
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

    /// Whether the server did what the rules say; else that is noted.
    fn compare(
        &mut self,
        ready: &Ready,
        about: &About,
        answered: &Answered,
        seen: &mut Observation,
    ) -> bool {
        let Some(expected) = self.expected(ready, about, answered) else {
            return true;
        };
        let is_judged = !matches!(expected, Expected::RefusedOtherwise(..));
        let subject = Subject {
            operation: ready.operation,
            expected,
            status: ready.standing.status(),
        };
        let remembered = self.remembered(about);
        seen.disagree(subject, ready.example.clone(), &|| remembered.clone());
        // By another status it was refused all the same.
        !is_judged
    }

    /// What the rules say, where the server did something else.
    fn expected(&mut self, ready: &Ready, about: &About, answered: &Answered) -> Option<Expected> {
        let model = &self.watch.built.model;
        let accepted = match ready.standing {
            Standing::Accepted(_) => true,
            Standing::Refused(_) => false,
            _ => return None,
        };
        match (&answered.verdict, accepted) {
            (Verdict::Reject(broken), true) => {
                Some(Expected::Refused(broken.iter().copied().collect()))
            }
            (Verdict::Reject(broken), false) => {
                let fits = broken
                    .iter()
                    .flat_map(|rule| expected(&model.rule(*rule).expect).statuses);
                let fits: BTreeSet<u16> = fits.collect();
                let is_other = ready
                    .standing
                    .status()
                    .is_some_and(|status| !fits.contains(&status));
                let rules = broken.iter().copied().collect();
                is_other.then(|| Expected::RefusedOtherwise(rules, fits.into_iter().collect()))
            }
            (Verdict::Accept | Verdict::Replay { .. }, false) => {
                Some(Expected::Accepted(ready.named))
            }
            (Verdict::Replay { of, is_named: true }, true) => {
                let group = self.groups.gather(model, &about.names);
                let own = group.memory.key(Maker::Step(*of)).map(key_text);
                let is_other =
                    own.is_some() && ready.key.is_some() && own != ready.key.as_ref().map(key_text);
                is_other.then_some(Expected::Repeated)
            }
            (Verdict::Accept, true) if self.is_new(ready) => self.shows_other(ready, answered),
            (Verdict::Accept, true) => Some(Expected::New),
            _ => None,
        }
    }

    /// Whether an accepted request that isn't a repeat made something new.
    fn is_new(&self, ready: &Ready) -> bool {
        let model = &self.watch.built.model;
        let made = self.model_operation(ready).creates.zip(ready.key.as_ref());
        let mut across = model.across_at(ready.operation);
        let replays = across.any(|own| own.replay.is_some());
        let is_known = |(resource, key)| {
            let name = Name::Key(resource, key_text(key));
            matches!(self.groups.holding(&name), Some(Holding::Made(_)))
        };
        !(replays && made.is_some_and(is_known))
    }

    /// What the answer shows that it shouldn't. That to a plan isn't there.
    fn shows_other(&self, ready: &Ready, answered: &Answered) -> Option<Expected> {
        let answer = ready
            .answer
            .as_ref()
            .filter(|_| ready.at != When::Planned)?;
        let (what, place) = other(&self.watch.built.model, answered, answer)?;
        Some(Expected::Shown(what, place))
    }

    /// What a right server remembers of what a request is about, in words.
    fn remembered(&mut self, about: &About) -> Vec<String> {
        let model = &self.watch.built.model;
        if about.names.is_empty() {
            return Vec::new();
        }
        let group = self.groups.gather(model, &about.names);
        let makers = about.makers.iter().filter_map(|(name, maker)| {
            let Name::Key(resource, _) = name else {
                return None;
            };
            let attributes = group.memory.attributes(*maker)?;
            let own = attributes.iter().filter(|(key, _)| &***key != KEY);
            let own: Vec<String> = own.map(|(key, value)| format!("{key} {value}")).collect();
            Some(format!(
                "{}: {}",
                model.resource(*resource).name,
                own.join(", ")
            ))
        });
        makers.collect()
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

/// A key as text: paths write numbers as texts.
pub fn key_text(key: &Value) -> String {
    match key {
        Value::Number(number) => print_number(number),
        Value::String(text) => text.to_string(),
        other => other.to_string(),
    }
}

impl Example {
    /// `POST /payments`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}
