//! A trace on its way to the minimal one, and what it is measured by.

use std::cell::OnceCell;
use std::ops::Deref;

use super::Cost;
use crate::model::Trace;
use crate::witness::repair::Residuals;
use crate::witness::ties::Place;

/// A trace, with what was asked of it so far.
pub(super) struct Candidate {
    pub trace: Trace,
    pub differing: OnceCell<Vec<Place>>,
    pub issues: OnceCell<usize>,
    pub cost: OnceCell<Cost>,
    pub residuals: Residuals,
}

impl Candidate {
    pub fn new(trace: Trace) -> Self {
        Self {
            residuals: Residuals::new(trace.steps.len()),
            trace,
            differing: OnceCell::new(),
            issues: OnceCell::new(),
            cost: OnceCell::new(),
        }
    }
}

impl Deref for Candidate {
    type Target = Trace;

    fn deref(&self) -> &Trace {
        &self.trace
    }
}
