//! What the accepted neighbour does differently.

use super::Teller;
use super::judged::Bench;
use super::moments::Words;
use crate::case::{Compared, Judged, Told, TwinChange, TwinStory, beside};
use crate::model::{Patch, RuleRef, Trace};
use crate::value::Value;
use crate::value::location::Location;

impl Teller<'_> {
    pub(super) fn twin(self, twin: &Trace, about: &[RuleRef], words: &Words) -> TwinStory {
        let compared = Compared::new(twin, self.trace);
        let own = Words::new(self.model, twin);
        let changes = match compared.without {
            Some(_) => Vec::new(),
            None => self.changes(twin, &compared, words, &own),
        };
        let run = self.run_of(&Patch::default(), twin);
        let bench = Bench::new(self.model, &run, twin, &own);
        let because = bench.into_iter().flat_map(|mut bench| {
            let told = about.iter().map(|rule| {
                let way = self.way(*rule, words);
                bench.told_held(*rule, self.model.rule(*rule).expr, &way)
            });
            told.collect::<Vec<Judged>>()
        });
        TwinStory {
            without: compared.without.map(|step| step + 1),
            changes,
            because: because.collect(),
        }
    }

    fn changes(
        self,
        twin: &Trace,
        compared: &Compared,
        words: &Words,
        own: &Words,
    ) -> Vec<TwinChange> {
        let told = compared.differs.iter().map(|(step, place)| {
            let here = self.trace.steps.get(*step).map(|step| &step.request);
            let there = beside(twin, self.trace, *step).map(|step| &step.request);
            let is_whole = *place == Location::default();
            let read = |request: Option<&Value>, words: &Words| {
                let value = request
                    .filter(|_| !is_whole)
                    .and_then(|own| place.read(own));
                value.map(|value| words.told(value))
            };
            TwinChange {
                step: step + 1,
                location: place.to_string(),
                told: Told {
                    value: read(there, own),
                    was: read(here, words),
                },
            }
        });
        told.collect()
    }
}
