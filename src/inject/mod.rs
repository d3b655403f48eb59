//! Answers as a faulty server would give them, in front of a right one: does a
//! suite notice?
//!
//! The right server and faulty ones are simulated over the exchanges that
//! pass the proxy, as `audit` does it. Where they would say different things of a
//! request, it isn't passed on: the answer is made up ([`Forge`]) from what the
//! API answered before, the API document, and what rules expect. What isn't known
//! of requests is never guessed: they are passed on.
//!
//! The model stays on a thread of its own (`bench`); the proxy knows a
//! [`Tamper`] that asks it.

mod bench;
mod body;
mod campaign;
mod forge;
mod report;
mod sets;

pub use campaign::{Campaign, Fates, Found, Limits, Notice, Ran, campaign};
pub use forge::Forge;
pub use report::{Forged, Report, Sign};
pub use sets::{Set, sets};

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use jiff::Timestamp;

use self::bench::Bench;
use crate::audit::{Setting, Watch};
use crate::document::Document;
use crate::fault::Fault;
use crate::model::{Built, Patch};
use crate::record::{Answered, Asked, Decision, Tamper};
use crate::run::Environment;

/// Faulty servers, and all that is needed to be them.
pub struct Plan {
    /// The model of the right one.
    pub built: Built,
    /// Its API document.
    pub document: Document,
    /// What may be wrong.
    pub faults: Vec<Fault>,
    /// What stands before the document's paths.
    pub setting: Setting,
    /// Values of the server under test, and who asks.
    pub environment: Environment,
}

/// What is done beside passing requests on. Faults are known by their positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// It is noted which faults each request shows.
    Watch,
    /// Answers are made up: those of the first fault of each set. The others are
    /// compared with it.
    Answer(Vec<Vec<usize>>),
}

/// What the thread with the model is told of.
enum Message {
    Before(Arc<Asked>, Timestamp, Sender<Decision>),
    After(Arc<Asked>, Answered),
    /// How things are.
    Report(Sender<Report>),
}

/// Answers as the faulty server would.
pub struct Injector(Mutex<Sender<Message>>);

impl Injector {
    /// Gets ready.
    pub fn start(plan: Arc<Plan>, task: Task) -> Self {
        let (sender, inbox) = channel();
        thread::spawn(move || work(&plan, &task, &inbox));
        Self(Mutex::new(sender))
    }

    /// What came of it by now; none after a mistake of Crossfield.
    pub fn report(&self) -> Option<Report> {
        self.ask(Message::Report)
    }

    fn send(&self, message: Message) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that is gone shows in the report.
        let _ = sender.send(message);
    }

    fn ask<T>(&self, question: impl FnOnce(Sender<T>) -> Message) -> Option<T> {
        let (reply, answer) = channel();
        self.send(question(reply));
        answer.recv().ok()
    }
}

impl Tamper for Injector {
    fn before(&self, asked: &Asked) -> Decision {
        let asked = Arc::new(asked.clone());
        let now = Timestamp::now();
        let decided = self.ask(|reply| Message::Before(asked, now, reply));
        decided.unwrap_or(Decision::Forward)
    }

    fn after(&self, asked: &Asked, answered: Answered) {
        self.send(Message::After(Arc::new(asked.clone()), answered));
    }
}

/// Several that watch; none of them answers.
pub struct Watchers(pub Vec<Arc<Injector>>);

impl Tamper for Watchers {
    fn before(&self, asked: &Asked) -> Decision {
        for watcher in &self.0 {
            let _ = watcher.before(asked);
        }
        Decision::Forward
    }

    fn after(&self, asked: &Asked, answered: Answered) {
        for watcher in &self.0 {
            watcher.after(asked, answered.clone());
        }
    }
}

fn work(plan: &Plan, task: &Task, inbox: &Receiver<Message>) {
    let faults: Vec<usize> = match task {
        Task::Watch => (0..plan.faults.len()).collect(),
        Task::Answer(sets) => sets.iter().flatten().copied().collect(),
    };
    let own = faults.iter().filter_map(|fault| plan.faults.get(*fault));
    let patches: Vec<Patch> = own.map(|fault| fault.patch.clone()).collect();
    let watch = Watch::new(
        &plan.built,
        &plan.document,
        &patches,
        &plan.setting,
        &plan.environment,
    );
    let mut bench = Bench::new(&watch, &plan.document, (&faults, task));
    for message in inbox {
        // Whoever asked may be gone.
        match message {
            Message::Before(asked, now, reply) => {
                let _ = reply.send(bench.before(&asked, now));
            }
            Message::After(asked, answered) => bench.after(&asked, &answered),
            Message::Report(reply) => {
                let _ = reply.send(bench.report());
            }
        }
    }
}
