//! What tells a case from its twin.

use super::changes::Changes;
use crate::model::{Step, Trace};
use crate::value::location::Location;
use crate::witness::without_step;

/// Where a case and its twin differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The step of the case (from 0) that the twin leaves out, with all else
    /// equal.
    pub without: Option<usize>,
    /// The places that differ, with the steps of the case (from 0); the empty
    /// place is the whole step.
    pub differs: Vec<(usize, Location)>,
}

impl Compared {
    /// Compares a case with its twin: a step of the case is left out, or the
    /// last steps are held against each other.
    pub fn new(twin: &Trace, case: &Trace) -> Self {
        let earlier = 0..case.steps.len().saturating_sub(1);
        let mut shorter = earlier.filter(|_| twin.steps.len() + 1 == case.steps.len());
        let without = shorter.find(|step| without_step(case, *step).as_ref() == Some(twin));
        let differs = match without {
            Some(step) => vec![(step, Location::default())],
            None => differences(twin, case),
        };
        Self { without, differs }
    }
}

/// The step of the twin beside a step of the case, the last ones beside each
/// other.
pub fn beside<'t>(twin: &'t Trace, case: &Trace, step: usize) -> Option<&'t Step> {
    let own = case.steps.get(step)?;
    let ahead = (step + twin.steps.len()).checked_sub(case.steps.len())?;
    let other = twin.steps.get(ahead)?;
    (other.operation == own.operation).then_some(other)
}

fn differences(twin: &Trace, case: &Trace) -> Vec<(usize, Location)> {
    let steps = case.steps.iter().enumerate();
    let found = steps.flat_map(|(index, step)| {
        let places = match beside(twin, case, index) {
            Some(other) => Changes::between(&other.request, &step.request).places(),
            None => vec![Location::default()],
        };
        places.into_iter().map(move |place| (index, place))
    });
    found.collect()
}
