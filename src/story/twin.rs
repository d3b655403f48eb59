//! What the accepted neighbour does differently.

use super::judged::Bench;
use super::moments::Words;
use super::{Teller, way::Way};
use crate::case::{Compared, Judged, Told, TwinChange, TwinStory, beside};
use crate::model::{Patch, RuleRef, Trace};
use crate::simulate::Run;
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
        let because = about.iter().filter_map(|rule| {
            let way = self.way(*rule, words);
            self.why_accepted(twin, &run, *rule, &way, &own)
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

    /// Where the part that the case breaks holds, that; else whatever decides.
    fn why_accepted(
        self,
        twin: &Trace,
        run: &Run,
        rule: RuleRef,
        way: &Way,
        words: &Words,
    ) -> Option<Judged> {
        let mut bench = Bench::new(self.model, run, twin, words)?;
        let root = self.model.rule(rule).expr;
        let along = bench.told_along(rule, root, way);
        let is_told = along.holds == Some(true);
        Some(if is_told {
            along
        } else {
            bench.told(rule, root)
        })
    }
}
