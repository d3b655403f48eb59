//! The cases of one file, and what this run has learnt of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::attempt::UNREACHABLE;
use super::judge::Judge;
use super::outcome::{Kind, Outcome};
use super::play::{Player, Sequence};
use super::setup::Setup;
use crate::case::{Case, CaseFile, TwinKind};

/// What is known of a case or a baseline; whoever wants to know it first finds
/// it out while others wait.
type Slot = Arc<Mutex<Option<Arc<Outcome>>>>;

/// The cases of a file during a run.
pub(super) struct Session<'r> {
    pub(super) file: &'r CaseFile,
    player: &'r Player<'r>,
    setup: Setup<'r>,
    known: Mutex<BTreeMap<String, Slot>>,
}

impl<'r> Session<'r> {
    pub(super) fn new(file: &'r CaseFile, player: &'r Player<'r>) -> Self {
        Self {
            file,
            player,
            setup: Setup::new(file),
            known: Mutex::default(),
        }
    }

    /// Deletes what was made once for all cases.
    pub(super) fn end(&self) {
        self.setup.end(self.player);
    }

    /// The outcome of a case. Its baseline or its twin is sent where nobody
    /// knows yet whether it is accepted. Ids of cases and baselines differ.
    pub(super) fn case(&self, case: &Case) -> Arc<Outcome> {
        self.once(&case.id, || self.judge(case))
    }

    /// The outcome of a baseline; none where the file has no such baseline.
    pub(super) fn baseline(&self, id: &str) -> Option<Arc<Outcome>> {
        let baseline = self.file.baselines.iter().find(|own| own.id == id)?;
        let name = format!("baseline {id}");
        let play = || {
            self.play(&Sequence {
                file: self.file,
                id,
                cause: Some(self.cause(&name)),
                name: name.clone(),
                steps: &baseline.steps,
                views: &[],
                changes: &[],
                judge: None,
            })
        };
        Some(self.once(id, play))
    }

    /// What is known of a case or a baseline by now.
    pub(super) fn learnt(&self, id: &str) -> Option<Arc<Outcome>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(known.get(id)?);
        drop(known);
        let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.clone()
    }

    /// Accepting cases wait for their baseline, refused ones for their twin:
    /// nobody waits in a circle.
    fn once(&self, id: &str, work: impl FnOnce() -> Outcome) -> Arc<Outcome> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(known.entry(id.to_owned()).or_default());
        drop(known);
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(outcome) = &*slot {
            return Arc::clone(outcome);
        }
        let outcome = Arc::new(work());
        // The next one looks again whether the server still has too much to do.
        if !outcome.transient {
            *slot = Some(Arc::clone(&outcome));
        }
        outcome
    }

    fn judge(&self, case: &Case) -> Outcome {
        let Some(judge) = Judge::new(self.file, case) else {
            return Outcome::new(Kind::Blocked, "its operation is not in the case file");
        };
        let needed = if judge.rejects() {
            self.twin(case)
        } else {
            self.baseline(&case.baseline)
        };
        let Some(needed) = needed else {
            return Outcome::new(Kind::Blocked, "its baseline is not in the case file");
        };
        if needed.cause.as_deref() == Some(UNREACHABLE) {
            return (*needed).clone();
        }
        if let Some(refusal) = &needed.refusal
            && !judge.rejects()
            && judge.is_certain(refusal)
        {
            let (rule, told) = (&case.rule, &needed.message);
            let told = format!("the server refused what the rule {rule} allows: {told}");
            return Outcome {
                kind: Kind::Failed,
                message: told,
                cause: None,
                certain: true,
                ..(*needed).clone()
            };
        }
        let outcome = self.play(&Sequence {
            file: self.file,
            id: &case.id,
            name: "what comes before the last request".to_owned(),
            steps: &case.steps,
            views: &case.views,
            changes: &case.changes,
            judge: Some(judge),
            cause: None,
        });
        if needed.is_passed() || outcome.certain {
            return outcome;
        }
        Outcome {
            status: outcome.status,
            elapsed: outcome.elapsed,
            ..(*needed).clone()
        }
    }

    /// Sends a sequence, once what all need of setup is there.
    fn play(&self, sequence: &Sequence<'_>) -> Outcome {
        if self.player.interrupt.is_raised() {
            return Outcome::interrupted();
        }
        match self.setup.once(self.player, &sequence.all_steps()) {
            Ok(saved) => self.player.play(sequence, &saved),
            Err(failed) => *failed,
        }
    }

    /// Whether the twin was accepted in this run.
    fn twin(&self, case: &Case) -> Option<Arc<Outcome>> {
        let twin = case.twin.as_ref()?;
        if twin.kind == TwinKind::Baseline {
            return self.baseline(&twin.id);
        }
        let found = self.file.cases.iter().find(|own| own.id == twin.id)?;
        let outcome = self.case(found);
        if outcome.is_passed() || outcome.cause.is_some() {
            return Some(outcome);
        }
        // What its answer shows is of no matter here.
        if outcome.accepted {
            return Some(Arc::new(Outcome::new(Kind::Passed, "")));
        }
        let told = format!(
            "the request of {}, which differs little and is right, was not accepted: {}",
            twin.id, outcome.message
        );
        Some(Arc::new(Outcome {
            kind: match outcome.kind {
                Kind::Inconclusive => Kind::Inconclusive,
                _ => Kind::Blocked,
            },
            message: told,
            cause: Some(self.cause(&format!("twin {}", twin.id))),
            certain: false,
            ..(*outcome).clone()
        }))
    }

    fn cause(&self, what: &str) -> String {
        format!("{what} of {}", self.file.rule_file)
    }
}
