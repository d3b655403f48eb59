//! Many traces on many faulty servers.

use super::compare::{Detection, compare};
use super::run::{prepared, run_prepared};
use super::{Matrix, Options};
use crate::model::{Model, Patch, Trace};

/// Which of the traces detect which of the patches.
pub fn detects(model: &Model, traces: &[Trace], patches: &[Patch]) -> Matrix {
    let mut matrix = Matrix::new(traces.len(), patches.len());
    for (row, trace) in traces.iter().enumerate() {
        for (column, found) in detected(model, trace, patches).into_iter().enumerate() {
            if let Some(found) = found {
                matrix.set(row, column, found);
            }
        }
    }
    matrix
}

fn detected(model: &Model, trace: &Trace, patches: &[Patch]) -> Vec<Option<Detection>> {
    let requests = prepared(model, trace);
    let options = Options::default();
    let right = run_prepared(model, &Patch::default(), trace, &requests, options);
    let one = |patch: &Patch| {
        let patched = run_prepared(model, patch, trace, &requests, options);
        compare(model, trace, &right, &patched)
    };
    patches.iter().map(one).collect()
}
