//! What the server did, beside what the rules say.

use std::collections::BTreeSet;

use super::about::{About, key_text};
use super::answers::other;
use super::groups::{Holding, Name};
use super::observation::{Expected, Observation, Subject};
use super::prepare::Ready;
use super::standing::Standing;
use super::world::World;
use crate::model::{KEY, Maker};
use crate::simulate::{Answered, Verdict, expected};
use crate::traffic::When;

impl World<'_, '_> {
    /// Whether the server did what the rules say; else that is noted.
    pub(super) fn compare(
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
}
